package dev.paywand.android

import android.Manifest
import android.app.Activity
import android.provider.Settings
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [24, 34])
class CameraPermissionTest {
    private val activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Test
    fun `asked, refused once, refused for good, then allowed in the settings`() {
        assertEquals(CameraAccess.NOT_ASKED, CameraPermission.access(activity))
        CameraPermission.ask(activity, 7)
        val asked = shadowOf(activity).lastRequestedPermission
        assertArrayEquals(arrayOf(Manifest.permission.CAMERA), asked.requestedPermissions)
        assertEquals(7, asked.requestCode)
        assertEquals("dismissed is not refused", CameraAccess.NOT_ASKED, CameraPermission.access(activity))

        mayExplain(true)
        assertEquals(CameraAccess.REFUSED, CameraPermission.access(activity))
        mayExplain(false)
        assertEquals(CameraAccess.REFUSED_FOR_GOOD, CameraPermission.access(activity))
        CameraPermission.ask(activity, 8)
        val page = shadowOf(activity).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, page.action)
        assertEquals("package:${activity.packageName}", page.dataString)

        assertFalse(CameraPermission.granted(activity))
        shadowOf(activity.application).grantPermissions(Manifest.permission.CAMERA)
        assertTrue(CameraPermission.granted(activity))
        assertEquals(CameraAccess.GRANTED, CameraPermission.access(activity))
        // Taken back in the settings, it can be asked for again.
        shadowOf(activity.application).denyPermissions(Manifest.permission.CAMERA)
        assertEquals(CameraAccess.NOT_ASKED, CameraPermission.access(activity))
        val opened = generateSequence { shadowOf(activity).nextStartedActivity }
        assertTrue(opened.none { it.action == Settings.ACTION_APPLICATION_DETAILS_SETTINGS })
    }

    private fun mayExplain(may: Boolean) =
        shadowOf(activity.packageManager).setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, may)
}
