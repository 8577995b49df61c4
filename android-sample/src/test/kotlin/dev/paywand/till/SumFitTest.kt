package dev.paywand.till

import android.app.Activity
import android.text.Layout
import android.widget.Spinner
import android.widget.TextView
import dev.paywand.Amount
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Sums on the smallest handhelds, in large type: each stands whole on one line, since half of it is another sum. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class SumFitTest(
    private val device: String,
    private val language: String,
) {
    private val till get() = RuntimeEnvironment.getApplication() as FixedTill

    @Test
    fun `a sum is neither cut nor broken`() {
        RuntimeEnvironment.setQualifiers("+$language-$device")
        RuntimeEnvironment.setFontScale(1.3f)
        val broken =
            SUMS.flatMap { sum ->
                SHOTS.flatMap { shot ->
                    open(shot, sum).use { screen ->
                        val texts = texts(screen.activity).filter { sum.shown() in it.text }
                        assertTrue("$shot does not show ${sum.shown()}", texts.isNotEmpty())
                        texts.mapNotNull { text ->
                            (problem(text) ?: brokenIn(text, sum))?.let { "$shot ${name(text)}: $it" }
                        }
                    }
                }
            }
        assertEquals(emptyList<String>(), broken)
    }

    private fun open(
        shot: Shot,
        sum: Amount,
    ): Screen<out Activity> {
        till.payments = PaymentsOf(sum)
        till.settings.openSale = null
        shot.arrange(till)
        till.settings.openSale = till.settings.openSale?.copy(amount = sum)
        val screen = screen(shot.kind, shot.intent(till))
        if (shot == Shot.KEYPAD) key(screen, sum) else shot.act(screen)
        repeat(3) { idle() }
        return screen
    }

    private fun key(
        screen: Screen<*>,
        sum: Amount,
    ) {
        val account = till.settings.accounts.indexOfFirst { it.form.currency == sum.currency }
        (screen.view(R.id.gateway) as Spinner).setSelection(account)
        idle()
        "${sum.minor}".forEach { digit ->
            screen.press(till.resources.getIdentifier("key_$digit", "id", till.packageName))
        }
    }

    private fun brokenIn(
        text: TextView,
        sum: Amount,
    ): String? {
        val layout: Layout = text.layout
        val start = text.text.indexOf(sum.shown())
        val lines = layout.getLineForOffset(start)..layout.getLineForOffset(start + sum.shown().length - 1)
        return if (lines.first == lines.last) null else "broken: ${text.text}"
    }

    companion object {
        private val SUMS =
            listOf(
                Amount(12_505, "HKD"),
                Amount(1_234_567, "CNY"),
                Amount(99_999_999, "CNY"),
                Amount(99_999_999, "HKD"),
            )
        private val SHOTS =
            listOf(
                Shot.KEYPAD,
                Shot.FOUND_AGAIN,
                Shot.HISTORY,
                Shot.PAYMENT,
                Shot.PAYMENT_IN_DOUBT,
                Shot.REFUND,
                Shot.DESK,
                Shot.SETTLE,
            )

        @JvmStatic
        @Parameters(name = "{0} {1}")
        fun devices(): List<Array<String>> =
            listOf("w320dp-h533dp-port-hdpi", "w592dp-h360dp-land-hdpi").flatMap { device ->
                listOf("en", "zh").map { arrayOf(device, it) }
            }
    }
}
