package dev.paywand.demo

import dev.paywand.Amount
import dev.paywand.ChargeRequest
import dev.paywand.Payment
import dev.paywand.PaymentCode
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.QrRequest
import dev.paywand.RefundRequest
import dev.paywand.Terminal
import dev.paywand.Wallet
import dev.paywand.charge
import dev.paywand.refund
import dev.paywand.updates
import dev.paywand.wait
import kotlinx.coroutines.flow.first
import org.json.JSONObject
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** What everything costs, in minor units. */
const val PRICE: Long = 1_250

/** A sale, and what goes wrong with it. */
class Sale(
    val gateway: String,
    val kind: PaymentKind,
    val expected: PaymentState,
    val wallet: Wallet = Wallet.WECHAT,
    val story: String = "",
    val plan: String = "{}",
    /** The cashier takes it back. */
    val cancel: Boolean = false,
)

/** What became of a sale: what the till said of it, and what the gateway knows. */
class Outcome(
    val sale: Sale,
    /** The first thing that the till could say after its request had gone out. */
    val atOnce: PaymentState,
    val payment: Payment,
    val took: Duration,
    /** The order in the gateway's ledger. */
    val order: JSONObject?,
    /** The requests that the gateway saw, in order. */
    val calls: List<Call>,
) {
    /** Whether the gateway knows the order by the till's number. */
    val numbered: Boolean get() = order?.getString("order_number") == payment.orderNumber
}

/** A request: charge, query, reverse… and where it went. */
class Call(
    val operation: String,
    val path: String,
)

/** Sells one thing after another. */
class Till(
    private val terminal: Terminal,
    private val sandbox: Sandbox,
) {
    private var asked = 0

    suspend fun sell(sale: Sale): Outcome = observed(sale) { take(sale) }

    /** Gives [minor] of a sale back. */
    suspend fun giveBack(
        sold: Outcome,
        minor: Long,
    ): Outcome =
        observed(Sale(sold.sale.gateway, PaymentKind.REFUND, PaymentState.REFUNDED)) {
            asked += 1
            val amount = Amount(minor, sold.payment.amount.currency)
            terminal.refund(RefundRequest("demo/$asked", sold.payment.id, amount, reason = "cold tea 茶凉了"), 10.seconds)
        }

    private suspend fun observed(
        sale: Sale,
        work: suspend () -> Payment,
    ): Outcome {
        sandbox.plan(sale.plan)
        val before = Seen.at(sandbox)
        val updates = terminal.updates()
        val started = TimeSource.Monotonic.markNow()
        val payment = work()
        val took = started.elapsedNow()
        val atOnce = updates.first { it.id == payment.id && it.state !in ON_ITS_WAY }
        val after = Seen.at(sandbox)
        val order = payment.refundOf?.let { original -> after.order(original.orderNumber) } ?: after.newest(before)
        val number = order?.getString("order_number")
        // A reversed order of an earlier sale is still watched: its queries are not this sale's.
        val calls = after.calls.drop(before.calls.size).filter { it.isAbout(number) }
        return Outcome(
            sale,
            atOnce.state,
            payment,
            took,
            order,
            calls.map { Call(it.getString("op"), it.getString("path")) },
        )
    }

    private suspend fun take(sale: Sale): Payment {
        asked += 1
        val begun = if (sale.kind == PaymentKind.QR) show(sale) else charge(sale)
        if (sale.cancel) terminal.cancel(begun.id)
        return terminal.wait(begun.id, 10.seconds)
    }

    private suspend fun charge(sale: Sale): Payment {
        val code = PaymentCode(CODES.getValue(sale.wallet) + (1_000_000_000_000_000 + asked))
        val request = ChargeRequest("demo/$asked", sale.gateway, price(sale), code, subject = "Tea 茶")
        return if (sale.cancel) terminal.charge(request, 0.seconds) else terminal.charge(request)
    }

    private suspend fun show(sale: Sale): Payment =
        terminal.createQr(QrRequest("demo/$asked", sale.gateway, price(sale), subject = "Tea 茶"))

    private fun price(sale: Sale) = Amount(PRICE, terminal.currency(sale.gateway))

    private class Seen(
        val orders: List<JSONObject>,
        val calls: List<JSONObject>,
    ) {
        fun order(number: String) = orders.find { it.getString("order_number") == number }

        fun newest(before: Seen) = orders.drop(before.orders.size).singleOrNull()

        companion object {
            fun at(sandbox: Sandbox) = Seen(sandbox.orders(), sandbox.calls())
        }
    }

    private companion object {
        /** How the codes begin that customers show. */
        val CODES = mapOf(Wallet.WECHAT to "13", Wallet.ALIPAY to "28")
        val ON_ITS_WAY = setOf(PaymentState.CREATED, PaymentState.CHARGING)
    }
}

/** maxfun's requests name no order; its ledger names it by the request's nonce. */
private fun JSONObject.isAbout(number: String?) = optString("order_number").let { it.isEmpty() || it == number }
