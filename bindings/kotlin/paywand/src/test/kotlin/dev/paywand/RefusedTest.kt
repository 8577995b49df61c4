package dev.paywand

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

/** Bad input: a typed error with a stable code, before anything is stored or sent. */
@Timeout(90)
class RefusedTest {
    @Test
    fun `amounts`() {
        for ((gateway, minor) in listOf(
            MAXFUN to 0L,
            BLUEOCEAN to -1L,
            BJRCB to Long.MIN_VALUE,
            MAXFUN to 5_000_001L,
            BJRCB to 0x8000_0000L,
        )) {
            refused<PaywandException.InvalidAmount>("invalid_amount") { charge(charge(gateway, minor = minor)) }
        }
        refused<PaywandException.InvalidAmount>(
            "invalid_amount",
        ) { createQr(qr(TENCENT).copy(amount = Amount(0, "CNY"))) }
        assertEquals(1_250, amountFromMajor("12.50", "HKD").minor)
        assertThrows<PaywandException.InvalidAmount> { amountFromMajor("12.505", "HKD") }
    }

    @Test
    fun `currencies`() {
        val other =
            refused<PaywandException.CurrencyNotAccepted>("currency_not_accepted") {
                charge(charge(BLUEOCEAN).copy(amount = Amount(1, "CNY")))
            }
        assertEquals(BLUEOCEAN to "CNY", other.gateway to other.currency)
        for (text in listOf("", "hkd", "HK", "HKDX", "港")) {
            val malformed =
                refused<PaywandException.InvalidRequest>("invalid_request") {
                    charge(charge(BLUEOCEAN).copy(amount = Amount(1, text)))
                }
            assertEquals("currency", malformed.field)
        }
    }

    @Test
    fun `payment codes`() {
        for (text in listOf("", " \r\n", "2812 34567890123456", "28-1234", "付款码", "1".repeat(129))) {
            val error = assertThrows<PaywandException.InvalidCode>(text) { PaymentCode(text) }
            assertEquals("invalid_code", error.code)
            assertFalse(text.length > 4 && text in "$error", "$error")
        }
        // BJRCB takes 32 characters.
        refused<PaywandException.InvalidCode>("invalid_code") { charge(charge(BJRCB, code = "1".repeat(33))) }
    }

    @Test
    fun `gateways and what they cannot do`() {
        val unknown =
            refused<PaywandException.UnknownGateway>("unknown_gateway") {
                charge(charge(BJRCB).copy(gateway = "bjrbc"))
            }
        assertEquals("bjrbc", unknown.gateway)
        refused<PaywandException.UnsupportedOperation>("unsupported_operation") { createQr(qr(MAXFUN_TP)) }
        refused<PaywandException.UnsupportedOperation>("unsupported_operation") { createQr(qr(MAXFUN)) }
        refused<PaywandException.NoSuchPayment>("no_such_payment") { cancel(99) }
        refused<PaywandException.NoSuchPayment>("no_such_payment") { payment(99) }
    }

    @Test
    fun `request keys`() {
        for (key in listOf("", "k".repeat(65), "a\nb")) {
            val error = refused<PaywandException.InvalidRequest>("invalid_request") { charge(charge(BJRCB, key = key)) }
            assertEquals("request_key", error.field)
        }
    }

    @Test
    fun `configurations`() {
        Till().use { till ->
            val (maxfun, blueOcean, tencent) =
                listOf(MAXFUN, BLUEOCEAN, TENCENT).map { id -> till.config.gateways.single { it.id == id } }
            till.terminal.shutdown()
            for ((field, gateway) in listOf(
                "id" to maxfun.copy(id = ""),
                "base_url" to maxfun.copy(baseUrl = "https://"),
                "base_url" to maxfun.copy(baseUrl = "pay.example"),
                "base_url" to maxfun.copy(baseUrl = "http://pay.example"),
                "base_url" to blueOcean.copy(baseUrl = "http://pay.example"),
                "keys.key" to blueOcean.copy(keys = blueOcean.keys - "key"),
                "keys.key" to blueOcean.copy(keys = blueOcean.keys + ("key" to Secret(""))),
                "keys.key" to blueOcean.copy(keys = blueOcean.keys + ("key" to Secret("k".repeat(129)))),
                "keys.kee" to blueOcean.copy(keys = blueOcean.keys + ("kee" to Secret("k"))),
                "keys.order_prefix" to tencent.copy(keys = tencent.keys + ("order_prefix" to Secret("p".repeat(21)))),
                "currency" to blueOcean.copy(currency = "USD"),
                "timing.read_ms" to blueOcean.copy(timing = TimingConfig(readMs = 0)),
                "ca_file" to blueOcean.copy(caFile = "/no/such/file"),
            )) {
                val error =
                    assertThrows<PaywandException.InvalidConfig>(field) {
                        Terminal.open(till.config.copy(gateways = listOf(gateway)))
                    }
                assertEquals("gateways[0].$field" to "invalid_config", error.field to error.code)
            }
            assertEquals(
                "gateways",
                assertThrows<PaywandException.InvalidConfig> {
                    Terminal.open(
                        till.config.copy(gateways = emptyList()),
                    )
                }.field,
            )
            till.reopen()
        }
    }

    @Test
    fun `every error says what happened, in two languages`() {
        val error = PaywandException.KeyReused(7)
        assertTrue(error.text(Language.EN).isNotEmpty() && error.text(Language.ZH) != error.text(Language.EN))
        assertTrue("payment 7" in "$error", "$error")
        for (language in Language.entries) {
            val screen = error.screenText(language)
            assertEquals("key_reused" to Advice.TRY_AGAIN, screen.code to screen.advice)
            assertEquals(error.text(language), screen.cashier)
            assertTrue("7" in screen.cashier && screen.customer.isNotEmpty(), "$screen")
        }
        for (state in PaymentState.entries) {
            assertTrue(state.text(Language.EN).isNotEmpty() && state.text(Language.ZH).isNotEmpty())
            assertEquals(state, PaymentState.valueOf(state.code.uppercase()))
        }
        assertEquals("not_sent", Reason.NOT_SENT.code)
    }

    private inline fun <reified E : PaywandException> refused(
        code: String,
        crossinline call: suspend Terminal.() -> Unit,
    ): E =
        Till().use { till ->
            val error = assertThrows<E> { runBlocking { till.terminal.call() } }
            assertEquals(code, error.code)
            assertEquals(emptyList<Payment>(), till.terminal.payments(), "nothing was stored")
            assertEquals(0, till.calls(), "nothing was sent")
            error
        }
}
