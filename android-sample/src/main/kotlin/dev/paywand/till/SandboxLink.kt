package dev.paywand.till

import dev.paywand.android.Paywand
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.json.JSONException
import org.json.JSONObject
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL

/** A new merchant of a running sandbox: where its gateways are, whom they are vouched for by, and its accounts. */
class SandboxMerchant(
    val https: String,
    val caPem: String,
    private val accounts: JSONObject,
) {
    /** The account of a form, and its key. */
    fun account(
        form: AccountForm,
        caFile: String,
    ): Pair<Account, String> {
        val values = accounts.getJSONObject(form.kind.name.lowercase())
        val account =
            Account(
                id = form.name.lowercase(),
                kind = form.kind,
                address = https,
                values = form.identifiers.associate { it.name to values.getString(it.name) },
                terminal = if (form.needsTerminal) "T1" else null,
                caFile = caFile,
            )
        return account to values.getString(form.secret.name)
    }
}

/**
 * Asks the sandbox at [address] for a merchant and takes its accounts in, in place of those of an earlier one. The till is
 * then in the sandbox.
 *
 * @return how many accounts there are.
 * @throws IOException no sandbox answers there.
 */
suspend fun TillApplication.connectSandbox(address: String): Int {
    val merchant = withContext(Dispatchers.IO) { askForMerchant(address.trim().trimEnd('/')) }
    // The old terminal goes first: it holds the database of the old merchant, or of the real money.
    Paywand.shutdown()
    settings.sandboxAddress = address.trim()
    withContext(Dispatchers.IO) {
        settings.beginSandbox()
        settings.sandboxCa.writeText(merchant.caPem)
        settings.accounts =
            AccountForm.entries.map { form ->
                val (account, key) = merchant.account(form, settings.sandboxCa.path)
                secrets.put(settings.secretName(account.id), key)
                account
            }
        settings.defaultAccount = null
    }
    return settings.accounts.size
}

private fun askForMerchant(address: String): SandboxMerchant =
    try {
        val place = call("GET", "$address/_control/address")
        SandboxMerchant(
            place.getString("https"),
            place.getString("ca_pem"),
            call("POST", "$address/_control/merchants"),
        )
    } catch (strange: JSONException) {
        throw IOException(strange)
    }

private fun call(
    method: String,
    url: String,
): JSONObject {
    val connection = URL(url).openConnection() as? HttpURLConnection ?: throw IOException(url)
    try {
        connection.requestMethod = method
        connection.connectTimeout = TIMEOUT_MS
        connection.readTimeout = TIMEOUT_MS
        return JSONObject(connection.inputStream.use { it.readBytes() }.decodeToString())
    } finally {
        connection.disconnect()
    }
}

private const val TIMEOUT_MS = 5_000
