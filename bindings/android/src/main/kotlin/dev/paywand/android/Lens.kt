package dev.paywand.android

import android.graphics.ImageFormat
import android.graphics.Matrix
import android.graphics.RectF
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.util.Size
import kotlin.math.abs
import kotlin.math.max

/** A camera of the device, and what of its abilities a scan needs. */
internal class Lens(
    val id: String,
    /** Of the pictures that are decoded. */
    val frameSize: Size,
    /** Of the pictures on the screen. */
    val previewSize: Size,
    /** A mode of `CONTROL_AF_MODE`; null where the lens does not move. */
    val focusMode: Int?,
    val hasTorch: Boolean,
    /** How far the picture is turned against the device's natural position, in degrees to the right. */
    val orientation: Int,
    /** From the cashier. */
    val looksAway: Boolean = true,
) {
    /** Makes a view of [width] by [height] show the picture upright, unstretched and without a border. */
    fun previewTransform(
        width: Int,
        height: Int,
        displayRotation: Int,
    ): Matrix {
        val (across, down) =
            if (orientation % 180 ==
                0
            ) {
                previewSize.run { this.width to this.height }
            } else {
                previewSize.run { this.height to this.width }
            }
        val centerX = width / 2f
        val centerY = height / 2f
        val view = RectF(0f, 0f, width.toFloat(), height.toFloat())
        val picture = RectF(0f, 0f, across.toFloat(), down.toFloat())
        picture.offset(centerX - picture.centerX(), centerY - picture.centerY())
        // The view has stretched the picture, turned for the device's natural position, over all of itself.
        val matrix = Matrix().apply { setRectToRect(view, picture, Matrix.ScaleToFit.FILL) }
        matrix.postRotate(-90f * displayRotation, centerX, centerY)
        val lying = displayRotation % 2 == 1
        val scale = max(view.width() / if (lying) down else across, view.height() / if (lying) across else down)
        matrix.postScale(scale, scale, centerX, centerY)
        return matrix
    }

    internal companion object {
        /** Enough for a code at arm's length; more makes each picture slower to decode. */
        private val WANTED = Size(1280, 720)

        /** What was found last, in this process. */
        @Volatile
        var found: Lens? = null
            private set

        /** Looks anew next time. */
        fun forget() {
            found = null
        }

        /** As [find], and remembers it. Null too where the cameras cannot be asked: a later try may find one. */
        fun look(manager: CameraManager): Lens? =
            try {
                find(manager)?.also { found = it }
            } catch (_: CameraAccessException) {
                null
            } catch (_: RuntimeException) {
                // The camera service is down, or a driver says of itself what cannot be.
                null
            }

        /**
         * The camera to scan with: one that looks away from the cashier, else any. Null: the device has none.
         *
         * @throws CameraAccessException the cameras cannot be asked. One that does not answer spoils no other.
         */
        fun find(manager: CameraManager): Lens? {
            val lenses = manager.cameraIdList.mapNotNull { camera(manager, it) }
            return lenses.firstOrNull { it.looksAway } ?: lenses.firstOrNull()
        }

        private fun camera(
            manager: CameraManager,
            id: String,
        ): Lens? =
            try {
                read(id, manager.getCameraCharacteristics(id))
            } catch (_: CameraAccessException) {
                null
            } catch (_: RuntimeException) {
                null
            }

        private fun read(
            id: String,
            camera: CameraCharacteristics,
        ): Lens? {
            val sizes = camera[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]
            val frame = nearest(sizes?.getOutputSizes(ImageFormat.YUV_420_888)) ?: return null
            return Lens(
                id = id,
                frameSize = frame,
                previewSize = nearest(sizes?.getOutputSizes(SurfaceTexture::class.java)) ?: frame,
                focusMode = focusMode(camera[CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES]),
                hasTorch = camera[CameraCharacteristics.FLASH_INFO_AVAILABLE] == true,
                orientation = camera[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0,
                looksAway = camera[CameraCharacteristics.LENS_FACING] == CameraMetadata.LENS_FACING_BACK,
            )
        }

        private fun nearest(sizes: Array<Size>?): Size? =
            sizes?.minByOrNull {
                abs(it.width * it.height - WANTED.width * WANTED.height)
            }

        private fun focusMode(modes: IntArray?): Int? =
            listOf(
                CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_PICTURE,
                CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_VIDEO,
                CameraMetadata.CONTROL_AF_MODE_AUTO,
            ).firstOrNull { modes != null && it in modes }
    }
}
