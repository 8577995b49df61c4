package dev.paywand

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import kotlin.time.Duration.Companion.seconds

/** Sales that end as sales do: paid, declined, not paid in time. */
@Timeout(90)
class PaidTest {
    @ParameterizedTest
    @ValueSource(strings = [MAXFUN, BLUEOCEAN, BJRCB])
    fun `a charge is paid once`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.terminal.charge(charge(gateway))
                assertState(PaymentState.PAID, payment)
                val evidence = if (gateway == MAXFUN) Evidence.CONNECTION else Evidence.SIGNATURE
                assertEquals(evidence, payment.evidence)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [TENCENT, HUISHOUYIN])
    fun `a QR is shown, then paid once`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                val shown = till.terminal.createQr(qr(gateway))
                assertState(PaymentState.SHOWING_QR, shown)
                assertNotNull(shown.qrToShow)
                val payment = till.terminal.wait(shown.id, 30.seconds)
                assertState(PaymentState.PAID, payment)
                assertNull(payment.qrToShow)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB])
    fun `a customer who types the password late has paid`(gateway: String): Unit =
        runBlocking {
            Till(PATIENT).use { till ->
                till.plan(mapOf("do" to "pays_after", "queries" to 2))
                val payment = till.terminal.charge(charge(gateway))
                assertState(PaymentState.PAID, payment)
                assertEquals(3, till.order().getInt("queries"))
                till.assertLedger(1_250, charges = 1)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [MAXFUN, BLUEOCEAN, BJRCB])
    fun `a declined charge has failed, and no money moved`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(mapOf("do" to "declines"))
                val payment = till.terminal.charge(charge(gateway))
                assertState(PaymentState.FAILED, payment)
                assertTrue(payment.reason == Reason.NOT_PAID || payment.reason == Reason.REFUSED, "$payment")
                till.assertLedger(0, charges = 0)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB])
    fun `a customer who never types the password is reversed`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(mapOf("do" to "never"))
                val payment = till.terminal.charge(charge(gateway))
                assertState(PaymentState.REVERSED, payment)
                till.assertLedger(0, charges = 0)
                assertEquals("reversed", till.order().getString("state"))
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [TENCENT, HUISHOUYIN])
    fun `a QR that no one scans is closed`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(mapOf("do" to "never"))
                val shown = till.terminal.createQr(qr(gateway))
                val payment = till.terminal.wait(shown.id, 30.seconds)
                assertState(PaymentState.CLOSED, payment)
                till.assertLedger(0, charges = 0)
                assertEquals("closed", till.order().getString("state"))
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB])
    fun `a cancelled charge is reversed`(gateway: String): Unit =
        runBlocking {
            Till(PATIENT).use { till ->
                till.plan(mapOf("do" to "never"))
                val begun = till.terminal.charge(charge(gateway), 0.seconds)
                till.terminal.cancel(begun.id)
                val payment = till.terminal.wait(begun.id, 30.seconds)
                assertState(PaymentState.REVERSED, payment)
                till.assertLedger(0, charges = 0)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [TENCENT, HUISHOUYIN])
    fun `a cancelled QR is closed`(gateway: String): Unit =
        runBlocking {
            Till(PATIENT).use { till ->
                till.plan(mapOf("do" to "never"))
                val shown = till.terminal.createQr(qr(gateway))
                till.terminal.cancel(shown.id)
                val payment = till.terminal.wait(shown.id, 30.seconds)
                assertState(PaymentState.CLOSED, payment)
                till.assertLedger(0, charges = 0)
            }
        }
}
