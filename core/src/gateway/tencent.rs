//! Tencent Cloud Pay 腾讯云支付 (cpay): a QR that the customer scans; create, query, close (S3, T1–T3; docs/sources.md).
//!
//! What is signed is a JSON *string*: HMAC-SHA256 over exactly the text that is sent, checked over exactly the text
//! received. Texts: `body` is the subject, or the order number where there is none; `remark` is the detail; `attach` is
//! the attach text; `staff_id` the cashier; `device_id` and `machine_no` the terminal. `detail` wants a JSON list and is
//! not sent; the store is the account's `out_shop_id`.
//!
//! The answers to create and close, and a query's "no such order", name no order: every operation goes over a connection
//! of its own.

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Reply, RequestError, Settings,
    Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    request, texts,
};
use crate::{
    error::PaywandError, money::Currency, payment::Evidence, payment_code::PaymentCode, secret::Secret, signing,
};

/// T3: connect 10 s; 103: ask after 3 s. An abandoned QR dies after five minutes, when WeChat also begins to accept
/// closes (docs/sources.md).
pub(super) const TIMING: Timing = Timing {
    connect_ms: 10_000,
    first_query_ms: 3_000,
    interval_ms: 3_000,
    deadline_ms: 60_000,
    qr_life_ms: 300_000,
    ..Timing::COMMON
};

/// S3: `Number(32)`.
const MAX_MINOR: i64 = 0x7fff_ffff;
/// What the core's own part of an order number needs at least (docs/sources.md: 32 in all).
const PREFIX_MAX: usize = 20;
/// T3: 32 characters; longer ones are let through.
const KEY_MAX: usize = 128;
/// `pay_platform` WeChat (T1). The QR is for one wallet.
const WECHAT: i64 = 1;
/// `trade_type` QR 扫码 (T1).
const TRADE_QR: i64 = 2;
/// `terminal_type` Android (S3).
const ANDROID: i64 = 2;
/// `authen_type` HMAC-SHA256; 2, MD5, is not documented and not accepted.
const HMAC_SHA256: i64 = 1;
/// S3: `sdk_version` String(10).
const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) struct Tencent {
    out_mch_id: String,
    out_sub_mch_id: String,
    out_shop_id: String,
    authen_key: Arc<Secret>,
    order_prefix: String,
    terminal: String,
    client_ip: String,
    qr_life_ms: i64,
}

impl Tencent {
    /// Keys: `out_mch_id`, `out_sub_mch_id`, `out_shop_id`, `authen_key`, `order_prefix`. Terminal and client address
    /// are required.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let order_prefix = settings.identifier("order_prefix", PREFIX_MAX)?;
        if !order_prefix.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(settings.refused("keys.order_prefix", "ASCII letters and digits are expected".to_owned()));
        }
        let gateway = Self {
            out_mch_id: settings.identifier("out_mch_id", 32)?,
            out_sub_mch_id: settings.identifier("out_sub_mch_id", 32)?,
            out_shop_id: settings.identifier("out_shop_id", 32)?,
            authen_key: settings.secret("authen_key", KEY_MAX)?,
            order_prefix,
            terminal: settings.terminal(32)?,
            client_ip: settings.client_ip()?,
            qr_life_ms: settings.qr_life_ms,
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// HMAC-SHA256 of the content's text, byte for byte; upper-case hex (T1).
    fn authen_code(&self, content: &str) -> String {
        signing::hmac_sha256_upper(self.authen_key.reveal(), content.as_bytes())
    }

    fn pay_content<'a>(&'a self, order: &'a Order, stamp: &Stamp) -> Result<PayContent<'a>, RequestError> {
        let number = request::order_number(order, &self.order_prefix)?;
        let free = |text: Option<&str>, max| text.and_then(|text| texts::free(text, max));
        Ok(PayContent {
            out_trade_no: number,
            time_expire: stamp.at_ms.saturating_add(self.qr_life_ms).div_euclid(1_000),
            total_fee: request::amount(order, Currency::CNY, MAX_MINOR)?,
            fee_type: "CNY",
            body: texts::free(&order.texts.subject, 128).unwrap_or_else(|| number.to_owned()),
            remark: free(order.texts.detail.as_deref(), 127),
            wxpay_pay_content_ext: WxpayExt { attach: free(order.texts.attach.as_deref(), 127), product_id: number },
        })
    }

    /// Signs and wraps what is asked: `request_content` is a string that holds JSON.
    fn request_for<'a>(
        &'a self,
        path: &'static str,
        order: &'a Order,
        stamp: &'a Stamp,
        pay_content: Option<PayContent<'a>>,
    ) -> Result<WireRequest, RequestError> {
        let asks_about_it = pay_content.is_none();
        let number = request::order_number(order, &self.order_prefix)?;
        let terminal = request::terminal(order, &self.terminal, 32)?;
        let content = Content {
            nonce_str: &stamp.nonce,
            pay_content,
            out_trade_no: asks_about_it.then_some(number),
            trade_type: asks_about_it.then_some(TRADE_QR),
            order_client: OrderClient {
                machine_no: terminal,
                terminal_type: ANDROID,
                device_id: terminal,
                staff_id: texts::optional("cashier", order.texts.cashier.as_deref(), 64)?,
                sdk_version: SDK_VERSION,
                spbill_create_ip: &self.client_ip,
            },
            pay_mch_key: PayMchKey {
                out_mch_id: &self.out_mch_id,
                out_shop_id: &self.out_shop_id,
                pay_platform: WECHAT,
                out_sub_mch_id: &self.out_sub_mch_id,
            },
        };
        let unwritable = |e: serde_json::Error| RequestError { field: "body", reason: e.to_string() };
        let content = serde_json::to_string(&content).map_err(unwritable)?;
        let a = AuthenA { authen_code: self.authen_code(&content), authen_type: HMAC_SHA256 };
        let envelope = Envelope { request_content: content, authen_info: AuthenInfo { a } };
        let body = Zeroizing::new(serde_json::to_vec(&envelope).map_err(unwritable)?);
        Ok(WireRequest { path, body, fresh: true })
    }

    /// Whether `authen_info` signs `content`. `None` where there is no signature at all (status 3, 101).
    fn verifies(&self, answer: &Fields<'_>, content: &str) -> Option<bool> {
        if !answer.has("authen_info") {
            return None;
        }
        let valid = answer.object("authen_info").and_then(|info| info.object("a")).is_some_and(|a| {
            let theirs = a.text("authen_code").unwrap_or_default();
            a.number("authen_type") == Some(HMAC_SHA256) && signing::same(&self.authen_code(content), &theirs)
        });
        Some(valid)
    }

    /// The order as a query tells it. It names the order, so the signature alone makes it ours.
    fn queried(&self, order: &Order, content: &Fields<'_>) -> Reply {
        let Some(query) = content.object("query_order") else {
            return Reply::Unproved("no_query_order");
        };
        if query.object("pay_mch_key").is_some_and(|key| self.is_other_account(&key)) {
            return Reply::Unproved("other_order");
        }
        let Some(told) = query.object("order_content") else {
            return Reply::Unproved("no_order_content");
        };
        if told.names_other("out_trade_no", &order.number) {
            return Reply::Unproved("other_order");
        }
        if !told.names("out_trade_no", &order.number) {
            return Reply::Unproved("no_order");
        }
        let state = |ext: &str| Some(told.object(ext)?.number("current_trade_state").unwrap_or(-1));
        let reply = match (state("wxpay_order_content_ext"), state("alipay_order_content_ext")) {
            (Some(state), None) => wechat_state(order, &told, state),
            (None, Some(state)) => alipay_state(order, &told, state),
            _ => Reply::Unproved("no_state"),
        };
        let other_qr = order.pay_url.as_deref().is_some_and(|shown| told.names_other("code_url", shown));
        if reply == Reply::Waiting && other_qr { Reply::OtherQr } else { reply }
    }

    fn is_other_account(&self, key: &Fields<'_>) -> bool {
        key.names_other("out_mch_id", &self.out_mch_id)
            || key.names_other("out_sub_mch_id", &self.out_sub_mch_id)
            || key.names_other("out_shop_id", &self.out_shop_id)
    }
}

impl Gateway for Tencent {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: false,
            qr: true,
            query: true,
            detail: false,
            reverse: false,
            close: true,
            cleans_failures: &[],
            refund: None,
            signs_answers: true,
            own_connections: true,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: 0,
            order_prefix: self.order_prefix.clone(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![&self.out_mch_id, &self.out_sub_mch_id, &self.out_shop_id, &self.terminal]
    }

    fn request(
        &self,
        op: Operation,
        order: &Order,
        _code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        match op {
            Operation::CreateQr => {
                let pay_content = self.pay_content(order, stamp)?;
                self.request_for("/cpay/scan_code_pay", order, stamp, Some(pay_content))
            }
            Operation::Query => self.request_for("/cpay/query_order", order, stamp, None),
            Operation::Close => self.request_for("/cpay/close_order", order, stamp, None),
            _ => Err(request::unsupported(op)),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if !matches!(op, Operation::CreateQr | Operation::Query | Operation::Close) {
            return Reply::Unproved("operation");
        }
        let answer = match answer::object(response) {
            Ok(answer) => answer,
            Err(reply) => return reply,
        };
        let Some(text) = answer.text("response_content") else {
            return Reply::Unproved("no_content");
        };
        let Some(content) = Fields::parse(text.as_bytes()) else {
            return Reply::Unproved("content_not_json");
        };
        let Some(status) = content.number("status") else {
            return Reply::Unproved("no_status");
        };
        let internal = content.integer("internal_status");
        let signed = self.verifies(&answer, &text);
        match (op, status) {
            (Operation::Query, 0) => answer::if_signed(signed == Some(true), self.queried(order, &content)),
            // The two unsigned answers (T2); they count only for a creation that nobody has seen yet.
            (Operation::CreateQr, 3) if signed != Some(false) => answer::if_own(response, Reply::SendAgain),
            (Operation::CreateQr, 101) if signed != Some(false) => {
                answer::if_own(response, Reply::Refused(status.to_string()))
            }
            // Unlike a query's, these name no order.
            (Operation::CreateQr, status) => unnamed(response, signed, created(&content, status, internal)),
            (Operation::Close, status) => unnamed(response, signed, closed(status, internal)),
            (_, status) => unnamed(response, signed, query_failed(status, internal)),
        }
    }

    fn notice(&self, _callback: &Callback) -> Result<Notice, NoticeRefusal> {
        Err(NoticeRefusal::Unsupported)
    }
}

/// `reply` of a signed answer that names no order.
fn unnamed(response: &WireResponse, signed: Option<bool>, reply: Reply) -> Reply {
    match answer::if_signed(signed == Some(true), reply) {
        Reply::Unproved(why) => Reply::Unproved(why),
        reply => answer::if_own(response, reply),
    }
}

fn created(content: &Fields<'_>, status: i64, internal: Option<i64>) -> Reply {
    match (status, internal) {
        (0, _) => match content.object("scan_code_pay").and_then(|qr| qr.text("code_url")) {
            Some(pay_url) => Reply::QrReady { pay_url, gateway_number: None },
            None => Reply::Unproved("no_code_url"),
        },
        // 407: the guard against duplicates, which must not be undone (T3); 102: duplicate number (T2).
        (102, _) | (104, Some(407)) => Reply::NumberTaken,
        (104, _) => Reply::Refused(status.to_string()),
        _ => Reply::Unproved(why(status)),
    }
}

fn query_failed(status: i64, internal: Option<i64>) -> Reply {
    match (status, internal) {
        // T3: no such order.
        (104, Some(400)) => Reply::NotFound,
        _ => Reply::Unproved(why(status)),
    }
}

fn closed(status: i64, internal: Option<i64>) -> Reply {
    match (status, internal) {
        (0, _) => Reply::ReverseDone,
        (104, Some(400)) => Reply::NotFound,
        (102 | 104, Some(407)) => Reply::Unproved("duplicate_blocked"),
        (102 | 104, _) => Reply::ReverseRefused,
        _ => Reply::Unproved(why(status)),
    }
}

fn why(status: i64) -> &'static str {
    match status {
        3 | 103 => "unknown_result",
        101 | 102 | 104 => "call_failed",
        _ => "unknown_status",
    }
}

/// WxpayOrderState (T1), as a QR order reads it: 5 and 10 are attempts, not ends (docs/architecture.md).
fn wechat_state(order: &Order, told: &Fields<'_>, state: i64) -> Reply {
    match state {
        2 | 3 => paid(order, told),
        1 | 5 | 6 | 9 | 10 | 11 | 12 => Reply::Waiting,
        7 => Reply::Closed,
        8 => Reply::Reversed,
        4 | 13 | 14 => Reply::ReturnedElsewhere,
        _ => Reply::Unproved("unknown_state"),
    }
}

/// AlipayOrderState (T1).
fn alipay_state(order: &Order, told: &Fields<'_>, state: i64) -> Reply {
    match state {
        2 | 6 => paid(order, told),
        1 | 4 => Reply::Waiting,
        // "Closed or refunded".
        5 if refunded(told) => Reply::ReturnedElsewhere,
        5 => Reply::Closed,
        7 => Reply::NotFound,
        _ => Reply::Unproved("unknown_state"),
    }
}

fn refunded(told: &Fields<'_>) -> bool {
    told.has("refunded_fee") && told.integer("refunded_fee") != Some(0)
}

/// A paid order, its signature aside. `cash_fee` and `settlement_total_fee` are lower by coupons, and never compared.
fn paid(order: &Order, told: &Fields<'_>) -> Reply {
    if refunded(told) {
        return Reply::ReturnedElsewhere;
    }
    let Some(total_fee) = told.integer("total_fee") else {
        return Reply::Unproved("amount");
    };
    let receipt = Receipt {
        gateway_number: told.literal("transaction_id"),
        // Unix seconds (T2).
        paid_at_ms: told.integer("time_end").filter(|&s| s > 0).and_then(|seconds| seconds.checked_mul(1_000)),
        refundable: None,
        evidence: Evidence::Signature,
    };
    answer::paid(order, total_fee, told.literal("fee_type").as_deref(), receipt)
}

#[derive(Serialize)]
struct Envelope {
    request_content: String,
    authen_info: AuthenInfo,
}

#[derive(Serialize)]
struct AuthenInfo {
    a: AuthenA,
}

#[derive(Serialize)]
struct AuthenA {
    authen_code: String,
    authen_type: i64,
}

#[derive(Serialize)]
struct Content<'a> {
    nonce_str: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_content: Option<PayContent<'a>>,
    /// Query and close: at the top level (docs/sources.md).
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_type: Option<i64>,
    order_client: OrderClient<'a>,
    pay_mch_key: PayMchKey<'a>,
}

#[derive(Serialize)]
struct PayContent<'a> {
    out_trade_no: &'a str,
    /// Unix seconds.
    time_expire: i64,
    total_fee: i64,
    fee_type: &'static str,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    wxpay_pay_content_ext: WxpayExt<'a>,
}

#[derive(Serialize)]
struct WxpayExt<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    attach: Option<String>,
    /// S3 says optional, T2 required for QR: sent always.
    product_id: &'a str,
}

#[derive(Serialize)]
struct OrderClient<'a> {
    machine_no: &'a str,
    terminal_type: i64,
    device_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<String>,
    sdk_version: &'static str,
    spbill_create_ip: &'a str,
}

#[derive(Serialize)]
struct PayMchKey<'a> {
    out_mch_id: &'a str,
    out_shop_id: &'a str,
    pay_platform: i64,
    out_sub_mch_id: &'a str,
}

#[cfg(test)]
#[path = "tencent_tests.rs"]
mod tests;
