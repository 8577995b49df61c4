//! What is journaled of a flow.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::{
    gateway::Operation,
    payment::{PaymentKind, Reason},
};

/// A row of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Row {
    Charging,
    Creating,
    Showing,
    Querying,
    CancelWaiting,
    Reversing,
    Confirming,
    Closing,
    /// Money is to be given back.
    Refunding,
}

/// Where the payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// At work in a row.
    At(Row),
    /// A person must look; the row's own work goes on, slower, where it can help.
    Attention {
        from: Row,
        reason: Reason,
    },
    Paid,
    Failed {
        reason: Reason,
        cleaning: bool,
    },
    Reversed,
    Closed,
    Refunded,
    SettledPaid,
    SettledNotPaid,
}

/// The one exchange that may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Open {
    pub(super) number: u32,
    pub(super) op: Operation,
    pub(super) at: Time,
}

/// What is asked next, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Due {
    pub(super) op: Operation,
    pub(super) at: Time,
}

/// What the last reverse or close answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Undo {
    #[default]
    Unknown,
    Done,
    Refused,
    NotFound,
}

/// What is journaled of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    pub(super) kind: PaymentKind,
    pub(super) place: Place,
    /// Wall time of the intent, for comparison with the gateway's pay time where a number was taken.
    pub(super) intent_at_ms: i64,
    pub(super) begun_at: Time,
    /// Sends so far; the last one's number.
    pub(super) sends: u32,
    pub(super) open: Option<Open>,
    pub(super) due: Option<Due>,
    /// Waits of a back-off so far in this row.
    pub(super) tries: u32,
    /// The same request sent again because the gateway asked for it.
    pub(super) repeats: u32,
    /// A charge or creation may have left. Never cleared.
    pub(super) pay_left: bool,
    /// A reverse or close may have left. Never cleared.
    pub(super) undo_left: bool,
    /// When the last reverse that may have left was answered or given up.
    #[serde(default)]
    pub(super) reverse_left_at: Time,
    /// A refund may have left. Never cleared.
    #[serde(default)]
    pub(super) refund_left: bool,
    /// When the last refund that may have left was answered or given up.
    #[serde(default)]
    pub(super) refund_left_at: Time,
    /// A refund's first send ended in the process that began it, so its caller knows that it began; or a person has said
    /// since that it is to be sent.
    #[serde(default)]
    pub(super) refund_told: bool,
    /// The gateway took the refund on.
    #[serde(default)]
    pub(super) refund_accepted: bool,
    /// When the last charge or creation that may have left was answered or given up.
    pub(super) left_at: Time,
    pub(super) deadline_at: Time,
    /// When the QR can no longer be paid.
    pub(super) expire_at: Time,
    pub(super) attention_at: Time,
    pub(super) cancel_asked: bool,
    pub(super) number_taken: bool,
    /// The newest readable answer was a success whose signature fails.
    pub(super) unverified: bool,
    pub(super) undo: Undo,
    /// A query was answered after the last reverse, close or refund.
    pub(super) asked_since_undo: bool,
    /// The gateway called while an exchange was out, which may be answered with what was before.
    #[serde(default)]
    pub(super) called: bool,
    /// The QR has been shown: somebody may have scanned it.
    pub(super) shown: bool,
    /// The QR must no longer be shown.
    pub(super) taken_off: bool,
    pub(super) contradicted: bool,
    /// The gateway or its account is not there: nothing is sent.
    pub(super) suspended: bool,
    /// How many of the watching queries are through; none where nothing is watched.
    pub(super) watch: Option<u32>,
    pub(super) watch_from: Time,
    /// The gateway's own code behind a failure.
    pub(super) code: Option<String>,
}

impl Memory {
    /// A payment that has not begun.
    pub(super) fn new(kind: PaymentKind, intent_at_ms: i64) -> Self {
        let row = match kind {
            PaymentKind::Charge => Row::Charging,
            PaymentKind::Qr => Row::Creating,
            PaymentKind::Refund => Row::Refunding,
        };
        Self {
            kind,
            place: Place::At(row),
            intent_at_ms,
            begun_at: Time::default(),
            sends: 0,
            open: None,
            due: None,
            tries: 0,
            repeats: 0,
            pay_left: false,
            undo_left: false,
            reverse_left_at: Time::default(),
            refund_left: false,
            refund_left_at: Time::default(),
            refund_told: false,
            refund_accepted: false,
            left_at: Time::default(),
            deadline_at: Time::default(),
            expire_at: Time::default(),
            attention_at: Time::default(),
            cancel_asked: false,
            number_taken: false,
            unverified: false,
            undo: Undo::default(),
            asked_since_undo: false,
            called: false,
            shown: false,
            taken_off: false,
            contradicted: false,
            suspended: false,
            watch: None,
            watch_from: Time::default(),
            code: None,
        }
    }
}
