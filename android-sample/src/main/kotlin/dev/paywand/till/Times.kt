package dev.paywand.till

import android.content.Context
import android.text.format.DateFormat
import java.text.ParsePosition
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone

/** Times as the screen's language writes them, in the device's zone. */
class Times(
    context: Context,
) {
    private val locale: Locale = context.resources.configuration.locales[0]
    private val clock = format("Hm")
    private val clockWithSeconds = format("Hms")
    private val dayAndClock = format("yMMMdHms")

    // A business day is a date without a zone: read and written in the same one.
    private val day = format("MMMdEEEE").apply { timeZone = UTC }
    private val written = SimpleDateFormat("yyyy-MM-dd", Locale.ROOT).apply { timeZone = UTC }

    /** 14:05 */
    fun clock(ms: Long): String = clock.format(Date(ms))

    /** 14:05:09 */
    fun exactClock(ms: Long): String = clockWithSeconds.format(Date(ms))

    /** Mar 3, 2026, 14:05:09 */
    fun full(ms: Long): String = dayAndClock.format(Date(ms))

    /** Tuesday, Mar 3; as it is where it is no date. */
    fun day(businessDay: String): String {
        val date = written.parse(businessDay, ParsePosition(0)) ?: return businessDay
        return day.format(date)
    }

    private fun format(skeleton: String) = SimpleDateFormat(DateFormat.getBestDateTimePattern(locale, skeleton), locale)

    private companion object {
        val UTC: TimeZone = TimeZone.getTimeZone("UTC")
    }
}
