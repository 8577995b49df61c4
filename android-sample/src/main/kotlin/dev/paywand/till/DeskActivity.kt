package dev.paywand.till

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.Button
import android.widget.ListView
import android.widget.TextView
import dev.paywand.Payment
import dev.paywand.screenText

/** What is sent and not proved either way, each with what the core says of it and what can be done. */
class DeskActivity : TillActivity() {
    private var list: List<Payment> = emptyList()
    private val rows = Rows()
    private lateinit var times: Times

    /** The row whose button was pressed last: a question is about it. */
    private var pressed = 0L

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(R.layout.history, R.string.desk_title, Place.DESK)
        times = Times(this)
        pressed = savedInstanceState?.getLong(PRESSED) ?: 0
        find<ListView>(R.id.list).adapter = rows
        find<TextView>(R.id.empty).setText(R.string.desk_empty)
        find<View>(R.id.empty).isVisible = settings.accounts.isEmpty()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putLong(PRESSED, pressed)
    }

    override fun askAgain() {
        list.firstOrNull { it.id == pressed && it.isUnsentRefund }?.let(::askToSend)
    }

    override suspend fun load() {
        list = payments.inDoubt()
        rows.notifyDataSetChanged()
        find<View>(R.id.empty).isVisible = list.isEmpty()
    }

    override suspend fun onChange(payment: Payment) = reload()

    private fun fill(
        view: View,
        payment: Payment,
    ) {
        view.findViewById<TextView>(R.id.state).showState(payment.look(this))
        view.findViewById<TextView>(R.id.sum).text = payment.amount.shown()
        view.findViewById<TextView>(R.id.words).text = payment.screenText(language).cashier
        view.findViewById<TextView>(R.id.about).text =
            listOfNotNull(
                times.full(payment.createdAtMs),
                payment.gateway,
                payment.texts.subject.ifEmpty { null },
            ).joinToString(" · ")
        view.findViewById<View>(R.id.card).setOnClickListener { startActivity(DetailActivity.intent(this, payment.id)) }
        view.findViewById<Button>(R.id.retry).apply {
            isVisible = payment.canBeAsked
            setText(payment.retryLabel)
            setOnClickListener {
                pressed = payment.id
                retry(payment.id)
            }
        }
        view.findViewById<Button>(R.id.by_hand).apply {
            isVisible = payment.needsPerson || payment.needsNote
            setText(if (payment.needsNote) R.string.acknowledge else R.string.settle)
            setOnClickListener {
                if (payment.needsNote) act { payments.acknowledge(payment.id) } else settle(payment)
            }
        }
    }

    private fun settle(payment: Payment) = startActivity(SettleActivity.intent(this, payment.id))

    private inner class Rows : BaseAdapter() {
        override fun getCount(): Int = list.size

        override fun getItem(position: Int): Payment = list[position]

        override fun getItemId(position: Int): Long = list[position].id

        override fun hasStableIds(): Boolean = true

        override fun getView(
            position: Int,
            convertView: View?,
            parent: ViewGroup,
        ): View =
            (convertView ?: layoutInflater.inflate(R.layout.row_doubt, parent, false)).also { fill(it, list[position]) }
    }

    private companion object {
        const val PRESSED = "pressed"
    }
}
