package dev.paywand.till

import android.content.pm.ActivityInfo
import android.content.pm.PackageManager
import android.content.res.Configuration
import android.content.res.Configuration.HARDKEYBOARDHIDDEN_NO
import android.content.res.Configuration.HARDKEYBOARDHIDDEN_YES
import android.provider.Settings
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** A connected scanner counts as a keyboard: Android hides its own, and what the scanner types goes into no field. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class, qualifiers = "w360dp-h640dp-xhdpi")
class KeyboardTest {
    private val till = RuntimeEnvironment.getApplication() as FixedTill

    @Test
    fun `with a scanner connected, a field says how to get the keyboard on the screen`() {
        RuntimeEnvironment.setQualifiers("+qwerty")
        for ((shot, ids) in FIELDS) {
            shot.open(till).use { screen ->
                assertFalse("$shot, before a field is touched", screen.sees(R.id.no_keyboard))
                for (id in ids) {
                    screen.focus(id)
                    assertTrue("$shot", screen.sees(R.id.no_keyboard))
                    screen.focus(R.id.content)
                    assertFalse("$shot, when it is left", screen.sees(R.id.no_keyboard))
                }
            }
        }
    }

    @Test
    fun `the line leads to the setting`() {
        RuntimeEnvironment.setQualifiers("+qwerty")
        Shot.SETTLE.open(till).use { screen ->
            screen.focus(R.id.why)
            screen.press(R.id.no_keyboard)
            assertEquals(Settings.ACTION_HARD_KEYBOARD_SETTINGS, screen.next()?.action)
        }
    }

    @Test
    fun `without one, or with one folded away, it says nothing`() {
        for ((keys, hidden) in listOf("nokeys" to HARDKEYBOARDHIDDEN_NO, "qwerty" to HARDKEYBOARDHIDDEN_YES)) {
            RuntimeEnvironment.setQualifiers("+$keys")
            Shot.SETTLE.open(till).use { screen ->
                // No qualifier says this.
                screen.activity.resources.configuration.hardKeyboardHidden = hidden
                screen.focus(R.id.why)
                assertFalse(keys, screen.sees(R.id.no_keyboard))
            }
        }
    }

    @Test
    fun `a scanner that connects makes no screen anew, and is told where a field has the focus`() {
        val taken =
            ActivityInfo.CONFIG_KEYBOARD or ActivityInfo.CONFIG_KEYBOARD_HIDDEN or ActivityInfo.CONFIG_NAVIGATION
        val own =
            checkNotNull(till.packageManager.getPackageInfo(till.packageName, PackageManager.GET_ACTIVITIES).activities)
                .filter { it.name.startsWith(till.packageName) }
        assertEquals(8, own.size)
        assertEquals(emptyList<String>(), own.filter { it.configChanges and taken != taken }.map { it.name })
        Shot.SETTLE.open(till).use { screen ->
            screen.focus(R.id.why)
            val connected =
                Configuration(screen.activity.resources.configuration).apply {
                    keyboard = Configuration.KEYBOARD_QWERTY
                    hardKeyboardHidden = HARDKEYBOARDHIDDEN_NO
                }
            screen.activity.onConfigurationChanged(connected)
            assertTrue(screen.sees(R.id.no_keyboard))
        }
    }

    private fun Screen<*>.focus(id: Int) {
        assertTrue("no focus", view(id).requestFocus())
        idle()
    }
}
