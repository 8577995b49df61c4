package dev.paywand.till

import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class TillTest {
    @Test
    fun `it has a name`() =
        assertEquals("Paywand Till", RuntimeEnvironment.getApplication().getString(R.string.app_name))
}
