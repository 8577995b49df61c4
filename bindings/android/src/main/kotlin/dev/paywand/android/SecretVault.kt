package dev.paywand.android

import android.content.Context
import android.util.Base64
import dev.paywand.Secret
import dev.paywand.uniffiEnsureInitialized
import java.io.File
import java.security.SecureRandom
import javax.crypto.SecretKey

/**
 * Keeps the gateways' keys on the device, encrypted by a key of the Android Keystore, in a folder that no backup
 * copies.
 *
 * Each call reads or writes a file and asks the Keystore, which may take a tenth of a second: not on the main thread.
 * Calls may come from any thread. No call prints a secret, and no [VaultException] holds one.
 *
 * @param name the vault's name, 1 to 32 of `A-Z a-z 0-9 _ -`. Another name is another vault, under another key.
 */
public class SecretVault(
    context: Context,
    private val name: String = "paywand",
) {
    private val file: VaultFile
    private val keystore: KeystoreKeys

    init {
        require(Regex("[A-Za-z0-9_-]{1,32}").matches(name)) { "a vault's name is 1 to 32 of A-Z a-z 0-9 _ -" }
        file = VaultFile(File(context.noBackupFilesDir, "paywand-vault-$name.json"))
        keystore = KeystoreKeys("dev.paywand.vault.$name")
    }

    /** How secrets are kept, tried now. [VaultStatus.UNPROTECTED] too where a single one is still kept in the clear. */
    public val status: VaultStatus
        get() = synchronized(LOCK) { status(file.read()) }

    /** The names of all that is kept, readable or not. */
    public fun names(): Set<String> = synchronized(LOCK) { file.read().run { sealed.keys + plain.keys } }

    /**
     * Keeps [secret] under [name], in place of what was there.
     *
     * Where the key in use cannot be used, a new one is made beside it: what the old one had encrypted can be read again as
     * soon as that key can be used again; where it is lost, the rest has to be put again too.
     *
     * @throws VaultException [VaultProblem.UNAVAILABLE] or [VaultProblem.FAILED] where the Keystore does not work and
     * [allowUnprotected] was not called; [VaultProblem.FAILED] where the file cannot be written.
     */
    public fun put(
        name: String,
        secret: String,
    ): Unit =
        synchronized(LOCK) {
            require(name.isNotEmpty()) { "a secret has a name" }
            val contents = file.read()
            val inUse = contents.key
            try {
                contents.sealed[name] = seal(contents, name, secret)
                contents.plain.remove(name)
            } catch (failure: VaultException) {
                if (!contents.unprotected) throw failure
                contents.sealed.remove(name)
                contents.plain[name] = secret
            }
            try {
                file.write(contents)
            } catch (failure: VaultException) {
                if (contents.key != inUse) keystore.delete(contents.key)
                throw failure
            }
        }

    /**
     * The secret of this name; null where there is none.
     *
     * @throws VaultException why it cannot be read: [VaultProblem.DAMAGED] for good, until it is [put] again;
     * [VaultProblem.KEY_LOST] most likely so, but a Keystore that is busy says it too: try again before it is entered anew.
     */
    public fun get(name: String): Secret? {
        val text = read(name) ?: return null
        uniffiEnsureInitialized()
        return Secret(text)
    }

    /** Forgets the secret of this name. */
    public fun remove(name: String): Unit =
        synchronized(LOCK) {
            val contents = file.read()
            if (contents.sealed.remove(name) != null || contents.plain.remove(name) != null) file.write(contents)
        }

    /**
     * Allows secrets to be kept in the clear, in the app's own folder, as long as the Keystore of this device does not
     * work: a choice for a person, who should hear what it means. Whoever gets at the device's storage, or has root,
     * can read them. Remembered. Where the Keystore works, it is used all the same.
     */
    public fun allowUnprotected(): Unit = synchronized(LOCK) { file.write(file.read().apply { unprotected = true }) }

    /** As [get], in the open: for [get] and its tests. */
    internal fun read(name: String): String? =
        synchronized(LOCK) {
            val contents = file.read()
            contents.plain[name]?.let { return it }
            val value = contents.sealed[name] ?: return missing(contents)
            // Not the key in use now: there may have been another since.
            val under = value.substringBefore(':')
            val key = keystore.existing(under) ?: throw VaultException(VaultProblem.KEY_LOST)
            val bytes = keystore.unseal(key, context(under, name), decode(value.substringAfter(':')))
            bytes ?: throw VaultException(VaultProblem.DAMAGED)
            bytes.decodeToString().also { bytes.fill(0) }
        }

    private fun missing(contents: VaultContents): String? {
        if (contents.damaged) throw VaultException(VaultProblem.DAMAGED)
        return null
    }

    private fun status(contents: VaultContents): VaultStatus {
        if (contents.plain.isNotEmpty()) return VaultStatus.UNPROTECTED
        return try {
            keystore.existing(contents.key)?.let(::tried) ?: triedAnew()
        } catch (failure: VaultException) {
            when {
                // The next put makes a new one; where that will be is not known.
                failure.problem == VaultProblem.KEY_LOST -> VaultStatus.KEYSTORE_SOFTWARE

                contents.unprotected -> VaultStatus.UNPROTECTED

                else -> VaultStatus.UNAVAILABLE
            }
        }
    }

    private fun tried(key: SecretKey): VaultStatus {
        keystore.seal(key, TRIAL, TRIAL)
        return if (keystore.isInHardware(key)) VaultStatus.KEYSTORE_HARDWARE else VaultStatus.KEYSTORE_SOFTWARE
    }

    /** With a key for the trial alone. */
    private fun triedAnew(): VaultStatus =
        try {
            tried(keystore.create(TRIAL_KEY))
        } finally {
            keystore.delete(TRIAL_KEY)
        }

    /** [secret] under the key that [contents] name, or under a new one that they name from now on. */
    private fun seal(
        contents: VaultContents,
        name: String,
        secret: String,
    ): String {
        try {
            keystore.existing(contents.key)?.let { return seal(it, contents.key, name, secret) }
        } catch (failure: VaultException) {
            // The key stays where it is: a Keystore that is busy says so too, and other secrets are under it.
            if (failure.problem != VaultProblem.KEY_LOST) throw failure
        }
        val fresh =
            Base64.encodeToString(
                ByteArray(9).also(SecureRandom()::nextBytes),
                Base64.NO_WRAP or Base64.URL_SAFE,
            )
        try {
            return seal(keystore.create(fresh), fresh, name, secret).also { contents.key = fresh }
        } catch (failure: VaultException) {
            keystore.delete(fresh)
            throw failure
        }
    }

    private fun seal(
        key: SecretKey,
        under: String,
        name: String,
        secret: String,
    ): String {
        val bytes = secret.encodeToByteArray()
        try {
            return "$under:" + encode(keystore.seal(key, context(under, name), bytes))
        } finally {
            bytes.fill(0)
        }
    }

    /** Sealed for one name of one vault: a value moved to another name does not open. */
    private fun context(
        key: String,
        name: String,
    ): ByteArray = "${this.name}\u0000$key\u0000$name".encodeToByteArray()

    private fun encode(bytes: ByteArray): String = Base64.encodeToString(bytes, Base64.NO_WRAP)

    /** Nothing where [text] is no Base64: that opens as nothing either. */
    private fun decode(text: String): ByteArray =
        try {
            Base64.decode(text, Base64.NO_WRAP)
        } catch (_: IllegalArgumentException) {
            ByteArray(0)
        }

    private companion object {
        /** Two vaults of one name share a file. */
        val LOCK = Any()
        val TRIAL = byteArrayOf(1)

        /** Shorter than any key's name. */
        const val TRIAL_KEY = "trial"
    }
}
