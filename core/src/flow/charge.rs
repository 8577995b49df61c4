//! The rows Charging, Querying and CancelWaiting.

use super::{Flow, Open, Outcome, Place, Row, Time};
use crate::{
    gateway::{Operation, Reply},
    payment::Reason,
};

/// How often the same request is sent again because the gateway asks for it (S3: status 3).
pub(super) const MOST_REPEATS: u32 = 3;

impl Flow {
    /// Charging: the charge, once.
    pub(super) fn charging(&mut self, outcome: Outcome, now: Time) {
        let only_send = !self.memory.pay_left;
        match outcome {
            Outcome::NotSent { device_clock } if only_send => {
                return self.not_sent(Operation::Charge, device_clock, now);
            }
            Outcome::NotSent { .. } => {}
            Outcome::Reply(_) | Outcome::NoAnswer => self.memory.pay_left = true,
        }
        match outcome {
            Outcome::Reply(Reply::Paid(receipt)) => self.paid(&receipt, now),
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            Outcome::Reply(Reply::Refused(code)) if only_send => self.fail(Reason::Refused, Some(code)),
            Outcome::Reply(Reply::SendAgain) if self.may_repeat() => self.repeat(Operation::Charge, now),
            Outcome::Reply(Reply::NumberTaken) => {
                self.memory.number_taken = true;
                self.ask(self.rules.timing.first_query_ms, now);
            }
            // S1: 201 is asked for at the interval, everything unclear after the first wait.
            Outcome::Reply(Reply::Waiting) => self.ask(self.rules.timing.interval_ms, now),
            _ => self.ask(self.rules.timing.first_query_ms, now),
        }
    }

    /// Nothing of the charge or creation has left: again within the connect budget, then failed.
    pub(super) fn not_sent(&mut self, op: Operation, device_clock: bool, now: Time) {
        let timing = self.rules.timing;
        let retry_at = now.after((timing.connect_ms / 5).max(1));
        if self.memory.cancel_asked {
            self.fail(Reason::Cancelled, None);
        } else if device_clock {
            self.fail(Reason::DeviceClock, None);
        } else if retry_at <= self.memory.begun_at.after(timing.connect_ms) {
            self.schedule(op, retry_at);
        } else {
            self.fail(Reason::NotSent, None);
        }
    }

    pub(super) fn may_repeat(&self) -> bool {
        self.memory.repeats < MOST_REPEATS && !self.memory.cancel_asked
    }

    pub(super) fn repeat(&mut self, op: Operation, now: Time) {
        self.memory.repeats = self.memory.repeats.saturating_add(1);
        self.schedule(op, now.after(self.rules.timing.first_query_ms));
    }

    /// Enters Querying, or CancelWaiting where a cancel came meanwhile.
    pub(super) fn ask(&mut self, first_wait_ms: i64, now: Time) {
        let row = if self.memory.cancel_asked { Row::CancelWaiting } else { Row::Querying };
        self.enter(row, now);
        if !self.rules.query {
            return self.attention(Reason::CannotAsk, now);
        }
        self.memory.deadline_at = now.after(self.rules.timing.deadline_ms);
        if self.memory.cancel_asked {
            self.memory.deadline_at = now;
            return self.schedule(Operation::Query, now);
        }
        let at = now.after(first_wait_ms).min(self.undecided_until());
        self.schedule(Operation::Query, at);
    }

    /// From here on an answered query that is still undecided leads to the reverse.
    pub(super) fn undecided_until(&self) -> Time {
        self.memory.deadline_at.max(self.reverse_age_reached())
    }

    /// S1: never reverse earlier than 15 s after the charge.
    pub(super) fn reverse_age_reached(&self) -> Time {
        self.memory.left_at.after(self.rules.timing.min_reverse_age_ms)
    }

    /// Querying and CancelWaiting: ask until it is decided, or the deadline has come.
    pub(super) fn querying(&mut self, open: Open, outcome: Outcome, now: Time) {
        let late = open.at >= self.undecided_until();
        let old_enough = open.at >= self.reverse_age_reached();
        match outcome {
            Outcome::Reply(Reply::Paid(receipt)) => self.paid(&receipt, now),
            Outcome::Reply(Reply::LooksPaid) if self.rules.detail => self.schedule(Operation::Detail, now),
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            Outcome::Reply(Reply::ReturnedElsewhere | Reply::ReturnedInFull) => {
                self.attention(Reason::ReturnedElsewhere, now)
            }
            Outcome::Reply(Reply::NotPaid(code)) if old_enough && open.op == Operation::Query => {
                self.not_paid(code, now)
            }
            Outcome::Reply(Reply::Reversed) => self.end_watched(Place::Reversed, now),
            Outcome::Reply(Reply::Closed) => self.end_watched(Place::Closed, now),
            Outcome::Reply(Reply::Waiting | Reply::NotFound) if late && open.op == Operation::Query => {
                self.begin_reverse(now);
            }
            _ => self.ask_again(open, now),
        }
    }

    fn not_paid(&mut self, code: String, now: Time) {
        self.fail(Reason::NotPaid, Some(code));
        // A number that was taken is another sale's: nothing is reversed.
        if self.rules.cleans_failures && self.rules.reverse && !self.memory.number_taken {
            self.begin_cleaning(now);
        }
    }

    fn begin_reverse(&mut self, now: Time) {
        if self.memory.number_taken {
            return self.attention_or_slower(Reason::NumberTaken, now);
        }
        if !self.rules.reverse {
            return self.attention_or_slower(Reason::CannotReverse, now);
        }
        self.enter(Row::Reversing, now);
        self.schedule(Operation::Reverse, now);
    }

    fn ask_again(&mut self, open: Open, now: Time) {
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        if self.memory.unverified && now >= self.memory.deadline_at {
            return self.attention(Reason::SignatureFails, now);
        }
        if self.patience_is_over(now) {
            return self.attention(Reason::Unresolved, now);
        }
        let at = self.next_query(open, self.undecided_until(), now);
        self.schedule(Operation::Query, at);
    }

    /// The next turn of asking: at the interval, but not past `turn`; at once where a cancel came in between.
    pub(super) fn next_query(&self, open: Open, turn: Time, now: Time) -> Time {
        let timing = self.rules.timing;
        let interval = if self.memory.shown { timing.qr_interval_ms } else { timing.interval_ms };
        let next = now.after(interval);
        if self.memory.cancel_asked && open.at < self.memory.deadline_at {
            now
        } else if now < turn {
            next.min(turn)
        } else {
            next
        }
    }

    /// Into attention, or, where a person has been asked already, on with the slow work.
    pub(super) fn attention_or_slower(&mut self, reason: Reason, now: Time) {
        if self.in_attention() { self.resume_slowly(now) } else { self.attention(reason, now) }
    }
}
