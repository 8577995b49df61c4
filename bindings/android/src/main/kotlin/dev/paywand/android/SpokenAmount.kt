package dev.paywand.android

import dev.paywand.Amount
import dev.paywand.Language
import java.util.Locale

/**
 * What is said of an amount that was received. Written out, since each text-to-speech reads "¥12.50" in its own way.
 */
internal object SpokenAmount {
    fun locale(language: Language): Locale =
        when (language) {
            Language.ZH -> Locale.SIMPLIFIED_CHINESE
            Language.EN -> Locale.ENGLISH
        }

    /** Null: a currency or an amount that there are no words for. */
    fun received(
        amount: Amount,
        language: Language,
    ): String? {
        if (amount.minor !in 1..MOST) return null
        val whole = amount.minor / 100
        val cents = amount.minor % 100
        return when (language) {
            Language.ZH -> chinese(whole, cents, amount.currency)
            Language.EN -> english(whole, cents, amount.currency)
        }
    }

    private fun english(
        whole: Long,
        cents: Long,
        currency: String,
    ): String? {
        val one = whole == 1L && cents == 0L
        val unit =
            when (currency) {
                "CNY" -> "yuan"
                "HKD" -> if (one) "Hong Kong dollar" else "Hong Kong dollars"
                else -> return null
            }
        val number = if (cents == 0L) "$whole" else "$whole.${"$cents".padStart(2, '0')}"
        return "Received $number $unit."
    }

    /** As a shop says it: 收款十二元五角, 收款一百零八元零五分. */
    private fun chinese(
        whole: Long,
        cents: Long,
        currency: String,
    ): String? {
        val before =
            when (currency) {
                "CNY" -> "收款"
                "HKD" -> "收款港币"
                else -> return null
            }
        val text = StringBuilder(before)
        if (whole > 0) text.append(if (whole == 2L) "两" else number(whole)).append('元')
        val tenths = (cents / 10).toInt()
        val hundredths = (cents % 10).toInt()
        if (tenths > 0) text.append(DIGITS[tenths]).append('角')
        if (hundredths > 0) {
            if (tenths == 0 && whole > 0) text.append('零')
            text.append(DIGITS[hundredths]).append('分')
        }
        return text.append('。').toString()
    }

    /** 1 to 99 999 999 in Chinese: in groups of four digits, the higher one counted in 万. */
    private fun number(value: Long): String {
        val high = (value / 10_000).toInt()
        val low = (value % 10_000).toInt()
        if (high == 0) return group(low, first = true)
        val gap = if (low in 1..999) "零" else ""
        return group(high, first = true) + "万" + if (low == 0) "" else gap + group(low, first = false)
    }

    /** 1 to 9999. Zeros between two digits are said once; those at the end are not. */
    private fun group(
        value: Int,
        first: Boolean,
    ): String {
        val text = StringBuilder()
        var zero = false
        for ((unit, name) in UNITS) {
            val digit = value / unit % 10
            when {
                digit == 0 -> zero = text.isNotEmpty()

                // 十二, not 一十二, but 一百一十二 and 一万零一十二.
                digit == 1 && unit == 10 && first && text.isEmpty() -> text.append(name)

                else -> text.append(if (zero) "零" else "").append(DIGITS[digit]).append(name)
            }
            if (digit != 0) zero = false
        }
        return text.toString()
    }

    private const val MOST = 9_999_999_999
    private const val DIGITS = "零一二三四五六七八九"
    private val UNITS = listOf(1_000 to "千", 100 to "百", 10 to "十", 1 to "")
}
