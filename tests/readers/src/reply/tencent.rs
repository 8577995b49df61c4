//! Tencent: JSON in a JSON string, HMAC over the string as it came (S3, T1–T3; docs/sources.md).
//!
//! A body that is no envelope is taken for the content of one: libFuzzer would hardly get through two layers of quoting.

use std::sync::LazyLock;

use paywand::{
    Amount, Currency, Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, Key, Rail, answer::Object, sign};
use crate::account::{self, NUMBER, TENCENT_ACCOUNT, TENCENT_KEY};

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::TencentCpay));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::TencentCpay,
        gateway: GATEWAY.as_ref(),
        operations: &[Operation::CreateQr, Operation::Query, Operation::Close],
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
        is_signed: |body| Some(Envelope::read(body).is_some_and(|envelope| envelope.signed == Some(true))),
        judge,
    };
    super::check(&rail, bytes);
}

/// What is in an answer, and whether its signature is right; None where it has none.
struct Envelope {
    content: String,
    signed: Option<bool>,
}

impl Envelope {
    fn read(body: &[u8]) -> Option<Self> {
        let root = Object::read(body)?;
        let content = root.string("response_content")?;
        let signed = root.json("authen_info").filter(|json| *json != "null").map(|json| {
            let a = Object::read(json.as_bytes()).and_then(|info| info.object("a"));
            a.is_some_and(|a| {
                let expected = sign::hmac_hex(TENCENT_KEY, &content);
                a.json("authen_type") == Some("1") && sign::carries(&a, "authen_code", &expected)
            })
        });
        Some(Self { content, signed })
    }
}

fn seal(body: &str, key: Key) -> Option<String> {
    let content = Object::read(body.as_bytes()).and_then(|root| root.string("response_content"));
    let content = content.as_deref().unwrap_or(body);
    let quoted = serde_json::to_string(content).ok()?;
    let Some(key) = sign::key(TENCENT_KEY, key) else { return Some(format!(r#"{{"response_content":{quoted}}}"#)) };
    let code = sign::hmac_hex(key, content).to_uppercase();
    let info = format!(r#"{{"a":{{"authen_code":"{code}","authen_type":1}}}}"#);
    Some(format!(r#"{{"response_content":{quoted},"authen_info":{info}}}"#))
}

fn judge(case: &Case, reply: &Reply) {
    let Some(envelope) = Envelope::read(&case.response.body) else { return case.needs(reply, false, "an envelope") };
    let Some(content) = Object::read(envelope.content.as_bytes()) else {
        return case.needs(reply, false, "a content that is JSON");
    };
    let status = content.json("status").unwrap_or_default();
    let internal = content.integer("internal_status");
    let signed = envelope.signed == Some(true);
    // The two answers that may go unsigned: never with a signature that is wrong.
    let unsigned = case.op == Operation::CreateQr && envelope.signed != Some(false);
    match reply {
        Reply::SendAgain => return case.needs(reply, unsigned && status == "3" && case.own(), "status 3 on its own"),
        Reply::Refused(code) if code == "101" => {
            return case.needs(reply, unsigned && status == "101" && case.own(), "status 101 on its own");
        }
        Reply::Unverified => case.needs(reply, !signed, "a wrong signature"),
        _ => case.needs(reply, signed, "a right signature"),
    }
    if case.op == Operation::Query && status == "0" {
        return judge_told(case, reply, &content);
    }
    case.needs(reply, case.own(), "a connection of its own");
    let fits = match (reply, case.op) {
        (Reply::QrReady { pay_url, .. }, _) => {
            let url = content.object("scan_code_pay").and_then(|made| made.string("code_url"));
            status == "0" && url.as_ref() == Some(pay_url)
        }
        (Reply::Refused(code), _) => status == "104" && internal != Some(407) && code == status,
        (Reply::NumberTaken, _) => status == "102" || status == "104" && internal == Some(407),
        (Reply::NotFound, Operation::Query | Operation::Close) => status == "104" && internal == Some(400),
        (Reply::ReverseDone, Operation::Close) => status == "0",
        (Reply::ReverseRefused, Operation::Close) => matches!(status, "102" | "104") && internal != Some(407),
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "its status");
}

/// A query's own words on an order.
fn judge_told(case: &Case, reply: &Reply, content: &Object<'_>) {
    let query = content.object("query_order").unwrap_or(Object(Vec::new()));
    let told = query.object("order_content").unwrap_or(Object(Vec::new()));
    case.needs(reply, told.says("out_trade_no").as_deref() == Some(NUMBER), "our order");
    let account = query.object("pay_mch_key").unwrap_or(Object(Vec::new()));
    case.needs(reply, TENCENT_ACCOUNT.iter().all(|(name, ours)| account.says_nothing_but(name, ours)), "our account");
    let state = |ext: &str| Some(told.object(ext)?.json("current_trade_state").unwrap_or_default().to_owned());
    let (wechat, alipay) = (state("wxpay_order_content_ext"), state("alipay_order_content_ext"));
    case.needs(reply, wechat.is_some() != alipay.is_some(), "one state");
    let is = |of_wechat: &[&str], of_alipay: &[&str]| {
        let (states, said) = if wechat.is_some() { (of_wechat, &wechat) } else { (of_alipay, &alipay) };
        said.as_deref().is_some_and(|said| states.contains(&said))
    };
    let paid = is(&["2", "3"], &["2", "6"]);
    let waiting = is(&["1", "5", "6", "9", "10", "11", "12"], &["1", "4"]);
    let refunded =
        told.json("refunded_fee").is_some_and(|json| json != "null") && told.integer("refunded_fee") != Some(0);
    let other_qr = case.order.pay_url.as_deref().is_some_and(|shown| !told.says_nothing_but("code_url", shown));
    let fits = match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, sum(&told) == Some(case.order.amount), "our sum");
            case.needs(reply, receipt.evidence == Evidence::Signature, "its signature as evidence");
            paid && !refunded && receipt.gateway_number == told.says("transaction_id")
        }
        Reply::PaidOther(other) => {
            case.needs(reply, sum(&told) == Some(*other) && *other != case.order.amount, "another sum");
            paid && !refunded
        }
        Reply::Unverified => paid && !refunded,
        Reply::Waiting => waiting && !other_qr,
        Reply::OtherQr => waiting && other_qr,
        Reply::Closed => is(&["7"], &["5"]) && !(refunded && alipay.is_some()),
        Reply::Reversed => is(&["8"], &[]),
        Reply::ReturnedElsewhere => paid && refunded || is(&["4", "13", "14"], &[]) || refunded && is(&[], &["5"]),
        Reply::NotFound => is(&[], &["7"]),
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "its state");
}

/// `total_fee` in fen; an absent currency is ours.
fn sum(told: &Object<'_>) -> Option<Amount> {
    let currency = told.says("fee_type").map_or(Some(Currency::CNY), |text| text.parse().ok())?;
    Some(Amount::new(told.integer("total_fee")?, currency))
}
