//! Callbacks: what the merchant's server passes on, whoever sent it. One is taken only if its signature is right where the gateway
//! signs, if it is our account's, and if each name stands there once; and then it is about the order that it names.
//!
//! An input is as many bytes of choices as before an answer (gateway, whether it is signed as a form, headers, a name that is written again, how
//! the body is signed, edits), then the body. The verdict is an own one (`told.rs`), and holds both ways: what is right is
//! not refused, or the merchant would not be told when late money comes.

mod told;

use std::sync::LazyLock;

use paywand::gateway::{Callback, Gateway, GatewayKind, Notice, NoticeRefusal};

use self::told::Told;
use crate::{
    account::{self, REFUND_NUMBER},
    input::Input,
    reply::{self, answer::Object, sign},
    sealed::{self, Key},
    seen,
};

static GATEWAYS: LazyLock<Vec<Box<dyn Gateway>>> =
    LazyLock::new(|| GatewayKind::ALL.into_iter().map(account::gateway).collect());

/// The choices before a callback of the gateway numbered `gateway`: signed as a form or as JSON, with a name `again` (none, the
/// order number in front or behind, the signature), and `sealing` as [`reply::front`] has it.
pub fn front(gateway: usize, as_form: bool, again: usize, sealing: usize) -> String {
    format!("{gateway}{}0{again}{sealing}0000000000", u8::from(as_form))
}

pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let index = input.choice(6);
    let (kind, gateway) = (GatewayKind::ALL[index], &GATEWAYS[index]);
    let as_form = input.choice(2) == 1;
    let headers = headers(input.choice(4));
    let again = input.choice(4);
    let seal = |text: &str, key| seal(kind, as_form, text, key);
    let body = again_in(kind, again, sealed::body(&mut input, fields(kind), &VALUES, &seal));
    let callback = Callback { headers, body };
    let notice = gateway.notice(&callback);
    let bare = Callback { headers: Vec::new(), body: callback.body.clone() };
    assert_eq!(notice, gateway.notice(&bare), "headers decide");
    assert!(format!("{callback:?}").len() < 100, "{callback:?}");
    judge(kind, &callback.body, notice);
}

fn judge(kind: GatewayKind, body: &[u8], notice: Result<Notice, NoticeRefusal>) {
    let shown = String::from_utf8_lossy(body);
    let told = Told::read(kind, body);
    let right = told.as_ref().filter(|told| told.signed != Some(false) && told.ours);
    let number = right.and_then(|told| told.number.as_deref());
    let notice = match notice {
        Ok(notice) => notice,
        Err(refusal) => {
            assert_eq!(number, None, "{kind:?} refuses what is right: {refusal:?}, {shown}");
            let unsupported = refusal == NoticeRefusal::Unsupported;
            assert_eq!(unsupported, kind == GatewayKind::MaxfunDevice, "{kind:?}: {refusal:?}");
            // What is right in all but the number is no forgery.
            assert!(right.is_none() || refusal != NoticeRefusal::Forged, "{kind:?} calls it forged: {shown}");
            return seen::note(match refusal {
                NoticeRefusal::Unsupported => "unsupported",
                NoticeRefusal::Unreadable(_) => "unreadable",
                NoticeRefusal::Forged => "forged",
            });
        }
    };
    assert_eq!(Some(notice.order_number.as_str()), number, "{kind:?}: {shown}");
    assert_eq!(notice.signed, kind != GatewayKind::Huishouyin, "{kind:?}: {shown}");
    let (content_type, answer) = acknowledgement(kind);
    assert_eq!((notice.acknowledgement.content_type, notice.acknowledgement.body), (content_type, answer));
    seen::note(kind.code());
    if body.trim_ascii().first() != Some(&b'{') {
        seen::note("form");
    }
}

/// What each gateway wants to hear (docs/sources.md).
fn acknowledgement(kind: GatewayKind) -> (&'static str, &'static str) {
    match kind {
        GatewayKind::TencentCpay => {
            ("application/json", r#"{"response_content":"{\"status\":0,\"description\":\"OK\"}"}"#)
        }
        GatewayKind::MaxfunTp => ("text/plain", "success"),
        _ => ("text/plain", "SUCCESS"),
    }
}

fn headers(which: usize) -> Vec<(String, String)> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match which {
        0 => Vec::new(),
        1 => vec![header("content-type", "application/json; charset=utf-8")],
        2 => vec![header("content-type", "application/x-www-form-urlencoded")],
        _ => vec![header("content-type", "text/xml; charset=gbk"), header("content-type", ""), header("", "\u{0}")],
    }
}

/// The body with its signature put in.
fn seal(kind: GatewayKind, as_form: bool, body: &str, key: Key) -> Option<String> {
    if kind == GatewayKind::TencentCpay {
        return reply::tencent_envelope::seal(told::CONTENT, body, key);
    }
    let fields = told::fields(body.as_bytes())?;
    let sign = told::signature(kind, fields.clone(), sign::key(told::key(kind), key)?)?;
    if as_form || !body.trim_ascii_start().starts_with('{') {
        let mut signed: Vec<_> = fields.into_iter().filter(|(name, _)| name != "sign").collect();
        signed.push(("sign".to_owned(), sign));
        return Some(crate::form::write(&signed));
    }
    let body = body.trim();
    Some(sign::with_sign(body, &Object::read(body.as_bytes())?, body, &sign))
}

/// `body` with a name that stands in it written once more.
fn again_in(kind: GatewayKind, again: usize, body: Vec<u8>) -> Vec<u8> {
    let (number, sign) = match kind {
        GatewayKind::TencentCpay => (told::CONTENT, "authen_info"),
        GatewayKind::Huishouyin => ("data", "code"),
        _ => (told::number_name(kind), "sign"),
    };
    let name = if again == 3 { sign } else { number };
    let in_json = format!("\"{name}\":\"{REFUND_NUMBER}\"").into_bytes();
    let in_form = format!("{name}={REFUND_NUMBER}").into_bytes();
    match (again, body.trim_ascii()) {
        (0, _) => body,
        (2, [b'{', object @ .., b'}']) => [b"{", object, b",", &in_json, b"}"].concat(),
        (_, [b'{', rest @ ..]) => [b"{", in_json.as_slice(), b",", rest].concat(),
        (2, form) => [form, b"&", &in_form].concat(),
        (_, form) => [in_form.as_slice(), b"&", form].concat(),
    }
}

/// What an edit may change.
fn fields(kind: GatewayKind) -> &'static [&'static str] {
    match kind {
        GatewayKind::TencentCpay => &[
            "/pay_mch_key",
            "/pay_mch_key/out_mch_id",
            "/pay_mch_key/out_shop_id",
            "/order_content",
            "/order_content/out_trade_no",
            "/nonce_str",
            "/authen_info",
        ],
        GatewayKind::Huishouyin => {
            &["/code", "/data", "/data/order_id", "/data/app_id", "/data/refund_order_id", "/order_id", "/app_id"]
        }
        GatewayKind::BlueoceanV1 => &["/appid", "/out_trade_no", "/total_fee", "/attach", "/sign", "/trade_state"],
        GatewayKind::Bjrcb => &["/mch_id", "/out_trade_no", "/total_fee", "/attach", "/sign", "/trade_state"],
        _ => &["/mch_key", "/tp_trade_no", "/out_trade_no", "/total_fee", "/identifier", "/sign"],
    }
}

/// What an edit may put there.
const VALUES: [&str; 22] = [
    "null",
    "\"\"",
    "{}",
    "[]",
    "0",
    "1",
    "1000001",
    "\"1000001\"",
    "\"C100000000001\"",
    "\"C100000000002\"",
    "\"7f423a2b7edc845585699fd4bf-000001\"",
    "\"nnMBARuy4fJ82uNfjUdGdPunST000001\"",
    "\"sz01kXzJtrxoe5er9G0s\"",
    "\"sz014c3bT7SZNVyigHd47\"",
    "\"sz01rcdbhx0000000042\"",
    "\"sz01rcdbhx0000000043\"",
    "\" sz01rcdbhx0000000042\"",
    "\"a&out_trade_no=sz01rcdbhx0000000043\"",
    "\"测 &=%+\"",
    "\"\\u0000\"",
    "1250.0",
    "true",
];
