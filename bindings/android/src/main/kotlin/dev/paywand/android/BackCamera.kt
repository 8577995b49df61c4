package dev.paywand.android

import android.annotation.SuppressLint
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.view.Surface

/**
 * The camera itself: opens, streams pictures to a surface and to [onFrame], closes.
 *
 * Everything here happens on the thread of [handler], frames included: so no picture's memory goes away while it is
 * read, and an answer of the camera never meets a half-made change. What is wanted may change while the camera is
 * opening; it is looked at again when the camera answers, since opening twice makes the system throw the first out.
 */
internal class BackCamera(
    private val manager: CameraManager,
    private val handler: Handler,
    private val onFrame: (Image) -> Unit,
    private val onProblem: (CameraProblem) -> Unit,
) {
    private class Wanted(
        val lens: Lens,
        val texture: SurfaceTexture,
    )

    private var wanted: Wanted? = null
    private var opening: Answers? = null
    private var device: CameraDevice? = null
    private var session: CameraCaptureSession? = null
    private var request: CaptureRequest.Builder? = null
    private var reader: ImageReader? = null
    private var surface: Surface? = null
    private var torch = false
    private var ended = false

    fun start(
        lens: Lens,
        texture: SurfaceTexture,
    ) {
        close()
        wanted = Wanted(lens, texture)
        if (opening == null) guarded { open(lens) }
    }

    fun stop() {
        wanted = null
        close()
    }

    fun light(on: Boolean) {
        torch = on
        guarded { repeat() }
    }

    /** Stops, and ends the thread as soon as no answer of the camera is due: one that answers nobody stays open. */
    fun end() {
        ended = true
        stop()
        if (opening == null) handler.looper.quitSafely()
    }

    // Who calls has looked at CameraPermission; where it was taken back since then, a SecurityException says so.
    @SuppressLint("MissingPermission")
    private fun open(lens: Lens) {
        val answers = Answers()
        manager.openCamera(lens.id, answers, handler)
        opening = answers
    }

    /** What the camera says of one opening, and of the device that it gave. */
    private inner class Answers : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            answered()
            val wanted = wanted ?: return camera.close()
            device = camera
            guarded { stream(camera, wanted) }
        }

        override fun onDisconnected(camera: CameraDevice) = lost(camera, CameraProblem.IN_USE)

        override fun onError(
            camera: CameraDevice,
            error: Int,
        ) = lost(camera, CameraProblem.of(error))

        private fun lost(
            camera: CameraDevice,
            problem: CameraProblem,
        ) {
            camera.close()
            val concerned = opening === this || device === camera
            answered()
            if (concerned && wanted != null) fail(problem)
        }

        private fun answered() {
            if (opening !== this) return
            opening = null
            if (ended) handler.looper.quitSafely()
        }
    }

    private fun stream(
        camera: CameraDevice,
        wanted: Wanted,
    ) {
        val lens = wanted.lens
        wanted.texture.setDefaultBufferSize(lens.previewSize.width, lens.previewSize.height)
        val preview = Surface(wanted.texture).also { surface = it }
        val frames = ImageReader.newInstance(lens.frameSize.width, lens.frameSize.height, ImageFormat.YUV_420_888, 2)
        reader = frames
        frames.setOnImageAvailableListener({ guarded { it.acquireLatestImage()?.use(onFrame) } }, handler)
        request =
            camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                addTarget(preview)
                addTarget(frames.surface)
                set(CaptureRequest.CONTROL_MODE, CameraMetadata.CONTROL_MODE_AUTO)
                lens.focusMode?.let { set(CaptureRequest.CONTROL_AF_MODE, it) }
            }
        // Its successor needs Android 9.
        @Suppress("DEPRECATION")
        camera.createCaptureSession(listOf(preview, frames.surface), Sessions(camera), handler)
    }

    private inner class Sessions(
        private val camera: CameraDevice,
    ) : CameraCaptureSession.StateCallback() {
        override fun onConfigured(configured: CameraCaptureSession) {
            if (camera !== device) return
            session = configured
            guarded { repeat() }
        }

        override fun onConfigureFailed(refused: CameraCaptureSession) {
            if (camera === device) fail(CameraProblem.FAILED)
        }
    }

    private fun repeat() {
        val session = session ?: return
        val request = request ?: return
        val lit = torch && wanted?.lens?.hasTorch == true
        // The torch is the flash's, and obeys only where the exposure leaves the flash alone.
        request.set(CaptureRequest.CONTROL_AE_MODE, CameraMetadata.CONTROL_AE_MODE_ON)
        request.set(
            CaptureRequest.FLASH_MODE,
            if (lit) CameraMetadata.FLASH_MODE_TORCH else CameraMetadata.FLASH_MODE_OFF,
        )
        session.setRepeatingRequest(request.build(), null, handler)
    }

    private fun fail(problem: CameraProblem) {
        stop()
        onProblem(problem)
    }

    /** The device first: it stops writing into the surfaces, and takes its session along. */
    private fun close() {
        device?.close()
        device = null
        session = null
        request = null
        reader?.close()
        reader = null
        surface?.release()
        surface = null
    }

    private fun guarded(step: () -> Unit) {
        try {
            step()
        } catch (error: CameraAccessException) {
            fail(CameraProblem.of(error))
        } catch (_: SecurityException) {
            fail(CameraProblem.NO_PERMISSION)
        } catch (_: RuntimeException) {
            // Closed under our hands, pulled out, or it does not do what it says of itself: drivers throw all kinds.
            fail(CameraProblem.FAILED)
        }
    }
}
