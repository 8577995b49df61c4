package dev.paywand.android

import android.app.Application
import android.security.keystore.KeyProperties
import dev.paywand.BLUEOCEAN
import dev.paywand.PaymentState
import dev.paywand.Terminal
import dev.paywand.Till
import dev.paywand.charge
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File
import javax.crypto.spec.SecretKeySpec

private const val KEY = "s3cret-Of-The-Shop"

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [24, 34])
class SecretVaultTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val file = File(app.noBackupFilesDir, "paywand-vault-paywand.json")
    private val vault = SecretVault(app)

    @Before
    fun install() = FakeKeystore.install()

    @After
    fun remove() = FakeKeystore.remove()

    @Test
    fun `what is put comes back, after a restart too, and stands nowhere in the clear`() {
        vault.put("hk/key", KEY)
        vault.put("hk/appid", "1000001")
        val later = SecretVault(app)
        assertEquals(KEY, later.read("hk/key"))
        assertEquals("1000001", later.read("hk/appid"))
        assertEquals(setOf("hk/key", "hk/appid"), later.names())
        assertEquals("***", later.get("hk/key").toString().takeLast(3))
        assertNull(later.get("hk/other"))
        for (kept in app.dataDir().walk().filter { it.isFile }) assertFalse("$kept", KEY in kept.readText())

        vault.put("hk/key", "another")
        assertEquals("another", later.read("hk/key"))
        vault.remove("hk/key")
        vault.remove("hk/key")
        assertEquals(null to setOf("hk/appid"), later.get("hk/key") to later.names())
    }

    @Test
    fun `a payment is taken with a key of the vault`(): Unit =
        runBlocking {
            Till().use { till ->
                val account = till.accounts.getJSONObject("blueocean_v1")
                for (name in listOf("appid", "key")) vault.put(name, account.getString(name))
                val keys = vault.names().associateWith { vault.get(it)!! }
                val gateway =
                    till.config.gateways
                        .single { it.id == BLUEOCEAN }
                        .copy(keys = keys)
                till.terminal.shutdown()
                Terminal.open(till.config.copy(gateways = listOf(gateway))).use { terminal ->
                    assertEquals(PaymentState.PAID, terminal.charge(charge(BLUEOCEAN)).state)
                    terminal.shutdown()
                }
            }
        }

    @Test
    fun `the status says where the key is`() {
        assertEquals(VaultStatus.KEYSTORE_HARDWARE, vault.status)
        FakeKeystore.inHardware = false
        assertEquals(VaultStatus.KEYSTORE_SOFTWARE, vault.status)
        assertEquals("a trial leaves nothing behind", emptySet<String>(), FakeKeystore.keys.keys)
        val spec = FakeKeystore.specs.first()
        assertEquals(
            256 to KeyProperties.PURPOSE_ENCRYPT + KeyProperties.PURPOSE_DECRYPT,
            spec.keySize to spec.purposes,
        )
        assertArrayEquals(arrayOf(KeyProperties.BLOCK_MODE_GCM), spec.blockModes)
        assertFalse(spec.isUserAuthenticationRequired)
        vault.put("key", KEY)
        assertEquals(VaultStatus.KEYSTORE_SOFTWARE, vault.status)
        assertEquals(1, FakeKeystore.keys.size)
    }

    @Test
    fun `without a working Keystore nothing is kept until a person allows it, and then it says so`() {
        FakeKeystore.remove()
        assertEquals(VaultStatus.UNAVAILABLE, vault.status)
        assertProblem(VaultProblem.UNAVAILABLE) { vault.put("key", KEY) }
        assertEquals(emptySet<String>(), vault.names())

        vault.allowUnprotected()
        assertEquals(VaultStatus.UNPROTECTED, vault.status)
        vault.put("key", KEY)
        assertEquals(KEY to setOf("key"), SecretVault(app).run { read("key") to names() })

        // A Keystore that works after all is used from the next put on.
        FakeKeystore.install()
        assertEquals("one is still in the clear", VaultStatus.UNPROTECTED, vault.status)
        vault.put("key", KEY)
        assertEquals(KEY to VaultStatus.KEYSTORE_HARDWARE, vault.read("key") to vault.status)
        assertFalse(KEY in file.readText())
    }

    @Test
    fun `a Keystore that gives no key is none`() {
        FakeKeystore.generates = false
        assertEquals(VaultStatus.UNAVAILABLE, vault.status)
        assertProblem(VaultProblem.UNAVAILABLE) { vault.put("key", KEY) }
        vault.allowUnprotected()
        vault.put("key", KEY)
        assertEquals(VaultStatus.UNPROTECTED, vault.status)
    }

    @Test
    fun `what was changed on the disk is not used`() {
        vault.put("key", KEY)
        change { it.put("key", it.getString("key").replaceLast()) }
        assertProblem(VaultProblem.DAMAGED) { vault.get("key") }
        change { it.put("key", it.getString("key").take(12)) }
        assertProblem(VaultProblem.DAMAGED) { vault.get("key") }
        vault.put("key", KEY)
        change { it.put("key", it.getString("key").substringBefore(':') + ":?") }
        assertProblem(VaultProblem.DAMAGED) { vault.get("key") }
        vault.put("key", KEY)
        assertEquals(KEY, vault.read("key"))
    }

    @Test
    fun `a value moved to another name, or to another vault, does not open`() {
        vault.put("one", KEY)
        change { it.put("two", it.remove("one")) }
        assertProblem(VaultProblem.DAMAGED) { vault.get("two") }

        vault.put("one", KEY)
        SecretVault(app, "other").put("one", "2")
        file.copyTo(File(app.noBackupFilesDir, "paywand-vault-other.json"), overwrite = true)
        assertProblem(VaultProblem.KEY_LOST) { SecretVault(app, "other").get("one") }
    }

    @Test
    fun `a file restored onto a device with another key asks for the secrets again`() {
        vault.put("one", KEY)
        vault.put("two", KEY)
        FakeKeystore.keys.clear()
        assertProblem(VaultProblem.KEY_LOST) { vault.get("one") }
        assertEquals("the device can keep new ones", VaultStatus.KEYSTORE_HARDWARE, vault.status)
        assertProblem(VaultProblem.KEY_LOST) { vault.get("one") }
        assertEquals(setOf("one", "two"), vault.names())

        vault.put("one", KEY)
        assertEquals(KEY, vault.read("one"))
        assertProblem(VaultProblem.KEY_LOST) { vault.get("two") }
    }

    @Test
    fun `a key that the Keystore cannot give, or that is spent, is lost until the next put`() {
        vault.put("key", KEY)
        FakeKeystore.withheld += FakeKeystore.keys.keys
        assertProblem(VaultProblem.KEY_LOST) { vault.get("key") }
        assertEquals(VaultStatus.KEYSTORE_SOFTWARE, vault.status)
        vault.put("key", KEY)
        assertEquals(KEY, vault.read("key"))

        for (alias in FakeKeystore.keys.keys) FakeKeystore.keys[alias] = spent
        assertProblem(VaultProblem.KEY_LOST) { vault.get("key") }
        vault.put("key", KEY)
        assertEquals(KEY, vault.read("key"))
    }

    @Test
    fun `a Keystore that was busy during a put has lost nothing`() {
        vault.put("one", KEY)
        vault.put("two", "2")
        FakeKeystore.withheld += FakeKeystore.keys.keys
        vault.put("three", "3")
        assertProblem(VaultProblem.KEY_LOST) { vault.get("one") }
        FakeKeystore.withheld.clear()
        assertEquals(listOf(KEY, "2", "3"), listOf("one", "two", "three").map(vault::read))

        // It may also hand out a key, and fail when that is used.
        val good = FakeKeystore.keys.toMap()
        for (alias in good.keys) FakeKeystore.keys[alias] = spent
        vault.put("four", "4")
        FakeKeystore.keys += good
        assertEquals(listOf(KEY, "2", "3", "4"), listOf("one", "two", "three", "four").map(vault::read))
        vault.put("two", "22")
        assertEquals(listOf(KEY, "22"), listOf("one", "two").map(vault::read))
    }

    @Test
    fun `a put that fails leaves no key behind`() {
        vault.put("one", KEY)
        val kept = FakeKeystore.keys.keys.toSet()
        FakeKeystore.withheld += kept
        app.noBackupFilesDir.run { deleteRecursively() && createNewFile() }
        assertProblem(VaultProblem.FAILED) { vault.put("one", "2") }
        assertEquals(kept, FakeKeystore.keys.keys)
    }

    @Test
    fun `a file that is no vault's is told, and replaced by the next put`() {
        file.writeText("{\"key\":")
        assertProblem(VaultProblem.DAMAGED) { vault.get("key") }
        assertEquals(emptySet<String>(), vault.names())
        vault.put("key", KEY)
        assertEquals(KEY, vault.read("key"))
    }

    @Test
    fun `every problem has words in both languages, and prints no secret`() {
        val english = VaultProblem.entries.map { it.text(app) }
        RuntimeEnvironment.setQualifiers("zh-rCN")
        val chinese = VaultProblem.entries.map { it.text(app) }
        assertEquals(listOf(4, 4), listOf(english.toSet().size, chinese.toSet().size))
        assertEquals("无法读取本机保存的密钥。请重试；仍然不行，请重新输入。", chinese[VaultProblem.KEY_LOST.ordinal])

        FakeKeystore.remove()
        val refused = assertThrows(VaultException::class.java) { vault.put("key", KEY) }
        assertFalse(KEY in refused.stackTraceToString())
        assertFalse(KEY in vault.toString())
    }

    @Test
    fun `a vault's name is plain`() {
        for (name in listOf("", "../x", "a b", "a".repeat(33))) {
            assertThrows(IllegalArgumentException::class.java) { SecretVault(app, name) }
        }
        assertThrows(IllegalArgumentException::class.java) { vault.put("", KEY) }
    }

    /** No key of AES: every use of it fails. */
    private val spent = SecretKeySpec(ByteArray(5), "AES")

    private fun Application.dataDir() = File(applicationInfo.dataDir)

    private fun change(step: (JSONObject) -> Unit) {
        val json = JSONObject(file.readText())
        step(json.getJSONObject("sealed"))
        file.writeText("$json")
    }

    /** One bit of the last byte but two is another: the rest stays good Base64. */
    private fun String.replaceLast(): String {
        val at = length - 4
        return replaceRange(at, at + 1, if (this[at] == 'A') "B" else "A")
    }

    private fun assertProblem(
        problem: VaultProblem,
        call: () -> Unit,
    ) = assertEquals(problem, assertThrows(VaultException::class.java) { call() }.problem)
}
