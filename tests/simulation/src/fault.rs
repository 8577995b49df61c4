//! What can go wrong, each with a name: the rows of the coverage table.

use paywand::gateway::{GatewayKind, Operation};
use paywand_sandbox::{Do, Op};

/// A fault, or a person's intervention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fault {
    // On the way to the gateway and back.
    NotSent,
    DeviceClock,
    LostBefore,
    LostAfter,
    CutAnswer,
    SlowAnswer,
    DelayedRequest,
    DoubledRequest,
    OldAnswer,
    Forged,
    // What the gateway answers.
    Http500,
    Http500After,
    Html,
    HtmlAfter,
    HalfJson,
    Empty,
    Redirect,
    BadSignature,
    NoSignature,
    OtherAmount,
    OtherOrder,
    OtherCurrency,
    UnknownCode,
    UnknownState,
    Busy,
    NotFound,
    SendAgain,
    Refused,
    FundsShort,
    PastPeriod,
    OtherRefund,
    UndoAgain,
    UndoRefused,
    CodeAsText,
    ClockHeader,
    Stranger,
    // The process ends around an exchange.
    KilledBeforeSend,
    KilledWhileOut,
    KilledBeforeCommit,
    // The process and the device.
    Killed,
    Rebooted,
    ClockForward,
    ClockBack,
    Slept,
    AccountChanged,
    GatewayMissing,
    // The store.
    CommitLost,
    CommitLanded,
    ReopenFails,
    // People.
    Cancel,
    DoubleTap,
    OtherSaleSameKey,
    CodeAgain,
    SameSaleNewKey,
    Retry,
    Settle,
    Acknowledge,
    LateMoney,
    SecondTry,
    OtherSum,
    NumberTaken,
    RefundAll,
    RefundPart,
    RefundTooMuch,
    OtherHands,
    SlowWallet,
    Callback,
    ForgedCallback,
    ForeignCallback,
    LateCallback,
}

impl Fault {
    /// Those that befall an exchange.
    pub(crate) const EXCHANGE: [Self; 36] = [
        Self::NotSent,
        Self::DeviceClock,
        Self::LostBefore,
        Self::LostAfter,
        Self::CutAnswer,
        Self::SlowAnswer,
        Self::DelayedRequest,
        Self::DoubledRequest,
        Self::OldAnswer,
        Self::Forged,
        Self::Http500,
        Self::Http500After,
        Self::Html,
        Self::HtmlAfter,
        Self::HalfJson,
        Self::Empty,
        Self::Redirect,
        Self::BadSignature,
        Self::NoSignature,
        Self::OtherAmount,
        Self::OtherOrder,
        Self::OtherCurrency,
        Self::UnknownCode,
        Self::UnknownState,
        Self::Busy,
        Self::NotFound,
        Self::SendAgain,
        Self::Refused,
        Self::FundsShort,
        Self::PastPeriod,
        Self::OtherRefund,
        Self::UndoAgain,
        Self::UndoRefused,
        Self::CodeAsText,
        Self::ClockHeader,
        Self::Stranger,
    ];

    /// The ends of the process before an exchange leaves, while it is out, and before what follows from it is committed.
    pub(crate) const CRASH: [Self; 3] = [Self::KilledBeforeSend, Self::KilledWhileOut, Self::KilledBeforeCommit];

    /// Those that do not.
    pub(crate) const OTHER: [Self; 31] = [
        Self::Killed,
        Self::Rebooted,
        Self::ClockForward,
        Self::ClockBack,
        Self::Slept,
        Self::AccountChanged,
        Self::GatewayMissing,
        Self::CommitLost,
        Self::CommitLanded,
        Self::ReopenFails,
        Self::Cancel,
        Self::DoubleTap,
        Self::OtherSaleSameKey,
        Self::CodeAgain,
        Self::SameSaleNewKey,
        Self::Retry,
        Self::Settle,
        Self::Acknowledge,
        Self::LateMoney,
        Self::SecondTry,
        Self::OtherSum,
        Self::NumberTaken,
        Self::RefundAll,
        Self::RefundPart,
        Self::RefundTooMuch,
        Self::OtherHands,
        Self::SlowWallet,
        Self::Callback,
        Self::ForgedCallback,
        Self::ForeignCallback,
        Self::LateCallback,
    ];

    /// Whether an exchange of `op` at `kind` can meet it. `fresh`: over a connection opened for it alone.
    pub(crate) fn befalls(self, kind: GatewayKind, op: Operation, fresh: bool) -> bool {
        let starts = matches!(op, Operation::Charge | Operation::CreateQr);
        let undoes = matches!(op, Operation::Reverse | Operation::Close);
        let asks = matches!(op, Operation::Query | Operation::Detail);
        let (refunds, asks_refund) = (op == Operation::Refund, op == Operation::RefundQuery);
        let signed = signs(kind);
        match self {
            // Between verified ends of TLS nobody can; plain http is allowed only where answers are signed.
            Self::Forged => signed && matches!(op, Operation::Query | Operation::RefundQuery),
            Self::BadSignature | Self::NoSignature => signed,
            Self::Stranger => !fresh,
            Self::OtherOrder => kind != GatewayKind::MaxfunDevice,
            // A gateway that books another sum on a charge it was asked for; in a query, an answer that says so.
            Self::OtherAmount => (signed && !undoes) || (starts && names_amounts(kind)),
            Self::OtherCurrency => signed && !undoes,
            Self::UnknownState | Self::NotFound => asks || asks_refund,
            Self::SendAgain => kind == GatewayKind::TencentCpay && starts,
            Self::Refused => starts || refunds,
            Self::FundsShort | Self::PastPeriod => refunds,
            Self::OtherRefund => (refunds || asks_refund) && kind != GatewayKind::MaxfunTp,
            Self::UndoAgain | Self::UndoRefused => undoes,
            _ => true,
        }
    }

    /// Whether it is of exchanges.
    pub(crate) fn strikes_exchanges(self) -> bool {
        Self::EXCHANGE.contains(&self) || Self::CRASH.contains(&self)
    }

    /// What the sandbox does for it.
    pub(crate) fn misbehaviour(self) -> Option<Do> {
        const DAY_MS: i64 = 86_400_000;
        Some(match self {
            Self::Http500 => Do::Http500,
            Self::Http500After => Do::Http500After,
            Self::Html => Do::Html,
            Self::HtmlAfter => Do::HtmlAfter,
            Self::HalfJson => Do::CutJsonClean,
            Self::Empty => Do::Empty,
            Self::Redirect => Do::Redirect,
            Self::BadSignature => Do::BadSignature,
            Self::NoSignature => Do::NoSignature,
            Self::OtherAmount => Do::OtherAmount,
            Self::OtherOrder => Do::OtherOrder,
            Self::OtherCurrency => Do::OtherCurrency,
            Self::UnknownCode => Do::UnknownCode { effect: true },
            Self::UnknownState => Do::UnknownState,
            Self::Busy => Do::Busy { effect: true },
            Self::NotFound => Do::NotFound,
            Self::SendAgain => Do::Repeat,
            Self::Refused => Do::Refused { code: None },
            Self::FundsShort => Do::FundsShort,
            Self::PastPeriod => Do::PastPeriod,
            Self::OtherRefund => Do::OtherRefund,
            Self::UndoAgain => Do::ReverseAgain,
            Self::UndoRefused => Do::ReverseRefused,
            Self::CodeAsText => Do::CodeAsText,
            Self::ClockHeader => Do::ClockHeader { offset_ms: -DAY_MS },
            // A forger pastes our number into a success that he has seen elsewhere.
            Self::Stranger | Self::Forged => Do::Stranger { reused_only: false },
            _ => return None,
        })
    }
}

/// Whether a gateway signs its answers.
pub(crate) fn signs(kind: GatewayKind) -> bool {
    matches!(kind, GatewayKind::BlueoceanV1 | GatewayKind::Bjrcb | GatewayKind::TencentCpay)
}

/// Whether answers without a signature tell an amount.
fn names_amounts(kind: GatewayKind) -> bool {
    matches!(kind, GatewayKind::Huishouyin | GatewayKind::MaxfunTp)
}

/// Whether what is asked about a refund is its order: "not found" then says nothing of the refund.
pub(crate) fn asks_for_the_order(kind: GatewayKind, op: Operation) -> bool {
    op == Operation::RefundQuery && matches!(kind, GatewayKind::Huishouyin | GatewayKind::MaxfunTp)
}

/// The sandbox's word for an operation.
pub(crate) fn sandbox_op(kind: GatewayKind, op: Operation) -> Op {
    match op {
        Operation::RefundQuery if kind == GatewayKind::Huishouyin => Op::Detail,
        Operation::RefundQuery if kind == GatewayKind::MaxfunTp => Op::Query,
        Operation::Charge => Op::Charge,
        Operation::CreateQr => Op::Create,
        Operation::Query => Op::Query,
        Operation::Detail => Op::Detail,
        Operation::Reverse => Op::Reverse,
        Operation::Close => Op::Close,
        Operation::Refund => Op::Refund,
        Operation::RefundQuery => Op::RefundQuery,
    }
}
