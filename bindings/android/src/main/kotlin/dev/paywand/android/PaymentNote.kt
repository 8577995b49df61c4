package dev.paywand.android

import android.graphics.Typeface
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.style.StyleSpan
import android.text.style.UnderlineSpan
import android.view.View
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Button
import android.widget.TextView

/** The note at the end of the payment screen: words, and sometimes an offer to allow the camera. */
internal class PaymentNote(
    private val view: TextView,
    private val onAllowCamera: () -> Unit,
) {
    private val label = view.context.getString(R.string.paywand_camera_allow)

    /** Words alone. */
    fun show(words: String?) {
        if (view.isClickable) {
            view.setOnClickListener(null)
            view.isClickable = false
            view.isFocusable = false
            view.setAccessibilityDelegate(null)
        }
        view.show(words)
    }

    /** Words that a press answers. */
    fun offer(words: String) {
        val text = SpannableStringBuilder(words).append('\n')
        val at = text.length
        text.append(label)
        for (span in listOf(StyleSpan(Typeface.BOLD), UnderlineSpan())) {
            text.setSpan(span, at, text.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        }
        view.show(text)
        view.setOnClickListener { onAllowCamera() }
        view.isFocusable = true
        view.setAccessibilityDelegate(AsButton())
    }

    /** Talkback calls it a button, and says what it does. */
    private inner class AsButton : View.AccessibilityDelegate() {
        override fun onInitializeAccessibilityNodeInfo(
            host: View,
            info: AccessibilityNodeInfo,
        ) {
            super.onInitializeAccessibilityNodeInfo(host, info)
            info.className = Button::class.java.name
            info.addAction(AccessibilityNodeInfo.AccessibilityAction(AccessibilityNodeInfo.ACTION_CLICK, label))
        }
    }
}
