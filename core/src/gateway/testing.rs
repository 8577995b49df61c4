//! What the gateways' tests share: an order, answers over every kind of connection, and answers that prove nothing.

use std::{collections::HashMap, sync::Arc};

use proptest::prelude::*;

use super::{Callback, Gateway, Operation, Order, Refund, Reply, Settings, Stamp, WireRequest, WireResponse};
use crate::{
    money::{Amount, Currency},
    payment::{PaymentKind, Texts},
    payment_code::PaymentCode,
    secret::Secret,
};

/// The key of docs/sources.md.
pub(super) const K: &str = "0123456789abcdef0123456789abcdef";
pub(super) const NUMBER: &str = "T20260101000001";
/// The number of the refund that [`refunding`] asks for.
pub(super) const REFUND_NUMBER: &str = "T20260101000001R";
/// 2026-01-01 08:00:00 +08:00.
pub(super) const NEW_YEAR_MS: i64 = 1_767_225_600_000;

/// Every byte is tried; under Miri, which is some thousand times slower, only a few.
const STRIDE: usize = if cfg!(miri) { 97 } else { 1 };

pub(super) const OPERATIONS: [Operation; 8] = [
    Operation::Charge,
    Operation::CreateQr,
    Operation::Query,
    Operation::Detail,
    Operation::Reverse,
    Operation::Close,
    Operation::Refund,
    Operation::RefundQuery,
];

pub(super) fn settings(keys: &[(&str, &str)]) -> Settings {
    let secret = |text: &str| Arc::new(Secret::from_text(text));
    let keys: HashMap<_, _> = keys.iter().map(|(name, text)| ((*name).to_owned(), secret(text))).collect();
    Settings::new("gateways[0]", keys, "POS01", "127.0.0.1")
}

pub(super) fn order(minor: i64, currency: Currency) -> Order {
    Order {
        number: NUMBER.to_owned(),
        amount: Amount::new(minor, currency),
        kind: PaymentKind::Charge,
        wallet: None,
        refund: None,
        texts: Texts::default(),
        gateway_number: None,
        pay_url: None,
    }
}

/// `order`, `minor` of which are to be given back.
pub(super) fn refunding(order: Order, minor: i64) -> Order {
    let amount = Amount::new(minor, order.amount.currency);
    Order { refund: Some(Refund { number: REFUND_NUMBER.to_owned(), amount }), ..order }
}

/// A callback with this body.
pub(super) fn callback(body: &str) -> Callback {
    Callback { headers: Vec::new(), body: body.as_bytes().to_vec() }
}

pub(super) fn stamp() -> Stamp {
    Stamp { nonce: "n0nce".to_owned(), at_ms: NEW_YEAR_MS }
}

pub(super) fn wechat_code() -> PaymentCode {
    PaymentCode::from_scan("134512345678901234").unwrap()
}

/// The body of `request`.
pub(super) fn sent(request: &WireRequest) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// HTTP 200 over a connection of its own and verified TLS.
pub(super) fn own(body: &str) -> WireResponse {
    WireResponse { status: 200, body: body.as_bytes().to_vec(), fresh: true, verified_tls: true }
}

/// HTTP 200 over verified TLS, on a connection used before.
pub(super) fn reused(body: &str) -> WireResponse {
    WireResponse { fresh: false, ..own(body) }
}

/// HTTP 200 over plain http, on a connection of its own.
pub(super) fn plain(body: &str) -> WireResponse {
    WireResponse { verified_tls: false, ..own(body) }
}

/// `body` proves something on its own connection with HTTP 200, and nothing otherwise.
pub(super) fn only_on_its_own_connection(gateway: &dyn Gateway, op: Operation, order: &Order, body: &str) {
    assert!(!matches!(gateway.reply(op, order, &own(body)), Reply::Unproved(_)), "{op:?} {body}");
    for response in [reused(body), plain(body), WireResponse { status: 500, ..own(body) }] {
        assert!(matches!(gateway.reply(op, order, &response), Reply::Unproved(_)), "{response:?} {body}");
    }
}

/// `operations` can neither be asked for nor answered.
pub(super) fn lacks(gateway: &dyn Gateway, operations: &[Operation]) {
    let order = order(1, gateway.capabilities().currencies[0]);
    for &op in operations {
        let error = gateway.request(op, &order, Some(&wechat_code()), &stamp()).unwrap_err();
        assert_eq!(error.field, "operation");
        assert_eq!(gateway.reply(op, &order, &own("{}")), Reply::Unproved("operation"), "{op:?}");
    }
}

/// Answers that are none, cut pieces of a good one, and random bytes prove nothing, whatever the operation.
pub(super) fn survives_garbage(gateway: &dyn Gateway, order: &Order, good: &str) {
    let none = |response: &WireResponse| {
        for op in OPERATIONS {
            let reply = gateway.reply(op, order, response);
            assert!(
                matches!(reply, Reply::Unproved(_)),
                "{op:?} {reply:?} {:?}",
                String::from_utf8_lossy(&response.body)
            );
        }
    };
    for body in ["", "{}", "[]", "null", "0", "\"\"", "{\"code\":", "<html><body>502 Bad Gateway</body></html>"] {
        none(&own(body));
    }
    for body in ["{\"status\":null,\"result\":null}", "{\"code\":null,\"data\":null}", "{\"response_content\":null}"] {
        none(&own(body));
    }
    for end in (0..good.len()).step_by(STRIDE).filter(|&end| good.is_char_boundary(end)) {
        none(&own(&good[..end]));
    }
    for status in [100, 204, 301, 307, 400, 404, 500, 502, 503] {
        none(&WireResponse { status, ..own(good) });
    }
    proptest!(|(body in proptest::collection::vec(any::<u8>(), 0..200))| {
        none(&WireResponse { body, ..own("") });
    });
    proptest!(|(at in any::<prop::sample::Index>(), piece in ".{0,6}")| {
        let mut body = good.as_bytes().to_vec();
        let at = at.index(body.len());
        body.splice(at..at + 1, piece.into_bytes());
        for op in OPERATIONS {
            gateway.reply(op, order, &WireResponse { body: body.clone(), ..own("") });
        }
    });
}

/// However one byte of the signed answer `good` is changed, it is paid, or refunded, as before or not at all.
pub(super) fn no_changed_byte_pays_otherwise(gateway: &dyn Gateway, op: Operation, order: &Order, good: &str) {
    let paid = gateway.reply(op, order, &own(good));
    assert!(matches!(paid, Reply::Paid(_) | Reply::RefundProved(_)), "{paid:?}");
    let check = |at: usize, byte: u8| {
        let mut body = good.as_bytes().to_vec();
        body[at] = byte;
        let reply = gateway.reply(op, order, &WireResponse { body, ..own("") });
        let money = matches!(
            reply,
            Reply::Paid(_) | Reply::PaidOther(_) | Reply::LooksPaid | Reply::RefundProved(_) | Reply::RefundFailed(_)
        );
        assert!(reply == paid || !money, "byte {at} as {byte}: {reply:?}");
    };
    for at in (0..good.len()).step_by(STRIDE) {
        (0..8).for_each(|bit| check(at, good.as_bytes()[at] ^ (1 << bit)));
    }
    proptest!(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 2_000 }), |(at in 0..good.len(), byte in any::<u8>())| check(at, byte));
}
