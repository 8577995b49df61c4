package dev.paywand

/** The native library, checked once against the bindings: a build that does not match stops before any payment. */
internal object NativeLibrary {
    init {
        uniffiEnsureInitialized()
    }

    /** Loads the library and compares its version and checksums with the bindings', the first time. */
    fun ensureChecked() = Unit
}
