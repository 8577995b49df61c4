//! Each misbehaviour does what it says: to the money, and to the answer.

use serde_json::Value;

use super::till::{Till, body, content, end_op, start_op, word};
use crate::gateway::{Kind, Op};
use crate::http::{Delivery, Exchange};
use crate::plan::{Customer, Do, Plan, Rule};

/// A charge at BlueOcean under a misbehaviour: the answer, and how much money moved.
fn charge(what: Do) -> (Exchange, i64) {
    let mut till = Till::new().wrong(Op::Charge, what.clone());
    let exchange = till.start(Kind::BlueoceanV1, 1, 100);
    let money = till.ledger().orders.iter().map(|order| order.money_minor).sum();
    let (outcome, effect) = till.last_call();
    assert_eq!(outcome, what.name());
    assert_eq!(effect == "nothing", money == 0, "{what:?}");
    (exchange, money)
}

#[test]
fn lost_answers_are_cut_before_or_after() {
    assert!(matches!(charge(Do::LostBefore), (Exchange { delivery: Delivery::CutConnection, .. }, 0)));
    assert!(matches!(charge(Do::LostAfter), (Exchange { delivery: Delivery::CutConnection, .. }, 100)));
}

#[test]
fn error_pages_come_before_or_after() {
    for (what, status, money) in [
        (Do::Http500, 500, 0),
        (Do::Http500After, 500, 100),
        (Do::Html, 200, 0),
        (Do::HtmlAfter, 200, 100),
        (Do::Redirect, 307, 0),
    ] {
        let (exchange, moved) = charge(what);
        assert_eq!((exchange.answer.status, moved), (status, money));
        assert!(exchange.answer.body.starts_with(b"<!DOCTYPE html>"));
    }
}

#[test]
fn a_redirect_leads_to_the_same_path_at_the_other_port() {
    let (exchange, _) = charge(Do::Redirect);
    let location = ("location".to_owned(), "http://127.0.0.1:2/wechat/payment/micropay".to_owned());
    assert!(exchange.answer.headers.contains(&location));
}

#[test]
fn half_an_answer_comes_with_the_whole_or_with_the_half_length() {
    let (exchange, money) = charge(Do::CutJson);
    assert_eq!(exchange.delivery, Delivery::CutBody(exchange.answer.body.len() / 2));
    assert_eq!(money, 100);
    let (exchange, money) = charge(Do::CutJsonClean);
    assert_eq!((exchange.delivery, money), (Delivery::Whole, 100));
    assert!(serde_json::from_slice::<Value>(&exchange.answer.body).is_err());
}

#[test]
fn hanging_answers_happened_or_did_not() {
    assert!(matches!(charge(Do::Hang { effect: true }), (Exchange { delivery: Delivery::Hang, .. }, 100)));
    assert!(matches!(charge(Do::Hang { effect: false }), (Exchange { delivery: Delivery::HangThenCut, .. }, 0)));
}

#[test]
fn bodies_can_be_empty_huge_or_slow() {
    let (exchange, money) = charge(Do::Empty);
    assert!(exchange.answer.body.is_empty() && money == 100);
    let (exchange, money) = charge(Do::Huge);
    assert!(exchange.answer.body.len() > 1 << 20 && money == 100);
    assert_eq!(body(&exchange)["code"], 200);
    let (exchange, money) = charge(Do::Drip { pause_ms: 3 });
    assert!(exchange.delivery == Delivery::Drip { pause_ms: 3 } && money == 100);
}

#[test]
fn the_date_header_can_be_off() {
    let (exchange, _) = charge(Do::ClockHeader { offset_ms: 86_400_000 });
    assert!(exchange.answer.headers.contains(&("date".to_owned(), "Fri, 02 Jan 2026 00:00:00 GMT".to_owned())));
}

#[test]
fn signatures_can_be_wrong_or_missing() {
    for kind in [Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay] {
        for (what, expected) in [(Do::BadSignature, Some(false)), (Do::NoSignature, None)] {
            let mut till = Till::new().wrong(start_op(kind), what);
            let exchange = till.start(kind, 1, 100);
            assert_eq!(till.is_signed(kind, &exchange), expected, "{kind:?}");
            assert_eq!(till.ledger().orders.len(), 1);
        }
    }
}

#[test]
fn a_stranger_is_paid_and_signed_but_not_ours() {
    for kind in [Kind::BlueoceanV1, Kind::Bjrcb] {
        let mut till = Till::new();
        let stranger = Rule::new(Op::Query, Do::Stranger { reused_only: false });
        till.plan(Plan::new().customer(Customer::Never).rule(stranger));
        till.start(kind, 1, 100);
        let exchange = till.query(kind, 1);
        assert!(word(kind, &exchange).ends_with("SUCCESS"));
        assert_eq!(till.is_signed(kind, &exchange), Some(true));
        assert!(!String::from_utf8_lossy(&exchange.answer.body).contains(&till.number(kind, 1)));
        assert_eq!(till.only_order().charges, 0);
    }
}

#[test]
fn a_strangers_qr_is_not_the_orders_own() {
    let mut till = Till::new().wrong(Op::Create, Do::Stranger { reused_only: false });
    let created = content(&till.start(Kind::TencentCpay, 1, 100));
    let queried = content(&till.query(Kind::TencentCpay, 1));
    assert_ne!(created["scan_code_pay"]["code_url"], queried["query_order"]["order_content"]["code_url"]);
}

#[test]
fn another_amount_or_currency_moves_at_the_charge_and_is_only_said_in_the_query() {
    let mut till = Till::new().wrong(Op::Charge, Do::OtherAmount);
    let charged = body(&till.start(Kind::BlueoceanV1, 1, 100));
    assert_eq!(charged["data"]["total_fee"], 101);
    assert_eq!(till.only_order().money_minor, 101);
    assert_eq!(body(&till.query(Kind::BlueoceanV1, 1))["data"]["total_fee"], 101);

    let mut till = Till::new().wrong(Op::Query, Do::OtherAmount);
    till.start(Kind::BlueoceanV1, 1, 100);
    assert_eq!(body(&till.query(Kind::BlueoceanV1, 1))["data"]["total_fee"], 101);
    assert_eq!(till.only_order().money_minor, 100);

    let mut till = Till::new().wrong(Op::Charge, Do::OtherCurrency);
    assert_eq!(body(&till.start(Kind::BlueoceanV1, 1, 100))["data"]["fee_type"], "USD");
    assert_eq!(till.ledger().totals.money_minor["USD"], 100);
    let mut till = Till::new().wrong(Op::Charge, Do::OtherCurrency);
    assert_eq!(body(&till.start(Kind::Bjrcb, 1, 100))["fee_type"], "USD");
}

#[test]
fn an_answer_can_name_another_order() {
    let mut till = Till::new().wrong(Op::Charge, Do::OtherOrder);
    let charged = body(&till.start(Kind::BlueoceanV1, 1, 100));
    assert_ne!(charged["data"]["out_trade_no"], till.number(Kind::BlueoceanV1, 1));
    assert_eq!(till.only_order().money_minor, 100);
}

#[test]
fn busy_and_unknown_codes_come_after_the_effect_unless_told_otherwise() {
    let busy = ["102", "40400", "ERROR_CODE", "103", "5001", "102"];
    let unknown = ["777", "49999", "MYSTERY SUCCESS", "99", "7777", "777"];
    for (place, kind) in Kind::ALL.into_iter().enumerate() {
        let start = |what| {
            let mut till = Till::new().wrong(start_op(kind), what);
            let said = word(kind, &till.start(kind, 1, 100));
            (said, till.ledger().orders.len())
        };
        assert_eq!(start(Do::Busy { effect: true }), (busy[place].to_owned(), 1));
        assert_eq!(start(Do::Busy { effect: false }), (busy[place].to_owned(), 0));
        assert_eq!(start(Do::UnknownCode { effect: true }), (unknown[place].to_owned(), 1));
    }
}

#[test]
fn a_query_can_tell_a_state_that_nobody_knows() {
    let words = ["200 MYSTERY", "SUCCESS MYSTERY", "0 99", "1000 77", "200 77"];
    for (kind, expected) in Kind::ALL.into_iter().skip(1).zip(words) {
        let mut till = Till::new().wrong(Op::Query, Do::UnknownState);
        till.start(kind, 1, 100);
        assert_eq!(word(kind, &till.query(kind, 1)), expected);
    }
}

#[test]
fn an_order_can_be_denied() {
    for kind in Kind::ALL.into_iter().skip(1) {
        let mut till = Till::new().wrong(Op::Query, Do::NotFound);
        till.start(kind, 1, 100);
        let denied = word(kind, &till.query(kind, 1));
        assert_eq!(denied, word(kind, &till.query(kind, 9)));
        assert_eq!(till.ledger().orders.len(), 1);
    }
}

#[test]
fn tencent_can_ask_for_the_same_request_again() {
    let mut till = Till::new().wrong(Op::Create, Do::Repeat);
    let first = till.start(Kind::TencentCpay, 1, 100);
    assert_eq!(word(Kind::TencentCpay, &first), "3");
    assert_eq!(till.is_signed(Kind::TencentCpay, &first), None);
    assert_eq!(till.ledger().orders, []);
    assert_eq!(word(Kind::TencentCpay, &till.start(Kind::TencentCpay, 1, 100)), "0");
}

#[test]
fn a_refusal_carries_the_wanted_code_and_nothing_happens() {
    let usual = ["103", "40100", "SUCCESS FAIL", "104", "3001", "103"];
    for (place, kind) in Kind::ALL.into_iter().enumerate() {
        let mut till = Till::new().wrong(start_op(kind), Do::Refused { code: None });
        assert_eq!(word(kind, &till.start(kind, 1, 100)), usual[place]);
        assert_eq!(till.ledger().orders, []);
    }
    let (exchange, money) = charge(Do::Refused { code: Some("4004".to_owned()) });
    assert_eq!((word(Kind::BlueoceanV1, &exchange).as_str(), money), ("4004", 0));
}

#[test]
fn a_reverse_can_ask_to_be_called_again() {
    let words = ["200", "SUCCESS USERPAYING", "103", "5001"];
    for (kind, expected) in Kind::ALL.into_iter().skip(1).zip(words) {
        let mut till = Till::new();
        let again = Rule::new(end_op(kind), Do::ReverseAgain).times(2);
        till.plan(Plan::new().customer(Customer::Never).rule(again));
        till.start(kind, 1, 100);
        till.now_ms += 15_000;
        for _ in 0..2 {
            let exchange = till.end(kind, 1);
            assert_eq!(word(kind, &exchange), expected);
            assert!(till.only_order().is_open());
            assert!(kind != Kind::BlueoceanV1 || body(&exchange)["data"]["recall"] == "Y");
        }
        till.end(kind, 1);
        assert!(!till.only_order().is_open());
    }
}

#[test]
fn a_reverse_can_be_refused_because_the_order_is_paid() {
    let words = ["40101", "SUCCESS SUCCESS", "104", "1006"];
    for (kind, expected) in Kind::ALL.into_iter().skip(1).zip(words) {
        let mut till = Till::new();
        let refused = Rule::new(end_op(kind), Do::ReverseRefused);
        till.plan(Plan::new().customer(Customer::Never).rule(refused));
        till.start(kind, 1, 100);
        till.now_ms += 15_000;
        assert_eq!(word(kind, &till.end(kind, 1)), expected);
        assert_eq!(till.only_order().money_minor, 100);
    }
}

#[test]
fn codes_can_come_as_text() {
    let (exchange, _) = charge(Do::CodeAsText);
    assert_eq!(body(&exchange)["code"], "200");
    assert_eq!(body(&charge(Do::ClockHeader { offset_ms: 0 }).0)["code"], 200);
}
