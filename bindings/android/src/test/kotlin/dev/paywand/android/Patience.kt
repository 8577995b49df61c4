package dev.paywand.android

import android.os.Looper
import org.robolectric.Shadows.shadowOf

/** Waiting for other threads while the main thread does what they post to it. */
internal object Patience {
    private const val LIMIT_MS = 20_000L

    fun until(condition: () -> Boolean) {
        val deadline = System.nanoTime() + LIMIT_MS * 1_000_000
        while (true) {
            idle()
            if (condition()) return
            check(System.nanoTime() < deadline) { "it has not come about in $LIMIT_MS ms" }
            Thread.sleep(5)
        }
    }

    /** Does what the main thread has to do now. */
    fun idle() = shadowOf(Looper.getMainLooper()).idle()
}
