package dev.paywand.till

import android.content.Context
import android.content.res.ColorStateList
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ImageView
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.Payment

/** The history's rows: a head for each business day, below it the day's payments. */
class HistoryRows(
    private val context: Context,
) : BaseAdapter() {
    private sealed interface Row {
        data class Day(
            val businessDay: String,
            val total: DayTotal?,
        ) : Row

        data class One(
            val payment: Payment,
        ) : Row
    }

    private var rows: List<Row> = emptyList()
    private val times = Times(context)

    /** [payments] newest first. */
    fun show(
        payments: List<Payment>,
        totals: Map<String, DayTotal>,
    ) {
        rows =
            payments.groupBy { it.businessDay }.flatMap { (day, its) ->
                listOf(Row.Day(day, totals[day])) + its.map { Row.One(it) }
            }
        notifyDataSetChanged()
    }

    /** The payment in a row; null: it is a day's head. */
    fun payment(position: Int): Payment? = (rows[position] as? Row.One)?.payment

    override fun getCount(): Int = rows.size

    override fun getItem(position: Int): Any = rows[position]

    override fun getItemId(position: Int): Long = payment(position)?.id ?: -position.toLong()

    override fun getViewTypeCount(): Int = 2

    override fun getItemViewType(position: Int): Int = if (rows[position] is Row.Day) 0 else 1

    override fun areAllItemsEnabled(): Boolean = false

    override fun isEnabled(position: Int): Boolean = rows[position] is Row.One

    override fun getView(
        position: Int,
        convertView: View?,
        parent: ViewGroup,
    ): View =
        when (val row = rows[position]) {
            is Row.Day -> {
                (convertView ?: inflate(R.layout.row_day, parent)).also { fillDay(it, row) }
            }

            is Row.One -> {
                (
                    convertView ?: inflate(
                        R.layout.row_payment,
                        parent,
                    )
                ).also { fillPayment(it, row.payment, times) }
            }
        }

    private fun inflate(
        layout: Int,
        parent: ViewGroup,
    ): View = LayoutInflater.from(context).inflate(layout, parent, false)

    private fun fillDay(
        view: View,
        row: Row.Day,
    ) {
        val total = row.total ?: DayTotal()
        view.findViewById<TextView>(R.id.day).text = times.day(row.businessDay)
        view.findViewById<TextView>(R.id.day_count).text =
            if (total.refunded == 0) {
                context.getString(R.string.day_sales, total.paid)
            } else {
                context.getString(R.string.day_refunds, total.paid, total.refunded)
            }
        view.findViewById<TextView>(R.id.day_by_hand).apply {
            isVisible = total.byHand > 0
            val sums = total.byHandAmounts().joinToString(", ") { it.shown() }
            text = context.getString(R.string.day_by_hand, total.byHand, sums)
        }
        view.findViewById<TextView>(R.id.day_total).text = total.amounts().joinToString("\n") { it.shown() }
    }
}

/** Fills a `row_payment`; on the payment's own screen too. */
fun fillPayment(
    view: View,
    payment: Payment,
    times: Times,
) {
    val context = view.context
    val look = payment.look(context)
    val color = ColorStateList.valueOf(context.getColor(look.temper.color))
    view.findViewById<ImageView>(R.id.icon).apply {
        setImageResource(look.temper.icon)
        imageTintList = color
        backgroundTintList = ColorStateList.valueOf(context.getColor(look.temper.ground))
    }
    view.findViewById<TextView>(R.id.state).apply {
        text = look.word
        setTextColor(color)
    }
    view.findViewById<TextView>(R.id.about).text =
        listOf(times.clock(payment.createdAtMs), payment.gateway).joinToString(" · ")
    view.findViewById<TextView>(R.id.sum).apply {
        text = payment.signedAmount().shown()
        setTextColor(context.getColor(if (payment.wasPaid || payment.isRefund) R.color.ink else R.color.ink_soft))
    }
}

/** A refund's is negative. */
private fun Payment.signedAmount(): Amount = if (isRefund) amount.copy(minor = -amount.minor) else amount
