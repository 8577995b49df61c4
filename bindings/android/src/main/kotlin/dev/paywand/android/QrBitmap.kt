package dev.paywand.android

import android.graphics.Bitmap
import android.graphics.Color
import com.google.zxing.BarcodeFormat
import com.google.zxing.EncodeHintType
import com.google.zxing.WriterException
import com.google.zxing.common.BitMatrix
import com.google.zxing.qrcode.QRCodeWriter
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel

/** Draws QR codes for a screen that a phone looks at. */
internal object QrBitmap {
    /** Modules of white around the code: what the standard asks for. */
    private const val QUIET_ZONE = 4

    private val hints =
        mapOf(
            EncodeHintType.MARGIN to QUIET_ZONE,
            EncodeHintType.ERROR_CORRECTION to ErrorCorrectionLevel.M,
            EncodeHintType.CHARACTER_SET to "UTF-8",
        )

    /**
     * [text] as a square of about [size] pixels, black on white by day and night: many wallets cannot read the reverse.
     * Every module is a whole number of pixels wide, so that no edge is grey. Null where it is more than a QR holds, which
     * is some 2.3 kB.
     */
    fun draw(
        text: String,
        size: Int,
    ): Bitmap? {
        val modules = encode(text) ?: return null
        val scale = (size / modules.width).coerceAtLeast(1)
        val side = modules.width * scale
        val pixels = IntArray(side * side)
        for (y in 0 until side) {
            for (x in 0 until side) {
                pixels[y * side + x] = if (modules[x / scale, y / scale]) Color.BLACK else Color.WHITE
            }
        }
        return Bitmap.createBitmap(pixels, side, side, Bitmap.Config.ARGB_8888)
    }

    private fun encode(text: String): BitMatrix? =
        try {
            // Asked for no size, the writer gives a pixel to each module.
            QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, 0, 0, hints)
        } catch (_: WriterException) {
            null
        } catch (_: IllegalArgumentException) {
            // Nothing to draw.
            null
        }
}
