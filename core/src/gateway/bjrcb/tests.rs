use super::*;
use crate::gateway::{
    Returned,
    testing::{self, K, NUMBER, own, plain, reused},
};

const FIELDS: &str = r#""return_code":"SUCCESS","return_msg":"OK","mch_id":"C100000000001","device_info":"POS01",
    "result_code":"FAIL","err_code":"","err_code_des":null,"trade_state":"SUCCESS","out_trade_no":"T20260101000001",
    "total_fee":"100","alipay_transaction_id":"2026010122001","transaction_id":"B1","buyer_logon_id":"a***@b.c",
    "time_end":"20260101080000","nonce_str":"r""#;

fn gateway() -> Bjrcb {
    Bjrcb::new(testing::settings(&[("mch_id", "C100000000001"), ("key", K)])).unwrap()
}

fn order() -> Order {
    testing::order(100, Currency::CNY)
}

fn signed(fields: &str) -> String {
    let unsigned = format!("{{{fields}}}");
    let answer = Fields::parse(unsigned.as_bytes()).unwrap();
    let sign = gateway().sign(answer.signed().iter().map(|(name, value)| (*name, value.as_str())));
    format!("{{{fields},\"sign\":\"{sign}\"}}")
}

fn in_state(state: &str) -> String {
    FIELDS.replace("\"trade_state\":\"SUCCESS\"", &format!("\"trade_state\":\"{state}\""))
}

fn reply(op: Operation, body: &str) -> Reply {
    gateway().reply(op, &order(), &own(body))
}

fn paid() -> Reply {
    let gateway_number = Some("B1".to_owned());
    let paid_at_ms = Some(testing::NEW_YEAR_MS);
    Reply::Paid(Receipt { gateway_number, paid_at_ms, refundable: None, evidence: Evidence::Signature })
}

#[test]
fn v5_verifies_in_a_charge_that_fills_the_fields_of_s2() {
    let mut order = order();
    order.texts.subject = "测试".to_owned();
    order.texts.detail = Some("测试商品".to_owned());
    let code = PaymentCode::from_scan("281234567890123456").unwrap();
    let request = gateway().request(Operation::Charge, &order, Some(&code), &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/gateway", false));
    let expected = serde_json::json!({
        "service_type": "ALIPAY_MICRO",
        "mch_id": "C100000000001",
        "out_trade_no": NUMBER,
        "auth_code": "281234567890123456",
        "total_fee": 100,
        "subject": "测试",
        "body": "测试商品",
        "device_info": "POS01",
        "scene": "bar_code",
        "nonce_str": "n0nce",
        "sign": "96930BF86EB50D597FB19837AC486BDA",
    });
    assert_eq!(testing::sent(&request), expected);
}

#[test]
fn texts_fill_their_fields_free_ones_cut_identifiers_refused() {
    let mut order = order();
    order.texts.subject = "题".repeat(300);
    order.texts.cashier = Some("C1".to_owned());
    order.texts.store = Some("S1".to_owned());
    order.texts.terminal = Some("POS02".to_owned());
    let code = testing::wechat_code();
    let send = |order: &Order| gateway().request(Operation::Charge, order, Some(&code), &testing::stamp());
    let sent = testing::sent(&send(&order).unwrap());
    assert_eq!((&sent["subject"], &sent["body"]), (&"题".repeat(256).into(), &"题".repeat(127).into()));
    assert_eq!((&sent["op_user_id"], &sent["store_id"]), (&"C1".into(), &"S1".into()));
    assert_eq!(sent["device_info"], "POS02");
    let mut bad = order.clone();
    bad.texts.cashier = Some("C".repeat(33));
    assert_eq!(send(&bad).unwrap_err().field, "cashier");
    let mut bad = order;
    bad.texts.store = Some(String::new());
    assert_eq!(send(&bad).unwrap_err().field, "store");
    let plain = testing::sent(&send(&super::tests::order()).unwrap());
    assert_eq!((&plain["subject"], &plain["body"]), (&NUMBER.into(), &NUMBER.into()));
}

#[test]
fn query_and_reverse_name_the_order() {
    let mut order = order();
    order.gateway_number = Some("B1".to_owned());
    let request = gateway().request(Operation::Query, &order, None, &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/gateway", true));
    let sign = signing::md5_upper(&format!(
        "mch_id=C100000000001&nonce_str=n0nce&out_trade_no={NUMBER}&service_type=ALIPAY_ORDERQUERY{K}"
    ));
    let expected = serde_json::json!({
        "service_type": "ALIPAY_ORDERQUERY", "mch_id": "C100000000001", "out_trade_no": NUMBER,
        "nonce_str": "n0nce", "sign": sign,
    });
    assert_eq!(testing::sent(&request), expected);

    let request = gateway().request(Operation::Reverse, &order, None, &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/gateway", true));
    let sign = signing::md5_upper(&format!(
        "mch_id=C100000000001&nonce_str=n0nce&out_trade_no={NUMBER}&service_type=ALIPAY_REVERSEORDER\
         &transaction_id=B1{K}"
    ));
    let expected = serde_json::json!({
        "service_type": "ALIPAY_REVERSEORDER", "mch_id": "C100000000001", "out_trade_no": NUMBER,
        "transaction_id": "B1", "nonce_str": "n0nce", "sign": sign,
    });
    assert_eq!(testing::sent(&request), expected);
}

#[test]
fn a_signed_success_that_names_our_order_and_sum_is_paid_on_every_connection() {
    for op in [Operation::Charge, Operation::Query] {
        for fields in [FIELDS.to_owned(), FIELDS.replace("\"100\"", "100"), format!("{FIELDS},\"new\":1.0")] {
            let body = signed(&fields);
            for response in [own(&body), reused(&body), plain(&body)] {
                assert_eq!(gateway().reply(op, &order(), &response), paid(), "{body}");
            }
        }
    }
}

#[test]
fn success_lacking_one_proof_is_not_paid() {
    for (from, to, expected) in [
        ("T20260101000001", "T20260101000002", Reply::Unproved("other_order")),
        ("C100000000001", "C100000000002", Reply::Unproved("other_order")),
        ("\"out_trade_no\":\"T20260101000001\",", "", Reply::Unproved("no_order")),
        ("\"total_fee\":\"100\",", "", Reply::Unproved("amount")),
        ("\"total_fee\":\"100\"", "\"total_fee\":1e2", Reply::Unproved("amount")),
        ("\"total_fee\":\"100\"", "\"total_fee\":\"99\"", Reply::PaidOther(crate::Amount::new(99, Currency::CNY))),
        (
            "\"nonce_str\"",
            "\"fee_type\":\"HKD\",\"nonce_str\"",
            Reply::PaidOther(crate::Amount::new(100, Currency::HKD)),
        ),
        ("\"return_code\":\"SUCCESS\"", "\"return_code\":\"ERROR_CODE\"", Reply::Unproved("return_code")),
        ("\"return_code\":\"SUCCESS\",", "", Reply::Unproved("return_code")),
        ("\"trade_state\":\"SUCCESS\",", "", Reply::Unproved("unknown_state")),
    ] {
        let fields = FIELDS.replace(from, to);
        for op in [Operation::Charge, Operation::Query] {
            assert_eq!(reply(op, &signed(&fields)), expected, "{fields}");
        }
    }
    let good = signed(FIELDS);
    for forged in [format!("{{{FIELDS}}}"), good.replace("\"sign\":\"", "\"sign\":\"0"), good.replace("POS01", "POS02")]
    {
        assert_eq!(reply(Operation::Query, &forged), Reply::Unverified, "{forged}");
    }
    assert_eq!(reply(Operation::Query, &good.replace("\"100\"", "\"1\"")), Reply::Unproved("signature"));
}

#[test]
fn nine_states_decide_and_a_charge_is_never_refused() {
    for (state, query, charge) in [
        ("INIT", Reply::Waiting, Reply::Waiting),
        ("SUCCESS", paid(), paid()),
        ("REFUND", Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
        ("NOTPAY", Reply::Waiting, Reply::Waiting),
        ("CLOSED", Reply::Closed, Reply::Closed),
        ("REVOKED", Reply::Reversed, Reply::Reversed),
        ("USERPAYING", Reply::Waiting, Reply::Waiting),
        ("PAYERROR", Reply::NotPaid("PAYERROR".to_owned()), Reply::Unproved("charge_failed")),
        ("FAIL", Reply::NotPaid("FAIL".to_owned()), Reply::Unproved("charge_failed")),
        ("success", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
    ] {
        let body = signed(&in_state(state));
        assert_eq!(reply(Operation::Query, &body), query, "{state}");
        assert_eq!(reply(Operation::Charge, &body), charge, "{state}");
        let forged = reply(Operation::Query, &format!("{{{}}}", in_state(state)));
        assert!(matches!(forged, Reply::Unproved(_) | Reply::Unverified), "{state} {forged:?}");
        let other_return = signed(&in_state(state).replace("\"return_code\":\"SUCCESS\"", "\"return_code\":\"X\""));
        assert_eq!(reply(Operation::Query, &other_return), Reply::Unproved("return_code"));
    }
}

#[test]
fn waiting_without_an_order_counts_only_on_its_own_connection_an_end_never() {
    let without = |state: &str| signed(&in_state(state).replace("\"out_trade_no\":\"T20260101000001\",", ""));
    for state in ["INIT", "NOTPAY", "USERPAYING"] {
        testing::only_on_its_own_connection(&gateway(), Operation::Query, &order(), &without(state));
    }
    for state in ["SUCCESS", "REFUND", "CLOSED", "REVOKED", "PAYERROR", "FAIL"] {
        assert_eq!(reply(Operation::Query, &without(state)), Reply::Unproved("no_order"), "{state}");
    }
}

#[test]
fn fail_without_a_number_of_the_bank_may_mean_that_it_does_not_know_the_order() {
    let unknown = r#""return_code":"SUCCESS","mch_id":"C100000000001","trade_state":"FAIL","nonce_str":"n""#;
    let named = format!(r#"{unknown},"out_trade_no":"T20260101000001""#);
    for op in [Operation::Query, Operation::Reverse] {
        assert_eq!(reply(op, &signed(&named)), Reply::NotFound, "{op:?}");
        testing::only_on_its_own_connection(&gateway(), op, &order(), &signed(unknown));
    }
}

#[test]
fn a_reverse_is_done_only_when_a_signed_answer_says_an_ended_state() {
    for (state, expected) in [
        ("REVOKED", Reply::ReverseDone),
        ("CLOSED", Reply::ReverseDone),
        ("REFUND", Reply::ReverseDone),
        ("INIT", Reply::ReverseAgain),
        ("NOTPAY", Reply::ReverseAgain),
        ("USERPAYING", Reply::ReverseAgain),
        ("SUCCESS", Reply::Unproved("reverse_or_payment")),
        ("FAIL", Reply::Unproved("reverse_failed")),
        ("PAYERROR", Reply::Unproved("reverse_failed")),
        ("", Reply::Unproved("unknown_state")),
    ] {
        assert_eq!(reply(Operation::Reverse, &signed(&in_state(state))), expected, "{state}");
        let forged = reply(Operation::Reverse, &format!("{{{}}}", in_state(state)));
        assert!(matches!(forged, Reply::Unproved(_)), "{state} {forged:?}");
    }
    let nameless = signed(&in_state("REVOKED").replace("\"out_trade_no\":\"T20260101000001\",", ""));
    testing::only_on_its_own_connection(&gateway(), Operation::Reverse, &order(), &nameless);
    let other = signed(&in_state("REVOKED").replace("T20260101000001", "T2"));
    assert_eq!(reply(Operation::Reverse, &other), Reply::Unproved("other_order"));
}

#[test]
fn no_changed_byte_of_a_paid_answer_pays_otherwise() {
    testing::no_changed_byte_pays_otherwise(&gateway(), Operation::Charge, &order(), &signed(FIELDS));
}

#[test]
fn garbage_proves_nothing_and_breaks_nothing() {
    testing::survives_garbage(&gateway(), &order(), &signed(FIELDS));
    testing::lacks(&gateway(), &[Operation::Detail]);
}

#[test]
fn limits_are_checked_before_sending() {
    let code = PaymentCode::from_scan(&"1".repeat(33)).unwrap();
    let error = gateway().request(Operation::Charge, &order(), Some(&code), &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "code");
    let mut settings = testing::settings(&[("mch_id", "C1"), ("key", K)]);
    settings.terminal.clear();
    assert!(Bjrcb::new(settings).is_err());
}

/// A gateway with these options.
fn with(options: &[(&str, &str)]) -> Result<Bjrcb, PaywandError> {
    let mut settings = testing::settings(&[("mch_id", "C100000000001"), ("key", K)]);
    settings.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Bjrcb::new(settings)
}

/// One whose every service is named.
fn whole() -> Bjrcb {
    with(&[
        ("close_service_alipay", "ALIPAY_CLOSEORDER"),
        ("refund_query_service_alipay", "ALIPAY_REFUNDQUERY"),
        ("refund_query_service_wechat", "WECHAT_REFUNDQUERY"),
    ])
    .ok()
    .unwrap()
}

fn service(gateway: &Bjrcb, op: Operation, order: &Order) -> String {
    let request = gateway.request(op, order, Some(&testing::wechat_code()), &testing::stamp()).unwrap();
    testing::sent(&request)["service_type"].as_str().unwrap().to_owned()
}

#[test]
fn every_operation_is_named_by_the_order_s_wallet() {
    let order = testing::refunding(order(), 40);
    for (op, name) in [
        (Operation::Charge, "MICRO"),
        (Operation::CreateQr, "SCANNED"),
        (Operation::Query, "ORDERQUERY"),
        (Operation::Reverse, "REVERSEORDER"),
        (Operation::Close, "CLOSEORDER"),
        (Operation::Refund, "REFUND"),
        (Operation::RefundQuery, "REFUNDQUERY"),
    ] {
        for (wallet, prefix) in [(Wallet::Wechat, "WECHAT"), (Wallet::Alipay, "ALIPAY")] {
            let order = Order { wallet: Some(wallet), ..order.clone() };
            assert_eq!(service(&whole(), op, &order), format!("{prefix}_{name}"));
        }
    }
    for wallet in [None, Some(Wallet::Unknown), Some(Wallet::UnionPay)] {
        let order = Order { wallet, ..order.clone() };
        assert_eq!(service(&whole(), Operation::Charge, &order), "ALIPAY_MICRO", "{wallet:?}");
    }
    let renamed = with(&[("charge_service_wechat", "WECHAT_BARCODE")]).ok().unwrap();
    let wechat = Order { wallet: Some(Wallet::Wechat), ..order };
    assert_eq!(service(&renamed, Operation::Charge, &wechat), "WECHAT_BARCODE");
}

#[test]
fn a_refund_can_be_asked_for_only_where_both_names_are_known() {
    assert!(!gateway().capabilities().refund.unwrap().query);
    let refund = testing::refunding(order(), 40);
    let error = gateway().request(Operation::RefundQuery, &refund, None, &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "operation");
    assert!(!with(&[("refund_query_service_wechat", "A")]).ok().unwrap().capabilities().refund.unwrap().query);
    assert!(whole().capabilities().refund.unwrap().query);
}

#[test]
fn a_qr_fills_the_charge_s_fields_for_the_configured_wallet() {
    let gateway = with(&[
        ("close_service_alipay", "ALIPAY_CLOSEORDER"),
        ("qr_wallet", "alipay"),
        ("notify_url", "https://shop.example/paid"),
    ]);
    let gateway = gateway.ok().unwrap();
    assert_eq!(
        (gateway.qr_wallet(), super::tests::gateway().qr_wallet()),
        (Some(Wallet::Alipay), Some(Wallet::Wechat))
    );
    let order = Order { kind: PaymentKind::Qr, ..order() };
    let request = gateway.request(Operation::CreateQr, &order, None, &testing::stamp()).unwrap();
    assert_eq!((request.path, request.fresh), ("/gateway", true));
    let mut sent = testing::sent(&request);
    sent["sign"] = "S".into();
    let expected = serde_json::json!({
        "service_type": "ALIPAY_SCANNED", "mch_id": "C100000000001", "out_trade_no": NUMBER, "total_fee": 100,
        "subject": NUMBER, "body": NUMBER, "device_info": "POS01", "time_expire": "20260101100000",
        "notify_url": "https://shop.example/paid", "nonce_str": "n0nce", "sign": "S",
    });
    assert_eq!(sent, expected);
    let other = Order { wallet: Some(Wallet::UnionPay), ..order };
    let error = gateway.request(Operation::CreateQr, &other, None, &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "wallet");
}

#[test]
fn alipay_s_qr_needs_a_service_that_closes_it() {
    let order = Order { kind: PaymentKind::Qr, wallet: Some(Wallet::Alipay), ..order() };
    let error = gateway().request(Operation::CreateQr, &order, None, &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "wallet");
    match with(&[("qr_wallet", "alipay")]).err().unwrap() {
        PaywandError::InvalidConfig { field, .. } => assert_eq!(field, "gateways[0].options.qr_wallet"),
        other => panic!("{other}"),
    }
    assert!(with(&[("qr_wallet", "jd")]).is_err());
}

#[test]
fn a_qr_is_ready_by_a_signed_answer_of_our_sum() {
    let created = |body: &str| gateway().reply(Operation::CreateQr, &order(), &own(body));
    let fields = format!("{},\"code_url\":\"weixin://wxpay/x\"", in_state("NOTPAY"));
    let ready = Reply::QrReady { pay_url: "weixin://wxpay/x".to_owned(), gateway_number: Some("B1".to_owned()) };
    assert_eq!(created(&signed(&fields)), ready);
    assert_eq!(gateway().reply(Operation::CreateQr, &order(), &reused(&signed(&fields))), ready);
    assert_eq!(created(&format!("{{{fields}}}")), Reply::Unproved("signature"));
    let nameless = signed(&fields.replace("\"out_trade_no\":\"T20260101000001\",", ""));
    testing::only_on_its_own_connection(&gateway(), Operation::CreateQr, &order(), &nameless);
    for (from, to, why) in [
        ("\"100\"", "\"101\"", "other_amount"),
        ("\"B1\"", "\"B1\",\"fee_type\":\"USD\"", "other_amount"),
        ("T20260101000001", "T2", "other_order"),
        ("\"return_code\":\"SUCCESS\"", "\"return_code\":\"ERROR_CODE\"", "return_code"),
        ("NOTPAY", "FAIL", "creation_failed"),
        ("code_url", "qr", "no_code_url"),
    ] {
        assert_eq!(created(&signed(&fields.replace(from, to))), Reply::Unproved(why), "{from}");
    }
}

#[test]
fn a_close_is_done_as_a_reverse_is() {
    let closed = |body: &str| gateway().reply(Operation::Close, &order(), &own(body));
    assert_eq!(closed(&signed(&in_state("CLOSED"))), Reply::ReverseDone);
    assert_eq!(closed(&signed(&in_state("NOTPAY"))), Reply::ReverseAgain);
    assert_eq!(closed(&signed(&in_state("SUCCESS"))), Reply::Unproved("reverse_or_payment"));
    assert_eq!(closed(&format!("{{{}}}", in_state("CLOSED"))), Reply::Unproved("signature"));
}

/// The answer about our refund of 40.
const REFUND: &str = r#""return_code":"SUCCESS","result_code":"SUCCESS","mch_id":"C100000000001",
    "out_trade_no":"T20260101000001","transaction_id":"B1","out_refund_no":"T20260101000001R","refund_id":"50",
    "refund_fee":"40","refund_status":"SUCCESS","nonce_str":"r""#;

fn of_refund(op: Operation, body: &str) -> Reply {
    whole().reply(op, &testing::refunding(order(), 40), &own(body))
}

#[test]
fn a_refund_names_order_refund_and_sum() {
    for (wallet, request_no) in [(Wallet::Alipay, Some(testing::REFUND_NUMBER)), (Wallet::Wechat, None)] {
        let mut order = testing::refunding(Order { wallet: Some(wallet), ..order() }, 40);
        order.gateway_number = Some("B1".to_owned());
        order.texts.subject = "茶".repeat(100);
        let request = gateway().request(Operation::Refund, &order, None, &testing::stamp()).unwrap();
        assert!(request.fresh);
        let sent = testing::sent(&request);
        let named = ["transaction_id", "out_refund_no", "refund_reason"].map(|name| sent[name].as_str().unwrap());
        assert_eq!(named, ["B1", testing::REFUND_NUMBER, &"茶".repeat(80)]);
        assert_eq!((&sent["out_trade_no"], &sent["refund_fee"]), (&NUMBER.into(), &40.into()));
        assert_eq!(sent.get("out_request_no").and_then(serde_json::Value::as_str), request_no);
    }
    let asked = whole().request(Operation::RefundQuery, &testing::refunding(order(), 40), None, &testing::stamp());
    let sent = testing::sent(&asked.unwrap());
    assert_eq!((&sent["out_trade_no"], &sent["out_refund_no"]), (&NUMBER.into(), &testing::REFUND_NUMBER.into()));
}

#[test]
fn a_refund_s_own_answer_is_at_most_accepted_and_never_a_refusal() {
    let refunded = |body: &str| of_refund(Operation::Refund, body);
    assert_eq!(refunded(&signed(REFUND)), Reply::RefundAccepted);
    assert_eq!(refunded(&signed(&REFUND.replace("\"refund_fee\":\"40\",", ""))), Reply::RefundAccepted);
    assert_eq!(refunded(&format!("{{{REFUND}}}")), Reply::Unproved("signature"));
    let nameless = signed(&REFUND.replace("\"out_trade_no\":\"T20260101000001\",", ""));
    testing::only_on_its_own_connection(&whole(), Operation::Refund, &testing::refunding(order(), 40), &nameless);
    let other = Reply::PaidOther(crate::Amount::new(41, Currency::CNY));
    assert_eq!(refunded(&signed(&REFUND.replace("\"40\"", "\"41\""))), other);
    for (from, to, why) in [
        ("T20260101000001R", "R2", "other_refund"),
        ("T20260101000001", "T2", "other_order"),
        ("\"refund_status\":\"SUCCESS\"", "\"refund_status\":\"FAIL\"", "refund_failed"),
        ("\"refund_status\":\"SUCCESS\"", "\"refund_status\":\"CHANGE\"", "refund_failed"),
        ("\"result_code\":\"SUCCESS\"", "\"result_code\":\"FAIL\",\"err_code\":\"NOTENOUGH\"", "merchant_funds"),
        ("\"result_code\":\"SUCCESS\"", "\"result_code\":\"FAIL\",\"err_code\":\"TRADE_OVERDUE\"", "refund_refused"),
        ("\"result_code\":\"SUCCESS\"", "\"result_code\":\"FAIL\"", "refund_refused"),
        ("\"return_code\":\"SUCCESS\"", "\"return_code\":\"ERROR_CODE\"", "return_code"),
    ] {
        assert_eq!(refunded(&signed(&REFUND.replace(from, to))), Reply::Unproved(why), "{from} {to}");
    }
}

#[test]
fn a_refund_is_proved_by_its_own_number_and_sum_in_final_success() {
    let queried = |body: &str| of_refund(Operation::RefundQuery, body);
    let returned =
        Returned { gateway_number: Some("50".to_owned()), refunded_at_ms: None, evidence: Evidence::Signature };
    for (status, reply) in [
        ("SUCCESS", Reply::RefundProved(returned)),
        ("PROCESSING", Reply::Waiting),
        ("FAIL", Reply::RefundFailed("FAIL".to_owned())),
        ("REFUNDCLOSE", Reply::RefundFailed("REFUNDCLOSE".to_owned())),
        ("CHANGE", Reply::RefundChanged),
        ("success", Reply::Unproved("unknown_state")),
    ] {
        let fields = REFUND.replace("\"refund_status\":\"SUCCESS\"", &format!("\"refund_status\":\"{status}\""));
        assert_eq!(queried(&signed(&fields)), reply, "{status}");
        assert!(matches!(queried(&format!("{{{fields}}}")), Reply::Unproved(_)), "{status}");
    }
    let order = testing::refunding(order(), 40);
    testing::no_changed_byte_pays_otherwise(&whole(), Operation::RefundQuery, &order, &signed(REFUND));
    testing::survives_garbage(&whole(), &order, &signed(REFUND));
    let other = Reply::PaidOther(crate::Amount::new(41, Currency::CNY));
    assert_eq!(queried(&signed(&REFUND.replace("\"40\"", "\"41\""))), other);
    for (from, to, why) in [
        ("T20260101000001R", "R2", "other_refund"),
        ("\"out_refund_no\":\"T20260101000001R\",", "", "no_refund"),
        ("\"out_trade_no\":\"T20260101000001\",", "", "no_order"),
        ("T20260101000001", "T2", "other_order"),
        ("\"refund_fee\":\"40\",", "", "refund_amount"),
    ] {
        assert_eq!(queried(&signed(&REFUND.replace(from, to))), Reply::Unproved(why), "{from}");
    }
    let unknown = signed(r#""return_code":"SUCCESS","result_code":"FAIL","err_code":"REFUNDNOTEXIST","nonce_str":"r""#);
    assert_eq!(queried(&unknown), Reply::NotFound);
    testing::only_on_its_own_connection(&whole(), Operation::RefundQuery, &order, &unknown);
    // An order that is missing says nothing of its refund.
    let body = r#""return_code":"SUCCESS","result_code":"FAIL","err_code":"ORDERNOTEXIST","nonce_str":"r""#;
    assert_eq!(queried(&signed(body)), Reply::Unproved("no_refund"));
}

#[test]
fn a_callback_is_believed_by_its_signature() {
    let fields = format!("{{{}}}", in_state("SUCCESS"));
    let notice = gateway().notice(&testing::callback(&signed(FIELDS))).unwrap();
    assert_eq!((notice.order_number.as_str(), notice.signed, notice.acknowledgement.body), (NUMBER, true, "SUCCESS"));
    let good = signed(FIELDS);
    for forged in [fields, good.replace("\"100\"", "\"101\""), good.replace("C100000000001", "C2")] {
        assert_eq!(gateway().notice(&testing::callback(&forged)), Err(NoticeRefusal::Forged), "{forged}");
    }
}
