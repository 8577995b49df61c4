//! A payment as a state machine. Pure: no clock, no network, no disk.
//!
//! [`Flow::step`] takes what happened and the time, and says what the payment is from now on and what is to be done
//! next. The driver commits `next`, then performs `effect`; so what the journal says was about to happen may have
//! happened. The tables that this mirrors stand in `docs/architecture.md`; a row is a [`Row`], and each has a function
//! of its own in `charge.rs`, `qr.rs` or `undo.rs`. Nothing here is final without proof.

mod charge;
mod ended;
mod person;
mod qr;
mod refund;
mod stored;
#[cfg(test)]
mod tests;
mod undo;
mod view;

use serde::{Deserialize, Serialize};

use crate::{
    gateway::{Capabilities, Operation, Receipt, Reply, Timing},
    payment::{PaymentKind, Reason},
    payment_code::Wallet,
};

pub use stored::{UnknownVersion, may_be_refunded};
pub use view::View;

/// How far the gateway's clock may be ahead of this device's, where a pay time is to tell whose a payment is.
const CLOCKS_APART_MS: i64 = 2 * 60_000;

/// Milliseconds of the boot clock, offset so that they never fall below the last journaled ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// `ms` milliseconds later.
    pub fn after(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// What the flow may plan with: the gateway's operations and timings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// It can be asked.
    pub query: bool,
    /// Its query carries no amount.
    pub detail: bool,
    /// It can reverse.
    pub reverse: bool,
    /// It can close.
    pub close: bool,
    /// Its text wants failed orders of this wallet reversed.
    pub cleans_failures: bool,
    /// It can refund.
    pub refund: bool,
    /// It can be asked for a refund.
    pub refund_query: bool,
    /// The same refund number again is the same refund, says its text.
    pub refund_repeats: bool,
    /// When to do what.
    pub timing: Timing,
}

impl Rules {
    /// The rules of a configured gateway, for a payment from `wallet`.
    pub fn new(capabilities: &Capabilities, timing: Timing, wallet: Option<Wallet>) -> Self {
        Self {
            query: capabilities.query,
            detail: capabilities.detail,
            reverse: capabilities.reverse,
            close: capabilities.close,
            cleans_failures: wallet.is_some_and(|wallet| capabilities.cleans_failures.contains(&wallet)),
            refund: capabilities.refund.is_some(),
            refund_query: capabilities.refund.is_some_and(|refund| refund.query),
            refund_repeats: capabilities.refund.is_some_and(|refund| refund.repeats),
            timing,
        }
    }

    /// The rules where the gateway is no longer configured: nothing can be asked.
    pub const NONE: Self = Self {
        query: false,
        detail: false,
        reverse: false,
        close: false,
        cleans_failures: false,
        refund: false,
        refund_query: false,
        refund_repeats: false,
        timing: Timing::COMMON,
    };

    /// From a send to the moment at which it counts as unanswered, whatever the transport says.
    pub fn exchange_limit_ms(&self) -> i64 {
        self.timing.connect_ms.saturating_add(self.timing.read_ms).saturating_add(1_000)
    }
}

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
    /// A reverse or refund may be out and has not been asked about since.
    ReverseInFlight,
}

/// The payment: what is journaled, and the rules of its gateway as configured now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    rules: Rules,
    memory: Memory,
}

/// A row of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Row {
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
enum Place {
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
struct Open {
    number: u32,
    op: Operation,
    at: Time,
}

/// What is asked next, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Due {
    op: Operation,
    at: Time,
}

/// What the last reverse or close answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Undo {
    #[default]
    Unknown,
    Done,
    Refused,
    NotFound,
}

/// What is journaled of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    kind: PaymentKind,
    place: Place,
    /// Wall time of the intent, for comparison with the gateway's pay time where a number was taken.
    intent_at_ms: i64,
    begun_at: Time,
    /// Sends so far; the last one's number.
    sends: u32,
    open: Option<Open>,
    due: Option<Due>,
    /// Waits of a back-off so far in this row.
    tries: u32,
    /// The same request sent again because the gateway asked for it.
    repeats: u32,
    /// A charge or creation may have left. Never cleared.
    pay_left: bool,
    /// A reverse or close may have left. Never cleared.
    undo_left: bool,
    /// A refund may have left. Never cleared.
    #[serde(default)]
    refund_left: bool,
    /// When the last refund that may have left was answered or given up.
    #[serde(default)]
    refund_left_at: Time,
    /// The gateway took the refund on.
    #[serde(default)]
    refund_accepted: bool,
    /// When the last charge or creation that may have left was answered or given up.
    left_at: Time,
    deadline_at: Time,
    /// When the QR can no longer be paid.
    expire_at: Time,
    attention_at: Time,
    cancel_asked: bool,
    number_taken: bool,
    /// The newest readable answer was a success whose signature fails.
    unverified: bool,
    undo: Undo,
    /// A query was answered after the last reverse, close or refund.
    asked_since_undo: bool,
    /// The QR has been shown: somebody may have scanned it.
    shown: bool,
    /// The QR must no longer be shown.
    taken_off: bool,
    contradicted: bool,
    /// The gateway or its account is not there: nothing is sent.
    suspended: bool,
    /// How many of the watching queries are through; none where nothing is watched.
    watch: Option<u32>,
    watch_from: Time,
    /// The gateway's own code behind a failure.
    code: Option<String>,
}

/// How a send ended.
enum Outcome {
    Reply(Reply),
    NotSent { device_clock: bool },
    NoAnswer,
}

impl Flow {
    /// A payment that has not begun.
    pub fn new(kind: PaymentKind, rules: Rules, intent_at_ms: i64) -> Self {
        let row = match kind {
            PaymentKind::Charge => Row::Charging,
            PaymentKind::Qr => Row::Creating,
            PaymentKind::Refund => Row::Refunding,
        };
        let memory = Memory {
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
            refund_left: false,
            refund_left_at: Time::default(),
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
            shown: false,
            taken_off: false,
            contradicted: false,
            suspended: false,
            watch: None,
            watch_from: Time::default(),
            code: None,
        };
        Self { rules, memory }
    }

    /// The number of the last send.
    pub fn number(&self) -> u32 {
        self.memory.sends
    }

    /// Whether the send of this number is under way.
    pub fn awaits(&self, number: u32) -> bool {
        self.memory.open.is_some_and(|open| open.number == number)
    }

    /// What is under way, if anything is.
    pub fn open_operation(&self) -> Option<Operation> {
        self.memory.open.map(|open| open.op)
    }

    /// What `input` leads to.
    pub fn step(&self, input: Input, now: Time) -> Result<Step, Refusal> {
        let mut next = self.clone();
        match input {
            Input::Begin => next.begin(now),
            Input::Reply { number, reply } => next.exchange_ended(number, Outcome::Reply(reply), now),
            Input::NotSent { number, device_clock } => {
                next.exchange_ended(number, Outcome::NotSent { device_clock }, now);
            }
            Input::NoAnswer { number } => next.exchange_ended(number, Outcome::NoAnswer, now),
            Input::TimeUp { number } => next.time_up(number, now),
            Input::CancelAsked => next.cancel(now)?,
            Input::RetryAsked => next.hasten(now),
            Input::Notified => next.notified(now),
            Input::SettledByHand { paid } => next.settle(paid, now)?,
            Input::Withdrawn => next.withdraw(),
            Input::Recovered => next.recover(now),
            Input::AccountChanged => next.suspend(Reason::AccountChanged, now),
            Input::GatewayMissing => next.suspend(Reason::GatewayMissing, now),
        }
        let effect = next.proceed(now);
        Ok(Step { next, effect })
    }

    fn begin(&mut self, now: Time) {
        let begun = self.memory.sends > 0 || self.memory.due.is_some();
        let place = self.memory.place;
        if begun || !matches!(place, Place::At(Row::Charging | Row::Creating | Row::Refunding)) {
            return;
        }
        self.memory.begun_at = now;
        match self.memory.kind {
            PaymentKind::Charge => self.schedule(Operation::Charge, now),
            PaymentKind::Qr => self.schedule(Operation::CreateQr, now),
            PaymentKind::Refund => {
                self.memory.attention_at = now.after(self.rules.timing.attention_after_ms);
                self.begin_refund(now);
            }
        }
    }

    fn withdraw(&mut self) {
        let nothing_left = !self.memory.pay_left && !self.memory.refund_left;
        let first = match self.memory.place {
            Place::At(Row::Charging | Row::Creating) => true,
            Place::At(Row::Refunding) => self.is_refund(),
            _ => false,
        };
        if first && nothing_left {
            self.memory.open = None;
            self.fail(Reason::NotSent, None);
        }
    }

    /// Sends what is due, or says when it will be.
    fn proceed(&mut self, now: Time) -> Effect {
        if self.row() == Some(Row::Showing) && now >= self.memory.deadline_at {
            self.memory.taken_off = true;
        }
        if self.memory.suspended {
            self.memory.due = None;
            return Effect::Rest;
        }
        if let Some(open) = self.memory.open {
            return Effect::WaitUntil(open.at.after(self.rules.exchange_limit_ms()));
        }
        let Some(due) = self.memory.due else { return Effect::Rest };
        if now < due.at {
            return Effect::WaitUntil(due.at);
        }
        self.memory.due = None;
        self.memory.sends = self.memory.sends.saturating_add(1);
        self.memory.open = Some(Open { number: self.memory.sends, op: due.op, at: now });
        if matches!(due.op, Operation::Reverse | Operation::Close | Operation::Refund) {
            self.memory.asked_since_undo = false;
        }
        Effect::Send(due.op)
    }

    fn time_up(&mut self, number: u32, now: Time) {
        let Some(open) = self.memory.open else { return };
        if open.number == number && now >= open.at.after(self.rules.exchange_limit_ms()) {
            self.exchange_ended(number, Outcome::NoAnswer, now);
        }
    }

    /// An answer to an older send only hastens the next query.
    fn exchange_ended(&mut self, number: u32, outcome: Outcome, now: Time) {
        let Some(open) = self.memory.open.take_if(|open| open.number == number) else { return self.hasten(now) };
        let asked_already = self.memory.asked_since_undo;
        self.note(open, &outcome, now);
        match self.memory.place {
            Place::At(Row::Reversing) | Place::Attention { from: Row::Reversing, .. } => {
                self.reversing(open, outcome, asked_already, now);
            }
            Place::At(Row::Refunding) | Place::Attention { from: Row::Refunding, .. } => {
                self.refunding(open, outcome, asked_already, now);
            }
            Place::At(row) | Place::Attention { from: row, .. } => self.answered(row, open, outcome, now),
            Place::Failed { cleaning: true, .. } => self.cleaned(open, outcome, now),
            Place::Paid | Place::Refunded => {}
            Place::Failed { .. } | Place::Reversed | Place::Closed | Place::SettledPaid | Place::SettledNotPaid => {
                self.watched(open, &outcome, now);
            }
        }
    }

    fn answered(&mut self, row: Row, open: Open, outcome: Outcome, now: Time) {
        match row {
            Row::Charging => self.charging(outcome, now),
            Row::Creating => self.creating(outcome, now),
            Row::Showing => self.showing(open, outcome, now),
            Row::Querying | Row::CancelWaiting => self.querying(open, outcome, now),
            Row::Confirming => self.confirming(open, outcome, now),
            Row::Closing => self.closing(open, outcome, now),
            Row::Reversing | Row::Refunding => {}
        }
    }

    /// What every ended exchange teaches, whatever the row.
    fn note(&mut self, open: Open, outcome: &Outcome, now: Time) {
        let memory = &mut self.memory;
        let not_sent = matches!(outcome, Outcome::NotSent { .. });
        match open.op {
            Operation::Charge | Operation::CreateQr if !not_sent => memory.left_at = now,
            Operation::Reverse | Operation::Close if !not_sent => memory.undo_left = true,
            Operation::Refund if !not_sent => memory.refund_left_at = now,
            _ => {}
        }
        if let (Operation::Query | Operation::Detail, Outcome::Reply(reply)) = (open.op, outcome)
            && !matches!(reply, Reply::Unproved(_))
        {
            memory.asked_since_undo = true;
            memory.unverified = matches!(reply, Reply::Unverified);
        }
        if let (Operation::RefundQuery, Outcome::Reply(reply)) = (open.op, outcome)
            && !matches!(reply, Reply::Unproved(_))
        {
            memory.asked_since_undo = true;
        }
        // A creation's success is no payment's.
        if let (Operation::Charge, Outcome::Reply(reply)) = (open.op, outcome) {
            memory.unverified = matches!(reply, Reply::Unverified);
        }
    }

    /// Brings a waiting query forward to now. All work in attention begins with one.
    fn hasten(&mut self, now: Time) {
        if let Some(due) = &mut self.memory.due
            && matches!(due.op, Operation::Query | Operation::Detail | Operation::RefundQuery)
        {
            due.at = due.at.min(now);
        }
    }

    /// The row at work, in attention too.
    fn row(&self) -> Option<Row> {
        match self.memory.place {
            Place::At(row) | Place::Attention { from: row, .. } => Some(row),
            _ => None,
        }
    }

    fn schedule(&mut self, op: Operation, at: Time) {
        self.memory.due = Some(Due { op, at });
    }

    /// Enters a row anew: its back-off and its patience begin here.
    fn enter(&mut self, row: Row, now: Time) {
        self.memory.place = Place::At(row);
        self.memory.tries = 0;
        self.memory.attention_at = now.after(self.rules.timing.attention_after_ms);
        self.memory.due = None;
    }

    fn end(&mut self, place: Place) {
        self.memory.place = place;
        self.memory.due = None;
    }

    fn fail(&mut self, reason: Reason, code: Option<String>) {
        self.memory.code = code;
        self.end(Place::Failed { reason, cleaning: false });
    }

    /// A proof of payment, where the row lets one count.
    fn paid(&mut self, receipt: &Receipt, now: Time) {
        if !self.is_ours(receipt, now) {
            return self.attention_or_slower(Reason::NumberTaken, now);
        }
        self.end(Place::Paid);
    }

    /// Whether a success can be this payment's: under a number that was taken, only one that was paid since the intent.
    /// Both times are wall times, of two clocks: where the gateway's lies ahead of ours, "not before" proves nothing.
    fn is_ours(&self, receipt: &Receipt, now: Time) -> bool {
        if !self.memory.number_taken {
            return true;
        }
        let Some(paid_at_ms) = receipt.paid_at_ms else { return false };
        let intent_at_ms = self.memory.intent_at_ms;
        let lived_ms = now.0.saturating_sub(self.memory.begun_at.0);
        let latest_ms = intent_at_ms.saturating_add(lived_ms).saturating_add(CLOCKS_APART_MS);
        // The gateway tells whole seconds.
        paid_at_ms.saturating_add(999) >= intent_at_ms && paid_at_ms <= latest_ms
    }

    /// Hands the row to a person. What the row does goes on, slower, where it can help.
    fn attention(&mut self, reason: Reason, now: Time) {
        let Some(from) = self.row() else { return };
        // Under a number that was taken, the money may be another sale's: nobody is told to give it back.
        let about_money = matches!(reason, Reason::AmountDiffers | Reason::ReturnedElsewhere | Reason::RefundByHand);
        let reason = if about_money && self.memory.number_taken { Reason::NumberTaken } else { reason };
        if !self.in_attention() {
            self.memory.tries = 0;
        }
        self.memory.place = Place::Attention { from, reason };
        self.memory.due = None;
        let helps = !matches!(
            reason,
            Reason::AmountDiffers
                | Reason::ReturnedElsewhere
                | Reason::RefundByHand
                | Reason::RefundUnconfirmed
                | Reason::AccountChanged
                | Reason::GatewayMissing
        );
        if helps {
            self.resume_slowly(now);
        }
    }

    /// The next piece of the row's work, after a wait that doubles up to about half an hour.
    fn resume_slowly(&mut self, now: Time) {
        let wait = self.slow_wait();
        if let Some(op) = self.slow_work() {
            self.schedule(op, now.after(wait));
        }
    }

    /// A wait that doubles up to about half an hour.
    fn slow_wait(&mut self) -> i64 {
        let wait = self.rules.timing.reverse_retry_ms.saturating_mul(30);
        let wait = wait.saturating_mul(1 << self.memory.tries.min(5));
        self.memory.tries = self.memory.tries.saturating_add(1);
        wait
    }

    /// What a row in attention still does; everything begins with a question, but a refund of which nothing has left.
    fn slow_work(&self) -> Option<Operation> {
        if self.row() == Some(Row::Refunding) {
            // Under a number that was taken it may be another sale's: nothing is given back by itself, later either.
            if !self.rules.refund || self.memory.number_taken {
                return None;
            }
            return match (self.memory.refund_left, self.rules.refund_query) {
                (false, _) if self.rules.detail && !self.is_refund() => Some(Operation::Detail),
                (false, _) => Some(Operation::Refund),
                (true, true) => Some(Operation::RefundQuery),
                (true, false) => None,
            };
        }
        let asks = matches!(
            self.row(),
            Some(Row::Showing | Row::Querying | Row::CancelWaiting | Row::Reversing | Row::Confirming | Row::Closing)
        );
        (asks && self.rules.query).then_some(Operation::Query)
    }

    /// Whether the row has been undecided for so long that a person should look.
    fn patience_is_over(&self, now: Time) -> bool {
        matches!(self.memory.place, Place::At(_)) && now >= self.memory.attention_at
    }

    fn in_attention(&self) -> bool {
        matches!(self.memory.place, Place::Attention { .. })
    }

    /// Back-off of reverses and confirmations: 1, 2.5, 5, 15, 30 times `reverse_retry` (docs/sources.md).
    fn back_off(&mut self) -> i64 {
        let halves = match self.memory.tries {
            0 => 2,
            1 => 5,
            2 => 10,
            3 => 30,
            _ => 60,
        };
        self.memory.tries = self.memory.tries.saturating_add(1);
        self.rules.timing.reverse_retry_ms.saturating_mul(halves) / 2
    }
}
