package dev.paywand.till

import dev.paywand.Amount
import dev.paywand.BusinessDay
import dev.paywand.ChargeRequest
import dev.paywand.Payment
import dev.paywand.PaymentCode
import dev.paywand.QUICK
import dev.paywand.Sandbox
import dev.paywand.Terminal
import dev.paywand.TimingConfig
import dev.paywand.android.Paywand
import dev.paywand.newCode
import dev.paywand.objects
import org.json.JSONArray
import org.json.JSONObject
import org.robolectric.RuntimeEnvironment
import java.net.URL

/** The app, connected to the sandbox by its own code, with gateways a hundred times as quick as in life. */
class SandboxTill(
    timing: TimingConfig = QUICK,
) : AutoCloseable {
    val app = RuntimeEnvironment.getApplication() as TillApplication
    val settings: Settings get() = app.settings
    val terminal: Terminal get() = await { Paywand.terminal() }
    private val merchant: String

    init {
        await { app.connectSandbox(Sandbox.control) }
        Paywand.setUp {
            app.settings.terminalConfig(app.secrets).let { config ->
                config.copy(gateways = config.gateways.map { it.copy(timing = timing) }, businessDay = noon())
            }
        }
        val mine = checkNotNull(settings.account("tencent")).values["out_mch_id"]
        merchant =
            JSONArray(URL("${Sandbox.control}/_control/merchants").readText())
                .objects()
                .single { it.getJSONObject("tencent_cpay").getString("out_mch_id") == mine }
                .getString("id")
    }

    /** What the sandbox does from now on. */
    fun plan(
        customer: Map<String, Any> = mapOf("do" to "pays"),
        vararg rules: Map<String, Any>,
    ) = Sandbox.plan(
        merchant,
        JSONObject().put("customer", JSONObject(customer)).put(
            "rules",
            JSONArray(
                rules.map {
                    JSONObject(it)
                },
            ),
        ),
    )

    /** Returns when the gateways have seen so many requests. */
    fun waitForCalls(count: Int) = Sandbox.waitForCalls(merchant, count)

    fun orders(): List<JSONObject> = Sandbox.orders(merchant)

    /** What the library's screen does with a sale: charges the code under the sale's key. */
    fun charge(
        key: String = newRequestKey(),
        minor: Long = 1_250,
        account: String = "tencent",
        limitMs: Long? = null,
    ): Payment =
        await {
            val currency = checkNotNull(settings.account(account)).form.currency
            Paywand.terminal().charge(
                ChargeRequest(key, account, Amount(minor, currency), PaymentCode(newCode(account)), limitMs = limitMs),
            )
        }

    /** It is noon: no test runs past the end of the merchant's day. */
    private fun noon() = BusinessDay(utcOffsetMinutes = 720 - (System.currentTimeMillis() / 60_000 % 1_440).toInt())

    /** The process ends: nothing is left but what is on the disk. */
    fun dieAndStart() {
        app.perhapsBegun = null
        await { Paywand.shutdown() }
    }

    override fun close() = await { Paywand.shutdown() }
}
