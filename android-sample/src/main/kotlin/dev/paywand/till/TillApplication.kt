package dev.paywand.till

import android.app.Application
import dev.paywand.android.Paywand

/** The till's process: what all its screens share. */
open class TillApplication : Application() {
    /** What the merchant has set up. */
    val settings: Settings by lazy { Settings(this) }

    /** The accounts' keys. */
    open val secrets: Secrets by lazy { VaultSecrets(this) }

    /** The payments. */
    open val payments: Payments = TerminalPayments()

    override fun onCreate() {
        super.onCreate()
        // With a context: what is in flight is driven to its end in the background too.
        Paywand.setUp(this) { settings.terminalConfig(secrets) }
    }
}
