package dev.paywand.till

import android.widget.Switch
import com.sun.net.httpserver.HttpServer
import dev.paywand.FollowUp
import dev.paywand.GatewayKind
import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Sandbox
import dev.paywand.Secret
import dev.paywand.android.Paywand
import dev.paywand.android.VaultException
import dev.paywand.android.VaultProblem
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.net.InetSocketAddress

/** Between real and pretend money the till is never half way. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class SandboxSwitchTest {
    private val app = RuntimeEnvironment.getApplication() as TestTillApplication
    private val settings: Settings get() = app.settings

    @After
    fun close() = await { Paywand.shutdown() }

    @Test
    fun `without a working Keystore the till keeps its real money and its terminal, and says why`() {
        haveRealAccount()
        val terminal = await { Paywand.terminal() }
        app.secrets.refuses = VaultProblem.UNAVAILABLE
        screen(SettingsActivity::class.java).use { screen ->
            screen.type(R.id.sandbox_address, Sandbox.control)
            screen.press(R.id.sandbox)
            waitUntil("the refusal") { screen.sees(R.id.problem) }
            assertEquals(VaultProblem.UNAVAILABLE.text(app), screen.text(R.id.problem))
            assertFalse((screen.view(R.id.sandbox) as Switch).isChecked)
        }
        assertRealMoney()
        assertSame(terminal, await { Paywand.terminal() })
    }

    @Test
    fun `what answers and is no sandbox is said, and nothing is switched`() {
        haveRealAccount()
        val answers =
            listOf(
                "hello" to "{}",
                "{}" to "{}",
                PLACE to """{"tencent_cpay":{}}""",
            )
        for ((address, merchant) in answers) {
            Stranger(address, merchant).use { stranger ->
                screen(SettingsActivity::class.java).use { screen ->
                    screen.type(R.id.sandbox_address, stranger.address)
                    screen.press(R.id.sandbox)
                    waitUntil("the refusal") { screen.sees(R.id.problem) }
                    assertTrue(
                        screen.text(R.id.problem),
                        screen.text(R.id.problem).startsWith("No sandbox answers at this address"),
                    )
                }
            }
            assertRealMoney()
        }
    }

    @Test
    fun `accounts that the library does not take are not switched to`() {
        haveRealAccount()
        val accounts =
            AccountForm.entries.associate { form ->
                form.kind.name.lowercase() to (form.identifiers + form.secret).associate { it.name to "x".repeat(99) }
            }
        Stranger(PLACE, "${JSONObject(accounts)}").use { stranger ->
            assertThrows(PaywandException::class.java) { await { app.connectSandbox(stranger.address) } }
        }
        assertRealMoney()
    }

    @Test
    fun `a new merchant that comes to nothing leaves the old one at work`() =
        SandboxTill().use { till ->
            val sale = till.charge()
            app.secrets.refuses = VaultProblem.FAILED
            assertThrows(VaultException::class.java) { await { app.connectSandbox(Sandbox.control) } }
            till.dieAndStart()
            assertEquals(PaymentState.PAID, till.terminal.payment(sale.id).state)
            assertEquals(PaymentState.PAID, till.charge().state)

            app.secrets.refuses = null
            await { app.connectSandbox(Sandbox.control) }
            assertEquals("a list of its own", 0, till.terminal.payments().size)
            assertEquals(1, app.noBackupFilesDir.listFiles { file -> file.name.startsWith("sandbox-") }?.size)
        }

    @Test
    fun `a key is read once, so that one that fails then costs no other account its terminal`() {
        haveRealAccount()
        val fickle =
            object : Secrets by app.secrets {
                private val read = mutableSetOf<String>()

                override fun get(name: String): Secret? {
                    if (!read.add(name)) throw VaultException(VaultProblem.FAILED)
                    return app.secrets.get(name)
                }
            }
        assertEquals(listOf("shop-1"), settings.terminalConfig(fickle).gateways.map { it.id })
        val config = settings.terminalConfig(fickle)
        assertEquals(0 to null, config.gateways.size to config.defaultGateway)
    }

    private fun haveRealAccount() {
        settings.accounts =
            listOf(Account("shop-1", GatewayKind.BLUEOCEAN_V1, "https://gateway.example", mapOf("appid" to "1000001")))
        app.secrets.put(settings.secretName("shop-1"), "a-signing-key-of-the-merchant")
    }

    private fun assertRealMoney() {
        assertFalse(settings.isSandbox)
        assertEquals(listOf("shop-1"), settings.accounts.map { it.id })
        assertNotNull(app.secrets.get(settings.secretName("shop-1")))
    }
}

/** Payments of real money as the switch sees them: one that has failed and is still [followUp]. */
open class FailedTill(
    followUp: FollowUp,
) : TestTillApplication() {
    private val failed = FixedPayments.paid.copy(state = PaymentState.FAILED, followUp = followUp)

    override val payments: Payments =
        object : Payments by FixedPayments {
            override suspend fun inDoubt() = emptyList<Payment>()

            override suspend fun unfinished(account: String?) = listOf(failed)
        }

    /** What the screen says where the sandbox is switched on. */
    fun switch(): String {
        settings.accounts = listOf(Account("kiosk", GatewayKind.MAXFUN_DEVICE, "https://pay.example"))
        return screen(SettingsActivity::class.java).use { screen ->
            screen.type(R.id.sandbox_address, "http://127.0.0.1:1")
            screen.press(R.id.sandbox)
            waitUntil("the refusal") { screen.sees(R.id.problem) }
            screen.text(R.id.problem)
        }
    }
}

class CleaningTill : FailedTill(FollowUp.CLEANING)

class WatchingTill : FailedTill(FollowUp.WATCHING)

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class LeftAloneTest {
    @Test
    @Config(application = CleaningTill::class)
    fun `a failed charge that is still to be reversed keeps the till with its real money`() {
        val said = (RuntimeEnvironment.getApplication() as FailedTill).switch()
        assertTrue(said, said.startsWith("1 payments are not finished"))
    }

    @Test
    @Config(application = WatchingTill::class)
    fun `one that is only watched does not`() {
        val said = (RuntimeEnvironment.getApplication() as FailedTill).switch()
        assertTrue(said, said.startsWith("No sandbox answers"))
    }
}

private const val PLACE = """{"https":"https://a.example","ca_pem":"no PEM"}"""

/** Something that answers as a sandbox does, and says other things. */
private class Stranger(
    place: String,
    merchant: String,
) : AutoCloseable {
    private val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
    val address = "http://127.0.0.1:${server.address.port}"

    init {
        mapOf("/_control/address" to place, "/_control/merchants" to merchant).forEach { (path, answer) ->
            server.createContext(path) { exchange ->
                val bytes = answer.toByteArray()
                exchange.sendResponseHeaders(200, bytes.size.toLong())
                exchange.responseBody.use { it.write(bytes) }
            }
        }
        server.start()
    }

    override fun close() = server.stop(0)
}
