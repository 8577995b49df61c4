//! A cancel of a charge: what it may undo, and what it cannot any more.

use super::*;

#[test]
fn a_cancel_before_anything_left_is_failed_cancelled() {
    let mut till = Till::charge(BLUEOCEAN);
    till.not_sent();
    till.cancel().unwrap();
    till.expect_failed(Reason::Cancelled);
    till.expect_rest();
}

#[test]
fn a_cancel_while_the_charge_is_out_waits_for_its_end() {
    let mut till = Till::charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.expect_state(PaymentState::CancelWaiting);
    assert!(matches!(till.effect, Effect::WaitUntil(_)), "one exchange at a time");
    till.not_sent();
    till.expect_failed(Reason::Cancelled);
}

#[test]
fn a_cancelled_charge_is_asked_for_then_reversed_at_its_least_age() {
    let mut till = Till::charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.no_answer();
    till.expect_state(PaymentState::CancelWaiting);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    assert_eq!(till.wait(), 10_000);
    till.reply(Reply::Waiting);
    assert_eq!(till.wait(), 5_000);
    till.reply(Reply::NotFound);
    till.expect_state(PaymentState::Reversing);
    till.expect_send(Operation::Reverse);
}

#[test]
fn a_cancel_while_asking_asks_at_once() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.expect_state(PaymentState::CancelWaiting);
    till.expect_send(Operation::Query);
}

#[test]
fn a_query_sent_before_the_cancel_does_not_count_as_the_last_one() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(20_000).input(Input::TimeUp { number: 1 });
    till.expect_send(Operation::Query);
    till.pass(1).cancel().unwrap();
    till.pass(1).reply(Reply::Waiting);
    till.expect_state(PaymentState::CancelWaiting);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    till.expect_send(Operation::Reverse);
}

#[test]
fn a_payment_seen_after_the_cancel_is_paid_and_says_cancel_too_late() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
    assert!(till.view().cancel_too_late);
    till.expect_rest();
    let mut till = Till::charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.reply(paid());
    assert!(till.view().cancel_too_late);
}

#[test]
fn a_cancel_ends_the_repeats_that_the_gateway_asked_for() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::SendAgain);
    till.cancel().unwrap();
    till.expect_state(PaymentState::CancelWaiting);
    till.expect_send(Operation::Query);
    let mut till = Till::charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.reply(Reply::SendAgain);
    till.expect_send(Operation::Query);
}

// Failed{cleaning}
