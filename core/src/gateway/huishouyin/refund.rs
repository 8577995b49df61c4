//! What huishouyin's answers prove about a refund (H1; docs/sources.md).
//!
//! `/pay/refund` only takes it on. `/pay/get` lists the order's refunds by number and amount without a state of their own:
//! the order's state and the sum that went back must both say that the listed refund is through.

use super::{is_refusal, why};
use crate::{
    gateway::{
        Order, Refund, Reply, Returned, WireResponse,
        answer::{self, Fields},
    },
    payment::Evidence,
};

/// The answer to `/pay/refund`.
pub(super) fn answered(response: &WireResponse, order: &Order, data: &Fields<'_>, code: i64) -> Reply {
    let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
    if data.names_other("refund_order_id", &refund.number) {
        return Reply::Unproved("other_refund");
    }
    let reply = match code {
        1000 if !data.names("refund_order_id", &refund.number) => Reply::RefundAccepted,
        1000 => return accepted(refund, data),
        // 2001: more than was paid.
        code if code == 2001 || is_refusal(code) => Reply::Refused(code.to_string()),
        1004 => Reply::Closed,
        1005 => Reply::Reversed,
        4001 => Reply::NotFound,
        // 2002: the merchant's funds are short; the same refund again, later.
        code => return Reply::Unproved(why(code)),
    };
    answer::if_own(response, reply)
}

/// An acceptance that names our refund.
fn accepted(refund: &Refund, data: &Fields<'_>) -> Reply {
    match data.yuan("refund_amount") {
        Some(amount) if amount == refund.amount => Reply::RefundAccepted,
        Some(amount) => Reply::PaidOther(amount),
        None => Reply::Unproved("refund_amount"),
    }
}

/// The order as `/pay/get` tells it, with its refunds.
pub(super) fn listed(order: &Order, data: &Fields<'_>) -> Reply {
    let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
    // H1: it is left out where there are none.
    let refunds = if data.has("refund_list") { data.list("refund_list") } else { Some(Vec::new()) };
    let Some(refunds) = refunds else {
        return Reply::Unproved("no_refund_list");
    };
    let state = data.integer("order_status");
    let returned = data.yuan("refund_amount").map(|amount| amount.minor);
    if returned.is_none() && data.literal("refund_amount").is_some() {
        // Unlike a sum that is left out, one that cannot be read may be any.
        return Reply::Unproved("refund_amount");
    }
    let mut named = refunds.iter().filter(|entry| entry.names("refund_order_id", &refund.number));
    let entry = match (named.next(), named.next()) {
        (Some(entry), None) => entry,
        (Some(_), Some(_)) => return Reply::Unproved("refund_twice"),
        // Nothing is under way, nothing failed, nothing came back but what is listed as others': ours is not there.
        (None, _) if state == Some(1) && refunds.is_empty() && returned.unwrap_or(0) == 0 => return Reply::NotFound,
        (None, _) if state == Some(3) && are_others(&refunds, returned) => return Reply::NotFound,
        (None, _) => return Reply::Undecided("not_listed"),
    };
    if entry.names_other("order_id", &order.number) {
        return Reply::Unproved("other_order");
    }
    match entry.yuan("refund_amount") {
        None => return Reply::Unproved("refund_amount"),
        Some(amount) if amount != refund.amount => return Reply::PaidOther(amount),
        Some(_) => {}
    }
    match state {
        Some(2 | 3) if is_through(&refunds, returned) => Reply::RefundProved(Returned {
            gateway_number: entry.literal("trade_no"),
            refunded_at_ms: entry.literal("refund_time").and_then(|time| answer::china_time(&time)),
            evidence: Evidence::Order,
        }),
        Some(-3) => Reply::Waiting,
        // The order's state names no refund: it is ours that failed only where there is no other and nothing went back.
        Some(-2) if refunds.len() == 1 && returned == Some(0) => Reply::RefundFailed("-2".to_owned()),
        _ => Reply::Undecided("refund_undecided"),
    }
}

/// Whether something is listed, and all that went back, each with the number of another refund: one without a number may be
/// ours.
fn are_others(refunds: &[Fields<'_>], returned: Option<i64>) -> bool {
    let named = refunds.iter().all(|entry| entry.literal("refund_order_id").is_some());
    named && !refunds.is_empty() && returned.is_some() && is_through(refunds, returned)
}

/// Whether every listed refund went back: their sum is what the order says was returned. Where the order says no sum,
/// only the single refund of an order that was given back counts.
fn is_through(refunds: &[Fields<'_>], returned: Option<i64>) -> bool {
    let Some(returned) = returned else { return refunds.len() == 1 };
    let sum = refunds.iter().try_fold(0_i64, |sum, entry| sum.checked_add(entry.yuan("refund_amount")?.minor));
    sum == Some(returned)
}
