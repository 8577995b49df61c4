package dev.paywand.till

import android.content.Context
import dev.paywand.Secret
import dev.paywand.android.SecretVault
import dev.paywand.android.VaultException
import dev.paywand.android.VaultStatus

/**
 * Where the accounts' keys are kept. All calls may take a moment: not on the main thread. What cannot be kept or read is a
 * [VaultException].
 */
interface Secrets {
    /** How safe they are there. */
    val status: VaultStatus

    fun put(
        name: String,
        secret: String,
    )

    /** Null: there is none of this name. */
    fun get(name: String): Secret?

    fun remove(name: String)

    /** Lets them be kept in the clear where the device has no working Keystore: the merchant's choice. */
    fun allowUnprotected()
}

/** The keys of this device, under a key of the Android Keystore. */
class VaultSecrets(
    context: Context,
) : Secrets {
    private val vault = SecretVault(context)

    override val status: VaultStatus get() = vault.status

    override fun put(
        name: String,
        secret: String,
    ): Unit = vault.put(name, secret)

    override fun get(name: String): Secret? = vault.get(name)

    override fun remove(name: String): Unit = vault.remove(name)

    override fun allowUnprotected(): Unit = vault.allowUnprotected()
}

/** A text that says how safe the keys are. */
val VaultStatus.words: Int
    get() =
        when (this) {
            VaultStatus.KEYSTORE_HARDWARE -> R.string.vault_keystore
            VaultStatus.KEYSTORE_SOFTWARE -> R.string.vault_software
            VaultStatus.UNAVAILABLE -> R.string.vault_unavailable
            VaultStatus.UNPROTECTED -> R.string.vault_unprotected
        }
