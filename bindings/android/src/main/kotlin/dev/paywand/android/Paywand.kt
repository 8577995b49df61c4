package dev.paywand.android

import android.content.Context
import dev.paywand.PaywandException
import dev.paywand.Terminal
import dev.paywand.TerminalConfig
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.io.File

/**
 * The process's one [Terminal]: for the app's own screens, [PaymentActivity] and the recovery in the background.
 *
 * Call [setUp] in `Application.onCreate`: Android starts a process for any of the three, and each must find it.
 */
public object Paywand {
    private val mutex = Mutex()
    private var open: (() -> Terminal)? = null

    @Volatile
    private var terminal: Terminal? = null
    private var recoverIn: Context? = null
    private var following: Job? = null

    /**
     * Says how the terminal is configured. Nothing is opened yet; [configure] is called off the main thread, each time
     * that a terminal is opened.
     *
     * @param context where it is given, [Recovery] drives what is in flight to its end after a kill or a reboot.
     */
    public fun setUp(
        context: Context? = null,
        configure: () -> TerminalConfig,
    ) {
        setUpTerminal(context) { Terminal.open(configure()) }
    }

    /** As [setUp], for an app that opens the terminal in another way: with a remote signer, or from a file. */
    public fun setUpTerminal(
        context: Context? = null,
        open: () -> Terminal,
    ) {
        recoverIn = context?.applicationContext
        this.open = open
    }

    /**
     * The terminal; opened now where it is not open, which begins the recovery of what an earlier process has left.
     *
     * @throws PaywandException as [Terminal.open], and whatever [setUp]'s function throws, as [VaultException] of a
     * [SecretVault]. The next call tries again.
     * @throws IllegalStateException [setUp] was not called.
     */
    public suspend fun terminal(): Terminal =
        terminal ?: alone {
            terminal ?: opened().also {
                terminal = it
                following = recoverIn?.let { context -> Recovery.follow(context, it) }
            }
        }

    /**
     * Shuts the terminal down, in about two seconds at most. The next [terminal] opens it anew, with a configuration asked
     * for anew. Who still holds the old one is told [PaywandException.ShutDown].
     */
    public suspend fun shutdown() {
        alone {
            following?.cancel()
            following = null
            terminal?.shutdown()
            terminal = null
        }
    }

    /** Where the database belongs: a folder that no backup copies, since a copy would repeat order numbers. */
    public fun databasePath(context: Context): String = File(context.noBackupFilesDir, "paywand.db").path

    private fun opened(): Terminal = checkNotNull(open) { "Paywand.setUp is called in Application.onCreate" }.invoke()

    /**
     * One at a time, and to its end: a screen that goes away in the middle must not leave a terminal behind that nobody
     * knows of, and one that blocks the main thread must not keep the others out.
     */
    private suspend fun <T> alone(work: () -> T): T =
        withContext(Dispatchers.IO + NonCancellable) { mutex.withLock { work() } }
}
