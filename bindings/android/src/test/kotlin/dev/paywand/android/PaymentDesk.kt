package dev.paywand.android

import android.content.Intent
import android.os.Bundle
import android.os.Looper
import android.view.TextureView
import android.view.View
import android.widget.Button
import android.widget.TextView
import dev.paywand.Amount
import dev.paywand.BLUEOCEAN
import dev.paywand.PATIENT
import dev.paywand.ScanEvent
import dev.paywand.ScanSource
import dev.paywand.Till
import dev.paywand.TimingConfig
import dev.paywand.newCode
import dev.paywand.newKey
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** Signals in the order in which they were given. */
internal class SignalLog : ResultSignal {
    val given = mutableListOf<String>()

    /** How often it was silenced. */
    var closed = 0
        private set

    override fun paid(amount: Amount) {
        given += "paid ${amount.minor} ${amount.currency}"
    }

    override fun failed() {
        given += "failed"
    }

    override fun lookHere() {
        given += "look here"
    }

    override fun close() {
        closed++
    }
}

/** A till with the payment screen in front, joined with the real core and the sandbox. The customer has a minute. */
internal class PaymentDesk(
    timing: TimingConfig = PATIENT,
) : AutoCloseable {
    val till = Till(timing)
    val signals = SignalLog()
    private val joined = PaymentSeams.signal
    private val screens = mutableListOf<ActivityController<PaymentActivity>>()
    val controller get() = screens.last()
    val activity: PaymentActivity get() = controller.get()

    init {
        till.terminal.shutdown()
        Paywand.setUp { till.config }
        PaymentSeams.signal = { signals }
    }

    /** Starts the screen, as the system would. */
    fun open(
        call: PaymentCall = call(),
        saved: Bundle? = null,
    ): PaymentDesk = open(PaymentActivity.intent(RuntimeEnvironment.getApplication(), call), saved)

    fun open(
        intent: Intent,
        saved: Bundle? = null,
    ): PaymentDesk {
        val controller = Robolectric.buildActivity(PaymentActivity::class.java, intent)
        screens += controller
        controller.create(saved)
        if (!controller.get().isFinishing) {
            controller
                .start()
                .postCreate(saved)
                .resume()
                .visible()
        }
        return this
    }

    /** Waits for the screen to be ready, and scans [code] as a scan head would. */
    fun scan(code: String = newCode(BLUEOCEAN)): ScanEvent {
        until("the screen waits for a scan") { activity.scanner?.isArmed == true }
        return checkNotNull(activity.scanner).deliver(ScanSource.BROADCAST, null, code)
    }

    /** Turns the device: the activity is made anew. */
    fun turn(qualifiers: String) {
        val old = activity
        RuntimeEnvironment.setQualifiers(qualifiers)
        controller.configurationChange()
        controller.visible()
        check(activity !== old) { "the activity was made anew" }
    }

    fun leave() {
        controller.pause().stop().destroy()
        screens.removeAt(screens.lastIndex)
    }

    fun <V : View> view(id: Int): V = activity.findViewById(id)

    /** The text of a view; null: it is not shown. */
    fun text(id: Int): String? = view<TextView>(id).takeIf { it.isShown }?.text?.toString()

    fun isShown(id: Int): Boolean = view<View>(id).isShown

    val camera: TextureView get() = view(R.id.paywand_camera)

    /** Presses the button with this text. */
    fun press(text: Int) {
        val wanted = activity.getString(text)
        val button = BUTTONS.map { view<Button>(it) }.singleOrNull { it.isShown && "${it.text}" == wanted }
        assertTrue("$wanted can be pressed", checkNotNull(button) { "no button $wanted" }.performClick())
    }

    fun untilHeadline(headline: Int): Unit =
        activity.getString(headline).let { wanted ->
            until("$wanted is shown") { text(R.id.paywand_headline) == wanted }
        }

    /** Lets the main thread work until [condition]; thirty seconds at most. */
    fun until(
        what: String,
        condition: () -> Boolean,
    ) {
        val end = System.nanoTime() + LIMIT_NS
        while (!condition()) {
            check(System.nanoTime() < end) { "$what: not within thirty seconds; shown: ${shown()}" }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(1)
        }
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** The process ends: nothing is left but the database. */
    fun die(): Unit = runBlocking { Paywand.shutdown() }

    override fun close() {
        screens.forEach { if (!it.get().isDestroyed) it.get().finish() }
        shadowOf(Looper.getMainLooper()).idle()
        PaymentSeams.signal = joined
        runBlocking { Paywand.shutdown() }
        till.close()
    }

    private fun shown() = TEXTS.mapNotNull { text(it) }

    companion object {
        private const val LIMIT_NS = 30_000_000_000L
        private val TEXTS =
            listOf(R.id.paywand_headline, R.id.paywand_title, R.id.paywand_words, R.id.paywand_note)
        val BUTTONS =
            listOf(
                R.id.paywand_primary,
                R.id.paywand_secondary,
                R.id.paywand_tertiary,
                R.id.paywand_question_yes,
                R.id.paywand_question_no,
            )

        /** 12.50 at BlueOcean under a new key. */
        fun call(
            way: PaymentWay = PaymentWay.SCAN,
            gateway: String = BLUEOCEAN,
            key: String = newKey(),
            minor: Long = 1_250,
        ): PaymentCall =
            PaymentCall(
                requestKey = key,
                amount = Amount(minor, if (gateway == BLUEOCEAN) "HKD" else "CNY"),
                gateway = gateway,
                subject = "Milk tea, large",
                cashier = "lin",
                way = way,
            )
    }
}
