package dev.paywand.till

import android.content.Context
import dev.paywand.GatewayConfig
import dev.paywand.PaywandException
import dev.paywand.Secret
import dev.paywand.Terminal
import dev.paywand.TerminalConfig
import dev.paywand.screenText
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File
import java.io.IOException
import java.net.URL
import java.security.KeyStore
import java.security.cert.CertificateFactory
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** What a test of an account showed, in words. */
class CheckResult(
    val isGood: Boolean,
    val words: String,
)

/**
 * Tests an account without a payment: whether the library takes its values, and whether its address answers. No gateway
 * has a call that proves an account, and the words say so.
 */
suspend fun Context.checkAccount(
    account: Account,
    key: Secret?,
): CheckResult =
    withContext(Dispatchers.IO) {
        refusal(account, key)?.let { return@withContext CheckResult(false, it) }
        try {
            reach(account)
            CheckResult(true, getString(R.string.check_good))
        } catch (silent: IOException) {
            val why = silent.localizedMessage ?: silent.javaClass.simpleName
            CheckResult(false, getString(R.string.check_unreachable, why))
        }
    }

/** Why the library does not take the account's values; null: it does. */
suspend fun Context.checkForm(
    account: Account,
    key: Secret?,
): String? = withContext(Dispatchers.IO) { refusal(account, key) }

private fun Context.refusal(
    account: Account,
    key: Secret?,
): String? =
    try {
        tryOut(listOf(account.config(key)))
        null
    } catch (refused: PaywandException.InvalidConfig) {
        getString(R.string.check_form, refused.screenText(language).cashier, "${refused.field}: ${refused.reason}")
    } catch (refused: PaywandException) {
        refused.screenText(language).cashier
    }

/**
 * Opens a terminal with these accounts alone, beside the real one, with a database that is thrown away.
 *
 * @throws PaywandException the library does not take them.
 */
fun Context.tryOut(gateways: List<GatewayConfig>) {
    val folder = File(cacheDir, "check").apply { mkdirs() }
    try {
        Terminal.open(TerminalConfig(File(folder, "check.db").path, gateways)).use { it.shutdown() }
    } finally {
        folder.deleteRecursively()
    }
}

/** Any answer will do, as long as the certificate is good. */
private fun reach(account: Account) {
    val connection = URL(account.address).openConnection()
    connection.connectTimeout = TIMEOUT_MS
    connection.readTimeout = TIMEOUT_MS
    if (connection !is HttpsURLConnection) return connection.connect()
    account.caFile?.let { connection.sslSocketFactory = trusting(it).socketFactory }
    connection.requestMethod = "HEAD"
    try {
        connection.responseCode
    } finally {
        connection.disconnect()
    }
}

private fun trusting(caFile: String): SSLContext {
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
    File(caFile).inputStream().use { pem ->
        CertificateFactory.getInstance("X.509").generateCertificates(pem).forEachIndexed { index, certificate ->
            store.setCertificateEntry("$index", certificate)
        }
    }
    val trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
    return SSLContext.getInstance("TLS").apply { init(null, trust.trustManagers, null) }
}

private const val TIMEOUT_MS = 5_000
