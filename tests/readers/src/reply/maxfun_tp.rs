//! maxfun's merchant API: unsigned, names the order (M1; docs/sources.md). The connection vouches for the rest.

use std::sync::LazyLock;

use paywand::{
    Amount, Currency, Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, Rail, answer::Object};
use crate::account::{self, MAXFUN_MCH_KEY, NUMBER};

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::MaxfunTp));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::MaxfunTp,
        gateway: GATEWAY.as_ref(),
        operations: &[Operation::Charge, Operation::Query, Operation::Refund, Operation::RefundQuery],
        fields: &[
            "/status",
            "/status/code",
            "/result",
            "/result/ret",
            "/result/tp_trade_no",
            "/result/mch_key",
            "/result/total_fee",
            "/result/pay_status",
        ],
        values: &[
            "null",
            "{}",
            "0",
            "1",
            "\"1\"",
            "3",
            "4",
            "12.5",
            "12.50",
            "\"12.50\"",
            "12.501",
            "1250",
            "1251",
            "\"200\"",
            "101",
            "103",
            "108",
            "109",
            "201",
            "205",
            "206",
            "207",
            "209",
            "210",
            "\"sz01rcdbhx0000000042\"",
            "\"sz01rcdbhx0000000043\"",
        ],
        seal: |_, _| None,
        is_signed: |_| None,
        judge,
    };
    super::check(&rail, bytes);
}

fn judge(case: &Case, reply: &Reply) {
    let Some(root) = Object::read(&case.response.body) else { return case.needs(reply, false, "a JSON object") };
    let result = root.object("result").unwrap_or(Object(Vec::new()));
    let code = root.object("status").and_then(|status| status.string("code"));
    case.needs(reply, code.as_deref() == Some("200"), "a call that went through");
    case.needs(reply, case.own() || *reply == Reply::NumberTaken, "a connection of its own");
    let stranger =
        !result.says_nothing_but("tp_trade_no", NUMBER) || !result.says_nothing_but("mch_key", MAXFUN_MCH_KEY);
    case.needs(reply, !stranger, "our order and account");
    let ours = result.says("tp_trade_no").as_deref() == Some(NUMBER);
    let ret = result.json("ret").unwrap_or_default();
    let state = result.json("pay_status").unwrap_or_default();
    let (charge, refund) = (case.op == Operation::Charge, case.op == Operation::Refund);
    let sum = if charge { result.integer("total_fee").map(fen) } else { yuan(&result) };
    let came_in = ours && if charge { ret == "0" } else { state == "1" };
    let fits = match (case.op, reply) {
        (_, Reply::Paid(receipt)) => {
            case.needs(reply, receipt.evidence == Evidence::Order, "the order as evidence");
            came_in && sum == Some(case.order.amount)
        }
        (Operation::RefundQuery, Reply::PaidOther(other)) => {
            ours && state == "4" && sum == Some(*other) && *other != case.refund()
        }
        (_, Reply::PaidOther(other)) => came_in && sum == Some(*other) && *other != case.order.amount,
        (Operation::Query, Reply::Waiting) => ours && state == "0",
        (Operation::Query, Reply::Closed) => ours && state == "3",
        (Operation::Query, Reply::ReturnedInFull) => ours && state == "4",
        (Operation::Query, Reply::NotFound) => ret == "207",
        // The order is known to be paid: who does not find it says nothing of its refund.
        (Operation::RefundQuery, Reply::NotFound) => ours && state == "1",
        (Operation::RefundQuery, Reply::RefundProved(_)) => ours && state == "4" && sum == Some(case.refund()),
        (Operation::Charge, Reply::Refused(said)) => {
            said == ret && matches!(ret, "103" | "108" | "109" | "202" | "203" | "204" | "205")
        }
        (Operation::Charge, Reply::NumberTaken) => ret == "206",
        (Operation::Refund, Reply::Refused(said)) => {
            said == ret && matches!(ret, "202" | "203" | "204" | "205" | "207" | "208" | "210")
        }
        (_, Reply::RefundAccepted) => refund && ret == "0",
        (_, Reply::ReturnedInFull) => refund && ret == "209",
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "words of this order");
}

fn fen(minor: i64) -> Amount {
    Amount::new(minor, Currency::CNY)
}

/// Yuan with any number of zeros behind the second decimal.
fn yuan(result: &Object<'_>) -> Option<Amount> {
    let said = result.says("total_fee")?;
    let (whole, parts) = said.split_once('.').unwrap_or((&said, ""));
    let parts = format!("{:0<2}", parts.trim_end_matches('0'));
    if parts.len() > 2 || said.starts_with(['-', '+']) {
        return None;
    }
    Some(fen(whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(parts.parse::<i64>().ok()?)?))
}
