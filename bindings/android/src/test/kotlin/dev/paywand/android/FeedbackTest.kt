package dev.paywand.android

import android.Manifest
import android.app.Application
import android.media.ToneGenerator
import android.os.VibrationAttributes
import android.os.Vibrator
import android.speech.tts.TextToSpeech
import dev.paywand.Amount
import dev.paywand.Language
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowTextToSpeech
import org.robolectric.shadows.ShadowToneGenerator
import java.util.Locale

private val AMOUNT = Amount(1_250, "CNY")

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [24, 34])
class FeedbackTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val vibrator = shadowOf(app.getSystemService(Vibrator::class.java))

    @Test
    fun `each signal has a tone and a vibration of its own`() {
        shadowOf(app).grantPermissions(Manifest.permission.VIBRATE)
        val patterns =
            Feedback(app).use { feedback ->
                listOf({ feedback.paid(AMOUNT) }, feedback::failed, feedback::lookHere).map {
                    it()
                    vibrator.pattern.toList()
                }
            }
        val tones = ShadowToneGenerator.getPlayedTones().map { it.type() }
        assertEquals(
            listOf(ToneGenerator.TONE_PROP_ACK, ToneGenerator.TONE_SUP_ERROR, ToneGenerator.TONE_PROP_BEEP2),
            tones,
        )
        assertEquals(3, patterns.toSet().size)
        assertArrayEquals(longArrayOf(0, 100, 100, 100, 100, 100), vibrator.pattern)
        assertTrue("closed is still", vibrator.isCancelled)
        assertNull("nothing is said unless asked for", ShadowTextToSpeech.getLastTextToSpeechInstance())
    }

    @Test
    @Config(sdk = [34])
    fun `a vibration is an alarm's, which a silenced ringer does not silence`() {
        shadowOf(app).grantPermissions(Manifest.permission.VIBRATE)
        Feedback(app).use { it.lookHere() }
        val attributes = vibrator.vibrationAttributesFromLastVibration as VibrationAttributes
        assertEquals(VibrationAttributes.USAGE_ALARM, attributes.usage)
    }

    @Test
    fun `what is switched off or not permitted is left out`() {
        Feedback(app, FeedbackSettings(tones = false)).use { it.failed() }
        assertEquals(0, ShadowToneGenerator.getPlayedTones().size)
        assertNull("the app does not declare it", vibrator.pattern)

        shadowOf(app).grantPermissions(Manifest.permission.VIBRATE)
        Feedback(app, FeedbackSettings(vibration = false)).use { it.failed() }
        assertNull(vibrator.pattern)
        vibrator.setHasVibrator(false)
        Feedback(app).use { it.failed() }
        assertNull(vibrator.pattern)
        assertEquals(2, ShadowToneGenerator.getPlayedTones().size)
    }

    @Test
    @Config(shadows = [NoSound::class])
    fun `a device without sound does not fail`() {
        Feedback(app).use {
            it.paid(AMOUNT)
            it.failed()
        }
    }

    @Test
    fun `the amount is spoken, the last one where the voice comes late, and no more once closed`() {
        ShadowTextToSpeech.addLanguageAvailability(Locale.SIMPLIFIED_CHINESE)
        val feedback = Feedback(app, FeedbackSettings(speech = true, language = Language.ZH))
        val voice = shadowOf(ShadowTextToSpeech.getLastTextToSpeechInstance())
        feedback.paid(AMOUNT)
        feedback.paid(Amount(800, "CNY"))
        assertEquals(emptyList<String>(), voice.spokenTextList)
        voice.onInitListener.onInit(TextToSpeech.SUCCESS)
        feedback.paid(Amount(5, "CNY"))
        feedback.failed()
        assertEquals(listOf("收款八元。", "收款五分。"), voice.spokenTextList)
        assertEquals(Locale.SIMPLIFIED_CHINESE, voice.currentLanguage)

        feedback.close()
        assertTrue(voice.isShutdown)
        feedback.paid(AMOUNT)
        assertEquals(2, voice.spokenTextList.size)
    }

    @Test
    fun `a voice that does not know the language is silent, and one that does not come too`() {
        ShadowTextToSpeech.addLanguageAvailability(Locale.ENGLISH)
        for (status in listOf(TextToSpeech.SUCCESS, TextToSpeech.ERROR)) {
            Feedback(app, FeedbackSettings(speech = true, language = Language.ZH)).use { feedback ->
                val voice = shadowOf(ShadowTextToSpeech.getLastTextToSpeechInstance())
                voice.onInitListener.onInit(status)
                feedback.paid(AMOUNT)
                assertEquals(emptyList<String>(), voice.spokenTextList)
            }
        }
    }

    @Test
    fun `in the device's language where none is named`() {
        RuntimeEnvironment.setQualifiers("zh-rCN")
        ShadowTextToSpeech.addLanguageAvailability(Locale.SIMPLIFIED_CHINESE)
        Feedback(app, FeedbackSettings(speech = true)).use { feedback ->
            val voice = shadowOf(ShadowTextToSpeech.getLastTextToSpeechInstance())
            voice.onInitListener.onInit(TextToSpeech.SUCCESS)
            feedback.paid(AMOUNT)
            assertEquals("收款十二元五角。", voice.lastSpokenText)
        }
    }

    @Test
    fun `amounts in words`() {
        val words =
            mapOf(
                1L to "收款一分。",
                10L to "收款一角。",
                105L to "收款一元零五分。",
                200L to "收款两元。",
                1_000L to "收款十元。",
                1_250L to "收款十二元五角。",
                2_001L to "收款二十元零一分。",
                9_999L to "收款九十九元九角九分。",
                10_805L to "收款一百零八元零五分。",
                11_200L to "收款一百一十二元。",
                100_100L to "收款一千零一元。",
                101_000L to "收款一千零一十元。",
                1_000_000L to "收款一万元。",
                1_000_100L to "收款一万零一元。",
                1_001_000L to "收款一万零一十元。",
                1_250_000L to "收款一万二千五百元。",
                10_500_000L to "收款十万五千元。",
                2_003_000_400L to "收款二千零三万零四元。",
                9_999_999_999L to "收款九千九百九十九万九千九百九十九元九角九分。",
            )
        for ((minor, text) in words) assertEquals(text, SpokenAmount.received(Amount(minor, "CNY"), Language.ZH))
        assertEquals("收款港币十二元五角。", SpokenAmount.received(Amount(1_250, "HKD"), Language.ZH))
        assertEquals("Received 12.50 yuan.", SpokenAmount.received(AMOUNT, Language.EN))
        assertEquals("Received 0.05 Hong Kong dollars.", SpokenAmount.received(Amount(5, "HKD"), Language.EN))
        assertEquals("Received 1 Hong Kong dollar.", SpokenAmount.received(Amount(100, "HKD"), Language.EN))
        assertEquals("Received 108 Hong Kong dollars.", SpokenAmount.received(Amount(10_800, "HKD"), Language.EN))
    }

    @Test
    fun `what there are no words for is not said`() {
        for (language in Language.entries) {
            for (amount in listOf(
                Amount(0, "CNY"),
                Amount(-5, "CNY"),
                Amount(10_000_000_000, "CNY"),
                Amount(100, "JPY"),
            )) {
                assertNull("$amount", SpokenAmount.received(amount, language))
            }
        }
        assertFalse(FeedbackSettings().speech)
    }

    /** A device whose audio is out of order: the real one throws so. */
    @Implements(ToneGenerator::class)
    class NoSound {
        @Implementation
        @Suppress("ktlint:standard:function-naming", "FunctionName") // Robolectric knows it by this name.
        fun __constructor__(
            stream: Int,
            volume: Int,
        ): Unit = throw RuntimeException("Init failed for stream $stream at $volume")
    }
}
