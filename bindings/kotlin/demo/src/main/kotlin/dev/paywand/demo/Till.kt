package dev.paywand.demo

import dev.paywand.Amount
import dev.paywand.ChargeRequest
import dev.paywand.Payment
import dev.paywand.PaymentCode
import dev.paywand.PaymentState
import dev.paywand.QrRequest
import dev.paywand.Terminal
import dev.paywand.updates
import dev.paywand.wait
import kotlinx.coroutines.flow.first
import org.json.JSONObject
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** A sale, and what goes wrong with it. */
class Sale(
    val gateway: String,
    val expected: PaymentState,
    val story: String = "",
    val plan: String = "{}",
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
    private var sold = 0

    suspend fun sell(sale: Sale): Outcome {
        sandbox.plan(sale.plan)
        val before = Seen.at(sandbox)
        val updates = terminal.updates()
        val started = TimeSource.Monotonic.markNow()
        val payment = take(sale)
        val took = started.elapsedNow()
        val atOnce = updates.first { it.id == payment.id && it.state !in ON_ITS_WAY }
        val after = Seen.at(sandbox)
        val order = after.orders.drop(before.orders.size).singleOrNull()
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
        sold += 1
        val key = "demo/$sold"
        val prefix = CODES[sale.gateway] ?: return show(sale, key)
        val code = PaymentCode(prefix + (1_000_000_000_000_000 + sold))
        return terminal.charge(ChargeRequest(key, sale.gateway, price(sale.gateway), code, subject = "Tea 茶"))
    }

    private suspend fun show(
        sale: Sale,
        key: String,
    ): Payment {
        val shown = terminal.createQr(QrRequest(key, sale.gateway, price(sale.gateway), subject = "Tea 茶"))
        return terminal.wait(shown.id, 10.seconds)
    }

    private fun price(gateway: String) = Amount(1_250, terminal.currency(gateway))

    private class Seen(
        val orders: List<JSONObject>,
        val calls: List<JSONObject>,
    ) {
        companion object {
            fun at(sandbox: Sandbox) = Seen(sandbox.orders(), sandbox.calls())
        }
    }

    private companion object {
        /** How the codes begin that customers show: WeChat's, WeChat's, Alipay's. Elsewhere the customer scans a QR. */
        val CODES = mapOf("maxfun" to "13", "blueocean" to "13", "bjrcb" to "28")
        val ON_ITS_WAY = setOf(PaymentState.CREATED, PaymentState.CHARGING)
    }
}

/** maxfun's requests name no order; its ledger names it by the request's nonce. */
private fun JSONObject.isAbout(number: String?) = optString("order_number").let { it.isEmpty() || it == number }
