//! BlueOcean version 1 (S1, B1): charge, QR order, query, reverse, close, refund, refund query. Answers carry their signature
//! inside `data`, errors none.

use super::blueocean_tables::{CHARGE_TABLE, CREATE_TABLE, NUMBER_TABLE, ORDER_TABLE, REFUND_TABLE};
use super::{
    Asked, Data, Desk, Gateway, Item, Op, Outcome, Reason, RefundAsked, RefundRefusal, Said, Sale, Seen, Wrong,
};
use super::{check_signature, data, identify, open, positive, texts};
use crate::clock;
use crate::fields::Fields;
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderKind, OrderState};
use crate::merchant::Merchant;
use crate::plan::Customer;
use crate::refunds::{Refund, RefundState};
use crate::sign;

pub(super) struct BlueOcean;

const MICROPAY: &str = "/wechat/payment/micropay";
const QUERY: &str = "/wechat/order/query";
const REVERSE: &str = "/wechat/order/reverse";
const CREATE: &str = "/wechat/order/create";
const CLOSE: &str = "/wechat/order/close";
const REFUND: &str = "/wechat/payment/refund";
/// B1: the index and the samples; the page's own text has `payments`.
const REFUND_QUERY: &str = "/wechat/payment/refundquery";

/// No limit is documented; the wallet's own is far below.
const MOST_CENTS: i64 = 100_000_000;

impl Gateway for BlueOcean {
    fn paths(&self) -> &'static [&'static str] {
        &[MICROPAY, QUERY, REVERSE, CREATE, CLOSE, REFUND, REFUND_QUERY]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            MICROPAY => (Op::Charge, CHARGE_TABLE),
            QUERY => (Op::Query, ORDER_TABLE),
            CREATE => (Op::Create, CREATE_TABLE),
            CLOSE => (Op::Close, NUMBER_TABLE),
            REFUND => (Op::Refund, REFUND_TABLE),
            REFUND_QUERY => (Op::RefundQuery, NUMBER_TABLE),
            _ => (Op::Reverse, ORDER_TABLE),
        };
        seen.op = Some(op);
        let fields = open(request)?;
        seen.order_number = fields.optional_text("out_trade_no");
        seen.refund_number = fields.optional_text("out_refund_no");
        seen.amount_minor = fields.int(if op == Op::Refund { "refund_fee" } else { "total_fee" });
        let merchant =
            identify(&fields, "appid", table, merchants, seen, |merchant, id| merchant.blueocean_v1.appid == id)?;
        let expected = sign::blueocean(&fields.pairs(), &merchants[merchant].blueocean_v1.key);
        check_signature(fields.text("sign"), &expected)?;
        let gateway_number = fields.optional_text("transaction_id");
        if seen.order_number.is_none() && gateway_number.is_none() {
            return Err(Wrong::new(Reason::Missing, "neither transaction_id nor out_trade_no"));
        }
        Ok(Asked {
            merchant,
            alipay: None,
            kind: None,
            op,
            order_number: seen.order_number.clone(),
            gateway_number,
            nonce: fields.optional_text("nonce_str"),
            sale: match op {
                Op::Charge => Some(charge(&fields)?),
                Op::Create => Some(create(&fields)?),
                _ => None,
            },
            refund: match op {
                Op::Refund => Some(refund(&fields)?),
                Op::RefundQuery => Some(RefundAsked::default()),
                _ => None,
            },
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        let code = match wrong.reason {
            Reason::Method => "4007",
            Reason::Json => "4001",
            Reason::Account => "4002",
            Reason::Missing => "4003",
            Reason::Signature => "4004",
            _ => "40100",
        };
        error(desk, code, &wrong.text)
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        match (&said.outcome, said.order()) {
            (Outcome::Order, Some(order)) => match said.op {
                Op::Charge => charged(order, desk),
                Op::Create => created(order, desk),
                Op::Refund => refunded(said, order, desk),
                Op::RefundQuery => refunds_queried(said, said.refunds(), order, desk),
                _ => queried(said, order, desk),
            },
            // B1: nothing of its own in the answer to a close.
            (Outcome::Closed, _) => success(desk, Data::default()),
            (Outcome::AlreadyClosed, _) => error(desk, "40103", "订单已关闭"),
            (Outcome::Refunded, _) => error(desk, "40105", "订单已退款"),
            (Outcome::WrongKind, _) => error(desk, "40100", "订单类型不支持该操作"),
            // B1 has no code for it, but a count.
            (Outcome::NoRefund, Some(order)) => refunds_queried(said, &[], order, desk),
            (Outcome::RefundRefused(refusal), _) => refund_refused(*refusal, desk),
            (Outcome::Reversed, _) => success(desk, data! {"recall": "N"}),
            (Outcome::Again, _) => success(desk, data! {"recall": "Y"}),
            (Outcome::Duplicate { paid: true } | Outcome::RefusedPaid, _) => error(desk, "40101", "订单已支付"),
            (Outcome::Duplicate { paid: false }, _) => error(desk, "40106", "商户订单号重复"),
            (Outcome::CodeUsed, _) => error(desk, "40111", "付款码已使用"),
            (Outcome::NotFound, _) => error(desk, "40102", "订单不存在"),
            // B1 names no code for it; the wallet calls it an invalid request.
            (Outcome::TooYoung, _) => error(desk, "40100", "请在支付15秒后再撤销"),
            (Outcome::UnknownCode, _) => error(desk, "49999", "未知错误"),
            (Outcome::Refused(code), _) => error(desk, code.as_deref().unwrap_or("40100"), "请求被拒绝"),
            _ => error(desk, "40400", "系统繁忙"),
        }
    }

    /// B1: the table of micropay without its envelope, on success only.
    fn notice<'a>(&self, order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>> {
        let paid_at = order.paid_at_ms.filter(|_| order.state == OrderState::Paid)?;
        let mut notice = table(order);
        notice.put("time_end", clock::compact(paid_at));
        Some(signed(desk, notice))
    }
}

fn charge(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let code = fields.text("auth_code");
    // S1: 18 digits that begin with 10 to 15.
    let prefix_fits = code.starts_with('1') && code[1..].starts_with(['0', '1', '2', '3', '4', '5']);
    if code.len() != 18 || !code.bytes().all(|byte| byte.is_ascii_digit()) || !prefix_fits {
        return Err(Wrong::new(Reason::Rule, "auth_code is not a WeChat payment code"));
    }
    Ok(Sale { code: Some(code.to_owned()), ..sale(fields)? })
}

fn create(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    if fields.text("trade_type") != "NATIVE" {
        return Err(Wrong::new(Reason::Rule, "trade_type is not NATIVE"));
    }
    let expires = fields.text("time_expire");
    let expires_at_ms = clock::read_compact(expires);
    if !expires.is_empty() && expires_at_ms.is_none() {
        return Err(Wrong::new(Reason::Rule, "time_expire is not yyyyMMddHHmmss"));
    }
    Ok(Sale { expires_at_ms, ..sale(fields)? })
}

/// What charge and QR order have in common.
fn sale(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    Ok(Sale {
        amount_minor: positive(fields.int("total_fee"), MOST_CENTS)?,
        currency: "HKD",
        code: None,
        expires_at_ms: None,
        texts: texts(fields, &["body", "detail", "attach", "device_info", "goods_tag", "scene_info", "mp_appid"]),
    })
}

fn refund(fields: &Fields<'_>) -> Result<RefundAsked, Wrong> {
    Ok(RefundAsked {
        number: fields.optional_text("out_refund_no"),
        amount_minor: Some(positive(fields.int("refund_fee"), MOST_CENTS)?),
        total_minor: fields.int("total_fee"),
        same_day: false,
    })
}

fn charged<'a>(order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    match order.state {
        OrderState::Paid => {
            let mut data = table(order);
            data.put("time_end", clock::compact(order.paid_at_ms.unwrap_or(desk.now_ms)));
            success(desk, data)
        }
        OrderState::Failed if order.customer == (Customer::Declines { at_once: true }) => {
            error(desk, "40100", "支付失败")
        }
        // A decline has no code of its own: it shows in the query (docs/sources.md).
        _ => envelope(desk, "201", "用户支付中", [].into()),
    }
}

fn created<'a>(order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let made = data! {
        "trade_type": "NATIVE",
        "prepay_id": format!("wx{}", desk.rng.digits(34)),
        "code_url": order.qr.as_ref(),
    };
    success(desk, made)
}

/// B1: accepted, and no word on how it stands.
fn refunded<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let mut data = data! {
        "transaction_id": &order.gateway_number,
        "out_trade_no": &order.order_number,
        "total_fee": order.charged_minor,
        "fee_type": &order.currency,
        "cash_fee": in_yuan(order.charged_minor),
        "cash_fee_type": "CNY",
        "rate": RATE,
    };
    if let Some(refund) = said.refunds().first() {
        data.put("out_refund_no", refund.refund_number.clone());
        data.put("refund_id", refund.gateway_number.clone());
        data.put("refund_fee", refund.amount_minor);
        data.put("refund_fee_type", &order.currency);
        data.put("cash_refund_fee", in_yuan(refund.amount_minor));
        data.put("cash_refund_fee_type", "CNY");
    }
    success(desk, data)
}

/// B1: all refunds of the order, each with its number in the names of its fields; WeChat counts from 0.
fn refunds_queried<'a>(said: &Said<'_>, refunds: &[Refund], order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let mut data = data! {
        "out_trade_no": &order.order_number,
        "transaction_id": &order.gateway_number,
        "total_fee": order.charged_minor,
        "fee_type": &order.currency,
        "cash_fee": in_yuan(order.charged_minor),
        "cash_fee_type": "CNY",
        "refund_count": refunds.len() as i64,
        "refund_fee": refunds.iter().map(|refund| refund.amount_minor).sum::<i64>(),
    };
    for (n, refund) in refunds.iter().enumerate() {
        let state = if said.unknown_state { "MYSTERY" } else { refund_status(refund) };
        data.put(format!("out_refund_no_{n}"), refund.refund_number.clone());
        data.put(format!("refund_id_{n}"), refund.gateway_number.clone());
        data.put(format!("refund_fee_{n}"), refund.amount_minor);
        data.put(format!("refund_status_{n}"), state);
        data.put(format!("refund_channel_{n}"), "ORIGINAL");
        data.put(format!("refund_account_{n}"), "REFUND_SOURCE_UNSETTLED_FUNDS");
        // B1's own spelling.
        data.put(format!("refund_recv_accout_{n}"), "支付用户的零钱");
        if let (RefundState::Succeeded, Some(at)) = (refund.state, refund.ended_at_ms) {
            data.put("refund_success_time", clock::spaced(at));
        }
    }
    success(desk, data)
}

fn refund_status(refund: &Refund) -> &'static str {
    match refund.state {
        RefundState::Accepted | RefundState::Processing => "PROCESSING",
        RefundState::Succeeded => "SUCCESS",
        RefundState::Failed => "REFUNDCLOSE",
        RefundState::Changed => "CHANGE",
    }
}

fn refund_refused<'a>(refusal: RefundRefusal, desk: &Desk<'_>) -> Data<'a> {
    let (code, text) = match refusal {
        RefundRefusal::FundsShort => ("40107", "商户余额不足"),
        RefundRefusal::PastPeriod => ("40108", "超过退款期限"),
        RefundRefusal::NothingLeft => ("40105", "订单已退款"),
        // B1 names no codes of their own for these.
        RefundRefusal::NumberTaken => ("40106", "商户退款单号重复"),
        RefundRefusal::Unpaid => ("40100", "订单未支付"),
        RefundRefusal::TooMuch => ("40100", "退款金额超限"),
        RefundRefusal::OtherTotal => ("40100", "订单金额不一致"),
    };
    error(desk, code, text)
}

fn queried<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let (state, text) = if said.unknown_state { ("MYSTERY", "未知") } else { state_words(order) };
    // B1: an open order shows its state and nothing else.
    let mut data = if order.is_open() { Data::default() } else { table(order) };
    data.put("trade_state", state);
    data.put("trade_state_desc", text);
    if let (OrderState::Paid, Some(at)) = (order.state, order.paid_at_ms) {
        // B1: the query writes the time in another form than micropay.
        data.put("time_end", clock::spaced(at));
    }
    success(desk, data)
}

/// Where an order stands, in both versions' words.
pub(super) fn state_words(order: &Order) -> (&'static str, &'static str) {
    match order.state {
        OrderState::Paid if order.is_refunded() => ("REFUND", "转入退款"),
        OrderState::Paid => ("SUCCESS", "支付成功"),
        OrderState::Failed => ("PAYERROR", "支付失败"),
        OrderState::Reversed => ("REVOKED", "已撤销"),
        OrderState::Closed => ("CLOSED", "已关闭"),
        OrderState::Created | OrderState::Waiting if order.customer == Customer::Never => ("NOTPAY", "未支付"),
        OrderState::Created | OrderState::Waiting => ("USERPAYING", "用户支付中"),
    }
}

/// How the wallet writes 0.92 yuan for the dollar.
const RATE: &str = "92000000";

/// What the customer pays in yuan cents: never to be held against the dollars.
fn in_yuan(cents: i64) -> i64 {
    cents * 92 / 100
}

/// The table that micropay and query share.
fn table(order: &Order) -> Data<'_> {
    let mut data = data! {
        "trade_type": if order.kind == OrderKind::Qr { "NATIVE" } else { "MICROPAY" },
        "bank_type": "CFT",
        "cash_fee": in_yuan(order.charged_minor),
        "cash_fee_type": "CNY",
        "out_trade_no": &order.order_number,
        "transaction_id": &order.gateway_number,
        "fee_type": &order.currency,
        "total_fee": order.charged_minor,
        "is_subscribe": "N",
    };
    for name in ["device_info", "attach"] {
        if let Some(text) = order.texts.get(name) {
            data.put(name, text);
        }
    }
    if order.texts.contains_key("mp_appid") {
        data.put("openid", format!("o{}", order.wallet_number));
    }
    data
}

fn success<'a>(desk: &mut Desk<'a>, data: Data<'a>) -> Data<'a> {
    let data = signed(desk, data);
    envelope(desk, "200", "success", data.into())
}

fn signed<'a>(desk: &mut Desk<'a>, mut data: Data<'a>) -> Data<'a> {
    if let Some(merchant) = desk.merchant {
        data.put("appid", &merchant.blueocean_v1.appid);
        data.put("nonce_str", desk.rng.alphanumeric(32));
        desk.sign(&mut data, sign::blueocean, &merchant.blueocean_v1.key);
    }
    data
}

fn error<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str) -> Data<'a> {
    envelope(desk, code, text, [].into())
}

/// `code` stands as text in the table and as a number in the samples (S1, B1); numbers are what is seen.
fn envelope<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str, data: Item<'a>) -> Data<'a> {
    data! {"code": desk.number_code(code), "message": text, "data": data}
}
