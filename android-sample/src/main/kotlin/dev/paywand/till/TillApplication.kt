package dev.paywand.till

import android.app.Application
import dev.paywand.android.FeedbackSettings
import dev.paywand.android.PaymentActivity
import dev.paywand.android.Paywand

/** The till's process: what all its screens share. */
open class TillApplication : Application() {
    /** What the merchant has set up. */
    val settings: Settings by lazy { Settings(this) }

    /** The accounts' keys. */
    open val secrets: Secrets by lazy { VaultSecrets(this) }

    /** The payments. */
    open val payments: Payments = TerminalPayments()

    /**
     * The request key of a sale that its screen has left as perhaps begun. In memory alone: in a new process nothing is on its
     * way any more that the store does not know of.
     */
    var perhapsBegun: String? = null

    override fun onCreate() {
        super.onCreate()
        hearSettings()
        // With a context: what is in flight is driven to its end in the background too.
        Paywand.setUp(this) { settings.terminalConfig(secrets) }
    }

    /** What is heard and felt of a sale's end, as the merchant wants it now. */
    fun hearSettings() {
        PaymentActivity.feedback =
            FeedbackSettings(tones = settings.sounds, vibration = settings.sounds, speech = settings.speech)
    }
}
