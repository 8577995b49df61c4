package dev.paywand.till

import android.content.ComponentName
import android.content.pm.ActivityInfo
import dev.paywand.Language
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.screenText
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class MoneyBackTest {
    private val till = SandboxTill()

    @After
    fun close() = till.close()

    @Test
    fun `a part, then the rest, and then nothing is left to give back`() {
        val sale = till.charge()
        screen(RefundActivity::class.java, RefundActivity.intent(till.app, sale.id)).use { refund ->
            waitUntil("what is left") { refund.sees(R.id.form) }
            assertEquals("¥12.50", refund.text(R.id.left))
            assertEquals("Give back ¥12.50", refund.text(R.id.give_back))
            refund.type(R.id.amount, "4.50")
            refund.press(R.id.give_back)
            assertEquals("only asked so far", 0, refunds(sale).size)
            refund.confirm()
            waitUntil("the result") { refund.sees(R.id.result) }
            waitUntil("its end") { refund.text(R.id.verdict_state) == "Refunded" }
            val words = refunds(sale).single().screenText(Language.EN).cashier
            assertEquals("¥4.50" to words, refund.text(R.id.verdict_sum) to refund.text(R.id.verdict_words))
        }
        screen(DetailActivity::class.java, DetailActivity.intent(till.app, sale.id)).use { detail ->
            waitUntil("the sale") { detail.sees(R.id.refund) }
            assertTrue(detail.sees(R.id.refunds_title))
        }
        screen(RefundActivity::class.java, RefundActivity.intent(till.app, sale.id)).use { refund ->
            waitUntil("what is left") { refund.sees(R.id.form) }
            assertEquals("¥8.00", refund.text(R.id.left))
            refund.press(R.id.give_back)
            refund.confirm()
            waitUntil("its end") { refund.sees(R.id.result) && refund.text(R.id.verdict_state) == "Refunded" }
        }
        assertEquals(
            1_250L,
            till.orders().single().getJSONArray("refunds").let { given ->
                (0 until given.length()).sumOf { given.getJSONObject(it).getLong("amount_minor") }
            },
        )
        screen(DetailActivity::class.java, DetailActivity.intent(till.app, sale.id)).use { detail ->
            waitUntil("the sale") { detail.sees(R.id.verdict) }
            assertFalse(detail.sees(R.id.refund))
        }
    }

    @Test
    fun `more than is left, or no sum, is not asked for`() {
        val sale = till.charge()
        screen(RefundActivity::class.java, RefundActivity.intent(till.app, sale.id)).use { refund ->
            waitUntil("what is left") { refund.sees(R.id.form) }
            refund.type(R.id.amount, "12.51")
            refund.press(R.id.give_back)
            assertEquals("At most ¥12.50 can be given back.", refund.text(R.id.problem))
            listOf("", "x", "1.234").forEach {
                refund.type(R.id.amount, it)
                assertFalse("“$it”", refund.view(R.id.give_back).isEnabled)
            }
        }
        assertEquals(0, refunds(sale).size)
    }

    @Test
    fun `an account that gives back the whole only says so`() {
        val sale = till.charge(account = "maxfun_tp")
        screen(RefundActivity::class.java, RefundActivity.intent(till.app, sale.id)).use { refund ->
            waitUntil("what is left") { refund.sees(R.id.form) }
            assertTrue(refund.text(R.id.terms).startsWith("This account gives back the whole sum only."))
            assertFalse(refund.view(R.id.amount).isEnabled)
        }
    }

    @Test
    fun `the refund's screen stands once above its payment, however often it is called up`() {
        val refund = ComponentName(till.app, RefundActivity::class.java)
        val info = till.app.packageManager.getActivityInfo(refund, 0)
        assertEquals(ActivityInfo.LAUNCH_SINGLE_TOP, info.launchMode)
    }

    @Test
    fun `a rotation after the refund was asked for finds the same refund`() {
        val sale = till.charge()
        screen(RefundActivity::class.java, RefundActivity.intent(till.app, sale.id)).use { refund ->
            waitUntil("what is left") { refund.sees(R.id.form) }
            refund.press(R.id.give_back)
            refund.confirm()
            refund.rotate()
            waitUntil("the result") { refund.sees(R.id.result) }
            waitUntil("its end") { refund.text(R.id.verdict_state) == "Refunded" }
        }
        assertEquals(listOf(PaymentState.REFUNDED), refunds(sale).map { it.state })
    }

    private fun refunds(sale: Payment) = till.terminal.refunds(sale.id)
}
