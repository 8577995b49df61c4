package dev.paywand.till

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.os.Build

/**
 * Asks whether the till may say by a notification that a payment needs a person: once, whatever the answer. Before Android 13
 * nobody has to be asked.
 */
fun Activity.askToNotify(
    settings: Settings,
    requestCode: Int,
) {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU || settings.askedToNotify) return
    settings.askedToNotify = true
    if (checkSelfPermission(Manifest.permission.POST_NOTIFICATIONS) == PackageManager.PERMISSION_GRANTED) return
    requestPermissions(arrayOf(Manifest.permission.POST_NOTIFICATIONS), requestCode)
}
