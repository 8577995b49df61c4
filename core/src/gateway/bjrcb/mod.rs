//! BJRCB 北京农商银行 (聚合富): charge, QR, query, reverse, close and refunds at one address (S2, J2; docs/sources.md).
//! What is asked for is named by wallet and operation (`services.rs`).
//!
//! Texts: `subject` is the subject, or the order number where there is none; `body` is the detail, else the same as
//! `subject`; `op_user_id` is the cashier, `store_id` the store, `device_info` the terminal, `refund_reason` why it is
//! given back. There is no field for the attach text. `detail` is a list of goods and is not sent.
//!
//! A useful answer to the charge names the order and is signed, so the charge may reuse a connection. Answers about an
//! order that the bank does not know, and the answers to all the rest, are not documented and may name none: those go over
//! connections of their own.

mod refund;
mod services;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use services::Services;

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
    payment::{Evidence, PaymentKind},
    payment_code::{PaymentCode, Wallet},
    signing,
};

/// S2 gives none; a relative gateway asks every 5 s (J3), the wallets advise 45 s (docs/sources.md).
pub(super) const TIMING: Timing = Timing { interval_ms: 5_000, deadline_ms: 45_000, ..Timing::COMMON };

const PATH: &str = "/gateway";
/// S2: `Int(20)`; no more than fits the 32 bits of the wallets behind it.
const MAX_MINOR: i64 = 0x7fff_ffff;
/// S2: `auth_code` varchar(32).
const MAX_CODE: usize = 32;
const KEY_MAX: usize = 128;
const NO_CLOSE: &str = "Alipay's QR cannot be closed: the option close_service_alipay names no service";

pub(super) struct Bjrcb {
    mch_id: String,
    key: Key,
    services: Services,
    qr_wallet: Wallet,
    notify_url: Option<String>,
    terminal: String,
    qr_life_ms: i64,
}

impl Bjrcb {
    /// Keys: `mch_id`, `key`; options: `qr_wallet`, `notify_url` and the names of the services. The terminal is required.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let alipay = settings.choice("qr_wallet", &["wechat", "alipay"])? == "alipay";
        let gateway = Self {
            mch_id: settings.identifier("mch_id", 32)?,
            key: settings.key("key", KEY_MAX)?,
            services: Services::new(&mut settings)?,
            qr_wallet: if alipay { Wallet::Alipay } else { Wallet::Wechat },
            notify_url: settings.option("notify_url", 256)?,
            terminal: settings.terminal(32)?,
            qr_life_ms: settings.qr_life_ms,
        };
        if gateway.services.name(Operation::Close, gateway.qr_wallet).is_none() {
            return Err(settings.refused("options.qr_wallet", NO_CLOSE.to_owned()));
        }
        settings.finish()?;
        Ok(gateway)
    }

    /// MD5 of the sorted fields, empty ones left out, the key appended bare; upper-case hex (J2).
    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let text = Zeroizing::new(signing::sorted_text(fields.filter(|(_, value)| !value.is_empty())));
        self.key.md5(&text, "").to_ascii_uppercase()
    }

    fn verifies(&self, answer: &Fields<'_>) -> bool {
        let signed = answer.signed();
        let ours = self.sign(signed.iter().map(|(name, value)| (*name, value.as_str())));
        answer.text("sign").is_some_and(|theirs| signing::same(&ours, &theirs))
    }

    /// The wallet whose service is asked. A code of no known form goes to Alipay, whose forms have changed before (A1).
    fn wallet(&self, order: &Order) -> Wallet {
        match (order.wallet, order.kind) {
            (None, PaymentKind::Qr) => self.qr_wallet,
            (Some(Wallet::Wechat), _) => Wallet::Wechat,
            _ => Wallet::Alipay,
        }
    }

    /// The fields that every request has.
    fn asked<'a>(&'a self, op: Operation, order: &'a Order, nonce: &'a str) -> Result<Flat<'a>, RequestError> {
        let service = self.services.name(op, self.wallet(order)).ok_or_else(|| request::unsupported(op))?;
        Ok(Flat::new()
            .text("service_type", service)
            .text("mch_id", self.mch_id.as_str())
            .text("out_trade_no", request::order_number(order, "")?)
            .text("nonce_str", nonce))
    }

    fn sent(&self, flat: Flat<'_>, fresh: bool) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path: PATH, body: flat.signed_body(sign)?, fresh })
    }

    fn charge(&self, order: &Order, code: Option<&PaymentCode>, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = self.sale(Operation::Charge, order, nonce)?;
        self.sent(flat.text("auth_code", request::code(code, MAX_CODE)?).text("scene", "bar_code"), false)
    }

    /// The fields of the charge that make sense without a code; J2 knows the service, no page has its table.
    fn create(&self, order: &Order, stamp: &Stamp) -> Result<WireRequest, RequestError> {
        let refused = |reason: &str| RequestError { field: "wallet", reason: reason.to_owned() };
        if !matches!(order.wallet, None | Some(Wallet::Wechat | Wallet::Alipay)) {
            return Err(refused("only WeChat and Alipay have a QR here"));
        }
        if self.services.name(Operation::Close, self.wallet(order)).is_none() {
            return Err(refused(NO_CLOSE));
        }
        let flat = self
            .sale(Operation::CreateQr, order, &stamp.nonce)?
            .text("time_expire", request::china_time(stamp.at_ms.saturating_add(self.qr_life_ms)))
            .optional("notify_url", self.notify_url.as_deref());
        self.sent(flat, true)
    }

    /// What charge and QR have in common.
    fn sale<'a>(&'a self, op: Operation, order: &'a Order, nonce: &'a str) -> Result<Flat<'a>, RequestError> {
        let subject = texts::free(&order.texts.subject, 256).unwrap_or_else(|| order.number.clone());
        let body = order.texts.detail.as_deref().and_then(|detail| texts::free(detail, 127));
        let body = body.or_else(|| texts::free(&subject, 127)).unwrap_or_default();
        Ok(self
            .asked(op, order, nonce)?
            .integer("total_fee", request::amount(order, Currency::CNY, MAX_MINOR)?)
            .text("subject", subject)
            .text("body", body)
            .optional("op_user_id", texts::optional("cashier", order.texts.cashier.as_deref(), 32)?)
            .optional("store_id", texts::optional("store", order.texts.store.as_deref(), 32)?)
            .text("device_info", request::terminal(order, &self.terminal, 32)?))
    }

    /// J2: our number, and the bank's (`transaction_id`) when known.
    fn undo(&self, op: Operation, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = self.asked(op, order, nonce)?;
        self.sent(flat.optional("transaction_id", request::gateway_number(order, 32)), true)
    }
}

impl Gateway for Bjrcb {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: true,
            query: true,
            detail: false,
            reverse: true,
            close: true,
            // The advice to revoke what failed is WeChat's (W1).
            cleans_failures: &[Wallet::Wechat],
            // Nothing says that the same number again is the same refund, nor for how long it can be given back.
            refund: Some(Refunds {
                query: self.services.for_both(Operation::RefundQuery),
                repeats: false,
                partial: true,
                days: None,
            }),
            signs_answers: true,
            own_connections: false,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: MAX_CODE,
            order_prefix: String::new(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![&self.mch_id, &self.terminal]
    }

    fn qr_wallet(&self) -> Option<Wallet> {
        Some(self.qr_wallet)
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
            Operation::CreateQr => self.create(order, stamp),
            // An answer about an order that the bank does not know may name none.
            Operation::Query => self.sent(self.asked(op, order, &stamp.nonce)?, true),
            Operation::Reverse | Operation::Close => self.undo(op, order, &stamp.nonce),
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
        if answer.names_other("mch_id", &self.mch_id) || answer.names_other("out_trade_no", &order.number) {
            return Reply::Unproved("other_order");
        }
        // Outranks whatever the state says (docs/architecture.md).
        if answer.text("return_code").as_deref() != Some("SUCCESS") {
            return Reply::Unproved("return_code");
        }
        // S2: `result_code` mirrors `trade_state`, which decides.
        let state = answer.text("trade_state").unwrap_or_default();
        let reply = match op {
            Operation::Reverse | Operation::Close => reversed(&answer, &state),
            Operation::CreateQr => created(order, &answer, &state),
            Operation::Refund => refund::accepted(order, &answer),
            Operation::RefundQuery => refund::queried(order, &answer),
            _ => state_of(op, order, &answer, &state),
        };
        let reply = if answer.names("out_trade_no", &order.number) { reply } else { nameless(response, reply) };
        answer::if_signed(self.verifies(&answer), reply)
    }

    /// Paid orders with the fields of S2, signed as every answer (J2). How they are written is not documented.
    fn notice(&self, callback: &Callback) -> Result<Notice, NoticeRefusal> {
        let told = Told::read(callback)?;
        told.notice(&self.sign(told.signed()), ("mch_id", &self.mch_id), "out_trade_no", "SUCCESS")
    }
}

/// The nine states (S2).
fn state_of(op: Operation, order: &Order, answer: &Fields<'_>, state: &str) -> Reply {
    match state {
        "SUCCESS" => paid(order, answer),
        "INIT" | "NOTPAY" | "USERPAYING" => Reply::Waiting,
        "REFUND" => Reply::ReturnedElsewhere,
        "CLOSED" => Reply::Closed,
        "REVOKED" => Reply::Reversed,
        // A charge is never refused here: what failed is asked for (docs/architecture.md).
        "PAYERROR" | "FAIL" if op == Operation::Charge => Reply::Unproved("charge_failed"),
        "PAYERROR" => Reply::NotPaid(state.to_owned()),
        "FAIL" if answer.text("transaction_id").is_some() => Reply::NotPaid(state.to_owned()),
        // How the bank speaks of an order that it does not know is not documented. Without a number of its own it may be
        // that, and a charge that was lost may still land.
        "FAIL" => Reply::NotFound,
        _ => Reply::Unproved("unknown_state"),
    }
}

/// The QR of our order, and of our sum where the answer says one.
fn created(order: &Order, answer: &Fields<'_>, state: &str) -> Reply {
    if matches!(state, "PAYERROR" | "FAIL") {
        // What failed is asked for, as a charge is.
        return Reply::Unproved("creation_failed");
    }
    let other_sum = answer.has("total_fee") && answer.integer("total_fee") != Some(order.amount.minor);
    if other_sum || answer.names_other("fee_type", order.amount.currency.as_str()) {
        return Reply::Unproved("other_amount");
    }
    match answer.text("code_url") {
        Some(pay_url) => Reply::QrReady { pay_url, gateway_number: answer.literal("transaction_id") },
        None => Reply::Unproved("no_code_url"),
    }
}

/// A reverse's or close's answer, whose form is not documented: it is taken for done only where it says an ended state, and a
/// query confirms it. SUCCESS would be "reversed" or "still paid": the query that precedes a repeat tells.
fn reversed(answer: &Fields<'_>, state: &str) -> Reply {
    match state {
        "REVOKED" | "CLOSED" | "REFUND" => Reply::ReverseDone,
        "INIT" | "NOTPAY" | "USERPAYING" => Reply::ReverseAgain,
        "SUCCESS" => Reply::Unproved("reverse_or_payment"),
        "FAIL" if answer.text("transaction_id").is_none() => Reply::NotFound,
        "PAYERROR" | "FAIL" => Reply::Unproved("reverse_failed"),
        _ => Reply::Unproved("unknown_state"),
    }
}

/// `reply` of an answer that names no order: enough to wait, to confirm or to show a QR, over a connection of its own.
fn nameless(response: &WireResponse, reply: Reply) -> Reply {
    match reply {
        Reply::Waiting
        | Reply::NotFound
        | Reply::ReverseDone
        | Reply::ReverseAgain
        | Reply::QrReady { .. }
        | Reply::RefundAccepted => answer::if_own(response, reply),
        Reply::Unproved(why) => Reply::Unproved(why),
        _ => Reply::Unproved("no_order"),
    }
}

/// A paid order, its signature aside. `total_fee` goes out as a number and comes back as text (S2); `transaction_id` is
/// the bank's number, not Alipay's.
fn paid(order: &Order, answer: &Fields<'_>) -> Reply {
    let Some(total_fee) = answer.integer("total_fee") else {
        return Reply::Unproved("amount");
    };
    let receipt = Receipt {
        gateway_number: answer.literal("transaction_id"),
        paid_at_ms: answer.literal("time_end").and_then(|time| answer::china_time(&time)),
        refundable: None,
        evidence: Evidence::Signature,
    };
    answer::paid(order, total_fee, answer.literal("fee_type").as_deref(), receipt)
}
