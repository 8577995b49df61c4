@file:JvmName("Terminals")

package dev.paywand

import kotlin.time.Duration

/**
 * As [Terminal.charge], but returns after [limit] at the latest; below a millisecond: once the intent is durable.
 *
 * The sale goes on when the wait is over or cancelled.
 */
public suspend fun Terminal.charge(
    request: ChargeRequest,
    limit: Duration,
): Payment = charge(request.copy(limitMs = limit.inWholeMilliseconds))

/**
 * As [Terminal.createQr], but returns after [limit] at the latest; below a millisecond: once the intent is durable.
 *
 * The order goes on when the wait is over or cancelled.
 */
public suspend fun Terminal.createQr(
    request: QrRequest,
    limit: Duration,
): Payment = createQr(request.copy(limitMs = limit.inWholeMilliseconds))

/**
 * As [Terminal.refund], but returns after [limit] at the latest; below a millisecond: once the intent is durable.
 *
 * The refund goes on when the wait is over or cancelled.
 */
public suspend fun Terminal.refund(
    request: RefundRequest,
    limit: Duration,
): Payment = refund(request.copy(limitMs = limit.inWholeMilliseconds))

/**
 * The payment [id] at a final state, when it needs attention, or after [limit], whichever is first.
 *
 * @throws PaywandException.NoSuchPayment the store has no payment [id].
 * @throws PaywandException.ShutDown the terminal is shut down.
 */
public suspend fun Terminal.wait(
    id: Long,
    limit: Duration,
): Payment = wait(id, limit.inWholeMilliseconds)
