//! The words every module shares: what a payment is, where it stands, and why.

use std::{collections::BTreeMap, collections::HashMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{error::PaywandError, money::Amount, payment_code::Wallet};

/// The caller's own name for a payment: 1 to 64 characters, none of them a control character.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct RequestKey(String);

impl RequestKey {
    /// Longest key, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Checks `text`.
    pub fn new(text: &str) -> Result<Self, PaywandError> {
        if text.is_empty() {
            return Err(PaywandError::request("request_key", "it is empty"));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(PaywandError::request("request_key", "it is longer than 64 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(PaywandError::request("request_key", "it holds a control character"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who scans whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// The merchant scans the customer's payment code 付款码 (被扫).
    Charge,
    /// The customer scans a QR that the screen shows (主扫).
    Qr,
    /// A refund 退款 of a payment, asked for under a request key of its own. It ends as `Refunded` or `Failed`.
    Refund,
}

impl PaymentKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Qr => "qr",
            Self::Refund => "refund",
        }
    }
}

/// Where a payment stands. The last seven are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Accepted, its intent not yet durable; nothing was sent.
    Created,
    /// The charge, or the creation of the QR, is on its way.
    Charging,
    /// The QR can be shown: `pay_url`.
    ShowingQr,
    /// The gateway is asked what became of it.
    Querying,
    /// A cancel was asked for; it is asked what became of it before anything is reversed.
    CancelWaiting,
    /// A reverse 撤销 may be on its way.
    Reversing,
    /// A reverse or close reported success; it is asked for once more.
    Confirming,
    /// A refund 退款 is on its way: one that was asked for, or one that gives back what came in although the payment had
    /// been reversed or closed.
    Refunding,
    /// The QR order is being closed 关单.
    Closing,
    /// A person must look: `reason` says why.
    NeedsAttention,
    /// Proved paid, to us, this much. Final.
    Paid,
    /// Proved not paid. Final.
    Failed,
    /// Proved reversed: the customer has the money. Final.
    Reversed,
    /// Proved closed, unpaid. Final.
    Closed,
    /// Proved refunded. Final.
    Refunded,
    /// A person says that it was paid. Final, not proved.
    SettledPaid,
    /// A person says that it was not paid. Final, not proved.
    SettledNotPaid,
}

impl PaymentState {
    /// Every state.
    pub const ALL: [Self; 17] = [
        Self::Created,
        Self::Charging,
        Self::ShowingQr,
        Self::Querying,
        Self::CancelWaiting,
        Self::Reversing,
        Self::Confirming,
        Self::Refunding,
        Self::Closing,
        Self::NeedsAttention,
        Self::Paid,
        Self::Failed,
        Self::Reversed,
        Self::Closed,
        Self::Refunded,
        Self::SettledPaid,
        Self::SettledNotPaid,
    ];

    /// Whether the payment has ended.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Paid
                | Self::Failed
                | Self::Reversed
                | Self::Closed
                | Self::Refunded
                | Self::SettledPaid
                | Self::SettledNotPaid
        )
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Charging => "charging",
            Self::ShowingQr => "showing_qr",
            Self::Querying => "querying",
            Self::CancelWaiting => "cancel_waiting",
            Self::Reversing => "reversing",
            Self::Confirming => "confirming",
            Self::Refunding => "refunding",
            Self::Closing => "closing",
            Self::NeedsAttention => "needs_attention",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Reversed => "reversed",
            Self::Closed => "closed",
            Self::Refunded => "refunded",
            Self::SettledPaid => "settled_paid",
            Self::SettledNotPaid => "settled_not_paid",
        }
    }
}

/// Why a payment failed, or why a person must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Failed: the gateway turned the request away before any charge.
    Refused,
    /// Failed: the gateway knows the order and says that its charge failed.
    NotPaid,
    /// Failed: nothing left this device (no name, no connection, no TLS).
    NotSent,
    /// Failed: nothing left this device, since its clock stands outside the gateway's certificate.
    DeviceClock,
    /// Failed: cancelled before anything left this device.
    Cancelled,
    /// Failed: the gateway knows the refund and says that it failed. Nothing was given back.
    RefundFailed,
    /// Attention: the gateway has no query, so its answer was the only proof there could be.
    CannotAsk,
    /// Attention: undecided, and the gateway has no reverse.
    CannotReverse,
    /// Attention: undecided, and the gateway has no close.
    CannotClose,
    /// Attention: money moved, but not the amount asked for.
    AmountDiffers,
    /// Attention: the gateway says success, and its signature does not verify.
    SignatureFails,
    /// Attention: the gateway says that the order number was taken before.
    NumberTaken,
    /// Attention: money moved and some came back by other hands.
    ReturnedElsewhere,
    /// Attention: money came in that must be given back, by hand.
    RefundByHand,
    /// Attention: a refund was sent, and this gateway has no way to ask what became of it.
    RefundUnconfirmed,
    /// Attention: the wallet cannot pay the refund out (CHANGE 转入代发): the merchant must pay it by other means.
    RefundChanged,
    /// Attention: undecided for a long time; asking goes on.
    Unresolved,
    /// Attention: neither query nor reverse ever saw the order. Of a refund: the device stopped before its first send ended,
    /// and the gateway does not know it; `retry` sends it.
    NeverSeen,
    /// Attention: the gateway's account in the configuration is not the one that this payment was begun with.
    AccountChanged,
    /// Attention: the gateway is no longer configured.
    GatewayMissing,
    /// Attention: the stored state is of no known version; its text is kept.
    StoredStateUnknown,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 21] = [
        Self::Refused,
        Self::NotPaid,
        Self::NotSent,
        Self::DeviceClock,
        Self::Cancelled,
        Self::RefundFailed,
        Self::CannotAsk,
        Self::CannotReverse,
        Self::CannotClose,
        Self::AmountDiffers,
        Self::SignatureFails,
        Self::NumberTaken,
        Self::ReturnedElsewhere,
        Self::RefundByHand,
        Self::RefundUnconfirmed,
        Self::RefundChanged,
        Self::Unresolved,
        Self::NeverSeen,
        Self::AccountChanged,
        Self::GatewayMissing,
        Self::StoredStateUnknown,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotPaid => "not_paid",
            Self::NotSent => "not_sent",
            Self::DeviceClock => "device_clock",
            Self::Cancelled => "cancelled",
            Self::RefundFailed => "refund_failed",
            Self::CannotAsk => "cannot_ask",
            Self::CannotReverse => "cannot_reverse",
            Self::CannotClose => "cannot_close",
            Self::AmountDiffers => "amount_differs",
            Self::SignatureFails => "signature_fails",
            Self::NumberTaken => "number_taken",
            Self::ReturnedElsewhere => "returned_elsewhere",
            Self::RefundByHand => "refund_by_hand",
            Self::RefundUnconfirmed => "refund_unconfirmed",
            Self::RefundChanged => "refund_changed",
            Self::Unresolved => "unresolved",
            Self::NeverSeen => "never_seen",
            Self::AccountChanged => "account_changed",
            Self::GatewayMissing => "gateway_missing",
            Self::StoredStateUnknown => "stored_state_unknown",
        }
    }
}

/// What a `Paid` stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A signed answer that names our order and amount.
    Signature,
    /// An unsigned answer over verified TLS that names our order and amount.
    Order,
    /// The answer on a connection opened for this charge alone, over verified TLS; it names neither order nor amount.
    Connection,
}

/// What still goes on for a final payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Nothing.
    #[default]
    None,
    /// A failed order is asked for once more and reversed once, as the gateway's text wants it.
    Cleaning,
    /// The order is asked for some more times, in case money lands late.
    Watching,
}

/// What a till attaches to a payment. Each gateway's file says which of its fields these fill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Texts {
    /// What is sold, in a few words: free text.
    #[uniffi(default = "")]
    #[serde(default)]
    pub subject: String,
    /// More about what is sold: free text.
    #[uniffi(default = None)]
    #[serde(default)]
    pub detail: Option<String>,
    /// The cashier's id.
    #[uniffi(default = None)]
    #[serde(default)]
    pub cashier: Option<String>,
    /// The store's id.
    #[uniffi(default = None)]
    #[serde(default)]
    pub store: Option<String>,
    /// The terminal's id, where it is not the configured one.
    #[uniffi(default = None)]
    #[serde(default)]
    pub terminal: Option<String>,
    /// Text that the gateway echoes: free text.
    #[uniffi(default = None)]
    #[serde(default)]
    pub attach: Option<String>,
}

/// The payment that a refund gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Original {
    /// Its number in this store.
    pub id: i64,
    /// Its `out_trade_no`.
    pub order_number: String,
    /// What was asked for.
    pub amount: Amount,
    /// The gateway's own number for it.
    pub gateway_order_number: Option<String>,
    /// Charge or QR.
    pub kind: PaymentKind,
}

/// A payment, or a refund of one, as it stands. All times are UTC milliseconds of the device's wall clock.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Payment {
    /// Its number in this store.
    pub id: i64,
    /// The caller's name for it.
    pub request_key: String,
    /// The configured gateway's id.
    pub gateway: String,
    /// Charge, QR or refund.
    pub kind: PaymentKind,
    /// `out_trade_no`, or `out_refund_no` of a refund, made by the core. maxfun's APIs have no field for one or the other.
    pub order_number: String,
    /// What was asked for: to be paid, or to be given back.
    pub amount: Amount,
    /// Of a refund: the payment that it gives back.
    pub refund_of: Option<Original>,
    /// Where it stands.
    pub state: PaymentState,
    /// Whether `state` is final.
    pub is_final: bool,
    /// Why it failed or needs attention.
    pub reason: Option<Reason>,
    /// The gateway's own code behind `reason`.
    pub gateway_code: Option<String>,
    /// What a paid state stands on.
    pub evidence: Option<Evidence>,
    /// What really came in, where the gateway said it.
    pub received: Option<Amount>,
    /// What of it the gateway gives back, where it says so (huishouyin: less than `received` by the coupons).
    pub refundable: Option<Amount>,
    /// When it was paid or refunded, by the gateway's clock.
    pub paid_at_ms: Option<i64>,
    /// The gateway's own number for it.
    pub gateway_order_number: Option<String>,
    /// What the QR holds. To be shown in `ShowingQr` only; in any later state take it off the screen.
    pub pay_url: Option<String>,
    /// Proof came in against what had been reported as final.
    pub contradicted: bool,
    /// It was paid before the cancel took hold; listed in doubt until acknowledged.
    pub cancel_too_late: bool,
    /// A person has acknowledged that it was paid although a cancel was asked for.
    pub acknowledged: bool,
    /// What still goes on for a final payment.
    pub follow_up: FollowUp,
    /// Stars and the last four characters of the payment code.
    pub code_masked: Option<String>,
    /// The wallet that the code's form suggests.
    pub wallet: Option<Wallet>,
    /// What the till attached.
    pub texts: Texts,
    /// The caller's own data, untouched.
    pub metadata: HashMap<String, String>,
    /// Who settled it by hand, and why.
    pub settled_by: Option<Settlement>,
    /// The merchant's business day, `YYYY-MM-DD`.
    pub business_day: String,
    /// When its intent was written.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// A settlement by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Settlement {
    /// Whether the person says that it was paid.
    pub paid: bool,
    /// Who says so.
    pub who: String,
    /// Why.
    pub why: String,
}

impl Payment {
    /// Sent, and not proved either way; or paid although a cancel was asked for and nobody has acknowledged it.
    pub fn in_doubt(&self) -> bool {
        !self.is_final || (self.cancel_too_late && !self.acknowledged)
    }

    /// Whether recovery must find it at the next start.
    pub fn unfinished(&self) -> bool {
        self.in_doubt() || self.follow_up != FollowUp::None
    }

    /// The payment as one JSON object with snake_case names, as `pay` prints it.
    pub fn to_json(&self) -> serde_json::Value {
        let metadata: BTreeMap<_, _> = self.metadata.iter().collect();
        serde_json::json!({
            "id": self.id,
            "request_key": self.request_key,
            "gateway": self.gateway,
            "kind": self.kind.code(),
            "order_number": self.order_number,
            "amount_minor": self.amount.minor,
            "amount": self.amount.to_major(),
            "currency": self.amount.currency,
            "refund_of": self.refund_of.as_ref().map(|original| original.id),
            "state": self.state.code(),
            "final": self.is_final,
            "reason": self.reason.map(Reason::code),
            "gateway_code": self.gateway_code,
            "evidence": self.evidence,
            "received_minor": self.received.map(|amount| amount.minor),
            "received_currency": self.received.map(|amount| amount.currency),
            "refundable_minor": self.refundable.map(|amount| amount.minor),
            "paid_at_ms": self.paid_at_ms,
            "gateway_order_number": self.gateway_order_number,
            "pay_url": self.pay_url,
            "contradicted": self.contradicted,
            "cancel_too_late": self.cancel_too_late,
            "acknowledged": self.acknowledged,
            "follow_up": self.follow_up,
            "code_masked": self.code_masked,
            "wallet": self.wallet,
            "subject": self.texts.subject,
            "detail": self.texts.detail,
            "cashier": self.texts.cashier,
            "store": self.texts.store,
            "terminal": self.texts.terminal,
            "attach": self.texts.attach,
            "metadata": metadata,
            "settled_by": self.settled_by,
            "business_day": self.business_day,
            "created_at_ms": self.created_at_ms,
            "updated_at_ms": self.updated_at_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_key_is_one_to_64_characters_without_controls() {
        assert_eq!(RequestKey::new("till-7/0042").unwrap().as_str(), "till-7/0042");
        assert!(RequestKey::new(&"单".repeat(64)).is_ok());
        for text in ["", "a\nb", &"k".repeat(65)] {
            assert_eq!(RequestKey::new(text).unwrap_err().code(), "invalid_request", "{text:?}");
        }
    }

    #[test]
    fn codes_are_the_names_that_serde_writes() {
        for state in PaymentState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.code());
        }
    }
}
