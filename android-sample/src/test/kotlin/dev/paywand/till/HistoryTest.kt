package dev.paywand.till

import android.view.View
import android.widget.ListView
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.PaymentState
import dev.paywand.RefundRequest
import dev.paywand.android.Paywand
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
class HistoryTest {
    private val till = SandboxTill()

    @After
    fun close() = till.close()

    @Test
    fun `a day's head says what it came to, by currency, refunds taken off`() {
        val sale = till.charge()
        till.charge(minor = 800)
        till.charge(minor = 5_000, account = "blueocean")
        till.plan(mapOf("do" to "declines", "at_once" to true))
        till.charge(minor = 100)
        till.plan()
        await { Paywand.terminal().refund(RefundRequest(newRequestKey(), sale.id, Amount(450, "CNY"))) }
        screen(HistoryActivity::class.java).use { history ->
            val list = history.list()
            waitUntil("all rows") { list.count == 6 }
            val head = list.row(0)
            assertEquals("3 paid, 1 refunded", head.text(R.id.day_count))
            assertEquals("¥16.00\nHK$50.00", head.text(R.id.day_total))
            val newest = list.row(1)
            assertEquals("Refunded" to "\u2212¥4.50", newest.text(R.id.state) to newest.text(R.id.sum))
            assertEquals("Not paid" to "¥1.00", list.row(2).run { text(R.id.state) to text(R.id.sum) })
            list.performItemClick(newest, 1, 0)
            assertEquals(DetailActivity::class.java.name, history.next()?.component?.className)
        }
    }

    @Test
    fun `what was settled by hand stands apart from what is proved`() {
        till.charge(minor = 800)
        till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
        val lost = till.charge(account = "maxfun")
        till.plan()
        await { Paywand.terminal().settleByHand(lost.id, true, "Li Na", "Seen on the phone") }
        screen(HistoryActivity::class.java).use { history ->
            val list = history.list()
            waitUntil("all rows") { list.count == 3 }
            val head = list.row(0)
            assertEquals("2 paid" to "¥20.50", head.text(R.id.day_count) to head.text(R.id.day_total))
            assertEquals("of it settled by hand: 1 · ¥12.50", head.text(R.id.day_by_hand))
            assertEquals(View.VISIBLE, head.findViewById<View>(R.id.day_by_hand).visibility)
        }
    }

    @Test
    fun `where nothing was settled by hand, nothing is said of it`() {
        val sale = till.charge()
        val days = listOf(sale, sale.copy(businessDay = "2026-03-02", state = PaymentState.SETTLED_PAID))
        val rows = HistoryRows(till.app)
        rows.show(days, days.groupBy { it.businessDay }.mapValues { DayTotal.of(it.value) })
        val byHand = rows.getView(2, null, ListView(till.app))
        assertEquals("of it settled by hand: 1 · ¥12.50", byHand.text(R.id.day_by_hand))
        val proved = rows.getView(0, byHand, ListView(till.app))
        assertEquals(View.GONE, proved.findViewById<View>(R.id.day_by_hand).visibility)
    }

    @Test
    fun `older payments come page by page`() {
        repeat(Payments.PAGE + 3) { till.charge(minor = 100) }
        screen(HistoryActivity::class.java).use { history ->
            val list = history.list()
            waitUntil("the first page") { list.count > 0 }
            assertEquals("the day's total knows the other page", "¥53.00", list.row(0).text(R.id.day_total))
            assertEquals(Payments.PAGE + 1, list.count)
            list.setSelection(Payments.PAGE)
            waitUntil("the second page") { list.count == Payments.PAGE + 4 }
        }
    }

    @Test
    fun `a sale that is paid meanwhile is seen without a touch`() {
        screen(HistoryActivity::class.java).use { history ->
            waitUntil("an empty list") { history.sees(R.id.empty) }
            till.charge()
            waitUntil("the sale") { history.list().count == 2 && history.list().row(1).text(R.id.state) == "Paid" }
            assertFalse(history.sees(R.id.empty))
        }
    }

    @Test
    fun `rows of several days stand under their own heads`() {
        val sale = till.charge()
        val days =
            listOf("2026-03-03", "2026-03-03", "2026-03-02").mapIndexed { index, day ->
                sale.copy(id = 9L - index, businessDay = day)
            }
        val rows = HistoryRows(till.app)
        rows.show(days, days.groupBy { it.businessDay }.mapValues { DayTotal.of(it.value) })
        assertEquals(listOf(null, 9L, 8L, null, 7L), (0 until rows.count).map { rows.payment(it)?.id })
        val list = ListView(till.app)
        assertEquals("Tuesday, Mar 3", rows.getView(0, null, list).text(R.id.day))
        assertEquals("¥25.00", rows.getView(0, null, list).text(R.id.day_total))
        assertTrue(rows.isEnabled(1) && !rows.isEnabled(3))
    }

    private fun Screen<*>.list() = view(R.id.list) as ListView

    private fun ListView.row(position: Int): View = adapter.getView(position, null, this)

    private fun View.text(id: Int) = findViewById<TextView>(id).text.toString()
}
