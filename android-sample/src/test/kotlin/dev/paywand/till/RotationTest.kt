package dev.paywand.till

import android.view.View
import android.widget.ListView
import android.widget.RadioGroup
import dev.paywand.Amount
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.Reason
import dev.paywand.android.VaultStatus
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** A question survives a rotation, if what is so then still asks for it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], application = FixedTill::class)
class RotationTest {
    private val till = (RuntimeEnvironment.getApplication() as FixedTill).apply { setUp() }

    @Test
    fun `a refund's question, until there is a refund`() =
        screen(RefundActivity::class.java, RefundActivity.intent(till, FixedPayments.paid.id)).use { screen ->
            waitUntil("the form") { screen.sees(R.id.form) }
            screen.type(R.id.amount, "4.50")
            screen.press(R.id.give_back)
            rotateAndSee(screen, "Give back ¥4.50?")
            now(FixedPayments.paid.copy(kind = PaymentKind.REFUND, state = PaymentState.REFUNDED))
            rotateAndSeeNone(screen, "the refund") { screen.sees(R.id.result) }
        }

    @Test
    fun `a settlement's question, until proof has come in`() =
        screen(SettleActivity::class.java, SettleActivity.intent(till, FixedPayments.lost.id)).use { screen ->
            waitUntil("the payment") { screen.sees(R.id.settle) }
            screen.type(R.id.why, "Seen on the phone")
            (screen.view(R.id.answer) as RadioGroup).check(R.id.answer_not_paid)
            screen.press(R.id.settle)
            rotateAndSee(screen, "Settle as: It was not paid?")
            now(FixedPayments.paid)
            rotateAndSeeNone(screen, "the end of the screen") { screen.activity.isFinishing }
        }

    @Test
    fun `a cancel's question, until the sale has ended`() =
        screen(DetailActivity::class.java, DetailActivity.intent(till, FixedPayments.asking.id)).use { screen ->
            waitUntil("the sale") { screen.sees(R.id.cancel) }
            screen.press(R.id.cancel)
            rotateAndSee(screen, "Cancel this payment?")
            now(FixedPayments.paid)
            rotateAndSeeNone(screen, "its end") { screen.text(R.id.verdict_state) == "Paid" }
        }

    @Test
    fun `the question before an unsent refund is sent, until the gateway has it`() {
        val unsent =
            FixedPayments.lost.copy(kind = PaymentKind.REFUND, amount = Amount(450, "CNY"), reason = Reason.NEVER_SEEN)
        val refunded = unsent.copy(state = PaymentState.REFUNDED, isFinal = true, reason = null)
        now(unsent)
        screen(DetailActivity::class.java, DetailActivity.intent(till, unsent.id)).use { screen ->
            waitUntil("the refund") { screen.sees(R.id.retry) }
            screen.press(R.id.retry)
            waitUntil("a question") { shownDialog() != null }
            rotateAndSee(screen, "Give back ¥4.50?")
            now(refunded)
            rotateAndSeeNone(screen, "its end") { screen.text(R.id.verdict_state) == "Refunded" }
        }
        now(unsent)
        screen(DeskActivity::class.java).use { screen ->
            val list = { screen.view(R.id.list) as ListView }
            waitUntil("the refund") { list().count == 1 }
            list()
                .adapter
                .getView(0, null, list())
                .findViewById<View>(R.id.retry)
                .performClick()
            waitUntil("a question") { shownDialog() != null }
            rotateAndSee(screen, "Give back ¥4.50?")
            now(refunded)
            rotateAndSeeNone(screen, "the list") { list().count == 1 }
        }
    }

    @Test
    fun `an account's question, until a payment needs it`() =
        screen(AccountActivity::class.java, AccountActivity.intent(till, "harbour")).use { screen ->
            screen.press(R.id.remove)
            waitUntil("a question") { shownDialog() != null }
            rotateAndSee(screen, "Remove harbour?")
            now(FixedPayments.asking)
            rotateAndSeeNone(screen, "the refusal") { screen.sees(R.id.problem) }
        }

    @Test
    fun `the vault's question, with accounts or without, until the vault works`() {
        for (accounts in listOf(till.settings.accounts, emptyList())) {
            till.settings.accounts = accounts
            till.secrets.status = VaultStatus.UNAVAILABLE
            screen(SettingsActivity::class.java).use { screen ->
                waitUntil("the choice") { screen.sees(R.id.vault_allow) }
                screen.press(R.id.vault_allow)
                rotateAndSee(screen, "Keep keys in the clear")
                till.secrets.status = VaultStatus.KEYSTORE_HARDWARE
                rotateAndSeeNone(
                    screen,
                    "the vault's word",
                ) { screen.text(R.id.vault).startsWith("Keys are encrypted") }
            }
        }
    }

    private fun rotateAndSee(
        screen: Screen<*>,
        title: String,
    ) {
        val before = checkNotNull(shownDialog())
        assertEquals(title, before.title)
        screen.rotate()
        assertFalse("left over a screen that is gone", before.dialog.isShowing)
        waitUntil("the question again") { shownDialog() != null }
        assertEquals(title, shownDialog()?.title)
    }

    private fun rotateAndSeeNone(
        screen: Screen<*>,
        what: String,
        isRead: () -> Boolean,
    ) {
        screen.rotate()
        waitUntil(what, isRead)
        repeat(3) { idle() }
        assertNull("asked again", shownDialog())
    }

    /** From now on there is this payment, and it is still needed unless it has ended. */
    private fun now(payment: Payment) {
        till.payments =
            object : Payments by FixedPayments {
                override suspend fun find(requestKey: String): Payment = payment

                override suspend fun file(id: Long) = PaymentFile(payment, emptyList(), emptyList(), refundable = null)

                override suspend fun inDoubt(): List<Payment> = listOf(payment)

                override suspend fun unfinished(account: String?): List<Payment> = inDoubt()
            }
    }
}
