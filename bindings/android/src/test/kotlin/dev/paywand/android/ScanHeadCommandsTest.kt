package dev.paywand.android

import android.content.Intent
import android.os.Bundle
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** What a head is told, as its vendor documents it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34, 24])
class ScanHeadCommandsTest {
    @Before
    fun newProcess() = ScanHead.forget()

    private fun open(maker: String): ScanHead {
        device(maker)
        return ScanHeads.open(app, Scanner())
    }

    /** What [during] sends. */
    private fun sentBy(during: () -> Unit): List<Intent> {
        shadowOf(app).clearBroadcastIntents()
        during()
        return sent()
    }

    private fun Intent.extra(name: String): Any? {
        @Suppress("DEPRECATION")
        return extras?.get(name)
    }

    @Test
    fun `Newland's head is set to broadcasts at each start`() {
        val head = open("Newland")
        repeat(2) {
            val config = sentBy(head::start).single()
            assertEquals("ACTION_BAR_SCANCFG", config.action)
            assertEquals(1, config.extra("EXTRA_SCAN_POWER"))
            assertEquals(3, config.extra("EXTRA_SCAN_MODE"))
            assertEquals(emptyList<Intent>(), sentBy(head::stop))
        }
    }

    @Test
    fun `Newland's light goes on and off`() {
        val head = open("Newland")
        assertTrue(head.canTrigger)
        assertEquals(emptyList<Intent>(), sentBy(head::trigger))
        head.start()
        val on = sentBy(head::trigger).single()
        assertEquals("nlscan.action.SCANNER_TRIG", on.action)
        assertEquals(9, on.extra("SCAN_TIMEOUT"))
        assertEquals("nlscan.action.STOP_SCAN", sentBy(head::stopTrigger).single().action)
        assertEquals(emptyList<Intent>(), sentBy(head::stopTrigger))
        head.trigger()
        assertEquals("nlscan.action.STOP_SCAN", sentBy(head::stop).single().action)
    }

    @Test
    fun `Honeywell's head is claimed at each start and released at each stop`() {
        val head = open("Honeywell")
        repeat(2) {
            val claim = sentBy(head::start).single()
            assertEquals("com.honeywell.aidc.action.ACTION_CLAIM_SCANNER", claim.action)
            assertEquals("com.intermec.datacollectionservice", claim.`package`)
            assertEquals("dcs.scanner.imager", claim.extra("com.honeywell.aidc.extra.EXTRA_SCANNER"))
            val properties = claim.extra("com.honeywell.aidc.extra.EXTRA_PROPERTIES") as Bundle
            assertTrue(properties.getBoolean("DPR_DATA_INTENT"))
            assertEquals("${app.packageName}.paywand.HONEYWELL_SCAN", properties.getString("DPR_DATA_INTENT_ACTION"))
            val release = sentBy(head::stop).single()
            assertEquals("com.honeywell.aidc.action.ACTION_RELEASE_SCANNER", release.action)
            assertEquals("com.intermec.datacollectionservice", release.`package`)
        }
        head.start()
        for ((press, on) in listOf(head::trigger to true, head::stopTrigger to false)) {
            val control = sentBy { press() }.single()
            assertEquals("com.honeywell.aidc.action.ACTION_CONTROL_SCANNER", control.action)
            assertEquals(on, control.extra("com.honeywell.aidc.extra.EXTRA_SCAN"))
        }
    }

    @Test
    fun `Zebra's DataWedge gets a profile of the app's own, which broadcasts and types nothing`() {
        val head = open("Zebra Technologies")
        val commands = sentBy(head::start)
        assertTrue(commands.all { it.action == "com.symbol.datawedge.api.ACTION" })
        assertTrue(commands.all { it.`package` == "com.symbol.datawedge" })
        assertEquals(app.packageName, commands.first().extra("com.symbol.datawedge.api.CREATE_PROFILE"))
        val configs = commands.drop(1).map { it.extra("com.symbol.datawedge.api.SET_CONFIG") as Bundle }
        for (config in configs) {
            assertEquals(app.packageName, config.getString("PROFILE_NAME"))
            assertEquals("true", config.getString("PROFILE_ENABLED"))
            assertEquals("UPDATE", config.getString("CONFIG_MODE"))
        }
        @Suppress("DEPRECATION")
        val bound = configs.first().getParcelableArray("APP_LIST")!!.single() as Bundle
        assertEquals(app.packageName, bound.getString("PACKAGE_NAME"))
        assertArrayEquals(arrayOf("*"), bound.getStringArray("ACTIVITY_LIST"))
        val plugins = configs.mapNotNull { it.getBundle("PLUGIN_CONFIG") }.associateBy { it.getString("PLUGIN_NAME") }
        assertEquals(setOf("BARCODE", "INTENT", "KEYSTROKE"), plugins.keys)
        val intent = plugins.getValue("INTENT").getBundle("PARAM_LIST")!!
        assertEquals("true", intent.getString("intent_output_enabled"))
        assertEquals("${app.packageName}.paywand.ZEBRA_SCAN", intent.getString("intent_action"))
        assertEquals("2", intent.getString("intent_delivery"))
        val keystrokes = plugins.getValue("KEYSTROKE").getBundle("PARAM_LIST")!!
        assertEquals("false", keystrokes.getString("keystroke_output_enabled"))
        assertEquals("true", plugins.getValue("BARCODE").getBundle("PARAM_LIST")!!.getString("scanner_input_enabled"))
        head.stop()
        assertEquals("a profile is made once", emptyList<Intent>(), sentBy(head::start))
        val trigger = sentBy(head::trigger).single().extra("com.symbol.datawedge.api.SOFT_SCAN_TRIGGER")
        assertEquals("START_SCANNING", trigger)
        val stop = sentBy(head::stopTrigger).single().extra("com.symbol.datawedge.api.SOFT_SCAN_TRIGGER")
        assertEquals("STOP_SCANNING", stop)
    }

    @Test
    fun `iData's head is switched on once and set to broadcasts at each start`() {
        val head = open("iData")
        val (on, output) = sentBy(head::start)
        assertEquals(true, on.extra("android.intent.action.BARCODESCAN"))
        assertEquals("android.intent.action.BARCODEOUTPUT", output.action)
        assertEquals(1, output.extra("android.intent.action.BARCODEOUTPUT"))
        head.stop()
        assertEquals("android.intent.action.BARCODEOUTPUT", sentBy(head::start).single().action)
        assertEquals("android.intent.action.BARCODESTARTSCAN", sentBy(head::trigger).single().action)
        assertEquals("android.intent.action.BARCODESTOPSCAN", sentBy(head::stopTrigger).single().action)
    }

    @Test
    fun `what is set up once is so for every screen of the process`() {
        for ((maker, claims) in mapOf("iData" to 1, "Zebra Technologies" to 0)) {
            assertTrue(sentBy { open(maker).use { it.start() } }.size > claims)
            assertEquals("the next sale's", claims, sentBy { open(maker).use { it.start() } }.size)
        }
        val other = ScanHeadOverrides("iData", setUp = listOf(ScanHeadCommand("com.acme.ON")))
        val sent = sentBy { ScanHeads.open(app, Scanner(), other).use { it.start() } }
        assertEquals("another command is another thing", "com.acme.ON", sent.first().action)
    }

    @Test
    fun `Seuic's head is set to broadcasts without an end character`() {
        val config = sentBy(open("SEUIC")::start).single()
        assertEquals("com.android.scanner.service_settings", config.action)
        assertEquals("BROADCAST", config.extra("barcode_send_mode"))
        assertEquals("NONE", config.extra("endchar"))
        assertEquals("com.android.server.scannerservice.broadcast", config.extra("action_barcode_broadcast"))
        assertEquals("scannerdata", config.extra("key_barcode_broadcast"))
    }

    @Test
    fun `Urovo's class is not on every device that bears the name`() {
        assertNull(ScanManagerDriver.open())
        val head = open("UROVO")
        assertEquals(emptyList<Intent>(), sentBy(head::start))
        assertFalse(head.canTrigger)
        assertEquals(emptyList<Intent>(), sentBy { head.trigger() })
        assertEquals(emptyList<Intent>(), sentBy(head::stop))
    }

    @Test
    fun `Urovo's class is asked to broadcast, and to turn the light on and off`() {
        DeviceScanManager.calls.clear()
        val driver = checkNotNull(ScanManagerDriver.open(DeviceScanManager::class.java.name))
        driver.claim()
        driver.trigger()
        driver.stopTrigger()
        assertEquals(listOf("openScanner", "switchOutputMode 0", "startDecode", "stopDecode"), DeviceScanManager.calls)
    }

    @Test
    fun `a class of another version, or one that throws, is tolerated`() {
        val other = checkNotNull(ScanManagerDriver.open(Any::class.java.name))
        other.claim()
        other.trigger()
        val broken = checkNotNull(ScanManagerDriver.open(BrokenScanManager::class.java.name))
        broken.claim()
        assertNull(ScanManagerDriver.open(Runnable::class.java.name))
    }
}

/** As Urovo's paper has it. */
class DeviceScanManager {
    fun openScanner(): Boolean = calls.add("openScanner")

    fun switchOutputMode(mode: Int): Boolean = calls.add("switchOutputMode $mode")

    fun startDecode(): Boolean = calls.add("startDecode")

    fun stopDecode(): Boolean = calls.add("stopDecode")

    companion object {
        val calls: MutableList<String> = mutableListOf()
    }
}

class BrokenScanManager {
    fun openScanner(): Boolean = error("no service")

    fun switchOutputMode(mode: Int): Boolean = throw NoSuchMethodError("$mode")
}
