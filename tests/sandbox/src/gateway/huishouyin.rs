//! huishouyin (S4, H1): charge, QR order, check, detail, cancel, close, refund. Amounts are yuan; answers carry no signature.

use serde_json::Value;

use super::huishouyin_tables::{CLOSE_TABLE, ORDER_TABLE, QRCODE_TABLE, REFUND_TABLE, SCAN_TABLE};
use super::{Asked, Data, Desk, Gateway, Op, Outcome, Reason, RefundAsked, RefundRefusal, Said, Sale, Seen, Wrong};
use super::{check_signature, data, identify, open, positive, texts};
use crate::clock;
use crate::fields::Fields;
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::Merchant;
use crate::refunds::{Refund, RefundState};
use crate::rsa_key::signed_by_pkcs1;
use crate::sign;

pub(super) struct Huishouyin;

const QRCODE: &str = "/pay/qrcode";
const SCAN: &str = "/pay/scan";
const CHECK: &str = "/pay/check";
const GET: &str = "/pay/get";
const CANCEL: &str = "/pay/cancel";
const CLOSE: &str = "/pay/close";
const REFUND: &str = "/pay/refund";

/// No limit is documented; H1 writes amounts as 9.2.
const MOST_FEN: i64 = 99_999_999_999;

impl Gateway for Huishouyin {
    fn paths(&self) -> &'static [&'static str] {
        &[QRCODE, SCAN, CHECK, GET, CANCEL, CLOSE, REFUND]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            QRCODE => (Op::Charge, QRCODE_TABLE),
            SCAN => (Op::Create, SCAN_TABLE),
            CANCEL => (Op::Reverse, CLOSE_TABLE),
            REFUND => (Op::Refund, REFUND_TABLE),
            CHECK => (Op::Query, ORDER_TABLE),
            GET => (Op::Detail, ORDER_TABLE),
            _ => (Op::Close, CLOSE_TABLE),
        };
        seen.op = Some(op);
        let fields = open(request)?;
        seen.order_number = fields.optional_text("order_id");
        seen.refund_number = fields.optional_text("refund_order_id");
        // H1: the check of a refund is a check with its number.
        let op = if op == Op::Query && seen.refund_number.is_some() { Op::RefundQuery } else { op };
        seen.op = Some(op);
        seen.amount_minor = fen(fields.text(if op == Op::Refund { "refund_amount" } else { "total_amount" }));
        let merchant =
            identify(&fields, "app_id", table, merchants, seen, |merchant, id| merchant.huishouyin.app_id == id)?;
        check_sign(&fields, &merchants[merchant].huishouyin.app_sercet)?;
        let gateway_number = fields.optional_text("trade_no");
        // A refund's own number is enough to ask about it.
        if op != Op::RefundQuery && seen.order_number.is_none() && gateway_number.is_none() {
            return Err(Wrong::new(Reason::Missing, "neither order_id nor trade_no"));
        }
        Ok(Asked {
            merchant,
            alipay: None,
            kind: None,
            op,
            order_number: seen.order_number.clone(),
            gateway_number,
            nonce: None,
            sale: match op {
                Op::Charge => Some(charge(&fields)?),
                Op::Create => Some(sale(&fields)?),
                _ => None,
            },
            refund: match op {
                Op::Refund => Some(refund(&fields)?),
                Op::RefundQuery => Some(RefundAsked { number: seen.refund_number.clone(), ..RefundAsked::default() }),
                _ => None,
            },
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        // S4's 2000 and 3000; H1's table of errors for the rest.
        let code = match wrong.reason {
            Reason::Signature => "2000",
            Reason::Account => "3000",
            Reason::Missing => "3001",
            _ => "3002",
        };
        envelope(desk, code, &wrong.text, Data::default())
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        match (&said.outcome, said.order()) {
            (Outcome::Order, Some(order)) => {
                let data = match said.op {
                    Op::Charge => return charged(said, order, desk),
                    Op::Create => created(order),
                    Op::Detail => detailed(said, order, desk),
                    Op::Refund => said.refunds().first().map(|refund| refunded(order, refund)).unwrap_or_default(),
                    _ => checked(said, order, desk),
                };
                envelope(desk, "1000", "成功", data)
            }
            (Outcome::Closed | Outcome::Reversed, Some(order)) => {
                envelope(desk, "1000", "成功", data! {"order_id": &order.order_number})
            }
            (Outcome::Duplicate { paid: true }, _) => envelope(desk, "1003", "订单已支付", Data::default()),
            (Outcome::Duplicate { paid: false }, _) => envelope(desk, "1007", "订单号重复", Data::default()),
            (Outcome::AlreadyClosed, _) => envelope(desk, "1004", "订单已关闭", Data::default()),
            // H1: 1006 when closing.
            (Outcome::RefusedPaid, _) if said.op == Op::Reverse => {
                envelope(desk, "1003", "订单已支付", Data::default())
            }
            (Outcome::RefusedPaid, _) => envelope(desk, "1006", "订单已支付", Data::default()),
            (Outcome::Refunded, _) => envelope(desk, "2001", "订单已退款", Data::default()),
            (Outcome::WrongKind, _) => envelope(desk, "3002", "订单类型不支持该操作", Data::default()),
            (Outcome::CodeUsed, _) => envelope(desk, "1001", "付款码已使用", Data::default()),
            (Outcome::NoRefund, _) => envelope(desk, "4002", "退款单不存在", Data::default()),
            (Outcome::RefundRefused(refusal), _) => {
                let (code, text) = refusal_words(*refusal);
                envelope(desk, code, text, Data::default())
            }
            (Outcome::NotFound, _) => envelope(desk, "4001", "订单不存在", Data::default()),
            (Outcome::UnknownCode, _) => envelope(desk, "7777", "未知", Data::default()),
            (Outcome::Refused(code), _) => {
                envelope(desk, code.as_deref().unwrap_or("3001"), "请求被拒绝", Data::default())
            }
            _ => envelope(desk, "5001", "未知错误", Data::default()),
        }
    }

    /// H1: on every change of the state, unsigned and without an amount.
    fn notice<'a>(&self, order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>> {
        let mut told = data! {
            "trade_no": &order.gateway_number,
            "order_id": &order.order_number,
            "update_time": clock::spaced(desk.now_ms),
            "order_status": status(&Said::about(Op::Query, order), order),
        };
        if let Some(refund) = order.refunds.last() {
            told.put("refund_order_id", &refund.refund_number);
        }
        Some(envelope(desk, "1000", "成功", told))
    }
}

fn check_sign(fields: &Fields<'_>, app_sercet: &str) -> Result<(), Wrong> {
    let sign = fields.text("sign");
    match fields.text("sign_type") {
        "" | "MD5" => check_signature(sign, &sign::huishouyin(&fields.pairs(), app_sercet)),
        "RSA" if signed_by_pkcs1(&sign::huishouyin_text(&fields.pairs()), sign) => Ok(()),
        "RSA" => Err(Wrong::new(Reason::Signature, "the RSA signature is wrong")),
        _ => Err(Wrong::new(Reason::Format, "sign_type is neither MD5 nor RSA")),
    }
}

/// The wallets that huishouyin takes, by their codes (7).
fn charge(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let code = fields.text("pay_code");
    let prefix: u32 = code.get(..2).and_then(|prefix| prefix.parse().ok()).unwrap_or_default();
    let platform = match (prefix, code.len()) {
        _ if !code.bytes().all(|byte| byte.is_ascii_digit()) => 0,
        (10..=15, 18) => 1,
        (25..=30, 16..=24) => 2,
        _ => 0,
    };
    if platform == 0 {
        return Err(Wrong::new(Reason::Rule, "pay_code is no payment code of WeChat or Alipay"));
    }
    let mut sale = sale(fields)?;
    sale.texts.insert("pay_platform".to_owned(), Value::from(platform));
    Ok(Sale { code: Some(code.to_owned()), ..sale })
}

/// H1: a refund of "0" is a refund of everything that is there.
fn refund(fields: &Fields<'_>) -> Result<RefundAsked, Wrong> {
    let amount_minor = match fields.text("refund_amount") {
        "0" | "0.0" | "0.00" => None,
        text => Some(positive(fen(text), MOST_FEN)?),
    };
    Ok(RefundAsked { number: fields.optional_text("refund_order_id"), amount_minor, ..RefundAsked::default() })
}

/// What charge and QR order have in common.
fn sale(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let amount = fen(fields.text("total_amount"))
        .ok_or_else(|| Wrong::new(Reason::Format, "total_amount is not yuan with two decimals"))?;
    Ok(Sale {
        amount_minor: positive(Some(amount), MOST_FEN)?,
        currency: "CNY",
        code: None,
        expires_at_ms: None,
        texts: texts(fields, &["store_info", "goods_list"]),
    })
}

/// `11.00` to 1100: exactly two decimals, no sign, no leading zero but the one before the point.
fn fen(text: &str) -> Option<i64> {
    let (yuan, cents) = text.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(yuan) || !digits(cents) || cents.len() != 2 || (yuan.len() > 1 && yuan.starts_with('0')) {
        return None;
    }
    yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents.parse().ok()?)
}

/// S4: amounts come back as numbers and lose their zeros.
fn yuan(fen: i64) -> f64 {
    fen as f64 / 100.0
}

fn created(order: &Order) -> Data<'_> {
    data! {
        "trade_no": &order.gateway_number,
        "order_id": &order.order_number,
        "total_amount": yuan(order.charged_minor),
        "payable_amount": yuan(order.charged_minor - order.coupon_minor),
        "pay_url": order.qr.as_ref(),
    }
}

/// H1: 1000 tells the state, 1002 is waiting, 1001 has failed.
fn charged<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    if order.state == OrderState::Failed {
        return envelope(desk, "1001", "支付失败", Data::default());
    }
    let data = data! {
        "trade_no": &order.gateway_number,
        "order_id": &order.order_number,
        "pay_type": i64::from(order.is_alipay()),
        "order_status": status(said, order),
        "total_amount": yuan(order.charged_minor),
        "payable_amount": yuan(order.charged_minor - order.coupon_minor),
        "real_amount": yuan(order.money_minor),
        "voucher_list": vouchers(order),
    };
    let (code, text) = if order.is_open() { ("1002", "等待支付") } else { ("1000", "成功") };
    envelope(desk, code, text, data)
}

/// H1: what made the customer pay less.
fn vouchers(order: &Order) -> Vec<Data<'_>> {
    if order.coupon_minor == 0 {
        return Vec::new();
    }
    vec![data! {
        "id": "1",
        "name": "优惠券",
        "activity_id": "1",
        "scope": "1",
        "type": "COUPON",
        "amount": yuan(order.coupon_minor),
        "merchant_contribute": yuan(order.coupon_minor),
        "other_contribute": 0.0,
        "purchase_ant_contribute": 0.0,
    }]
}

/// Copied: what is said may differ from what is.
fn refunded<'a>(order: &'a Order, refund: &Refund) -> Data<'a> {
    data! {
        "trade_no": &order.gateway_number,
        "refund_amount": yuan(refund.amount_minor),
        "refund_time": clock::spaced(refund.ended_at_ms.unwrap_or(refund.created_at_ms)),
        "order_id": &order.order_number,
        "refund_order_id": refund.refund_number.clone(),
    }
}

fn refusal_words(refusal: RefundRefusal) -> (&'static str, &'static str) {
    match refusal {
        RefundRefusal::FundsShort => ("2002", "商户余额不足"),
        RefundRefusal::NumberTaken => ("1007", "退款单号重复"),
        // H1 has one code for "more than was paid", and none for these.
        RefundRefusal::Unpaid => ("2001", "订单未支付"),
        RefundRefusal::PastPeriod => ("2001", "超过退款期限"),
        RefundRefusal::TooMuch | RefundRefusal::NothingLeft | RefundRefusal::OtherTotal => {
            ("2001", "退款金额大于支付金额")
        }
    }
}

/// H1: the check carries no amount.
fn checked<'a>(said: &Said<'_>, order: &'a Order, desk: &Desk<'_>) -> Data<'a> {
    data! {
        "trade_no": &order.gateway_number,
        "check_time": clock::spaced(desk.now_ms),
        "order_id": &order.order_number,
        "order_status": status(said, order),
    }
}

fn detailed<'a>(said: &Said<'_>, order: &'a Order, desk: &Desk<'a>) -> Data<'a> {
    let app_id = desk.merchant.map(|merchant| &merchant.huishouyin.app_id);
    // H1: no entry has a state of its own. So one that is under way, or failed, looks like one that went back.
    let list: Vec<_> = order.refunds.iter().map(|refund| refunded(order, refund)).collect();
    let changed_at = order.ended_at_ms.or(order.paid_at_ms).unwrap_or(order.created_at_ms);
    let mut told = data! {
        "app_id": app_id,
        "trade_no": &order.gateway_number,
        "check_time": clock::spaced(desk.now_ms),
        "order_id": &order.order_number,
        "order_status": status(said, order),
        "pay_channel": i64::from(order.is_alipay()),
        "create_time": clock::spaced(order.created_at_ms),
        "pay_time": order.paid_at_ms.map(clock::spaced),
        "refund_time": order.refunds.last().and_then(|refund| refund.ended_at_ms).map(clock::spaced),
        "update_time": clock::spaced(changed_at),
        "total_amount": yuan(order.charged_minor),
        "payable_amount": yuan(order.charged_minor - order.coupon_minor),
        "real_amount": yuan(order.money_minor),
        "voucher_list": vouchers(order),
        "refund_amount": yuan(order.refunded_minor()),
        "store_info": order.texts.get("store_info"),
        "goods_list": order.texts.get("goods_list"),
    };
    // H1: optional. Where there are none it is left out for some orders, and empty for others.
    if !list.is_empty() || order.gateway_number.ends_with(['1', '3', '5', '7', '9']) {
        told.put("refund_list", list);
    }
    told
}

/// H1: 1 paid, 0 paying, −1 failed, 4 closed, 5 cancelled.
fn status(said: &Said<'_>, order: &Order) -> i64 {
    match order.state {
        _ if said.unknown_state => 77,
        OrderState::Paid => refunded_status(said.refunds(), order),
        // A cancel that found money has given all of it back.
        OrderState::Reversed if order.returns > 0 => 2,
        OrderState::Reversed => 5,
        OrderState::Closed => 4,
        OrderState::Failed => -1,
        OrderState::Created | OrderState::Waiting if said.attempt_failed => -1,
        OrderState::Created | OrderState::Waiting => 0,
    }
}

/// H1: 2 all of it back, 3 a part, −2 the refund failed, −3 it is under way. By all refunds, or by the one asked about.
fn refunded_status(refunds: &[Refund], order: &Order) -> i64 {
    let failed = |refund: &Refund| refund.state == RefundState::Failed;
    let under_way = |refund: &Refund| !refund.is_ended() || refund.state == RefundState::Changed;
    match refunds {
        [] => 1,
        refunds if refunds.iter().any(under_way) => -3,
        refunds if refunds.iter().all(failed) => -2,
        _ if order.refunded_minor() >= order.money_minor => 2,
        _ => 3,
    }
}

fn envelope<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str, data: Data<'a>) -> Data<'a> {
    data! {"code": desk.number_code(code), "msg": text, "data": data}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_needs_exactly_two_decimals() {
        assert_eq!(fen("11.00"), Some(1100));
        assert_eq!(fen("0.01"), Some(1));
        for wrong in ["11", "11.0", "11.000", "011.00", "-1.00", "+1.00", ".50", "1,00", "1e2", ""] {
            assert_eq!(fen(wrong), None, "{wrong}");
        }
    }
}
