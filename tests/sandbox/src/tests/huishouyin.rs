//! huishouyin's charge, cancel, refund and RSA, and what a coupon does to them.

use serde_json::{Value, json};

use super::refunds::money;
use super::till::{Till, body, word};
use crate::gateway::{Kind, Op};
use crate::http::HttpRequest;
use crate::ledger::OrderState;
use crate::plan::{Customer, Do, Plan, Rule};
use crate::refunds::Refunding;
use crate::rsa_key::tests::sign_by_pkcs1;
use crate::sign::huishouyin_text;

const KIND: Kind = Kind::Huishouyin;

/// Sends what an operation needs beside the account, about order 1.
fn ask(till: &mut Till, operation: &str, more: Value) -> Value {
    let mut fields =
        json!({"app_id": till.merchant.huishouyin.app_id, "sign_type": "MD5", "order_id": till.number(KIND, 1)});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = till.signed(KIND, &format!("/pay/{operation}"), fields);
    body(&till.send(&request))
}

fn charge(till: &mut Till, code: &str) -> Value {
    ask(till, "qrcode", json!({"pay_code": code, "total_amount": "25.00"}))
}

fn status(till: &mut Till) -> Value {
    ask(till, "check", json!({}))["data"]["order_status"].clone()
}

#[test]
fn a_charge_is_paid_waits_or_fails() {
    let answer = |customer, code| {
        let mut till = Till::new().customer(customer);
        let charged = charge(&mut till, code);
        (charged["code"].clone(), charged["data"]["order_status"].clone(), charged["data"]["pay_type"].clone())
    };
    assert_eq!(answer(Customer::Pays, "134512345678901234"), (json!(1000), json!(1), json!(0)));
    assert_eq!(answer(Customer::Pays, "281234567890123456"), (json!(1000), json!(1), json!(1)));
    assert_eq!(answer(Customer::Never, "281234567890123456"), (json!(1002), json!(0), json!(1)));
    let declines = Customer::Declines { at_once: false };
    assert_eq!(answer(declines, "281234567890123456"), (json!(1001), Value::Null, Value::Null));
    assert_eq!(answer(Customer::Pays, "621234567890123456").0, 3002, "no code of its two wallets");
}

#[test]
fn a_cancel_closes_what_is_unpaid_and_gives_back_what_is_paid() {
    let mut till = Till::new().customer(Customer::Never);
    charge(&mut till, "134512345678901234");
    assert_eq!(ask(&mut till, "close", json!({}))["code"], 3002, "a charge is not closed");
    assert_eq!(ask(&mut till, "cancel", json!({}))["code"], 1000);
    assert_eq!(status(&mut till), 5);

    let mut till = Till::new();
    charge(&mut till, "134512345678901234");
    assert_eq!(ask(&mut till, "cancel", json!({}))["code"], 1000);
    assert_eq!(status(&mut till), 2);
    let order = till.only_order();
    assert_eq!((order.state, order.money_minor, order.returns), (OrderState::Reversed, 0, 1));

    let mut till = Till::new().customer(Customer::Never);
    till.start(KIND, 1, 100);
    assert_eq!(ask(&mut till, "cancel", json!({}))["code"], 1000, "a QR order too");
    assert_eq!(status(&mut till), 5);
}

#[test]
fn a_cancel_that_meets_the_money_is_refused_in_its_own_words() {
    let mut till = Till::new();
    till.plan(Plan::new().rule(Rule::new(Op::Reverse, Do::ReverseRefused)));
    charge(&mut till, "134512345678901234");
    assert_eq!(ask(&mut till, "cancel", json!({}))["code"], 1003);
    assert_eq!(till.only_order().money_minor, 2500);
}

#[test]
fn a_refund_of_nothing_gives_everything_back() {
    for nothing in ["0", "0.00"] {
        let mut till = Till::new();
        till.paid(KIND, 1, 2500);
        till.refund(KIND, 1, 1, 400);
        let refunded = ask(&mut till, "refund", json!({"refund_amount": nothing, "refund_order_id": "R2"}));
        assert_eq!(refunded["data"]["refund_amount"], 21.0, "all that was there");
        assert_eq!(money(&till.only_order()), (2500, 2500, 0));
        assert_eq!(status(&mut till), 2);
    }
}

#[test]
fn without_a_number_every_refund_is_a_new_one() {
    let mut till = Till::new();
    till.paid(KIND, 1, 2500);
    for _ in 0..2 {
        assert_eq!(ask(&mut till, "refund", json!({"refund_amount": "10.00"}))["code"], 1000);
    }
    assert_eq!(till.only_order().refunded_minor(), 2000);
    assert_eq!(ask(&mut till, "refund", json!({"refund_amount": "10.00"}))["code"], 2001);
}

#[test]
fn a_coupon_lowers_what_is_paid_and_what_can_go_back() {
    let mut till = Till::new();
    till.plan(Plan { coupon_minor: 300, ..Plan::new() });
    let charged = charge(&mut till, "134512345678901234");
    let amounts = ["total_amount", "payable_amount", "real_amount"].map(|name| charged["data"][name].as_f64().unwrap());
    assert_eq!(amounts, [25.0, 22.0, 22.0]);
    assert_eq!(charged["data"]["voucher_list"][0]["amount"], 3.0);
    assert_eq!(till.only_order().money_minor, 2200);
    assert_eq!(ask(&mut till, "refund", json!({"refund_amount": "22.01"}))["code"], 2001);
    assert_eq!(ask(&mut till, "refund", json!({"refund_amount": "22.00"}))["code"], 1000);
    assert_eq!(status(&mut till), 2);
}

#[test]
fn the_detail_lists_every_refund_whatever_became_of_it_and_asking_for_it_counts() {
    let mut till = Till::new();
    till.paid(KIND, 1, 2500);
    till.plan(Plan::new().refunds(Refunding::SucceedsAfter { queries: 1 }));
    till.refund(KIND, 1, 1, 400);
    let detail = body(&till.about(KIND, Op::Detail, 1));
    let under_way = &detail["data"];
    assert_eq!((&under_way["order_status"], &under_way["refund_amount"]), (&json!(-3), &json!(0.0)));
    assert_eq!(under_way["refund_list"][0]["refund_amount"], 4.0, "listed, and not yet back");
    let detail = body(&till.about(KIND, Op::Detail, 1));
    assert_eq!(detail["data"]["order_status"], 3);
    assert_eq!(detail["data"]["refund_amount"], 4.0);
    let listed = &detail["data"]["refund_list"][0];
    assert_eq!(listed["refund_order_id"], till.refund_number(KIND, 1));
    assert_eq!((&listed["refund_amount"], &listed["order_id"]), (&json!(4.0), &json!(till.number(KIND, 1))));
}

#[test]
fn where_there_are_no_refunds_some_details_have_an_empty_list_and_some_none() {
    let mut till = Till::new();
    let lists: std::collections::BTreeSet<_> = (1..20)
        .map(|n| {
            till.paid(KIND, n, 100);
            body(&till.about(KIND, Op::Detail, n))["data"].get("refund_list").map(ToString::to_string)
        })
        .collect();
    assert_eq!(lists.into_iter().collect::<Vec<_>>(), [None, Some("[]".to_owned())]);
}

#[test]
fn the_state_of_an_order_is_made_of_all_its_refunds() {
    let mut till = Till::new();
    till.paid(KIND, 1, 1000);
    assert_eq!(status(&mut till), 1);
    let mut refund = |n, minor, refunding| {
        till.plan(Plan::new().refunds(refunding));
        till.refund(KIND, 1, n, minor);
        status(&mut till)
    };
    assert_eq!(refund(1, 500, Refunding::Fails), -2);
    assert_eq!(refund(2, 500, Refunding::Succeeds), 3);
    assert_eq!(refund(3, 100, Refunding::Changes), -3);
    let mut till = Till::new();
    till.paid(KIND, 1, 1000);
    till.refund(KIND, 1, 1, 1000);
    assert_eq!(status(&mut till), 2);
}

#[test]
fn rsa_signs_the_sorted_text_without_the_secret() {
    let mut till = Till::new();
    let send = |till: &mut Till, sign: &dyn Fn(&str) -> String| {
        let mut fields = json!({"app_id": till.merchant.huishouyin.app_id, "sign_type": "RSA",
            "order_id": till.number(KIND, 1), "total_amount": "1.00"});
        let pairs: Vec<_> =
            fields.as_object().unwrap().iter().map(|(n, v)| (n.as_str(), v.as_str().unwrap().into())).collect();
        let signature = sign(&huishouyin_text(&pairs));
        fields["sign"] = signature.into();
        word(KIND, &till.send(&HttpRequest::post("/pay/scan", fields.to_string())))
    };
    assert_eq!(send(&mut till, &|text| sign_by_pkcs1(&format!("app_sercet=x&{text}"))), "2000");
    assert_eq!(till.ledger().orders, []);
    assert_eq!(send(&mut till, &sign_by_pkcs1), "1000");
    assert_eq!(till.ledger().orders.len(), 1);
}
