// Named as constructors are, since that is what they stand for: BlueOcean(…) is a BlueOcean account.
@file:Suppress("ktlint:standard:function-naming")
@file:JvmName("Gateways")

package dev.paywand

/**
 * maxfun 一满乐, device API: charges a payment code, in CNY, up to 50 000 yuan.
 *
 * It can neither be asked about a payment nor reverse one: an answer that is lost leaves the payment at
 * [PaymentState.NEEDS_ATTENTION]. Answers are not signed, so only https is taken.
 *
 * What cannot be used is refused when the terminal opens, with [PaywandException.InvalidConfig].
 *
 * @param id what the app calls this account: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
 * @param baseUrl `https://host[:port][/prefix]`.
 * @param devicesKey the device's key, 1 to 128 characters. Prints as `***`.
 * @param timing timings in milliseconds that differ from the gateway's own.
 * @param caFile path of a PEM file of certificates trusted beside the public roots.
 */
public fun MaxfunDevice(
    id: String,
    baseUrl: String,
    devicesKey: String,
    timing: TimingConfig = TimingConfig(),
    caFile: String? = null,
): GatewayConfig =
    GatewayConfig(
        id = id,
        kind = GatewayKind.MAXFUN_DEVICE,
        baseUrl = baseUrl,
        keys = secrets("devices_key" to devicesKey),
        timing = timing,
        caFile = caFile,
    )

/**
 * maxfun 一满乐, merchant API: charges a payment code, asks about it, and gives the whole of it back on the same day, in
 * CNY, up to 50 000 yuan. It cannot reverse: a charge that stays undecided needs a person. Answers are not signed, so only
 * https is taken.
 *
 * What cannot be used is refused when the terminal opens, with [PaywandException.InvalidConfig].
 *
 * @param id what the app calls this account: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
 * @param baseUrl `https://host[:port][/prefix]`.
 * @param mchKey the merchant's key, 1 to 128 characters. Prints as `***`.
 * @param options what the gateway's hosts are known to differ in, by name (docs/configuration.md).
 * @param timing timings in milliseconds that differ from the gateway's own.
 * @param caFile path of a PEM file of certificates trusted beside the public roots.
 */
public fun MaxfunTp(
    id: String,
    baseUrl: String,
    mchKey: String,
    options: Map<String, String> = emptyMap(),
    timing: TimingConfig = TimingConfig(),
    caFile: String? = null,
): GatewayConfig =
    GatewayConfig(
        id = id,
        kind = GatewayKind.MAXFUN_TP,
        baseUrl = baseUrl,
        keys = secrets("mch_key" to mchKey),
        timing = timing,
        caFile = caFile,
        options = options,
    )

/**
 * BlueOcean 蓝海支付, v1, Hong Kong: charges a WeChat payment code or shows a QR, asks about it, reverses or closes it,
 * and gives it back in whole or in part, in HKD.
 *
 * What cannot be used is refused when the terminal opens, with [PaywandException.InvalidConfig].
 *
 * @param id what the app calls this account: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
 * @param baseUrl `https://host[:port][/prefix]`.
 * @param appid the merchant's number, 1 to 32 characters.
 * @param key the signing key, 1 to 128 characters; null where it is with the remote signer
 * ([Terminal.openWithSigner]). Prints as `***`.
 * @param terminal the till's id, sent as `device_info`, 1 to 32 characters.
 * @param clientIp the till's IPv4 address; `127.0.0.1` where it is left out.
 * @param options what the gateway's hosts are known to differ in, by name (docs/configuration.md).
 * @param timing timings in milliseconds that differ from the gateway's own.
 * @param caFile path of a PEM file of certificates trusted beside the public roots.
 * @param allowHttp take a [baseUrl] with plain http, where everyone on the way can read the payment codes.
 */
public fun BlueOcean(
    id: String,
    baseUrl: String,
    appid: String,
    key: String?,
    terminal: String? = null,
    clientIp: String? = null,
    options: Map<String, String> = emptyMap(),
    timing: TimingConfig = TimingConfig(),
    caFile: String? = null,
    allowHttp: Boolean = false,
): GatewayConfig =
    GatewayConfig(
        id = id,
        kind = GatewayKind.BLUEOCEAN_V1,
        baseUrl = baseUrl,
        keys = secrets("appid" to appid, "key" to key),
        terminal = terminal,
        clientIp = clientIp,
        timing = timing,
        caFile = caFile,
        remoteKeys = key == null,
        options = options,
        allowHttp = allowHttp,
    )

/**
 * BJRCB 北京农商银行: charges an Alipay or WeChat payment code or shows a QR, asks about it, reverses or closes it, and
 * gives it back in whole or in part, in CNY. Refunds can be asked about where `options` names that service.
 *
 * What cannot be used is refused when the terminal opens, with [PaywandException.InvalidConfig].
 *
 * @param id what the app calls this account: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
 * @param baseUrl `https://host[:port][/prefix]`.
 * @param mchId the merchant's number, 1 to 32 characters.
 * @param key the signing key, 1 to 128 characters; null where it is with the remote signer
 * ([Terminal.openWithSigner]). Prints as `***`.
 * @param terminal the till's id, sent as `device_info`, 1 to 32 characters.
 * @param options what the gateway's hosts are known to differ in, by name (docs/configuration.md).
 * @param timing timings in milliseconds that differ from the gateway's own.
 * @param caFile path of a PEM file of certificates trusted beside the public roots.
 * @param allowHttp take a [baseUrl] with plain http, as the bank documents it: everyone on the way can read the payment
 * codes.
 */
public fun Bjrcb(
    id: String,
    baseUrl: String,
    mchId: String,
    key: String?,
    terminal: String,
    options: Map<String, String> = emptyMap(),
    timing: TimingConfig = TimingConfig(),
    caFile: String? = null,
    allowHttp: Boolean = false,
): GatewayConfig =
    GatewayConfig(
        id = id,
        kind = GatewayKind.BJRCB,
        baseUrl = baseUrl,
        keys = secrets("mch_id" to mchId, "key" to key),
        terminal = terminal,
        timing = timing,
        caFile = caFile,
        remoteKeys = key == null,
        options = options,
        allowHttp = allowHttp,
    )

/**
 * Tencent Cloud Pay 腾讯云支付: charges a payment code or shows a QR, asks about it, reverses or closes it, and gives it
 * back in whole or in part, in CNY.
 *
 * What cannot be used is refused when the terminal opens, with [PaywandException.InvalidConfig].
 *
 * @param id what the app calls this account: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
 * @param baseUrl `https://host[:port][/prefix]`.
 * @param outMchId the merchant's number, 1 to 32 characters.
 * @param outSubMchId the sub-merchant's number, 1 to 32 characters.
 * @param outShopId the shop's number, 1 to 32 characters.
 * @param authenKey the signing key, 1 to 128 characters; null where it is with the remote signer
 * ([Terminal.openWithSigner]). Prints as `***`.
 * @param orderPrefix what the gateway wants order numbers to begin with: 1 to 20 ASCII letters and digits.
 * @param terminal the till's id, sent as `device_id` and `machine_no`, 1 to 32 characters.
 * @param clientIp the till's IPv4 address; `127.0.0.1` where it is left out.
 * @param rsaPrivateKey PEM, where requests are signed by RSA (docs/configuration.md). Prints as `***`.
 * @param options what the gateway's hosts are known to differ in, by name (docs/configuration.md).
 * @param timing timings in milliseconds that differ from the gateway's own.
 * @param caFile path of a PEM file of certificates trusted beside the public roots.
 * @param allowHttp take a [baseUrl] with plain http, which everyone on the way can read.
 */
public fun TencentCpay(
    id: String,
    baseUrl: String,
    outMchId: String,
    outSubMchId: String,
    outShopId: String,
    authenKey: String?,
    orderPrefix: String,
    terminal: String,
    clientIp: String? = null,
    rsaPrivateKey: String? = null,
    options: Map<String, String> = emptyMap(),
    timing: TimingConfig = TimingConfig(),
    caFile: String? = null,
    allowHttp: Boolean = false,
): GatewayConfig =
    GatewayConfig(
        id = id,
        kind = GatewayKind.TENCENT_CPAY,
        baseUrl = baseUrl,
        keys =
            secrets(
                "out_mch_id" to outMchId,
                "out_sub_mch_id" to outSubMchId,
                "out_shop_id" to outShopId,
                "authen_key" to authenKey,
                "rsa_private_key" to rsaPrivateKey,
                "order_prefix" to orderPrefix,
            ),
        terminal = terminal,
        clientIp = clientIp,
        timing = timing,
        caFile = caFile,
        remoteKeys = authenKey == null,
        options = options,
        allowHttp = allowHttp,
    )

/**
 * huishouyin 慧收银: charges a payment code or shows a QR, asks about it, cancels or closes it, and gives it back in whole or
 * in part, in CNY. Answers are not signed, so only https is taken.
 *
 * What cannot be used is refused when the terminal opens, with [PaywandException.InvalidConfig].
 *
 * @param id what the app calls this account: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
 * @param baseUrl `https://host[:port][/prefix]`.
 * @param appId the merchant's number, 1 to 32 characters.
 * @param appSercet the signing key, 1 to 128 characters, spelled as the gateway spells it; null where it is with the remote
 * signer ([Terminal.openWithSigner]). Prints as `***`.
 * @param rsaPrivateKey PEM, where requests are signed by RSA (docs/configuration.md). Prints as `***`.
 * @param options what the gateway's hosts are known to differ in, by name (docs/configuration.md).
 * @param timing timings in milliseconds that differ from the gateway's own.
 * @param caFile path of a PEM file of certificates trusted beside the public roots.
 */
public fun Huishouyin(
    id: String,
    baseUrl: String,
    appId: String,
    appSercet: String?,
    rsaPrivateKey: String? = null,
    options: Map<String, String> = emptyMap(),
    timing: TimingConfig = TimingConfig(),
    caFile: String? = null,
): GatewayConfig =
    GatewayConfig(
        id = id,
        kind = GatewayKind.HUISHOUYIN,
        baseUrl = baseUrl,
        keys = secrets("app_id" to appId, "app_sercet" to appSercet, "rsa_private_key" to rsaPrivateKey),
        timing = timing,
        caFile = caFile,
        remoteKeys = appSercet == null,
        options = options,
    )

private fun secrets(vararg values: Pair<String, String?>): Map<String, Secret> {
    NativeLibrary.ensureChecked()
    return values.mapNotNull { (name, value) -> value?.let { name to Secret(it) } }.toMap()
}
