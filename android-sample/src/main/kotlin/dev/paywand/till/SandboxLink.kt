package dev.paywand.till

import dev.paywand.PaywandException
import dev.paywand.Secret
import dev.paywand.android.Paywand
import dev.paywand.android.VaultException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.json.JSONException
import org.json.JSONObject
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL

/** A new merchant of a running sandbox: whom its gateways are vouched for by, and its accounts, each with its key. */
private class SandboxMerchant(
    val caPem: String,
    val accounts: List<Pair<Account, String>>,
)

/** What the sandbox says of a merchant. */
private class SandboxAnswer(
    private val https: String,
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
 * then in the sandbox. Where anything is wrong it stays as it was, with its terminal.
 *
 * @return how many accounts there are.
 * @throws IOException no sandbox answers there.
 * @throws VaultException the keys cannot be kept.
 * @throws PaywandException the library does not take what the sandbox has said.
 */
suspend fun TillApplication.connectSandbox(address: String): Int =
    oneAtATime.withLock {
        withContext(Dispatchers.IO) {
            // All that can fail comes first. Keys that are left of a failure are pretend ones, and the next try replaces them.
            val place = settings.nextSandbox()
            val merchant = askForMerchant(address.trim().trimEnd('/'), place.ca.path)
            place.ca.writeText(merchant.caPem)
            tryOut(merchant.accounts.map { (account, key) -> account.config(Secret(key)) })
            merchant.accounts.forEach { (account, key) -> secrets.put(place.secretName(account.id), key) }
            withContext(NonCancellable) { begin(place, address.trim(), merchant.accounts.map { it.first }) }
            merchant.accounts.size
        }
    }

/** To its end though the screen goes away: a till in the sandbox must not keep the terminal of the real money. */
private suspend fun TillApplication.begin(
    place: SandboxPlace,
    address: String,
    accounts: List<Account>,
) {
    val before =
        settings.accounts
            .takeIf { settings.isSandbox }
            .orEmpty()
            .map { settings.secretName(it.id) }
    settings.beginSandbox(place, address, accounts)
    // Only now: whoever asks for a terminal meanwhile opens the new one.
    Paywand.shutdown()
    forget(before)
}

/** What an earlier merchant has left. Nothing depends on its being gone. */
private fun TillApplication.forget(names: List<String>) {
    settings.clearSandboxes()
    try {
        names.forEach(secrets::remove)
    } catch (_: VaultException) {
        return
    }
}

private fun askForMerchant(
    address: String,
    caFile: String,
): SandboxMerchant =
    try {
        val place = call("GET", "$address/_control/address")
        val answer = SandboxAnswer(place.getString("https"), call("POST", "$address/_control/merchants"))
        SandboxMerchant(place.getString("ca_pem"), AccountForm.entries.map { answer.account(it, caFile) })
    } catch (strange: JSONException) {
        // Something answers, and it is no sandbox.
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

private val oneAtATime = Mutex()
