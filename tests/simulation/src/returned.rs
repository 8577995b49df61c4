//! The rules of giving back: what may be sent, what may be told, and what the gateways' books must say of it.
//!
//! A refund is told as done only where its gateway has paid out that number and that amount, once; as failed only where
//! it has paid out nothing and never will. A repeat comes after a question, and under the same number.

use paywand::{
    Payment, PaymentKind, PaymentState, PaywandError, Reason,
    driver::{End, Send},
    flow::Time,
    gateway::{GatewayKind, Operation, Order, Refunds, Reply, Timing},
    store::{Intent, Stored},
};
use paywand_sandbox::{Kind, Refund, RefundState};

use crate::{
    day::Day,
    judge::{Verdict, Violation, ensure, unreadable},
    sale::{Audit, Sale},
};

impl Day<'_> {
    /// The sale, or the requested refund, that sends this.
    pub(crate) fn place_of_order(&self, order: &Order) -> Option<usize> {
        let refund = order.refund.as_ref().and_then(|refund| self.by_order.get(&refund.number));
        refund.or_else(|| self.by_order.get(&order.number)).copied()
    }

    /// What a gateway can give back, and how.
    fn refunds_at(&self, place: usize) -> Option<Refunds> {
        let till = self.till.as_ref()?;
        let port = till.port(self.sales[place].gateway_kind())?;
        till.ports[port].gateway.capabilities().refund
    }

    /// A refund is about to leave.
    pub(crate) fn judge_refund_send(&self, place: usize, send: &Send, timing: &Timing) -> Verdict {
        let sale = &self.sales[place];
        let story = || format!("sale {place}: {send:?}; {:?}; the order: {:?}", sale.audit, self.order(place));
        let Some(asked) = &send.order.refund else {
            return ensure(false, "a refund keeps its number", story);
        };
        let kept = sale.refund_number.as_ref().is_none_or(|number| *number == asked.number);
        ensure(kept, "a refund keeps its number", story)?;
        let others = self.sales.iter().enumerate().any(|(other, rival)| {
            other != place
                && (rival.order_number == asked.number || rival.refund_number.as_ref() == Some(&asked.number))
        });
        ensure(!others, "order numbers are unique", story)?;
        let original = sale.refund_of.unwrap_or(place);
        ensure(send.order.number == self.sales[original].order_number, "a refund names its payment", story)?;
        match sale.refund_of {
            Some(_) => ensure(asked.amount == sale.amount, "what is asked for goes back", story)?,
            None => self.judge_own_refund(place, asked.amount.minor)?,
        }
        let repeats = self.refunds_at(place).is_some_and(|can| can.repeats);
        sale.audit.may_refund(repeats, timing).map_err(|check| Violation::new(check, story()))
    }

    /// Money that came in against an end goes back by itself: all of it.
    fn judge_own_refund(&self, place: usize, minor: i64) -> Verdict {
        let audit = &self.sales[place].audit;
        // A copy of a reverse may have given it back since: then the gateway turns the refund away.
        let came_in = self.order(place).filter(|order| order.charges > 0);
        let taken = came_in.map_or(0, |order| order.charged_minor - order.coupon_minor);
        let story = || format!("sale {place}: {minor} are to go back of {taken}; {audit:?}");
        ensure(!audit.number_taken, "a number that was taken is left alone", story)?;
        ensure(minor <= taken, "no more goes back than came in", story)
    }

    /// Its own answer proves no refund.
    pub(crate) fn judge_refund_step(&self, place: usize, op: Operation, end: &End, payment: &Payment) -> Verdict {
        let story = || format!("sale {place}: {end:?} leads to {payment:?}");
        let proved = op != Operation::Refund || payment.state != PaymentState::Refunded;
        ensure(proved, "accepted is not refunded", story)
    }

    /// What the gateway has paid out, or promised to, on this sale's requests.
    pub(crate) fn payouts(&self, place: usize) -> Vec<&Refund> {
        let Some(order) = self.order(place) else { return Vec::new() };
        let booked = self.sales[place].payouts.iter().filter_map(|part| order.refunds.get(*part));
        booked.filter(|refund| refund.state != RefundState::Failed).collect()
    }

    /// What is said of money that went back, against the gateway's books.
    pub(crate) fn judge_returned(&self, place: usize, payment: &Payment) -> Verdict {
        let (sale, payouts) = (&self.sales[place], self.payouts(place));
        let story = || format!("sale {place} is {payment:?}; the order: {:?}; {:?}", self.order(place), sale.payouts);
        ensure(payouts.len() <= 1, "a refund is paid out once", story)?;
        // Of another sum than was asked for, a gateway that gives back only the whole gives back that.
        let as_asked = self.order(place).is_none_or(|order| order.charged_minor == order.amount_minor);
        let exact = payouts.iter().all(|refund| refund.amount_minor == payment.amount.minor);
        ensure(payment.kind != PaymentKind::Refund || exact || !as_asked, "what is asked for goes back", story)?;
        match payment.state {
            PaymentState::Refunded => {
                ensure(self.went_back(place, payment), "refunded means that the money went back", story)
            }
            PaymentState::Failed if payment.kind == PaymentKind::Refund => {
                let unsent = matches!(payment.reason, Some(Reason::NotSent | Reason::DeviceClock | Reason::Cancelled));
                ensure(!unsent || !sale.may_have_left, "failed means proved", story)?;
                // A number that has failed is spent: what still arrives under it is that refund again.
                let coming = sale.refunds_on_the_way > 0 && payment.reason != Some(Reason::RefundFailed);
                ensure(payouts.is_empty() && !coming, "failed means proved", story)
            }
            PaymentState::Failed | PaymentState::NeedsAttention | PaymentState::Refunding => Ok(()),
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => Ok(()),
            _ => ensure(payment.kind != PaymentKind::Refund, "a refund ends as refunded or failed", story),
        }
    }

    /// Whether this refund's number and amount stand in the books as paid out.
    fn went_back(&self, place: usize, payment: &Payment) -> bool {
        let Some(order) = self.order(place) else { return false };
        // There a refund has no number, and there is only one: the order's state proves it, whoever gave it back (M1).
        if self.sales[place].gateway_kind() == GatewayKind::MaxfunTp {
            return order.refunded_minor() == order.money_minor && order.money_minor == payment.amount.minor;
        }
        let number = self.sales[place].refund_number.as_deref().unwrap_or_default();
        let minor = if payment.kind == PaymentKind::Refund { payment.amount.minor } else { order.money_minor };
        let paid_out = |refund: &Refund| refund.state == RefundState::Succeeded && refund.amount_minor == minor;
        order.refund(number).is_some_and(paid_out)
    }

    /// A requested refund stands in the store: its payment is paid, and has that much left.
    pub(crate) fn judge_refund_begun(&self, place: usize, stored: &Stored) -> Verdict {
        let Some(original) = self.sales[place].refund_of else { return Ok(()) };
        let row = self.row_of(original);
        let story = || format!("sale {place} gives back sale {original}: {:?} of {row:?}", stored.payment);
        let names = stored.payment.refund_of.as_ref().is_some_and(|named| Some(named.id) == self.sales[original].id);
        ensure(names, "a refund names its payment", story)?;
        let left = self.left_of(original, Some(stored.payment.id));
        ensure(left.is_some(), "only what is paid is refunded", story)?;
        ensure(stored.payment.amount.minor <= left.unwrap_or(0), "no more goes back than came in", story)?;
        let own = self.sales[original].audit.refund_left;
        ensure(!own, "what goes back by itself is not refunded by hand", story)
    }

    /// Its caller is told of a refund that this process began: so its payment is known to be paid.
    pub(crate) fn refund_was_begun(&mut self, place: usize, payment: &Payment) {
        let begun = payment.state == PaymentState::Refunding && self.sales[place].begun_in == self.life;
        if let Some(original) = self.sales[place].refund_of.filter(|_| begun) {
            self.sales[original].given_back_ms = Some(self.now_ms);
        }
    }

    /// A refund was turned away: rightly.
    pub(crate) fn judge_turned_away(&self, intent: &Intent, error: &PaywandError) -> Verdict {
        let place = self.sales.iter().position(|sale| sale.key == intent.payment.request_key);
        let original = place.and_then(|place| self.sales[place].refund_of);
        let left = original.and_then(|original| self.left_of(original, None));
        let story = || format!("{:?}: {error:?}, and {left:?} is left of sale {original:?}", intent.payment);
        let rightly = match error {
            PaywandError::NotRefundable { .. } => left.is_none(),
            PaywandError::RefundTooLarge { .. } => left.is_some_and(|left| intent.payment.amount.minor > left),
            _ => false,
        };
        ensure(rightly, "what is left can be given back", story)
    }

    /// What is left to give back of a payment, by the books and by every refund that is not proved failed but `except`;
    /// none where it is not paid.
    pub(crate) fn left_of(&self, original: usize, except: Option<i64>) -> Option<i64> {
        let payment = self.row_of(original)?;
        let taken = match payment.state {
            PaymentState::Paid => self.order(original)?.money_minor,
            PaymentState::SettledPaid => payment.refundable.or(payment.received).unwrap_or(payment.amount).minor,
            _ => return None,
        };
        let refunds = self.committed.values().map(|row| &row.payment).filter(|refund| {
            let of_this = refund.refund_of.as_ref().is_some_and(|of| of.id == payment.id);
            of_this && refund.state != PaymentState::Failed && Some(refund.id) != except
        });
        // Money of another currency is given back by other means.
        let is_other = payment.received.is_some_and(|received| received.currency != payment.amount.currency);
        let taken = if is_other { 0 } else { taken };
        // Where the gateway says that more went back than was asked for, so much is not left.
        let back = |refund: &Payment| {
            let told = refund.received.filter(|received| received.currency == refund.amount.currency);
            refund.amount.minor.max(told.map_or(0, |told| told.minor))
        };
        Some((taken - refunds.map(back).sum::<i64>()).max(0))
    }

    /// At the end of the day the books know no refund that the store does not, and both agree on what is left.
    pub(crate) fn judge_refunds(&self) -> Verdict {
        for order in self.orders() {
            let story = || format!("{order:?}");
            ensure(order.bound_minor() <= order.money_minor, "no more goes back than came in", story)?;
            let named = order.gateway != Kind::MaxfunTp;
            for refund in order.refunds.iter().filter(|refund| refund.asked_for && named) {
                let number = Some(&refund.refund_number);
                let known = self
                    .sales
                    .iter()
                    .enumerate()
                    .any(|(place, sale)| sale.refund_number.as_ref() == number && self.row_of(place).is_some());
                ensure(known, "nothing in flight is forgotten", story)?;
            }
        }
        let Some(till) = &self.till else { return Ok(()) };
        let refunds = (0..self.sales.len()).filter_map(|place| self.sales[place].refund_of);
        for original in refunds {
            let Some(id) = self.sales[original].id else { continue };
            let stored = till.shelf.refundable(id).map_err(unreadable)?;
            let currency = self.sales[original].amount.currency;
            let stored = stored.map(|left| if left.currency == currency { left.minor } else { 0 });
            let left = self.left_of(original, None);
            ensure(stored == left, "what is left can be given back", || {
                format!("sale {original}: {stored:?} by the store, {left:?} by the books; {:?}", self.order(original))
            })?;
        }
        Ok(())
    }
}

impl Sale {
    /// A request to give money back is on its way.
    pub(crate) fn refund_sent(&mut self, number: &str) {
        self.refund_number.get_or_insert_with(|| number.to_owned());
        self.audit.refund_missing_at = None;
        self.audit.asked_since_undo = false;
    }
}

impl Audit {
    /// A refund, or a question about it, has ended.
    pub(crate) fn refund_ended(&mut self, op: Operation, reply: Option<&Reply>, left: bool, now: Time) {
        let waits = op == Operation::RefundQuery && matches!(reply, Some(Reply::Waiting));
        self.refund_seen |= waits || matches!(reply, Some(Reply::RefundAccepted));
        if op == Operation::Refund {
            self.refund_left |= left;
            if left {
                self.refund_ended_at = now;
            }
            return;
        }
        let Some(reply) = reply.filter(|reply| !matches!(reply, Reply::Unproved(_))) else { return };
        self.asked_since_undo = true;
        self.refund_missing_at = matches!(reply, Reply::NotFound).then_some(self.open_at);
    }

    /// The rule that a refund now would break. `repeats`: the gateway's text says that the same number is the same refund.
    fn may_refund(&self, repeats: bool, timing: &Timing) -> Result<(), &'static str> {
        if !self.refund_left {
            return Ok(());
        }
        let Some(missing_at) = self.refund_missing_at else {
            return Err("no refund is repeated without a question that did not find it");
        };
        if !repeats && missing_at < self.refund_ended_at.after(timing.landing_horizon_ms) {
            return Err("no refund is repeated while the first can arrive");
        }
        if !repeats && self.refund_seen {
            return Err("no refund is repeated that the gateway has had");
        }
        Ok(())
    }
}
