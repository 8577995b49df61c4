//! BlueOcean 蓝海支付 v1, Hong Kong: charge, query and reverse (S1, B1; docs/sources.md).
//!
//! Texts: `body` is the subject, or the order number where there is none; `attach` is the attach text; `device_info` is
//! the terminal. Detail and store are not sent: `detail` and `scene_info` are JSON in JSON, whose signing is not settled
//! (docs/sources.md). There is no field for the cashier.
//!
//! Every operation may be answered without naming the order (errors, NOTPAY, `recall`), so each goes over a connection
//! of its own.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Reply, RequestError, Settings,
    Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    request::{self, Flat},
    texts,
};
use crate::{
    error::PaywandError,
    money::Currency,
    payment::Evidence,
    payment_code::{PaymentCode, Wallet},
    secret::Secret,
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
/// S1: `Int`.
const MAX_MINOR: i64 = 0x7fff_ffff;
/// S1: `auth_code` String(128).
const MAX_CODE: usize = 128;
const KEY_MAX: usize = 128;

pub(super) struct BlueOcean {
    appid: String,
    key: Arc<Secret>,
    terminal: String,
    client_ip: String,
}

impl BlueOcean {
    /// Keys: `appid`, `key`. The terminal may be left empty, the client address not.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let gateway = Self {
            appid: settings.identifier("appid", 32)?,
            key: settings.secret("key", KEY_MAX)?,
            terminal: if settings.terminal.is_empty() { String::new() } else { settings.terminal(32)? },
            client_ip: settings.client_ip()?,
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// MD5 of the sorted fields with `&key=` last; upper-case hex (B1).
    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let text = Zeroizing::new(signing::sorted_text(fields));
        let text = Zeroizing::new([text.as_str(), "&key=", self.key.reveal()].concat());
        signing::md5_upper(&text)
    }

    /// Whether `data` carries the signature of its fields as they were received.
    fn verifies(&self, data: &Fields<'_>) -> bool {
        let signed = data.signed();
        let ours = self.sign(signed.iter().map(|(name, value)| (*name, value.as_str())));
        data.text("sign").is_some_and(|theirs| signing::same(&ours, &theirs))
    }

    fn charge(&self, order: &Order, code: Option<&PaymentCode>, nonce: &str) -> Result<WireRequest, RequestError> {
        let number = request::order_number(order, "")?;
        let flat = Flat::new()
            .text("appid", self.appid.as_str())
            .text("nonce_str", nonce)
            .text("device_info", request::terminal(order, &self.terminal, 32)?)
            .text("body", texts::free(&order.texts.subject, 128).unwrap_or_else(|| number.to_owned()))
            .optional("attach", order.texts.attach.as_deref().and_then(|attach| texts::free(attach, 127)))
            .text("out_trade_no", number)
            .integer("total_fee", request::amount(order, Currency::HKD, MAX_MINOR)?)
            .text("spbill_create_ip", self.client_ip.as_str())
            .text("auth_code", request::code(code, MAX_CODE)?);
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path: CHARGE, body: flat.signed_body(sign)?, fresh: true })
    }

    /// Query and reverse: our number always, WeChat's too when known (B1 prefers it).
    fn about(&self, path: &'static str, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = Flat::new()
            .text("appid", self.appid.as_str())
            .text("nonce_str", nonce)
            .text("out_trade_no", request::order_number(order, "")?)
            .optional("transaction_id", request::gateway_number(order, 32));
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
}

impl Gateway for BlueOcean {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: false,
            query: true,
            detail: false,
            reverse: true,
            close: false,
            // WeChat's own text: revoke what failed (W1).
            cleans_failures: &[Wallet::Wechat],
            refund: None,
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
            _ => Err(request::unsupported(op)),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if !matches!(op, Operation::Charge | Operation::Query | Operation::Reverse) {
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
            (Operation::Charge | Operation::Query, 201, _) => answer::if_own(response, Reply::Waiting),
            (Operation::Charge, code, _) => charge_code(response, code),
            // An unsigned "no such order" may be a stranger's.
            (_, 40102, _) => answer::if_own(response, Reply::NotFound),
            // 40101, paid already: whether that is so, only a signed query tells (docs/architecture.md).
            (Operation::Reverse, code, _) if code == 40101 || is_refusal(code) => {
                answer::if_own(response, Reply::ReverseRefused)
            }
            (_, code, _) => Reply::Unproved(why(code)),
        }
    }

    fn notice(&self, _callback: &Callback) -> Result<Notice, NoticeRefusal> {
        Err(NoticeRefusal::Unsupported)
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

/// A charge's answer without a paid order (docs/architecture.md). Such answers are unsigned.
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

#[cfg(test)]
#[path = "blueocean_tests.rs"]
mod tests;
