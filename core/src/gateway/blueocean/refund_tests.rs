use super::{
    super::{
        Gateway, Operation, Order, Reply, Returned,
        testing::{self, K, NUMBER, own, reused},
    },
    BlueOcean,
    tests::{answer, gateway, order},
};
use crate::{money::Currency, payment::Evidence};

/// A refund query's answer with a refund in each place: the first is ours, each with its cents and status.
fn refunds(code: &str, entries: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("out_trade_no".to_owned(), format!("\"{NUMBER}\"")),
        ("fee_type".to_owned(), "\"HKD\"".to_owned()),
        ("refund_count".to_owned(), entries.len().to_string()),
        ("refund_success_time".to_owned(), "\"2026-01-01 08:00:00\"".to_owned()),
    ];
    for (n, (fee, status)) in entries.iter().enumerate() {
        let number = if n == 0 { testing::REFUND_NUMBER.to_owned() } else { format!("OTHER{n}") };
        fields.push((format!("out_refund_no_{n}"), format!("\"{number}\"")));
        fields.push((format!("refund_id_{n}"), format!("\"50{n}\"")));
        fields.push((format!("refund_fee_{n}"), (*fee).to_owned()));
        fields.push((format!("refund_status_{n}"), format!("\"{status}\"")));
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    answer(code, &fields)
}

fn refund_queried(body: &str) -> Reply {
    gateway().reply(Operation::RefundQuery, &testing::refunding(order(), 40), &own(body))
}

fn returned(refunded_at_ms: Option<i64>) -> Reply {
    let gateway_number = Some("500".to_owned());
    Reply::RefundProved(Returned { gateway_number, refunded_at_ms, evidence: Evidence::Signature })
}

#[test]
fn a_refund_names_order_refund_and_both_sums() {
    let mut order = testing::refunding(order(), 40);
    order.gateway_number = Some("42".to_owned());
    order.texts.subject = "茶".repeat(100);
    let request = gateway().request(Operation::Refund, &order, None, &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/wechat/payment/refund", true));
    let mut sent = testing::sent(&request);
    sent["sign"] = "S".into();
    let expected = serde_json::json!({
        "appid": "1000001", "nonce_str": "n0nce", "transaction_id": "42", "out_trade_no": NUMBER,
        "out_refund_no": testing::REFUND_NUMBER, "total_fee": 100, "refund_fee": 40, "refund_desc": "茶".repeat(80),
        "sign": "S",
    });
    assert_eq!(sent, expected);
    let refused =
        |order: &Order| gateway().request(Operation::Refund, order, None, &testing::stamp()).unwrap_err().field;
    for minor in [0, -1, 101] {
        assert_eq!(refused(&testing::refunding(super::tests::order(), minor)), "amount");
    }
    assert_eq!(refused(&super::tests::order()), "refund");
}

#[test]
fn the_refund_query_goes_where_the_host_has_it() {
    for (option, path) in [
        (None, "/wechat/payment/refundquery"),
        (Some("/wechat/payment/refundquery"), "/wechat/payment/refundquery"),
        (Some("/wechat/payments/refundquery"), "/wechat/payments/refundquery"),
    ] {
        let mut settings = testing::settings(&[("appid", "1000001"), ("key", K)]);
        settings.options.extend(option.map(|path| ("refundquery_path".to_owned(), path.to_owned())));
        let gateway = BlueOcean::new(settings).unwrap();
        let order = testing::refunding(order(), 40);
        let request = gateway.request(Operation::RefundQuery, &order, None, &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), (path, true));
        assert_eq!(testing::sent(&request)["out_trade_no"], NUMBER);
    }
    let mut settings = testing::settings(&[("appid", "1000001"), ("key", K)]);
    settings.options.insert("refundquery_path".to_owned(), "/elsewhere".to_owned());
    assert!(BlueOcean::new(settings).is_err());
}

#[test]
fn a_refund_s_own_answer_is_at_most_accepted() {
    let refunded = |body: &str| gateway().reply(Operation::Refund, &testing::refunding(order(), 40), &own(body));
    let fields = |number: &str, refund: &str, fee: &str| {
        let quoted = |text: &str| format!("\"{text}\"");
        let (number, refund, status) = (quoted(number), quoted(refund), quoted("SUCCESS"));
        let fields = [("out_trade_no", number), ("out_refund_no", refund), ("refund_fee", fee.to_owned())];
        let fields = fields.into_iter().chain([("refund_status_0", status), ("refund_fee_type", quoted("HKD"))]);
        let fields: Vec<_> = fields.collect();
        answer("200", &fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    };
    let good = fields(NUMBER, testing::REFUND_NUMBER, "40");
    assert_eq!(refunded(&good), Reply::RefundAccepted);
    assert_eq!(refunded(&good.replace("refund_fee\":40", "refund_fee\":41")), Reply::Unproved("signature"));
    let other = Reply::PaidOther(crate::Amount::new(41, Currency::HKD));
    assert_eq!(refunded(&fields(NUMBER, testing::REFUND_NUMBER, "41")), other);
    assert_eq!(refunded(&fields(NUMBER, "R2", "40")), Reply::Unproved("no_refund"));
    assert_eq!(refunded(&fields("T2", testing::REFUND_NUMBER, "40")), Reply::Unproved("other_order"));
    assert_eq!(refunded(r#"{"code":200,"data":[]}"#), Reply::Unproved("no_data"));
}

#[test]
fn a_refund_is_turned_away_only_by_codes_that_say_so() {
    let order = testing::refunding(order(), 40);
    let refunded = |body: &str| gateway().reply(Operation::Refund, &order, &own(body));
    for code in ["404", "4001", "4002", "4003", "4004", "4007", "40100", "40108", "40109", "40110"] {
        let body = format!(r#"{{"code":{code},"message":"no","data":[]}}"#);
        assert_eq!(refunded(&body), Reply::Refused(code.to_owned()));
        testing::only_on_its_own_connection(&gateway(), Operation::Refund, &order, &body);
    }
    for (code, reply) in
        [(40102, Reply::NotFound), (40103, Reply::Closed), (40104, Reply::Reversed), (40105, Reply::ReturnedInFull)]
    {
        let body = format!(r#"{{"code":{code},"data":[]}}"#);
        assert_eq!(refunded(&body), reply);
        testing::only_on_its_own_connection(&gateway(), Operation::Refund, &order, &body);
    }
    assert_eq!(refunded(r#"{"code":40107}"#), Reply::Unproved("merchant_funds"));
    for code in [0, 201, 400, 4005, 4006, 40101, 40106, 40111, 40400, 40500, 40600, 49999] {
        assert!(matches!(refunded(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

#[test]
fn only_our_entry_in_final_success_proves_a_refund() {
    for (status, reply) in [
        ("SUCCESS", returned(Some(testing::NEW_YEAR_MS))),
        ("PROCESSING", Reply::Waiting),
        ("REFUNDCLOSE", Reply::RefundFailed("REFUNDCLOSE".to_owned())),
        ("CHANGE", Reply::RefundChanged),
        ("success", Reply::Unproved("unknown_state")),
    ] {
        let body = refunds("200", &[("40", status)]);
        assert_eq!(refund_queried(&body), reply, "{status}");
        let response = reused(&body);
        assert_eq!(gateway().reply(Operation::RefundQuery, &testing::refunding(order(), 40), &response), reply);
        let forged = refund_queried(&body.replace("\"nonce_str\":\"r\"", "\"nonce_str\":\"s\""));
        assert!(matches!(forged, Reply::Unproved("signature" | "unknown_state")), "{status} {forged:?}");
    }
    // The one time that stands there may be another refund's.
    assert_eq!(refund_queried(&refunds("200", &[("40", "SUCCESS"), ("60", "PROCESSING")])), returned(None));
    let other = Reply::PaidOther(crate::Amount::new(41, Currency::HKD));
    for status in ["SUCCESS", "PROCESSING", "REFUNDCLOSE", "CHANGE"] {
        assert_eq!(refund_queried(&refunds("200", &[("41", status)])), other, "{status}");
    }
    let good = refunds("200", &[("40", "SUCCESS")]);
    assert_eq!(refund_queried(&good.replace(NUMBER, "T2")), Reply::Unproved("other_order"));
    testing::no_changed_byte_pays_otherwise(
        &gateway(),
        Operation::RefundQuery,
        &testing::refunding(order(), 40),
        &good,
    );
}

#[test]
fn a_refund_that_is_not_listed_is_not_found_if_the_list_is_whole() {
    let order = Order { refund: None, ..order() };
    let another = testing::refunding(order.clone(), 40);
    let another = Order {
        refund: another.refund.map(|refund| crate::gateway::Refund { number: "R9".to_owned(), ..refund }),
        ..order
    };
    let queried = |body: &str| gateway().reply(Operation::RefundQuery, &another, &own(body));
    let list = [("40", "SUCCESS"), ("60", "SUCCESS")];
    assert_eq!(queried(&refunds("200", &list)), Reply::NotFound);
    assert_eq!(queried(&refunds("200", &[])), Reply::NotFound);
    let more = |count: &str| answer("200", &[("out_trade_no", "\"T20260101000001\""), ("refund_count", count)]);
    for count in ["1", "\"2\"", "null"] {
        assert_eq!(queried(&more(count)), Reply::Unproved("refunds_missing"), "{count}");
    }
    let same = [
        ("out_trade_no", "\"T20260101000001\""),
        ("refund_count", "2"),
        ("out_refund_no_0", "\"R8\""),
        ("out_refund_no_1", "\"R8\""),
    ];
    assert_eq!(queried(&answer("200", &same)), Reply::Unproved("refunds_missing"));
    // An entry without a number may be the one that is asked for.
    for unnamed in ["\"\"", "null"] {
        let fields = [("out_trade_no", "\"T20260101000001\""), ("refund_count", "1"), ("out_refund_no_0", unnamed)];
        assert_eq!(queried(&answer("200", &fields)), Reply::Unproved("refunds_missing"), "{unnamed}");
    }
    let twice = answer(
        "200",
        &[("out_trade_no", "\"T20260101000001\""), ("out_refund_no_0", "\"R9\""), ("out_refund_no_1", "\"R9\"")],
    );
    assert_eq!(queried(&twice), Reply::Unproved("refund_twice"));
    // The order is there, or there would be nothing to give back: who does not find it knows nothing of its refund.
    let unknown = r#"{"code":40102,"message":"not exist","data":[]}"#;
    assert_eq!(queried(unknown), Reply::Undecided("order_missing"));
    testing::only_on_its_own_connection(&gateway(), Operation::RefundQuery, &another, unknown);
    for code in [0, 201, 4001, 4005, 40100, 40101, 40104, 40105, 40107, 40108, 40400] {
        assert!(matches!(queried(&format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
    }
}

/// `body` with its signature taken out, or another put there.
fn resigned(body: &str, sign: Option<&str>) -> String {
    let (before, after) = body.split_once(",\"sign\":\"").unwrap();
    let rest = &after[after.find('"').unwrap() + 1..];
    let sign = sign.map(|sign| format!(",\"sign\":{sign}")).unwrap_or_default();
    format!("{before}{sign}{rest}")
}

#[test]
fn without_a_signature_a_refund_query_shows_that_it_was_asked_and_nothing_else() {
    let order = testing::refunding(order(), 40);
    for fees in [&[("40", "SUCCESS")][..], &[("40", "REFUNDCLOSE")], &[("40", "CHANGE")], &[("41", "SUCCESS")], &[]] {
        let body = refunds("200", fees);
        for unsigned in [resigned(&body, None), resigned(&body, Some("null"))] {
            assert_eq!(refund_queried(&unsigned), Reply::Undecided("unsigned"), "{unsigned}");
            testing::only_on_its_own_connection(&gateway(), Operation::RefundQuery, &order, &unsigned);
            assert_eq!(refund_queried(&unsigned.replace(NUMBER, "T2")), Reply::Unproved("other_order"));
            assert_eq!(refund_queried(&unsigned.replace("out_trade_no", "x")), Reply::Unproved("no_order"));
        }
        for sign in ["\"\"", "\"0\"", "0", "{}"] {
            let reply = refund_queried(&resigned(&body, Some(sign)));
            assert_eq!(reply, Reply::Unproved("signature"), "{sign}");
        }
    }
    // The refund's own answer would only delay the question for a person.
    let fields =
        [("out_trade_no", "\"T20260101000001\""), ("out_refund_no", "\"T20260101000001R\""), ("refund_fee", "40")];
    let accepted = answer("200", &fields).replace("T20260101000001R", testing::REFUND_NUMBER);
    let reply = gateway().reply(Operation::Refund, &order, &own(&resigned(&accepted, None)));
    assert_eq!(reply, Reply::Unproved("signature"));
}

#[test]
fn garbage_proves_no_refund() {
    testing::survives_garbage(&gateway(), &testing::refunding(order(), 40), &refunds("200", &[("40", "SUCCESS")]));
}
