package dev.paywand.android

import android.content.Context
import android.content.Intent
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaymentKind

/** Who scans whom. */
public enum class PaymentWay {
    /** The till scans the customer's payment code 付款码. */
    SCAN,

    /** The customer scans a QR that the screen shows. */
    QR,
}

/**
 * A sale for [PaymentActivity].
 *
 * What the core would refuse (an amount of zero, a gateway that is not configured) is refused on the screen, in its words.
 *
 * @property requestKey the app's own name for the sale, 1 to 64 characters. The same key is the same payment: started again
 *   with it, the screen shows that payment and charges nothing.
 * @property amount what the customer pays; above zero, in the gateway's currency.
 * @property gateway the configured gateway's id; null: the customer's wallet decides.
 * @property subject what is sold, in a few words; the screen and the customer's wallet show it.
 * @property cashier the cashier's id.
 * @property way how the screen begins.
 * @property otherWay whether the cashier may change to the other way before anything has begun.
 */
public class PaymentCall(
    public val requestKey: String,
    public val amount: Amount,
    public val gateway: String? = null,
    public val subject: String = "",
    public val cashier: String? = null,
    public val way: PaymentWay = PaymentWay.SCAN,
    public val otherWay: Boolean = true,
) {
    internal fun intent(context: Context): Intent =
        Intent(context, PaymentActivity::class.java)
            .putExtra(KEY, requestKey)
            .putExtra(MINOR, amount.minor)
            .putExtra(CURRENCY, amount.currency)
            .putExtra(GATEWAY, gateway)
            .putExtra(SUBJECT, subject)
            .putExtra(CASHIER, cashier)
            .putExtra(WAY, way.name)
            .putExtra(OTHER_WAY, otherWay)

    /** Whether [payment] is this sale, and not another one under the same key. */
    internal fun isOf(payment: Payment): Boolean =
        payment.requestKey == requestKey &&
            payment.amount == amount &&
            payment.kind != PaymentKind.REFUND &&
            (gateway == null || gateway == payment.gateway)

    internal companion object {
        private const val KEY = "dev.paywand.android.REQUEST_KEY"
        private const val MINOR = "dev.paywand.android.AMOUNT_MINOR"
        private const val CURRENCY = "dev.paywand.android.CURRENCY"
        private const val GATEWAY = "dev.paywand.android.GATEWAY"
        private const val SUBJECT = "dev.paywand.android.SUBJECT"
        private const val CASHIER = "dev.paywand.android.CASHIER"
        private const val WAY = "dev.paywand.android.WAY"
        private const val OTHER_WAY = "dev.paywand.android.OTHER_WAY"

        /** The sale that [intent] asks for; null where it asks for none. */
        fun from(intent: Intent): PaymentCall? =
            try {
                read(intent)
            } catch (_: RuntimeException) {
                // Extras of a class that is not here cannot even be unpacked.
                null
            }

        private fun read(intent: Intent): PaymentCall? {
            val key = intent.getStringExtra(KEY)
            val currency = intent.getStringExtra(CURRENCY)
            val minor = intent.getLongExtra(MINOR, 0)
            val way = PaymentWay.entries.find { it.name == intent.getStringExtra(WAY) }
            if (key.isNullOrEmpty() || currency.isNullOrEmpty() || minor <= 0 || way == null) return null
            return PaymentCall(
                requestKey = key,
                amount = Amount(minor, currency),
                gateway = intent.getStringExtra(GATEWAY),
                subject = intent.getStringExtra(SUBJECT).orEmpty(),
                cashier = intent.getStringExtra(CASHIER),
                way = way,
                otherWay = intent.getBooleanExtra(OTHER_WAY, true),
            )
        }
    }
}
