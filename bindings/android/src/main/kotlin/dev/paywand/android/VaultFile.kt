package dev.paywand.android

import android.util.AtomicFile
import org.json.JSONException
import org.json.JSONObject
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException

/** What a vault's file holds. */
internal class VaultContents(
    /** Names the Keystore's key in use: random, and never again another key's. */
    var key: String = "",
    /** Keeping in the clear is allowed where the Keystore does not work. */
    var unprotected: Boolean = false,
    /** The file was no vault's: what it held is lost. */
    val damaged: Boolean = false,
    /** By name: the key's name, a colon, what is sealed in Base64. */
    val sealed: MutableMap<String, String> = sortedMapOf(),
    /** By name: the secret itself. */
    val plain: MutableMap<String, String> = sortedMapOf(),
)

/** A vault's file. It is replaced as a whole: a power cut leaves the old one or the new one. */
internal class VaultFile(
    path: File,
) {
    private val file = AtomicFile(path)

    fun read(): VaultContents =
        try {
            val json = JSONObject(file.readFully().decodeToString())
            VaultContents(
                key = json.getString("key"),
                unprotected = json.getBoolean("unprotected"),
                sealed = json.getJSONObject("sealed").texts(),
                plain = json.getJSONObject("plain").texts(),
            )
        } catch (_: FileNotFoundException) {
            VaultContents()
        } catch (_: JSONException) {
            VaultContents(damaged = true)
        } catch (failure: IOException) {
            throw VaultException(VaultProblem.FAILED, failure)
        }

    fun write(contents: VaultContents) {
        val json =
            JSONObject()
                .put("key", contents.key)
                .put("unprotected", contents.unprotected)
                .put("sealed", JSONObject(contents.sealed.toMap()))
                .put("plain", JSONObject(contents.plain.toMap()))
        try {
            val stream = file.startWrite()
            try {
                stream.write(json.toString().encodeToByteArray())
                file.finishWrite(stream)
            } catch (failure: IOException) {
                file.failWrite(stream)
                throw failure
            }
        } catch (failure: IOException) {
            throw VaultException(VaultProblem.FAILED, failure)
        }
    }

    private fun JSONObject.texts(): MutableMap<String, String> =
        keys().asSequence().associateWithTo(sortedMapOf(), ::getString)
}
