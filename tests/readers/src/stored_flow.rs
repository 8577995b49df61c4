//! The journal's text of a flow: what is read is what was written, and may be stepped on whatever it says.
//!
//! An input is a digit for the gateway whose rules apply, a line of steps, and the stored text.

use std::sync::LazyLock;

use paywand::{
    Amount, Currency, Evidence, PaymentState, Wallet,
    flow::{Effect, Flow, Input as Happened, Rules, Time},
    gateway::{GatewayKind, Operation, Receipt, Reply, Returned},
};

use crate::{account, input::Input, seen};

/// The most steps of one walk.
const STEPS: usize = 48;
/// What stands in a refund that a person asked for.
const REFUND: &str = r#""state":{"kind":"refund""#;
/// What stands where the sale itself is still to be sent.
const BEGINNINGS: [&str; 2] = [r#""due":{"op":"charge""#, r#""due":{"op":"create_qr""#];
const REPLIES: &[u8] = b"abcdefghijklmnopqrstuvwxy";

static RULES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    let of =
        |kind: GatewayKind| Rules::new(&account::gateway(kind).capabilities(), kind.timing(), Some(Wallet::Wechat));
    GatewayKind::ALL.into_iter().map(of).chain([Rules::NONE]).collect()
});

pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let rules = RULES[input.choice(7)];
    let steps = input.until(b'\n');
    let text = String::from_utf8_lossy(input.rest());
    let Ok(mut flow) = Flow::from_stored(&text, rules) else {
        seen::note("unknown");
        return;
    };
    seen::note("read");
    written_as_read(&flow, rules);
    let mut now = Time(2_000_000);
    let mut effect = Effect::Rest;
    for &step in steps.iter().take(STEPS) {
        let Some(happened) = happened(step, &flow) else {
            now = later(step, now, effect);
            continue;
        };
        let Ok(stepped) = flow.step(happened.clone(), now) else { continue };
        judge(&flow, &happened, &stepped.next, stepped.effect);
        written_as_read(&stepped.next, rules);
        (flow, effect) = (stepped.next, stepped.effect);
        seen::note(flow.view().state.code());
    }
}

fn written_as_read(flow: &Flow, rules: Rules) {
    let text = flow.to_stored();
    assert_eq!(Flow::from_stored(&text, rules).as_ref(), Ok(flow), "{text}");
}

/// What the letter `step` stands for; None where time passes.
fn happened(step: u8, flow: &Flow) -> Option<Happened> {
    let number = flow.number();
    if let Some(index) = REPLIES.iter().position(|&letter| letter == step) {
        return Some(Happened::Reply { number, reply: reply(index) });
    }
    Some(match step {
        b'A' => Happened::NoAnswer { number },
        b'B' => Happened::Begin,
        b'C' => Happened::CancelAsked,
        b'D' => Happened::NotSent { number, device_clock: true },
        b'G' => Happened::GatewayMissing,
        b'H' => Happened::SettledByHand { paid: false },
        b'I' => Happened::SettledByHand { paid: true },
        b'N' => Happened::NotSent { number, device_clock: false },
        b'O' => Happened::Reply { number: number.wrapping_sub(1), reply: reply(0) },
        b'R' => Happened::Recovered,
        b'T' => Happened::TimeUp { number },
        b'V' => Happened::Notified,
        b'W' => Happened::Withdrawn,
        b'X' => Happened::AccountChanged,
        b'Y' => Happened::RetryAsked,
        _ => return None,
    })
}

fn later(step: u8, now: Time, effect: Effect) -> Time {
    match (step, effect) {
        (b'.', Effect::WaitUntil(at)) => now.max(at),
        (b'!', _) => Time(i64::MAX),
        (b'0'..=b'9', _) => now.after(1_000 << (2 * (step - b'0'))),
        _ => now.after(1_000),
    }
}

fn reply(index: usize) -> Reply {
    let receipt = |paid_at_ms| Receipt {
        gateway_number: Some("4200001".to_owned()),
        paid_at_ms,
        refundable: None,
        evidence: Evidence::Signature,
    };
    match index {
        0 => Reply::Paid(receipt(None)),
        1 => Reply::Paid(receipt(Some(i64::MAX))),
        2 => Reply::LooksPaid,
        3 => Reply::PaidOther(Amount::new(1, Currency::CNY)),
        4 => Reply::Unverified,
        5 => Reply::Waiting,
        6 => Reply::OtherQr,
        7 => Reply::QrReady { pay_url: account::SHOWN_QR.to_owned(), gateway_number: None },
        8 => Reply::SendAgain,
        9 => Reply::Refused("40100".to_owned()),
        10 => Reply::NotPaid("PAYERROR".to_owned()),
        11 => Reply::NotFound,
        12 => Reply::NumberTaken,
        13 => Reply::Reversed,
        14 => Reply::Closed,
        15 => Reply::ReverseDone,
        16 => Reply::ReverseAgain,
        17 => Reply::ReverseRefused,
        18 => Reply::ReturnedElsewhere,
        19 => Reply::ReturnedInFull,
        20 => Reply::RefundAccepted,
        21 => Reply::RefundFailed("FAIL".to_owned()),
        22 => Reply::RefundChanged,
        23 => Reply::RefundProved(Returned {
            gateway_number: Some("5030001".to_owned()),
            refunded_at_ms: None,
            evidence: Evidence::Signature,
        }),
        _ => Reply::Unproved("unreadable"),
    }
}

/// What no stored text may make a flow do (docs/architecture.md). A text may claim anything of the past, so only what a
/// step itself must rest on is asked for.
fn judge(before: &Flow, happened: &Happened, after: &Flow, effect: Effect) {
    let (from, to) = (before.view(), after.view());
    let story = || format!("{happened:?} leads from {} to {}", before.to_stored(), after.to_stored());
    let became = |state| to.state == state && from.state != state;
    let proof = match happened {
        Happened::Reply { reply, .. } => Some(reply),
        _ => None,
    };
    if became(PaymentState::Paid) {
        assert!(matches!(proof, Some(Reply::Paid(_))), "paid without proof: {}", story());
        let undoing = [PaymentState::Confirming, PaymentState::Refunding];
        assert!(!undoing.contains(&from.state), "paid while it is undone: {}", story());
    }
    if became(PaymentState::Failed) {
        let never_left = matches!(
            happened,
            Happened::NotSent { .. }
                | Happened::CancelAsked
                | Happened::Withdrawn
                | Happened::Recovered
                | Happened::AccountChanged
                | Happened::GatewayMissing
        );
        let refused = matches!(proof, Some(Reply::Refused(_) | Reply::NotPaid(_) | Reply::RefundFailed(_)));
        assert!(never_left || refused, "failed without proof: {}", story());
    }
    if became(PaymentState::Refunded) {
        assert!(matches!(proof, Some(Reply::RefundProved(_))), "refunded without proof: {}", story());
    }
    let is_refund = |flow: &Flow| flow.to_stored().contains(REFUND);
    assert_eq!(is_refund(before), is_refund(after), "another kind: {}", story());
    for end in [PaymentState::Paid, PaymentState::Refunded] {
        assert!(from.state != end || to.state == end, "it was {end:?}: {}", story());
    }
    assert!(after.number() >= before.number(), "a send's number falls: {}", story());
    // A text may claim that it is still to be sent; a step may not make it so.
    let begins = [PaymentState::Charging, PaymentState::CancelWaiting].contains(&to.state);
    let is_due = |flow: &Flow| BEGINNINGS.iter().any(|due| flow.to_stored().contains(due));
    assert!(begins || is_due(before) || !is_due(after), "to be charged again: {}", story());
    match effect {
        Effect::Send(Operation::Charge | Operation::CreateQr) => {
            assert!(begins || is_due(before), "charged again: {}", story());
            assert!(!matches!(happened, Happened::Recovered), "charged again: {}", story());
        }
        Effect::Send(_) => assert!(after.open_operation().is_some(), "{}", story()),
        Effect::WaitUntil(_) | Effect::Rest => {}
    }
}
