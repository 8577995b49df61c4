//! huishouyin's refunds: `/pay/refund` takes one on, and the list of `/pay/get` names it (H1; docs/sources.md). The list has no
//! states: what went back is told by the order's own state, and by its sum.

use paywand::{Evidence, gateway::Reply};

use super::{Told, fen};
use crate::{
    account::{NUMBER, REFUND_NUMBER},
    reply::{Case, answer::Object},
};

/// The answer to `/pay/refund`.
pub(super) fn taken_on(case: &Case, reply: &Reply, told: &Told<'_>) {
    let data = &told.data;
    case.needs(reply, data.says_nothing_but("refund_order_id", REFUND_NUMBER), "our refund");
    let named = told.code == Some(1000) && data.says("refund_order_id").is_some();
    let sum = fen(data, "refund_amount");
    let ours = i128::from(case.refund().minor);
    if named {
        let fits = match reply {
            Reply::RefundAccepted => sum == Some(ours),
            Reply::PaidOther(other) => sum == Some(other.minor.into()) && sum != Some(ours),
            _ => return case.never(reply),
        };
        return case.needs(reply, fits, "its sum");
    }
    case.needs(reply, case.own(), "a connection of its own");
    let fits = match reply {
        Reply::RefundAccepted => told.code == Some(1000),
        Reply::Refused(said) => told.is_refusal(said) || told.code == Some(2001) && told.is_code(said),
        Reply::Closed => told.code == Some(1004),
        Reply::Reversed => told.code == Some(1005),
        Reply::NotFound => told.code == Some(4001),
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "its code");
}

/// The answer of `/pay/get`, asked for our refund.
pub(super) fn listed(case: &Case, reply: &Reply, told: &Told<'_>) {
    if !told.of_ours() {
        let missing = told.code == Some(4002) && case.own();
        return case.needs(reply, *reply == Reply::NotFound && missing, "the detail of our order");
    }
    // The order was read, and says nothing of ours that proves anything: always a true answer.
    if let Reply::Undecided(_) = reply {
        return;
    }
    let data = &told.data;
    // H1: the list is optional, and then there are no refunds.
    let left_out = data.json("refund_list").is_none_or(|json| json == "null");
    let list = if left_out { Some(Vec::new()) } else { data.objects("refund_list") };
    let Some(list) = list else { return case.needs(reply, false, "a list") };
    let state = data.integer("order_status");
    let silent = data.says("refund_amount").is_none();
    let returned = fen(data, "refund_amount");
    let sum = list.iter().try_fold(0_i128, |sum, entry| Some(sum + fen(entry, "refund_amount")?));
    // All that is listed went back. Of an order that says no sum, a single refund must be it.
    let is_through = if silent { list.len() == 1 } else { returned.is_some() && returned == sum };
    let mut named = list.iter().filter(|entry| entry.says("refund_order_id").as_deref() == Some(REFUND_NUMBER));
    let entry = match (named.next(), named.next()) {
        (Some(entry), None) => entry,
        (Some(_), Some(_)) => return case.needs(reply, false, "one entry of our refund"),
        (None, _) => {
            let nothing = state == Some(1) && list.is_empty() && (silent || returned == Some(0));
            let named = list.iter().all(|entry| entry.says("refund_order_id").is_some());
            let others = state == Some(3) && is_through && named && !silent && !list.is_empty();
            return case.needs(reply, *reply == Reply::NotFound && (nothing || others), "all that went back");
        }
    };
    case.needs(reply, entry.says_nothing_but("order_id", NUMBER), "our order");
    let ours = i128::from(case.refund().minor);
    if let Reply::PaidOther(other) = reply {
        let sum = fen(entry, "refund_amount");
        return case.needs(reply, sum == Some(other.minor.into()) && sum != Some(ours), "another sum");
    }
    case.needs(reply, fen(entry, "refund_amount") == Some(ours), "our sum");
    case.needs(reply, fits(reply, entry, state, is_through, list.len() == 1 && returned == Some(0)), "its state");
}

/// Whether the order's `state` bears out `reply`; `is_through`: what is listed went back; `alone`: there is no other refund, and
/// nothing went back.
fn fits(reply: &Reply, entry: &Object<'_>, state: Option<i64>, is_through: bool, alone: bool) -> bool {
    match reply {
        Reply::RefundProved(back) => {
            let numbered = back.gateway_number == entry.says("trade_no") && back.evidence == Evidence::Order;
            matches!(state, Some(2 | 3)) && is_through && numbered
        }
        Reply::Waiting => state == Some(-3),
        Reply::RefundFailed(said) => state == Some(-2) && alone && said == "-2",
        _ => false,
    }
}
