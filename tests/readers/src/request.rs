//! Requests: whatever a till puts into its texts, the body is one JSON object, rightly signed, about our order and amount,
//! and the payment code stands in it only where it is charged.
//!
//! An input is two digits (gateway, operation), then lines: amount, subject, detail, cashier, store, terminal, attach,
//! the gateway's number, and what was scanned.

use std::sync::LazyLock;

use paywand::{
    Amount, PaymentCode, Texts,
    gateway::{Gateway, GatewayKind, Operation, Order, Stamp, WireRequest},
};

use crate::{
    account,
    input::Input,
    reply::{OPERATIONS, answer::Object, sign},
    seen,
};

static GATEWAYS: LazyLock<Vec<Box<dyn Gateway>>> =
    LazyLock::new(|| GatewayKind::ALL.into_iter().map(account::gateway).collect());

pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let index = input.choice(6);
    let (kind, gateway) = (GatewayKind::ALL[index], &GATEWAYS[index]);
    let op = input.one_of(&OPERATIONS);
    let minor = input.line().parse().unwrap_or(account::MINOR);
    let subject = input.line();
    let mut text = || Some(input.line()).filter(|text| !text.is_empty());
    let (detail, cashier, store, terminal, attach) = (text(), text(), text(), text(), text());
    let order = Order {
        amount: Amount::new(minor, account::currency(kind)),
        texts: Texts { subject, detail, cashier, store, terminal, attach },
        gateway_number: text(),
        ..account::order(kind)
    };
    let code = PaymentCode::from_scan(&input.line()).ok();
    let stamp = Stamp { nonce: "0".repeat(32), at_ms: 1_767_225_600_000 };
    match gateway.request(op, &order, code.as_ref(), &stamp) {
        Ok(request) => {
            seen::note(op.code());
            judge(kind, op, &order, &request);
        }
        Err(error) => {
            seen::note("refused");
            assert!(!error.field.is_empty() && error.reason.len() < 100, "{error:?}");
        }
    }
}

fn judge(kind: GatewayKind, op: Operation, order: &Order, request: &WireRequest) {
    let body = String::from_utf8_lossy(&request.body);
    let object = Object::read(body.as_bytes()).unwrap_or_else(|| panic!("no JSON object: {body}"));
    assert_eq!(object.json("auth_code").is_some(), op == Operation::Charge, "{body}");
    assert!(!format!("{request:?}").contains('{'), "{request:?}");
    let (signed, amount) = match kind {
        GatewayKind::TencentCpay => tencent(&object),
        _ => flat(kind, &object),
    };
    assert!(signed, "the signature is wrong: {body}");
    let asks_for_money = matches!(op, Operation::Charge | Operation::CreateQr);
    // BlueOcean's refund says the order's sum beside its own (B1).
    let names_sum = asks_for_money || (kind, op) == (GatewayKind::BlueoceanV1, Operation::Refund);
    let expected = names_sum.then(|| match kind {
        GatewayKind::Huishouyin => order.amount.to_major(),
        _ => order.amount.minor.to_string(),
    });
    assert_eq!(amount, expected, "{body}");
    assert!(!asks_for_money || order.amount.minor > 0, "{body}");
}

/// Whether it is rightly signed, and the amount that it names.
fn flat(kind: GatewayKind, object: &Object<'_>) -> (bool, Option<String>) {
    let mut fields = sign::fields(object).expect("every field can be read");
    let expected = match kind {
        GatewayKind::MaxfunDevice => {
            fields.retain(|(name, _)| name != "devices_key");
            sign::md5_hex(&format!("{}&devices_key={}", sign::joined(fields), account::MAXFUN_KEY))
        }
        GatewayKind::MaxfunTp => {
            fields.retain(|(name, _)| name != "mch_key");
            sign::md5_hex(&format!("{}&mch_key={}", sign::joined(fields), account::MAXFUN_MCH_KEY))
        }
        GatewayKind::BlueoceanV1 => {
            sign::md5_hex(&format!("{}&key={}", sign::joined(fields), account::BLUEOCEAN_KEY)).to_uppercase()
        }
        GatewayKind::Bjrcb => sign::md5_hex(&(sign::joined(fields) + account::BJRCB_KEY)).to_uppercase(),
        _ => {
            fields.push(("app_sercet".to_owned(), account::HUISHOUYIN_SECRET.to_owned()));
            sign::md5_base64(&sign::joined(fields))
        }
    };
    let amount = object.says("total_fee").or_else(|| object.says("total_amount"));
    (object.string("sign").as_ref() == Some(&expected), amount)
}

fn tencent(object: &Object<'_>) -> (bool, Option<String>) {
    let text = object.string("request_content").expect("a content");
    let content = Object::read(text.as_bytes()).expect("the content is an object");
    let a = object.object("authen_info").and_then(|info| info.object("a")).expect("a signature");
    let expected = sign::hmac_hex(account::TENCENT_KEY, &text).to_uppercase();
    let amount = content.object("pay_content").and_then(|pay| pay.says("total_fee"));
    (a.string("authen_code") == Some(expected), amount)
}
