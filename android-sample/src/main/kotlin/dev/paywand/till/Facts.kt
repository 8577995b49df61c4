package dev.paywand.till

import android.content.Context
import dev.paywand.Evidence
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.Wallet

/** What is known of a payment, as names (text resources) and values; what is not known is left out. */
fun Context.facts(
    payment: Payment,
    times: Times,
): List<Pair<Int, String>> =
    listOf(
        R.string.fact_subject to payment.texts.subject.ifEmpty { null },
        R.string.fact_account to payment.gateway,
        R.string.fact_kind to getString(payment.kind.label),
        R.string.fact_wallet to payment.wallet?.label?.let(::getString),
        R.string.fact_code to payment.codeMasked,
        R.string.fact_cashier to payment.texts.cashier,
        R.string.fact_received to payment.received?.takeIf { it != payment.amount }?.shown(),
        R.string.fact_began to times.full(payment.createdAtMs),
        (if (payment.isRefund) R.string.fact_refunded_at else R.string.fact_paid_at) to
            payment.paidAtMs?.let(times::full),
        R.string.fact_changed to times.full(payment.updatedAtMs),
        R.string.fact_day to times.day(payment.businessDay),
        R.string.fact_order to payment.orderNumber,
        R.string.fact_gateway_order to payment.gatewayOrderNumber,
        R.string.fact_original to payment.refundOf?.orderNumber,
        R.string.fact_gateway_code to payment.gatewayCode,
        R.string.fact_evidence to payment.evidence?.let { getString(it.label) },
        R.string.fact_settled to payment.settledBy?.let { getString(R.string.settled_why, it.who, it.why) },
        R.string.fact_key to payment.requestKey,
    ).mapNotNull { (name, value) -> value?.let { name to it } }

private val PaymentKind.label: Int
    get() =
        when (this) {
            PaymentKind.CHARGE -> R.string.kind_charge
            PaymentKind.QR -> R.string.kind_qr
            PaymentKind.REFUND -> R.string.kind_refund
        }

private val Evidence.label: Int
    get() =
        when (this) {
            Evidence.SIGNATURE -> R.string.evidence_signature
            Evidence.ORDER -> R.string.evidence_order
            Evidence.CONNECTION -> R.string.evidence_connection
        }

/** Null: no known wallet. */
private val Wallet.label: Int?
    get() =
        when (this) {
            Wallet.WECHAT -> R.string.wallet_wechat
            Wallet.ALIPAY -> R.string.wallet_alipay
            Wallet.UNION_PAY -> R.string.wallet_union_pay
            Wallet.BEST_PAY -> R.string.wallet_best_pay
            Wallet.QQ -> R.string.wallet_qq
            Wallet.JD -> R.string.wallet_jd
            Wallet.ECNY -> R.string.wallet_ecny
            Wallet.UNKNOWN -> null
        }
