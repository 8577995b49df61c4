//! BlueOcean 蓝海支付 v1, Hong Kong: charge, QR, query, reverse, close and refunds (S1, B1; docs/sources.md).
//!
//! Texts: `body` is the subject, or the order number where there is none; `attach` is the attach text; `device_info` is
//! the terminal; `refund_desc` is why it is given back. Detail and store are not sent: `detail` and `scene_info` are JSON in JSON, whose signing is not settled
//! (docs/sources.md). There is no field for the cashier.
//!
//! Every operation may be answered without naming the order (errors, NOTPAY, `recall`, the QR), so each goes over a
//! connection of its own.

mod refund;
#[cfg(test)]
mod refund_tests;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Refunds, Reply, RequestError,
    Settings, Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    notice::Told,
    request::{self, Flat},
    texts,
};
use crate::{
    error::PaywandError,
    key::Key,
    money::Currency,
    payment::Evidence,
    payment_code::{PaymentCode, Wallet},
    signing,
};

/// S1: query 5 s after 40400, 4006 or no answer, every 10 s up to 30 s; reverse at 15 s or later.
pub(super) const TIMING: Timing = Timing {
    first_query_ms: 5_000,
    interval_ms: 10_000,
    deadline_ms: 30_000,
    min_reverse_age_ms: 15_000,
    ..Timing::COMMON
};

const CHARGE: &str = "/wechat/payment/micropay";
const QUERY: &str = "/wechat/order/query";
const REVERSE: &str = "/wechat/order/reverse";
const CREATE: &str = "/wechat/order/create";
const CLOSE: &str = "/wechat/order/close";
/// S1: `Int`.
const MAX_MINOR: i64 = 0x7fff_ffff;
/// S1: `auth_code` String(128).
const MAX_CODE: usize = 128;
const KEY_MAX: usize = 128;

pub(super) struct BlueOcean {
    appid: String,
    key: Key,
    mp_appid: Option<String>,
    notify_url: Option<String>,
    refundquery_path: &'static str,
    terminal: String,
    client_ip: String,
    qr_life_ms: i64,
}

impl BlueOcean {
    /// Keys: `appid`, `key`; options: `mp_appid`, `notify_url`, `refundquery_path`. The terminal may be left empty, the
    /// client address not.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let gateway = Self {
            appid: settings.identifier("appid", 32)?,
            key: settings.key("key", KEY_MAX)?,
            mp_appid: settings.option("mp_appid", 32)?,
            notify_url: settings.option("notify_url", 256)?,
            refundquery_path: settings.choice("refundquery_path", &refund::QUERY_PATHS)?,
            terminal: if settings.terminal.is_empty() { String::new() } else { settings.terminal(32)? },
            client_ip: settings.client_ip()?,
            qr_life_ms: settings.qr_life_ms,
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// MD5 of the sorted fields with `&key=` last; upper-case hex (B1).
    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let text = Zeroizing::new(signing::sorted_text(fields) + "&key=");
        self.key.md5(&text, "").to_ascii_uppercase()
    }

    /// Whether `data` carries the signature of its fields as they were received.
    fn verifies(&self, data: &Fields<'_>) -> bool {
        let signed = data.signed();
        let ours = self.sign(signed.iter().map(|(name, value)| (*name, value.as_str())));
        data.text("sign").is_some_and(|theirs| signing::same(&ours, &theirs))
    }

    fn charge(&self, order: &Order, code: Option<&PaymentCode>, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = self.sale(order, nonce)?.text("auth_code", request::code(code, MAX_CODE)?);
        self.sent(CHARGE, flat)
    }

    /// A QR of WeChat's (B1, W1): NATIVE wants a product, which is the order. It dies with `time_expire`.
    fn create(&self, order: &Order, stamp: &Stamp) -> Result<WireRequest, RequestError> {
        let flat = self
            .sale(order, &stamp.nonce)?
            .text("trade_type", "NATIVE")
            .optional("mp_appid", self.mp_appid.as_deref())
            .text("product_id", order.number.as_str())
            .text("time_expire", request::china_time(stamp.at_ms.saturating_add(self.qr_life_ms)))
            .optional("notify_url", self.notify_url.as_deref());
        self.sent(CREATE, flat)
    }

    /// What charge and QR have in common.
    fn sale<'a>(&'a self, order: &'a Order, nonce: &'a str) -> Result<Flat<'a>, RequestError> {
        let number = request::order_number(order, "")?;
        Ok(self
            .named(nonce)
            .text("device_info", request::terminal(order, &self.terminal, 32)?)
            .text("body", texts::free(&order.texts.subject, 128).unwrap_or_else(|| number.to_owned()))
            .optional("attach", order.texts.attach.as_deref().and_then(|attach| texts::free(attach, 127)))
            .text("out_trade_no", number)
            .integer("total_fee", request::amount(order, Currency::HKD, MAX_MINOR)?)
            .text("spbill_create_ip", self.client_ip.as_str()))
    }

    /// Query and reverse: our number always, WeChat's too when known (B1 prefers it). A close has no field for it.
    fn about(&self, path: &'static str, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let wechats = request::gateway_number(order, 32).filter(|_| path != CLOSE);
        let flat = self
            .named(nonce)
            .text("out_trade_no", request::order_number(order, "")?)
            .optional("transaction_id", wechats);
        self.sent(path, flat)
    }

    fn named<'a>(&'a self, nonce: &'a str) -> Flat<'a> {
        Flat::new().text("appid", self.appid.as_str()).text("nonce_str", nonce)
    }

    fn sent(&self, path: &'static str, flat: Flat<'_>) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path, body: flat.signed_body(sign)?, fresh: true })
    }

    /// What `data` says of our order. `state` decides, except that WeChat's own Waiting may name no order.
    fn state(&self, order: &Order, response: &WireResponse, data: &Fields<'_>, state: &str) -> Reply {
        let signed = self.verifies(data);
        let ours = data.names("out_trade_no", &order.number);
        if matches!(state, "NOTPAY" | "USERPAYING") {
            return match (signed, ours) {
                (true, true) => Reply::Waiting,
                (false, _) if data.has("sign") => Reply::Unproved("signature"),
                _ => answer::if_own(response, Reply::Waiting),
            };
        }
        if !ours {
            return Reply::Unproved("no_order");
        }
        let reply = match state {
            "SUCCESS" => paid(order, data),
            "REFUND" => Reply::ReturnedElsewhere,
            "CLOSED" => Reply::Closed,
            "REVOKED" => Reply::Reversed,
            "PAYERROR" => Reply::NotPaid(state.to_owned()),
            _ => Reply::Unproved("unknown_state"),
        };
        answer::if_signed(signed, reply)
    }

    /// `recall`: Y asks for the reverse again, N ends it (B1). It names no order.
    fn reversed(&self, response: &WireResponse, data: &Fields<'_>) -> Reply {
        match data.text("recall").as_deref() {
            Some("Y") => Reply::ReverseAgain,
            Some("N") => answer::if_own(response, answer::if_signed(self.verifies(data), Reply::ReverseDone)),
            _ => Reply::Unproved("no_recall"),
        }
    }

    /// The QR (B1): its answer names no order, and B1's table and sample have no signature in it. A signature would not tie it
    /// to our order either: its connection vouches for it. Money is proved by signed answers only.
    fn created(&self, response: &WireResponse, data: &Fields<'_>) -> Reply {
        let Some(pay_url) = data.text("code_url") else {
            return Reply::Unproved("no_code_url");
        };
        if data.has("sign") && !self.verifies(data) {
            return Reply::Unproved("signature");
        }
        answer::if_own(response, Reply::QrReady { pay_url, gateway_number: None })
    }

    /// A closed order's answer says nothing of its own (B1): its signature and its connection are all there is.
    fn closed(&self, response: &WireResponse, data: &Fields<'_>) -> Reply {
        answer::if_own(response, answer::if_signed(self.verifies(data), Reply::ReverseDone))
    }
}

impl Gateway for BlueOcean {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: true,
            query: true,
            detail: false,
            reverse: true,
            close: true,
            // WeChat's own text: revoke what failed (W1). v1 has no other wallet, whatever the code looks like.
            cleans_failures: &Wallet::ALL,
            // B1: the same number again is the same refund; 50 parts, within a year.
            refund: Some(Refunds { query: true, repeats: true, partial: true, days: Some(365) }),
            signs_answers: true,
            own_connections: true,
            currencies: &[Currency::HKD],
            max_minor: MAX_MINOR,
            max_code: MAX_CODE,
            order_prefix: String::new(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![&self.appid, &self.terminal]
    }

    fn request(
        &self,
        op: Operation,
        order: &Order,
        code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        match op {
            Operation::Charge => self.charge(order, code, &stamp.nonce),
            Operation::Query => self.about(QUERY, order, &stamp.nonce),
            Operation::Reverse => self.about(REVERSE, order, &stamp.nonce),
            Operation::CreateQr => self.create(order, stamp),
            Operation::Close => self.about(CLOSE, order, &stamp.nonce),
            Operation::Refund => self.refund(order, &stamp.nonce),
            Operation::RefundQuery => self.refund_query(order, &stamp.nonce),
            Operation::Detail => Err(request::unsupported(op)),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if op == Operation::Detail {
            return Reply::Unproved("operation");
        }
        let answer = match answer::object(response) {
            Ok(answer) => answer,
            Err(reply) => return reply,
        };
        // S1: an array or text where there is nothing to say.
        let data = answer.object("data");
        if data.as_ref().is_some_and(|data| {
            data.names_other("appid", &self.appid) || data.names_other("out_trade_no", &order.number)
        }) {
            return Reply::Unproved("other_order");
        }
        let Some(code) = answer.integer("code") else {
            return Reply::Unproved("no_code");
        };
        match (op, code, &data) {
            (_, 200, None) => Reply::Unproved("no_data"),
            // v1: 200 carries a paid order, and need not say so in words; in a query it says nothing (B1).
            (Operation::Charge, 200, Some(data)) => {
                let state = data.literal("trade_state").unwrap_or_else(|| "SUCCESS".to_owned());
                self.state(order, response, data, &state)
            }
            (Operation::Query, 200, Some(data)) => match data.text("trade_state") {
                Some(state) => self.state(order, response, data, &state),
                None => Reply::Unproved("no_state"),
            },
            (Operation::Reverse, 200, Some(data)) => self.reversed(response, data),
            (Operation::CreateQr, 200, Some(data)) => self.created(response, data),
            (Operation::Close, 200, Some(data)) => self.closed(response, data),
            (Operation::Refund, 200, Some(data)) => self.refund_accepted(order, data),
            (Operation::RefundQuery, 200, Some(data)) => self.refund_queried(response, order, data),
            (Operation::Refund, code, _) => refund::refund_code(response, code),
            (Operation::Charge | Operation::Query, 201, _) => answer::if_own(response, Reply::Waiting),
            (Operation::Charge | Operation::CreateQr, code, _) => charge_code(response, code),
            // The order is known to be paid: who does not find it says nothing of its refund.
            (Operation::RefundQuery, 40102, _) => answer::if_own(response, Reply::Undecided("order_missing")),
            // An unsigned "no such order" may be a stranger's.
            (_, 40102, _) => answer::if_own(response, Reply::NotFound),
            // 40101, paid already: whether that is so, only a signed query tells (docs/architecture.md).
            (Operation::Reverse | Operation::Close, code, _) if code == 40101 || is_refusal(code) => {
                answer::if_own(response, Reply::ReverseRefused)
            }
            (_, code, _) => Reply::Unproved(why(code)),
        }
    }

    /// Paid QR orders (B1), with the fields of the charge's answer. v1 does not say how they are written, v2 writes a form.
    fn notice(&self, callback: &Callback) -> Result<Notice, NoticeRefusal> {
        let told = Told::read(callback)?;
        told.notice(&self.sign(told.signed()), ("appid", &self.appid), "out_trade_no", "SUCCESS")
    }
}

/// A paid order, its signature aside: the sum is `total_fee` in HKD cents. `cash_fee` is another currency's and lower
/// by coupons, and is never compared.
fn paid(order: &Order, data: &Fields<'_>) -> Reply {
    let Some(transaction_id) = data.literal("transaction_id") else {
        return Reply::Unproved("no_transaction_id");
    };
    let Some(total_fee) = data.integer("total_fee") else {
        return Reply::Unproved("amount");
    };
    let receipt = Receipt {
        gateway_number: Some(transaction_id),
        paid_at_ms: data.literal("time_end").and_then(|time| answer::china_time(&time)),
        refundable: None,
        evidence: Evidence::Signature,
    };
    answer::paid(order, total_fee, data.literal("fee_type").as_deref(), receipt)
}

/// A charge's or creation's answer without an order (docs/architecture.md). Such answers are unsigned.
fn charge_code(response: &WireResponse, code: i64) -> Reply {
    match code {
        code if is_refusal(code) => answer::if_own(response, Reply::Refused(code.to_string())),
        // Believed from anyone: it only keeps the flow from undoing what may be another sale's.
        40101 | 40106 => Reply::NumberTaken,
        code => Reply::Unproved(why(code)),
    }
}

/// Turned away before anything was done (B1, docs/architecture.md).
fn is_refusal(code: i64) -> bool {
    matches!(code, 404 | 4001..=4004 | 4007 | 40100 | 40109 | 40110)
}

fn why(code: i64) -> &'static str {
    match code {
        4006 | 40400 => "busy",
        0 | 4005 | 40500 | 40600 => "unknown_result",
        // The code may have been used by this very order: query first (docs/architecture.md).
        40111 => "code_used",
        _ => "unknown_code",
    }
}
