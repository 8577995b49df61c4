package dev.paywand

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import org.junit.jupiter.params.provider.ValueSource
import java.security.MessageDigest
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.time.Duration.Companion.seconds

/** Every way to sell and to undo at every gateway; callbacks, routes, a signer elsewhere. */
@Timeout(90)
class OperationsTest {
    @ParameterizedTest
    @MethodSource("sales")
    fun `a sale is paid once`(
        gateway: String,
        kind: PaymentKind,
    ): Unit =
        runBlocking {
            Till().use { till ->
                val payment = till.sell(gateway, kind)
                assertState(PaymentState.PAID, payment)
                assertEquals(kind, payment.kind)
                till.assertLedger(1_250, charges = 1)
            }
        }

    @ParameterizedTest
    @MethodSource("sales")
    fun `a sale that is not paid in time is undone, or revoked by the gateway where that does it`(
        gateway: String,
        kind: PaymentKind,
    ): Unit =
        runBlocking {
            Till().use { till ->
                till.plan(mapOf("do" to "never"))
                val payment = till.sell(gateway, kind)
                val undone = if (kind == PaymentKind.QR) PaymentState.CLOSED else PaymentState.REVERSED
                // maxfun waits for the password, and revokes (108).
                val expected = if (gateway in REVOKING) PaymentState.FAILED else undone
                assertState(expected, payment)
                till.assertLedger(0, charges = 0)
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [MAXFUN_TP, BLUEOCEAN, BJRCB, TENCENT, HUISHOUYIN])
    fun `a callback makes the till ask at once, and a forged one changes nothing`(gateway: String): Unit =
        runBlocking {
            // Without the callback it would ask in a minute.
            Till(QUICK.copy(firstQueryMs = 60_000, intervalMs = 60_000, deadlineMs = 120_000)).use { till ->
                val lost = mapOf("op" to "charge", "do" to "lost_after")
                till.plan(mapOf("do" to "pays"), lost)
                val updates = till.terminal.updates()
                val begun = till.terminal.charge(charge(gateway), 0.seconds)
                updates.first { it.state == PaymentState.QUERYING }
                if (gateway != HUISHOUYIN) {
                    val forged = till.notification(begun.orderNumber, "bad_signature")
                    assertThrows<PaywandException.NotificationRefused> { till.pass(gateway, forged) }
                    assertState(PaymentState.QUERYING, till.terminal.payment(begun.id))
                }
                val told = till.pass(gateway, till.notification(begun.orderNumber))
                assertEquals(begun.id, told.paymentId)
                assertEquals(gateway != HUISHOUYIN, told.signed)
                assertState(PaymentState.PAID, till.terminal.wait(begun.id, 30.seconds))
                // Twice, and about another till's order: nothing.
                assertEquals(begun.id, till.pass(gateway, till.notification(begun.orderNumber)).paymentId)
                assertNull(till.pass(gateway, till.notification(begun.orderNumber, "other_order")).paymentId)
                assertState(PaymentState.PAID, till.terminal.payment(begun.id))
            }
        }

    @Test
    fun `a payment that names no gateway goes by the wallet, else to the default`(): Unit =
        runBlocking {
            val routes = listOf(Route(Wallet.ALIPAY, BJRCB))
            val form = WalletForm(Wallet.ALIPAY, prefixes = listOf("77"))
            Till { it.copy(routes = routes, defaultGateway = TENCENT, wallets = listOf(form)) }.use { till ->
                for ((code, gateway) in listOf("28" to BJRCB, "77" to BJRCB, "13" to TENCENT, "99" to TENCENT)) {
                    val request = charge(BJRCB, code = code + newCode(BJRCB).drop(2)).copy(gateway = null)
                    assertEquals(gateway, till.terminal.charge(request).gateway, code)
                }
            }
        }

    @ParameterizedTest
    @ValueSource(strings = [BLUEOCEAN, BJRCB, TENCENT, HUISHOUYIN])
    fun `keys that are not on the device sign as if they were`(gateway: String): Unit =
        runBlocking {
            val service = Service()
            Till(signer = service).use { till ->
                service.accounts = till.accounts
                assertState(PaymentState.PAID, till.terminal.charge(charge(gateway)))
                service.accounts = null
                val unsent = till.terminal.charge(charge(gateway, minor = 100), 30.seconds)
                assertState(PaymentState.FAILED, unsent)
                assertEquals(Reason.NOT_SENT, unsent.reason)
                till.assertLedger(1_250, charges = 1)
            }
        }

    private fun Till.pass(
        gateway: String,
        notification: JSONObject,
    ): Acknowledgement =
        runBlocking {
            val headers = notification.getJSONObject("headers")
            terminal.notification(
                gateway,
                headers.keySet().associateWith { headers.getString(it) },
                notification.getString("body").toByteArray(),
            )
        }

    /** The app's own signing service; without accounts it fails. */
    private class Service : RemoteSigner {
        @Volatile
        var accounts: JSONObject? = null

        override suspend fun sign(request: SigningRequest): String {
            val account =
                checkNotNull(
                    accounts,
                ) { "the service is down" }.getJSONObject(KINDS.getValue(request.gateway()))
            val key = account.getString(request.key()).toByteArray()
            val signature =
                when (request.digest()) {
                    Digest.MD5 -> {
                        val digest = MessageDigest.getInstance("MD5")
                        digest.digest(request.before() + key + request.after())
                    }

                    Digest.HMAC_SHA256 -> {
                        val mac = Mac.getInstance("HmacSHA256")
                        mac.init(SecretKeySpec(key, "HmacSHA256"))
                        mac.doFinal(request.before())
                    }

                    else -> {
                        error("nobody asks for it")
                    }
                }
            return signature.joinToString("") { "%02x".format(it) }
        }
    }

    companion object {
        private val REVOKING = setOf(MAXFUN, MAXFUN_TP)
        private val KINDS =
            mapOf(
                BLUEOCEAN to "blueocean_v1",
                BJRCB to "bjrcb",
                TENCENT to "tencent_cpay",
                HUISHOUYIN to "huishouyin",
            )

        @JvmStatic
        fun sales(): List<Array<Any>> = SALES.map { arrayOf(it.first, it.second) }
    }
}
