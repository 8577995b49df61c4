package dev.paywand.android

/**
 * Urovo's `android.device.ScanManager`, a class of the device's own Android, called by reflection. On a device without
 * it, or with another version of it, nothing happens: the head then sends what its settings say.
 */
internal class ScanManagerDriver private constructor(
    private val manager: Any,
) {
    /** Switches the head on, and from typing to broadcasts. */
    fun claim() {
        call("openScanner")
        call("switchOutputMode", BROADCAST)
    }

    fun trigger() = call("startDecode")

    fun stopTrigger() = call("stopDecode")

    private fun call(
        name: String,
        vararg arguments: Int,
    ) {
        val types = Array<Class<*>>(arguments.size) { Int::class.javaPrimitiveType!! }
        tolerant { manager.javaClass.getMethod(name, *types).invoke(manager, *arguments.toTypedArray()) }
    }

    companion object {
        private const val BROADCAST = 0

        /** Null on a device that has no such class. */
        fun open(className: String = "android.device.ScanManager"): ScanManagerDriver? =
            tolerant { Class.forName(className).getConstructor().newInstance() }?.let(::ScanManagerDriver)

        /** Whatever a vendor's class does, the till goes on. */
        private fun <T> tolerant(call: () -> T): T? =
            try {
                call()
            } catch (_: ReflectiveOperationException) {
                null
            } catch (_: RuntimeException) {
                null
            } catch (_: LinkageError) {
                null
            }
    }
}
