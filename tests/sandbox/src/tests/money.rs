//! What happens to the money when nothing goes wrong but the customer.

use serde_json::json;

use super::till::{BEGIN_MS, Till, body, content, start_op, word};
use crate::gateway::{Kind, Op};
use crate::http::HttpRequest;
use crate::ledger::OrderState;
use crate::magic::{Magic, table};
use crate::plan::{After, Customer, Do, Plan};
use crate::world::World;

const WITH_QUERY: [Kind; 4] = [Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay, Kind::Huishouyin];
const WAITING: [&str; 4] = ["200 USERPAYING", "SUCCESS USERPAYING", "0 6", "1000 0"];
const PAID: [&str; 4] = ["200 SUCCESS", "SUCCESS SUCCESS", "0 3", "1000 1"];
const ENDED: [&str; 4] = ["200 REVOKED", "SUCCESS REVOKED", "0 7", "1000 4"];

fn by_gateway(test: impl Fn(Kind, usize)) {
    WITH_QUERY.into_iter().enumerate().for_each(|(place, kind)| test(kind, place));
}

#[test]
fn a_charge_is_paid_once_and_every_answer_says_so() {
    for (kind, expected) in Kind::ALL.into_iter().zip(["0", "200", "SUCCESS SUCCESS"]) {
        let mut till = Till::new();
        let charged = till.start(kind, 1, 1250);
        assert_eq!(word(kind, &charged), expected);
        assert_ne!(till.is_signed(kind, &charged), Some(false));
        if kind != Kind::MaxfunDevice {
            let queried = till.query(kind, 1);
            assert_eq!(till.is_signed(kind, &queried), Some(true));
            till.query(kind, 1);
        }
        let order = till.only_order();
        assert_eq!((order.state, order.money_minor, order.charges), (OrderState::Paid, 1250, 1));
        assert_eq!(till.last_call(), ("paid".to_owned(), "paid".to_owned()));
    }
}

#[test]
fn a_qr_order_waits_for_one_query_and_is_then_paid() {
    for (kind, place) in [(Kind::TencentCpay, 2), (Kind::Huishouyin, 3)] {
        let mut till = Till::new();
        till.start(kind, 1, 16_000);
        assert_eq!(till.only_order().state, OrderState::Created);
        assert_eq!(word(kind, &till.query(kind, 1)), WAITING[place]);
        assert_eq!(word(kind, &till.query(kind, 1)), PAID[place]);
        let order = till.only_order();
        assert_eq!((order.money_minor, order.charges), (16_000, 1));
    }
}

#[test]
fn a_customer_pays_after_so_many_queries() {
    by_gateway(|kind, place| {
        let mut till = Till::new().customer(Customer::PaysAfter { queries: 2 });
        till.start(kind, 1, 100);
        assert_eq!(word(kind, &till.query(kind, 1)), WAITING[place]);
        assert_eq!(till.only_order().charges, 0);
        assert_eq!(word(kind, &till.query(kind, 1)), WAITING[place]);
        assert_eq!(word(kind, &till.query(kind, 1)), PAID[place]);
    });
}

#[test]
fn a_customer_who_never_pays_is_waited_for_until_the_end() {
    by_gateway(|kind, place| {
        let mut till = Till::new().customer(Customer::Never);
        till.start(kind, 1, 100);
        (0..20).for_each(|_| drop(till.query(kind, 1)));
        till.now_ms += 15_000;
        till.end(kind, 1);
        assert_eq!(word(kind, &till.query(kind, 1)), ENDED[place]);
        let order = till.only_order();
        assert_eq!((order.money_minor, order.charges), (0, 0));
    });
}

#[test]
fn a_decline_is_told_in_each_gateways_way() {
    let decline = |kind| {
        let mut till = Till::new().customer(Customer::Declines { at_once: false });
        let mut words = vec![word(kind, &till.start(kind, 1, 100))];
        if kind != Kind::MaxfunDevice {
            words.push(word(kind, &till.query(kind, 1)));
            words.push(word(kind, &till.query(kind, 1)));
        }
        assert_eq!(till.ledger().totals.charges, 0);
        words.join(", ")
    };
    assert_eq!(decline(Kind::MaxfunDevice), "103");
    assert_eq!(decline(Kind::BlueoceanV1), "201, 200 PAYERROR, 200 PAYERROR");
    assert_eq!(decline(Kind::Bjrcb), "SUCCESS PAYERROR, SUCCESS PAYERROR, SUCCESS PAYERROR");
    // A QR order stays open after a failed attempt.
    assert_eq!(decline(Kind::TencentCpay), "0, 0 5, 0 6");
    assert_eq!(decline(Kind::Huishouyin), "1000, 1000 -1, 1000 0");

    let mut till = Till::new().customer(Customer::Declines { at_once: true });
    assert_eq!(word(Kind::BlueoceanV1, &till.start(Kind::BlueoceanV1, 1, 100)), "40100");
}

#[test]
fn maxfun_answers_at_once_for_every_customer() {
    let answer = |customer| {
        let mut till = Till::new().customer(customer);
        let said = word(Kind::MaxfunDevice, &till.start(Kind::MaxfunDevice, 1, 100));
        (said, till.only_order().money_minor)
    };
    assert_eq!(answer(Customer::Never), ("108".to_owned(), 0));
    assert_eq!(answer(Customer::PaysAfter { queries: 3 }), ("101".to_owned(), 100));
    assert_eq!(answer(Customer::PaysDuringReverse), ("101".to_owned(), 0));
}

#[test]
fn a_reverse_gives_back_what_was_paid() {
    for kind in [Kind::BlueoceanV1, Kind::Bjrcb] {
        let mut till = Till::new();
        till.start(kind, 1, 100);
        till.now_ms += 15_000;
        till.end(kind, 1);
        till.end(kind, 1); // a second one gives nothing more
        let order = till.only_order();
        assert_eq!((order.state, order.money_minor, order.returns), (OrderState::Reversed, 0, 1));
    }
}

#[test]
fn blueocean_refuses_a_reverse_before_fifteen_seconds() {
    let mut till = Till::new();
    till.start(Kind::BlueoceanV1, 1, 100);
    till.now_ms += 14_999;
    assert_eq!(word(Kind::BlueoceanV1, &till.end(Kind::BlueoceanV1, 1)), "40100");
    till.now_ms += 1;
    let reversed = till.end(Kind::BlueoceanV1, 1);
    assert_eq!(body(&reversed)["data"]["recall"], "N");
    assert_eq!(till.is_signed(Kind::BlueoceanV1, &reversed), Some(true));
}

#[test]
fn the_time_scale_divides_least_ages() {
    let mut till = Till::new();
    till.world = World::new(1, 100);
    till.merchant = till.world.new_merchant();
    till.start(Kind::BlueoceanV1, 1, 100);
    till.now_ms += 150;
    assert_eq!(word(Kind::BlueoceanV1, &till.end(Kind::BlueoceanV1, 1)), "200");
}

#[test]
fn a_close_is_refused_in_the_first_five_minutes_only_when_the_plan_wants_it() {
    let mut till = Till::new();
    till.plan(Plan { close_after_five_minutes: true, ..Plan::new().customer(Customer::Never) });
    till.start(Kind::TencentCpay, 1, 100);
    assert_eq!(word(Kind::TencentCpay, &till.end(Kind::TencentCpay, 1)), "104");
    till.now_ms += 300_000;
    assert_eq!(word(Kind::TencentCpay, &till.end(Kind::TencentCpay, 1)), "0");
    let mut till = Till::new().customer(Customer::Never);
    till.start(Kind::TencentCpay, 1, 100);
    assert_eq!(word(Kind::TencentCpay, &till.end(Kind::TencentCpay, 1)), "0");
}

#[test]
fn a_paid_qr_order_is_not_closed() {
    for (kind, expected) in [(Kind::TencentCpay, "104"), (Kind::Huishouyin, "1006")] {
        let mut till = Till::new();
        till.start(kind, 1, 100);
        till.query(kind, 1);
        assert_eq!(word(kind, &till.end(kind, 1)), expected);
        assert_eq!(till.only_order().money_minor, 100);
    }
}

#[test]
fn a_customer_who_pays_during_the_reverse_keeps_it_from_happening() {
    by_gateway(|kind, place| {
        let mut till = Till::new().customer(Customer::PaysDuringReverse);
        till.start(kind, 1, 100);
        till.query(kind, 1);
        till.now_ms += 15_000;
        till.end(kind, 1);
        assert_eq!(till.last_call().1, "refused_paid");
        assert_eq!(word(kind, &till.query(kind, 1)), PAID[place]);
        assert_eq!(till.only_order().money_minor, 100);
    });
}

#[test]
fn late_money_lands_although_the_reverse_said_done() {
    by_gateway(|kind, place| {
        let after = if start_op(kind) == Op::Charge { After::Reverse } else { After::Close };
        let mut till = Till::new().customer(Customer::PaysLate { after });
        till.start(kind, 1, 100);
        till.now_ms += 15_000;
        till.end(kind, 1);
        assert!(matches!(till.last_call().1.as_str(), "reversed" | "closed"));
        assert_eq!(word(kind, &till.query(kind, 1)), PAID[place]);
        assert_eq!(till.only_order().charges, 1);
    });
}

#[test]
fn an_unknown_order_is_told_in_each_gateways_way() {
    by_gateway(|kind, place| {
        let expected = ["40102", "SUCCESS FAIL", "104", "4001"][place];
        assert_eq!(word(kind, &Till::new().query(kind, 9)), expected);
    });
}

#[test]
fn times_are_china_time_in_the_forms_of_each_page() {
    let mut till = Till::new();
    let charged = till.start(Kind::BlueoceanV1, 1, 100);
    assert_eq!(body(&charged)["data"]["time_end"], "20260101080000");
    let queried = till.query(Kind::BlueoceanV1, 1);
    assert_eq!(body(&queried)["data"]["time_end"], "2026-01-01 08:00:00");
    let charged = till.start(Kind::Bjrcb, 1, 100);
    assert_eq!(body(&charged)["time_end"], "20260101080000");
    assert_eq!(body(&charged)["total_fee"], "100");
}

#[test]
fn an_open_order_at_blueocean_shows_its_state_and_nothing_else() {
    let mut till = Till::new().customer(Customer::Never);
    till.start(Kind::BlueoceanV1, 1, 100);
    let queried = body(&till.query(Kind::BlueoceanV1, 1));
    let names: Vec<&String> = queried["data"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["appid", "nonce_str", "sign", "trade_state", "trade_state_desc"]);
    assert_eq!(queried["data"]["trade_state"], "NOTPAY");
}

#[test]
fn tencents_answer_is_a_signed_text_with_escapes() {
    let mut till = Till::new();
    let created = till.start(Kind::TencentCpay, 1, 100);
    let text = body(&created)["response_content"].as_str().unwrap().to_owned();
    assert!(text.contains(r#""code_url":"weixin:\/\/wxpay\/bizpayurl?pr="#), "{text}");
    assert!(text.contains(r"\u64CD\u4F5C"), "{text}");
    assert!(content(&created)["log_id"].as_i64().unwrap() > i64::from(i32::MAX));
    assert_eq!(till.is_signed(Kind::TencentCpay, &created), Some(true));
}

#[test]
fn a_tencent_order_dies_at_its_time_expire() {
    let mut till = Till::new().customer(Customer::Never);
    let mut order = till.start_body(Kind::TencentCpay, 1, 100);
    order["pay_content"]["time_expire"] = (BEGIN_MS / 1000 + 60).into();
    let request = till.signed(Kind::TencentCpay, "/cpay/scan_code_pay", order);
    till.send(&request);
    assert_eq!(word(Kind::TencentCpay, &till.query(Kind::TencentCpay, 1)), "0 6");
    till.now_ms += 60_000;
    assert_eq!(word(Kind::TencentCpay, &till.query(Kind::TencentCpay, 1)), "0 7");
}

#[test]
fn huishouyins_check_carries_no_amount_and_its_detail_does() {
    let mut till = Till::new();
    let created = till.start(Kind::Huishouyin, 1, 1234);
    assert_eq!(body(&created)["data"]["total_amount"], 12.34);
    let checked = till.query(Kind::Huishouyin, 1);
    assert_eq!(body(&checked)["data"].get("total_amount"), None);
    let detail = till.about(Kind::Huishouyin, Op::Detail, 1);
    assert_eq!(body(&detail)["data"]["total_amount"], 12.34);
    assert_eq!(body(&detail)["data"]["order_status"], 1);
}

#[test]
fn a_customer_can_be_told_to_pay_now() {
    let mut till = Till::new().customer(Customer::Never);
    till.start(Kind::Bjrcb, 1, 100);
    let number = till.number(Kind::Bjrcb, 1);
    till.world.pay(&till.merchant.id, &number, BEGIN_MS).unwrap();
    assert_eq!(word(Kind::Bjrcb, &till.query(Kind::Bjrcb, 1)), "SUCCESS SUCCESS");
    till.world.pay(&till.merchant.id, &number, BEGIN_MS).unwrap();
    assert_eq!(till.only_order().money_minor, 100, "money is not taken twice");
    assert!(till.world.pay(&till.merchant.id, "none", BEGIN_MS).is_err());
}

#[test]
fn an_order_is_found_by_the_gateways_number_and_both_must_fit() {
    let mut till = Till::new();
    till.start(Kind::BlueoceanV1, 1, 100);
    till.start(Kind::BlueoceanV1, 2, 200);
    let second = till.ledger().orders[1].clone();
    let mut ask = |fields: [(&str, &str); 2], nonce: &str| {
        let mut body = json!({"appid": till.merchant.blueocean_v1.appid, "nonce_str": nonce});
        fields.iter().filter(|(_, value)| !value.is_empty()).for_each(|(name, value)| body[*name] = (*value).into());
        let request = till.signed(Kind::BlueoceanV1, "/wechat/order/query", body);
        super::till::body(&till.send(&request))
    };
    let found = ask([("transaction_id", &second.gateway_number), ("out_trade_no", "")], "a");
    assert_eq!(found["data"]["out_trade_no"], second.order_number);
    let first = "T0000000001";
    let mixed = ask([("transaction_id", &second.gateway_number), ("out_trade_no", first)], "b");
    assert_eq!(mixed["code"], 40102);
}

#[test]
fn merchants_do_not_see_each_other() {
    let mut till = Till::new();
    till.start(Kind::Bjrcb, 1, 100);
    let first = std::mem::replace(&mut till.merchant, till.world.new_merchant());
    assert_eq!(word(Kind::Bjrcb, &till.query(Kind::Bjrcb, 1)), "SUCCESS FAIL");
    assert_eq!(till.world.calls(&first.id).unwrap().len(), 1);
}

#[test]
fn a_customer_who_declines_now_fails_an_open_charge_and_nothing_else() {
    let mut till = Till::new().customer(Customer::Never);
    let merchant = till.merchant.id.clone();
    let number = till.number(Kind::Bjrcb, 1);
    assert!(till.world.decline(&merchant, &number).is_err());
    till.start(Kind::Bjrcb, 1, 100);
    till.world.decline(&merchant, &number).unwrap();
    assert_eq!(word(Kind::Bjrcb, &till.query(Kind::Bjrcb, 1)), "SUCCESS PAYERROR");
    assert!(till.world.decline(&merchant, &number).is_err());

    till.start(Kind::TencentCpay, 2, 100);
    assert!(till.world.decline(&merchant, &till.number(Kind::TencentCpay, 2)).is_err());
    till.plan(Plan::new());
    till.start(Kind::BlueoceanV1, 3, 100);
    assert!(till.world.decline(&merchant, &till.number(Kind::BlueoceanV1, 3)).is_err());
    assert_eq!(till.ledger().totals.charges, 1);
}

#[test]
fn an_order_is_found_by_its_number_without_copying_the_ledger() {
    let mut till = Till::new();
    till.start(Kind::BlueoceanV1, 1, 100);
    till.start(Kind::Huishouyin, 2, 200);
    let (world, merchant) = (&till.world, till.merchant.id.as_str());
    assert_eq!(world.orders(merchant).unwrap(), till.ledger().orders);
    let order = world.order(merchant, &till.number(Kind::Huishouyin, 2)).unwrap();
    assert_eq!((order.gateway, order.amount_minor), (Kind::Huishouyin, 200));
    assert_eq!(world.order(merchant, "T3"), None);
    assert_eq!(world.order("nobody", &order.order_number), None);
}

#[test]
fn without_its_log_of_calls_the_world_is_the_same() {
    let run = |keep| {
        let mut till = Till::new();
        till.world.keep_calls(keep);
        let answers = Kind::ALL.map(|kind| till.start(kind, 1, 100));
        till.send(&HttpRequest::post("/gateway", "{}"));
        let calls = till.world.calls(&till.merchant.id).unwrap().len();
        (calls, till.world.strays().len(), answers, till.ledger())
    };
    let (with, without) = (run(true), run(false));
    assert_eq!((with.0, with.1, without.0, without.1), (6, 1, 0, 0));
    assert_eq!((with.2, with.3), (without.2, without.3));
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let run = || {
        let mut till = Till::new();
        let answers = Kind::ALL.map(|kind| till.start(kind, 1, 100));
        (answers, till.ledger())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_magic_amount_works_once_per_order() {
    let amount = |wanted: Magic| table().into_iter().find(|(_, magic)| *magic == wanted).unwrap().0;
    let mut till = Till::new();
    till.start(Kind::BlueoceanV1, 1, amount(Magic::Start(Do::LostAfter)));
    assert_eq!(till.last_call(), ("lost_after".to_owned(), "paid".to_owned()));

    till.start(Kind::BlueoceanV1, 2, amount(Magic::Query(Do::NotFound)));
    assert_eq!(word(Kind::BlueoceanV1, &till.query(Kind::BlueoceanV1, 2)), "40102");
    assert_eq!(word(Kind::BlueoceanV1, &till.query(Kind::BlueoceanV1, 2)), "200 USERPAYING");

    till.start(Kind::TencentCpay, 3, amount(Magic::Start(Do::Repeat)));
    assert_eq!(word(Kind::TencentCpay, &till.start(Kind::TencentCpay, 3, 900_308)), "0");
}
