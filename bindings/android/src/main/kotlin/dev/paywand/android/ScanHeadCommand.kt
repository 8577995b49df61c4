package dev.paywand.android

import android.content.Intent
import android.os.Bundle

/**
 * A broadcast that a scan head understands.
 *
 * @property action the intent's action.
 * @property extras what it carries. A value is a String, a Boolean, an Int, a map of such (sent as a Bundle), a list of
 * Strings (an array) or a list of maps (an array of Bundles).
 * @property targetPackage the scan service's package, where the vendor names one: since Android 8 a service that
 * listens by its manifest hears only what is sent to its package.
 * @throws IllegalArgumentException a value is of another type.
 */
public class ScanHeadCommand(
    public val action: String,
    public val extras: Map<String, Any> = emptyMap(),
    public val targetPackage: String? = null,
) {
    init {
        extras.forEach { (key, value) -> require(isSendable(value)) { "$key is a ${value.javaClass.name}" } }
    }

    /** What tells it from another command. */
    internal val content: Any get() = Triple(action, extras, targetPackage)

    internal fun toIntent(): Intent = Intent(action).setPackage(targetPackage).putExtras(bundleOf(extras))

    /** With each of [words] put in for its placeholder, wherever it stands in the extras. */
    internal fun with(words: Map<String, String>): ScanHeadCommand {
        val replaced = extras.mapValues { (_, value) -> replaced(value, words) }
        return ScanHeadCommand(action, replaced, targetPackage)
    }
}

private fun isSendable(value: Any?): Boolean =
    when (value) {
        is String, is Boolean, is Int -> true
        is Map<*, *> -> value.keys.all { it is String } && value.values.all(::isSendable)
        is List<*> -> value.all { it is String } || value.all { it is Map<*, *> && isSendable(it) }
        else -> false
    }

private fun replaced(
    value: Any,
    words: Map<String, String>,
): Any =
    when (value) {
        is String -> words.entries.fold(value) { text, (placeholder, word) -> text.replace(placeholder, word) }
        is Map<*, *> -> value.mapValues { (_, inner) -> replaced(checkNotNull(inner), words) }
        is List<*> -> value.map { replaced(checkNotNull(it), words) }
        else -> value
    }

private fun bundleOf(values: Map<*, *>): Bundle =
    Bundle().apply {
        for ((key, value) in values) put(key as String, value)
    }

private fun Bundle.put(
    key: String,
    value: Any?,
) {
    when (value) {
        is String -> putString(key, value)
        is Boolean -> putBoolean(key, value)
        is Int -> putInt(key, value)
        is Map<*, *> -> putBundle(key, bundleOf(value))
        is List<*> -> putList(key, value)
    }
}

private fun Bundle.putList(
    key: String,
    values: List<*>,
) {
    if (values.all { it is String }) {
        putStringArray(key, values.filterIsInstance<String>().toTypedArray())
    } else {
        putParcelableArray(key, values.filterIsInstance<Map<*, *>>().map(::bundleOf).toTypedArray())
    }
}
