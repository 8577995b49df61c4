package dev.paywand.till

import android.os.Bundle
import android.view.View
import android.widget.AbsListView
import android.widget.ListView
import android.widget.TextView
import dev.paywand.Payment

/** All payments by business day, newest first, read page by page. */
class HistoryActivity : TillActivity() {
    private var list: List<Payment> = emptyList()
    private val totals = mutableMapOf<String, DayTotal>()
    private lateinit var rows: HistoryRows
    private var isReading = false
    private var isWhole = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(R.layout.history, R.string.tab_history, Place.HISTORY)
        rows = HistoryRows(this)
        val view = find<ListView>(R.id.list)
        view.adapter = rows
        view.setOnItemClickListener { _, _, position, _ ->
            rows.payment(position)?.let { startActivity(DetailActivity.intent(this, it.id)) }
        }
        view.setOnScrollListener(
            object : AbsListView.OnScrollListener {
                override fun onScrollStateChanged(
                    view: AbsListView,
                    state: Int,
                ) = Unit

                override fun onScroll(
                    view: AbsListView,
                    first: Int,
                    seen: Int,
                    all: Int,
                ) {
                    if (all > 0 && first + seen > all - SOON) readOn()
                }
            },
        )
        showEmpty()
    }

    override suspend fun load() {
        list = emptyList()
        isWhole = false
        readPage()
    }

    override suspend fun onChange(payment: Payment) = inTurn { take(payment) }

    private suspend fun take(payment: Payment) {
        // Older than what has been read: its page will have it.
        if (!isWhole && list.isNotEmpty() && payment.id < list.last().id) return
        list = (list.filter { it.id != payment.id } + payment).sortedByDescending { it.id }
        totals[payment.businessDay] = payments.total(payment.businessDay)
        showRows()
    }

    private fun readOn() {
        if (!isReading && !isWhole) ask { inTurn { readPage() } }
    }

    private suspend fun readPage() {
        isReading = true
        try {
            val page = payments.page(list.lastOrNull()?.id)
            isWhole = page.size < Payments.PAGE
            list = list + page
            page.map { it.businessDay }.distinct().forEach { totals[it] = payments.total(it) }
            showRows()
        } finally {
            isReading = false
        }
    }

    private fun showRows() {
        rows.show(list, totals)
        showEmpty()
    }

    private fun showEmpty() {
        find<TextView>(R.id.empty).setText(R.string.history_empty)
        find<View>(R.id.empty).isVisible = list.isEmpty()
    }

    private companion object {
        /** So many rows before the end the next page is read. */
        const val SOON = 10
    }
}
