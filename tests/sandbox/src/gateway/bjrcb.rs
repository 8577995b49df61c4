//! Beijing Rural Commercial Bank (S2, J2): one path, `service_type` tells the operation, every answer signed.

use super::{Asked, Data, Desk, Gateway, Op, Outcome, Reason, Said, Sale, Seen, Wrong};
use super::{check_signature, data, identify, open, positive, texts};
use crate::clock;
use crate::fields::{Fields, Is, Spec, may, must};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::Merchant;
use crate::plan::Customer;
use crate::sign;

pub(super) struct Bjrcb;

/// S2.
const CHARGE_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    must("out_trade_no", Is::Text(32)),
    must("auth_code", Is::Text(32)),
    must("total_fee", Is::Int),
    must("subject", Is::Text(256)),
    may("detail", Is::Text(6000)),
    must("body", Is::Text(127)),
    may("time_start", Is::Text(32)),
    may("time_expire", Is::Text(32)),
    may("op_user_id", Is::Text(32)),
    may("store_id", Is::Text(32)),
    must("device_info", Is::Text(32)),
    must("scene", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    may("limit_pay", Is::Text(32)),
    must("sign", Is::Text(32)),
];

/// J2: names from clients.
const ORDER_TABLE: &[Spec] = &[
    must("service_type", Is::Text(32)),
    must("mch_id", Is::Text(32)),
    may("out_trade_no", Is::Text(32)),
    may("transaction_id", Is::Text(32)),
    must("nonce_str", Is::Text(32)),
    must("sign", Is::Text(32)),
];

/// S2: `total_fee` comes back in a varchar(11).
const MOST_FEN: i64 = 99_999_999_999;

impl Gateway for Bjrcb {
    fn paths(&self) -> &'static [&'static str] {
        &["/gateway"]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let fields = open(request)?;
        let (op, table) = match fields.text("service_type") {
            "ALIPAY_MICRO" => (Op::Charge, CHARGE_TABLE),
            "ALIPAY_ORDERQUERY" => (Op::Query, ORDER_TABLE),
            "ALIPAY_REVERSEORDER" => (Op::Reverse, ORDER_TABLE),
            other => return Err(Wrong::new(Reason::Format, format!("service_type {other:?} is not offered"))),
        };
        seen.op = Some(op);
        seen.order_number = fields.optional_text("out_trade_no");
        seen.amount_minor = fields.int("total_fee");
        let merchant = identify(&fields, "mch_id", table, merchants, seen, |merchant, id| merchant.bjrcb.mch_id == id)?;
        let expected = sign::bjrcb(&fields.pairs(), &merchants[merchant].bjrcb.key);
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
        error(desk, &wrong.text)
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        match (&said.outcome, said.order()) {
            (Outcome::Order | Outcome::CodeUsed, Some(order)) => {
                let mut data = table(order, if said.unknown_state { "MYSTERY" } else { state(order) });
                if said.outcome == Outcome::CodeUsed {
                    complain(&mut data, "AUTH_CODE_INVALID", "付款码无效");
                }
                signed(desk, data)
            }
            (Outcome::Reversed, Some(order)) => signed(desk, table(order, "REVOKED")),
            (Outcome::Again, Some(order)) => {
                let mut data = table(order, "USERPAYING");
                complain(&mut data, "SYSTEMERROR", "请重试");
                signed(desk, data)
            }
            (Outcome::RefusedPaid, Some(order)) => {
                let mut data = table(order, "SUCCESS");
                complain(&mut data, "ORDERPAID", "订单已支付，不能撤销");
                signed(desk, data)
            }
            (Outcome::UnknownCode, Some(order)) => {
                let mut data = table(order, state(order));
                data.put("return_code", "MYSTERY");
                signed(desk, data)
            }
            // Not documented; the words are those a bank would use (docs/sources.md).
            (Outcome::NotFound, order) => {
                let mut data = data! {"return_code": "SUCCESS", "result_code": "FAIL", "trade_state": "FAIL"};
                if let Some(order) = order {
                    data.put("out_trade_no", &order.order_number);
                }
                complain(&mut data, "ORDERNOTEXIST", "订单不存在");
                signed(desk, data)
            }
            (Outcome::Refused(code), _) => {
                let mut data = data! {"return_code": "SUCCESS", "result_code": "FAIL", "trade_state": "FAIL"};
                complain(&mut data, code.as_deref().unwrap_or("SYSTEMREFUSED"), "交易被拒绝");
                signed(desk, data)
            }
            (Outcome::UnknownCode, None) => signed(desk, data! {"return_code": "MYSTERY"}),
            (Outcome::Duplicate { .. }, _) => error(desk, "商户订单号重复"),
            (Outcome::TooYoung, _) => error(desk, "请稍后再撤销"),
            _ => error(desk, "系统繁忙"),
        }
    }
}

fn sale(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let rule = |text: &str| Err(Wrong::new(Reason::Rule, text));
    let code = fields.text("auth_code");
    // A1: 16 to 24 digits, 25 to 30 in front (S2's "28" is the older rule, and inside it).
    let prefix: u32 = code.get(..2).and_then(|prefix| prefix.parse().ok()).unwrap_or_default();
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !(16..=24).contains(&code.len()) || !(25..=30).contains(&prefix) {
        return rule("auth_code is not an Alipay payment code");
    }
    if !matches!(fields.text("scene"), "bar_code" | "wave_code") {
        return rule("scene is neither bar_code nor wave_code");
    }
    if !matches!(fields.text("limit_pay"), "" | "no_credit" | "no_pcredit" | "only_pcredit") {
        return rule("limit_pay is none of the three");
    }
    for name in ["time_start", "time_expire"] {
        let text = fields.text(name);
        if !text.is_empty() && (text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit())) {
            return rule("a time is not yyyyMMddHHmmss");
        }
    }
    Ok(Sale {
        amount_minor: positive(fields.int("total_fee"), MOST_FEN)?,
        currency: "CNY",
        code: Some(code.to_owned()),
        expires_at_ms: None,
        texts: texts(fields, &["subject", "body", "detail", "device_info", "op_user_id", "store_id", "scene"]),
    })
}

fn state(order: &Order) -> &'static str {
    match order.state {
        OrderState::Paid => "SUCCESS",
        OrderState::Failed => "PAYERROR",
        OrderState::Reversed => "REVOKED",
        OrderState::Closed => "CLOSED",
        OrderState::Created | OrderState::Waiting if order.customer == Customer::Never => "NOTPAY",
        OrderState::Created | OrderState::Waiting => "USERPAYING",
    }
}

fn table<'a>(order: &'a Order, state: &'a str) -> Data<'a> {
    let mut data = data! {
        "return_code": "SUCCESS",
        "result_code": state,
        "trade_state": state,
        "out_trade_no": &order.order_number,
        // S2: a number on the way in, text on the way out.
        "total_fee": order.charged_minor.to_string(),
        "transaction_id": &order.gateway_number,
    };
    if let Some(device) = order.texts.get("device_info") {
        data.put("device_info", device);
    }
    if order.currency != "CNY" {
        // S2 has no currency; receivers must bear added fields (J2).
        data.put("fee_type", &order.currency);
    }
    if let Some(at) = order.paid_at_ms {
        data.put("alipay_transaction_id", &order.wallet_number);
        data.put("buyer_logon_id", "138****0000");
        data.put("time_end", clock::compact(at));
    }
    data
}

fn complain<'a>(data: &mut Data<'a>, code: &'a str, text: &'a str) {
    data.put("err_code", code);
    data.put("err_code_des", text);
}

fn error<'a>(desk: &mut Desk<'a>, text: &'a str) -> Data<'a> {
    signed(desk, data! {"return_code": "ERROR_CODE", "return_msg": text})
}

/// Signs for the merchant; an answer to nobody known goes unsigned.
fn signed<'a>(desk: &mut Desk<'a>, mut data: Data<'a>) -> Data<'a> {
    if let Some(merchant) = desk.merchant {
        data.put("mch_id", &merchant.bjrcb.mch_id);
        data.put("nonce_str", desk.rng.hex(32));
        desk.sign(&mut data, sign::bjrcb, &merchant.bjrcb.key);
    }
    data
}
