package dev.paywand.android

import com.google.zxing.BarcodeFormat
import com.google.zxing.EncodeHintType
import com.google.zxing.common.BitMatrix
import com.google.zxing.oned.Code128Writer
import com.google.zxing.qrcode.QRCodeWriter
import java.nio.ByteBuffer
import java.util.Random
import kotlin.math.cos
import kotlin.math.floor
import kotlin.math.roundToInt
import kotlin.math.sin

/** A camera's picture: the Y plane as `YUV_420_888` has it, with [padding] bytes between the rows. */
class Frame(
    val width: Int = 1280,
    val height: Int = 720,
    val padding: Int = 0,
    val pixelStride: Int = 1,
    background: Int = 90,
) {
    private val pixels = IntArray(width * height) { background }

    val rowStride: Int get() = width * pixelStride + padding

    /** [code] in the middle, turned by [degrees] to the right, each of its modules [scale] pixels wide. */
    fun draw(
        code: BitMatrix,
        scale: Double,
        degrees: Int = 0,
        ink: Int = 30,
        paper: Int = 220,
    ): Frame {
        val sine = sin(Math.toRadians(degrees.toDouble()))
        val cosine = cos(Math.toRadians(degrees.toDouble()))
        for (y in 0 until height) {
            for (x in 0 until width) {
                val right = x - width / 2.0
                val down = y - height / 2.0
                val column = floor((right * cosine + down * sine) / scale + code.width / 2.0).toInt()
                val row = floor((down * cosine - right * sine) / scale + code.height / 2.0).toInt()
                if (column !in 0 until code.width || row !in 0 until code.height) continue
                pixels[y * width + x] = if (code[column, row]) ink else paper
            }
        }
        return this
    }

    /** Each pixel becomes the mean of those at most [reach] from it, along rows and columns. */
    fun blur(reach: Int): Frame {
        val rows = IntArray(pixels.size) { mean(pixels, it, it % width, width, 1, reach) }
        rows.indices.forEach { pixels[it] = mean(rows, it, it / width, height, width, reach) }
        return this
    }

    fun noise(spread: Double): Frame {
        val random = Random(7)
        pixels.indices.forEach { pixels[it] += (random.nextGaussian() * spread).roundToInt() }
        return this
    }

    /** The plane, up to its last pixel: what lies beside the pixels is rubbish. */
    fun plane(): ByteBuffer {
        val bytes = ByteArray((height - 1) * rowStride + (width - 1) * pixelStride + 1) { (it * 31).toByte() }
        for (y in 0 until height) {
            for (x in 0 until width) {
                bytes[y * rowStride + x * pixelStride] = pixels[y * width + x].coerceIn(0, 255).toByte()
            }
        }
        return ByteBuffer.allocateDirect(bytes.size).apply {
            put(bytes)
            rewind()
        }
    }

    private fun mean(
        values: IntArray,
        index: Int,
        at: Int,
        length: Int,
        step: Int,
        reach: Int,
    ): Int {
        val near = maxOf(-reach, -at)..minOf(reach, length - 1 - at)
        return near.sumOf { values[index + it * step] } / near.count()
    }
}

/** Codes as they are printed or shown: a pixel for each module, with their white borders. */
object Printed {
    fun qr(text: String): BitMatrix = QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, 1, 1)

    fun code128(text: String): BitMatrix =
        Code128Writer().encode(text, BarcodeFormat.CODE_128, 1, 40, mapOf(EncodeHintType.MARGIN to 20))
}
