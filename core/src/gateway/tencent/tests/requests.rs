//! What is sent, and how it is signed.

use super::*;

#[test]
fn the_sample_request_of_s3_is_reproduced_and_its_text_is_what_is_signed() {
    let mut settings = testing::settings(&keys());
    settings.terminal = "01-01-01-01-01-01".to_owned();
    settings.client_ip = "192.168.0.22".to_owned();
    settings.qr_life_ms = 300_000;
    let mut order = order();
    order.texts.subject = "body".to_owned();
    order.texts.cashier = Some("zz003".to_owned());
    let stamp = Stamp { nonce: "9f330667e18a48a7872e39878e1cd66f".to_owned(), at_ms: testing::NEW_YEAR_MS + 999 };
    let gateway = Tencent::new(settings).unwrap();
    let request = gateway.request(Operation::CreateQr, &order, None, &stamp).unwrap();
    assert_eq!((request.path, request.fresh), ("/cpay/scan_code_pay", true));

    let envelope = testing::sent(&request);
    let text = envelope["request_content"].as_str().unwrap();
    let authen_code = signing::hmac_sha256_upper(K, text.as_bytes());
    let authen_info = json!({"a": {"authen_code": authen_code, "authen_type": 1}});
    assert_eq!(envelope, json!({"request_content": text, "authen_info": authen_info}));
    let expected = json!({
        "nonce_str": "9f330667e18a48a7872e39878e1cd66f",
        "pay_content": {
            "out_trade_no": "sz0100d9ueWXzz00320190826151533",
            // The sample's "product_id" is a placeholder, and it leaves `time_expire` out.
            "wxpay_pay_content_ext": {"product_id": "sz0100d9ueWXzz00320190826151533"},
            "time_expire": 1_767_225_900,
            "total_fee": 16000,
            "fee_type": "CNY",
            "body": "body",
        },
        "order_client": {
            "machine_no": "01-01-01-01-01-01",
            "terminal_type": 2,
            "device_id": "01-01-01-01-01-01",
            "staff_id": "zz003",
            "sdk_version": SDK_VERSION,
            "spbill_create_ip": "192.168.0.22",
        },
        "pay_mch_key": {
            "out_mch_id": "sz01N6YTRV8JPIlb4AnB",
            "out_shop_id": "sz01Kmw5JHJs278376ndk",
            "pay_platform": 1,
            "out_sub_mch_id": "sz01jRnVDGfHKHI837nH",
        },
    });
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), expected);
    assert!(SDK_VERSION.chars().count() <= 10);
}

/// What `op` asks, and the names of its fields.
fn asked(op: Operation, order: &Order) -> (WireRequest, Value, Vec<String>) {
    let code = testing::wechat_code();
    let request = gateway().request(op, order, Some(&code), &testing::stamp()).unwrap();
    let content: Value = serde_json::from_str(testing::sent(&request)["request_content"].as_str().unwrap()).unwrap();
    let names = content.as_object().unwrap().keys().cloned().collect();
    (request, content, names)
}

#[test]
fn what_asks_or_undoes_carries_its_fields_at_the_top_level() {
    for (op, order, path, trade_type) in [
        (Operation::Query, order(), "/cpay/query_order", 2),
        (Operation::Query, bar_code_order(), "/cpay/query_order", 1),
        (Operation::Close, order(), "/cpay/close_order", 2),
    ] {
        let (request, content, names) = asked(op, &order);
        assert_eq!((request.path, request.fresh), (path, true));
        assert_eq!(names, ["nonce_str", "order_client", "out_trade_no", "pay_mch_key", "trade_type"]);
        assert_eq!((&content["out_trade_no"], &content["trade_type"]), (&NUMBER.into(), &trade_type.into()));
    }
    let (request, content, names) = asked(Operation::Reverse, &bar_code_order());
    assert_eq!((request.path, request.fresh), ("/cpay/reverse", true));
    assert_eq!(names, ["nonce_str", "order_client", "out_trade_no", "pay_mch_key"]);
    assert_eq!(content["out_trade_no"], NUMBER);
    let (request, content, names) = asked(Operation::RefundQuery, &refund_order());
    assert_eq!((request.path, request.fresh), ("/cpay/query_refund_order", true));
    assert_eq!(names, ["nonce_str", "order_client", "out_refund_no", "out_trade_no", "pay_mch_key"]);
    assert_eq!((&content["out_trade_no"], &content["out_refund_no"]), (&NUMBER.into(), &REFUND_NUMBER.into()));
}

#[test]
fn a_charge_carries_the_code_and_neither_expiry_nor_product() {
    let with_attach = |wallet| {
        let mut order = Order { wallet, ..bar_code_order() };
        order.texts.attach = Some("a".to_owned());
        order
    };
    let (request, content, _) = asked(Operation::Charge, &with_attach(Some(Wallet::Wechat)));
    assert_eq!((request.path, request.fresh), ("/cpay/micro_pay", true));
    let expected = json!({
        "out_trade_no": NUMBER, "author_code": "134512345678901234", "total_fee": 16_000, "fee_type": "CNY",
        "body": NUMBER, "wxpay_pay_content_ext": {"attach": "a"},
    });
    assert_eq!(content["pay_content"], expected);
    let error = gateway().request(Operation::Charge, &order(), None, &testing::stamp()).unwrap_err();
    assert_eq!(error.field, "code");
}

#[test]
fn the_wallet_decides_the_platform_and_only_wechat_has_its_extension() {
    for (wallet, platform) in
        [(None, 1), (Some(Wallet::Wechat), 1), (Some(Wallet::Unknown), 1), (Some(Wallet::Alipay), 2)]
    {
        for op in testing::OPERATIONS.into_iter().filter(|&op| op != Operation::Detail) {
            let (_, content, _) = asked(op, &Order { wallet, ..refund_order() });
            assert_eq!(content["pay_mch_key"]["pay_platform"], platform, "{op:?} {wallet:?}");
            let has_ext = !content["pay_content"]["wxpay_pay_content_ext"].is_null();
            assert_eq!(has_ext, op == Operation::CreateQr && platform == 1, "{op:?} {wallet:?}");
        }
    }
}

#[test]
fn a_refund_names_its_own_number_with_the_prefix_and_its_share() {
    let (request, content, names) = asked(Operation::Refund, &refund_order());
    assert_eq!((request.path, request.fresh), ("/cpay/refund", true));
    assert_eq!(names, ["nonce_str", "order_client", "pay_mch_key", "refund_content"]);
    let expected = json!({
        "out_trade_no": NUMBER, "out_refund_no": REFUND_NUMBER, "total_fee": 16_000, "refund_fee": 6_000,
        "refund_fee_type": "CNY",
    });
    assert_eq!(content["refund_content"], expected);
    let mut with_reason = refund_order();
    with_reason.texts.subject = "退".repeat(100);
    let (_, content, _) = asked(Operation::Refund, &with_reason);
    assert_eq!(content["refund_content"]["refund_reason"], "退".repeat(80));
    let refused = |number: &str, minor| {
        let amount = Amount::new(minor, Currency::CNY);
        let order = Order { refund: Some(Refund { number: number.to_owned(), amount }), ..order() };
        gateway().request(Operation::Refund, &order, None, &testing::stamp()).unwrap_err().field
    };
    assert_eq!(refused("", 1), "refund_number");
    for minor in [0, -1, 16_001] {
        assert_eq!(refused(REFUND_NUMBER, minor), "amount", "{minor}");
    }
}

#[test]
fn what_was_begun_under_another_prefix_is_asked_about_undone_and_given_back() {
    let amount = Amount::new(6_000, Currency::CNY);
    let refund = Some(Refund { number: "old1R".to_owned(), amount });
    let before = Order { number: "old1".to_owned(), refund, ..bar_code_order() };
    for op in testing::OPERATIONS.into_iter().filter(|&op| op != Operation::Detail) {
        let code = testing::wechat_code();
        let asked = gateway().request(op, &before, Some(&code), &testing::stamp());
        // A new number is made with the prefix of today.
        let is_new = matches!(op, Operation::Charge | Operation::CreateQr);
        assert_eq!(asked.err().map(|error| error.field), is_new.then_some("order_number"), "{op:?}");
    }
}

#[test]
fn the_longest_request_fits_the_room_taken_for_it() {
    let mut order = refund_order();
    order.texts.subject = "\"".repeat(128);
    order.texts.detail = Some("😀".repeat(127));
    order.texts.attach = Some("\\".repeat(127));
    order.texts.cashier = Some("😀".repeat(64));
    order.texts.terminal = Some("😀".repeat(32));
    let code = PaymentCode::from_scan(&"1".repeat(128)).unwrap();
    for op in testing::OPERATIONS.into_iter().filter(|&op| op != Operation::Detail) {
        let request = gateway().request(op, &order, Some(&code), &testing::stamp()).unwrap();
        let body: Value = testing::sent(&request);
        let content = body["request_content"].as_str().unwrap();
        assert!(content.len() < 4 * 1024 && request.body.len() < 8 * 1024, "{op:?} {}", request.body.len());
    }
}

#[test]
fn with_rsa_refunds_and_reverses_carry_it_and_nothing_else_does() {
    let open = |authen: &str, pem: Option<&str>| {
        let mut keys = keys();
        keys.extend(pem.map(|pem| ("rsa_private_key", pem)));
        let mut settings = testing::settings(&keys);
        settings.options.insert("refund_authen".to_owned(), authen.to_owned());
        Tencent::new(settings)
    };
    let (with, without) = (open("s", Some(TEST_PEM)).unwrap(), open("a", Some(TEST_PEM)).unwrap());
    let key = RsaKey::from_pem(TEST_PEM).unwrap();
    for op in testing::OPERATIONS.into_iter().filter(|&op| op != Operation::Detail) {
        let code = testing::wechat_code();
        let sent = |gateway: &Tencent| {
            testing::sent(&gateway.request(op, &refund_order(), Some(&code), &testing::stamp()).unwrap())
        };
        let (plain, signed) = (sent(&without), sent(&with));
        assert_eq!(plain["request_content"], signed["request_content"]);
        let text = signed["request_content"].as_str().unwrap();
        let hmac = json!({"a": {"authen_type": 1, "authen_code": gateway().authen_code(text)}});
        let rsa = json!({"s": {"sign_type": 1, "sign": key.sign_pss_sha256(text.as_bytes()).unwrap()}});
        assert_eq!(plain["authen_info"], hmac);
        let expected = if matches!(op, Operation::Refund | Operation::Reverse) { rsa } else { hmac };
        assert_eq!(signed["authen_info"], expected, "{op:?}");
    }
    for (authen, pem, field) in [
        ("s", None, "gateways[0].keys.rsa_private_key"),
        ("s", Some("x"), "gateways[0].keys.rsa_private_key"),
        ("b", Some(TEST_PEM), "gateways[0].options.refund_authen"),
    ] {
        let error = open(authen, pem).err().unwrap().to_string();
        assert!(error.contains(field), "{error}");
    }
}

#[test]
fn the_path_of_the_reverse_can_be_another() {
    let open = |path: &str| {
        let mut settings = testing::settings(&keys());
        settings.options.insert("reverse_path".to_owned(), path.to_owned());
        Tencent::new(settings)
    };
    let request = open("/cpay/v2/reverse").unwrap().request(Operation::Reverse, &order(), None, &testing::stamp());
    assert_eq!(request.unwrap().path, "/cpay/v2/reverse");
    for path in ["", "reverse", "//host/x", "/a?b", "/a b", "/测", "/a#b"] {
        let error = open(path).err().unwrap().to_string();
        assert!(error.contains("gateways[0].options.reverse_path"), "{error}");
    }
}

#[test]
fn texts_fill_their_fields_free_ones_cut_identifiers_refused() {
    let mut order = order();
    order.texts.subject = "商".repeat(200);
    order.texts.detail = Some("说".repeat(200));
    order.texts.attach = Some("附".repeat(200));
    order.texts.terminal = Some("POS02".to_owned());
    let send = |order: &Order| gateway().request(Operation::CreateQr, order, None, &testing::stamp());
    let sent = testing::sent(&send(&order).unwrap());
    let content: Value = serde_json::from_str(sent["request_content"].as_str().unwrap()).unwrap();
    assert_eq!(content["pay_content"]["body"], "商".repeat(128));
    assert_eq!(content["pay_content"]["remark"], "说".repeat(127));
    assert_eq!(content["pay_content"]["wxpay_pay_content_ext"]["attach"], "附".repeat(127));
    assert_eq!(content["order_client"]["device_id"], "POS02");
    for (field, number, terminal, cashier) in [
        ("order_number", "other-prefix", None, None),
        ("order_number", "sz0100d9ue78901234567890123456789", None, None),
        ("terminal", NUMBER, Some("P".repeat(33)), None),
        ("cashier", NUMBER, None, Some("C".repeat(65))),
    ] {
        let mut bad = Order { number: number.to_owned(), ..order.clone() };
        (bad.texts.terminal, bad.texts.cashier) = (terminal, cashier);
        assert_eq!(send(&bad).unwrap_err().field, field);
    }
    assert_eq!(send(&Order { amount: Amount::new(1, Currency::HKD), ..order }).unwrap_err().field, "amount");
}
