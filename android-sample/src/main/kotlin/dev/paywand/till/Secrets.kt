package dev.paywand.till

import android.content.Context
import dev.paywand.Secret

/** Where the accounts' keys are kept. All calls may take a moment: not on the main thread. */
interface Secrets {
    /** A text that says how safe they are there. */
    val status: Int

    fun put(
        name: String,
        secret: String,
    )

    /** Null: there is none of this name. */
    fun get(name: String): Secret?

    fun remove(name: String)
}

/** The keys of this device. */
fun openSecrets(
    @Suppress("UNUSED_PARAMETER") context: Context,
): Secrets = MemorySecrets()

/** Forgets them when the process ends. */
class MemorySecrets : Secrets {
    private val kept = mutableMapOf<String, String>()

    override val status: Int = R.string.vault_memory

    override fun put(
        name: String,
        secret: String,
    ) {
        kept[name] = secret
    }

    override fun get(name: String): Secret? = kept[name]?.let { Secret(it) }

    override fun remove(name: String) {
        kept.remove(name)
    }
}
