package dev.paywand

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import kotlin.time.Duration.Companion.seconds

/** Who hears of changes, and who stops listening. */
@Timeout(90)
class UpdatesTest {
    private val hang = arrayOf(mapOf("op" to "charge", "do" to "hang"), mapOf("op" to "query", "do" to "hang"))

    @Test
    fun `updates show every state in order`(): Unit =
        runBlocking {
            Till(PATIENT).use { till ->
                till.plan(mapOf("do" to "pays_after", "queries" to 1), *hang)
                val updates = till.terminal.updates()
                val begun = till.terminal.charge(charge(BLUEOCEAN), 0.seconds)
                val held = mutableSetOf(PaymentState.CHARGING, PaymentState.QUERYING)
                val seen =
                    updates.transformWhile {
                        assertEquals(begun.id, it.id)
                        // Charge and first query are held until their state has been seen: none can be skipped.
                        if (held.remove(it.state)) {
                            till.waitForGates()
                            till.openGates()
                        }
                        emit(it.state)
                        !it.isFinal
                    }
                assertEquals(
                    listOf(PaymentState.CHARGING, PaymentState.QUERYING, PaymentState.PAID),
                    seen.toList().distinct(),
                )
            }
        }

    @Test
    fun `what changes before the collection begins is not missed`(): Unit =
        runBlocking {
            Till().use { till ->
                val updates = till.terminal.updates()
                val paid = till.terminal.charge(charge(BJRCB))
                assertEquals(paid, updates.first { it.isFinal })
            }
        }

    @Test
    fun `updates are collected once`(): Unit =
        runBlocking {
            Till().use { till ->
                val updates = till.terminal.updates()
                till.terminal.charge(charge(BJRCB))
                updates.first()
                assertThrows(IllegalStateException::class.java) { runBlocking { updates.first() } }
            }
        }

    @Test
    fun `cancelling the coroutine that waits does not stop the sale`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = hang)
                val request = charge(BLUEOCEAN)
                val waiting = launch(Dispatchers.Default) { till.terminal.charge(request) }
                till.waitForGates()
                waiting.cancelAndJoin()
                assertTrue(waiting.isCancelled)

                till.openGates()
                val payment = till.terminal.charge(request)
                assertState(PaymentState.PAID, payment)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @Test
    fun `a listener that throws harms nothing`(): Unit =
        runBlocking {
            Till().use { till ->
                val updates = till.terminal.updates()
                val calls = Channel<PaymentState>(Channel.UNLIMITED)
                val thrower =
                    object : PaymentListener {
                        override fun onPayment(payment: Payment) {
                            calls.trySend(payment.state)
                            error("the screen is gone")
                        }
                    }
                till.terminal.subscribe(thrower).use {
                    assertEquals(PaymentState.PAID, till.terminal.charge(charge(BJRCB)).state)
                    assertEquals(PaymentState.PAID, updates.map { it.state }.first { it.isFinal })
                    while (!calls.receive().isFinal) continue
                }
            }
        }

    @Test
    fun `a wait ends at its limit, with the payment as it stands`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(rules = hang)
                val begun = till.terminal.charge(charge(BLUEOCEAN), 0.seconds)
                till.waitForGates()
                val waiting = async { till.terminal.wait(begun.id, 1) }
                assertEquals(PaymentState.CHARGING, waiting.await().state)
                till.openGates()
                assertEquals(PaymentState.PAID, till.terminal.wait(begun.id, 30.seconds).state)
            }
        }
}
