package dev.paywand.demo

import dev.paywand.PaymentState
import dev.paywand.isFinal

/** Whether the till may say what it says. */
enum class Verdict(
    val word: String,
    val sentence: String,
) {
    AGREES("yes", "Till and ledger agree."),
    OPEN("person", "The till claims neither paid nor not: a person looks, and settles it."),
    DISAGREES("NO", "TILL AND LEDGER DISAGREE."),
}

/** Compares what the till says with the money in the ledger. */
fun verdict(outcome: Outcome): Verdict {
    val state = outcome.payment.state
    val money = outcome.order?.getLong("money_minor") ?: 0
    val charges = outcome.order?.getInt("charges") ?: 0
    val agrees =
        when (state) {
            PaymentState.PAID -> money == outcome.payment.amount.minor && charges == 1
            else -> money == 0L
        }
    return when {
        !state.isFinal -> if (state == PaymentState.NEEDS_ATTENTION) Verdict.OPEN else Verdict.DISAGREES
        agrees -> Verdict.AGREES
        else -> Verdict.DISAGREES
    }
}
