package dev.paywand.demo

import org.json.JSONArray
import org.json.JSONObject
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers

/** How much faster than life the demo runs. */
const val TIME_SCALE: Int = 100

/** The pretend gateways, as a program of their own: it ends when its standard input closes. */
class Sandbox(
    program: String,
) : AutoCloseable {
    private val process =
        ProcessBuilder(program, "--port", "0", "--time-scale", "$TIME_SCALE")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
    private val ready =
        JSONObject(process.inputReader().readLine() ?: throw IOException("$program ended before it was ready"))
    private val control = ready.getString("control")
    private val http = HttpClient.newHttpClient()

    val https: String = ready.getString("https")
    val caFile: String = ready.getString("ca_file")
    private val merchant = ready.getJSONArray("merchants").getJSONObject(0)

    /** The merchant's account at a gateway. */
    fun account(kind: String): JSONObject = merchant.getJSONObject(kind)

    /** How the gateways and the customer behave from now on. */
    fun plan(json: String) {
        val plan = JSONObject(json).put("merchant", merchant.getString("id"))
        send(HttpRequest.newBuilder(URI("$control/_control/plan")).POST(BodyPublishers.ofString("$plan")).build())
    }

    /** Every order, oldest first. */
    fun orders(): List<JSONObject> = objects(JSONObject(get("_ledger")).getJSONArray("orders"))

    /** Every request that came in, oldest first. */
    fun calls(): List<JSONObject> = objects(JSONArray(get("_calls")))

    private fun get(path: String): String =
        send(HttpRequest.newBuilder(URI("$control/$path?merchant=${merchant.getString("id")}")).build())

    private fun objects(list: JSONArray) = list.map { it as JSONObject }

    private fun send(request: HttpRequest): String {
        val answer = http.send(request, BodyHandlers.ofString())
        if (answer.statusCode() != 200) throw IOException("${request.uri()}: ${answer.body()}")
        return answer.body()
    }

    override fun close() {
        process.outputStream.close()
        process.waitFor()
    }
}
