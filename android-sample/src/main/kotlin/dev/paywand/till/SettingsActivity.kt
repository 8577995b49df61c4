package dev.paywand.till

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.Switch
import android.widget.TextView
import android.widget.Toast
import dev.paywand.FollowUp
import dev.paywand.PaywandException
import dev.paywand.android.Paywand
import dev.paywand.android.VaultException
import dev.paywand.android.VaultStatus
import dev.paywand.screenText
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.IOException

/** Accounts, the sandbox, the cashier's name, sound. */
class SettingsActivity : TillActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(R.layout.settings, R.string.tab_settings, Place.SETTINGS)
        find<View>(R.id.add_account).setOnClickListener { startActivity(Intent(this, AccountActivity::class.java)) }
        find<View>(R.id.vault_allow).setOnClickListener { askToKeepInTheClear() }
        find<View>(R.id.sandbox).setOnClickListener { switchSandbox() }
        find<View>(R.id.sandbox_connect).setOnClickListener { switchTo { connect() } }
        find<Switch>(R.id.sounds).setOnClickListener { hear { sounds = find<Switch>(R.id.sounds).isChecked } }
        find<Switch>(R.id.speech).setOnClickListener { hear { speech = find<Switch>(R.id.speech).isChecked } }
        if (savedInstanceState == null) find<TextView>(R.id.sandbox_address).text = settings.sandboxAddress
        find<TextView>(R.id.cashier).text = settings.cashier
        find<TextView>(R.id.version).text = getString(R.string.version, versionName())
    }

    override fun onStart() {
        super.onStart()
        showSettings()
        ask {
            showVault()
            askOnceMore()
        }
    }

    /** The vault decides, and not the payments: this is asked where they cannot be read, too. */
    override fun askAgain() {
        ask {
            showVault()
            if (find<View>(R.id.vault_allow).isVisible) askToKeepInTheClear()
        }
    }

    override fun onPause() {
        settings.cashier = find<TextView>(R.id.cashier).text.trim().toString()
        super.onPause()
    }

    private fun showSettings() {
        showBanner()
        find<Switch>(R.id.sandbox).isChecked = settings.isSandbox
        find<Switch>(R.id.sounds).isChecked = settings.sounds
        find<Switch>(R.id.speech).isChecked = settings.speech
        find<View>(R.id.add_account).isVisible = !settings.isSandbox
        val list = find<ViewGroup>(R.id.accounts)
        list.removeAllViews()
        settings.accounts.forEach { list.addView(row(it, list)) }
    }

    /** How safe the keys are, and which of them must be entered again. */
    private suspend fun showVault() {
        val accounts = settings.accounts
        val (status, unreadable) =
            withContext(Dispatchers.IO) {
                till.secrets.status to
                    accounts.firstNotNullOfOrNull { account ->
                        settings.problemOf(account, till.secrets)?.let { account.id to it }
                    }
            }
        find<TextView>(R.id.vault).setText(status.words)
        find<View>(R.id.vault_allow).isVisible = status == VaultStatus.UNAVAILABLE
        unreadable?.let { (id, problem) -> showProblem("$id: ${problem.text(this)}") }
    }

    private fun askToKeepInTheClear() {
        question(getString(R.string.vault_allow), getString(R.string.vault_allow_words), R.string.vault_allow_yes) {
            ask {
                withContext(Dispatchers.IO) { till.secrets.allowUnprotected() }
                showVault()
            }
        }
    }

    private fun row(
        account: Account,
        list: ViewGroup,
    ): View {
        val row = layoutInflater.inflate(R.layout.row_account, list, false)
        row.findViewById<TextView>(R.id.name).text = account.id
        row.findViewById<TextView>(R.id.kind).text = "${getString(account.form.label)} · ${account.form.currency}"
        row.findViewById<View>(R.id.is_default).isVisible = account.id == settings.defaultAccount
        row.setOnClickListener { startActivity(AccountActivity.intent(this, account.id)) }
        return row
    }

    private fun switchSandbox() {
        val wanted = find<Switch>(R.id.sandbox).isChecked
        switchTo {
            if (wanted) connect() else leaveSandbox()
        }
    }

    /** Between pretend money and real: not while a payment would be left alone by it. */
    private fun switchTo(change: suspend () -> Unit) {
        scope.launch {
            showProblem(null)
            try {
                val waiting = leftAlone()
                if (waiting > 0) showProblem(getString(R.string.still_needed, waiting)) else change()
            } catch (refused: PaywandException) {
                showProblem(refused.screenText(language).cashier)
            } catch (failure: VaultException) {
                showProblem(failure.problem.text(this@SettingsActivity))
            }
            showSettings()
        }
    }

    /**
     * How many payments of real money a switch would leave alone: what is in doubt, and what has failed and is still to be
     * reversed. What is only watched may wait: nothing is asked of its gateway but whether money has landed late, and that is
     * asked again when the till is back.
     */
    private suspend fun leftAlone(): Int {
        if (settings.isSandbox || settings.accounts.isEmpty()) return 0
        return payments.unfinished().count { !it.isFinal || it.needsNote || it.followUp == FollowUp.CLEANING }
    }

    private suspend fun connect() {
        try {
            val count = till.connectSandbox(find<TextView>(R.id.sandbox_address).text.toString())
            announce(getString(R.string.sandbox_connected, count))
        } catch (silent: IOException) {
            val why = silent.localizedMessage ?: silent.javaClass.simpleName
            showProblem(getString(R.string.sandbox_unreachable, why))
        }
    }

    private suspend fun leaveSandbox() {
        settings.isSandbox = false
        // Only now: whoever asks for a terminal meanwhile must not open the sandbox's again.
        Paywand.shutdown()
    }

    private fun hear(change: Settings.() -> Unit) {
        settings.change()
        till.hearSettings()
    }

    private fun announce(words: String) = Toast.makeText(this, words, Toast.LENGTH_SHORT).show()

    private fun versionName(): String = packageManager.getPackageInfo(packageName, 0).versionName.orEmpty()
}
