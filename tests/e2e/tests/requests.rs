//! What a till may ask for. A request that cannot be right gets a typed error with a stable code, before anything is
//! stored or sent; what a till attaches arrives in the fields that its gateway's file names.

use std::{collections::HashMap, sync::Arc};

use paywand::{
    Amount, ChargeRequest, Currency, PaymentCode, PaymentFilter, PaymentState, PaywandError, QrRequest, Secret,
    TerminalConfig,
    gateway::GatewayKind::{self, Bjrcb, BlueoceanV1, Huishouyin, MaxfunDevice, MaxfunTp, TencentCpay},
};
use paywand_e2e::{CHARGING, SANDBOX, SHOWING, Till, currency, wait_for};
use paywand_sandbox::Op;
use serde_json::{Value, json};

/// Charges, or asks for a QR, whichever the gateway does, with this change to both kinds of request.
fn ask(till: &Till, kind: GatewayKind, change: impl FnOnce(&mut Asked)) -> Result<paywand::Payment, PaywandError> {
    let charge = till.charge_request(kind);
    let mut asked = Asked {
        request_key: charge.request_key.clone(),
        gateway: charge.gateway.clone().unwrap_or_default(),
        amount: charge.amount,
        subject: String::new(),
        detail: None,
        cashier: None,
        store: None,
        terminal: None,
        attach: None,
        metadata: HashMap::new(),
    };
    change(&mut asked);
    let Asked { request_key, gateway, amount, subject, detail, cashier, store, terminal, attach, metadata } = asked;
    if SHOWING.contains(&kind) {
        let base = till.qr_request(kind);
        wait_for(till.terminal().create_qr(QrRequest {
            request_key,
            gateway: Some(gateway),
            amount,
            subject,
            detail,
            cashier,
            store,
            terminal,
            attach,
            metadata,
            ..base
        }))
    } else {
        till.try_charge(ChargeRequest {
            request_key,
            gateway: Some(gateway),
            amount,
            subject,
            detail,
            cashier,
            store,
            terminal,
            attach,
            metadata,
            ..charge
        })
    }
}

/// What both kinds of request hold.
struct Asked {
    request_key: String,
    gateway: String,
    amount: Amount,
    subject: String,
    detail: Option<String>,
    cashier: Option<String>,
    store: Option<String>,
    terminal: Option<String>,
    attach: Option<String>,
    metadata: HashMap<String, String>,
}

fn most(kind: GatewayKind) -> i64 {
    if matches!(kind, MaxfunDevice | MaxfunTp) { 5_000_000 } else { 0x7fff_ffff }
}

fn refused(result: Result<paywand::Payment, PaywandError>, code: &str, what: &str) -> PaywandError {
    let error = result.expect_err(what);
    assert_eq!(error.code(), code, "{what}: {error}");
    assert!(error.to_string().contains("Nothing was sent"), "{error}");
    error
}

fn nothing_stored_nothing_sent(till: &Till) {
    let stored = till.terminal().payments(PaymentFilter::default(), None, 500).expect("a page");
    assert!(stored.is_empty(), "{stored:#?}");
    assert!(till.calls().is_empty(), "{:#?}", till.calls());
    assert!(till.ledger().orders.is_empty());
    assert!(SANDBOX.strays().is_empty(), "{:#?}", SANDBOX.strays());
}

#[test]
fn an_amount_is_above_zero_and_within_the_gateway_s_limit() {
    let till = Till::new();
    for kind in GatewayKind::ALL {
        for minor in [0, -1, i64::MIN, most(kind) + 1, i64::MAX] {
            let result = ask(&till, kind, |asked| asked.amount.minor = minor);
            refused(result, "invalid_amount", &format!("{kind:?} {minor}"));
        }
    }
    nothing_stored_nothing_sent(&till);
}

#[test]
fn the_smallest_and_the_largest_amount_are_sent() {
    for kind in GatewayKind::ALL {
        for minor in [1, most(kind)] {
            let till = Till::new();
            let payment = ask(&till, kind, |asked| asked.amount.minor = minor).expect("it is accepted");
            assert_eq!((payment.amount.minor, till.calls()[0].amount_minor), (minor, Some(minor)), "{kind:?}");
        }
    }
}

#[test]
fn a_currency_is_the_gateway_s() {
    let till = Till::new();
    for kind in GatewayKind::ALL {
        let other = if currency(kind) == Currency::CNY { Currency::HKD } else { Currency::CNY };
        for other in [other, "USD".parse().expect("a currency")] {
            let result = ask(&till, kind, |asked| asked.amount = Amount::new(100, other));
            refused(result, "currency_not_accepted", &format!("{kind:?} {other}"));
        }
    }
    nothing_stored_nothing_sent(&till);
}

#[test]
fn a_code_is_ascii_letters_and_digits_within_the_gateway_s_limit() {
    for text in
        ["", " \r\n", "]C0", "1345 1234", "134-512345678901234", "１３４５１２３４５６７８９０１２３４", "付款码"]
    {
        assert_eq!(PaymentCode::from_scan(text).expect_err(text).code(), "invalid_code", "{text:?}");
    }
    let till = Till::new();
    for (kind, length) in [(MaxfunDevice, 128), (BlueoceanV1, 128), (Bjrcb, 32)] {
        let code = |length: usize| PaymentCode::from_scan(&"1".repeat(length));
        let charge = |code: PaymentCode| ChargeRequest { code: Arc::new(code), ..till.charge_request(kind) };
        match code(length + 1) {
            // No gateway takes more.
            Err(error) => assert_eq!((error.code(), length), ("invalid_code", 128)),
            Ok(code) => drop(refused(till.try_charge(charge(code)), "invalid_code", kind.code())),
        }
        nothing_stored_nothing_sent(&till);
    }
    for (kind, length) in [(MaxfunDevice, 128), (BlueoceanV1, 128), (Bjrcb, 32)] {
        let till = Till::new();
        let code = PaymentCode::from_scan(&"1".repeat(length)).expect("a code");
        let request = ChargeRequest { code: Arc::new(code), limit_ms: Some(0), ..till.charge_request(kind) };
        till.try_charge(request).expect("it is accepted");
        till.wait_calls(1);
        let sent = till.calls()[0].body["auth_code"].as_str().map(str::len);
        assert_eq!(sent, Some(length), "{kind:?}");
    }
}

#[test]
fn a_scanned_code_arrives_without_the_scanner_s_noise() {
    for kind in CHARGING {
        let till = Till::new();
        let prefix = if kind == Bjrcb { "28" } else { "13" };
        let code = PaymentCode::from_scan(&format!("\t]C0 {prefix}4512345678901234\r\n")).expect("a code");
        let request = ChargeRequest { code: Arc::new(code), ..till.charge_request(kind) };
        let payment = till.try_charge(request).expect("it is accepted");
        assert_eq!(till.settled(payment.id).state, PaymentState::Paid);
        assert_eq!(till.calls()[0].body["auth_code"], "**************1234", "{kind:?}");
        assert_eq!(payment.code_masked.as_deref(), Some("****1234"));
    }
}

#[test]
fn a_request_key_is_one_to_64_characters() {
    let till = Till::new();
    for kind in GatewayKind::ALL {
        for key in [String::new(), "k".repeat(65), "单".repeat(65), "a\nb".to_owned(), "a\0".to_owned()] {
            let result = ask(&till, kind, |asked| asked.request_key = key);
            let error = refused(result, "invalid_request", kind.code());
            assert!(matches!(error, PaywandError::InvalidRequest { field, .. } if field == "request_key"));
        }
    }
    nothing_stored_nothing_sent(&till);
    let key = "单".repeat(64);
    let payment = ask(&till, Bjrcb, |asked| asked.request_key = key.clone()).expect("it is accepted");
    assert_eq!(till.terminal().find(key).expect("it is read").map(|found| found.id), Some(payment.id));
}

#[test]
fn a_gateway_that_is_not_configured_is_unknown() {
    let till = Till::new();
    for kind in GatewayKind::ALL {
        for id in ["", "alipay", "BJRCB", "bjrcb "] {
            refused(ask(&till, kind, |asked| asked.gateway = id.to_owned()), "unknown_gateway", id);
        }
    }
    nothing_stored_nothing_sent(&till);
}

#[test]
fn a_gateway_does_what_it_can_and_nothing_else() {
    let till = Till::new();
    for kind in [MaxfunDevice, MaxfunTp] {
        refused(wait_for(till.terminal().create_qr(till.qr_request(kind))), "unsupported_operation", kind.code());
    }
    nothing_stored_nothing_sent(&till);
}

#[test]
fn an_identifier_is_never_cut_but_refused() {
    let till = Till::new();
    type Set = fn(&mut Asked, String);
    let cashier: Set = |asked, text| asked.cashier = Some(text);
    let store: Set = |asked, text| asked.store = Some(text);
    let terminal: Set = |asked, text| asked.terminal = Some(text);
    // Where the gateway has a field, its length; elsewhere the library's.
    for (kind, lengths) in [
        (MaxfunDevice, [64, 64, 64]),
        (BlueoceanV1, [64, 64, 32]),
        (Bjrcb, [32, 32, 32]),
        (TencentCpay, [64, 64, 32]),
        (Huishouyin, [64, 64, 64]),
        (MaxfunTp, [64, 64, 64]),
    ] {
        for (name, set, length) in [("cashier", cashier, 0), ("store", store, 1), ("terminal", terminal, 2)] {
            let length = lengths[length];
            for text in ["号".repeat(length + 1), "a\nb".to_owned(), "a\u{7f}".to_owned()] {
                let error = refused(ask(&till, kind, |asked| set(asked, text)), "invalid_request", name);
                assert!(matches!(&error, PaywandError::InvalidRequest { field, .. } if field == name), "{error}");
            }
        }
    }
    nothing_stored_nothing_sent(&till);
}

#[test]
fn texts_and_metadata_beyond_all_measure_are_refused() {
    let till = Till::new();
    let long = || "长".repeat(8_193);
    for kind in GatewayKind::ALL {
        for (name, change) in [
            ("subject", (|asked, text| asked.subject = text) as fn(&mut Asked, String)),
            ("detail", |asked, text| asked.detail = Some(text)),
            ("attach", |asked, text| asked.attach = Some(text)),
            ("metadata", |asked, text| drop(asked.metadata.insert("note".to_owned(), text))),
        ] {
            let error = refused(ask(&till, kind, |asked| change(asked, long())), "invalid_request", name);
            assert!(matches!(&error, PaywandError::InvalidRequest { field, .. } if field == name), "{error}");
        }
    }
    nothing_stored_nothing_sent(&till);
}

/// A till is not opened with `change`, and its database is not even made.
fn not_opened(field: &str, change: impl FnOnce(&mut TerminalConfig)) {
    let mut till = Till::closed();
    change(&mut till.config);
    match till.open() {
        Err(error @ PaywandError::InvalidConfig { .. }) => {
            assert_eq!(error.code(), "invalid_config");
            assert!(error.to_string().contains(field), "{field}: {error}");
        }
        other => panic!("{field}: {other:?}"),
    }
    assert!(!till.database().exists(), "{field}");
    assert!(till.calls().is_empty());
}

#[test]
fn a_base_url_has_a_host() {
    for kind in GatewayKind::ALL {
        for url in [
            "",
            "https://",
            "https:///pay",
            "https:pay",
            "localhost",
            "/pay",
            "ftp://localhost",
            "https://a b",
            "https://[::1",
        ] {
            not_opened("base_url", |config| Till::gateway(config, kind).base_url = url.to_owned());
        }
    }
}

#[test]
fn every_key_of_an_account_is_there_and_no_other() {
    let names = |kind: GatewayKind| -> Vec<String> {
        let mut till = Till::closed();
        Till::gateway(&mut till.config, kind).keys.keys().cloned().collect()
    };
    for kind in GatewayKind::ALL {
        for name in names(kind) {
            let set = |text: Option<&str>| {
                not_opened(&name, |config| {
                    let keys = &mut Till::gateway(config, kind).keys;
                    keys.remove(&name);
                    keys.extend(text.map(|text| (name.clone(), Arc::new(Secret::from_text(text)))));
                });
            };
            set(None);
            set(Some(""));
            set(Some(&"x".repeat(129)));
        }
        let spare = Arc::new(Secret::from_text("x"));
        not_opened("spare", |config| drop(Till::gateway(config, kind).keys.insert("spare".to_owned(), spare)));
    }
}

#[test]
fn an_order_prefix_leaves_room_for_the_number() {
    let with = |prefix: &str| {
        let prefix = Arc::new(Secret::from_text(prefix));
        move |config: &mut TerminalConfig| {
            Till::gateway(config, TencentCpay).keys.insert("order_prefix".to_owned(), prefix);
        }
    };
    not_opened("order_prefix", with(&"p".repeat(21)));
    not_opened("order_prefix", with("sz-01"));
    let till = Till::with(with(&"p".repeat(20)));
    // Nobody's prefix: the sandbox turns it away, having read it.
    till.qr(TencentCpay);
    assert!(till.calls()[0].order_number.as_ref().is_some_and(|number| number.starts_with(&"p".repeat(20))));
}

/// A text with controls inside, white space around, and more characters than any gateway takes.
fn untidy(text: &str) -> String {
    format!(" \t{text}\r\n{}", "号".repeat(6_100))
}

/// What arrives of it: controls are spaces, and it is cut.
fn tidy(text: &str, length: usize) -> Value {
    let tidy = format!("{text}  {}", "号".repeat(6_100));
    Value::String(tidy.chars().take(length).collect())
}

#[test]
fn every_text_arrives_in_its_field_stripped_and_cut() {
    for kind in GatewayKind::ALL {
        let till = Till::new();
        let payment = ask(&till, kind, |asked| {
            asked.subject = untidy("茶");
            asked.detail = Some(untidy("两杯"));
            asked.attach = Some(untidy("桌 7"));
            asked.cashier = Some("收银 1".to_owned());
            asked.store = Some("店-2".to_owned());
            asked.terminal = Some("机_3".to_owned());
        });
        let payment = payment.expect("it is accepted");
        assert_eq!(till.settled(payment.id).state, PaymentState::Paid, "{kind:?} {:#?}", till.history(payment.id));
        // They are kept as they were given.
        assert_eq!(payment.texts.subject, untidy("茶"));
        assert_eq!(payment.texts.cashier.as_deref(), Some("收银 1"));
        let body = &till.calls()[0].body;
        match kind {
            // No field for any of them.
            MaxfunDevice => has_only(body, &["devices_key", "auth_code", "total_fee", "nonce_str", "sign"]),
            MaxfunTp => has_only(body, &["mch_key", "tp_trade_no", "auth_code", "total_fee", "nonce_str", "sign"]),
            Huishouyin => has_only(body, &["app_id", "sign", "sign_type", "order_id", "total_amount"]),
            BlueoceanV1 => {
                assert_eq!(body["body"], tidy("茶", 128));
                assert_eq!(body["attach"], tidy("桌 7", 127));
                assert_eq!(body["device_info"], "机_3");
                nowhere(body, &["两杯", "收银 1", "店-2"]);
            }
            Bjrcb => {
                assert_eq!(body["subject"], tidy("茶", 256));
                assert_eq!(body["body"], tidy("两杯", 127));
                assert_eq!((&body["op_user_id"], &body["store_id"]), (&json!("收银 1"), &json!("店-2")));
                assert_eq!(body["device_info"], "机_3");
                nowhere(body, &["桌 7"]);
            }
            TencentCpay => {
                let content = &body["request_content"];
                let pay = &content["pay_content"];
                assert_eq!(pay["body"], tidy("茶", 128));
                assert_eq!(pay["remark"], tidy("两杯", 127));
                assert_eq!(pay["wxpay_pay_content_ext"]["attach"], tidy("桌 7", 127));
                let client = &content["order_client"];
                assert_eq!((&client["staff_id"], &client["device_id"]), (&json!("收银 1"), &json!("机_3")));
                assert_eq!(client["machine_no"], "机_3");
                nowhere(body, &["店-2"]);
            }
        }
    }
}

#[test]
fn without_texts_the_order_number_and_the_configured_terminal_stand_in() {
    for kind in GatewayKind::ALL {
        let till = Till::new();
        let payment = ask(&till, kind, |asked| asked.detail = Some(" \r\n".to_owned())).expect("it is accepted");
        till.settled(payment.id);
        let body = &till.calls()[0].body;
        let (number, t1) = (json!(payment.order_number), json!("T1"));
        match kind {
            MaxfunDevice | MaxfunTp | Huishouyin => {}
            BlueoceanV1 => {
                assert_eq!((&body["body"], &body["device_info"], body.get("attach")), (&number, &t1, None));
            }
            Bjrcb => {
                assert_eq!((&body["subject"], &body["body"], &body["device_info"]), (&number, &number, &t1));
                assert_eq!((body.get("op_user_id"), body.get("store_id")), (None, None));
            }
            TencentCpay => {
                let content = &body["request_content"];
                assert_eq!((&content["pay_content"]["body"], content["pay_content"].get("remark")), (&number, None));
                assert_eq!(
                    (&content["order_client"]["device_id"], content["order_client"].get("staff_id")),
                    (&t1, None)
                );
            }
        }
    }
}

#[test]
fn metadata_is_stored_returned_and_listed_untouched_and_never_sent() {
    let metadata: HashMap<String, String> = [
        ("till order", "0042"),
        ("", "no name"),
        ("空", " \t\r\n\0两边 "),
        ("json", r#"{"a":[1,"\u0000"]}"#),
        ("sql", "'); DROP TABLE payment; --"),
        ("emoji", "👩‍🍳🍜"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for kind in GatewayKind::ALL {
        let mut till = Till::new();
        let payment = ask(&till, kind, |asked| asked.metadata.clone_from(&metadata)).expect("it is accepted");
        assert_eq!(payment.metadata, metadata, "{kind:?}");
        assert_eq!(till.settled(payment.id).metadata, metadata);
        till.restart(|_| {});
        let listed = till.terminal().payments(PaymentFilter::default(), None, 50).expect("a page");
        assert_eq!((listed.len(), &listed[0].metadata), (1, &metadata));
        assert!(till.count(Op::Charge) + till.count(Op::Create) == 1);
        for call in till.calls() {
            nowhere(&call.body, &["0042", "no name", "两边", "DROP TABLE", "🍜"]);
        }
    }
}

fn has_only(body: &Value, names: &[&str]) {
    let body = body.as_object().expect("an object");
    assert!(body.keys().all(|name| names.contains(&name.as_str())), "{body:?}");
}

fn nowhere(body: &Value, texts: &[&str]) {
    let body = body.to_string();
    for text in texts {
        assert!(!body.contains(text), "{text} in {body}");
    }
}
