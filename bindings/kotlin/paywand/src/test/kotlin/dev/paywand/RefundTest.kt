package dev.paywand

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import org.junit.jupiter.params.provider.ValueSource
import kotlin.time.Duration.Companion.seconds

/** Money that goes back: all of it, a part, never more than came in. */
@Timeout(90)
class RefundTest {
    @ParameterizedTest
    @MethodSource("sales")
    fun `a payment is given back whole`(
        gateway: String,
        kind: PaymentKind,
    ): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.sell(gateway, kind)
                assertState(PaymentState.PAID, payment)
                val refund = till.terminal.refund(RefundRequest(newKey(), payment.id), 30.seconds)
                assertState(PaymentState.REFUNDED, refund)
                assertEquals(PaymentKind.REFUND to payment.id, refund.kind to refund.refundOf?.id)
                assertEquals(1_250, till.refunded())
                assertState(PaymentState.PAID, till.terminal.payment(payment.id))
                assertEquals(listOf(refund), till.terminal.refunds(payment.id))
                assertEquals(
                    0,
                    till.terminal
                        .refundable(payment.id)
                        .left.minor,
                )
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB, TENCENT, HUISHOUYIN])
    fun `parts never pass what came in, also when two come at once`(gateway: String): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.sell(gateway, PaymentKind.CHARGE)
                val part = Amount(800, payment.amount.currency)
                val answers =
                    List(2) {
                        async {
                            runCatching {
                                till.terminal.refund(
                                    RefundRequest(newKey(), payment.id, part, anotherRefund = true),
                                    30.seconds,
                                )
                            }
                        }
                    }.awaitAll()
                assertEquals(1, answers.count { it.isSuccess }, "$answers")
                val refused = answers.single { it.isFailure }.exceptionOrNull()
                assertEquals("refund_too_large", (refused as PaywandException).code)
                assertEquals(800, till.refunded())
                val rest = till.terminal.refund(RefundRequest(newKey(), payment.id), 30.seconds)
                assertState(PaymentState.REFUNDED, rest)
                assertEquals(450 to 1_250L, rest.amount.minor.toInt() to till.refunded())
            }
        }

    @Test
    fun `maxfun's merchant API gives back the whole and no part`(): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.sell(MAXFUN_TP, PaymentKind.CHARGE)
                assertFalse(till.terminal.refundable(payment.id).partial)
                assertThrows<PaywandException.UnsupportedOperation> {
                    runBlocking { till.terminal.refund(RefundRequest(newKey(), payment.id, Amount(1, "CNY"))) }
                }
            }
        }

    @Test
    fun `a refund whose answer is lost is found again after a restart, and paid once`(): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.sell(BLUEOCEAN, PaymentKind.CHARGE)
                till.plan(mapOf("do" to "pays"), mapOf("op" to "refund", "do" to "lost_after"))
                val calls = till.calls()
                val begun = till.terminal.refund(RefundRequest(newKey(), payment.id), 0.seconds)
                till.waitForCalls(calls + 1)
                till.restart()
                assertState(PaymentState.REFUNDED, till.terminal.wait(begun.id, 30.seconds))
                assertEquals(1_250, till.refunded())
                assertEquals(1, till.order().getJSONArray("refunds").length())
            }
        }

    @Test
    fun `accepted is not refunded, and CHANGE is a person's`(): Unit =
        runBlocking {
            // It asks again after a minute.
            Till(QUICK.copy(reverseRetryMs = 2_000)).use { till ->
                val payment = till.sell(TENCENT, PaymentKind.CHARGE)
                till.planRefunds(mapOf("do" to "changes"))
                val refund = till.terminal.refund(RefundRequest(newKey(), payment.id), 30.seconds)
                assertState(PaymentState.NEEDS_ATTENTION, refund)
                assertEquals(Reason.REFUND_CHANGED, refund.reason)
                assertEquals(listOf(refund.id), till.terminal.inDoubt().map { it.id })
                val settled = till.terminal.settleByHand(refund.id, true, "Li", "paid out in cash")
                assertState(PaymentState.SETTLED_PAID, settled)
            }
        }

    @Test
    fun `what is not paid cannot be given back`(): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(mapOf("do" to "declines"))
                val payment = till.terminal.charge(charge(BLUEOCEAN))
                assertThrows<PaywandException.NotRefundable> {
                    runBlocking { till.terminal.refund(RefundRequest(newKey(), payment.id)) }
                }
            }
        }

    companion object {
        /** Where a payment can be given back. */
        @JvmStatic
        fun sales(): List<Array<Any>> = SALES.filter { it.first != MAXFUN }.map { arrayOf(it.first, it.second) }
    }
}
