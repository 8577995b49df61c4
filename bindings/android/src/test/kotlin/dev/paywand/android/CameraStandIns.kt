package dev.paywand.android

import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession.CaptureCallback
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.impl.CameraCaptureSessionImpl
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.Looper
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadows.ShadowCameraCaptureSessionImpl
import org.robolectric.shadows.ShadowCameraManager
import org.robolectric.shadows.ShadowImageReader
import java.nio.ByteBuffer
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor

/** The device's cameras: counts what is open, and refuses where it is told to. */
@Implements(android.hardware.camera2.CameraManager::class)
class Cameras : ShadowCameraManager() {
    init {
        current = this
    }

    @Implementation
    override fun getCameraIdList(): Array<String> {
        if (Looper.myLooper() == Looper.getMainLooper()) askedOnMain = true
        check(!silent) { "the camera service has died" }
        return super.getCameraIdList()
    }

    @Implementation
    override fun getCameraCharacteristics(cameraId: String): CameraCharacteristics {
        require(cameraId !in broken) { "unable to read the traits of camera $cameraId" }
        return super.getCameraCharacteristics(cameraId)
    }

    @Implementation(minSdk = 35)
    override fun openCameraDeviceUserAsync(
        cameraId: String,
        callback: CameraDevice.StateCallback,
        executor: Executor,
        uid: Int,
        oomScoreOffset: Int,
        rotationOverride: Int,
    ): CameraDevice {
        val answers =
            when (refusal) {
                null -> callback
                CameraProblem.IN_USE -> Refusing(callback, CameraDevice.StateCallback.ERROR_CAMERA_IN_USE)
                CameraProblem.FAILED -> Refusing(callback, CameraDevice.StateCallback.ERROR_CAMERA_DEVICE)
                else -> throw CameraAccessException(CameraAccessException.CAMERA_DISABLED)
            }
        val device =
            super.openCameraDeviceUserAsync(cameraId, answers, executor, uid, oomScoreOffset, rotationOverride)
        return device.also { devices += it }
    }

    private class Refusing(
        private val callback: CameraDevice.StateCallback,
        private val error: Int,
    ) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) = callback.onError(camera, error)

        override fun onDisconnected(camera: CameraDevice) = callback.onDisconnected(camera)

        override fun onError(
            camera: CameraDevice,
            error: Int,
        ) = callback.onError(camera, error)
    }

    companion object {
        private lateinit var current: Cameras
        private val devices = CopyOnWriteArrayList<CameraDevice>()

        @Volatile
        var refusal: CameraProblem? = null

        /** Nothing at all is said of the cameras. */
        @Volatile
        var silent: Boolean = false

        /** The main thread has waited for the camera service. */
        @Volatile
        var askedOnMain: Boolean = false

        /** Cameras of which nothing is said. */
        @Volatile
        var broken: Set<String> = emptySet()

        @Volatile
        internal var lastRequest: CaptureRequest? = null

        /** How many are open, or about to be. */
        fun open(): Int =
            devices.count { runCatching { it.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW) }.isSuccess }

        /** How many were opened so far. */
        fun opened(): Int = devices.size

        /** The `FLASH_MODE` of what the camera does now. */
        fun torch(): Int? = lastRequest?.get(CaptureRequest.FLASH_MODE)

        /** Another app takes the camera. */
        fun takeAway() = current.triggerDisconnect()

        fun forget() {
            devices.clear()
            refusal = null
            silent = false
            askedOnMain = false
            broken = emptySet()
            lastRequest = null
        }
    }
}

/** Remembers what the camera was asked to do. */
@Implements(CameraCaptureSessionImpl::class, isInAndroidSdk = false)
class CameraSessions : ShadowCameraCaptureSessionImpl() {
    @Implementation
    override fun setRepeatingRequest(
        request: CaptureRequest,
        callback: CaptureCallback?,
        handler: Handler?,
    ): Int {
        Cameras.lastRequest = request
        return super.setRepeatingRequest(request, callback, handler)
    }
}

/** Pictures of the camera: the reader that was made last hands out what [show] is given. */
@Implements(ImageReader::class)
class Frames : ShadowImageReader() {
    @RealObject
    private lateinit var reader: ImageReader

    @Implementation
    fun setOnImageAvailableListener(
        listener: ImageReader.OnImageAvailableListener,
        handler: Handler,
    ) {
        current = this
        closed = false
        tell = { handler.post { listener.onImageAvailable(reader) } }
    }

    @Implementation
    fun acquireLatestImage(): Image? = next.also { next = null }

    @Implementation
    override fun close() {
        super.close()
        if (current !== this) return
        closed = true
        tell = null
    }

    companion object {
        @Volatile
        private var current: Frames? = null

        @Volatile
        private var next: Image? = null

        @Volatile
        private var tell: (() -> Unit)? = null

        @Volatile
        var closed: Boolean = false
            private set

        val listening: Boolean get() = tell != null

        internal fun show(frame: Frame) {
            seen = false
            next = Picture(frame)
            checkNotNull(tell) { "nobody looks" }()
        }

        /** Returns when the last frame was looked at, or thrown away. */
        fun waitUntilSeen() {
            val deadline = System.nanoTime() + 10_000_000_000
            while (!seen) check(System.nanoTime() < deadline) { "nobody has looked" }.also { Thread.sleep(1) }
        }

        fun forget() {
            current = null
            next = null
            tell = null
            closed = false
            Cameras.forget()
        }

        @Volatile
        private var seen = false
    }

    private class Picture(
        private val frame: Frame,
    ) : Image() {
        override fun getFormat() = android.graphics.ImageFormat.YUV_420_888

        override fun getWidth() = frame.width

        override fun getHeight() = frame.height

        override fun getTimestamp() = 0L

        override fun getTransform() = 0

        override fun getScalingMode() = 0

        override fun getPlanes(): Array<Plane> = arrayOf(Luminance(frame))

        override fun close() {
            seen = true
        }
    }

    private class Luminance(
        private val frame: Frame,
    ) : Image.Plane() {
        override fun getRowStride() = frame.rowStride

        override fun getPixelStride() = frame.pixelStride

        override fun getBuffer(): ByteBuffer = frame.plane()
    }
}
