package dev.paywand.android

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.view.KeyEvent
import android.view.TextureView

/**
 * All that a device scans with: its scan head, key events, and the camera where the app declares it. The app's manifest is
 * the choice: a till whose heads do all the scanning declares no camera, and nobody is asked for one.
 */
internal class DeviceScanInput(
    private val activity: Activity,
    scanner: Scanner,
    preview: TextureView,
    private val onChange: () -> Unit,
) : ScanInput {
    private val head = ScanHeads.open(activity, scanner, PaymentActivity.scanHead)
    private val wedge = KeyboardWedge(scanner)
    private val camera = if (declaresCamera()) CameraScanner(activity, preview, scanner, ::stopped) else null
    private var problem: CameraProblem? = null
    private var asked = false

    override val hasPicture: Boolean
        get() = camera != null && problem == null && CameraPermission.granted(activity)

    /** Without a camera, or where it was refused, the till scans with what it has. */
    override val trouble: String?
        get() =
            when (problem) {
                null, CameraProblem.NO_CAMERA, CameraProblem.NO_PERMISSION -> null
                else -> problem?.text(activity)
            }

    override val hasTorch: Boolean get() = hasPicture && camera?.hasTorch == true

    override var torch: Boolean
        get() = camera?.torch == true
        set(on) {
            camera?.torch = on
        }

    override fun resume() {
        head.start()
        problem = null
        if (camera == null || asked || CameraPermission.access(activity) != CameraAccess.NOT_ASKED) return
        asked = true
        // The answer brings the screen to the front again.
        CameraPermission.ask(activity, REQUEST)
    }

    override fun pause() {
        head.stop()
        camera?.stop()
    }

    override fun waiting(forScan: Boolean) {
        if (forScan && hasPicture) camera?.start() else camera?.stop()
    }

    override fun onKeyEvent(event: KeyEvent): Boolean = wedge.onKeyEvent(event)

    override fun close() {
        camera?.close()
    }

    private fun stopped(why: CameraProblem) {
        problem = why
        onChange()
    }

    private fun declaresCamera(): Boolean {
        val info = activity.packageManager.getPackageInfo(activity.packageName, PackageManager.GET_PERMISSIONS)
        return info.requestedPermissions.orEmpty().contains(Manifest.permission.CAMERA)
    }

    private companion object {
        const val REQUEST = 1
    }
}
