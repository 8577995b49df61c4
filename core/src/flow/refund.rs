//! The row Refunding: money that goes back, asked for by a person or because it came in against an end.
//!
//! One refund has one number for ever. What was accepted is not refunded: only an entry that names the refund, its
//! amount and final success is proof, and before each repeat comes a question.

use super::{Flow, Open, Outcome, Place, Row, Time};
use crate::{
    gateway::{Operation, Reply},
    payment::{PaymentKind, Reason},
};

/// How long a wallet may take over a refund that it accepted, in running time, before a person is asked.
const ACCEPTED_PATIENCE_MS: i64 = 3 * 24 * 3_600_000;

impl Flow {
    /// Money is there that must go back: refunded, all of it, where the gateway can; else by hand.
    pub(super) fn give_back(&mut self, now: Time) {
        if self.memory.refund_left {
            // Seen before: the refund goes on where it stood, and its patience with it.
            let wait = self.go_on_in(Row::Refunding);
            return self.ask_for_refund(wait, now);
        }
        let (row, tries, patience) = (self.row(), self.memory.tries, self.memory.attention_at);
        self.enter(Row::Refunding, now);
        if row == Some(Row::Confirming) {
            // One call may find what another does not, for ever: back-off and patience go on.
            self.memory.tries = tries;
            self.memory.attention_at = patience;
        }
        self.memory.code = None;
        // Under a number that was taken it may be another sale's: nothing is given back by itself.
        if !self.rules.refund || self.memory.number_taken {
            return self.attention(Reason::RefundByHand, now);
        }
        self.begin_refund(now);
    }

    /// Another sum came in than was asked for: what goes back by itself is what was asked for, so a person gives it back.
    pub(super) fn give_back_by_hand(&mut self, now: Time) {
        self.enter(Row::Refunding, now);
        self.memory.code = None;
        self.attention(Reason::RefundByHand, now);
    }

    /// The first step of a refund; where the gateway tells what it gives back, that is asked for first.
    pub(super) fn begin_refund(&mut self, now: Time) {
        let first = if self.rules.detail && !self.is_refund() { Operation::Detail } else { Operation::Refund };
        self.schedule(first, now);
    }

    /// Whether a person asked for it: a refund on its own, not the end of a payment.
    pub(super) fn is_refund(&self) -> bool {
        self.memory.kind == PaymentKind::Refund
    }

    /// Refunding: the refund, then what became of it.
    ///
    /// `asked_already`: since the last refund left, a question before this exchange was answered.
    pub(super) fn refunding(&mut self, open: Open, outcome: Outcome, asked_already: bool, now: Time) {
        match open.op {
            Operation::Refund => self.refund_answered(outcome, now),
            Operation::RefundQuery => self.refund_asked(open, outcome, now),
            _ => self.asked_before_refund(outcome, now),
        }
        let first_since = !asked_already && self.memory.asked_since_undo;
        let repeats = self.memory.due.is_some_and(|due| due.op == Operation::Refund);
        if self.in_attention() && self.memory.refund_left && first_since && repeats {
            // Asked about since: until the next turn a person can settle it.
            self.resume_slowly(now);
        }
    }

    /// The detail call tells what can be given back. Without a clear answer nothing is sent.
    fn asked_before_refund(&mut self, outcome: Outcome, now: Time) {
        match outcome {
            Outcome::Reply(Reply::Paid(_)) => self.schedule(Operation::Refund, now),
            Outcome::Reply(Reply::PaidOther(_)) => self.attention(Reason::AmountDiffers, now),
            Outcome::Reply(Reply::ReturnedInFull | Reply::ReturnedElsewhere | Reply::Reversed | Reply::Closed) => {
                self.not_there(now);
            }
            _ => self.refund_slower(Operation::Detail, now),
        }
    }

    fn refund_answered(&mut self, outcome: Outcome, now: Time) {
        self.memory.refund_told = true;
        let only_send = !self.memory.refund_left;
        match outcome {
            Outcome::NotSent { device_clock } if only_send && self.is_refund() => {
                return self.not_sent(Operation::Refund, device_clock, now);
            }
            Outcome::NotSent { .. } if only_send => return self.refund_slower(Operation::Refund, now),
            Outcome::NotSent { .. } => {}
            Outcome::Reply(_) | Outcome::NoAnswer => self.memory.refund_left = true,
        }
        match outcome {
            Outcome::Reply(Reply::RefundProved(_)) => self.end(Place::Refunded),
            Outcome::Reply(Reply::RefundAccepted) => self.refund_accepted(now),
            // Turned away, as the only send: nothing was given back.
            Outcome::Reply(Reply::Refused(code)) if only_send => self.refund_failed(Reason::Refused, code, now),
            Outcome::Reply(Reply::RefundFailed(code)) => self.refund_failed(Reason::RefundFailed, code, now),
            Outcome::Reply(Reply::RefundChanged) => self.attention(Reason::RefundChanged, now),
            Outcome::Reply(Reply::PaidOther(_)) => self.other_sum_back(now),
            Outcome::Reply(Reply::ReturnedInFull | Reply::ReturnedElsewhere | Reply::Reversed | Reply::Closed)
                if !self.is_refund() =>
            {
                self.not_there(now);
            }
            _ if self.in_attention() => self.resume_slowly(now),
            _ => self.ask_for_refund(self.rules.timing.first_query_ms, now),
        }
    }

    /// Another sum went back than was asked for. Of a payment's own refund that is no news of what came in.
    fn other_sum_back(&mut self, now: Time) {
        let reason = if self.is_refund() { Reason::AmountDiffers } else { Reason::RefundByHand };
        self.attention(reason, now);
    }

    /// Reversed or refunded already, says the gateway: what was to be given back is not there. The order decides.
    fn not_there(&mut self, now: Time) {
        if !self.memory.refund_left && self.patience_is_over(now) {
            return self.attention(Reason::Unresolved, now);
        }
        let wait = self.go_on_in(Row::Confirming);
        self.schedule(Operation::Query, now.after(wait));
    }

    /// The next step is another row's, after this wait. Who was asked to look into it stays asked: where others gave the
    /// money back, each row sends it to the other for ever.
    fn go_on_in(&mut self, row: Row) -> i64 {
        if self.in_attention() {
            self.memory.place = Place::Attention { from: row, reason: Reason::Unresolved };
            return self.slow_wait();
        }
        self.memory.place = Place::At(row);
        self.back_off()
    }

    fn refund_accepted(&mut self, now: Time) {
        self.take_acceptance(now);
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        self.ask_for_refund(self.rules.timing.interval_ms, now);
    }

    /// A wallet may take days over what it accepted: that alone needs no person.
    fn take_acceptance(&mut self, now: Time) {
        if self.is_refund() && !self.memory.refund_accepted {
            self.memory.attention_at = now.after(ACCEPTED_PATIENCE_MS);
        }
        self.memory.refund_accepted = true;
    }

    fn refund_asked(&mut self, open: Open, outcome: Outcome, now: Time) {
        match outcome {
            Outcome::Reply(Reply::RefundProved(_)) => self.end(Place::Refunded),
            Outcome::Reply(Reply::RefundFailed(code)) => self.refund_failed(Reason::RefundFailed, code, now),
            Outcome::Reply(Reply::RefundChanged) => self.attention_or_slower(Reason::RefundChanged, now),
            Outcome::Reply(Reply::PaidOther(_)) => self.other_sum_back(now),
            Outcome::Reply(Reply::Waiting | Reply::RefundAccepted) => {
                self.take_acceptance(now);
                self.refund_slower(Operation::RefundQuery, now);
            }
            Outcome::Reply(Reply::NotFound) if self.may_not_have_begun() => self.refund_never_seen(open.at, now),
            // It is not there: the same number again, once it can no longer arrive or the gateway keeps numbers apart.
            Outcome::Reply(Reply::NotFound) if self.may_repeat_refund(open.at) => self.repeat_refund(now),
            _ => self.refund_slower(Operation::RefundQuery, now),
        }
    }

    /// Whether its caller may have been told that no refund began: the process ended before the first send did, and the
    /// gateway has not told since that it has it.
    fn may_not_have_begun(&self) -> bool {
        self.is_refund() && !self.memory.refund_told && !self.memory.refund_accepted
    }

    /// Nobody is given money back by a till that may have said that it would not: a person says whether it is to be sent.
    fn refund_never_seen(&mut self, asked_at: Time, now: Time) {
        let landed = self.memory.refund_left_at.after(self.rules.timing.landing_horizon_ms);
        if asked_at >= landed {
            return self.attention_or_slower(Reason::NeverSeen, now);
        }
        self.refund_slower(Operation::RefundQuery, now);
    }

    /// A person wants it asked for now; or, where nobody knows whether it ever began, sent.
    pub(super) fn retry(&mut self, now: Time) {
        let unseen = matches!(self.memory.place, Place::Attention { reason: Reason::NeverSeen, .. });
        if unseen && self.may_not_have_begun() && self.memory.open.is_none() && self.rules.refund {
            self.memory.refund_told = true;
            self.enter(Row::Refunding, now);
            return self.schedule(Operation::Refund, now);
        }
        self.hasten(now);
    }

    /// Whether the same refund may be sent again, if a query of this time did not find it. One that the gateway has had is
    /// there, whoever does not find it: only where it keeps numbers apart is it sent again.
    fn may_repeat_refund(&self, asked_at: Time) -> bool {
        let landed = self.memory.refund_left_at.after(self.rules.timing.landing_horizon_ms);
        let lost = !self.memory.refund_accepted && asked_at >= landed;
        !self.memory.refund_left || self.rules.refund_repeats || lost
    }

    fn repeat_refund(&mut self, now: Time) {
        if self.patience_is_over(now) {
            return self.attention(Reason::Unresolved, now);
        }
        let wait = if self.in_attention() { 0 } else { self.back_off() };
        self.schedule(Operation::Refund, now.after(wait));
    }

    /// Asks what became of it; where that cannot be asked, only a person can find out.
    pub(super) fn ask_for_refund(&mut self, wait_ms: i64, now: Time) {
        if !self.rules.refund_query {
            return self.attention(Reason::RefundUnconfirmed, now);
        }
        self.schedule(Operation::RefundQuery, now.after(wait_ms));
    }

    /// A refund that cannot be had: the payment's own needs a person, one that was asked for has failed.
    fn refund_failed(&mut self, reason: Reason, code: String, now: Time) {
        if self.is_refund() {
            return self.fail(reason, Some(code));
        }
        self.attention(Reason::RefundByHand, now);
        self.memory.code = Some(code);
    }

    /// `op` again after a wait, which grows to half an hour where the refund was accepted.
    fn refund_slower(&mut self, op: Operation, now: Time) {
        if self.in_attention() {
            return self.resume_slowly(now);
        }
        if self.patience_is_over(now) {
            return self.attention(Reason::Unresolved, now);
        }
        let long = self.is_refund() && self.memory.refund_accepted && self.memory.tries >= 5;
        let wait = if long { self.slow_wait() } else { self.back_off() };
        self.schedule(op, now.after(wait));
    }
}
