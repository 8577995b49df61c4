@file:JvmName("Updates")

package dev.paywand

import com.sun.jna.Native
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.consumeAsFlow
import kotlinx.coroutines.flow.onCompletion

/**
 * Every change of every payment from now on, each after it has been committed.
 *
 * The subscription begins with this call, not with the collection: what changes between the two is delivered too. The
 * flow is collected once; each further collector calls [updates] again. It ends when its collector does, which
 * takes the subscription off; it does not end when the terminal shuts down.
 *
 * Changes wait without bound for a slow collector. Two quick changes of one payment may arrive as one, the later;
 * changes of one payment never arrive in another order than they were made.
 *
 * @throws PaywandException.ShutDown the terminal is shut down.
 */
@Throws(PaywandException::class)
public fun Terminal.updates(): Flow<Payment> {
    // Payments change a few times each: all that can pile up is small, and a lost change would be worse than the memory.
    val changes = Channel<Payment>(Channel.UNLIMITED)
    val subscription = subscribe(Forwarding(changes))
    // The flow holds the subscription: if it is dropped without having been collected, the listener goes with it.
    return changes.consumeAsFlow().onCompletion { subscription.use { it.cancel() } }
}

/** Hands changes over and returns: the listeners' thread serves all listeners. */
private class Forwarding(
    private val changes: SendChannel<Payment>,
) : PaymentListener {
    private var attached: Thread? = null

    override fun onPayment(payment: Payment) {
        stayAttached()
        changes.trySend(payment)
    }

    /** Otherwise JNA makes a new JVM thread for every call. */
    private fun stayAttached() {
        if (attached !== Thread.currentThread()) {
            Native.detach(false)
            attached = Thread.currentThread()
        }
    }
}
