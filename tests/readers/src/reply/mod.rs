//! The readers of answers: whatever a gateway, or somebody in its place, sends.
//!
//! An input is [`FRONT`] bytes of choices (operation, circumstances, status, how the body is signed, edits), then the body. A body
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

use paywand::{
    Amount, PaymentKind,
    gateway::{Gateway, GatewayKind, Operation, Order, Reply, WireResponse},
};

pub(crate) use self::{
    bjrcb::check as bjrcb, blueocean::check as blueocean, huishouyin::check as huishouyin, maxfun::check as maxfun,
    maxfun_tp::check as maxfun_tp, tencent::check as tencent, tencent::envelope as tencent_envelope,
};
use crate::{
    account,
    input::Input,
    sealed::{self, Key},
    seen,
};

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
pub(crate) const FRONT: usize = 4 + sealed::FRONT;

/// The choices before an answer about an order of `kind` to the operation numbered `op` with HTTP 200, over verified TLS on a
/// connection of its own: it is read as it stands (`sealing` 0), rightly signed (1), signed and one byte changed (2), wrongly
/// signed (3), or unsigned (4).
pub fn front(op: usize, kind: PaymentKind, sealing: usize) -> String {
    let circumstances = if kind == PaymentKind::Qr { 'C' } else { '3' };
    format!("{op}{circumstances}00{sealing}0000000000")
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

    /// What is to be given back.
    fn refund(&self) -> Amount {
        self.order.refund.as_ref().expect("every order here has a refund").amount
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
    let [fresh, verified_tls, shown, numbered, qr, part] = [1, 2, 4, 8, 16, 32].map({
        let flags = input.choice(64);
        move |bit| flags & bit != 0
    });
    let status = match (input.choice(10), u16::from(input.byte())) {
        (8, _) => 500,
        (9, other) => 100 + other * 2,
        _ => 200,
    };
    let body = sealed::body(&mut input, rail.fields, rail.values, &rail.seal);
    let mut order = account::order(rail.kind);
    if qr {
        order.kind = PaymentKind::Qr;
    }
    if part {
        order.refund = Some(account::refund_of_a_part(rail.kind));
    }
    order.pay_url = shown.then(|| account::SHOWN_QR.to_owned());
    order.gateway_number = numbered.then(|| "4200001".to_owned());
    let case = Case { op, order, response: WireResponse { status, body, fresh, verified_tls } };
    let reply = rail.gateway.reply(op, &case.order, &case.response);
    seen::note(reply.code());
    judge(rail, &case, &reply);
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
