//! BlueOcean's QR order and its refunds, field by field.

use serde_json::json;

use super::till::{BEGIN_MS, Till, body, word};
use crate::gateway::{Kind, Op};
use crate::ledger::OrderState;
use crate::plan::{Customer, Plan, Rule};

const KIND: Kind = Kind::BlueoceanV1;

fn create(till: &mut Till, change: impl FnOnce(&mut serde_json::Value)) -> serde_json::Value {
    let mut fields = json!({"appid": till.merchant.blueocean_v1.appid, "nonce_str": "n", "trade_type": "NATIVE",
        "body": "测试", "out_trade_no": till.number(KIND, 1), "total_fee": 100, "spbill_create_ip": "127.0.0.1"});
    change(&mut fields);
    let request = till.signed(KIND, "/wechat/order/create", fields);
    body(&till.send(&request))
}

fn close(till: &mut Till, nonce: &str) -> String {
    let fields =
        json!({"appid": till.merchant.blueocean_v1.appid, "nonce_str": nonce, "out_trade_no": till.number(KIND, 1)});
    let request = till.signed(KIND, "/wechat/order/close", fields);
    word(KIND, &till.send(&request))
}

#[test]
fn a_qr_order_is_shown_asked_about_and_paid() {
    let mut till = Till::new();
    let created = create(&mut till, |_| ());
    assert!(created["data"]["code_url"].as_str().unwrap().starts_with("weixin://wxpay/bizpayurl?pr="));
    assert_eq!(created["data"]["trade_type"], "NATIVE");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 USERPAYING");
    let paid = till.query(KIND, 1);
    assert_eq!(word(KIND, &paid), "200 SUCCESS");
    assert_eq!(body(&paid)["data"]["trade_type"], "NATIVE");
    assert_eq!(close(&mut till, "c"), "40101");
    assert_eq!(till.only_order().money_minor, 100);
}

#[test]
fn an_unpaid_qr_order_is_closed_and_never_reversed() {
    let mut till = Till::new().customer(Customer::Never);
    create(&mut till, |_| ());
    till.now_ms += 15_000;
    assert_eq!(word(KIND, &till.end(KIND, 1)), "40100");
    assert_eq!(till.last_call().1, "wrong_kind");
    assert_eq!(close(&mut till, "c"), "200");
    assert_eq!(close(&mut till, "d"), "40103");
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 CLOSED");
}

#[test]
fn a_charge_is_not_closed() {
    let mut till = Till::new().customer(Customer::Never);
    till.start(KIND, 1, 100);
    assert_eq!(close(&mut till, "c"), "40100");
    assert!(till.only_order().is_open());
}

#[test]
fn a_qr_order_dies_at_its_time_expire_in_china_time() {
    let mut till = Till::new().customer(Customer::Never);
    create(&mut till, |fields| fields["time_expire"] = "20260101080100".into());
    assert_eq!(till.only_order().expires_at_ms, Some(BEGIN_MS + 60_000));
    till.now_ms += 60_000;
    assert_eq!(word(KIND, &till.query(KIND, 1)), "200 CLOSED");
    assert_eq!(till.only_order().state, OrderState::Closed);
}

#[test]
fn what_the_page_of_the_qr_order_does_not_allow_is_refused() {
    let mut till = Till::new();
    assert_eq!(create(&mut till, |fields| fields["trade_type"] = "JSAPI".into())["code"], 40100);
    assert_eq!(
        create(&mut till, |fields| {
            fields["time_expire"] = "20260230000000".into();
            fields["nonce_str"] = "m".into();
        })["code"],
        40100
    );
    assert_eq!(till.ledger().orders, []);
}

#[test]
fn a_refund_query_lists_every_refund_under_a_number_of_its_own() {
    let mut till = Till::new();
    till.paid(KIND, 1, 1000);
    let refunded = body(&till.ask_for_refund(KIND, 1, 1, 300));
    assert_eq!(refunded["data"]["refund_fee"], 300);
    assert_eq!(refunded["data"]["out_refund_no"], till.refund_number(KIND, 1));
    till.refund(KIND, 1, 2, 200);
    let asked = till.ask_about_refund(KIND, 1, 1);
    assert_eq!(till.is_signed(KIND, &asked), Some(true));
    let data = &body(&asked)["data"];
    assert_eq!([&data["refund_count"], &data["refund_fee"], &data["total_fee"]], [2, 500, 1000]);
    for (n, minor) in [(0, 300), (1, 200)] {
        assert_eq!(data[format!("out_refund_no_{n}")], till.refund_number(KIND, n + 1));
        assert_eq!(data[format!("refund_fee_{n}")], minor);
        assert_eq!(data[format!("refund_status_{n}")], "SUCCESS");
    }
}

#[test]
fn a_refund_must_know_what_the_order_was_about() {
    let mut till = Till::new();
    till.paid(KIND, 1, 1000);
    let fields = json!({"appid": till.merchant.blueocean_v1.appid, "nonce_str": "n", "out_trade_no": till.number(KIND, 1),
        "out_refund_no": "R1", "total_fee": 999, "refund_fee": 1});
    let request = till.signed(KIND, "/wechat/payment/refund", fields);
    assert_eq!(word(KIND, &till.send(&request)), "40100");
    assert_eq!(till.only_order().refunds, []);
}

#[test]
fn another_amount_of_a_refund_is_only_said() {
    let mut till = Till::new();
    till.paid(KIND, 1, 1000);
    till.plan(Plan::new().rule(Rule::new(Op::Refund, crate::plan::Do::OtherAmount)));
    assert_eq!(body(&till.ask_for_refund(KIND, 1, 1, 300))["data"]["refund_fee"], 301);
    assert_eq!(till.only_order().refunded_minor(), 300);
}
