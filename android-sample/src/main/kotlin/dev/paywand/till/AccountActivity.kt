package dev.paywand.till

import android.content.Context
import android.content.Intent
import android.content.res.ColorStateList
import android.os.Bundle
import android.text.InputType
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.CheckBox
import android.widget.EditText
import android.widget.Spinner
import android.widget.TextView
import dev.paywand.Secret
import dev.paywand.android.Paywand
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Adds or changes an account at a gateway. Its key is typed here, and never shown again. */
class AccountActivity : TillActivity() {
    private val fields = mutableMapOf<String, EditText>()
    private val typed = mutableMapOf<String, String>()
    private val old: Account? get() = intent.getStringExtra(ID)?.let(settings::account)
    private val form: AccountForm get() = AccountForm.entries[find<Spinner>(R.id.kind).selectedItemPosition]

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val old = old
        show(R.layout.account, if (old == null) R.string.account_new else R.string.account_edit)
        val kinds = find<Spinner>(R.id.kind)
        kinds.adapter = choices(AccountForm.entries.map { getString(it.label) })
        // Payments are stored under name and gateway: neither is changed later.
        kinds.isEnabled = old == null
        find<View>(R.id.name).isEnabled = old == null
        find<View>(R.id.remove).isVisible = old != null
        old?.let { kinds.setSelection(it.form.ordinal) }
        if (savedInstanceState == null) {
            find<TextView>(R.id.name).text = old?.id
            find<TextView>(R.id.address).text = old?.address
            find<CheckBox>(R.id.use_by_default).isChecked = old == null || old.id == settings.defaultAccount
        }
        kinds.onItemSelectedListener =
            object : AdapterView.OnItemSelectedListener {
                override fun onItemSelected(
                    parent: AdapterView<*>?,
                    view: View?,
                    position: Int,
                    id: Long,
                ) = showFields()

                override fun onNothingSelected(parent: AdapterView<*>?) = Unit
            }
        restoreTyped()
        showFields()
        find<View>(R.id.save).setOnClickListener { save() }
        find<View>(R.id.check).setOnClickListener { check() }
        find<View>(R.id.remove).setOnClickListener { askToRemove() }
    }

    /** What is typed survives a rotation in memory alone: a saved state may be written to the disk. */
    @Suppress("OVERRIDE_DEPRECATION") // Its successor is in AndroidX.
    override fun onRetainNonConfigurationInstance(): Any {
        keepTyped()
        return HashMap(typed)
    }

    private fun restoreTyped() {
        (lastNonConfigurationInstance as? Map<*, *>)?.forEach { (name, text) -> typed["$name"] = "$text" }
    }

    private fun keepTyped() = fields.forEach { (name, field) -> typed[name] = field.text.toString() }

    private fun showFields() {
        keepTyped()
        val list = find<ViewGroup>(R.id.fields)
        list.removeAllViews()
        fields.clear()
        form.identifiers.forEach { addField(list, it.name, it.label, typed[it.name] ?: old?.values?.get(it.name)) }
        if (form.needsTerminal) addField(list, TERMINAL, R.string.account_terminal, typed[TERMINAL] ?: old?.terminal)
        addField(list, form.secret.name, form.secret.label, typed[form.secret.name]).apply {
            inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_PASSWORD
            if (old != null) setHint(R.string.key_kept)
        }
    }

    private fun addField(
        list: ViewGroup,
        name: String,
        label: Int,
        text: String?,
    ): EditText {
        val row = layoutInflater.inflate(R.layout.account_field, list, false)
        val value = row.findViewById<EditText>(R.id.field_value)
        value.id = View.generateViewId()
        value.setText(text)
        row.findViewById<TextView>(R.id.field_label).apply {
            setText(label)
            labelFor = value.id
        }
        fields[name] = value
        list.addView(row)
        return value
    }

    /** What is typed; null, and said, where something is missing. */
    private fun typedAccount(): Account? {
        val id = text(find(R.id.name))
        val missing =
            when {
                id.isEmpty() -> R.string.account_name
                text(find(R.id.address)).isEmpty() -> R.string.account_address
                else -> form.identifiers.firstOrNull { text(it.name).isEmpty() }?.label ?: missingKey()
            }
        val problem =
            when {
                missing != null -> getString(R.string.key_missing, getString(missing))
                old == null && settings.account(id) != null -> getString(R.string.name_taken)
                else -> null
            }
        showProblem(problem)
        if (problem != null) return null
        return Account(
            id = id,
            kind = form.kind,
            address = text(find(R.id.address)),
            values = form.identifiers.associate { it.name to text(it.name) },
            terminal = if (form.needsTerminal) text(TERMINAL) else null,
            caFile = old?.caFile,
        )
    }

    private fun missingKey(): Int? = form.secret.label.takeIf { old == null && text(form.secret.name).isEmpty() }

    private fun text(name: String) =
        fields
            .getValue(name)
            .text
            .trim()
            .toString()

    private fun text(view: TextView) = view.text.trim().toString()

    private suspend fun typedKey(account: Account): Secret? {
        val typed = text(form.secret.name)
        if (typed.isNotEmpty()) return Secret(typed)
        return withContext(Dispatchers.IO) { till.secrets.get(settings.secretName(account.id)) }
    }

    private fun save() {
        val account = typedAccount() ?: return
        val key = text(form.secret.name)
        val byDefault = find<CheckBox>(R.id.use_by_default).isChecked
        ask {
            // Where a payment is in doubt, only the account that it was begun with can tell.
            val waiting = if (old == null || old == account) 0 else payments.unfinished(account.id).size
            if (waiting > 0) return@ask showProblem(getString(R.string.still_needed, waiting))
            // A library that refuses one account opens with none: better to say so here than at the next sale.
            val result = checkForm(account, typedKey(account))
            if (result != null) return@ask showCheck(CheckResult(false, result))
            if (key.isNotEmpty()) withContext(Dispatchers.IO) { till.secrets.put(settings.secretName(account.id), key) }
            settings.accounts = settings.accounts.filter { it.id != account.id } + account
            if (byDefault) settings.defaultAccount = account.id
            Paywand.shutdown()
            finish()
        }
    }

    private fun check() {
        val account = typedAccount() ?: return
        showCheck(CheckResult(true, getString(R.string.checking)))
        ask { showCheck(checkAccount(account, typedKey(account))) }
    }

    private fun showCheck(result: CheckResult) {
        find<TextView>(R.id.check_result).apply {
            isVisible = true
            text = result.words
            setTextColor(getColor(if (result.isGood) R.color.calm else R.color.bad))
            backgroundTintList =
                ColorStateList.valueOf(getColor(if (result.isGood) R.color.calm_soft else R.color.bad_soft))
        }
    }

    override fun askAgain() = askToRemove()

    private fun askToRemove() {
        val account = old ?: return
        ask {
            val waiting = payments.unfinished(account.id).size
            if (waiting > 0) return@ask showProblem(getString(R.string.still_needed, waiting))
            question(
                getString(R.string.remove_question, account.id),
                getString(R.string.remove_words),
                R.string.remove_yes,
            ) { remove(account) }
        }
    }

    private fun remove(account: Account) {
        ask {
            settings.accounts = settings.accounts.filter { it.id != account.id }
            if (settings.defaultAccount == account.id) settings.defaultAccount = null
            withContext(Dispatchers.IO) { till.secrets.remove(settings.secretName(account.id)) }
            Paywand.shutdown()
            finish()
        }
    }

    companion object {
        private const val ID = "id"
        private const val TERMINAL = "terminal"

        fun intent(
            context: Context,
            id: String,
        ): Intent = Intent(context, AccountActivity::class.java).putExtra(ID, id)
    }
}
