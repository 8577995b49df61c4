use super::*;
use crate::gateway::testing::{self, K, NUMBER, own, plain, reused};

pub(super) fn gateway() -> BlueOcean {
    BlueOcean::new(testing::settings(&[("appid", "1000001"), ("key", K)])).unwrap()
}

/// One without a terminal, as V2 has none.
fn without_terminal() -> BlueOcean {
    let mut settings = testing::settings(&[("appid", "1000001"), ("key", K)]);
    settings.terminal.clear();
    BlueOcean::new(settings).unwrap()
}

pub(super) fn order() -> Order {
    testing::order(100, Currency::HKD)
}

/// An answer of `code` whose `data` holds these fields, values as JSON text, signed.
pub(super) fn answer(code: &str, fields: &[(&str, &str)]) -> String {
    let object = |sign: &str| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{},\"nonce_str\":\"r\"{sign}}}", fields.join(","))
    };
    let unsigned = object("");
    let signed = Fields::parse(unsigned.as_bytes()).unwrap();
    let sign = gateway().sign(signed.signed().iter().map(|(name, value)| (*name, value.as_str())));
    format!(r#"{{"code":{code},"message":"m","data":{}}}"#, object(&format!(",\"sign\":\"{sign}\"")))
}

const PAID: [(&str, &str); 12] = [
    ("appid", "\"1000001\""),
    ("trade_type", "\"MICROPAY\""),
    ("bank_type", "\"CFT\""),
    ("cash_fee", "92"),
    ("cash_fee_type", "\"CNY\""),
    ("out_trade_no", "\"T20260101000001\""),
    ("transaction_id", "\"4200000000202601010000000001\""),
    ("fee_type", "\"HKD\""),
    ("total_fee", "100"),
    ("time_end", "\"20260101080000\""),
    ("is_subscribe", "\"N\""),
    ("attach", "\"\""),
];

/// [`PAID`] with `name` set to `value`, or taken out.
fn paid_with(name: &'static str, value: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
    let mut fields: Vec<_> = PAID.into_iter().filter(|(field, _)| *field != name).collect();
    fields.extend(value.map(|value| (name, value)));
    fields
}

fn charged(body: &str) -> Reply {
    gateway().reply(Operation::Charge, &order(), &own(body))
}

fn queried(body: &str) -> Reply {
    gateway().reply(Operation::Query, &order(), &own(body))
}

fn receipt() -> Receipt {
    Receipt {
        gateway_number: Some("4200000000202601010000000001".to_owned()),
        paid_at_ms: Some(testing::NEW_YEAR_MS),
        refundable: None,
        evidence: Evidence::Signature,
    }
}

#[test]
fn the_published_signature_verifies() {
    let key = "sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb";
    let gateway = BlueOcean::new(testing::settings(&[("appid", "1000010"), ("key", key)])).unwrap();
    let fields = [("name", "BlueOcean Pay"), ("appid", "1000010"), ("region", "HK"), ("business", "Online payment")];
    assert_eq!(gateway.sign(fields.into_iter()), "08C612FB4D2D52C8C913EA00E3DABC8B");
}

#[test]
fn v2_verifies() {
    let mut order = order();
    order.texts.subject = "测试 商品".to_owned();
    let code = testing::wechat_code();
    let request = without_terminal().request(Operation::Charge, &order, Some(&code), &testing::stamp()).unwrap();
    assert_eq!(testing::sent(&request)["sign"], "B08903FACA68C2885A196F2ABC62FC6E");
}

#[test]
fn a_charge_fills_the_fields_of_s1() {
    let mut order = order();
    order.texts.subject = format!("\u{7}{}", "茶".repeat(200));
    order.texts.attach = Some("桌".repeat(200));
    order.texts.detail = Some("detail".to_owned());
    order.texts.store = Some("S1".to_owned());
    order.texts.terminal = Some("POS02".to_owned());
    let code = testing::wechat_code();
    let request = gateway().request(Operation::Charge, &order, Some(&code), &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/wechat/payment/micropay", true));
    let mut sent = testing::sent(&request);
    assert_eq!(sent["sign"].as_str().unwrap().len(), 32);
    sent["sign"] = "S".into();
    let expected = serde_json::json!({
        "appid": "1000001",
        "nonce_str": "n0nce",
        "sign": "S",
        "device_info": "POS02",
        "body": "茶".repeat(128),
        "attach": "桌".repeat(127),
        "out_trade_no": NUMBER,
        "total_fee": 100,
        "spbill_create_ip": "127.0.0.1",
        "auth_code": "134512345678901234",
    });
    assert_eq!(sent, expected);
}

#[test]
fn query_and_reverse_name_the_order_always_and_wechats_number_when_known() {
    for (op, path) in [(Operation::Query, "/wechat/order/query"), (Operation::Reverse, "/wechat/order/reverse")] {
        let mut order = order();
        let request = gateway().request(op, &order, None, &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), (path, true));
        let sent = testing::sent(&request);
        let text = format!("appid=1000001&nonce_str=n0nce&out_trade_no={NUMBER}&key={K}");
        let expected = serde_json::json!({
            "appid": "1000001", "nonce_str": "n0nce", "out_trade_no": NUMBER, "sign": signing::md5_upper(&text),
        });
        assert_eq!(sent, expected);
        order.gateway_number = Some("42".to_owned());
        let sent = testing::sent(&gateway().request(op, &order, None, &testing::stamp()).unwrap());
        assert_eq!((&sent["out_trade_no"], &sent["transaction_id"]), (&NUMBER.into(), &"42".into()));
    }
}

#[test]
fn values_outside_the_fields_limits_are_refused_before_sending() {
    let refused = |order: &Order, code: Option<&PaymentCode>| {
        gateway().request(Operation::Charge, order, code, &testing::stamp()).unwrap_err().field
    };
    let code = testing::wechat_code();
    for minor in [0, -1, MAX_MINOR + 1] {
        assert_eq!(refused(&testing::order(minor, Currency::HKD), Some(&code)), "amount");
    }
    assert_eq!(refused(&testing::order(1, Currency::CNY), Some(&code)), "amount");
    assert_eq!(refused(&order(), None), "code");
    let mut other = order();
    other.texts.terminal = Some("P".repeat(33));
    assert_eq!(refused(&other, Some(&code)), "terminal");
    other = Order { number: "N".repeat(33), ..order() };
    assert_eq!(refused(&other, Some(&code)), "order_number");
}

#[test]
fn a_charge_answered_200_is_paid_in_every_spelling() {
    for code in ["200", "\"200\""] {
        assert_eq!(charged(&answer(code, &PAID)), Reply::Paid(receipt()));
    }
    for (name, value) in [
        ("fee_type", None),
        ("trade_state", Some("\"SUCCESS\"")),
        ("total_fee", Some("\"100\"")),
        ("time_end", Some("\"2026-01-01 08:00:00\"")),
        ("cash_fee", Some("1.0")),
        ("device_info", Some("null")),
        ("extra", Some("12345678901234567890123")),
        ("attach", Some("\"\\u684c/\\/\"")),
    ] {
        assert_eq!(charged(&answer("200", &paid_with(name, value))), Reply::Paid(receipt()), "{name}");
    }
}

#[test]
fn a_charge_answered_200_without_one_of_its_proofs_is_not_paid() {
    for (name, value, reply) in [
        ("out_trade_no", Some("\"T20260101000002\""), Reply::Unproved("other_order")),
        ("out_trade_no", None, Reply::Unproved("no_order")),
        ("appid", Some("\"1000002\""), Reply::Unproved("other_order")),
        ("transaction_id", None, Reply::Unproved("no_transaction_id")),
        ("transaction_id", Some("\"\""), Reply::Unproved("no_transaction_id")),
        ("total_fee", None, Reply::Unproved("amount")),
        ("total_fee", Some("100.0"), Reply::Unproved("amount")),
        ("total_fee", Some("99"), Reply::PaidOther(crate::Amount::new(99, Currency::HKD))),
        ("fee_type", Some("\"CNY\""), Reply::PaidOther(crate::Amount::new(100, Currency::CNY))),
        ("fee_type", Some("\"hkd\""), Reply::Unproved("currency")),
        ("fee_type", Some("344"), Reply::Unproved("currency")),
        ("trade_state", Some("\"USERPAYING\""), Reply::Waiting),
        ("trade_state", Some("\"success\""), Reply::Unproved("unknown_state")),
        ("trade_state", Some("1"), Reply::Unproved("unknown_state")),
    ] {
        assert_eq!(charged(&answer("200", &paid_with(name, value))), reply, "{name} {value:?}");
    }
    for data in ["[]", "\"\"", "null", "{}"] {
        let body = format!(r#"{{"code":200,"message":"ok","data":{data}}}"#);
        assert!(matches!(charged(&body), Reply::Unproved("no_data" | "no_order")), "{data}");
    }
}

#[test]
fn success_without_a_valid_signature_is_unverified_and_another_sum_is_nothing() {
    let good = answer("200", &PAID);
    let sign = good.rfind("\"sign\"").unwrap();
    let unsigned = format!("{}}}}}", &good[..sign - 1]);
    for body in
        [unsigned, good.replace("20260101080000", "20260101080001"), good.replace("\"sign\":\"", "\"sign\":\"0")]
    {
        assert_eq!(charged(&body), Reply::Unverified, "{body}");
    }
    assert_eq!(charged(&good.replace("\"total_fee\":100", "\"total_fee\":1")), Reply::Unproved("signature"));
    assert_eq!(charged(&good.replace("T20260101000001", "T20260101000002")), Reply::Unproved("other_order"));
}

#[test]
fn a_signed_answer_that_names_our_order_counts_on_every_connection() {
    let body = answer("200", &PAID);
    for response in [own(&body), reused(&body), plain(&body)] {
        assert_eq!(gateway().reply(Operation::Charge, &order(), &response), Reply::Paid(receipt()));
    }
    for status in [201, 302, 400, 500] {
        let response = WireResponse { status, ..own(&body) };
        assert_eq!(gateway().reply(Operation::Charge, &order(), &response), Reply::Unproved("http_status"));
    }
}

#[test]
fn refusals_are_believed_only_on_their_own_connection() {
    for code in ["4001", "4002", "4003", "4004", "4007", "404", "40100", "40109", "40110"] {
        for body in [
            format!(r#"{{"code":{code},"message":"no","data":[]}}"#),
            format!(r#"{{"code":"{code}","msg":"no","data":"text"}}"#),
        ] {
            assert_eq!(charged(&body), Reply::Refused(code.to_owned()));
            testing::only_on_its_own_connection(&gateway(), Operation::Charge, &order(), &body);
            assert!(matches!(queried(&body), Reply::Unproved(_)), "{body}");
            assert_eq!(gateway().reply(Operation::Reverse, &order(), &own(&body)), Reply::ReverseRefused);
        }
        let other = format!(r#"{{"code":{code},"data":{{"out_trade_no":"T2"}}}}"#);
        assert_eq!(charged(&other), Reply::Unproved("other_order"));
    }
}

#[test]
fn a_taken_number_is_said_by_40101_and_40106() {
    for code in [40101, 40106] {
        assert_eq!(charged(&format!(r#"{{"code":{code}}}"#)), Reply::NumberTaken);
        assert!(matches!(queried(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)));
    }
}

#[test]
fn every_other_code_leads_to_a_query() {
    for code in [0, 1, 400, 490001, 4005, 4006, 40102, 40103, 40104, 40105, 40111, 40400, 40500, 40600, 499999] {
        assert!(matches!(charged(&format!(r#"{{"code":{code},"data":[]}}"#)), Reply::Unproved(_)), "{code}");
    }
    let waiting = r#"{"code":201,"message":"USERPAYING"}"#;
    for op in [Operation::Charge, Operation::Query] {
        assert_eq!(gateway().reply(op, &order(), &own(waiting)), Reply::Waiting);
        testing::only_on_its_own_connection(&gateway(), op, &order(), waiting);
    }
    assert!(matches!(charged(r#"{"message":"no code","data":[]}"#), Reply::Unproved("no_code")));
}

#[test]
fn a_query_is_decided_by_its_trade_state_alone() {
    assert_eq!(queried(&answer("200", &PAID)), Reply::Unproved("no_state"));
    for (state, reply) in [
        ("\"SUCCESS\"", Reply::Paid(receipt())),
        ("\"REFUND\"", Reply::ReturnedElsewhere),
        ("\"NOTPAY\"", Reply::Waiting),
        ("\"USERPAYING\"", Reply::Waiting),
        ("\"CLOSED\"", Reply::Closed),
        ("\"REVOKED\"", Reply::Reversed),
        ("\"PAYERROR\"", Reply::NotPaid("PAYERROR".to_owned())),
        ("\"ELSE\"", Reply::Unproved("unknown_state")),
    ] {
        let body = answer("200", &paid_with("trade_state", Some(state)));
        assert_eq!(queried(&body), reply, "{state}");
        // Without a valid signature no state means anything.
        let forged = queried(&body.replace("\"nonce_str\":\"r\"", "\"nonce_str\":\"s\""));
        let nothing = match state {
            "\"SUCCESS\"" => Reply::Unverified,
            "\"ELSE\"" => Reply::Unproved("unknown_state"),
            _ => Reply::Unproved("signature"),
        };
        assert_eq!(forged, nothing, "{state}");
    }
}

#[test]
fn waiting_may_name_no_order_but_an_end_must() {
    for state in ["NOTPAY", "USERPAYING"] {
        let quoted = format!("\"{state}\"");
        let signed = answer("200", &[("appid", "\"1000001\""), ("trade_state", &quoted)]);
        let bare = format!(r#"{{"code":200,"data":{{"trade_state":"{state}","trade_state_desc":"x"}}}}"#);
        for body in [&signed, &bare] {
            assert_eq!(queried(body), Reply::Waiting);
            testing::only_on_its_own_connection(&gateway(), Operation::Query, &order(), body);
        }
        let named = answer("200", &[("out_trade_no", "\"T20260101000001\""), ("trade_state", &quoted)]);
        assert_eq!(gateway().reply(Operation::Query, &order(), &reused(&named)), Reply::Waiting);
    }
    for state in ["SUCCESS", "REFUND", "CLOSED", "REVOKED", "PAYERROR"] {
        let body = answer("200", &[("appid", "\"1000001\""), ("trade_state", &format!("\"{state}\""))]);
        assert_eq!(queried(&body), Reply::Unproved("no_order"), "{state}");
    }
}

#[test]
fn an_order_that_does_not_exist_is_not_found_on_its_own_connection() {
    let body = r#"{"code":40102,"message":"not exist","data":[]}"#;
    for op in [Operation::Query, Operation::Reverse] {
        assert_eq!(gateway().reply(op, &order(), &own(body)), Reply::NotFound);
        testing::only_on_its_own_connection(&gateway(), op, &order(), body);
    }
}

#[test]
fn recall_says_whether_the_reverse_is_done() {
    let reversed = |body: &str| gateway().reply(Operation::Reverse, &order(), &own(body));
    let done = answer("200", &[("appid", "\"1000001\""), ("recall", "\"N\"")]);
    assert_eq!(reversed(&done), Reply::ReverseDone);
    testing::only_on_its_own_connection(&gateway(), Operation::Reverse, &order(), &done);
    assert_eq!(reversed(&answer("\"200\"", &[("recall", "\"Y\"")])), Reply::ReverseAgain);
    assert_eq!(reversed(r#"{"code":200,"data":{"recall":"N"}}"#), Reply::Unproved("signature"));
    assert_eq!(reversed(&done.replace("1000001", "1000002")), Reply::Unproved("other_order"));
    let other = answer("200", &[("out_trade_no", "\"T2\""), ("recall", "\"N\"")]);
    assert_eq!(reversed(&other), Reply::Unproved("other_order"));
    for body in [answer("200", &PAID), answer("200", &[("recall", "\"X\"")])] {
        assert_eq!(reversed(&body), Reply::Unproved("no_recall"));
    }
    testing::only_on_its_own_connection(&gateway(), Operation::Reverse, &order(), r#"{"code":40101}"#);
    for code in [201, 40103, 40104, 40400, 0] {
        assert!(matches!(reversed(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

fn qr_order() -> Order {
    Order { kind: crate::PaymentKind::Qr, ..order() }
}

#[test]
fn a_qr_order_fills_the_fields_of_b1_and_dies_with_its_time() {
    let mut settings = testing::settings(&[("appid", "1000001"), ("key", K)]);
    settings.options.insert("mp_appid".to_owned(), "wx1".to_owned());
    settings.options.insert("notify_url".to_owned(), "https://shop.example/paid".to_owned());
    let gateway = BlueOcean::new(settings).unwrap();
    let request = gateway.request(Operation::CreateQr, &qr_order(), None, &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/wechat/order/create", true));
    let text = format!(
        "appid=1000001&body={NUMBER}&device_info=POS01&mp_appid=wx1&nonce_str=n0nce&\
         notify_url=https://shop.example/paid&out_trade_no={NUMBER}&product_id={NUMBER}&spbill_create_ip=127.0.0.1&\
         time_expire=20260101100000&total_fee=100&trade_type=NATIVE&key={K}"
    );
    let expected = serde_json::json!({
        "appid": "1000001", "nonce_str": "n0nce", "device_info": "POS01", "body": NUMBER, "out_trade_no": NUMBER,
        "total_fee": 100, "spbill_create_ip": "127.0.0.1", "trade_type": "NATIVE", "mp_appid": "wx1",
        "product_id": NUMBER, "time_expire": "20260101100000", "notify_url": "https://shop.example/paid",
        "sign": signing::md5_upper(&text),
    });
    assert_eq!(testing::sent(&request), expected);
    let plain = super::tests::gateway().request(Operation::CreateQr, &qr_order(), None, &testing::stamp()).unwrap();
    assert!(testing::sent(&plain).get("mp_appid").is_none() && testing::sent(&plain).get("notify_url").is_none());
}

#[test]
fn a_qr_needs_its_own_connection_and_no_wrong_signature() {
    let created = |body: &str| gateway().reply(Operation::CreateQr, &qr_order(), &own(body));
    let qr = [("appid", "\"1000001\""), ("trade_type", "\"NATIVE\""), ("code_url", "\"weixin://wxpay/x\"")];
    let good = answer("200", &qr);
    let ready = Reply::QrReady { pay_url: "weixin://wxpay/x".to_owned(), gateway_number: None };
    assert_eq!(created(&good), ready);
    testing::only_on_its_own_connection(&gateway(), Operation::CreateQr, &qr_order(), &good);
    assert_eq!(created(&good.replace("wxpay/x", "wxpay/y")), Reply::Unproved("signature"));
    for sign in ["\"\"", "\"0\"", "0", "[]"] {
        let body = format!(r#"{{"code":200,"data":{{"code_url":"weixin://wxpay/x","sign":{sign}}}}}"#);
        assert_eq!(created(&body), Reply::Unproved("signature"), "{sign}");
    }
    assert_eq!(created(&answer("200", &qr[..2])), Reply::Unproved("no_code_url"));
    assert_eq!(created(&good.replace("1000001", "1000002")), Reply::Unproved("other_order"));
    for code in ["404", "4001", "4002", "4003", "4004", "4007", "40100", "40109", "40110"] {
        let body = format!(r#"{{"code":{code},"message":"no","data":[]}}"#);
        assert_eq!(created(&body), Reply::Refused(code.to_owned()));
        testing::only_on_its_own_connection(&gateway(), Operation::CreateQr, &qr_order(), &body);
    }
    for code in [40101, 40106] {
        assert_eq!(created(&format!(r#"{{"code":{code}}}"#)), Reply::NumberTaken);
    }
    for code in [0, 201, 4005, 4006, 40102, 40103, 40104, 40105, 40107, 40108, 40111, 40400, 40500, 40600] {
        assert!(matches!(created(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn the_sample_answer_of_b1_shows_its_qr_without_a_signature_on_its_own_verified_connection_only() {
    let sample = r#"{
  "code": 200,
  "message": "请求成功",
  "data": {
    "prepay_id": "wx20171103155938c8c2cd47800423251652",
    "code_url": "weixin://wxpay/bizpayurl?pr=tIVlUpD",
    "trade_type": "NATIVE"
  }
}"#;
    let ready = Reply::QrReady { pay_url: "weixin://wxpay/bizpayurl?pr=tIVlUpD".to_owned(), gateway_number: None };
    let created = |response: &WireResponse| gateway().reply(Operation::CreateQr, &qr_order(), response);
    assert_eq!(created(&own(sample)), ready);
    testing::only_on_its_own_connection(&gateway(), Operation::CreateQr, &qr_order(), sample);
    for response in [reused(sample), plain(sample)] {
        assert_eq!(created(&response), Reply::Unproved("not_own_connection"));
    }
    let other = sample.replace("\"trade_type\"", "\"out_trade_no\":\"T2\",\"trade_type\"");
    assert_eq!(created(&own(&other)), Reply::Unproved("other_order"));
}

#[test]
fn a_close_is_done_by_a_signed_answer_on_its_own_connection() {
    let order = Order { gateway_number: Some("42".to_owned()), ..qr_order() };
    let request = gateway().request(Operation::Close, &order, None, &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/wechat/order/close", true));
    // B1: it has no field for WeChat's number.
    assert!(testing::sent(&request).get("transaction_id").is_none());
    let closed = |body: &str| gateway().reply(Operation::Close, &order, &own(body));
    let done = answer("200", &[("appid", "\"1000001\"")]);
    assert_eq!(closed(&done), Reply::ReverseDone);
    testing::only_on_its_own_connection(&gateway(), Operation::Close, &order, &done);
    assert_eq!(closed(r#"{"code":200,"data":{}}"#), Reply::Unproved("signature"));
    assert_eq!(closed(r#"{"code":200,"data":[]}"#), Reply::Unproved("no_data"));
    assert_eq!(closed(r#"{"code":40102}"#), Reply::NotFound);
    for code in [404, 4001, 4002, 4003, 4004, 4007, 40100, 40101, 40109, 40110] {
        let body = format!(r#"{{"code":{code}}}"#);
        assert_eq!(closed(&body), Reply::ReverseRefused);
        testing::only_on_its_own_connection(&gateway(), Operation::Close, &order, &body);
    }
    for code in [0, 201, 4005, 4006, 40103, 40104, 40105, 40400, 40500, 40600] {
        assert!(matches!(closed(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn a_callback_is_believed_by_its_signature_whether_json_or_form() {
    let text = format!("appid=1000001&attach=a b&out_trade_no={NUMBER}&total_fee=100&key={K}");
    let sign = signing::md5_upper(&text);
    let json =
        format!(r#"{{"appid":"1000001","attach":"a b","out_trade_no":"{NUMBER}","total_fee":100,"sign":"{sign}"}}"#);
    let form = format!("appid=1000001&attach=a+b&out_trade_no={NUMBER}&total_fee=100&sign={sign}");
    for body in [&json, &form] {
        let notice = gateway().notice(&testing::callback(body)).unwrap();
        assert_eq!((notice.order_number.as_str(), notice.signed), (NUMBER, true));
        assert_eq!((notice.acknowledgement.content_type, notice.acknowledgement.body), ("text/plain", "SUCCESS"));
        for forged in [body.replace("100", "101"), body.replace(&sign, "0"), body.replace("1000001", "1000002")] {
            assert_eq!(gateway().notice(&testing::callback(&forged)), Err(NoticeRefusal::Forged), "{forged}");
        }
    }
    let nothing = gateway().notice(&testing::callback("{"));
    assert!(matches!(nothing, Err(NoticeRefusal::Unreadable(_))), "{nothing:?}");
}

#[test]
fn no_changed_byte_of_a_paid_answer_pays_otherwise() {
    testing::no_changed_byte_pays_otherwise(&gateway(), Operation::Charge, &order(), &answer("200", &PAID));
    let queried = answer("200", &paid_with("trade_state", Some("\"SUCCESS\"")));
    testing::no_changed_byte_pays_otherwise(&gateway(), Operation::Query, &order(), &queried);
}

#[test]
fn garbage_proves_nothing_and_breaks_nothing() {
    testing::survives_garbage(&gateway(), &order(), &answer("200", &paid_with("trade_state", Some("\"SUCCESS\""))));
    testing::lacks(&gateway(), &[Operation::Detail]);
}

#[test]
fn settings_are_checked_one_by_one() {
    let field = |settings| match BlueOcean::new(settings).err().unwrap() {
        PaywandError::InvalidConfig { field, .. } => field,
        other => panic!("{other}"),
    };
    assert_eq!(field(testing::settings(&[("appid", "1")])), "gateways[0].keys.key");
    assert_eq!(field(testing::settings(&[("appid", &"1".repeat(33)), ("key", K)])), "gateways[0].keys.appid");
    assert_eq!(field(testing::settings(&[("appid", "1"), ("key", K), ("x", "1")])), "gateways[0].keys.x");
    let mut settings = testing::settings(&[("appid", "1"), ("key", K)]);
    settings.client_ip = "::1".to_owned();
    assert_eq!(field(settings), "gateways[0].client_ip");
}
