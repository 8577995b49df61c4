package dev.paywand.till

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.text.Editable
import android.text.TextWatcher
import android.view.View
import android.widget.Button
import android.widget.EditText
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaywandException
import dev.paywand.RefundRequest
import dev.paywand.Refundable
import dev.paywand.amountFromMajor
import dev.paywand.amountToMajor

/**
 * Gives a payment back, the whole or a part. The refund's key is made with the screen and outlives it: a second press, a
 * rotation or a new process finds the same refund, and never makes another.
 */
class RefundActivity : TillActivity() {
    private val id: Long get() = intent.getLongExtra(ID, 0)
    private lateinit var key: String
    private var file: PaymentFile? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        key = savedInstanceState?.getString(KEY) ?: newRequestKey()
        show(R.layout.refund, R.string.refund_title)
        find<EditText>(R.id.amount).addTextChangedListener(
            object : TextWatcher {
                override fun beforeTextChanged(
                    text: CharSequence?,
                    start: Int,
                    count: Int,
                    after: Int,
                ) = Unit

                override fun onTextChanged(
                    text: CharSequence?,
                    start: Int,
                    before: Int,
                    count: Int,
                ) = Unit

                override fun afterTextChanged(text: Editable?) = showButton()
            },
        )
        find<View>(R.id.give_back).setOnClickListener { confirm() }
        find<View>(R.id.done).setOnClickListener { finish() }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(KEY, key)
    }

    override suspend fun load() {
        payments.find(key)?.let { return showResult(it) }
        if (file != null) return
        val file = payments.file(id)
        this.file = file
        file.refundable?.let(::showForm)
    }

    override fun askAgain() = confirm()

    override suspend fun onChange(payment: Payment) {
        if (payment.requestKey == key) showResult(payment)
    }

    private fun showForm(refundable: Refundable) {
        find<View>(R.id.form).isVisible = true
        find<TextView>(R.id.left).text = refundable.left.shown()
        find<TextView>(R.id.terms).text =
            listOfNotNull(
                getString(if (refundable.partial) R.string.refund_part else R.string.refund_whole_only),
                if (refundable.pastWindow) getString(R.string.refund_past) else null,
            ).joinToString("\n")
        val field = find<EditText>(R.id.amount)
        if (field.text.isEmpty()) field.setText(amountToMajor(refundable.left))
        field.isEnabled = refundable.partial
        showButton()
    }

    private fun showButton() {
        val amount = file?.refundable?.let { typed(it) }
        find<Button>(R.id.give_back).apply {
            text = getString(R.string.give_back, amount?.shown().orEmpty()).trim()
            isEnabled = amount != null
        }
    }

    private fun typed(refundable: Refundable): Amount? =
        try {
            amountFromMajor(find<EditText>(R.id.amount).text.toString().trim(), refundable.left.currency)
        } catch (_: PaywandException.InvalidAmount) {
            null
        }

    private fun confirm() {
        val file = file ?: return
        val refundable = file.refundable ?: return
        val amount = typed(refundable) ?: return
        if (amount.minor > refundable.left.minor) {
            return showProblem(getString(R.string.refund_too_much, refundable.left.shown()))
        }
        showProblem(null)
        question(
            getString(R.string.refund_question, amount.shown()),
            getString(R.string.refund_to, file.payment.amount.shown()),
            R.string.give_back_yes,
        ) { giveBack(amount) }
    }

    private fun giveBack(amount: Amount) {
        find<View>(R.id.give_back).isEnabled = false
        val request =
            RefundRequest(
                requestKey = key,
                paymentId = id,
                amount = amount,
                reason = find<TextView>(R.id.why).text.trim().toString(),
                cashier = settings.cashier.ifEmpty { null },
            )
        // What was refused was not begun: it may be put right and asked for again.
        ask { showResult(payments.refund(request)) }.invokeOnCompletion { showButton() }
    }

    private fun showResult(refund: Payment) {
        find<View>(R.id.form).isVisible = false
        find<View>(R.id.result).isVisible = true
        fillVerdict(find(R.id.verdict), refund)
    }

    companion object {
        private const val ID = "id"
        private const val KEY = "key"

        fun intent(
            context: Context,
            id: Long,
        ): Intent = Intent(context, RefundActivity::class.java).putExtra(ID, id)
    }
}
