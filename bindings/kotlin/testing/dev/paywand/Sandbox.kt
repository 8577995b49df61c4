package dev.paywand

import org.json.JSONArray
import org.json.JSONObject
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers

/**
 * The sandbox's program, one for all tests of a run: it is started with the first, and ends when this process does and its
 * standard input closes. Each test has a merchant of its own. The system property `paywand.sandbox` names the program.
 */
object Sandbox {
    /** How much faster than life the gateways' least ages are. */
    const val TIME_SCALE: Int = 100

    private val http = HttpClient.newHttpClient()
    private val process =
        ProcessBuilder(System.getProperty("paywand.sandbox"), "--port", "0", "--time-scale", "$TIME_SCALE")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
    private val ready =
        JSONObject(checkNotNull(process.inputReader().readLine()) { "the sandbox ended before it was ready" })

    val https: String = ready.getString("https")
    val caFile: String = ready.getString("ca_file")
    val control: String = ready.getString("control")

    fun newMerchant(): JSONObject = post("merchants", JSONObject())

    /** What the sandbox does to [merchant] from now on. */
    fun plan(
        merchant: String,
        plan: JSONObject,
    ) {
        post("plan", plan.put("merchant", merchant))
    }

    /** What the gateway would post to the merchant's server about [order], with [fault]. */
    fun notification(
        merchant: String,
        order: String,
        fault: String?,
    ): JSONObject =
        post(
            "notification",
            JSONObject().put("merchant", merchant).put("order_number", order).apply { fault?.let { put("fault", it) } },
        )

    /** Every order of [merchant], oldest first. */
    fun orders(merchant: String): List<JSONObject> = get("_ledger?merchant=$merchant").getJSONArray("orders").objects()

    /** How many requests of [merchant] came in. */
    fun calls(merchant: String): Int = get("_control/calls_wait?merchant=$merchant&count=0").getInt("count")

    /** Returns when [count] requests of [merchant] have come in. */
    fun waitForCalls(
        merchant: String,
        count: Int,
    ) {
        check(get("_control/calls_wait?merchant=$merchant&count=$count").getInt("count") >= count) { "too few came" }
    }

    /** Returns when [count] answers to [merchant] are held. */
    fun waitForGates(
        merchant: String,
        count: Int = 1,
    ) {
        check(get("_control/gates?merchant=$merchant&wait_for=$count").getBoolean("reached")) { "nothing was held" }
    }

    /** Lets go every answer held now. */
    fun openGates(merchant: String) {
        post("open_gates", JSONObject().put("merchant", merchant))
    }

    private fun get(path: String) = send(HttpRequest.newBuilder(URI("$control/$path")).build())

    private fun post(
        call: String,
        body: JSONObject,
    ) = send(HttpRequest.newBuilder(URI("$control/_control/$call")).POST(BodyPublishers.ofString("$body")).build())

    private fun send(request: HttpRequest): JSONObject {
        val answer = http.send(request, BodyHandlers.ofString())
        check(answer.statusCode() == 200) { "${request.uri()}: ${answer.body()}" }
        return JSONObject(answer.body())
    }
}

/** The objects of an array. Android's `JSONArray` is no `Iterable`. */
fun JSONArray.objects(): List<JSONObject> = (0 until length()).map { getJSONObject(it) }
