package dev.paywand.till

import android.content.Intent
import android.view.KeyCharacterMap
import android.view.KeyEvent
import android.widget.Button
import dev.paywand.Language
import dev.paywand.PATIENT
import dev.paywand.PaymentState
import dev.paywand.ScanSource
import dev.paywand.android.CodeDecoder
import dev.paywand.android.Frame
import dev.paywand.android.PaymentActivity
import dev.paywand.android.Printed
import dev.paywand.android.Scanner
import dev.paywand.newCode
import dev.paywand.screenText
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import dev.paywand.android.R as Library

/** Sales from the keypad to their end, on the library's screen, with the real core and the sandbox. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
open class SaleTest {
    private val till = SandboxTill(PATIENT)
    private var keypad = screen(KeypadActivity::class.java)
    private var sale: Screen<PaymentActivity>? = null
    private var called: Intent? = null

    @After
    fun close() {
        sale?.close()
        keypad.close()
        till.close()
    }

    @Test
    fun `a scan head's broadcast is a sale, and the keypad is empty after it`() {
        val sale = sell()
        broadcast(newCode("tencent"))
        sale.waitFor(Library.string.paywand_payment_paid)
        done(sale)
        assertEquals("¥0.00", keypad.text(R.id.amount))
        assertTaken(1_250)
    }

    @Test
    fun `a broadcast before the sale and one after it change nothing`() {
        broadcast(newCode("tencent"))
        assertTrue(till.orders().isEmpty())
        val sale = sell()
        broadcast(newCode("tencent"))
        sale.waitFor(Library.string.paywand_payment_paid)
        broadcast(newCode("tencent"))
        done(sale)
        assertTaken(1_250)
    }

    @Test
    fun `a scanner that types is a sale, and its ENTER presses no button`() {
        val sale = sell()
        type(sale, newCode("tencent"))
        sale.waitFor(Library.string.paywand_payment_paid)
        assertTaken(1_250)
    }

    @Test
    fun `a code in a frame of the camera is a sale`() {
        val sale = sell()
        val frame = Frame().draw(Printed.qr(newCode("tencent")), scale = 9.0).noise(8.0)
        val read =
            CodeDecoder().decode(frame.plane(), frame.width, frame.height, frame.rowStride, frame.pixelStride)
        scannerOf(sale.activity).deliver(ScanSource.CAMERA, null, read)
        sale.waitFor(Library.string.paywand_payment_paid)
        assertTaken(1_250)
    }

    @Test
    fun `the customer enters the password, and the cashier reads what to say`() {
        till.plan(mapOf("do" to "pays_after", "queries" to 2))
        val sale = sell()
        broadcast(newCode("tencent"))
        sale.waitFor(Library.string.paywand_payment_paid)
        assertTaken(1_250)
    }

    @Test
    fun `a lost answer is found again after screen and process are gone`() {
        till.plan(
            rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after"), mapOf("op" to "query", "do" to "hang")),
        )
        val begun = sell()
        broadcast(newCode("tencent"))
        till.waitForCalls(2)
        begun.close()
        sale = null
        keypad.close()
        till.dieAndStart()
        keypad = screen(KeypadActivity::class.java)
        waitUntil("the sale") { keypad.sees(R.id.open_sale) }
        waitUntil("its end") { keypad.text(R.id.open_sale_title).contains("found") || isPaid() }
        assertTaken(1_250)
    }

    @Test
    fun `a cancelled sale takes nothing`() {
        till.plan(mapOf("do" to "never"))
        val sale = sell()
        broadcast(newCode("tencent"))
        waitUntil("it can be cancelled") { sale.sees(Library.id.paywand_tertiary) }
        sale.press(Library.id.paywand_tertiary)
        waitUntil("a question") { sale.sees(Library.id.paywand_question_yes) }
        sale.press(Library.id.paywand_question_yes)
        sale.waitFor(Library.string.paywand_payment_not_paid)
        assertEquals(0L, till.orders().sumOf { it.getLong("money_minor") })
    }

    @Test
    fun `a QR is shown, scanned and paid`() {
        val sale = sell(R.id.show_qr)
        sale.waitFor(Library.string.paywand_payment_paid)
        assertTaken(1_250)
    }

    @Test
    fun `in Chinese the screen and the core speak Chinese`() {
        RuntimeEnvironment.setQualifiers("+zh")
        keypad.close()
        keypad = screen(KeypadActivity::class.java)
        val sale = sell()
        broadcast(newCode("tencent"))
        sale.waitFor(Library.string.paywand_payment_paid)
        assertEquals("已支付", sale.text(Library.id.paywand_headline))
        val paid = till.terminal.payments().single()
        assertEquals(PaymentState.PAID, paid.state)
        assertEquals(paid.screenText(Language.ZH).cashier, sale.text(Library.id.paywand_words))
    }

    /** 12.50 is keyed in, and the button pressed; the library's screen is in front. */
    private fun sell(way: Int = R.id.scan): Screen<PaymentActivity> {
        for (key in listOf(R.id.key_1, R.id.key_2, R.id.key_5, R.id.key_0)) keypad.press(key)
        keypad.press(way)
        val request = checkNotNull(shadowOf(keypad.activity).nextStartedActivityForResult)
        called = request.intent
        keypad.leave()
        val opened = screen(PaymentActivity::class.java, request.intent)
        sale = opened
        if (way == R.id.scan) waitUntil("it asks for a scan") { opened.sees(Library.id.paywand_scan) }
        return opened
    }

    /** The cashier presses the last button, and the system brings the result back to the keypad. */
    private fun done(screen: Screen<PaymentActivity>) {
        screen.press(Library.id.paywand_primary)
        assertTrue(screen.activity.isFinishing)
        val shadow = shadowOf(screen.activity)
        shadowOf(keypad.activity).receiveResult(called, shadow.resultCode, shadow.resultIntent)
        keypad.comeBack()
        waitUntil("an empty keypad") { keypad.text(R.id.amount) == "¥0.00" }
    }

    private fun broadcast(code: String) {
        till.app.sendBroadcast(Intent("com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED").putExtra("data", code))
        idle()
    }

    /** Where the screen's camera delivers; the library keeps it to itself. */
    private fun scannerOf(activity: PaymentActivity): Scanner =
        PaymentActivity::class.java.methods
            .single { it.name.startsWith("getScanner") && it.returnType == Scanner::class.java }
            .invoke(activity) as Scanner

    private fun type(
        screen: Screen<PaymentActivity>,
        code: String,
    ) {
        var now = 1_000L
        val keys = code.map { KeyEvent.KEYCODE_0 + (it - '0') } + KeyEvent.KEYCODE_ENTER
        for (key in keys) {
            now += 8
            for (action in listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP)) {
                val event = KeyEvent(now, now, action, key, 0, 0, KeyCharacterMap.VIRTUAL_KEYBOARD, 0)
                assertTrue("the key is the scanner's", screen.activity.dispatchKeyEvent(event))
            }
        }
        idle()
    }

    private fun Screen<PaymentActivity>.waitFor(headline: Int) {
        val words = activity.getString(headline)
        waitUntil("$words, not ${text(Library.id.paywand_headline)}") { text(Library.id.paywand_headline) == words }
    }

    private fun isPaid() =
        till.terminal
            .payments()
            .single()
            .state == PaymentState.PAID

    /** The gateway has taken this much, once. */
    private fun assertTaken(minor: Long) {
        val order = till.orders().single()
        assertEquals("$order", minor to 1, order.getLong("money_minor") to order.getInt("charges"))
    }
}
