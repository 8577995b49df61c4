//! maxfun's device API: unsigned, names no order (S0; docs/sources.md). The connection vouches for everything.

use std::sync::LazyLock;

use paywand::{
    Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, Rail, answer::Object};
use crate::account;

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::MaxfunDevice));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::MaxfunDevice,
        gateway: GATEWAY.as_ref(),
        operations: &[Operation::Charge],
        fields: &["/status", "/status/code", "/result", "/result/status", "/result/ret", "/ret"],
        values: &[
            "null",
            "{}",
            "0",
            "-0",
            "0.0",
            "\"0\"",
            "\"200\"",
            "200",
            "101",
            "102",
            "103",
            "\"103\"",
            "108",
            "109",
            "110",
            "true",
            "[]",
            "{\"code\":\"200\"}",
            "{\"status\":0}",
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
    case.needs(reply, case.own(), "a connection of its own");
    let status = result.json("status").unwrap_or_default();
    // What is said twice is said alike.
    let agrees = |object: &Object<'_>| object.json("ret").is_none_or(|ret| ret == status || ret == "null");
    case.needs(reply, agrees(&root) && agrees(&result), "agreement of ret and status");
    match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, status == "0", "the number 0");
            case.needs(reply, receipt.evidence == Evidence::Connection, "the connection as evidence");
        }
        Reply::Refused(said) => {
            case.needs(reply, matches!(status, "103" | "108" | "109") && said == status, "one of the three refusals");
        }
        _ => case.never(reply),
    }
}
