package dev.paywand.android

import dev.paywand.android.ScanHeadVendor.Companion.ACTION
import dev.paywand.android.ScanHeadVendor.Companion.PACKAGE

/**
 * What is known of scan heads. docs/adding-a-scan-head.md says where each row comes from, how far it is trusted, and
 * how to add one.
 */
internal object Vendors {
    val sunmi =
        ScanHeadVendor(
            name = "SUNMI",
            actions = listOf("com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED"),
            textExtras = listOf("data"),
            byteExtras = listOf("source_byte"),
            makers = listOf("SUNMI"),
        )

    val urovo =
        ScanHeadVendor(
            name = "Urovo",
            actions = listOf("android.intent.ACTION_DECODE_DATA", "urovo.rcv.message"),
            textExtras = listOf("barcode_string"),
            byteExtras = listOf("barcode"),
            lengthExtra = "length",
            makers = listOf("UROVO", "UBX"),
            scanManager = true,
        )

    val newland =
        ScanHeadVendor(
            name = "Newland",
            actions = listOf("nlscan.action.SCANNER_RESULT"),
            textExtras = listOf("SCAN_BARCODE1", "SCAN_BARCODE2"),
            stateExtra = "SCAN_STATE",
            stateOk = "ok",
            makers = listOf("Newland"),
            models = listOf("NLS-"),
            // The head on; mode 3 is the broadcast, where 1 and 2 type into the screen.
            claim = listOf(command("ACTION_BAR_SCANCFG", "EXTRA_SCAN_POWER" to 1, "EXTRA_SCAN_MODE" to 3)),
            // Seconds, 9 at most.
            trigger = listOf(command("nlscan.action.SCANNER_TRIG", "SCAN_TIMEOUT" to 9)),
            stopTrigger = listOf(command("nlscan.action.STOP_SCAN")),
        )

    val iData =
        ScanHeadVendor(
            name = "iData",
            actions = listOf("android.intent.action.SCANRESULT"),
            textExtras = listOf("value"),
            makers = listOf("iData"),
            // Not at each start: the vendor warns that switching the head often can hang it.
            setUp = listOf(switch("android.intent.action.BARCODESCAN", true)),
            // 1 is the broadcast, where 0 and 2 type into the screen.
            claim = listOf(switch("android.intent.action.BARCODEOUTPUT", 1)),
            trigger = listOf(command("android.intent.action.BARCODESTARTSCAN")),
            stopTrigger = listOf(command("android.intent.action.BARCODESTOPSCAN")),
        )

    val zebra =
        ScanHeadVendor(
            name = "Zebra",
            actions = listOf("$PACKAGE.paywand.ZEBRA_SCAN"),
            textExtras = listOf("com.symbol.datawedge.data_string"),
            byteExtras = listOf("com.symbol.datawedge.decode_data"),
            makers = listOf("Zebra", "Symbol", "Motorola Solutions"),
            // A profile of the app's own. One command for each plug-in: before 6.6 DataWedge takes no two at once.
            setUp =
                listOf(
                    dataWedge("CREATE_PROFILE", PACKAGE),
                    dataWedge("SET_CONFIG", dataWedgeApp),
                    dataWedge("SET_CONFIG", dataWedgePlugin("BARCODE", dataWedgeInput)),
                    dataWedge("SET_CONFIG", dataWedgePlugin("INTENT", dataWedgeOutput)),
                    dataWedge("SET_CONFIG", dataWedgePlugin("KEYSTROKE", mapOf("keystroke_output_enabled" to "false"))),
                ),
            trigger = listOf(dataWedge("SOFT_SCAN_TRIGGER", "START_SCANNING")),
            stopTrigger = listOf(dataWedge("SOFT_SCAN_TRIGGER", "STOP_SCANNING")),
        )

    val honeywell =
        ScanHeadVendor(
            name = "Honeywell",
            actions = listOf("$PACKAGE.paywand.HONEYWELL_SCAN"),
            textExtras = listOf("data"),
            byteExtras = listOf("dataBytes"),
            makers = listOf("Honeywell"),
            claim =
                listOf(
                    honeywell(
                        "ACTION_CLAIM_SCANNER",
                        "com.honeywell.aidc.extra.EXTRA_SCANNER" to "dcs.scanner.imager",
                        "com.honeywell.aidc.extra.EXTRA_PROFILE" to "DEFAULT",
                        "com.honeywell.aidc.extra.EXTRA_PROPERTIES" to
                            mapOf("DPR_DATA_INTENT" to true, "DPR_DATA_INTENT_ACTION" to ACTION),
                    ),
                ),
            release = listOf(honeywell("ACTION_RELEASE_SCANNER")),
            trigger = listOf(honeywell("ACTION_CONTROL_SCANNER", "com.honeywell.aidc.extra.EXTRA_SCAN" to true)),
            stopTrigger = listOf(honeywell("ACTION_CONTROL_SCANNER", "com.honeywell.aidc.extra.EXTRA_SCAN" to false)),
        )

    val seuic =
        ScanHeadVendor(
            name = "Seuic",
            actions = listOf("com.android.server.scannerservice.broadcast"),
            textExtras = listOf("scannerdata"),
            makers = listOf("SEUIC", "Supoin"),
            claim =
                listOf(
                    command(
                        "com.android.scanner.service_settings",
                        "barcode_send_mode" to "BROADCAST",
                        "action_barcode_broadcast" to ACTION,
                        "key_barcode_broadcast" to "scannerdata",
                        "endchar" to "NONE",
                    ),
                ),
            trigger = listOf(command("com.scan.onStartScan")),
            stopTrigger = listOf(command("com.scan.onEndScan")),
        )

    val m3 =
        ScanHeadVendor(
            name = "M3",
            actions = listOf("com.android.server.scannerservice.broadcast"),
            textExtras = listOf("m3scannerdata"),
            byteExtras = listOf("m3scannerdata_raw"),
            lengthExtra = "m3scannerdata_length",
            makers = listOf("M3"),
            trigger = listOf(command("android.intent.action.M3SCANNER_BUTTON_DOWN")),
            stopTrigger = listOf(command("android.intent.action.M3SCANNER_BUTTON_UP")),
        )

    val alps =
        ScanHeadVendor(
            name = "Alps",
            actions = listOf("scan.rcv.message"),
            // The vendor spells it so; some of its devices have been mended.
            byteExtras = listOf("barocode", "barcode"),
            lengthExtra = "length",
            makers = listOf("alps"),
        )

    val chainway =
        ScanHeadVendor(
            name = "Chainway",
            actions = listOf("com.scanner.broadcast"),
            textExtras = listOf("data"),
            makers = listOf("Chainway", "rscja"),
        )

    val uc =
        ScanHeadVendor(
            name = "UC",
            actions = listOf("com.uc.scanner.result"),
            textExtras = listOf("string"),
            byteExtras = listOf("byteArray"),
            makers = listOf("Hand-held_Terminal"),
            trigger = listOf(command("com.uc.scanner.trigger.START")),
            stopTrigger = listOf(command("com.uc.scanner.trigger.STOP")),
        )

    val kte =
        ScanHeadVendor(
            name = "KTE",
            actions = listOf("com.kte.scan.result"),
            textExtras = listOf("code"),
            models = listOf("KP18"),
        )

    val scanContext =
        ScanHeadVendor(
            name = "ScanContext",
            actions = listOf("com.android.scanservice.scancontext"),
            textExtras = listOf("Scan_context"),
        )

    /** Every row. */
    val all: List<ScanHeadVendor> =
        listOf(sunmi, urovo, newland, iData, zebra, honeywell, seuic, m3, alps, chainway, uc, kte, scanContext)

    /** A device of which nothing is known. Where an app names its action, every known extra is tried. */
    val unknown: ScanHeadVendor =
        ScanHeadVendor(
            name = "unknown",
            actions = emptyList(),
            textExtras = all.flatMap { it.textExtras }.distinct(),
            byteExtras = all.flatMap { it.byteExtras }.distinct(),
            lengthExtra = "length",
        )

    /** The row for a device: by its model first, since many makers have left the reference board's name in place. */
    fun recognise(
        maker: String,
        model: String,
    ): ScanHeadVendor = all.find { it.isModel(model) } ?: all.find { it.isMadeBy(maker) } ?: unknown
}

private fun command(
    action: String,
    vararg extras: Pair<String, Any>,
) = ScanHeadCommand(action, mapOf(*extras))

/** iData's extras are named as their actions. */
private fun switch(
    action: String,
    value: Any,
) = command(action, action to value)

private fun honeywell(
    action: String,
    vararg extras: Pair<String, Any>,
) = ScanHeadCommand("com.honeywell.aidc.action.$action", mapOf(*extras), "com.intermec.datacollectionservice")

private fun dataWedge(
    word: String,
    value: Any,
) = ScanHeadCommand(
    "com.symbol.datawedge.api.ACTION",
    mapOf("com.symbol.datawedge.api.$word" to value),
    "com.symbol.datawedge",
)

private val dataWedgeProfile: Map<String, Any> =
    mapOf("PROFILE_NAME" to PACKAGE, "PROFILE_ENABLED" to "true", "CONFIG_MODE" to "UPDATE")

private val dataWedgeApp: Map<String, Any> =
    dataWedgeProfile +
        mapOf("APP_LIST" to listOf(mapOf("PACKAGE_NAME" to PACKAGE, "ACTIVITY_LIST" to listOf("*"))))

private val dataWedgeInput = mapOf("scanner_selection" to "auto", "scanner_input_enabled" to "true")

/** Delivery 2 is the broadcast. */
private val dataWedgeOutput =
    mapOf("intent_output_enabled" to "true", "intent_action" to ACTION, "intent_delivery" to "2")

/** Without a reset: what the shop has set, such as its beep, stays. */
private fun dataWedgePlugin(
    name: String,
    parameters: Map<String, String>,
): Map<String, Any> =
    dataWedgeProfile +
        mapOf(
            "PLUGIN_CONFIG" to mapOf("PLUGIN_NAME" to name, "RESET_CONFIG" to "false", "PARAM_LIST" to parameters),
        )
