//! What a gateway would post about an order, and what can be wrong with it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::till::{Till, body, texts};
use crate::gateway::{Kind, Op};
use crate::notice::{Notice, NoticeFault, Notification};
use crate::plan::{Customer, Plan};
use crate::sign::{self, Pair};

const SIGNING: [Kind; 4] = [Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay, Kind::MaxfunTp];
const ALL: [Kind; 5] = [Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay, Kind::MaxfunTp, Kind::Huishouyin];

/// A paid order of 12.50 and what is posted about it.
fn notice(kind: Kind, wanted: Notice) -> (Till, Notification) {
    let mut till = Till::new();
    till.paid(kind, 1, 1250);
    let (merchant, number) = (till.merchant.id.clone(), till.number(kind, 1));
    let notification = till.world.notification_of(&merchant, &number, wanted, till.now_ms).unwrap();
    (till, notification)
}

fn with(fault: NoticeFault) -> Notice {
    Notice { fault: Some(fault), ..Notice::default() }
}

/// The fields that hold order and amount.
fn fields(kind: Kind, notification: &Notification) -> Value {
    let value: Value = serde_json::from_str(&notification.body).unwrap();
    match kind {
        Kind::TencentCpay => {
            let content: Value = serde_json::from_str(value["request_content"].as_str().unwrap()).unwrap();
            content["order_content"].clone()
        }
        Kind::Huishouyin => value["data"].clone(),
        _ => value,
    }
}

fn number(kind: Kind) -> &'static str {
    match kind {
        Kind::MaxfunTp => "tp_trade_no",
        Kind::Huishouyin => "order_id",
        _ => "out_trade_no",
    }
}

/// Whether the notification's signature is right; None where there is none.
fn signed(kind: Kind, till: &Till, notification: &Notification) -> Option<bool> {
    let value: Value = serde_json::from_str(&notification.body).unwrap();
    let (pairs, merchant) = (texts(&value), &till.merchant);
    if kind == Kind::TencentCpay {
        let code = value["authen_info"]["a"]["authen_code"].as_str()?;
        return Some(code == sign::tencent(value["request_content"].as_str()?, &merchant.tencent_cpay.authen_key));
    }
    let made = match kind {
        Kind::BlueoceanV1 => sign::blueocean(&pairs, &merchant.blueocean_v1.key),
        Kind::Bjrcb => sign::bjrcb(&pairs, &merchant.bjrcb.key),
        _ => sign::maxfun_tp(&pairs, &merchant.maxfun_tp.mch_key),
    };
    Some(value["sign"].as_str()? == made)
}

#[test]
fn a_paid_order_is_told_with_its_number_and_the_right_signature() {
    for kind in ALL {
        let (till, notification) = notice(kind, Notice::default());
        assert_eq!(fields(kind, &notification)[number(kind)], till.number(kind, 1), "{kind:?}");
        assert_eq!(notification.headers["content-type"], "application/json; charset=utf-8");
        let expected = SIGNING.contains(&kind).then_some(true);
        assert_eq!(signed(kind, &till, &notification), expected, "{kind:?}");
    }
    let paths: Vec<String> = ALL.map(|kind| notice(kind, Notice::default()).1.path).into();
    assert_eq!(paths[..2], ["/notify/blueocean_v1", "/notify/bjrcb"]);
}

#[test]
fn amounts_are_told_in_minor_units_and_huishouyin_tells_none() {
    for (kind, expected) in SIGNING.into_iter().zip([1250.into(), Value::from("1250"), 1250.into(), 1250.into()]) {
        assert_eq!(fields(kind, &notice(kind, Notice::default()).1)["total_fee"], expected, "{kind:?}");
    }
    let (_, told) = notice(Kind::Huishouyin, Notice::default());
    let data = fields(Kind::Huishouyin, &told);
    let names: Vec<&String> = data.as_object().unwrap().keys().collect();
    assert_eq!(names, ["order_id", "order_status", "trade_no", "update_time"]);
    assert_eq!(data["order_status"], 1);
}

#[test]
fn a_notification_can_be_forged_foreign_or_of_another_amount() {
    for kind in ALL {
        let (till, forged) = notice(kind, with(NoticeFault::BadSignature));
        assert_eq!(signed(kind, &till, &forged), SIGNING.contains(&kind).then_some(false), "{kind:?}");
        let (till, bare) = notice(kind, with(NoticeFault::NoSignature));
        assert_eq!(signed(kind, &till, &bare), None, "{kind:?}");

        let (till, foreign) = notice(kind, with(NoticeFault::OtherOrder));
        assert_ne!(fields(kind, &foreign)[number(kind)], till.number(kind, 1), "{kind:?}");
        assert_ne!(signed(kind, &till, &foreign), Some(false), "{kind:?}: rightly signed");

        let (till, other) = notice(kind, with(NoticeFault::OtherAmount));
        let amount = &fields(kind, &other)["total_fee"];
        assert!(amount.is_null() || *amount == 1251 || amount == "1251", "{kind:?}");
        assert_ne!(signed(kind, &till, &other), Some(false), "{kind:?}: rightly signed");
        assert_eq!(till.only_order().charged_minor, 1250, "{kind:?}: only said");
    }
}

#[test]
fn blueoceans_second_version_is_a_signed_web_form() {
    let (till, told) = notice(Kind::BlueoceanV1, Notice { version_2: true, ..Notice::default() });
    assert_eq!(told.headers["content-type"], "application/x-www-form-urlencoded");
    let form: BTreeMap<&str, String> = told
        .body
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (name, value.replace('+', " "))
        })
        .collect();
    assert_eq!(
        (form["out_trade_no"].as_str(), form["total_fee"].as_str()),
        (till.number(Kind::BlueoceanV1, 1).as_str(), "1250")
    );
    assert_eq!((form["attach"].as_str(), form["trade_state"].as_str()), ("till 7", "SUCCESS"));
    assert_eq!(form["sn"], till.only_order().gateway_number);
    // Signed as it reads without the encoding; nothing in it but the blank of `attach` had to be encoded.
    let pairs: Vec<Pair<'_>> = form.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    assert_eq!(form["sign"], sign::blueocean(&pairs, &till.merchant.blueocean_v1.key));
}

#[test]
fn a_web_form_encodes_what_is_not_a_letter_or_a_digit() {
    let mut order = notice(Kind::BlueoceanV1, Notice::default()).0.only_order();
    order.texts.insert("attach".to_owned(), "一 &=%".into());
    let mut till = Till::new();
    till.world.add_order(&till.merchant.id, order.clone()).unwrap();
    let wanted = Notice { version_2: true, ..Notice::default() };
    let told = till.world.notification_of(&till.merchant.id, &order.order_number, wanted, till.now_ms).unwrap();
    assert!(told.body.contains("attach=%E4%B8%80+%26%3D%25&"), "{}", told.body);
}

#[test]
fn what_is_told_on_success_only_is_not_told_before() {
    for (kind, state) in [
        (Kind::BlueoceanV1, None),
        (Kind::MaxfunTp, None),
        (Kind::Bjrcb, Some("trade_state")),
        (Kind::TencentCpay, Some("wxpay_order_content_ext")),
        (Kind::Huishouyin, Some("order_status")),
    ] {
        let mut till = Till::new();
        till.plan(Plan { code_108: crate::plan::Code108::Password, ..Plan::new().customer(Customer::Never) });
        till.start(kind, 1, 100);
        let (merchant, number) = (till.merchant.id.clone(), till.number(kind, 1));
        let told = till.world.notification(&merchant, &number, till.now_ms);
        assert_eq!(told.is_ok(), state.is_some(), "{kind:?}");
        if let (Ok(told), Some(name)) = (told, state) {
            assert!(!fields(kind, &told)[name].is_null(), "{kind:?}");
        }
    }
}

#[test]
fn who_sends_none_has_none() {
    let mut till = Till::new();
    till.start(Kind::MaxfunDevice, 1, 100);
    let order = till.only_order();
    assert!(till.world.notification(&till.merchant.id, &order.order_number, till.now_ms).is_err());
    assert!(till.world.notification(&till.merchant.id, "none", till.now_ms).is_err());
    let (mut till, _) = notice(Kind::Bjrcb, Notice::default());
    let (wanted, number) = (Notice { version_2: true, ..Notice::default() }, till.number(Kind::Bjrcb, 1));
    assert!(till.world.notification_of(&till.merchant.id, &number, wanted, till.now_ms).is_err());
}

#[test]
fn huishouyins_notification_names_the_refund() {
    let (mut till, _) = notice(Kind::Huishouyin, Notice::default());
    till.refund(Kind::Huishouyin, 1, 1, 250);
    let number = till.number(Kind::Huishouyin, 1);
    let told = till.world.notification(&till.merchant.id, &number, till.now_ms).unwrap();
    let data = fields(Kind::Huishouyin, &told);
    assert_eq!(
        (&data["order_status"], &data["refund_order_id"]),
        (&3.into(), &till.refund_number(Kind::Huishouyin, 1).into())
    );
    assert_eq!(body(&till.about(Kind::Huishouyin, Op::Detail, 1))["data"]["order_status"], 3);
}
