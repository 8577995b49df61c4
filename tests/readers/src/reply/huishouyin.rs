//! huishouyin: unsigned, over verified TLS only; amounts in yuan (S4, H1; docs/sources.md).

use std::sync::LazyLock;

use paywand::{
    Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, Rail, answer::Object};
use crate::account::{self, HUISHOUYIN_APP_ID, MINOR, NUMBER};

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::Huishouyin));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::Huishouyin,
        gateway: GATEWAY.as_ref(),
        operations: &[Operation::CreateQr, Operation::Query, Operation::Detail, Operation::Close],
        fields: &[
            "/code",
            "/status",
            "/data",
            "/data/order_id",
            "/data/app_id",
            "/data/order_status",
            "/data/total_amount",
            "/data/pay_url",
            "/data/trade_no",
            "/data/pay_time",
            "/order_id",
            "/order_status",
            "/total_amount",
        ],
        values: &[
            "null",
            "{}",
            "\"\"",
            "0",
            "1",
            "-1",
            "-2",
            "-3",
            "-10",
            "2",
            "3",
            "4",
            "5",
            "1000",
            "\"1000\"",
            "1001",
            "1002",
            "1003",
            "1004",
            "1005",
            "1006",
            "1007",
            "2000",
            "3000",
            "3004",
            "4001",
            "5000",
            "5001",
            "12.5",
            "12.50",
            "\"12.50\"",
            "\"12.500\"",
            "12.51",
            "1250",
            "\"12.5e0\"",
            "\"sz01rcdbhx0000000042\"",
            "\"sz01rcdbhx0000000043\"",
            "\"nnMBARuy4fJ82uNfjUdGdPunST000001\"",
            "\"https://qr.example/1\"",
            "\"2026-01-01 12:00:00\"",
        ],
        seal: |_, _| None,
        is_signed: |_| None,
        judge,
    };
    super::check(&rail, bytes);
}

fn judge(case: &Case, reply: &Reply) {
    let Some(root) = Object::read(&case.response.body) else { return case.needs(reply, false, "a JSON object") };
    case.needs(reply, case.response.verified_tls, "verified TLS");
    let said_as = |name| root.json(name).is_some_and(|json| json != "null").then_some(name);
    let code = root.integer(said_as("code").unwrap_or("status"));
    let data = match said_as("data") {
        Some(name) => root.object(name).unwrap_or(Object(Vec::new())),
        None => root,
    };
    let ours = data.says("order_id").as_deref() == Some(NUMBER);
    let stranger = !data.says_nothing_but("order_id", NUMBER) || !data.says_nothing_but("app_id", HUISHOUYIN_APP_ID);
    case.needs(reply, !stranger, "our order and account");
    let state = data.integer("order_status");
    let told = code == Some(1000) && ours && matches!(case.op, Operation::Query | Operation::Detail);
    match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, told && case.op == Operation::Detail, "the detail of our order");
            case.needs(reply, matches!(state, Some(1 | -2)), "a paid state");
            case.needs(reply, fen(&data) == Some(i128::from(MINOR)), "our sum");
            case.needs(reply, receipt.evidence == Evidence::Order, "the order as evidence");
            case.needs(reply, receipt.gateway_number == data.says("trade_no"), "the gateway's number");
        }
        Reply::PaidOther(other) => {
            case.needs(reply, told && case.op == Operation::Detail, "the detail of our order");
            case.needs(reply, matches!(state, Some(1 | -2)), "a paid state");
            case.needs(reply, fen(&data) == Some(other.minor.into()) && other.minor != MINOR, "another sum");
        }
        Reply::LooksPaid => {
            case.needs(reply, told && case.op == Operation::Query, "the state of our order");
            case.needs(reply, matches!(state, Some(1 | -2)), "a paid state");
        }
        Reply::QrReady { pay_url, .. } => {
            case.needs(reply, code == Some(1000) && ours, "our order");
            case.needs(reply, fen(&data) == Some(i128::from(MINOR)), "our sum");
            case.needs(reply, data.string("pay_url").as_ref() == Some(pay_url), "this QR");
        }
        Reply::Refused(said) => {
            let refusal = matches!(code, Some(2000 | 3000..=3004 | 5000)) && case.own();
            case.needs(reply, refusal, "a refusal on a connection of its own");
            case.needs(reply, code.map(|code| code.to_string()).as_ref() == Some(said), "this code");
        }
        Reply::NumberTaken => case.needs(reply, matches!(code, Some(1003 | 1007)), "a duplicate"),
        Reply::NotPaid(said) => {
            let by_code = code == Some(1001) && ours && case.op == Operation::Query && said == "1001";
            case.needs(reply, by_code || told && state == Some(-1) && said == "-1", "a failure of our order");
        }
        Reply::Waiting => {
            let by_code = code == Some(1002) && ours && case.op == Operation::Query;
            case.needs(reply, by_code || told && state == Some(0), "a waiting state of our order");
        }
        Reply::Reversed => case.needs(reply, told && state == Some(5), "a cancelled state of our order"),
        Reply::Closed => case.needs(reply, told && state == Some(4), "a closed state of our order"),
        Reply::ReturnedElsewhere => case.needs(reply, told && matches!(state, Some(2 | 3)), "a refund of our order"),
        Reply::NotFound => case.needs(reply, code == Some(4001) && case.own(), "4001 on a connection of its own"),
        Reply::ReverseDone => {
            let done = matches!(code, Some(1000 | 1004 | 1005));
            case.needs(reply, done && (case.own() || code == Some(1000) && ours), "our order, or its own connection");
        }
        Reply::ReverseRefused => {
            case.needs(reply, matches!(code, Some(1003 | 1006)) && case.own(), "a refusal on its own connection");
        }
        _ => case.never(reply),
    }
}

/// `total_amount`, which is yuan with at most two decimals that count, in fen.
fn fen(data: &Object<'_>) -> Option<i128> {
    let text = data.says("total_amount")?;
    let (yuan, decimals) = text.split_once('.').unwrap_or((&text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = format!("{:0<2}", decimals.trim_end_matches('0'));
    if !is_digits(yuan) || !is_digits(&decimals) || decimals.len() != 2 || text.ends_with('.') {
        return None;
    }
    yuan.parse::<i128>().ok()?.checked_mul(100)?.checked_add(decimals.parse().ok()?)
}
