package dev.paywand.demo

import dev.paywand.Amount
import dev.paywand.Language
import dev.paywand.PaymentKind
import dev.paywand.Wallet
import dev.paywand.amountToMajor
import dev.paywand.text
import java.io.PrintStream

/** Tells a person, line by line, what the till says and what the ledger says. At most 110 columns. */
class Report(
    private val out: PrintStream,
    private val url: String,
) {
    private val table = Table(18, 22, 18, 8, 22, 6)

    fun begin() {
        out.println(
            "PAYWAND: sales of 12.50 at five gateways, given back or undone, from Kotlin through the Rust core over HTTPS.",
        )
        out.println(
            "TILL SAYS is what the cashier may believe. LEDGER SAYS is what was really taken from the customer.",
        )
        out.println("The gateways are the sandbox at $url, which checks every signature.")
        out.println("Waits are a hundredth of the gateways' own.")
        out.println()
        out.println(table.line("GATEWAY", "OPERATION", "TILL SAYS", "    TIME", "LEDGER SAYS", "AGREE?"))
        out.println(table.rule())
    }

    /** A sale or refund as a line of the table, and what was sent under it. */
    fun row(outcome: Outcome) {
        val payment = outcome.payment
        out.println(
            table.line(
                NAMES.getValue(payment.gateway),
                operation(outcome),
                payment.state.named(),
                time(outcome).padStart(8),
                if (payment.kind == PaymentKind.REFUND) returned(outcome) else taken(outcome),
                verdict(outcome).word,
            ),
        )
        out.println("  sent ${inOrder(outcome.calls.map { it.path })}")
    }

    fun badDays() {
        out.println()
        out.println("THREE BAD DAYS")
    }

    /** A sale as a story. */
    fun story(outcome: Outcome) {
        val payment = outcome.payment
        out.println()
        out.println("${NAMES.getValue(payment.gateway)}: ${outcome.sale.story}")
        out.println("  order        ${payment.orderNumber}")
        out.println("  at once      ${outcome.atOnce.named()}: ${outcome.atOnce.text(Language.EN)}")
        out.println("  in the end   ${payment.state.named()}, after ${time(outcome)}")
        payment.reason?.let { reason ->
            for (line in wrapped(reason.text(Language.EN), 94)) out.println("               $line")
        }
        out.println("  sent         ${inOrder(outcome.calls.map { it.operation })}")
        out.println("  ledger says  ${taken(outcome)}. ${verdict(outcome).sentence}")
    }

    /** The last word; whether everything is as it should be. */
    fun end(outcomes: List<Outcome>): Boolean {
        val wrong = outcomes.filter { verdict(it) == Verdict.DISAGREES || it.payment.state != it.sale.expected }
        out.println()
        for (outcome in wrong) {
            val (name, state) = NAMES[outcome.payment.gateway] to outcome.payment.state.named()
            out.println("WRONG: $name says $state, ${taken(outcome)}; ${outcome.sale.expected.named()} was to come.")
        }
        if (wrong.isNotEmpty()) return false
        val open = outcomes.count { verdict(it) == Verdict.OPEN }
        out.println("${outcomes.size - open} sales and refunds: till and ledger agree.")
        out.println("$open sale: the till claims nothing that it cannot prove, and asks for a person.")
        return true
    }

    private fun operation(outcome: Outcome) =
        when (outcome.payment.kind) {
            PaymentKind.REFUND -> "refund 退款 ${amountToMajor(outcome.payment.amount)}"
            PaymentKind.CHARGE -> "charge ${wallet(outcome.sale)}" + if (outcome.sale.cancel) ", cancel" else ""
            PaymentKind.QR -> "QR 扫码" + if (outcome.sale.cancel) ", cancel" else ""
        }

    private fun wallet(sale: Sale) = if (sale.wallet == Wallet.ALIPAY) "支付宝" else "微信"

    private fun returned(outcome: Outcome): String {
        val order = outcome.order ?: return "no such order"
        val sum = Amount(returnedMinor(order), order.getString("currency"))
        return "${amountToMajor(sum)} ${sum.currency} back in all"
    }

    private fun taken(outcome: Outcome): String {
        val order = outcome.order ?: return "no such order"
        val taken = Amount(order.getLong("money_minor"), order.getString("currency"))
        val charges = order.getInt("charges")
        return when {
            taken.minor == 0L -> "nothing taken"
            charges == 1 -> "${amountToMajor(taken)} ${taken.currency} taken"
            else -> "${amountToMajor(taken)} ${taken.currency} taken in $charges charges"
        }
    }

    /** `/pay/scan, /pay/check x2`. */
    private fun inOrder(names: List<String>): String {
        val runs = mutableListOf<Pair<String, Int>>()
        for (name in names) {
            val last = runs.lastOrNull()
            if (last?.first == name) runs[runs.lastIndex] = name to last.second + 1 else runs += name to 1
        }
        return runs.joinToString(", ") { (name, times) -> if (times == 1) name else "$name x$times" }
    }

    private fun time(outcome: Outcome) = "${outcome.took.inWholeMilliseconds} ms"
}
