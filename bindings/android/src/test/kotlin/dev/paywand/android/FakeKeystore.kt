package dev.paywand.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import org.robolectric.util.ReflectionHelpers
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStore
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.ProviderException
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactorySpi
import javax.crypto.spec.SecretKeySpec

/** What a device's Keystore holds, and how well it works. Robolectric has none of its own. */
internal object FakeKeystore {
    val keys: MutableMap<String, SecretKey> = mutableMapOf()
    var specs: MutableList<KeyGenParameterSpec> = mutableListOf()
    var inHardware: Boolean = true
    var generates: Boolean = true

    /** Aliases whose keys are there and cannot be given. */
    val withheld: MutableSet<String> = mutableSetOf()

    fun install() {
        remove()
        Security.addProvider(AndroidKeyStoreProvider())
    }

    fun remove() {
        Security.removeProvider("AndroidKeyStore")
        keys.clear()
        specs.clear()
        inHardware = true
        generates = true
        withheld.clear()
    }
}

@Suppress("DEPRECATION") // Its successor is not in Android 7.
private class AndroidKeyStoreProvider : Provider("AndroidKeyStore", 1.0, "") {
    init {
        put("KeyStore.AndroidKeyStore", Keys::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
        put("SecretKeyFactory.AES", Factory::class.java.name)
    }
}

internal class Generator : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(
        params: AlgorithmParameterSpec,
        random: SecureRandom?,
    ) {
        spec = params as KeyGenParameterSpec
        FakeKeystore.specs += spec
    }

    override fun engineGenerateKey(): SecretKey {
        if (!FakeKeystore.generates) throw ProviderException("Keystore operation failed")
        val bytes = ByteArray(spec.keySize / 8).also(SecureRandom()::nextBytes)
        return SecretKeySpec(bytes, "AES").also { FakeKeystore.keys[spec.keystoreAlias] = it }
    }

    override fun engineInit(random: SecureRandom?) = throw UnsupportedOperationException()

    override fun engineInit(
        keysize: Int,
        random: SecureRandom?,
    ) = throw UnsupportedOperationException()
}

internal class Factory : SecretKeyFactorySpi() {
    override fun engineGetKeySpec(
        key: SecretKey,
        keySpec: Class<*>,
    ): KeySpec {
        val info = ReflectionHelpers.newInstance(KeyInfo::class.java)
        val level = if (FakeKeystore.inHardware) KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT else 0
        if (ReflectionHelpers.hasField(KeyInfo::class.java, "mSecurityLevel")) {
            ReflectionHelpers.setField(info, "mSecurityLevel", level)
        } else {
            ReflectionHelpers.setField(info, "mInsideSecureHardware", FakeKeystore.inHardware)
        }
        return info
    }

    override fun engineGenerateSecret(keySpec: KeySpec) = throw UnsupportedOperationException()

    override fun engineTranslateKey(key: SecretKey) = throw UnsupportedOperationException()
}

internal class Keys : KeyStoreSpi() {
    override fun engineGetKey(
        alias: String,
        password: CharArray?,
    ): Key? {
        val key = FakeKeystore.keys[alias]
        if (key != null &&
            alias in FakeKeystore.withheld
        ) {
            throw UnrecoverableKeyException("Failed to obtain information about key")
        }
        return key
    }

    override fun engineDeleteEntry(alias: String) {
        FakeKeystore.keys.remove(alias)
    }

    override fun engineLoad(
        stream: InputStream?,
        password: CharArray?,
    ) = Unit

    override fun engineLoad(param: KeyStore.LoadStoreParameter?) = Unit

    override fun engineAliases(): Enumeration<String> = Collections.enumeration(FakeKeystore.keys.keys)

    override fun engineContainsAlias(alias: String) = alias in FakeKeystore.keys

    override fun engineSize() = FakeKeystore.keys.size

    override fun engineIsKeyEntry(alias: String) = true

    override fun engineIsCertificateEntry(alias: String) = false

    override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

    override fun engineGetCertificate(alias: String): Certificate? = null

    override fun engineGetCreationDate(alias: String): Date? = null

    override fun engineGetCertificateAlias(cert: Certificate): String? = null

    override fun engineSetKeyEntry(
        alias: String,
        key: Key,
        password: CharArray?,
        chain: Array<Certificate>?,
    ) = throw UnsupportedOperationException()

    override fun engineSetKeyEntry(
        alias: String,
        key: ByteArray,
        chain: Array<Certificate>?,
    ) = throw UnsupportedOperationException()

    override fun engineSetCertificateEntry(
        alias: String,
        cert: Certificate,
    ) = throw UnsupportedOperationException()

    override fun engineStore(
        stream: OutputStream?,
        password: CharArray?,
    ) = throw UnsupportedOperationException()
}
