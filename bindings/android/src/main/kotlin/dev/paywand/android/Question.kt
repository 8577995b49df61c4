package dev.paywand.android

import dev.paywand.PaymentState

/**
 * What is asked before a choice counts, and the texts on its sheet.
 *
 * @property choice what happens where the answer is yes.
 */
internal enum class Question(
    val choice: Choice,
    val title: Int,
    val words: Int,
    val yes: Int,
    val no: Int,
) {
    CANCEL(
        Choice.CANCEL,
        R.string.paywand_payment_ask_cancel,
        R.string.paywand_payment_ask_cancel_note,
        R.string.paywand_payment_ask_cancel_yes,
        R.string.paywand_payment_ask_cancel_no,
    ),
    LEAVE(
        Choice.LEAVE,
        R.string.paywand_payment_ask_leave,
        R.string.paywand_payment_ask_leave_note,
        R.string.paywand_payment_ask_leave_yes,
        R.string.paywand_payment_ask_leave_no,
    ),
    ANOTHER_SALE(
        Choice.ANOTHER_SALE,
        R.string.paywand_payment_ask_another,
        R.string.paywand_payment_ask_another_note,
        R.string.paywand_payment_ask_another_yes,
        R.string.paywand_payment_ask_another_no,
    ),
}

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
