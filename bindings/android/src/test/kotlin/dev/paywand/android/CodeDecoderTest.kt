package dev.paywand.android

import com.google.zxing.BarcodeFormat
import com.google.zxing.oned.EAN13Writer
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import java.nio.ByteBuffer
import java.util.Random

private const val CODE = "134512345678901234"

class CodeDecoderTest {
    private val decoder = CodeDecoder()

    @Test
    fun `a QR code at any angle`() {
        for (degrees in listOf(0, 17, 45, 90, 150, 180, 270)) {
            assertEquals("$degrees degrees", CODE, decoder.decode(Frame().draw(Printed.qr(CODE), 12.0, degrees)))
        }
    }

    @Test
    fun `a Code 128 lying, standing, upside down and a little askew`() {
        for (degrees in listOf(0, 4, 90, 94, 180, 270)) {
            assertEquals("$degrees degrees", CODE, decoder.decode(Frame().draw(Printed.code128(CODE), 4.0, degrees)))
        }
    }

    @Test
    fun `a small code in a large picture`() {
        assertEquals(CODE, decoder.decode(Frame(1920, 1080).draw(Printed.qr(CODE), 3.0)))
        assertEquals(CODE, decoder.decode(Frame(1920, 1080).draw(Printed.code128(CODE), 2.0)))
    }

    @Test
    fun `dim, blurred and noisy pictures, two at most`() {
        val dim = Frame().draw(Printed.qr(CODE), 10.0, 30, ink = 40, paper = 90).blur(2).noise(3.0)
        assertEquals(CODE, soon(dim, pictures = 1))
        for (degrees in listOf(0, 90)) {
            // A bright display in a dark shop, then fine lines on a bright counter.
            val display = Frame(background = 60).draw(Printed.code128(CODE), 3.0, degrees).blur(1).noise(8.0)
            assertEquals(CODE, soon(display, pictures = 2))
            val paper = Frame(background = 200).draw(Printed.code128(CODE), 2.0, degrees).noise(8.0)
            assertEquals(CODE, soon(paper, pictures = 2))
        }
    }

    @Test
    fun `rows and pixels with a gap after each`() {
        assertEquals(CODE, decoder.decode(Frame(padding = 64).draw(Printed.qr(CODE), 9.0)))
        assertEquals(CODE, decoder.decode(Frame(padding = 5, pixelStride = 2).draw(Printed.code128(CODE), 4.0, 90)))
    }

    @Test
    fun `white on black is read within four pictures`() {
        val inverted = Frame(background = 20).draw(Printed.qr(CODE), 10.0, ink = 230, paper = 20)
        assertEquals(CODE, soon(inverted, pictures = 4))
    }

    @Test
    fun `a picture of another size than the one before`() {
        assertEquals(CODE, decoder.decode(Frame(640, 480).draw(Printed.qr(CODE), 8.0)))
        assertEquals(CODE, decoder.decode(Frame(480, 640).draw(Printed.code128(CODE), 2.5)))
        assertEquals(CODE, decoder.decode(Frame(480, 640).draw(Printed.code128(CODE), 4.0, 90)))
    }

    @Test
    fun `nothing else is read`() {
        val goods = EAN13Writer().encode("4006381333931", BarcodeFormat.EAN_13, 1, 40)
        assertNull(decoder.decode(Frame().draw(goods, 4.0)))
        assertNull(decoder.decode(Frame()))
    }

    @Test
    fun `the buffer's position is left alone`() {
        val frame = Frame().draw(Printed.qr(CODE), 10.0)
        val plane = frame.plane().apply { position(11).limit(500) }
        assertEquals(CODE, decoder.decode(plane, frame.width, frame.height, frame.rowStride))
        assertEquals(11 to 500, plane.position() to plane.limit())
    }

    @Test
    fun `rubbish holds no code`() {
        val random = Random(1)
        repeat(40) {
            val bytes = ByteArray(320 * 240).also(random::nextBytes)
            assertNull(decoder.decode(ByteBuffer.wrap(bytes), 320, 240, 320))
        }
        // Torn to pieces: parts of a code in wrong places.
        val torn = Frame(640, 480).draw(Printed.qr(CODE), 12.0).plane()
        repeat(40) {
            val from = random.nextInt(torn.capacity() - 9_000)
            val to = random.nextInt(torn.capacity() - 9_000)
            for (i in 0 until 9_000) torn.put(to + i, torn[from + i])
            decoder.decode(torn, 640, 480, 640)
        }
    }

    @Test
    fun `what is no plane of that size holds no code`() {
        val plane = ByteBuffer.allocate(640 * 480)
        val sizes =
            listOf(
                listOf(0, 480, 640, 1),
                listOf(640, 0, 640, 1),
                listOf(-1, -1, 640, 1),
                listOf(640, 480, 639, 1),
                listOf(640, 480, 640, 0),
                listOf(640, 480, 640, 2),
                listOf(640, 481, 640, 1),
                listOf(Int.MAX_VALUE, Int.MAX_VALUE, Int.MAX_VALUE, 1),
                listOf(8_000, 8_000, Int.MAX_VALUE, Int.MAX_VALUE),
            )
        for ((width, height, rowStride, pixelStride) in sizes) {
            assertNull(decoder.decode(plane, width, height, rowStride, pixelStride))
        }
    }

    private fun soon(
        frame: Frame,
        pictures: Int,
    ): String? = (1..pictures).firstNotNullOfOrNull { decoder.decode(frame) }

    private fun CodeDecoder.decode(frame: Frame): String? =
        decode(frame.plane(), frame.width, frame.height, frame.rowStride, frame.pixelStride)
}
