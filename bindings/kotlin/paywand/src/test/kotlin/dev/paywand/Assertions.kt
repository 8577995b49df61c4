package dev.paywand

import org.junit.jupiter.api.Assertions.assertEquals

fun assertState(
    expected: PaymentState,
    payment: Payment,
) {
    assertEquals(expected, payment.state, "$payment")
    assertEquals(payment.isFinal, payment.state.isFinal, "$payment")
}
