package dev.paywand.till

import android.content.pm.ApplicationInfo
import android.view.ViewGroup
import android.widget.EditText
import android.widget.Spinner
import android.widget.Switch
import dev.paywand.PaymentState
import dev.paywand.Sandbox
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog
import org.xmlpull.v1.XmlPullParser

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class SettingsTest {
    private val app = RuntimeEnvironment.getApplication() as TillApplication
    private val settings: Settings get() = app.settings

    @After
    fun close() =
        await {
            dev.paywand.android.Paywand
                .shutdown()
        }

    @Test
    fun `the sandbox is a switch away, with accounts that take a payment`() =
        screen(SettingsActivity::class.java).use { screen ->
            assertFalse(screen.sees(R.id.sandbox_banner))
            screen.type(R.id.sandbox_address, Sandbox.control)
            screen.press(R.id.sandbox)
            waitUntil("six accounts") { (screen.view(R.id.accounts) as ViewGroup).childCount == 6 }
            assertTrue(screen.sees(R.id.sandbox_banner))
            assertTrue(settings.isSandbox)
            screen(KeypadActivity::class.java).use { assertTrue(it.sees(R.id.till) && it.sees(R.id.sandbox_banner)) }

            screen.press(R.id.sandbox)
            waitUntil("no account of real money") { (screen.view(R.id.accounts) as ViewGroup).childCount == 0 }
            assertFalse(settings.isSandbox)
            assertFalse(screen.sees(R.id.sandbox_banner))
            screen(KeypadActivity::class.java).use { assertTrue(it.sees(R.id.welcome)) }
        }

    @Test
    fun `where no sandbox answers, nothing is switched`() =
        screen(SettingsActivity::class.java).use { screen ->
            screen.type(R.id.sandbox_address, "http://127.0.0.1:1")
            screen.press(R.id.sandbox)
            waitUntil("the refusal") { screen.sees(R.id.problem) }
            assertTrue(screen.text(R.id.problem).startsWith("No sandbox answers at this address"))
            assertFalse(settings.isSandbox || (screen.view(R.id.sandbox) as Switch).isChecked)
        }

    @Test
    fun `an account is added, changed and removed, its key in the vault only`() {
        fillNewAccount("shop-1", appid = "1000001").use { screen ->
            screen.press(R.id.save)
            waitUntil("the end of the screen") { screen.activity.isFinishing }
        }
        val added = checkNotNull(settings.account("shop-1"))
        assertEquals(mapOf("appid" to "1000001"), added.values)
        assertEquals("shop-1", settings.defaultAccount)
        assertNotNull(app.secrets.get(settings.secretName("shop-1")))
        val stored =
            java.io
                .File(
                    app.dataDir,
                    "shared_prefs",
                ).walk()
                .filter { it.isFile }
                .map { it.readText() }
                .joinToString()
        assertTrue("shop-1" in stored && KEY !in stored)

        screen(AccountActivity::class.java, AccountActivity.intent(app, "shop-1")).use { screen ->
            assertFalse(screen.view(R.id.name).isEnabled || screen.view(R.id.kind).isEnabled)
            assertEquals("the key is never shown", "", screen.field(1).text.toString())
            screen.type(R.id.address, "https://other.example")
            screen.press(R.id.save)
            waitUntil("the end of the screen") { screen.activity.isFinishing }
        }
        assertEquals("https://other.example", settings.account("shop-1")?.address)
        assertNotNull("kept, since nothing was typed", app.secrets.get(settings.secretName("shop-1")))

        screen(AccountActivity::class.java, AccountActivity.intent(app, "shop-1")).use { screen ->
            screen.press(R.id.remove)
            screen.confirm()
            waitUntil("the end of the screen") { screen.activity.isFinishing }
        }
        assertNull(settings.account("shop-1"))
        assertNull(app.secrets.get(settings.secretName("shop-1")))
    }

    @Test
    fun `what the library does not take is not saved, and it says why`() {
        fillNewAccount("shop-1", appid = "1".repeat(33)).use { screen ->
            screen.press(R.id.save)
            waitUntil("the refusal") { screen.sees(R.id.check_result) }
            assertTrue(screen.text(R.id.check_result), "gateways[0].keys.appid" in screen.text(R.id.check_result))
        }
        fillNewAccount("shop-1", appid = "").use { screen ->
            screen.press(R.id.save)
            assertEquals("Enter Merchant number.", screen.text(R.id.problem))
        }
        assertEquals(emptyList<Account>(), settings.accounts)
    }

    @Test
    fun `what is typed survives a rotation`() {
        val screen = fillNewAccount("shop-1", appid = "1000001").rotate()
        assertEquals(listOf("1000001", KEY), listOf(screen.field(0), screen.field(1)).map { it.text.toString() })
        assertEquals("shop-1", screen.text(R.id.name))
        screen.close()
    }

    @Test
    fun `a test says what it shows and what it does not`() =
        SandboxTill().use {
            screen(AccountActivity::class.java, AccountActivity.intent(app, "tencent")).use { screen ->
                screen.press(R.id.check)
                waitUntil("the result") { screen.text(R.id.check_result) !in setOf("", "Testing…") }
                assertTrue(
                    screen.text(R.id.check_result),
                    "does not show that the gateway knows" in screen.text(R.id.check_result),
                )
                screen.type(R.id.address, "https://localhost:1")
                screen.press(R.id.check)
                waitUntil("no answer") { "does not answer" in screen.text(R.id.check_result) }
            }
        }

    @Test
    fun `an account is not removed while a payment needs it`() =
        SandboxTill().use { till ->
            till.plan(rules = arrayOf(mapOf("op" to "charge", "do" to "lost_after")))
            assertEquals(PaymentState.NEEDS_ATTENTION, till.charge(account = "maxfun").state)
            screen(AccountActivity::class.java, AccountActivity.intent(app, "maxfun")).use { screen ->
                screen.press(R.id.remove)
                waitUntil("the refusal") { screen.sees(R.id.problem) }
                assertTrue(
                    screen.text(R.id.problem),
                    screen.text(R.id.problem).startsWith("1 payments are not finished"),
                )
                assertNull(ShadowAlertDialog.getLatestAlertDialog())
            }
            assertNotNull(settings.account("maxfun"))
        }

    @Test
    fun `an account without its key is left out and named, and the others take payments`() =
        SandboxTill().use { till ->
            app.secrets.remove(settings.secretName("maxfun"))
            till.dieAndStart()
            assertEquals(PaymentState.PAID, till.charge(account = "tencent").state)
            val gateways = settings.terminalConfig(app.secrets).gateways.map { it.id }
            assertEquals(settings.accounts.map { it.id } - "maxfun", gateways)
            screen(SettingsActivity::class.java).use { screen ->
                waitUntil("its name") { screen.text(R.id.problem).startsWith("maxfun: ") }
            }
        }

    @Test
    fun `nothing of the till goes to another device`() {
        assertEquals(0, app.applicationInfo.flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
        assertEquals("@${R.xml.transfer}", manifestValue("application", "dataExtractionRules"))
        val excluded = mutableListOf<String>()
        app.resources.getXml(R.xml.transfer).use { rules ->
            var kind = ""
            while (rules.next() != XmlPullParser.END_DOCUMENT) {
                if (rules.eventType != XmlPullParser.START_TAG) continue
                if (rules.name == "exclude") {
                    val path = rules.getAttributeValue(null, "path")
                    excluded += "$kind ${rules.getAttributeValue(null, "domain")} $path"
                } else {
                    kind = rules.name
                }
            }
        }
        val whole = listOf("sharedpref", "database", "file", "root").map { "device-transfer $it ." }
        assertEquals(whole, excluded)
    }

    /** As it stands in the manifest that goes into the APK. */
    private fun manifestValue(
        element: String,
        attribute: String,
    ): String? =
        app.assets.openXmlResourceParser("AndroidManifest.xml").use { manifest ->
            do manifest.next() while (manifest.eventType != XmlPullParser.START_TAG || manifest.name != element)
            manifest.getAttributeValue("http://schemas.android.com/apk/res/android", attribute)
        }

    /** A BlueOcean account as it is typed. */
    private fun fillNewAccount(
        name: String,
        appid: String,
    ): Screen<AccountActivity> {
        val screen = screen(AccountActivity::class.java)
        (screen.view(R.id.kind) as Spinner).setSelection(AccountForm.BLUEOCEAN.ordinal)
        idle()
        screen.type(R.id.name, name)
        screen.type(R.id.address, "https://gateway.example")
        screen.field(0).setText(appid)
        screen.field(1).setText(KEY)
        return screen
    }

    private fun Screen<*>.field(index: Int): EditText =
        ((view(R.id.fields) as ViewGroup).getChildAt(index) as ViewGroup).getChildAt(1) as EditText

    private companion object {
        const val KEY = "a-signing-key-of-the-merchant"
    }
}
