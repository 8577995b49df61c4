package dev.paywand.android

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.os.Looper
import android.os.Parcel
import android.os.Parcelable
import dev.paywand.ScanEvent
import dev.paywand.Unreadable
import dev.paywand.android.ScanHeadVendor.Companion.PACKAGE
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File

private const val SUNMI = "com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED"

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class ScanHeadTest {
    private val listener = ScanListener()

    private fun open(overrides: ScanHeadOverrides = ScanHeadOverrides()) =
        ScanHeads.open(app, listener.scanner, overrides).apply { start() }

    private fun receivers() = shadowOf(app).registeredReceivers.filter { it.intentFilter.hasAction(SUNMI) }

    @Test
    fun `other apps' broadcasts are let in, which must be said from Android 13 on`() {
        open()
        assertEquals(Context.RECEIVER_EXPORTED, receivers().single().flags)
    }

    @Test
    @Config(sdk = [24, 26])
    fun `before, no flag is known`() {
        open()
        assertEquals(0, receivers().single().flags)
    }

    @Test
    fun `started twice it listens once, and after stop or close no longer`() {
        val head = open()
        head.start()
        assertEquals(1, receivers().size)
        head.stop()
        head.stop()
        assertEquals(0, receivers().size)
        head.start()
        assertEquals(1, receivers().size)
        head.close()
        assertEquals(0, receivers().size)
    }

    @Test
    fun `an unknown device hears the broadcasts of every vendor`() {
        device("Acme")
        val head = open()
        assertEquals("unknown", head.vendor)
        assertFalse(head.canTrigger)
        val filter = receivers().single().intentFilter
        val documented = Vendors.all.flatMap { it.forPackage(app.packageName).actions }.toSet()
        assertEquals(documented, filter.actionsIterator().asSequence().toSet())
        assertEquals(emptyList<Intent>(), sent())
    }

    @Test
    fun `a device of one vendor hears another's head, and the same action's rows in turn`() {
        device("Newland")
        open()
        broadcast(Intent(SUNMI).putExtra("data", SCAN))
        listener.arm()
        broadcast(Intent("com.android.server.scannerservice.broadcast").putExtra("m3scannerdata", NEXT_SCAN))
        assertEquals(listOf(masked(SCAN), masked(NEXT_SCAN)), listener.accepted)
    }

    @Test
    fun `a sticky broadcast of long ago is not a scan`() {
        @Suppress("DEPRECATION")
        app.sendStickyBroadcast(Intent(SUNMI).putExtra("data", SCAN))
        open()
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(emptyList<String>(), listener.names)
    }

    @Test
    fun `a head that has read nothing says so`() {
        open()
        broadcast(Intent("nlscan.action.SCANNER_RESULT").putExtra("SCAN_BARCODE1", SCAN).putExtra("SCAN_STATE", "fail"))
        assertEquals(emptyList<String>(), listener.names)
    }

    @Test
    fun `an app's own action and keys need no release`() {
        device("Acme")
        val head =
            open(
                ScanHeadOverrides(
                    actions = listOf("com.acme.SCAN"),
                    textExtras = listOf("acme"),
                    stateExtra = "read",
                    stateOk = "1",
                ),
            )
        broadcast(Intent(SUNMI).putExtra("data", SCAN))
        broadcast(Intent("com.acme.SCAN").putExtra("data", SCAN))
        broadcast(Intent("com.acme.SCAN").putExtra("acme", SCAN).putExtra("read", "0"))
        assertEquals(emptyList<String>(), listener.names)
        broadcast(Intent("com.acme.SCAN").putExtra("acme", SCAN).putExtra("read", "1"))
        assertEquals(listOf(masked(SCAN)), listener.accepted)
        assertEquals("unknown", head.vendor)
    }

    @Test
    fun `where an app names only the action, every known key is tried`() {
        device("Acme")
        open(ScanHeadOverrides(actions = listOf("com.acme.SCAN")))
        broadcast(
            Intent("com.acme.SCAN").putExtra("barocode", "$SCAN???".toByteArray()).putExtra("length", SCAN.length),
        )
        assertEquals(listOf(masked(SCAN)), listener.accepted)
    }

    @Test
    fun `so it is on a device that bears a known name`() {
        device("alps")
        val head = open(ScanHeadOverrides(actions = listOf("com.acme.SCAN")))
        assertEquals("Alps", head.vendor)
        broadcast(Intent("com.acme.SCAN").putExtra("barcode_string", SCAN))
        listener.arm()
        broadcast(
            Intent("com.acme.SCAN").putExtra("byteArray", "$NEXT_SCAN???".toByteArray()).putExtra("length", 18),
        )
        assertEquals(listOf(masked(SCAN), masked(NEXT_SCAN)), listener.accepted)
        head.stop()

        listener.arm()
        open(ScanHeadOverrides(vendor = "Alps", actions = listOf("com.acme.SCAN")))
        broadcast(Intent("com.acme.SCAN").putExtra("barcode_string", SCAN))
        assertEquals("who names the vendor means its extras", 2, listener.accepted.size)
    }

    @Test
    fun `an app names the vendor, its commands and whether to send them`() {
        device("Acme")
        assertThrows(IllegalArgumentException::class.java) { open(ScanHeadOverrides(vendor = "Acme")) }
        val head = open(ScanHeadOverrides(vendor = "seuic", actions = listOf("com.acme.SCAN")))
        assertEquals("Seuic", head.vendor)
        assertEquals("com.acme.SCAN", sent().single().getStringExtra("action_barcode_broadcast"))
        shadowOf(app).clearBroadcastIntents()
        open(ScanHeadOverrides(vendor = "Newland", configure = false)).stop()
        assertEquals(emptyList<Intent>(), sent())
        open(ScanHeadOverrides(trigger = listOf(ScanHeadCommand("com.acme.LIGHT", mapOf("on" to true))))).trigger()
        assertTrue(sent().single { it.action == "com.acme.LIGHT" }.getBooleanExtra("on", false))
        assertThrows(IllegalArgumentException::class.java) { ScanHeadCommand("a", mapOf("b" to 1L)) }
        assertThrows(IllegalArgumentException::class.java) { ScanHeadCommand("a", mapOf("b" to listOf("c", 1))) }
    }

    @Test
    fun `lengths that lie are not believed, and a long buffer is taken as far as it counts`() {
        open()
        for (length in listOf<Any>(-1, Int.MAX_VALUE, "18")) {
            val intent = Intent("urovo.rcv.message").putExtra("barcode", SCAN.toByteArray())
            when (length) {
                is Int -> intent.putExtra("length", length)
                is String -> intent.putExtra("length", length)
            }
            listener.arm()
            broadcast(intent)
        }
        assertEquals(listOf("Accepted", "Duplicate", "Duplicate"), listener.names)
        listener.arm()
        val buffer = NEXT_SCAN.toByteArray() + ByteArray(100_000)
        broadcast(Intent("urovo.rcv.message").putExtra("barcode", buffer).putExtra("length", NEXT_SCAN.length))
        assertEquals(listOf(masked(SCAN), masked(NEXT_SCAN)), listener.accepted)
    }

    @Test
    fun `far too much is not taken, and what is no code is refused with the reason`() {
        open()
        broadcast(Intent(SUNMI).putExtra("source_byte", ByteArray(MAX_SCAN + 1) { '1'.code.toByte() }))
        broadcast(Intent(SUNMI).putExtra("data", "1".repeat(MAX_SCAN + 1)))
        assertEquals(emptyList<String>(), listener.names)
        broadcast(Intent(SUNMI).putExtra("data", "1".repeat(MAX_SCAN)))
        broadcast(Intent(SUNMI).putExtra("data", "https://pay.example/1"))
        broadcast(Intent(SUNMI).putExtra("data", ""))
        val reasons = listener.events.map { (it as ScanEvent.Unreadable).why }
        assertEquals(listOf(Unreadable.TOO_LONG, Unreadable.LINK, Unreadable.EMPTY), reasons)
        assertTrue(listener.scanner.isArmed)
    }

    @Test
    fun `lists that are not of bytes, or endless, are no scan`() {
        val bytes = SCAN.toByteArray()
        for (list in listOf(arrayListOf(bytes, "text"), arrayListOf<Any>(), ArrayList(List(1_000) { bytes }))) {
            assertNull(scanOf(Intent().putExtra("com.symbol.datawedge.decode_data", list), Vendors.zebra))
        }
    }

    @Test
    @Config(sdk = [34, 24])
    fun `extras that cannot be unpacked neither crash the app nor make its classes`() {
        open()
        broadcast(throughParcel(Intent("urovo.rcv.message").putExtra("length", 18).putExtra("bomb", Bomb())))
        broadcast(throughParcel(Intent(SUNMI).putExtra("data", Bomb())))
        broadcast(throughParcel(Intent(SUNMI).putExtra("source_byte", Bomb())))
        assertEquals(emptyList<String>(), listener.names)
        assertFalse(Bomb.made)
        broadcast(throughParcel(Intent(SUNMI).putExtra("source_byte", SCAN.toByteArray())))
        assertEquals(listOf(masked(SCAN)), listener.accepted)
    }

    @Test
    fun `every action of the table is tried`() {
        assertEquals(Vendors.all.flatMap { it.forPackage(app.packageName).actions }.toSet(), VendorsTest.actions)
    }

    @Test
    fun `the document names every action and key of the table`() {
        val document = File("../../docs/adding-a-scan-head.md").readText()
        for (row in Vendors.all) {
            val words = row.actions + row.textExtras + row.byteExtras + listOfNotNull(row.lengthExtra, row.stateExtra)
            for (word in words) assertTrue("$word of ${row.name}", "`${word.removePrefix(PACKAGE)}`" in document)
            assertTrue(row.name, "| ${row.name} |" in document)
        }
    }

    private fun throughParcel(intent: Intent): Intent {
        val parcel = Parcel.obtain()
        intent.writeToParcel(parcel, 0)
        parcel.setDataPosition(0)
        return Intent.CREATOR.createFromParcel(parcel).also { parcel.recycle() }
    }
}

/** A class of the app that throws when it is read. */
class Bomb : Parcelable {
    override fun describeContents(): Int = 0

    override fun writeToParcel(
        parcel: Parcel,
        flags: Int,
    ) = parcel.writeBundle(Bundle())

    companion object {
        var made: Boolean = false

        @JvmField
        val CREATOR: Parcelable.Creator<Bomb> =
            object : Parcelable.Creator<Bomb> {
                override fun createFromParcel(parcel: Parcel): Bomb {
                    made = true
                    error("made by a stranger")
                }

                override fun newArray(size: Int): Array<Bomb?> = arrayOfNulls(size)
            }
    }
}
