package dev.paywand.android

import android.content.Context

/** How a [SecretVault] keeps what it is given. */
public enum class VaultStatus {
    /** Under a key that never leaves the device's secure hardware. */
    KEYSTORE_HARDWARE,

    /** Under a key of the Android Keystore, which on this device is software: whoever has root can use it. */
    KEYSTORE_SOFTWARE,

    /** Not at all: the Keystore of this device does not work, and [SecretVault.allowUnprotected] was not called. */
    UNAVAILABLE,

    /** In the clear, in the app's own folder, as [SecretVault.allowUnprotected] allowed. */
    UNPROTECTED,
}

/** Why a secret cannot be kept or read. */
public enum class VaultProblem(
    private val words: Int,
) {
    /** The Keystore of this device does not work: an explicit choice is needed ([SecretVault.allowUnprotected]). */
    UNAVAILABLE(R.string.paywand_vault_unavailable),

    /**
     * The Keystore's key cannot be used. Most likely it is gone: the device was reset, the app's files came back from a
     * backup; then what was kept cannot be read any more and has to be entered again. But a Keystore that is busy, or
     * whose hardware restarts, says the same: try again before it is entered anew.
     */
    KEY_LOST(R.string.paywand_vault_key_lost),

    /** This value was changed since it was written, or stood under another name. It has to be entered again. */
    DAMAGED(R.string.paywand_vault_damaged),

    /** The Keystore or the disk failed this time. Try again. */
    FAILED(R.string.paywand_vault_failed),
    ;

    /** What a person at the till reads, in the language of [context]. */
    public fun text(context: Context): String = context.getString(words)
}

/** A secret could not be kept or read. Holds no secret, nor anything that the Keystore said. */
public class VaultException(
    /** Why. */
    public val problem: VaultProblem,
    cause: Throwable? = null,
) : Exception(problem.name.lowercase(), cause)
