//! BJRCB: every answer flat, and signed (S2, J2; docs/sources.md).

use std::sync::LazyLock;

use paywand::{
    Amount, Currency, Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, Key, Rail, answer::Object, sign};
use crate::account::{self, BJRCB_KEY, BJRCB_MCH_ID, NUMBER, REFUND_NUMBER};

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::Bjrcb));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::Bjrcb,
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
            "/return_code",
            "/trade_state",
            "/out_trade_no",
            "/mch_id",
            "/total_fee",
            "/fee_type",
            "/transaction_id",
            "/code_url",
            "/result_code",
            "/err_code",
            "/out_refund_no",
            "/refund_fee",
            "/refund_status",
            "/time_end",
            "/sign",
        ],
        values: &[
            "null",
            "\"\"",
            "0",
            "\"SUCCESS\"",
            "\"INIT\"",
            "\"NOTPAY\"",
            "\"USERPAYING\"",
            "\"REFUND\"",
            "\"CLOSED\"",
            "\"REVOKED\"",
            "\"PAYERROR\"",
            "\"FAIL\"",
            "\"success\"",
            "\"PROCESSING\"",
            "\"CHANGE\"",
            "\"REFUNDNOTEXIST\"",
            "\"NOTENOUGH\"",
            "\"sz01rcdbhx000000004R\"",
            "1250",
            "\"1250\"",
            "\"1251\"",
            "1250.0",
            "\"CNY\"",
            "\"USD\"",
            "\"cny\"",
            "\"C100000000001\"",
            "\"C100000000002\"",
            "\"sz01rcdbhx0000000042\"",
            "\"sz01rcdbhx0000000043\"",
            "\"20260101120000\"",
            "{}",
            "[]",
        ],
        seal,
        is_signed: |body| Some(Object::read(body).is_some_and(|root| is_signed(&root))),
        judge,
    };
    super::check(&rail, bytes);
}

fn signature(root: &Object<'_>, key: &str) -> Option<String> {
    Some(sign::bjrcb(sign::fields(root)?, key))
}

fn is_signed(root: &Object<'_>) -> bool {
    signature(root, BJRCB_KEY).is_some_and(|expected| sign::carries(root, "sign", &expected))
}

fn seal(body: &str, key: Key) -> Option<String> {
    let body = body.trim();
    let root = Object::read(body.as_bytes())?;
    let sign = signature(&root, sign::key(BJRCB_KEY, key)?)?;
    Some(sign::with_sign(body, &root, body, &sign))
}

fn judge(case: &Case, reply: &Reply) {
    let Some(root) = Object::read(&case.response.body) else { return case.needs(reply, false, "a JSON object") };
    let signed = is_signed(&root);
    let ours = root.says("out_trade_no").as_deref() == Some(NUMBER);
    let stranger = !root.says_nothing_but("out_trade_no", NUMBER) || !root.says_nothing_but("mch_id", BJRCB_MCH_ID);
    case.needs(reply, !stranger, "our order and account");
    case.needs(reply, root.string("return_code").as_deref() == Some("SUCCESS"), "a call that went through");
    let state = root.string("trade_state").unwrap_or_default();
    let state = state.as_str();
    let numbered = root.string("transaction_id").is_some();
    let reversing = matches!(case.op, Operation::Reverse | Operation::Close);
    if *reply == Reply::Unverified {
        return case.needs(reply, !signed && ours && state == "SUCCESS", "an unsigned success of our order");
    }
    case.needs(reply, signed, "a right signature");
    if matches!(case.op, Operation::Refund | Operation::RefundQuery) {
        return judge_refund(case, reply, &root, ours);
    }
    match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, ours && state == "SUCCESS", "a success of our order");
            case.needs(reply, sum(&root) == Some(case.order.amount), "our sum");
            case.needs(reply, receipt.gateway_number == root.says("transaction_id"), "the bank's number");
            case.needs(reply, receipt.evidence == Evidence::Signature, "its signature as evidence");
        }
        Reply::PaidOther(other) => {
            case.needs(reply, ours && state == "SUCCESS", "a success of our order");
            case.needs(reply, sum(&root) == Some(*other) && *other != case.order.amount, "another sum");
        }
        Reply::NotPaid(said) => {
            let failed = state == "PAYERROR" || state == "FAIL" && numbered;
            case.needs(reply, ours && failed && said == state, "a failure of our order");
            case.needs(reply, case.op == Operation::Query, "a query");
        }
        Reply::Reversed => case.needs(reply, ours && state == "REVOKED" && !reversing, "a REVOKED of our order"),
        Reply::Closed => case.needs(reply, ours && state == "CLOSED" && !reversing, "a CLOSED of our order"),
        Reply::ReturnedElsewhere => case.needs(reply, ours && state == "REFUND" && !reversing, "a REFUND of our order"),
        _ => {
            case.needs(reply, ours || case.own(), "our order, or a connection of its own");
            let fits = match reply {
                Reply::Waiting => matches!(state, "INIT" | "NOTPAY" | "USERPAYING"),
                Reply::NotFound => {
                    state == "FAIL" && !numbered && !matches!(case.op, Operation::Charge | Operation::CreateQr)
                }
                Reply::QrReady { pay_url, .. } => {
                    let sum = root.says("total_fee").is_none() || sum(&root) == Some(case.order.amount);
                    sum && root.string("code_url").as_ref() == Some(pay_url)
                }
                Reply::ReverseDone => matches!(state, "REVOKED" | "CLOSED" | "REFUND"),
                Reply::ReverseAgain => matches!(state, "INIT" | "NOTPAY" | "USERPAYING"),
                _ => return case.never(reply),
            };
            case.needs(reply, fits, "its state");
        }
    }
}

/// What an answer to a refund, or to the question about it, bears out: our number and our sum.
fn judge_refund(case: &Case, reply: &Reply, root: &Object<'_>, ours: bool) {
    let number = root.says("out_refund_no");
    let named = ours && number.as_deref() == Some(REFUND_NUMBER);
    case.needs(reply, number.as_deref().is_none_or(|number| number == REFUND_NUMBER), "our refund");
    let minor = root.integer("refund_fee");
    let status = root.string("refund_status").unwrap_or_default();
    let ours_whole = named && minor == Some(case.refund().minor);
    let fits = match reply {
        Reply::PaidOther(other) => ours && minor == Some(other.minor) && *other != case.refund(),
        Reply::RefundAccepted => {
            let sum = root.says("refund_fee").is_none() || minor == Some(case.refund().minor);
            root.string("result_code").as_deref() == Some("SUCCESS") && sum && (ours || case.own())
        }
        Reply::RefundProved(returned) => {
            case.needs(reply, returned.gateway_number == root.says("refund_id"), "the refund's number");
            case.needs(reply, returned.evidence == Evidence::Signature, "its signature as evidence");
            ours_whole && status == "SUCCESS"
        }
        // Which order, only an end must say.
        Reply::Waiting => number.is_some() && status == "PROCESSING" && (ours || case.own()),
        Reply::RefundFailed(said) => ours_whole && status == *said && matches!(said.as_str(), "FAIL" | "REFUNDCLOSE"),
        Reply::RefundChanged => ours_whole && status == "CHANGE",
        Reply::NotFound => {
            let unknown = root.string("err_code").as_deref() == Some("REFUNDNOTEXIST");
            unknown && (ours || case.own()) && case.op == Operation::RefundQuery
        }
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "words of this refund");
}

/// `total_fee` in fen; an absent currency is ours.
fn sum(root: &Object<'_>) -> Option<Amount> {
    let currency = root.says("fee_type").map_or(Some(Currency::CNY), |text| text.parse().ok())?;
    Some(Amount::new(root.integer("total_fee")?, currency))
}
