//! Toll, a made-up gateway: the one that docs/adding-a-gateway.md adds. Charges a code, is asked, reverses, gives back.
//!
//! Every request and answer is one flat JSON object with `sign`: HMAC-SHA256 of the sorted fields, upper-case hex. Every
//! answer names the order, so no operation needs a connection of its own. Sums are fen. There is no callback.

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Refunds, Reply, RequestError,
    Returned, Settings, Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    request::{self, Flat},
};
use crate::{
    error::PaywandError, key::Key, money::Currency, payment::Evidence, payment_code::PaymentCode, signing,
};

/// Toll's page says: ask every 4 s, reverse after 20 s.
pub(super) const TIMING: Timing = Timing { interval_ms: 4_000, min_reverse_age_ms: 20_000, ..Timing::COMMON };

const MAX_MINOR: i64 = 1_000_000;
const MAX_CODE: usize = 24;

pub(super) struct Toll {
    merchant: String,
    key: Key,
}

impl Toll {
    /// Keys: `merchant`, `key`.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let gateway = Self { merchant: settings.identifier("merchant", 16)?, key: settings.key("key", 64)? };
        settings.finish()?;
        Ok(gateway)
    }

    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        self.key.hmac_sha256(signing::sorted_text(fields).as_bytes())
    }

    fn verifies(&self, answer: &Fields<'_>) -> bool {
        let signed = answer.signed();
        let ours = self.sign(signed.iter().map(|(name, value)| (*name, value.as_str())));
        answer.text("sign").is_some_and(|theirs| signing::same(&ours, &theirs))
    }

    fn about<'a>(&'a self, order: &'a Order, stamp: &'a Stamp) -> Result<Flat<'a>, RequestError> {
        let number = request::order_number(order, "")?;
        Ok(Flat::new().text("merchant", self.merchant.as_str()).text("order", number).text("nonce", &stamp.nonce))
    }

    fn sent(&self, path: &'static str, flat: Flat<'_>) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path, body: flat.signed_body(sign)?, fresh: false })
    }
}

impl Gateway for Toll {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: false,
            query: true,
            detail: false,
            reverse: true,
            close: false,
            cleans_failures: &[],
            refund: Some(Refunds { query: true, repeats: true, partial: true, days: Some(30) }),
            signs_answers: true,
            own_connections: false,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: MAX_CODE,
            order_prefix: String::new(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![&self.merchant]
    }

    fn request(
        &self,
        op: Operation,
        order: &Order,
        code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        let flat = self.about(order, stamp)?;
        match op {
            Operation::Charge => {
                let fen = request::amount(order, Currency::CNY, MAX_MINOR)?;
                self.sent("/toll/pay", flat.integer("fen", fen).text("code", request::code(code, MAX_CODE)?))
            }
            Operation::Query => self.sent("/toll/ask", flat),
            Operation::Reverse => self.sent("/toll/undo", flat),
            Operation::Refund => {
                let refund = request::refund(order)?;
                let flat = flat.text("refund", refund.number.as_str()).integer("fen", refund.amount.minor);
                self.sent("/toll/return", flat)
            }
            Operation::RefundQuery => {
                let number = request::refund(order)?.number.as_str();
                self.sent("/toll/ask_return", flat.text("refund", number))
            }
            _ => Err(request::unsupported(op)),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if matches!(op, Operation::CreateQr | Operation::Detail | Operation::Close) {
            return Reply::Unproved("operation");
        }
        let answer = match answer::object(response) {
            Ok(answer) => answer,
            Err(reply) => return reply,
        };
        if !answer.names("order", &order.number) || !answer.names("merchant", &self.merchant) {
            return Reply::Unproved("other_order");
        }
        let state = answer.text("state").unwrap_or_default();
        let reply = match op {
            Operation::Charge | Operation::Query => asked(op, order, &answer, &state),
            Operation::Reverse => undone(&state),
            _ => returned(op, order, &answer, &state),
        };
        answer::if_signed(self.verifies(&answer), reply)
    }

    fn notice(&self, _callback: &Callback) -> Result<Notice, NoticeRefusal> {
        Err(NoticeRefusal::Unsupported)
    }
}

fn asked(op: Operation, order: &Order, answer: &Fields<'_>, state: &str) -> Reply {
    match state {
        "paid" => {
            let Some(fen) = answer.integer("fen") else { return Reply::Unproved("amount") };
            let (gateway_number, evidence) = (answer.literal("ticket"), Evidence::Signature);
            let receipt = Receipt { gateway_number, paid_at_ms: None, refundable: None, evidence };
            answer::paid(order, fen, None, receipt)
        }
        "waiting" => Reply::Waiting,
        // Toll's page: refused before any charge.
        "refused" if op == Operation::Charge => Reply::Refused(state.to_owned()),
        "failed" => Reply::NotPaid(state.to_owned()),
        "unknown" => Reply::NotFound,
        "undone" => Reply::Reversed,
        "returned" => Reply::ReturnedElsewhere,
        _ => Reply::Unproved("unknown_state"),
    }
}

fn undone(state: &str) -> Reply {
    match state {
        "undone" => Reply::ReverseDone,
        "waiting" => Reply::ReverseAgain,
        "paid" => Reply::ReverseRefused,
        "unknown" => Reply::NotFound,
        _ => Reply::Unproved("unknown_state"),
    }
}

/// Proof names our refund and its sum; the return's own answer is at most an acceptance.
fn returned(op: Operation, order: &Order, answer: &Fields<'_>, state: &str) -> Reply {
    let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
    if !answer.names("refund", &refund.number) {
        return Reply::Unproved("other_refund");
    }
    match (op, state) {
        (Operation::Refund, "returning" | "returned") => Reply::RefundAccepted,
        (Operation::Refund, "refused") => Reply::Refused(state.to_owned()),
        (Operation::RefundQuery, "returned") => {
            let (gateway_number, evidence) = (answer.literal("ticket"), Evidence::Signature);
            let proved = Returned { gateway_number, refunded_at_ms: None, evidence };
            answer::refunded(order, answer.integer("fen"), None, Reply::RefundProved(proved))
        }
        (Operation::RefundQuery, "returning") => Reply::Waiting,
        (Operation::RefundQuery, "failed") => Reply::RefundFailed(state.to_owned()),
        (Operation::RefundQuery, "unknown") => Reply::NotFound,
        _ => Reply::Unproved("unknown_state"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::testing::{self, K, NUMBER, REFUND_NUMBER, own, plain};

    fn gateway() -> Toll {
        Toll::new(testing::settings(&[("merchant", "M1"), ("key", K)])).unwrap()
    }

    fn order() -> Order {
        testing::refunding(testing::order(500, Currency::CNY), 200)
    }

    /// An answer in `state`, signed.
    fn answer(state: &str, more: &[(&str, &str)]) -> String {
        let mut fields = vec![("merchant", "M1"), ("order", NUMBER), ("state", state)];
        fields.extend(more);
        let sign = gateway().sign(fields.iter().copied());
        let object: serde_json::Map<_, _> =
            fields.iter().chain([&("sign", sign.as_str())]).map(|&(name, value)| (name.into(), value.into())).collect();
        serde_json::Value::Object(object).to_string()
    }

    fn reply(op: Operation, state: &str, more: &[(&str, &str)]) -> Reply {
        gateway().reply(op, &order(), &own(&answer(state, more)))
    }

    #[test]
    fn a_charge_is_signed_over_its_sorted_fields() {
        let code = testing::wechat_code();
        let request = gateway().request(Operation::Charge, &order(), Some(&code), &testing::stamp()).unwrap();
        let text = format!("code=134512345678901234&fen=500&merchant=M1&nonce=n0nce&order={NUMBER}");
        let expected = serde_json::json!({
            "merchant": "M1", "order": NUMBER, "nonce": "n0nce", "fen": 500, "code": "134512345678901234",
            "sign": signing::hmac_sha256_upper(K, text.as_bytes()),
        });
        assert_eq!((request.path, testing::sent(&request)), ("/toll/pay", expected));
    }

    #[test]
    fn a_payment_needs_its_signature_our_order_and_our_sum() {
        let paid = [("fen", "500"), ("ticket", "t9")];
        assert!(matches!(reply(Operation::Charge, "paid", &paid), Reply::Paid(_)));
        assert!(matches!(reply(Operation::Query, "paid", &[("fen", "499")]), Reply::PaidOther(_)));
        assert_eq!(reply(Operation::Query, "paid", &[]), Reply::Unproved("amount"));
        let good = answer("paid", &paid);
        assert!(matches!(gateway().reply(Operation::Query, &order(), &plain(&good)), Reply::Paid(_)), "it is signed");
        let forged = good.replace("\"500\"", "\"501\"");
        assert_eq!(gateway().reply(Operation::Query, &order(), &own(&forged)), Reply::Unproved("signature"));
        let other = good.replace(NUMBER, "T2");
        assert_eq!(gateway().reply(Operation::Query, &order(), &own(&other)), Reply::Unproved("other_order"));
        testing::no_changed_byte_pays_otherwise(&gateway(), Operation::Query, &order(), &good);
    }

    #[test]
    fn a_refund_is_proved_by_its_own_entry_only() {
        let ours = [("refund", REFUND_NUMBER), ("fen", "200")];
        assert_eq!(reply(Operation::Refund, "returned", &ours), Reply::RefundAccepted);
        assert!(matches!(reply(Operation::RefundQuery, "returned", &ours), Reply::RefundProved(_)));
        let less = [("refund", REFUND_NUMBER), ("fen", "199")];
        assert!(!matches!(reply(Operation::RefundQuery, "returned", &less), Reply::RefundProved(_)));
        let other = [("refund", "R2"), ("fen", "200")];
        assert_eq!(reply(Operation::RefundQuery, "returned", &other), Reply::Unproved("other_refund"));
    }

    #[test]
    fn garbage_proves_nothing_and_what_it_lacks_is_refused() {
        testing::survives_garbage(&gateway(), &order(), &answer("paid", &[("fen", "500")]));
        testing::lacks(&gateway(), &[Operation::CreateQr, Operation::Detail, Operation::Close]);
    }
}
