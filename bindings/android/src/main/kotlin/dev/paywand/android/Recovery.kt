package dev.paywand.android

import android.Manifest
import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Build
import dev.paywand.FollowUp
import dev.paywand.Payment
import dev.paywand.PaywandException
import dev.paywand.Terminal
import dev.paywand.updates
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch

/**
 * Drives what is in flight to its end while no screen of the app is there: after a kill, and after a reboot.
 *
 * [Paywand.setUp] with a context sees to it: whenever a payment is on its way, a job is scheduled that opens the
 * terminal and waits until nothing is left that can be asked about. Where a person is needed, the job posts a
 * notification, once for each payment, if the app may post any and is not on the screen; then it does not run for that
 * payment any more. What is left otherwise is tried again after 30 seconds, then ever more seldom; a new sale begins at
 * once.
 *
 * It takes of the app's manifest what it finds there, and does with less:
 * - `RECEIVE_BOOT_COMPLETED`: without it the job does not outlive a reboot, and the next start of the app recovers.
 * - `ACCESS_NETWORK_STATE`: without it the job does not wait for a network on Android 14 and later, and tries in vain
 * now and then.
 * - `POST_NOTIFICATIONS`: without it Android 13 and later show no notification.
 */
public object Recovery {
    /** The number of the job. The app's own jobs have others. */
    public const val JOB_ID: Int = 7_299_263

    /** What a tap on the notification opens, for a payment that needs a person. By default what the launcher opens. */
    @Volatile
    public var screen: (Context, Payment) -> Intent? = { context, _ ->
        context.packageManager.getLaunchIntentForPackage(context.packageName)
    }

    /** Schedules the job, which runs as soon as the system lets it. Does nothing where it waits, or runs, already. */
    public fun schedule(context: Context): Unit = schedule(context, anew = false)

    /** @param anew also where it waits: what it has waited for in vain does not delay a new sale. */
    private fun schedule(
        context: Context,
        anew: Boolean,
    ) {
        val jobs = context.getSystemService(JobScheduler::class.java)
        val outlivesReboot = context.has(Manifest.permission.RECEIVE_BOOT_COMPLETED)
        // Scheduling it again would stop it where it runs.
        val begins = anew && !RecoveryService.isRunning
        if (!begins && jobs.getPendingJob(JOB_ID)?.isPersisted == outlivesReboot) return
        val job =
            JobInfo
                .Builder(JOB_ID, ComponentName(context, RecoveryService::class.java))
                .setPersisted(outlivesReboot)
                .setBackoffCriteria(FIRST_RETRY_MS, JobInfo.BACKOFF_POLICY_EXPONENTIAL)
        // Android 14 throws at who waits for a network without this permission; Android 7 at who waits for nothing.
        val mayWait = context.has(Manifest.permission.ACCESS_NETWORK_STATE)
        if (mayWait || Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            job.setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
        }
        jobs.schedule(job.build())
    }

    /**
     * Takes the job back, and stops it where it runs. What is in flight is left to the next [schedule] or start of the
     * app.
     */
    public fun cancel(context: Context) {
        context.getSystemService(JobScheduler::class.java).cancel(JOB_ID)
    }

    /**
     * Schedules the job for what [terminal] has unfinished, and whenever a payment is on its way, until it is
     * cancelled. What was told of a payment that has ended is taken back.
     */
    internal fun follow(
        context: Context,
        terminal: Terminal,
        changes: Flow<Payment> = terminal.updates(),
    ): Job {
        val notices = RecoveryNotices(context)
        val scope = CoroutineScope(Dispatchers.IO)
        return scope.launch {
            val left = unfinished(terminal)
            if (left == null || left.isNotEmpty()) tryToSchedule(context, anew = left?.any { it.movesSoon } == true)
            changes.collect {
                if (it.isFinal) notices.takeBack(it)
                if (!it.isFinal || it.followUp != FollowUp.NONE) tryToSchedule(context, anew = it.movesSoon)
            }
        }
    }

    /**
     * A terminal that was stopped at once has a next start; what a store that fails holds, the job looks for: null.
     */
    private fun unfinished(terminal: Terminal): List<Payment>? =
        try {
            terminal.unfinished()
        } catch (_: PaywandException.ShutDown) {
            emptyList()
        } catch (_: PaywandException) {
            null
        } catch (_: IllegalStateException) {
            // Closed.
            emptyList()
        }

    /** A sale does not fail because the system takes no more jobs: the next change, or start, schedules it. */
    private fun tryToSchedule(
        context: Context,
        anew: Boolean,
    ) {
        try {
            schedule(context, anew)
        } catch (_: RuntimeException) {
            return
        }
    }

    private fun Context.has(permission: String) = checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED

    private const val FIRST_RETRY_MS = 30_000L
}
