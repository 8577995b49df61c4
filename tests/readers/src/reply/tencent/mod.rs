//! Tencent: JSON in a JSON string, HMAC over the string as it came (S3, T1–T3; docs/sources.md).
//!
//! A body that is no envelope is taken for the content of one: libFuzzer would hardly get through two layers of quoting.

pub(crate) mod envelope;
mod told;

use std::sync::LazyLock;

use paywand::gateway::{Gateway, GatewayKind, Operation, Reply};

use self::envelope::Envelope;
use super::{Case, Key, Rail, answer::Object};
use crate::account;

/// What the content of an answer is called.
const ANSWER: &str = "response_content";

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::TencentCpay));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::TencentCpay,
        gateway: GATEWAY.as_ref(),
        operations: &[
            Operation::Charge,
            Operation::CreateQr,
            Operation::Query,
            Operation::Reverse,
            Operation::Close,
            Operation::Refund,
            Operation::RefundQuery,
        ],
        fields: &[
            "/status",
            "/internal_status",
            "/scan_code_pay",
            "/scan_code_pay/code_url",
            "/query_order",
            "/query_order/pay_mch_key/out_mch_id",
            "/query_order/order_content/out_trade_no",
            "/query_order/order_content/total_fee",
            "/query_order/order_content/fee_type",
            "/query_order/order_content/refunded_fee",
            "/query_order/order_content/code_url",
            "/query_order/order_content/time_end",
            "/query_order/order_content/transaction_id",
            "/query_order/order_content/wxpay_order_content_ext",
            "/query_order/order_content/alipay_order_content_ext",
            "/query_order/order_content/wxpay_order_content_ext/current_trade_state",
            "/query_order/order_content/alipay_order_content_ext/current_trade_state",
            "/micro_pay",
            "/micro_pay/order_content/out_trade_no",
            "/micro_pay/order_content/total_fee",
            "/micro_pay/order_content/refunded_fee",
            "/micro_pay/order_content/wxpay_order_content_ext/current_trade_state",
            "/micro_pay/order_content/alipay_order_content_ext/current_trade_state",
            "/refund",
            "/refund/pay_mch_key/out_shop_id",
            "/refund/refund_order_content",
            "/refund/refund_order_content/out_trade_no",
            "/refund/refund_order_content/out_refund_no",
            "/refund/refund_order_content/refund_fee",
            "/query_refund_order",
            "/query_refund_order/pay_mch_key/out_mch_id",
            "/query_refund_order/refund_order_content",
            "/query_refund_order/refund_order_content/0/out_trade_no",
            "/query_refund_order/refund_order_content/0/out_refund_no",
            "/query_refund_order/refund_order_content/0/refund_fee",
            "/query_refund_order/refund_order_content/0/refund_fee_type",
            "/query_refund_order/refund_order_content/0/is_transforming",
            "/query_refund_order/refund_order_content/0/wxpay_refund_order_content_ext",
            "/query_refund_order/refund_order_content/0/alipay_refund_order_content_ext",
            "/query_refund_order/refund_order_content/0/wxpay_refund_order_content_ext/state",
            "/query_refund_order/refund_order_content/0/alipay_refund_order_content_ext/state",
            "/query_refund_order/refund_order_content/0/alipay_refund_order_content_ext/refund_status",
            "/query_order/order_content/is_transforming",
            "/micro_pay/order_content/is_transforming",
            "/query_order/order_content/alipay_order_content_ext/refund_fee",
            "/micro_pay/order_content/alipay_order_content_ext/refund_fee",
        ],
        values: &[
            "null",
            "{}",
            "\"\"",
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "8",
            "9",
            "10",
            "13",
            "99",
            "\"0\"",
            "101",
            "102",
            "103",
            "104",
            "400",
            "407",
            "410",
            "426",
            "[]",
            "true",
            "false",
            "300",
            "\"sz01rcdbhx000000004R\"",
            "{\"state\":2}",
            "{\"state\":5}",
            "{\"refund_status\":2}",
            "{\"refund_status\":2,\"state\":3}",
            "1250",
            "\"1250\"",
            "1251",
            "1250.0",
            "\"CNY\"",
            "\"USD\"",
            "\"cny\"",
            "\"sz01rcdbhx0000000042\"",
            "\"sz01rcdbhx0000000043\"",
            "\"sz01kXzJtrxoe5er9G0s\"",
            "\"weixin://wxpay/bizpayurl?pr=shown\"",
            "{\"current_trade_state\":2}",
            "{\"current_trade_state\":5}",
            "{\"current_trade_state\":7}",
            "1767225600",
            "9223372036854775807",
        ],
        seal,
        is_signed: |body| Some(Envelope::read(ANSWER, body).is_some_and(|envelope| envelope.signed == Some(true))),
        judge,
    };
    super::check(&rail, bytes);
}

fn seal(body: &str, key: Key) -> Option<String> {
    envelope::seal(ANSWER, body, key)
}

fn judge(case: &Case, reply: &Reply) {
    let Some(envelope) = Envelope::read(ANSWER, &case.response.body) else {
        return case.needs(reply, false, "an envelope");
    };
    let Some(content) = Object::read(envelope.content.as_bytes()) else {
        return case.needs(reply, false, "a content that is JSON");
    };
    let status = content.json("status").unwrap_or_default();
    let signed = envelope.signed == Some(true);
    // The two answers that may go unsigned (T2): never with a signature that is wrong.
    let unsigned = envelope.signed != Some(false) && case.own();
    let begins = matches!(case.op, Operation::Charge | Operation::CreateQr);
    let duplicate = content.integer("internal_status") == Some(407);
    match reply {
        // T2: whatever the status, and with or without a signature, unless that is wrong.
        Reply::NumberTaken if duplicate && begins && envelope.signed != Some(false) => return,
        _ => case.needs(reply, !(duplicate && begins) || *reply == Reply::Unverified, "a number that was taken"),
    }
    match reply {
        Reply::SendAgain => return case.needs(reply, unsigned && begins && status == "3", "status 3 on its own"),
        Reply::Refused(code) if code == "101" => {
            return case.needs(reply, unsigned && status == "101" && !duplicate, "status 101 on its own");
        }
        Reply::Unverified => case.needs(reply, !signed, "a wrong signature"),
        _ => case.needs(reply, signed, "a right signature"),
    }
    match (case.op, status) {
        (Operation::Query, "0") => told::order(case, reply, &content, "query_order"),
        (Operation::Charge, "0") => told::order(case, reply, &content, "micro_pay"),
        (Operation::Refund, "0") => told::refund_taken_on(case, reply, &content),
        (Operation::RefundQuery, "0") => told::refund(case, reply, &content),
        _ => by_status(case, reply, &content, status, duplicate),
    }
}

/// An answer that names no order: the status, and behind it the gateway's own for the wallet's (T2, T3).
fn by_status(case: &Case, reply: &Reply, content: &Object<'_>, status: &str, duplicate: bool) {
    case.needs(reply, case.own(), "a connection of its own");
    let internal = content.integer("internal_status");
    let no_such_order = status == "104" && internal == Some(400);
    let fits = match (case.op, reply) {
        (Operation::CreateQr, Reply::QrReady { pay_url, .. }) => {
            let url = content.object("scan_code_pay").and_then(|made| made.string("code_url"));
            status == "0" && url.as_ref() == Some(pay_url)
        }
        (Operation::Charge | Operation::CreateQr, Reply::Refused(code)) => status == "104" && code == status,
        (Operation::Refund, Reply::Refused(code)) => status == "104" && !duplicate && !no_such_order && code == status,
        (Operation::Charge | Operation::CreateQr, Reply::NumberTaken) => status == "102",
        (Operation::RefundQuery, Reply::NotFound) => status == "104" && internal == Some(426),
        (Operation::Query | Operation::Reverse | Operation::Close | Operation::Refund, Reply::NotFound) => {
            no_such_order
        }
        (Operation::Reverse | Operation::Close, Reply::ReverseDone) => status == "0",
        (Operation::Reverse | Operation::Close, Reply::ReverseRefused) => {
            matches!(status, "102" | "104") && !duplicate && !no_such_order
        }
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "its status");
}
