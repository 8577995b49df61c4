//! huishouyin (S4, H1): QR create, check, detail, close. Amounts are yuan; answers carry no signature.

use super::{Asked, Data, Desk, Gateway, Op, Outcome, Reason, Said, Sale, Seen, Wrong};
use super::{check_signature, data, identify, open, positive, texts};
use crate::clock;
use crate::fields::{Fields, Is, Spec, may, must};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::Merchant;
use crate::sign;

pub(super) struct Huishouyin;

const SCAN: &str = "/pay/scan";
const CHECK: &str = "/pay/check";
const GET: &str = "/pay/get";
const CLOSE: &str = "/pay/close";

/// S4. The answer gives the order number 32 characters, so no more are taken.
const SCAN_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    must("sign", Is::Text(44)),
    must("sign_type", Is::Text(32)),
    must("order_id", Is::Text(32)),
    must("total_amount", Is::Text(16)),
    may("store_info", Is::Nested),
    may("goods_list", Is::Nested),
];

/// H1: one of the two numbers.
const ORDER_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    must("sign", Is::Text(44)),
    must("sign_type", Is::Text(32)),
    may("order_id", Is::Text(64)),
    may("trade_no", Is::Text(64)),
];

/// H1: `sign_type` is not in the table of the close.
const CLOSE_TABLE: &[Spec] = &[
    must("app_id", Is::Text(32)),
    must("sign", Is::Text(44)),
    may("sign_type", Is::Text(32)),
    must("order_id", Is::Text(128)),
    may("store_info", Is::Nested),
];

/// No limit is documented; H1 writes amounts as 9.2.
const MOST_FEN: i64 = 99_999_999_999;

impl Gateway for Huishouyin {
    fn paths(&self) -> &'static [&'static str] {
        &[SCAN, CHECK, GET, CLOSE]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            SCAN => (Op::Create, SCAN_TABLE),
            CHECK => (Op::Query, ORDER_TABLE),
            GET => (Op::Detail, ORDER_TABLE),
            _ => (Op::Close, CLOSE_TABLE),
        };
        seen.op = Some(op);
        let fields = open(request)?;
        seen.order_number = fields.optional_text("order_id");
        seen.amount_minor = fen(fields.text("total_amount"));
        let merchant =
            identify(&fields, "app_id", table, merchants, seen, |merchant, id| merchant.huishouyin.app_id == id)?;
        if !matches!(fields.text("sign_type"), "" | "MD5") {
            return Err(Wrong::new(Reason::Format, "sign_type is not MD5"));
        }
        let expected = sign::huishouyin(&fields.pairs(), &merchants[merchant].huishouyin.app_sercet);
        check_signature(fields.text("sign"), &expected)?;
        let gateway_number = fields.optional_text("trade_no");
        if seen.order_number.is_none() && gateway_number.is_none() {
            return Err(Wrong::new(Reason::Missing, "neither order_id nor trade_no"));
        }
        Ok(Asked {
            merchant,
            alipay: None,
            op,
            order_number: seen.order_number.clone(),
            gateway_number,
            nonce: None,
            sale: if op == Op::Create { Some(sale(&fields)?) } else { None },
            refund: None,
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
                    Op::Create => created(order),
                    Op::Detail => detailed(said, order, desk),
                    _ => checked(said, order, desk),
                };
                envelope(desk, "1000", "成功", data)
            }
            (Outcome::Closed, Some(order)) => envelope(desk, "1000", "成功", data! {"order_id": &order.order_number}),
            (Outcome::Duplicate { paid: true }, _) => envelope(desk, "1003", "订单已支付", Data::default()),
            (Outcome::Duplicate { paid: false }, _) => envelope(desk, "1007", "订单号重复", Data::default()),
            (Outcome::AlreadyClosed, _) => envelope(desk, "1004", "订单已关闭", Data::default()),
            (Outcome::RefusedPaid, _) => envelope(desk, "1006", "订单已支付", Data::default()),
            (Outcome::NotFound, _) => envelope(desk, "4001", "订单不存在", Data::default()),
            (Outcome::UnknownCode, _) => envelope(desk, "7777", "未知", Data::default()),
            (Outcome::Refused(code), _) => {
                envelope(desk, code.as_deref().unwrap_or("3001"), "请求被拒绝", Data::default())
            }
            _ => envelope(desk, "5001", "未知错误", Data::default()),
        }
    }
}

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
        "payable_amount": yuan(order.charged_minor),
        "pay_url": order.qr.as_ref(),
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
    let changed_at = order.ended_at_ms.or(order.paid_at_ms).unwrap_or(order.created_at_ms);
    data! {
        "app_id": app_id,
        "trade_no": &order.gateway_number,
        "check_time": clock::spaced(desk.now_ms),
        "order_id": &order.order_number,
        "order_status": status(said, order),
        "pay_channel": 0_i64,
        "create_time": clock::spaced(order.created_at_ms),
        "pay_time": order.paid_at_ms.map(clock::spaced),
        "refund_time": None::<i64>,
        "update_time": clock::spaced(changed_at),
        "total_amount": yuan(order.charged_minor),
        "payable_amount": yuan(order.charged_minor),
        "real_amount": yuan(order.money_minor),
        "voucher_list": [],
        "refund_amount": 0_i64,
        "refund_list": [],
        "store_info": order.texts.get("store_info"),
        "goods_list": order.texts.get("goods_list"),
    }
}

/// H1: 1 paid, 4 closed, 0 paying, −1 failed.
fn status(said: &Said<'_>, order: &Order) -> i64 {
    match order.state {
        _ if said.unknown_state => 77,
        OrderState::Paid => 1,
        OrderState::Closed | OrderState::Reversed => 4,
        OrderState::Failed => -1,
        OrderState::Created | OrderState::Waiting if said.attempt_failed => -1,
        OrderState::Created | OrderState::Waiting => 0,
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
