package dev.paywand.till

import dev.paywand.GatewayKind
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** The sample's own words, where they speak of money or of what the library and the core have a word for. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = OnePaymentTill::class)
class WordsTest {
    private val till = RuntimeEnvironment.getApplication() as OnePaymentTill

    @Test
    fun `the question before a cancel promises no money back`() {
        till.settings.accounts =
            listOf(Account("counter", GatewayKind.BLUEOCEAN_V1, "https://pay.example"))
        till.payment = FixedPayments.asking
        val words =
            mapOf(
                "en" to
                    "If the customer has already paid, it may stay paid. Look at what is shown then; a refund is a " +
                    "step of its own.",
                "zh" to "顾客如已付款，此笔可能仍为已支付。请以随后显示的结果为准；如需退款请另行操作。",
            )
        for ((language, expected) in words) {
            RuntimeEnvironment.setQualifiers("+$language")
            ShadowAlertDialog.reset()
            screen(DetailActivity::class.java, DetailActivity.intent(till, till.payment.id)).use { detail ->
                waitUntil("the sale") { detail.sees(R.id.cancel) }
                detail.press(R.id.cancel)
                assertEquals(expected, shownDialog()?.words)
            }
        }
    }

    @Test
    fun `a wallet, and who takes the payment, are called what the library and the core call them`() {
        for (language in listOf("en", "zh")) {
            RuntimeEnvironment.setQualifiers("+$language")
            val wallets = strings.filter { it.startsWith("wallet_") }
            assertEquals(7, wallets.size)
            for (wallet in wallets) assertEquals(word("paywand_$wallet"), word(wallet))
            assertEquals(word("paywand_payment_wallet"), word("fact_wallet"))
        }
        val otherwise = strings.filter { name -> !name.startsWith("wallet_") && OTHER_WORDS.any { it in word(name) } }
        assertEquals(emptyList<String>(), otherwise)
    }

    /** The names of the sample's own texts. */
    private val strings =
        R.string::class.java.fields
            .map { it.name }
            .filter { !it.startsWith("paywand_") }

    private fun word(name: String): String =
        till.getString(till.resources.getIdentifier(name, "string", till.packageName))

    private companion object {
        /** For 收单方 and 支付方式. */
        val OTHER_WORDS = listOf("收单机构", "钱包")
    }
}
