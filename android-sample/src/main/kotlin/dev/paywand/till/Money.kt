package dev.paywand.till

import dev.paywand.Amount
import dev.paywand.amountToMajor

/** As it stands on a price tag: `¥12.50`, `HK$12.50`, `EUR 12.50`. */
fun Amount.shown(): String {
    val sign = if (minor < 0) "\u2212" else ""
    return sign + symbol(currency) + amountToMajor(if (minor < 0) copy(minor = -minor) else this)
}

private fun symbol(currency: String) =
    when (currency) {
        "CNY" -> "¥"
        "HKD" -> "HK$"
        else -> "$currency\u00a0"
    }

/** The amount that the cashier keys in, as on a calculator without a point: 1, 2, 5, 0 is 12.50. */
class AmountKeys(
    minor: Long = 0,
) {
    /** Minor units. */
    var minor: Long = minor
        private set

    /** Adds digits at the end. False: it would be more than [MOST], and nothing is changed. */
    fun add(digits: String): Boolean {
        val longer = digits.fold(minor) { sum, digit -> sum * 10 + digit.digitToInt() }
        if (longer > MOST) return false
        minor = longer
        return true
    }

    /** Takes the last digit away. */
    fun erase() {
        minor /= 10
    }

    fun clear() {
        minor = 0
    }

    fun set(minor: Long) {
        this.minor = minor
    }

    companion object {
        /** 999 999.99: what a cashier may key in. The gateway's own limit is lower, and the library's to keep. */
        const val MOST = 99_999_999L
    }
}
