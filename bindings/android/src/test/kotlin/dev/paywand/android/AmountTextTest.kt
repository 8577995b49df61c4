package dev.paywand.android

import android.app.Activity
import android.os.Looper
import android.util.TypedValue
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaymentState
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The amount can be read on every screen, however narrow that is. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [34])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class AmountTextTest(
    private val qualifiers: String,
    private val fontScale: Float,
) {
    @Test
    fun `an amount of a shop stands whole on one line`() {
        for (minor in listOf<Long>(99_999, 125_000, 999_999, 99_999_999)) {
            for ((name, sale) in sales()) {
                val amount = shown(minor, sale).findViewById<TextView>(R.id.paywand_amount)
                assertEquals("$name: ${amount.text}", 1, amount.layout.lineCount)
            }
        }
    }

    @Test
    fun `an amount too long for a line goes on on the next one`() {
        val amount = shown(Long.MAX_VALUE, sales().getValue("scan")).findViewById<TextView>(R.id.paywand_amount)
        assertEquals("HKD 92233720368547758.07", "${amount.text}")
        assertTrue("${amount.textSize}", amount.textSize >= amount.sp(22f))
    }

    @Test
    fun `a short amount is as large as the layout says`() {
        val amount = shown(1, sales().getValue("scan")).findViewById<TextView>(R.id.paywand_amount)
        assertEquals(amount.sp(48f), amount.textSize, 0.5f)
    }

    private fun TextView.sp(value: Float) =
        TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, value, resources.displayMetrics)

    private fun sales(): Map<String, Sale> {
        val open = Sale(PaymentWay.SCAN, known = true)
        val at = { state: PaymentState -> open.copy(payment = payment(state)) }
        return mapOf(
            "scan" to open,
            "QR" to at(PaymentState.SHOWING_QR),
            "paid" to at(PaymentState.PAID),
            "in doubt" to at(PaymentState.NEEDS_ATTENTION),
        )
    }

    /** The screen of [sale], all of whose head can be read. */
    private fun shown(
        minor: Long,
        sale: Sale,
    ): Activity {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(fontScale)
        val controller = Robolectric.buildActivity(Activity::class.java)
        val activity = controller.get()
        activity.setTheme(R.style.Paywand_Payment)
        controller.create()
        activity.setContentView(R.layout.paywand_payment)
        val call = PaymentCall("till-7/0042", Amount(minor, "HKD"), subject = "Milk tea, large")
        PaymentViews(activity, call, {}, {}).show(screenOf(sale), sale, hasPicture = false)
        controller
            .start()
            .resume()
            .visible()
        shadowOf(Looper.getMainLooper()).idle()
        for (view in Whole.shownViews(activity.findViewById(R.id.paywand_head))) {
            if (view is TextView) Whole.assertWhole(view, "$minor in ${sale.payment?.state}")
        }
        return activity
    }

    companion object {
        @JvmStatic
        @Parameters(name = "{0} at {1}")
        fun screens() =
            listOf(
                arrayOf<Any>("en-w592dp-h360dp-land-notnight-xhdpi", 1f),
                arrayOf<Any>("en-w640dp-h360dp-land-notnight-xhdpi", 1f),
                arrayOf<Any>("en-w320dp-h533dp-port-notnight-hdpi", 1.3f),
                arrayOf<Any>("zh-w360dp-h640dp-port-notnight-xhdpi", 1.3f),
            )
    }
}
