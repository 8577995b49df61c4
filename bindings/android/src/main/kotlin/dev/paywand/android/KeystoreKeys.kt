package dev.paywand.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.InvalidKeyException
import java.security.KeyStore
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.GCMParameterSpec

/**
 * AES-256-GCM keys of the Android Keystore, each under an alias of its own: [prefix], a dot and the key's name. Their bytes
 * never reach this process.
 *
 * What fails is told as a [VaultException]; a Keystore may also throw what is no checked exception.
 */
internal class KeystoreKeys(
    private val prefix: String,
) {
    /**
     * Null: there is none. KEY_LOST: there is one, and it cannot be used; for good, or as long as the Keystore is busy,
     * which says the same.
     */
    fun existing(name: String): SecretKey? =
        available {
            try {
                keystore().getKey(alias(name), null) as SecretKey?
            } catch (lost: UnrecoverableKeyException) {
                throw VaultException(VaultProblem.KEY_LOST, lost)
            }
        }

    /** A new key. [name] has named none before. */
    fun create(name: String): SecretKey =
        available {
            val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
            val spec =
                KeyGenParameterSpec
                    .Builder(alias(name), purposes)
                    .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                    .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                    .setKeySize(256)
                    .build()
            KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).apply { init(spec) }.generateKey()
        }

    /** Takes back a key that nothing is under. Where that fails, it lies there unused. */
    fun delete(name: String) {
        try {
            keystore().deleteEntry(alias(name))
        } catch (_: GeneralSecurityException) {
            return
        } catch (_: IOException) {
            return
        } catch (_: RuntimeException) {
            return
        }
    }

    /** Whether [key] is in secure hardware. Where the Keystore does not say so, it is not. */
    fun isInHardware(key: SecretKey): Boolean =
        try {
            val factory = SecretKeyFactory.getInstance(key.algorithm, PROVIDER)
            val info = factory.getKeySpec(key, KeyInfo::class.java) as KeyInfo
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                info.securityLevel != KeyProperties.SECURITY_LEVEL_SOFTWARE &&
                    info.securityLevel != KeyProperties.SECURITY_LEVEL_UNKNOWN
            } else {
                @Suppress("DEPRECATION") // Its successor needs Android 12.
                info.isInsideSecureHardware
            }
        } catch (_: GeneralSecurityException) {
            false
        } catch (_: RuntimeException) {
            false
        }

    /**
     * [plain] encrypted, bound to [context], with its nonce in front. It has been opened again: not every Keystore can.
     */
    fun seal(
        key: SecretKey,
        context: ByteArray,
        plain: ByteArray,
    ): ByteArray =
        working {
            // The Keystore chooses the nonce itself, and refuses one of ours.
            val cipher = Cipher.getInstance(TRANSFORMATION).apply { init(Cipher.ENCRYPT_MODE, key) }
            cipher.updateAAD(context)
            val sealed = byteArrayOf(cipher.iv.size.toByte()) + cipher.iv + cipher.doFinal(plain)
            val opened = unseal(key, context, sealed) ?: throw VaultException(VaultProblem.UNAVAILABLE)
            val same = opened.contentEquals(plain)
            opened.fill(0)
            if (same) sealed else throw VaultException(VaultProblem.UNAVAILABLE)
        }

    /** What was sealed. Null: not by this key, or not for [context], or it was changed since. */
    fun unseal(
        key: SecretKey,
        context: ByteArray,
        sealed: ByteArray,
    ): ByteArray? =
        working {
            val nonce = sealed.firstOrNull()?.toInt() ?: return null
            if (nonce !in 12..16 || sealed.size < 1 + nonce + TAG_BITS / 8) return null
            val cipher = Cipher.getInstance(TRANSFORMATION)
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, sealed, 1, nonce))
            cipher.updateAAD(context)
            try {
                cipher.doFinal(sealed, 1 + nonce, sealed.size - 1 - nonce)
            } catch (_: AEADBadTagException) {
                null
            }
        }

    private fun alias(name: String) = "$prefix.$name"

    private fun keystore() = KeyStore.getInstance(PROVIDER).apply { load(null) }

    /** A Keystore that has no key to give is none. */
    private inline fun <T> available(step: () -> T): T =
        try {
            step()
        } catch (failure: GeneralSecurityException) {
            throw VaultException(VaultProblem.UNAVAILABLE, failure)
        } catch (failure: IOException) {
            throw VaultException(VaultProblem.UNAVAILABLE, failure)
        } catch (failure: RuntimeException) {
            throw VaultException(VaultProblem.UNAVAILABLE, failure)
        }

    private inline fun <T> working(step: () -> T): T =
        try {
            step()
        } catch (lost: InvalidKeyException) {
            // Invalidated for good, or of an older system that this one cannot read; or the Keystore is busy.
            throw VaultException(VaultProblem.KEY_LOST, lost)
        } catch (failure: GeneralSecurityException) {
            throw VaultException(VaultProblem.FAILED, failure)
        } catch (failure: RuntimeException) {
            throw VaultException(VaultProblem.FAILED, failure)
        }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val TAG_BITS = 128
    }
}
