package dev.paywand.android

import dev.paywand.BLUEOCEAN
import dev.paywand.PaymentState
import dev.paywand.ScanEvent
import dev.paywand.ScanSource
import dev.paywand.Till
import dev.paywand.charge
import dev.paywand.newCode
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertSame
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class PaywandTest {
    @Test
    fun `one terminal for the whole process, opened anew after a shutdown`(): Unit =
        runBlocking {
            Till().use { till ->
                till.terminal.shutdown()
                Paywand.setUp { till.config }
                val terminal = Paywand.terminal()
                assertSame(terminal, Paywand.terminal())
                val scanner = Scanner().apply { arm {} }
                val event = scanner.deliver(ScanSource.BROADCAST, null, newCode(BLUEOCEAN)) as ScanEvent.Accepted
                val payment = terminal.charge(charge(BLUEOCEAN).copy(code = event.code))
                assertEquals(PaymentState.PAID, payment.state)
                Paywand.shutdown()
                assertNotSame(terminal, Paywand.terminal())
                Paywand.shutdown()
            }
        }
}
