package dev.paywand.r8

import dev.paywand.Amount
import dev.paywand.BlueOcean
import dev.paywand.ChargeRequest
import dev.paywand.Language
import dev.paywand.Payment
import dev.paywand.PaymentCode
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.QrRequest
import dev.paywand.RefundRequest
import dev.paywand.Terminal
import dev.paywand.TerminalConfig
import dev.paywand.TimingConfig
import dev.paywand.android.Paywand
import dev.paywand.charge
import dev.paywand.code
import dev.paywand.createQr
import dev.paywand.refund
import dev.paywand.screenText
import dev.paywand.updates
import dev.paywand.wait
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.seconds

private val quick =
    TimingConfig(firstQueryMs = 50, intervalMs = 50, qrIntervalMs = 50, minReverseAgeMs = 160, reverseRetryMs = 20)

/**
 * What a till does, in a program that R8 has shrunk: a sale whose changes are heard of, a QR, a refund, errors.
 * Arguments: database, address, certificate authority, appid and key of the sandbox.
 */
fun main(args: Array<String>) {
    val (database, url, ca, appid, key) = args
    val account = BlueOcean("hk", url, appid, key, terminal = "T1", timing = quick, caFile = ca)
    Paywand.setUp { TerminalConfig(database, listOf(account)) }
    runBlocking {
        val terminal = Paywand.terminal()
        val paid = sell(terminal)
        show(terminal)
        giveBack(terminal, paid)
        explain(terminal)
        Paywand.shutdown()
    }
    println("paid, shown, given back, explained")
    exitProcess(0)
}

/** The listener is called by native code, and hears the end of the sale. */
private suspend fun sell(terminal: Terminal): Payment =
    runBlocking {
        val updates = terminal.updates()
        val heard = async { updates.first { it.state == PaymentState.PAID } }
        val payment = terminal.charge(ChargeRequest("probe/1", "hk", Amount(1_250, "HKD"), newCode()))
        check(payment.state == PaymentState.PAID && payment.state.code == "paid") { "$payment" }
        check(heard.await().id == payment.id)
        payment
    }

/** All runs are customers of one sandbox, which takes a code once: WeChat's, 18 digits. */
private fun newCode() = PaymentCode("13000${System.currentTimeMillis()}")

private suspend fun show(terminal: Terminal) {
    val shown = terminal.createQr(QrRequest("probe/2", "hk", Amount(1_250, "HKD")))
    check(shown.payUrl != null) { "$shown" }
    val payment = terminal.wait(shown.id, 20.seconds)
    check(payment.state == PaymentState.PAID) { "$payment" }
    check(payment.screenText(Language.ZH).cashier.isNotEmpty())
}

private suspend fun giveBack(
    terminal: Terminal,
    paid: Payment,
) {
    val refund = terminal.refund(RefundRequest("probe/3", paid.id, Amount(250, "HKD")))
    check(terminal.wait(refund.id, 20.seconds).state == PaymentState.REFUNDED) { "$refund" }
}

/** Errors come over with their kind, and with words. */
private suspend fun explain(terminal: Terminal) {
    val error =
        try {
            terminal.charge(ChargeRequest("probe/1", "hk", Amount(1, "HKD"), newCode()))
            error("a used key was taken")
        } catch (e: PaywandException) {
            e
        }
    check(error.code == "key_reused" && error.screenText(Language.EN).cashier.isNotEmpty()) { "$error" }
}
