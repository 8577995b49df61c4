package dev.paywand.till

import dev.paywand.GatewayConfig
import dev.paywand.GatewayKind
import dev.paywand.Secret
import org.json.JSONObject

/** A value that an account is made of, by the gateway's own name for it. */
class AccountField(
    val name: String,
    val label: Int,
)

/** What each gateway wants to know of an account. */
enum class AccountForm(
    val kind: GatewayKind,
    val label: Int,
    val currency: String,
    val identifiers: List<AccountField>,
    val secret: AccountField,
    val needsTerminal: Boolean = false,
) {
    TENCENT(
        GatewayKind.TENCENT_CPAY,
        R.string.gateway_tencent,
        "CNY",
        listOf(
            AccountField("out_mch_id", R.string.field_merchant),
            AccountField("out_sub_mch_id", R.string.field_sub_merchant),
            AccountField("out_shop_id", R.string.field_shop),
            AccountField("order_prefix", R.string.field_order_prefix),
        ),
        AccountField("authen_key", R.string.field_signing_key),
        needsTerminal = true,
    ),
    BLUEOCEAN(
        GatewayKind.BLUEOCEAN_V1,
        R.string.gateway_blueocean,
        "HKD",
        listOf(AccountField("appid", R.string.field_merchant)),
        AccountField("key", R.string.field_signing_key),
    ),
    BJRCB(
        GatewayKind.BJRCB,
        R.string.gateway_bjrcb,
        "CNY",
        listOf(AccountField("mch_id", R.string.field_merchant)),
        AccountField("key", R.string.field_signing_key),
        needsTerminal = true,
    ),
    HUISHOUYIN(
        GatewayKind.HUISHOUYIN,
        R.string.gateway_huishouyin,
        "CNY",
        listOf(AccountField("app_id", R.string.field_app)),
        AccountField("app_sercet", R.string.field_signing_key),
    ),
    MAXFUN(
        GatewayKind.MAXFUN_DEVICE,
        R.string.gateway_maxfun,
        "CNY",
        emptyList(),
        AccountField("devices_key", R.string.field_device_key),
    ),
    MAXFUN_TP(
        GatewayKind.MAXFUN_TP,
        R.string.gateway_maxfun_tp,
        "CNY",
        emptyList(),
        AccountField("mch_key", R.string.field_merchant_key),
    ),
    ;

    /** Whether it can make a QR for the customer to scan. */
    val makesQr: Boolean get() = kind != GatewayKind.MAXFUN_DEVICE && kind != GatewayKind.MAXFUN_TP

    companion object {
        fun of(kind: GatewayKind): AccountForm = entries.first { it.kind == kind }
    }
}

/**
 * A merchant's account at a gateway, without its key.
 *
 * @param id what this till calls it; payments are stored under it.
 * @param values the identifiers of its [AccountForm].
 * @param caFile the sandbox's certificate authority.
 */
data class Account(
    val id: String,
    val kind: GatewayKind,
    val address: String,
    val values: Map<String, String> = emptyMap(),
    val terminal: String? = null,
    val caFile: String? = null,
) {
    val form: AccountForm get() = AccountForm.of(kind)

    fun config(key: Secret?): GatewayConfig =
        GatewayConfig(
            id = id,
            kind = kind,
            baseUrl = address,
            keys = values.mapValues { Secret(it.value) } + listOfNotNull(key?.let { form.secret.name to it }),
            terminal = terminal,
            caFile = caFile,
        )

    fun toJson(): JSONObject =
        JSONObject()
            .put("id", id)
            .put("kind", kind.name)
            .put("address", address)
            .put("values", JSONObject(values))
            .putOpt("terminal", terminal)
            .putOpt("ca_file", caFile)

    companion object {
        fun fromJson(json: JSONObject): Account {
            val values = json.getJSONObject("values")
            return Account(
                id = json.getString("id"),
                kind = GatewayKind.valueOf(json.getString("kind")),
                address = json.getString("address"),
                values = values.keys().asSequence().associateWith { values.getString(it) },
                terminal = json.textOrNull("terminal"),
                caFile = json.textOrNull("ca_file"),
            )
        }

        private fun JSONObject.textOrNull(name: String) = if (has(name)) getString(name) else null
    }
}
