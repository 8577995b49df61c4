package dev.paywand.android

import android.Manifest
import android.app.Activity
import android.content.ActivityNotFoundException
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
    private val camera = if (declaresCamera()) CameraScanner(activity, preview, scanner, onChange, ::stopped) else null
    private var problem: CameraProblem? = null
    private var asked = false

    /** The question is on the screen: until it is answered nothing is refused. */
    private var asking = false

    override val hasPicture: Boolean
        get() = camera != null && problem == null && CameraPermission.granted(activity)

    /** Without a camera the till scans with what it has; where it was refused too, if it is known to have anything. */
    override val trouble: String?
        get() =
            when {
                canAllowCamera -> CameraProblem.NO_PERMISSION.text(activity)
                problem == CameraProblem.NO_CAMERA || problem == CameraProblem.NO_PERMISSION -> null
                else -> problem?.text(activity)
            }

    override val canAllowCamera: Boolean
        get() =
            camera != null && !asking && head.vendor == Vendors.unknown.name && !CameraPermission.granted(activity)

    override val hasTorch: Boolean get() = hasPicture && camera?.hasTorch == true

    override var torch: Boolean
        get() = camera?.torch == true
        set(on) {
            camera?.torch = on
        }

    override fun resume() {
        head.start()
        problem = null
        asking = false
        if (camera == null) return
        // Looked at each time: it remembers what was refused.
        val access = CameraPermission.access(activity)
        if (asked || access != CameraAccess.NOT_ASKED) return
        asked = true
        asking = true
        // The answer brings the screen to the front again.
        CameraPermission.ask(activity, REQUEST)
    }

    override fun allowCamera() {
        try {
            CameraPermission.ask(activity, REQUEST)
        } catch (_: ActivityNotFoundException) {
            // A device whose settings are locked away.
            return
        }
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
