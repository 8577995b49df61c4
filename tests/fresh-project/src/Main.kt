import dev.paywand.Amount
import dev.paywand.BlueOcean
import dev.paywand.ChargeRequest
import dev.paywand.PaymentCode
import dev.paywand.Terminal
import dev.paywand.TerminalConfig
import dev.paywand.charge
import kotlinx.coroutines.runBlocking

/** One sale. Arguments: database, address, certificate authority, appid and key of the sandbox. */
fun main(args: Array<String>) {
    val (database, url, ca, appid, key) = args
    val gateway = BlueOcean(id = "hk", baseUrl = url, appid = appid, key = key, terminal = "T1", caFile = ca)
    Terminal.open(TerminalConfig(database, listOf(gateway))).use { terminal ->
        val sale = ChargeRequest("first/1", "hk", Amount(1_250, "HKD"), PaymentCode("130000000000000001"))
        println(runBlocking { terminal.charge(sale) }.state)
    }
}
