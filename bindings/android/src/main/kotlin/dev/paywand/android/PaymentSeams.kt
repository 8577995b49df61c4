package dev.paywand.android

import android.app.Activity
import android.content.Context
import android.view.KeyEvent
import android.view.TextureView
import dev.paywand.Amount

/** Where the payment screen's scans come from. All of it is delivered to the screen's [Scanner]. */
internal interface ScanInput : AutoCloseable {
    /** Whether the camera's picture is to be shown. */
    val hasPicture: Boolean

    /** What the cashier is told of the camera; null: nothing is wrong with it. */
    val trouble: String?

    /** Whether a press of the cashier's may end [trouble]: see [allowCamera]. */
    val canAllowCamera: Boolean

    /** Asks whether the camera may be used. */
    fun allowCamera()

    /** Whether the camera has a light. */
    val hasTorch: Boolean

    /** The camera's light. */
    var torch: Boolean

    /** The screen is in front. */
    fun resume()

    /** The screen is no longer in front: head and camera belong to others. */
    fun pause()

    /** The camera runs only while the screen waits for a scan. */
    fun waiting(forScan: Boolean)

    /** Whether the key belongs to a scan. */
    fun onKeyEvent(event: KeyEvent): Boolean
}

/** What is heard and felt of a payment, besides what is seen. */
internal interface ResultSignal : AutoCloseable {
    fun paid(amount: Amount)

    fun failed()

    fun lookHere()
}

/** What the payment screen is joined with. The tests join it with stand-ins. */
internal object PaymentSeams {
    var scanInput: (Activity, Scanner, TextureView, () -> Unit) -> ScanInput = ::DeviceScanInput

    /** Of the process, since it outlives a turn of the screen. */
    var signal: (Context) -> ResultSignal = {
        FeedbackSignal(Feedback(it.applicationContext, PaymentActivity.feedback))
    }
}

private class FeedbackSignal(
    private val feedback: Feedback,
) : ResultSignal {
    override fun paid(amount: Amount) = feedback.paid(amount)

    override fun failed() = feedback.failed()

    override fun lookHere() = feedback.lookHere()

    override fun close() = feedback.close()
}
