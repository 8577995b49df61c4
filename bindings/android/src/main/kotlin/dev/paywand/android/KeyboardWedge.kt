package dev.paywand.android

import android.os.Build
import android.view.InputDevice
import android.view.KeyCharacterMap
import android.view.KeyEvent
import dev.paywand.ScanSource

/**
 * Scans that come as key events: of a USB or Bluetooth scanner, or of a built-in head that types. Call [onKeyEvent]
 * first thing in `Activity.dispatchKeyEvent`, and go on only where it says false:
 *
 * ```kotlin
 * override fun dispatchKeyEvent(event: KeyEvent): Boolean = wedge.onKeyEvent(event) || super.dispatchKeyEvent(event)
 * ```
 *
 * A scan is a run of characters ended by ENTER, TAB or DPAD_DOWN, or by more than one of them, as CR+LF is. A gap of
 * more than 300 ms between two keys, or another device, begins a new run: what came before is dropped.
 *
 * Which keys are taken away from the screen:
 * - Keys of the soft keyboard: never.
 * - Keys of a scanner that type or end a scan: always, whether the till waits for a scan or not. Otherwise a stray scan
 *   would key in an amount, and its ENTER would press the button that has the focus. [isScanner] tells a scanner: a
 *   keyboard that is not built in, or no device at all, which is how a scan service injects keys.
 * - Keys of another keyboard, such as a keypad that is built in: while the till waits for a scan, since a head may type
 *   through it, except an end with nothing before it. Only six characters or more are a scan there. While the till does
 *   not wait, they reach the screen, except the end of a run that no finger can type: six characters or more, none over
 *   50 ms after the one before. That is a head, and its device is a scanner from then on, for every wedge of the process.
 *
 * Keys that neither type nor end a scan (back, volume, the scan key itself) always go on. A key's release goes where
 * its press went.
 *
 * Not seen here: what a soft keyboard or a scan service writes straight into a text field, without key events. Such a
 * head is set to broadcasts ([ScanHeads]). Used on the main thread only.
 *
 * @param onTyped told how many characters of a head's scan had reached the screen before it was known for one: once for
 * each such device. Where an `EditText` has the focus they stand before its cursor, but for what the field has refused.
 * @param isScanner whether an event comes from a scanner. For an app whose tills have a real keyboard for typing as
 * well: tell the two apart by `event.device`.
 */
public class KeyboardWedge(
    private val scanner: Scanner,
    private val onTyped: (Int) -> Unit = {},
    private val isScanner: (KeyEvent) -> Boolean = Companion::isScanner,
) {
    private val run = Run()
    private val taken = HashSet<Pair<Int, Int>>()
    private var shift = false

    /** When the last scan ended and on which device: an end that follows at once belongs to it. */
    private var endedAtMs = -2 * GAP_MS
    private var endedBy = 0

    /** Takes what may be part of a scan. True: the event is not for the screen. */
    public fun onKeyEvent(event: KeyEvent): Boolean {
        if (event.flags and KeyEvent.FLAG_SOFT_KEYBOARD != 0) return false
        return when (event.action) {
            KeyEvent.ACTION_DOWN -> onDown(event)
            KeyEvent.ACTION_UP -> onUp(event)
            else -> onText(event)
        }
    }

    private fun onDown(event: KeyEvent): Boolean {
        val key = event.deviceId to event.keyCode
        // A key that is held down repeats: it types once.
        if (event.repeatCount > 0) return key in taken
        val take = take(event)
        if (take) taken += key else taken -= key
        return take
    }

    private fun take(event: KeyEvent): Boolean {
        if (event.isShift()) {
            shift = true
            return isFromScanner(event)
        }
        if (event.keyCode in ENDS) return end(event)
        val char = charOf(event, shift) ?: return false
        val take = isFromScanner(event) || scanner.isArmed
        run.add(char, event, take)
        return take
    }

    private fun onUp(event: KeyEvent): Boolean {
        if (event.isShift()) shift = false
        return taken.remove(event.deviceId to event.keyCode)
    }

    /** Old heads send a whole scan in one event. */
    @Suppress("DEPRECATION") // They do all the same.
    private fun onText(event: KeyEvent): Boolean {
        val text = event.characters ?: return false
        if (event.action != KeyEvent.ACTION_MULTIPLE || event.keyCode != KeyEvent.KEYCODE_UNKNOWN) return false
        val take = isFromScanner(event) || scanner.isArmed
        for (char in text) if (char in ENDING_CHARS) end(event) else run.add(char, event, take)
        return take
    }

    private fun end(event: KeyEvent): Boolean {
        val fromScanner = isFromScanner(event)
        run.dropIfNotOf(event)
        if (run.isEmpty) {
            val tail = event.deviceId == endedBy && event.eventTime - endedAtMs in 0..GAP_MS
            return fromScanner || tail
        }
        val typedByHead = run.length >= MIN_CHARS && run.isFast
        if (typedByHead) learned += event.deviceId
        val wasArmed = scanner.isArmed
        if (fromScanner || typedByHead || (wasArmed && run.length >= MIN_CHARS)) deliver()
        val typed = if (typedByHead) run.onScreen else 0
        run.clear()
        endedAtMs = event.eventTime
        endedBy = event.deviceId
        if (typed > 0) onTyped(typed)
        return fromScanner || typedByHead || wasArmed
    }

    private fun deliver() {
        val bytes = run.toBytes()
        try {
            scanner.deliver(ScanSource.KEYBOARD, bytes, null)
        } finally {
            bytes.fill(0)
        }
    }

    private fun isFromScanner(event: KeyEvent) = event.deviceId in learned || isScanner(event)

    public companion object {
        /** Devices that have typed as only a head does. The system gives no number twice until it starts anew. */
        private val learned = HashSet<Int>()

        /** As in a new process. */
        internal fun forget() = learned.clear()

        /**
         * Whether [event] comes from a keyboard that is not built in, or from no device: what [KeyboardWedge] takes for
         * a scanner unless told otherwise. Before Android 10 a device does not say whether it is built in: there a full
         * keyboard with a vendor's number, as on USB and Bluetooth, is taken for one that is not.
         */
        public fun isScanner(event: KeyEvent): Boolean {
            if (event.deviceId == KeyCharacterMap.VIRTUAL_KEYBOARD) return true
            return event.device?.let(::isNotBuiltIn) ?: false
        }
    }
}

internal fun isNotBuiltIn(device: InputDevice): Boolean {
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) return device.isExternal
    return device.vendorId != 0 && device.keyboardType == InputDevice.KEYBOARD_TYPE_ALPHABETIC
}

/** The longest run of characters without an end; the times in it are event times. */
private class Run {
    private val chars = ByteArray(MAX_CHARS)
    private var device = 0
    private var lastMs = 0L

    var length = 0
        private set

    /** Whether every character came as fast as only a machine types. */
    var isFast = true
        private set

    /** How many characters went on to the screen. */
    var onScreen = 0
        private set
    val isEmpty: Boolean get() = length == 0

    fun add(
        char: Char,
        event: KeyEvent,
        taken: Boolean,
    ) {
        dropIfNotOf(event)
        if (!taken) onScreen++
        if (length > 0 && event.eventTime - lastMs > FAST_MS) isFast = false
        device = event.deviceId
        lastMs = event.eventTime
        // What does not fit is dropped: the core refuses what is left as too long.
        if (length == chars.size) return
        chars[length++] = if (char in ' '..'~') char.code.toByte() else '?'.code.toByte()
    }

    /** Begins anew where [event] comes too late, or from another device. */
    fun dropIfNotOf(event: KeyEvent) {
        if (device != event.deviceId || event.eventTime - lastMs !in 0..GAP_MS) clear()
    }

    /** A copy, which the caller wipes. */
    fun toBytes(): ByteArray = chars.copyOf(length)

    /** Wipes it: it may be a payment code. */
    fun clear() {
        chars.fill(0)
        length = 0
        onScreen = 0
        isFast = true
    }
}

/** Longer than any pause in a scan, shorter than from one scan to the next. */
private const val GAP_MS = 300L

/** Fingers take longer from one key to the next, six times in a row. */
private const val FAST_MS = 50L
private const val MIN_CHARS = 6

/** A payment code's 128 and a prefix, and some more, by which the core sees that it is too long. */
private const val MAX_CHARS = 144

private val ENDS =
    setOf(KeyEvent.KEYCODE_ENTER, KeyEvent.KEYCODE_NUMPAD_ENTER, KeyEvent.KEYCODE_TAB, KeyEvent.KEYCODE_DPAD_DOWN)

private const val ENDING_CHARS = "\r\n\t"

private fun KeyEvent.isShift() = keyCode == KeyEvent.KEYCODE_SHIFT_LEFT || keyCode == KeyEvent.KEYCODE_SHIFT_RIGHT

/** The character that a key types, or null. Some heads send SHIFT as a key and leave it out of the state. */
private fun charOf(
    event: KeyEvent,
    shift: Boolean,
): Char? {
    // With NUM LOCK off these type nothing, but a head means digits.
    if (event.keyCode in KeyEvent.KEYCODE_NUMPAD_0..KeyEvent.KEYCODE_NUMPAD_9) {
        return '0' + (event.keyCode - KeyEvent.KEYCODE_NUMPAD_0)
    }
    val state = if (shift) event.metaState or KeyEvent.META_SHIFT_ON or KeyEvent.META_SHIFT_LEFT_ON else event.metaState
    val char = event.getUnicodeChar(state)
    val isChar = char > ' '.code - 1 && char <= Char.MAX_VALUE.code && char and KeyCharacterMap.COMBINING_ACCENT == 0
    return if (isChar) char.toChar() else null
}
