package dev.paywand.android

import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Reason
import dev.paywand.Unreadable
import dev.paywand.qrToShow

/** All that the screen knows of its sale. */
internal data class Sale(
    val way: PaymentWay,
    /** Whether the cashier may change [way] as long as nothing has begun. */
    val otherWay: Boolean = true,
    /** Whether the app has named no gateway: the wallet whose code is scanned then chooses it. */
    val routed: Boolean = false,
    /** Whether the store has said what it holds under the request key. */
    val known: Boolean = false,
    /** The core has been asked to begin it, and has not answered. */
    val begun: Boolean = false,
    val payment: Payment? = null,
    /** A cancel has been asked for, and the core has not answered. */
    val cancelAsked: Boolean = false,
    /** Why nothing was begun, or why the last wish was refused. */
    val error: PaywandException? = null,
    /** Why the app could not read its keys, without which there is no terminal to ask. */
    val keys: VaultProblem? = null,
    /** The payment in doubt that [error] names. */
    val blocking: Payment? = null,
    /** What was wrong with the last scan. */
    val unreadable: Unreadable? = null,
    /** The time that a payment takes at most has passed. */
    val overdue: Boolean = false,
)

internal enum class Stage {
    /** The store is being asked; nothing may be scanned yet. */
    OPENING,
    SCAN,
    QR,
    WORKING,
    RESULT,

    /** Another payment in doubt keeps this one from being begun. */
    REPEAT,

    /** An error keeps it from being begun. */
    REFUSED,
}

internal enum class Tone { PLAIN, PAID, NOT_PAID, DOUBT }

/** What the cashier can press. */
internal enum class Choice { SHOW_QR, SCAN, CANCEL, LEAVE, DONE, ACKNOWLEDGE, ASK_AGAIN, TRY_AGAIN, ANOTHER_SALE }

/** What is shown: everything but the words. */
internal data class PaymentScreen(
    val stage: Stage,
    val tone: Tone = Tone.PLAIN,
    /** The one thing to do here, if there is one. */
    val primary: Choice? = null,
    val secondary: Choice? = null,
    val tertiary: Choice? = null,
    /** What the back key does. */
    val back: Choice,
    /** What the QR on the screen holds. */
    val qr: String? = null,
) {
    /** Whether a sale is on its way. */
    val isInFlight: Boolean get() = stage == Stage.QR || stage == Stage.WORKING
}

/** What is shown of [sale]. */
internal fun screenOf(sale: Sale): PaymentScreen {
    val payment = sale.payment
    return when {
        payment != null -> screenOf(sale, payment)

        sale.begun -> PaymentScreen(Stage.WORKING, back = Choice.LEAVE)

        sale.blocking != null -> repeat(sale.error, sale.blocking)

        sale.error != null -> refused(sale, sale.error)

        sale.keys != null -> refused(Choice.TRY_AGAIN)

        !sale.known -> PaymentScreen(Stage.OPENING, back = Choice.LEAVE)

        // A QR is asked for without a press of a button.
        sale.way == PaymentWay.QR -> PaymentScreen(Stage.OPENING, back = Choice.CANCEL)

        else -> scan(sale)
    }
}

private fun screenOf(
    sale: Sale,
    payment: Payment,
): PaymentScreen {
    val tone = toneOf(payment)
    val qr = payment.qrToShow
    return when {
        tone == Tone.DOUBT -> inDoubt(payment)
        tone != Tone.PLAIN -> ended(payment, tone)
        qr != null -> showing(qr, cancelOf(sale, payment))
        else -> working(sale, payment)
    }
}

/** What a payment's end means. Everything that the core does not call paid or not paid is in doubt. */
internal fun toneOf(payment: Payment): Tone =
    when {
        payment.state == PaymentState.NEEDS_ATTENTION -> Tone.DOUBT
        !payment.isFinal -> Tone.PLAIN
        payment.isSettledWrongly -> Tone.DOUBT
        else -> toneOfEnd(payment.state)
    }

/** A person has said how it ended, and the gateway says the opposite. Any other end that was contradicted has been left. */
internal val Payment.isSettledWrongly: Boolean
    get() = contradicted && (state == PaymentState.SETTLED_PAID || state == PaymentState.SETTLED_NOT_PAID)

private fun toneOfEnd(state: PaymentState): Tone =
    when (state) {
        PaymentState.PAID,
        PaymentState.SETTLED_PAID,
        -> Tone.PAID

        PaymentState.FAILED,
        PaymentState.REVERSED,
        PaymentState.CLOSED,
        PaymentState.REFUNDED,
        PaymentState.SETTLED_NOT_PAID,
        -> Tone.NOT_PAID

        else -> Tone.DOUBT
    }

private fun scan(sale: Sale) =
    PaymentScreen(
        Stage.SCAN,
        secondary = Choice.SHOW_QR.takeIf { sale.otherWay },
        tertiary = Choice.CANCEL,
        back = Choice.CANCEL,
    )

private fun showing(
    qr: String,
    cancel: Choice?,
) = PaymentScreen(Stage.QR, tertiary = cancel, back = cancel ?: Choice.LEAVE, qr = qr)

private fun working(
    sale: Sale,
    payment: Payment,
) = PaymentScreen(
    Stage.WORKING,
    tone = if (sale.overdue) Tone.DOUBT else Tone.PLAIN,
    secondary = Choice.LEAVE.takeIf { sale.overdue },
    tertiary = cancelOf(sale, payment),
    back = Choice.LEAVE,
)

private fun ended(
    payment: Payment,
    tone: Tone,
) = PaymentScreen(
    Stage.RESULT,
    tone,
    primary = Choice.DONE,
    secondary = Choice.ACKNOWLEDGE.takeIf { payment.cancelTooLate && !payment.acknowledged },
    back = Choice.DONE,
)

private fun inDoubt(payment: Payment) =
    PaymentScreen(
        Stage.RESULT,
        Tone.DOUBT,
        primary = Choice.LEAVE,
        secondary = Choice.ASK_AGAIN.takeIf { canBeAsked(payment) },
        back = Choice.DONE,
    )

/** Amber even when the other has ended: a green screen would say that this sale is paid. */
private fun repeat(
    error: PaywandException?,
    blocking: Payment,
): PaymentScreen {
    val ask = Choice.ASK_AGAIN.takeIf { canBeAsked(blocking) }
    // Only where the other has no money nothing stands in the way. Where it is paid, this is the likeliest to be the same.
    val again = Choice.TRY_AGAIN.takeIf { toneOf(blocking) == Tone.NOT_PAID }
    val first = again ?: ask
    return PaymentScreen(
        Stage.REPEAT,
        Tone.DOUBT,
        primary = first ?: Choice.LEAVE,
        secondary = Choice.LEAVE.takeIf { first != null },
        tertiary = Choice.ANOTHER_SALE.takeIf { error is PaywandException.LooksLikeRepeat && again == null },
        back = Choice.LEAVE,
    )
}

private fun refused(
    sale: Sale,
    error: PaywandException,
) = when (error) {
    is PaywandException.KeyReused -> {
        refused(null)
    }

    // The app has fixed the amount: only another wallet's code may lead to a gateway that takes it.
    is PaywandException.InvalidAmount, is PaywandException.CurrencyNotAccepted -> {
        refused(Choice.TRY_AGAIN.takeIf { sale.routed && sale.way == PaymentWay.SCAN })
    }

    is PaywandException.UnsupportedOperation -> {
        refused(Choice.SCAN)
    }

    else -> {
        refused(Choice.TRY_AGAIN)
    }
}

private fun refused(primary: Choice?) =
    PaymentScreen(Stage.REFUSED, primary = primary, tertiary = Choice.CANCEL, back = Choice.CANCEL)

/** A cancel, as long as none is on its way. */
private fun cancelOf(
    sale: Sale,
    payment: Payment,
): Choice? = Choice.CANCEL.takeIf { !sale.cancelAsked && payment.state in CANCELLABLE }

/** Whether a question to its gateway may still decide it. */
internal fun canBeAsked(payment: Payment) = !payment.isFinal && payment.reason !in NOBODY_TO_ASK

private val CANCELLABLE =
    setOf(PaymentState.CREATED, PaymentState.CHARGING, PaymentState.SHOWING_QR, PaymentState.QUERYING)

private val NOBODY_TO_ASK =
    setOf(
        Reason.CANNOT_ASK,
        Reason.ACCOUNT_CHANGED,
        Reason.GATEWAY_MISSING,
        Reason.STORED_STATE_UNKNOWN,
    )
