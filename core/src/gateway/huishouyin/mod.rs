//! huishouyin 慧收银 (联富通 liantuo): the customer's code or a QR; check, get, cancel, close, refund (S4, H1;
//! docs/sources.md).
//!
//! Amounts are yuan in text with two decimals. Answers carry no signature: every one counts only over verified TLS, and
//! a payment only when the answer names our order and our amount. No field of [`Texts`] is sent: `store_info` and
//! `goods_list` are nested, and how nested fields are signed is not defined (docs/sources.md).
//!
//! What turns a call away names no order: all go over a connection of their own but `/pay/get` for a payment, which
//! counts only when it names the order, and may reuse one.
//!
//! A refund is asked about with `/pay/get`: only its list names a refund's number and amount. `/pay/check` with a
//! `refund_order_id` tells a state and neither of the two.
//!
//! [`Texts`]: crate::Texts

mod refund;
#[cfg(test)]
mod tests;

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{
    Acknowledgement, Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Refunds, Reply,
    RequestError, Settings, Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    request::{self, Flat},
};
use crate::{
    error::PaywandError,
    key::{Key, Rsa},
    money::{Amount, Currency},
    payment::Evidence,
    payment_code::PaymentCode,
    signing,
};

/// docs/sources.md: H1 gives no numbers.
pub(super) const TIMING: Timing =
    Timing { first_query_ms: 5_000, interval_ms: 5_000, deadline_ms: 45_000, ..Timing::COMMON };

/// Not stated; what fits the 32 bits of the wallets behind it.
const MAX_MINOR: i64 = 0x7fff_ffff;
const KEY_MAX: usize = 128;
/// `pay_code` has no length in H1: as long as any code.
const CODE_MAX: usize = 128;

pub(super) struct Huishouyin {
    app_id: String,
    app_sercet: Key,
    plain_hex: bool,
    /// Signs in the place of `app_sercet`.
    rsa: Option<Rsa>,
}

impl Huishouyin {
    /// Keys: `app_id`, `app_sercet` (spelled so); `rsa_private_key` with the option `sign_type`: `RSA`.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let gateway = Self {
            app_id: settings.identifier("app_id", 32)?,
            app_sercet: settings.key("app_sercet", KEY_MAX)?,
            plain_hex: settings.choice("final_encoding", &["base64_hex", "hex_upper"])? == "hex_upper",
            rsa: settings.rsa_key("sign_type", &["MD5", "RSA"])?,
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// MD5 of the fields with `app_sercet` sorted in; upper-case hex, and base64 of that text (H1) unless the
    /// configuration wants the hex, which fits the 32 characters of S4. With RSA, the fields without `app_sercet`
    /// (docs/sources.md).
    fn sign<'a>(&'a self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<String, RequestError> {
        if let Some(key) = &self.rsa {
            let text = Zeroizing::new(signing::sorted_text(fields));
            let failed = |why: &str| RequestError { field: "sign", reason: why.to_owned() };
            return key.sign_sha256(text.as_bytes()).map_err(failed);
        }
        let (before, after): (Vec<_>, Vec<_>) = fields.partition(|(name, _)| *name < "app_sercet");
        let before = Zeroizing::new(signing::sorted_text(before.into_iter().chain([("app_sercet", "")])));
        let after = Zeroizing::new(signing::sorted_text(after));
        let after = if after.is_empty() { after } else { Zeroizing::new(["&", &after].concat()) };
        let hex = self.app_sercet.md5(&before, &after).to_ascii_uppercase();
        Ok(if self.plain_hex { hex } else { STANDARD.encode(hex) })
    }

    fn sent(&self, path: &'static str, flat: Flat<'_>, fresh: bool) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs())?;
        Ok(WireRequest { path, body: flat.signed_body(sign)?, fresh })
    }
}

impl Gateway for Huishouyin {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: true,
            query: true,
            detail: true,
            reverse: true,
            close: true,
            cleans_failures: &[],
            // H1 gives no last day, and does not say what a refund number sent twice does.
            refund: Some(Refunds { query: true, repeats: false, partial: true, days: None }),
            signs_answers: false,
            own_connections: true,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: CODE_MAX,
            order_prefix: String::new(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![&self.app_id]
    }

    fn request(
        &self,
        op: Operation,
        order: &Order,
        code: Option<&PaymentCode>,
        _stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        let number = request::order_number(order, "")?;
        let named = |sign_type: Option<&'static str>| {
            let flat = Flat::new().text("app_id", self.app_id.as_str()).optional("sign_type", sign_type);
            flat.text("order_id", number)
        };
        let rsa = self.rsa.is_some().then_some("RSA");
        let flat = || named(rsa.or(Some("MD5")));
        // H1 lists no sign_type for cancel and close: only RSA, which is no default, is named there.
        let undo = || named(rsa);
        let total_amount = || {
            let minor = request::amount(order, Currency::CNY, MAX_MINOR)?;
            Ok(Amount::new(minor, Currency::CNY).to_major())
        };
        match op {
            Operation::Charge => {
                let code = request::code(code, CODE_MAX)?;
                self.sent("/pay/qrcode", flat().text("pay_code", code).text("total_amount", total_amount()?), true)
            }
            Operation::CreateQr => self.sent("/pay/scan", flat().text("total_amount", total_amount()?), true),
            Operation::Query => self.sent("/pay/check", flat(), true),
            Operation::Detail => self.sent("/pay/get", flat(), false),
            Operation::Reverse => self.sent("/pay/cancel", undo(), true),
            Operation::Close => self.sent("/pay/close", undo(), true),
            Operation::Refund => {
                // "0" would give back all: request::refund refuses it.
                let refund = request::refund(order)?;
                let amount = refund.amount.to_major();
                let flat = flat().text("refund_order_id", refund.number.as_str()).text("refund_amount", amount);
                self.sent("/pay/refund", flat, true)
            }
            Operation::RefundQuery => self.sent("/pay/get", flat(), true),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        let answer = match answer::object(response) {
            Ok(answer) => answer,
            Err(reply) => return reply,
        };
        if !response.verified_tls {
            return Reply::Unproved("not_verified_tls");
        }
        // The tables of S4 say `status`, its examples and all other pages `code`.
        let code = if answer.has("code") { answer.integer("code") } else { answer.integer("status") };
        let Some(code) = code else {
            return Reply::Unproved("no_code");
        };
        // S4's table is flat, its example nested.
        let data = if answer.has("data") { answer.object("data") } else { Some(answer) };
        let Some(data) = data else {
            return Reply::Unproved("no_data");
        };
        if data.names_other("order_id", &order.number) || data.names_other("app_id", &self.app_id) {
            return Reply::Unproved("other_order");
        }
        let ours = data.names("order_id", &order.number);
        match (op, code) {
            (Operation::CreateQr, 1000) if ours => created(order, &data),
            (Operation::Charge | Operation::Query | Operation::Detail, 1000) if ours => state(op, order, &data),
            (Operation::Refund, code) => refund::answered(response, order, &data, code),
            (Operation::RefundQuery, 1000) if ours => refund::listed(order, &data),
            (Operation::RefundQuery, 4002) => answer::if_own(response, Reply::NotFound),
            // The order is known to be paid: who does not find it says nothing of its refund.
            (Operation::RefundQuery, 4001) => Reply::Unproved("order_missing"),
            (Operation::Reverse | Operation::Close, 1000) if ours => Reply::ReverseDone,
            (Operation::Reverse | Operation::Close, 1000) => answer::if_own(response, Reply::ReverseDone),
            (_, 1000) => Reply::Unproved("no_order"),
            // H1: the call's own code for a failed or waiting payment.
            (Operation::Charge | Operation::Query, 1001) if ours => Reply::NotPaid(code.to_string()),
            (Operation::Charge | Operation::Query, 1002) if ours => Reply::Waiting,
            (Operation::Charge | Operation::CreateQr, code) => refused(response, code),
            (Operation::Reverse | Operation::Close, code) => answer::if_own(response, not_undone(code)),
            (_, 4001) => answer::if_own(response, Reply::NotFound),
            (_, code) => Reply::Unproved(why(code)),
        }
    }

    /// H1: `code`, `msg`, `data`, without a signature or a documented answer: a hint whoever sent it.
    fn notice(&self, callback: &Callback) -> Result<Notice, NoticeRefusal> {
        let unreadable = NoticeRefusal::Unreadable;
        let told = Fields::parse(&callback.body).ok_or(unreadable("it is not one JSON object"))?;
        let data = if told.has("data") { told.object("data") } else { Some(told) };
        let data = data.ok_or(unreadable("its data is no object"))?;
        if data.names_other("app_id", &self.app_id) {
            return Err(NoticeRefusal::Forged);
        }
        let order_number = data.text("order_id").ok_or(unreadable("it names no order"))?;
        let acknowledgement = Acknowledgement { content_type: "text/plain", body: "SUCCESS" };
        Ok(Notice { order_number, signed: false, acknowledgement })
    }
}

/// The QR, if the order was created with our amount.
fn created(order: &Order, data: &Fields<'_>) -> Reply {
    match data.yuan("total_amount") {
        None => return Reply::Unproved("amount"),
        Some(total) if total != order.amount => return Reply::Unproved("other_amount"),
        Some(_) => {}
    }
    match data.text("pay_url") {
        Some(pay_url) => Reply::QrReady { pay_url, gateway_number: data.literal("trade_no") },
        None => Reply::Unproved("no_pay_url"),
    }
}

/// The codes with which a call is turned away before anything is done: signature, account, fields, application
/// disabled (docs/architecture.md).
fn is_refusal(code: i64) -> bool {
    matches!(code, 2000 | 3000..=3004 | 5000)
}

/// Why nothing was charged or created.
fn refused(response: &WireResponse, code: i64) -> Reply {
    match code {
        code if is_refusal(code) => answer::if_own(response, Reply::Refused(code.to_string())),
        // Believed from anyone: it only keeps the flow from undoing what may be another sale's.
        1003 | 1007 => Reply::NumberTaken,
        _ => Reply::Unproved(why(code)),
    }
}

/// Why nothing was cancelled or closed.
fn not_undone(code: i64) -> Reply {
    match code {
        // Closed or cancelled before.
        1004 | 1005 => Reply::ReverseDone,
        // Paid.
        1003 | 1006 => Reply::ReverseRefused,
        4001 => Reply::NotFound,
        _ => Reply::Unproved(why(code)),
    }
}

/// What `order_status` (H1) says. A refund that failed (-2) leaves the payment as it was. The answer to a charge and `/pay/get`
/// carry the amount, `/pay/check` does not.
fn state(op: Operation, order: &Order, data: &Fields<'_>) -> Reply {
    match data.integer("order_status") {
        Some(1 | -2) if op == Operation::Detail || data.has("total_amount") => paid(order, data),
        Some(1 | -2) => Reply::LooksPaid,
        Some(0) => Reply::Waiting,
        Some(-1) => Reply::NotPaid("-1".to_owned()),
        Some(4) => Reply::Closed,
        Some(5) => Reply::Reversed,
        // All of it: what a cancel gives back, too.
        Some(2) => Reply::ReturnedInFull,
        Some(3) => Reply::ReturnedElsewhere,
        Some(-3) => Reply::Undecided("refunding"),
        Some(-10) => Reply::Unproved("unknown_result"),
        _ => Reply::Unproved("unknown_state"),
    }
}

/// A paid order in full: `total_amount` is what was asked for; `payable_amount` and `real_amount` are lower by coupons,
/// and never compared. No more than `real_amount` is ever given back.
fn paid(order: &Order, data: &Fields<'_>) -> Reply {
    let Some(total) = data.yuan("total_amount") else {
        return Reply::Unproved("amount");
    };
    let receipt = Receipt {
        gateway_number: data.literal("trade_no"),
        paid_at_ms: data.literal("pay_time").and_then(|time| answer::china_time(&time)),
        refundable: data.yuan("real_amount").filter(|real| real.minor < total.minor),
        evidence: Evidence::Order,
    };
    answer::paid(order, total.minor, Some(total.currency.as_str()), receipt)
}

fn why(code: i64) -> &'static str {
    match code {
        5001 | 5002 => "unknown_result",
        1001 | 1002 => "no_order",
        2002 => "merchant_funds",
        _ => "unknown_code",
    }
}
