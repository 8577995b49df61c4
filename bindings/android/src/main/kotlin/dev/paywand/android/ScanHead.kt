package dev.paywand.android

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Build
import dev.paywand.ScanSource
import java.io.Closeable

/**
 * A scan head that tells by broadcast what it has read; made by [ScanHeads.open]. [start] belongs into `onResume`,
 * [stop] into `onPause`: a head is claimed by one app at a time. Used on the main thread only.
 *
 * Any app can send the same broadcasts. That is why they only reach a [Scanner], where nothing counts unless the till
 * waits for a scan.
 */
public class ScanHead internal constructor(
    private val context: Context,
    private val scanner: Scanner,
    /** The device's own row first, then the other rows that are listened to. */
    private val rows: List<ScanHeadVendor>,
    private val configure: Boolean,
) : Closeable {
    private val own = rows.first()
    private val scanManager = if (own.scanManager) ScanManagerDriver.open() else null
    private val receiver = Receiver()
    private var started = false
    private var triggered = false

    /** The vendor's name: one of [ScanHeads.vendors], or `unknown`. */
    public val vendor: String get() = own.name

    /** Whether [trigger] can do something: else only the device's scan key turns the light on. */
    public val canTrigger: Boolean get() = own.trigger.isNotEmpty() || scanManager != null

    /** Listens, and claims the head. Again without a [stop] between: nothing happens. */
    public fun start() {
        if (started) return
        started = true
        register()
        if (own.setUp.isNotEmpty() && setUpSoFar.add(own.name to own.setUp.map { it.content })) send(own.setUp)
        send(own.claim)
        if (configure) scanManager?.claim()
    }

    /** Releases the head, and listens no longer. */
    public fun stop() {
        if (!started) return
        stopTrigger()
        send(own.release)
        context.unregisterReceiver(receiver)
        started = false
    }

    /** Turns the head's light on, as the device's scan key does; it goes off by itself after some seconds or a scan. */
    public fun trigger() {
        if (!started) return
        triggered = true
        scanManager?.trigger()
        send(own.trigger)
    }

    /** Turns the light off that [trigger] turned on. */
    public fun stopTrigger() {
        if (!triggered) return
        triggered = false
        scanManager?.stopTrigger()
        send(own.stopTrigger)
    }

    /** As [stop]. */
    override fun close(): Unit = stop()

    private fun register() {
        val filter = IntentFilter()
        rows.flatMap { it.actions }.distinct().forEach(filter::addAction)
        // The heads' services are other apps, so the receiver is exported; from Android 13 on that must be said.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            context.registerReceiver(receiver, filter, Context.RECEIVER_EXPORTED)
        } else {
            context.registerReceiver(receiver, filter)
        }
    }

    private fun send(commands: List<ScanHeadCommand>) {
        for (command in commands) {
            try {
                context.sendBroadcast(command.toIntent())
            } catch (_: SecurityException) {
                // Some firmware reserves the action for its own apps: the head then sends what its settings say.
            }
        }
    }

    private fun scanOf(intent: Intent): Scanned? =
        rows.filter { intent.action in it.actions }.firstNotNullOfOrNull { scanOf(intent, it) }

    private inner class Receiver : BroadcastReceiver() {
        override fun onReceive(
            context: Context,
            intent: Intent,
        ) {
            // A sticky broadcast is handed over at registration: it is a scan of long ago.
            if (isInitialStickyBroadcast) return
            val scan = scanOf(intent) ?: return
            scanner.deliver(ScanSource.BROADCAST, scan.bytes, scan.text)
        }
    }

    internal companion object {
        /** What has been set up since the process began: a head may hang where it is switched for every sale. */
        private val setUpSoFar = HashSet<Any>()

        /** As in a new process. */
        fun forget() = setUpSoFar.clear()
    }
}
