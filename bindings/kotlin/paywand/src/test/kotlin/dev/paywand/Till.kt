package dev.paywand

import org.json.JSONArray
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicLong

const val MAXFUN: String = "maxfun"
const val BLUEOCEAN: String = "blueocean"
const val BJRCB: String = "bjrcb"
const val TENCENT: String = "tencent"
const val HUISHOUYIN: String = "huishouyin"

/** A hundredth of the gateways' own timings, more or less; exchanges themselves may take two seconds. */
val QUICK: TimingConfig =
    TimingConfig(
        connectMs = 2_000,
        readMs = 2_000,
        firstQueryMs = 50,
        intervalMs = 50,
        deadlineMs = 400,
        minReverseAgeMs = 160,
        reverseRetryMs = 20,
        closeRetryMs = 100,
        attentionAfterMs = 9_000,
        landingHorizonMs = 3_000,
        watchMs = 600,
    )

/** A till with all five gateways, a database and a merchant of its own. */
class Till(
    timing: TimingConfig = QUICK,
) : AutoCloseable {
    private val accounts = Sandbox.newMerchant()
    private val merchant = accounts.getString("id")
    private val folder: Path = Files.createTempDirectory("till")

    val config: TerminalConfig =
        TerminalConfig(database = "${folder.resolve("till.db")}", gateways = gatewaysOf(accounts, timing))
    var terminal: Terminal = Terminal.open(config)
        private set

    /** Shuts the terminal down, and opens it again. */
    fun restart() {
        terminal.shutdown()
        reopen()
    }

    fun reopen() {
        terminal = Terminal.open(config)
    }

    /** What the sandbox does from now on: a customer, and rules of one operation each. */
    fun plan(
        customer: Map<String, Any> = mapOf("do" to "pays"),
        vararg rules: Map<String, Any>,
    ) {
        Sandbox.plan(merchant, JSONObject().put("customer", customer).put("rules", JSONArray(rules)))
    }

    fun waitForGates() = Sandbox.waitForGates(merchant)

    fun openGates() = Sandbox.openGates(merchant)

    /** How many requests the gateways have seen. */
    fun calls(): Int = Sandbox.calls(merchant)

    /** The only order in the ledger. */
    fun order(): JSONObject = Sandbox.orders(merchant).single()

    /** The only order has this much of the customer's money, taken [charges] times. */
    fun assertLedger(
        minor: Long,
        charges: Int,
    ) {
        val order = order()
        assertEquals(minor to charges, order.getLong("money_minor") to order.getInt("charges"), "$order")
    }

    override fun close() {
        terminal.shutdown()
        terminal.close()
        folder.toFile().deleteRecursively()
    }
}

fun assertState(
    expected: PaymentState,
    payment: Payment,
) {
    assertEquals(expected, payment.state, "$payment")
    assertEquals(payment.isFinal, payment.state.isFinal, "$payment")
}

/** A charge of 12.50 under a new key. */
fun charge(
    gateway: String,
    key: String = newKey(),
    minor: Long = 1_250,
    code: String = newCode(gateway),
): ChargeRequest = ChargeRequest(key, gateway, Amount(minor, currencyOf(gateway)), PaymentCode(code))

/** A QR of 12.50 under a new key. */
fun qr(gateway: String): QrRequest = QrRequest(newKey(), gateway, Amount(1_250, currencyOf(gateway)))

fun newKey(): String = "till-7/${next.incrementAndGet()}"

/** A code that no one has used: BJRCB charges Alipay's, the others WeChat's too. */
fun newCode(gateway: String): String {
    val prefix = if (gateway == BJRCB) "28" else "13"
    return prefix + (1_000_000_000_000_000 + next.incrementAndGet())
}

private val next = AtomicLong()

private fun currencyOf(gateway: String) = if (gateway == BLUEOCEAN) "HKD" else "CNY"

private fun gatewaysOf(
    accounts: JSONObject,
    timing: TimingConfig,
): List<GatewayConfig> {
    val url = Sandbox.https
    val ca = Sandbox.caFile
    val maxfun = accounts.getJSONObject("maxfun_device")
    val blueOcean = accounts.getJSONObject("blueocean_v1")
    val bjrcb = accounts.getJSONObject("bjrcb")
    val tencent = accounts.getJSONObject("tencent_cpay")
    val huishouyin = accounts.getJSONObject("huishouyin")
    return listOf(
        MaxfunDevice(MAXFUN, url, maxfun.getString("devices_key"), timing, ca),
        BlueOcean(
            id = BLUEOCEAN,
            baseUrl = url,
            appid = blueOcean.getString("appid"),
            key = blueOcean.getString("key"),
            terminal = "T1",
            timing = timing,
            caFile = ca,
        ),
        Bjrcb(
            id = BJRCB,
            baseUrl = url,
            mchId = bjrcb.getString("mch_id"),
            key = bjrcb.getString("key"),
            terminal = "T1",
            timing = timing,
            caFile = ca,
        ),
        TencentCpay(
            id = TENCENT,
            baseUrl = url,
            outMchId = tencent.getString("out_mch_id"),
            outSubMchId = tencent.getString("out_sub_mch_id"),
            outShopId = tencent.getString("out_shop_id"),
            authenKey = tencent.getString("authen_key"),
            orderPrefix = tencent.getString("order_prefix"),
            terminal = "T1",
            timing = timing,
            caFile = ca,
        ),
        Huishouyin(
            id = HUISHOUYIN,
            baseUrl = url,
            appId = huishouyin.getString("app_id"),
            appSercet = huishouyin.getString("app_sercet"),
            timing = timing,
            caFile = ca,
        ),
    )
}
