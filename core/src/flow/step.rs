//! What comes into a flow, and what comes out.

use super::{Flow, Time};
use crate::gateway::{Operation, Reply};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The intent is about to be committed.
    Begin,
    /// The send of this number was answered.
    Reply {
        /// The send's number.
        number: u32,
        /// What the answer proves.
        reply: Reply,
    },
    /// No byte of the send left this device.
    NotSent {
        /// The send's number.
        number: u32,
        /// Because this device's clock stands outside the gateway's certificate.
        device_clock: bool,
    },
    /// The send may have left; no answer that can be read came.
    NoAnswer {
        /// The send's number.
        number: u32,
    },
    /// The time that the last effect named has come.
    TimeUp {
        /// The last send's number.
        number: u32,
    },
    /// The cashier wants the payment undone.
    CancelAsked,
    /// A person wants it asked for now.
    RetryAsked,
    /// The gateway called: only hastens the next query.
    Notified,
    /// A person says how it ended.
    SettledByHand {
        /// Whether it was paid.
        paid: bool,
    },
    /// What the intent was about to send was never sent, and never will be: its commit failed and the caller was told.
    Withdrawn,
    /// The process was started again; this is what the journal held.
    Recovered,
    /// As [`Input::Recovered`], but the configured account is not the one the payment was begun with.
    AccountChanged,
    /// As [`Input::Recovered`], but the gateway is no longer configured.
    GatewayMissing,
}

/// What is to be done, once `next` is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Send this; its number is [`Flow::number`].
    Send(Operation),
    /// Report [`Input::TimeUp`] at this time.
    WaitUntil(Time),
    /// Nothing: it ended, or waits for a person.
    Rest,
}

/// What an input leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The payment from now on: to be committed first.
    pub next: Flow,
    /// To be performed after.
    pub effect: Effect,
}

/// Why a person's wish is not followed. The payment is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The gateway has no reverse, or money has been seen.
    CannotCancel,
    /// It does not wait for a person.
    NotInAttention,
    /// A reverse or refund may be out: it may still arrive, and no question about it was answered since.
    ReverseInFlight,
}
