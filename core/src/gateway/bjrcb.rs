//! BJRCB 北京农商银行 (聚合富): Alipay bar-code charge, query and reverse at one address (S2, J2; docs/sources.md).
//!
//! Texts: `subject` is the subject, or the order number where there is none; `body` is the detail, else the same as
//! `subject`; `op_user_id` is the cashier, `store_id` the store, `device_info` the terminal. There is no field for the
//! attach text. `detail` is a list of goods and is not sent.
//!
//! A useful answer to the charge names the order and is signed, so the charge may reuse a connection. Answers about an
//! order that the bank does not know, and the reverse's answer, are not documented and may name none: query and reverse
//! go over connections of their own.

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
    error::PaywandError, money::Currency, payment::Evidence, payment_code::PaymentCode, secret::Secret, signing,
};

/// S2 gives none; a relative gateway asks every 5 s (J3), the wallets advise 45 s (docs/sources.md).
pub(super) const TIMING: Timing = Timing { interval_ms: 5_000, deadline_ms: 45_000, ..Timing::COMMON };

const PATH: &str = "/gateway";
/// S2: `Int(20)`; no more than fits the 32 bits of the wallets behind it.
const MAX_MINOR: i64 = 0x7fff_ffff;
/// S2: `auth_code` varchar(32).
const MAX_CODE: usize = 32;
const KEY_MAX: usize = 128;

pub(super) struct Bjrcb {
    mch_id: String,
    key: Arc<Secret>,
    terminal: String,
}

impl Bjrcb {
    /// Keys: `mch_id`, `key`. The terminal is required.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let gateway = Self {
            mch_id: settings.identifier("mch_id", 32)?,
            key: settings.secret("key", KEY_MAX)?,
            terminal: settings.terminal(32)?,
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// MD5 of the sorted fields, empty ones left out, the key appended bare; upper-case hex (J2).
    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let text = Zeroizing::new(signing::sorted_text(fields.filter(|(_, value)| !value.is_empty())));
        let text = Zeroizing::new([text.as_str(), self.key.reveal()].concat());
        signing::md5_upper(&text)
    }

    fn verifies(&self, answer: &Fields<'_>) -> bool {
        let signed = answer.signed();
        let ours = self.sign(signed.iter().map(|(name, value)| (*name, value.as_str())));
        answer.text("sign").is_some_and(|theirs| signing::same(&ours, &theirs))
    }

    fn sent(&self, flat: Flat<'_>, fresh: bool) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path: PATH, body: flat.signed_body(sign)?, fresh })
    }

    fn charge(&self, order: &Order, code: Option<&PaymentCode>, nonce: &str) -> Result<WireRequest, RequestError> {
        let number = request::order_number(order, "")?;
        let subject = texts::free(&order.texts.subject, 256).unwrap_or_else(|| number.to_owned());
        let body = order.texts.detail.as_deref().and_then(|detail| texts::free(detail, 127));
        let body = body.or_else(|| texts::free(&subject, 127)).unwrap_or_default();
        let flat = Flat::new()
            .text("service_type", "ALIPAY_MICRO")
            .text("mch_id", self.mch_id.as_str())
            .text("out_trade_no", number)
            .text("auth_code", request::code(code, MAX_CODE)?)
            .integer("total_fee", request::amount(order, Currency::CNY, MAX_MINOR)?)
            .text("subject", subject)
            .text("body", body)
            .optional("op_user_id", texts::optional("cashier", order.texts.cashier.as_deref(), 32)?)
            .optional("store_id", texts::optional("store", order.texts.store.as_deref(), 32)?)
            .text("device_info", request::terminal(order, &self.terminal, 32)?)
            .text("scene", "bar_code")
            .text("nonce_str", nonce);
        self.sent(flat, false)
    }

    fn query(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = Flat::new()
            .text("service_type", "ALIPAY_ORDERQUERY")
            .text("mch_id", self.mch_id.as_str())
            .text("out_trade_no", request::order_number(order, "")?)
            .text("nonce_str", nonce);
        // An answer about an order that the bank does not know may name none.
        self.sent(flat, true)
    }

    /// J2: our number, and the bank's (`transaction_id`) when known.
    fn reverse(&self, order: &Order, nonce: &str) -> Result<WireRequest, RequestError> {
        let flat = Flat::new()
            .text("service_type", "ALIPAY_REVERSEORDER")
            .text("mch_id", self.mch_id.as_str())
            .text("out_trade_no", request::order_number(order, "")?)
            .optional("transaction_id", request::gateway_number(order, 32))
            .text("nonce_str", nonce);
        self.sent(flat, true)
    }
}

impl Gateway for Bjrcb {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: false,
            query: true,
            detail: false,
            reverse: true,
            close: false,
            // The advice to revoke what failed is WeChat's; these are Alipay's orders.
            cleans_failures: &[],
            refund: None,
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

    fn request(
        &self,
        op: Operation,
        order: &Order,
        code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        match op {
            Operation::Charge => self.charge(order, code, &stamp.nonce),
            Operation::Query => self.query(order, &stamp.nonce),
            Operation::Reverse => self.reverse(order, &stamp.nonce),
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
            Operation::Reverse => reversed(&answer, &state),
            _ => state_of(op, order, &answer, &state),
        };
        let reply = if answer.names("out_trade_no", &order.number) { reply } else { nameless(response, reply) };
        answer::if_signed(self.verifies(&answer), reply)
    }

    fn notice(&self, _callback: &Callback) -> Result<Notice, NoticeRefusal> {
        Err(NoticeRefusal::Unsupported)
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

/// A reverse's answer, whose form is not documented: it is taken for done only where it says an ended state, and a
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

/// `reply` of an answer that names no order: enough to wait or to confirm, over a connection of its own.
fn nameless(response: &WireResponse, reply: Reply) -> Reply {
    match reply {
        Reply::Waiting | Reply::NotFound | Reply::ReverseDone | Reply::ReverseAgain => answer::if_own(response, reply),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::testing::{self, K, NUMBER, own, plain, reused};

    const FIELDS: &str = r#""return_code":"SUCCESS","return_msg":"OK","mch_id":"C100000000001","device_info":"POS01",
        "result_code":"FAIL","err_code":"","err_code_des":null,"trade_state":"SUCCESS","out_trade_no":"T20260101000001",
        "total_fee":"100","alipay_transaction_id":"2026010122001","transaction_id":"B1","buyer_logon_id":"a***@b.c",
        "time_end":"20260101080000","nonce_str":"r""#;

    fn gateway() -> Bjrcb {
        Bjrcb::new(testing::settings(&[("mch_id", "C100000000001"), ("key", K)])).unwrap()
    }

    fn order() -> Order {
        testing::order(100, Currency::CNY)
    }

    fn signed(fields: &str) -> String {
        let unsigned = format!("{{{fields}}}");
        let answer = Fields::parse(unsigned.as_bytes()).unwrap();
        let sign = gateway().sign(answer.signed().iter().map(|(name, value)| (*name, value.as_str())));
        format!("{{{fields},\"sign\":\"{sign}\"}}")
    }

    fn in_state(state: &str) -> String {
        FIELDS.replace("\"trade_state\":\"SUCCESS\"", &format!("\"trade_state\":\"{state}\""))
    }

    fn reply(op: Operation, body: &str) -> Reply {
        gateway().reply(op, &order(), &own(body))
    }

    fn paid() -> Reply {
        let gateway_number = Some("B1".to_owned());
        let paid_at_ms = Some(testing::NEW_YEAR_MS);
        Reply::Paid(Receipt { gateway_number, paid_at_ms, refundable: None, evidence: Evidence::Signature })
    }

    #[test]
    fn v5_verifies_in_a_charge_that_fills_the_fields_of_s2() {
        let mut order = order();
        order.texts.subject = "测试".to_owned();
        order.texts.detail = Some("测试商品".to_owned());
        let code = PaymentCode::from_scan("281234567890123456").unwrap();
        let request = gateway().request(Operation::Charge, &order, Some(&code), &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), ("/gateway", false));
        let expected = serde_json::json!({
            "service_type": "ALIPAY_MICRO",
            "mch_id": "C100000000001",
            "out_trade_no": NUMBER,
            "auth_code": "281234567890123456",
            "total_fee": 100,
            "subject": "测试",
            "body": "测试商品",
            "device_info": "POS01",
            "scene": "bar_code",
            "nonce_str": "n0nce",
            "sign": "96930BF86EB50D597FB19837AC486BDA",
        });
        assert_eq!(testing::sent(&request), expected);
    }

    #[test]
    fn texts_fill_their_fields_free_ones_cut_identifiers_refused() {
        let mut order = order();
        order.texts.subject = "题".repeat(300);
        order.texts.cashier = Some("C1".to_owned());
        order.texts.store = Some("S1".to_owned());
        order.texts.terminal = Some("POS02".to_owned());
        let code = testing::wechat_code();
        let send = |order: &Order| gateway().request(Operation::Charge, order, Some(&code), &testing::stamp());
        let sent = testing::sent(&send(&order).unwrap());
        assert_eq!((&sent["subject"], &sent["body"]), (&"题".repeat(256).into(), &"题".repeat(127).into()));
        assert_eq!((&sent["op_user_id"], &sent["store_id"]), (&"C1".into(), &"S1".into()));
        assert_eq!(sent["device_info"], "POS02");
        let mut bad = order.clone();
        bad.texts.cashier = Some("C".repeat(33));
        assert_eq!(send(&bad).unwrap_err().field, "cashier");
        let mut bad = order;
        bad.texts.store = Some(String::new());
        assert_eq!(send(&bad).unwrap_err().field, "store");
        let plain = testing::sent(&send(&super::tests::order()).unwrap());
        assert_eq!((&plain["subject"], &plain["body"]), (&NUMBER.into(), &NUMBER.into()));
    }

    #[test]
    fn query_and_reverse_name_the_order() {
        let mut order = order();
        order.gateway_number = Some("B1".to_owned());
        let request = gateway().request(Operation::Query, &order, None, &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), ("/gateway", true));
        let sign = signing::md5_upper(&format!(
            "mch_id=C100000000001&nonce_str=n0nce&out_trade_no={NUMBER}&service_type=ALIPAY_ORDERQUERY{K}"
        ));
        let expected = serde_json::json!({
            "service_type": "ALIPAY_ORDERQUERY", "mch_id": "C100000000001", "out_trade_no": NUMBER,
            "nonce_str": "n0nce", "sign": sign,
        });
        assert_eq!(testing::sent(&request), expected);

        let request = gateway().request(Operation::Reverse, &order, None, &testing::stamp()).unwrap();
        assert_eq!((request.path, request.fresh), ("/gateway", true));
        let sign = signing::md5_upper(&format!(
            "mch_id=C100000000001&nonce_str=n0nce&out_trade_no={NUMBER}&service_type=ALIPAY_REVERSEORDER\
             &transaction_id=B1{K}"
        ));
        let expected = serde_json::json!({
            "service_type": "ALIPAY_REVERSEORDER", "mch_id": "C100000000001", "out_trade_no": NUMBER,
            "transaction_id": "B1", "nonce_str": "n0nce", "sign": sign,
        });
        assert_eq!(testing::sent(&request), expected);
    }

    #[test]
    fn a_signed_success_that_names_our_order_and_sum_is_paid_on_every_connection() {
        for op in [Operation::Charge, Operation::Query] {
            for fields in [FIELDS.to_owned(), FIELDS.replace("\"100\"", "100"), format!("{FIELDS},\"new\":1.0")] {
                let body = signed(&fields);
                for response in [own(&body), reused(&body), plain(&body)] {
                    assert_eq!(gateway().reply(op, &order(), &response), paid(), "{body}");
                }
            }
        }
    }

    #[test]
    fn success_lacking_one_proof_is_not_paid() {
        for (from, to, expected) in [
            ("T20260101000001", "T20260101000002", Reply::Unproved("other_order")),
            ("C100000000001", "C100000000002", Reply::Unproved("other_order")),
            ("\"out_trade_no\":\"T20260101000001\",", "", Reply::Unproved("no_order")),
            ("\"total_fee\":\"100\",", "", Reply::Unproved("amount")),
            ("\"total_fee\":\"100\"", "\"total_fee\":1e2", Reply::Unproved("amount")),
            ("\"total_fee\":\"100\"", "\"total_fee\":\"99\"", Reply::PaidOther(crate::Amount::new(99, Currency::CNY))),
            (
                "\"nonce_str\"",
                "\"fee_type\":\"HKD\",\"nonce_str\"",
                Reply::PaidOther(crate::Amount::new(100, Currency::HKD)),
            ),
            ("\"return_code\":\"SUCCESS\"", "\"return_code\":\"ERROR_CODE\"", Reply::Unproved("return_code")),
            ("\"return_code\":\"SUCCESS\",", "", Reply::Unproved("return_code")),
            ("\"trade_state\":\"SUCCESS\",", "", Reply::Unproved("unknown_state")),
        ] {
            let fields = FIELDS.replace(from, to);
            for op in [Operation::Charge, Operation::Query] {
                assert_eq!(reply(op, &signed(&fields)), expected, "{fields}");
            }
        }
        let good = signed(FIELDS);
        for forged in
            [format!("{{{FIELDS}}}"), good.replace("\"sign\":\"", "\"sign\":\"0"), good.replace("POS01", "POS02")]
        {
            assert_eq!(reply(Operation::Query, &forged), Reply::Unverified, "{forged}");
        }
        assert_eq!(reply(Operation::Query, &good.replace("\"100\"", "\"1\"")), Reply::Unproved("signature"));
    }

    #[test]
    fn nine_states_decide_and_a_charge_is_never_refused() {
        for (state, query, charge) in [
            ("INIT", Reply::Waiting, Reply::Waiting),
            ("SUCCESS", paid(), paid()),
            ("REFUND", Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
            ("NOTPAY", Reply::Waiting, Reply::Waiting),
            ("CLOSED", Reply::Closed, Reply::Closed),
            ("REVOKED", Reply::Reversed, Reply::Reversed),
            ("USERPAYING", Reply::Waiting, Reply::Waiting),
            ("PAYERROR", Reply::NotPaid("PAYERROR".to_owned()), Reply::Unproved("charge_failed")),
            ("FAIL", Reply::NotPaid("FAIL".to_owned()), Reply::Unproved("charge_failed")),
            ("success", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
        ] {
            let body = signed(&in_state(state));
            assert_eq!(reply(Operation::Query, &body), query, "{state}");
            assert_eq!(reply(Operation::Charge, &body), charge, "{state}");
            let forged = reply(Operation::Query, &format!("{{{}}}", in_state(state)));
            assert!(matches!(forged, Reply::Unproved(_) | Reply::Unverified), "{state} {forged:?}");
            let other_return = signed(&in_state(state).replace("\"return_code\":\"SUCCESS\"", "\"return_code\":\"X\""));
            assert_eq!(reply(Operation::Query, &other_return), Reply::Unproved("return_code"));
        }
    }

    #[test]
    fn waiting_without_an_order_counts_only_on_its_own_connection_an_end_never() {
        let without = |state: &str| signed(&in_state(state).replace("\"out_trade_no\":\"T20260101000001\",", ""));
        for state in ["INIT", "NOTPAY", "USERPAYING"] {
            testing::only_on_its_own_connection(&gateway(), Operation::Query, &order(), &without(state));
        }
        for state in ["SUCCESS", "REFUND", "CLOSED", "REVOKED", "PAYERROR", "FAIL"] {
            assert_eq!(reply(Operation::Query, &without(state)), Reply::Unproved("no_order"), "{state}");
        }
    }

    #[test]
    fn fail_without_a_number_of_the_bank_may_mean_that_it_does_not_know_the_order() {
        let unknown = r#""return_code":"SUCCESS","mch_id":"C100000000001","trade_state":"FAIL","nonce_str":"n""#;
        let named = format!(r#"{unknown},"out_trade_no":"T20260101000001""#);
        for op in [Operation::Query, Operation::Reverse] {
            assert_eq!(reply(op, &signed(&named)), Reply::NotFound, "{op:?}");
            testing::only_on_its_own_connection(&gateway(), op, &order(), &signed(unknown));
        }
    }

    #[test]
    fn a_reverse_is_done_only_when_a_signed_answer_says_an_ended_state() {
        for (state, expected) in [
            ("REVOKED", Reply::ReverseDone),
            ("CLOSED", Reply::ReverseDone),
            ("REFUND", Reply::ReverseDone),
            ("INIT", Reply::ReverseAgain),
            ("NOTPAY", Reply::ReverseAgain),
            ("USERPAYING", Reply::ReverseAgain),
            ("SUCCESS", Reply::Unproved("reverse_or_payment")),
            ("FAIL", Reply::Unproved("reverse_failed")),
            ("PAYERROR", Reply::Unproved("reverse_failed")),
            ("", Reply::Unproved("unknown_state")),
        ] {
            assert_eq!(reply(Operation::Reverse, &signed(&in_state(state))), expected, "{state}");
            let forged = reply(Operation::Reverse, &format!("{{{}}}", in_state(state)));
            assert!(matches!(forged, Reply::Unproved(_)), "{state} {forged:?}");
        }
        let nameless = signed(&in_state("REVOKED").replace("\"out_trade_no\":\"T20260101000001\",", ""));
        testing::only_on_its_own_connection(&gateway(), Operation::Reverse, &order(), &nameless);
        let other = signed(&in_state("REVOKED").replace("T20260101000001", "T2"));
        assert_eq!(reply(Operation::Reverse, &other), Reply::Unproved("other_order"));
    }

    #[test]
    fn no_changed_byte_of_a_paid_answer_pays_otherwise() {
        testing::no_changed_byte_pays_otherwise(&gateway(), Operation::Charge, &order(), &signed(FIELDS));
    }

    #[test]
    fn garbage_proves_nothing_and_breaks_nothing() {
        testing::survives_garbage(&gateway(), &order(), &signed(FIELDS));
        testing::lacks(&gateway(), &[Operation::CreateQr, Operation::Detail, Operation::Close]);
    }

    #[test]
    fn limits_are_checked_before_sending() {
        let code = PaymentCode::from_scan(&"1".repeat(33)).unwrap();
        let error = gateway().request(Operation::Charge, &order(), Some(&code), &testing::stamp()).unwrap_err();
        assert_eq!(error.field, "code");
        let mut settings = testing::settings(&[("mch_id", "C1"), ("key", K)]);
        settings.terminal.clear();
        assert!(Bjrcb::new(settings).is_err());
    }
}
