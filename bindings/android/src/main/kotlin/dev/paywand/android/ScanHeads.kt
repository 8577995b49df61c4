package dev.paywand.android

import android.content.Context
import android.os.Build

/**
 * What an app says of its devices' scan head, so that a new device needs no new release. All null: as the vendor table
 * has it.
 *
 * @property vendor a name of [ScanHeads.vendors], instead of recognising the device by its maker and model.
 * @property actions the only broadcasts that are listened to. The first is the one that the head is told to send, where
 * it can be told (Zebra, Honeywell, Seuic). Where neither the extras nor a [vendor] are said, every known extra is tried.
 * @property textExtras the extras that hold the scan as a String, best first.
 * @property byteExtras the extras that hold it as bytes, best first, preferred to the text.
 * @property lengthExtra the extra with the number of bytes that count.
 * @property stateExtra the extra that says whether something was read.
 * @property stateOk what [stateExtra] holds then.
 * @property configure whether the head is told to send broadcasts, and claimed and released. False where the shop's
 * device management does it.
 * @property setUp sent once while the app's process lives, before the first claim.
 * @property claim sent at each start.
 * @property release sent at each stop.
 * @property trigger turns the head's light on.
 * @property stopTrigger turns it off.
 */
public class ScanHeadOverrides(
    public val vendor: String? = null,
    public val actions: List<String>? = null,
    public val textExtras: List<String>? = null,
    public val byteExtras: List<String>? = null,
    public val lengthExtra: String? = null,
    public val stateExtra: String? = null,
    public val stateOk: String? = null,
    public val configure: Boolean = true,
    public val setUp: List<ScanHeadCommand>? = null,
    public val claim: List<ScanHeadCommand>? = null,
    public val release: List<ScanHeadCommand>? = null,
    public val trigger: List<ScanHeadCommand>? = null,
    public val stopTrigger: List<ScanHeadCommand>? = null,
) {
    internal fun applyTo(row: ScanHeadVendor): ScanHeadVendor {
        // What the device calls itself says nothing of what another action's broadcast holds.
        val knowsExtras = vendor != null || textExtras != null || byteExtras != null
        val extras = if (actions == null || knowsExtras) row else Vendors.unknown
        return row.copy(
            actions = actions ?: row.actions,
            textExtras = textExtras ?: extras.textExtras,
            byteExtras = byteExtras ?: extras.byteExtras,
            lengthExtra = lengthExtra ?: extras.lengthExtra,
            stateExtra = stateExtra ?: row.stateExtra,
            stateOk = stateOk ?: row.stateOk,
            setUp = (setUp ?: row.setUp).takeIf { configure }.orEmpty(),
            claim = (claim ?: row.claim).takeIf { configure }.orEmpty(),
            release = (release ?: row.release).takeIf { configure }.orEmpty(),
            trigger = trigger ?: row.trigger,
            stopTrigger = stopTrigger ?: row.stopTrigger,
        )
    }
}

/** The scan heads that are known by data (docs/adding-a-scan-head.md). */
public object ScanHeads {
    /** The names that [ScanHeadOverrides.vendor] takes. */
    public val vendors: List<String> = Vendors.all.map { it.name }

    /**
     * The device's scan head, recognised by `Build.MODEL` and `Build.MANUFACTURER`; its scans go to [scanner]. Nothing
     * is sent or listened to before [ScanHead.start].
     *
     * The vendor decides how the head is told what to send, and how it is triggered. Listened to are the documented
     * broadcasts of every vendor, on every device: makers build in each other's heads, many devices bear the name of a
     * reference board, and a scan counts only while the till waits for one, whatever its action is named.
     *
     * @throws IllegalArgumentException [overrides] name a vendor that is not in [vendors].
     */
    public fun open(
        context: Context,
        scanner: Scanner,
        overrides: ScanHeadOverrides = ScanHeadOverrides(),
    ): ScanHead {
        val known = overrides.vendor?.let(::named) ?: Vendors.recognise(Build.MANUFACTURER, Build.MODEL)
        val row = overrides.applyTo(known)
        val others = if (overrides.actions == null) Vendors.all - known else emptyList()
        val app = context.applicationContext
        return ScanHead(
            app,
            scanner,
            (listOf(row) + others).map { it.forPackage(app.packageName) },
            overrides.configure,
        )
    }

    private fun named(name: String): ScanHeadVendor =
        requireNotNull(Vendors.all.find { it.name.equals(name, ignoreCase = true) }) { "no vendor is named $name" }
}
