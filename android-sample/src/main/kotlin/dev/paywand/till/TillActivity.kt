package dev.paywand.till

import android.app.Activity
import android.app.AlertDialog
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.res.Configuration
import android.os.Bundle
import android.view.KeyEvent
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import dev.paywand.Payment
import dev.paywand.PaywandException
import dev.paywand.android.KeyboardWedge
import dev.paywand.android.Scanner
import dev.paywand.android.VaultException
import dev.paywand.screenText
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import android.provider.Settings as SystemSettings

/** The four places that the bar at the bottom leads to. */
enum class Place(
    val tab: Int,
    val screen: Class<out Activity>,
) {
    SELL(R.id.tab_sell, KeypadActivity::class.java),
    HISTORY(R.id.tab_history, HistoryActivity::class.java),
    DESK(R.id.tab_desk, DeskActivity::class.java),
    SETTINGS(R.id.tab_settings, SettingsActivity::class.java),
}

/**
 * What all screens have in common: the frame, the sandbox's banner, the line for what went wrong, and work that ends with
 * the screen. A sale or refund that was begun does not end with it: it belongs to the terminal.
 */
abstract class TillActivity : Activity() {
    protected val scope: CoroutineScope = CoroutineScope(SupervisorJob() + OnMain)
    protected val till: TillApplication get() = application as TillApplication
    protected val settings: Settings get() = till.settings
    protected val payments: Payments get() = till.payments
    private var place: Place? = null
    private var watch: Job? = null
    private val turns = Mutex()

    /** Keeps a scanner's keys out of the screen: its scanner never waits. */
    private val wedge = KeyboardWedge(Scanner(), onTyped = { emptyField() })

    /** The question that is open. A screen has one at a time. */
    private var dialog: AlertDialog? = null

    /** A question was open when the screen was taken down, and has not been asked again. */
    private var asking = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        asking = savedInstanceState?.getBoolean(ASKING) == true
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putBoolean(ASKING, asking || dialog?.isShowing == true)
    }

    /** Fills the frame. A screen that stands behind another has a way back instead of the bar. */
    protected fun show(
        layout: Int,
        title: Int?,
        place: Place? = null,
    ) {
        this.place = place
        setContentView(R.layout.frame)
        layoutInflater.inflate(layout, find<ViewGroup>(R.id.content))
        find<View>(R.id.bar).isVisible = title != null
        title?.let {
            setTitle(it)
            find<TextView>(R.id.title).setText(it)
        }
        find<View>(R.id.tabs).isVisible = place != null
        find<View>(R.id.back).isVisible = place == null
        find<View>(R.id.back).setOnClickListener { finish() }
        Place.entries.forEach { target ->
            val tab = find<View>(target.tab)
            tab.isSelected = target == place
            tab.setOnClickListener { go(target) }
        }
        find<View>(R.id.no_keyboard).setOnClickListener { openKeyboardSettings() }
        find<View>(R.id.content).viewTreeObserver.addOnGlobalFocusChangeListener { _, focused ->
            showKeyboardLine(focused, resources.configuration)
        }
    }

    override fun onConfigurationChanged(newConfig: Configuration) {
        super.onConfigurationChanged(newConfig)
        showKeyboardLine(window.currentFocus, newConfig)
    }

    override fun onStart() {
        super.onStart()
        showBanner()
        if (settings.accounts.isEmpty()) return
        watch =
            ask {
                val changes = payments.changes()
                reload()
                askOnceMore()
                inTurn { countDoubts() }
                changes.collect {
                    onChange(it)
                    inTurn { countDoubts() }
                }
            }
    }

    override fun onStop() {
        watch?.cancel()
        super.onStop()
    }

    override fun onDestroy() {
        scope.cancel()
        dialog?.dismiss()
        super.onDestroy()
    }

    /** Reads what the screen shows; where there is an account, each time that the screen comes to the front. */
    protected open suspend fun load() = Unit

    protected suspend fun reload() = inTurn { load() }

    /** One reading after the other: what was read earlier never covers what was read later. */
    protected suspend fun inTurn(read: suspend () -> Unit) = turns.withLock { read() }

    /** Asks the question that was open before a rotation, if what is read now still asks for it. */
    protected open fun askAgain() = Unit

    protected fun askOnceMore() {
        if (!asking || isFinishing) return
        asking = false
        askAgain()
    }

    /** A payment has changed while the screen is seen. */
    protected open suspend fun onChange(payment: Payment) = Unit

    /** Work of this screen; what the library refuses is shown in its own words. */
    protected fun ask(work: suspend () -> Unit): Job =
        scope.launch {
            try {
                showProblem(null)
                work()
            } catch (refused: PaywandException) {
                showProblem(refused.screenText(language).cashier)
            } catch (failure: VaultException) {
                showProblem(failure.problem.text(this@TillActivity))
            }
        }

    /** Does something about a payment, and shows what became of it. */
    protected fun act(work: suspend () -> Payment) {
        ask {
            work()
            reload()
        }
    }

    /**
     * Asks the gateway about a payment again. Where that would send a refund, a person says so first: it may have come to that
     * since the screen was drawn.
     */
    protected fun retry(id: Long) {
        ask {
            val payment = payments.file(id).payment
            if (payment.isUnsentRefund) askToSend(payment) else act { payments.retry(id) }
        }
    }

    protected fun askToSend(refund: Payment) {
        question(
            getString(R.string.refund_question, refund.amount.shown()),
            getString(R.string.refund_to, refund.refundOf?.amount?.shown()),
            R.string.give_back_yes,
        ) { act { payments.retry(refund.id) } }
    }

    /**
     * What a scanner types is for the sale's screen alone: a payment code must not stand in a field that is stored, nor its ENTER
     * press a button. Fields are for the soft keyboard; [showKeyboardLine] says how to get it.
     */
    override fun dispatchKeyEvent(event: KeyEvent): Boolean = wedge.onKeyEvent(event) || super.dispatchKeyEvent(event)

    /** A head that was not known for one has typed into a field. What is the scan's and what was there before, nobody can tell. */
    private fun emptyField() {
        (window.decorView.findFocus() as? EditText)?.text?.clear()
    }

    /** Asks before something is done. Keys go to the dialog, not to the screen: a scanner's ENTER must not say yes. */
    protected fun question(
        title: String,
        words: String,
        yes: Int,
        act: () -> Unit,
    ) {
        if (dialog?.isShowing == true) return
        dialog =
            AlertDialog
                .Builder(this)
                .setTitle(title)
                .setMessage(words)
                .setNegativeButton(R.string.stay, null)
                .setPositiveButton(yes) { _, _ -> act() }
                .setOnKeyListener { _, _, event -> wedge.onKeyEvent(event) }
                .show()
    }

    protected fun showProblem(words: String?) {
        val line = find<TextView>(R.id.problem)
        line.text = words
        line.isVisible = words != null
    }

    protected fun showBanner() {
        find<View>(R.id.sandbox_banner).isVisible = settings.isSandbox
    }

    private suspend fun countDoubts() {
        if (place == null) return
        val count = payments.inDoubt().size
        val badge = find<TextView>(R.id.desk_count)
        badge.text = if (count < 100) "$count" else "99+"
        badge.isVisible = count > 0
        find<View>(R.id.tab_desk).contentDescription =
            if (count > 0) getString(R.string.desk_count, count) else getString(R.string.tab_desk)
    }

    /**
     * A scanner counts as a keyboard, and Android then hides its own, by the rule that stands here; what the scanner types goes
     * into no field.
     */
    private fun showKeyboardLine(
        focused: View?,
        configuration: Configuration,
    ) {
        find<View>(R.id.no_keyboard).isVisible = focused is EditText &&
            configuration.keyboard != Configuration.KEYBOARD_NOKEYS &&
            configuration.hardKeyboardHidden != Configuration.HARDKEYBOARDHIDDEN_YES
    }

    private fun openKeyboardSettings() {
        try {
            startActivity(Intent(SystemSettings.ACTION_HARD_KEYBOARD_SETTINGS))
        } catch (_: ActivityNotFoundException) {
            startActivity(Intent(SystemSettings.ACTION_SETTINGS))
        }
    }

    /** The keypad lies at the bottom: back leads to it from everywhere. */
    private fun go(target: Place) {
        if (target == place) return
        val intent = Intent(this, target.screen).addFlags(Intent.FLAG_ACTIVITY_NO_ANIMATION)
        if (target == Place.SELL) intent.addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)
        startActivity(intent)
        if (place != Place.SELL) finish()
    }

    protected fun <T : View> find(id: Int): T = findViewById(id)

    private companion object {
        const val ASKING = "asking"
    }
}

/** Seen, or taking no place. */
var View.isVisible: Boolean
    get() = visibility == View.VISIBLE
    set(value) {
        visibility = if (value) View.VISIBLE else View.GONE
    }
