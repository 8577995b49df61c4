//! Requests: whatever a till puts into its texts, the body is one JSON object, rightly signed, about our order and amount; the
//! payment code stands in it only where it is charged; and no more is given back than came in, never "0".
//!
//! An input is three digits (gateway, operation, kind of order and wallet), then lines: amount, subject, detail, cashier,
//! store, terminal, attach, the gateway's number, the refund's amount, and what was scanned.

use std::sync::LazyLock;

use paywand::{
    Amount, PaymentCode, PaymentKind, Texts, Wallet,
    gateway::{Gateway, GatewayKind, Operation, Order, Refund, Stamp, WireRequest},
};

use crate::{
    account,
    input::Input,
    reply::{OPERATIONS, answer::Object, sign},
    seen,
};

static GATEWAYS: LazyLock<Vec<Box<dyn Gateway>>> =
    LazyLock::new(|| GatewayKind::ALL.into_iter().map(account::gateway).collect());

const WALLETS: [Option<Wallet>; 4] = [None, Some(Wallet::Wechat), Some(Wallet::Alipay), Some(Wallet::Ecny)];

pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let index = input.choice(6);
    let (kind, gateway) = (GatewayKind::ALL[index], &GATEWAYS[index]);
    let op = input.one_of(&OPERATIONS);
    let order = order(kind, &mut input);
    let code = PaymentCode::from_scan(&input.line()).ok();
    // No payment code can stand in it.
    let stamp = Stamp { nonce: "n-".repeat(16), at_ms: 1_767_225_600_000 };
    let made = gateway.request(op, &order, code.as_ref(), &stamp);
    if op != Operation::Charge {
        assert_eq!(made, gateway.request(op, &order, None, &stamp), "the payment code goes into {op:?}");
    }
    match made {
        Ok(request) => {
            seen::note(op.code());
            judge(kind, op, &order, code.as_ref(), &request);
        }
        Err(error) => {
            seen::note("refused");
            assert!(!error.field.is_empty() && error.reason.len() < 100, "{error:?}");
        }
    }
}

fn order(kind: GatewayKind, input: &mut Input<'_>) -> Order {
    let which = input.choice(8);
    let amount = Amount::new(input.line().parse().unwrap_or(account::MINOR), account::currency(kind));
    let subject = input.line();
    let mut text = || Some(input.line()).filter(|text| !text.is_empty());
    let (detail, cashier, store, terminal, attach) = (text(), text(), text(), text(), text());
    let gateway_number = text();
    let back = text().and_then(|minor| minor.parse().ok()).unwrap_or(amount.minor);
    Order {
        amount,
        kind: if which % 2 == 1 { PaymentKind::Qr } else { PaymentKind::Charge },
        wallet: WALLETS[which / 2],
        refund: Some(Refund { number: account::REFUND_NUMBER.to_owned(), amount: Amount::new(back, amount.currency) }),
        texts: Texts { subject, detail, cashier, store, terminal, attach },
        gateway_number,
        ..account::order(kind)
    }
}

/// What a request says, by whatever names its gateway has for it.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    number: Option<String>,
    sum: Option<String>,
    refund_number: Option<String>,
    refund_sum: Option<String>,
}

fn judge(kind: GatewayKind, op: Operation, order: &Order, code: Option<&PaymentCode>, request: &WireRequest) {
    let body = String::from_utf8_lossy(&request.body);
    let object = Object::read(body.as_bytes()).unwrap_or_else(|| panic!("no JSON object: {body}"));
    assert!(!format!("{request:?}").contains('{'), "{request:?}");
    let (signed, said, charged) = match kind {
        GatewayKind::TencentCpay => tencent(op, &object),
        _ => (is_signed(kind, &object), said(kind, &object), object.says(code_name(kind))),
    };
    assert!(signed, "the signature is wrong: {body}");
    assert_eq!(said, expected(kind, op, order), "{body}");
    if op == Operation::Refund {
        let back = order.refund.as_ref().map_or(0, |refund| refund.amount.minor);
        assert!((1..=order.amount.minor).contains(&back), "{back} of {}: {body}", order.amount);
        assert!(kind != GatewayKind::MaxfunTp || back == order.amount.minor, "a part of the whole: {body}");
    }
    assert!(said.sum.is_none() || order.amount.minor > 0, "{body}");
    let charged_code = charged.as_deref().and_then(|text| PaymentCode::from_scan(text).ok());
    assert_eq!(charged_code.as_ref(), code.filter(|_| op == Operation::Charge), "{body}");
    if let Some(charged) = charged.filter(|code| code.len() >= 16 && !said_otherwise(kind, order, code)) {
        assert_eq!(body.matches(&charged).count(), 1, "the code stands there twice: {body}");
    }
}

/// Whether what looks like `code` stands in a text of the till, or in the account, too.
fn said_otherwise(kind: GatewayKind, order: &Order, code: &str) -> bool {
    format!("{order:?}").contains(code) || account::keys(kind).iter().any(|(_, value)| value.contains(code))
}

/// What the documents want said (docs/sources.md).
fn expected(kind: GatewayKind, op: Operation, order: &Order) -> Said {
    use GatewayKind::{Bjrcb, BlueoceanV1, Huishouyin, MaxfunDevice, MaxfunTp, TencentCpay};
    let text = |amount: Amount| match kind {
        Huishouyin => amount.to_major(),
        _ => amount.minor.to_string(),
    };
    // BlueOcean's and Tencent's refunds say the order's sum beside their own (B1, T2).
    let names_sum = match op {
        Operation::Charge | Operation::CreateQr => true,
        Operation::Refund => matches!(kind, BlueoceanV1 | TencentCpay),
        _ => false,
    };
    // maxfun gives back the whole, without a number (M1). BlueOcean lists all refunds of an order, and so does huishouyin.
    let names_refund = match op {
        Operation::Refund => kind != MaxfunTp,
        Operation::RefundQuery => matches!(kind, Bjrcb | TencentCpay),
        _ => false,
    };
    let refund = order.refund.as_ref().filter(|_| names_refund);
    Said {
        number: (kind != MaxfunDevice).then(|| order.number.clone()),
        sum: names_sum.then(|| text(order.amount)),
        refund_number: refund.map(|refund| refund.number.clone()),
        refund_sum: refund.filter(|_| op == Operation::Refund).map(|refund| text(refund.amount)),
    }
}

fn said(kind: GatewayKind, object: &Object<'_>) -> Said {
    let [number, sum, refund_number, refund_sum] = match kind {
        GatewayKind::Huishouyin => ["order_id", "total_amount", "refund_order_id", "refund_amount"],
        GatewayKind::MaxfunDevice | GatewayKind::MaxfunTp => {
            ["tp_trade_no", "total_fee", "out_refund_no", "refund_fee"]
        }
        _ => ["out_trade_no", "total_fee", "out_refund_no", "refund_fee"],
    }
    .map(|name| object.says(name));
    Said { number, sum, refund_number, refund_sum }
}

fn code_name(kind: GatewayKind) -> &'static str {
    match kind {
        GatewayKind::Huishouyin => "pay_code",
        GatewayKind::TencentCpay => "author_code",
        _ => "auth_code",
    }
}

fn is_signed(kind: GatewayKind, object: &Object<'_>) -> bool {
    let mut fields = sign::fields(object).expect("every field can be read");
    let expected = match kind {
        GatewayKind::MaxfunDevice => {
            fields.retain(|(name, _)| name != "devices_key");
            sign::md5_hex(&format!("{}&devices_key={}", sign::joined(fields), account::MAXFUN_KEY))
        }
        GatewayKind::MaxfunTp => sign::maxfun_tp(fields, account::MAXFUN_MCH_KEY),
        GatewayKind::BlueoceanV1 => sign::blueocean(fields, account::BLUEOCEAN_KEY),
        GatewayKind::Bjrcb => sign::bjrcb(fields, account::BJRCB_KEY),
        _ => {
            fields.push(("app_sercet".to_owned(), account::HUISHOUYIN_SECRET.to_owned()));
            sign::md5_base64(&sign::joined(fields))
        }
    };
    object.string("sign").as_ref() == Some(&expected)
}

/// What a request's own part says: `pay_content`, `refund_content`, or the content itself.
fn tencent(op: Operation, object: &Object<'_>) -> (bool, Said, Option<String>) {
    let text = object.string("request_content").expect("a content");
    let content = Object::read(text.as_bytes()).expect("the content is an object");
    let a = object.object("authen_info").and_then(|info| info.object("a")).expect("a signature");
    let expected = sign::hmac_hex(account::TENCENT_KEY, &text).to_uppercase();
    let own = match op {
        Operation::Charge | Operation::CreateQr => content.object("pay_content").expect("what is to be paid"),
        Operation::Refund => content.object("refund_content").expect("what is to be given back"),
        _ => content,
    };
    let said = said(GatewayKind::TencentCpay, &own);
    (a.string("authen_code") == Some(expected), said, own.says(code_name(GatewayKind::TencentCpay)))
}
