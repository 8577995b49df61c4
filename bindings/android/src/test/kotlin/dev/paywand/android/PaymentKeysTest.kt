package dev.paywand.android

import android.app.Activity
import dev.paywand.PaymentState
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The payment screen of an app whose keys lie in a vault that cannot be read just now. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
class PaymentKeysTest {
    @Test
    fun `it says so, is in doubt as long as the store was never asked, and goes on when they can be read`() =
        desk {
            breakVault(VaultProblem.KEY_LOST)
            open()
            until("it is refused") { text(R.id.paywand_title) == "This sale cannot go on" }
            assertEquals(VaultProblem.KEY_LOST.text(activity), text(R.id.paywand_words))
            assertEquals(PaymentActivity.RESULT_IN_DOUBT, shadowOf(activity).resultCode)
            assertEquals("vault_key_lost", PaymentActivity.error(shadowOf(activity).resultIntent))

            breakVault(VaultProblem.FAILED)
            press(R.string.paywand_payment_try_again)
            until("it is refused again") { text(R.id.paywand_words) == VaultProblem.FAILED.text(activity) }

            mendVault()
            press(R.string.paywand_payment_try_again)
            scan()
            untilHeadline(R.string.paywand_payment_paid)
            assertEquals(null, PaymentActivity.error(shadowOf(activity).resultIntent))
        }

    @Test
    fun `where the store has said that there is nothing, nothing was begun`() =
        desk {
            open()
            until("it asks for a scan") { isShown(R.id.paywand_scan) }
            die()
            breakVault(VaultProblem.FAILED)
            scan()
            until("it is refused") { text(R.id.paywand_title) == "This sale cannot go on" }
            assertEquals(Activity.RESULT_CANCELED, shadowOf(activity).resultCode)
            assertEquals(0, till.calls())
            mendVault()
            press(R.string.paywand_payment_try_again)
            scan()
            untilHeadline(R.string.paywand_payment_paid)
        }

    @Test
    fun `a wish that cannot be passed on is told beside the payment`() =
        desk {
            till.plan(mapOf("do" to "never"), mapOf("op" to "query", "do" to "hang"))
            open()
            scan()
            till.waitForGates()
            until("it can be cancelled") { isShown(R.id.paywand_tertiary) }
            die()
            until("it has stopped") { isShown(R.id.paywand_note) }
            breakVault(VaultProblem.FAILED)
            press(R.string.paywand_payment_cancel)
            press(R.string.paywand_payment_ask_cancel_yes)
            until("it is told") { text(R.id.paywand_note) == VaultProblem.FAILED.text(activity) }
            assertEquals(PaymentActivity.RESULT_IN_DOUBT, shadowOf(activity).resultCode)
            assertEquals(PaymentState.QUERYING, PaymentActivity.state(shadowOf(activity).resultIntent))
            till.openGates()
        }

    private fun desk(test: PaymentDesk.() -> Unit) = PaymentDesk().use { it.test() }

    private fun breakVault(problem: VaultProblem) = Paywand.setUp { throw VaultException(problem) }

    private fun PaymentDesk.mendVault() = Paywand.setUp { till.config }
}
