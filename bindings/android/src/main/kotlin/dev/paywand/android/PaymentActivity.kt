package dev.paywand.android

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.KeyEvent
import android.view.WindowManager
import android.window.OnBackInvokedDispatcher
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.code

/**
 * A sale on one screen, for apps that want none of their own: it scans the customer's code or shows a QR, shows what the core
 * says, and returns what became of the payment.
 *
 *     startActivityForResult(PaymentActivity.intent(this, PaymentCall("till-7/0042", Amount(1250, "HKD"))), SALE)
 *
 * The terminal is [Paywand.terminal]. The request key names the payment: after a rotation, after the death of the process, and
 * when started again with it, the screen shows that payment and never charges a second time. A sale that was begun goes on
 * when the screen is gone.
 *
 * | result code | what is so |
 * |---|---|
 * | `RESULT_OK` | paid: [state] is `PAID` or `SETTLED_PAID` |
 * | [RESULT_NOT_PAID] | the payment has ended without money: `FAILED`, `REVERSED`, `CLOSED`… |
 * | [RESULT_IN_DOUBT] | begun, or perhaps begun, and not decided: do not charge again; ask `find(requestKey)` |
 * | `RESULT_CANCELED` | no payment was begun; [error] and [blockedBy] may say why |
 */
public class PaymentActivity : Activity() {
    private var session: PaymentSession? = null
    private var views: PaymentViews? = null
    private var input: ScanInput? = null
    private var signal: ResultSignal? = null
    private var question: Question? = null
    private var inFront = false

    /** The result that has been signalled: once, not again after a rotation. */
    private var signalled = Tone.PLAIN

    private val clock = Handler(Looper.getMainLooper())
    private val tick = Runnable { showTime() }

    /** Where the screen's scans are delivered; null where the intent asked for no sale. */
    internal val scanner: Scanner? get() = session?.scanner

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val call = PaymentCall.from(intent) ?: return refuseIntent()
        val retained = lastNonConfigurationInstance as? Retained
        val session = retained?.session ?: PaymentSession(call, savedInstanceState.option(WAY) ?: call.way)
        signalled = savedInstanceState.option(SIGNALLED) ?: Tone.PLAIN
        question = savedInstanceState.option<Question>(QUESTION)
        setContentView(R.layout.paywand_payment)
        val views = PaymentViews(this, call, ::choose, ::answer)
        this.session = session
        this.views = views
        input = PaymentSeams.scanInput(this, session.scanner, views.camera, ::show)
        views.onTorch = ::switchTorch
        views.onAllowCamera = { input?.allowCamera() }
        signal = retained?.signal ?: PaymentSeams.signal(this)
        takeBackKey()
        session.onChange = ::show
        show()
    }

    override fun onStart() {
        super.onStart()
        session?.look()
    }

    override fun onResume() {
        super.onResume()
        inFront = true
        input?.resume()
        show()
    }

    override fun onPause() {
        inFront = false
        clock.removeCallbacks(tick)
        session?.scanner?.disarm()
        input?.pause()
        super.onPause()
    }

    /** In memory only: the session holds the scanned code. What is being spoken is not cut off by a turn. */
    override fun onRetainNonConfigurationInstance(): Any? = session?.let { Retained(it, signal) }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        session?.let { outState.putString(WAY, it.sale.way.name) }
        outState.putString(SIGNALLED, signalled.name)
        question?.let { outState.putString(QUESTION, it.name) }
    }

    override fun onDestroy() {
        input?.close()
        if (isChangingConfigurations) {
            session?.onChange = null
        } else {
            session?.close()
            signal?.close()
        }
        super.onDestroy()
    }

    /** What a scan head or a keyboard types is a scan, wherever the focus is. */
    override fun dispatchKeyEvent(event: KeyEvent): Boolean =
        input?.onKeyEvent(event) == true || super.dispatchKeyEvent(event)

    @Deprecated("Of Android 12 and older; newer ones call what takeBackKey registers.")
    override fun onBackPressed(): Unit = back()

    private fun takeBackKey() {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return
        onBackInvokedDispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT) { back() }
    }

    private class Retained(
        val session: PaymentSession,
        val signal: ResultSignal?,
    )

    private fun refuseIntent() {
        setResult(RESULT_CANCELED, Intent().putExtra(ERROR, INVALID_CALL))
        finish()
    }

    private fun show() {
        val session = session ?: return
        val screen = screenOf(session.sale)
        // What was asked about is gone.
        question = question?.takeIf { it.stands(screen) }
        views?.show(screen, session.sale, input?.hasPicture == true)
        showCamera(screen, session.sale)
        views?.ask(question)
        arm(session, screen)
        light(screen)
        signal(session.sale, screen)
        result(session.sale)
        showTime()
    }

    private fun showCamera(
        screen: PaymentScreen,
        sale: Sale,
    ) {
        val scanning = screen.stage == Stage.SCAN
        val input = input ?: return
        views?.showTorch(scanning && input.hasTorch, input.torch)
        // What may never be allowed does not hide what was wrong with the last scan.
        if (!scanning || (input.canAllowCamera && sale.unreadable != null)) return
        input.trouble?.let { views?.showTrouble(it, input.canAllowCamera) }
    }

    private fun switchTorch() {
        val input = input ?: return
        input.torch = !input.torch
        show()
    }

    /** Scans count only while the screen waits for one, in front, with no question before it. */
    private fun arm(
        session: PaymentSession,
        screen: PaymentScreen,
    ) {
        val waits = inFront && screen.stage == Stage.SCAN
        input?.waiting(waits)
        if (!waits) return session.scanner.disarm()
        if (!session.scanner.isArmed) session.scanner.arm(session::scanned)
    }

    /** Phones read a bright QR best; and no screen goes dark in mid-sale. */
    private fun light(screen: PaymentScreen) {
        if (screen.stage == Stage.RESULT) {
            window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        } else {
            window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        }
        val brightness =
            when (screen.stage) {
                Stage.QR -> WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_FULL
                else -> WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_NONE
            }
        if (window.attributes.screenBrightness == brightness) return
        window.attributes = window.attributes.apply { screenBrightness = brightness }
    }

    private fun signal(
        sale: Sale,
        screen: PaymentScreen,
    ) {
        if (screen.stage != Stage.RESULT || screen.tone == signalled) return
        signalled = screen.tone
        when (screen.tone) {
            Tone.PAID -> signal?.paid(sale.payment?.received ?: sale.payment?.amount ?: return)
            Tone.NOT_PAID -> signal?.failed()
            Tone.DOUBT -> signal?.lookHere()
            Tone.PLAIN -> Unit
        }
    }

    private fun showTime() {
        clock.removeCallbacks(tick)
        val session = session ?: return
        val left = session.deadlineMs?.let { (it - System.currentTimeMillis() + MS_PER_S - 1) / MS_PER_S }
        views?.showSeconds(left?.takeIf { it > 0 })
        if (left == null) return
        if (left <= 0) {
            session.runOut()
        } else if (inFront) {
            clock.postDelayed(tick, MS_PER_S)
        }
    }

    private fun choose(choice: Choice) {
        val session = session ?: return
        question = questionBefore(choice, session.sale, screenOf(session.sale))
        if (question == null) act(choice, session) else views?.ask(question)
    }

    private fun answer(yes: Boolean) {
        val session = session ?: return
        val choice = question?.choice ?: return
        question = null
        views?.ask(null)
        if (yes) act(choice, session)
    }

    private fun act(
        choice: Choice,
        session: PaymentSession,
    ) {
        when (choice) {
            Choice.SHOW_QR -> session.showQr()
            Choice.SCAN -> session.scanInstead()
            Choice.CANCEL -> if (session.sale.payment == null) finish() else session.cancel()
            Choice.LEAVE, Choice.DONE -> finish()
            Choice.ACKNOWLEDGE -> session.acknowledge()
            Choice.ASK_AGAIN -> session.askAgain()
            Choice.TRY_AGAIN -> session.tryAgain()
            Choice.ANOTHER_SALE -> session.chargeAsAnotherSale()
        }
    }

    private fun back() {
        val session = session ?: return finish()
        if (question != null) answer(yes = false) else choose(screenOf(session.sale).back)
    }

    private fun result(sale: Sale) {
        val payment = sale.payment
        val data = Intent()
        errorOf(sale)?.let { data.putExtra(ERROR, it) }
        sale.blocking?.let { data.putExtra(BLOCKED_BY, it.id) }
        payment?.let { data.putExtra(PAYMENT_ID, it.id).putExtra(STATE, it.state.name) }
        setResult(resultCode(sale, payment), data)
    }

    private fun errorOf(sale: Sale): String? = sale.error?.code ?: sale.keys?.let { "vault_" + it.name.lowercase() }

    private fun resultCode(
        sale: Sale,
        payment: Payment?,
    ): Int =
        when {
            payment == null && sale.known && !sale.begun -> RESULT_CANCELED
            payment == null -> RESULT_IN_DOUBT
            else -> resultCode(toneOf(payment))
        }

    private fun resultCode(tone: Tone): Int =
        when (tone) {
            Tone.PAID -> RESULT_OK
            Tone.NOT_PAID -> RESULT_NOT_PAID
            Tone.PLAIN, Tone.DOUBT -> RESULT_IN_DOUBT
        }

    public companion object {
        /** The payment has ended, and the till has no money of it. */
        public const val RESULT_NOT_PAID: Int = RESULT_FIRST_USER

        /** It is not decided whether the customer has paid. */
        public const val RESULT_IN_DOUBT: Int = RESULT_FIRST_USER + 1

        private const val PAYMENT_ID = "dev.paywand.android.PAYMENT_ID"
        private const val STATE = "dev.paywand.android.STATE"
        private const val ERROR = "dev.paywand.android.ERROR"
        private const val BLOCKED_BY = "dev.paywand.android.BLOCKED_BY"
        private const val INVALID_CALL = "invalid_call"

        private const val WAY = "way"
        private const val SIGNALLED = "signalled"
        private const val QUESTION = "question"
        private const val MS_PER_S = 1_000L

        /** What the app says of its devices' scan heads. Set it in `Application.onCreate`. */
        @Volatile
        public var scanHead: ScanHeadOverrides = ScanHeadOverrides()

        /** What is heard and felt of a result. Set it in `Application.onCreate`, and when it changes. */
        @Volatile
        public var feedback: FeedbackSettings = FeedbackSettings()

        /** The intent that starts this screen for [call]. */
        public fun intent(
            context: Context,
            call: PaymentCall,
        ): Intent = call.intent(context)

        /** The payment's id in the store; null: none is known. */
        public fun paymentId(result: Intent?): Long? = result.id(PAYMENT_ID)

        /** Where the payment stood when the screen was left; null: none is known. */
        public fun state(result: Intent?): PaymentState? {
            val name = result?.getStringExtra(STATE)
            return PaymentState.entries.find { it.name == name }
        }

        /**
         * The stable code of the error shown last: a `PaywandException`'s; `vault_` and the name of a [VaultProblem],
         * as `vault_key_lost`, where the app's keys could not be read; `invalid_call` where the intent asked for no sale.
         */
        public fun error(result: Intent?): String? = result?.getStringExtra(ERROR)

        /** The id of the other payment that kept this one from being begun, since it is in doubt. */
        public fun blockedBy(result: Intent?): Long? = result.id(BLOCKED_BY)

        private fun Intent?.id(name: String): Long? = this?.getLongExtra(name, -1)?.takeIf { it >= 0 }

        private inline fun <reified T : Enum<T>> Bundle?.option(name: String): T? {
            val saved = this?.getString(name)
            return enumValues<T>().find { it.name == saved }
        }
    }
}
