package dev.paywand

import org.json.JSONArray
import org.json.JSONObject
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicLong
import kotlin.time.Duration.Companion.seconds

const val MAXFUN: String = "maxfun"
const val BLUEOCEAN: String = "blueocean"
const val BJRCB: String = "bjrcb"
const val TENCENT: String = "tencent"
const val HUISHOUYIN: String = "huishouyin"
const val MAXFUN_TP: String = "maxfun_tp"

/**
 * A hundredth of the gateways' own timings, more or less. Exchanges themselves may take as long as a busy machine needs: no test
 * waits for that.
 */
val QUICK: TimingConfig =
    TimingConfig(
        connectMs = 5_000,
        readMs = 15_000,
        firstQueryMs = 50,
        intervalMs = 50,
        deadlineMs = 400,
        qrIntervalMs = 50,
        qrDeadlineMs = 400,
        minReverseAgeMs = 160,
        reverseRetryMs = 20,
        closeRetryMs = 100,
        attentionAfterMs = 9_000,
        landingHorizonMs = 3_000,
        watchMs = 600,
    )

/** The same, with a minute for the customer: who is still waited for on a busy machine is not reversed. */
val PATIENT: TimingConfig = QUICK.copy(deadlineMs = 60_000, qrDeadlineMs = 60_000)

/** A till with all six accounts, a database and a merchant of its own. */
class Till(
    timing: TimingConfig = QUICK,
    private val signer: RemoteSigner? = null,
    change: (TerminalConfig) -> TerminalConfig = { it },
) : AutoCloseable {
    val accounts: JSONObject = Sandbox.newMerchant()
    private val merchant = accounts.getString("id")
    private val folder: Path = Files.createTempDirectory("till")

    val config: TerminalConfig =
        change(TerminalConfig("${folder.resolve("till.db")}", gatewaysOf(accounts, timing, keysHere = signer == null)))
    var terminal: Terminal = open()
        private set

    private fun open(): Terminal {
        val end = System.nanoTime() + 20_000_000_000
        while (true) {
            try {
                return signer?.let { Terminal.openWithSigner(config, it) } ?: Terminal.open(config)
            } catch (inUse: PaywandException.StoreInUse) {
                // A commit may outlast a shutdown by as long as the disk needs.
                if (System.nanoTime() > end) throw inUse
                Thread.sleep(20)
            }
        }
    }

    /** Shuts the terminal down, and opens it again. */
    fun restart() {
        terminal.shutdown()
        reopen()
    }

    fun reopen() {
        terminal = open()
    }

    /** What the sandbox does from now on: a customer, and rules of one operation each. */
    fun plan(
        customer: Map<String, Any> = mapOf("do" to "pays"),
        vararg rules: Map<String, Any>,
    ) {
        // Android's org.json does not wrap a map by itself.
        val listed = JSONArray(rules.map { JSONObject(it) })
        Sandbox.plan(merchant, JSONObject().put("customer", JSONObject(customer)).put("rules", listed))
    }

    /** What becomes of refunds from now on. */
    fun planRefunds(refunds: Map<String, Any>) {
        Sandbox.plan(merchant, JSONObject().put("refunds", JSONObject(refunds)))
    }

    /** What the gateway would post to the merchant's server about an order. */
    fun notification(
        order: String,
        fault: String? = null,
    ): JSONObject = Sandbox.notification(merchant, order, fault)

    fun waitForGates() = Sandbox.waitForGates(merchant)

    fun openGates() = Sandbox.openGates(merchant)

    /** How many requests the gateways have seen. */
    fun calls(): Int = Sandbox.calls(merchant)

    fun waitForCalls(count: Int) = Sandbox.waitForCalls(merchant, count)

    /** The only order in the ledger. */
    fun order(): JSONObject = Sandbox.orders(merchant).single()

    /** What the only order's refunds gave back. */
    fun refunded(): Long =
        order()
            .getJSONArray("refunds")
            .objects()
            .filter { it.getString("state") == "succeeded" }
            .sumOf { it.getLong("amount_minor") }

    /** The only order has this much of the customer's money, taken [charges] times. */
    fun assertLedger(
        minor: Long,
        charges: Int,
    ) {
        val order = order()
        val taken = order.getLong("money_minor") to order.getInt("charges")
        check(taken == minor to charges) { "$taken is not ${minor to charges}: $order" }
    }

    override fun close() {
        terminal.shutdown()
        terminal.close()
        folder.toFile().deleteRecursively()
    }
}

/** A charge of 12.50 under a new key. */
fun charge(
    gateway: String,
    key: String = newKey(),
    minor: Long = 1_250,
    code: String = newCode(gateway),
): ChargeRequest = ChargeRequest(key, gateway, Amount(minor, currencyOf(gateway)), PaymentCode(code))

/** A sale of 12.50: a charge where [kind] is one, else a QR, to its end. */
suspend fun Till.sell(
    gateway: String,
    kind: PaymentKind,
): Payment =
    when (kind) {
        PaymentKind.CHARGE -> terminal.charge(charge(gateway))
        else -> terminal.wait(terminal.createQr(qr(gateway)).id, 30.seconds)
    }

/** Every way to sell at every gateway. */
val SALES: List<Pair<String, PaymentKind>> =
    listOf(
        MAXFUN to PaymentKind.CHARGE,
        MAXFUN_TP to PaymentKind.CHARGE,
        BLUEOCEAN to PaymentKind.CHARGE,
        BLUEOCEAN to PaymentKind.QR,
        BJRCB to PaymentKind.CHARGE,
        BJRCB to PaymentKind.QR,
        TENCENT to PaymentKind.CHARGE,
        TENCENT to PaymentKind.QR,
        HUISHOUYIN to PaymentKind.CHARGE,
        HUISHOUYIN to PaymentKind.QR,
    )

/** A QR of 12.50 under a new key. */
fun qr(gateway: String): QrRequest = QrRequest(newKey(), gateway, Amount(1_250, currencyOf(gateway)))

fun newKey(): String = "till-7/${next.incrementAndGet()}"

/** A code that no one has used: BJRCB charges Alipay's, the others WeChat's too. */
fun newCode(gateway: String): String {
    val prefix = if (gateway == BJRCB) "28" else "13"
    return prefix + (1_000_000_000_000_000 + next.incrementAndGet())
}

/** The services of the bank that its document does not name. */
private val BJRCB_OPTIONS =
    mapOf(
        "refund_query_service_alipay" to "ALIPAY_REFUNDQUERY",
        "refund_query_service_wechat" to "WECHAT_REFUNDQUERY",
    )

private val next = AtomicLong()

private fun currencyOf(gateway: String) = if (gateway == BLUEOCEAN) "HKD" else "CNY"

private fun gatewaysOf(
    accounts: JSONObject,
    timing: TimingConfig,
    keysHere: Boolean,
): List<GatewayConfig> {
    val url = Sandbox.https
    val ca = Sandbox.caFile
    val maxfun = accounts.getJSONObject("maxfun_device")
    val maxfunTp = accounts.getJSONObject("maxfun_tp")
    val blueOcean = accounts.getJSONObject("blueocean_v1")
    val bjrcb = accounts.getJSONObject("bjrcb")
    val tencent = accounts.getJSONObject("tencent_cpay")
    val huishouyin = accounts.getJSONObject("huishouyin")

    fun key(
        account: JSONObject,
        name: String,
    ) = if (keysHere) account.getString(name) else null
    return listOf(
        MaxfunDevice(MAXFUN, url, maxfun.getString("devices_key"), timing, ca),
        MaxfunTp(MAXFUN_TP, url, maxfunTp.getString("mch_key"), timing = timing, caFile = ca),
        BlueOcean(
            id = BLUEOCEAN,
            baseUrl = url,
            appid = blueOcean.getString("appid"),
            key = key(blueOcean, "key"),
            terminal = "T1",
            timing = timing,
            caFile = ca,
        ),
        Bjrcb(
            id = BJRCB,
            baseUrl = url,
            mchId = bjrcb.getString("mch_id"),
            key = key(bjrcb, "key"),
            terminal = "T1",
            options = BJRCB_OPTIONS,
            timing = timing,
            caFile = ca,
        ),
        TencentCpay(
            id = TENCENT,
            baseUrl = url,
            outMchId = tencent.getString("out_mch_id"),
            outSubMchId = tencent.getString("out_sub_mch_id"),
            outShopId = tencent.getString("out_shop_id"),
            authenKey = key(tencent, "authen_key"),
            orderPrefix = tencent.getString("order_prefix"),
            terminal = "T1",
            timing = timing,
            caFile = ca,
        ),
        Huishouyin(
            id = HUISHOUYIN,
            baseUrl = url,
            appId = huishouyin.getString("app_id"),
            appSercet = key(huishouyin, "app_sercet"),
            timing = timing,
            caFile = ca,
        ),
    )
}
