package dev.paywand.android

import com.google.zxing.BarcodeFormat
import com.google.zxing.Binarizer
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.LuminanceSource
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.Reader
import com.google.zxing.ReaderException
import com.google.zxing.common.BitArray
import com.google.zxing.common.BitMatrix
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.oned.Code128Reader
import com.google.zxing.qrcode.QRCodeReader
import java.nio.ByteBuffer

/**
 * Reads payment codes from camera pictures: QR codes at nearly any angle, and Code 128 lying, standing or upside down.
 * For [CameraScanner], and for apps with a camera of their own.
 *
 * It keeps its buffers from one picture to the next. One for each thread.
 */
public class CodeDecoder {
    private val qr = QRCodeReader()
    private val code128 = Code128Reader()
    private var upright = ByteArray(0)
    private var turned = ByteArray(0)
    private var pictures = 0

    /**
     * The text of the code in a picture; null where it holds none, or where these are no pixels. What is hard to read
     * is found in the second or fourth picture only.
     *
     * @param luminance the Y plane of `YUV_420_888`, from index 0; its position is left alone.
     * @param width in pixels.
     * @param height in pixels.
     * @param rowStride bytes from one row to the next. The last row may end with its last pixel.
     * @param pixelStride bytes from one pixel to the next.
     */
    public fun decode(
        luminance: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int = 1,
    ): String? {
        if (!holds(luminance, width, height, rowStride, pixelStride)) return null
        pictures++
        upright = upright.ofSize(width * height)
        pack(luminance, width, height, rowStride, pixelStride)
        val picture = source(upright, width, height)
        val local = BinaryBitmap(LocalRows(picture))
        qr.read(local)?.let { return it }
        // What is dark is judged by the surroundings in one picture, by the whole row in the next: the first finds a
        // bright display in a dark shop, the second a code whose lines are a pixel or two wide.
        val byRow = pictures % 2 == 0
        return code128.read(if (byRow) BinaryBitmap(HybridBinarizer(picture)) else local)
            ?: code128.read(
                turned(width, height).let { BinaryBitmap(if (byRow) HybridBinarizer(it) else LocalRows(it)) },
            )
            // White on black is rare, and the search costs as much again.
            ?: if (pictures % INVERTED_EVERY == 1) qr.read(BinaryBitmap(HybridBinarizer(picture.invert()))) else null
    }

    private fun holds(
        luminance: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): Boolean {
        if (width !in 1..MAX_SIDE || height !in 1..MAX_SIDE) return false
        if (pixelStride < 1 || rowStride < (width - 1L) * pixelStride + 1) return false
        return (height - 1L) * rowStride + (width - 1L) * pixelStride < luminance.capacity()
    }

    /** Copies the pixels without what lies between them. */
    private fun pack(
        luminance: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ) {
        val plane = luminance.duplicate().apply { clear() }
        for (y in 0 until height) {
            if (pixelStride == 1) {
                plane.position(y * rowStride)
                plane.get(upright, y * width, width)
            } else {
                for (x in 0 until width) upright[y * width + x] = plane.get(y * rowStride + x * pixelStride)
            }
        }
    }

    /** A quarter turn to the right: Code 128 is read along the rows only. */
    private fun turned(
        width: Int,
        height: Int,
    ): LuminanceSource {
        turned = turned.ofSize(width * height)
        for (y in 0 until height) {
            val column = height - 1 - y
            for (x in 0 until width) turned[x * height + column] = upright[y * width + x]
        }
        return source(turned, height, width)
    }

    private fun source(
        pixels: ByteArray,
        width: Int,
        height: Int,
    ) = PlanarYUVLuminanceSource(pixels, width, height, 0, 0, width, height, false)

    private fun Reader.read(picture: BinaryBitmap): String? =
        try {
            decode(picture, HINTS).text
        } catch (_: ReaderException) {
            null
        } catch (_: RuntimeException) {
            // Some pictures take the readers beyond an array's end.
            null
        }

    /** The rows too as the picture is seen for QR codes: dark against what is near. */
    private class LocalRows(
        picture: LuminanceSource,
    ) : Binarizer(picture) {
        private val local = HybridBinarizer(picture)

        override fun getBlackMatrix(): BitMatrix = local.blackMatrix

        override fun getBlackRow(
            y: Int,
            row: BitArray?,
        ): BitArray = local.blackMatrix.getRow(y, row)

        override fun createBinarizer(source: LuminanceSource) = LocalRows(source)
    }

    private fun ByteArray.ofSize(size: Int) = if (this.size == size) this else ByteArray(size)

    private companion object {
        const val INVERTED_EVERY = 4

        /** Twice what any preview has. */
        const val MAX_SIDE = 8_192

        val HINTS =
            mapOf(
                DecodeHintType.POSSIBLE_FORMATS to listOf(BarcodeFormat.QR_CODE, BarcodeFormat.CODE_128),
                DecodeHintType.TRY_HARDER to true,
            )
    }
}
