package dev.paywand.android

import dev.paywand.PaymentState

/** What is asked before a choice counts. */
internal enum class Question { CANCEL, LEAVE, ANOTHER_SALE }

/** What is asked before [choice] counts; null: it counts at once. */
internal fun questionBefore(
    choice: Choice,
    sale: Sale,
    screen: PaymentScreen,
): Question? {
    // Before it is sent there is nothing to lose.
    val mayHaveMoved = sale.payment != null && sale.payment.state != PaymentState.CREATED
    return when (choice) {
        Choice.ANOTHER_SALE -> Question.ANOTHER_SALE
        Choice.CANCEL -> Question.CANCEL.takeIf { mayHaveMoved }
        Choice.LEAVE -> Question.LEAVE.takeIf { screen.isInFlight }
        else -> null
    }
}

/** What happens where the answer is yes. */
internal val Question.choice: Choice
    get() =
        when (this) {
            Question.CANCEL -> Choice.CANCEL
            Question.LEAVE -> Choice.LEAVE
            Question.ANOTHER_SALE -> Choice.ANOTHER_SALE
        }

/** Whether it can still be asked: the payment may have ended meanwhile. */
internal fun Question.stands(screen: PaymentScreen): Boolean =
    when (this) {
        Question.CANCEL -> {
            screen.tertiary == Choice.CANCEL &&
                (screen.stage == Stage.QR || screen.stage == Stage.WORKING)
        }

        Question.LEAVE -> {
            screen.stage == Stage.WORKING
        }

        Question.ANOTHER_SALE -> {
            screen.tertiary == Choice.ANOTHER_SALE
        }
    }

// What stands on its sheet.

internal val Question.title: Int
    get() =
        when (this) {
            Question.CANCEL -> R.string.paywand_payment_ask_cancel
            Question.LEAVE -> R.string.paywand_payment_ask_leave
            Question.ANOTHER_SALE -> R.string.paywand_payment_ask_another
        }

internal val Question.words: Int
    get() =
        when (this) {
            Question.CANCEL -> R.string.paywand_payment_ask_cancel_note
            Question.LEAVE -> R.string.paywand_payment_ask_leave_note
            Question.ANOTHER_SALE -> R.string.paywand_payment_ask_another_note
        }

internal val Question.yes: Int
    get() =
        when (this) {
            Question.CANCEL -> R.string.paywand_payment_ask_cancel_yes
            Question.LEAVE -> R.string.paywand_payment_ask_leave_yes
            Question.ANOTHER_SALE -> R.string.paywand_payment_ask_another_yes
        }

internal val Question.no: Int
    get() =
        when (this) {
            Question.CANCEL -> R.string.paywand_payment_ask_cancel_no
            Question.LEAVE -> R.string.paywand_payment_ask_leave_no
            Question.ANOTHER_SALE -> R.string.paywand_payment_ask_another_no
        }
