package dev.paywand

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

/** Nothing that holds a code or key prints it. */
@Timeout(90)
class SecretsTest {
    private val code = "281234567890123456"
    private val key = "hunter2hunter2hunter2hunter2"
    private val gateways =
        listOf(
            MaxfunDevice("m", "https://pay.example", key),
            BlueOcean("b", "https://pay.example", "1000001", key),
            Bjrcb("j", "https://pay.example", "C100000000001", key, "T1"),
            TencentCpay("t", "https://pay.example", "m", "s", "h", key, "sz01", "T1"),
            Huishouyin("h", "https://pay.example", "a", key),
        )

    @Test
    fun `what holds a key prints stars`() {
        assertEquals("***", "${Secret(key)}")
        for (gateway in gateways) assertTrue("***" in "$gateway" && key !in "$gateway", "$gateway")
        assertFalse(key in "${TerminalConfig("till.db", gateways)}")
    }

    @Test
    fun `what holds a payment code prints stars`() {
        assertEquals("***", "${PaymentCode(code)}")
        assertEquals("****3456", PaymentCode(code).masked())
        val request = ChargeRequest("till-7/0042", "b", Amount(1_250, "HKD"), PaymentCode(code))
        assertTrue("code=***" in "$request" && code !in "$request", "$request")
    }

    @Test
    fun `a scan prints no code, and one that holds none says why in both languages`() {
        val funnel = ScanFunnel().apply { arm() }
        val link = funnel.scan(ScanSource.CAMERA, null, "https://qr.example/$code", 0) as ScanEvent.Unreadable
        assertEquals(Unreadable.LINK, link.why)
        assertFalse("qr.example" in "$link")
        for (why in Unreadable.entries) assertFalse(why.text(Language.EN) == why.text(Language.ZH))
        val event = funnel.scan(ScanSource.BROADCAST, code.encodeToByteArray(), "spoilt", 1)
        assertTrue(event is ScanEvent.Accepted && code !in "$event", "$event")
    }

    @Test
    fun `errors tell neither code nor key`() {
        val refusedCode = assertThrows<PaywandException.InvalidCode> { PaymentCode("$code-") }
        assertSilent(refusedCode)
        for (gateway in gateways) {
            val twice = listOf(gateway, gateway)
            val refused =
                assertThrows<PaywandException.InvalidConfig> { Terminal.open(TerminalConfig("till.db", twice)) }
            assertSilent(refused)
        }
        val tooLong = MaxfunDevice("m", "https://pay.example", key.repeat(5))
        assertSilent(
            assertThrows<PaywandException.InvalidConfig> { Terminal.open(TerminalConfig("till.db", listOf(tooLong))) },
        )
    }

    @Test
    fun `payments and their history hold the masked code only`(): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.terminal.charge(charge(BJRCB, code = code))
                assertEquals("****3456", payment.codeMasked)
                assertFalse(code in "$payment", "$payment")
                val history = till.terminal.history(payment.id)
                assertTrue(history.size >= 2 && code !in "$history", "$history")
                assertEquals("Charge: paid", history.last().text(Language.EN))
                assertEquals("扣款：已支付", history.last().text(Language.ZH))
            }
        }

    private fun assertSilent(error: PaywandException) {
        val text = "$error ${error.message} ${error.text(
            Language.EN,
        )} ${error.text(Language.ZH)} ${error.stackTraceToString()}"
        assertFalse(code in text || key in text, text)
    }
}
