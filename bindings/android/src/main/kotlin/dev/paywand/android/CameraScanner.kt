package dev.paywand.android

import android.content.Context
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraManager
import android.hardware.display.DisplayManager
import android.media.Image
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.os.SystemClock
import android.view.TextureView
import dev.paywand.ScanSource
import java.io.Closeable

/**
 * Scans with the device's camera: shows what it sees in [preview], reads QR codes and Code 128, and delivers them to
 * [scanner]. While the scanner waits for nothing, no picture is decoded.
 *
 * Call [start] in `onResume`, [stop] in `onPause` and [close] in `onDestroy`. All calls are made on the main thread,
 * and come back at once. The app declares and asks for the permission: [CameraPermission].
 *
 * @param preview is this scanner's alone until [close]: its `surfaceTextureListener` and transform are set here.
 * @param onFound is told, on the main thread, that the camera is found: from then on [hasTorch] is known.
 * @param onProblem is told, on the main thread, why nothing can be scanned. The scanner has stopped then; [start] tries
 * anew.
 */
public class CameraScanner(
    private val context: Context,
    private val preview: TextureView,
    private val scanner: Scanner,
    private val onFound: () -> Unit = {},
    private val onProblem: (CameraProblem) -> Unit,
) : Closeable {
    private val cameras = context.getSystemService(CameraManager::class.java)
    private val displays = context.getSystemService(DisplayManager::class.java)
    private val main = Handler(Looper.getMainLooper())
    private val background = Handler(HandlerThread("paywand-camera").apply { start() }.looper)
    private val camera = BackCamera(cameras, background, ::read) { main.post { stopFor(it) } }
    private val decoder = CodeDecoder()
    private var running = false
    private var closed = false

    /** A text is on its way to the main thread: until it is there, whether the scanner still waits is not known. */
    @Volatile
    private var delivering = false
    private var last = ""
    private var lastAt = 0L

    /** Whether there is a light to switch on. False until the camera is found, which [start] looks for. */
    public val hasTorch: Boolean get() = Lens.found?.hasTorch == true

    /** The light. Stays as it is set over [stop] and [start], and burns in between only. */
    public var torch: Boolean = false
        set(on) {
            field = on
            if (!closed) background.post { camera.light(on) }
        }

    init {
        preview.surfaceTextureListener = Surfaces()
        preview.addOnLayoutChangeListener { _, _, _, _, _, _, _, _, _ -> turnUpright() }
    }

    /** Opens the camera, as soon as [preview] is there. Does nothing where it runs already. */
    public fun start() {
        if (running || closed) return
        if (!CameraPermission.granted(context)) return onProblem(CameraProblem.NO_PERMISSION)
        running = true
        displays.registerDisplayListener(rotations, main)
        preview.surfaceTexture?.let(::show)
    }

    /** Lets go of the camera: another app can have it. What has been read and not delivered is dropped. */
    public fun stop() {
        if (!running) return
        running = false
        displays.unregisterDisplayListener(rotations)
        background.post { camera.stop() }
    }

    /** Stops for good. */
    override fun close() {
        if (closed) return
        stop()
        closed = true
        preview.surfaceTextureListener = null
        background.post { camera.end() }
    }

    private fun stopFor(problem: CameraProblem) {
        if (!running) return
        stop()
        // A camera may have been unplugged, or plugged in.
        Lens.forget()
        onProblem(problem)
    }

    /** Looking for the camera takes long where the system's camera service is busy: not on the main thread. */
    private fun show(texture: SurfaceTexture) {
        turnUpright()
        background.post {
            val known = Lens.found
            val lens = known ?: Lens.look(cameras)
            if (lens != null) camera.start(lens, texture)
            main.post {
                when {
                    lens == null -> {
                        stopFor(CameraProblem.NO_CAMERA)
                    }

                    known == null && !closed -> {
                        turnUpright()
                        onFound()
                    }
                }
            }
        }
    }

    private fun turnUpright() {
        val lens = Lens.found ?: return
        val rotation = preview.display?.rotation ?: return
        if (preview.width == 0 || preview.height == 0) return
        preview.setTransform(lens.previewTransform(preview.width, preview.height, rotation))
    }

    /** On the camera's thread. */
    private fun read(image: Image) {
        if (delivering || !scanner.isArmed) return
        val plane = image.planes[0]
        val text = decoder.decode(plane.buffer, image.width, image.height, plane.rowStride, plane.pixelStride) ?: return
        // A poster in view is in every picture; the cashier hears of it once in a while.
        val now = SystemClock.elapsedRealtime()
        if (text == last && now - lastAt < SAME_AGAIN_MS) return
        last = text
        lastAt = now
        delivering = true
        main.post {
            if (running) scanner.deliver(ScanSource.CAMERA, null, text)
            delivering = false
        }
    }

    private inner class Surfaces : TextureView.SurfaceTextureListener {
        override fun onSurfaceTextureAvailable(
            texture: SurfaceTexture,
            width: Int,
            height: Int,
        ) {
            if (running) show(texture)
        }

        override fun onSurfaceTextureSizeChanged(
            texture: SurfaceTexture,
            width: Int,
            height: Int,
        ) = turnUpright()

        /** The camera writes into it until it has stopped: only then is it released, so not by the view. */
        override fun onSurfaceTextureDestroyed(texture: SurfaceTexture): Boolean {
            background.post {
                camera.stop()
                texture.release()
            }
            return false
        }

        override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit
    }

    /** A turn by half is no new layout. */
    private val rotations =
        object : DisplayManager.DisplayListener {
            override fun onDisplayAdded(displayId: Int) = Unit

            override fun onDisplayRemoved(displayId: Int) = Unit

            override fun onDisplayChanged(displayId: Int) = turnUpright()
        }

    private companion object {
        const val SAME_AGAIN_MS = 2_000L
    }
}
