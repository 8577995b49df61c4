package dev.paywand.android

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.media.AudioAttributes
import android.media.AudioManager
import android.media.ToneGenerator
import android.os.Build
import android.os.VibrationEffect
import android.os.Vibrator
import android.speech.tts.TextToSpeech
import dev.paywand.Amount
import dev.paywand.Language
import java.io.Closeable

/** What [Feedback] does. */
public class FeedbackSettings(
    /** A tone for each of paid, failed, look here. */
    public val tones: Boolean = true,
    /** A vibration for each. Only where the app's manifest declares `VIBRATE`. */
    public val vibration: Boolean = true,
    /**
     * The amount of what was paid, spoken by the device's text-to-speech, where that knows the language. On Android 11
     * and later the app's manifest names the intent `android.intent.action.TTS_SERVICE` under `queries`.
     */
    public val speech: Boolean = false,
    /** Of the spoken words. Null: the device's. */
    public val language: Language? = null,
    /** How loud the tones are, 0 to 100, within the device's media volume. */
    public val volume: Int = 100,
)

/**
 * Tells the cashier without a look at the screen how a payment ended: by a tone, a vibration, and the amount spoken.
 *
 * Sounds go by the media volume, as in the tills that shops know, and not by the ring tone's: a till whose ringer is
 * silenced still tells; who wants it quiet turns the media volume down. What the device cannot do is left out; nothing
 * fails.
 *
 * Used on the main thread. Speech needs a moment to begin: make one when the till's screen opens, and [close] it with
 * the screen.
 */
public class Feedback(
    private val context: Context,
    private val settings: FeedbackSettings = FeedbackSettings(),
) : Closeable {
    private val tones = if (settings.tones) toneGenerator() else null
    private val vibrator = if (settings.vibration) vibrator() else null
    private val speaker = if (settings.speech) Speaker(context, settings.language ?: context.language()) else null

    /** It was paid: a high tone, a short vibration, and [amount] spoken if that is wanted. */
    public fun paid(amount: Amount) {
        tell(Signal.PAID)
        speaker?.say(amount)
    }

    /** It was not paid: a low tone, two long vibrations. */
    public fun failed(): Unit = tell(Signal.FAILED)

    /** Somebody has to look at the screen: a double tone, three short vibrations. */
    public fun lookHere(): Unit = tell(Signal.LOOK_HERE)

    /** Falls silent, and lets go of what it holds. */
    override fun close() {
        tones?.release()
        vibrator?.cancel()
        speaker?.close()
    }

    private fun tell(signal: Signal) {
        tones?.startTone(signal.tone, signal.toneMs)
        vibrator?.run(signal)
    }

    /** Null where the device's sound is out of order, or busy. */
    private fun toneGenerator(): ToneGenerator? =
        try {
            ToneGenerator(AudioManager.STREAM_MUSIC, settings.volume.coerceIn(0, 100))
        } catch (_: RuntimeException) {
            null
        }

    private fun vibrator(): Vibrator? {
        if (context.checkSelfPermission(Manifest.permission.VIBRATE) != PackageManager.PERMISSION_GRANTED) return null
        val vibrator = context.getSystemService(Vibrator::class.java)
        return vibrator?.takeIf { it.hasVibrator() }
    }

    private fun Vibrator.run(signal: Signal) {
        @Suppress("DEPRECATION") // Their successors need Android 8 and 13.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            vibrate(VibrationEffect.createWaveform(signal.vibrationMs, ONCE), NOT_HUSHED)
        } else {
            vibrate(signal.vibrationMs, ONCE, NOT_HUSHED)
        }
    }

    private enum class Signal(
        val tone: Int,
        val toneMs: Int,
        /** Off, on, off, on… */
        val vibrationMs: LongArray,
    ) {
        PAID(ToneGenerator.TONE_PROP_ACK, 300, longArrayOf(0, 120)),
        FAILED(ToneGenerator.TONE_SUP_ERROR, 700, longArrayOf(0, 400, 150, 400)),
        LOOK_HERE(ToneGenerator.TONE_PROP_BEEP2, 400, longArrayOf(0, 100, 100, 100, 100, 100)),
    }

    private companion object {
        const val ONCE = -1

        /** A vibration that says of itself nothing goes silent with the ringer. */
        val NOT_HUSHED: AudioAttributes = AudioAttributes.Builder().setUsage(AudioAttributes.USAGE_ALARM).build()
    }
}

/** Speaks amounts, as soon as the device's text-to-speech is ready; only the last one that came before is kept. */
private class Speaker(
    context: Context,
    private val language: Language,
) : Closeable {
    private var ready = false
    private var waiting: String? = null
    private val voice: TextToSpeech = TextToSpeech(context.applicationContext, ::begin)

    fun say(amount: Amount) {
        val words = SpokenAmount.received(amount, language) ?: return
        if (ready) speak(words) else waiting = words
    }

    override fun close() {
        waiting = null
        ready = false
        voice.stop()
        voice.shutdown()
    }

    private fun begin(status: Int) {
        if (status != TextToSpeech.SUCCESS) return
        // An amount in another language's digits would be worse than silence.
        if (voice.setLanguage(SpokenAmount.locale(language)) < TextToSpeech.LANG_AVAILABLE) return
        val sound =
            AudioAttributes
                .Builder()
                .setUsage(AudioAttributes.USAGE_MEDIA)
                .setContentType(AudioAttributes.CONTENT_TYPE_SPEECH)
                .build()
        voice.setAudioAttributes(sound)
        ready = true
        waiting?.let(::speak)
        waiting = null
    }

    private fun speak(words: String) {
        voice.speak(words, TextToSpeech.QUEUE_FLUSH, null, "paywand")
    }
}
