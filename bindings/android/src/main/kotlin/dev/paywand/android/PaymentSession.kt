package dev.paywand.android

import dev.paywand.ChargeRequest
import dev.paywand.Payment
import dev.paywand.PaymentCode
import dev.paywand.PaywandException
import dev.paywand.QrRequest
import dev.paywand.ScanEvent
import dev.paywand.Terminal
import dev.paywand.updates
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * One sale between the screen and the terminal. It outlives a rotation; after the death of the process a new one finds the
 * sale by its request key. The scanned code is held here and in the core, nowhere else.
 *
 * Used on the main thread only.
 */
internal class PaymentSession(
    val call: PaymentCall,
    way: PaymentWay,
) {
    val scanner = Scanner()

    /** Hears of every change of [sale]. */
    var onChange: (() -> Unit)? = null

    var sale = Sale(way, call.otherWay, routed = call.gateway == null)
        private set(value) {
            field = value
            onChange?.invoke()
        }

    /** When the payment ends at the latest, in UTC milliseconds; null where it is not known or has no end. */
    var deadlineMs: Long? = null
        private set

    private val scope = CoroutineScope(SupervisorJob() + MainThread())
    private var code: PaymentCode? = null
    private var watched: Terminal? = null
    private var watching: Job? = null
    private var heard = 0
    private var closed = false

    /** Looks what has become of the sale: the store knows, whoever began it. A QR is asked for where there is none yet. */
    fun look() {
        attempt {
            val terminal = terminal()
            read(terminal)
            if (sale.way == PaymentWay.QR && sale.payment == null && sale.error == null) showQr()
        }
    }

    /** What the scanner says while it is armed. What it was told twice, or while nobody waited, is nothing. */
    fun scanned(event: ScanEvent) {
        if (event is ScanEvent.Unreadable) sale = sale.copy(unreadable = event.why)
        if (event !is ScanEvent.Accepted) return
        code = event.code
        charge()
    }

    /** Scans after all. Nothing has begun. */
    fun scanInstead() {
        val otherWay = sale.otherWay && sale.error !is PaywandException.UnsupportedOperation
        sale = sale.copy(way = PaymentWay.SCAN, otherWay = otherWay, error = null, unreadable = null)
    }

    fun showQr() {
        sale = sale.copy(way = PaymentWay.QR)
        begin {
            createQr(
                QrRequest(call.requestKey, call.gateway, call.amount, subject = call.subject, cashier = call.cashier),
            )
        }
    }

    /** Tries again what was refused: with the code that was scanned, where another payment had kept it from being charged. */
    fun tryAgain() {
        val again = sale.blocking != null && code != null
        sale = sale.copy(error = null, keys = null, blocking = null)
        if (again) charge() else look()
    }

    /** Charges although the sale looks like one in doubt: the cashier says that it is another. */
    fun chargeAsAnotherSale() = charge(anotherSale = true)

    /** Asks for a cancel. What becomes of it is the core's to say. */
    fun cancel() {
        sale = sale.copy(cancelAsked = true, error = null)
        wish { cancel(it) }
    }

    /** Asks the gateway now. */
    fun askAgain() {
        sale = sale.copy(error = sale.error.takeIf { sale.payment == null })
        wish { retry(it) }
    }

    fun acknowledge() = wish { acknowledge(it) }

    /** The time that the payment takes at most has passed. */
    fun runOut() {
        if (!sale.overdue) sale = sale.copy(overdue = true)
    }

    /** Listens no longer. What has been begun goes on. */
    fun close() {
        closed = true
        onChange = null
        scanner.disarm()
        watching?.cancel()
    }

    private fun charge(anotherSale: Boolean = false) {
        val code = code ?: return
        begin {
            charge(
                ChargeRequest(
                    requestKey = call.requestKey,
                    gateway = call.gateway,
                    amount = call.amount,
                    code = code,
                    subject = call.subject,
                    cashier = call.cashier,
                    anotherSale = anotherSale,
                ),
            )
        }
    }

    private fun begin(call: suspend Terminal.() -> Payment) {
        if (sale.begun) return
        sale = sale.copy(begun = true, error = null, keys = null, blocking = null, unreadable = null)
        attempt {
            val terminal = terminal()
            terminal.asked(call)
            if (!closed) read(terminal)
        }
    }

    private fun wish(call: suspend Terminal.(Long) -> Payment) {
        val id = (sale.payment ?: sale.blocking ?: return).id
        attempt { terminal().asked { call(id) } }
    }

    private fun attempt(work: suspend () -> Unit) {
        scope.launch {
            try {
                work()
            } catch (error: PaywandException) {
                refused(error)
            } catch (failure: VaultException) {
                unopened(failure.problem)
            }
        }
    }

    private suspend fun terminal(): Terminal {
        // Runs what the app has given to Paywand.setUp, where the terminal is not open.
        val terminal = Paywand.terminal()
        if (sale.keys != null) sale = sale.copy(keys = null)
        if (terminal !== watched && !closed) watch(terminal)
        return terminal
    }

    private fun watch(terminal: Terminal) {
        watching?.cancel()
        val updates = terminal.updates()
        watched = terminal
        watching = scope.launch { updates.collect(::hear) }
    }

    private fun hear(payment: Payment) {
        if (payment.id == sale.blocking?.id) sale = sale.copy(blocking = payment)
        if (!call.isOf(payment)) return
        heard++
        show(payment)
    }

    private suspend fun read(terminal: Terminal) {
        val before = heard
        val found = terminal.asked { withContext(Dispatchers.IO) { find(call.requestKey) } }
        // As the core says it of another sale under the same key.
        if (found != null && !call.isOf(found)) throw PaywandException.KeyReused(found.id)
        // An update that came meanwhile is newer.
        if (heard != before) return
        if (found == null) sale = sale.copy(known = true) else show(found)
    }

    private fun show(payment: Payment) {
        code = null
        val moved = sale.payment?.state != payment.state
        deadlineMs = watched?.deadlineMs(payment)
        sale =
            sale.copy(
                known = true,
                begun = false,
                payment = payment,
                cancelAsked = sale.cancelAsked && !moved,
                error = sale.error.takeUnless { moved },
                keys = sale.keys.takeUnless { moved },
                blocking = null,
                overdue = sale.overdue && !moved,
            )
    }

    private suspend fun refused(error: PaywandException) {
        val blocking = blockingId(error)?.let { payment(it) }
        sale =
            sale.copy(
                known = isKnownAfter(error),
                begun = false,
                cancelAsked = false,
                error = error,
                keys = null,
                blocking =
                    blocking ?: sale.blocking,
            )
    }

    /** Nothing was asked of the core, so no more and no less is known than before. */
    private fun unopened(problem: VaultProblem) {
        val error = sale.error.takeIf { sale.payment == null }
        sale = sale.copy(begun = false, cancelAsked = false, error = error, keys = problem)
    }

    private fun isKnownAfter(error: PaywandException): Boolean =
        when (error) {
            // It is another sale that has the key: under it, this one was never begun.
            is PaywandException.KeyReused -> true

            // A terminal that stopped under the call may have begun the sale.
            is PaywandException.ShutDown, is PaywandException.StoreUnavailable -> false

            else -> sale.known
        }

    private suspend fun payment(id: Long): Payment? =
        try {
            terminal().asked { withContext(Dispatchers.IO) { payment(id) } }
        } catch (_: PaywandException) {
            null
        } catch (_: VaultException) {
            null
        }

    private fun blockingId(error: PaywandException): Long? =
        when (error) {
            is PaywandException.LooksLikeRepeat -> error.id
            is PaywandException.CodeInDoubt -> error.id
            else -> null
        }
}
