package dev.paywand.till

import dev.paywand.android.Pictures
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.util.TimeZone

/** A picture of every screen, in both languages, by day and by night. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class, qualifiers = "w360dp-h640dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ScreenshotTest(
    private val language: String,
    private val light: String,
) {
    private val till get() = RuntimeEnvironment.getApplication() as FixedTill

    @Before
    fun set() {
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Shanghai"))
        RuntimeEnvironment.setQualifiers("+$language-$light")
    }

    @Test
    fun welcome() = take(Shot.WELCOME)

    @Test
    fun keypad() = take(Shot.KEYPAD)

    @Test
    fun `found again`() = take(Shot.FOUND_AGAIN)

    @Test
    fun sandbox() = take(Shot.SANDBOX)

    @Test
    fun history() = take(Shot.HISTORY)

    @Test
    fun payment() = take(Shot.PAYMENT)

    @Test
    fun `payment in doubt`() = take(Shot.PAYMENT_IN_DOUBT)

    @Test
    fun refund() = take(Shot.REFUND)

    @Test
    fun desk() = take(Shot.DESK)

    @Test
    fun settle() = take(Shot.SETTLE)

    @Test
    fun settings() = take(Shot.SETTINGS)

    @Test
    fun account() = take(Shot.ACCOUNT)

    private fun take(shot: Shot): Unit =
        shot.open(till).use { screen ->
            val name = "${shot.name.lowercase().replace(
                '_',
                '-',
            )}-$language-${if (light == "night") "night" else "day"}"
            Pictures.take(screen.activity.window, name)
        }

    companion object {
        @JvmStatic
        @Parameters(name = "{0} {1}")
        fun looks(): List<Array<String>> =
            listOf("en", "zh").flatMap { language -> listOf("notnight", "night").map { arrayOf(language, it) } }
    }
}
