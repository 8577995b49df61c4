package dev.paywand.till

import android.content.Context
import android.text.TextPaint
import android.util.AttributeSet
import android.util.TypedValue
import android.widget.TextView

/**
 * A sum, or several, each on a line of its own. It is written smaller where it would not fit, and is never cut nor broken:
 * half a number is another number.
 */
class SumView(
    context: Context,
    attributes: AttributeSet,
) : TextView(context, attributes) {
    /** What it is written in where there is room, in pixels. */
    private val fullSize = textSize
    private val leastSize = resources.getDimension(R.dimen.text_least)

    override fun onMeasure(
        widthMeasureSpec: Int,
        heightMeasureSpec: Int,
    ) {
        val width = room(widthMeasureSpec, compoundPaddingLeft + compoundPaddingRight)
        val height = room(heightMeasureSpec, compoundPaddingTop + compoundPaddingBottom)
        val brush = TextPaint(paint).apply { textSize = fullSize }
        while (brush.textSize > leastSize && !fits(brush, width, height)) brush.textSize -= 1
        if (textSize != brush.textSize) setTextSize(TypedValue.COMPLEX_UNIT_PX, brush.textSize)
        super.onMeasure(widthMeasureSpec, heightMeasureSpec)
    }

    /** In a frame of fixed size a text view takes a new text without being measured. */
    override fun onTextChanged(
        text: CharSequence?,
        start: Int,
        lengthBefore: Int,
        lengthAfter: Int,
    ) {
        super.onTextChanged(text, start, lengthBefore, lengthAfter)
        requestLayout()
    }

    private fun fits(
        brush: TextPaint,
        width: Int,
        height: Int,
    ): Boolean {
        val lines = text.lines()
        val font = brush.fontMetricsInt
        return lines.maxOf(brush::measureText) <= width && lines.size * (font.bottom - font.top) <= height
    }

    private fun room(
        spec: Int,
        padding: Int,
    ): Int {
        if (MeasureSpec.getMode(spec) == MeasureSpec.UNSPECIFIED) return Int.MAX_VALUE
        return MeasureSpec.getSize(spec) - padding
    }
}
