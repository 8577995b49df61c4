package dev.paywand

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import kotlin.time.Duration.Companion.seconds

/** Sales on bad days: lost answers, forged ones, restarts, keys used twice. */
@Timeout(90)
class DoubtTest {
    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB])
    fun `an answer lost after the money moved is found paid`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
                val payment = till.terminal.charge(charge(gateway))
                assertState(PaymentState.PAID, payment)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB])
    fun `forged signatures prove nothing, a person settles`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(
                    rules =
                        arrayOf(
                            mapOf("op" to "charge", "do" to "bad_signature"),
                            mapOf("op" to "query", "do" to "bad_signature", "times" to 0),
                        ),
                )
                val payment = till.terminal.charge(charge(gateway))
                assertState(PaymentState.NEEDS_ATTENTION, payment)
                assertEquals(Reason.SIGNATURE_FAILS, payment.reason)
                assertEquals(listOf(payment.id), till.terminal.inDoubt().map { it.id })
                till.assertLedger(1_250, charges = 1)

                val settled = till.terminal.settleByHand(payment.id, true, "lin", "seen in the merchant portal")
                assertEquals(PaymentState.SETTLED_PAID, settled.state)
                assertEquals(Settlement(true, "lin", "seen in the merchant portal"), settled.settledBy)
            }
        }

    @Test
    fun `a lost answer of a gateway that cannot be asked waits for a person`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
                val payment = till.terminal.charge(charge(MAXFUN))
                assertEquals(PaymentState.NEEDS_ATTENTION to Reason.CANNOT_ASK, payment.state to payment.reason)
                val screen = payment.screenText(Language.EN)
                assertEquals("cannot_ask" to Advice.BY_HAND, screen.code to screen.advice)
                assertEquals(Reason.CANNOT_ASK.text(Language.EN), screen.cashier)
                assertEquals("Please show the cashier this payment on your phone.", screen.customer)
                assertThrows<PaywandException.CannotCancel> { runBlocking { till.terminal.cancel(payment.id) } }

                val settled = till.terminal.settleByHand(payment.id, false, "lin", "the customer's phone shows nothing")
                assertEquals(PaymentState.SETTLED_NOT_PAID, settled.state)
                assertEquals(emptyList<Payment>(), till.terminal.inDoubt())
                assertThrows<PaywandException.NotInAttention> {
                    runBlocking { till.terminal.settleByHand(payment.id, true, "lin", "again") }
                }
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [MAXFUN, BLUEOCEAN, BJRCB])
    fun `the same key twice is one payment`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                val first = till.terminal.charge(charge(gateway, key = "till-7/0042"))
                val second = till.terminal.charge(charge(gateway, key = "till-7/0042"))
                assertEquals(first, second)
                assertEquals(first, till.terminal.find("till-7/0042"))
                till.assertLedger(1_250, charges = 1)
            }
        }

    @Test
    fun `a key used for another sale is refused`(): Unit =
        runBlocking {
            Till().use { till ->
                val first = till.terminal.charge(charge(BLUEOCEAN, key = "till-7/0042"))
                val refused =
                    assertThrows<PaywandException.KeyReused> {
                        runBlocking { till.terminal.charge(charge(BLUEOCEAN, key = "till-7/0042", minor = 1)) }
                    }
                assertEquals(first.id to "key_reused", refused.id to refused.code)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @Test
    fun `the same amount again while the first is in doubt is refused unless it is another sale`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
                val doubtful = till.terminal.charge(charge(MAXFUN))
                val refused =
                    assertThrows<PaywandException.LooksLikeRepeat> {
                        runBlocking { till.terminal.charge(charge(MAXFUN)) }
                    }
                assertEquals(doubtful.id to "looks_like_repeat", refused.id to refused.code)
                val other = till.terminal.charge(charge(MAXFUN).copy(anotherSale = true))
                assertEquals(PaymentState.PAID, other.state)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB])
    fun `what was in flight at a shutdown is found at the next start`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                val deaf = mapOf("op" to "query", "do" to "lost_before", "times" to 0)
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang"), deaf))
                val begun = till.terminal.charge(charge(gateway), 0.seconds)
                till.waitForGates()
                till.restart()
                assertEquals(listOf(begun.id), till.terminal.unfinished().map { it.id })
                till.plan()
                val payment = till.terminal.wait(begun.id, 30.seconds)
                assertState(PaymentState.PAID, payment)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @Test
    fun `a second terminal on the same database is refused`() {
        Till().use { till ->
            val refused = assertThrows<PaywandException.StoreInUse> { Terminal.open(till.config) }
            assertEquals("store_in_use", refused.code)
            assertEquals(till.config.database, refused.path)
        }
    }

    @Test
    fun `closing alone shuts down`() {
        Till().use { till ->
            till.terminal.close()
            assertThrows<IllegalStateException> { till.terminal.payments() }
            // The database is free again.
            Terminal.open(till.config).use { assertTrue(it.payments().isEmpty()) }
            till.reopen()
        }
    }

    @Test
    fun `after the shutdown calls are refused and name the reason`(): Unit =
        runBlocking {
            Till().use { till ->
                till.terminal.shutdown()
                val refused =
                    assertThrows<PaywandException.ShutDown> { runBlocking { till.terminal.charge(charge(BJRCB)) } }
                assertEquals("shut_down", refused.code)
            }
        }

    @Test
    fun `a shutdown ends the calls that wait, and leaves the sale to the next start`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
                val request = charge(BJRCB)
                val waiting = async(Dispatchers.Default) { till.terminal.charge(request) }
                till.waitForGates()
                till.terminal.shutdown()
                assertState(PaymentState.CHARGING, waiting.await())

                till.restart()
                assertState(PaymentState.PAID, till.terminal.charge(request))
                till.assertLedger(1_250, charges = 1)
            }
        }

    @Test
    fun `closing while a call waits lets it end`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
                val waiting = async(Dispatchers.Default) { till.terminal.charge(charge(BJRCB)) }
                till.waitForGates()
                till.terminal.close()
                till.openGates()
                assertState(PaymentState.PAID, waiting.await())
                till.reopen()
            }
        }
}
