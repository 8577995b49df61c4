package dev.paywand.android

import android.app.job.JobParameters
import android.app.job.JobService
import android.content.Context
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Terminal
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** The job of [Recovery]. The system starts it; an app does not. */
public class RecoveryService : JobService() {
    private val scope = CoroutineScope(Dispatchers.Default)
    private var work: Job? = null

    override fun onStartJob(params: JobParameters): Boolean {
        val work =
            scope.launch(start = CoroutineStart.LAZY) {
                val job = coroutineContext.job
                val again = RecoveryRun(applicationContext).run { running.compareAndSet(job, null) }
                // Where the job was stopped meanwhile, onStopJob has answered.
                ensureActive()
                jobFinished(params, again)
            }
        this.work = work
        running.set(work)
        work.start()
        return true
    }

    /**
     * The system wants it back: what is left waits for the next run. The terminal goes on as long as the process does.
     */
    override fun onStopJob(params: JobParameters): Boolean {
        stop()
        return true
    }

    override fun onDestroy() {
        stop()
        scope.cancel()
        super.onDestroy()
    }

    private fun stop() {
        val work = work ?: return
        running.compareAndSet(work, null)
        work.cancel()
    }

    internal companion object {
        /** What the job does; null while it does not run. */
        private val running = AtomicReference<Job>()

        /** Whether the job runs, and sees by itself what changes. */
        val isRunning: Boolean get() = running.get() != null
    }
}

/**
 * One run of the job: opens the process's terminal, or finds it open, which recovers what an earlier process has left,
 * and watches until nothing is left that another question may decide.
 *
 * @param limit when to give up for now: the system stops a job after ten minutes.
 * @param patience how long to stay for what does not move by itself soon: a person, a wallet that takes days.
 */
internal class RecoveryRun(
    private val context: Context,
    private val limit: Duration = 9.minutes,
    private val patience: Duration = 30.seconds,
    private val step: Duration = 1.seconds,
) {
    private val notices = RecoveryNotices(context)
    private val endedWrongly = mutableListOf<Payment>()

    /**
     * Whether the job has to run again: something is left that can be asked about, or somebody is still to be told.
     *
     * @param ending what changes after it has been called is not seen by this run.
     */
    suspend fun run(ending: () -> Unit = {}): Boolean =
        try {
            val terminal = Paywand.terminal()
            watch(terminal)
            ending()
            look(terminal).again
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (_: Exception) {
            // No terminal: another process has the store, the disk is full, the vault cannot be read, the app has shut
            // it down.
            ending()
            true
        }

    private suspend fun watch(terminal: Terminal) {
        val begun = TimeSource.Monotonic.markNow()
        while (true) {
            val found = look(terminal)
            val stay = if (found.moves) limit else minOf(limit, patience)
            if (!found.again || begun.elapsedNow() >= stay) return
            delay(step)
        }
    }

    private fun look(terminal: Terminal): Found {
        val left = terminal.unfinished()
        // The last question about a settlement may be the one that proves it wrong, also between two runs: then nothing is
        // left of it.
        val gone = notices.seen - left.ids() - endedWrongly.ids()
        endedWrongly += gone.mapNotNull { terminal.known(it) }.filter { it.isSettledWrongly }
        val waiting = left.filter { it.state == PaymentState.NEEDS_ATTENTION || it.isSettledWrongly } + endedWrongly
        val allTold = notices.show(waiting)
        notices.seen = left.ids() + if (allTold) emptySet() else endedWrongly.ids()
        return Found(moves = left.any { it.movesSoon }, again = !allTold || left.any { it.isFinal || canBeAsked(it) })
    }

    /** None where its store was given up meanwhile. */
    private fun Terminal.known(id: Long): Payment? =
        try {
            payment(id)
        } catch (_: PaywandException.NoSuchPayment) {
            null
        }

    private class Found(
        /** Whether something is left that is soon decided. */
        val moves: Boolean,
        val again: Boolean,
    )

    private fun List<Payment>.ids() = map { it.id }.toSet()
}

/** Whether it is being decided now: nobody is waited for, and no wallet that takes days. */
internal val Payment.movesSoon: Boolean
    get() = !isFinal && state != PaymentState.NEEDS_ATTENTION && kind != PaymentKind.REFUND
