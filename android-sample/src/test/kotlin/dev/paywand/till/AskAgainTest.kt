package dev.paywand.till

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.view.View
import android.widget.Button
import android.widget.ListView
import dev.paywand.Amount
import dev.paywand.GatewayKind
import dev.paywand.Original
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.Reason
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** A till with one payment in doubt, which says what it is asked. */
class OnePaymentTill : TestTillApplication() {
    var payment: Payment = FixedPayments.lost
    val asked = mutableListOf<Long>()

    override val payments: Payments =
        object : Payments by FixedPayments {
            override suspend fun inDoubt(): List<Payment> = listOf(payment)

            override suspend fun file(id: Long) = PaymentFile(payment, emptyList(), emptyList(), refundable = null)

            override suspend fun retry(id: Long): Payment = payment.also { asked += id }
        }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = OnePaymentTill::class)
class AskAgainTest {
    private val till =
        (RuntimeEnvironment.getApplication() as OnePaymentTill).apply {
            settings.accounts = listOf(Account("counter", GatewayKind.BLUEOCEAN_V1, "https://pay.example"))
        }
    private val refund =
        FixedPayments.asking.copy(
            kind = PaymentKind.REFUND,
            amount = Amount(450, "CNY"),
            state = PaymentState.REFUNDING,
            refundOf = Original(31, "sz01abc2603020031", Amount(1_250, "CNY"), "4200001", PaymentKind.CHARGE),
        )
    private val unsent = refund.copy(state = PaymentState.NEEDS_ATTENTION, reason = Reason.NEVER_SEEN)

    @Test
    fun `a refund that the gateway never saw is sent after a question that names its sum`() =
        onBoth(unsent) { screen, button ->
            assertEquals("Send the refund", button.text)
            button.performClick()
            waitUntil("a question") { shownDialog() != null }
            assertEquals("only asked so far", emptyList<Long>(), till.asked)
            assertEquals("Give back ¥4.50?", shownDialog()?.title)
            assertEquals("The money goes back to the customer of the sale of ¥12.50.", shownDialog()?.words)
            screen.confirm()
            waitUntil("the refund") { till.asked == listOf(unsent.id) }
        }

    @Test
    fun `a refund that has come to that behind the screen is not sent without the question`() =
        onBoth(refund) { _, button ->
            assertEquals("Ask again", button.text)
            till.payment = unsent
            button.performClick()
            waitUntil("a question") { shownDialog() != null }
            checkNotNull(shownDialog()).dialog.getButton(AlertDialog.BUTTON_NEGATIVE).performClick()
            idle()
            assertEquals(emptyList<Long>(), till.asked)
        }

    @Test
    fun `what can be asked is asked without a question`() {
        val payments = listOf(FixedPayments.asking, refund, unsent.copy(kind = PaymentKind.CHARGE, refundOf = null))
        for (payment in payments) {
            onBoth(payment) { _, button ->
                assertEquals("Ask again", button.text)
                button.performClick()
                waitUntil("the gateway is asked") { till.asked == listOf(payment.id) }
                assertNull(shownDialog())
            }
        }
    }

    @Test
    fun `where nobody can be asked nothing offers to`() {
        val mute =
            listOf(Reason.CANNOT_ASK, Reason.ACCOUNT_CHANGED, Reason.GATEWAY_MISSING, Reason.STORED_STATE_UNKNOWN)
        for (reason in Reason.entries) {
            onBoth(FixedPayments.lost.copy(reason = reason)) { _, button ->
                assertEquals("$reason", reason !in mute, button.visibility == View.VISIBLE)
            }
        }
    }

    /** Each screen that offers to ask again, with its button. */
    private fun onBoth(
        payment: Payment,
        look: (Screen<out Activity>, Button) -> Unit,
    ) {
        val screens =
            listOf<Pair<Class<out Activity>, Intent?>>(
                DeskActivity::class.java to null,
                DetailActivity::class.java to DetailActivity.intent(till, payment.id),
            )
        for ((kind, intent) in screens) {
            till.payment = payment
            till.asked.clear()
            ShadowAlertDialog.reset()
            screen(kind, intent).use { screen ->
                waitUntil("the payment") { button(screen) != null }
                look(screen, checkNotNull(button(screen)))
            }
        }
    }

    private fun button(screen: Screen<*>): Button? {
        if (screen.activity is DetailActivity) {
            return if (screen.sees(R.id.verdict)) screen.view(R.id.retry) as Button else null
        }
        val list = screen.view(R.id.list) as ListView
        return if (list.count == 0) null else list.adapter.getView(0, null, list).findViewById(R.id.retry)
    }
}
