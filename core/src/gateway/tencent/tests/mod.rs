mod refunds;
mod requests;

use serde_json::{Value, json};

use super::*;

use crate::{
    gateway::{
        Receipt, Refund, Returned,
        testing::{self, K, own, plain, reused},
    },
    money::Amount,
    payment::Evidence,
    rsa_key::{RsaKey, TEST_PEM},
    signing,
};

const NUMBER: &str = "sz0100d9ueWXzz00320190826151533";

const REFUND_NUMBER: &str = "sz0100d9ueWXzz0032019082615153R";

const URL: &str = "weixin://wxpay/bizpayurl?pr=3oi3IB6";

fn keys() -> Vec<(&'static str, &'static str)> {
    vec![
        ("out_mch_id", "sz01N6YTRV8JPIlb4AnB"),
        ("out_sub_mch_id", "sz01jRnVDGfHKHI837nH"),
        ("out_shop_id", "sz01Kmw5JHJs278376ndk"),
        ("authen_key", K),
        ("order_prefix", "sz0100d9ue"),
    ]
}

fn gateway() -> Tencent {
    let mut settings = testing::settings(&keys());
    settings.qr_life_ms = TIMING.qr_life_ms;
    Tencent::new(settings).unwrap()
}

/// A QR order.
fn order() -> Order {
    Order { number: NUMBER.to_owned(), kind: PaymentKind::Qr, ..testing::order(16_000, Currency::CNY) }
}

fn bar_code_order() -> Order {
    Order { kind: PaymentKind::Charge, ..order() }
}

/// With a refund of 60.00 of its 160.00.
fn refund_order() -> Order {
    let refund = Refund { number: REFUND_NUMBER.to_owned(), amount: Amount::new(6_000, Currency::CNY) };
    Order { refund: Some(refund), ..order() }
}

/// The envelope of an answer, signed with K.
fn signed(content: &str) -> String {
    let authen_code = gateway().authen_code(content);
    json!({"response_content": content, "authen_info": {"a": {"authen_type": 1, "authen_code": authen_code}}})
        .to_string()
}

fn unsigned(content: &str) -> String {
    json!({"response_content": content}).to_string()
}

/// What every answer that a signature lacks or fails must look like.
fn forged(content: &str) -> [String; 5] {
    let envelope = |info: Value| json!({"response_content": content, "authen_info": info}).to_string();
    let code = gateway().authen_code(content);
    [
        envelope(json!({"a": {"authen_type": 1, "authen_code": code.replace(['A', '1'], "0")}})),
        envelope(json!({"a": {"authen_type": 2, "authen_code": code}})),
        envelope(json!({"a": {"authen_type": 1}})),
        envelope(json!({})),
        json!({"response_content": format!("{content} "), "authen_info": {"a": {"authen_type": 1, "authen_code": code}}})
            .to_string(),
    ]
}

fn status(status: i64, internal: i64) -> String {
    format!(r#"{{"status":{status},"description":"d","log_id":4049520517,"internal_status":{internal}}}"#)
}

/// A query's content: the order as `ext` in `state`, with `change` made to `order_content`.
fn query_content(ext: &str, state: i64, change: impl FnOnce(&mut Value)) -> String {
    let mut content = json!({
        "status": 0, "description": "操作成功。", "log_id": 18446744073709551615_u64, "internal_status": 0,
        "query_order": {
            "nonce_str": "r",
            "pay_mch_key": {
                "pay_platform": 1, "out_mch_id": "sz01N6YTRV8JPIlb4AnB", "out_sub_mch_id": "sz01jRnVDGfHKHI837nH",
                "out_shop_id": "sz01Kmw5JHJs278376ndk",
            },
            "order_content": {
                "out_trade_no": NUMBER, "transaction_id": "4200000001", "trade_type": 2, "code_url": URL,
                "time_end": 1_767_225_600, "total_fee": 16_000, "fee_type": "CNY", "cash_fee": 1,
                ext: {"current_trade_state": state},
            },
        },
    });
    change(&mut content["query_order"]["order_content"]);
    content.to_string()
}

fn wechat(state: i64) -> String {
    query_content("wxpay_order_content_ext", state, |_| ())
}

fn alipay(state: i64) -> String {
    query_content("alipay_order_content_ext", state, |_| ())
}

fn reply(op: Operation, body: &str) -> Reply {
    gateway().reply(op, &order(), &own(body))
}

fn created(content: &str) -> Reply {
    reply(Operation::CreateQr, &signed(content))
}

fn queried(content: &str) -> Reply {
    reply(Operation::Query, &signed(content))
}

fn paid() -> Reply {
    let gateway_number = Some("4200000001".to_owned());
    let paid_at_ms = Some(testing::NEW_YEAR_MS);
    Reply::Paid(Receipt { gateway_number, paid_at_ms, refundable: None, evidence: Evidence::Signature })
}

#[test]
fn v8_and_v9_verify() {
    let v8 = concat!(
        r#"{"nonce_str":"n0nce","pay_content":{"out_trade_no":"sz0100d9ue20260101000001","total_fee":16000,"#,
        r#""fee_type":"CNY","body":"测试"},"pay_mch_key":{"pay_platform":1,"out_mch_id":"M1","out_sub_mch_id":"S1","#,
        r#""out_shop_id":"H1"},"order_client":{"device_id":"D1","terminal_type":1,"sdk_version":"1.0","#,
        r#""spbill_create_ip":"127.0.0.1","machine_no":"01-01-01-01-01-01"}}"#,
    );
    assert_eq!(gateway().authen_code(v8), "50CFF7B9C636F4B3866DD7DBB467EDCBE5A24A18F6B0E5B06495D4E5FAB8A280");
    let v9 = format!("{v8}\n");
    assert_eq!(gateway().authen_code(&v9), "56A26B440E6AF8B95D5E66480C8E2FA51E1010531636FCE9F8846A42DA074105");
}

#[test]
fn the_sample_answer_of_s3_shows_its_qr() {
    // As on the wire: one level of escapes belongs to the envelope, one to the content.
    let content = r#"{"status":0,"description":"\u64CD\u4F5C\u6210\u529F\u3002","log_id":4049520517,"internal_status":0,
        "scan_code_pay":{"code_url":"weixin:\/\/wxpay\/bizpayurl?pr=3oi3IB6","nonce_str":"beM31vIaC1rgyDIX43fJxjhs77"}}"#;
    let ready = Reply::QrReady { pay_url: URL.to_owned(), gateway_number: None };
    assert_eq!(created(content), ready);
    // The same content with other escapes in the envelope is the same text, and verifies.
    assert_eq!(reply(Operation::CreateQr, &signed(content).replace("weixin", "\\u0077eixin")), ready);
    testing::only_on_its_own_connection(&gateway(), Operation::CreateQr, &order(), &signed(content));
    for body in forged(content).iter().chain([&unsigned(content)]) {
        assert_eq!(reply(Operation::CreateQr, body), Reply::Unproved("signature"), "{body}");
    }
    assert_eq!(created(&content.replace("code_url", "url")), Reply::Unproved("no_code_url"));
}

#[test]
fn statuses_of_a_charge_and_a_creation() {
    for op in [Operation::Charge, Operation::CreateQr] {
        statuses_of(op);
    }
}

fn statuses_of(op: Operation) {
    let created = |content: &str| reply(op, &signed(content));
    let again = unsigned(&status(3, 0));
    assert_eq!(reply(op, &again), Reply::SendAgain);
    testing::only_on_its_own_connection(&gateway(), op, &order(), &again);
    let refused = unsigned(&status(101, 1));
    assert_eq!(reply(op, &refused), Reply::Refused("101".to_owned()));
    testing::only_on_its_own_connection(&gateway(), op, &order(), &refused);
    let refused = signed(&status(104, 1));
    assert_eq!(reply(op, &refused), Reply::Refused("104".to_owned()));
    testing::only_on_its_own_connection(&gateway(), op, &order(), &refused);
    assert_eq!(created(&status(102, 1)), Reply::NumberTaken);
    for number in [0, 3, 101, 102, 103, 104, 7] {
        let content = status(number, 407);
        for body in [signed(&content), unsigned(&content)] {
            for response in [own(&body), reused(&body), plain(&body)] {
                assert_eq!(gateway().reply(op, &order(), &response), Reply::NumberTaken, "{number} {body}");
            }
        }
        for body in forged(&content) {
            assert!(matches!(reply(op, &body), Reply::Unproved(_)), "{number} {body}");
        }
    }
    for (number, why) in [(103, "unknown_result"), (1, "unknown_status"), (-3, "unknown_status")] {
        assert_eq!(created(&status(number, 0)), Reply::Unproved(why));
    }
    for number in [0, 102, 103, 104] {
        assert!(matches!(reply(op, &unsigned(&status(number, 0))), Reply::Unproved(_)), "{number}");
    }
    for number in [0, 3, 101, 102, 103, 104] {
        for body in forged(&status(number, 0)) {
            assert!(matches!(reply(op, &body), Reply::Unproved(_)), "{number} {body}");
        }
    }
}

#[test]
fn order_states_of_wechat() {
    let not_paid = |state: i64| Reply::NotPaid(state.to_string());
    // A bar code's customer who stops, or an error, ends the charge; of a QR it ends an attempt.
    for (state, qr, bar_code) in [
        (1, Reply::Waiting, Reply::Waiting),
        (2, paid(), paid()),
        (3, paid(), paid()),
        (4, Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
        (5, Reply::Waiting, not_paid(5)),
        (6, Reply::Waiting, Reply::Waiting),
        (7, Reply::Closed, Reply::Closed),
        (8, Reply::Reversed, Reply::Reversed),
        (9, Reply::Waiting, Reply::Waiting),
        (10, Reply::Waiting, not_paid(10)),
        (11, Reply::Waiting, Reply::Waiting),
        (12, Reply::Waiting, Reply::Waiting),
        (13, Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
        (14, Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
        (0, Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
        (15, Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
    ] {
        check_state(&wechat(state), &qr, &bar_code);
    }
}

#[test]
fn order_states_of_alipay() {
    for (state, expected) in [
        (1, Reply::Waiting),
        (2, paid()),
        (3, Reply::Unproved("unknown_state")),
        (4, Reply::Waiting),
        (5, Reply::Closed),
        (6, paid()),
        (7, Reply::NotFound),
        (8, Reply::Unproved("unknown_state")),
    ] {
        check_state(&alipay(state), &expected, &expected);
    }
}

/// Alipay's order in `state`, of which this came back: by `refunded_fee`, and by its own extension (T2).
fn alipay_back(state: i64, refunded_fee: Value, refund_fee: Value) -> Reply {
    queried(&query_content("alipay_order_content_ext", state, |order| {
        order["refunded_fee"] = refunded_fee;
        order["alipay_order_content_ext"]["refund_fee"] = refund_fee;
    }))
}

#[test]
fn what_came_back_is_told_by_either_name_and_is_no_payment() {
    for state in [2, 5, 6] {
        for fee in [json!(30), json!("30"), json!(16_001), json!("?"), json!(30.0)] {
            for (one, other) in [(fee.clone(), Value::Null), (Value::Null, fee.clone()), (fee.clone(), fee.clone())] {
                assert_eq!(alipay_back(state, one, other), Reply::ReturnedElsewhere, "{state} {fee}");
            }
        }
        // Two that differ: some came back, who knows what.
        for (one, other) in [(0, 16_000), (16_000, 0), (30, 16_000), (16_000, 30), (0, 30)] {
            assert_eq!(alipay_back(state, json!(one), json!(other)), Reply::ReturnedElsewhere, "{state} {one} {other}");
        }
    }
    let none = [Value::Null, json!(""), json!(0), json!("0")];
    for (one, other) in none.iter().flat_map(|one| none.iter().map(move |other| (one.clone(), other.clone()))) {
        assert_eq!(alipay_back(2, one.clone(), other.clone()), paid(), "{one} {other}");
        assert_eq!(alipay_back(5, one.clone(), other.clone()), Reply::Closed, "{one} {other}");
    }
    let all_back = |order: &mut Value| order["alipay_order_content_ext"]["refund_fee"] = json!(16_000);
    let in_full = query_content("alipay_order_content_ext", 5, all_back);
    check_state(&in_full, &Reply::ReturnedInFull, &Reply::ReturnedInFull);
    for all in [json!(16_000), json!("16000")] {
        for (one, other) in [(all.clone(), Value::Null), (Value::Null, all.clone()), (all.clone(), all.clone())] {
            assert_eq!(alipay_back(5, one.clone(), other.clone()), Reply::ReturnedInFull);
            assert_eq!(alipay_back(2, one, other), Reply::ReturnedElsewhere);
        }
    }
    let other_sum = |order: &mut Value| {
        (order["alipay_order_content_ext"]["refund_fee"], order["total_fee"]) = (json!(16_000), json!(17_000));
    };
    assert_eq!(queried(&query_content("alipay_order_content_ext", 5, other_sum)), Reply::ReturnedElsewhere);
    // WeChat has no such field, and states of its own for it; a sum counts all the same.
    let wechats = query_content("wxpay_order_content_ext", 3, |order| order["refunded_fee"] = json!(30));
    assert_eq!(queried(&wechats), Reply::ReturnedElsewhere);
}

/// `content` in a query, and in the answer to a charge, is as expected on every connection, and nothing without its
/// signature.
fn check_state(content: &str, qr: &Reply, bar_code: &Reply) {
    let charged = content.replace("query_order", "micro_pay");
    for (op, order, content, expected) in [
        (Operation::Query, order(), content, qr),
        (Operation::Query, bar_code_order(), content, bar_code),
        (Operation::Charge, bar_code_order(), charged.as_str(), bar_code),
    ] {
        let body = signed(content);
        for response in [own(&body), reused(&body), plain(&body)] {
            assert_eq!(&gateway().reply(op, &order, &response), expected, "{op:?} {content}");
        }
        for body in forged(content).iter().chain([&unsigned(content)]) {
            let nothing = match expected {
                Reply::Paid(_) => Reply::Unverified,
                Reply::Unproved(why) => Reply::Unproved(why),
                _ => Reply::Unproved("signature"),
            };
            assert_eq!(gateway().reply(op, &order, &own(body)), nothing, "{op:?} {body}");
        }
    }
    check_transforming(content, qr, bar_code);
    let swapped = gateway().reply(Operation::Charge, &bar_code_order(), &own(&signed(content)));
    assert_eq!(swapped, Reply::Unproved("no_content_of_its_own"));
}

/// While the gateway is at work on the order (T2), or may be, nothing that it says is an end but that money came in.
fn check_transforming(content: &str, qr: &Reply, bar_code: &Reply) {
    for (order, expected) in [(order(), qr), (bar_code_order(), bar_code)] {
        let waits = match expected {
            Reply::NotPaid(_) | Reply::Closed | Reply::Reversed | Reply::ReturnedInFull | Reply::NotFound => {
                Reply::Waiting
            }
            reply => reply.clone(),
        };
        for (transforming, expected) in [
            ("true", &waits),
            ("1", &waits),
            ("\"true\"", &waits),
            ("\"?\"", &waits),
            ("{}", &waits),
            ("false", expected),
            ("0", expected),
            ("\"false\"", expected),
            ("null", expected),
        ] {
            let said = format!(r#""is_transforming":{transforming},"out_trade_no""#);
            let content = content.replace("\"out_trade_no\"", &said);
            let reply = gateway().reply(Operation::Query, &order, &own(&signed(&content)));
            assert_eq!(&reply, expected, "{content}");
        }
    }
}

#[test]
fn a_paid_state_lacking_one_proof_is_not_paid() {
    let with =
        |name: &str, value: Value| queried(&query_content("wxpay_order_content_ext", 3, |order| order[name] = value));
    assert_eq!(with("out_trade_no", json!("sz0100d9ueX")), Reply::Unproved("other_order"));
    assert_eq!(with("out_trade_no", Value::Null), Reply::Unproved("no_order"));
    assert_eq!(with("out_trade_no", json!("")), Reply::Unproved("no_order"));
    assert_eq!(with("total_fee", Value::Null), Reply::Unproved("amount"));
    assert_eq!(with("total_fee", json!(16_000.0)), Reply::Unproved("amount"));
    assert_eq!(with("total_fee", json!(1)), Reply::PaidOther(Amount::new(1, Currency::CNY)));
    assert_eq!(with("fee_type", json!("HKD")), Reply::PaidOther(Amount::new(16_000, Currency::HKD)));
    assert_eq!(with("fee_type", json!("yuan")), Reply::Unproved("currency"));
    assert_eq!(with("fee_type", Value::Null), paid());
    assert_eq!(with("wxpay_order_content_ext", json!({"current_trade_state": "3"})), Reply::Unproved("unknown_state"));
    assert_eq!(with("wxpay_order_content_ext", json!({})), Reply::Unproved("unknown_state"));
    assert_eq!(with("wxpay_order_content_ext", Value::Null), Reply::Unproved("no_state"));
    assert_eq!(with("alipay_order_content_ext", json!({"current_trade_state": 2})), Reply::Unproved("no_state"));
    let other_shop = wechat(3).replace("sz01Kmw5JHJs278376ndk", "sz01X");
    assert_eq!(queried(&other_shop), Reply::Unproved("other_order"));
    assert_eq!(queried(&wechat(3).replace("query_order", "micro_pay")), Reply::Unproved("no_content_of_its_own"));
    assert_eq!(queried(&wechat(3).replace("order_content\"", "x\"")), Reply::Unproved("no_order_content"));
}

#[test]
fn another_qr_than_the_one_shown_is_seen_while_the_order_waits() {
    let shown = |url: &str, content: &str| {
        let order = Order { pay_url: Some(url.to_owned()), ..order() };
        gateway().reply(Operation::Query, &order, &own(&signed(content)))
    };
    assert_eq!(shown(URL, &wechat(6)), Reply::Waiting);
    assert_eq!(shown("weixin://other", &wechat(6)), Reply::OtherQr);
    assert_eq!(shown("weixin://other", &wechat(3)), paid());
    assert_eq!(shown("weixin://other", &wechat(7)), Reply::Closed);
    let without = query_content("wxpay_order_content_ext", 6, |order| order["code_url"] = Value::Null);
    assert_eq!(shown(URL, &without), Reply::Waiting);
}

#[test]
fn statuses_of_a_query() {
    assert_eq!(queried(&status(104, 400)), Reply::NotFound);
    testing::only_on_its_own_connection(&gateway(), Operation::Query, &order(), &signed(&status(104, 400)));
    assert_eq!(reply(Operation::Query, &unsigned(&status(104, 400))), Reply::Unproved("signature"));
    for (number, internal) in [(0, 0), (3, 0), (101, 0), (102, 407), (103, 0), (104, 0), (104, 426), (105, 400)] {
        for body in [signed(&status(number, internal)), unsigned(&status(number, internal))] {
            assert!(matches!(reply(Operation::Query, &body), Reply::Unproved(_)), "{number} {internal}");
        }
    }
}

#[test]
fn statuses_of_a_reverse_and_a_close() {
    for (op, name) in [(Operation::Reverse, "reverse"), (Operation::Close, "close_order")] {
        let undone = |content: &str| reply(op, &signed(content));
        let done = format!(r#"{{"status":0,"log_id":1,"internal_status":0,"{name}":{{"nonce_str":"r"}}}}"#);
        assert_eq!(undone(&done), Reply::ReverseDone);
        testing::only_on_its_own_connection(&gateway(), op, &order(), &signed(&done));
        assert_eq!(undone(&status(104, 400)), Reply::NotFound);
        assert_eq!(undone(&status(104, 1)), Reply::ReverseRefused);
        assert_eq!(undone(&status(102, 1)), Reply::ReverseRefused);
        for (number, internal) in [(3, 0), (101, 0), (102, 407), (103, 0), (7, 0)] {
            assert!(matches!(undone(&status(number, internal)), Reply::Unproved(_)), "{number}");
        }
        for number in [0, 3, 101, 102, 103, 104] {
            assert!(matches!(reply(op, &unsigned(&status(number, 0))), Reply::Unproved(_)), "{number}");
            for body in forged(&status(number, 0)) {
                assert!(matches!(reply(op, &body), Reply::Unproved(_)), "{number} {body}");
            }
        }
    }
}

fn callback(body: &str) -> Callback {
    Callback { headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// A callback: the content of a query, sent as a request is.
fn notified(content: &str) -> String {
    signed(content).replace("response_content", "request_content")
}

#[test]
fn a_callback_names_its_order_and_is_acknowledged_as_the_page_says() {
    let query: Value = serde_json::from_str(&wechat(3)).unwrap();
    let content = query["query_order"].to_string();
    let notice = gateway().notice(&callback(&notified(&content))).unwrap();
    assert_eq!((notice.order_number.as_str(), notice.signed), (NUMBER, true));
    assert_eq!(notice.acknowledgement.content_type, "application/json");
    let answer: Value = serde_json::from_str(notice.acknowledgement.body).unwrap();
    let inner: Value = serde_json::from_str(answer["response_content"].as_str().unwrap()).unwrap();
    assert_eq!(inner, json!({"status": 0, "description": "OK"}));

    let refused = |body: &str| gateway().notice(&callback(body)).unwrap_err();
    for body in forged(&content).iter().chain([&unsigned(&content)]) {
        let body = body.replace("response_content", "request_content");
        assert_eq!(refused(&body), NoticeRefusal::Forged, "{body}");
    }
    let other_shop = content.replace("sz01Kmw5JHJs278376ndk", "sz01X");
    assert_eq!(refused(&notified(&other_shop)), NoticeRefusal::Forged);
    assert_eq!(refused(&notified(&content.replace("pay_mch_key", "x"))), NoticeRefusal::Forged);
    for (body, why) in [
        (String::new(), "it is not one JSON object"),
        ("[]".to_owned(), "it is not one JSON object"),
        (signed(&content), "it has no request_content"),
        (notified("x"), "its request_content is not JSON"),
        (notified(&content.replace("out_trade_no", "x")), "it names no order"),
        (notified(&content.replace("order_content", "x")), "it names no order"),
    ] {
        assert_eq!(refused(&body), NoticeRefusal::Unreadable(why), "{body}");
    }
}

#[test]
fn a_content_that_is_no_string_of_json_proves_nothing() {
    for body in [
        r#"{"response_content":{"status":0}}"#,
        r#"{"response_content":""}"#,
        r#"{"response_content":"x"}"#,
        r#"{"response_content":"{}"}"#,
        r#"{"response_content":"{\"status\":\"0\"}"}"#,
        r#"{"response_content":"[]","authen_info":null}"#,
    ] {
        assert!(matches!(reply(Operation::CreateQr, body), Reply::Unproved(_)), "{body}");
        assert!(matches!(reply(Operation::Query, body), Reply::Unproved(_)), "{body}");
    }
}

#[test]
fn no_changed_byte_of_a_paid_answer_pays_otherwise() {
    testing::no_changed_byte_pays_otherwise(&gateway(), Operation::Query, &order(), &signed(&wechat(3)));
}

#[test]
fn garbage_proves_nothing_and_breaks_nothing() {
    testing::survives_garbage(&gateway(), &order(), &signed(&wechat(3)));
    testing::survives_garbage(&gateway(), &refund_order(), &refunds::refunded());
    testing::lacks(&gateway(), &[Operation::Detail]);
}

#[test]
fn a_prefix_leaves_twelve_characters_and_is_letters_and_digits() {
    let open = |prefix: &'static str| {
        let mut keys = keys();
        keys[4].1 = prefix;
        Tencent::new(testing::settings(&keys)).err().map(|error| error.to_string())
    };
    assert_eq!(open("12345678901234567890"), None);
    for prefix in ["", "123456789012345678901", "a-b", "前缀"] {
        let error = open(prefix).unwrap();
        assert!(error.contains("gateways[0].keys.order_prefix"), "{error}");
    }
    for name in ["out_mch_id", "out_sub_mch_id", "out_shop_id", "authen_key", "order_prefix"] {
        let keys: Vec<_> = keys().into_iter().filter(|(key, _)| *key != name).collect();
        let error = Tencent::new(testing::settings(&keys)).err().unwrap().to_string();
        assert!(error.contains(&format!("gateways[0].keys.{name}")), "{error}");
    }
    assert_eq!(gateway().capabilities().order_prefix, "sz0100d9ue");
}
