package dev.paywand.android

import android.Manifest
import android.app.ActivityManager
import android.app.Application
import android.app.NotificationManager
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.content.Intent
import android.os.Build
import android.os.Process
import dev.paywand.BLUEOCEAN
import dev.paywand.Language
import dev.paywand.MAXFUN
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.QUICK
import dev.paywand.Reason
import dev.paywand.Terminal
import dev.paywand.Till
import dev.paywand.charge
import dev.paywand.screenText
import dev.paywand.text
import dev.paywand.updates
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
open class RecoveryTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val jobs = app.getSystemService(JobScheduler::class.java)
    private val notifications = shadowOf(app.getSystemService(NotificationManager::class.java))
    private val till = Till()

    @Before
    fun behind() = process(ActivityManager.RunningAppProcessInfo.IMPORTANCE_SERVICE)

    @After
    fun close() {
        runBlocking { Paywand.shutdown() }
        Recovery.cancel(app)
        till.close()
    }

    @Test
    fun `a sale whose answer was lost with the process is found paid without any screen`() {
        val begun = killedInASale()
        val service = Robolectric.buildService(RecoveryService::class.java).create().get()
        assertTrue(service.onStartJob(Shadow.newInstanceOf(JobParameters::class.java)))
        Patience.until { shadowOf(service).isJobFinished }
        assertFalse(shadowOf(service).isRescheduleNeeded)
        assertEquals(PaymentState.PAID, payment(begun.id).state)
        till.assertLedger(1_250, charges = 1)
        assertEquals(0, notifications.size())
    }

    @Test
    fun `while the gateway cannot be reached it asks to run again, and ends when it can`() {
        val begun = killedInASale()
        till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "lost_before", "times" to 0)))
        assertTrue(run(limit = 1.seconds))
        assertEquals(PaymentState.QUERYING, payment(begun.id).state)

        till.plan()
        assertFalse(run(limit = 20.seconds))
        assertEquals(PaymentState.PAID, payment(begun.id).state)
    }

    @Test
    fun `stopped by the system, it asks for another run and says nothing later`() {
        val begun = killedInASale()
        till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "lost_before", "times" to 0)))
        val controller = Robolectric.buildService(RecoveryService::class.java).create()
        val service = controller.get()
        val params = Shadow.newInstanceOf(JobParameters::class.java)
        service.onStartJob(params)
        Patience.until { payment(begun.id).state == PaymentState.QUERYING }
        assertTrue(service.onStopJob(params))
        till.plan()
        Patience.until { payment(begun.id).state == PaymentState.PAID }
        controller.destroy()
        assertFalse(shadowOf(service).isJobFinished)
    }

    @Test
    fun `a store in use is tried again`() {
        Paywand.setUp { till.config }
        assertTrue(run())
        till.terminal.shutdown()
        assertFalse(run())
    }

    @Test
    fun `with the app in front its terminal is used, and nothing is opened twice`(): Unit =
        runBlocking {
            till.terminal.shutdown()
            Paywand.setUp { till.config }
            val terminal = Paywand.terminal()
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            terminal.charge(charge(BLUEOCEAN).copy(limitMs = 0))
            assertFalse(run(limit = 20.seconds))
            assertSame(terminal, Paywand.terminal())
        }

    @Test
    fun `who is needed is told once for each payment, and taken back when it is settled`() {
        val id = killedInDoubt()
        val screen = Intent("till.DOUBT")
        val standard = Recovery.screen
        Recovery.screen = { _, payment -> screen.putExtra("id", payment.id) }
        assertFalse("no question can decide it", run())
        Recovery.screen = standard

        val notice = notifications.allNotifications.single()
        assertEquals("A payment needs you", shadowOf(notice).contentTitle)
        assertEquals(Reason.CANNOT_ASK.text(Language.EN), shadowOf(notice).contentText)
        val opens = shadowOf(notice.contentIntent).savedIntent
        assertEquals("till.DOUBT" to id, opens.action to opens.getLongExtra("id", 0))

        app.getSystemService(NotificationManager::class.java).cancelAll()
        assertFalse(run())
        assertEquals("dismissed is dismissed", 0, notifications.size())

        runBlocking { Paywand.terminal().settleByHand(id, true, "lin", "seen in the portal") }
        run()
        till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
        val other = runBlocking { Paywand.terminal().charge(charge(MAXFUN, minor = 700)) }
        assertFalse(run())
        assertEquals(1, notifications.size())
        runBlocking { Paywand.terminal().settleByHand(other.id, true, "lin", "seen in the portal") }
        run()
        assertEquals(0, notifications.size())
    }

    @Test
    fun `who settled it wrongly is told, and that is not taken back`() =
        unresolved { till, id ->
            run(limit = Duration.ZERO)
            assertEquals(1, notifications.size())
            settleWrongly(id)
            till.plan()
            Patience.until { payment(id).contradicted }
            assertTrue("it is still watched", run(limit = Duration.ZERO))
            assertToldOf(id)
            assertTrue("Settled by hand, but" in payment(id).screenText(Language.EN).cashier)
            RecoveryNotices(app).show(emptyList())
            assertEquals(1, notifications.size())
        }

    @Test
    fun `who settled it wrongly is told though nothing is left to ask`() =
        unresolved(watchMs = 300) { till, id ->
            settleWrongly(id)
            // Three questions watch over it.
            till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "not_found", "times" to 2)))
            val run = RecoveryRun(app, limit = 20.seconds, patience = 20.seconds, step = 20.milliseconds)
            assertFalse("nothing is left", run.run())
            assertTrue(payment(id).contradicted)
            assertToldOf(id)
        }

    @Test
    fun `who settled it wrongly is told though it was proved between two runs`() =
        unresolved(watchMs = 100) { till, id ->
            settleWrongly(id)
            assertTrue("it is watched", run(limit = Duration.ZERO))
            assertEquals(0, notifications.size())
            till.plan()
            val terminal = Paywand.terminal()
            Patience.until { terminal.unfinished().isEmpty() }
            assertTrue(payment(id).contradicted)
            process(ActivityManager.RunningAppProcessInfo.IMPORTANCE_FOREGROUND)
            assertTrue("nobody was told yet", run(limit = Duration.ZERO))
            behind()
            assertFalse("nothing is left", run())
            assertToldOf(id)
            app.getSystemService(NotificationManager::class.java).cancelAll()
            assertFalse(run())
            assertEquals("told once", 0, notifications.size())
        }

    @Test
    fun `what a person settles on the app's own screen is taken back without a run`() {
        val id = killedInDoubt()
        run()
        assertEquals(1, notifications.size())
        val terminal = runBlocking { Paywand.terminal() }
        val following = Recovery.follow(app, terminal)
        Patience.until { jobs.getPendingJob(Recovery.JOB_ID) != null }
        runBlocking { terminal.settleByHand(id, true, "lin", "seen in the portal") }
        Patience.until { notifications.size() == 0 }
        following.cancel()
    }

    @Test
    fun `an end takes back what was told, a settlement that proved wrong does not`() {
        val notices = RecoveryNotices(app)
        assertTrue(notices.show(listOf(payment(PaymentState.NEEDS_ATTENTION))))
        notices.takeBack(payment(PaymentState.PAID).copy(id = 2))
        notices.takeBack(payment(PaymentState.SETTLED_NOT_PAID).copy(contradicted = true))
        assertEquals(1, notifications.size())
        notices.takeBack(payment(PaymentState.SETTLED_PAID))
        assertEquals(0, notifications.size())
        assertTrue("it is told again", notices.show(listOf(payment(PaymentState.NEEDS_ATTENTION))))
        assertEquals(1, notifications.size())
    }

    @Test
    fun `what can still be asked about is tried again though a person was told`() =
        unresolved { _, _ ->
            assertTrue(run(limit = Duration.ZERO))
            assertEquals(1, notifications.size())
        }

    @Test
    fun `a new sale does not wait behind what was tried in vain`() {
        Recovery.schedule(app)
        val waiting = jobs.getPendingJob(Recovery.JOB_ID)
        for (state in listOf(PaymentState.NEEDS_ATTENTION, PaymentState.PAID)) {
            follow(payment(state))
            assertSame("$state", waiting, jobs.getPendingJob(Recovery.JOB_ID))
        }
        follow(payment(PaymentState.CHARGING))
        assertNotSame(waiting, jobs.getPendingJob(Recovery.JOB_ID))
    }

    @Test
    fun `a job that runs sees a new sale by itself, and is not stopped for it`() {
        val begun = killedInASale()
        till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "lost_before", "times" to 0)))
        Recovery.schedule(app)
        val running = jobs.getPendingJob(Recovery.JOB_ID)
        val service = Robolectric.buildService(RecoveryService::class.java).create().get()
        val params = Shadow.newInstanceOf(JobParameters::class.java)
        service.onStartJob(params)
        Patience.until { payment(begun.id).state == PaymentState.QUERYING }
        val sale = payment(PaymentState.CHARGING)
        follow(sale)
        assertSame(running, jobs.getPendingJob(Recovery.JOB_ID))
        service.onStopJob(params)
        follow(sale)
        assertNotSame("it runs no more", running, jobs.getPendingJob(Recovery.JOB_ID))

        service.onStartJob(params)
        assertTrue(RecoveryService.isRunning)
        till.plan()
        Patience.until { shadowOf(service).isJobFinished }
        assertFalse(RecoveryService.isRunning)
    }

    @Test
    fun `what changes while the job ends is not left without one`() {
        runBlocking {
            till.terminal.shutdown()
            Paywand.setUp { till.config }
            val terminal = Paywand.terminal()
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
            val again =
                RecoveryRun(app, patience = Duration.ZERO).run {
                    runBlocking { terminal.charge(charge(BLUEOCEAN).copy(limitMs = 0)) }
                }
            assertTrue(again)
            till.openGates()
        }
    }

    @Test
    fun `what moves when the app is opened begins at once`() {
        killedInASale()
        till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "lost_before", "times" to 0)))
        Recovery.schedule(app)
        val waiting = jobs.getPendingJob(Recovery.JOB_ID)
        runBlocking { Recovery.follow(app, Paywand.terminal(), emptyFlow()).join() }
        assertNotSame(waiting, jobs.getPendingJob(Recovery.JOB_ID))
    }

    @Test
    fun `in Chinese where the device is`() {
        RuntimeEnvironment.setQualifiers("zh-rCN")
        killedInDoubt()
        run()
        val notice = notifications.allNotifications.single()
        assertEquals("有一笔款项需要人工处理", shadowOf(notice).contentTitle)
        assertEquals(Reason.CANNOT_ASK.text(Language.ZH), shadowOf(notice).contentText)
    }

    @Test
    fun `nobody is told on the app's own screen, or where notifications are refused, but later`() {
        killedInDoubt()
        process(ActivityManager.RunningAppProcessInfo.IMPORTANCE_FOREGROUND)
        assertTrue("somebody is still to be told", run())
        assertEquals(0, notifications.size())
        behind()
        notifications.setNotificationsEnabled(false)
        assertTrue(run())
        assertEquals(0, notifications.size())
        notifications.setNotificationsEnabled(true)
        assertFalse(run())
        assertEquals(1, notifications.size())
    }

    @Test
    fun `the job takes of the manifest what is there`() {
        Recovery.schedule(app)
        val modest = jobs.getPendingJob(Recovery.JOB_ID)!!
        // Only Android 14 has a permission for it.
        val network = if (Build.VERSION.SDK_INT < 34) JobInfo.NETWORK_TYPE_ANY else JobInfo.NETWORK_TYPE_NONE
        assertEquals(false to network, modest.isPersisted to modest.network())
        assertEquals(JobInfo.BACKOFF_POLICY_EXPONENTIAL, modest.backoffPolicy)
        Recovery.schedule(app)
        assertSame("a job that runs is not stopped", modest, jobs.getPendingJob(Recovery.JOB_ID))

        shadowOf(
            app,
        ).grantPermissions(Manifest.permission.RECEIVE_BOOT_COMPLETED, Manifest.permission.ACCESS_NETWORK_STATE)
        Recovery.schedule(app)
        val full = jobs.getPendingJob(Recovery.JOB_ID)!!
        assertEquals(true to JobInfo.NETWORK_TYPE_ANY, full.isPersisted to full.network())
        assertEquals(RecoveryService::class.java.name, full.service.className)
        Recovery.cancel(app)
        assertNull(jobs.getPendingJob(Recovery.JOB_ID))
    }

    @Test
    fun `a sale schedules the job, and so does what the start finds`(): Unit =
        runBlocking {
            till.terminal.shutdown()
            Paywand.setUp(app) { till.config }
            Paywand.terminal()
            assertNull("there is nothing to recover", jobs.getPendingJob(Recovery.JOB_ID))
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
            Paywand.terminal().charge(charge(BLUEOCEAN).copy(limitMs = 0))
            Patience.until { jobs.getPendingJob(Recovery.JOB_ID) != null }

            Paywand.shutdown()
            Recovery.cancel(app)
            Paywand.terminal()
            Patience.until { jobs.getPendingJob(Recovery.JOB_ID) != null }
            assertNotNull(jobs.getPendingJob(Recovery.JOB_ID))
        }

    @Test
    fun `a terminal that has stopped already is followed without a word`(): Unit =
        runBlocking {
            val thrown = mutableListOf<Throwable>()
            val handler = Thread.getDefaultUncaughtExceptionHandler()
            Thread.setDefaultUncaughtExceptionHandler { _, error -> thrown += error }
            try {
                for (stop in listOf<
                    (
                        Terminal,
                    ) -> Unit,
                >({ it.shutdown() }, { it.shutdown().also { _ -> it.close() } })) {
                    till.restart()
                    val changes = till.terminal.updates()
                    stop(till.terminal)
                    val following = Recovery.follow(app, till.terminal, changes)
                    withTimeoutOrNull(500) { following.join() }
                    assertFalse("it has failed", following.isCancelled)
                    following.cancel()
                }
            } finally {
                Thread.setDefaultUncaughtExceptionHandler(handler)
                till.reopen()
            }
            assertEquals(emptyList<Throwable>(), thrown)
            assertNull(jobs.getPendingJob(Recovery.JOB_ID))
        }

    /** A sale is on its way when the process ends, and the gateway takes the money. */
    private fun killedInASale(): Payment =
        runBlocking {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
            val begun = till.terminal.charge(charge(BLUEOCEAN).copy(limitMs = 0))
            till.waitForGates()
            till.terminal.shutdown()
            till.plan()
            Paywand.setUp { till.config }
            begun
        }

    /** A payment that only a person can decide, and the process has ended. */
    private fun killedInDoubt(): Long =
        runBlocking {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            val payment = till.terminal.charge(charge(MAXFUN))
            assertEquals(PaymentState.NEEDS_ATTENTION, payment.state)
            till.terminal.shutdown()
            Paywand.setUp { till.config }
            payment.id
        }

    /** A payment that is busy until a person is asked, at a till of its own; the gateway has taken the money. */
    private fun unresolved(
        watchMs: Long = 600,
        work: suspend (Till, Long) -> Unit,
    ): Unit =
        runBlocking {
            till.terminal.shutdown()
            Till(QUICK.copy(attentionAfterMs = 400, watchMs = watchMs)).use { till ->
                val busy = mapOf("op" to "query", "do" to "busy", "effect" to true, "times" to 0)
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after"), busy))
                till.terminal.shutdown()
                Paywand.setUp { till.config }
                val payment = Paywand.terminal().charge(charge(BLUEOCEAN))
                assertEquals(PaymentState.NEEDS_ATTENTION, payment.state)
                work(till, payment.id)
                Paywand.shutdown()
            }
        }

    private suspend fun settleWrongly(id: Long) {
        Paywand.terminal().settleByHand(id, false, "lin", "the phone shows nothing")
    }

    /** One notice, in the core's words. */
    private fun assertToldOf(id: Long) {
        val notice = notifications.allNotifications.single()
        assertEquals(payment(id).screenText(Language.EN).cashier, shadowOf(notice).contentText)
    }

    private fun run(limit: Duration = 2.seconds): Boolean =
        runBlocking { RecoveryRun(app, limit, patience = 100.milliseconds, step = 20.milliseconds).run() }

    /** The app hears of [change], and of nothing more; nothing is unfinished. */
    private fun follow(change: Payment) {
        Till().use { other -> runBlocking { Recovery.follow(app, other.terminal, flowOf(change)).join() } }
    }

    private fun payment(id: Long): Payment = runBlocking { Paywand.terminal().payment(id) }

    private fun process(importance: Int) {
        val process = ActivityManager.RunningAppProcessInfo(app.packageName, Process.myPid(), null)
        process.importance = importance
        shadowOf(app.getSystemService(ActivityManager::class.java)).setProcesses(listOf(process))
    }

    @Suppress("DEPRECATION") // Its successor is not in Android 7.
    private fun JobInfo.network() = networkType
}
