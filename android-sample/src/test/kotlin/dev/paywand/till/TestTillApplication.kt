package dev.paywand.till

import dev.paywand.Secret
import dev.paywand.android.VaultException
import dev.paywand.android.VaultProblem
import dev.paywand.android.VaultStatus

/** The application of the tests: Robolectric takes it for its name. It has no Keystore, so keys end with the process. */
open class TestTillApplication : TillApplication() {
    override val secrets = MemorySecrets()

    override fun onCreate() {
        super.onCreate()
        // The question would stand before the screen that a test waits for.
        settings.askedToNotify = true
    }
}

class MemorySecrets : Secrets {
    private val kept = mutableMapOf<String, String>()

    /** Why nothing can be put; null: it can. */
    var refuses: VaultProblem? = null

    override var status: VaultStatus = VaultStatus.KEYSTORE_HARDWARE

    override fun put(
        name: String,
        secret: String,
    ) {
        refuses?.let { throw VaultException(it) }
        kept[name] = secret
    }

    override fun get(name: String): Secret? = kept[name]?.let { Secret(it) }

    override fun remove(name: String) {
        kept.remove(name)
    }

    override fun allowUnprotected() = Unit
}
