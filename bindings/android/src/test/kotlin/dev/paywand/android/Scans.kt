package dev.paywand.android

import android.app.Application
import android.content.Intent
import android.os.Looper
import android.view.KeyCharacterMap
import android.view.KeyEvent
import dev.paywand.ScanEvent
import dev.paywand.ScanSource
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowBuild

/** A payment code, and another one; of no customer. */
const val SCAN: String = "134512345678901234"
const val NEXT_SCAN: String = "281234567890123456"

val app: Application get() = RuntimeEnvironment.getApplication()

fun device(
    maker: String,
    model: String = "PDA",
) {
    ShadowBuild.setManufacturer(maker)
    ShadowBuild.setModel(model)
}

/** As another app on the device would send it. */
fun broadcast(intent: Intent) {
    app.sendBroadcast(intent)
    shadowOf(Looper.getMainLooper()).idle()
}

/** What the app has sent itself. */
fun sent(): List<Intent> = shadowOf(app).broadcastIntents

/** A scanner that waits, and what it told. */
class ScanListener {
    val events = mutableListOf<ScanEvent>()
    val scanner = Scanner()

    init {
        arm()
    }

    fun arm() {
        scanner.arm { events += it }
    }

    val accepted: List<String>
        get() = events.filterIsInstance<ScanEvent.Accepted>().map { it.code.masked() }

    val names: List<String>
        get() = events.map { checkNotNull(it::class.simpleName) }

    /** Whether the scan that counted last is [code], to the last character: the same once more is an echo. */
    fun holds(code: String): Boolean = scanner.deliver(ScanSource.CAMERA, null, code) is ScanEvent.Duplicate
}

/** How an accepted [code] shows: it is printed nowhere. */
fun masked(code: String): String = "****${code.takeLast(4)}"

/** A keyboard that types [every] milliseconds; it keeps what the wedge did not take. */
class ScanKeys(
    private val wedge: KeyboardWedge,
    private val device: Int = KeyCharacterMap.VIRTUAL_KEYBOARD,
    private val every: Long = 8,
    private val flags: Int = 0,
) {
    val passed = mutableListOf<KeyEvent>()
    val typed: String get() = passed.filter { it.action == KeyEvent.ACTION_DOWN }.joinToString("") { name(it) }

    fun type(text: String): ScanKeys = apply { text.forEach { press(it) } }

    fun press(char: Char): ScanKeys =
        when (char) {
            '\r', '\n' -> press(KeyEvent.KEYCODE_ENTER)
            '\t' -> press(KeyEvent.KEYCODE_TAB)
            in '0'..'9' -> press(KeyEvent.KEYCODE_0 + (char - '0'))
            in 'a'..'z' -> press(KeyEvent.KEYCODE_A + (char - 'a'))
            in 'A'..'Z' -> press(KeyEvent.KEYCODE_A + (char - 'A'), KeyEvent.META_SHIFT_ON)
            ']' -> press(KeyEvent.KEYCODE_RIGHT_BRACKET)
            else -> error("no key for $char")
        }

    fun press(
        key: Int,
        meta: Int = 0,
    ): ScanKeys = down(key, meta).up(key, meta)

    fun down(
        key: Int,
        meta: Int = 0,
        repeat: Int = 0,
    ): ScanKeys {
        now += every
        return send(KeyEvent(now, now, KeyEvent.ACTION_DOWN, key, repeat, meta, device, 0, flags))
    }

    fun up(
        key: Int,
        meta: Int = 0,
    ): ScanKeys = send(KeyEvent(now, now, KeyEvent.ACTION_UP, key, 0, meta, device, 0, flags))

    @Suppress("DEPRECATION")
    fun multiple(text: String): ScanKeys {
        now += every
        return send(KeyEvent(now, text, device, flags))
    }

    fun pause(ms: Long): ScanKeys = apply { now += ms }

    private fun send(event: KeyEvent): ScanKeys = apply { if (!wedge.onKeyEvent(event)) passed += event }

    private fun name(event: KeyEvent) =
        when (event.keyCode) {
            KeyEvent.KEYCODE_ENTER -> "⏎"
            in KeyEvent.KEYCODE_0..KeyEvent.KEYCODE_9 -> "${event.keyCode - KeyEvent.KEYCODE_0}"
            else -> "<${event.keyCode}>"
        }

    private companion object {
        /** One clock for all keyboards. */
        var now = 10_000L
    }
}
