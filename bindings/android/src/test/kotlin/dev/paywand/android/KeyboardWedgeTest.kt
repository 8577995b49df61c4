package dev.paywand.android

import android.view.InputDevice
import android.view.KeyEvent
import dev.paywand.ScanEvent
import dev.paywand.ScanSource
import dev.paywand.Unreadable
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.InputDeviceBuilder

private const val SCANNER = 7
private const val KEYPAD = 8

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34, 24])
class KeyboardWedgeTest {
    private val listener = ScanListener()
    private val typed = mutableListOf<Int>()
    private val wedge = KeyboardWedge(listener.scanner, typed::add) { it.deviceId == SCANNER }
    private val scanner = ScanKeys(wedge, SCANNER)
    private val keypad = ScanKeys(wedge, KEYPAD, every = 120)

    /** A head that types through the device of the keypad. */
    private val head = ScanKeys(wedge, KEYPAD)
    private val soft = ScanKeys(wedge, KEYPAD, flags = KeyEvent.FLAG_SOFT_KEYBOARD)

    @Before
    fun newProcess() = KeyboardWedge.forget()

    private fun assertScanned(code: String) {
        assertEquals(listOf(masked(code)), listener.accepted)
        assertEquals(1, listener.events.size)
        assertEquals(ScanSource.KEYBOARD, (listener.events.single() as ScanEvent.Accepted).source)
        assertTrue("a part of it, or more", listener.holds(code))
        listener.events.clear()
    }

    @Test
    fun `a run that ends with ENTER is a scan, and nothing of it reaches the screen`() {
        scanner.type("$SCAN\n")
        assertScanned(SCAN)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `TAB and the keypad's ENTER end it too`() {
        scanner.type("$SCAN\t")
        listener.arm()
        scanner.type(NEXT_SCAN).press(KeyEvent.KEYCODE_NUMPAD_ENTER)
        assertEquals(listOf(masked(SCAN), masked(NEXT_SCAN)), listener.accepted)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `CR and LF are one end, on any device`() {
        scanner.type("$SCAN\r\n")
        assertScanned(SCAN)
        listener.arm()
        head.type("$NEXT_SCAN\r\n")
        assertScanned(NEXT_SCAN)
        assertEquals(emptyList<KeyEvent>(), scanner.passed + head.passed)
    }

    @Test
    fun `DPAD_DOWN before or after ENTER, or alone, ends it`() {
        scanner.type(SCAN).press(KeyEvent.KEYCODE_DPAD_DOWN).type("\n")
        listener.arm()
        scanner.type("$NEXT_SCAN\n").press(KeyEvent.KEYCODE_DPAD_DOWN)
        listener.arm()
        scanner.type("2876").press(KeyEvent.KEYCODE_DPAD_DOWN)
        assertEquals(List(3) { "Accepted" }, listener.names)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `letters with SHIFT in the state, or as a key of its own`() {
        scanner
            .type("]C0")
            .type("fP0123456")
            .down(KeyEvent.KEYCODE_SHIFT_LEFT)
            .press(KeyEvent.KEYCODE_X)
        scanner.up(KeyEvent.KEYCODE_SHIFT_LEFT).press(KeyEvent.KEYCODE_Y).type("\n")
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
        assertScanned("fP0123456Xy")
    }

    @Test
    fun `digits of the number pad are digits, whatever NUM LOCK says`() {
        for (digit in SCAN) scanner.press(KeyEvent.KEYCODE_NUMPAD_0 + (digit - '0'))
        scanner.type("\n")
        assertScanned(SCAN)
    }

    @Test
    fun `old heads send the characters in one event, with or without the end`() {
        scanner.multiple(SCAN).type("\n")
        assertScanned(SCAN)
        listener.arm()
        scanner.multiple("$NEXT_SCAN\r\n")
        assertScanned(NEXT_SCAN)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `a gap drops what came before`() {
        scanner.type("9999").pause(301).type("$SCAN\n")
        assertScanned(SCAN)
    }

    @Test
    fun `a slow head is one run`() {
        val slow = ScanKeys(wedge, SCANNER, every = 290)
        slow.type("$SCAN\n")
        assertScanned(SCAN)
    }

    @Test
    fun `an end after a gap ends nothing`() {
        scanner.type("9999").pause(301).type("\n")
        assertEquals(emptyList<String>(), listener.names)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `keys of two devices are not one run`() {
        scanner.type("9999")
        head.type("$SCAN\n")
        assertScanned(SCAN)
    }

    @Test
    fun `a key that is held down types once`() {
        scanner.type(SCAN.dropLast(1)).down(KeyEvent.KEYCODE_4)
        repeat(3) { scanner.down(KeyEvent.KEYCODE_4, repeat = it + 1) }
        scanner.up(KeyEvent.KEYCODE_4).type("\n")
        assertScanned(SCAN)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `a run without end is bounded, and refused as too long`() {
        scanner.type("1".repeat(5_000) + "\n")
        assertEquals(Unreadable.TOO_LONG, (listener.events.single() as ScanEvent.Unreadable).why)
        scanner.type("$SCAN\n")
        assertEquals(listOf(masked(SCAN)), listener.accepted)
    }

    @Test
    fun `a stray scan keys in no amount and presses no button`() {
        listener.scanner.disarm()
        scanner.type("$SCAN\r\n")
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
        listener.arm()
        scanner.type("$NEXT_SCAN\n")
        scanner.type("$SCAN\n")
        assertEquals(listOf("Accepted", "NotArmed"), listener.names)
        assertEquals(emptyList<KeyEvent>(), scanner.passed)
    }

    @Test
    fun `the keypad's keys reach the screen while nobody waits for a scan`() {
        listener.scanner.disarm()
        keypad.type("1250\n")
        assertEquals("1250⏎", keypad.typed)
        assertEquals("each with its release", 10, keypad.passed.size)
    }

    @Test
    fun `however long an amount a person types, it is no scan`() {
        listener.scanner.disarm()
        ScanKeys(wedge, KEYPAD, every = 60).type("12501250\n").apply { assertEquals("12501250⏎", typed) }
    }

    @Test
    fun `a head that types through the keypad is known by its pace`() {
        listener.scanner.disarm()
        head.type("$SCAN\r\n")
        assertEquals("its first keys cannot be told yet", SCAN, head.typed)
        head.passed.clear()
        head.pause(1_000).type("$SCAN\n")
        assertEquals(emptyList<KeyEvent>(), head.passed)
        assertEquals("once", listOf(SCAN.length), typed)
    }

    @Test
    fun `what one screen has learned of a head the next one knows`() {
        listener.scanner.disarm()
        head.type("$SCAN\n")
        val next = ScanKeys(KeyboardWedge(Scanner()) { false }, KEYPAD)
        next.type("$NEXT_SCAN\n")
        assertEquals(emptyList<KeyEvent>(), next.passed)
    }

    @Test
    fun `only what went to the screen is told as typed`() {
        head.type(SCAN.take(6))
        listener.scanner.disarm()
        head.type(SCAN.drop(6) + "\n")
        assertEquals(SCAN.drop(6), head.typed)
        assertEquals(listOf(SCAN.length - 6), typed)
        keypad.type("1250\n")
        scanner.type("$NEXT_SCAN\n")
        assertEquals("a person's keys, and a scanner's, are none", 1, typed.size)
    }

    @Test
    fun `while the till waits, the keypad's device may be a head`() {
        head.type("$SCAN\n")
        assertScanned(SCAN)
        assertEquals(emptyList<KeyEvent>(), head.passed)
    }

    @Test
    fun `while the till waits, a few keys of a person are no scan, and ENTER alone is the screen's`() {
        keypad.type("12\n")
        assertEquals(emptyList<String>(), listener.names)
        assertEquals("", keypad.typed)
        keypad.pause(1_000).type("\n")
        assertEquals("⏎", keypad.typed)
        assertTrue(listener.scanner.isArmed)
    }

    @Test
    fun `the soft keyboard is never touched`() {
        soft.type("$SCAN\n").multiple(SCAN)
        assertEquals(emptyList<String>(), listener.names)
        assertEquals("$SCAN⏎", soft.typed.removeSuffix("<0>"))
    }

    @Test
    fun `back, volume and the scan key always go on`() {
        val others = listOf(KeyEvent.KEYCODE_BACK, KeyEvent.KEYCODE_VOLUME_UP, KeyEvent.KEYCODE_F11, 520)
        scanner.type(SCAN.take(9))
        others.forEach { scanner.press(it) }
        scanner.type(SCAN.drop(9) + "\n")
        assertEquals(others.flatMap { listOf(it, it) }, scanner.passed.map { it.keyCode })
        assertScanned(SCAN)
    }

    @Test
    fun `a release goes where its press went`() {
        listener.scanner.disarm()
        keypad.down(KeyEvent.KEYCODE_5)
        listener.arm()
        keypad.up(KeyEvent.KEYCODE_5)
        assertEquals(listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP), keypad.passed.map { it.action })
        keypad.down(KeyEvent.KEYCODE_6)
        listener.scanner.disarm()
        keypad.up(KeyEvent.KEYCODE_6)
        assertEquals(2, keypad.passed.size)
    }

    @Test
    fun `keys that a scan service injects come from no device`() {
        val injected = ScanKeys(KeyboardWedge(listener.scanner))
        injected.type("$SCAN\n")
        assertScanned(SCAN)
        assertEquals(emptyList<KeyEvent>(), injected.passed)
    }

    @Test
    fun `a key of a device that is gone is not of a scanner`() {
        assertFalse(KeyboardWedge.isScanner(KeyEvent(1, 1, KeyEvent.ACTION_DOWN, KeyEvent.KEYCODE_1, 0, 0, 99, 0)))
    }

    @Test
    @Config(sdk = [34])
    fun `a keyboard that is not built in is a scanner`() {
        assertTrue(isNotBuiltIn(InputDeviceBuilder.newBuilder().setExternal(true).build()))
        assertFalse(
            isNotBuiltIn(
                InputDeviceBuilder
                    .newBuilder()
                    .setExternal(false)
                    .setVendorId(1)
                    .build(),
            ),
        )
    }

    @Test
    @Config(sdk = [24, 26])
    fun `before Android 10 it is a full keyboard with a vendor's number`() {
        val full = InputDevice.KEYBOARD_TYPE_ALPHABETIC
        assertTrue(isNotBuiltIn(oldDevice(vendor = 0x0c2e, full)))
        assertFalse(isNotBuiltIn(oldDevice(vendor = 0, full)))
        assertFalse(isNotBuiltIn(oldDevice(vendor = 0x2454, InputDevice.KEYBOARD_TYPE_NON_ALPHABETIC)))
    }

    private fun oldDevice(
        vendor: Int,
        keyboardType: Int,
    ): InputDevice {
        val constructor = InputDevice::class.java.declaredConstructors.single { it.parameterCount == 14 }
        constructor.isAccessible = true
        val sources = InputDevice.SOURCE_KEYBOARD
        val arguments =
            arrayOf<Any?>(20, 1, 0, "kbd", vendor, 1, "d", false, sources, keyboardType, null, false, false, false)
        return constructor.newInstance(*arguments) as InputDevice
    }
}
