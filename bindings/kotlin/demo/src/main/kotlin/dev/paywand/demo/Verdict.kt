package dev.paywand.demo

import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.isFinal
import org.json.JSONObject

/** Whether the till may say what it says. */
enum class Verdict(
    val word: String,
    val sentence: String,
) {
    AGREES("yes", "Till and ledger agree."),
    OPEN("person", "The till claims neither paid nor not: a person looks, and settles it."),
    DISAGREES("NO", "TILL AND LEDGER DISAGREE."),
}

/** What the refunds of an order gave back. */
fun returnedMinor(order: JSONObject): Long =
    order
        .getJSONArray("refunds")
        .map { it as JSONObject }
        .filter { it.getString("state") == "succeeded" }
        .sumOf { it.getLong("amount_minor") }

/** Whether the ledger has this very refund, its amount, in success; maxfun's merchant API gives refunds no numbers. */
private fun gaveBack(
    order: JSONObject,
    refund: Payment,
): Boolean {
    if (refund.gateway == "maxfun_tp") return returnedMinor(order) == refund.amount.minor
    return order.getJSONArray("refunds").map { it as JSONObject }.any {
        it.getString("refund_number") == refund.orderNumber &&
            it.getLong("amount_minor") == refund.amount.minor &&
            it.getString("state") == "succeeded"
    }
}

/** Compares what the till says with the money in the ledger. */
fun verdict(outcome: Outcome): Verdict {
    val state = outcome.payment.state
    val money = outcome.order?.getLong("money_minor") ?: 0
    val charges = outcome.order?.getInt("charges") ?: 0
    val agrees =
        when (state) {
            PaymentState.REFUNDED -> outcome.order?.let { gaveBack(it, outcome.payment) } ?: false
            PaymentState.PAID -> money == outcome.payment.amount.minor && charges == 1
            else -> money == 0L
        }
    return when {
        !state.isFinal -> if (state == PaymentState.NEEDS_ATTENTION) Verdict.OPEN else Verdict.DISAGREES
        agrees -> Verdict.AGREES
        else -> Verdict.DISAGREES
    }
}
