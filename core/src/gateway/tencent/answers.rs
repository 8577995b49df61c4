//! What Tencent's answers prove (T1, T2; docs/architecture.md). Nothing is believed but over the text that was signed, save
//! the two answers that come without a signature.

use super::{HMAC_SHA256, Tencent, states};
use crate::{
    gateway::{
        Operation, Order, Reply, WireResponse,
        answer::{self, Fields},
    },
    money::Amount,
    signing,
};

/// `internal_status` of the guard against duplicates (T2).
const DUPLICATE_BLOCKED: i64 = 407;

impl Tencent {
    /// What `response`, an answer to `op`, proves about `order`.
    pub(super) fn read(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if op == Operation::Detail {
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
        let begins = matches!(op, Operation::Charge | Operation::CreateQr);
        // T2: whatever the status, another payment has the number and must not be undone. Believed from anyone: it only keeps
        // the flow from that.
        if begins && internal == Some(DUPLICATE_BLOCKED) && signed != Some(false) {
            return Reply::NumberTaken;
        }
        let named = |reply| answer::if_signed(signed == Some(true), reply);
        match (op, status) {
            (Operation::Query, 0) => named(self.told(order, &content, "query_order")),
            (Operation::Charge, 0) => named(self.told(order, &content, "micro_pay")),
            (Operation::Refund, 0) => named(self.refund_taken(response, order, &content)),
            (Operation::RefundQuery, 0) => named(self.refund_told(response, order, &content)),
            // The two unsigned answers (T2); they count only for the first send of a charge, a creation or a refund.
            (Operation::Charge | Operation::CreateQr, 3) if signed != Some(false) => {
                answer::if_own(response, Reply::SendAgain)
            }
            (Operation::Charge | Operation::CreateQr | Operation::Refund, 101)
                if signed != Some(false) && internal != Some(DUPLICATE_BLOCKED) =>
            {
                answer::if_own(response, Reply::Refused(status.to_string()))
            }
            // Unlike a query's, these name no order.
            (Operation::CreateQr, 0) => unnamed(response, signed, created(&content)),
            (Operation::Charge | Operation::CreateQr, status) => unnamed(response, signed, not_begun(status)),
            (Operation::Reverse | Operation::Close, status) => unnamed(response, signed, undone(status, internal)),
            (Operation::Refund, status) => unnamed(response, signed, not_refunded(status, internal)),
            (Operation::RefundQuery, status) => unnamed(response, signed, refund_query_failed(status, internal)),
            (_, status) => unnamed(response, signed, query_failed(status, internal)),
        }
    }

    /// Whether `authen_info` signs `content`. `None` where there is no signature at all (status 3, 101).
    pub(super) fn verifies(&self, answer: &Fields<'_>, content: &str) -> Option<bool> {
        if !answer.has("authen_info") {
            return None;
        }
        let valid = answer.object("authen_info").and_then(|info| info.object("a")).is_some_and(|a| {
            let theirs = a.text("authen_code").unwrap_or_default();
            a.number("authen_type") == Some(HMAC_SHA256) && signing::same(&self.authen_code(content), &theirs)
        });
        Some(valid)
    }

    /// The order as the object `name` of a signed answer tells it. It names the order, so the signature alone makes it
    /// ours.
    fn told(&self, order: &Order, content: &Fields<'_>, name: &str) -> Reply {
        let own = match self.own_part(content, name) {
            Ok(own) => own,
            Err(reply) => return reply,
        };
        let Some(told) = own.object("order_content") else {
            return Reply::Unproved("no_order_content");
        };
        if told.names_other("out_trade_no", &order.number) {
            return Reply::Unproved("other_order");
        }
        if !told.names("out_trade_no", &order.number) {
            return Reply::Unproved("no_order");
        }
        let reply = states::order(order, &told);
        let other_qr = order.pay_url.as_deref().is_some_and(|shown| told.names_other("code_url", shown));
        if reply == Reply::Waiting && other_qr { Reply::OtherQr } else { reply }
    }

    /// The answer to a refund: taken on at most. `refund_order_content` tells of our refund, where it is there.
    fn refund_taken(&self, response: &WireResponse, order: &Order, content: &Fields<'_>) -> Reply {
        let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
        let entry = match self.own_part(content, "refund") {
            Ok(own) => own.object("refund_order_content"),
            Err(reply) => return reply,
        };
        let Some(entry) = entry else {
            return answer::if_own(response, Reply::RefundAccepted);
        };
        if entry.names_other("out_trade_no", &order.number) || entry.names_other("out_refund_no", &refund.number) {
            return Reply::Unproved("other_refund");
        }
        if !entry.names("out_refund_no", &refund.number) {
            return answer::if_own(response, Reply::RefundAccepted);
        }
        match entry.integer("refund_fee") {
            Some(minor) if minor != refund.amount.minor => Reply::PaidOther(Amount::new(minor, refund.amount.currency)),
            _ => Reply::RefundAccepted,
        }
    }

    /// What became of our refund, by its entry in the list of a signed answer.
    fn refund_told(&self, response: &WireResponse, order: &Order, content: &Fields<'_>) -> Reply {
        let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
        let own = match self.own_part(content, "query_refund_order") {
            Ok(own) => own,
            Err(reply) => return reply,
        };
        let Some(entries) = own.list("refund_order_content") else {
            return Reply::Unproved("no_refund_list");
        };
        let mut named = entries.iter().filter(|entry| entry.names("out_refund_no", &refund.number));
        let entry = match (named.next(), named.next()) {
            (Some(entry), None) => entry,
            (Some(_), Some(_)) => return Reply::Unproved("refund_twice"),
            (None, _) if !entries.is_empty() => return Reply::Unproved("other_refund"),
            // An empty list names no order.
            (None, _) => return answer::if_own(response, Reply::NotFound),
        };
        if !entry.names("out_trade_no", &order.number) {
            return Reply::Unproved("other_order");
        }
        states::refund(order, refund, entry)
    }

    /// The object `name`, in which an operation's own answer stands, if it is our account's.
    fn own_part<'a>(&self, content: &Fields<'a>, name: &str) -> Result<Fields<'a>, Reply> {
        let own = content.object(name).ok_or(Reply::Unproved("no_content_of_its_own"))?;
        match own.object("pay_mch_key") {
            Some(key) if self.is_other_account(&key) => Err(Reply::Unproved("other_order")),
            _ => Ok(own),
        }
    }

    pub(super) fn is_other_account(&self, key: &Fields<'_>) -> bool {
        key.names_other("out_mch_id", &self.out_mch_id)
            || key.names_other("out_sub_mch_id", &self.out_sub_mch_id)
            || key.names_other("out_shop_id", &self.out_shop_id)
    }
}

/// `reply` of a signed answer that names no order.
fn unnamed(response: &WireResponse, signed: Option<bool>, reply: Reply) -> Reply {
    match answer::if_signed(signed == Some(true), reply) {
        Reply::Unproved(why) => Reply::Unproved(why),
        reply => answer::if_own(response, reply),
    }
}

fn created(content: &Fields<'_>) -> Reply {
    match content.object("scan_code_pay").and_then(|qr| qr.text("code_url")) {
        Some(pay_url) => Reply::QrReady { pay_url, gateway_number: None },
        None => Reply::Unproved("no_code_url"),
    }
}

/// Why nothing was charged or created.
fn not_begun(status: i64) -> Reply {
    match status {
        // A duplicate number (T2).
        102 => Reply::NumberTaken,
        104 => Reply::Refused(status.to_string()),
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

fn undone(status: i64, internal: Option<i64>) -> Reply {
    match (status, internal) {
        (0, _) => Reply::ReverseDone,
        (104, Some(400)) => Reply::NotFound,
        (102 | 104, Some(DUPLICATE_BLOCKED)) => Reply::Unproved("duplicate_blocked"),
        (102 | 104, _) => Reply::ReverseRefused,
        _ => Reply::Unproved(why(status)),
    }
}

/// Why a refund was not taken on.
fn not_refunded(status: i64, internal: Option<i64>) -> Reply {
    match (status, internal) {
        (104, Some(400)) => Reply::NotFound,
        // The number is known (T2): what became of it is asked.
        (102, _) | (104, Some(DUPLICATE_BLOCKED)) => Reply::Unproved("duplicate_blocked"),
        (104, _) => Reply::Refused(status.to_string()),
        _ => Reply::Unproved(why(status)),
    }
}

fn refund_query_failed(status: i64, internal: Option<i64>) -> Reply {
    match (status, internal) {
        // T3: no refunds.
        (104, Some(426)) => Reply::NotFound,
        // The order is known to be paid: who does not find it says nothing of its refund.
        (104, Some(400)) => Reply::Unproved("order_missing"),
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
