package dev.paywand.till

import android.content.res.Configuration
import android.view.ContextThemeWrapper
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class)
class LandscapeTest {
    @Test
    fun `a layout has the same views lying on its side`() {
        for (layout in listOf(R.layout.frame, R.layout.keypad)) {
            val upright = ids(layout, Configuration.ORIENTATION_PORTRAIT)
            assertTrue(upright.size > 5)
            assertEquals(upright, ids(layout, Configuration.ORIENTATION_LANDSCAPE))
        }
    }

    private fun ids(
        layout: Int,
        orientation: Int,
    ): Map<String, Class<*>> {
        val app = RuntimeEnvironment.getApplication()
        val turned = app.createConfigurationContext(Configuration().also { it.orientation = orientation })
        val context = ContextThemeWrapper(turned, R.style.Theme_Till)
        val root = LayoutInflater.from(context).inflate(layout, FrameLayout(context))
        return root.all().filter { it.id != View.NO_ID }.associate {
            it.resources.getResourceEntryName(it.id) to it.javaClass
        }
    }

    private fun View.all(): List<View> =
        listOf(this) +
            (
                (this as? ViewGroup)?.let { group -> (0 until group.childCount).flatMap { group.getChildAt(it).all() } }
                    ?: emptyList()
            )
}
