package dev.paywand.android

/**
 * One row of the vendor table: how a kind of scan head tells what it has read, and how it is spoken to. Data only;
 * [ScanHead] does what it says. Strings of commands may hold [PACKAGE] and [ACTION].
 */
internal data class ScanHeadVendor(
    val name: String,
    /** The broadcasts that bring a scan. The first is the one that a head is told to send, where it can be told. */
    val actions: List<String>,
    /** Extras that hold the scan as a String, best first. */
    val textExtras: List<String> = emptyList(),
    /** Extras that hold it as a byte array or a list of such, best first. Preferred: some heads spoil the text. */
    val byteExtras: List<String> = emptyList(),
    /** The extra with the number of bytes that count: the array may be a longer buffer. */
    val lengthExtra: String? = null,
    /** The extra that says whether the head has read something. Another value than [stateOk] means that it has not. */
    val stateExtra: String? = null,
    val stateOk: String? = null,
    /** How `Build.MANUFACTURER` begins on such devices. */
    val makers: List<String> = emptyList(),
    /** How `Build.MODEL` begins, where the maker's name does not tell. */
    val models: List<String> = emptyList(),
    /** Sent once while the process lives, before the first claim. */
    val setUp: List<ScanHeadCommand> = emptyList(),
    /** Sent at each start: other apps may have told the head something else meanwhile. */
    val claim: List<ScanHeadCommand> = emptyList(),
    /** Sent at each stop. */
    val release: List<ScanHeadCommand> = emptyList(),
    /** Turns the light on, as the device's scan key does. */
    val trigger: List<ScanHeadCommand> = emptyList(),
    val stopTrigger: List<ScanHeadCommand> = emptyList(),
    /** Whether the device has the class `android.device.ScanManager`, which is asked instead of sending commands. */
    val scanManager: Boolean = false,
) {
    fun isMadeBy(maker: String): Boolean = makers.any { maker.startsWith(it, ignoreCase = true) }

    fun isModel(model: String): Boolean = models.any { model.startsWith(it, ignoreCase = true) }

    /** The row as it is used by one app: without placeholders. */
    fun forPackage(packageName: String): ScanHeadVendor {
        val own = actions.map { it.replace(PACKAGE, packageName) }
        val words = mapOf(PACKAGE to packageName, ACTION to own.firstOrNull().orEmpty())
        return copy(
            actions = own,
            setUp = setUp.map { it.with(words) },
            claim = claim.map { it.with(words) },
            release = release.map { it.with(words) },
            trigger = trigger.map { it.with(words) },
            stopTrigger = stopTrigger.map { it.with(words) },
        )
    }

    companion object {
        /** Stands for the app's package name. */
        const val PACKAGE = "{package}"

        /** Stands for the first of [actions]. */
        const val ACTION = "{action}"
    }
}
