package dev.paywand.till

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.widget.AdapterView
import android.widget.Spinner
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.android.PaymentActivity
import dev.paywand.screenText

/** Where the day is spent: key in an amount, then scan or show a QR. */
class KeypadActivity : TillActivity() {
    private val keys = AmountKeys()
    private var accounts: List<Account> = emptyList()

    /**
     * The sale's screen has been called up. Until it comes back the sale is its own, even before the store knows of it; and a
     * second press, which may come before it is drawn, begins no second sale.
     */
    private var isOut = false

    /** It has come back: what the cashier has seen there. */
    private var seen: Seen? = null

    private val account: Account? get() = accounts.getOrNull(find<Spinner>(R.id.gateway).selectedItemPosition)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(R.layout.keypad, title = null, Place.SELL)
        savedInstanceState?.let { keys.set(it.getLong(MINOR)) }
        DIGITS.forEach { (id, digits) -> find<View>(id).setOnClickListener { add(digits) } }
        find<View>(R.id.key_erase).setOnClickListener { change { keys.erase() } }
        find<View>(R.id.key_erase).setOnLongClickListener {
            change { keys.clear() }
            true
        }
        find<View>(R.id.scan).setOnClickListener { sell(showQr = false) }
        find<View>(R.id.show_qr).setOnClickListener { sell(showQr = true) }
        find<View>(R.id.welcome_account).setOnClickListener { startActivity(Intent(this, AccountActivity::class.java)) }
        find<View>(
            R.id.welcome_sandbox,
        ).setOnClickListener { startActivity(Intent(this, SettingsActivity::class.java)) }
        find<Spinner>(R.id.gateway).onItemSelectedListener =
            object : AdapterView.OnItemSelectedListener {
                override fun onItemSelected(
                    parent: AdapterView<*>?,
                    view: View?,
                    position: Int,
                    id: Long,
                ) = showAmount()

                override fun onNothingSelected(parent: AdapterView<*>?) = Unit
            }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putLong(MINOR, keys.minor)
    }

    override fun onStart() {
        showAccounts()
        super.onStart()
    }

    @Deprecated("The framework's own way to get a result, in an app without AndroidX.")
    override fun onActivityResult(
        requestCode: Int,
        resultCode: Int,
        data: Intent?,
    ) {
        if (requestCode != SALE) return
        isOut = false
        seen = Seen.of(resultCode, data)
        // Only this answer says that nothing was begun.
        till.perhapsBegun = settings.openSale?.requestKey?.takeIf { resultCode != RESULT_CANCELED }
    }

    override suspend fun load() = reviewSale()

    override suspend fun onChange(payment: Payment) {
        if (payment.requestKey == settings.openSale?.requestKey) reload()
    }

    private fun showAccounts() {
        val now = settings.accounts
        find<View>(R.id.welcome).isVisible = now.isEmpty()
        find<View>(R.id.till).isVisible = now.isNotEmpty()
        if (now.isNotEmpty()) askToNotify(settings, NOTIFY)
        if (now == accounts) return showAmount()
        accounts = now
        val chooser = find<Spinner>(R.id.gateway)
        chooser.adapter = choices(now.map { "${it.id}  ·  ${getString(it.form.label)}" })
        chooser.setSelection(now.indexOfFirst { it.id == settings.defaultAccount }.coerceAtLeast(0))
        showAmount()
    }

    private fun add(digits: String) {
        if (!keys.add(digits)) return showProblem(getString(R.string.amount_full, amount(AmountKeys.MOST).shown()))
        change { }
    }

    private fun change(change: () -> Unit) {
        showProblem(null)
        change()
        showAmount()
    }

    private fun showAmount() {
        val shown = amount(keys.minor).shown()
        val view = find<TextView>(R.id.amount)
        view.text = shown
        view.contentDescription = getString(R.string.amount_is, shown)
        view.setTextColor(getColor(if (keys.minor == 0L) R.color.ink_soft else R.color.ink))
        find<View>(R.id.show_qr).isVisible = account?.form?.makesQr == true
    }

    private fun amount(minor: Long) = Amount(minor, account?.form?.currency ?: "CNY")

    private fun sell(showQr: Boolean) {
        if (isOut) return
        val account = account ?: return
        if (keys.minor == 0L) return showProblem(getString(R.string.amount_missing))
        val call =
            SaleCall(
                requestKey = newRequestKey(),
                amount = amount(keys.minor),
                account = account.id,
                subject = find<TextView>(R.id.subject).text.trim().toString(),
                cashier = settings.cashier.ifEmpty { null },
                showQr = showQr,
            )
        // First the key, then the sale: whatever happens from here on, it is found again.
        settings.openSale = call
        goTo(call)
    }

    private fun goTo(call: SaleCall) {
        isOut = true
        startSale(this, call, SALE)
    }

    /** What became of the sale that was begun last. */
    private suspend fun reviewSale() {
        val call = settings.openSale ?: return showSale(null, null)
        val payment = payments.find(call.requestKey)
        if (isOut || settings.openSale != call) return
        when {
            // A slow disk may still be writing it: the same key again is the same sale, a new one may be a second.
            payment == null && till.perhapsBegun == call.requestKey -> {
                if (seen != null) clearSale()
                showSale(call, null)
            }

            // Nothing was begun under this key: the cashier may try again.
            payment == null -> {
                keys.set(call.amount.minor)
                find<TextView>(R.id.subject).text = call.subject
                forgetSale()
            }

            seen?.covers(payment) == true -> {
                clearSale()
                forgetSale()
            }

            else -> {
                if (seen != null) clearSale()
                showSale(call, payment)
            }
        }
        seen = null
    }

    private fun clearSale() {
        keys.clear()
        find<TextView>(R.id.subject).text = null
        showAmount()
    }

    private fun forgetSale() {
        settings.openSale = null
        showSale(null, null)
        showAmount()
    }

    /** Without a call there is nothing to tell; without a payment the store does not know of it, or not yet. */
    private fun showSale(
        call: SaleCall?,
        payment: Payment?,
    ) {
        find<View>(R.id.open_sale).isVisible = call != null
        // On a small screen there is room for one of the two.
        find<View>(R.id.subject).isVisible = call == null
        if (call == null) return
        val title =
            when {
                payment == null -> R.string.sale_perhaps
                payment.isFinal -> R.string.sale_found
                else -> R.string.sale_unfinished
            }
        find<TextView>(R.id.open_sale_title).text = getString(title, call.amount.shown())
        find<TextView>(R.id.open_sale_words).text =
            payment?.screenText(language)?.cashier ?: getString(R.string.sale_perhaps_words)
        find<View>(R.id.open_sale_open).setOnClickListener { open(call, payment) }
    }

    /** What goes on, or may, goes on in the sale's own screen; what has ended, or needs a person, is looked at. */
    private fun open(
        call: SaleCall,
        payment: Payment?,
    ) {
        if (isOut) return
        if (payment == null || !(payment.isFinal || payment.needsPerson)) return goTo(call)
        forgetSale()
        startActivity(DetailActivity.intent(this, payment.id))
    }

    private companion object {
        const val SALE = 1
        const val NOTIFY = 2
        const val MINOR = "minor"

        val DIGITS =
            mapOf(
                R.id.key_00 to "00",
                R.id.key_0 to "0",
                R.id.key_1 to "1",
                R.id.key_2 to "2",
                R.id.key_3 to "3",
                R.id.key_4 to "4",
                R.id.key_5 to "5",
                R.id.key_6 to "6",
                R.id.key_7 to "7",
                R.id.key_8 to "8",
                R.id.key_9 to "9",
            )
    }
}
