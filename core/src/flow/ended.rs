//! After the end: cleaning up a failed charge, and watching for money that lands late.

use super::{Flow, Open, Outcome, Place, Row, Time, Undo};
use crate::{
    gateway::{Operation, Reply},
    payment::{PaymentKind, Reason},
};

/// Watching queries come at 1, 5 and 30 times `watch_ms` after the end.
const WATCH: [i64; 3] = [1, 5, 30];

/// So many questions in a row come `watch_ms` apart where nobody answers; then the wait doubles, to 32 times as long.
const SOON: u32 = 10;
const SLOWEST: u32 = SOON + 5;

/// So many questions in a row that left and that nobody answered end the watch: about a week.
const IN_VAIN: u32 = 330;

impl Flow {
    /// One query, then at most one reverse (S1, W1: a charge that failed is still to be revoked).
    pub(super) fn begin_cleaning(&mut self, now: Time) {
        if let Place::Failed { cleaning, .. } = &mut self.memory.place {
            *cleaning = true;
            self.memory.tries = 0;
            self.memory.attention_at = now.after(self.rules.timing.attention_after_ms);
            self.schedule(Operation::Query, now.after(self.rules.timing.interval_ms));
        }
    }

    pub(super) fn cleaned(&mut self, open: Open, outcome: Outcome, now: Time) {
        if open.op == Operation::Reverse {
            return self.reversed_once(&outcome, now);
        }
        match outcome {
            Outcome::Reply(Reply::Paid(_) | Reply::LooksPaid) => {
                (self.memory.contradicted, self.memory.watch) = (true, None);
                self.give_back(now);
            }
            Outcome::Reply(Reply::PaidOther(_)) => {
                (self.memory.contradicted, self.memory.watch) = (true, None);
                self.give_back_by_hand(now);
            }
            Outcome::Reply(Reply::Reversed | Reply::Closed | Reply::ReturnedElsewhere | Reply::ReturnedInFull) => {
                self.stop_cleaning(now)
            }
            Outcome::Reply(Reply::Waiting | Reply::NotPaid(_) | Reply::NotFound) => {
                self.schedule(Operation::Reverse, self.reverse_age_reached().max(now));
            }
            // Neither undone nor answered: it may still be paid.
            _ if now >= self.memory.attention_at => {
                self.watch_from_now(now);
                self.stop_cleaning(now);
            }
            _ => {
                let wait = self.back_off();
                self.schedule(Operation::Query, now.after(wait));
            }
        }
    }

    /// One reverse at most leaves. Where nothing says that it was done, the order may still be paid: it is watched.
    fn reversed_once(&mut self, outcome: &Outcome, now: Time) {
        match outcome {
            Outcome::NotSent { .. } if now < self.memory.attention_at => {
                let wait = self.back_off();
                return self.schedule(Operation::Reverse, now.after(wait));
            }
            Outcome::Reply(Reply::ReverseDone | Reply::Reversed | Reply::Closed) => {}
            _ => self.watch_from_now(now),
        }
        self.stop_cleaning(now);
    }

    fn watch_from_now(&mut self, now: Time) {
        (self.memory.watch, self.memory.watch_from) = (Some(0), now);
    }

    fn stop_cleaning(&mut self, now: Time) {
        if let Place::Failed { cleaning, .. } = &mut self.memory.place {
            *cleaning = false;
        }
        self.memory.due = None;
        if self.memory.watch.is_some() && self.rules.query {
            // What a callback meanwhile wanted asked, or a reverse left open.
            self.memory.tries = 0;
            self.schedule(Operation::Query, now);
        }
    }

    /// An end that money landing late could still contradict.
    pub(super) fn end_watched(&mut self, place: Place, now: Time) {
        self.end(place);
        if self.is_refund() {
            return;
        }
        // Under another account it is watched from the start on at which its own is there again.
        if self.rules.query || self.memory.suspended {
            self.memory.watch = Some(0);
            self.memory.watch_from = now;
            self.memory.tries = 0;
            self.watch_next(now);
        }
    }

    /// A callback: asks now. One about an end that nobody watches any more may be late money: it is watched once more.
    pub(super) fn notified(&mut self, now: Time) {
        let is_end = match self.memory.place {
            Place::Failed { .. } => self.memory.pay_left,
            Place::Reversed | Place::Closed | Place::SettledPaid | Place::SettledNotPaid => true,
            _ => false,
        };
        let may_ask = self.rules.query && !self.memory.suspended && !self.is_refund();
        if may_ask && matches!(self.memory.place, Place::Failed { cleaning: true, .. }) {
            // The question or the reverse that is out, or to come, may know nothing of it: once more when it is cleaned up.
            self.memory.watch = u32::try_from(WATCH.len()).ok();
            return self.hasten(now);
        }
        if is_end && self.memory.watch.is_none() && may_ask {
            self.memory.watch = u32::try_from(WATCH.len()).ok();
            self.memory.tries = 0;
            return self.schedule(Operation::Query, now);
        }
        if is_end && self.memory.watch.is_some() {
            // There is news: where nobody answers, it is asked again soon.
            self.memory.tries = 0;
            if self.memory.open.is_some() {
                // The question that is out may be answered with what was before the callback: watching begins anew.
                (self.memory.watch, self.memory.watch_from) = (Some(0), now);
            }
        }
        // In a row too, but there it is asked again at the interval.
        self.memory.called |= self.row().is_some() && self.memory.open.is_some();
        self.hasten(now);
    }

    fn watch_next(&mut self, now: Time) {
        match self.watch_at() {
            Some(at) => self.schedule(Operation::Query, at.max(now)),
            None => self.memory.watch = None,
        }
    }

    /// When the next watching query is to come; nothing where the last is through.
    fn watch_at(&self) -> Option<Time> {
        let timing = self.rules.timing;
        let step = usize::try_from(self.memory.watch?).ok()?;
        let after_expiry = self.memory.expire_at.after(timing.landing_horizon_ms);
        match WATCH.get(step) {
            Some(units) => Some(self.memory.watch_from.after(timing.watch_ms.saturating_mul(*units))),
            // A QR is asked for once more when it can no longer be paid.
            None if step == WATCH.len() && self.memory.kind == PaymentKind::Qr => Some(after_expiry),
            None => None,
        }
    }

    pub(super) fn watched(&mut self, open: Open, outcome: &Outcome, now: Time) {
        let Some(step) = self.memory.watch else { return };
        let reply = match outcome {
            // A success whose signature fails may be late money: it is asked for again, as what nobody answered.
            Outcome::Reply(Reply::Unproved(_) | Reply::Unverified) | Outcome::NoAnswer => {
                return self.watch_in_vain(true, now);
            }
            Outcome::NotSent { .. } => return self.watch_in_vain(false, now),
            Outcome::Reply(reply) => reply,
        };
        if self.contradicts(reply, now) {
            self.memory.contradicted = true;
            if matches!(self.memory.place, Place::Reversed | Place::Closed | Place::Failed { .. }) {
                self.memory.watch = None;
                let other = matches!(reply, Reply::PaidOther(_));
                return if other { self.give_back_by_hand(now) } else { self.give_back(now) };
            }
        }
        self.memory.tries = 0;
        // What was hastened, or under way when it was settled, takes no watching query away.
        if self.watch_at().is_none_or(|at| open.at >= at) {
            self.memory.watch = Some(step.saturating_add(1));
        }
        self.watch_next(now);
    }

    /// Nobody answered: the same question again, ever more slowly, and no turn is used up. Where nothing left the device
    /// that is no question, and goes on for as long as the line is dead.
    fn watch_in_vain(&mut self, has_left: bool, now: Time) {
        let tries = self.memory.tries;
        if has_left && tries >= IN_VAIN {
            self.memory.watch = None;
            return;
        }
        if has_left || tries < SLOWEST {
            self.memory.tries = tries.saturating_add(1);
        }
        let doubled = tries.saturating_sub(SOON).min(SLOWEST - SOON);
        let wait = self.rules.timing.watch_ms.saturating_mul(1 << doubled);
        self.schedule(Operation::Query, now.after(wait));
    }

    fn contradicts(&self, reply: &Reply, now: Time) -> bool {
        let paid = match reply {
            Reply::Paid(receipt) => self.is_ours(receipt, now),
            // Under a number that was taken it may be another sale's.
            Reply::LooksPaid | Reply::PaidOther(_) => !self.memory.number_taken,
            _ => false,
        };
        let not_paid = matches!(reply, Reply::NotPaid(_) | Reply::Reversed | Reply::Closed);
        match self.memory.place {
            Place::Failed { .. } | Place::Reversed | Place::Closed | Place::SettledNotPaid => paid,
            Place::SettledPaid => not_paid,
            _ => false,
        }
    }

    /// A start after a restart: waits begin anew, and what was about to go may have gone.
    pub(super) fn recover(&mut self, now: Time) {
        self.may_have_left(now);
        self.memory.suspended = false;
        self.memory.left_at = now;
        self.memory.reverse_left_at = now;
        self.memory.refund_left_at = now;
        self.memory.expire_at = now.after(self.rules.timing.qr_life_ms);
        self.memory.asked_since_undo = false;
        match self.memory.place {
            Place::At(row) => self.recover_row(row, now),
            Place::Attention { from, reason: Reason::AccountChanged | Reason::GatewayMissing } => {
                self.recover_row(from, now);
            }
            Place::Attention { reason, .. } => {
                self.memory.tries = 0;
                self.attention(reason, now);
            }
            Place::Failed { cleaning: true, .. } if self.rules.query && self.rules.reverse => self.begin_cleaning(now),
            Place::Failed { cleaning: true, .. } => {
                // It can no longer be reversed.
                if self.rules.query {
                    self.watch_from_now(now);
                }
                self.stop_cleaning(now);
            }
            Place::Paid | Place::Refunded => {}
            Place::Failed { .. } | Place::Reversed | Place::Closed | Place::SettledPaid | Place::SettledNotPaid => {
                self.watch_again(now)
            }
        }
    }

    /// What the journal says was about to go may have gone; its answer never comes.
    fn may_have_left(&mut self, now: Time) {
        self.memory.called = false;
        match self.memory.open.take().map(|open| open.op) {
            Some(Operation::Charge | Operation::CreateQr) => self.memory.pay_left = true,
            Some(Operation::Reverse | Operation::Close) => {
                self.memory.undo_left = true;
                self.memory.undo = Undo::Unknown;
                // A failed charge is reversed at most once.
                if matches!(self.memory.place, Place::Failed { cleaning: true, .. }) {
                    self.watch_from_now(now);
                }
                self.stop_cleaning(now);
            }
            Some(Operation::Refund) => self.memory.refund_left = true,
            _ => {}
        }
    }

    fn watch_again(&mut self, now: Time) {
        if self.memory.watch.is_some() && self.rules.query {
            self.memory.watch_from = now;
            match self.watch_at() {
                Some(at) => self.schedule(Operation::Query, at),
                // All but a callback's own question was through: that one is still to be answered.
                None => self.schedule(Operation::Query, now),
            }
        } else {
            self.memory.watch = None;
            self.memory.due = None;
        }
    }

    fn recover_row(&mut self, row: Row, now: Time) {
        let timing = self.rules.timing;
        match row {
            // The code is gone and nothing had left: proved, since the journal is written first.
            Row::Charging | Row::Creating if !self.memory.pay_left => self.fail(Reason::NotSent, None),
            Row::Charging => self.ask(timing.first_query_ms, now),
            Row::Querying | Row::CancelWaiting => self.ask(timing.first_query_ms, now),
            Row::Creating => self.begin_close(now),
            Row::Refunding => self.recover_refund(now),
            _ if !self.rules.query => {
                self.enter(row, now);
                self.attention(Reason::CannotAsk, now);
            }
            Row::Showing => {
                self.enter(Row::Showing, now);
                self.memory.deadline_at = now;
                self.schedule(Operation::Query, now);
            }
            Row::Reversing | Row::Confirming | Row::Closing => {
                self.enter(row, now);
                self.schedule(Operation::Query, now);
            }
        }
    }

    /// The first step again where nothing had left; else the question what became of it.
    fn recover_refund(&mut self, now: Time) {
        let patience = self.memory.attention_at;
        self.enter(Row::Refunding, now);
        if self.is_refund() && self.memory.refund_accepted {
            self.memory.attention_at = patience;
        }
        if !self.rules.refund || self.memory.number_taken {
            return self.attention(Reason::RefundByHand, now);
        }
        if self.memory.refund_left { self.ask_for_refund(0, now) } else { self.begin_refund(now) }
    }

    /// Its own account is there. What was through before is no start's business, but a callback asks about it again.
    pub(crate) fn resume(&mut self) {
        self.memory.suspended = false;
    }

    /// The gateway or its account is not there: nothing is sent until it is.
    pub(super) fn suspend(&mut self, reason: Reason, now: Time) {
        self.may_have_left(now);
        self.memory.suspended = true;
        self.memory.due = None;
        let by_hand = matches!(self.memory.place, Place::Attention { reason: Reason::RefundByHand, .. });
        if self.row().is_some() && !by_hand {
            self.attention(reason, now);
        }
    }
}
