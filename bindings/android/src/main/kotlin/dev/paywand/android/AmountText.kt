package dev.paywand.android

import android.content.Context
import android.text.Layout
import android.util.AttributeSet
import android.util.TypedValue
import android.widget.TextView
import kotlin.math.ceil

/**
 * An amount on one line: as large as the layout says, or smaller where it would not fit. What is too long at the
 * smallest size goes on on a second line, and is never cut. The platform's own sizing needs Android 8.
 */
internal class AmountText(
    context: Context,
    attributes: AttributeSet,
) : TextView(context, attributes) {
    private val largest = textSize
    private val smallest = sp(SMALLEST_SP)
    private val step = sp(STEP_SP)

    override fun onMeasure(
        widthSpec: Int,
        heightSpec: Int,
    ) {
        if (MeasureSpec.getMode(widthSpec) != MeasureSpec.UNSPECIFIED) {
            fit(MeasureSpec.getSize(widthSpec) - compoundPaddingLeft - compoundPaddingRight)
        }
        super.onMeasure(widthSpec, heightSpec)
    }

    private fun fit(room: Int) {
        var size = largest
        setTextSize(TypedValue.COMPLEX_UNIT_PX, size)
        while (ceil(Layout.getDesiredWidth(text, paint)) > room && size > smallest) {
            size = maxOf(size - step, smallest)
            setTextSize(TypedValue.COMPLEX_UNIT_PX, size)
        }
    }

    private fun sp(value: Float) =
        TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, value, resources.displayMetrics)

    private companion object {
        const val SMALLEST_SP = 22f
        const val STEP_SP = 1f
    }
}
