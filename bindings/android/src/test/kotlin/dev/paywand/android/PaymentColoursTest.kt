package dev.paywand.android

import android.graphics.Color
import android.util.TypedValue
import android.view.ContextThemeWrapper
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Every text of the payment screen has a contrast of 4.5 at least to its ground (WCAG 2, AA). */
@RunWith(RobolectricTestRunner::class)
class PaymentColoursTest {
    @Test
    @Config(sdk = [34], qualifiers = "notnight")
    fun day() = assertReadable()

    @Test
    @Config(sdk = [34], qualifiers = "night")
    fun night() = assertReadable()

    private fun assertReadable() {
        for ((ink, ground) in PAIRS) {
            val contrast = contrast(colour(ink), colour(ground))
            assertTrue("$ink on $ground: $contrast", contrast >= 4.5)
        }
        assertStatusBarReadable()
    }

    private fun assertStatusBarReadable() {
        val theme = ContextThemeWrapper(RuntimeEnvironment.getApplication(), R.style.Paywand_Payment).theme
        val bar = TypedValue().also { theme.resolveAttribute(android.R.attr.statusBarColor, it, true) }.data
        assertEquals("it is drawn over the window where apps go to the edges", colour("surface"), bar)
        val dark = TypedValue().also { theme.resolveAttribute(android.R.attr.windowLightStatusBar, it, true) }.data != 0
        val icons = if (dark) Color.BLACK else Color.WHITE
        assertTrue("icons are dark: $dark", contrast(icons, bar) >= 4.5)
    }

    private fun colour(name: String): Int {
        val app = RuntimeEnvironment.getApplication()
        return app.getColor(app.resources.getIdentifier("paywand_$name", "color", app.packageName))
    }

    private fun contrast(
        one: Int,
        other: Int,
    ): Double {
        val (darker, lighter) = listOf(luminance(one), luminance(other)).sorted()
        return (lighter + 0.05) / (darker + 0.05)
    }

    private fun luminance(colour: Int): Double {
        val (red, green, blue) = listOf(16, 8, 0).map { linear((colour shr it and 0xff) / 255.0) }
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    private fun linear(channel: Double) =
        if (channel <= 0.04045) channel / 12.92 else Math.pow((channel + 0.055) / 1.055, 2.4)

    private companion object {
        val PAIRS =
            listOf("paid", "not_paid", "doubt", "accent", "note", "surface").map { "on_$it" to it } +
                listOf(
                    "on_surface_soft" to "surface",
                    "on_surface_soft" to "panel",
                    "on_surface" to "panel",
                    "accent" to "surface",
                    "danger_text" to "surface",
                )
    }
}
