package dev.paywand.android

import android.app.job.JobParameters
import android.app.job.JobService
import android.content.Context
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** The job of [Recovery]. The system starts it; an app does not. */
public class RecoveryService : JobService() {
    private val scope = CoroutineScope(Dispatchers.Default)
    private var work: Job? = null

    override fun onStartJob(params: JobParameters): Boolean {
        work =
            scope.launch {
                val again = RecoveryRun(applicationContext).run()
                // Where the job was stopped meanwhile, onStopJob has answered.
                ensureActive()
                jobFinished(params, again)
            }
        return true
    }

    /**
     * The system wants it back: what is left waits for the next run. The terminal goes on as long as the process does.
     */
    override fun onStopJob(params: JobParameters): Boolean {
        work?.cancel()
        return true
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }
}

/**
 * One run of the job: opens the process's terminal, or finds it open, which recovers what an earlier process has left,
 * and watches until nothing is left.
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
    /** Whether something is left, so that the job has to run again. */
    suspend fun run(): Boolean =
        try {
            watch()
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (_: Exception) {
            // No terminal: another process has the store, the disk is full, the vault cannot be read, the app has shut
            // it down.
            true
        }

    private suspend fun watch(): Boolean {
        val terminal = Paywand.terminal()
        val notices = RecoveryNotices(context)
        val begun = TimeSource.Monotonic.markNow()
        var seen = emptySet<Long>()
        val endedWrongly = mutableListOf<Payment>()
        while (true) {
            val left = terminal.unfinished()
            // The last question about a settlement may be the one that proves it wrong: then nothing is left of it.
            endedWrongly += (seen - left.ids()).map(terminal::payment).filter { it.isSettledWrongly }
            seen = left.ids()
            notices.show(left.filter { it.state == PaymentState.NEEDS_ATTENTION || it.isSettledWrongly } + endedWrongly)
            if (left.isEmpty()) return false
            val stay = if (left.any { it.movesSoon }) limit else minOf(limit, patience)
            if (begun.elapsedNow() >= stay) return true
            delay(step)
        }
    }

    private fun List<Payment>.ids() = map { it.id }.toSet()

    private val Payment.movesSoon: Boolean
        get() = !isFinal && state != PaymentState.NEEDS_ATTENTION && kind != PaymentKind.REFUND
}
