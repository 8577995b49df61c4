//! BlueOcean's refunds (B1): what is asked, and which entry of the refund query is ours.
//!
//! The refund's own answer says that it was taken on, no more. The query lists every refund of the order, each with its
//! place `n` in the names of its fields: `out_refund_no_n`, `refund_fee_n`, `refund_status_n`.

use std::collections::BTreeSet;

use super::{
    super::{
        Order, Reply, RequestError, Returned, WireRequest, WireResponse,
        answer::{self, Fields},
        request, texts,
    },
    BlueOcean, is_refusal, why,
};
use crate::payment::Evidence;

const REFUND: &str = "/wechat/payment/refund";
/// B1: the index and the samples have the first, the page's own text the second.
pub(super) const QUERY_PATHS: [&str; 2] = ["/wechat/payment/refundquery", "/wechat/payments/refundquery"];
/// B1: at most 50 refunds of an order; whether the first is 0 or 1 is not said.
const LAST_PLACE: u8 = 50;

impl BlueOcean {
    pub(super) fn refund(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let refund = request::refund(order)?;
        let (number, minor) = (refund.number.as_str(), refund.amount.minor);
        let flat = self
            .named(nonce)
            .optional("transaction_id", request::gateway_number(order, 32))
            .text("out_trade_no", request::order_number(order, "")?)
            .text("out_refund_no", number)
            .integer("total_fee", order.amount.minor)
            .integer("refund_fee", minor)
            .optional("refund_desc", texts::free(&order.texts.subject, 80));
        self.sent(REFUND, flat)
    }

    pub(super) fn refund_query(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = self.named(nonce).text("out_trade_no", request::order_number(order, "")?);
        self.sent(self.refundquery_path, flat)
    }

    /// The refund's own answer: it was taken on, if it names order, refund and sum.
    pub(super) fn refund_accepted(&self, order: &Order, data: &Fields<'_>) -> Reply {
        let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
        if !data.names("out_trade_no", &order.number) {
            return Reply::Unproved("no_order");
        }
        if !data.names("out_refund_no", &refund.number) {
            return Reply::Unproved("no_refund");
        }
        let currency = data.literal("refund_fee_type").or_else(|| data.literal("fee_type"));
        let reply = answer::refunded(order, data.integer("refund_fee"), currency.as_deref(), Reply::RefundAccepted);
        answer::if_signed(self.verifies(data), reply)
    }

    /// Our refund among those of the order. B1's table has no signature in this answer: without one it proves nothing, and over
    /// its own connection it shows that the gateway was asked, so that a person who knows more may settle it.
    pub(super) fn refund_queried(&self, response: &WireResponse, order: &Order, data: &Fields<'_>) -> Reply {
        let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
        if !data.names("out_trade_no", &order.number) {
            return Reply::Unproved("no_order");
        }
        if !data.has("sign") {
            return answer::if_own(response, Reply::Undecided("unsigned"));
        }
        let number = |n: &u8| data.literal(&format!("out_refund_no_{n}"));
        let ours: Vec<_> = (0..=LAST_PLACE).filter(|n| number(n).as_ref() == Some(&refund.number)).collect();
        // An entry that names no refund, or one that stands elsewhere too, may be ours: it does not count as another's.
        let others: BTreeSet<_> = (0..=LAST_PLACE).filter_map(|n| number(&n)).collect();
        let reply = match ours.as_slice() {
            [place] => entry(order, data, *place),
            // Whoever counts more than are shown may hold ours back.
            [] if data.integer("refund_count") == i64::try_from(others.len()).ok() => Reply::NotFound,
            [] => Reply::Unproved("refunds_missing"),
            _ => Reply::Unproved("refund_twice"),
        };
        answer::if_signed(self.verifies(data), reply)
    }
}

fn entry(order: &Order, data: &Fields<'_>, place: u8) -> Reply {
    let field = |name: &str| data.literal(&format!("{name}_{place}"));
    let reply = match field("refund_status").as_deref() {
        Some("SUCCESS") => Reply::RefundProved(Returned {
            gateway_number: field("refund_id"),
            refunded_at_ms: refunded_at_ms(data, place),
            evidence: Evidence::Signature,
        }),
        Some("PROCESSING") => Reply::Waiting,
        Some(status @ "REFUNDCLOSE") => Reply::RefundFailed(status.to_owned()),
        Some("CHANGE") => Reply::RefundChanged,
        _ => return Reply::Unproved("unknown_state"),
    };
    answer::refunded(order, data.integer(&format!("refund_fee_{place}")), data.literal("fee_type").as_deref(), reply)
}

/// B1 writes the time once for all refunds: it is ours where there is no other.
fn refunded_at_ms(data: &Fields<'_>, place: u8) -> Option<i64> {
    let own = data.literal(&format!("refund_success_time_{place}"));
    let only = || data.literal("refund_success_time").filter(|_| data.integer("refund_count") == Some(1));
    own.or_else(only).and_then(|time| answer::china_time(&time))
}

/// A refund's answer without one (B1). Such answers are unsigned, and name nothing.
pub(super) fn refund_code(response: &WireResponse, code: i64) -> Reply {
    let reply = match code {
        40102 => Reply::NotFound,
        40103 => Reply::Closed,
        40104 => Reply::Reversed,
        40105 => Reply::ReturnedInFull,
        // The merchant's own funds are short: later, the same number again.
        40107 => Reply::Unproved("merchant_funds"),
        40108 => Reply::Refused(code.to_string()),
        code if is_refusal(code) => Reply::Refused(code.to_string()),
        _ => Reply::Unproved(why(code)),
    };
    match reply {
        Reply::Unproved(why) => Reply::Unproved(why),
        reply => answer::if_own(response, reply),
    }
}
