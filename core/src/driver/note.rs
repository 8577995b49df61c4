//! What the journal says of an input: one JSON object, without codes and keys.

use serde_json::json;

use super::{End, Fed, Wish};
use crate::flow::{Flow, Input};
use crate::gateway::Reply;

/// The journal's text for `fed`.
pub(crate) fn event(fed: &Fed, flow: Option<&Flow>) -> String {
    let op = flow.and_then(Flow::open_operation).map(|op| op.code());
    let value = match fed {
        Fed::End { number, end: End::Reply(reply) } => {
            let (code, why) = match reply {
                Reply::Refused(code) | Reply::NotPaid(code) | Reply::RefundFailed(code) => (Some(code.as_str()), None),
                Reply::Undecided(why) | Reply::Unproved(why) => (None, Some(*why)),
                _ => (None, None),
            };
            json!({"input": "reply", "op": op, "number": number, "reply": reply.code(), "code": code, "why": why})
        }
        Fed::End { number, end: End::NotSent { why, .. } } => {
            json!({"input": "not_sent", "op": op, "number": number, "why": why})
        }
        Fed::End { number, end: End::NoAnswer(why) } => {
            json!({"input": "no_answer", "op": op, "number": number, "why": why})
        }
        Fed::TimeUp => json!({"input": "time_up"}),
        Fed::Wish { wish: Wish::Cancel, .. } => json!({"input": "cancel_asked"}),
        Fed::Wish { wish: Wish::Notified, .. } => json!({"input": "notified"}),
        Fed::Wish { wish: Wish::Retry, .. } => json!({"input": "retry_asked"}),
        Fed::Acknowledged | Fed::Wish { wish: Wish::Acknowledge, .. } => json!({"input": "acknowledged"}),
        Fed::Wish { wish: Wish::Settle(settlement), .. } => {
            json!({"input": "settled_by_hand", "paid": settlement.paid, "who": settlement.who, "why": settlement.why})
        }
        Fed::Start(input) => json!({"input": start_code(input)}),
    };
    value.to_string()
}

fn start_code(input: &Input) -> &'static str {
    match input {
        Input::Begin => "begin",
        Input::Recovered => "recovered",
        Input::AccountChanged => "account_changed",
        Input::GatewayMissing => "gateway_missing",
        Input::Withdrawn => "withdrawn",
        _ => "start",
    }
}
