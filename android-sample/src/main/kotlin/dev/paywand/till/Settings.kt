package dev.paywand.till

import android.content.Context
import android.content.SharedPreferences
import dev.paywand.TerminalConfig
import dev.paywand.android.Paywand
import dev.paywand.android.VaultException
import dev.paywand.android.VaultProblem
import dev.paywand.uniffiEnsureInitialized
import org.json.JSONArray
import org.json.JSONObject
import java.io.File

/**
 * What the merchant has set up. The sandbox has accounts, keys, sales and a database of its own, so that pretend money and
 * real money never stand in one list. Keys are not here: see [Secrets].
 */
class Settings(
    private val context: Context,
) {
    private val stored: SharedPreferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    var isSandbox: Boolean
        get() = stored.getBoolean("sandbox", false)
        set(value) = store { putBoolean("sandbox", value) }

    var accounts: List<Account>
        get() {
            val list = JSONArray(stored.getString(own("accounts"), "[]"))
            return (0 until list.length()).map { Account.fromJson(list.getJSONObject(it)) }
        }
        set(value) = store { putString(own("accounts"), JSONArray(value.map { it.toJson() }).toString()) }

    /** The account that takes a sale where the cashier chooses none. */
    var defaultAccount: String?
        get() = stored.getString(own("default"), null) ?: accounts.firstOrNull()?.id
        set(value) = store { putString(own("default"), value) }

    /** The sale that was begun last, until it is known how it ended. Written before anything can be sent. */
    var openSale: SaleCall?
        get() = stored.getString(own("sale"), null)?.let { SaleCall.fromJson(JSONObject(it)) }
        set(value) = store { putString(own("sale"), value?.toJson()?.toString()) }

    var cashier: String
        get() = stored.getString("cashier", null).orEmpty()
        set(value) = store { putString("cashier", value) }

    /** Tones and vibration. */
    var sounds: Boolean
        get() = stored.getBoolean("sounds", true)
        set(value) = store { putBoolean("sounds", value) }

    /** The amount is spoken when it is paid. */
    var speech: Boolean
        get() = stored.getBoolean("speech", false)
        set(value) = store { putBoolean("speech", value) }

    var sandboxAddress: String
        get() = stored.getString("sandbox.address", null) ?: DEFAULT_SANDBOX
        set(value) = store { putString("sandbox.address", value) }

    fun account(id: String): Account? = accounts.firstOrNull { it.id == id }

    /** Under which name [Secrets] keeps the key of account [id]. */
    fun secretName(id: String): String = own("key.$id")

    fun terminalConfig(secrets: Secrets): TerminalConfig {
        uniffiEnsureInitialized()
        val accounts = accounts.filter { problemOf(it, secrets) == null }
        return TerminalConfig(
            database = if (isSandbox) sandboxDatabase().path else Paywand.databasePath(context),
            gateways = accounts.map { it.config(secrets.get(secretName(it.id))) },
            defaultGateway = defaultAccount?.takeIf { id -> accounts.any { it.id == id } },
        )
    }

    /**
     * Why the key of [account] cannot be read; null: it can. The others go on without that account; its payments wait, and
     * go on when the key has been entered again.
     */
    fun problemOf(
        account: Account,
        secrets: Secrets,
    ): VaultProblem? =
        try {
            secrets.get(secretName(account.id))
            null
        } catch (failure: VaultException) {
            failure.problem
        }

    /** Pretend payments of an earlier merchant could never be asked about again: a new one begins with an empty list. */
    fun beginSandbox() {
        isSandbox = true
        sandboxDatabase().parentFile?.deleteRecursively()
        openSale = null
        store { putInt("sandbox.round", stored.getInt("sandbox.round", 0) + 1) }
        sandboxDatabase().parentFile?.mkdirs()
    }

    /** The sandbox's certificate authority. */
    val sandboxCa: File get() = File(sandboxDatabase().parentFile, "ca.pem")

    private fun sandboxDatabase() =
        File(File(context.noBackupFilesDir, "sandbox-${stored.getInt("sandbox.round", 0)}"), "paywand.db")

    private fun own(name: String) = if (isSandbox) "sandbox.$name" else "live.$name"

    /** On the disk when it returns: a sale must not begin before its key is. */
    private fun store(change: SharedPreferences.Editor.() -> Unit) {
        stored.edit().apply(change).commit()
    }

    private companion object {
        /** Where `make sandbox` listens, through `adb reverse`. */
        const val DEFAULT_SANDBOX = "http://127.0.0.1:8080"
    }
}
