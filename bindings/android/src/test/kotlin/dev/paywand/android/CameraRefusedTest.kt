package dev.paywand.android

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.provider.Settings
import android.view.TextureView
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Button
import android.widget.TextView
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.util.ReflectionHelpers

/** A till that scans by camera, and may not use it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
class CameraRefusedTest {
    private val activity: Activity by lazy { Robolectric.buildActivity(Activity::class.java).setup().get() }
    private val started = mutableListOf<Intent>()
    private val refused get() = CameraProblem.NO_PERMISSION.text(activity)

    @Before
    fun unknownDeviceWithACamera() {
        device("Acme")
        declare(Manifest.permission.CAMERA)
    }

    @Test
    fun `while it is being asked nothing is refused, and dismissed it is offered again`() {
        val input = input()
        input.resume()
        assertEquals(1, asked())
        assertNull(input.trouble)
        input.answered()
        assertEquals(refused, input.trouble)
        assertEquals("it is not asked by itself again", 1, asked())
        input.allowCamera()
        assertEquals(2, asked())
    }

    @Test
    fun `refused once it is asked again, refused for good the settings open`() {
        val input = input()
        input.resume()
        mayExplain(true)
        input.answered()
        assertEquals(refused, input.trouble)
        input.allowCamera()
        assertEquals(2, asked())

        mayExplain(false)
        input.answered()
        assertEquals(refused, input.trouble)
        input.allowCamera()
        assertEquals(2, asked())
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, started.last().action)

        shadowOf(app).grantPermissions(Manifest.permission.CAMERA)
        input.answered()
        assertNull(input.trouble)
        assertFalse(input.canAllowCamera)
        assertTrue(input.hasPicture)
    }

    @Test
    fun `a device whose head is known, or an app without a camera, stays quiet`() {
        device("Newland")
        assertNull(input().apply { resume() }.apply { answered() }.trouble)
        device("Acme")
        declare()
        assertNull(input().apply { resume() }.apply { answered() }.trouble)
    }

    @Test
    fun `the note on the screen is a button that asks, and gone once it is allowed`() =
        PaymentDesk().use { desk ->
            desk.run {
                open()
                until("it asks for a scan") { isShown(R.id.paywand_scan) }
                assertFalse("the question is still open", isShown(R.id.paywand_note))
                controller.pause().resume()
                val note = view<TextView>(R.id.paywand_note)
                assertEquals("${CameraProblem.NO_PERMISSION.text(activity)}\nAllow the camera", "${note.text}")
                val node = note.createAccessibilityNodeInfo()
                assertEquals(Button::class.java.name, node.className)
                val click = node.actionList.single { it.id == AccessibilityNodeInfo.ACTION_CLICK }
                assertEquals("Allow the camera", click.label)
                assertTrue(note.isFocusable)

                val first = shadowOf(activity).lastRequestedPermission
                note.performClick()
                val request = shadowOf(activity).lastRequestedPermission
                assertNotSame(first, request)
                assertArrayEquals(arrayOf(Manifest.permission.CAMERA), request.requestedPermissions)

                scan("https://example.com/poster")
                assertTrue("what was scanned last is told", "link" in text(R.id.paywand_note).orEmpty())
                assertFalse(note.isClickable)

                shadowOf(app).grantPermissions(Manifest.permission.CAMERA)
                controller.pause().resume()
                until("the picture is shown") { isShown(R.id.paywand_camera) }
                scan()
                untilHeadline(R.string.paywand_payment_paid)
                assertFalse(isShown(R.id.paywand_note))
            }
        }

    private fun input() = DeviceScanInput(activity, Scanner(), TextureView(activity)) {}

    /** The system's question covers the screen until it is answered, or dismissed. */
    private fun DeviceScanInput.answered() {
        pause()
        // Robolectric opens the question, and nobody answers it.
        ReflectionHelpers.setField(activity, "mHasCurrentPermissionsRequest", false)
        resume()
    }

    /** How often the system's question was opened so far, and the settings. */
    private fun asked(): Int {
        started += generateSequence { shadowOf(activity).nextStartedActivity }
        return started.count { it.action == "android.content.pm.action.REQUEST_PERMISSIONS" }
    }

    private fun mayExplain(may: Boolean) =
        shadowOf(app.packageManager).setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, may)

    private fun declare(vararg permissions: String) {
        val info = shadowOf(app.packageManager).getInternalMutablePackageInfo(app.packageName)
        info.requestedPermissions = arrayOf(*permissions)
    }
}
