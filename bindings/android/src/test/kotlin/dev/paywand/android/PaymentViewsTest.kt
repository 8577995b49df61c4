package dev.paywand.android

import android.app.Activity
import android.view.View
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaymentState
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** What the sandbox's gateways do not bring about. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
class PaymentViewsTest {
    private val activity = Robolectric.buildActivity(Activity::class.java).create().get()
    private val views: PaymentViews

    init {
        activity.setTheme(R.style.Paywand_Payment)
        activity.setContentView(R.layout.paywand_payment)
        views = PaymentViews(activity, PaymentCall("till-7/0042", Amount(1_250, "HKD")), {}, {})
    }

    @Test
    fun `a QR that is too long to be drawn is told, and can be cancelled`() {
        show(payment(PaymentState.SHOWING_QR).copy(payUrl = "https://pay.example/" + "x".repeat(5_000)))
        assertFalse(shown(R.id.paywand_qr))
        assertFalse(shown(R.id.paywand_figure))
        assertNull("nobody is asked to scan it", text(R.id.paywand_title))
        assertTrue("${text(R.id.paywand_note)}", "holds too much" in text(R.id.paywand_note).orEmpty())
        assertEquals("Cancel", text(R.id.paywand_tertiary))

        show(payment(PaymentState.SHOWING_QR))
        assertTrue(shown(R.id.paywand_qr) && shown(R.id.paywand_figure))
        assertNull(text(R.id.paywand_note))
    }

    @Test
    fun `a settlement that proved wrong is said to stay in no list`() {
        show(payment(PaymentState.NEEDS_ATTENTION))
        assertTrue("${text(R.id.paywand_note)}", "in the list" in text(R.id.paywand_note).orEmpty())
        show(payment(PaymentState.SETTLED_PAID).copy(contradicted = true))
        assertEquals("Do not charge again", text(R.id.paywand_headline))
        assertNull(text(R.id.paywand_note))
    }

    private fun show(payment: Payment) {
        val sale = Sale(PaymentWay.QR, known = true, payment = payment)
        views.show(screenOf(sale), sale, hasPicture = false)
    }

    private fun shown(id: Int) = activity.findViewById<View>(id).visibility == View.VISIBLE

    private fun text(id: Int) =
        activity
            .findViewById<TextView>(id)
            .takeIf { shown(id) }
            ?.text
            ?.toString()
}
