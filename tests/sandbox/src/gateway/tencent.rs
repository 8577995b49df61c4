//! Tencent Cloud Pay (S3, T1, T2): charge, QR order, query, reverse, close, refund, refund query. Request and answer are JSON
//! texts inside JSON, each with an HMAC over the text itself; refund and reverse take an RSA signature instead.

use serde_json::Value;

use super::tencent_answers::{ALIPAY, TRADE_TYPE_QR, WECHAT, content, name_of, signed, told, unsigned};
use super::tencent_tables::{
    CHARGE_TABLE, CLOSE_TABLE, CREATE_TABLE, ENVELOPE, QUERY_TABLE, REFUND_QUERY_TABLE, REFUND_TABLE, REVERSE_TABLE,
};
use super::{Asked, Data, Desk, Gateway, Op, Outcome, Reason, RefundAsked, RefundRefusal, Said, Sale, Seen, Wrong};
use super::{check_signature, data, open, positive, texts};
use crate::fields::Fields;
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderKind};
use crate::merchant::{Merchant, TencentAccount};
use crate::rsa_key::signed_by_pss;
use crate::sign;

pub(super) struct Tencent;

const CHARGE: &str = "/cpay/micro_pay";
const CREATE: &str = "/cpay/scan_code_pay";
const QUERY: &str = "/cpay/query_order";
const REVERSE: &str = "/cpay/reverse";
const CLOSE: &str = "/cpay/close_order";
const REFUND: &str = "/cpay/refund";
const REFUND_QUERY: &str = "/cpay/query_refund_order";

/// S3: Number(32).
const MOST_FEN: i64 = i32::MAX as i64;

const DONE: &str = "操作成功。";

impl Gateway for Tencent {
    fn paths(&self) -> &'static [&'static str] {
        &[CHARGE, CREATE, QUERY, REVERSE, CLOSE, REFUND, REFUND_QUERY]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            CHARGE => (Op::Charge, CHARGE_TABLE),
            CREATE => (Op::Create, CREATE_TABLE),
            QUERY => (Op::Query, QUERY_TABLE),
            REVERSE => (Op::Reverse, REVERSE_TABLE),
            REFUND => (Op::Refund, REFUND_TABLE),
            REFUND_QUERY => (Op::RefundQuery, REFUND_QUERY_TABLE),
            _ => (Op::Close, CLOSE_TABLE),
        };
        seen.op = Some(op);
        let envelope = open(request)?;
        envelope.check(ENVELOPE)?;
        let text = envelope.text("request_content");
        let content = Fields::parse(text.as_bytes())
            .map_err(|problem| Wrong::new(Reason::Json, format!("request_content: {problem}")))?;
        // 4.4: what is the operation's own stands in an object of its own, or beside the common fields.
        let inner = match op {
            Op::Charge | Op::Create => Some(content.object("pay_content")),
            Op::Refund => Some(content.object("refund_content")),
            _ => None,
        };
        let own = inner.as_ref().unwrap_or(&content);
        seen.order_number = own.optional_text("out_trade_no");
        seen.refund_number = own.optional_text("out_refund_no");
        seen.amount_minor = own.int(if op == Op::Refund { "refund_fee" } else { "total_fee" });

        let account = content.object("pay_mch_key");
        seen.merchant = merchants.iter().position(|merchant| owns(&merchant.tencent_cpay, &account));
        content.check(table)?;
        let merchant = seen.merchant.ok_or_else(|| Wrong::new(Reason::Account, "pay_mch_key is nobody's"))?;
        let keys = &merchants[merchant].tencent_cpay;
        check_authen(op, &envelope, text, &keys.authen_key)?;
        check_rules(op, &content, own, &keys.order_prefix)?;
        Ok(Asked {
            merchant,
            alipay: None,
            kind: kind_of(content.int("trade_type"))?,
            op,
            order_number: seen.order_number.clone(),
            gateway_number: None,
            nonce: content.optional_text("nonce_str"),
            sale: match op {
                Op::Charge => Some(charge(own, &account)?),
                Op::Create => Some(sale(own, &account)?),
                _ => None,
            },
            refund: match op {
                Op::Refund | Op::RefundQuery => Some(refund(op, own)?),
                _ => None,
            },
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        match wrong.reason {
            Reason::Rule | Reason::TooMuch => content(desk, "104", 0, &wrong.text, None),
            // 4.5: 101 comes without authen_info.
            _ => unsigned(desk, "101", 0, &wrong.text),
        }
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        let name = name_of(said.op);
        match (&said.outcome, said.order()) {
            (Outcome::Order, Some(order)) => {
                let own = match said.op {
                    Op::Create => data! {"code_url": order.qr.as_ref(), "nonce_str": desk.rng.alphanumeric(32)},
                    _ => told(said, order, desk),
                };
                content(desk, "0", 0, DONE, Some((name, own)))
            }
            (Outcome::Closed | Outcome::AlreadyClosed | Outcome::Reversed, _) => {
                let done = data! {"nonce_str": desk.rng.alphanumeric(32)};
                content(desk, "0", 0, DONE, Some((name, done)))
            }
            (Outcome::Duplicate { .. }, _) => content(desk, "102", 407, "订单号重复", None),
            (Outcome::NotFound, _) => content(desk, "104", 400, "订单不存在", None),
            (Outcome::NoRefund, _) => content(desk, "104", 426, "退款单不存在", None),
            // T1 lists no internal status for these.
            (Outcome::RefusedPaid, _) => content(desk, "104", 410, "订单已支付，不能关闭", None),
            (Outcome::TooYoung, _) => content(desk, "104", 411, "订单生成后不能马上关闭", None),
            (Outcome::WrongKind, _) => content(desk, "104", 412, "订单类型不支持该操作", None),
            (Outcome::Refunded, _) => content(desk, "104", 413, "订单已退款，不能撤销", None),
            (Outcome::CodeUsed, _) => content(desk, "104", 414, "付款码已使用", None),
            (Outcome::RefundRefused(refusal), _) => {
                let (status, internal, text) = refusal_words(*refusal);
                content(desk, status, internal, text, None)
            }
            (Outcome::UnknownCode, _) => content(desk, "99", 0, "未知", None),
            (Outcome::Refused(code), _) => refused(code.as_deref().unwrap_or("104"), desk),
            (Outcome::Repeat, _) => unsigned(desk, "3", 0, "请重新提交"),
            _ => content(desk, "103", 0, "系统繁忙", None),
        }
    }

    fn notice<'a>(&self, order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>> {
        let mut told = told(&Said::about(Op::Query, order), order, desk);
        // T2: the client comes with it; which of the till's it was is not kept.
        told.put("order_client", data! {"device_id": "D1", "terminal_type": 2_i64, "sdk_version": "1.0"});
        Some(signed(desk, "request_content", told.to_json()))
    }
}

/// 4.5: 3 and 101 come without authen_info. Behind a slash stands the internal status.
fn refused<'a>(code: &str, desk: &mut Desk<'a>) -> Data<'a> {
    let (status, internal) = code.split_once('/').unwrap_or((code, "0"));
    let internal = internal.parse().unwrap_or_default();
    match status {
        "3" | "101" => unsigned(desk, status, internal, "请求被拒绝"),
        status => content(desk, status, internal, "请求被拒绝", None),
    }
}

/// 4.5: 102 wants a new number. T1 lists no internal status for any of them.
fn refusal_words(refusal: RefundRefusal) -> (&'static str, i64, &'static str) {
    match refusal {
        RefundRefusal::NumberTaken => ("102", 427, "退款单号重复"),
        RefundRefusal::Unpaid => ("104", 420, "订单未支付"),
        RefundRefusal::NothingLeft => ("104", 421, "订单已全额退款"),
        RefundRefusal::TooMuch => ("104", 422, "退款金额大于可退金额"),
        RefundRefusal::OtherTotal => ("104", 423, "订单金额不一致"),
        RefundRefusal::FundsShort => ("104", 424, "商户余额不足"),
        RefundRefusal::PastPeriod => ("104", 425, "超过退款期限"),
    }
}

fn owns(account: &TencentAccount, named: &Fields<'_>) -> bool {
    account.out_mch_id == named.text("out_mch_id")
        && account.out_sub_mch_id == named.text("out_sub_mch_id")
        && account.out_shop_id == named.text("out_shop_id")
}

/// 4.2: `a` everywhere; `s` for refund and reverse, where the older document asked for it.
fn check_authen(op: Op, envelope: &Fields<'_>, text: &str, key: &str) -> Result<(), Wrong> {
    let wrong = |text: &str| Err(Wrong::new(Reason::Signature, text));
    let authen = envelope.object("authen_info");
    let (a, s) = (authen.object("a"), authen.object("s"));
    match (authen.has("a"), authen.has("s")) {
        (true, false) if a.int("authen_type") != Some(1) => wrong("authen_type is not 1 (HMAC-SHA256)"),
        (true, false) => check_signature(a.text("authen_code"), &sign::tencent(text, key)),
        (false, true) if !matches!(op, Op::Refund | Op::Reverse) => wrong("RSA is for refund and reverse only"),
        (false, true) if s.int("sign_type") != Some(1) => wrong("sign_type is not 1 (RSASSA-PSS)"),
        (false, true) if !signed_by_pss(text, s.text("sign")) => wrong("the RSA signature is wrong"),
        (false, true) => Ok(()),
        _ => wrong("authen_info holds neither or both of a and s"),
    }
}

fn rule<T>(text: &str) -> Result<T, Wrong> {
    Err(Wrong::new(Reason::Rule, text))
}

fn check_rules(op: Op, content: &Fields<'_>, own: &Fields<'_>, prefix: &str) -> Result<(), Wrong> {
    if matches!(op, Op::Charge | Op::Create) && !own.text("out_trade_no").starts_with(prefix) {
        return rule("out_trade_no does not begin with the merchant's prefix");
    }
    // 4.7: the refund number too.
    if op == Op::Refund && !own.text("out_refund_no").starts_with(prefix) {
        return rule("out_refund_no does not begin with the merchant's prefix");
    }
    if !matches!(content.object("pay_mch_key").int("pay_platform"), Some(WECHAT | ALIPAY)) {
        return rule("pay_platform is neither 1 nor 2");
    }
    if !matches!(content.object("order_client").int("terminal_type"), Some(1..=4 | 100)) {
        return rule("terminal_type is none of 1 to 4 and 100");
    }
    if op == Op::Close && content.int("trade_type") != Some(TRADE_TYPE_QR) {
        return rule("trade_type is not 2 (QR)");
    }
    Ok(())
}

/// 4.6.
fn kind_of(trade_type: Option<i64>) -> Result<Option<OrderKind>, Wrong> {
    match trade_type {
        None => Ok(None),
        Some(1) => Ok(Some(OrderKind::Charge)),
        Some(TRADE_TYPE_QR) => Ok(Some(OrderKind::Qr)),
        Some(_) => rule("trade_type is neither 1 (bar code) nor 2 (QR)"),
    }
}

/// 4.4: the gateway recognises the wallet by the code, whatever the request says.
fn charge(pay: &Fields<'_>, account: &Fields<'_>) -> Result<Sale, Wrong> {
    let code = pay.text("author_code");
    let prefix: u32 = code.get(..2).and_then(|prefix| prefix.parse().ok()).unwrap_or_default();
    let platform = match (prefix, code.len()) {
        _ if !code.bytes().all(|byte| byte.is_ascii_digit()) => return rule("author_code is not made of digits"),
        (10..=15, 18) => WECHAT,
        (25..=30, 16..=24) => ALIPAY,
        _ => return rule("author_code is no payment code of WeChat or Alipay"),
    };
    let mut sale = sale(pay, account)?;
    sale.texts.insert("pay_platform".to_owned(), Value::from(platform));
    Ok(Sale { code: Some(code.to_owned()), expires_at_ms: None, ..sale })
}

/// What charge and QR order have in common.
fn sale(pay: &Fields<'_>, account: &Fields<'_>) -> Result<Sale, Wrong> {
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

fn refund(op: Op, own: &Fields<'_>) -> Result<RefundAsked, Wrong> {
    let number = own.optional_text("out_refund_no");
    if op == Op::RefundQuery {
        return Ok(RefundAsked { number, ..RefundAsked::default() });
    }
    if own.text("refund_fee_type") != "CNY" {
        return rule("refund_fee_type is not CNY");
    }
    Ok(RefundAsked {
        number,
        amount_minor: Some(positive(own.int("refund_fee"), MOST_FEN)?),
        total_minor: own.int("total_fee"),
        same_day: false,
    })
}
