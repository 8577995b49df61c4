//! BJRCB's services beyond the Alipay charge: WeChat, QR orders, closing, refunds.

use serde_json::{Value, json};

use super::till::{BEGIN_MS, Till, body, word};
use crate::gateway::Kind;
use crate::plan::Customer;

const KIND: Kind = Kind::Bjrcb;

/// A request to a service for order 1, with what else it needs.
fn ask(till: &mut Till, service: &str, more: Value) -> Value {
    let mut fields = json!({"service_type": service, "mch_id": till.merchant.bjrcb.mch_id,
        "out_trade_no": till.number(KIND, 1), "nonce_str": till.nonce()});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = till.signed(KIND, "/gateway", fields);
    let exchange = till.send(&request);
    assert_eq!(till.is_signed(KIND, &exchange), Some(true));
    body(&exchange)
}

fn sell(till: &mut Till, service: &str, more: Value) -> Value {
    let mut fields = json!({"total_fee": 100, "subject": "测试", "body": "测试商品", "device_info": "POS01"});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(till, service, fields)
}

fn state(answer: &Value) -> &str {
    answer["trade_state"].as_str().unwrap_or_else(|| answer["return_code"].as_str().unwrap())
}

#[test]
fn a_wechat_code_is_charged_by_the_wechat_service_only() {
    let wechat = json!({"auth_code": "134512345678901234", "scene": "bar_code"});
    let mut till = Till::new();
    assert_eq!(state(&sell(&mut till, "ALIPAY_MICRO", wechat.clone())), "ERROR_CODE");
    let paid = sell(&mut till, "WECHAT_MICRO", wechat);
    assert_eq!([state(&paid), paid["need_query"].as_str().unwrap()], ["SUCCESS", "N"]);
    assert_eq!(paid["trade_type"], "MICROPAY");
    assert!(paid["wechat_transaction_id"].is_string() && paid["alipay_transaction_id"].is_null());
    assert_eq!(till.only_order().money_minor, 100);
    let alipay = json!({"auth_code": "281234567890123456", "scene": "bar_code"});
    assert_eq!(state(&sell(&mut till, "WECHAT_MICRO", alipay)), "ERROR_CODE");
}

#[test]
fn a_wechat_charge_that_waits_asks_to_be_asked_about_and_can_be_reversed() {
    let mut till = Till::new().customer(Customer::Never);
    let sold = sell(&mut till, "WECHAT_MICRO", json!({"auth_code": "134512345678901234", "scene": "bar_code"}));
    assert_eq!([state(&sold), sold["need_query"].as_str().unwrap()], ["NOTPAY", "Y"]);
    assert_eq!(state(&ask(&mut till, "WECHAT_ORDERQUERY", json!({}))), "NOTPAY");
    assert_eq!(state(&ask(&mut till, "WECHAT_CLOSEORDER", json!({}))), "ERROR_CODE", "a charge is not closed");
    assert_eq!(state(&ask(&mut till, "WECHAT_REVERSEORDER", json!({}))), "REVOKED");
    assert!(!till.only_order().is_open());
}

#[test]
fn the_services_of_one_wallet_do_not_find_the_orders_of_the_other() {
    let mut till = Till::new();
    till.start(KIND, 1, 100);
    let answer = ask(&mut till, "WECHAT_ORDERQUERY", json!({}));
    assert_eq!(answer["err_code"], "ORDERNOTEXIST");
    assert_eq!(
        ask(&mut till, "WECHAT_REFUND", json!({"out_refund_no": "R", "refund_fee": 1}))["err_code"],
        "ORDERNOTEXIST"
    );
    assert_eq!(till.only_order().refunds, []);
}

#[test]
fn each_wallet_has_a_qr_order() {
    for (wallet, url) in [("ALIPAY", "https://qr.alipay.com/"), ("WECHAT", "weixin://wxpay/bizpayurl?pr=")] {
        let mut till = Till::new();
        let shown = sell(&mut till, &format!("{wallet}_SCANNED"), json!({}));
        assert_eq!(state(&shown), "NOTPAY");
        assert!(shown["code_url"].as_str().unwrap().starts_with(url), "{shown}");
        let query = format!("{wallet}_ORDERQUERY");
        assert_eq!(state(&ask(&mut till, &query, json!({}))), "USERPAYING");
        assert_eq!(state(&ask(&mut till, &query, json!({}))), "SUCCESS");
        assert_eq!(state(&ask(&mut till, &format!("{wallet}_CLOSEORDER"), json!({}))), "SUCCESS", "paid: not closed");
        assert_eq!(till.only_order().money_minor, 100);
    }
}

#[test]
fn an_unpaid_qr_order_is_closed_and_wechats_is_not_reversed() {
    for (wallet, reversed) in [("ALIPAY", "REVOKED"), ("WECHAT", "ERROR_CODE")] {
        let mut till = Till::new().customer(Customer::Never);
        sell(&mut till, &format!("{wallet}_SCANNED"), json!({}));
        assert_eq!(state(&ask(&mut till, &format!("{wallet}_CLOSEORDER"), json!({}))), "CLOSED");
        assert_eq!(state(&ask(&mut till, &format!("{wallet}_CLOSEORDER"), json!({}))), "CLOSED");

        let mut till = Till::new().customer(Customer::Never);
        sell(&mut till, &format!("{wallet}_SCANNED"), json!({}));
        assert_eq!(state(&ask(&mut till, &format!("{wallet}_REVERSEORDER"), json!({}))), reversed);
    }
}

#[test]
fn a_qr_order_dies_at_its_time_expire() {
    let mut till = Till::new().customer(Customer::Never);
    sell(&mut till, "ALIPAY_SCANNED", json!({"time_expire": "20260101080100"}));
    assert_eq!(till.only_order().expires_at_ms, Some(BEGIN_MS + 60_000));
    till.now_ms += 60_000;
    assert_eq!(word(KIND, &till.query(KIND, 1)), "SUCCESS CLOSED");
}

#[test]
fn a_refund_answer_names_order_refund_and_amount_as_text() {
    let mut till = Till::new();
    till.paid(KIND, 1, 1000);
    let refunded = body(&till.ask_for_refund(KIND, 1, 1, 300));
    assert_eq!(refunded["out_trade_no"], till.number(KIND, 1));
    assert_eq!(refunded["out_refund_no"], till.refund_number(KIND, 1));
    assert_eq!(refunded["refund_fee"], "300");
    let number = till.refund_number(KIND, 1);
    let by_number = ask(&mut till, "ALIPAY_REFUNDQUERY", json!({"out_refund_no": number, "out_trade_no": ""}));
    assert_eq!(by_number["refund_status"], "SUCCESS", "its own number is enough");
}
