//! maxfun's device API (S0): one path, a charge, no order number in either direction, unsigned answers.

use super::{Asked, Data, Desk, Gateway, Op, Outcome, Reason, Said, Sale, Seen, Wrong};
use super::{check_signature, data, identify, open, positive};
use crate::fields::{Is, Spec, must};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::Merchant;
use crate::plan::Customer;
use crate::sign;

pub(super) struct Maxfun;

/// S0 states no lengths but the signature's.
const TABLE: &[Spec] = &[
    must("devices_key", Is::Text(64)),
    must("auth_code", Is::Text(128)),
    must("total_fee", Is::Int),
    must("nonce_str", Is::Text(64)),
    must("sign", Is::Text(32)),
];

/// S0, code 109.
const MOST_FEN: i64 = 5_000_000;

impl Gateway for Maxfun {
    fn paths(&self) -> &'static [&'static str] {
        &["/maxfunpay/services/devices_scan_pay"]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        seen.op = Some(Op::Charge);
        let fields = open(request)?;
        seen.amount_minor = fields.int("total_fee");
        seen.order_number = fields.optional_text("nonce_str").map(|nonce| format!("maxfun:{nonce}"));
        let merchant = identify(&fields, "devices_key", TABLE, merchants, seen, |merchant, key| {
            merchant.maxfun_device.devices_key == key
        })?;
        let expected = sign::maxfun(&fields.pairs(), &merchants[merchant].maxfun_device.devices_key);
        // S0: the case of the signature does not matter.
        check_signature(&fields.text("sign").to_ascii_lowercase(), &expected)?;
        let sale = Sale {
            amount_minor: positive(fields.int("total_fee"), MOST_FEN)?,
            currency: "CNY",
            code: fields.optional_text("auth_code"),
            expires_at_ms: None,
            texts: Default::default(),
        };
        Ok(Asked {
            merchant,
            alipay: None,
            kind: None,
            op: Op::Charge,
            order_number: seen.order_number.clone(),
            gateway_number: None,
            nonce: fields.optional_text("nonce_str"),
            sale: Some(sale),
            refund: None,
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        // M1: 201 to 203 are documented for the merchant API only; the device page lists none for these cases.
        let code = match wrong.reason {
            Reason::Signature => "202",
            Reason::Account => "203",
            Reason::TooMuch => "109",
            Reason::Rule => "103",
            _ => "201",
        };
        result(desk, code, &wrong.text)
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        let order = said.order();
        match &said.outcome {
            Outcome::Order => match order.map(|order| (order.state, &order.customer)) {
                Some((OrderState::Paid, _)) => result(desk, "0", "支付成功"),
                Some((OrderState::Failed, Customer::Never)) => {
                    result(desk, "108", "支付超时，该单已撤销，请重新扫描支付")
                }
                Some((OrderState::Failed, _)) => result(desk, "103", "支付失败：余额不足"),
                _ => result(desk, "101", "网络延迟，请以顾客支付状态为准！"),
            },
            Outcome::CodeUsed => result(desk, "103", "支付失败：付款码已使用"),
            Outcome::Refused(code) => result(desk, code.as_deref().unwrap_or("103"), "支付失败"),
            Outcome::UnknownCode => result(desk, "777", "未知"),
            _ => result(desk, "102", "系统繁忙，稍后再试。"),
        }
    }

    /// S0 knows none.
    fn notice<'a>(&self, _: &'a Order, _: &mut Desk<'a>) -> Option<Data<'a>> {
        None
    }
}

fn result<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str) -> Data<'a> {
    data! {
        "status": data! {"code": "200", "message": "success"},
        "result": data! {"status": desk.number_code(code), "msg": text},
    }
}
