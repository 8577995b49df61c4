package dev.paywand.android

import android.content.Intent
import android.os.Bundle

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
        intent.setExtrasClassLoader(Bundle::class.java.classLoader)
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
    val text = textExtras.firstNotNullOfOrNull { textOf(extras.value(it)) }
    return if (bytes == null && text == null) null else Scanned(bytes, text)
}

/** Of any type, where the typed getters would log what they did not expect. */
@Suppress("DEPRECATION")
private fun Bundle.value(key: String): Any? = get(key)

private fun textOf(value: Any?): String? = (value as? String)?.takeIf { it.length <= MAX_SCAN }

private fun bytesOf(
    value: Any?,
    length: Int?,
): ByteArray? =
    when (value) {
        is ByteArray -> {
            if (length != null &&
                length in 0..value.size
            ) {
                value.copyOf(minOf(length, MAX_SCAN + 1))
            } else {
                value
            }
        }

        is List<*> -> {
            joined(value)
        }

        else -> {
            null
        }
    }?.takeIf { it.size <= MAX_SCAN }

/** DataWedge splits what it has read into a list of arrays. */
private fun joined(parts: List<*>): ByteArray? {
    val arrays = parts.take(MAX_SCAN).map { it as? ByteArray ?: return null }
    if (arrays.isEmpty() || arrays.sumOf { it.size.toLong() } > MAX_SCAN) return null
    return arrays.reduce(ByteArray::plus)
}
