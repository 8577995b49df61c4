package dev.paywand.till

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowAlertDialog

/** A screen as a test uses it. */
class Screen<T : Activity>(
    private val controller: ActivityController<T>,
) : AutoCloseable {
    val activity: T get() = controller.get()

    fun view(id: Int): View = activity.findViewById(id)

    fun text(id: Int): String = (view(id) as TextView).text.toString()

    fun sees(id: Int): Boolean = activity.findViewById<View>(id)?.isShown == true

    fun type(
        id: Int,
        text: String,
    ) {
        (view(id) as TextView).text = text
        idle()
    }

    fun press(id: Int) {
        check(sees(id) && view(id).isEnabled) { "cannot be pressed: ${activity.resources.getResourceEntryName(id)}" }
        view(id).performClick()
        idle()
    }

    /** Presses the dialog's own button, not the one that leaves. */
    fun confirm() {
        waitUntil("a dialog") { ShadowAlertDialog.getLatestAlertDialog()?.isShowing == true }
        ShadowAlertDialog.getLatestAlertDialog().getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        idle()
    }

    fun rotate(): Screen<T> {
        controller.recreate()
        idle()
        return this
    }

    fun leave() {
        controller.pause().stop()
        idle()
    }

    fun comeBack() {
        controller.restart().resume()
        idle()
    }

    /** What the screen has called up. */
    fun next(): Intent? = shadowOf(activity).nextStartedActivity

    override fun close() {
        controller.pause().stop().destroy()
    }
}

fun <T : Activity> screen(
    kind: Class<T>,
    intent: Intent? = null,
): Screen<T> = Screen(Robolectric.buildActivity(kind, intent).setup()).also { idle() }

/** What is asked, where a question is open. */
class ShownDialog(
    val dialog: AlertDialog,
) {
    val title: String get() = shadowOf(dialog).title.toString()
    val words: String get() = dialog.findViewById<TextView>(android.R.id.message).text.toString()
}

fun shownDialog(): ShownDialog? =
    ShadowAlertDialog.getLatestAlertDialog()?.takeIf { it.isShowing }?.let { ShownDialog(it) }

/** Runs what waits on the main thread. */
fun idle() = shadowOf(Looper.getMainLooper()).idle()

/** Work comes back to the main thread from the library's own: looks again until it has. */
fun waitUntil(
    what: String,
    isSo: () -> Boolean,
) {
    val end = System.nanoTime() + LIMIT_NS
    do {
        idle()
        if (isSo()) return
        Thread.sleep(5)
    } while (System.nanoTime() < end)
    throw AssertionError("did not come: $what")
}

/** As `runBlocking`, but the main thread goes on meanwhile: what is waited for may need it. */
fun <T> await(work: suspend () -> T): T {
    val result = CoroutineScope(Dispatchers.IO).async { work() }
    waitUntil("the end of it") { result.isCompleted }
    return runBlocking { result.await() }
}

/** All views that can be seen. */
fun View.seen(): List<View> =
    when {
        visibility != View.VISIBLE -> emptyList()
        this is ViewGroup -> listOf(this) + (0 until childCount).flatMap { getChildAt(it).seen() }
        else -> listOf(this)
    }

private const val LIMIT_NS = 20_000_000_000
