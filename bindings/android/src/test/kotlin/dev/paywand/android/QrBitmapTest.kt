package dev.paywand.android

import android.graphics.Bitmap
import android.graphics.Color
import com.google.zxing.BinaryBitmap
import com.google.zxing.RGBLuminanceSource
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class QrBitmapTest {
    @Test
    fun `it is black and white, with four modules of white around, and holds the text`() {
        for (text in listOf("weixin://wxpay/bizpayurl?pr=abcdefg", "https://pay.example/" + "x".repeat(300), "付款")) {
            val bitmap = QrBitmap.draw(text, 544)!!
            val pixels = bitmap.pixels()
            assertEquals(setOf(Color.BLACK, Color.WHITE), pixels.toSet())
            val first = pixels.indexOfFirst { it == Color.BLACK }
            val margin = first / bitmap.width
            assertEquals("as wide as high", margin, first % bitmap.width)
            // The finder pattern's upper edge is seven modules.
            val edge = (first until first + bitmap.width).takeWhile { pixels[it] == Color.BLACK }.size
            assertEquals("seven whole modules", 0, edge % 7)
            assertTrue("$margin pixels of white", margin >= 4 * edge / 7)
            assertTrue("${bitmap.width} pixels", bitmap.width in 272..544)
            assertEquals(text, read(bitmap))
        }
    }

    @Test
    fun `what no QR holds is not drawn`() {
        assertNotNull(QrBitmap.draw("https://pay.example/" + "x".repeat(2_300), 544))
        assertNull(QrBitmap.draw("https://pay.example/" + "x".repeat(2_400), 544))
        assertNull(QrBitmap.draw("", 544))
    }

    private fun read(bitmap: Bitmap): String {
        val source = RGBLuminanceSource(bitmap.width, bitmap.height, bitmap.pixels())
        return QRCodeReader().decode(BinaryBitmap(HybridBinarizer(source))).text
    }

    private fun Bitmap.pixels() = IntArray(width * height).also { getPixels(it, 0, width, 0, 0, width, height) }
}
