use super::*;
use crate::{
    gateway::{
        Returned,
        testing::{self, K, NUMBER, REFUND_NUMBER, own, plain, reused},
    },
    rsa_key::{RsaKey, TEST_PEM},
};

const APP_ID: &str = "APPID00000000000000000000000000";
const CREATED: &str = r#"{"code":1000,"msg":"成功","data":{"trade_no":"2017102100151091",
    "order_id":"T20260101000001","total_amount":11.0,"payable_amount":11.0,
    "pay_url":"http://www.liantuo.com/xxx/xxx/xxx"}}"#;
const GOT: &str = r#"{"code":1000,"msg":"成功","data":{"trade_no":"L1","check_time":"2026-01-01 08:00:09",
    "order_id":"T20260101000001","order_status":1,"app_id":"APPID00000000000000000000000000",
    "total_amount":11.00,"payable_amount":10,"real_amount":9.5,"pay_time":"2026-01-01 08:00:00"}}"#;

/// The operations with which an order begins.
const BEGINNINGS: [Operation; 2] = [Operation::Charge, Operation::CreateQr];

fn gateway() -> Huishouyin {
    Huishouyin::new(testing::settings(&[("app_id", APP_ID), ("app_sercet", K)])).unwrap()
}

fn order() -> Order {
    testing::order(1_100, Currency::CNY)
}

fn reply(op: Operation, body: &str) -> Reply {
    gateway().reply(op, &order(), &own(body))
}

fn ready() -> Reply {
    Reply::QrReady {
        pay_url: "http://www.liantuo.com/xxx/xxx/xxx".to_owned(),
        gateway_number: Some("2017102100151091".to_owned()),
    }
}

fn paid() -> Reply {
    Reply::Paid(Receipt {
        gateway_number: Some("L1".to_owned()),
        paid_at_ms: Some(testing::NEW_YEAR_MS),
        refundable: Some(Amount::new(950, Currency::CNY)),
        evidence: Evidence::Order,
    })
}

fn checked(status: &str) -> String {
    format!(r#"{{"code":1000,"msg":"m","data":{{"trade_no":"L1","order_id":"{NUMBER}","order_status":{status}}}}}"#)
}

#[test]
fn v6_verifies_in_both_encodings() {
    let mut settings = testing::settings(&[("app_id", APP_ID), ("app_sercet", K)]);
    settings.options.insert("final_encoding".to_owned(), "hex_upper".to_owned());
    let plain = Huishouyin::new(settings).unwrap();
    for (gateway, sign) in
        [(plain, "56D13FD666C081464933C47BACC4D8B7"), (gateway(), "NTZEMTNGRDY2NkMwODE0NjQ5MzNDNDdCQUNDNEQ4Qjc=")]
    {
        let request = gateway.request(Operation::CreateQr, &order(), None, &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), ("/pay/scan", true));
        let expected = serde_json::json!({
            "app_id": APP_ID, "sign_type": "MD5", "order_id": NUMBER, "total_amount": "11.00", "sign": sign,
        });
        assert_eq!(testing::sent(&request), expected);
    }
}

#[test]
fn the_published_base64_step_verifies() {
    let hex = "90C04D45B9BA45D098303D8176C38ABC";
    assert_eq!(STANDARD.encode(hex), "OTBDMDRENDVCOUJBNDVEMDk4MzAzRDgxNzZDMzhBQkM=");
    assert_eq!(
        gateway().sign([("a", "1")].into_iter()).unwrap(),
        STANDARD.encode(signing::md5_upper(&format!("a=1&app_sercet={K}")))
    );
}

#[test]
fn the_sample_request_of_s4_is_reproduced_without_its_nested_fields() {
    let app_id = "bT2CAkZUgoOr36BnZhuC1aTvXgxhvmhF";
    let gateway = Huishouyin::new(testing::settings(&[("app_id", app_id), ("app_sercet", K)])).unwrap();
    let mut order = Order { number: "2017102100151091".to_owned(), ..order() };
    order.texts.store = Some("L4XYdVQWe0DROIQBxxtrYKWawTIrXofe".to_owned());
    let sent = testing::sent(&gateway.request(Operation::CreateQr, &order, None, &testing::stamp()).unwrap());
    let text = format!("app_id={app_id}&app_sercet={K}&order_id=2017102100151091&sign_type=MD5&total_amount=11.00");
    // The sample's `sign` is a placeholder, and its amount a number that loses its zeros.
    let expected = serde_json::json!({
        "app_id": app_id, "sign": STANDARD.encode(signing::md5_upper(&text)), "sign_type": "MD5",
        "order_id": "2017102100151091", "total_amount": "11.00",
    });
    assert_eq!(sent, expected);
}

/// With the key of RSA, or without, and this `sign_type`.
fn opened(sign_type: Option<&str>, pem: Option<&str>) -> Result<Huishouyin, PaywandError> {
    let mut keys = vec![("app_id", APP_ID), ("app_sercet", K)];
    keys.extend(pem.map(|pem| ("rsa_private_key", pem)));
    let mut settings = testing::settings(&keys);
    settings.options.extend(sign_type.map(|sign_type| ("sign_type".to_owned(), sign_type.to_owned())));
    Huishouyin::new(settings)
}

#[test]
fn with_rsa_every_request_says_so_and_signs_without_the_secret() {
    let gateway = opened(Some("RSA"), Some(TEST_PEM)).unwrap();
    let key = RsaKey::from_pem(TEST_PEM).unwrap();
    for op in testing::OPERATIONS {
        let code = testing::wechat_code();
        let request = gateway.request(op, &refund_order(), Some(&code), &testing::stamp()).unwrap();
        let sent = testing::sent(&request);
        let fields = sent.as_object().unwrap().iter().filter(|(name, _)| *name != "sign");
        let fields: Vec<_> = fields.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        assert!(fields.contains(&("sign_type", "RSA")), "{op:?}");
        let text = signing::sorted_text(fields);
        assert_eq!(sent["sign"], key.sign_sha256(text.as_bytes()).unwrap(), "{op:?}");
    }
}

#[test]
fn rsa_needs_its_key_and_a_key_alone_changes_nothing() {
    let sign = |gateway: Huishouyin| gateway.sign([("a", "1")].into_iter()).unwrap();
    assert_eq!(sign(opened(None, Some(TEST_PEM)).unwrap()), sign(opened(Some("MD5"), None).unwrap()));
    for (sign_type, pem, field) in [
        (Some("RSA"), None, "gateways[0].keys.rsa_private_key"),
        (Some("RSA"), Some("x"), "gateways[0].keys.rsa_private_key"),
        (None, Some("x"), "gateways[0].keys.rsa_private_key"),
        (Some("rsa"), Some(TEST_PEM), "gateways[0].options.sign_type"),
    ] {
        let error = opened(sign_type, pem).err().unwrap().to_string();
        assert!(error.contains(field), "{error}");
    }
}

#[test]
fn what_asks_or_undoes_names_the_order() {
    for (op, path, fresh, sign_type) in [
        (Operation::Query, "/pay/check", true, true),
        (Operation::Detail, "/pay/get", false, true),
        (Operation::Reverse, "/pay/cancel", true, false),
        (Operation::Close, "/pay/close", true, false),
        (Operation::RefundQuery, "/pay/get", true, true),
    ] {
        let request = gateway().request(op, &order(), None, &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), (path, fresh));
        let sent = testing::sent(&request);
        let kind = if sign_type { "&sign_type=MD5" } else { "" };
        let text = format!("app_id={APP_ID}&app_sercet={K}&order_id={NUMBER}{kind}");
        let mut expected = serde_json::json!({
            "app_id": APP_ID, "order_id": NUMBER, "sign": STANDARD.encode(signing::md5_upper(&text)),
        });
        if sign_type {
            expected["sign_type"] = "MD5".into();
        }
        assert_eq!(sent, expected);
    }
}

#[test]
fn amounts_go_out_with_two_decimals_and_within_the_limit() {
    let sent = |minor| {
        let order = testing::order(minor, Currency::CNY);
        gateway().request(Operation::CreateQr, &order, None, &testing::stamp())
    };
    for (minor, text) in [(1, "0.01"), (10, "0.10"), (123_456, "1234.56")] {
        assert_eq!(testing::sent(&sent(minor).unwrap())["total_amount"], text);
    }
    for minor in [0, -1, MAX_MINOR + 1] {
        assert_eq!(sent(minor).unwrap_err().field, "amount");
    }
}

#[test]
fn a_created_order_shows_its_qr_in_every_form_of_the_answer() {
    let flat = CREATED.replace("\"data\":{", "").replace("}}", "}");
    for body in [
        CREATED.to_owned(),
        CREATED.replace("\"code\":1000", "\"code\":\"1000\""),
        CREATED.replace("\"code\"", "\"status\""),
        flat.replace("\"code\"", "\"status\""),
        CREATED.replace("11.0,", "11,"),
        CREATED.replace("11.0,", "\"11.00\","),
    ] {
        assert_eq!(reply(Operation::CreateQr, &body), ready(), "{body}");
        assert_eq!(gateway().reply(Operation::CreateQr, &order(), &reused(&body)), ready());
        assert!(matches!(gateway().reply(Operation::CreateQr, &order(), &plain(&body)), Reply::Unproved(_)));
    }
}

#[test]
fn a_created_order_that_is_not_ours_in_all_parts_shows_nothing() {
    for (from, to, why) in [
        (NUMBER, "T2", "other_order"),
        ("\"order_id\":\"T20260101000001\",", "", "no_order"),
        ("\"total_amount\":11.0", "\"total_amount\":10.99", "other_amount"),
        ("\"total_amount\":11.0", "\"total_amount\":11.001", "amount"),
        ("\"total_amount\":11.0,", "", "amount"),
        ("pay_url", "url", "no_pay_url"),
        ("\"http://www.liantuo.com/xxx/xxx/xxx\"", "7", "no_pay_url"),
        ("\"code\":1000", "\"code\":null", "no_code"),
    ] {
        assert_eq!(reply(Operation::CreateQr, &CREATED.replace(from, to)), Reply::Unproved(why), "{from} {to}");
    }
    assert_eq!(reply(Operation::CreateQr, r#"{"code":1000,"data":[]}"#), Reply::Unproved("no_data"));
    assert_eq!(reply(Operation::CreateQr, r#"{"code":1000}"#), Reply::Unproved("no_order"));
}

#[test]
fn the_sample_refusal_and_its_kin_are_believed_only_on_their_own_connection() {
    for code in ["2000", "3000", "3001", "3002", "3003", "3004", "5000"] {
        for body in [format!(r#"{{"code":{code},"msg":"签名错误","data":{{}}}}"#), format!(r#"{{"code":"{code}"}}"#)]
        {
            for op in BEGINNINGS {
                assert_eq!(reply(op, &body), Reply::Refused(code.to_owned()));
                testing::only_on_its_own_connection(&gateway(), op, &order(), &body);
            }
            for op in [Operation::Query, Operation::Detail, Operation::Reverse, Operation::Close] {
                assert!(matches!(reply(op, &body), Reply::Unproved(_)), "{op:?} {body}");
            }
        }
    }
    for op in BEGINNINGS {
        for code in [1003, 1007] {
            assert_eq!(reply(op, &format!(r#"{{"code":{code}}}"#)), Reply::NumberTaken);
        }
        for code in [0, 1, 1001, 1002, 1004, 1005, 1006, 2001, 2002, 2999, 3005, 4001, 4004, 5001, 5002, 6000] {
            let body = format!(r#"{{"code":{code}}}"#);
            assert!(matches!(reply(op, &body), Reply::Unproved(_)), "{op:?} {code}");
        }
    }
}

#[test]
fn order_status_decides_and_paid_needs_the_detail_call() {
    for (status, query, detail) in [
        ("1", Reply::LooksPaid, paid()),
        ("\"1\"", Reply::LooksPaid, paid()),
        ("-2", Reply::LooksPaid, paid()),
        ("0", Reply::Waiting, Reply::Waiting),
        ("-1", Reply::NotPaid("-1".to_owned()), Reply::NotPaid("-1".to_owned())),
        ("4", Reply::Closed, Reply::Closed),
        ("5", Reply::Reversed, Reply::Reversed),
        ("2", Reply::ReturnedInFull, Reply::ReturnedInFull),
        ("3", Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
        ("-3", Reply::Undecided("refunding"), Reply::Undecided("refunding")),
        ("-10", Reply::Unproved("unknown_result"), Reply::Unproved("unknown_result")),
        ("9", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
        ("1.0", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
        ("null", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
    ] {
        let got = GOT.replace("\"order_status\":1", &format!("\"order_status\":{status}"));
        for (op, body, expected) in [(Operation::Query, checked(status), query), (Operation::Detail, got, detail)] {
            for response in [own(&body), reused(&body)] {
                assert_eq!(gateway().reply(op, &order(), &response), expected, "{op:?} {status}");
            }
            assert_eq!(gateway().reply(op, &order(), &plain(&body)), Reply::Unproved("not_verified_tls"));
            let other = body.replace(NUMBER, "T2");
            assert_eq!(reply(op, &other), Reply::Unproved("other_order"));
            let nameless = body.replace("order_id", "id");
            assert_eq!(reply(op, &nameless), Reply::Unproved("no_order"));
        }
    }
}

#[test]
fn the_detail_must_carry_our_amount_to_the_last_digit() {
    let got = |amount: &str| reply(Operation::Detail, &GOT.replace("11.00", amount));
    for amount in ["11", "11.0", "11.00", "11.000000000000000000000", "\"11\"", "\"11.00\""] {
        assert_eq!(got(amount), paid(), "{amount}");
    }
    for (amount, minor) in [("10.99", 1_099), ("11.01", 1_101), ("110", 11_000), ("\"0.11\"", 11), ("0", 0)] {
        assert_eq!(got(amount), Reply::PaidOther(Amount::new(minor, Currency::CNY)), "{amount}");
    }
    let unreadable =
        ["11.001", "11.0000000000000000000001", "1.1e1", "-11", "null", "\"\"", "\"11,00\"", "[11]", "\"11.\""];
    for amount in unreadable {
        assert_eq!(got(amount), Reply::Unproved("amount"), "{amount}");
    }
    let other_app = GOT.replace(APP_ID, "APPID1");
    assert_eq!(reply(Operation::Detail, &other_app), Reply::Unproved("other_order"));
}

#[test]
fn what_can_be_given_back_is_the_real_amount_where_that_is_less() {
    let refundable = |real: &str| match reply(Operation::Detail, &GOT.replace("\"real_amount\":9.5", real)) {
        Reply::Paid(receipt) => receipt.refundable.map(|amount| amount.minor),
        reply => panic!("{reply:?}"),
    };
    for (real, expected) in [("9.5", Some(950)), ("\"9.50\"", Some(950)), ("0", Some(0)), ("11.00", None), ("12", None)]
    {
        assert_eq!(refundable(&format!("\"real_amount\":{real}")), expected, "{real}");
    }
    for real in ["\"real_amount\":null", "\"real_amount\":\"?\"", "\"real_amount\":-1", "\"x\":1"] {
        assert_eq!(refundable(real), None, "{real}");
    }
}

#[test]
fn a_charge_sends_the_code() {
    let code = testing::wechat_code();
    let request = gateway().request(Operation::Charge, &order(), Some(&code), &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/pay/qrcode", true));
    let text = format!(
        "app_id={APP_ID}&app_sercet={K}&order_id={NUMBER}&pay_code=134512345678901234&sign_type=MD5&total_amount=11.00"
    );
    let expected = serde_json::json!({
        "app_id": APP_ID, "sign": STANDARD.encode(signing::md5_upper(&text)), "sign_type": "MD5", "order_id": NUMBER,
        "pay_code": "134512345678901234", "total_amount": "11.00",
    });
    assert_eq!(testing::sent(&request), expected);
    let error = gateway().request(Operation::Charge, &order(), None, &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "code");
}

#[test]
fn a_charge_is_paid_where_its_answer_names_our_order_and_our_amount() {
    let charged = |change: &dyn Fn(String) -> String| reply(Operation::Charge, &change(GOT.to_owned()));
    assert_eq!(charged(&|got| got), paid());
    assert_eq!(charged(&|got| got.replace("\"total_amount\":11.00,", "")), Reply::LooksPaid);
    assert_eq!(charged(&|got| got.replace("11.00", "11.01")), Reply::PaidOther(Amount::new(1_101, Currency::CNY)),);
    for (from, to, expected) in [
        (NUMBER, "T2", Reply::Unproved("other_order")),
        ("order_id", "id", Reply::Unproved("no_order")),
        ("\"order_status\":1", "\"order_status\":0", Reply::Waiting),
        ("\"order_status\":1", "\"order_status\":-1", Reply::NotPaid("-1".to_owned())),
        ("\"order_status\":1", "\"order_status\":-10", Reply::Unproved("unknown_result")),
        ("\"order_status\":1,", "", Reply::Unproved("unknown_state")),
    ] {
        assert_eq!(charged(&|got| got.replace(from, to)), expected, "{from} {to}");
    }
    assert_eq!(gateway().reply(Operation::Charge, &order(), &plain(GOT)), Reply::Unproved("not_verified_tls"));
    for (code, expected) in [(1001, Reply::NotPaid("1001".to_owned())), (1002, Reply::Waiting)] {
        let named = format!(r#"{{"code":{code},"data":{{"order_id":"{NUMBER}"}}}}"#);
        assert_eq!(reply(Operation::Charge, &named), expected);
    }
}

/// `/pay/get` of an order in `status`, with what was `returned` of it and its `refunds` by number and amount.
fn listed(status: &str, returned: &str, refunds: &[(&str, &str)]) -> String {
    let entries: Vec<_> = refunds
        .iter()
        .map(|(number, amount)| {
            format!(
                r#"{{"trade_no":"L9","refund_amount":{amount},"refund_time":"2026-01-01 08:00:00",
                "order_id":"{NUMBER}","refund_order_id":"{number}"}}"#
            )
        })
        .collect();
    let fields = format!(r#""order_status":{status},"refund_amount":{returned},"refund_list":[{}]"#, entries.join(","));
    GOT.replace("\"order_status\":1", &fields)
}

fn refund_order() -> Order {
    testing::refunding(order(), 500)
}

fn refund_queried(body: &str) -> Reply {
    gateway().reply(Operation::RefundQuery, &refund_order(), &own(body))
}

fn proved() -> Reply {
    Reply::RefundProved(Returned {
        gateway_number: Some("L9".to_owned()),
        refunded_at_ms: Some(testing::NEW_YEAR_MS),
        evidence: Evidence::Order,
    })
}

#[test]
fn a_refund_names_its_number_and_amount_and_never_asks_for_zero() {
    let send = |order: &Order| gateway().request(Operation::Refund, order, None, &testing::stamp());
    let request = send(&refund_order()).unwrap();
    assert_eq!((request.path, request.fresh), ("/pay/refund", true));
    let text = format!(
        "app_id={APP_ID}&app_sercet={K}&order_id={NUMBER}&refund_amount=5.00&refund_order_id={REFUND_NUMBER}&sign_type=MD5"
    );
    let expected = serde_json::json!({
        "app_id": APP_ID, "sign": STANDARD.encode(signing::md5_upper(&text)), "sign_type": "MD5", "order_id": NUMBER,
        "refund_order_id": REFUND_NUMBER, "refund_amount": "5.00",
    });
    assert_eq!(testing::sent(&request), expected);
    for minor in [0, -1, 1_101] {
        assert_eq!(send(&testing::refunding(order(), minor)).unwrap_err().field, "amount", "{minor}");
    }
    assert_eq!(send(&order()).unwrap_err().field, "refund");
}

#[test]
fn codes_of_a_refund() {
    let refunded = |body: &str| gateway().reply(Operation::Refund, &refund_order(), &own(body));
    for (code, expected) in [
        (1000, Reply::RefundAccepted),
        (2000, Reply::Refused("2000".to_owned())),
        (2001, Reply::Refused("2001".to_owned())),
        (3000, Reply::Refused("3000".to_owned())),
        (3001, Reply::Refused("3001".to_owned())),
        (3002, Reply::Refused("3002".to_owned())),
        (3003, Reply::Refused("3003".to_owned())),
        (3004, Reply::Refused("3004".to_owned())),
        (5000, Reply::Refused("5000".to_owned())),
        (1004, Reply::Closed),
        (1005, Reply::Reversed),
        (4001, Reply::NotFound),
    ] {
        let body = format!(r#"{{"code":{code},"msg":"m","data":{{}}}}"#);
        assert_eq!(refunded(&body), expected);
        testing::only_on_its_own_connection(&gateway(), Operation::Refund, &refund_order(), &body);
    }
    assert_eq!(refunded(r#"{"code":"2002"}"#), Reply::Unproved("merchant_funds"));
    for code in [0, 1, 1001, 1002, 1003, 1006, 1007, 2003, 4002, 4003, 5001, 5002, 6000] {
        assert!(matches!(refunded(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
    assert_eq!(gateway().reply(Operation::Refund, &order(), &own(r#"{"code":1000}"#)), Reply::Unproved("no_refund"));
}

#[test]
fn an_accepted_refund_is_ours_in_all_parts_and_only_accepted() {
    let accepted = format!(
        r#"{{"code":1000,"data":{{"trade_no":"L9","refund_amount":"5.00","refund_time":"2026-01-01 08:00:00",
        "order_id":"{NUMBER}","refund_order_id":"{REFUND_NUMBER}"}}}}"#
    );
    let reply = |from: &str, to: &str| {
        gateway().reply(Operation::Refund, &refund_order(), &reused(&accepted.replace(from, to)))
    };
    assert_eq!(reply("", ""), Reply::RefundAccepted);
    assert_eq!(reply("5.00", "5.01"), Reply::PaidOther(Amount::new(501, Currency::CNY)));
    assert_eq!(reply("\"5.00\"", "null"), Reply::Unproved("refund_amount"));
    assert_eq!(reply(REFUND_NUMBER, "T9"), Reply::Unproved("other_refund"));
    assert_eq!(reply("\"order_id\":\"T20260101000001\"", "\"order_id\":\"T9\""), Reply::Unproved("other_order"));
    assert_eq!(reply("refund_order_id", "x"), Reply::Unproved("not_own_connection"));
}

#[test]
fn a_refund_is_proved_by_its_entry_the_state_and_the_sum() {
    let ours = (REFUND_NUMBER, "5.00");
    for body in [
        listed("3", "5.00", &[ours]),
        listed("2", "\"5\"", &[ours]),
        listed("\"3\"", "null", &[ours]),
        listed("3", "8.00", &[("T9", "3"), ours]),
    ] {
        assert_eq!(refund_queried(&body), proved(), "{body}");
        assert_eq!(gateway().reply(Operation::RefundQuery, &refund_order(), &reused(&body)), proved());
        let plain = gateway().reply(Operation::RefundQuery, &refund_order(), &plain(&body));
        assert_eq!(plain, Reply::Unproved("not_verified_tls"));
        assert_eq!(refund_queried(&body.replace(NUMBER, "T8")), Reply::Unproved("other_order"));
        assert_eq!(gateway().reply(Operation::RefundQuery, &order(), &own(&body)), Reply::Unproved("no_refund"));
    }
    for (body, expected) in [
        (listed("3", "5.00", &[("T9", "5.00")]), Reply::NotFound),
        (listed("1", "0", &[]), Reply::NotFound),
        (listed("1", "null", &[]), Reply::NotFound),
        // Something came back that is not listed: it may be ours.
        (listed("3", "8.00", &[("T9", "5.00")]), Reply::Undecided("not_listed")),
        (listed("1", "5.00", &[]), Reply::Undecided("not_listed")),
        // An entry without a number may be ours; and where the order says no sum, more may have come back.
        (listed("3", "5.00", &[("", "5.00")]), Reply::Undecided("not_listed")),
        (listed("3", "8.00", &[("T9", "3.00"), ("", "5.00")]), Reply::Undecided("not_listed")),
        (listed("3", "null", &[("T9", "5.00")]), Reply::Undecided("not_listed")),
        (listed("2", "11.00", &[("T9", "11.00")]), Reply::Undecided("not_listed")),
        (listed("-3", "0", &[]), Reply::Undecided("not_listed")),
        (listed("-2", "0", &[]), Reply::Undecided("not_listed")),
        (listed("3", "4.99", &[(REFUND_NUMBER, "4.99")]), Reply::PaidOther(Amount::new(499, Currency::CNY))),
        (listed("3", "5.00", &[(REFUND_NUMBER, "null")]), Reply::Unproved("refund_amount")),
        (listed("3", "10.00", &[ours, ours]), Reply::Unproved("refund_twice")),
        // A sum that cannot be read neither proves our refund nor its absence.
        (listed("3", "\"5,00\"", &[ours]), Reply::Unproved("refund_amount")),
        (listed("1", "\"5,00\"", &[]), Reply::Unproved("refund_amount")),
        (listed("-3", "0", &[ours]), Reply::Waiting),
        // Of two, the other may be the one that is through, or the one that failed.
        (listed("3", "3.00", &[("T9", "3"), ours]), Reply::Undecided("refund_undecided")),
        (listed("3", "null", &[("T9", "3"), ours]), Reply::Undecided("refund_undecided")),
        (listed("-2", "3.00", &[("T9", "3"), ours]), Reply::Undecided("refund_undecided")),
        (listed("-2", "5.00", &[ours]), Reply::Undecided("refund_undecided")),
        (listed("-2", "null", &[ours]), Reply::Undecided("refund_undecided")),
        (listed("-2", "0", &[ours]), Reply::RefundFailed("-2".to_owned())),
        (listed("1", "0", &[ours]), Reply::Undecided("refund_undecided")),
        (listed("-10", "5.00", &[ours]), Reply::Undecided("refund_undecided")),
        (listed("4", "5.00", &[ours]), Reply::Undecided("refund_undecided")),
        (listed("3", "5.00", &[ours]).replace("refund_list", "list"), Reply::Undecided("not_listed")),
    ] {
        assert_eq!(refund_queried(&body), expected, "{body}");
    }
}

#[test]
fn a_list_that_is_left_out_is_an_empty_one_and_one_that_is_no_list_proves_nothing() {
    for status in ["1", "2", "3", "-3", "-2", "0", "4", "5", "-10"] {
        for returned in ["null", "0", "0.00", "\"0\"", "5.00", "\"\""] {
            let empty = listed(status, returned, &[]);
            let nothing_back = status == "1" && returned != "5.00";
            let expected = if nothing_back { Reply::NotFound } else { Reply::Undecided("not_listed") };
            let absent = empty.replace(r#","refund_list":[]"#, "");
            for body in [&empty, &absent, &empty.replace("[]", "null")] {
                assert_eq!(refund_queried(body), expected, "{body}");
            }
            for no_list in ["{}", "0", "\"\"", "\"[]\"", "false", "[null]", "[1]"] {
                let body = empty.replace("[]", no_list);
                assert_eq!(refund_queried(&body), Reply::Unproved("no_refund_list"), "{body}");
            }
        }
    }
}

#[test]
fn a_missing_refund_is_not_found_on_its_own_connection() {
    let body = r#"{"code":4002,"data":{}}"#;
    assert_eq!(refund_queried(body), Reply::NotFound);
    testing::only_on_its_own_connection(&gateway(), Operation::RefundQuery, &refund_order(), body);
    // The order is there, or there would be nothing to give back: who does not find it knows nothing of its refund.
    assert_eq!(refund_queried(r#"{"code":4001,"data":{}}"#), Reply::Unproved("order_missing"));
    for code in [1001, 1002, 1003, 2000, 2001, 2002, 3001, 5000, 5001, 5002] {
        assert!(matches!(refund_queried(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn an_order_that_is_missing_is_not_found_on_its_own_connection() {
    let body = r#"{"code":4001,"msg":"订单不存在","data":{}}"#;
    for op in [Operation::Query, Operation::Detail, Operation::Close] {
        assert_eq!(reply(op, body), Reply::NotFound);
        testing::only_on_its_own_connection(&gateway(), op, &order(), body);
    }
}

#[test]
fn codes_of_a_check() {
    let named = |code: i64| format!(r#"{{"code":{code},"data":{{"order_id":"{NUMBER}"}}}}"#);
    assert_eq!(reply(Operation::Query, &named(1001)), Reply::NotPaid("1001".to_owned()));
    assert_eq!(reply(Operation::Query, &named(1002)), Reply::Waiting);
    for code in [1001, 1002, 1003, 1004, 1005, 1006, 5001, 5002, 0] {
        assert!(matches!(reply(Operation::Query, &format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn codes_of_a_cancel_and_a_close() {
    for op in [Operation::Reverse, Operation::Close] {
        codes_of(op);
    }
}

fn codes_of(op: Operation) {
    for (code, expected) in [
        (1000, Reply::ReverseDone),
        (1004, Reply::ReverseDone),
        (1005, Reply::ReverseDone),
        (1003, Reply::ReverseRefused),
        (1006, Reply::ReverseRefused),
    ] {
        let body = format!(r#"{{"code":{code},"msg":"m","data":{{}}}}"#);
        assert_eq!(reply(op, &body), expected);
        testing::only_on_its_own_connection(&gateway(), op, &order(), &body);
        let other = format!(r#"{{"code":{code},"data":{{"order_id":"T2"}}}}"#);
        assert_eq!(reply(op, &other), Reply::Unproved("other_order"));
    }
    let ours = format!(r#"{{"code":1000,"data":{{"order_id":"{NUMBER}"}}}}"#);
    assert_eq!(gateway().reply(op, &order(), &reused(&ours)), Reply::ReverseDone);
    for code in [0, 1001, 1002, 1007, 2000, 5000, 5001, 5002] {
        assert!(matches!(reply(op, &format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn a_callback_is_an_unsigned_hint() {
    let notice = |body: &str| gateway().notice(&Callback { headers: Vec::new(), body: body.as_bytes().to_vec() });
    let told =
        |fields: &str| format!(r#"{{"code":1000,"msg":"m","data":{{"trade_no":"L1",{fields}"order_status":2}}}}"#);
    let ours = format!(r#""order_id":"{NUMBER}","refund_order_id":"{REFUND_NUMBER}","#);
    for body in [told(&ours), format!(r#"{{"code":1000,"order_id":"{NUMBER}"}}"#)] {
        let notice = notice(&body).unwrap();
        assert_eq!((notice.order_number.as_str(), notice.signed), (NUMBER, false));
        let acknowledgement = notice.acknowledgement;
        assert_eq!((acknowledgement.content_type, acknowledgement.body), ("text/plain", "SUCCESS"));
    }
    assert_eq!(notice(&told(&format!(r#"{ours}"app_id":"APPID1","#))), Err(NoticeRefusal::Forged));
    for (body, why) in [
        ("", "it is not one JSON object"),
        ("order_id=T1", "it is not one JSON object"),
        (r#"{"code":1000,"data":[]}"#, "its data is no object"),
        (r#"{"code":1000,"data":{"order_id":""}}"#, "it names no order"),
        (r#"{"code":1000,"data":{"order_id":"T1\ud800"}}"#, "it names no order"),
        (r#"{"code":1000,"data":{"order_id":["T1"]}}"#, "it names no order"),
        (r#"{"code":1000}"#, "it names no order"),
    ] {
        assert_eq!(notice(body), Err(NoticeRefusal::Unreadable(why)), "{body}");
    }
}

#[test]
fn garbage_proves_nothing_and_breaks_nothing() {
    testing::survives_garbage(&gateway(), &order(), GOT);
    testing::survives_garbage(&gateway(), &order(), CREATED);
    testing::survives_garbage(
        &gateway(),
        &testing::refunding(order(), 500),
        &listed("3", "5", &[(REFUND_NUMBER, "5.00")]),
    );
}
