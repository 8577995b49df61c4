package dev.paywand.android

import dev.paywand.Payment
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Terminal
import kotlinx.coroutines.CancellationException

// What the payment screen asks of a terminal that others may stop or close meanwhile.

/** As if it were called on the terminal, where the app has closed it too. */
internal suspend fun <T> Terminal.asked(call: suspend Terminal.() -> T): T =
    try {
        call()
    } catch (error: CancellationException) {
        throw error
    } catch (_: IllegalStateException) {
        throw PaywandException.ShutDown()
    }

/** When [payment] ends at the latest, in UTC milliseconds; null where it is not known or has no end. */
internal fun Terminal.deadlineMs(payment: Payment): Long? {
    val takes =
        when (payment.state) {
            PaymentState.SHOWING_QR -> known { qrDeadlineMs(payment.gateway) }
            PaymentState.CHARGING, PaymentState.QUERYING -> known { callLimitMs(payment.gateway) }
            else -> null
        }
    return takes?.plus(payment.createdAtMs)
}

/** Null where the gateway is configured no longer, or the terminal has stopped. */
private fun known(read: () -> Long): Long? =
    try {
        read()
    } catch (_: PaywandException) {
        null
    } catch (_: IllegalStateException) {
        null
    }
