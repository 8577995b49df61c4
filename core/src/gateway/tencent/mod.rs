//! Tencent Cloud Pay 腾讯云支付 (cpay): the customer's code or a QR; query, reverse, close, refund (S3, T1–T3;
//! docs/sources.md).
//!
//! What is signed is a JSON *string*: HMAC-SHA256 over exactly the text that is sent, checked over exactly the text
//! received. Texts: `body` is the subject, or the order number where there is none; `remark` is the detail; `attach` is
//! the attach text; `staff_id` the cashier; `device_id` and `machine_no` the terminal; `refund_reason` the subject of a
//! refund. `detail` wants a JSON list and is not sent; the store is the account's `out_shop_id`.
//!
//! The answers to create, reverse, close and refund, and a query's "no such order", name no order: every operation goes
//! over a connection of its own. Status 0 says that the call worked; what became of the order is its state.

mod answers;
mod states;
#[cfg(test)]
mod tests;
mod wire;

use self::wire::{AuthenInfo, Content, Envelope, OrderClient, Own, PayContent, PayMchKey, RefundContent, WxpayExt};
use super::{
    Acknowledgement, Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Refunds, Reply,
    RequestError, Settings, Stamp, Timing, WireRequest, WireResponse, answer::Fields, request, texts,
};
use crate::{
    error::PaywandError,
    key::{Key, Rsa},
    money::Currency,
    payment::PaymentKind,
    payment_code::{PaymentCode, Wallet},
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
/// T2, the older page: `author_code` String(128).
const CODE_MAX: usize = 128;
/// `pay_platform` (T1): WeChat and Alipay.
const WECHAT: i64 = 1;
const ALIPAY: i64 = 2;
/// `trade_type` bar code 刷卡 and QR 扫码 (T1).
const TRADE_BAR_CODE: i64 = 1;
const TRADE_QR: i64 = 2;
/// `terminal_type` Android (S3).
const ANDROID: i64 = 2;
/// `authen_type` HMAC-SHA256; 2, MD5, is not documented and not accepted.
const HMAC_SHA256: i64 = 1;
/// `sign_type` RSASSA-PSS (T2).
const RSA_PSS: i64 = 1;
/// S3: `sdk_version` String(10).
const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) struct Tencent {
    out_mch_id: String,
    out_sub_mch_id: String,
    out_shop_id: String,
    authen_key: Key,
    order_prefix: String,
    terminal: String,
    client_ip: String,
    qr_life_ms: i64,
    reverse_path: &'static str,
    /// Signs refunds and reverses in the place of `authen_key`.
    rsa: Option<Rsa>,
}

impl Tencent {
    /// Keys: `out_mch_id`, `out_sub_mch_id`, `out_shop_id`, `authen_key`, `order_prefix`; `rsa_private_key` with the
    /// option `refund_authen`: `s`. Terminal and client address are required.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let order_prefix = settings.identifier("order_prefix", PREFIX_MAX)?;
        if !order_prefix.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(settings.refused("keys.order_prefix", "ASCII letters and digits are expected".to_owned()));
        }
        let gateway = Self {
            out_mch_id: settings.identifier("out_mch_id", 32)?,
            out_sub_mch_id: settings.identifier("out_sub_mch_id", 32)?,
            out_shop_id: settings.identifier("out_shop_id", 32)?,
            authen_key: settings.key("authen_key", KEY_MAX)?,
            order_prefix,
            terminal: settings.terminal(32)?,
            client_ip: settings.client_ip()?,
            qr_life_ms: settings.qr_life_ms,
            reverse_path: settings.path("reverse_path", "/cpay/reverse")?,
            rsa: settings.rsa_key("refund_authen", &["a", "s"])?,
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// HMAC-SHA256 of the content's text, byte for byte; upper-case hex (T1).
    fn authen_code(&self, content: &str) -> String {
        self.authen_key.hmac_sha256(content.as_bytes())
    }

    /// RSASSA-PSS over the content's text, byte for byte (T2).
    fn authen_sign(key: &Rsa, content: &str) -> Result<String, RequestError> {
        key.sign_pss_sha256(content.as_bytes()).map_err(|why| RequestError { field: "sign", reason: why.to_owned() })
    }

    /// T2: the older page wants RSA for refunds and reverses, the newer one takes either for refunds.
    fn authen_info(&self, op: Operation, content: &str) -> Result<AuthenInfo, RequestError> {
        match &self.rsa {
            Some(key) if matches!(op, Operation::Refund | Operation::Reverse) => {
                Ok(AuthenInfo::S { sign_type: RSA_PSS, sign: Self::authen_sign(key, content)? })
            }
            _ => Ok(AuthenInfo::A { authen_code: self.authen_code(content), authen_type: HMAC_SHA256 }),
        }
    }

    /// What a charge and a QR order have in common, and the code or the end of the QR's life.
    fn pay_content<'a>(
        &'a self,
        order: &'a Order,
        author_code: Option<&'a str>,
        stamp: &Stamp,
    ) -> Result<PayContent<'a>, RequestError> {
        let number = request::order_number(order, &self.order_prefix)?;
        let free = |text: Option<&str>, max| text.and_then(|text| texts::free(text, max));
        let qr = author_code.is_none();
        let ext = WxpayExt { attach: free(order.texts.attach.as_deref(), 127), product_id: qr.then_some(number) };
        Ok(PayContent {
            out_trade_no: number,
            author_code,
            time_expire: qr.then(|| stamp.at_ms.saturating_add(self.qr_life_ms).div_euclid(1_000)),
            total_fee: request::amount(order, Currency::CNY, MAX_MINOR)?,
            fee_type: "CNY",
            body: texts::free(&order.texts.subject, 128).unwrap_or_else(|| number.to_owned()),
            remark: free(order.texts.detail.as_deref(), 127),
            wxpay_pay_content_ext: Some(ext).filter(|ext| platform(order) == WECHAT && !ext.is_empty()),
        })
    }

    fn refund_content<'a>(&'a self, order: &'a Order) -> Result<RefundContent<'a>, RequestError> {
        let refund = request::refund(order)?;
        Ok(RefundContent {
            out_trade_no: &order.number,
            out_refund_no: &refund.number,
            total_fee: request::amount(order, Currency::CNY, MAX_MINOR)?,
            refund_fee: refund.amount.minor,
            refund_fee_type: "CNY",
            // No length is given; WeChat's own field has 80 (W1).
            refund_reason: texts::free(&order.texts.subject, 80),
        })
    }

    /// Signs and wraps what is asked: `request_content` is a string that holds JSON.
    fn sent(
        &self,
        op: Operation,
        path: &'static str,
        order: &Order,
        stamp: &Stamp,
        own: Own<'_>,
    ) -> Result<WireRequest, RequestError> {
        // Only a new order needs today's prefix: what was begun under another one is asked about all the same.
        request::order_number(order, "")?;
        let terminal = request::terminal(order, &self.terminal, 32)?;
        let content = Content {
            nonce_str: &stamp.nonce,
            own,
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
                pay_platform: platform(order),
                out_sub_mch_id: &self.out_sub_mch_id,
            },
        };
        let content = content.text()?;
        let authen_info = self.authen_info(op, &content)?;
        let body = Envelope { request_content: &content, authen_info }.body()?;
        Ok(WireRequest { path, body, fresh: true })
    }
}

impl Gateway for Tencent {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: true,
            query: true,
            detail: false,
            reverse: true,
            close: true,
            cleans_failures: &[],
            // No page gives a last day, or says what a refund number sent twice does.
            refund: Some(Refunds { query: true, repeats: false, partial: true, days: None }),
            signs_answers: true,
            own_connections: true,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: CODE_MAX,
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
        code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        let out_trade_no = order.number.as_str();
        let (path, own) = match op {
            Operation::Charge => {
                let code = request::code(code, CODE_MAX)?;
                ("/cpay/micro_pay", Own::Pay { pay_content: self.pay_content(order, Some(code), stamp)? })
            }
            Operation::CreateQr => {
                ("/cpay/scan_code_pay", Own::Pay { pay_content: self.pay_content(order, None, stamp)? })
            }
            Operation::Query => ("/cpay/query_order", Own::Order { out_trade_no, trade_type: trade_type(order) }),
            Operation::Reverse => (self.reverse_path, Own::Reverse { out_trade_no }),
            Operation::Close => ("/cpay/close_order", Own::Order { out_trade_no, trade_type: trade_type(order) }),
            Operation::Refund => ("/cpay/refund", Own::Refund { refund_content: self.refund_content(order)? }),
            Operation::RefundQuery => {
                let out_refund_no = request::refund(order)?.number.as_str();
                ("/cpay/query_refund_order", Own::RefundQuery { out_trade_no, out_refund_no })
            }
            Operation::Detail => return Err(request::unsupported(op)),
        };
        self.sent(op, path, order, stamp, own)
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        self.read(op, order, response)
    }

    /// T1: `request_content` and `authen_info`, as a request has them. A status other than 0 would be sent again.
    fn notice(&self, callback: &Callback) -> Result<Notice, NoticeRefusal> {
        let unreadable = NoticeRefusal::Unreadable;
        let outer = Fields::parse(&callback.body).ok_or(unreadable("it is not one JSON object"))?;
        let text = outer.text("request_content").ok_or(unreadable("it has no request_content"))?;
        if self.verifies(&outer, &text) != Some(true) {
            return Err(NoticeRefusal::Forged);
        }
        let content = Fields::parse(text.as_bytes()).ok_or(unreadable("its request_content is not JSON"))?;
        if content.object("pay_mch_key").is_none_or(|key| self.is_other_account(&key)) {
            return Err(NoticeRefusal::Forged);
        }
        let order_number = content.object("order_content").and_then(|told| told.text("out_trade_no"));
        let acknowledgement = Acknowledgement {
            content_type: "application/json",
            body: r#"{"response_content":"{\"status\":0,\"description\":\"OK\"}"}"#,
        };
        Ok(Notice { order_number: order_number.ok_or(unreadable("it names no order"))?, signed: true, acknowledgement })
    }
}

/// The wallet that is asked for: the code's, or the one a QR was asked for; WeChat where neither says.
fn platform(order: &Order) -> i64 {
    if order.wallet == Some(Wallet::Alipay) { ALIPAY } else { WECHAT }
}

fn trade_type(order: &Order) -> i64 {
    if order.kind == PaymentKind::Charge { TRADE_BAR_CODE } else { TRADE_QR }
}
