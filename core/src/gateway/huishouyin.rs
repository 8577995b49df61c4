//! huishouyin 慧收银 (联富通 liantuo): a QR that the customer scans; create, check, get, close (S4, H1; docs/sources.md).
//!
//! Amounts are yuan in text with two decimals. Answers carry no signature: every one counts only over verified TLS, and
//! a payment only when `/pay/get` names our order and our amount. No field of [`Texts`] is sent: `store_info` and
//! `goods_list` are nested, and how nested fields are signed is not defined (docs/sources.md).
//!
//! What turns create, check or close away names no order: they go over a connection of their own. `/pay/get` counts only
//! when it names the order, and may reuse one.
//!
//! [`Texts`]: crate::Texts

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{
    Callback, Capabilities, Gateway, Notice, NoticeRefusal, Operation, Order, Receipt, Reply, RequestError, Settings,
    Stamp, Timing, WireRequest, WireResponse,
    answer::{self, Fields},
    request::{self, Flat},
};
use crate::{
    error::PaywandError,
    money::{Amount, Currency},
    payment::Evidence,
    payment_code::PaymentCode,
    secret::Secret,
    signing,
};

/// docs/sources.md: H1 gives no numbers.
pub(super) const TIMING: Timing =
    Timing { first_query_ms: 5_000, interval_ms: 5_000, deadline_ms: 45_000, ..Timing::COMMON };

/// Not stated; what fits the 32 bits of the wallets behind it.
const MAX_MINOR: i64 = 0x7fff_ffff;
const KEY_MAX: usize = 128;

pub(super) struct Huishouyin {
    app_id: String,
    app_sercet: Arc<Secret>,
    plain_hex: bool,
}

impl Huishouyin {
    /// Keys: `app_id`, `app_sercet` (spelled so).
    pub(super) fn new(mut settings: Settings) -> Result<Self, PaywandError> {
        let gateway = Self {
            app_id: settings.identifier("app_id", 32)?,
            app_sercet: settings.secret("app_sercet", KEY_MAX)?,
            plain_hex: settings.choice("final_encoding", &["base64_hex", "hex_upper"])? == "hex_upper",
        };
        settings.finish()?;
        Ok(gateway)
    }

    /// MD5 of the fields with `app_sercet` sorted in; upper-case hex, and base64 of that text (H1) unless the
    /// configuration wants the hex, which fits the 32 characters of S4.
    fn sign<'a>(&'a self, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let secret = ("app_sercet", self.app_sercet.reveal());
        let text = Zeroizing::new(signing::sorted_text(fields.chain([secret])));
        let hex = signing::md5_upper(&text);
        if self.plain_hex { hex } else { STANDARD.encode(hex) }
    }

    fn sent(&self, path: &'static str, flat: Flat<'_>, fresh: bool) -> Result<WireRequest, RequestError> {
        let sign = self.sign(flat.pairs());
        Ok(WireRequest { path, body: flat.signed_body(sign)?, fresh })
    }
}

impl Gateway for Huishouyin {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: false,
            qr: true,
            query: true,
            detail: true,
            reverse: false,
            close: true,
            cleans_failures: &[],
            refund: None,
            signs_answers: false,
            own_connections: true,
            currencies: &[Currency::CNY],
            max_minor: MAX_MINOR,
            max_code: 0,
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
        _code: Option<&PaymentCode>,
        _stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        let number = request::order_number(order, "")?;
        let flat = Flat::new().text("app_id", self.app_id.as_str());
        match op {
            Operation::CreateQr => {
                let minor = request::amount(order, Currency::CNY, MAX_MINOR)?;
                let total_amount = Amount::new(minor, Currency::CNY).to_major();
                let flat = flat.text("sign_type", "MD5").text("order_id", number).text("total_amount", total_amount);
                self.sent("/pay/scan", flat, true)
            }
            Operation::Query => self.sent("/pay/check", flat.text("sign_type", "MD5").text("order_id", number), true),
            Operation::Detail => self.sent("/pay/get", flat.text("sign_type", "MD5").text("order_id", number), false),
            // H1 lists no sign_type here.
            Operation::Close => self.sent("/pay/close", flat.text("order_id", number), true),
            _ => Err(request::unsupported(op)),
        }
    }

    fn reply(&self, op: Operation, order: &Order, response: &WireResponse) -> Reply {
        if matches!(op, Operation::Charge | Operation::Reverse | Operation::Refund | Operation::RefundQuery) {
            return Reply::Unproved("operation");
        }
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
            (Operation::Query | Operation::Detail, 1000) if ours => state(op, order, &data),
            (Operation::Close, 1000) if ours => Reply::ReverseDone,
            (Operation::Close, 1000) => answer::if_own(response, Reply::ReverseDone),
            (_, 1000) => Reply::Unproved("no_order"),
            (Operation::CreateQr, code) => refused(response, code),
            (Operation::Close, code) => answer::if_own(response, not_closed(code)),
            // H1: the call's own code for a failed or waiting payment.
            (Operation::Query, 1001) if ours => Reply::NotPaid(code.to_string()),
            (Operation::Query, 1002) if ours => Reply::Waiting,
            (_, 4001) => answer::if_own(response, Reply::NotFound),
            (_, code) => Reply::Unproved(why(code)),
        }
    }

    fn notice(&self, _callback: &Callback) -> Result<Notice, NoticeRefusal> {
        Err(NoticeRefusal::Unsupported)
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

/// Why nothing was created (docs/architecture.md).
fn refused(response: &WireResponse, code: i64) -> Reply {
    match code {
        2000 | 3000..=3004 | 5000 => answer::if_own(response, Reply::Refused(code.to_string())),
        // Believed from anyone: it only keeps the flow from undoing what may be another sale's.
        1003 | 1007 => Reply::NumberTaken,
        _ => Reply::Unproved(why(code)),
    }
}

fn not_closed(code: i64) -> Reply {
    match code {
        // Closed or cancelled before.
        1004 | 1005 => Reply::ReverseDone,
        // Paid.
        1003 | 1006 => Reply::ReverseRefused,
        4001 => Reply::NotFound,
        _ => Reply::Unproved(why(code)),
    }
}

/// `order_status` (H1). A refund that failed (-2) leaves the payment as it was.
fn state(op: Operation, order: &Order, data: &Fields<'_>) -> Reply {
    match data.integer("order_status") {
        Some(1 | -2) if op == Operation::Detail => paid(order, data),
        Some(1 | -2) => Reply::LooksPaid,
        Some(0) => Reply::Waiting,
        Some(-1) => Reply::NotPaid("-1".to_owned()),
        Some(4) => Reply::Closed,
        Some(5) => Reply::Reversed,
        Some(2 | 3) => Reply::ReturnedElsewhere,
        Some(-3) => Reply::Unproved("refunding"),
        Some(-10) => Reply::Unproved("unknown_result"),
        _ => Reply::Unproved("unknown_state"),
    }
}

/// A paid order in full: `total_amount` is what was asked for; `payable_amount` and `real_amount` are lower by coupons,
/// and never compared.
fn paid(order: &Order, data: &Fields<'_>) -> Reply {
    let Some(total) = data.yuan("total_amount") else {
        return Reply::Unproved("amount");
    };
    let receipt = Receipt {
        gateway_number: data.literal("trade_no"),
        paid_at_ms: data.literal("pay_time").and_then(|time| answer::china_time(&time)),
        refundable: None,
        evidence: Evidence::Order,
    };
    answer::paid(order, total.minor, Some(total.currency.as_str()), receipt)
}

fn why(code: i64) -> &'static str {
    match code {
        5001 | 5002 => "unknown_result",
        1001 | 1002 => "no_order",
        _ => "unknown_code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::testing::{self, K, NUMBER, own, plain, reused};

    const APP_ID: &str = "APPID00000000000000000000000000";
    const CREATED: &str = r#"{"code":1000,"msg":"成功","data":{"trade_no":"2017102100151091",
        "order_id":"T20260101000001","total_amount":11.0,"payable_amount":11.0,
        "pay_url":"http://www.liantuo.com/xxx/xxx/xxx"}}"#;
    const GOT: &str = r#"{"code":1000,"msg":"成功","data":{"trade_no":"L1","check_time":"2026-01-01 08:00:09",
        "order_id":"T20260101000001","order_status":1,"app_id":"APPID00000000000000000000000000",
        "total_amount":11.00,"payable_amount":10,"real_amount":9.5,"pay_time":"2026-01-01 08:00:00"}}"#;

    fn gateway() -> Huishouyin {
        Huishouyin::new(testing::settings(&[("app_id", APP_ID), ("app_sercet", K)])).unwrap()
    }

    fn order() -> Order {
        testing::order(1_100, Currency::CNY)
    }

    fn reply(op: Operation, body: &str) -> Reply {
        gateway().reply(op, &order(), &own(body))
    }

    fn ready() -> Reply {
        Reply::QrReady {
            pay_url: "http://www.liantuo.com/xxx/xxx/xxx".to_owned(),
            gateway_number: Some("2017102100151091".to_owned()),
        }
    }

    fn paid() -> Reply {
        Reply::Paid(Receipt {
            gateway_number: Some("L1".to_owned()),
            paid_at_ms: Some(testing::NEW_YEAR_MS),
            refundable: None,
            evidence: Evidence::Order,
        })
    }

    fn checked(status: &str) -> String {
        format!(r#"{{"code":1000,"msg":"m","data":{{"trade_no":"L1","order_id":"{NUMBER}","order_status":{status}}}}}"#)
    }

    #[test]
    fn v6_verifies_in_both_encodings() {
        let mut settings = testing::settings(&[("app_id", APP_ID), ("app_sercet", K)]);
        settings.options.insert("final_encoding".to_owned(), "hex_upper".to_owned());
        let plain = Huishouyin::new(settings).unwrap();
        for (gateway, sign) in
            [(plain, "56D13FD666C081464933C47BACC4D8B7"), (gateway(), "NTZEMTNGRDY2NkMwODE0NjQ5MzNDNDdCQUNDNEQ4Qjc=")]
        {
            let request = gateway.request(Operation::CreateQr, &order(), None, &testing::stamp()).unwrap();
            assert_eq!((request.path, request.fresh), ("/pay/scan", true));
            let expected = serde_json::json!({
                "app_id": APP_ID, "sign_type": "MD5", "order_id": NUMBER, "total_amount": "11.00", "sign": sign,
            });
            assert_eq!(testing::sent(&request), expected);
        }
    }

    #[test]
    fn the_published_base64_step_verifies() {
        let hex = "90C04D45B9BA45D098303D8176C38ABC";
        assert_eq!(STANDARD.encode(hex), "OTBDMDRENDVCOUJBNDVEMDk4MzAzRDgxNzZDMzhBQkM=");
        assert_eq!(
            gateway().sign([("a", "1")].into_iter()),
            STANDARD.encode(signing::md5_upper(&format!("a=1&app_sercet={K}")))
        );
    }

    #[test]
    fn the_sample_request_of_s4_is_reproduced_without_its_nested_fields() {
        let app_id = "bT2CAkZUgoOr36BnZhuC1aTvXgxhvmhF";
        let gateway = Huishouyin::new(testing::settings(&[("app_id", app_id), ("app_sercet", K)])).unwrap();
        let mut order = Order { number: "2017102100151091".to_owned(), ..order() };
        order.texts.store = Some("L4XYdVQWe0DROIQBxxtrYKWawTIrXofe".to_owned());
        let sent = testing::sent(&gateway.request(Operation::CreateQr, &order, None, &testing::stamp()).unwrap());
        let text = format!("app_id={app_id}&app_sercet={K}&order_id=2017102100151091&sign_type=MD5&total_amount=11.00");
        // The sample's `sign` is a placeholder, and its amount a number that loses its zeros.
        let expected = serde_json::json!({
            "app_id": app_id, "sign": STANDARD.encode(signing::md5_upper(&text)), "sign_type": "MD5",
            "order_id": "2017102100151091", "total_amount": "11.00",
        });
        assert_eq!(sent, expected);
    }

    #[test]
    fn check_get_and_close_name_the_order() {
        for (op, path, fresh, sign_type) in [
            (Operation::Query, "/pay/check", true, true),
            (Operation::Detail, "/pay/get", false, true),
            (Operation::Close, "/pay/close", true, false),
        ] {
            let request = gateway().request(op, &order(), None, &testing::stamp()).unwrap();
            assert_eq!((request.path, request.fresh), (path, fresh));
            let sent = testing::sent(&request);
            let kind = if sign_type { "&sign_type=MD5" } else { "" };
            let text = format!("app_id={APP_ID}&app_sercet={K}&order_id={NUMBER}{kind}");
            let mut expected = serde_json::json!({
                "app_id": APP_ID, "order_id": NUMBER, "sign": STANDARD.encode(signing::md5_upper(&text)),
            });
            if sign_type {
                expected["sign_type"] = "MD5".into();
            }
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn amounts_go_out_with_two_decimals_and_within_the_limit() {
        let sent = |minor| {
            let order = testing::order(minor, Currency::CNY);
            gateway().request(Operation::CreateQr, &order, None, &testing::stamp())
        };
        for (minor, text) in [(1, "0.01"), (10, "0.10"), (123_456, "1234.56")] {
            assert_eq!(testing::sent(&sent(minor).unwrap())["total_amount"], text);
        }
        for minor in [0, -1, MAX_MINOR + 1] {
            assert_eq!(sent(minor).unwrap_err().field, "amount");
        }
    }

    #[test]
    fn a_created_order_shows_its_qr_in_every_form_of_the_answer() {
        let flat = CREATED.replace("\"data\":{", "").replace("}}", "}");
        for body in [
            CREATED.to_owned(),
            CREATED.replace("\"code\":1000", "\"code\":\"1000\""),
            CREATED.replace("\"code\"", "\"status\""),
            flat.replace("\"code\"", "\"status\""),
            CREATED.replace("11.0,", "11,"),
            CREATED.replace("11.0,", "\"11.00\","),
        ] {
            assert_eq!(reply(Operation::CreateQr, &body), ready(), "{body}");
            assert_eq!(gateway().reply(Operation::CreateQr, &order(), &reused(&body)), ready());
            assert!(matches!(gateway().reply(Operation::CreateQr, &order(), &plain(&body)), Reply::Unproved(_)));
        }
    }

    #[test]
    fn a_created_order_that_is_not_ours_in_all_parts_shows_nothing() {
        for (from, to, why) in [
            (NUMBER, "T2", "other_order"),
            ("\"order_id\":\"T20260101000001\",", "", "no_order"),
            ("\"total_amount\":11.0", "\"total_amount\":10.99", "other_amount"),
            ("\"total_amount\":11.0", "\"total_amount\":11.001", "amount"),
            ("\"total_amount\":11.0,", "", "amount"),
            ("pay_url", "url", "no_pay_url"),
            ("\"http://www.liantuo.com/xxx/xxx/xxx\"", "7", "no_pay_url"),
            ("\"code\":1000", "\"code\":null", "no_code"),
        ] {
            assert_eq!(reply(Operation::CreateQr, &CREATED.replace(from, to)), Reply::Unproved(why), "{from} {to}");
        }
        assert_eq!(reply(Operation::CreateQr, r#"{"code":1000,"data":[]}"#), Reply::Unproved("no_data"));
        assert_eq!(reply(Operation::CreateQr, r#"{"code":1000}"#), Reply::Unproved("no_order"));
    }

    #[test]
    fn the_sample_refusal_and_its_kin_are_believed_only_on_their_own_connection() {
        for code in ["2000", "3000", "3001", "3002", "3003", "3004", "5000"] {
            for body in
                [format!(r#"{{"code":{code},"msg":"签名错误","data":{{}}}}"#), format!(r#"{{"code":"{code}"}}"#)]
            {
                assert_eq!(reply(Operation::CreateQr, &body), Reply::Refused(code.to_owned()));
                testing::only_on_its_own_connection(&gateway(), Operation::CreateQr, &order(), &body);
                for op in [Operation::Query, Operation::Detail, Operation::Close] {
                    assert!(matches!(reply(op, &body), Reply::Unproved(_)), "{op:?} {body}");
                }
            }
        }
        for code in [1003, 1007] {
            assert_eq!(reply(Operation::CreateQr, &format!(r#"{{"code":{code}}}"#)), Reply::NumberTaken);
        }
        for code in [0, 1, 1001, 1002, 1004, 1005, 1006, 2001, 2999, 3005, 4001, 4004, 5001, 5002, 6000] {
            let body = format!(r#"{{"code":{code}}}"#);
            assert!(matches!(reply(Operation::CreateQr, &body), Reply::Unproved(_)), "{code}");
        }
    }

    #[test]
    fn order_status_decides_and_paid_needs_the_detail_call() {
        for (status, query, detail) in [
            ("1", Reply::LooksPaid, paid()),
            ("\"1\"", Reply::LooksPaid, paid()),
            ("-2", Reply::LooksPaid, paid()),
            ("0", Reply::Waiting, Reply::Waiting),
            ("-1", Reply::NotPaid("-1".to_owned()), Reply::NotPaid("-1".to_owned())),
            ("4", Reply::Closed, Reply::Closed),
            ("5", Reply::Reversed, Reply::Reversed),
            ("2", Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
            ("3", Reply::ReturnedElsewhere, Reply::ReturnedElsewhere),
            ("-3", Reply::Unproved("refunding"), Reply::Unproved("refunding")),
            ("-10", Reply::Unproved("unknown_result"), Reply::Unproved("unknown_result")),
            ("9", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
            ("1.0", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
            ("null", Reply::Unproved("unknown_state"), Reply::Unproved("unknown_state")),
        ] {
            let got = GOT.replace("\"order_status\":1", &format!("\"order_status\":{status}"));
            for (op, body, expected) in [(Operation::Query, checked(status), query), (Operation::Detail, got, detail)] {
                for response in [own(&body), reused(&body)] {
                    assert_eq!(gateway().reply(op, &order(), &response), expected, "{op:?} {status}");
                }
                assert_eq!(gateway().reply(op, &order(), &plain(&body)), Reply::Unproved("not_verified_tls"));
                let other = body.replace(NUMBER, "T2");
                assert_eq!(reply(op, &other), Reply::Unproved("other_order"));
                let nameless = body.replace("order_id", "id");
                assert_eq!(reply(op, &nameless), Reply::Unproved("no_order"));
            }
        }
    }

    #[test]
    fn the_detail_must_carry_our_amount_to_the_last_digit() {
        let got = |amount: &str| reply(Operation::Detail, &GOT.replace("11.00", amount));
        for amount in ["11", "11.0", "11.00", "11.000000000000000000000", "\"11\"", "\"11.00\""] {
            assert_eq!(got(amount), paid(), "{amount}");
        }
        for (amount, minor) in [("10.99", 1_099), ("11.01", 1_101), ("110", 11_000), ("\"0.11\"", 11), ("0", 0)] {
            assert_eq!(got(amount), Reply::PaidOther(Amount::new(minor, Currency::CNY)), "{amount}");
        }
        let unreadable =
            ["11.001", "11.0000000000000000000001", "1.1e1", "-11", "null", "\"\"", "\"11,00\"", "[11]", "\"11.\""];
        for amount in unreadable {
            assert_eq!(got(amount), Reply::Unproved("amount"), "{amount}");
        }
        let other_app = GOT.replace(APP_ID, "APPID1");
        assert_eq!(reply(Operation::Detail, &other_app), Reply::Unproved("other_order"));
    }

    #[test]
    fn an_order_that_is_missing_is_not_found_on_its_own_connection() {
        let body = r#"{"code":4001,"msg":"订单不存在","data":{}}"#;
        for op in [Operation::Query, Operation::Detail, Operation::Close] {
            assert_eq!(reply(op, body), Reply::NotFound);
            testing::only_on_its_own_connection(&gateway(), op, &order(), body);
        }
    }

    #[test]
    fn codes_of_a_check() {
        let named = |code: i64| format!(r#"{{"code":{code},"data":{{"order_id":"{NUMBER}"}}}}"#);
        assert_eq!(reply(Operation::Query, &named(1001)), Reply::NotPaid("1001".to_owned()));
        assert_eq!(reply(Operation::Query, &named(1002)), Reply::Waiting);
        for code in [1001, 1002, 1003, 1004, 1005, 1006, 5001, 5002, 0] {
            assert!(matches!(reply(Operation::Query, &format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
        }
    }

    #[test]
    fn codes_of_a_close() {
        for (code, expected) in [
            (1000, Reply::ReverseDone),
            (1004, Reply::ReverseDone),
            (1005, Reply::ReverseDone),
            (1003, Reply::ReverseRefused),
            (1006, Reply::ReverseRefused),
        ] {
            let body = format!(r#"{{"code":{code},"msg":"m","data":{{}}}}"#);
            assert_eq!(reply(Operation::Close, &body), expected);
            testing::only_on_its_own_connection(&gateway(), Operation::Close, &order(), &body);
            let other = format!(r#"{{"code":{code},"data":{{"order_id":"T2"}}}}"#);
            assert_eq!(reply(Operation::Close, &other), Reply::Unproved("other_order"));
        }
        let ours = format!(r#"{{"code":1000,"data":{{"order_id":"{NUMBER}"}}}}"#);
        assert_eq!(gateway().reply(Operation::Close, &order(), &reused(&ours)), Reply::ReverseDone);
        for code in [0, 1001, 1002, 1007, 2000, 5000, 5001, 5002] {
            assert!(matches!(reply(Operation::Close, &format!(r#"{{"code":{code}}}"#)), Reply::Unproved(_)), "{code}");
        }
    }

    #[test]
    fn garbage_proves_nothing_and_breaks_nothing() {
        testing::survives_garbage(&gateway(), &order(), GOT);
        testing::survives_garbage(&gateway(), &order(), CREATED);
        testing::lacks(&gateway(), &[Operation::Charge, Operation::Reverse]);
    }
}
