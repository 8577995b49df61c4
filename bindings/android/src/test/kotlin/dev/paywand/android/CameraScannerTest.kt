package dev.paywand.android

import android.Manifest
import android.app.Application
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.TextureView
import com.google.zxing.common.BitMatrix
import dev.paywand.PaymentCode
import dev.paywand.ScanEvent
import dev.paywand.ScanSource
import dev.paywand.Unreadable
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.StreamConfigurationMapBuilder
import java.util.concurrent.atomic.AtomicBoolean

private const val CODE = "134512345678901234"

/** On 35: Robolectric's camera devices need a class that came with it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [Cameras::class, CameraSessions::class, Frames::class])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class CameraScannerTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val released = AtomicBoolean()
    private val texture =
        object : SurfaceTexture(false) {
            override fun release() {
                super.release()
                released.set(true)
            }
        }
    private var shown: SurfaceTexture? = null
    private val preview =
        object : TextureView(app) {
            override fun getSurfaceTexture() = shown
        }
    private val problems = mutableListOf<CameraProblem>()
    private val events = mutableListOf<ScanEvent>()
    private val scanner = Scanner()
    private var found = 0
    private val camera = CameraScanner(app, preview, scanner, { found++ }) { problems += it }

    @Before
    fun newProcess() = Lens.forget()

    @After
    fun close() {
        camera.close()
        Frames.forget()
    }

    @Test
    fun `a code in view is one scan, and nothing is decoded while none is waited for`() {
        begin()
        show(Printed.qr(CODE))
        assertEquals("a frame is thrown away undecoded", emptyList<ScanEvent>(), events)

        scanner.arm { events += it }
        show(Printed.qr(CODE))
        Patience.until { events.isNotEmpty() }
        val event = events.single() as ScanEvent.Accepted
        assertEquals(ScanSource.CAMERA to PaymentCode(CODE).toString(), event.source to event.code.toString())
        repeat(3) { show(Printed.qr(CODE)) }
        assertEquals(1, events.size)
    }

    @Test
    fun `a poster that stays in view is told once, and a code beside it counts`() {
        begin()
        scanner.arm { events += it }
        repeat(3) { show(Printed.qr("https://example.com/menu")) }
        Patience.until { events.isNotEmpty() }
        show(Printed.qr("https://example.com/menu"))
        assertEquals(listOf(Unreadable.LINK), events.map { (it as ScanEvent.Unreadable).why })
        show(Printed.code128(CODE))
        Patience.until { events.size > 1 }
        assertTrue(events[1] is ScanEvent.Accepted)
    }

    @Test
    fun `paused and resumed, it scans again, and not in between`() {
        begin()
        scanner.arm { events += it }
        camera.stop()
        // The frames go with the camera.
        Patience.until { Cameras.open() == 0 && Frames.closed }
        camera.start()
        Patience.until { Cameras.open() == 1 && Frames.listening }
        show(Printed.qr(CODE))
        Patience.until { events.isNotEmpty() }
        assertEquals(emptyList<CameraProblem>(), problems)
    }

    @Test
    fun `what was read when the screen went is no scan`() {
        begin()
        scanner.arm { events += it }
        Frames.show(Frame().draw(Printed.qr(CODE), 8.0))
        Frames.waitUntilSeen()
        camera.stop()
        Patience.idle()
        assertEquals(emptyList<ScanEvent>(), events)
    }

    @Test
    fun `calls in any order leave nothing open`() {
        addCamera()
        allow()
        camera.stop()
        repeat(5) {
            camera.start()
            surface()
            camera.stop()
            camera.start()
            camera.start()
        }
        Patience.until { Cameras.open() == 1 }
        camera.stop()
        camera.stop()
        camera.close()
        camera.close()
        camera.start()
        Patience.until { Cameras.open() == 0 }
        assertEquals(emptyList<CameraProblem>(), problems)
    }

    @Test
    fun `the camera goes when the view's surface goes, and comes back with it`() {
        begin()
        assertFalse(preview.surfaceTextureListener!!.onSurfaceTextureDestroyed(texture))
        Patience.until { Cameras.open() == 0 && released.get() }
        preview.surfaceTextureListener!!.onSurfaceTextureAvailable(SurfaceTexture(false), 720, 1280)
        Patience.until { Cameras.open() == 1 }
    }

    @Test
    fun `stopped while the camera opens, it is let go when it answers`() {
        addCamera()
        val thread = HandlerThread("camera").apply { start() }
        val looper = shadowOf(thread.looper).apply { pause() }
        val told = mutableListOf<CameraProblem>()
        val manager = app.getSystemService(CameraManager::class.java)
        val lens = Lens.find(manager)!!
        val back = BackCamera(manager, Handler(thread.looper), {}) { told += it }

        back.start(lens, texture)
        back.stop()
        assertEquals("asked for, not answered", 1, Cameras.open())
        looper.idle()
        assertEquals(0, Cameras.open())

        // Wanted again before the answer: the same opening serves.
        back.start(lens, texture)
        back.stop()
        back.start(lens, texture)
        looper.idle()
        assertEquals(1 to 2, Cameras.open() to Cameras.opened())

        // The thread outlives the call that ends it, to hear the answer.
        back.stop()
        back.start(lens, texture)
        back.end()
        assertTrue(thread.isAlive)
        looper.unPause()
        thread.join(10_000)
        assertFalse(thread.isAlive)
        assertEquals(0, Cameras.open())
        assertEquals(emptyList<CameraProblem>(), told)
    }

    @Test
    fun `a camera that another app takes is a problem, and start tries anew`() {
        begin()
        Cameras.takeAway()
        Patience.until { problems.isNotEmpty() }
        assertEquals(listOf(CameraProblem.IN_USE), problems)
        Patience.until { Cameras.open() == 0 }
        camera.start()
        Patience.until { Cameras.open() == 1 }
        assertEquals(1, problems.size)
    }

    @Test
    fun `a camera that breaks, that is in use, or that is switched off`() {
        addCamera()
        allow()
        surface()
        for (problem in listOf(CameraProblem.FAILED, CameraProblem.IN_USE, CameraProblem.DISABLED)) {
            problems.clear()
            Cameras.refusal = problem
            camera.start()
            Patience.until { problems.isNotEmpty() }
            assertEquals(listOf(problem), problems)
            assertEquals(0, Cameras.open())
        }
    }

    @Test
    fun `no permission and no camera are problems`() {
        camera.start()
        assertEquals(listOf(CameraProblem.NO_PERMISSION), problems)
        allow()
        camera.start()
        surface()
        Patience.until { problems.size > 1 }
        assertEquals(listOf(CameraProblem.NO_PERMISSION, CameraProblem.NO_CAMERA), problems)
        assertFalse(camera.hasTorch)
    }

    @Test
    fun `the main thread never waits for the camera service`() {
        begin()
        assertFalse(Cameras.askedOnMain)
    }

    @Test
    fun `whether there is a torch is known, and told, once the camera is found`() {
        addCamera(flash = false)
        allow()
        camera.start()
        surface()
        Patience.until { found > 0 }
        assertFalse(camera.hasTorch)
    }

    @Test
    fun `the next screen knows the camera from the start`() {
        begin()
        Patience.until { found > 0 }
        assertTrue(camera.hasTorch)
        CameraScanner(app, TextureView(app), scanner) {}.use { assertTrue(it.hasTorch) }
        camera.stop()
        camera.start()
        Patience.until { Cameras.open() == 1 }
        assertEquals("told once", 1, found)
    }

    @Test
    fun `a camera that is gone is looked for anew`() {
        begin()
        Cameras.takeAway()
        Patience.until { problems.isNotEmpty() }
        assertFalse(camera.hasTorch)
        camera.start()
        Patience.until { Cameras.open() == 1 && camera.hasTorch }
    }

    @Test
    fun `the torch burns as it is set, from the next start too`() {
        addCamera()
        camera.torch = true
        allow()
        camera.start()
        surface()
        Patience.until { Cameras.torch() == CameraMetadata.FLASH_MODE_TORCH }
        camera.torch = false
        Patience.until { Cameras.torch() == CameraMetadata.FLASH_MODE_OFF }
    }

    @Test
    fun `the camera at the back, at a size that suits, with its focus running`() {
        addCamera("0", facing = CameraMetadata.LENS_FACING_FRONT)
        addCamera("1")
        val lens = Lens.find(app.getSystemService(CameraManager::class.java))!!
        assertEquals("1", lens.id)
        assertEquals(Size(1280, 720) to Size(1280, 720), lens.frameSize to lens.previewSize)
        assertEquals(CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_PICTURE, lens.focusMode)
        assertEquals(90, lens.orientation)
    }

    @Test
    fun `a camera that cannot be asked spoils no other, and is none`() {
        val manager = app.getSystemService(CameraManager::class.java)
        addCamera("0")
        addCamera("1")
        addCamera("2", facing = CameraMetadata.LENS_FACING_FRONT)
        Cameras.broken = setOf("0")
        assertEquals("1", Lens.find(manager)!!.id)
        Cameras.broken = setOf("0", "1")
        assertEquals("2", Lens.find(manager)!!.id)

        Cameras.silent = true
        allow()
        camera.start()
        surface()
        Patience.until { problems.isNotEmpty() }
        assertEquals(listOf(CameraProblem.NO_CAMERA), problems)
        Cameras.silent = false
        camera.start()
        surface()
        Patience.until { Cameras.open() == 1 }
    }

    @Test
    fun `the preview is upright and unstretched however the device is held`() {
        val lens = Lens("0", Size(1280, 720), Size(1280, 720), null, hasTorch = false, orientation = 90)
        // Upright, the view has the picture's shape: nothing to do.
        assertEquals(listOf(0, 0, 720, 0, 720, 1280), lens.corners(720, 1280, 0))
        // A square view shows the middle.
        assertEquals(listOf(0, -280, 720, -280, 720, 1000), lens.corners(720, 720, 0))
        // Turned to the left, what the view takes for the upper left is the lower left.
        assertEquals(listOf(0, 720, 0, 0, 1280, 0), lens.corners(1280, 720, 1))
        assertEquals(listOf(720, 1280, 0, 1280, 0, 0), lens.corners(720, 1280, 2))
        assertEquals(listOf(1280, 0, 1280, 720, 0, 720), lens.corners(1280, 720, 3))
    }

    @Test
    fun `every problem has words in both languages`() {
        val english = CameraProblem.entries.map { it.text(app) }
        RuntimeEnvironment.setQualifiers("zh-rCN")
        val chinese = CameraProblem.entries.map { it.text(app) }
        assertEquals(5, english.toSet().size)
        assertEquals(5, chinese.toSet().size)
        assertEquals("本机没有摄像头，请用扫码头扫码。", chinese[CameraProblem.NO_CAMERA.ordinal])
        assertEquals("This device has no camera. Scan with the scan head.", english[CameraProblem.NO_CAMERA.ordinal])
    }

    private fun begin() {
        addCamera()
        allow()
        camera.start()
        surface()
        Patience.until { Cameras.open() == 1 && Frames.listening }
    }

    private fun show(code: BitMatrix) {
        Frames.show(Frame().draw(code, 4.0))
        Frames.waitUntilSeen()
        Patience.idle()
    }

    private fun surface() {
        shown = texture
        preview.surfaceTextureListener!!.onSurfaceTextureAvailable(texture, 720, 1280)
    }

    private fun allow() = shadowOf(app).grantPermissions(Manifest.permission.CAMERA)

    private fun addCamera(
        id: String = "0",
        facing: Int = CameraMetadata.LENS_FACING_BACK,
        flash: Boolean = true,
    ) {
        val sizes = StreamConfigurationMapBuilder.newBuilder()
        for (size in listOf(Size(4000, 3000), Size(1920, 1080), Size(1280, 720), Size(320, 240))) {
            sizes.addOutputSize(size).addOutputSize(ImageFormat.YUV_420_888, size)
        }
        val traits = ShadowCameraCharacteristics.newCameraCharacteristics()
        shadowOf(traits).apply {
            set(CameraCharacteristics.LENS_FACING, facing)
            set(CameraCharacteristics.SENSOR_ORIENTATION, 90)
            set(CameraCharacteristics.FLASH_INFO_AVAILABLE, flash)
            set(CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES, intArrayOf(0, 1, 4))
            set(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP, sizes.build())
        }
        shadowOf(app.getSystemService(CameraManager::class.java)).addCamera(id, traits)
    }

    /** Where the view's upper left, upper right and lower right come to lie: x and y of each. */
    private fun Lens.corners(
        width: Int,
        height: Int,
        rotation: Int,
    ): List<Int> {
        val points = floatArrayOf(0f, 0f, width.toFloat(), 0f, width.toFloat(), height.toFloat())
        previewTransform(width, height, rotation).mapPoints(points)
        return points.map { Math.round(it) }
    }
}
