package dev.paywand.till

import dev.paywand.Secret
import dev.paywand.android.VaultStatus

/** The application of the tests: Robolectric takes it for its name. It has no Keystore, so keys end with the process. */
open class TestTillApplication : TillApplication() {
    override val secrets: Secrets = MemorySecrets()
}

class MemorySecrets : Secrets {
    private val kept = mutableMapOf<String, String>()

    override val status: VaultStatus = VaultStatus.KEYSTORE_HARDWARE

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

    override fun allowUnprotected() = Unit
}
