//! BJRCB's refunds (J2): clients show the request, nobody the answers. What these must say is what the wallets behind
//! the bank say (W1), and it counts only where it names our refund.

use super::{
    super::{
        Operation, Order, Reply, RequestError, Returned, WireRequest,
        answer::{self, Fields},
        request, texts,
    },
    Bjrcb,
};
use crate::{payment::Evidence, payment_code::Wallet};

impl Bjrcb {
    /// `out_request_no` is Alipay's own name for the refund's number (J2, A1).
    pub(super) fn refund(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let refund = request::refund(order)?;
        let (number, minor) = (refund.number.as_str(), refund.amount.minor);
        let alipays = (self.wallet(order) == Wallet::Alipay).then_some(number);
        let flat = self
            .asked(Operation::Refund, order, nonce)?
            .optional("transaction_id", request::gateway_number(order, 32))
            .text("out_refund_no", number)
            .optional("out_request_no", alipays)
            .integer("refund_fee", minor)
            .optional("refund_reason", texts::free(&order.texts.subject, 80));
        self.sent(flat, true)
    }

    pub(super) fn refund_query(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = self.asked(Operation::RefundQuery, order, nonce)?;
        let number = request::refund(order)?.number.as_str();
        self.sent(flat.text("out_refund_no", number), true)
    }
}

/// The refund's own answer: taken on, no more. There is no list of `err_code`s, so nothing turns it away for good.
pub(super) fn accepted(order: &Order, answer: &Fields<'_>) -> Reply {
    let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
    if answer.names_other("out_refund_no", &refund.number) {
        return Reply::Unproved("other_refund");
    }
    match answer.text("result_code").as_deref() {
        Some("SUCCESS") => {}
        // W1: the merchant's own funds are short: later, the same number again.
        _ if answer.text("err_code").as_deref() == Some("NOTENOUGH") => return Reply::Unproved("merchant_funds"),
        _ => return Reply::Unproved("refund_refused"),
    }
    if !matches!(answer.text("refund_status").as_deref(), None | Some("SUCCESS" | "PROCESSING")) {
        return Reply::Unproved("refund_failed");
    }
    if !answer.has("refund_fee") {
        return Reply::RefundAccepted;
    }
    sum(order, answer, Reply::RefundAccepted)
}

/// Our refund, named, as the refund query tells it.
pub(super) fn queried(order: &Order, answer: &Fields<'_>) -> Reply {
    let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
    if answer.names_other("out_refund_no", &refund.number) {
        return Reply::Unproved("other_refund");
    }
    if answer.text("err_code").as_deref() == Some("REFUNDNOTEXIST") {
        // W1.
        return Reply::NotFound;
    }
    if !answer.names("out_refund_no", &refund.number) {
        return Reply::Unproved("no_refund");
    }
    let reply = match answer.text("refund_status").as_deref() {
        Some("SUCCESS") => Reply::RefundProved(Returned {
            gateway_number: answer.literal("refund_id"),
            refunded_at_ms: None,
            evidence: Evidence::Signature,
        }),
        Some("PROCESSING") => Reply::Waiting,
        Some(status @ ("FAIL" | "REFUNDCLOSE")) => Reply::RefundFailed(status.to_owned()),
        Some("CHANGE") => Reply::RefundChanged,
        _ => return Reply::Unproved("unknown_state"),
    };
    sum(order, answer, reply)
}

fn sum(order: &Order, answer: &Fields<'_>, reply: Reply) -> Reply {
    let currency = answer.literal("refund_fee_type").or_else(|| answer.literal("fee_type"));
    answer::refunded(order, answer.integer("refund_fee"), currency.as_deref(), reply)
}
