//! BlueOcean version 1 (S1, B1): charge, query, reverse. Answers carry their signature inside `data`, errors none.

use super::{Asked, Data, Desk, Gateway, Item, Op, Outcome, Reason, Said, Sale, Seen, Wrong};
use super::{check_signature, data, identify, open, positive, texts};
use crate::clock;
use crate::fields::{Fields, Is, Spec, may, must};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::Merchant;
use crate::plan::Customer;
use crate::sign;

pub(super) struct BlueOcean;

const MICROPAY: &str = "/wechat/payment/micropay";
const QUERY: &str = "/wechat/order/query";
const REVERSE: &str = "/wechat/order/reverse";

/// S1.
const CHARGE_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    may("mp_appid", Is::Text(32)),
    may("device_info", Is::Text(32)),
    must("body", Is::Text(128)),
    may("detail", Is::Text(8192)),
    may("attach", Is::Text(127)),
    must("out_trade_no", Is::Text(32)),
    must("total_fee", Is::Int),
    must("spbill_create_ip", Is::Ip(16)),
    may("goods_tag", Is::Text(32)),
    must("auth_code", Is::Text(128)),
    may("scene_info", Is::Text(256)),
];

/// B1: one of the two numbers.
const ORDER_TABLE: &[Spec] = &[
    must("appid", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    may("out_trade_no", Is::Text(32)),
];

/// No limit is documented; the wallet's own is far below.
const MOST_CENTS: i64 = 100_000_000;

impl Gateway for BlueOcean {
    fn paths(&self) -> &'static [&'static str] {
        &[MICROPAY, QUERY, REVERSE]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            MICROPAY => (Op::Charge, CHARGE_TABLE),
            QUERY => (Op::Query, ORDER_TABLE),
            _ => (Op::Reverse, ORDER_TABLE),
        };
        seen.op = Some(op);
        let fields = open(request)?;
        seen.order_number = fields.optional_text("out_trade_no");
        seen.amount_minor = fields.int("total_fee");
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
            op,
            order_number: seen.order_number.clone(),
            gateway_number,
            nonce: fields.optional_text("nonce_str"),
            sale: if op == Op::Charge { Some(sale(&fields)?) } else { None },
            refund: None,
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
            (Outcome::Order, Some(order)) if said.op == Op::Charge => charged(order, desk),
            (Outcome::Order, Some(order)) => queried(said, order, desk),
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
}

fn sale(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let code = fields.text("auth_code");
    // S1: 18 digits that begin with 10 to 15.
    let prefix_fits = code.starts_with('1') && code[1..].starts_with(['0', '1', '2', '3', '4', '5']);
    if code.len() != 18 || !code.bytes().all(|byte| byte.is_ascii_digit()) || !prefix_fits {
        return Err(Wrong::new(Reason::Rule, "auth_code is not a WeChat payment code"));
    }
    Ok(Sale {
        amount_minor: positive(fields.int("total_fee"), MOST_CENTS)?,
        currency: "HKD",
        code: Some(code.to_owned()),
        expires_at_ms: None,
        texts: texts(fields, &["body", "detail", "attach", "device_info", "goods_tag", "scene_info", "mp_appid"]),
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

fn queried<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let (state, text) = match order.state {
        _ if said.unknown_state => ("MYSTERY", "未知"),
        OrderState::Paid => ("SUCCESS", "支付成功"),
        OrderState::Failed => ("PAYERROR", "支付失败"),
        OrderState::Reversed => ("REVOKED", "已撤销"),
        OrderState::Closed => ("CLOSED", "已关闭"),
        OrderState::Created | OrderState::Waiting if order.customer == Customer::Never => ("NOTPAY", "未支付"),
        OrderState::Created | OrderState::Waiting => ("USERPAYING", "用户支付中"),
    };
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

/// The table that micropay and query share.
fn table(order: &Order) -> Data<'_> {
    let mut data = data! {
        "trade_type": "MICROPAY",
        "bank_type": "CFT",
        "cash_fee": order.charged_minor * 92 / 100,
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

fn success<'a>(desk: &mut Desk<'a>, mut data: Data<'a>) -> Data<'a> {
    if let Some(merchant) = desk.merchant {
        data.put("appid", &merchant.blueocean_v1.appid);
        data.put("nonce_str", desk.rng.alphanumeric(32));
        desk.sign(&mut data, sign::blueocean, &merchant.blueocean_v1.key);
    }
    envelope(desk, "200", "success", data.into())
}

fn error<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str) -> Data<'a> {
    envelope(desk, code, text, [].into())
}

/// `code` stands as text in the table and as a number in the samples (S1, B1); numbers are what is seen.
fn envelope<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str, data: Item<'a>) -> Data<'a> {
    data! {"code": desk.number_code(code), "message": text, "data": data}
}
