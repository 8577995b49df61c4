package dev.paywand.android

import android.content.Intent
import dev.paywand.ScanEvent
import dev.paywand.ScanSource
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.annotation.Config

/** Every row of the vendor table, by what its devices are called and send; written from the vendors' papers. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [34, 24])
class VendorsTest(
    device: String,
) {
    private val device = DEVICES.single { it.toString() == device }
    private val listener = ScanListener()

    init {
        device(this.device.maker, this.device.model)
    }

    private val head = ScanHeads.open(app, listener.scanner)

    @Before
    fun start() {
        head.start()
    }

    @After
    fun stop() {
        head.stop()
    }

    private fun scan(code: String): Intent = device.put(Intent(device.action), code)

    @Test
    fun `the device is recognised`() {
        assertEquals(device.vendor, head.vendor)
        device(device.maker.uppercase(), device.model.uppercase())
        assertEquals(device.vendor, ScanHeads.open(app, Scanner()).vendor)
    }

    @Test
    fun `broadcast in, code out`() {
        broadcast(scan(SCAN))
        assertEquals(listOf(masked(SCAN)), listener.accepted)
        assertTrue(listener.holds(SCAN))
    }

    @Test
    fun `the same twice is one scan`() {
        broadcast(scan(SCAN))
        broadcast(scan(SCAN))
        assertEquals(listOf("Accepted", "Duplicate"), listener.names)
    }

    @Test
    fun `broadcast and wedge of the same scan are one scan, in either order`() {
        val wedge = ScanKeys(KeyboardWedge(listener.scanner))
        broadcast(scan(SCAN))
        wedge.type("$SCAN\n")
        assertEquals(listOf("Accepted", "Duplicate"), listener.names)
        listener.arm()
        wedge.type("$NEXT_SCAN\n")
        broadcast(scan(NEXT_SCAN))
        assertEquals(listOf("Accepted", "Duplicate", "Accepted", "Duplicate"), listener.names)
        assertEquals(listOf(masked(SCAN), masked(NEXT_SCAN)), listener.accepted)
        assertEquals("", wedge.typed)
    }

    @Test
    fun `a broadcast that nobody waits for does nothing`() {
        listener.scanner.disarm()
        broadcast(scan(SCAN))
        assertEquals(emptyList<String>(), listener.names)
        listener.arm()
        broadcast(scan(NEXT_SCAN))
        assertEquals(listOf(masked(NEXT_SCAN)), listener.accepted)
        broadcast(scan(SCAN))
        assertEquals(listOf("Accepted", "NotArmed"), listener.names)
    }

    @Test
    fun `another action brings nothing`() {
        broadcast(device.put(Intent("com.example.SCAN"), SCAN))
        assertEquals(emptyList<String>(), listener.names)
    }

    @Test
    fun `extras of another type or name, or far too large, bring nothing`() {
        val keys = checkNotNull(scan(SCAN).extras).keySet()
        broadcast(Intent(device.action))
        broadcast(Intent(device.action).putExtra("code of another name", SCAN))
        broadcast(keys.fold(Intent(device.action)) { intent, key -> intent.putExtra(key, 42) })
        broadcast(keys.fold(Intent(device.action)) { intent, key -> intent.putExtra(key, Intent(SCAN)) })
        broadcast(device.put(Intent(device.action), SCAN.repeat(1_000)))
        assertEquals(emptyList<String>(), listener.names)
        broadcast(scan(SCAN))
        assertEquals(listOf("Accepted"), listener.names)
    }

    @Test
    fun `nothing is heard after stop`() {
        head.stop()
        broadcast(scan(SCAN))
        assertEquals(emptyList<String>(), listener.names)
        head.start()
        broadcast(scan(SCAN))
        assertEquals(listOf(masked(SCAN)), listener.accepted)
        assertEquals(ScanSource.BROADCAST, (listener.events.single() as ScanEvent.Accepted).source)
    }

    private class Device(
        val vendor: String,
        val maker: String,
        val model: String,
        val action: String,
        val put: Intent.(String) -> Intent,
    ) {
        override fun toString() = "$vendor: $maker $model"
    }

    companion object {
        private const val OWN = "dev.paywand.android"

        private val DEVICES =
            listOf(
                Device("SUNMI", "SUNMI", "L2s_PRO", "com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED") {
                    putExtra("data", "garbled").putExtra("source_byte", it.toByteArray())
                },
                Device("Urovo", "UBX", "i6310", "android.intent.ACTION_DECODE_DATA") {
                    putExtra("barcode_string", "garbled")
                        .putExtra("barcode", it.toByteArray() + "left over".toByteArray())
                        .putExtra("length", it.length)
                        .putExtra("barcodeType", 106.toByte())
                },
                Device("Urovo", "Urovo", "i6200S", "urovo.rcv.message") {
                    putExtra("barcode", it.toByteArray()).putExtra("length", it.length)
                },
                Device("Newland", "Newland", "MT90", "nlscan.action.SCANNER_RESULT") {
                    putExtra("SCAN_BARCODE1", it).putExtra("SCAN_BARCODE_TYPE", 2).putExtra("SCAN_STATE", "ok")
                },
                Device("Newland", "alps", "NLS-MT6210", "nlscan.action.SCANNER_RESULT") {
                    putExtra("SCAN_BARCODE2", it).putExtra("SCAN_STATE", "ok")
                },
                Device("iData", "idata", "iData 95V", "android.intent.action.SCANRESULT") {
                    putExtra("value", it).putExtra("length", it.length)
                },
                Device("Zebra", "Zebra Technologies", "TC21", "$OWN.paywand.ZEBRA_SCAN") {
                    val parts = arrayListOf(it.take(7).toByteArray(), it.drop(7).toByteArray())
                    putExtra("com.symbol.datawedge.data_string", "garbled")
                        .putExtra("com.symbol.datawedge.decode_data", parts)
                        .putExtra("com.symbol.datawedge.label_type", "LABEL-TYPE-CODE128")
                },
                Device("Honeywell", "Honeywell", "CT40", "$OWN.paywand.HONEYWELL_SCAN") {
                    putExtra("data", "garbled")
                        .putExtra("dataBytes", it.toByteArray())
                        .putExtra("codeId", "j")
                        .putExtra("aimId", "]C0")
                        .putExtra("charset", "ISO-8859-1")
                },
                Device("Seuic", "SEUIC", "AUTOID 9", "com.android.server.scannerservice.broadcast") {
                    putExtra("scannerdata", it)
                },
                Device("M3", "M3Mobile", "M3SM10", "com.android.server.scannerservice.broadcast") {
                    putExtra("m3scannerdata", it).putExtra("m3scanner_code_type", "CODE-128")
                },
                Device("Alps", "alps", "PDA", "scan.rcv.message") {
                    putExtra("barocode", it.toByteArray() + ByteArray(40)).putExtra("length", it.length)
                },
                Device("Chainway", "CHAINWAY", "C72", "com.scanner.broadcast") { putExtra("data", it) },
                Device("UC", "Hand-held_Terminal", "HT380K", "com.uc.scanner.result") {
                    putExtra("string", "garbled").putExtra("byteArray", it.toByteArray())
                },
                Device("KTE", "alps", "KP18", "com.kte.scan.result") { putExtra("code", it).putExtra("type", "QR") },
                // No device is known by name: it is set so by the app, or heard as any other.
                Device(
                    "unknown",
                    "Acme",
                    "PDA",
                    "com.android.scanservice.scancontext",
                ) { putExtra("Scan_context", it) },
            )

        /** Every broadcast that is tried here. */
        val actions: Set<String> get() = DEVICES.map { it.action }.toSet()

        @JvmStatic
        @ParameterizedRobolectricTestRunner.Parameters(name = "{0}")
        fun devices(): List<String> = DEVICES.map { it.toString() }
    }
}
