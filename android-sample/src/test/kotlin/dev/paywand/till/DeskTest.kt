package dev.paywand.till

import android.view.View
import android.widget.ListView
import android.widget.RadioGroup
import android.widget.TextView
import dev.paywand.Language
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.QUICK
import dev.paywand.screenText
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
open class DeskTest {
    /** maxfun's device API cannot be asked: a lost answer needs a person. */
    private fun SandboxTill.lostSale(): Payment {
        plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
        return charge(account = "maxfun").also { assertEquals(PaymentState.NEEDS_ATTENTION, it.state) }
    }

    @Test
    fun `what is in doubt is told in the core's words, and counted in the bar`() =
        SandboxTill().use { till ->
            val lost = till.lostSale()
            screen(DeskActivity::class.java).use { desk ->
                waitUntil("the row") { desk.list().count == 1 }
                val row = desk.list().row(0)
                assertEquals(lost.screenText(Language.EN).cashier, row.text(R.id.words))
                assertEquals("Needs a person" to "¥12.50", row.text(R.id.state) to row.text(R.id.sum))
                waitUntil("the count") { desk.text(R.id.desk_count) == "1" }
                assertEquals("In doubt: 1", desk.view(R.id.tab_desk).contentDescription)
                row.findViewById<View>(R.id.by_hand).performClick()
                assertEquals(SettleActivity::class.java.name, desk.next()?.component?.className)
            }
        }

    @Test
    fun `settled by hand wants an answer, a name and a reason, and leaves the desk`() =
        SandboxTill().use { till ->
            val lost = till.lostSale()
            screen(SettleActivity::class.java, SettleActivity.intent(till.app, lost.id)).use { settle ->
                waitUntil("the payment") { settle.sees(R.id.settle) }
                settle.press(R.id.settle)
                assertTrue(settle.sees(R.id.problem))
                settle.type(R.id.who, "Li Na")
                settle.type(R.id.why, "Seen on the phone")
                settle.press(R.id.settle)
                assertTrue("no answer yet", settle.sees(R.id.problem))
                (settle.view(R.id.answer) as RadioGroup).check(R.id.answer_paid)
                settle.press(R.id.settle)
                assertEquals(PaymentState.NEEDS_ATTENTION, till.terminal.payment(lost.id).state)
                settle.confirm()
                waitUntil("the end of the screen") { settle.activity.isFinishing }
            }
            val settled = till.terminal.payment(lost.id)
            assertEquals(PaymentState.SETTLED_PAID, settled.state)
            assertEquals("Li Na" to "Seen on the phone", settled.settledBy?.let { it.who to it.why })
            screen(DeskActivity::class.java).use { desk -> waitUntil("an empty desk") { desk.sees(R.id.empty) } }
        }

    @Test
    fun `asked again, the gateway tells, and the row goes by itself`() =
        // Nothing is asked by itself for ten minutes.
        SandboxTill(QUICK.copy(firstQueryMs = 600_000, deadlineMs = 1_200_000)).use { till ->
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            val sale = till.charge(limitMs = 1)
            waitUntil("it is asked about") { till.terminal.payment(sale.id).state == PaymentState.QUERYING }
            screen(DeskActivity::class.java).use { desk ->
                waitUntil("the row") { desk.list().count == 1 }
                val row = desk.list().row(0)
                assertFalse(row.findViewById<View>(R.id.by_hand).isShown)
                row.findViewById<View>(R.id.retry).performClick()
                waitUntil("an empty desk") { desk.sees(R.id.empty) }
            }
            assertEquals(PaymentState.PAID, till.terminal.payment(sale.id).state)
        }

    @Test
    fun `a sale in doubt can be cancelled from its own screen`() =
        SandboxTill(QUICK.copy(firstQueryMs = 600_000, deadlineMs = 1_200_000)).use { till ->
            till.plan(mapOf("do" to "never"), mapOf("op" to "charge", "do" to "lost_after"))
            val sale = till.charge(limitMs = 500, account = "blueocean")
            screen(DetailActivity::class.java, DetailActivity.intent(till.app, sale.id)).use { detail ->
                waitUntil("the sale") { detail.sees(R.id.cancel) }
                detail.press(R.id.cancel)
                detail.confirm()
                waitUntil("its end") { detail.text(R.id.verdict_state) == "Cancelled" }
                assertFalse(detail.sees(R.id.cancel))
            }
        }

    private fun Screen<*>.list() = view(R.id.list) as ListView

    private fun ListView.row(position: Int): View = adapter.getView(position, null, this)

    private fun View.text(id: Int) = findViewById<TextView>(id).text.toString()
}
