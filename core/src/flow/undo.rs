//! The rows Reversing, Confirming and Closing. From the first reverse that may have left, Paid cannot be reached.

use super::{Flow, Open, Outcome, Place, Row, Time, Undo};
use crate::{
    gateway::{Operation, Reply},
    payment::{PaymentKind, Reason},
};

impl Flow {
    /// Reversing: the reverse; before each repeat a query.
    ///
    /// `asked_already`: since the last reverse ended, a query before this exchange was answered.
    pub(super) fn reversing(&mut self, open: Open, outcome: Outcome, asked_already: bool, now: Time) {
        if open.op == Operation::Reverse {
            return self.reverse_answered(&outcome, now);
        }
        self.asked_while_reversing(open, outcome, now);
        let first_since = !asked_already && self.memory.asked_since_undo;
        let repeats = self.memory.due.is_some_and(|due| due.op == Operation::Reverse);
        if self.in_attention() && self.memory.undo_left && first_since && repeats {
            // Asked about since: until the next turn a person can settle it.
            self.resume_slowly(now);
        }
    }

    fn reverse_answered(&mut self, outcome: &Outcome, now: Time) {
        self.memory.undo = undo_of(outcome);
        if self.memory.undo == Undo::Done {
            return self.confirm(now);
        }
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        let wait = self.back_off();
        self.schedule(Operation::Query, now.after(wait));
    }

    fn asked_while_reversing(&mut self, open: Open, outcome: Outcome, now: Time) {
        let reverse_is_out = self.memory.undo_left;
        match outcome {
            Outcome::Reply(Reply::Paid(receipt)) if !reverse_is_out => self.paid(&receipt, now),
            Outcome::Reply(Reply::LooksPaid) if !reverse_is_out && self.rules.detail => {
                self.schedule(Operation::Detail, now);
            }
            Outcome::Reply(Reply::Paid(_) | Reply::LooksPaid) if self.memory.undo == Undo::Refused => {
                self.give_back(now);
            }
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            // All of it came back, and a reverse of ours is out: it did that.
            Outcome::Reply(Reply::ReturnedInFull) if reverse_is_out => self.end_watched(Place::Reversed, now),
            Outcome::Reply(Reply::ReturnedElsewhere | Reply::ReturnedInFull) => {
                self.attention(Reason::ReturnedElsewhere, now)
            }
            Outcome::Reply(Reply::Reversed | Reply::Closed) => self.end_watched(Place::Reversed, now),
            Outcome::Reply(Reply::NotFound)
                if self.memory.undo == Undo::NotFound && open.op == Operation::Query && self.has_landed(open.at) =>
            {
                // Neither has ever seen the order, and it can no longer arrive.
                self.attention_or_slower(Reason::NeverSeen, now);
            }
            // While success may stand there unverified, nothing is reversed by itself.
            _ if self.memory.unverified => self.ask_slower(Reason::SignatureFails, now),
            _ if self.patience_is_over(now) => self.attention(Reason::Unresolved, now),
            // The first reverse that leaves needs an answer that is still undecided.
            Outcome::Reply(Reply::Waiting | Reply::NotFound | Reply::NotPaid(_)) if open.op == Operation::Query => {
                self.reverse_again(now);
            }
            _ if !reverse_is_out => self.ask_slower(Reason::Unresolved, now),
            _ => self.reverse_again(now),
        }
    }

    /// The reverse once more; after a restart its least age begins anew, and it is asked again then.
    fn reverse_again(&mut self, now: Time) {
        let age_reached = self.reverse_age_reached();
        if !self.rules.reverse {
            self.attention_or_slower(Reason::CannotReverse, now);
        } else if now < age_reached {
            self.schedule(Operation::Query, age_reached);
        } else {
            self.schedule(Operation::Reverse, now);
        }
    }

    fn ask_slower(&mut self, reason: Reason, now: Time) {
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        if self.patience_is_over(now) {
            return self.attention(reason, now);
        }
        let wait = self.back_off();
        self.schedule(Operation::Query, now.after(wait));
    }

    /// The reverse or close says that it is done: ask once more, since its answer may name no order.
    fn confirm(&mut self, now: Time) {
        self.enter(Row::Confirming, now);
        if !self.rules.query {
            return self.attention(Reason::CannotAsk, now);
        }
        self.schedule(Operation::Query, now);
    }

    /// Whether what left can no longer arrive at the gateway, and a QR that somebody may have scanned can no longer be
    /// paid.
    fn has_landed(&self, at: Time) -> bool {
        let from = if self.memory.shown { self.memory.expire_at } else { self.memory.left_at };
        at >= from.after(self.rules.timing.landing_horizon_ms)
    }

    /// Confirming: the query decides.
    pub(super) fn confirming(&mut self, open: Open, outcome: Outcome, now: Time) {
        let undone = match self.memory.kind {
            PaymentKind::Charge => Place::Reversed,
            PaymentKind::Qr | PaymentKind::Refund => Place::Closed,
        };
        match outcome {
            Outcome::Reply(Reply::Reversed | Reply::Closed) => self.end_watched(undone, now),
            Outcome::Reply(Reply::Paid(_) | Reply::LooksPaid) => self.give_back(now),
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            // All of it came back, and a reverse of ours is out: it did that. A close gives nothing back.
            Outcome::Reply(Reply::ReturnedInFull)
                if self.memory.undo_left && self.memory.kind == PaymentKind::Charge =>
            {
                self.end_watched(undone, now);
            }
            // So may a refund of ours have done.
            Outcome::Reply(Reply::ReturnedElsewhere | Reply::ReturnedInFull) if self.memory.refund_left => {
                self.give_back(now);
            }
            Outcome::Reply(Reply::ReturnedElsewhere | Reply::ReturnedInFull) => {
                self.attention(Reason::ReturnedElsewhere, now)
            }
            Outcome::Reply(Reply::NotFound) if self.undone_or_expired() && self.has_landed(open.at) => {
                self.end_watched(undone, now);
            }
            _ => self.ask_slower(if self.memory.unverified { Reason::SignatureFails } else { Reason::Unresolved }, now),
        }
    }

    /// Where a charge is not found, that counts only after a reverse that was done; a QR expires by itself.
    fn undone_or_expired(&self) -> bool {
        self.memory.undo == Undo::Done || self.memory.kind == PaymentKind::Qr
    }

    /// Enters Closing with a close at once.
    pub(super) fn begin_close(&mut self, now: Time) {
        self.enter(Row::Closing, now);
        self.memory.taken_off = true;
        if self.memory.number_taken {
            return self.attention(Reason::NumberTaken, now);
        }
        if !self.rules.close {
            return self.attention(Reason::CannotClose, now);
        }
        self.schedule(Operation::Close, now);
    }

    /// Closing: close; query; again.
    pub(super) fn closing(&mut self, open: Open, outcome: Outcome, now: Time) {
        match open.op {
            Operation::Close => self.close_answered(&outcome, now),
            _ => self.asked_while_closing(open, outcome, now),
        }
    }

    fn close_answered(&mut self, outcome: &Outcome, now: Time) {
        self.memory.undo = undo_of(outcome);
        if self.memory.undo == Undo::Done {
            return self.confirm(now);
        }
        if !self.rules.query {
            return self.attention_or_slower(Reason::CannotAsk, now);
        }
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        self.schedule(Operation::Query, now.after(self.rules.timing.interval_ms));
    }

    fn asked_while_closing(&mut self, open: Open, outcome: Outcome, now: Time) {
        let wanted = !self.memory.cancel_asked && self.memory.undo != Undo::Done;
        match outcome {
            Outcome::Reply(Reply::Paid(receipt)) if wanted => self.paid(&receipt, now),
            Outcome::Reply(Reply::LooksPaid) if wanted && self.rules.detail => self.schedule(Operation::Detail, now),
            Outcome::Reply(Reply::Paid(_) | Reply::LooksPaid) => self.give_back(now),
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            Outcome::Reply(Reply::ReturnedElsewhere | Reply::ReturnedInFull) => {
                self.attention(Reason::ReturnedElsewhere, now)
            }
            Outcome::Reply(Reply::Closed | Reply::Reversed) => self.end_watched(Place::Closed, now),
            Outcome::Reply(Reply::NotFound) if open.op == Operation::Query && self.has_landed(open.at) => {
                self.end_watched(Place::Closed, now);
            }
            _ if !self.rules.close => self.attention_or_slower(Reason::CannotClose, now),
            _ if self.memory.number_taken => self.attention_or_slower(Reason::NumberTaken, now),
            _ if self.memory.unverified => self.attention_or_slower(Reason::SignatureFails, now),
            _ if self.patience_is_over(now) => self.attention(Reason::Unresolved, now),
            _ if self.in_attention() => self.schedule(Operation::Close, now),
            _ => self.schedule(Operation::Close, now.after(self.rules.timing.close_retry_ms)),
        }
    }
}

fn undo_of(outcome: &Outcome) -> Undo {
    match outcome {
        Outcome::Reply(Reply::ReverseDone | Reply::Reversed | Reply::Closed) => Undo::Done,
        Outcome::Reply(Reply::ReverseRefused) => Undo::Refused,
        Outcome::Reply(Reply::NotFound) => Undo::NotFound,
        _ => Undo::Unknown,
    }
}
