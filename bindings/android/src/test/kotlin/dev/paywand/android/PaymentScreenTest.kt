package dev.paywand.android

import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Reason
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
        for (state in paid) assertEquals("not final", Tone.PLAIN, toneOf(payment(state).copy(isFinal = false)))
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
    }

    @Test
    fun `only what a person has settled is in doubt where the gateway says the opposite`() {
        val settled = setOf(PaymentState.SETTLED_PAID, PaymentState.SETTLED_NOT_PAID)
        for (state in PaymentState.entries.filter { it.isFinal }) {
            val tone = if (state in settled) Tone.DOUBT else toneOf(payment(state))
            assertEquals("$state", tone, toneOf(payment(state).copy(contradicted = true)))
        }
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
    fun `only where the other sale has no money this one can be tried again without a question`() {
        for (error in listOf(PaywandException.CodeInDoubt(1), PaywandException.LooksLikeRepeat(1))) {
            for (other in PaymentState.entries.map(::payment).flatMap { listOf(it, it.copy(contradicted = true)) }) {
                val repeat = open.copy(error = error, blocking = other)
                val screen = screenOf(repeat)
                val again = toneOf(other) == Tone.NOT_PAID
                assertEquals("$other", again, Choice.TRY_AGAIN in screen.choices)
                val another = error is PaywandException.LooksLikeRepeat && !again
                assertEquals("$other", another, Choice.ANOTHER_SALE == screen.tertiary)
                val charging = screen.choices.intersect(setOf(Choice.TRY_AGAIN, Choice.ANOTHER_SALE))
                if (!again) for (choice in charging) assertEquals(Question.ANOTHER_SALE, asked(choice, repeat))
                if (other.isFinal && !again) assertEquals("$other", Choice.LEAVE, screen.primary)
            }
        }
    }

    @Test
    fun `keys that cannot be read can be tried again, and hide neither a payment nor what is on its way`() {
        val refused = screenOf(Sale(PaymentWay.SCAN, keys = VaultProblem.FAILED))
        assertEquals(Stage.REFUSED to Choice.TRY_AGAIN, refused.stage to refused.primary)
        for (state in PaymentState.entries) {
            val sale = open.copy(payment = payment(state))
            assertEquals("$state", screenOf(sale), screenOf(sale.copy(keys = VaultProblem.FAILED)))
        }
    }

    @Test
    fun `a key of another sale cannot be tried again`() {
        assertFalse(Choice.TRY_AGAIN in screenOf(open.copy(error = PaywandException.KeyReused(1))).choices)
        assertTrue(Choice.TRY_AGAIN in screenOf(open.copy(error = PaywandException.ShutDown())).choices)
    }

    @Test
    fun `an amount that the gateway does not take is tried again only where another code may lead elsewhere`() {
        val errors =
            listOf(
                PaywandException.InvalidAmount("gateway hk takes at most 9.99"),
                PaywandException.CurrencyNotAccepted("hk", "CNY"),
            )
        for (error in errors) {
            val sale = open.copy(error = error)
            assertEquals(Stage.REFUSED to setOf(Choice.CANCEL), screenOf(sale).run { stage to choices })
            assertEquals(Choice.TRY_AGAIN, screenOf(sale.copy(routed = true)).primary)
            assertNull(screenOf(sale.copy(routed = true, way = PaymentWay.QR)).primary)
        }
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
}
