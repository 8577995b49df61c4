//! The readers of answers: whatever a gateway, or somebody in its place, sends.
//!
//! An input is [`FRONT`] bytes of choices (operation, connection, status, how the body is signed, edits), then the body. A body
//! can be signed with the account's own key after libFuzzer changed it: without that nothing would get past the signature. The
//! verdict on a reply is [`Rail::judge`]'s: it reads the answer with code of its own (`answer.rs`, `sign.rs`), written from the
//! gateways' documents (docs/sources.md), and knows for each reply what must stand in the answer for it.

pub(crate) mod answer;
mod bjrcb;
mod blueocean;
mod huishouyin;
mod maxfun;
mod maxfun_tp;
pub(crate) mod sign;
mod tencent;

use paywand::gateway::{Gateway, GatewayKind, Operation, Order, Reply, WireResponse};
use serde_json::Value;

pub(crate) use self::{
    bjrcb::check as bjrcb, blueocean::check as blueocean, huishouyin::check as huishouyin, maxfun::check as maxfun,
    maxfun_tp::check as maxfun_tp, tencent::check as tencent,
};
use crate::{account, input::Input, seen};

pub(crate) const OPERATIONS: [Operation; 8] = [
    Operation::Charge,
    Operation::CreateQr,
    Operation::Query,
    Operation::Detail,
    Operation::Reverse,
    Operation::Close,
    Operation::Refund,
    Operation::RefundQuery,
];

/// How many bytes of choices stand before a body: always as many, so that a change of one leaves the body as it is.
pub(crate) const FRONT: usize = 15;

/// The choices before an answer to the operation numbered `op` with HTTP 200, over verified TLS on a connection of its own: it is
/// read as it stands (`sealing` 0), rightly signed (1), signed and one byte changed (2), wrongly signed (3), or unsigned (4).
pub fn front(op: usize, sealing: usize) -> String {
    format!("{op}300{sealing}0000000000")
}

/// What the check of one gateway's reader is made of.
struct Rail {
    kind: GatewayKind,
    gateway: &'static dyn Gateway,
    /// What it can be asked.
    operations: &'static [Operation],
    /// JSON pointers of what an edit may change.
    fields: &'static [&'static str],
    /// What an edit may put there, as JSON.
    values: &'static [&'static str],
    /// The body with its signature put in, by this key; None where it cannot be signed.
    seal: fn(&str, Key) -> Option<String>,
    /// Whether the signature is valid; None where the gateway does not sign.
    is_signed: fn(&[u8]) -> Option<bool>,
    /// Fails where `reply` is not borne out by the answer.
    judge: fn(&Case, &Reply),
}

/// By which key an answer is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Ours,
    Another,
    /// The answer is put into its envelope, and has no signature.
    None,
}

/// What happens to the body before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealing {
    AsItStands,
    By(Key),
    /// Signed, and one byte changed after.
    ThenChanged,
}

const SEALINGS: [Sealing; 5] = [
    Sealing::AsItStands,
    Sealing::By(Key::Ours),
    Sealing::ThenChanged,
    Sealing::By(Key::Another),
    Sealing::By(Key::None),
];

/// One answer to one question.
#[derive(Debug)]
struct Case {
    op: Operation,
    order: Order,
    response: WireResponse,
}

impl Case {
    /// No stranger's answer can stand on its connection.
    fn own(&self) -> bool {
        self.response.fresh && self.response.verified_tls
    }

    /// `reply` must not be unless `borne_out`.
    fn needs(&self, reply: &Reply, borne_out: bool, what: &str) {
        assert!(
            borne_out,
            "{reply:?} without {what}: {:?}, {:?}, {}",
            self.op,
            self.response,
            String::from_utf8_lossy(&self.response.body)
        );
    }

    /// No answer of this gateway can mean `reply`.
    fn never(&self, reply: &Reply) {
        self.needs(reply, false, "any right at this gateway");
    }
}

fn check(rail: &Rail, bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let op = input.one_of(&OPERATIONS);
    let [fresh, verified_tls, shown, numbered] = [1, 2, 4, 8].map({
        let flags = input.choice(16);
        move |bit| flags & bit != 0
    });
    let status = match (input.choice(10), u16::from(input.byte())) {
        (8, _) => 500,
        (9, other) => 100 + other * 2,
        _ => 200,
    };
    let body = body(rail, &mut input);
    let mut order = account::order(rail.kind);
    order.pay_url = shown.then(|| account::SHOWN_QR.to_owned());
    order.gateway_number = numbered.then(|| "4200001".to_owned());
    let case = Case { op, order, response: WireResponse { status, body, fresh, verified_tls } };
    let reply = rail.gateway.reply(op, &case.order, &case.response);
    seen::note(reply.code());
    judge(rail, &case, &reply);
}

/// The body after edits and signing.
fn body(rail: &Rail, input: &mut Input<'_>) -> Vec<u8> {
    let sealing = input.one_of(&SEALINGS);
    let (at, flip) = (u16::from_be_bytes([input.byte(), input.byte()]), input.byte());
    let count = input.choice(4);
    let edits = [(); 3].map(|()| (pick(rail.fields, input.byte()), pick(rail.values, input.byte())));
    let body = input.rest();
    let Ok(text) = std::str::from_utf8(body) else { return body.to_vec() };
    let text = edited(text, &edits[..count]);
    let seal = |key| (rail.seal)(&text, key).unwrap_or_else(|| text.clone()).into_bytes();
    match sealing {
        Sealing::AsItStands => text.into_bytes(),
        Sealing::By(key) => seal(key),
        Sealing::ThenChanged => {
            let mut body = seal(Key::Ours);
            let at = usize::from(at) % body.len().max(1);
            if let Some(byte) = body.get_mut(at) {
                *byte ^= flip.max(1);
            }
            body
        }
    }
}

fn pick(all: &'static [&'static str], choice: u8) -> &'static str {
    all[usize::from(choice) % all.len()]
}

/// `body` with values put under their pointers. It is written anew only where there is an edit: the signature covers
/// literal text, which a parsed number would lose.
fn edited(body: &str, edits: &[(&str, &str)]) -> String {
    let parsed = if edits.is_empty() { None } else { serde_json::from_str::<Value>(body).ok() };
    let Some(mut root) = parsed else { return body.to_owned() };
    for (pointer, value) in edits {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
        if let Some(parent) = root.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.insert(name.to_owned(), serde_json::from_str(value).expect("the value is JSON"));
        }
    }
    root.to_string()
}

/// What holds at every gateway, then what holds at this one.
fn judge(rail: &Rail, case: &Case, reply: &Reply) {
    if matches!(reply, Reply::Unproved(_)) {
        let refused = matches!(reply, Reply::Unproved("signature"));
        case.needs(reply, !refused || (rail.is_signed)(&case.response.body) != Some(true), "a wrong signature");
        return;
    }
    case.needs(reply, case.response.status == 200, "HTTP 200");
    case.needs(reply, rail.operations.contains(&case.op), "such an operation");
    case.needs(reply, case.op == Operation::CreateQr || !matches!(reply, Reply::QrReady { .. }), "a creation");
    let begins = matches!(case.op, Operation::Charge | Operation::CreateQr);
    let gives_back = case.op == Operation::Refund;
    case.needs(reply, begins || *reply != Reply::NumberTaken, "a charge or creation");
    case.needs(reply, begins || gives_back || !matches!(reply, Reply::Refused(_)), "a charge, creation or refund");
    case.needs(reply, gives_back || *reply != Reply::RefundAccepted, "a refund");
    let of_refund = matches!(reply, Reply::RefundProved(_) | Reply::RefundFailed(_) | Reply::RefundChanged);
    case.needs(reply, case.op == Operation::RefundQuery || !of_refund, "a question about a refund");
    let undoes = matches!(case.op, Operation::Reverse | Operation::Close);
    let undone = matches!(reply, Reply::ReverseDone | Reply::ReverseAgain | Reply::ReverseRefused);
    case.needs(reply, undoes || !undone, "a reverse or close");
    let money = matches!(reply, Reply::Paid(_) | Reply::PaidOther(_) | Reply::LooksPaid | Reply::Unverified);
    case.needs(reply, !(undoes || case.op == Operation::CreateQr) || !money, "a question about money");
    let about_refund = gives_back || case.op == Operation::RefundQuery;
    let paid = matches!(reply, Reply::Paid(_) | Reply::LooksPaid | Reply::Unverified);
    case.needs(reply, !about_refund || !paid, "a question about the order");
    if let Reply::Refused(code) | Reply::NotPaid(code) | Reply::RefundFailed(code) = reply {
        case.needs(reply, code.len() <= 16 && code.bytes().all(|b| b.is_ascii_graphic()), "a short code");
    }
    (rail.judge)(case, reply);
}
