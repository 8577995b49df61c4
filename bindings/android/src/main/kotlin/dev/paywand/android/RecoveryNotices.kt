package dev.paywand.android

import android.app.ActivityManager
import android.app.ActivityManager.RunningAppProcessInfo
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.os.Build
import dev.paywand.Language
import dev.paywand.Payment
import dev.paywand.screenText

/** Tells a person, by one notification for each payment, that it needs one. */
internal class RecoveryNotices(
    private val context: Context,
) {
    private val notifications = context.getSystemService(NotificationManager::class.java)

    /** The marks of the payments that were told and still wait for a person; and [seen]. */
    private val marks = context.getSharedPreferences("paywand_recovery", Context.MODE_PRIVATE)

    /** Payments that were unfinished when it was last looked, or ended wrongly and are still to be told. */
    var seen: Set<Long>
        get() =
            marks
                .getStringSet(SEEN, null)
                .orEmpty()
                .mapNotNull(String::toLongOrNull)
                .toSet()
        set(ids) {
            if (ids != seen) marks.edit().putStringSet(SEEN, ids.map(Long::toString).toSet()).apply()
        }

    /**
     * Shows [waiting], all that wait for a person now: what is new among them, and no longer what has gone from them. A
     * settlement that proved wrong stays to be seen: that the till has stopped asking does not put it right.
     *
     * @return whether all of them have been told now: while the app itself is in front nobody is.
     */
    fun show(waiting: List<Payment>): Boolean =
        synchronized(LOCK) {
            val told = marks.getStringSet(TOLD, null).orEmpty()
            val left = waiting.map { it.mark }.toSet()
            (told - left).mapNotNull(String::toLongOrNull).forEach { notifications.cancel(TAG, it.toInt()) }
            val new = if (mayTell()) waiting.filter { it.mark !in told } else emptyList()
            new.forEach(::tell)
            val now = (told intersect left) + new.map { it.mark }
            if (now != told) marks.edit().putStringSet(TOLD, now).apply()
            waiting.all { it.mark in now }
        }

    /** Takes back what was told of [payment], which has ended. Where its settlement proved wrong, that is still to be told. */
    fun takeBack(payment: Payment) {
        if (payment.isSettledWrongly) return
        synchronized(LOCK) {
            val told = marks.getStringSet(TOLD, null).orEmpty()
            if (payment.mark !in told) return
            notifications.cancel(TAG, payment.id.toInt())
            marks.edit().putStringSet(TOLD, told - payment.mark).apply()
        }
    }

    /** A number, and a word more where the settlement that followed the first notice proved wrong: that is news. */
    private val Payment.mark: String get() = if (isSettledWrongly) "$id wrong" else "$id"

    /** On the screen of the app itself it can be seen, and it is told later if nobody has acted. */
    private fun mayTell(): Boolean {
        val process = RunningAppProcessInfo().also(ActivityManager::getMyMemoryState)
        return notifications.areNotificationsEnabled() &&
            process.importance != RunningAppProcessInfo.IMPORTANCE_FOREGROUND
    }

    private fun tell(payment: Payment) {
        val number = payment.id.toInt()
        val words = payment.screenText(context.language()).cashier
        val notice =
            builder()
                .setSmallIcon(android.R.drawable.stat_notify_error)
                .setContentTitle(context.getString(R.string.paywand_recovery_title))
                .setContentText(words)
                .setStyle(Notification.BigTextStyle().bigText(words))
                .setCategory(Notification.CATEGORY_ERROR)
                .setWhen(payment.createdAtMs)
                .setShowWhen(true)
                .setAutoCancel(true)
        Recovery.screen(context, payment)?.let { screen ->
            val flags = PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE
            notice.setContentIntent(PendingIntent.getActivity(context, number, screen, flags))
        }
        notifications.notify(TAG, number, notice.build())
    }

    private fun builder(): Notification.Builder {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.O) {
            @Suppress("DEPRECATION") // Channels need Android 8.
            return Notification.Builder(context).setPriority(Notification.PRIORITY_HIGH)
        }
        val name = context.getString(R.string.paywand_recovery_channel)
        notifications.createNotificationChannel(
            NotificationChannel(CHANNEL, name, NotificationManager.IMPORTANCE_HIGH),
        )
        return Notification.Builder(context, CHANNEL)
    }

    private companion object {
        const val CHANNEL = "paywand_recovery"
        const val TAG = "paywand"
        const val TOLD = "told"
        const val SEEN = "seen"

        /** The job and who follows the terminal tell at the same time. */
        val LOCK = Any()
    }
}

/** The language of the core's words that fits the device's. */
internal fun Context.language(): Language =
    if (resources.configuration.locales[0].language == "zh") Language.ZH else Language.EN
