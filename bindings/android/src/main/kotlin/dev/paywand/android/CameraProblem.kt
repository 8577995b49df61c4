package dev.paywand.android

import android.content.Context
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraDevice

/** Why the camera cannot scan. */
public enum class CameraProblem(
    private val words: Int,
) {
    /** The app may not use the camera: [CameraPermission.ask]. */
    NO_PERMISSION(R.string.paywand_camera_no_permission),

    /** The device has none. */
    NO_CAMERA(R.string.paywand_camera_none),

    /** Another app has it, or took it. */
    IN_USE(R.string.paywand_camera_in_use),

    /** The device's owner or the system has switched it off. */
    DISABLED(R.string.paywand_camera_disabled),

    /** It does not work. Another [CameraScanner.start] may help. */
    FAILED(R.string.paywand_camera_failed),
    ;

    /** What the cashier reads, in the language of [context]. */
    public fun text(context: Context): String = context.getString(words)

    internal companion object {
        fun of(error: CameraAccessException): CameraProblem =
            when (error.reason) {
                CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE -> IN_USE
                CameraAccessException.CAMERA_DISABLED -> DISABLED
                else -> FAILED
            }

        /** Of [CameraDevice.StateCallback.onError]. */
        fun of(error: Int): CameraProblem =
            when (error) {
                CameraDevice.StateCallback.ERROR_CAMERA_IN_USE,
                CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE,
                -> IN_USE

                CameraDevice.StateCallback.ERROR_CAMERA_DISABLED -> DISABLED

                else -> FAILED
            }
    }
}
