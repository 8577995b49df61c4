//! BlueOcean: a signature inside `data`, none on errors (S1, B1; docs/sources.md).

use std::{collections::BTreeSet, sync::LazyLock};

use paywand::{
    Amount, Currency, Evidence,
    gateway::{Gateway, GatewayKind, Operation, Reply},
};

use super::{Case, Key, Rail, answer::Object, sign};
use crate::account::{self, BLUEOCEAN_APPID, BLUEOCEAN_KEY, NUMBER, REFUND_NUMBER};

static GATEWAY: LazyLock<Box<dyn Gateway>> = LazyLock::new(|| account::gateway(GatewayKind::BlueoceanV1));

pub(crate) fn check(bytes: &[u8]) {
    let rail = Rail {
        kind: GatewayKind::BlueoceanV1,
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
            "/code",
            "/data",
            "/data/appid",
            "/data/out_trade_no",
            "/data/total_fee",
            "/data/fee_type",
            "/data/trade_state",
            "/data/transaction_id",
            "/data/recall",
            "/data/code_url",
            "/data/out_refund_no",
            "/data/refund_fee",
            "/data/refund_count",
            "/data/out_refund_no_0",
            "/data/out_refund_no_1",
            "/data/refund_fee_0",
            "/data/refund_status_0",
            "/data/time_end",
            "/data/sign",
        ],
        values: &[
            "null",
            "{}",
            "\"\"",
            "0",
            "200",
            "\"200\"",
            "201",
            "404",
            "4001",
            "40100",
            "40101",
            "40102",
            "40106",
            "40104",
            "40105",
            "40107",
            "40108",
            "40111",
            "1",
            "2",
            "\"PROCESSING\"",
            "\"REFUNDCLOSE\"",
            "\"CHANGE\"",
            "\"sz01rcdbhx000000004R\"",
            "40400",
            "1250",
            "\"1250\"",
            "1251",
            "1250.0",
            "-1250",
            "\"HKD\"",
            "\"CNY\"",
            "\"hkd\"",
            "\"SUCCESS\"",
            "\"NOTPAY\"",
            "\"USERPAYING\"",
            "\"REFUND\"",
            "\"CLOSED\"",
            "\"REVOKED\"",
            "\"PAYERROR\"",
            "\"Y\"",
            "\"N\"",
            "\"1000001\"",
            "1000001",
            "\"sz01rcdbhx0000000042\"",
            "\"sz01rcdbhx0000000043\"",
            "\"20260101120000\"",
            "\"2026-01-01 12:00:00\"",
        ],
        seal,
        is_signed: |body| {
            let data = Object::read(body).and_then(|root| root.object("data"));
            Some(data.is_some_and(|data| is_signed(&data)))
        },
        judge,
    };
    super::check(&rail, bytes);
}

fn signature(data: &Object<'_>, key: &str) -> Option<String> {
    Some(sign::blueocean(sign::fields(data)?, key))
}

fn is_signed(data: &Object<'_>) -> bool {
    signature(data, BLUEOCEAN_KEY).is_some_and(|expected| sign::carries(data, "sign", &expected))
}

fn seal(body: &str, key: Key) -> Option<String> {
    let root = Object::read(body.as_bytes())?;
    let json = root.json("data")?;
    let data = Object::read(json.as_bytes())?;
    let sign = signature(&data, sign::key(BLUEOCEAN_KEY, key)?)?;
    Some(sign::with_sign(body, &data, json, &sign))
}

/// What an answer to a refund, or to the question about it, bears out.
fn judge_refund(case: &Case, reply: &Reply, code: Option<i64>, data: &Object<'_>) {
    let done = code == Some(200) && is_signed(data) && data.says("out_trade_no").as_deref() == Some(NUMBER);
    let places: Vec<u8> = (0..=50).filter(|n| data.says(&format!("out_refund_no_{n}")).is_some()).collect();
    let ours = |n: &&u8| data.says(&format!("out_refund_no_{n}")).as_deref() == Some(REFUND_NUMBER);
    let (place, named) = match case.op {
        Operation::Refund => (None, data.says("out_refund_no").as_deref() == Some(REFUND_NUMBER)),
        _ => (places.iter().find(ours).copied(), places.iter().filter(ours).count() == 1),
    };
    // B1's table has no signature in the answer to the question: then it shows that it was asked, or that no order is known.
    let unsigned = data.json("sign").is_none_or(|json| json == "null");
    let field = |name: &str| data.says(&place.map_or_else(|| name.to_owned(), |n| format!("{name}_{n}")));
    let minor = field("refund_fee").and_then(|fee| fee.trim().parse::<i64>().ok());
    let sum = minor.map(|minor| Amount::new(minor, Currency::HKD));
    let status = field("refund_status").unwrap_or_default();
    let fits = match reply {
        Reply::PaidOther(other) => done && named && minor == Some(other.minor) && *other != case.refund(),
        Reply::RefundAccepted => done && named && sum == Some(case.refund()),
        Reply::RefundProved(returned) => {
            case.needs(reply, returned.gateway_number == field("refund_id"), "the refund's number");
            case.needs(reply, returned.evidence == Evidence::Signature, "its signature as evidence");
            done && named && sum == Some(case.refund()) && status == "SUCCESS"
        }
        Reply::Waiting => done && named && status == "PROCESSING",
        Reply::RefundFailed(_) => done && named && status == "REFUNDCLOSE",
        Reply::RefundChanged => done && named && status == "CHANGE",
        Reply::NotFound if code == Some(200) => {
            let numbers: BTreeSet<_> = places.iter().map(|n| data.says(&format!("out_refund_no_{n}"))).collect();
            let whole = data.integer("refund_count") == i64::try_from(numbers.len()).ok();
            done && whole && place.is_none() && case.op == Operation::RefundQuery
        }
        Reply::NotFound => code == Some(40102) && case.own() && case.op == Operation::Refund,
        Reply::Undecided(_) => {
            let ours = code == Some(200) && unsigned && data.says("out_trade_no").as_deref() == Some(NUMBER);
            (ours || code == Some(40102)) && case.own() && case.op == Operation::RefundQuery
        }
        Reply::Closed => code == Some(40103) && case.own() && case.op == Operation::Refund,
        Reply::Reversed => code == Some(40104) && case.own() && case.op == Operation::Refund,
        Reply::ReturnedInFull => code == Some(40105) && case.own() && case.op == Operation::Refund,
        Reply::Refused(said) => {
            let turned_away = code == Some(40108) || code.is_some_and(is_refusal);
            turned_away && case.own() && code.map(|code| code.to_string()).as_ref() == Some(said)
        }
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "words of this refund");
}

fn is_refusal(code: i64) -> bool {
    matches!(code, 404 | 4001..=4004 | 4007 | 40100 | 40109 | 40110)
}

fn judge(case: &Case, reply: &Reply) {
    let Some(root) = Object::read(&case.response.body) else { return case.needs(reply, false, "a JSON object") };
    let code = root.integer("code");
    let data = root.object("data").unwrap_or(Object(Vec::new()));
    let signed = is_signed(&data);
    let ours = data.says("out_trade_no").as_deref() == Some(NUMBER);
    let stranger = !data.says_nothing_but("out_trade_no", NUMBER) || !data.says_nothing_but("appid", BLUEOCEAN_APPID);
    case.needs(reply, !stranger, "our order and account");
    if matches!(case.op, Operation::Refund | Operation::RefundQuery) {
        return judge_refund(case, reply, code, &data);
    }
    let state = match (case.op, data.says("trade_state")) {
        // S1: the charge's own 200 says paid without a word.
        (Operation::Charge, None) => "SUCCESS".to_owned(),
        (_, state) => state.unwrap_or_default(),
    };
    let ended = code == Some(200) && signed && ours;
    let is_refusal = code.is_some_and(is_refusal);
    match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, ended && state == "SUCCESS", "a signed success of our order");
            case.needs(reply, sum(&data) == Some(case.order.amount), "our sum");
            case.needs(reply, receipt.gateway_number == data.says("transaction_id"), "the transaction's number");
            case.needs(reply, receipt.gateway_number.is_some(), "a transaction");
            case.needs(reply, receipt.evidence == Evidence::Signature, "its signature as evidence");
        }
        Reply::PaidOther(other) => {
            case.needs(reply, ended && state == "SUCCESS", "a signed success of our order");
            case.needs(reply, sum(&data) == Some(*other) && *other != case.order.amount, "another sum");
        }
        Reply::Unverified => {
            case.needs(reply, code == Some(200) && ours && state == "SUCCESS", "a success of our order");
            case.needs(reply, !signed, "a wrong signature");
        }
        Reply::NotPaid(said) => case.needs(reply, ended && state == "PAYERROR" && *said == state, "a signed failure"),
        Reply::Reversed => case.needs(reply, ended && state == "REVOKED", "a signed REVOKED"),
        Reply::Closed => case.needs(reply, ended && state == "CLOSED", "a signed CLOSED"),
        Reply::ReturnedElsewhere => case.needs(reply, ended && state == "REFUND", "a signed REFUND"),
        Reply::Waiting if code == Some(201) => case.needs(reply, case.own(), "a connection of its own"),
        Reply::Waiting => {
            let waits = code == Some(200) && matches!(state.as_str(), "NOTPAY" | "USERPAYING");
            case.needs(reply, waits, "a waiting state");
            case.needs(reply, signed || data.says("sign").is_none(), "a right signature, or none");
            case.needs(reply, signed && ours || case.own(), "our order, or a connection of its own");
        }
        Reply::Refused(said) => {
            case.needs(reply, is_refusal && case.own(), "a refusal on a connection of its own");
            case.needs(reply, code.map(|code| code.to_string()).as_ref() == Some(said), "this code");
        }
        Reply::QrReady { pay_url, .. } => {
            let shown = code == Some(200) && data.string("code_url").as_ref() == Some(pay_url);
            // B1 has no signature there; one that is there must be right.
            let unsigned = data.json("sign").is_none_or(|json| json == "null");
            case.needs(reply, shown && (signed || unsigned) && case.own(), "a QR on a connection of its own");
        }
        Reply::NumberTaken => case.needs(reply, matches!(code, Some(40101 | 40106)), "a duplicate"),
        Reply::NotFound => {
            case.needs(reply, code == Some(40102) && case.own(), "40102 on a connection of its own");
            case.needs(reply, !matches!(case.op, Operation::Charge | Operation::CreateQr), "a question");
        }
        Reply::ReverseDone => {
            let said = data.string("recall").as_deref() == Some("N") || case.op == Operation::Close;
            let done = code == Some(200) && said;
            case.needs(reply, done && signed && case.own(), "a signed N on a connection of its own");
        }
        Reply::ReverseAgain => case.needs(reply, data.string("recall").as_deref() == Some("Y"), "a Y"),
        Reply::ReverseRefused => {
            case.needs(
                reply,
                (is_refusal || code == Some(40101)) && case.own(),
                "a refusal on a connection of its own",
            );
        }
        _ => case.never(reply),
    }
}

/// `total_fee` in cents; an absent currency is ours.
fn sum(data: &Object<'_>) -> Option<Amount> {
    let currency = data.says("fee_type").map_or(Some(Currency::HKD), |text| text.parse().ok())?;
    Some(Amount::new(data.integer("total_fee")?, currency))
}
