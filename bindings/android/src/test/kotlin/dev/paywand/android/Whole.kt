package dev.paywand.android

import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue

/** Whether the words on a screen can be read to their end. */
internal object Whole {
    /** No line of [view] is wider or higher than the view, and none is shortened. */
    fun assertWhole(
        view: TextView,
        screen: String,
    ) {
        val layout = checkNotNull(view.layout) { "$screen: ${view.text} is not laid out" }
        val what = "$screen: ${view.text}"
        val room = view.width - view.totalPaddingLeft - view.totalPaddingRight
        for (line in 0 until layout.lineCount) {
            assertEquals("$what is shortened", 0, layout.getEllipsisCount(line))
            assertTrue("$what is wider than its view", layout.getLineMax(line) <= room + 1)
        }
        assertTrue(
            "$what is higher than its view",
            layout.height + view.totalPaddingTop + view.totalPaddingBottom <= view.height,
        )
        assertEquals("$what is whole", view.text.length, layout.getLineEnd(layout.lineCount - 1))
    }

    /** [view] and what is in it, but for what is not shown. */
    fun shownViews(view: View): List<View> =
        when {
            view.visibility != View.VISIBLE -> emptyList()
            view is ViewGroup -> (0 until view.childCount).flatMap { shownViews(view.getChildAt(it)) }
            else -> listOf(view)
        }
}
