//! What Tencent's signed answers tell of an order or a refund: whose it is, the sum, and one state, in WeChat's table or in
//! Alipay's (T1, T2; docs/sources.md).

use paywand::{
    Amount, Currency, Evidence, PaymentKind,
    gateway::{Operation, Reply},
};

use crate::{
    account::{NUMBER, REFUND_NUMBER, TENCENT_ACCOUNT},
    reply::{Case, answer::Object},
};

/// A state as it stands in the table of its wallet.
enum State {
    Wechat(String),
    Alipay(String),
}

impl State {
    /// The state of the one wallet that `told` speaks of, by its names there: two names that say two things say nothing.
    fn read(told: &Object<'_>, exts: [&str; 2], names: [&[&str]; 2]) -> Option<Self> {
        let of = |wallet: usize| {
            let ext = told.object(exts[wallet])?;
            let mut said: Vec<_> = names[wallet].iter().filter_map(|name| ext.json(name)).collect();
            said.retain(|json| *json != "null");
            said.dedup();
            Some(if let [state] = said[..] { state.to_owned() } else { String::new() })
        };
        match (of(0), of(1)) {
            (Some(state), None) => Some(Self::Wechat(state)),
            (None, Some(state)) => Some(Self::Alipay(state)),
            _ => None,
        }
    }

    /// Whether it is among these of WeChat's, or among those of Alipay's.
    fn is(&self, of_wechat: &[&str], of_alipay: &[&str]) -> bool {
        match self {
            Self::Wechat(state) => of_wechat.contains(&state.as_str()),
            Self::Alipay(state) => of_alipay.contains(&state.as_str()),
        }
    }

    fn text(&self) -> &str {
        let (Self::Wechat(state) | Self::Alipay(state)) = self;
        state
    }
}

/// A query's or a charge's own words on an order.
pub(super) fn order(case: &Case, reply: &Reply, content: &Object<'_>, name: &str) {
    let own = own_part(case, reply, content, name);
    let told = own.object("order_content").unwrap_or(Object(Vec::new()));
    case.needs(reply, told.says("out_trade_no").as_deref() == Some(NUMBER), "our order");
    let ext = ["wxpay_order_content_ext", "alipay_order_content_ext"];
    let Some(state) = State::read(&told, ext, [&["current_trade_state"]; 2]) else {
        return case.needs(reply, false, "one state");
    };
    // T2: `refunded_fee` stands in another call; in this one Alipay's extension says what came back.
    let alipays = told.object(ext[1]).unwrap_or(Object(Vec::new()));
    let back = [told.says("refunded_fee"), alipays.says("refund_fee")].into_iter().flatten();
    let back: Vec<Option<i64>> = back.map(|said| said.trim().parse().ok()).collect();
    let refunded = back.iter().any(|sum| *sum != Some(0));
    let total = told.integer("total_fee");
    let in_full = total == Some(case.order.amount.minor) && !back.is_empty() && back.iter().all(|sum| *sum == total);
    let paid = state.is(&["2", "3"], &["2", "6"]) && !refunded;
    // A customer who stops, or an error: the end of a bar code's charge, and of a QR only an attempt.
    let by_kind = state.is(&["5", "10"], &[]);
    let waiting = state.is(&["1", "6", "9", "11", "12"], &["1", "4"]) || by_kind && case.order.kind == PaymentKind::Qr;
    // T2: what is said meanwhile is no end. Money that came in, or went back to other hands, is.
    let transforming = is_transforming(&told);
    let ends = state.is(&["7", "8"], &["7"])
        || by_kind && case.order.kind == PaymentKind::Charge
        || state.is(&[], &["5"]) && (!refunded || in_full);
    let waiting = waiting || transforming && ends;
    let other_qr = case.order.pay_url.as_deref().is_some_and(|shown| !told.says_nothing_but("code_url", shown));
    let fits = match reply {
        Reply::Paid(receipt) => {
            case.needs(reply, sum(&told) == Some(case.order.amount), "our sum");
            case.needs(reply, receipt.evidence == Evidence::Signature, "its signature as evidence");
            paid && receipt.gateway_number == told.says("transaction_id") && receipt.refundable.is_none()
        }
        Reply::PaidOther(other) => {
            case.needs(reply, sum(&told) == Some(*other) && *other != case.order.amount, "another sum");
            paid
        }
        Reply::Unverified => paid && sum(&told) == Some(case.order.amount),
        Reply::NotPaid(said) => {
            !transforming && by_kind && case.order.kind == PaymentKind::Charge && said == state.text()
        }
        Reply::Waiting => waiting && !other_qr,
        Reply::OtherQr => waiting && other_qr,
        Reply::Closed => !transforming && (state.is(&["7"], &[]) || state.is(&[], &["5"]) && !refunded),
        Reply::Reversed => !transforming && state.is(&["8"], &[]),
        Reply::ReturnedInFull => !transforming && state.is(&[], &["5"]) && in_full,
        Reply::ReturnedElsewhere => {
            let some_back = state.is(&["2", "3"], &["2", "6"]) || state.is(&[], &["5"]) && !in_full;
            some_back && refunded || state.is(&["4", "13", "14"], &[])
        }
        Reply::NotFound => !transforming && state.is(&[], &["7"]),
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "its state");
}

/// Whether the gateway is still at work on it. Whatever else stands there may mean that it is.
fn is_transforming(told: &Object<'_>) -> bool {
    match told.string("is_transforming") {
        Some(said) => !["false", "0"].contains(&said.as_str()),
        None => !["null", "false", "0"].contains(&told.json("is_transforming").unwrap_or("null")),
    }
}

/// The answer to a refund: taken on, which proves nothing more.
pub(super) fn refund_taken_on(case: &Case, reply: &Reply, content: &Object<'_>) {
    let own = own_part(case, reply, content, "refund");
    let entry = own.object("refund_order_content").unwrap_or(Object(Vec::new()));
    let stranger =
        !entry.says_nothing_but("out_trade_no", NUMBER) || !entry.says_nothing_but("out_refund_no", REFUND_NUMBER);
    case.needs(reply, !stranger, "our order and refund");
    let named = entry.says("out_refund_no").is_some();
    let fee = entry.integer("refund_fee");
    let ours = case.refund().minor;
    let fits = match reply {
        Reply::RefundAccepted if named => fee.is_none_or(|fee| fee == ours),
        Reply::RefundAccepted => case.own(),
        Reply::PaidOther(other) => named && fee == Some(other.minor) && other.minor != ours,
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "words of this refund");
}

/// What the list says of our refund: one entry, with our number and our sum.
pub(super) fn refund(case: &Case, reply: &Reply, content: &Object<'_>) {
    assert_eq!(case.op, Operation::RefundQuery);
    let own = own_part(case, reply, content, "query_refund_order");
    let Some(entries) = own.objects("refund_order_content") else { return case.needs(reply, false, "a list") };
    if entries.is_empty() {
        return case.needs(reply, *reply == Reply::NotFound && case.own(), "anything that is listed");
    }
    let mut named = entries.iter().filter(|entry| entry.says("out_refund_no").as_deref() == Some(REFUND_NUMBER));
    let (Some(entry), None) = (named.next(), named.next()) else {
        return case.needs(reply, false, "one entry of our refund");
    };
    case.needs(reply, entry.says("out_trade_no").as_deref() == Some(NUMBER), "our order");
    let currency = entry.says("refund_fee_type").map_or(Some(Currency::CNY), |text| text.parse().ok());
    let returned = entry.integer("refund_fee").zip(currency).map(|(fee, currency)| Amount::new(fee, currency));
    if let Reply::PaidOther(other) = reply {
        return case.needs(reply, returned == Some(*other) && *other != case.refund(), "another sum");
    }
    case.needs(reply, returned == Some(case.refund()), "our sum");
    let ext = ["wxpay_refund_order_content_ext", "alipay_refund_order_content_ext"];
    let Some(state) = State::read(entry, ext, [&["state"], &["refund_status", "state"]]) else {
        return case.needs(reply, false, "one state");
    };
    let settled = !is_transforming(entry);
    let fits = match reply {
        Reply::RefundProved(back) => {
            case.needs(reply, back.gateway_number == entry.says("refund_id"), "the refund's number");
            case.needs(reply, back.evidence == Evidence::Signature, "its signature as evidence");
            settled && state.is(&["2"], &["2"])
        }
        Reply::RefundFailed(said) => settled && state.is(&["3"], &["3"]) && said == "3",
        Reply::RefundChanged => settled && state.is(&["5"], &[]),
        Reply::NotFound => settled && state.is(&[], &["5"]),
        Reply::Waiting => {
            state.is(&["1", "4"], &["1", "4"]) || !settled && state.is(&["2", "3", "5"], &["2", "3", "5"])
        }
        _ => return case.never(reply),
    };
    case.needs(reply, fits, "its state");
}

/// The object in which an operation's own answer stands; it must be our account's.
fn own_part<'a>(case: &Case, reply: &Reply, content: &Object<'a>, name: &str) -> Object<'a> {
    let own = content.object(name);
    case.needs(reply, own.is_some(), "words of its own");
    let own = own.unwrap_or(Object(Vec::new()));
    let account = own.object("pay_mch_key").unwrap_or(Object(Vec::new()));
    case.needs(reply, TENCENT_ACCOUNT.iter().all(|(name, ours)| account.says_nothing_but(name, ours)), "our account");
    own
}

/// `total_fee` in fen; an absent currency is ours.
fn sum(told: &Object<'_>) -> Option<Amount> {
    let currency = told.says("fee_type").map_or(Some(Currency::CNY), |text| text.parse().ok())?;
    Some(Amount::new(told.integer("total_fee")?, currency))
}
