//! What the states of Tencent's orders and refunds prove, by wallet (T1; docs/architecture.md, docs/sources.md).
//!
//! Bar codes and QR orders share one table of states and read it differently: a customer who stops ends the charge of his
//! code, and leaves a QR to the next attempt.

use crate::{
    gateway::{
        Order, Receipt, Refund, Reply, Returned,
        answer::{self, Fields},
    },
    payment::{Evidence, PaymentKind},
};

/// An order as `order_content` tells it, once it is known to be ours.
pub(super) fn order(order: &Order, told: &Fields<'_>) -> Reply {
    let name = &["current_trade_state"];
    let reply = match state(told, ("wxpay_order_content_ext", name), ("alipay_order_content_ext", name)) {
        Some(State::Wechat(state)) => wechat_order(order, told, state),
        Some(State::Alipay(state)) => alipay_order(order, told, state),
        None => Reply::Unproved("no_state"),
    };
    match reply {
        Reply::NotPaid(_) | Reply::Closed | Reply::Reversed | Reply::ReturnedInFull | Reply::NotFound
            if is_transforming(told) =>
        {
            Reply::Waiting
        }
        reply => reply,
    }
}

/// A refund as its entry tells it, once it is known to name our refund number.
pub(super) fn refund(order: &Order, refund: &Refund, entry: &Fields<'_>) -> Reply {
    let Some(minor) = entry.integer("refund_fee") else {
        return Reply::Unproved("refund_fee");
    };
    let currency = match entry.literal("refund_fee_type").map(|currency| currency.parse()) {
        None => order.amount.currency,
        Some(Ok(currency)) => currency,
        Some(Err(_)) => return Reply::Unproved("currency"),
    };
    let amount = crate::Amount::new(minor, currency);
    if amount != refund.amount {
        return Reply::PaidOther(amount);
    }
    // T2: WeChat's is called `state`, Alipay's `refund_status`; `state` is taken there too (docs/sources.md).
    let alipays = ("alipay_refund_order_content_ext", &["refund_status", "state"][..]);
    let reply = match state(entry, ("wxpay_refund_order_content_ext", &["state"]), alipays) {
        Some(State::Wechat(state)) => wechat_refund(entry, state),
        Some(State::Alipay(state)) => alipay_refund(entry, state),
        None => return Reply::Unproved("no_state"),
    };
    if is_transforming(entry) && !matches!(reply, Reply::Unproved(_)) { Reply::Waiting } else { reply }
}

/// Whether the gateway is still at work on it (T2): what it says meanwhile is no end. Whatever else stands there may mean
/// that it is.
fn is_transforming(told: &Fields<'_>) -> bool {
    told.has("is_transforming") && !["false", "0"].iter().any(|no| told.names("is_transforming", no))
}

/// A state in the table of its wallet. One that is no number stands in no table.
enum State {
    Wechat(i64),
    Alipay(i64),
}

/// The state of the one wallet that is told of: where it stands, and what it may be called there.
fn state(told: &Fields<'_>, wechat: (&str, &[&str]), alipay: (&str, &[&str])) -> Option<State> {
    let of = |(ext, names): (&str, &[&str])| Some(number(&told.object(ext)?, names));
    match (of(wechat), of(alipay)) {
        (Some(state), None) => Some(State::Wechat(state)),
        (None, Some(state)) => Some(State::Alipay(state)),
        _ => None,
    }
}

/// The number under any of `names`; none in any table where two of them differ.
fn number(ext: &Fields<'_>, names: &[&str]) -> i64 {
    let mut said = names.iter().filter(|name| ext.has(name)).map(|name| ext.number(name));
    let first = said.next().flatten();
    first.filter(|_| said.all(|other| other == first)).unwrap_or(-1)
}

/// WxpayOrderState: 2 micropay paid, 3 unified paid, 6 the customer is awaited, 9 micropay paying, 11 void, here only,
/// 12 being processed.
fn wechat_order(order: &Order, told: &Fields<'_>, state: i64) -> Reply {
    match state {
        2 | 3 => paid(order, told),
        // "Micropay customer stopped", "micropay error": of a QR order only an attempt.
        5 | 10 if order.kind == PaymentKind::Charge => Reply::NotPaid(state.to_string()),
        1 | 5 | 6 | 9 | 10 | 11 | 12 => Reply::Waiting,
        7 => Reply::Closed,
        8 => Reply::Reversed,
        // Refunded in full or in part; a deposit released or used.
        4 | 13 | 14 => Reply::ReturnedElsewhere,
        _ => Reply::Unproved("unknown_state"),
    }
}

/// AlipayOrderState: 2 success, 6 finished, 4 waiting, 7 no such order.
fn alipay_order(order: &Order, told: &Fields<'_>, state: i64) -> Reply {
    match state {
        2 | 6 => paid(order, told),
        1 | 4 => Reply::Waiting,
        // "Closed or refunded".
        5 if refunded_in_full(order, told) => Reply::ReturnedInFull,
        5 if refunded(told) => Reply::ReturnedElsewhere,
        5 => Reply::Closed,
        7 => Reply::NotFound,
        _ => Reply::Unproved("unknown_state"),
    }
}

/// What is said to have come back, by each name for it; none where it cannot be read. T2: `refunded_fee` stands in another call,
/// in a query Alipay's extension says it.
fn sums_back(told: &Fields<'_>) -> Vec<Option<i64>> {
    let sum = |fields: &Fields<'_>, name: &str| fields.literal(name).map(|_| fields.integer(name));
    let alipays = told.object("alipay_order_content_ext").and_then(|ext| sum(&ext, "refund_fee"));
    sum(told, "refunded_fee").into_iter().chain(alipays).collect()
}

fn refunded(told: &Fields<'_>) -> bool {
    sums_back(told).iter().any(|sum| *sum != Some(0))
}

fn refunded_in_full(order: &Order, told: &Fields<'_>) -> bool {
    let (all, sums) = (Some(order.amount.minor), sums_back(told));
    told.integer("total_fee") == all && !sums.is_empty() && sums.iter().all(|sum| *sum == all)
}

/// A paid order, its signature aside. `cash_fee` and `settlement_total_fee` are lower by coupons, and never compared.
fn paid(order: &Order, told: &Fields<'_>) -> Reply {
    if refunded(told) {
        return Reply::ReturnedElsewhere;
    }
    let Some(total_fee) = told.integer("total_fee") else {
        return Reply::Unproved("amount");
    };
    let receipt = Receipt {
        gateway_number: told.literal("transaction_id"),
        paid_at_ms: seconds(told, "time_end"),
        refundable: None,
        evidence: Evidence::Signature,
    };
    answer::paid(order, total_fee, told.literal("fee_type").as_deref(), receipt)
}

/// WxpayRefundOrderState: 1 initial, 4 processing, 6 void.
fn wechat_refund(entry: &Fields<'_>, state: i64) -> Reply {
    match state {
        2 => returned(entry),
        1 | 4 => Reply::Waiting,
        3 => Reply::RefundFailed(state.to_string()),
        5 => Reply::RefundChanged,
        6 => Reply::Unproved("void"),
        _ => Reply::Unproved("unknown_state"),
    }
}

/// AlipayRefundOrderState: 1 initial, 3 the application failed, 4 refunding, 5 no such refund.
fn alipay_refund(entry: &Fields<'_>, state: i64) -> Reply {
    match state {
        2 => returned(entry),
        1 | 4 => Reply::Waiting,
        3 => Reply::RefundFailed(state.to_string()),
        5 => Reply::NotFound,
        _ => Reply::Unproved("unknown_state"),
    }
}

fn returned(entry: &Fields<'_>) -> Reply {
    Reply::RefundProved(Returned {
        gateway_number: entry.literal("refund_id"),
        refunded_at_ms: seconds(entry, "last_update_time"),
        evidence: Evidence::Signature,
    })
}

/// UTC milliseconds of Unix seconds (T2).
fn seconds(told: &Fields<'_>, name: &str) -> Option<i64> {
    told.integer(name).filter(|&seconds| seconds > 0).and_then(|seconds| seconds.checked_mul(1_000))
}
