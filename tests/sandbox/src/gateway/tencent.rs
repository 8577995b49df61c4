//! Tencent Cloud Pay (S3, T1, T2): QR create, query, close. Request and answer are JSON texts inside JSON, each with an
//! HMAC over the text itself.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Asked, Data, Desk, Gateway, Item, Op, Outcome, Reason, Said, Sale, Seen, Wrong};
use super::{check_signature, data, open, positive, texts};
use crate::fields::{Fields, Is, Spec, may, must};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::{Merchant, TencentAccount};
use crate::sign;

pub(super) struct Tencent;

const CREATE: &str = "/cpay/scan_code_pay";
const QUERY: &str = "/cpay/query_order";
const CLOSE: &str = "/cpay/close_order";

/// 4.2: the envelope. Variant `s` (RSA) is not offered.
const ENVELOPE: &[Spec] = &[
    must("request_content", Is::Text(65_536)),
    must(
        "authen_info",
        Is::Object(&[must("a", Is::Object(&[must("authen_type", Is::Int), must("authen_code", Is::Text(64))]))]),
    ),
];

/// S3.
const CREATE_TABLE: &[Spec] = &[
    must(
        "pay_content",
        Is::Object(&[
            must("out_trade_no", Is::Text(32)),
            may("time_expire", Is::Int),
            must("total_fee", Is::Int),
            must("fee_type", Is::Text(16)),
            may("client_flow_id", Is::Text(128)),
            must("body", Is::Text(128)),
            may("detail", Is::Text(6000)),
            may("remark", Is::Text(127)),
            may(
                "wxpay_pay_content_ext",
                Is::Object(&[
                    may("attach", Is::Text(127)),
                    may("goods_tag", Is::Text(32)),
                    may("product_id", Is::Text(32)),
                    may("limit_pay", Is::Text(32)),
                ]),
            ),
        ]),
    ),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

/// T1, T2: the own fields stand beside the common ones.
const QUERY_TABLE: &[Spec] = &[
    must("out_trade_no", Is::Text(32)),
    may("trade_type", Is::Int),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

const CLOSE_TABLE: &[Spec] = &[
    must("out_trade_no", Is::Text(32)),
    must("trade_type", Is::Int),
    ACCOUNT_SPEC,
    CLIENT_SPEC,
    must("nonce_str", Is::Text(32)),
];

const ACCOUNT_SPEC: Spec = must(
    "pay_mch_key",
    Is::Object(&[
        must("pay_platform", Is::Int),
        may("sub_pay_platform", Is::Int),
        must("out_mch_id", Is::Text(32)),
        must("out_sub_mch_id", Is::Text(32)),
        must("out_shop_id", Is::Text(32)),
    ]),
);

const CLIENT_SPEC: Spec = must(
    "order_client",
    Is::Object(&[
        must("device_id", Is::Text(64)),
        may("staff_id", Is::Text(64)),
        must("terminal_type", Is::Int),
        must("sdk_version", Is::Text(10)),
        must("spbill_create_ip", Is::Ip(16)),
        must("machine_no", Is::Text(32)),
        may("sub_terminal_type", Is::Int),
        may("sn_code", Is::Text(127)),
    ]),
);

/// 4.6: QR.
const TRADE_TYPE_QR: i64 = 2;
const WECHAT: i64 = 1;
const ALIPAY: i64 = 2;

/// S3: Number(32).
const MOST_FEN: i64 = i32::MAX as i64;

impl Gateway for Tencent {
    fn paths(&self) -> &'static [&'static str] {
        &[CREATE, QUERY, CLOSE]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            CREATE => (Op::Create, CREATE_TABLE),
            QUERY => (Op::Query, QUERY_TABLE),
            _ => (Op::Close, CLOSE_TABLE),
        };
        seen.op = Some(op);
        let envelope = open(request)?;
        envelope.check(ENVELOPE)?;
        let text = envelope.text("request_content");
        let content = Fields::parse(text.as_bytes())
            .map_err(|problem| Wrong::new(Reason::Json, format!("request_content: {problem}")))?;
        let pay = content.object("pay_content");
        let order = if op == Op::Create { &pay } else { &content };
        seen.order_number = order.optional_text("out_trade_no");
        seen.amount_minor = pay.int("total_fee");

        let account = content.object("pay_mch_key");
        seen.merchant = merchants.iter().position(|merchant| owns(&merchant.tencent_cpay, &account));
        content.check(table)?;
        let merchant = seen.merchant.ok_or_else(|| Wrong::new(Reason::Account, "pay_mch_key is nobody's"))?;
        let own = &merchants[merchant].tencent_cpay;
        check_authen(&envelope, text, &own.authen_key)?;
        let number = seen.order_number.clone().unwrap_or_default();
        check_rules(op, &content, &account, &number, own)?;
        Ok(Asked {
            merchant,
            alipay: None,
            op,
            order_number: Some(number),
            gateway_number: None,
            nonce: content.optional_text("nonce_str"),
            sale: if op == Op::Create { Some(sale(&pay, &account)?) } else { None },
            refund: None,
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        match wrong.reason {
            Reason::Rule | Reason::TooMuch => content(desk, "104", 0, &wrong.text, None),
            // 4.5: 101 comes without authen_info.
            _ => unsigned(desk, "101", &wrong.text),
        }
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        match (&said.outcome, said.order()) {
            (Outcome::Order, Some(order)) if said.op == Op::Create => {
                let made = data! {
                    "code_url": order.qr.as_ref(),
                    "nonce_str": desk.rng.alphanumeric(32),
                };
                content(desk, "0", 0, DONE, Some(("scan_code_pay", made)))
            }
            (Outcome::Order, Some(order)) => {
                let shown = queried(said, order, desk);
                content(desk, "0", 0, DONE, Some(("query_order", shown)))
            }
            (Outcome::Closed | Outcome::AlreadyClosed, _) => {
                let closed = data! {"nonce_str": desk.rng.alphanumeric(32)};
                content(desk, "0", 0, DONE, Some(("close_order", closed)))
            }
            (Outcome::Duplicate { .. }, _) => content(desk, "102", 407, "订单号重复", None),
            (Outcome::NotFound, _) => content(desk, "104", 400, "订单不存在", None),
            // T1 lists no internal status for these two.
            (Outcome::RefusedPaid, _) => content(desk, "104", 410, "订单已支付，不能关闭", None),
            (Outcome::TooYoung, _) => content(desk, "104", 411, "订单生成后不能马上关闭", None),
            (Outcome::UnknownCode, _) => content(desk, "99", 0, "未知", None),
            (Outcome::Refused(code), _) => match code.as_deref() {
                Some("101") => unsigned(desk, "101", "请求被拒绝"),
                code => content(desk, code.unwrap_or("104"), 0, "请求被拒绝", None),
            },
            (Outcome::Repeat, _) => unsigned(desk, "3", "请重新提交"),
            _ => content(desk, "103", 0, "系统繁忙", None),
        }
    }
}

/// The part of an answer that is the operation's own, and its name.
type Own<'a> = Option<(&'static str, Data<'a>)>;

const DONE: &str = "操作成功。";

fn owns(account: &TencentAccount, named: &Fields<'_>) -> bool {
    account.out_mch_id == named.text("out_mch_id")
        && account.out_sub_mch_id == named.text("out_sub_mch_id")
        && account.out_shop_id == named.text("out_shop_id")
}

fn check_authen(envelope: &Fields<'_>, text: &str, key: &str) -> Result<(), Wrong> {
    let authen = envelope.object("authen_info").object("a");
    if authen.int("authen_type") != Some(1) {
        return Err(Wrong::new(Reason::Signature, "authen_type is not 1 (HMAC-SHA256)"));
    }
    check_signature(authen.text("authen_code"), &sign::tencent(text, key))
}

fn check_rules(
    op: Op,
    content: &Fields<'_>,
    account: &Fields<'_>,
    number: &str,
    own: &TencentAccount,
) -> Result<(), Wrong> {
    let rule = |text: &str| Err(Wrong::new(Reason::Rule, text));
    if op == Op::Create && !number.starts_with(&own.order_prefix) {
        return rule("out_trade_no does not begin with the merchant's prefix");
    }
    if !matches!(account.int("pay_platform"), Some(WECHAT | ALIPAY)) {
        return rule("pay_platform is neither 1 nor 2");
    }
    if !matches!(content.object("order_client").int("terminal_type"), Some(1..=4 | 100)) {
        return rule("terminal_type is none of 1 to 4 and 100");
    }
    if content.int("trade_type").is_some_and(|kind| kind != TRADE_TYPE_QR) {
        return rule("trade_type is not 2 (QR)");
    }
    Ok(())
}

fn sale(pay: &Fields<'_>, account: &Fields<'_>) -> Result<Sale, Wrong> {
    let rule = |text: &str| Err(Wrong::new(Reason::Rule, text));
    if pay.text("fee_type") != "CNY" {
        return rule("fee_type is not CNY");
    }
    let ext = pay.object("wxpay_pay_content_ext");
    // S3: only when WeChat is used.
    if pay.has("wxpay_pay_content_ext") && account.int("pay_platform") != Some(WECHAT) {
        return rule("wxpay_pay_content_ext without WeChat");
    }
    if !matches!(ext.text("limit_pay"), "" | "no_credit") {
        return rule("limit_pay is not no_credit");
    }
    let mut texts = texts(pay, &["body", "detail", "remark", "client_flow_id"]);
    texts.extend(super::texts(&ext, &["attach", "product_id", "goods_tag"]));
    texts.extend(super::texts(account, &["pay_platform"]));
    Ok(Sale {
        amount_minor: positive(pay.int("total_fee"), MOST_FEN)?,
        currency: "CNY",
        code: None,
        expires_at_ms: pay.int("time_expire").map(|seconds| seconds.saturating_mul(1000)),
        texts,
    })
}

fn queried<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let alipay = order.texts.get("pay_platform").and_then(Value::as_i64) == Some(ALIPAY);
    // 4.6. A failed attempt leaves the order open: WeChat says "customer stopped" and then waits again.
    let (state, text): (i64, _) = match (order.state, alipay) {
        _ if said.unknown_state => (99, "未知"),
        (OrderState::Paid, false) => (3, "支付成功"),
        (OrderState::Reversed | OrderState::Closed, false) => (7, "已关闭"),
        (OrderState::Failed, false) => (10, "支付错误"),
        (_, false) if said.attempt_failed => (5, "用户支付失败"),
        (_, false) => (6, "等待用户支付"),
        (OrderState::Paid, true) => (2, "支付成功"),
        (OrderState::Reversed | OrderState::Closed | OrderState::Failed, true) => (5, "已关闭"),
        (_, true) => (4, "等待用户支付"),
    };
    let mut shown = data! {
        "out_trade_no": &order.order_number,
        "trade_type": TRADE_TYPE_QR,
        "code_url": order.qr.as_ref(),
        "nonce_str": desk.rng.alphanumeric(32),
        "create_time": order.created_at_ms / 1000,
        "last_update_time": order.ended_at_ms.or(order.paid_at_ms).unwrap_or(order.created_at_ms) / 1000,
        "is_transforming": false,
        "total_fee": order.charged_minor,
        "fee_type": &order.currency,
        "refunded_fee": 0_i64,
    };
    if let Some(body) = order.texts.get("body") {
        shown.put("body", body);
    }
    if let Some(expires) = order.expires_at_ms {
        shown.put("time_expire", expires / 1000);
    }
    if order.state == OrderState::Paid {
        shown.put("transaction_id", &order.gateway_number);
        shown.put("time_end", order.paid_at_ms.unwrap_or(desk.now_ms) / 1000);
        shown.put("cash_fee", order.charged_minor);
        shown.put("cash_fee_type", &order.currency);
    }
    let mut ext = data! {"current_trade_state": state, "trade_state_desc": text};
    if let (false, Some(attach)) = (alipay, order.texts.get("attach")) {
        ext.put("attach", attach);
    }
    let name = if alipay { "alipay_order_content_ext" } else { "wxpay_order_content_ext" };
    shown.put(name, ext);
    let account = desk.merchant.map(|merchant| &merchant.tencent_cpay);
    data! {
        "nonce_str": desk.rng.alphanumeric(32),
        "pay_mch_key": data! {
            "pay_platform": if alipay { ALIPAY } else { WECHAT },
            "out_mch_id": account.map(|account| &account.out_mch_id),
            "out_sub_mch_id": account.map(|account| &account.out_sub_mch_id),
            "out_shop_id": account.map(|account| &account.out_shop_id),
        },
        "order_content": shown,
    }
}

/// An answer with authen_info over exactly the text that is sent.
fn content<'a>(desk: &mut Desk<'a>, status: &str, internal: i64, text: &str, own: Own<'_>) -> Data<'a> {
    let response = response_text(desk, desk.number_code(status), internal, text, own);
    let key = desk.merchant.map(|merchant| merchant.tencent_cpay.authen_key.as_str()).unwrap_or_default();
    let code = desk.signed(response.as_str(), sign::tencent, key);
    let mut answer = data! {"response_content": response};
    if let Some(code) = code {
        answer.put("authen_info", data! {"a": data! {"authen_type": 1_i64, "authen_code": code}});
    }
    answer
}

fn unsigned<'a>(desk: &mut Desk<'a>, status: &str, text: &str) -> Data<'a> {
    let status = desk.number_code(status);
    data! {"response_content": response_text(desk, status, 0, text, None)}
}

fn response_text(desk: &mut Desk<'_>, status: Item<'_>, internal: i64, text: &str, own: Own<'_>) -> String {
    let mut response = data! {
        "status": status,
        "description": text,
        // S3: Number(32), and yet above 2^31 in the sample.
        "log_id": 4_000_000_000 + (desk.rng.next() % 200_000_000) as i64,
        "internal_status": internal,
    };
    if let Some((name, value)) = own {
        response.put(name, value);
    }
    escaped(&response.to_json())
}

/// S3: `\/` and `\u` escapes inside the signed text. Outside strings JSON holds neither a slash nor a letter beyond ASCII.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '/' => text.push_str("\\/"),
            letter if letter.is_ascii() => text.push(letter),
            letter => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\u{unit:04X}");
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_signed_text_is_escaped_as_in_the_sample_and_reads_back() {
        let value = json!({"code_url": "weixin://wxpay", "description": "操作😀"});
        let text = escaped(&value.to_string());
        assert_eq!(text, r#"{"code_url":"weixin:\/\/wxpay","description":"\u64CD\u4F5C\uD83D\uDE00"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
