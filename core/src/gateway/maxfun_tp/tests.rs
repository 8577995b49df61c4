use super::*;
use crate::gateway::testing::{self, own, reused};

const MERCHANT: &str = "378284f3-31d4-4d75-8c3a-0c540ee67034";
const PAID: &str = r#"{"status":{"code":"200","message":"success"},"result":{"ret":0,"msg":"支付成功","identifier":"o9",
    "total_fee":100,"payment_type":1,"tp_trade_no":"T20260101000001","out_trade_no":"1271TP1487057748363124"}}"#;
const QUERIED: &str = r#"{"status":{"code":"200","message":"success"},"result":{"identifier":"o9",
    "mch_key":"378284f3-31d4-4d75-8c3a-0c540ee67034","tp_trade_no":"T20260101000001","pay_status":1,"payment_type":1,
    "total_fee":1.0,"out_trade_no":"1271TP1487057748363124"}}"#;

fn open(mch_key: &str, options: &[(&str, &str)]) -> Result<MaxfunTp, PaywandError> {
    let mut settings = testing::settings(&[("mch_key", mch_key)]);
    settings.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    MaxfunTp::new(settings)
}

fn gateway() -> MaxfunTp {
    open(MERCHANT, &[]).ok().unwrap()
}

/// 1.00, all of which may be given back.
fn order() -> Order {
    testing::refunding(testing::order(100, Currency::CNY), 100)
}

fn reply(op: Operation, body: &str) -> Reply {
    gateway().reply(op, &order(), &own(body))
}

/// [`PAID`] with another `ret`.
fn ret(code: &str) -> String {
    PAID.replace("\"ret\":0", &format!("\"ret\":{code}"))
}

/// [`QUERIED`] with another `pay_status`.
fn status(status: &str) -> String {
    QUERIED.replace("\"pay_status\":1", &format!("\"pay_status\":{status}"))
}

fn paid() -> Reply {
    let gateway_number = Some("1271TP1487057748363124".to_owned());
    Reply::Paid(Receipt { gateway_number, paid_at_ms: None, refundable: None, evidence: Evidence::Order })
}

#[test]
fn the_published_signatures_verify_in_requests() {
    let stamp = |nonce: &str| Stamp { nonce: nonce.to_owned(), at_ms: 0 };
    let order =
        |number: &str| Order { number: number.to_owned(), ..testing::refunding(testing::order(1, Currency::CNY), 1) };
    let code = PaymentCode::from_scan("130149729103798799").unwrap();
    let charge = order("12601486038696068670");
    let request = gateway().request(Operation::Charge, &charge, Some(&code), &stamp("azfkglz")).unwrap();
    assert_eq!((request.path, request.fresh), ("/maxfunpay/services/tp/scan_pay", true));
    let expected = serde_json::json!({
        "mch_key": MERCHANT, "tp_trade_no": "12601486038696068670", "auth_code": "130149729103798799", "total_fee": 1,
        "nonce_str": "azfkglz", "sign": "259140fd9e2bbf84959d0ca01cbda417",
    });
    assert_eq!(testing::sent(&request), expected);

    for op in [Operation::Query, Operation::RefundQuery] {
        for (key, sign) in
            [("hkdrg", "a31bd1d063fd870c6af12bb0a6b8565c"), (MERCHANT, "06acad6e57d3091b61df59df76b39f5d")]
        {
            let gateway = open(key, &[]).ok().unwrap();
            let request = gateway.request(op, &order("1484657785743165"), None, &stamp("azfkglz")).unwrap();
            assert_eq!((request.path, request.fresh), ("/maxfunpay/services/tp/trade_query", true));
            assert_eq!(testing::sent(&request)["sign"], sign);
        }
    }

    let gateway = open("378284f3-31d4-4d75-8c3a-0c540ee6", &[]).ok().unwrap();
    let request = gateway.request(Operation::Refund, &order("1494313896345122"), None, &stamp("abc")).unwrap();
    assert_eq!((request.path, request.fresh), ("/maxfunpay/services/tp/trade_refund", true));
    assert_eq!(testing::sent(&request)["sign"], "c2f2898a4b1f306b4422584f5e535646");
}

#[test]
fn zero_that_names_our_order_and_sum_is_paid() {
    assert_eq!(reply(Operation::Charge, PAID), paid());
    testing::only_on_its_own_connection(&gateway(), Operation::Charge, &order(), PAID);
    let other = Reply::PaidOther(crate::Amount::new(101, Currency::CNY));
    assert_eq!(reply(Operation::Charge, &PAID.replace("\"total_fee\":100", "\"total_fee\":101")), other);
    for (from, to, why) in [
        ("T20260101000001", "T2", "other_order"),
        ("\"tp_trade_no\":\"T20260101000001\",", "", "no_order"),
        ("\"total_fee\":100", "\"total_fee\":1.0", "amount"),
        ("\"total_fee\":100", "\"totalFee\":1", "amount"),
        ("\"200\"", "200", "status_code"),
        ("\"200\"", "\"500\"", "status_code"),
        ("\"ret\":0", "\"ret\":\"0\"", "no_ret"),
    ] {
        assert_eq!(reply(Operation::Charge, &PAID.replace(from, to)), Reply::Unproved(why), "{from} {to}");
    }
}

#[test]
fn every_code_of_the_charge() {
    for code in ["103", "108", "109", "202", "203", "204", "205"] {
        assert_eq!(reply(Operation::Charge, &ret(code)), Reply::Refused(code.to_owned()));
        testing::only_on_its_own_connection(&gateway(), Operation::Charge, &order(), &ret(code));
    }
    for code in
        ["101", "102", "1", "-1", "100", "201", "207", "208", "209", "210", "\"103\"", "\"206\"", "0.0", "null", "[0]"]
    {
        assert!(matches!(reply(Operation::Charge, &ret(code)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn an_order_that_is_completed_has_the_number_whoever_says_so() {
    for response in [own(&ret("206")), reused(&ret("206"))] {
        assert_eq!(gateway().reply(Operation::Charge, &order(), &response), Reply::NumberTaken);
    }
    for op in [Operation::Query, Operation::Refund, Operation::RefundQuery] {
        assert_eq!(reply(op, &ret("206")), Reply::Unproved("unknown_code"), "{op:?}");
    }
}

#[test]
fn a_number_used_before_is_no_refusal_the_first_copy_of_the_request_may_be_paid() {
    for op in [Operation::Charge, Operation::Refund] {
        assert_eq!(reply(op, &ret("201")), Reply::Unproved("unknown_code"), "{op:?}");
    }
}

#[test]
fn an_old_host_s_108_waits_for_the_password() {
    let old = open(MERCHANT, &[("code_108", "password")]).ok().unwrap();
    assert_eq!(old.reply(Operation::Charge, &order(), &own(&ret("108"))), Reply::Waiting);
    testing::only_on_its_own_connection(&old, Operation::Charge, &order(), &ret("108"));
    assert_eq!(old.reply(Operation::Charge, &order(), &own(&ret("103"))), Reply::Refused("103".to_owned()));
    assert!(open(MERCHANT, &[("code_108", "other")]).is_err());
}

#[test]
fn a_query_tells_the_order_s_state_and_its_sum_in_yuan() {
    for (state, expected) in [
        ("0", Reply::Waiting),
        ("1", paid()),
        ("3", Reply::Closed),
        ("4", Reply::ReturnedInFull),
        ("2", Reply::Unproved("unknown_state")),
        ("\"1\"", Reply::Unproved("unknown_state")),
        ("null", Reply::Unproved("unknown_state")),
    ] {
        assert_eq!(reply(Operation::Query, &status(state)), expected, "{state}");
        let other = status(state).replace("T20260101000001", "T2");
        assert_eq!(reply(Operation::Query, &other), Reply::Unproved("other_order"), "{state}");
        let nameless = status(state).replace("\"tp_trade_no\":\"T20260101000001\",", "");
        assert_eq!(reply(Operation::Query, &nameless), Reply::Unproved("no_order"), "{state}");
    }
    testing::only_on_its_own_connection(&gateway(), Operation::Query, &order(), QUERIED);
    let total =
        |total: &str| reply(Operation::Query, &QUERIED.replace("\"total_fee\":1.0", &format!("\"total_fee\":{total}")));
    for same in ["1", "1.00", "\"1.00\""] {
        assert_eq!(total(same), paid(), "{same}");
    }
    assert_eq!(total("100"), Reply::PaidOther(crate::Amount::new(10_000, Currency::CNY)));
    assert_eq!(total("1.001"), Reply::Unproved("amount"));
    assert_eq!(reply(Operation::Query, &QUERIED.replace(MERCHANT, "m2")), Reply::Unproved("other_order"));
}

#[test]
fn an_order_that_does_not_exist_is_not_found_on_its_own_connection() {
    let unknown = r#"{"status":{"code":"200"},"result":{"ret":207,"msg":"订单不存在"}}"#;
    assert_eq!(reply(Operation::Query, unknown), Reply::NotFound);
    testing::only_on_its_own_connection(&gateway(), Operation::Query, &order(), unknown);
    for op in [Operation::Query, Operation::RefundQuery] {
        for code in ["101", "201", "\"207\"", "true"] {
            assert!(matches!(reply(op, &unknown.replace("207", code)), Reply::Unproved(_)), "{code}");
        }
    }
}

#[test]
fn an_order_that_is_missing_says_nothing_of_its_refund() {
    let unknown = r#"{"status":{"code":"200"},"result":{"ret":207,"msg":"订单不存在"}}"#;
    assert_eq!(reply(Operation::RefundQuery, unknown), Reply::Unproved("order_missing"));
}

#[test]
fn a_refund_s_own_answer_is_at_most_accepted() {
    let body = |code: i64| format!(r#"{{"status":{{"code":"200"}},"result":{{"ret":{code},"msg":"m"}}}}"#);
    for code in [0, 202, 203, 204, 205, 207, 208, 209, 210] {
        let expected = match code {
            0 => Reply::RefundAccepted,
            209 => Reply::ReturnedInFull,
            code => Reply::Refused(code.to_string()),
        };
        assert_eq!(reply(Operation::Refund, &body(code)), expected);
        testing::only_on_its_own_connection(&gateway(), Operation::Refund, &order(), &body(code));
    }
    for code in [1, -1, 101, 102, 103, 108, 109, 201, 206, 211] {
        assert!(matches!(reply(Operation::Refund, &body(code)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn a_refund_is_proved_by_the_order_that_is_given_back() {
    let returned = Returned { gateway_number: None, refunded_at_ms: None, evidence: Evidence::Order };
    for (state, expected) in [
        ("4", Reply::RefundProved(returned)),
        ("1", Reply::NotFound),
        ("0", Reply::Unproved("not_paid")),
        ("2", Reply::Unproved("not_paid")),
        ("3", Reply::Unproved("not_paid")),
    ] {
        assert_eq!(reply(Operation::RefundQuery, &status(state)), expected, "{state}");
    }
    testing::only_on_its_own_connection(&gateway(), Operation::RefundQuery, &order(), &status("4"));
    let other = status("4").replace("\"total_fee\":1.0", "\"total_fee\":1.01");
    assert_eq!(reply(Operation::RefundQuery, &other), Reply::PaidOther(crate::Amount::new(101, Currency::CNY)));
    let other = status("4").replace("T20260101000001", "T2");
    assert_eq!(reply(Operation::RefundQuery, &other), Reply::Unproved("other_order"));
}

#[test]
fn a_part_cannot_be_given_back() {
    let part = testing::refunding(testing::order(100, Currency::CNY), 99);
    let error = gateway().request(Operation::Refund, &part, None, &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "amount");
    assert!(gateway().request(Operation::Refund, &order(), None, &testing::stamp()).is_ok());
}

#[test]
fn the_published_notification_is_believed_by_its_signature() {
    let body = r#"{"identifier":"o9dNzw96W2W6ni3f3ZdQ2_EGsBPM","mch_key":"378284f3-31d4-4d75-8c3a-0c540ee67034",
        "tp_trade_no":"1484657785743165","pay_status":1,"payment_type":1,"total_fee":1,
        "out_trade_no":"1271TP1487057748363124","sign":"e0f2c29f7042d156cc5bac9758acb2d1"}"#;
    let notice = gateway().notice(&testing::callback(body)).unwrap();
    assert_eq!((notice.order_number.as_str(), notice.acknowledgement.body), ("1484657785743165", "success"));
    // M1: what is empty is not signed.
    let empty = body.replacen('{', r#"{"attach":"","openid":null,"#, 1);
    assert_eq!(gateway().notice(&testing::callback(&empty)), Ok(notice));
    for (from, to) in [("\"total_fee\":1", "\"total_fee\":2"), ("e0f2", "e0f3"), (MERCHANT, "m2")] {
        let forged = gateway().notice(&testing::callback(&body.replace(from, to)));
        assert_eq!(forged, Err(NoticeRefusal::Forged), "{from}");
    }
}

#[test]
fn what_is_not_there_is_not_asked_for() {
    testing::lacks(&gateway(), &[Operation::CreateQr, Operation::Detail, Operation::Reverse, Operation::Close]);
    assert!(MaxfunTp::new(testing::settings(&[("mch_key", "1"), ("key", "2")])).is_err());
    assert!(MaxfunTp::new(testing::settings(&[])).is_err());
    let code = testing::wechat_code();
    let over = testing::order(5_000_001, Currency::CNY);
    let error = gateway().request(Operation::Charge, &over, Some(&code), &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "amount");
}

#[test]
fn garbage_proves_nothing_and_breaks_nothing() {
    testing::survives_garbage(&gateway(), &order(), PAID);
    testing::survives_garbage(&gateway(), &order(), &status("4"));
}
