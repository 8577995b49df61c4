//! What answers about refunds prove.

use super::*;

/// Our refund, as both operations show it, with `change` made to it. Each wallet has its own word for the state (T2).
fn entry(ext: &str, state: i64, change: impl FnOnce(&mut Value)) -> Value {
    let name = if ext == WECHAT_REFUND { "state" } else { "refund_status" };
    let mut entry = json!({
        "out_refund_no": REFUND_NUMBER, "refund_id": "50000001", "out_trade_no": NUMBER, "trade_type": 2,
        "create_time": 1_767_225_500, "last_update_time": 1_767_225_600, "is_transforming": false,
        "total_fee": 16_000, "refund_fee": 6_000, "refund_fee_type": "CNY", ext: {name: state},
    });
    change(&mut entry);
    entry
}

/// A signed content of status 0 that shows `shown` as its refunds.
fn refund_content(name: &str, shown: &Value) -> String {
    let key = json!({
        "pay_platform": 1, "out_mch_id": "sz01N6YTRV8JPIlb4AnB", "out_sub_mch_id": "sz01jRnVDGfHKHI837nH",
        "out_shop_id": "sz01Kmw5JHJs278376ndk",
    });
    let own = json!({"nonce_str": "r", "pay_mch_key": key, "refund_order_content": shown});
    json!({"status": 0, "log_id": 1, "internal_status": 0, name: own}).to_string()
}

fn refund_reply(op: Operation, body: &str) -> Reply {
    gateway().reply(op, &refund_order(), &own(body))
}

fn refund_queried(entries: &[Value]) -> Reply {
    refund_reply(Operation::RefundQuery, &signed(&refund_content("query_refund_order", &json!(entries))))
}

/// The signed answer to a refund query that proves ours.
pub(super) fn refunded() -> String {
    signed(&refund_content("query_refund_order", &json!([entry(WECHAT_REFUND, 2, |_| ())])))
}

fn proved() -> Reply {
    Reply::RefundProved(Returned {
        gateway_number: Some("50000001".to_owned()),
        refunded_at_ms: Some(testing::NEW_YEAR_MS),
        evidence: Evidence::Signature,
    })
}

const WECHAT_REFUND: &str = "wxpay_refund_order_content_ext";

const ALIPAY_REFUND: &str = "alipay_refund_order_content_ext";

#[test]
fn the_answer_to_a_refund_accepts_it_at_most() {
    for state in 1..=6 {
        let content = refund_content("refund", &entry(WECHAT_REFUND, state, |_| ()));
        assert_eq!(refund_reply(Operation::Refund, &signed(&content)), Reply::RefundAccepted, "{state}");
        for body in forged(&content).iter().chain([&unsigned(&content)]) {
            assert_eq!(refund_reply(Operation::Refund, body), Reply::Unproved("signature"), "{body}");
        }
    }
    let with = |name: &str, value: Value| {
        let content = refund_content("refund", &entry(WECHAT_REFUND, 2, |entry| entry[name] = value));
        refund_reply(Operation::Refund, &signed(&content))
    };
    assert_eq!(with("out_trade_no", json!("sz0100d9ueX")), Reply::Unproved("other_refund"));
    assert_eq!(with("out_refund_no", json!("sz0100d9ueX")), Reply::Unproved("other_refund"));
    assert_eq!(with("refund_fee", json!(6_001)), Reply::PaidOther(Amount::new(6_001, Currency::CNY)));
    let nameless = refund_content("refund", &Value::Null);
    assert_eq!(refund_reply(Operation::Refund, &signed(&nameless)), Reply::RefundAccepted);
    testing::only_on_its_own_connection(&gateway(), Operation::Refund, &refund_order(), &signed(&nameless));
    let other_shop = nameless.replace("sz01Kmw5JHJs278376ndk", "sz01X");
    assert_eq!(refund_reply(Operation::Refund, &signed(&other_shop)), Reply::Unproved("other_order"));
}

#[test]
fn statuses_of_a_refund() {
    let refund = |content: &str| refund_reply(Operation::Refund, &signed(content));
    let refused = unsigned(&status(101, 1));
    assert_eq!(refund_reply(Operation::Refund, &refused), Reply::Refused("101".to_owned()));
    testing::only_on_its_own_connection(&gateway(), Operation::Refund, &refund_order(), &refused);
    assert_eq!(refund(&status(104, 1)), Reply::Refused("104".to_owned()));
    testing::only_on_its_own_connection(&gateway(), Operation::Refund, &refund_order(), &signed(&status(104, 1)));
    assert_eq!(refund(&status(104, 400)), Reply::NotFound);
    for (number, internal) in [(0, 0), (3, 0), (102, 1), (102, 407), (104, 407), (103, 0), (7, 0)] {
        assert!(matches!(refund(&status(number, internal)), Reply::Unproved(_)), "{number} {internal}");
    }
    for number in [0, 3, 102, 103, 104] {
        assert!(matches!(refund_reply(Operation::Refund, &unsigned(&status(number, 0))), Reply::Unproved(_)));
    }
    for number in [0, 3, 101, 102, 103, 104] {
        for body in [signed(&status(number, 407)), unsigned(&status(number, 407))] {
            assert!(matches!(refund_reply(Operation::Refund, &body), Reply::Unproved(_)), "{number}");
        }
    }
    for number in [0, 3, 101, 102, 103, 104] {
        for body in forged(&status(number, 0)) {
            assert!(matches!(refund_reply(Operation::Refund, &body), Reply::Unproved(_)), "{number} {body}");
        }
    }
}

#[test]
fn states_of_a_refund_by_wallet() {
    let failed = || Reply::RefundFailed("3".to_owned());
    let unknown = || Reply::Unproved("unknown_state");
    for (state, wechat, alipay) in [
        (0, unknown(), unknown()),
        (1, Reply::Waiting, Reply::Waiting),
        (2, proved(), proved()),
        (3, failed(), failed()),
        (4, Reply::Waiting, Reply::Waiting),
        (5, Reply::RefundChanged, Reply::NotFound),
        (6, Reply::Unproved("void"), unknown()),
        (7, unknown(), unknown()),
    ] {
        for (ext, expected) in [(WECHAT_REFUND, wechat), (ALIPAY_REFUND, alipay)] {
            let shown = |change: &dyn Fn(&mut Value)| json!([entry(ext, state, change)]);
            let content = refund_content("query_refund_order", &shown(&|_| ()));
            let body = signed(&content);
            for response in [own(&body), reused(&body), plain(&body)] {
                assert_eq!(gateway().reply(Operation::RefundQuery, &refund_order(), &response), expected, "{content}");
            }
            for body in forged(&content).iter().chain([&unsigned(&content)]) {
                assert!(matches!(refund_reply(Operation::RefundQuery, body), Reply::Unproved(_)), "{body}");
            }
            // Still moving at the gateway: no end.
            let moving = refund_content("query_refund_order", &shown(&|entry| entry["is_transforming"] = json!(true)));
            let waits = if matches!(expected, Reply::Unproved(_)) { expected } else { Reply::Waiting };
            assert_eq!(refund_reply(Operation::RefundQuery, &signed(&moving)), waits);
        }
    }
}

#[test]
fn a_refund_lacking_one_proof_is_not_proved() {
    let with = |name: &str, value: Value| refund_queried(&[entry(WECHAT_REFUND, 2, |entry| entry[name] = value)]);
    assert_eq!(with("refund_fee", json!(6_001)), Reply::PaidOther(Amount::new(6_001, Currency::CNY)));
    assert_eq!(with("refund_fee", json!("6000")), proved());
    assert_eq!(with("refund_fee", Value::Null), Reply::Unproved("refund_fee"));
    assert_eq!(with("refund_fee_type", json!("HKD")), Reply::PaidOther(Amount::new(6_000, Currency::HKD)));
    assert_eq!(with("refund_fee_type", json!("?")), Reply::Unproved("currency"));
    assert_eq!(with("refund_fee_type", Value::Null), proved());
    assert_eq!(with("out_trade_no", json!("sz0100d9ueX")), Reply::Unproved("other_order"));
    assert_eq!(with("out_trade_no", Value::Null), Reply::Unproved("other_order"));
    assert_eq!(with("out_refund_no", json!("sz0100d9ueX")), Reply::Unproved("other_refund"));
    assert_eq!(with(WECHAT_REFUND, json!({"state": "2"})), Reply::Unproved("unknown_state"));
    assert_eq!(with(WECHAT_REFUND, Value::Null), Reply::Unproved("no_state"));
    assert_eq!(with(ALIPAY_REFUND, json!({"refund_status": 2})), Reply::Unproved("no_state"));
    assert_eq!(with(WECHAT_REFUND, json!({"refund_status": 2})), Reply::Unproved("unknown_state"));
    assert_eq!(with("is_transforming", json!("?")), Reply::Waiting);
    for settled in [json!(false), json!(0), Value::Null] {
        assert_eq!(with("is_transforming", settled), proved());
    }
    let ours = || entry(WECHAT_REFUND, 2, |_| ());
    let other = || entry(WECHAT_REFUND, 3, |entry| entry["out_refund_no"] = json!("sz0100d9ueX"));
    assert_eq!(refund_queried(&[other(), ours()]), proved());
    assert_eq!(refund_queried(&[ours(), ours()]), Reply::Unproved("refund_twice"));
    let object = signed(&refund_content("query_refund_order", &ours()));
    assert_eq!(refund_reply(Operation::RefundQuery, &object), Reply::Unproved("no_refund_list"));
    let without_refund = gateway().reply(Operation::RefundQuery, &order(), &own(&object));
    assert_eq!(without_refund, Reply::Unproved("no_refund"));
}

#[test]
fn alipay_s_state_of_a_refund_is_taken_under_either_name_and_two_that_differ_prove_nothing() {
    let with = |ext: Value| refund_queried(&[entry(ALIPAY_REFUND, 2, |entry| entry[ALIPAY_REFUND] = ext)]);
    for ext in [
        json!({"fund_change": "Y", "gmt_refund_pay": "2026-01-01 08:00:00", "refund_status": 2}),
        json!({"state": 2}),
        json!({"refund_status": 2, "state": 2}),
        json!({"refund_status": 2, "state": null}),
        json!({"refund_status": null, "state": 2}),
    ] {
        assert_eq!(with(ext.clone()), proved(), "{ext}");
    }
    for ext in [
        json!({"refund_status": 2, "state": 3}),
        json!({"refund_status": 3, "state": 2}),
        json!({"refund_status": 2, "state": "2"}),
        json!({"refund_status": "2", "state": 2}),
        json!({"refund_status": "2"}),
        json!({"refund_status": "2", "state": "2"}),
        json!({}),
    ] {
        assert_eq!(with(ext.clone()), Reply::Unproved("unknown_state"), "{ext}");
    }
}

#[test]
fn statuses_of_a_refund_query() {
    let empty = signed(&refund_content("query_refund_order", &json!([])));
    for body in [empty, signed(&status(104, 426))] {
        assert_eq!(refund_reply(Operation::RefundQuery, &body), Reply::NotFound);
        testing::only_on_its_own_connection(&gateway(), Operation::RefundQuery, &refund_order(), &body);
    }
    for (number, internal) in [(0, 0), (3, 0), (101, 0), (102, 407), (103, 0), (104, 0), (104, 400), (105, 426)] {
        for body in [signed(&status(number, internal)), unsigned(&status(number, internal))] {
            assert!(matches!(refund_reply(Operation::RefundQuery, &body), Reply::Unproved(_)), "{number} {internal}");
        }
    }
    assert_eq!(refund_reply(Operation::RefundQuery, &unsigned(&status(104, 426))), Reply::Unproved("signature"));
    let missing = signed(&status(104, 400));
    assert_eq!(refund_reply(Operation::RefundQuery, &missing), Reply::Unproved("order_missing"));
}
