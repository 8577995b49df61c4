package dev.paywand.till

import android.app.Activity
import android.os.Build
import android.widget.Spinner
import dev.paywand.Language
import dev.paywand.PaymentState
import dev.paywand.QUICK
import dev.paywand.android.PaymentActivity
import dev.paywand.screenText
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
open class KeypadTest {
    // Undecided for as long as a test wants: nothing is reversed by itself.
    private val till = SandboxTill(QUICK.copy(deadlineMs = 600_000))
    private val keypad = screen(KeypadActivity::class.java)

    @After
    fun close() {
        keypad.close()
        till.close()
    }

    @Test
    fun `keys make an amount with two decimals`() {
        assertEquals("¥0.00", keypad.text(R.id.amount))
        press(1, 2)
        assertEquals("¥0.12", keypad.text(R.id.amount))
        press(5)
        keypad.press(R.id.key_00)
        assertEquals("¥125.00", keypad.text(R.id.amount))
        keypad.press(R.id.key_erase)
        assertEquals("¥12.50", keypad.text(R.id.amount))
        assertEquals("Amount ¥12.50", keypad.view(R.id.amount).contentDescription)
        keypad.view(R.id.key_erase).performLongClick()
        assertEquals("¥0.00", keypad.text(R.id.amount))
    }

    @Test
    fun `an amount that is too long is said, and not keyed in`() {
        repeat(8) { press(9) }
        assertEquals("¥999999.99", keypad.text(R.id.amount))
        press(9)
        assertEquals("¥999999.99", keypad.text(R.id.amount))
        assertEquals("No more than ¥999999.99", keypad.text(R.id.problem))
        keypad.press(R.id.key_erase)
        assertFalse(keypad.sees(R.id.problem))
    }

    @Test
    fun `without an amount nothing is begun`() {
        keypad.press(R.id.scan)
        assertEquals("Enter an amount first.", keypad.text(R.id.problem))
        assertNull(till.settings.openSale)
        assertNull(keypad.next())
    }

    @Test
    fun `the account decides the currency, and whether there is a QR to show`() {
        choose("blueocean")
        assertEquals("HK$0.00", keypad.text(R.id.amount))
        assertTrue(keypad.sees(R.id.show_qr))
        choose("maxfun")
        assertEquals("¥0.00", keypad.text(R.id.amount))
        assertFalse(keypad.sees(R.id.show_qr))
    }

    @Test
    fun `the key of a sale is on the disk before its screen is called up`() {
        press(1, 2, 5, 0)
        keypad.type(R.id.subject, "Tea")
        keypad.press(R.id.scan)
        val call = checkNotNull(Settings(till.app).openSale)
        assertEquals(1_250L, call.amount.minor)
        assertEquals("CNY" to "Tea", call.amount.currency to call.subject)
        assertEquals("dev.paywand.android.PaymentActivity", keypad.next()?.component?.className)
    }

    @Test
    fun `a sale that is seen to its end leaves an empty keypad, and the next has a key of its own`() {
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        val first = checkNotNull(till.settings.openSale)
        assertEquals(PaymentState.PAID, till.charge(first.requestKey).state)
        comeBack()
        waitUntil("an empty keypad") { till.settings.openSale == null }
        assertEquals("¥0.00", keypad.text(R.id.amount))
        assertFalse(keypad.sees(R.id.open_sale))
        press(3)
        keypad.press(R.id.scan)
        assertNotEquals(first.requestKey, checkNotNull(till.settings.openSale).requestKey)
    }

    @Test
    fun `pressed twice is one sale under one key, however the second press asks for it`() {
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        val first = checkNotNull(till.settings.openSale)
        keypad.press(R.id.scan)
        keypad.press(R.id.show_qr)
        assertEquals(first, till.settings.openSale)
        assertNotNull(keypad.next())
        assertNull("a second screen", keypad.next())
        comeBack(Activity.RESULT_CANCELED)
        waitUntil("the end of the first") { till.settings.openSale == null }
        keypad.press(R.id.show_qr)
        val next = checkNotNull(till.settings.openSale)
        assertNotEquals(first.requestKey, next.requestKey)
        assertTrue(next.showQr)
    }

    @Test
    fun `a sale that goes on is opened once, however often it is pressed`() {
        val key = perhapsBegun()
        assertNotNull(keypad.next())
        keypad.press(R.id.open_sale_open)
        keypad.press(R.id.open_sale_open)
        keypad.press(R.id.scan)
        assertEquals(key, keypad.next()?.getStringExtra("dev.paywand.android.REQUEST_KEY"))
        assertNull("a second screen", keypad.next())
        assertEquals(key, till.settings.openSale?.requestKey)
    }

    @Test
    fun `a sale that was begun and never sent leaves its amount`() {
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        till.dieAndStart()
        screen(KeypadActivity::class.java).use { again ->
            waitUntil("the amount") { again.text(R.id.amount) == "¥12.50" }
            assertNull(till.settings.openSale)
            assertFalse(again.sees(R.id.open_sale))
        }
    }

    @Test
    fun `a sale is found again after the process has died, and told when it has ended`() {
        till.plan(
            mapOf("do" to "pays"),
            mapOf("op" to "charge", "do" to "lost_after"),
            mapOf(
                "op" to "query",
                "do" to "http_500",
                "times" to 0,
            ),
        )
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        val key = checkNotNull(till.settings.openSale).requestKey
        assertFalse(till.charge(key, limitMs = 1).isFinal)
        till.waitForCalls(2)
        till.dieAndStart()
        screen(KeypadActivity::class.java).use { again ->
            waitUntil("the sale") { again.sees(R.id.open_sale) }
            assertEquals("Sale of ¥12.50 is not finished", again.text(R.id.open_sale_title))
            assertTrue(again.text(R.id.open_sale_words), "Do not charge again" in again.text(R.id.open_sale_words))

            till.plan()
            waitUntil("its end") { again.text(R.id.open_sale_title) == "Found again: sale of ¥12.50" }
            val paid = checkNotNull(till.terminal.find(key))
            assertEquals(PaymentState.PAID, paid.state)
            assertEquals(paid.screenText(Language.EN).cashier, again.text(R.id.open_sale_words))
            again.press(R.id.open_sale_open)
            assertEquals(DetailActivity::class.java.name, again.next()?.component?.className)
            assertNull(till.settings.openSale)
        }
        assertEquals(1, till.orders().single().getInt("charges"))
    }

    @Test
    fun `a cashier who is quicker than the opening of the store loses nothing`() {
        till.dieAndStart()
        screen(KeypadActivity::class.java).use { quick ->
            quick.press(R.id.key_5)
            quick.press(R.id.scan)
            val key = checkNotNull(till.settings.openSale).requestKey
            till.terminal
            repeat(20) {
                idle()
                Thread.sleep(5)
            }
            assertEquals(key, till.settings.openSale?.requestKey)
        }
    }

    @Test
    fun `a sale that goes on is taken up again in its own screen`() {
        till.plan(
            mapOf("do" to "pays"),
            mapOf("op" to "charge", "do" to "lost_after"),
            mapOf(
                "op" to "query",
                "do" to "http_500",
                "times" to 0,
            ),
        )
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        val key = checkNotNull(till.settings.openSale).requestKey
        till.charge(key, limitMs = 1)
        till.waitForCalls(2)
        till.dieAndStart()
        screen(KeypadActivity::class.java).use { again ->
            waitUntil("the sale") { again.sees(R.id.open_sale) }
            again.press(R.id.open_sale_open)
            assertEquals(key, again.next()?.getStringExtra("dev.paywand.android.REQUEST_KEY"))
        }
    }

    @Test
    fun `a sale that may be on its way keeps its key, and is offered again under it`() {
        val key = perhapsBegun()
        assertEquals("Sale of ¥12.50 may be on its way", keypad.text(R.id.open_sale_title))
        assertEquals("no amount for a second sale", "¥0.00", keypad.text(R.id.amount))
        keypad.rotate()
        waitUntil("the notice") { keypad.sees(R.id.open_sale) }
        keypad.press(R.id.open_sale_open)
        val again = shadowOf(keypad.activity).peekNextStartedActivityForResult().intent
        assertEquals(key, again.getStringExtra("dev.paywand.android.REQUEST_KEY"))

        comeBack(Activity.RESULT_CANCELED)
        waitUntil("the amount") { keypad.text(R.id.amount) == "¥12.50" }
        assertNull("nothing was begun", till.settings.openSale)
        assertFalse(keypad.sees(R.id.open_sale))
    }

    @Test
    fun `a sale that was on its way is told when the store knows of it`() {
        val key = perhapsBegun()
        assertEquals(PaymentState.PAID, till.charge(key).state)
        waitUntil("its end") { keypad.text(R.id.open_sale_title) == "Found again: sale of ¥12.50" }
        assertEquals(key, till.settings.openSale?.requestKey)
        keypad.press(R.id.open_sale_open)
        assertEquals(DetailActivity::class.java.name, keypad.next()?.component?.className)
    }

    @Test
    fun `a sale that ended behind the cashier's back is told`() {
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        till.charge(checkNotNull(till.settings.openSale).requestKey)
        comeBack(PaymentActivity.RESULT_IN_DOUBT)
        waitUntil("its end") { keypad.sees(R.id.open_sale) }
        assertEquals("Found again: sale of ¥12.50", keypad.text(R.id.open_sale_title))
    }

    @Test
    fun `a new process knows that nothing was on its way`() {
        perhapsBegun()
        till.dieAndStart()
        screen(KeypadActivity::class.java).use { again ->
            waitUntil("the amount") { again.text(R.id.amount) == "¥12.50" }
            assertNull(till.settings.openSale)
        }
    }

    @Test
    fun `whether the till may notify is asked once, on Android 13 and later`() {
        till.settings.askedToNotify = false
        val asked = if (Build.VERSION.SDK_INT < 33) null else listOf("android.permission.POST_NOTIFICATIONS")
        assertEquals(asked, screen(KeypadActivity::class.java).use { it.askedFor() })
        assertNull("a second time", screen(KeypadActivity::class.java).use { it.askedFor() })
        till.settings.accounts = emptyList()
        till.settings.askedToNotify = false
        assertNull("before there is an account", screen(KeypadActivity::class.java).use { it.askedFor() })
    }

    private fun Screen<*>.askedFor() = shadowOf(activity).lastRequestedPermission?.requestedPermissions?.toList()

    @Test
    fun `a rotation keeps the amount`() {
        press(1, 2, 5, 0)
        assertEquals("¥12.50", keypad.rotate().text(R.id.amount))
    }

    @Test
    fun `Chinese words and currency`() {
        RuntimeEnvironment.setQualifiers("+zh")
        screen(KeypadActivity::class.java).use { chinese ->
            chinese.press(R.id.scan)
            assertEquals("请先输入金额。", chinese.text(R.id.problem))
            assertNotNull(chinese.text(R.id.sandbox_banner).takeIf { "沙盒" in it })
        }
    }

    private fun press(vararg digits: Int) =
        digits.forEach { digit ->
            val name = "key_$digit"
            keypad.press(till.app.resources.getIdentifier(name, "id", till.app.packageName))
        }

    private fun choose(account: String) {
        val position = till.settings.accounts.indexOfFirst { it.id == account }
        (keypad.view(R.id.gateway) as Spinner).setSelection(position)
        idle()
    }

    private fun comeBack(result: Int = Activity.RESULT_OK) {
        val started = shadowOf(keypad.activity).nextStartedActivityForResult
        keypad.leave()
        shadowOf(keypad.activity).receiveResult(started.intent, result, null)
        keypad.comeBack()
    }

    /** A sale of 12.50 that its screen has left as perhaps begun, with nothing in the store; its key. */
    private fun perhapsBegun(): String {
        press(1, 2, 5, 0)
        keypad.press(R.id.scan)
        comeBack(PaymentActivity.RESULT_IN_DOUBT)
        waitUntil("the notice") { keypad.sees(R.id.open_sale) }
        return checkNotNull(till.settings.openSale).requestKey
    }
}
