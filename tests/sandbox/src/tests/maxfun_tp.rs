//! maxfun's merchant API: an order number, a query in yuan, a refund of all on the same day.

use super::refunds::money;
use super::till::{Till, body, word};
use crate::gateway::{Kind, Op};
use crate::http::Exchange;
use crate::plan::{Code108, Customer, Do, Plan, Rule};
use crate::refunds::Refunding;

const KIND: Kind = Kind::MaxfunTp;
/// From the till's midnight in London to the next one in China.
const TO_MIDNIGHT_MS: i64 = 16 * 3_600_000;

fn refund(till: &mut Till) -> Exchange {
    till.about(KIND, Op::Refund, 1)
}

#[test]
fn a_charge_is_in_fen_and_its_query_in_yuan() {
    let mut till = Till::new();
    let charged = body(&till.start(KIND, 1, 1234));
    let result = &charged["result"];
    assert_eq!((&result["ret"], &result["total_fee"], &result["payment_type"]), (&0.into(), &1234.into(), &1.into()));
    assert_eq!(result["tp_trade_no"], till.number(KIND, 1));
    assert!(result["identifier"].is_string());
    let queried = body(&till.query(KIND, 1));
    assert_eq!((&queried["result"]["total_fee"], &queried["result"]["pay_status"]), (&12.34.into(), &1.into()));
    assert_eq!(till.only_order().money_minor, 1234);
}

#[test]
fn code_108_is_the_end_or_a_password_as_the_plan_wants_it() {
    let mut till = Till::new().customer(Customer::Never);
    assert_eq!(word(KIND, &till.start(KIND, 1, 100)), "108");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 3", "revoked");
    assert!(!till.only_order().is_open());

    let mut till = Till::new();
    till.plan(Plan { code_108: Code108::Password, ..Plan::new().customer(Customer::PaysAfter { queries: 1 }) });
    assert_eq!(word(KIND, &till.start(KIND, 1, 100)), "108");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 0", "the customer is typing");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 1");
    assert_eq!(till.only_order().money_minor, 100);

    let plan = serde_json::json!({"merchant": "m1", "code_108": "password"});
    assert_eq!(Plan::from_json(&plan).unwrap().code_108, Code108::Password);
}

#[test]
fn without_an_answer_the_order_waits_and_can_be_asked_about() {
    let mut till = Till::new().customer(Customer::PaysAfter { queries: 1 });
    assert_eq!(word(KIND, &till.start(KIND, 1, 100)), "101");
    assert_eq!(till.only_order().charges, 0);
    till.query(KIND, 1);
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 1");
    assert_eq!(word(KIND, &till.query(KIND, 9)), "207");
}

#[test]
fn a_refund_is_of_all_and_once() {
    let mut till = Till::new();
    till.start(KIND, 1, 1000);
    assert_eq!(word(KIND, &refund(&mut till)), "0");
    assert_eq!(money(&till.only_order()), (1000, 1000, 0));
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 4");
    assert_eq!(word(KIND, &refund(&mut till)), "209");
    till.now_ms += TO_MIDNIGHT_MS;
    assert_eq!(word(KIND, &refund(&mut till)), "209", "on the next day too");
    assert_eq!(till.only_order().refunds.len(), 1);
}

#[test]
fn a_refund_comes_too_late_after_midnight_in_china() {
    let mut till = Till::new();
    till.start(KIND, 1, 1000);
    till.now_ms += TO_MIDNIGHT_MS - 1;
    till.plan(Plan::new().rule(Rule::new(Op::Refund, Do::LostBefore)));
    refund(&mut till);
    assert_eq!(till.only_order().refunds, []);
    till.now_ms += 1;
    assert_eq!(word(KIND, &refund(&mut till)), "210");

    let mut till = Till::new();
    till.start(KIND, 1, 1000);
    till.now_ms += TO_MIDNIGHT_MS - 1;
    assert_eq!(word(KIND, &refund(&mut till)), "0");
}

#[test]
fn what_is_unpaid_or_unknown_is_not_refunded() {
    let mut till = Till::new().customer(Customer::Declines { at_once: false });
    assert_eq!(word(KIND, &refund(&mut till)), "207");
    assert_eq!(word(KIND, &till.start(KIND, 1, 1000)), "103");
    assert_eq!(word(KIND, &refund(&mut till)), "208");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 3");
}

#[test]
fn a_refund_that_is_under_way_shows_in_the_query_once_it_is_done() {
    let mut till = Till::new();
    till.start(KIND, 1, 1000);
    till.plan(Plan::new().refunds(Refunding::SucceedsAfter { queries: 1 }));
    assert_eq!(word(KIND, &refund(&mut till)), "0");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 1");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 4");
}

#[test]
fn every_misbehaviour_of_a_refund_does_what_it_says() {
    for (what, word_of, back) in [
        (Do::LostAfter, "0", 1000),
        (Do::Busy { effect: false }, "102", 0),
        (Do::Refused { code: None }, "205", 0),
        (Do::PastPeriod, "210", 0),
        (Do::UnknownCode { effect: true }, "777", 1000),
    ] {
        let mut till = Till::new();
        till.start(KIND, 1, 1000);
        till.plan(Plan::new().rule(Rule::new(Op::Refund, what)));
        assert_eq!(word(KIND, &refund(&mut till)), word_of);
        assert_eq!(till.only_order().refunded_minor(), back);
    }
}
