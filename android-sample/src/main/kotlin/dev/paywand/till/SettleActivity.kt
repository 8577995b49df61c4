package dev.paywand.till

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.TextView
import dev.paywand.Payment

/** A person says how a payment ended that nothing proves. */
class SettleActivity : TillActivity() {
    private val id: Long get() = intent.getLongExtra(ID, 0)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(R.layout.settle, R.string.settle_title)
        find<View>(R.id.content).visibility = View.INVISIBLE
        if (savedInstanceState == null) find<TextView>(R.id.who).text = settings.cashier
        find<View>(R.id.settle).setOnClickListener { confirm() }
    }

    override suspend fun load() = show(payments.file(id).payment)

    override fun askAgain() = confirm()

    override suspend fun onChange(payment: Payment) {
        if (payment.id == id) show(payment)
    }

    /** Once proof has come in there is nothing to say by hand. */
    private fun show(payment: Payment) {
        if (!payment.needsPerson) return finish()
        find<View>(R.id.content).isVisible = true
        fillVerdict(find(R.id.verdict), payment)
        find<RadioButton>(
            R.id.answer_paid,
        ).setText(if (payment.isRefund) R.string.settle_refunded else R.string.settle_paid)
        find<RadioButton>(R.id.answer_not_paid)
            .setText(if (payment.isRefund) R.string.settle_not_refunded else R.string.settle_not_paid)
    }

    private fun confirm() {
        val answer = find<RadioGroup>(R.id.answer).checkedRadioButtonId
        val who = find<TextView>(R.id.who).text.trim().toString()
        val why = find<TextView>(R.id.why).text.trim().toString()
        if (answer == View.NO_ID || who.isEmpty() ||
            why.isEmpty()
        ) {
            return showProblem(getString(R.string.settle_missing))
        }
        showProblem(null)
        question(
            getString(R.string.settle_confirm, find<RadioButton>(answer).text),
            getString(R.string.settle_words),
            R.string.settle,
        ) { settle(answer == R.id.answer_paid, who, why) }
    }

    private fun settle(
        paid: Boolean,
        who: String,
        why: String,
    ) {
        ask {
            payments.settle(id, paid, who, why)
            finish()
        }
    }

    companion object {
        private const val ID = "id"

        fun intent(
            context: Context,
            id: Long,
        ): Intent = Intent(context, SettleActivity::class.java).putExtra(ID, id)
    }
}
