@file:JvmName("Words")

package dev.paywand

/** Whether a payment in this state has ended. It may still be watched or cleaned up: [Payment.followUp]. */
public val PaymentState.isFinal: Boolean
    get() =
        when (this) {
            PaymentState.PAID,
            PaymentState.FAILED,
            PaymentState.REVERSED,
            PaymentState.CLOSED,
            PaymentState.REFUNDED,
            PaymentState.SETTLED_PAID,
            PaymentState.SETTLED_NOT_PAID,
            -> true

            PaymentState.CREATED,
            PaymentState.CHARGING,
            PaymentState.SHOWING_QR,
            PaymentState.QUERYING,
            PaymentState.CANCEL_WAITING,
            PaymentState.REVERSING,
            PaymentState.CONFIRMING,
            PaymentState.REFUNDING,
            PaymentState.CLOSING,
            PaymentState.NEEDS_ATTENTION,
            -> false
        }

/** What the QR on the screen holds, as long as the customer may scan it; null: take it off the screen. */
public val Payment.qrToShow: String?
    get() = payUrl.takeIf { state == PaymentState.SHOWING_QR }

/** The stable code, such as `needs_attention`. It never changes once released. */
public val PaymentState.code: String
    get() = snakeCase(this)

/** The stable code, such as `not_sent`. It never changes once released. */
public val Reason.code: String
    get() = snakeCase(this)

/** The stable code, such as `key_reused`. It never changes once released. */
public val PaywandException.code: String
    get() = errorCode(this)

/**
 * What a till shows of a payment or refund as it stands: words for the cashier, words for the customer, and what to do
 * next. Ask for it once per update.
 */
public fun Payment.screenText(language: Language): ScreenText = screenText(this, language)

/** What a till shows of an error. Its `message` is for the log. */
public fun PaywandException.screenText(language: Language): ScreenText = errorScreenText(this, language)

/** What the cashier reads of a charge in this state. A refund has words of its own: [Payment.screenText]. */
public fun PaymentState.text(language: Language): String = stateText(this, language)

/** What the cashier reads of a charge or QR with this reason. A refund has words of its own: [Payment.screenText]. */
public fun Reason.text(language: Language): String = reasonText(this, language)

/** What the cashier reads: what happened, what it means for the money, what to do. The words may change. */
public fun PaywandException.text(language: Language): String = errorText(this, language)

/** What a step of [Terminal.history] says, in one line, for the one who looks into a payment. */
public fun JournalEntry.text(language: Language): String = stepText(this, language)

/** What the cashier reads of a scan that holds no payment code. */
public fun Unreadable.text(language: Language): String = unreadableText(this, language)

// Upper-case ASCII names: the locale cannot interfere.
private fun snakeCase(value: Enum<*>): String = value.name.lowercase()
