package dev.paywand.android

import android.Manifest
import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.provider.Settings

/** Whether the camera may be used, and what is left to do about it. */
public enum class CameraAccess {
    /** It may. */
    GRANTED,

    /** Nobody was asked yet. */
    NOT_ASKED,

    /** Refused once: say what the camera is for, then ask again. */
    REFUSED,

    /** Refused for good: the system asks no more, only the app's settings can allow it. */
    REFUSED_FOR_GOOD,
}

/** The permission `android.permission.CAMERA`, which an app that scans by camera declares in its manifest. */
public object CameraPermission {
    /** Whether the camera may be used now. */
    public fun granted(context: Context): Boolean =
        context.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    /** Where the permission stands. Changes with every answer, and in the system's settings. */
    public fun access(activity: Activity): CameraAccess {
        val marks = activity.getSharedPreferences(MARKS, Context.MODE_PRIVATE)
        if (granted(activity)) {
            if (marks.contains(REFUSED_ONCE)) marks.edit().remove(REFUSED_ONCE).apply()
            return CameraAccess.GRANTED
        }
        // The system tells "refused once" from all else, but not "never asked" from "refused for good": hence the mark.
        if (activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)) {
            marks.edit().putBoolean(REFUSED_ONCE, true).apply()
            return CameraAccess.REFUSED
        }
        return if (marks.contains(REFUSED_ONCE)) CameraAccess.REFUSED_FOR_GOOD else CameraAccess.NOT_ASKED
    }

    /**
     * Asks for the permission: the answer is in [Activity.onRequestPermissionsResult] under [requestCode], and [access]
     * says what it means. Where it was refused for good, the app's page in the system's settings opens instead: look
     * again in `onResume`.
     */
    public fun ask(
        activity: Activity,
        requestCode: Int,
    ) {
        if (access(activity) == CameraAccess.REFUSED_FOR_GOOD) {
            val page = Uri.fromParts("package", activity.packageName, null)
            activity.startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, page))
        } else {
            activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), requestCode)
        }
    }

    private const val MARKS = "paywand_camera"
    private const val REFUSED_ONCE = "refused_once"
}
