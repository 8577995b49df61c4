//! maxfun 一满乐, device API: one call, `devices_scan_pay` (S0, M1; docs/sources.md).
//!
//! The order has no number on the wire, so nothing can be asked about it later, and answers are not signed. An answer
//! counts only on a connection opened for its own charge, over verified TLS. No field of [`Texts`] is sent: there is
//! none for them. The key is also the device's public name, sent in clear: the signature is a checksum.
//!
//! [`Texts`]: crate::Texts

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Reply, RequestError, Settings,
    Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    request,
    request::Flat,
};
use crate::{
    error::PaywandError,
    money::Currency,
    payment::Evidence,
    payment_code::{self, PaymentCode},
    secret::Secret,
    signing,
};

/// The server waits for the customer's password and revokes by itself (code 108), so the answer may take long.
pub(super) const TIMING: Timing = Timing { read_ms: 60_000, ..Timing::COMMON };

const PATH: &str = "/maxfunpay/services/devices_scan_pay";
/// S0, code 109: 50 000 yuan.
const MAX_MINOR: i64 = 5_000_000;
/// Not stated (S0); the sample has 36.
const KEY_MAX: usize = 128;

pub(super) struct Maxfun {
    devices_key: Arc<Secret>,
}

impl Maxfun {
    /// Key: `devices_key`.
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let devices_key = settings.secret("devices_key", KEY_MAX)?;
        settings.finish()?;
        Ok(Self { devices_key })
    }

    /// MD5 of the sorted fields with `&devices_key=` last, outside the sort; lower-case hex (S0).
    fn sign<'a>(&self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let text = Zeroizing::new(signing::sorted_text(fields.filter(|(name, _)| *name != "devices_key")));
        let text = Zeroizing::new([text.as_str(), "&devices_key=", self.devices_key.reveal()].concat());
        signing::md5_lower(&text)
    }
}

impl Gateway for Maxfun {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: false,
            query: false,
            detail: false,
            reverse: false,
            close: false,
            cleans_failures: &[],
            refund: None,
            signs_answers: false,
            own_connections: true,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: payment_code::MAX_CHARS,
            order_prefix: String::new(),
        }
    }

    fn account(&self) -> Vec<&str> {
        vec![self.devices_key.reveal()]
    }

    /// The charge goes over a connection of its own: its answers never name an order.
    fn request(
        &self,
        op: Operation,
        order: &Order,
        code: Option<&PaymentCode>,
        stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        if op != Operation::Charge {
            return Err(request::unsupported(op));
        }
        let flat = Flat::new()
            .text("devices_key", self.devices_key.reveal())
            .text("auth_code", request::code(code, payment_code::MAX_CHARS)?)
            .integer("total_fee", request::amount(order, Currency::CNY, MAX_MINOR)?)
            .text("nonce_str", stamp.nonce.as_str());
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path: PATH, body: flat.signed_body(sign)?, fresh: true })
    }

    fn reply(&self, op: Operation, _order: &Order, response: &WireResponse) -> Reply {
        if op != Operation::Charge {
            return Reply::Unproved("operation");
        }
        let answer = match answer::object(response) {
            Ok(answer) => answer,
            Err(reply) => return reply,
        };
        let result = match result(&answer) {
            Ok(result) => result,
            Err(reply) => return reply,
        };
        // S0: `result.status` is a number; the code table's head calls it `ret`.
        let Some(status) = result.number("status") else {
            return Reply::Unproved("no_result_status");
        };
        if [&answer, &result].iter().any(|part| part.has("ret") && part.number("ret") != Some(status)) {
            return Reply::Unproved("ret_disagrees");
        }
        let reply = match status {
            0 => Reply::Paid(Receipt {
                gateway_number: None,
                paid_at_ms: None,
                refundable: None,
                evidence: Evidence::Connection,
            }),
            103 | 108 | 109 => Reply::Refused(status.to_string()),
            101 => Reply::Unproved("network_delay"),
            102 => Reply::Unproved("system_busy"),
            _ => Reply::Unproved("unknown_code"),
        };
        answer::if_own(response, reply)
    }

    fn notice(&self, _callback: &Callback) -> Result<Notice, NoticeRefusal> {
        Err(NoticeRefusal::Unsupported)
    }
}

/// What a call that went through tells, at either of maxfun's APIs: `status.code` is the text "200" (S0, M1).
pub(super) fn result<'a>(answer: &Fields<'a>) -> Result<Fields<'a>, Reply> {
    if answer.object("status").and_then(|status| status.text("code")).as_deref() != Some("200") {
        return Err(Reply::Unproved("status_code"));
    }
    answer.object("result").ok_or(Reply::Unproved("no_result"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::testing::{self, own};

    const DEVICE: &str = "3363c762-f7dc-11e6-bf52-00163e003235";
    const PAID: &str = r#"{"status":{"code":"200","message":"success"},"result":{"status":0,"msg":"支付成功"}}"#;

    fn gateway(devices_key: &str) -> Maxfun {
        Maxfun::new(testing::settings(&[("devices_key", devices_key)])).unwrap()
    }

    fn reply(body: &str) -> Reply {
        gateway(DEVICE).reply(Operation::Charge, &testing::order(1, Currency::CNY), &own(body))
    }

    fn only_on_its_own_connection(body: &str) {
        let order = testing::order(1, Currency::CNY);
        testing::only_on_its_own_connection(&gateway(DEVICE), Operation::Charge, &order, body);
    }

    fn paid() -> Reply {
        Reply::Paid(Receipt {
            gateway_number: None,
            paid_at_ms: None,
            refundable: None,
            evidence: Evidence::Connection,
        })
    }

    #[test]
    fn the_sample_request_is_reproduced_with_its_signature() {
        let code = PaymentCode::from_scan("123").unwrap();
        let stamp = Stamp { nonce: "abc".to_owned(), at_ms: 0 };
        let order = testing::order(1, Currency::CNY);
        let request = gateway(DEVICE).request(Operation::Charge, &order, Some(&code), &stamp).unwrap();
        assert_eq!((request.path, request.fresh), (PATH, true));
        let expected = serde_json::json!({
            "devices_key": "3363c762-f7dc-11e6-bf52-00163e003235",
            "auth_code": "123",
            "total_fee": 1,
            "nonce_str": "abc",
            "sign": "5d2a83bdc2740b558e600abe0a53c88b",
        });
        assert_eq!(testing::sent(&request), expected);
    }

    #[test]
    fn v1_verifies() {
        let order = testing::order(100, Currency::CNY);
        let request = gateway("00000000-0000-0000-0000-000000000001")
            .request(Operation::Charge, &order, Some(&testing::wechat_code()), &testing::stamp())
            .unwrap();
        assert_eq!(testing::sent(&request)["sign"], "7007c41b853d94147c3b61ddf2efa775");
    }

    #[test]
    fn zero_on_its_own_connection_is_paid() {
        assert_eq!(reply(PAID), paid());
        assert_eq!(reply(r#"{"status":{"code":"200"},"result":{"status":0,"ret":0}}"#), paid());
    }

    #[test]
    fn refusals_are_103_108_and_109_on_their_own_connection() {
        for code in ["103", "108", "109"] {
            let body = PAID.replace("\"status\":0", &format!("\"status\":{code}"));
            assert_eq!(reply(&body), Reply::Refused(code.to_owned()));
            only_on_its_own_connection(&body);
        }
        only_on_its_own_connection(PAID);
    }

    #[test]
    fn every_other_code_proves_nothing() {
        for code in ["101", "102", "1", "-1", "100", "201", "\"0\"", "\"103\"", "0.0", "-0", "null", "true", "[0]"] {
            let body = PAID.replace("\"status\":0", &format!("\"status\":{code}"));
            assert!(matches!(reply(&body), Reply::Unproved(_)), "{code}");
        }
    }

    #[test]
    fn an_answer_that_contradicts_itself_or_lacks_a_part_proves_nothing() {
        for body in [
            r#"{"status":{"code":"200"},"result":{"status":0,"ret":101}}"#,
            r#"{"status":{"code":"200"},"result":{"status":0,"ret":"0"}}"#,
            r#"{"status":{"code":"200"},"result":{"status":0},"ret":103}"#,
            r#"{"status":{"code":"200"},"result":{"status":103,"ret":0}}"#,
            r#"{"status":{"code":"200"},"result":{"status":103,"status":0}}"#,
            r#"{"status":{"code":"500"},"result":{"status":0}}"#,
            r#"{"status":{"code":200},"result":{"status":0}}"#,
            r#"{"status":{"code":"200"},"result":{}}"#,
            r#"{"status":{"code":"200"},"result":0}"#,
            r#"{"status":{"code":"200"}}"#,
            r#"{"result":{"status":0}}"#,
            r#"{"status":0,"result":{"status":0}}"#,
        ] {
            assert!(matches!(reply(body), Reply::Unproved(_)), "{body}");
        }
    }

    #[test]
    fn more_than_the_limit_is_refused_before_sending() {
        let request = |minor, currency| {
            let code = testing::wechat_code();
            gateway(DEVICE).request(Operation::Charge, &testing::order(minor, currency), Some(&code), &testing::stamp())
        };
        assert!(request(5_000_000, Currency::CNY).is_ok());
        for (minor, currency) in
            [(5_000_001, Currency::CNY), (0, Currency::CNY), (-1, Currency::CNY), (1, Currency::HKD)]
        {
            assert_eq!(request(minor, currency).unwrap_err().field, "amount");
        }
    }

    #[test]
    fn there_is_nothing_but_the_charge() {
        testing::lacks(
            &gateway(DEVICE),
            &[Operation::CreateQr, Operation::Query, Operation::Detail, Operation::Reverse, Operation::Close],
        );
        assert!(Maxfun::new(testing::settings(&[("devices_key", "1"), ("key", "2")])).is_err());
        assert!(Maxfun::new(testing::settings(&[])).is_err());
    }

    #[test]
    fn garbage_proves_nothing_and_breaks_nothing() {
        testing::survives_garbage(&gateway(DEVICE), &testing::order(1, Currency::CNY), PAID);
    }
}
