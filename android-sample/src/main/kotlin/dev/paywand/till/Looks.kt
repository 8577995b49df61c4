package dev.paywand.till

import android.content.Context
import android.content.res.ColorStateList
import android.widget.TextView
import dev.paywand.Language
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.Reason

/** The language that the screen is in, of those that the library has words in. */
val Context.language: Language
    get() = if (resources.configuration.locales[0].language == "zh") Language.ZH else Language.EN

val Payment.isRefund: Boolean get() = kind == PaymentKind.REFUND

/** Whether nothing but a person's word stands for it. */
val Payment.isByHand: Boolean get() = state == PaymentState.SETTLED_PAID || state == PaymentState.SETTLED_NOT_PAID

/** Proved, or by a person's word ([isByHand]). */
val Payment.wasPaid: Boolean get() = state == PaymentState.PAID || state == PaymentState.SETTLED_PAID

/** Of a refund. */
val Payment.wasGivenBack: Boolean get() = state == PaymentState.REFUNDED || state == PaymentState.SETTLED_PAID

/** Whether a person is to say how it ended. */
val Payment.needsPerson: Boolean get() = state == PaymentState.NEEDS_ATTENTION

/** Whether a person is to take note that it was paid although a cancel was asked for. */
val Payment.needsNote: Boolean get() = cancelTooLate && !acknowledged

/**
 * Whether asking again can help: not where the gateway has no call for it, or is not the one that the payment was begun with,
 * or where the payment cannot be read. The library's screen goes by the same rule.
 */
val Payment.canBeAsked: Boolean get() = !isFinal && reason !in NOBODY_TO_ASK

private val NOBODY_TO_ASK =
    setOf(Reason.CANNOT_ASK, Reason.ACCOUNT_CHANGED, Reason.GATEWAY_MISSING, Reason.STORED_STATE_UNKNOWN)

/**
 * Whether asking again sends it: a refund of which the device stopped before anyone was told that it had begun, and which the
 * gateway has never seen.
 */
val Payment.isUnsentRefund: Boolean get() = isRefund && needsPerson && reason == Reason.NEVER_SEEN

/** What the button says that asks again. */
val Payment.retryLabel: Int get() = if (isUnsentRefund) R.string.send_refund else R.string.retry

/** Whether a person has said the one thing, and the gateway another. Any other end that was contradicted has been put right. */
val Payment.isContradicted: Boolean get() = contradicted && isByHand

/** Four tempers of a state, each with an icon, so that colour is never the only sign. */
enum class Temper(
    val icon: Int,
    val color: Int,
    val ground: Int,
) {
    GOOD(R.drawable.ic_good, R.color.good, R.color.good_soft),
    BAD(R.drawable.ic_bad, R.color.calm, R.color.calm_soft),
    BACK(R.drawable.ic_returned, R.color.calm, R.color.calm_soft),
    WAIT(R.drawable.ic_wait, R.color.wait, R.color.wait_soft),
    ALARM(R.drawable.ic_doubt, R.color.bad, R.color.bad_soft),
}

/** How a payment's state looks in a list. What it means for the money is said by the core's words beside it. */
class Look(
    val temper: Temper,
    val word: String,
)

fun Payment.look(context: Context): Look {
    fun look(
        temper: Temper,
        word: Int,
    ) = Look(temper, context.getString(word))

    fun byHand(
        temper: Temper,
        word: Int,
    ) = Look(temper, context.getString(R.string.state_by_hand, context.getString(word)))

    if (needsNote) return look(Temper.ALARM, R.string.state_late)
    if (isContradicted) return look(Temper.ALARM, R.string.state_contradicted)
    return when (state) {
        PaymentState.PAID -> {
            look(Temper.GOOD, R.string.state_paid)
        }

        PaymentState.FAILED -> {
            look(Temper.BAD, if (isRefund) R.string.state_not_refunded else R.string.state_not_paid)
        }

        PaymentState.REVERSED -> {
            look(Temper.BACK, R.string.state_cancelled)
        }

        PaymentState.CLOSED -> {
            look(Temper.BAD, R.string.state_closed)
        }

        PaymentState.REFUNDED -> {
            look(Temper.BACK, if (isRefund) R.string.state_refunded else R.string.state_returned)
        }

        PaymentState.SETTLED_PAID -> {
            if (isRefund) byHand(Temper.BACK, R.string.state_refunded) else byHand(Temper.GOOD, R.string.state_paid)
        }

        PaymentState.SETTLED_NOT_PAID -> {
            byHand(Temper.BAD, if (isRefund) R.string.state_not_refunded else R.string.state_not_paid)
        }

        PaymentState.NEEDS_ATTENTION -> {
            look(Temper.ALARM, R.string.state_look)
        }

        else -> {
            look(Temper.WAIT, state.atWork())
        }
    }
}

/** A word for a state in which the till goes on by itself. */
private fun PaymentState.atWork(): Int =
    when (this) {
        PaymentState.SHOWING_QR -> R.string.state_showing
        PaymentState.QUERYING, PaymentState.CONFIRMING -> R.string.state_checking
        PaymentState.CANCEL_WAITING, PaymentState.REVERSING, PaymentState.CLOSING -> R.string.state_cancelling
        PaymentState.REFUNDING -> R.string.state_refunding
        else -> R.string.state_charging
    }

/** A step of the journal in a word. */
fun PaymentState.word(
    context: Context,
    isRefund: Boolean,
): String =
    context.getString(
        when (this) {
            PaymentState.PAID -> R.string.state_paid
            PaymentState.FAILED -> if (isRefund) R.string.state_not_refunded else R.string.state_not_paid
            PaymentState.REVERSED -> R.string.state_cancelled
            PaymentState.CLOSED -> R.string.state_closed
            PaymentState.REFUNDED -> if (isRefund) R.string.state_refunded else R.string.state_returned
            PaymentState.SETTLED_PAID -> if (isRefund) R.string.state_refunded else R.string.state_paid
            PaymentState.SETTLED_NOT_PAID -> if (isRefund) R.string.state_not_refunded else R.string.state_not_paid
            PaymentState.NEEDS_ATTENTION -> R.string.state_look
            else -> atWork()
        },
    )

/** The state as a chip: icon, word, colour. */
fun TextView.showState(look: Look) {
    val color = context.getColor(look.temper.color)
    text = look.word
    setTextColor(color)
    backgroundTintList = ColorStateList.valueOf(context.getColor(look.temper.ground))
    compoundDrawableTintList = ColorStateList.valueOf(color)
    val size = (textSize * 1.25f).toInt()
    val icon = checkNotNull(context.getDrawable(look.temper.icon)).mutate()
    icon.setBounds(0, 0, size, size)
    setCompoundDrawablesRelative(icon, null, null, null)
}
