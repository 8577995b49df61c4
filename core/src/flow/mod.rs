//! A payment as a state machine. Pure: no clock, no network, no disk.
//!
//! [`Flow::step`] takes what happened and the time, and says what the payment is from now on and what is to be done
//! next. The driver commits `next`, then performs `effect`; so what the journal says was about to happen may have
//! happened. The tables that this mirrors stand in `docs/architecture.md`; a row is a `Row`, and each has a function
//! of its own in `charge.rs`, `qr.rs`, `undo.rs` or `refund.rs`. Nothing here is final without proof.

mod charge;
mod ended;
mod memory;
mod person;
mod qr;
mod refund;
mod rules;
mod step;
mod stored;
#[cfg(test)]
mod tests;
mod undo;
mod view;

use serde::{Deserialize, Serialize};

use crate::{
    gateway::{Operation, Receipt, Reply},
    payment::{PaymentKind, Reason},
};

use memory::{Due, Memory, Open, Place, Row, Undo};
pub use rules::Rules;
pub use step::{Effect, Input, Refusal, Step};
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

/// The payment: what is journaled, and the rules of its gateway as configured now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    rules: Rules,
    memory: Memory,
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
        Self { rules, memory: Memory::new(kind, intent_at_ms) }
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
            Input::RetryAsked => next.retry(now),
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
        if self.memory.called {
            self.heed_call(now);
        }
    }

    /// A call came while the exchange was out that has just ended: the next question comes at the interval, and what has
    /// ended is asked about once more.
    fn heed_call(&mut self, now: Time) {
        match &mut self.memory.due {
            Some(due) if asks(due.op) => due.at = due.at.min(now.after(self.rules.timing.interval_ms)),
            // What is to be sent first is followed by a question.
            Some(_) => return,
            None => self.notified(now),
        }
        self.memory.called = false;
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
            Operation::Reverse if !not_sent => (memory.undo_left, memory.reverse_left_at) = (true, now),
            Operation::Close if !not_sent => memory.undo_left = true,
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
            && asks(due.op)
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

fn asks(op: Operation) -> bool {
    matches!(op, Operation::Query | Operation::Detail | Operation::RefundQuery)
}
