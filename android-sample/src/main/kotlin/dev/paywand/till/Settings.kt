package dev.paywand.till

import android.content.Context
import android.content.SharedPreferences
import dev.paywand.GatewayConfig
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
        set(value) = store { putString(own("accounts"), written(value)) }

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

    /** The cashier was asked whether the till may notify. */
    var askedToNotify: Boolean
        get() = stored.getBoolean("asked.notify", false)
        set(value) = store { putBoolean("asked.notify", value) }

    var sandboxAddress: String
        get() = stored.getString("sandbox.address", null) ?: DEFAULT_SANDBOX
        set(value) = store { putString("sandbox.address", value) }

    fun account(id: String): Account? = accounts.firstOrNull { it.id == id }

    /** Under which name [Secrets] keeps the key of account [id]. */
    fun secretName(id: String): String = if (isSandbox) SandboxPlace(context, round).secretName(id) else "live.key.$id"

    fun terminalConfig(secrets: Secrets): TerminalConfig {
        uniffiEnsureInitialized()
        val gateways = accounts.mapNotNull { configOf(it, secrets) }
        return TerminalConfig(
            database = if (isSandbox) sandboxDatabase().path else Paywand.databasePath(context),
            gateways = gateways,
            defaultGateway = defaultAccount?.takeIf { id -> gateways.any { it.id == id } },
        )
    }

    /**
     * Null: its key cannot be read, or is not there. The others go on without that account; its payments wait, and go on when the key has been
     * entered again. The key is read once: a vault that has worked a moment ago may fail now.
     */
    private fun configOf(
        account: Account,
        secrets: Secrets,
    ): GatewayConfig? =
        try {
            secrets.get(secretName(account.id))?.let(account::config)
        } catch (_: VaultException) {
            null
        }

    /** Why the key of [account] cannot be read; null: it can. One that is not there was lost with the vault that held it. */
    fun problemOf(
        account: Account,
        secrets: Secrets,
    ): VaultProblem? =
        try {
            if (secrets.get(secretName(account.id)) == null) VaultProblem.KEY_LOST else null
        } catch (failure: VaultException) {
            failure.problem
        }

    /** The place of the next merchant of the sandbox, empty. Nothing knows of it before [beginSandbox]. */
    fun nextSandbox(): SandboxPlace =
        SandboxPlace(context, round + 1).apply {
            folder.deleteRecursively()
            folder.mkdirs()
        }

    /**
     * The till is in the sandbox from now on, with [merchant], in one write: all of it or nothing is on the disk. Pretend
     * payments of an earlier merchant could never be asked about again: the new one begins with an empty list.
     */
    fun beginSandbox(
        place: SandboxPlace,
        address: String,
        merchant: List<Account>,
    ) = store {
        putBoolean("sandbox", true)
        putInt("sandbox.round", place.round)
        putString("sandbox.address", address)
        putString("sandbox.accounts", written(merchant))
        remove("sandbox.default")
        remove("sandbox.sale")
    }

    /** Forgets what merchants before the present one have left. */
    fun clearSandboxes() {
        val past = context.noBackupFilesDir.listFiles { file -> file.name.startsWith(SandboxPlace.FOLDER) }.orEmpty()
        past.filter { it != SandboxPlace(context, round).folder }.forEach { it.deleteRecursively() }
    }

    private val round: Int get() = stored.getInt("sandbox.round", 0)

    private fun sandboxDatabase() = File(SandboxPlace(context, round).folder, "paywand.db")

    private fun written(accounts: List<Account>) = JSONArray(accounts.map { it.toJson() }).toString()

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

/** Where a merchant of the sandbox has its database and its keys: each a place of its own, since a new one may come to nothing. */
class SandboxPlace(
    context: Context,
    val round: Int,
) {
    val folder = File(context.noBackupFilesDir, "$FOLDER$round")

    /** The sandbox's certificate authority. */
    val ca: File get() = File(folder, "ca.pem")

    fun secretName(id: String): String = "sandbox.$round.key.$id"

    companion object {
        const val FOLDER = "sandbox-"
    }
}
