package dev.paywand.android

import android.view.View
import android.widget.Button
import android.widget.TextView
import dev.paywand.BLUEOCEAN
import dev.paywand.MAXFUN
import dev.paywand.TENCENT
import dev.paywand.newCode
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** A picture of every screen; on each nothing is cut off and every target is large enough. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [34])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class PaymentScreenshotTest(
    private val name: String,
    private val qualifiers: String,
    private val fontScale: Float,
) {
    @Test
    fun `every screen`() {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(fontScale)
        PaymentDesk().use { desk ->
            desk.scanToPaid()
            desk.cancelled()
            desk.qr()
        }
        PaymentDesk().use { it.doubtAndRepeat() }
    }

    private fun PaymentDesk.scanToPaid() {
        till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "hang"), mapOf("op" to "charge", "do" to "busy")))
        open()
        until("it asks for a scan") { isShown(R.id.paywand_scan) }
        photograph("scan")
        scan("https://example.com/poster")
        photograph("unreadable")
        scan()
        till.waitForGates()
        until("it works") { isShown(R.id.paywand_hint) && isShown(R.id.paywand_tertiary) }
        photograph("working")
        press(R.string.paywand_payment_cancel)
        photograph("ask_cancel")
        press(R.string.paywand_payment_ask_cancel_no)
        till.openGates()
        untilHeadline(R.string.paywand_payment_paid)
        photograph("paid")
        leave()
    }

    private fun PaymentDesk.cancelled() {
        till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "refused")))
        open()
        scan()
        untilHeadline(R.string.paywand_payment_not_paid)
        photograph("not_paid")
        leave()
        open(PaymentDesk.call(gateway = BLUEOCEAN, minor = 98_765_432_100))
        scan()
        until("refused") { activity.getString(R.string.paywand_payment_refused) == text(R.id.paywand_title) }
        photograph("refused")
        leave()
    }

    private fun PaymentDesk.qr() {
        till.plan(mapOf("do" to "never"), mapOf("op" to "query", "do" to "hang"))
        open(PaymentDesk.call(PaymentWay.QR, TENCENT))
        until("a QR is shown") { isShown(R.id.paywand_qr) }
        photograph("qr")
        till.waitForGates()
        till.openGates()
        leave()
    }

    private fun PaymentDesk.doubtAndRepeat() {
        till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
        open(PaymentDesk.call(gateway = MAXFUN))
        scan(newCode(MAXFUN))
        untilHeadline(R.string.paywand_payment_doubt)
        photograph("doubt")
        leave()
        open(PaymentDesk.call(gateway = MAXFUN))
        scan(newCode(MAXFUN))
        untilHeadline(R.string.paywand_payment_repeat)
        photograph("repeat")
        leave()
    }

    private fun PaymentDesk.photograph(screen: String) {
        val root: View = activity.window.decorView
        Pictures.take(activity.window, "payment-${screen.replace('_', '-')}-$name")
        Whole.shownViews(root).forEach { check(it, screen) }
    }

    private fun check(
        view: View,
        screen: String,
    ) {
        if (view is TextView) Whole.assertWhole(view, screen)
        if (view is Button) {
            val dp = view.height / view.resources.displayMetrics.density
            assertTrue("$screen: ${view.text} is $dp dp high", dp >= 56)
        }
    }

    companion object {
        private const val SMALL = "w360dp-h640dp-port"

        @JvmStatic
        @Parameters(name = "{0}")
        fun screens() =
            listOf(
                arrayOf<Any>("en-day", "en-$SMALL-notnight-xhdpi", 1f),
                arrayOf<Any>("en-night", "en-$SMALL-night-xhdpi", 1f),
                arrayOf<Any>("zh-day", "zh-$SMALL-notnight-xhdpi", 1f),
                arrayOf<Any>("zh-night", "zh-$SMALL-night-xhdpi", 1f),
                arrayOf<Any>("en-large-text", "en-$SMALL-notnight-xhdpi", 1.3f),
                arrayOf<Any>("zh-large-text", "zh-$SMALL-night-xhdpi", 1.3f),
                arrayOf<Any>("en-5.5-inch", "en-w411dp-h731dp-port-notnight-420dpi", 1.3f),
                arrayOf<Any>("en-landscape", "en-w640dp-h360dp-land-notnight-xhdpi", 1f),
            )
    }
}
