package dev.paywand.till

import android.app.Activity
import android.content.Intent
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.android.PaymentActivity
import dev.paywand.android.PaymentCall
import dev.paywand.android.PaymentWay
import dev.paywand.isFinal
import org.json.JSONObject
import java.util.UUID

/** A sale as the cashier asks for it. */
data class SaleCall(
    val requestKey: String,
    val amount: Amount,
    val account: String,
    val subject: String,
    val cashier: String?,
    val showQr: Boolean,
) {
    fun toJson(): JSONObject =
        JSONObject()
            .put("request_key", requestKey)
            .put("minor", amount.minor)
            .put("currency", amount.currency)
            .put("account", account)
            .put("subject", subject)
            .putOpt("cashier", cashier)
            .put("show_qr", showQr)

    companion object {
        fun fromJson(json: JSONObject): SaleCall =
            SaleCall(
                requestKey = json.getString("request_key"),
                amount = Amount(json.getLong("minor"), json.getString("currency")),
                account = json.getString("account"),
                subject = json.getString("subject"),
                cashier = if (json.has("cashier")) json.getString("cashier") else null,
                showQr = json.getBoolean("show_qr"),
            )
    }
}

/** What the cashier had seen of a sale when its screen was left. */
enum class Seen {
    /** How it ended. */
    END,

    /** That it needs a person. */
    ATTENTION,

    /** Neither. */
    NOTHING,
    ;

    /** Whether there is nothing more to tell of [payment]. */
    fun covers(payment: Payment): Boolean =
        when (this) {
            END -> payment.isFinal
            ATTENTION -> payment.needsPerson
            NOTHING -> false
        }

    companion object {
        /** From what the sale's screen returns. */
        fun of(
            resultCode: Int,
            data: Intent?,
        ): Seen {
            val state = PaymentActivity.state(data)
            return when {
                resultCode == Activity.RESULT_OK || resultCode == PaymentActivity.RESULT_NOT_PAID -> END
                state?.isFinal == true -> END
                state == PaymentState.NEEDS_ATTENTION -> ATTENTION
                else -> NOTHING
            }
        }
    }
}

/** A name that no sale or refund has had before. */
fun newRequestKey(): String = "till/${UUID.randomUUID()}"

/** Hands the sale to the library's screen. The same request key again is the same sale: it goes on, and charges nothing twice. */
fun startSale(
    activity: Activity,
    call: SaleCall,
    requestCode: Int,
) {
    val sale =
        PaymentCall(
            requestKey = call.requestKey,
            amount = call.amount,
            gateway = call.account,
            subject = call.subject,
            cashier = call.cashier,
            way = if (call.showQr) PaymentWay.QR else PaymentWay.SCAN,
        )
    activity.startActivityForResult(PaymentActivity.intent(activity, sale), requestCode)
}
