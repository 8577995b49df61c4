//! huishouyin: unsigned, over verified TLS only; amounts in yuan (S4, H1; docs/sources.md).

mod refunds;

use std::sync::LazyLock;

use paywand::{
    Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, OPERATIONS, Rail, answer::Object};
use crate::account::{self, HUISHOUYIN_APP_ID, MINOR, NUMBER};

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::Huishouyin));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::Huishouyin,
        gateway: GATEWAY.as_ref(),
        operations: &OPERATIONS,
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
            "/data/real_amount",
            "/data/refund_amount",
            "/data/refund_order_id",
            "/data/refund_list",
            "/data/refund_list/0/order_id",
            "/data/refund_list/0/refund_order_id",
            "/data/refund_list/0/refund_amount",
            "/data/refund_list/1/refund_order_id",
            "/data/refund_list/1/refund_amount",
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
            "2001",
            "2002",
            "3000",
            "3004",
            "4001",
            "4002",
            "5000",
            "5001",
            "12.5",
            "12.50",
            "\"12.50\"",
            "\"12.500\"",
            "12.51",
            "3",
            "\"3.00\"",
            "15.50",
            "11.5",
            "[]",
            "\"sz01rcdbhx000000004R\"",
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
    let stranger = !data.says_nothing_but("order_id", NUMBER) || !data.says_nothing_but("app_id", HUISHOUYIN_APP_ID);
    case.needs(reply, !stranger, "our order and account");
    let told = Told { code, ours: data.says("order_id").as_deref() == Some(NUMBER), data };
    match case.op {
        Operation::Refund => refunds::taken_on(case, reply, &told),
        Operation::RefundQuery => refunds::listed(case, reply, &told),
        Operation::CreateQr => judge_creation(case, reply, &told),
        Operation::Reverse | Operation::Close => judge_undoing(case, reply, &told),
        Operation::Charge | Operation::Query | Operation::Detail => judge_order(case, reply, &told),
    }
}

/// What an answer says: the call's code, whether our order is named, and the rest.
struct Told<'a> {
    code: Option<i64>,
    ours: bool,
    data: Object<'a>,
}

impl Told<'_> {
    /// The call worked, and is about our order.
    fn of_ours(&self) -> bool {
        self.code == Some(1000) && self.ours
    }

    /// Turned away before anything was done (H1), with this code.
    fn is_refusal(&self, said: &str) -> bool {
        matches!(self.code, Some(2000 | 3000..=3004 | 5000)) && self.is_code(said)
    }

    fn is_code(&self, said: &str) -> bool {
        self.code.map(|code| code.to_string()).as_deref() == Some(said)
    }
}

/// A QR, of our order and our sum.
fn judge_creation(case: &Case, reply: &Reply, told: &Told<'_>) {
    let fits = match reply {
        Reply::QrReady { pay_url, .. } => {
            case.needs(reply, fen(&told.data, "total_amount") == Some(MINOR.into()), "our sum");
            told.of_ours() && told.data.string("pay_url").as_ref() == Some(pay_url)
        }
        Reply::Refused(said) => told.is_refusal(said) && case.own(),
        Reply::NumberTaken => matches!(told.code, Some(1003 | 1007)),
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "words of this creation");
}

/// An order's state. Whatever call tells it: with the sum it is proof, without one it asks for the detail.
fn judge_order(case: &Case, reply: &Reply, told: &Told<'_>) {
    let state = told.data.integer("order_status").filter(|_| told.of_ours());
    let came_in = matches!(state, Some(1 | -2));
    let says_sum = told.data.json("total_amount").is_some_and(|json| json != "null");
    let total = fen(&told.data, "total_amount");
    let by_code = |code| told.ours && told.code == Some(code) && case.op != Operation::Detail;
    let fits = match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, total == Some(MINOR.into()), "our sum");
            case.needs(reply, receipt.evidence == Evidence::Order, "the order as evidence");
            case.needs(reply, receipt.gateway_number == told.data.says("trade_no"), "the gateway's number");
            let real = fen(&told.data, "real_amount").filter(|real| *real < MINOR.into());
            case.needs(reply, receipt.refundable.map(|sum| sum.minor.into()) == real, "what can be given back");
            came_in
        }
        Reply::PaidOther(other) => came_in && total == Some(other.minor.into()) && other.minor != MINOR,
        Reply::LooksPaid => came_in && !says_sum && case.op != Operation::Detail,
        Reply::Refused(said) => told.is_refusal(said) && case.own() && case.op == Operation::Charge,
        Reply::NumberTaken => matches!(told.code, Some(1003 | 1007)) && case.op == Operation::Charge,
        Reply::NotPaid(said) => by_code(1001) && said == "1001" || state == Some(-1) && said == "-1",
        Reply::Waiting => by_code(1002) || state == Some(0),
        Reply::Reversed => state == Some(5),
        Reply::Closed => state == Some(4),
        Reply::ReturnedInFull => state == Some(2),
        Reply::ReturnedElsewhere => state == Some(3),
        Reply::Undecided(_) => state == Some(-3),
        Reply::NotFound => told.code == Some(4001) && case.own() && case.op != Operation::Charge,
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "words of our order");
}

/// The answer to a cancel or a close.
fn judge_undoing(case: &Case, reply: &Reply, told: &Told<'_>) {
    let fits = match reply {
        Reply::ReverseDone => told.of_ours() || matches!(told.code, Some(1000 | 1004 | 1005)) && case.own(),
        Reply::ReverseRefused => matches!(told.code, Some(1003 | 1006)) && case.own(),
        Reply::NotFound => told.code == Some(4001) && case.own(),
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "our order, or its own connection");
}

/// The field `name`, which is yuan with at most two decimals that count, in fen.
fn fen(data: &Object<'_>, name: &str) -> Option<i128> {
    let text = data.says(name)?;
    let (yuan, decimals) = text.split_once('.').unwrap_or((&text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = format!("{:0<2}", decimals.trim_end_matches('0'));
    if !is_digits(yuan) || !is_digits(&decimals) || decimals.len() != 2 || text.ends_with('.') {
        return None;
    }
    yuan.parse::<i128>().ok()?.checked_mul(100)?.checked_add(decimals.parse().ok()?)
}
