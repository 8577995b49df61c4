package dev.paywand.android

import android.app.Activity
import android.graphics.Color
import android.graphics.drawable.BitmapDrawable
import android.view.TextureView
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.ImageButton
import android.widget.ImageView
import android.widget.TextView
import dev.paywand.Payment

/** The views of the payment screen: shows what [PaymentScreen] and [PaymentWords] say, and reports what is pressed. */
internal class PaymentViews(
    private val activity: Activity,
    private val call: PaymentCall,
    private val onChoice: (Choice) -> Unit,
    private val onAnswer: (Boolean) -> Unit,
) {
    private val words = PaymentWords(activity)
    private val head = view<View>(R.id.paywand_head)
    private val headline = view<TextView>(R.id.paywand_headline)
    private val amount = view<TextView>(R.id.paywand_amount)
    private val subject = view<TextView>(R.id.paywand_subject)
    private val seconds = view<TextView>(R.id.paywand_seconds)
    private val qr = view<ImageView>(R.id.paywand_qr)
    private val note = PaymentNote(view(R.id.paywand_note)) { onAllowCamera() }
    private val details = view<ViewGroup>(R.id.paywand_details)
    private val torch = view<ImageButton>(R.id.paywand_torch)
    private var qrText: String? = null
    private var detailed: Any? = null

    /** What a press on the light's button does. */
    var onTorch: () -> Unit = {}

    /** What a press on the note does that says that the camera may not be used. */
    var onAllowCamera: () -> Unit = {}

    /** Where the camera's picture goes. */
    val camera: TextureView = view(R.id.paywand_camera)

    init {
        amount.text = words.amount(call.amount)
        subject.show(call.subject.ifEmpty { null })
        torch.setOnClickListener { onTorch() }
        view<View>(R.id.paywand_question_yes).setOnClickListener { onAnswer(true) }
        view<View>(R.id.paywand_question_no).setOnClickListener { onAnswer(false) }
    }

    fun show(
        screen: PaymentScreen,
        sale: Sale,
        hasPicture: Boolean,
    ) {
        showHead(screen, sale)
        showFigure(screen, hasPicture)
        // What cannot be drawn is not to be scanned.
        val blank = screen.qr != null && qr.drawable == null
        view<TextView>(R.id.paywand_title).show(words.title(screen, sale).takeUnless { blank })
        view<TextView>(R.id.paywand_words).show(words.words(screen, sale))
        view<TextView>(R.id.paywand_hint).show(words.hint(screen, sale.payment))
        showCustomer(words.customer(screen, sale))
        note.show(words.note(screen, sale) ?: words.noQr().takeIf { blank })
        showDetails(screen, sale)
        showButton(R.id.paywand_primary, screen.primary)
        showButton(R.id.paywand_secondary, screen.secondary)
        showButton(R.id.paywand_tertiary, screen.tertiary)
    }

    /** The button of the camera's light, and whether that is on. */
    fun showTorch(
        shown: Boolean,
        on: Boolean,
    ) {
        torch.shown(shown)
        torch.isActivated = on
        torch.contentDescription =
            activity.getString(if (on) R.string.paywand_camera_light_off else R.string.paywand_camera_light_on)
    }

    /** Why the camera does not help just now, and whether a press on it may help. */
    fun showTrouble(
        words: String,
        canAllow: Boolean,
    ) = if (canAllow) note.offer(words) else note.show(words)

    /** The seconds that are [left]; null: none are counted. */
    fun showSeconds(left: Long?) = seconds.show(left?.let(words::seconds))

    fun ask(question: Question?) {
        val sheet = view<View>(R.id.paywand_question)
        sheet.visibility = if (question == null) View.GONE else View.VISIBLE
        // Talkback reads what is in front only.
        view<View>(R.id.paywand_content).importantForAccessibility =
            if (question ==
                null
            ) {
                View.IMPORTANT_FOR_ACCESSIBILITY_AUTO
            } else {
                View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
            }
        if (question == null) return
        view<TextView>(R.id.paywand_question_title).setText(question.title)
        view<TextView>(R.id.paywand_question_words).setText(question.words)
        view<TextView>(R.id.paywand_question_yes).setText(question.yes)
        view<TextView>(R.id.paywand_question_no).setText(question.no)
    }

    private fun showHead(
        screen: PaymentScreen,
        sale: Sale,
    ) {
        val look = lookOf(screen.tone)
        val ink = activity.getColor(look.ink)
        head.setBackgroundColor(if (screen.tone == Tone.PLAIN) Color.TRANSPARENT else activity.getColor(look.ground))
        headline.show(words.headline(screen, sale.blocking))
        headline.setTextColor(ink)
        amount.setTextColor(ink)
        subject.setTextColor(activity.getColor(look.softInk))
        val icon = view<ImageView>(R.id.paywand_icon)
        icon.visibility = if (look.icon == null) View.GONE else View.VISIBLE
        look.icon?.let(icon::setImageResource)
    }

    private fun showFigure(
        screen: PaymentScreen,
        hasPicture: Boolean,
    ) {
        val scanning = screen.stage == Stage.SCAN
        val working = screen.stage == Stage.OPENING || screen.stage == Stage.WORKING
        view<View>(R.id.paywand_scan).shown(scanning && !hasPicture)
        camera.shown(scanning && hasPicture)
        view<View>(R.id.paywand_progress).shown(working)
        showQr(screen.qr)
        view<View>(R.id.paywand_figure).shown(scanning || working || qr.drawable != null)
    }

    private fun showQr(text: String?) {
        if (text != qrText) draw(text)
        qr.shown(qr.drawable != null)
    }

    private fun draw(text: String?) {
        qrText = text
        val side = activity.resources.getDimensionPixelSize(R.dimen.paywand_qr) - 2 * qr.paddingLeft
        val picture = text?.let { QrBitmap.draw(it, side) }
        qr.setImageDrawable(picture?.let { BitmapDrawable(activity.resources, it) })
    }

    private fun showCustomer(text: String?) {
        view<TextView>(R.id.paywand_customer_words).text = text
        view<View>(R.id.paywand_customer).shown(text != null)
    }

    private fun showDetails(
        screen: PaymentScreen,
        sale: Sale,
    ) {
        val payment: Payment? =
            when (screen.stage) {
                Stage.RESULT -> sale.payment
                Stage.REPEAT -> sale.blocking
                else -> null
            }
        details.shown(payment != null)
        if (payment == null || payment == detailed) return
        detailed = payment
        details.removeAllViews()
        val rows = if (screen.stage == Stage.REPEAT) words.detailsOfOther(payment) else words.details(payment)
        for ((name, value) in rows) {
            val row = activity.layoutInflater.inflate(R.layout.paywand_payment_detail, details, false)
            row.findViewById<TextView>(R.id.paywand_detail_name).text = name
            row.findViewById<TextView>(R.id.paywand_detail_value).text = value
            details.addView(row)
        }
    }

    private fun showButton(
        id: Int,
        choice: Choice?,
    ) {
        val button = view<Button>(id)
        button.shown(choice != null)
        if (choice == null) return
        button.setText(choice.label)
        button.setOnClickListener { onChoice(choice) }
    }

    private fun <V : View> view(id: Int): V = activity.findViewById(id)
}

/** The colours and the shape of a tone. */
private class Look(
    val ground: Int,
    val ink: Int,
    val softInk: Int,
    val icon: Int?,
)

private fun lookOf(tone: Tone): Look =
    when (tone) {
        Tone.PLAIN -> {
            Look(R.color.paywand_surface, R.color.paywand_on_surface, R.color.paywand_on_surface_soft, null)
        }

        Tone.PAID -> {
            Look(R.color.paywand_paid, R.color.paywand_on_paid, R.color.paywand_on_paid, R.drawable.paywand_paid)
        }

        Tone.NOT_PAID -> {
            Look(
                R.color.paywand_not_paid,
                R.color.paywand_on_not_paid,
                R.color.paywand_on_not_paid,
                R.drawable.paywand_not_paid,
            )
        }

        Tone.DOUBT -> {
            Look(R.color.paywand_doubt, R.color.paywand_on_doubt, R.color.paywand_on_doubt, R.drawable.paywand_doubt)
        }
    }

internal fun View.shown(shown: Boolean) {
    visibility = if (shown) View.VISIBLE else View.GONE
}

/** Shows [text], or nothing. The same again is not told to Talkback again. */
internal fun TextView.show(text: CharSequence?) {
    shown(!text.isNullOrEmpty())
    if (text != null && text.toString() != this.text.toString()) this.text = text
}
