package dev.paywand.demo

import dev.paywand.Bjrcb
import dev.paywand.BlueOcean
import dev.paywand.GatewayConfig
import dev.paywand.Huishouyin
import dev.paywand.MaxfunDevice
import dev.paywand.MaxfunTp
import dev.paywand.TencentCpay
import dev.paywand.TimingConfig

/** The gateways' own seconds, as many hundredths. */
private val TIMING =
    TimingConfig(
        firstQueryMs = 5_000L / TIME_SCALE,
        intervalMs = 10_000L / TIME_SCALE,
        deadlineMs = 30_000L / TIME_SCALE,
        qrIntervalMs = 3_000L / TIME_SCALE,
        qrDeadlineMs = 60_000L / TIME_SCALE,
        // 15 s, and a little more than the gateway's own clock shows by then.
        minReverseAgeMs = 16_000L / TIME_SCALE,
        reverseRetryMs = 2_000L / TIME_SCALE,
        closeRetryMs = 30_000L / TIME_SCALE,
    )

/** The names of the gateways by the ids that [gateways] gives them. */
val NAMES: Map<String, String> =
    mapOf(
        "maxfun" to "maxfun 一满乐",
        "maxfun_tp" to "maxfun 一满乐 tp",
        "blueocean" to "BlueOcean 蓝海支付",
        "bjrcb" to "BJRCB 北京农商银行",
        "tencent" to "Tencent 腾讯云支付",
        "huishouyin" to "huishouyin 慧收银",
    )

/** The services of the bank that its document does not name. */
private val BJRCB_OPTIONS =
    mapOf(
        "refund_query_service_alipay" to "ALIPAY_REFUNDQUERY",
        "refund_query_service_wechat" to "WECHAT_REFUNDQUERY",
    )

/** All five, maxfun with both of its APIs, at the sandbox. */
fun gateways(sandbox: Sandbox): List<GatewayConfig> {
    val url = sandbox.https
    val ca = sandbox.caFile
    val maxfun = sandbox.account("maxfun_device")
    val maxfunTp = sandbox.account("maxfun_tp")
    val blueOcean = sandbox.account("blueocean_v1")
    val bjrcb = sandbox.account("bjrcb")
    val tencent = sandbox.account("tencent_cpay")
    val huishouyin = sandbox.account("huishouyin")
    return listOf(
        MaxfunDevice("maxfun", url, maxfun.getString("devices_key"), TIMING, ca),
        MaxfunTp("maxfun_tp", url, maxfunTp.getString("mch_key"), timing = TIMING, caFile = ca),
        BlueOcean(
            id = "blueocean",
            baseUrl = url,
            appid = blueOcean.getString("appid"),
            key = blueOcean.getString("key"),
            timing = TIMING,
            caFile = ca,
        ),
        Bjrcb(
            id = "bjrcb",
            baseUrl = url,
            mchId = bjrcb.getString("mch_id"),
            key = bjrcb.getString("key"),
            terminal = "T1",
            options = BJRCB_OPTIONS,
            timing = TIMING,
            caFile = ca,
        ),
        TencentCpay(
            id = "tencent",
            baseUrl = url,
            outMchId = tencent.getString("out_mch_id"),
            outSubMchId = tencent.getString("out_sub_mch_id"),
            outShopId = tencent.getString("out_shop_id"),
            authenKey = tencent.getString("authen_key"),
            orderPrefix = tencent.getString("order_prefix"),
            terminal = "T1",
            timing = TIMING,
            caFile = ca,
        ),
        Huishouyin(
            id = "huishouyin",
            baseUrl = url,
            appId = huishouyin.getString("app_id"),
            appSercet = huishouyin.getString("app_sercet"),
            timing = TIMING,
            caFile = ca,
        ),
    )
}
