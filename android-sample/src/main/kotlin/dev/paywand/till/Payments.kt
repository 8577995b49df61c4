package dev.paywand.till

import dev.paywand.Amount
import dev.paywand.JournalEntry
import dev.paywand.Payment
import dev.paywand.PaymentFilter
import dev.paywand.PaywandException
import dev.paywand.RefundRequest
import dev.paywand.Refundable
import dev.paywand.Terminal
import dev.paywand.android.Paywand
import dev.paywand.updates
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext

/** Everything about one payment. [refundable] is null where nothing can be given back. */
class PaymentFile(
    val payment: Payment,
    val steps: List<JournalEntry>,
    val refunds: List<Payment>,
    val refundable: Refundable?,
)

/** The payments as the screens ask for them, from the main thread. All throw [PaywandException]. */
interface Payments {
    /** Newest first, [PAGE] at most, older than [beforeId]. */
    suspend fun page(beforeId: Long?): List<Payment>

    /** What [businessDay] came to, the payments on other pages too. */
    suspend fun total(businessDay: String): DayTotal

    suspend fun find(requestKey: String): Payment?

    suspend fun file(id: Long): PaymentFile

    suspend fun inDoubt(): List<Payment>

    /** Those, of [account] or of all, that are in doubt, or have ended and are still cleaned up or watched. */
    suspend fun unfinished(account: String? = null): List<Payment>

    suspend fun refund(request: RefundRequest): Payment

    suspend fun retry(id: Long): Payment

    suspend fun cancel(id: Long): Payment

    suspend fun acknowledge(id: Long): Payment

    suspend fun settle(
        id: Long,
        paid: Boolean,
        who: String,
        why: String,
    ): Payment

    /** Every change from now on. */
    suspend fun changes(): Flow<Payment>

    companion object {
        const val PAGE = 50
    }
}

/** The payments of the process's terminal. */
class TerminalPayments : Payments {
    private val works = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    override suspend fun page(beforeId: Long?): List<Payment> =
        read { it.payments(beforeId = beforeId, limit = Payments.PAGE) }

    override suspend fun total(businessDay: String): DayTotal =
        read { terminal ->
            val filter = PaymentFilter(businessDay = businessDay)
            generateSequence(terminal.payments(filter, null, MOST)) { page ->
                page.takeIf { it.size == MOST }?.let { terminal.payments(filter, it.last().id, MOST) }
            }.map { DayTotal.of(it) }.fold(DayTotal(), DayTotal::plus)
        }

    override suspend fun find(requestKey: String): Payment? = read { it.find(requestKey) }

    override suspend fun file(id: Long): PaymentFile =
        read {
            PaymentFile(it.payment(id), it.history(id), it.refunds(id), refundable(it, id))
        }

    override suspend fun inDoubt(): List<Payment> = read { it.inDoubt() }

    override suspend fun unfinished(account: String?): List<Payment> =
        read { terminal -> terminal.unfinished().filter { account == null || it.gateway == account } }

    override suspend fun refund(request: RefundRequest): Payment = work { it.refund(request) }

    override suspend fun retry(id: Long): Payment = work { it.retry(id) }

    override suspend fun cancel(id: Long): Payment = work { it.cancel(id) }

    override suspend fun acknowledge(id: Long): Payment = work { it.acknowledge(id) }

    override suspend fun settle(
        id: Long,
        paid: Boolean,
        who: String,
        why: String,
    ): Payment = work { it.settleByHand(id, paid, who, why) }

    override suspend fun changes(): Flow<Payment> = Paywand.terminal().updates()

    private fun refundable(
        terminal: Terminal,
        id: Long,
    ): Refundable? =
        try {
            terminal.refundable(id).takeIf { it.left.minor > 0 }
        } catch (_: PaywandException.NotRefundable) {
            null
        } catch (_: PaywandException.UnsupportedOperation) {
            null
        } catch (_: PaywandException.UnknownGateway) {
            null
        }

    /** What a person has confirmed is done, though the screen goes away before it has begun. */
    private suspend fun work(block: suspend (Terminal) -> Payment): Payment =
        works.async { block(Paywand.terminal()) }.await()

    /** The disk is not for the main thread. */
    private suspend fun <T> read(block: (Terminal) -> T): T {
        val terminal = Paywand.terminal()
        return withContext(Dispatchers.IO) { block(terminal) }
    }

    private companion object {
        const val MOST = 500
    }
}

/**
 * What a business day came to: [net] by currency, what was paid less what was given back. [byHand] of the payments and refunds,
 * and [byHandNet] of the sum, nothing proves: a person has settled them.
 */
data class DayTotal(
    val paid: Int = 0,
    val refunded: Int = 0,
    val net: Map<String, Long> = emptyMap(),
    val byHand: Int = 0,
    val byHandNet: Map<String, Long> = emptyMap(),
) {
    operator fun plus(other: DayTotal): DayTotal =
        DayTotal(
            paid + other.paid,
            refunded + other.refunded,
            sum(net, other.net),
            byHand + other.byHand,
            sum(byHandNet, other.byHandNet),
        )

    fun amounts(): List<Amount> = amounts(net)

    fun byHandAmounts(): List<Amount> = amounts(byHandNet)

    companion object {
        fun of(payments: List<Payment>): DayTotal = payments.map(::of).fold(DayTotal(), DayTotal::plus)

        private fun of(payment: Payment): DayTotal {
            val sum = payment.received ?: payment.amount
            val total =
                when {
                    payment.isRefund && payment.wasGivenBack -> DayTotal(0, 1, mapOf(sum.currency to -sum.minor))
                    !payment.isRefund && payment.wasPaid -> DayTotal(1, 0, mapOf(sum.currency to sum.minor))
                    else -> return DayTotal()
                }
            return if (payment.isByHand) total.copy(byHand = 1, byHandNet = total.net) else total
        }

        private fun sum(
            one: Map<String, Long>,
            other: Map<String, Long>,
        ): Map<String, Long> = (one.keys + other.keys).associateWith { (one[it] ?: 0) + (other[it] ?: 0) }

        private fun amounts(sums: Map<String, Long>) =
            sums.toSortedMap().map { (currency, minor) -> Amount(minor, currency) }
    }
}
