package dev.paywand.demo

/** Columns of fixed width, two blanks between them. */
class Table(
    private vararg val widths: Int,
) {
    fun line(vararg cells: String): String =
        cells.zip(widths.toList()) { cell, width -> padded(cell, width) }.joinToString("  ").trimEnd()

    fun rule(): String = widths.joinToString("  ") { "-".repeat(it) }
}

/** The columns that [text] takes on a terminal: Chinese characters take two. */
fun columns(text: String): Int = text.codePoints().map { if (isWide(it)) 2 else 1 }.sum()

/** [text] in lines of at most [width] columns, broken at blanks. */
fun wrapped(
    text: String,
    width: Int,
): List<String> =
    text.split(' ').fold(listOf("")) { lines, word ->
        val longer = "${lines.last()} $word".trim()
        if (columns(longer) <= width) lines.dropLast(1) + longer else lines + word
    }

private fun padded(
    text: String,
    width: Int,
) = text + " ".repeat((width - columns(text)).coerceAtLeast(0))

/** CJK, kana, Hangul, full-width forms. */
private fun isWide(codePoint: Int) =
    codePoint in 0x1100..0x115f || codePoint in 0x2e80..0xa4cf || codePoint in 0xac00..0xd7a3 ||
        codePoint in 0xf900..0xfaff || codePoint in 0xfe30..0xfe4f || codePoint in 0xff00..0xff60 ||
        codePoint in 0x20000..0x3fffd
