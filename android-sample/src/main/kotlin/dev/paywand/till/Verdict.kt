package dev.paywand.till

import android.view.View
import android.widget.TextView
import dev.paywand.Payment
import dev.paywand.screenText

/** Fills the layout `verdict`: sum, state, and the core's words on what is so and what to do. */
fun fillVerdict(
    view: View,
    payment: Payment,
) {
    view.findViewById<TextView>(R.id.verdict_sum).text = payment.amount.shown()
    view.findViewById<TextView>(R.id.verdict_state).showState(payment.look(view.context))
    view.findViewById<TextView>(R.id.verdict_words).text = payment.screenText(view.context.language).cashier
}
