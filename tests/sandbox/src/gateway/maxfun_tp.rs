//! maxfun's merchant API (M1): charge, query, refund. It knows an order number, but no reverse and no refund number: a refund is
//! of all, and on the day of the payment only. Answers are unsigned. The charge counts in fen, the query in yuan.

use super::{
    Asked, Data, Desk, Gateway, Item, Op, Outcome, Reason, RefundAsked, RefundRefusal, Said, Sale, Seen, Wrong,
};
use super::{check_signature, data, identify, open, positive};
use crate::fields::{Fields, Is, Spec, must};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderState};
use crate::merchant::Merchant;
use crate::plan::{Code108, Customer};
use crate::sign;

pub(super) struct MaxfunTp;

const SCAN_PAY: &str = "/maxfunpay/services/tp/scan_pay";
const QUERY: &str = "/maxfunpay/services/tp/trade_query";
const REFUND: &str = "/maxfunpay/services/tp/trade_refund";

/// M1 states a length for the order number only.
const CHARGE_TABLE: &[Spec] = &[
    must("mch_key", Is::Text(64)),
    must("tp_trade_no", Is::Text(32)),
    must("auth_code", Is::Text(128)),
    must("total_fee", Is::Int),
    must("nonce_str", Is::Text(64)),
    must("sign", Is::Text(32)),
];

/// M1: query and refund.
const ORDER_TABLE: &[Spec] = &[
    must("mch_key", Is::Text(64)),
    must("tp_trade_no", Is::Text(32)),
    must("nonce_str", Is::Text(64)),
    must("sign", Is::Text(32)),
];

/// Code 109.
const MOST_FEN: i64 = 5_000_000;

impl Gateway for MaxfunTp {
    fn paths(&self) -> &'static [&'static str] {
        &[SCAN_PAY, QUERY, REFUND]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let (op, table) = match request.path.as_str() {
            SCAN_PAY => (Op::Charge, CHARGE_TABLE),
            QUERY => (Op::Query, ORDER_TABLE),
            _ => (Op::Refund, ORDER_TABLE),
        };
        seen.op = Some(op);
        let fields = open(request)?;
        seen.order_number = fields.optional_text("tp_trade_no");
        seen.amount_minor = fields.int("total_fee");
        let merchant =
            identify(&fields, "mch_key", table, merchants, seen, |merchant, key| merchant.maxfun_tp.mch_key == key)?;
        let expected = sign::maxfun_tp(&fields.pairs(), &merchants[merchant].maxfun_tp.mch_key);
        // S0: the case of the signature does not matter.
        check_signature(&fields.text("sign").to_ascii_lowercase(), &expected)?;
        Ok(Asked {
            merchant,
            alipay: None,
            kind: None,
            op,
            order_number: seen.order_number.clone(),
            gateway_number: None,
            nonce: fields.optional_text("nonce_str"),
            sale: if op == Op::Charge { Some(charge(&fields)?) } else { None },
            refund: (op == Op::Refund).then(|| RefundAsked { same_day: true, ..RefundAsked::default() }),
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        let code = match wrong.reason {
            Reason::Signature => "202",
            Reason::Account => "203",
            Reason::TooMuch => "109",
            Reason::Rule => "103",
            _ => "201",
        };
        ret(desk, code, &wrong.text)
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        match (&said.outcome, said.order()) {
            (Outcome::Order, Some(order)) => match said.op {
                Op::Charge => charged(order, desk),
                Op::Refund => ret(desk, "0", "退款成功"),
                _ => queried(said, order, desk),
            },
            (Outcome::NotFound, _) => ret(desk, "207", "订单不存在"),
            (Outcome::Duplicate { paid: true }, _) => ret(desk, "206", "该订单已完成"),
            // M1: the number is unique, and what a second one gets before the first is paid is not said.
            (Outcome::Duplicate { paid: false }, _) => ret(desk, "201", "tp_trade_no重复"),
            (Outcome::CodeUsed, _) => ret(desk, "103", "支付失败：付款码已使用"),
            (Outcome::RefundRefused(refusal), _) => {
                let (code, text) = refusal_words(*refusal);
                ret(desk, code, text)
            }
            (Outcome::Refused(code), _) => {
                let usual = if said.op == Op::Refund { "205" } else { "103" };
                ret(desk, code.as_deref().unwrap_or(usual), "请求被拒绝")
            }
            (Outcome::UnknownCode, _) => ret(desk, "777", "未知"),
            _ => ret(desk, "102", "系统繁忙，稍后再试。"),
        }
    }

    /// M1: on success only, with the amount in fen.
    fn notice<'a>(&self, order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>> {
        let merchant = desk.merchant.filter(|_| order.state == OrderState::Paid)?;
        let mut notice = table(order);
        notice.put("mch_key", &merchant.maxfun_tp.mch_key);
        notice.put("pay_status", 1_i64);
        notice.put("total_fee", order.charged_minor);
        desk.sign(&mut notice, sign::maxfun_tp, &merchant.maxfun_tp.mch_key);
        Some(notice)
    }
}

fn charge(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let code = fields.text("auth_code");
    // 1.4 and 7: WeChat, Alipay, JD, QQ.
    let payment_type: i64 = match code.get(..2).unwrap_or_default() {
        "25" | "26" | "27" | "28" | "29" | "30" => 2,
        "18" => 4,
        "91" => 5,
        _ => 1,
    };
    Ok(Sale {
        amount_minor: positive(fields.int("total_fee"), MOST_FEN)?,
        currency: "CNY",
        code: Some(code.to_owned()),
        expires_at_ms: None,
        texts: [("payment_type".to_owned(), payment_type.into())].into(),
    })
}

fn charged<'a>(order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    match (order.state, desk.code_108) {
        (OrderState::Paid, _) => {
            let mut result = table(order);
            result.put("ret", desk.number_code("0"));
            result.put("msg", "支付成功");
            // In fen here.
            result.put("total_fee", order.charged_minor);
            enveloped(result)
        }
        (OrderState::Failed, _) if order.customer == Customer::Never => {
            ret(desk, "108", "支付超时，该单已撤销，请重新扫描支付")
        }
        (OrderState::Failed, _) => ret(desk, "103", "支付失败：余额不足"),
        (_, Code108::Password) => ret(desk, "108", "需要用户输入支付密码"),
        _ => ret(desk, "101", "网络延迟，请以顾客支付状态为准！"),
    }
}

fn queried<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let mut result = table(order);
    let status: i64 = match order.state {
        _ if said.unknown_state => 77,
        OrderState::Paid if order.refunded_minor() > 0 => 4,
        OrderState::Paid => 1,
        OrderState::Failed | OrderState::Reversed | OrderState::Closed => 3,
        OrderState::Created | OrderState::Waiting => 0,
    };
    result.put("pay_status", status);
    result.put("mch_key", desk.merchant.map(|merchant| &merchant.maxfun_tp.mch_key));
    // M1: a Double, in yuan.
    result.put("total_fee", order.charged_minor as f64 / 100.0);
    enveloped(result)
}

/// What the answers to a paid charge and to a query share.
fn table(order: &Order) -> Data<'_> {
    let mut result = data! {
        "payment_type": order.texts.get("payment_type"),
        "tp_trade_no": &order.order_number,
        "out_trade_no": &order.gateway_number,
    };
    if order.paid_at_ms.is_some() {
        result.put("identifier", format!("o{}", order.wallet_number));
    }
    result
}

fn refusal_words(refusal: RefundRefusal) -> (&'static str, &'static str) {
    match refusal {
        RefundRefusal::Unpaid => ("208", "订单未支付"),
        RefundRefusal::NothingLeft | RefundRefusal::NumberTaken => ("209", "订单已退款"),
        RefundRefusal::PastPeriod => ("210", "只能退当天的订单"),
        // M1 names no codes for these.
        RefundRefusal::FundsShort => ("103", "商户余额不足"),
        RefundRefusal::TooMuch | RefundRefusal::OtherTotal => ("201", "退款金额错误"),
    }
}

fn ret<'a>(desk: &Desk<'_>, code: &'a str, text: &'a str) -> Data<'a> {
    let code: Item<'a> = desk.number_code(code);
    enveloped(data! {"ret": code, "msg": text})
}

fn enveloped(result: Data<'_>) -> Data<'_> {
    data! {"status": data! {"code": "200", "message": "success"}, "result": result}
}
