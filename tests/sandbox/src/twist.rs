//! What an answer says where that differs from what happened.

use crate::gateway::{Asked, Op, Outcome, Said};
use crate::ledger::{Order, OrderState};
use crate::plan::Do;
use crate::refunds::{Refund, RefundState};
use crate::rng::Rng;

/// Changes what is said, as the misbehaviour wants it.
pub(crate) fn twist(said: &mut Said<'_>, asked: &Asked, misbehaviour: Option<&Do>, rng: &mut Rng, now_ms: i64) {
    let Some(misbehaviour) = misbehaviour else { return };
    let starts = asked.sale.is_some();
    match (misbehaviour, said.order.as_mut()) {
        (Do::Stranger { .. }, Some(order)) => {
            let order = order.to_mut();
            rename(order, rng);
            let end = match asked.op {
                Op::Reverse => Some((OrderState::Reversed, Outcome::Reversed)),
                Op::Close => Some((OrderState::Closed, Outcome::Closed)),
                _ => None,
            };
            let (state, outcome) = end.unwrap_or((OrderState::Paid, Outcome::Order));
            (order.state, said.outcome, said.attempt_failed) = (state, outcome, false);
            order.money_minor =
                if order.state == OrderState::Paid { order.charged_minor - order.coupon_minor } else { 0 };
            order.paid_at_ms = order.paid_at_ms.or(Some(now_ms));
        }
        (Do::OtherOrder, Some(order)) => order.to_mut().order_number = other_number(&order.order_number),
        (Do::OtherRefund, Some(order)) => {
            let refunds = order.to_mut().refunds.iter_mut();
            refunds.for_each(|refund| refund.refund_number = other_refund(&refund.refund_number));
        }
        (Do::OtherAmount, Some(order)) if asked.is_about_refund() => {
            order.to_mut().refunds.iter_mut().for_each(|refund| refund.amount_minor += 1);
        }
        (Do::OtherAmount, Some(order)) if !starts => order.to_mut().charged_minor += 1,
        (Do::OtherCurrency, Some(order)) if !starts => order.to_mut().currency = "USD".to_owned(),
        (Do::UnknownCode { .. }, _) => said.outcome = Outcome::UnknownCode,
        (Do::UnknownState, _) => said.unknown_state = true,
        (Do::Busy { .. }, _) => said.outcome = Outcome::Busy,
        (Do::NotFound, _) if asked.op == Op::RefundQuery => said.outcome = Outcome::NoRefund,
        (Do::NotFound, _) => said.outcome = Outcome::NotFound,
        _ => {}
    }
}

/// Somebody else's order: nothing of its numbers is ours, and what was refunded has succeeded.
fn rename(order: &mut Order, rng: &mut Rng) {
    order.order_number = other_number(&order.order_number);
    order.gateway_number = rng.digits(order.gateway_number.len());
    order.wallet_number = rng.digits(order.wallet_number.len());
    order.qr = order.qr.as_ref().map(|qr| other_number(qr));
    for refund in &mut order.refunds {
        *refund = Refund {
            refund_number: other_refund(&refund.refund_number),
            gateway_number: rng.digits(refund.gateway_number.len()),
            state: RefundState::Succeeded,
            ended_at_ms: refund.ended_at_ms.or(Some(refund.created_at_ms)),
            ..refund.clone()
        };
    }
}

/// Another number of the same look: its last character changed.
pub(crate) fn other_number(number: &str) -> String {
    let mut other = number.to_owned();
    let last = other.pop();
    other.push(if last == Some('7') { '8' } else { '7' });
    other
}

/// Another refund's number: never another order's, though the two may differ in their last character only.
fn other_refund(number: &str) -> String {
    let mut other = number.to_owned();
    let last = other.pop();
    other.push(if last == Some('9') { '6' } else { '9' });
    other
}

/// What happened, in a word for the log of calls.
pub(crate) fn effect_word(said: &Said<'_>, misbehaviour: Option<&Do>) -> &'static str {
    if misbehaviour.is_some_and(|what| !what.happens()) {
        return "nothing";
    }
    if matches!(said.op, Op::Refund | Op::RefundQuery) {
        return refund_word(said);
    }
    match (&said.outcome, said.order().map(|order| order.state)) {
        (Outcome::Order, _) if said.attempt_failed => "attempt_failed",
        (Outcome::Order, Some(OrderState::Created)) => "created",
        (Outcome::Order, Some(OrderState::Waiting)) => "waiting",
        (Outcome::Order, Some(OrderState::Paid)) => "paid",
        (Outcome::Order, Some(OrderState::Failed)) => "failed",
        (Outcome::Order | Outcome::Reversed, Some(OrderState::Reversed)) | (Outcome::Reversed, _) => "reversed",
        (Outcome::Order | Outcome::Closed, Some(OrderState::Closed)) | (Outcome::Closed, _) => "closed",
        (Outcome::Duplicate { .. }, _) => "duplicate",
        (Outcome::CodeUsed, _) => "code_used",
        (Outcome::NotFound, _) => "not_found",
        (Outcome::AlreadyClosed, _) => "already_closed",
        (Outcome::RefusedPaid, _) => "refused_paid",
        (Outcome::Refunded, _) => "refused_refunded",
        (Outcome::WrongKind, _) => "wrong_kind",
        (Outcome::TooYoung, _) => "too_young",
        _ => "nothing",
    }
}

fn refund_word(said: &Said<'_>) -> &'static str {
    match (&said.outcome, said.refunds().last().map(|refund| refund.state)) {
        (Outcome::Order, Some(RefundState::Accepted)) => "refund_accepted",
        (Outcome::Order, Some(RefundState::Processing)) => "refund_processing",
        (Outcome::Order, Some(RefundState::Succeeded)) => "refunded",
        (Outcome::Order, Some(RefundState::Failed)) => "refund_failed",
        (Outcome::Order, Some(RefundState::Changed)) => "refund_changed",
        (Outcome::RefundRefused(_), _) => "refund_refused",
        (Outcome::NotFound, _) => "not_found",
        (Outcome::NoRefund, _) => "no_refund",
        _ => "nothing",
    }
}
