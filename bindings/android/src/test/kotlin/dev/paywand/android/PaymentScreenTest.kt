package dev.paywand.android

import dev.paywand.Amount
import dev.paywand.FollowUp
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Reason
import dev.paywand.Texts
import dev.paywand.isFinal
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

/** What is shown of every state, and what can be pressed. */
class PaymentScreenTest {
    private val open = Sale(PaymentWay.SCAN, known = true)

    @Test
    fun `only what the core calls paid is shown as paid`() {
        val paid = PaymentState.entries.filter { toneOf(payment(it)) == Tone.PAID }
        assertEquals(listOf(PaymentState.PAID, PaymentState.SETTLED_PAID), paid)
        for (state in paid) {
            assertEquals(Tone.DOUBT, toneOf(payment(state).copy(contradicted = true)))
            assertEquals("not final", Tone.PLAIN, toneOf(payment(state).copy(isFinal = false)))
        }
    }

    @Test
    fun `only what has ended without money is shown as not paid`() {
        val notPaid = PaymentState.entries.filter { toneOf(payment(it)) == Tone.NOT_PAID }
        assertEquals(
            setOf(
                PaymentState.FAILED,
                PaymentState.REVERSED,
                PaymentState.CLOSED,
                PaymentState.REFUNDED,
                PaymentState.SETTLED_NOT_PAID,
            ),
            notPaid.toSet(),
        )
        for (state in notPaid) assertEquals(Tone.DOUBT, toneOf(payment(state).copy(contradicted = true)))
    }

    @Test
    fun `a final state of which nothing is known is in doubt`() {
        for (state in PaymentState.entries.filterNot { it.isFinal }) {
            assertEquals("$state", Tone.DOUBT, toneOf(payment(state).copy(isFinal = true)))
        }
    }

    @Test
    fun `a scan counts only where the store knows of no payment`() {
        val stages =
            listOf(
                Sale(PaymentWay.SCAN),
                open,
                open.copy(begun = true),
                open.copy(error = PaywandException.NoRoute("wechat")),
                open.copy(error = PaywandException.LooksLikeRepeat(1), blocking = payment(PaymentState.QUERYING)),
            ) + PaymentState.entries.map { open.copy(payment = payment(it)) }
        assertEquals(listOf(1), stages.indices.filter { screenOf(stages[it]).stage == Stage.SCAN })
    }

    @Test
    fun `the QR is on the screen in one state alone`() {
        val shown = PaymentState.entries.filter { screenOf(open.copy(payment = payment(it))).qr != null }
        assertEquals(listOf(PaymentState.SHOWING_QR), shown)
    }

    @Test
    fun `a cancel can be asked for once, and not of what is being undone`() {
        val cancellable =
            PaymentState.entries.filter { screenOf(open.copy(payment = payment(it))).tertiary == Choice.CANCEL }
        assertEquals(
            setOf(PaymentState.CREATED, PaymentState.CHARGING, PaymentState.SHOWING_QR, PaymentState.QUERYING),
            cancellable.toSet(),
        )
        for (state in cancellable) {
            assertNull(screenOf(open.copy(payment = payment(state), cancelAsked = true)).tertiary)
        }
    }

    @Test
    fun `a cancel is asked about once money may have moved`() {
        assertNull(asked(Choice.CANCEL, open))
        assertNull(asked(Choice.CANCEL, open.copy(payment = payment(PaymentState.CREATED))))
        for (state in listOf(PaymentState.CHARGING, PaymentState.SHOWING_QR, PaymentState.QUERYING)) {
            assertEquals(Question.CANCEL, asked(Choice.CANCEL, open.copy(payment = payment(state))))
        }
    }

    @Test
    fun `the back key never leaves a sale in flight without asking`() {
        val inFlight = PaymentState.entries.filter { toneOf(payment(it)) == Tone.PLAIN }
        assertTrue(inFlight.isNotEmpty())
        val sales =
            inFlight.map { open.copy(payment = payment(it)) }.flatMap { listOf(it, it.copy(cancelAsked = true)) } +
                open.copy(begun = true)
        for (sale in sales.filterNot { it.payment?.state == PaymentState.CREATED }) {
            assertTrue("$sale", asked(screenOf(sale).back, sale) in setOf(Question.LEAVE, Question.CANCEL))
        }
    }

    @Test
    fun `what looks like a repeat is charged only as another sale, and only after a question`() {
        val repeat = open.copy(error = PaywandException.LooksLikeRepeat(1), blocking = payment(PaymentState.QUERYING))
        val screen = screenOf(repeat)
        assertEquals(Stage.REPEAT to Tone.DOUBT, screen.stage to screen.tone)
        assertEquals(Choice.ANOTHER_SALE, screen.tertiary)
        assertEquals(Question.ANOTHER_SALE, asked(Choice.ANOTHER_SALE, repeat))

        val sameCode = screenOf(repeat.copy(error = PaywandException.CodeInDoubt(1)))
        assertFalse(Choice.ANOTHER_SALE in sameCode.choices)
    }

    @Test
    fun `once the other sale has ended this one can be tried again`() {
        for (state in PaymentState.entries) {
            val error = PaywandException.CodeInDoubt(1)
            val screen = screenOf(open.copy(error = error, blocking = payment(state)))
            assertEquals("$state", state.isFinal, Choice.TRY_AGAIN in screen.choices)
        }
    }

    @Test
    fun `a key of another sale cannot be tried again`() {
        assertFalse(Choice.TRY_AGAIN in screenOf(open.copy(error = PaywandException.KeyReused(1))).choices)
        assertTrue(Choice.TRY_AGAIN in screenOf(open.copy(error = PaywandException.ShutDown())).choices)
    }

    @Test
    fun `a gateway that cannot be asked is not asked again`() {
        val attention = open.copy(payment = payment(PaymentState.NEEDS_ATTENTION))
        assertTrue(Choice.ASK_AGAIN in screenOf(attention).choices)
        val payment = payment(PaymentState.NEEDS_ATTENTION).copy(reason = Reason.CANNOT_ASK)
        assertFalse(Choice.ASK_AGAIN in screenOf(open.copy(payment = payment)).choices)
    }

    @Test
    fun `paid before the cancel took hold is paid, and is to be acknowledged`() {
        val late = payment(PaymentState.PAID).copy(cancelTooLate = true)
        val screen = screenOf(open.copy(payment = late))
        assertEquals(Tone.PAID to Choice.ACKNOWLEDGE, screen.tone to screen.secondary)
        assertNull(screenOf(open.copy(payment = late.copy(acknowledged = true))).secondary)
    }

    @Test
    fun `what takes too long is in doubt, and can be left`() {
        val late = screenOf(open.copy(payment = payment(PaymentState.QUERYING), overdue = true))
        assertEquals(Stage.WORKING to Tone.DOUBT, late.stage to late.tone)
        assertTrue(Choice.LEAVE in late.choices)
    }

    private val PaymentScreen.choices get() = setOfNotNull(primary, secondary, tertiary)

    private fun asked(
        choice: Choice,
        sale: Sale,
    ) = questionBefore(choice, sale, screenOf(sale))

    private fun payment(state: PaymentState) =
        Payment(
            id = 1,
            requestKey = "till-7/0042",
            gateway = "hk",
            kind = PaymentKind.QR,
            orderNumber = "20260101000001",
            amount = Amount(1_250, "HKD"),
            refundOf = null,
            state = state,
            isFinal = state.isFinal,
            reason = null,
            gatewayCode = null,
            evidence = null,
            received = null,
            refundable = null,
            paidAtMs = null,
            gatewayOrderNumber = null,
            payUrl = "https://pay.example/1",
            contradicted = false,
            cancelTooLate = false,
            acknowledged = false,
            followUp = FollowUp.NONE,
            codeMasked = null,
            wallet = null,
            texts = Texts("", null, null, null, null, null),
            metadata = emptyMap(),
            settledBy = null,
            businessDay = "2026-01-01",
            createdAtMs = 0,
            updatedAtMs = 0,
        )
}
