package dev.paywand.till

import android.content.Context
import android.graphics.Color
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Every colour that text has, on every ground that it stands on: 4.5 to 1 or more, by day and by night. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class)
class ContrastTest {
    private val pairs =
        listOf(
            R.color.ink to R.color.ground,
            R.color.ink to R.color.surface,
            R.color.ink_soft to R.color.ground,
            R.color.ink_soft to R.color.surface,
            R.color.ink_soft to R.color.calm_soft,
            R.color.accent to R.color.surface,
            R.color.accent to R.color.accent_soft,
            R.color.on_accent to R.color.accent,
            R.color.on_sandbox to R.color.sandbox,
            R.color.bad to R.color.surface,
            R.color.surface to R.color.bad,
        ) + Temper.entries.flatMap { listOf(it.color to it.ground, it.color to R.color.surface) }

    @Test
    fun `text stands out from its ground`() {
        val faint =
            listOf("notnight", "night").flatMap { light ->
                RuntimeEnvironment.setQualifiers("+$light")
                val context: Context = RuntimeEnvironment.getApplication()
                pairs.mapNotNull { (text, ground) ->
                    val contrast = contrast(context.getColor(text), context.getColor(ground))
                    val names = listOf(text, ground).joinToString(" on ") { context.resources.getResourceEntryName(it) }
                    if (contrast < 4.5f) "$light $names: $contrast" else null
                }
            }
        assertEquals(emptyList<String>(), faint)
    }

    /** WCAG 2: (lighter + 0.05) / (darker + 0.05). */
    private fun contrast(
        one: Int,
        other: Int,
    ): Float {
        val (darker, lighter) = listOf(one, other).map { Color.luminance(it) }.sorted()
        return (lighter + 0.05f) / (darker + 0.05f)
    }
}
