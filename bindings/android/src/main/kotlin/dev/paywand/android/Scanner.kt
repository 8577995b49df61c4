package dev.paywand.android

import android.os.SystemClock
import dev.paywand.ScanEvent
import dev.paywand.ScanFunnel
import dev.paywand.ScanSource

/**
 * Where all scans of a till meet: [ScanHeads], [KeyboardWedge] and the camera deliver here, and only what comes while the till
 * waits for a scan counts, once (docs/android.md, scan heads).
 *
 * Used on the main thread only, but for [isArmed], which the camera's thread asks too.
 */
public class Scanner {
    private val funnel = ScanFunnel()
    private var listener: ((ScanEvent) -> Unit)? = null

    /** Whether a scan would count now. */
    public val isArmed: Boolean get() = funnel.isArmed()

    /**
     * Waits for one scan. [onEvent] hears of every scan from now on, until [disarm] or the next [arm]; at most one of them
     * is [ScanEvent.Accepted].
     */
    public fun arm(onEvent: (ScanEvent) -> Unit) {
        listener = onEvent
        funnel.arm()
    }

    /** Waits no longer. */
    public fun disarm() {
        funnel.disarm()
        listener = null
    }

    /** What a source has read: [bytes] are preferred to [text]. The answer is what [arm]'s listener is told. */
    public fun deliver(
        source: ScanSource,
        bytes: ByteArray?,
        text: String?,
    ): ScanEvent {
        val event = funnel.scan(source, bytes, text, SystemClock.elapsedRealtime())
        listener?.invoke(event)
        return event
    }
}
