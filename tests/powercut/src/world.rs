//! Gateways and networks, as a seed has them: how each exchange ends, and when. They may say anything; what they say is
//! not what is tested here.

use fastrand::Rng;
use paywand::{
    Evidence, PaymentState,
    driver::{End, Send},
    gateway::{Operation, Receipt, Reply, Returned},
};

/// How `send` ends, of a payment in `state`, and after how many milliseconds.
pub(crate) fn end(send: &Send, state: PaymentState, rng: &mut Rng) -> (i64, End) {
    let undone = matches!(state, PaymentState::Confirming | PaymentState::Reversing | PaymentState::Closing);
    let end = match (send.op, rng.u8(..20)) {
        (_, 0) => End::NotSent { device_clock: false, why: "connect" },
        (_, 1..4) => End::NoAnswer("reset"),
        (_, 4) => End::Reply(Reply::Unproved("json")),
        (Operation::Charge, 5..12) => End::Reply(paid()),
        (Operation::Charge, 12) => End::Reply(Reply::Refused("40100".to_owned())),
        (Operation::Charge, _) => End::Reply(Reply::Waiting),
        (Operation::CreateQr, 5) => End::Reply(Reply::Refused("2000".to_owned())),
        (Operation::CreateQr, n) => {
            let pay_url = format!("https://pay.example/{}/{n}", send.order.number);
            End::Reply(Reply::QrReady { pay_url, gateway_number: None })
        }
        (Operation::Query, n) if undone => End::Reply(if n < 14 { ended(state) } else { Reply::NotFound }),
        (Operation::Query, 5..8) => End::Reply(Reply::LooksPaid),
        (Operation::Query, 8..11) => End::Reply(paid()),
        (Operation::Query, 11) => End::Reply(Reply::NotPaid("PAYERROR".to_owned())),
        (Operation::Query, 12) => End::Reply(Reply::NotFound),
        (Operation::Query, _) => End::Reply(Reply::Waiting),
        (Operation::Detail, _) => End::Reply(paid()),
        (Operation::Reverse | Operation::Close, 5..9) => End::Reply(Reply::ReverseAgain),
        (Operation::Reverse | Operation::Close, _) => End::Reply(Reply::ReverseDone),
        (Operation::Refund, 5) => End::Reply(Reply::Refused("40108".to_owned())),
        (Operation::Refund, _) => End::Reply(Reply::RefundAccepted),
        (Operation::RefundQuery, 5..10) => End::Reply(Reply::Waiting),
        (Operation::RefundQuery, 10) => End::Reply(Reply::NotFound),
        (Operation::RefundQuery, 11) => End::Reply(Reply::RefundFailed("FAIL".to_owned())),
        (Operation::RefundQuery, _) => End::Reply(refunded()),
    };
    (rng.i64(1..400), end)
}

fn paid() -> Reply {
    let gateway_number = Some("4200".to_owned());
    Reply::Paid(Receipt { gateway_number, paid_at_ms: None, refundable: None, evidence: Evidence::Signature })
}

fn refunded() -> Reply {
    let gateway_number = Some("5030".to_owned());
    Reply::RefundProved(Returned { gateway_number, refunded_at_ms: None, evidence: Evidence::Signature })
}

fn ended(state: PaymentState) -> Reply {
    if state == PaymentState::Closing { Reply::Closed } else { Reply::Reversed }
}
