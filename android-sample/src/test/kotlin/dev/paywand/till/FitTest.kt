package dev.paywand.till

import android.app.Activity
import android.view.View
import android.widget.EditText
import android.widget.ScrollView
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Small and large handhelds, large type, both languages: no text is cut, and what is touched is large and has a name. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class FitTest(
    private val size: String,
    private val language: String,
) {
    @Test
    fun `no text is cut at a font scale of 1,3`() {
        val cut =
            Shot.entries.flatMap { shot ->
                look(shot, fontScale = 1.3f) { screen ->
                    texts(screen).mapNotNull { text -> problem(text)?.let { "$shot ${name(text)}: $it" } }
                }
            }
        assertEquals(emptyList<String>(), cut)
    }

    @Test
    fun `what is touched is at least 48 dp high`() {
        val small =
            Shot.entries.flatMap { shot ->
                look(shot, fontScale = 1f) { screen ->
                    val density = screen.resources.displayMetrics.density
                    content(screen).seen().filter { it.isTouched && it.height < 48 * density }.map {
                        "$shot ${name(it)}: ${it.height / density} dp"
                    }
                }
            }
        assertEquals(emptyList<String>(), small)
    }

    @Test
    fun `what is touched has a name for those who do not see it`() {
        val mute =
            Shot.entries.flatMap { shot ->
                look(shot, fontScale = 1f) { screen ->
                    content(
                        screen,
                    ).seen()
                        .filter {
                            it.isTouched && it !is EditText &&
                                label(
                                    it,
                                ).isBlank()
                        }.map { "$shot ${name(it)}" }
                }
            }
        assertEquals(emptyList<String>(), mute)
    }

    private fun <T> look(
        shot: Shot,
        fontScale: Float,
        block: (Activity) -> T,
    ): T {
        RuntimeEnvironment.setQualifiers("+$language-$size-xhdpi")
        RuntimeEnvironment.setFontScale(fontScale)
        val till = RuntimeEnvironment.getApplication() as FixedTill
        till.settings.isSandbox = false
        till.settings.accounts = emptyList()
        till.settings.openSale = null
        return shot.open(till).use {
            val seen = texts(it.activity)
            assertTrue("$shot shows next to nothing", seen.size > 5)
            block(it.activity)
        }
    }

    /** Text that can be marked takes touches too, and is no target. */
    private val View.isTouched: Boolean
        get() = isClickable && isEnabled && (this is EditText || (this as? TextView)?.isTextSelectable != true)

    private fun label(view: View): String =
        view.contentDescription?.toString()
            ?: view.seen().filterIsInstance<TextView>().joinToString(" ") { it.text }

    companion object {
        @JvmStatic
        @Parameters(name = "{0} {1}")
        fun devices(): List<Array<String>> =
            listOf("w360dp-h640dp", "w411dp-h731dp", "w640dp-h360dp-land").flatMap { size ->
                listOf("en", "zh").map { arrayOf(size, it) }
            }
    }
}

internal fun content(activity: Activity): View = activity.findViewById(android.R.id.content)

internal fun texts(activity: Activity) =
    content(activity).seen().filterIsInstance<TextView>().filter {
        it.text.isNotEmpty()
    }

internal fun problem(text: TextView): String? {
    val layout = text.layout ?: return "never laid out"
    val lines = 0 until layout.lineCount
    val room = text.width - text.compoundPaddingLeft - text.compoundPaddingRight
    val height = text.height - text.compoundPaddingTop - text.compoundPaddingBottom
    return when {
        lines.any { layout.getEllipsisCount(it) > 0 } -> "ellipsised: ${text.text}"

        // What is typed scrolls sideways in its field.
        text !is EditText && lines.any { layout.getLineMax(it) > room + 1 } -> "too wide: ${text.text}"

        layout.height > height -> "too high: ${text.text}"

        !isInside(text) -> "outside of what it stands in: ${text.text}"

        else -> null
    }
}

/** Up to the first view that scrolls, everything lies within its parent. */
internal fun isInside(view: View): Boolean {
    val parent = view.parent as? View ?: return true
    if (parent is ScrollView || parent is android.widget.ListView) return true
    if (view.left < 0 || view.top < 0 || view.right > parent.width || view.bottom > parent.height) return false
    return parent.id == android.R.id.content || isInside(parent)
}

internal fun name(view: View): String =
    if (view.id == View.NO_ID) view.javaClass.simpleName else view.resources.getResourceEntryName(view.id)
