package dev.paywand.till

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.paywand.JournalEntry
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.text

/** Everything about one payment, and what can be done about it. */
class DetailActivity : TillActivity() {
    private val id: Long get() = intent.getLongExtra(ID, 0)
    private var payment: Payment? = null
    private lateinit var times: Times

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(R.layout.detail, R.string.payment)
        times = Times(this)
        find<View>(R.id.content).visibility = View.INVISIBLE
        find<View>(R.id.refund).setOnClickListener { startActivity(RefundActivity.intent(this, id)) }
        find<View>(R.id.settle).setOnClickListener { startActivity(SettleActivity.intent(this, id)) }
        find<View>(R.id.retry).setOnClickListener { retry(id) }
        find<View>(R.id.acknowledge).setOnClickListener { act { payments.acknowledge(id) } }
        find<View>(R.id.cancel).setOnClickListener { askToCancel() }
    }

    override suspend fun load() = show(payments.file(id))

    override suspend fun onChange(payment: Payment) {
        if (payment.id == id || payment.refundOf?.id == id) reload()
    }

    /** A sale asks one question, a refund the other; what has ended asks neither. */
    override fun askAgain() {
        val payment = payment ?: return
        if (payment.canBeCancelled) askToCancel()
        if (payment.isUnsentRefund) askToSend(payment)
    }

    private fun askToCancel() {
        question(getString(R.string.cancel_question), getString(R.string.cancel_words), R.string.cancel_yes) {
            act { payments.cancel(id) }
        }
    }

    private fun show(file: PaymentFile) {
        val payment = file.payment
        this.payment = payment
        find<View>(R.id.content).isVisible = true
        find<TextView>(R.id.title).setText(if (payment.isRefund) R.string.refund_title else R.string.payment)
        fillVerdict(find(R.id.verdict), payment)
        find<View>(R.id.settle).isVisible = payment.needsPerson
        find<View>(R.id.acknowledge).isVisible = payment.needsNote
        find<Button>(R.id.retry).isVisible = payment.canBeAsked
        find<Button>(R.id.retry).setText(payment.retryLabel)
        find<View>(R.id.refund).isVisible = file.refundable != null
        find<View>(R.id.cancel).isVisible = payment.canBeCancelled
        showRefunds(file.refunds)
        showFacts(payment)
        showSteps(file.steps, payment.isRefund)
    }

    private fun showRefunds(refunds: List<Payment>) {
        find<View>(R.id.refunds_title).isVisible = refunds.isNotEmpty()
        val list = find<ViewGroup>(R.id.refunds)
        list.removeAllViews()
        refunds.forEach { refund ->
            val row = layoutInflater.inflate(R.layout.row_payment, list, false)
            fillPayment(row, refund, times)
            row.findViewById<View>(R.id.card).setOnClickListener { startActivity(intent(this, refund.id)) }
            list.addView(row)
        }
    }

    private fun showFacts(payment: Payment) {
        val list = find<ViewGroup>(R.id.facts)
        list.removeAllViews()
        facts(payment, times).forEach { (name, value) -> addFact(list, getString(name), value) }
    }

    private fun showSteps(
        steps: List<JournalEntry>,
        isRefund: Boolean,
    ) {
        val list = find<ViewGroup>(R.id.steps)
        list.removeAllViews()
        steps.forEach { step ->
            addFact(list, times.exactClock(step.atMs), "${step.state.word(this, isRefund)}\n${step.text(language)}")
        }
    }

    private fun addFact(
        list: ViewGroup,
        name: String,
        value: String,
    ) {
        val row = layoutInflater.inflate(R.layout.fact, list, false)
        row.findViewById<TextView>(R.id.fact_name).text = name
        row.findViewById<TextView>(R.id.fact_value).text = value
        list.addView(row)
    }

    companion object {
        private const val ID = "id"

        fun intent(
            context: Context,
            id: Long,
        ): Intent = Intent(context, DetailActivity::class.java).putExtra(ID, id)
    }
}

/** Whether asking for a cancel makes sense: a sale that goes on, and is not being undone already. */
private val Payment.canBeCancelled: Boolean
    get() =
        !isRefund &&
            state in setOf(PaymentState.CHARGING, PaymentState.SHOWING_QR, PaymentState.QUERYING)
