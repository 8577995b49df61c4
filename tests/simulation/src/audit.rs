//! The rules of sending: what may leave the till, and when. Judged from outside, by what was sent and answered before.

use paywand::{
    FollowUp, PaymentKind, PaymentState,
    driver::{End, Send},
    flow::Time,
    gateway::{Operation, Reply, Timing},
    store::Change,
};
use serde_json::Value;

use crate::{
    day::Day,
    judge::{Verdict, Violation, ensure},
    sale::Audit,
};

/// Whoever sends more than this for one payment goes round in circles.
const MOST_SENDS: u32 = 400;

impl Day<'_> {
    /// Something is about to leave. Whose it is.
    pub(crate) fn judge_send(&mut self, send: &Send) -> Result<usize, Violation> {
        let (now, life) = (self.time(), self.life);
        let Some(place) = self.place_of_order(&send.order) else {
            return Err(Violation::new(
                "commit, then act, then tell",
                format!("{send:?} is of no payment in the store"),
            ));
        };
        let Some(till) = &self.till else { return Ok(place) };
        let port = &till.ports[send.port];
        let (timing, account) = (port.timing, port.account.clone());
        let row = self.sales[place].id.and_then(|id| self.committed.get(&id));
        let Some(row) = row else {
            return Err(Violation::new(
                "commit, then act, then tell",
                format!("{send:?} is of no payment in the store"),
            ));
        };
        let story =
            || format!("sale {place}: {} {}; {:?}; {}", send.op.code(), send.number, row.payment.state, row.flow);
        // The row says that exactly this is about to go.
        let announced = row.flow.contains(&format!("\"sends\":{},\"open\":{{\"number\":{0},", send.number));
        ensure(announced, "commit, then act, then tell", story)?;
        let at_work = !row.payment.is_final || row.payment.follow_up != FollowUp::None;
        ensure(at_work, "an ended payment sends nothing", story)?;
        let cleaning = row.payment.follow_up == FollowUp::Cleaning;

        let sale = &self.sales[place];
        ensure(account == sale.account, "no other account's keys are used", story)?;
        let mut audit = sale.audit.clone();
        ensure(audit.open.is_none(), "one exchange at a time", || {
            format!("{:?} of {:?} is open at {now:?}; {}", audit.open, audit.open_at, story())
        })?;
        ensure(send.number > audit.sends, "one exchange at a time", story)?;
        ensure(send.number <= MOST_SENDS, "it comes to rest", story)?;
        match send.op {
            Operation::Charge | Operation::CreateQr => {
                let again = audit.asked_again && audit.life == life;
                ensure(!sale.may_have_left || again, "no second charge", story)?;
                ensure(!sale.refused, "who was told that no sale began is not charged", story)?;
            }
            Operation::Reverse | Operation::Close => {
                audit
                    .may_undo(send.op, cleaning, sale.kind, now, &timing)
                    .map_err(|check| Violation::new(check, story()))?;
            }
            Operation::Refund => self.judge_refund_send(place, send, &timing)?,
            Operation::Query | Operation::Detail | Operation::RefundQuery => {}
        }
        if matches!(send.op, Operation::Reverse | Operation::Close) {
            audit.asked_since_undo = false;
        }
        // A commit that took long takes from the time that the flow gives the exchange.
        (audit.sends, audit.open, audit.open_at, audit.life) =
            (send.number, Some((send.number, send.op)), row.at, life);
        self.sales[place].audit = audit;
        if let (Operation::Refund, Some(refund)) = (send.op, &send.order.refund) {
            self.sales[place].refund_sent(&refund.number);
        }
        Ok(place)
    }

    /// The till has learned how an exchange ended. What it makes of that, its next commit says.
    pub(crate) fn judge_ended(&mut self, place: usize, number: u32, end: &End) {
        let port = self.till.as_ref().and_then(|till| till.port(self.sales[place].gateway_kind()));
        if let (Some(till), Some(port), End::Reply(reply)) = (&mut self.till, port, end) {
            match reply {
                Reply::Unverified => till.unverified[port] += 1,
                Reply::Unproved(_) => {}
                _ => till.unverified[port] = 0,
            }
        }
        let audit = &mut self.sales[place].audit;
        if audit.open.is_some_and(|(open, _)| open == number) {
            audit.end = Some(end.clone());
        }
    }

    /// A step is committed: if it is the end of the exchange under way, it teaches something.
    pub(crate) fn judge_step(&mut self, change: &Change) -> Verdict {
        let Some(place) = self.by_order.get(&change.payment.order_number).copied() else { return Ok(()) };
        let cleaning =
            self.committed.get(&change.payment.id).is_some_and(|row| row.payment.follow_up == FollowUp::Cleaning);
        let audit = &mut self.sales[place].audit;
        let Some((number, op)) = audit.open else { return Ok(()) };
        if change.flow.contains(&format!("\"open\":{{\"number\":{number},")) {
            return Ok(());
        }
        let event: Value = serde_json::from_str(&change.event).unwrap_or_default();
        let of_this = event["number"] == number;
        let end = audit.end.take().filter(|_| of_this).unwrap_or(End::NoAnswer("given_up"));
        audit.ended(&end, Time(change.time_ms));
        // Its own answer may name no order: only a query ends what was reversed or closed.
        let undo = matches!(op, Operation::Reverse | Operation::Close);
        let ended = matches!(change.payment.state, PaymentState::Reversed | PaymentState::Closed);
        ensure(!undo || !ended, "a query confirms what was undone", || format!("sale {place}: {:?}", change.payment))?;
        self.judge_refund_step(place, op, &end, &change.payment)?;
        let seen_paid = cleaning && op == Operation::Query && matches!(end, End::Reply(Reply::Paid(_)));
        ensure(!seen_paid || change.payment.contradicted, "success after a failure is reported", || {
            format!("sale {place}: {:?}", change.payment)
        })
    }
}

impl Audit {
    fn ended(&mut self, end: &End, now: Time) {
        let Some((number, op)) = self.open.take() else { return };
        let left = !matches!(end, End::NotSent { .. });
        let reply = if let End::Reply(reply) = end { Some(reply) } else { None };
        match op {
            Operation::Charge | Operation::CreateQr => {
                self.asked_again = matches!(reply, Some(Reply::SendAgain));
                self.number_taken |= matches!(reply, Some(Reply::NumberTaken));
                if left {
                    (self.charge_ended_at, self.restarted) = (now, false);
                }
            }
            Operation::Reverse | Operation::Close => {
                self.undo_left |= left;
                if left && op == Operation::Reverse {
                    self.reverse_ended_at = now;
                }
            }
            Operation::Query | Operation::Detail => self.asked(reply),
            Operation::Refund | Operation::RefundQuery => {
                let of_its_order = self.no_order == Some(number);
                self.refund_ended(op, reply.filter(|_| !of_its_order), left, now);
            }
        }
        if op == Operation::Charge {
            self.unverified = matches!(reply, Some(Reply::Unverified));
        }
        self.proved_paid |= matches!(reply, Some(Reply::Paid(_))) && !self.undo_left && !self.number_taken;
    }

    fn asked(&mut self, reply: Option<&Reply>) {
        let Some(reply) = reply.filter(|reply| !matches!(reply, Reply::Unproved(_))) else { return };
        self.asked_since_undo = true;
        self.unverified = matches!(reply, Reply::Unverified);
        let undecided = matches!(reply, Reply::Waiting | Reply::NotFound | Reply::NotPaid(_));
        self.undecided_at = undecided.then_some(self.open_at);
    }

    /// The rule that a reverse or close now would break.
    fn may_undo(
        &self,
        op: Operation,
        cleaning: bool,
        kind: PaymentKind,
        now: Time,
        timing: &Timing,
    ) -> Result<(), &'static str> {
        if self.number_taken {
            return Err("a number that was taken is left alone");
        }
        if self.proved_paid {
            return Err("what is proved paid is not undone");
        }
        if self.unverified {
            return Err("what looks paid is not undone");
        }
        if op != Operation::Reverse || kind != PaymentKind::Charge {
            return Ok(());
        }
        let age_reached = self.charge_ended_at.after(timing.min_reverse_age_ms);
        if now < age_reached {
            return Err("no reverse before its least age");
        }
        // The first one needs an answered question, late enough; after a restart, or where a failed order is cleaned up, any
        // that was asked since.
        let asked = self.undecided_at.is_some_and(|at| cleaning || self.restarted || at >= age_reached);
        if !self.undo_left && !asked {
            return Err("no reverse without an answer that is still undecided");
        }
        Ok(())
    }
}
