//! maxfun 一满乐, merchant API "tp": charge, query and refund by the merchant's own order number (M1; docs/sources.md).
//!
//! Answers are not signed: every one counts only over verified TLS, on a connection opened for it, and a payment only
//! where it names our order and our sum. The sum is fen in the charge and yuan in the query. No field of [`Texts`] is
//! sent: there is none for them. `mch_key` is the merchant's public name, sent in clear: the signature is a checksum.
//!
//! A refund gives back the whole, on the day of the payment, and has no number of its own: the order's state 4 proves it.
//!
//! [`Texts`]: crate::Texts

#[cfg(test)]
mod tests;

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Refunds, Reply, RequestError,
    Returned, Settings, Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    maxfun,
    notice::Told,
    request::{self, Flat},
};
use crate::{
    error::PaywandError,
    money::Currency,
    payment::Evidence,
    payment_code::{self, PaymentCode},
    secret::Secret,
    signing,
};

/// As at the device API the server may wait for the customer's password, and answer late.
pub(super) const TIMING: Timing = maxfun::TIMING;

const CHARGE: &str = "/maxfunpay/services/tp/scan_pay";
const QUERY: &str = "/maxfunpay/services/tp/trade_query";
const REFUND: &str = "/maxfunpay/services/tp/trade_refund";
/// M1, code 109: 50 000 yuan.
const MAX_MINOR: i64 = 5_000_000;
/// Not stated; the sample has 36.
const KEY_MAX: usize = 128;

pub(super) struct MaxfunTp {
    mch_key: Arc<Secret>,
    waits_at_108: bool,
}

impl MaxfunTp {
    /// Key: `mch_key`; option: `code_108`.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let mch_key = settings.secret("mch_key", KEY_MAX)?;
        let waits_at_108 = settings.choice("code_108", &["revoked", "password"])? == "password";
        settings.finish()?;
        Ok(Self { mch_key, waits_at_108 })
    }

    /// MD5 of the sorted fields, empty ones left out, with `&mch_key=` last, outside the sort; lower-case hex (M1).
    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let fields = fields.filter(|(name, value)| *name != "mch_key" && !value.is_empty());
        let text = Zeroizing::new(signing::sorted_text(fields));
        let text = Zeroizing::new([text.as_str(), "&mch_key=", self.mch_key.reveal()].concat());
        signing::md5_lower(&text)
    }

    fn named<'a>(&'a self, order: &'a Order, nonce: &'a str) -> Result<Flat<'a>, RequestError> {
        Ok(Flat::new()
            .text("mch_key", self.mch_key.reveal())
            .text("tp_trade_no", request::order_number(order, "")?)
            .text("nonce_str", nonce))
    }

    fn sent(&self, path: &'static str, flat: Flat<'_>) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path, body: flat.signed_body(sign)?, fresh: true })
    }

    fn charge(&self, order: &Order, code: Option<&PaymentCode>, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = self
            .named(order, nonce)?
            .text("auth_code", request::code(code, payment_code::MAX_CHARS)?)
            .integer("total_fee", request::amount(order, Currency::CNY, MAX_MINOR)?);
        self.sent(CHARGE, flat)
    }

    /// The request has no sum: it is always the whole (M1).
    fn refund(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let minor = request::refund(order)?.amount.minor;
        if minor != order.amount.minor {
            let reason = "only the whole payment can be given back".to_owned();
            return Err(RequestError { field: "amount", reason });
        }
        self.sent(REFUND, self.named(order, nonce)?)
    }

    /// The charge's own answer. 202 to 205 are words about the request, before any charge (M1). So is 201, a bad
    /// parameter; but a number that was used before may be one too, and then the first copy of this request may be paid.
    fn charged(&self, order: &Order, result: &Fields<'_>) -> Reply {
        match result.number("ret") {
            Some(0) => paid(order, result, result.integer("total_fee")),
            Some(108) if self.waits_at_108 => Reply::Waiting,
            // M1: "that order is completed".
            Some(206) => Reply::NumberTaken,
            Some(ret @ (103 | 108 | 109 | 202..=205)) => Reply::Refused(ret.to_string()),
            ret => Reply::Unproved(why(ret)),
        }
    }
}

impl Gateway for MaxfunTp {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: false,
            query: true,
            detail: false,
            reverse: false,
            close: false,
            cleans_failures: &[],
            refund: Some(Refunds { query: true, repeats: false, partial: false, days: Some(0) }),
            signs_answers: false,
            own_connections: true,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: payment_code::MAX_CHARS,
            order_prefix: String::new(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![self.mch_key.reveal()]
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
            // What became of a refund shows in the order's own state.
            Operation::Query | Operation::RefundQuery => self.sent(QUERY, self.named(order, &stamp.nonce)?),
            Operation::Refund => self.refund(order, &stamp.nonce),
            _ => Err(request::unsupported(op)),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if matches!(op, Operation::CreateQr | Operation::Detail | Operation::Reverse | Operation::Close) {
            return Reply::Unproved("operation");
        }
        let answer = match answer::object(response) {
            Ok(answer) => answer,
            Err(reply) => return reply,
        };
        let result = match maxfun::result(&answer) {
            Ok(result) => result,
            Err(reply) => return reply,
        };
        if result.names_other("tp_trade_no", &order.number) || result.names_other("mch_key", self.mch_key.reveal()) {
            return Reply::Unproved("other_order");
        }
        let reply = match op {
            Operation::Charge => self.charged(order, &result),
            Operation::Refund => refunded(&result),
            _ => queried(op, order, &result),
        };
        match reply {
            Reply::Unproved(why) => Reply::Unproved(why),
            // Believed from anyone: it only keeps the flow from undoing what may be another sale's.
            Reply::NumberTaken => Reply::NumberTaken,
            reply => answer::if_own(response, reply),
        }
    }

    /// Paid orders, signed by the rule of the requests; what is answered is not documented.
    fn notice(&self, callback: &Callback) -> Result<Notice, NoticeRefusal> {
        let told = Told::read(callback)?;
        told.notice(&self.sign(told.signed()), ("mch_key", self.mch_key.reveal()), "tp_trade_no", "success")
    }
}

/// A success that must name our order; `fen` is what came in.
fn paid(order: &Order, result: &Fields<'_>, fen: Option<i64>) -> Reply {
    if !result.names("tp_trade_no", &order.number) {
        return Reply::Unproved("no_order");
    }
    let Some(fen) = fen else { return Reply::Unproved("amount") };
    let receipt = Receipt {
        gateway_number: result.literal("out_trade_no"),
        paid_at_ms: None,
        refundable: None,
        evidence: Evidence::Order,
    };
    answer::paid(order, fen, None, receipt)
}

/// `pay_status` (M1), of the order, or of its refund. 2 is not defined.
fn queried(op: Operation, order: &Order, result: &Fields<'_>) -> Reply {
    match result.number("ret") {
        // The order is known to be paid: who does not find it says nothing of its refund.
        Some(207) if op == Operation::RefundQuery => return Reply::Unproved("order_missing"),
        Some(207) => return Reply::NotFound,
        ret if result.has("ret") && ret != Some(0) => return Reply::Unproved(why(ret)),
        _ => {}
    }
    if !result.names("tp_trade_no", &order.number) {
        return Reply::Unproved("no_order");
    }
    // Here the sum is yuan.
    let fen = result.yuan("total_fee").map(|total| total.minor);
    match (op, result.number("pay_status")) {
        (Operation::RefundQuery, Some(4)) => given_back(order, fen),
        // Paid, and nothing given back.
        (Operation::RefundQuery, Some(1)) => Reply::NotFound,
        (Operation::RefundQuery, _) => Reply::Unproved("not_paid"),
        (_, Some(0)) => Reply::Waiting,
        (_, Some(1)) => paid(order, result, fen),
        (_, Some(3)) => Reply::Closed,
        (_, Some(4)) => Reply::ReturnedInFull,
        _ => Reply::Unproved("unknown_state"),
    }
}

/// The order's sum is the refund's: a part cannot be given back.
fn given_back(order: &Order, fen: Option<i64>) -> Reply {
    let proved = Returned { gateway_number: None, refunded_at_ms: None, evidence: Evidence::Order };
    answer::refunded(order, fen, None, Reply::RefundProved(proved))
}

/// The refund's own answer: it names nothing.
fn refunded(result: &Fields<'_>) -> Reply {
    match result.number("ret") {
        Some(0) => Reply::RefundAccepted,
        Some(209) => Reply::ReturnedInFull,
        // Not opened, no such order, unpaid, past its day: turned away, nothing was given back (M1). A bad parameter, 201,
        // may be the nonce of a copy that was carried out.
        Some(ret @ (202..=205 | 207 | 208 | 210)) => Reply::Refused(ret.to_string()),
        ret => Reply::Unproved(why(ret)),
    }
}

fn why(ret: Option<i64>) -> &'static str {
    match ret {
        None => "no_ret",
        Some(101) => "network_delay",
        Some(102) => "system_busy",
        Some(_) => "unknown_code",
    }
}
