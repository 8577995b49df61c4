//! How Tencent's answers are written: orders and refunds as they stand, and the signed text around them.

use std::fmt::Write as _;

use super::{Data, Desk, Item, Op, Said, data};
use crate::clock;
use crate::ledger::{Order, OrderKind, OrderState};
use crate::refunds::{Refund, RefundState};
use crate::sign;

/// 4.6.
const TRADE_TYPE_BAR_CODE: i64 = 1;
pub(super) const TRADE_TYPE_QR: i64 = 2;
pub(super) const WECHAT: i64 = 1;
pub(super) const ALIPAY: i64 = 2;

/// The part of an answer that is the operation's own, and its name.
pub(super) type Own<'a> = Option<(&'static str, Data<'a>)>;

/// The object in which an operation's own answer stands.
pub(super) fn name_of(op: Op) -> &'static str {
    match op {
        Op::Charge => "micro_pay",
        Op::Create => "scan_code_pay",
        Op::Query | Op::Detail => "query_order",
        Op::Reverse => "reverse",
        Op::Close => "close_order",
        Op::Refund => "refund",
        Op::RefundQuery => "query_refund_order",
    }
}

/// The answer to a charge, a query and the two about refunds: the account, and what there is to tell.
pub(super) fn told<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let nonce = desk.rng.alphanumeric(32);
    let (name, shown): (_, Item<'a>) = match said.op {
        Op::Refund => {
            ("refund_order_content", said.refunds().first().map(|refund| refund_content(said, order, refund)).into())
        }
        Op::RefundQuery => {
            let list: Vec<_> = said.refunds().iter().map(|refund| refund_content(said, order, refund)).collect();
            ("refund_order_content", list.into())
        }
        _ => ("order_content", order_content(said, order, desk).into()),
    };
    let mut told = data! {"nonce_str": nonce, "pay_mch_key": account(order, desk)};
    told.put(name, shown);
    told
}

fn account<'a>(order: &Order, desk: &Desk<'a>) -> Data<'a> {
    let account = desk.merchant.map(|merchant| &merchant.tencent_cpay);
    data! {
        "pay_platform": if order.is_alipay() { ALIPAY } else { WECHAT },
        "out_mch_id": account.map(|account| &account.out_mch_id),
        "out_sub_mch_id": account.map(|account| &account.out_sub_mch_id),
        "out_shop_id": account.map(|account| &account.out_shop_id),
    }
}

fn trade_type(order: &Order) -> i64 {
    if order.kind == OrderKind::Qr { TRADE_TYPE_QR } else { TRADE_TYPE_BAR_CODE }
}

pub(super) fn order_content<'a>(said: &Said<'_>, order: &'a Order, desk: &mut Desk<'a>) -> Data<'a> {
    let alipay = order.is_alipay();
    let (state, text) = if alipay { alipay_state(said, order) } else { wechat_state(said, order) };
    let mut shown = data! {
        "out_trade_no": &order.order_number,
        "trade_type": trade_type(order),
        "nonce_str": desk.rng.alphanumeric(32),
        "create_time": order.created_at_ms / 1000,
        "last_update_time": order.ended_at_ms.or(order.paid_at_ms).unwrap_or(order.created_at_ms) / 1000,
        // T2: whether it is being worked on, as while the wallet waits for the customer's password.
        "is_transforming": order.kind == OrderKind::Charge && order.is_open(),
        "total_fee": order.charged_minor,
        "fee_type": &order.currency,
    };
    if let Some(qr) = &order.qr {
        shown.put("code_url", qr);
    }
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
    if alipay && order.state == OrderState::Paid {
        ext.put("buyer_logon_id", "138****0000");
        // T2: `refunded_fee` stands in client_order_detail only.
        ext.put("refund_fee", order.refunded_minor());
    }
    if let (false, Some(attach)) = (alipay, order.texts.get("attach")) {
        ext.put("attach", attach);
    }
    shown.put(if alipay { "alipay_order_content_ext" } else { "wxpay_order_content_ext" }, ext);
    shown
}

/// 4.6, WxpayOrderState. A failed attempt leaves a QR order open: "customer stopped", and then it waits again.
fn wechat_state(said: &Said<'_>, order: &Order) -> (i64, &'static str) {
    let qr = order.kind == OrderKind::Qr;
    match order.state {
        _ if said.unknown_state => (99, "未知"),
        OrderState::Paid if order.is_refunded() => (4, "转入退款"),
        OrderState::Paid if qr => (3, "支付成功"),
        OrderState::Paid => (2, "支付成功"),
        OrderState::Reversed if !qr => (8, "已撤销"),
        OrderState::Reversed | OrderState::Closed => (7, "已关闭"),
        OrderState::Failed => (10, "支付错误"),
        _ if said.attempt_failed => (5, "用户支付失败"),
        _ if qr => (6, "等待用户支付"),
        _ => (9, "用户支付中"),
    }
}

/// 4.6, AlipayOrderState. 5 is closed, and refunded in full too; a refund of a part leaves 2.
fn alipay_state(said: &Said<'_>, order: &Order) -> (i64, &'static str) {
    match order.state {
        _ if said.unknown_state => (99, "未知"),
        OrderState::Paid if order.bound_minor() >= order.money_minor => (5, "已关闭"),
        OrderState::Paid => (2, "支付成功"),
        OrderState::Reversed | OrderState::Closed | OrderState::Failed => (5, "已关闭"),
        _ => (4, "等待用户支付"),
    }
}

/// One refund, as both operations show it. Its texts are copied: what is said may differ from what is.
fn refund_content<'a>(said: &Said<'_>, order: &'a Order, refund: &Refund) -> Data<'a> {
    let alipay = order.is_alipay();
    // 4.6. Alipay has no 转入代发: such a refund stays under way.
    let state: i64 = match refund.state {
        _ if said.unknown_state => 99,
        RefundState::Accepted => 1,
        RefundState::Succeeded => 2,
        RefundState::Failed => 3,
        RefundState::Changed if !alipay => 5,
        RefundState::Processing | RefundState::Changed => 4,
    };
    let mut content = data! {
        "out_refund_no": refund.refund_number.clone(),
        "refund_id": refund.gateway_number.clone(),
        "out_trade_no": &order.order_number,
        "trade_type": trade_type(order),
        "create_time": refund.created_at_ms / 1000,
        "last_update_time": refund.ended_at_ms.unwrap_or(refund.created_at_ms) / 1000,
        "is_transforming": false,
        "total_fee": order.charged_minor,
        "refund_fee": refund.amount_minor,
        "refund_fee_type": &order.currency,
    };
    // T2: what is `state` of a refund at WeChat is `refund_status` at Alipay.
    if alipay {
        let back = refund.state == RefundState::Succeeded;
        let ended_at_ms = refund.ended_at_ms.unwrap_or(refund.created_at_ms);
        let mut ext = data! {"fund_change": if back { "Y" } else { "N" }, "refund_status": state};
        ext.put("gmt_refund_pay", clock::spaced(ended_at_ms));
        content.put("alipay_refund_order_content_ext", ext);
    } else {
        content.put("wxpay_refund_order_content_ext", data! {"state": state});
    }
    content
}

/// An answer with authen_info over exactly the text that is sent.
pub(super) fn content<'a>(desk: &mut Desk<'a>, status: &str, internal: i64, text: &str, own: Own<'_>) -> Data<'a> {
    let response = response_text(desk, desk.number_code(status), internal, text, own);
    signed(desk, "response_content", response)
}

/// An envelope around a content.
pub(super) fn signed<'a>(desk: &Desk<'a>, name: &'static str, text: String) -> Data<'a> {
    let key = desk.merchant.map(|merchant| merchant.tencent_cpay.authen_key.as_str()).unwrap_or_default();
    let code = desk.signed(text.as_str(), sign::tencent, key);
    let mut answer = Data::default();
    answer.put(name, text);
    if let Some(code) = code {
        answer.put("authen_info", data! {"a": data! {"authen_type": 1_i64, "authen_code": code}});
    }
    answer
}

pub(super) fn unsigned<'a>(desk: &mut Desk<'a>, status: &str, internal: i64, text: &str) -> Data<'a> {
    let status = desk.number_code(status);
    data! {"response_content": response_text(desk, status, internal, text, None)}
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
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_signed_text_is_escaped_as_in_the_sample_and_reads_back() {
        let value = json!({"code_url": "weixin://wxpay", "description": "操作😀"});
        let text = escaped(&value.to_string());
        assert_eq!(text, r#"{"code_url":"weixin:\/\/wxpay","description":"\u64CD\u4F5C\uD83D\uDE00"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
