package dev.paywand.demo

import dev.paywand.PaymentState
import dev.paywand.code

/** The state's code with its Chinese name: `paid 已支付`. */
fun PaymentState.named(): String = "$code ${chinese()}"

private fun PaymentState.chinese(): String =
    when (this) {
        PaymentState.CREATED -> "准备中"
        PaymentState.CHARGING -> "扣款中"
        PaymentState.SHOWING_QR -> "待扫码"
        PaymentState.QUERYING -> "查询中"
        PaymentState.CANCEL_WAITING -> "取消中"
        PaymentState.REVERSING -> "撤销中"
        PaymentState.CONFIRMING -> "确认中"
        PaymentState.REFUNDING -> "退款中"
        PaymentState.CLOSING -> "关单中"
        PaymentState.NEEDS_ATTENTION -> "待人工处理"
        PaymentState.PAID -> "已支付"
        PaymentState.FAILED -> "未支付"
        PaymentState.REVERSED -> "已撤销"
        PaymentState.CLOSED -> "已关单"
        PaymentState.REFUNDED -> "已退款"
        PaymentState.SETTLED_PAID -> "人工确认已付"
        PaymentState.SETTLED_NOT_PAID -> "人工确认未付"
    }
