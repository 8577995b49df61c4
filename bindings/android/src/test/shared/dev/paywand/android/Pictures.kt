package dev.paywand.android

import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import android.view.Window
import org.robolectric.Shadows.shadowOf
import java.io.File

/**
 * Pictures of screens, as the device would show them. They lie in `target/screenshots`; where the system property
 * `paywand.screenshots` names a folder, a small copy lies there too, for the documents.
 */
object Pictures {
    fun take(
        window: Window,
        name: String,
    ) {
        val picture = copy(window)
        val pixels = IntArray(picture.width * picture.height)
        picture.getPixels(pixels, 0, picture.width, 0, 0, picture.width, picture.height)
        check(pixels.toSet().size > COLOURS) { "$name is blank" }
        write(picture, File("target/screenshots", "$name.png"), Bitmap.CompressFormat.PNG)
        val folder = System.getProperty("paywand.screenshots")?.ifEmpty { null } ?: return
        val small = Bitmap.createScaledBitmap(picture, picture.width / 2, picture.height / 2, true)
        write(small, File(folder, "$name.webp"), Bitmap.CompressFormat.WEBP_LOSSY)
    }

    private fun copy(window: Window): Bitmap {
        val looper = Looper.getMainLooper()
        shadowOf(looper).idle()
        val view = window.decorView
        val picture = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        var result = -1
        PixelCopy.request(window, picture, { result = it }, Handler(looper))
        shadowOf(looper).idle()
        check(result == PixelCopy.SUCCESS) { "the window cannot be copied: $result" }
        return picture
    }

    private fun write(
        picture: Bitmap,
        file: File,
        format: Bitmap.CompressFormat,
    ) {
        file.absoluteFile.parentFile?.mkdirs()
        file.outputStream().use { picture.compress(format, QUALITY, it) }
    }

    /** Fewer are no screen. */
    private const val COLOURS = 8
    private const val QUALITY = 82
}
