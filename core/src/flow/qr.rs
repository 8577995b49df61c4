//! The rows Creating and Showing. No failed attempt of a customer ends a QR order: the next one may succeed.

use super::{Flow, Open, Outcome, Row, Time};
use crate::{
    gateway::{Operation, Reply},
    payment::Reason,
};

impl Flow {
    /// Creating: the QR, over a connection of its own.
    pub(super) fn creating(&mut self, outcome: Outcome, now: Time) {
        let only_send = !self.memory.pay_left;
        match outcome {
            Outcome::NotSent { device_clock } if only_send => {
                return self.not_sent(Operation::CreateQr, device_clock, now);
            }
            Outcome::NotSent { .. } => {}
            Outcome::Reply(_) | Outcome::NoAnswer => self.memory.pay_left = true,
        }
        self.memory.expire_at = now.after(self.rules.timing.qr_life_ms);
        match outcome {
            Outcome::Reply(Reply::QrReady { .. }) if !self.memory.cancel_asked => self.show(now),
            Outcome::Reply(Reply::Refused(code)) if only_send => self.fail(Reason::Refused, Some(code)),
            Outcome::Reply(Reply::SendAgain) if self.may_repeat() => self.repeat(Operation::CreateQr, now),
            Outcome::Reply(Reply::NumberTaken) => {
                self.memory.number_taken = true;
                self.begin_close(now);
            }
            // Nobody has seen the code.
            _ => self.begin_close(now),
        }
    }

    fn show(&mut self, now: Time) {
        let timing = self.rules.timing;
        self.enter(Row::Showing, now);
        self.memory.shown = true;
        self.memory.deadline_at = now.after(timing.qr_deadline_ms);
        // Patience begins when the code leaves the screen.
        self.memory.attention_at = self.memory.deadline_at.after(timing.attention_after_ms);
        if !self.rules.query {
            return self.attention(Reason::CannotAsk, now);
        }
        self.schedule(Operation::Query, now.after(timing.first_query_ms).min(self.memory.deadline_at));
    }

    /// Showing: ask until it is paid; at the deadline, after an answered last query, close.
    pub(super) fn showing(&mut self, open: Open, outcome: Outcome, now: Time) {
        let last = open.at >= self.memory.deadline_at && open.op == Operation::Query;
        match outcome {
            Outcome::Reply(Reply::Paid(receipt)) => self.paid(&receipt, now),
            Outcome::Reply(Reply::LooksPaid) if self.rules.detail => self.schedule(Operation::Detail, now),
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            Outcome::Reply(Reply::ReturnedElsewhere | Reply::ReturnedInFull) => {
                self.attention(Reason::ReturnedElsewhere, now)
            }
            Outcome::Reply(Reply::OtherQr) => self.begin_close(now),
            Outcome::Reply(Reply::Closed | Reply::Reversed) => {
                self.enter(Row::Confirming, now);
                self.memory.taken_off = true;
                self.schedule(Operation::Query, now);
            }
            Outcome::Reply(Reply::Waiting | Reply::NotPaid(_) | Reply::NotFound) if last => self.begin_close(now),
            _ => self.show_on(open, now),
        }
    }

    fn show_on(&mut self, open: Open, now: Time) {
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        if self.memory.unverified && now >= self.memory.deadline_at {
            return self.attention(Reason::SignatureFails, now);
        }
        if self.patience_is_over(now) {
            return self.attention(Reason::Unresolved, now);
        }
        let at = self.next_query(open, self.memory.deadline_at, now);
        self.schedule(Operation::Query, at);
    }
}
