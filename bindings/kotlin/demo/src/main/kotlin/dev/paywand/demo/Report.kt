package dev.paywand.demo

import dev.paywand.Amount
import dev.paywand.Language
import dev.paywand.PaymentState
import dev.paywand.amountToMajor
import dev.paywand.text
import java.io.PrintStream

/** Tells a person, line by line, what the till says and what the ledger says. At most 110 columns. */
class Report(
    private val out: PrintStream,
    private val url: String,
) {
    private val table = Table(18, 32, 26, 7, 14, 6)

    fun begin() {
        out.println(
            "PAYWAND: one sale of 12.50 at each of five gateways, from Kotlin through the Rust core over HTTPS.",
        )
        out.println(
            "TILL SAYS is what the cashier may believe. LEDGER SAYS is what the customer is really out of pocket.",
        )
        out.println(
            "Order numbers are the till's. The sandbox pretends to be $url; time runs $TIME_SCALE times faster.",
        )
        out.println()
        out.println(table.line("GATEWAY", "ORDER NUMBER", "TILL SAYS", "TIME", "LEDGER SAYS", "AGREE?"))
        out.println(table.rule())
    }

    /** A sale as a line of the table. */
    fun row(outcome: Outcome) {
        val number = if (outcome.sale.gateway == "maxfun") "(the protocol has none)" else outcome.payment.orderNumber
        val ledger = ledgerSays(outcome)
        val verdict = verdict(outcome)
        val name = NAMES.getValue(outcome.sale.gateway)
        out.println(table.line(name, number, outcome.payment.state.named(), time(outcome), ledger, verdict.word))
        out.println("  sent to $url${sent(outcome)}")
    }

    fun badDays() {
        out.println()
        out.println("THREE BAD DAYS")
    }

    /** A sale as a story. */
    fun story(outcome: Outcome) {
        val payment = outcome.payment
        out.println()
        out.println("${NAMES.getValue(outcome.sale.gateway)}: ${outcome.sale.story}")
        out.println("  order        ${payment.orderNumber}")
        out.println("  at once      ${outcome.atOnce.named()}: ${outcome.atOnce.text(Language.EN)}")
        out.println("  in the end   ${payment.state.named()}, after ${time(outcome)}")
        payment.reason?.let { reason ->
            wrapped(reason.text(Language.EN), 94).forEach { out.println("               $it") }
        }
        out.println("  ledger says  ${ledgerSays(outcome)}. ${verdict(outcome).sentence}")
        out.println("  sent         ${sent(outcome)}")
    }

    /** Whether everything agrees. */
    fun end(outcomes: List<Outcome>): Boolean {
        val verdicts = outcomes.map(::verdict)
        val wrong = outcomes.filter { verdict(it) == Verdict.DISAGREES || it.payment.state != it.sale.expected }
        out.println()
        for (outcome in wrong) {
            out.println(
                "WRONG: ${NAMES[outcome.sale.gateway]}: ${outcome.payment.state.named()}, expected ${outcome.sale.expected.named()}",
            )
        }
        if (wrong.isEmpty()) {
            val open = verdicts.count { it == Verdict.OPEN }
            out.println(
                "${outcomes.size - open} sales: till and ledger agree. $open in doubt, and the till says so: a person settles it.",
            )
        }
        return wrong.isEmpty()
    }

    private fun ledgerSays(outcome: Outcome): String {
        val order = outcome.order ?: return "no such order"
        val money = amountToMajor(Amount(order.getLong("money_minor"), order.getString("currency")))
        return "$money ${order.getString("currency")} paid"
    }

    /** `/pay/scan, /pay/check x2`. */
    private fun sent(outcome: Outcome): String =
        outcome.paths
            .groupingBy { it }
            .eachCount()
            .map { (path, times) -> if (times == 1) path else "$path x$times" }
            .joinToString(", ")

    private fun time(outcome: Outcome) = "${outcome.took.inWholeMilliseconds} ms"
}
