package dev.paywand.android

import android.content.Intent
import android.os.Bundle
import java.io.ByteArrayOutputStream

/** The most bytes or characters that are taken from a broadcast; a payment code has 128 at most. */
internal const val MAX_SCAN = 4_096

/** What a scan head's broadcast brought. Not a data class: nothing here is to be printed. */
internal class Scanned(
    val bytes: ByteArray?,
    val text: String?,
)

/**
 * What [row] finds in [intent]; null where the head says that it has read nothing, or where nothing of the right name,
 * type and size is there. The intent may come from any app on the device, so it is not trusted in any way, and nothing
 * is thrown.
 */
internal fun scanOf(
    intent: Intent,
    row: ScanHeadVendor,
): Scanned? =
    try {
        // A head sends Android's own types only: no class of the app is to be made by a stranger's extras.
        intent.setExtrasClassLoader(ClassLoader.getSystemClassLoader().parent)
        intent.extras?.let { row.read(it) }
    } catch (_: RuntimeException) {
        null // Extras that cannot be unpacked.
    } catch (_: StackOverflowError) {
        null // Extras nested without end.
    }

private fun ScanHeadVendor.read(extras: Bundle): Scanned? {
    val state = stateExtra?.let { extras.value(it) }
    if (state != null && state != stateOk) return null
    val length = lengthExtra?.let { extras.value(it) } as? Int
    val bytes = byteExtras.firstNotNullOfOrNull { bytesOf(extras.value(it), length) }
    val text = textExtras.firstNotNullOfOrNull { extras.value(it) as? String }
    // The text does not stand in for bytes that are too many: it may be the spoilt one.
    val size = maxOf(bytes?.size ?: 0, text?.length ?: 0)
    return if ((bytes == null && text == null) || size > MAX_SCAN) null else Scanned(bytes, text)
}

/** Of any type, where the typed getters would log what they did not expect. */
@Suppress("DEPRECATION")
private fun Bundle.value(key: String): Any? = get(key)

private fun bytesOf(
    value: Any?,
    length: Int?,
): ByteArray? =
    when (value) {
        is ByteArray -> if (length != null && length in 0..value.size) value.copyOf(length) else value
        is List<*> -> joined(value)
        else -> null
    }

/** DataWedge splits what it has read into a list of arrays. No more is joined than shows that it is too much. */
private fun joined(parts: List<*>): ByteArray? {
    val all = ByteArrayOutputStream()
    for (part in parts) {
        all.write(part as? ByteArray ?: return null)
        if (all.size() > MAX_SCAN) break
    }
    return all.toByteArray().takeIf { it.isNotEmpty() }
}
