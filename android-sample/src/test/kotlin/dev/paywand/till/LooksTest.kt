package dev.paywand.till

import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class LooksTest {
    private val sale = FixedPayments.paid

    @Test
    fun `a contradicted end that was put right looks like what it is now`() {
        val ends = listOf(PaymentState.FAILED, PaymentState.REVERSED, PaymentState.CLOSED, PaymentState.REFUNDED)
        for (state in ends) {
            assertEquals(
                "$state",
                looks(sale.copy(state = state)),
                looks(sale.copy(state = state, contradicted = true)),
            )
        }
        assertEquals(Temper.BACK to "Given back", looks(sale.copy(state = PaymentState.REFUNDED, contradicted = true)))
    }

    @Test
    fun `a person's word that the gateway contradicts is an alarm`() {
        for (state in listOf(PaymentState.SETTLED_PAID, PaymentState.SETTLED_NOT_PAID)) {
            assertEquals(Temper.ALARM to "Contradicted", looks(sale.copy(state = state, contradicted = true)))
        }
        assertEquals(Temper.GOOD to "Paid, by hand", looks(sale.copy(state = PaymentState.SETTLED_PAID)))
    }

    @Test
    fun `paid after a cancel is an alarm until it is acknowledged`() {
        val late = sale.copy(cancelTooLate = true)
        assertEquals(Temper.ALARM to "Paid after cancel", looks(late))
        assertEquals(Temper.GOOD to "Paid", looks(late.copy(acknowledged = true)))
    }

    @Test
    fun `a day's total counts by hand what was given back by hand too`() {
        val byHand = sale.copy(state = PaymentState.SETTLED_PAID, received = null)
        val refund = byHand.copy(kind = PaymentKind.REFUND, amount = Amount(850, "CNY"))
        val dollars = byHand.copy(amount = Amount(500, "HKD"))
        val notPaid = byHand.copy(state = PaymentState.SETTLED_NOT_PAID)
        val total = DayTotal.of(listOf(sale, byHand, refund, dollars, notPaid))
        assertEquals(3 to 1, total.paid to total.refunded)
        assertEquals(listOf(Amount(24_850, "CNY"), Amount(500, "HKD")), total.amounts())
        assertEquals(3, total.byHand)
        assertEquals(listOf(Amount(12_000, "CNY"), Amount(500, "HKD")), total.byHandAmounts())
    }

    private fun looks(payment: Payment) = payment.look(RuntimeEnvironment.getApplication()).run { temper to word }
}
