//! What is refused, and with which of the gateway's own words.

use serde_json::json;

use super::till::{Till, body, content, path, start_op, word};
use crate::gateway::{Kind, Op};
use crate::http::HttpRequest;
use crate::sign::{self, Pair};

/// Per gateway: the word for one and the same mistake.
fn refused_with(words: [&str; 6], mistake: impl Fn(&mut Till, Kind) -> HttpRequest) {
    for (kind, expected) in Kind::ALL.into_iter().zip(words) {
        let mut till = Till::new();
        let request = mistake(&mut till, kind);
        let exchange = till.send(&request);
        assert_eq!(word(kind, &exchange), expected, "{kind:?}");
        assert_eq!(till.ledger().orders, [], "{kind:?}: nothing must have happened");
    }
}

#[test]
fn a_wrong_signature_is_refused_by_each_gateway() {
    refused_with(["202", "4004", "ERROR_CODE", "101", "2000", "202"], |till, kind| {
        let mut request = till.start_request(kind, 1, 31_337);
        let text = String::from_utf8(request.body).unwrap();
        request.body = text.replace("31337", "31338").replace("313.37", "313.38").into_bytes();
        request
    });
}

#[test]
fn an_unknown_account_is_refused_and_its_answer_is_unsigned() {
    refused_with(["203", "4002", "ERROR_CODE", "101", "3000", "203"], |till, kind| {
        let own = till.merchant.clone();
        till.merchant = crate::world::World::new(99, 1).new_merchant();
        till.merchant.blueocean_v1.appid = "9".to_owned();
        till.merchant.bjrcb.mch_id = "9".to_owned();
        let request = till.start_request(kind, 1, 100);
        till.merchant = own;
        request
    });
}

#[test]
fn a_missing_field_is_refused_by_each_gateway() {
    refused_with(["201", "4003", "ERROR_CODE", "101", "3001", "201"], |till, kind| {
        let mut body = till.start_body(kind, 1, 100);
        let name = match kind {
            Kind::MaxfunDevice | Kind::MaxfunTp => "auth_code",
            Kind::BlueoceanV1 | Kind::Bjrcb => "body",
            Kind::TencentCpay => "order_client",
            Kind::Huishouyin => "total_amount",
        };
        body.as_object_mut().unwrap().remove(name).unwrap();
        till.signed(kind, path(kind, start_op(kind)), body)
    });
}

#[test]
fn an_unknown_field_is_refused_by_each_gateway() {
    refused_with(["201", "40100", "ERROR_CODE", "101", "3002", "201"], |till, kind| {
        let mut body = till.start_body(kind, 1, 100);
        body["surprise"] = "x".into();
        till.signed(kind, path(kind, start_op(kind)), body)
    });
}

#[test]
fn an_amount_of_nothing_is_refused_by_each_gateway() {
    refused_with(["201", "40100", "ERROR_CODE", "101", "3002", "201"], |till, kind| till.start_request(kind, 1, 0));
}

#[test]
fn another_content_type_is_refused_by_each_gateway() {
    refused_with(["201", "4001", "ERROR_CODE", "101", "3002", "201"], |till, kind| {
        let request = till.start_request(kind, 1, 100);
        HttpRequest { content_type: Some("application/x-www-form-urlencoded".to_owned()), ..request }
    });
}

#[test]
fn only_utf_8_is_taken() {
    for (charset, expected) in [("utf-8", "200"), ("gbk", "4001")] {
        let mut till = Till::new();
        let content_type = Some(format!("Application/JSON; charset={charset}"));
        let request = HttpRequest { content_type, ..till.start_request(Kind::BlueoceanV1, 1, 100) };
        assert_eq!(word(Kind::BlueoceanV1, &till.send(&request)), expected);
    }
}

#[test]
fn a_get_is_refused_by_each_gateway() {
    for kind in Kind::ALL {
        let mut till = Till::new();
        let request = HttpRequest { method: "GET".to_owned(), ..till.start_request(kind, 1, 100) };
        let exchange = till.send(&request);
        match kind {
            Kind::BlueoceanV1 => assert_eq!(word(kind, &exchange), "4007"),
            _ => assert_eq!(exchange.answer.status, 405),
        }
    }
}

#[test]
fn a_replayed_nonce_is_refused_wherever_there_is_a_nonce() {
    let words = ["201", "40100", "ERROR_CODE", "101", "201"];
    let with_nonce = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Huishouyin);
    for (kind, expected) in with_nonce.zip(words) {
        let mut till = Till::new();
        let request = till.start_request(kind, 1, 100);
        till.send(&request);
        let again = till.send(&request);
        assert_eq!(word(kind, &again), expected, "{kind:?}");
        assert_eq!(till.only_order().charges, u32::from(start_op(kind) == Op::Charge));
    }
}

#[test]
fn a_duplicate_order_number_gets_the_gateways_own_answer() {
    let words = ["", "40101", "ERROR_CODE", "102", "1007", "206"];
    for (kind, expected) in Kind::ALL.into_iter().zip(words).skip(1) {
        let mut till = Till::new();
        till.start(kind, 1, 100);
        let again = till.start(kind, 1, 100);
        assert_eq!(word(kind, &again), expected, "{kind:?}");
        assert!(till.only_order().charges <= 1);
        if kind == Kind::TencentCpay {
            assert_eq!(content(&again)["internal_status"], 407);
        }
    }
}

#[test]
fn a_payment_code_works_once() {
    let words = ["103", "40111", "SUCCESS PAYERROR", "103"];
    let charging = Kind::ALL.into_iter().filter(|kind| start_op(*kind) == Op::Charge);
    for (kind, expected) in charging.zip(words) {
        let mut till = Till::new();
        let first = till.start_body(kind, 1, 100);
        let request = till.signed(kind, path(kind, Op::Charge), first.clone());
        till.send(&request);
        let mut second = till.start_body(kind, 2, 100);
        second["auth_code"] = first["auth_code"].clone();
        let request = till.signed(kind, path(kind, Op::Charge), second);
        let again = till.send(&request);
        assert_eq!(word(kind, &again), expected, "{kind:?}");
        assert_eq!(till.ledger().totals.charges, 1);
    }
}

#[test]
fn maxfun_takes_fifty_thousand_yuan_and_not_a_fen_more() {
    let mut till = Till::new();
    assert_eq!(word(Kind::MaxfunDevice, &till.start(Kind::MaxfunDevice, 1, 5_000_000)), "0");
    assert_eq!(word(Kind::MaxfunDevice, &till.start(Kind::MaxfunDevice, 2, 5_000_001)), "109");
}

#[test]
fn maxfun_does_not_mind_the_case_of_the_signature() {
    let mut till = Till::new();
    let body = till.start_body(Kind::MaxfunDevice, 1, 100);
    let mut request = till.signed(Kind::MaxfunDevice, path(Kind::MaxfunDevice, Op::Charge), body);
    let mut fields: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    fields["sign"] = fields["sign"].as_str().unwrap().to_uppercase().into();
    request.body = fields.to_string().into_bytes();
    assert_eq!(word(Kind::MaxfunDevice, &till.send(&request)), "0");
}

#[test]
fn codes_of_other_wallets_are_refused_where_the_gateway_takes_one_wallet() {
    for (kind, code, expected) in [
        (Kind::BlueoceanV1, "281234567890123456", "40100"),
        (Kind::BlueoceanV1, "13451234567890123", "40100"),
        (Kind::Bjrcb, "134512345678901234", "ERROR_CODE"),
    ] {
        let mut till = Till::new();
        let mut body = till.start_body(kind, 1, 100);
        body["auth_code"] = code.into();
        let request = till.signed(kind, path(kind, Op::Charge), body);
        assert_eq!(word(kind, &till.send(&request)), expected);
    }
}

#[test]
fn tencent_wants_its_prefix_its_currency_and_its_hmac_over_the_very_text() {
    let mut till = Till::new();
    let mut send = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = till.start_body(Kind::TencentCpay, 1, 100);
        change(&mut body);
        let request = till.signed(Kind::TencentCpay, "/cpay/scan_code_pay", body);
        let exchange = till.send(&request);
        (word(Kind::TencentCpay, &exchange), till.is_signed(Kind::TencentCpay, &exchange))
    };
    let refused = ("104".to_owned(), Some(true));
    assert_eq!(send(&|body| body["pay_content"]["out_trade_no"] = "xx01".into()), refused);
    assert_eq!(send(&|body| body["pay_content"]["fee_type"] = "HKD".into()), refused);
    assert_eq!(send(&|body| body["pay_mch_key"]["pay_platform"] = 4.into()), refused);

    // A line feed that was not signed breaks the HMAC, and such an answer carries no authen_info.
    let body = till.start_body(Kind::TencentCpay, 1, 100);
    let text = format!("{body}\n");
    let code = sign::tencent(&body.to_string(), &till.merchant.tencent_cpay.authen_key);
    let envelope = json!({"request_content": text, "authen_info": {"a": {"authen_type": 1, "authen_code": code}}});
    let exchange = till.send(&HttpRequest::post("/cpay/scan_code_pay", envelope.to_string()));
    assert_eq!(word(Kind::TencentCpay, &exchange), "101");
    assert_eq!(till.is_signed(Kind::TencentCpay, &exchange), None);
}

#[test]
fn huishouyin_wants_yuan_as_text_with_two_decimals() {
    let mut till = Till::new();
    for amount in [json!("1.0"), json!("100"), json!(1.00)] {
        let mut body = till.start_body(Kind::Huishouyin, 1, 100);
        body["total_amount"] = amount;
        let request = till.signed(Kind::Huishouyin, "/pay/scan", body);
        assert_eq!(word(Kind::Huishouyin, &till.send(&request)), "3002");
    }
}

#[test]
fn nested_fields_are_signed_as_the_text_that_was_sent() {
    let mut till = Till::new();
    let body = till.start_body(Kind::Huishouyin, 1, 100);
    let goods = r#"[{"barcode":"6983748939221","price":3.00,"num":2}]"#; // 3.00 would be lost by reading and writing
    let mut pairs: Vec<Pair<'_>> =
        body.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap().into())).collect();
    pairs.push(("goods_list", goods.into()));
    let sign = sign::huishouyin(&pairs, &till.merchant.huishouyin.app_sercet);
    let text = body.to_string();
    let text = format!("{},\"goods_list\":{goods},\"sign\":\"{sign}\"}}", &text[..text.len() - 1]);
    assert_eq!(word(Kind::Huishouyin, &till.send(&HttpRequest::post("/pay/scan", text))), "1000");
}

#[test]
fn a_path_that_nobody_owns_is_not_found() {
    let mut till = Till::new();
    let exchange = till.send(&HttpRequest::post("/cpay/other", "{}"));
    assert_eq!(exchange.answer.status, 404);
    let exchange = till.send(&HttpRequest::post("/wechat/other", "{}"));
    assert_eq!(body(&exchange)["code"], 404);
}

#[test]
fn requests_without_a_merchant_are_kept_apart() {
    let mut till = Till::new();
    till.send(&HttpRequest::post("/gateway", "{"));
    assert!(till.world.calls(&till.merchant.id).unwrap().is_empty());
    assert!(till.world.strays()[0].problem.as_ref().unwrap().contains("JSON"));
}

#[test]
fn it_shares_no_code_with_what_it_tests() {
    let manifest = include_str!("../../Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    assert!(!dependencies.lines().any(|line| line.starts_with("paywand")));
}
