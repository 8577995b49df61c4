package dev.paywand.till

import android.app.AlertDialog
import android.view.KeyCharacterMap
import android.view.KeyEvent
import android.view.Window
import android.widget.EditText
import dev.paywand.newCode
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** A scanner that types before the sale's screen waits for it: its code must not end up in a field, nor press a button. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class, qualifiers = "w360dp-h640dp-xhdpi")
class WedgeTest {
    private val till = RuntimeEnvironment.getApplication() as FixedTill
    private var now = 1_000L

    @Test
    fun `a scan on the keypad is not what is sold`() =
        Shot.KEYPAD.open(till).use { keypad ->
            val subject = keypad.focus(R.id.subject)
            scan(keypad.activity)
            assertEquals("", subject.text.toString())
            assertEquals("¥12.50", keypad.text(R.id.amount))
            assertNull("its ENTER", keypad.next())
        }

    @Test
    fun `what the soft keyboard types is what is sold`() =
        Shot.KEYPAD.open(till).use { keypad ->
            val subject = keypad.focus(R.id.subject)
            press(keypad.activity.window.callback, KeyEvent.KEYCODE_7, KeyEvent.FLAG_SOFT_KEYBOARD)
            assertEquals("7", subject.text.toString())
        }

    @Test
    fun `a scan reaches no field of any screen`() {
        for ((shot, ids) in FIELDS) {
            shot.open(till).use { screen ->
                for (id in ids) {
                    val field = screen.focus(id)
                    val before = field.text.toString()
                    scan(screen.activity)
                    assertEquals("$shot", before, field.text.toString())
                }
            }
        }
    }

    @Test
    fun `a head that looks built in leaves nothing in the field that its first scan went to, and none follows`() =
        Shot.SETTLE.open(till).use { settle ->
            val why = settle.focus(R.id.why)
            why.setText("seen in the portal")
            scan(settle.activity, BUILT_IN)
            assertEquals("", why.text.toString())
            why.setText("seen in the portal")
            scan(settle.activity, BUILT_IN)
            assertEquals("seen in the portal", why.text.toString())
        }

    @Test
    fun `the ENTER of a scan does not confirm a refund`() =
        Shot.REFUND.open(till).use { refund ->
            refund.press(R.id.give_back)
            val dialog = ShadowAlertDialog.getLatestAlertDialog()
            assertTrue(dialog.getButton(AlertDialog.BUTTON_POSITIVE).requestFocusFromTouch())
            scan(dialog)
            assertTrue("it still asks", dialog.isShowing)
        }

    private fun Screen<*>.focus(id: Int): EditText =
        (view(id) as EditText).also { assertTrue("no focus", it.requestFocus() && it.isFocused) }

    private fun scan(
        window: Window.Callback,
        device: Int = KeyCharacterMap.VIRTUAL_KEYBOARD,
    ) {
        val keys = newCode("tencent").map { KeyEvent.KEYCODE_0 + (it - '0') } + KeyEvent.KEYCODE_ENTER
        keys.forEach { press(window, it, flags = 0, device) }
    }

    private fun press(
        window: Window.Callback,
        key: Int,
        flags: Int,
        device: Int = KeyCharacterMap.VIRTUAL_KEYBOARD,
    ) {
        now += 8
        for (action in listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP)) {
            val event = KeyEvent(now, now, action, key, 0, 0, device, 0, flags)
            window.dispatchKeyEvent(event)
        }
        idle()
    }

    private companion object {
        /** A device that nothing tells from a keypad. */
        const val BUILT_IN = 905
    }
}
