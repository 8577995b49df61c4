package dev.paywand.till

import android.content.Context
import android.widget.ArrayAdapter

/** The lines of a chooser. */
fun Context.choices(lines: List<String>): ArrayAdapter<String> = ArrayAdapter(this, R.layout.choice, lines)
