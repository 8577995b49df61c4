package dev.paywand.android

import dev.paywand.Amount
import dev.paywand.FollowUp
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.Texts
import dev.paywand.isFinal

/** A payment of 12.50 by QR that stands at [state]. */
internal fun payment(state: PaymentState) =
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
