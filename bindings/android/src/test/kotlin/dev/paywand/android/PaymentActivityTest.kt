package dev.paywand.android

import android.app.Activity
import android.content.ComponentName
import android.content.Intent
import android.content.res.Configuration
import android.graphics.drawable.BitmapDrawable
import android.os.Parcel
import android.os.Parcelable
import android.view.WindowManager
import android.widget.ImageView
import com.google.zxing.BinaryBitmap
import com.google.zxing.RGBLuminanceSource
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader
import dev.paywand.BLUEOCEAN
import dev.paywand.Language
import dev.paywand.MAXFUN
import dev.paywand.PaymentState
import dev.paywand.ScanSource
import dev.paywand.TENCENT
import dev.paywand.newCode
import dev.paywand.text
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Sales on the payment screen, with the real core and the sandbox. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
open class PaymentActivityTest {
    @Test
    fun `a scanned code is charged once, and the app hears that it is paid`() =
        desk {
            open()
            until("it asks for a scan") { text(R.id.paywand_title) == "Scan the customer’s payment code" }
            assertEquals("HKD 12.50", text(R.id.paywand_amount))
            scan()
            untilHeadline(R.string.paywand_payment_paid)
            assertEquals("Paid.", text(R.id.paywand_words))
            press(R.string.paywand_payment_done)
            assertResult(Activity.RESULT_OK, PaymentState.PAID)
            assertEquals(listOf("paid 1250 HKD"), signals.given)
            till.assertLedger(1_250, charges = 1)
        }

    @Test
    fun `a head's broadcast, a scanner that types and a frame of the camera are each a sale`() {
        val decoder = CodeDecoder()
        val ways =
            listOf<PaymentDesk.(String) -> Unit>(
                {
                    broadcast(
                        Intent(
                            "nlscan.action.SCANNER_RESULT",
                        ).putExtra("SCAN_BARCODE1", it).putExtra("SCAN_STATE", "ok"),
                    )
                },
                { code -> KeyboardWedge(checkNotNull(activity.scanner)).let { ScanKeys(it).type("$code\r") } },
                { code ->
                    val frame = Frame().draw(Printed.qr(code), scale = 9.0).noise(8.0)
                    val read =
                        decoder.decode(
                            frame.plane(),
                            frame.width,
                            frame.height,
                            frame.rowStride,
                            frame.pixelStride,
                        )
                    checkNotNull(activity.scanner).deliver(ScanSource.CAMERA, null, read)
                },
            )
        for (way in ways) {
            desk {
                open()
                until("it asks for a scan") { activity.scanner?.isArmed == true }
                way(newCode(BLUEOCEAN))
                untilHeadline(R.string.paywand_payment_paid)
                till.assertLedger(1_250, charges = 1)
            }
        }
    }

    @Test
    @Config(qualifiers = "zh-w360dp-h640dp-xhdpi")
    fun `in Chinese the screen and the core speak Chinese`() =
        desk {
            open()
            scan()
            until("paid") { text(R.id.paywand_headline) == "已支付" }
            assertEquals(PaymentState.PAID.text(Language.ZH), text(R.id.paywand_words))
        }

    @Test
    fun `while the customer enters the password the core's words are shown, and nobody can scan`() =
        desk {
            till.plan(mapOf("do" to "pays_after", "queries" to 1), mapOf("op" to "query", "do" to "hang"))
            open()
            scan()
            till.waitForGates()
            until("it is asked") { text(R.id.paywand_words) == PaymentState.QUERYING.text(Language.EN) }
            assertEquals("The phone may ask the customer for the password.", text(R.id.paywand_hint))
            assertTrue(
                "seconds: ${text(R.id.paywand_seconds)}",
                text(R.id.paywand_seconds).orEmpty().endsWith("s left"),
            )
            assertFalse(checkNotNull(activity.scanner).isArmed)
            till.openGates()
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `the QR on the screen is the payment's, bright, counted down, and gone once it is paid`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "query", "do" to "hang")))
            val call = PaymentDesk.call(PaymentWay.QR, TENCENT)
            open(call)
            until("a QR is shown") { isShown(R.id.paywand_qr) }
            till.waitForGates()
            assertEquals(find(call).payUrl, readQr())
            assertEquals(1f, activity.window.attributes.screenBrightness)
            assertTrue(text(R.id.paywand_seconds).orEmpty().matches(Regex("(60|[1-5][0-9]) s left")))
            till.openGates()
            untilHeadline(R.string.paywand_payment_paid)
            assertFalse(isShown(R.id.paywand_qr))
            assertNull(view<ImageView>(R.id.paywand_qr).drawable)
            assertEquals(
                WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_NONE,
                activity.window.attributes.screenBrightness,
            )
            till.assertLedger(1_250, charges = 1)
        }

    @Test
    fun `a gateway without QR says so and leads back to the scan`() =
        desk {
            open(PaymentDesk.call(gateway = MAXFUN))
            until("it asks for a scan") { isShown(R.id.paywand_scan) }
            press(R.string.paywand_payment_show_qr)
            until("it is refused") { text(R.id.paywand_title) == "This sale cannot go on" }
            press(R.string.paywand_payment_scan)
            assertTrue(isShown(R.id.paywand_scan))
            assertFalse("the QR is not offered again", isShown(R.id.paywand_secondary))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `a cancel is asked about, and ends as the core says`() =
        desk {
            till.plan(mapOf("do" to "never"), mapOf("op" to "query", "do" to "hang"))
            open()
            scan()
            till.waitForGates()
            until("it can be cancelled") { isShown(R.id.paywand_tertiary) }
            press(R.string.paywand_payment_cancel)
            press(R.string.paywand_payment_ask_cancel_no)
            assertFalse(isShown(R.id.paywand_question))
            press(R.string.paywand_payment_cancel)
            press(R.string.paywand_payment_ask_cancel_yes)
            till.openGates()
            untilHeadline(R.string.paywand_payment_not_paid)
            assertEquals(PaymentState.REVERSED.text(Language.EN), text(R.id.paywand_words))
            press(R.string.paywand_payment_done)
            assertResult(PaymentActivity.RESULT_NOT_PAID, PaymentState.REVERSED)
            assertEquals(listOf("failed"), signals.given)
            till.assertLedger(0, charges = 0)
        }

    @Test
    fun `a lost answer is in doubt, never failed, and found paid`() =
        desk {
            till.plan(
                rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after"), mapOf("op" to "query", "do" to "hang")),
            )
            open()
            scan()
            till.waitForGates()
            until("it is asked") { "Do not charge again" in text(R.id.paywand_words).orEmpty() }
            activity.onBackPressedDispatched()
            press(R.string.paywand_payment_ask_leave_no)
            till.openGates()
            untilHeadline(R.string.paywand_payment_paid)
            till.assertLedger(1_250, charges = 1)
        }

    @Test
    fun `what nobody can prove is in doubt, and the app gets its id`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_doubt)
            press(R.string.paywand_payment_leave)
            assertResult(PaymentActivity.RESULT_IN_DOUBT, PaymentState.NEEDS_ATTENTION)
            assertEquals(listOf("look here"), signals.given)
            val inDoubt = runBlocking { Paywand.terminal().inDoubt() }
            assertEquals(listOf(PaymentActivity.paymentId(shadowOf(activity).resultIntent)), inDoubt.map { it.id })
        }

    @Test
    fun `a refused code is not paid`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "refused")))
            open()
            scan()
            untilHeadline(R.string.paywand_payment_not_paid)
            press(R.string.paywand_payment_done)
            assertResult(PaymentActivity.RESULT_NOT_PAID, PaymentState.FAILED)
        }

    @Test
    fun `what is no payment code is told, and the next scan counts`() =
        desk {
            open()
            scan("https://example.com/poster")
            assertTrue("${text(R.id.paywand_note)}", "link" in text(R.id.paywand_note).orEmpty())
            scan()
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `a rotation in mid-sale shows the same sale, and signals its end once`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
            open()
            scan()
            till.waitForGates()
            turn("w640dp-h360dp-land-xhdpi")
            until("it goes on") { text(R.id.paywand_words) == PaymentState.CHARGING.text(Language.EN) }
            till.openGates()
            untilHeadline(R.string.paywand_payment_paid)
            turn("w360dp-h640dp-port-xhdpi")
            untilHeadline(R.string.paywand_payment_paid)
            assertEquals(listOf("paid 1250 HKD"), signals.given)
            assertEquals("the spoken amount is not cut off", 0, signals.closed)
            leave()
            assertEquals(1, signals.closed)
            till.assertLedger(1_250, charges = 1)
        }

    @Test
    fun `a scanner that connects in mid-scan leaves the screen as it is`() =
        desk {
            open()
            until("it asks for a scan") { activity.scanner?.isArmed == true }
            val before = activity
            val connected =
                Configuration(activity.resources.configuration).apply {
                    keyboard = Configuration.KEYBOARD_QWERTY
                    keyboardHidden = Configuration.KEYBOARDHIDDEN_NO
                    hardKeyboardHidden = Configuration.HARDKEYBOARDHIDDEN_NO
                    navigation = Configuration.NAVIGATION_DPAD
                }
            assertNotEquals(0, connected.diff(activity.resources.configuration))
            controller.configurationChange(connected)
            assertSame(before, activity)
            assertTrue(checkNotNull(activity.scanner).isArmed)
        }

    @Test
    fun `after the death of the process the same intent finds the sale`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
            val call = PaymentDesk.call()
            open(call)
            scan()
            till.waitForGates()
            leave()
            die()
            open(call)
            until("it goes on") { isShown(R.id.paywand_progress) || isShown(R.id.paywand_headline) }
            assertFalse(checkNotNull(activity.scanner).isArmed)
            till.openGates()
            untilHeadline(R.string.paywand_payment_paid)
            till.assertLedger(1_250, charges = 1)
        }

    @Test
    fun `the same key again shows the payment and charges nothing`() =
        desk {
            val call = PaymentDesk.call()
            open(call)
            scan()
            untilHeadline(R.string.paywand_payment_paid)
            leave()
            open(call)
            untilHeadline(R.string.paywand_payment_paid)
            till.assertLedger(1_250, charges = 1)
            open(PaymentDesk.call(key = call.requestKey, minor = 1))
            until("another amount is refused") { text(R.id.paywand_title) == "This sale cannot go on" }
            assertFalse(checkNotNull(activity.scanner).isArmed)
            press(R.string.paywand_payment_cancel)
            assertEquals("key_reused", PaymentActivity.error(shadowOf(activity).resultIntent))
            assertEquals("this sale was not begun", Activity.RESULT_CANCELED, shadowOf(activity).resultCode)
        }

    @Test
    fun `a sale that looks like one in doubt leads to it, and is charged only as another`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_doubt)
            val first = PaymentActivity.paymentId(shadowOf(activity).resultIntent)
            assertNotNull(first)
            leave()
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_repeat)
            assertEquals(first, PaymentActivity.blockedBy(shadowOf(activity).resultIntent))
            assertEquals(Activity.RESULT_CANCELED, shadowOf(activity).resultCode)
            press(R.string.paywand_payment_another_sale)
            press(R.string.paywand_payment_ask_another_no)
            press(R.string.paywand_payment_another_sale)
            press(R.string.paywand_payment_ask_another_yes)
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `the other sale is settled by hand, and this one is charged with the code that was scanned`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_doubt)
            leave()
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_repeat)
            val first = checkNotNull(PaymentActivity.blockedBy(shadowOf(activity).resultIntent))
            runBlocking { Paywand.terminal().settleByHand(first, false, "lin", "the phone shows nothing") }
            untilHeadline(R.string.paywand_payment_repeat_ended)
            press(R.string.paywand_payment_try_again)
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `the other sale is found paid, and this one is charged only as another, after a question`() =
        desk {
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_doubt)
            leave()
            open(PaymentDesk.call(gateway = MAXFUN))
            scan(newCode(MAXFUN))
            untilHeadline(R.string.paywand_payment_repeat)
            val first = checkNotNull(PaymentActivity.blockedBy(shadowOf(activity).resultIntent))
            runBlocking { Paywand.terminal().settleByHand(first, true, "lin", "the phone shows it") }
            untilHeadline(R.string.paywand_payment_repeat_ended)
            val calls = till.calls()
            val leave = activity.getString(R.string.paywand_payment_leave)
            assertEquals("one tap charges nothing", leave, text(R.id.paywand_primary))
            assertFalse(isShown(R.id.paywand_secondary))
            press(R.string.paywand_payment_another_sale)
            assertTrue(isShown(R.id.paywand_question))
            assertEquals(calls, till.calls())
            press(R.string.paywand_payment_ask_another_yes)
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `the back key leaves what has not begun, and asks about what has`() =
        desk {
            open()
            until("it asks for a scan") { isShown(R.id.paywand_scan) }
            activity.onBackPressedDispatched()
            assertTrue(activity.isFinishing)
            assertEquals(Activity.RESULT_CANCELED, shadowOf(activity).resultCode)
            leave()

            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "hang")))
            open()
            scan()
            till.waitForGates()
            until("it is begun") { isShown(R.id.paywand_tertiary) }
            activity.onBackPressedDispatched()
            assertFalse(activity.isFinishing)
            press(R.string.paywand_payment_ask_leave_yes)
            assertResult(PaymentActivity.RESULT_IN_DOUBT, PaymentState.CHARGING)
            till.openGates()
        }

    @Test
    fun `an intent that asks for no sale ends at once`() =
        desk {
            val app = RuntimeEnvironment.getApplication()
            val good = PaymentActivity.intent(app, PaymentDesk.call())
            val forged =
                listOf(
                    Intent().setComponent(ComponentName(app, PaymentActivity::class.java)),
                    Intent(good).putExtra("dev.paywand.android.AMOUNT_MINOR", "1250"),
                    Intent(good).putExtra("dev.paywand.android.AMOUNT_MINOR", -1L),
                    Intent(good).putExtra("dev.paywand.android.REQUEST_KEY", 7),
                    Intent(good).putExtra("dev.paywand.android.WAY", "GIFT"),
                    Intent(good).putExtra("dev.paywand.android.CURRENCY", arrayOf("HKD")),
                    Intent(good).putExtra("dev.paywand.android.SUBJECT", Unreadable()),
                )
            for (intent in forged.dropLast(1)) {
                open(intent)
                assertTrue("$intent", activity.isFinishing)
                assertEquals(Activity.RESULT_CANCELED, shadowOf(activity).resultCode)
                assertEquals("invalid_call", PaymentActivity.error(shadowOf(activity).resultIntent))
                controller.destroy()
            }
            open(forged.last())
            assertFalse("a subject of a wrong kind is none", activity.isFinishing)
            assertEquals(0, till.calls())
        }

    private fun desk(test: PaymentDesk.() -> Unit) = PaymentDesk().use { it.test() }

    private fun PaymentDesk.find(call: PaymentCall) =
        runBlocking { checkNotNull(Paywand.terminal().find(call.requestKey)) }

    private fun PaymentDesk.assertResult(
        code: Int,
        state: PaymentState,
    ) {
        assertTrue(activity.isFinishing)
        assertEquals(code, shadowOf(activity).resultCode)
        assertEquals(state, PaymentActivity.state(shadowOf(activity).resultIntent))
    }

    private fun PaymentDesk.readQr(): String {
        val bitmap = (view<ImageView>(R.id.paywand_qr).drawable as BitmapDrawable).bitmap
        val pixels = IntArray(bitmap.width * bitmap.height)
        bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
        val source = RGBLuminanceSource(bitmap.width, bitmap.height, pixels)
        return QRCodeReader().decode(BinaryBitmap(HybridBinarizer(source))).text
    }

    @Suppress("DEPRECATION") // What Android 12 and older call.
    private fun PaymentActivity.onBackPressedDispatched() = onBackPressed()

    private class Unreadable : Parcelable {
        override fun describeContents() = 0

        override fun writeToParcel(
            dest: Parcel,
            flags: Int,
        ) = Unit
    }
}
