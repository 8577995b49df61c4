package dev.paywand.android

import android.content.Context
import android.text.SpannableString
import android.text.Spanned
import android.text.format.DateFormat
import android.text.style.RelativeSizeSpan
import dev.paywand.Amount
import dev.paywand.Language
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.ScreenText
import dev.paywand.Wallet
import dev.paywand.amountToMajor
import dev.paywand.screenText
import dev.paywand.unreadableText
import java.util.Date

/**
 * The words of the payment screen, in the language of its resources. What is said of money comes from the core; the screen's
 * own words say what to press, and name the tone.
 */
internal class PaymentWords(
    private val context: Context,
) {
    private val language =
        if (context.getString(R.string.paywand_language) == "zh") Language.ZH else Language.EN

    /** What the core says: of the payment; where there is none, of the error. */
    fun core(sale: Sale): ScreenText? = sale.payment?.screenText(language) ?: sale.error?.screenText(language)

    fun headline(
        screen: PaymentScreen,
        blocking: Payment?,
    ): String? =
        when {
            screen.stage == Stage.REPEAT && blocking?.isFinal == true -> {
                context.getString(
                    R.string.paywand_payment_repeat_ended,
                )
            }

            screen.stage == Stage.REPEAT -> {
                context.getString(R.string.paywand_payment_repeat)
            }

            screen.stage == Stage.WORKING && screen.tone == Tone.DOUBT -> {
                context.getString(
                    R.string.paywand_payment_overdue,
                )
            }

            else -> {
                headline(screen.tone)?.let(context::getString)
            }
        }

    private fun headline(tone: Tone): Int? =
        when (tone) {
            Tone.PLAIN -> null
            Tone.PAID -> R.string.paywand_payment_paid
            Tone.NOT_PAID -> R.string.paywand_payment_not_paid
            Tone.DOUBT -> R.string.paywand_payment_doubt
        }

    fun title(
        screen: PaymentScreen,
        sale: Sale,
    ): String? =
        when (screen.stage) {
            Stage.OPENING -> context.getString(R.string.paywand_payment_opening)

            Stage.SCAN -> context.getString(R.string.paywand_payment_scan_title)

            // The customer looks at it.
            Stage.QR -> core(sale)?.customer

            Stage.WORKING -> working(screen, sale)

            Stage.REFUSED -> context.getString(R.string.paywand_payment_refused)

            Stage.REPEAT, Stage.RESULT -> null
        }

    private fun working(
        screen: PaymentScreen,
        sale: Sale,
    ): String? =
        when {
            screen.tone == Tone.DOUBT -> null
            sale.payment == null -> context.getString(R.string.paywand_payment_sending)
            else -> context.getString(R.string.paywand_payment_working)
        }

    fun words(
        screen: PaymentScreen,
        sale: Sale,
    ): String? =
        when (screen.stage) {
            Stage.OPENING -> null
            Stage.SCAN -> context.getString(R.string.paywand_payment_scan_wallets)
            Stage.QR -> context.getString(R.string.paywand_payment_qr_wallets)
            Stage.REPEAT -> repeat(sale)
            Stage.REFUSED -> core(sale)?.cashier ?: sale.keys?.text(context)
            Stage.WORKING, Stage.RESULT -> core(sale)?.cashier
        }

    /** How the other payment has ended; until then that it is in doubt. */
    private fun repeat(sale: Sale): String? {
        val ended = sale.blocking?.takeIf { it.isFinal }?.screenText(language)
        return (ended ?: sale.error?.screenText(language))?.cashier
    }

    /** What may be happening on the customer's phone. */
    fun hint(
        screen: PaymentScreen,
        payment: Payment?,
    ): String? =
        when {
            screen.stage != Stage.WORKING || payment?.kind != PaymentKind.CHARGE -> null
            payment.state != PaymentState.CHARGING && payment.state != PaymentState.QUERYING -> null
            else -> context.getString(R.string.paywand_payment_password)
        }

    /** What there is to tell the customer; where the screen is the cashier's. */
    fun customer(
        screen: PaymentScreen,
        sale: Sale,
    ): String? =
        when (screen.stage) {
            Stage.WORKING, Stage.RESULT -> core(sale)?.customer
            else -> null
        }

    /** What stands in the note at the end, in the order of its weight. */
    fun note(
        screen: PaymentScreen,
        sale: Sale,
    ): String? {
        val refused = sale.error?.takeIf { sale.payment != null }
        return when {
            refused != null -> {
                refused.screenText(language).cashier
            }

            sale.keys != null && screen.stage != Stage.REFUSED -> {
                sale.keys.text(context)
            }

            sale.unreadable != null && screen.stage == Stage.SCAN -> {
                unreadableText(sale.unreadable, language)
            }

            sale.cancelAsked -> {
                context.getString(R.string.paywand_payment_cancel_asked)
            }

            // What has ended is in no list of what is in doubt, contradicted or not.
            screen.stage == Stage.RESULT && screen.tone == Tone.DOUBT && sale.payment?.isFinal == false -> {
                context.getString(
                    R.string.paywand_payment_doubt_note,
                )
            }

            screen.stage == Stage.WORKING && screen.tone == Tone.DOUBT -> {
                context.getString(
                    R.string.paywand_payment_overdue_note,
                )
            }

            else -> {
                null
            }
        }
    }

    /** What stands in the note where the QR cannot be drawn. */
    fun noQr(): String = context.getString(R.string.paywand_payment_qr_too_long)

    fun seconds(left: Long): String = context.getString(R.string.paywand_payment_seconds, left)

    /** A large number after a small currency. */
    fun amount(amount: Amount): CharSequence {
        val text = SpannableString("${amount.currency} ${amountToMajor(amount)}")
        text.setSpan(RelativeSizeSpan(CURRENCY_SIZE), 0, amount.currency.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        return text
    }

    /** What a receipt would hold of [payment]: names and values. */
    fun details(payment: Payment): List<Pair<String, String>> =
        listOfNotNull(
            payment.wallet?.let(::name)?.let { R.string.paywand_payment_wallet to context.getString(it) },
            R.string.paywand_payment_time to time(payment.paidAtMs ?: payment.createdAtMs),
            R.string.paywand_payment_order to (payment.gatewayOrderNumber ?: payment.orderNumber),
        ).filter { it.second.isNotEmpty() }.map { (name, value) -> context.getString(name) to value }

    /** What tells the other sale from this one. */
    fun detailsOfOther(payment: Payment): List<Pair<String, String>> =
        listOf(
            context.getString(R.string.paywand_payment_amount) to
                "${payment.amount.currency} ${amountToMajor(payment.amount)}",
        ) + details(payment)

    private fun time(ms: Long): String {
        val date = Date(ms)
        return DateFormat.getMediumDateFormat(context).format(date) + " " +
            DateFormat.getTimeFormat(context).format(date)
    }

    private fun name(wallet: Wallet): Int? =
        when (wallet) {
            Wallet.WECHAT -> R.string.paywand_wallet_wechat
            Wallet.ALIPAY -> R.string.paywand_wallet_alipay
            Wallet.UNION_PAY -> R.string.paywand_wallet_union_pay
            Wallet.BEST_PAY -> R.string.paywand_wallet_best_pay
            Wallet.QQ -> R.string.paywand_wallet_qq
            Wallet.JD -> R.string.paywand_wallet_jd
            Wallet.ECNY -> R.string.paywand_wallet_ecny
            Wallet.UNKNOWN -> null
        }

    private companion object {
        const val CURRENCY_SIZE = 0.5f
    }
}

/** What stands on the button. */
internal val Choice.label: Int
    get() =
        when (this) {
            Choice.SHOW_QR -> R.string.paywand_payment_show_qr
            Choice.SCAN -> R.string.paywand_payment_scan
            Choice.CANCEL -> R.string.paywand_payment_cancel
            Choice.LEAVE -> R.string.paywand_payment_leave
            Choice.DONE -> R.string.paywand_payment_done
            Choice.ACKNOWLEDGE -> R.string.paywand_payment_acknowledge
            Choice.ASK_AGAIN -> R.string.paywand_payment_ask_again
            Choice.TRY_AGAIN -> R.string.paywand_payment_try_again
            Choice.ANOTHER_SALE -> R.string.paywand_payment_another_sale
        }
