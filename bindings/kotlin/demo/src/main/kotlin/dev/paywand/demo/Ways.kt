package dev.paywand.demo

import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.Wallet

/** A way to sell at a gateway, and what can be done with the sale. */
class Way(
    val gateway: String,
    val kind: PaymentKind,
    /** The sums in which it is given back; empty: the gateway has no refund. */
    val parts: List<Long>,
    /** Whether the till can undo what is not paid. */
    val undo: Boolean,
    /** The wallet whose code is charged. */
    val wallet: Wallet = Wallet.WECHAT,
)

/** Every way at every gateway. Prices are 12.50. */
val WAYS: List<Way> =
    listOf(
        Way("maxfun", PaymentKind.CHARGE, NOTHING, undo = false),
        Way("maxfun_tp", PaymentKind.CHARGE, WHOLE, undo = false),
        Way("blueocean", PaymentKind.CHARGE, IN_PARTS, undo = true),
        Way("blueocean", PaymentKind.QR, IN_PARTS, undo = true),
        Way("bjrcb", PaymentKind.CHARGE, IN_PARTS, undo = true, Wallet.ALIPAY),
        Way("bjrcb", PaymentKind.CHARGE, IN_PARTS, undo = true),
        Way("bjrcb", PaymentKind.QR, IN_PARTS, undo = true),
        Way("tencent", PaymentKind.CHARGE, IN_PARTS, undo = true),
        Way("tencent", PaymentKind.CHARGE, IN_PARTS, undo = true, Wallet.ALIPAY),
        Way("tencent", PaymentKind.QR, IN_PARTS, undo = true),
        Way("huishouyin", PaymentKind.CHARGE, IN_PARTS, undo = true),
        Way("huishouyin", PaymentKind.QR, IN_PARTS, undo = true),
    )

private val NOTHING get() = emptyList<Long>()
private val WHOLE get() = listOf(PRICE)
private val IN_PARTS get() = listOf(500L, PRICE - 500L)

/** The sale, its refunds, and the same sale undone; each is told to [tell] as it ends. */
suspend fun Till.everyOperation(
    way: Way,
    tell: (Outcome) -> Unit,
): List<Outcome> {
    val sold = sell(Sale(way.gateway, way.kind, PaymentState.PAID, way.wallet)).also(tell)
    val refunds = way.parts.map { minor -> giveBack(sold, minor).also(tell) }
    if (!way.undo) return listOf(sold) + refunds
    val undone = if (way.kind == PaymentKind.QR) PaymentState.CLOSED else PaymentState.REVERSED
    val cancelled = sell(Sale(way.gateway, way.kind, undone, way.wallet, cancel = true, plan = NEVER)).also(tell)
    return listOf(sold) + refunds + cancelled
}

private const val NEVER = """{"customer": {"do": "never"}}"""
