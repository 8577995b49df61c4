package dev.paywand.till

import android.app.Activity
import android.content.Intent
import dev.paywand.Amount
import dev.paywand.Evidence
import dev.paywand.FollowUp
import dev.paywand.GatewayKind
import dev.paywand.JournalEntry
import dev.paywand.Original
import dev.paywand.Payment
import dev.paywand.PaymentKind
import dev.paywand.PaymentState
import dev.paywand.PaywandException
import dev.paywand.Reason
import dev.paywand.RefundRequest
import dev.paywand.Refundable
import dev.paywand.Texts
import dev.paywand.Wallet
import dev.paywand.isFinal
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emptyFlow

/** A till whose payments are always the same, for pictures and measures. The words are the core's all the same. */
class FixedTill : TestTillApplication() {
    override var payments: Payments = FixedPayments

    fun setUp() {
        val address = "https://pay.example"
        settings.accounts =
            listOf(
                Account("counter", GatewayKind.TENCENT_CPAY, address, TENCENT, "T1"),
                Account("harbour", GatewayKind.BLUEOCEAN_V1, address, mapOf("appid" to "1000001")),
                Account("kiosk", GatewayKind.MAXFUN_DEVICE, address),
            )
        settings.accounts.forEach { secrets.put(settings.secretName(it.id), "key") }
        settings.cashier = "Li Na"
    }

    private companion object {
        val TENCENT =
            mapOf(
                "out_mch_id" to "sz0113960001",
                "out_sub_mch_id" to "sz0113960007",
                "out_shop_id" to "sz0113960021",
                "order_prefix" to "sz01abc",
            )
    }
}

/** The screens, each as it looks with the fixed payments. */
enum class Shot(
    val kind: Class<out Activity>,
    val arrange: (FixedTill) -> Unit = { it.setUp() },
    val intent: (FixedTill) -> Intent? = { null },
    val act: (Screen<*>) -> Unit = {},
) {
    WELCOME(KeypadActivity::class.java, arrange = { }),
    KEYPAD(
        KeypadActivity::class.java,
        act = { screen -> listOf(R.id.key_1, R.id.key_2, R.id.key_5, R.id.key_0).forEach(screen::press) },
    ),
    FOUND_AGAIN(
        KeypadActivity::class.java,
        arrange = {
            it.setUp()
            it.settings.openSale =
                SaleCall(FixedPayments.asking.requestKey, Amount(12_800, "CNY"), "counter", "", null, false)
        },
        act = { screen -> waitUntil("the sale") { screen.sees(R.id.open_sale) } },
    ),
    SANDBOX(
        KeypadActivity::class.java,
        arrange = {
            it.settings.isSandbox = true
            it.setUp()
        },
    ),
    HISTORY(HistoryActivity::class.java),
    PAYMENT(DetailActivity::class.java, intent = { DetailActivity.intent(it, FixedPayments.paid.id) }),
    PAYMENT_IN_DOUBT(DetailActivity::class.java, intent = { DetailActivity.intent(it, FixedPayments.lost.id) }),
    REFUND(RefundActivity::class.java, intent = { RefundActivity.intent(it, FixedPayments.paid.id) }),
    DESK(DeskActivity::class.java),
    SETTLE(SettleActivity::class.java, intent = { SettleActivity.intent(it, FixedPayments.lost.id) }),
    SETTINGS(
        SettingsActivity::class.java,
        act = { screen -> waitUntil("the vault's word") { screen.text(R.id.vault).isNotEmpty() } },
    ),
    ACCOUNT(AccountActivity::class.java, intent = { AccountActivity.intent(it, "counter") }),
    ;

    fun open(till: FixedTill): Screen<out Activity> {
        arrange(till)
        val screen = screen(kind, intent(till))
        act(screen)
        repeat(3) { idle() }
        return screen
    }
}

/** Every field that can be typed into, by its screen. */
val FIELDS: Map<Shot, List<Int>> =
    mapOf(
        Shot.KEYPAD to listOf(R.id.subject),
        Shot.SETTLE to listOf(R.id.who, R.id.why),
        Shot.REFUND to listOf(R.id.amount, R.id.why),
        Shot.SETTINGS to listOf(R.id.sandbox_address, R.id.cashier),
        Shot.ACCOUNT to listOf(R.id.address),
    )

/** The fixed payments, each of [sum]. */
class PaymentsOf(
    private val sum: Amount,
) : Payments by FixedPayments {
    override suspend fun page(beforeId: Long?): List<Payment> = FixedPayments.page(beforeId).map(::ofSum)

    override suspend fun total(businessDay: String): DayTotal =
        DayTotal.of(FixedPayments.page(null).filter { it.businessDay == businessDay }.map(::ofSum))

    override suspend fun find(requestKey: String): Payment? = FixedPayments.find(requestKey)?.let(::ofSum)

    override suspend fun file(id: Long): PaymentFile =
        FixedPayments.file(id).run {
            val left = refundable?.copy(left = sum)
            PaymentFile(ofSum(payment), steps, FixedPayments.page(null).filter { it.isRefund }.map(::ofSum), left)
        }

    override suspend fun inDoubt(): List<Payment> = FixedPayments.inDoubt().map(::ofSum)

    private fun ofSum(payment: Payment) =
        payment.copy(
            amount = sum,
            received = payment.received?.let { sum },
            refundOf = payment.refundOf?.copy(amount = sum),
        )
}

object FixedPayments : Payments {
    private const val NOON = 1_772_510_400_000 // 2026-03-03 12:00, China
    private const val DAY_MS = 86_400_000L
    private const val MINUTE_MS = 60_000L

    val paid = payment(41, PaymentState.PAID, 12_850, minutes = 95, subject = "Lunch for two")
    val lost =
        payment(
            40,
            PaymentState.NEEDS_ATTENTION,
            5_600,
            minutes = 80,
            gateway = "kiosk",
        ).copy(reason = Reason.CANNOT_ASK)
    val asking = payment(42, PaymentState.QUERYING, 12_800, minutes = 127)
    private val refund =
        payment(39, PaymentState.REFUNDED, 1_500, minutes = 71).copy(
            kind = PaymentKind.REFUND,
            refundOf = Original(31, "sz01abc2603020031", Amount(4_500, "CNY"), "4200001", PaymentKind.CHARGE),
        )
    private val late =
        payment(30, PaymentState.PAID, 2_350, minutes = 400, day = 1).copy(cancelTooLate = true)
    private val all =
        listOf(
            asking,
            paid,
            lost,
            refund,
            payment(38, PaymentState.FAILED, 990, minutes = 52).copy(reason = Reason.NOT_PAID),
            payment(37, PaymentState.PAID, 26_800, minutes = 31, gateway = "harbour", currency = "HKD"),
            payment(36, PaymentState.REVERSED, 3_200, minutes = 12),
            payment(31, PaymentState.PAID, 4_500, minutes = 415, day = 1),
            late,
            payment(29, PaymentState.SETTLED_PAID, 1_800, minutes = 380, day = 1, gateway = "kiosk"),
        )

    override suspend fun page(beforeId: Long?): List<Payment> = if (beforeId == null) all else emptyList()

    override suspend fun total(businessDay: String): DayTotal =
        DayTotal.of(all.filter { it.businessDay == businessDay })

    override suspend fun find(requestKey: String): Payment? = all.firstOrNull { it.requestKey == requestKey }

    override suspend fun file(id: Long): PaymentFile {
        val payment = all.first { it.id == id }
        val steps =
            listOf(
                JournalEntry(1, payment.createdAtMs, PaymentState.CHARGING, """{"input":"begin"}"""),
                JournalEntry(
                    2,
                    payment.updatedAtMs,
                    payment.state,
                    if (payment.wasPaid) {
                        """{"input":"reply","op":"query","number":2,"reply":"paid"}"""
                    } else {
                        """{"input":"no_answer","op":"charge","number":1,"why":"timeout"}"""
                    },
                ),
            )
        val left = if (payment.wasPaid) Refundable(payment.amount, partial = true, pastWindow = false) else null
        return PaymentFile(payment, steps, emptyList(), left)
    }

    override suspend fun inDoubt(): List<Payment> = listOf(asking, lost, late)

    override suspend fun unfinished(account: String?): List<Payment> =
        inDoubt().filter { account == null || it.gateway == account }

    override suspend fun refund(request: RefundRequest): Payment =
        throw PaywandException.NoSuchPayment(request.paymentId)

    override suspend fun retry(id: Long): Payment = file(id).payment

    override suspend fun cancel(id: Long): Payment = file(id).payment

    override suspend fun acknowledge(id: Long): Payment = file(id).payment

    override suspend fun settle(
        id: Long,
        paid: Boolean,
        who: String,
        why: String,
    ): Payment = file(id).payment

    override suspend fun changes(): Flow<Payment> = emptyFlow()

    private fun payment(
        id: Long,
        state: PaymentState,
        minor: Long,
        minutes: Int,
        day: Int = 0,
        gateway: String = "counter",
        currency: String = "CNY",
        subject: String = "",
    ): Payment {
        val at = NOON - day * DAY_MS + minutes * MINUTE_MS
        val isPaid = state == PaymentState.PAID
        return Payment(
            id = id,
            requestKey = "till/5f0c7a52-61c1-4c1e-9d6b-0000000000$id",
            gateway = gateway,
            kind = PaymentKind.CHARGE,
            orderNumber = "sz01abc260303$id",
            amount = Amount(minor, currency),
            refundOf = null,
            state = state,
            isFinal = state.isFinal,
            reason = null,
            gatewayCode = null,
            evidence = if (isPaid) Evidence.SIGNATURE else null,
            received = if (isPaid) Amount(minor, currency) else null,
            refundable = null,
            paidAtMs = if (isPaid) at + 2_000 else null,
            gatewayOrderNumber = if (isPaid) "42000023$id" else null,
            payUrl = null,
            contradicted = false,
            cancelTooLate = false,
            acknowledged = false,
            followUp = FollowUp.NONE,
            codeMasked = "**************2718",
            wallet = Wallet.WECHAT,
            texts = Texts(subject = subject, cashier = "Li Na"),
            metadata = emptyMap(),
            settledBy = null,
            businessDay = "2026-03-0${3 - day}",
            createdAtMs = at,
            updatedAtMs = at + 2_000,
        )
    }
}
