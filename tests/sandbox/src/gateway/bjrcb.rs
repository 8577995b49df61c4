//! Beijing Rural Commercial Bank (S2, J2): one path, `service_type` tells wallet and operation, every answer signed.

use super::bjrcb_tables::{CHARGE_TABLE, CREATE_TABLE, ORDER_TABLE, REFUND_QUERY_TABLE, REFUND_TABLE};
use super::{Asked, Data, Desk, Gateway, Op, Outcome, Reason, RefundAsked, RefundRefusal, Said, Sale, Seen, Wrong};
use super::{check_signature, data, identify, open, positive, texts};
use crate::clock;
use crate::fields::{Fields, Spec};
use crate::http::HttpRequest;
use crate::ledger::{Order, OrderKind, OrderState};
use crate::merchant::Merchant;
use crate::plan::Customer;
use crate::refunds::RefundState;
use crate::sign;

pub(super) struct Bjrcb;

/// S2: `total_fee` comes back in a varchar(11).
const MOST_FEN: i64 = 99_999_999_999;

impl Gateway for Bjrcb {
    fn paths(&self) -> &'static [&'static str] {
        &["/gateway"]
    }

    fn read(&self, request: &HttpRequest, merchants: &[Merchant], seen: &mut Seen) -> Result<Asked, Wrong> {
        let fields = open(request)?;
        let (wallet, op, table) = service(fields.text("service_type"))?;
        seen.op = Some(op);
        seen.order_number = fields.optional_text("out_trade_no");
        seen.refund_number = fields.optional_text("out_refund_no");
        seen.amount_minor = fields.int(if op == Op::Refund { "refund_fee" } else { "total_fee" });
        let merchant = identify(&fields, "mch_id", table, merchants, seen, |merchant, id| merchant.bjrcb.mch_id == id)?;
        let expected = sign::bjrcb(&fields.pairs(), &merchants[merchant].bjrcb.key);
        check_signature(fields.text("sign"), &expected)?;
        let gateway_number = fields.optional_text("transaction_id");
        // A refund's own number is enough to ask about it.
        if op != Op::RefundQuery && seen.order_number.is_none() && gateway_number.is_none() {
            return Err(Wrong::new(Reason::Missing, "neither transaction_id nor out_trade_no"));
        }
        Ok(Asked {
            merchant,
            alipay: Some(wallet == Wallet::Alipay),
            kind: None,
            op,
            order_number: seen.order_number.clone(),
            gateway_number,
            nonce: fields.optional_text("nonce_str"),
            sale: match op {
                Op::Charge => Some(charge(wallet, &fields)?),
                Op::Create => Some(sale(&fields)?),
                _ => None,
            },
            refund: match op {
                Op::Refund | Op::RefundQuery => Some(refund(op, &fields)?),
                _ => None,
            },
        })
    }

    fn refuse<'a>(&self, wrong: &'a Wrong, desk: &mut Desk<'a>) -> Data<'a> {
        error(desk, &wrong.text)
    }

    fn answer<'a>(&self, said: &'a Said<'_>, desk: &mut Desk<'a>) -> Data<'a> {
        match (&said.outcome, said.order()) {
            (Outcome::Order, Some(order)) if matches!(said.op, Op::Refund | Op::RefundQuery) => {
                refunded(said, order, desk)
            }
            (Outcome::Order, Some(order)) if said.op == Op::Create => {
                let mut data = table(order, "NOTPAY");
                data.put("code_url", order.qr.as_ref());
                signed(desk, data)
            }
            (Outcome::Order | Outcome::CodeUsed, Some(order)) => {
                let mut data = table(order, if said.unknown_state { "MYSTERY" } else { state(order) });
                if said.outcome == Outcome::CodeUsed {
                    complain(&mut data, "AUTH_CODE_INVALID", "付款码无效");
                }
                if said.op == Op::Charge && !order.is_alipay() {
                    // J3: the only word that spares the query.
                    data.put("need_query", if order.is_open() { "Y" } else { "N" });
                }
                signed(desk, data)
            }
            (Outcome::Reversed, Some(order)) => signed(desk, table(order, "REVOKED")),
            (Outcome::Closed | Outcome::AlreadyClosed, Some(order)) => signed(desk, table(order, "CLOSED")),
            (Outcome::Again, Some(order)) => not_ended(desk, order, "USERPAYING", "SYSTEMERROR", "请重试"),
            (Outcome::RefusedPaid, Some(order)) => {
                not_ended(desk, order, "SUCCESS", "ORDERPAID", "订单已支付，不能撤销")
            }
            (Outcome::Refunded, Some(order)) => {
                not_ended(desk, order, "REFUND", "ORDERREFUNDED", "订单已退款，不能撤销")
            }
            (Outcome::RefundRefused(refusal), _) => refund_refused(*refusal, desk),
            (Outcome::NoRefund, _) => failed(desk, "REFUNDNOTEXIST", "退款单不存在"),
            (Outcome::WrongKind, _) => error(desk, "订单类型不支持该操作"),
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

    /// J2: the fields of the answer.
    fn notice<'a>(&self, order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>> {
        Some(signed(desk, table(order, state(order))))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wallet {
    Alipay,
    Wechat,
}

/// J2: the wallet, then the operation. The refund queries and Alipay's close are named like their neighbours.
fn service(name: &str) -> Result<(Wallet, Op, &'static [Spec]), Wrong> {
    let unknown = || Wrong::new(Reason::Format, format!("service_type {name:?} is not offered"));
    let (wallet, operation) = match name.split_once('_').ok_or_else(unknown)? {
        ("ALIPAY", operation) => (Wallet::Alipay, operation),
        ("WECHAT", operation) => (Wallet::Wechat, operation),
        _ => return Err(unknown()),
    };
    let (op, table) = match operation {
        "MICRO" => (Op::Charge, CHARGE_TABLE),
        "SCANNED" => (Op::Create, CREATE_TABLE),
        "ORDERQUERY" => (Op::Query, ORDER_TABLE),
        "REVERSEORDER" => (Op::Reverse, ORDER_TABLE),
        "CLOSEORDER" => (Op::Close, ORDER_TABLE),
        "REFUND" => (Op::Refund, REFUND_TABLE),
        "REFUNDQUERY" => (Op::RefundQuery, REFUND_QUERY_TABLE),
        _ => return Err(unknown()),
    };
    Ok((wallet, op, table))
}

fn rule<T>(text: &str) -> Result<T, Wrong> {
    Err(Wrong::new(Reason::Rule, text))
}

fn charge(wallet: Wallet, fields: &Fields<'_>) -> Result<Sale, Wrong> {
    let code = fields.text("auth_code");
    let (prefixes, lengths) = match wallet {
        // A1: 16 to 24 digits, 25 to 30 in front (S2's "28" is the older rule, and inside it).
        Wallet::Alipay => (25..=30, 16..=24),
        // W1.
        Wallet::Wechat => (10..=15, 18..=18),
    };
    let prefix: u32 = code.get(..2).and_then(|prefix| prefix.parse().ok()).unwrap_or_default();
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !lengths.contains(&code.len()) || !prefixes.contains(&prefix) {
        return rule("auth_code is no payment code of this wallet");
    }
    if !matches!(fields.text("scene"), "bar_code" | "wave_code") {
        return rule("scene is neither bar_code nor wave_code");
    }
    // The end of a charge is the customer's patience, not its time_expire.
    Ok(Sale { code: Some(code.to_owned()), expires_at_ms: None, ..sale(fields)? })
}

/// What charge and QR order have in common.
fn sale(fields: &Fields<'_>) -> Result<Sale, Wrong> {
    if !matches!(fields.text("limit_pay"), "" | "no_credit" | "no_pcredit" | "only_pcredit") {
        return rule("limit_pay is none of the three");
    }
    moment(fields.text("time_start"))?;
    let described = ["service_type", "subject", "body", "detail", "device_info", "op_user_id", "store_id", "scene"];
    Ok(Sale {
        amount_minor: positive(fields.int("total_fee"), MOST_FEN)?,
        currency: "CNY",
        code: None,
        expires_at_ms: moment(fields.text("time_expire"))?,
        texts: texts(fields, &described),
    })
}

fn moment(text: &str) -> Result<Option<i64>, Wrong> {
    match clock::read_compact(text) {
        None if !text.is_empty() => rule("a time is not yyyyMMddHHmmss"),
        moment => Ok(moment),
    }
}

fn refund(op: Op, fields: &Fields<'_>) -> Result<RefundAsked, Wrong> {
    let amount_minor = match op {
        Op::Refund => Some(positive(fields.int("refund_fee"), MOST_FEN)?),
        _ => None,
    };
    Ok(RefundAsked { number: fields.optional_text("out_refund_no"), amount_minor, ..RefundAsked::default() })
}

fn state(order: &Order) -> &'static str {
    match order.state {
        OrderState::Paid if order.is_refunded() => "REFUND",
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
        data.put("time_end", clock::compact(at));
        if order.is_alipay() {
            data.put("alipay_transaction_id", &order.wallet_number);
            data.put("buyer_logon_id", "138****0000");
        } else {
            // J2.
            data.put("wechat_transaction_id", &order.wallet_number);
            data.put("openid", format!("o{}", order.wallet_number));
            data.put("is_subscribe", "N");
            data.put("bank_type", "CFT");
            data.put("trade_type", if order.kind == OrderKind::Qr { "NATIVE" } else { "MICROPAY" });
        }
    }
    data
}

/// The refund, and how it stands: the same words for both operations.
fn refunded<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let mut data = data! {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "out_trade_no": &order.order_number,
        "transaction_id": &order.gateway_number,
    };
    if order.currency != "CNY" {
        data.put("refund_fee_type", &order.currency);
    }
    if let Some(refund) = said.refunds().first() {
        data.put("out_refund_no", refund.refund_number.clone());
        data.put("refund_id", refund.gateway_number.clone());
        // Text on the way out, as `total_fee` is.
        data.put("refund_fee", refund.amount_minor.to_string());
        let status = match refund.state {
            _ if said.unknown_state => "MYSTERY",
            RefundState::Accepted | RefundState::Processing => "PROCESSING",
            RefundState::Succeeded => "SUCCESS",
            RefundState::Failed => "FAIL",
            RefundState::Changed => "CHANGE",
        };
        data.put("refund_status", status);
    }
    signed(desk, data)
}

/// Nothing was begun. A refusal says no `refund_status`: that would be a word about a refund that exists.
fn refund_refused<'a>(refusal: RefundRefusal, desk: &mut Desk<'a>) -> Data<'a> {
    let (code, text) = match refusal {
        RefundRefusal::Unpaid => ("ORDERNOTPAID", "订单未支付"),
        RefundRefusal::NothingLeft => ("ORDERREFUNDED", "订单已全额退款"),
        RefundRefusal::TooMuch | RefundRefusal::OtherTotal => ("REFUND_FEE_INVALID", "退款金额大于可退金额"),
        RefundRefusal::NumberTaken => ("REFUND_NO_USED", "退款单号重复"),
        RefundRefusal::FundsShort => ("NOTENOUGH", "商户余额不足"),
        RefundRefusal::PastPeriod => ("TRADE_OVERDUE", "超过退款期限"),
    };
    failed(desk, code, text)
}

fn failed<'a>(desk: &mut Desk<'a>, code: &'a str, text: &'a str) -> Data<'a> {
    let mut data = data! {"return_code": "SUCCESS", "result_code": "FAIL"};
    complain(&mut data, code, text);
    signed(desk, data)
}

/// A reverse or close that was not done: the order as it stands, and why.
fn not_ended<'a>(desk: &mut Desk<'a>, order: &'a Order, state: &'a str, code: &'a str, text: &'a str) -> Data<'a> {
    let mut data = table(order, state);
    complain(&mut data, code, text);
    signed(desk, data)
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
