//! Reversing and Confirming. From the first reverse that may have left, Paid cannot be reached.

use super::*;

#[test]
fn a_done_reverse_is_confirmed_at_once() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone);
    till.expect_state(PaymentState::Confirming);
    till.expect_send(Operation::Query);
}

#[test]
fn a_reverse_that_is_not_done_is_asked_about_then_sent_again() {
    for reply in every_reply() {
        let done = matches!(reply, Reply::ReverseDone | Reply::Reversed | Reply::Closed);
        let mut till = Till::reversing(BLUEOCEAN);
        till.reply(reply);
        if done {
            till.expect_state(PaymentState::Confirming);
            continue;
        }
        till.expect_state(PaymentState::Reversing);
        till.wait();
        till.expect_send(Operation::Query);
        till.reply(Reply::Waiting);
        till.expect_send(Operation::Reverse);
    }
}

#[test]
fn repeated_reverses_back_off() {
    let mut till = Till::reversing(BLUEOCEAN);
    let waits: Vec<_> = (0..6)
        .map(|_| {
            till.no_answer();
            let waited = till.wait();
            till.reply(Reply::Waiting);
            till.expect_send(Operation::Reverse);
            waited
        })
        .collect();
    assert_eq!(waits, [2_000, 5_000, 10_000, 30_000, 60_000, 60_000]);
}

#[test]
fn after_a_reverse_may_have_left_paid_is_never_reached() {
    let left: [fn(&mut Till); 4] = [
        |till| {
            till.no_answer();
        },
        |till| {
            till.reply(Reply::ReverseAgain);
        },
        |till| {
            till.reply(Reply::Unproved("unreadable"));
        },
        |till| {
            till.restart();
        },
    ];
    for left in left {
        for reply in [paid(), Reply::LooksPaid] {
            let mut till = Till::reversing(BLUEOCEAN);
            left(&mut till);
            till.answer_query(reply);
            till.expect_state(PaymentState::Reversing);
        }
    }
}

#[test]
fn a_reverse_that_was_not_sent_leaves_paid_open() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.not_sent();
    till.answer_query(paid());
    till.expect_state(PaymentState::Paid);
    assert!(!till.view().cancel_too_late);
}

#[test]
fn a_payment_seen_before_a_cancelled_charges_reverse_left_says_cancel_too_late() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.not_sent();
    till.cancel().unwrap();
    till.answer_query(paid());
    till.expect_state(PaymentState::Paid);
    assert!(till.view().cancel_too_late);
}

#[test]
fn the_first_reverse_that_leaves_needs_an_answer_that_is_still_undecided() {
    for unanswered in [Reply::Unproved("unreadable"), Reply::LooksPaid, Reply::OtherQr] {
        let mut till = Till::reversing(BLUEOCEAN);
        till.not_sent();
        till.answer_query(unanswered);
        till.expect_state(PaymentState::Reversing);
        assert!(matches!(till.effect, Effect::WaitUntil(_)));
        till.wait();
        till.no_answer();
        assert!(matches!(till.effect, Effect::WaitUntil(_)));
        till.answer_query(Reply::NotFound);
        till.expect_send(Operation::Reverse);
    }
}

#[test]
fn a_refused_reverse_of_a_paid_charge_must_be_given_back() {
    for reply in [paid(), Reply::LooksPaid] {
        let mut till = Till::reversing(BLUEOCEAN);
        till.reply(Reply::ReverseRefused);
        till.answer_query(reply);
        till.expect_attention(Reason::RefundByHand);
        till.expect_rest();
    }
}

#[test]
fn a_refused_reverse_alone_proves_nothing() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseRefused);
    till.answer_query(Reply::NotFound);
    till.expect_state(PaymentState::Reversing);
    till.expect_send(Operation::Reverse);
}

#[test]
fn a_refusal_before_the_last_reverse_is_forgotten() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseRefused);
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Reverse);
    till.restart_with(Input::GatewayMissing).restart();
    till.answer_query(paid());
    till.expect_state(PaymentState::Reversing);
}

#[test]
fn what_a_query_says_while_reversing() {
    for reply in every_reply() {
        let mut till = Till::reversing(BLUEOCEAN);
        till.no_answer();
        till.answer_query(reply.clone());
        match reply {
            Reply::Reversed | Reply::Closed | Reply::ReturnedInFull => till.expect_state(PaymentState::Reversed),
            Reply::PaidOther(_) => till.expect_attention(Reason::AmountDiffers),
            Reply::ReturnedElsewhere => till.expect_attention(Reason::ReturnedElsewhere),
            Reply::Unverified => assert!(matches!(till.effect, Effect::WaitUntil(_)), "never by itself"),
            _ => till.expect_send(Operation::Reverse),
        }
    }
}

#[test]
fn an_unanswered_query_does_not_stop_a_reverse_that_may_be_out() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.no_answer();
    till.wait();
    till.no_answer();
    till.expect_send(Operation::Reverse);
}

#[test]
fn an_order_that_neither_ever_saw_is_never_seen_past_the_landing_horizon() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    let left_at = till.now;
    for _ in 0..1_000 {
        if till.state() == PaymentState::NeedsAttention {
            break;
        }
        if matches!(till.effect, Effect::WaitUntil(_)) {
            till.wait();
        }
        till.reply(Reply::NotFound);
    }
    till.expect_attention(Reason::NeverSeen);
    assert!(till.now >= left_at.after(5 * 60_000));
    till.answer_query(Reply::NotFound);
    till.expect_attention(Reason::NeverSeen);
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Reverse);
}

#[test]
fn an_order_that_the_reverse_knows_is_not_called_never_seen() {
    let mut till = Till::reversing(BLUEOCEAN);
    for _ in 0..12 {
        till.reply(Reply::ReverseAgain);
        till.pass(30_000);
        till.answer_query(Reply::NotFound);
        till.expect_state(PaymentState::Reversing);
        till.expect_send(Operation::Reverse);
    }
}

#[test]
fn once_a_reverse_may_be_out_no_detail_is_asked_for() {
    let mut till = Till::reversing(Rules { detail: true, ..BLUEOCEAN });
    till.no_answer();
    till.answer_query(Reply::LooksPaid);
    till.expect_send(Operation::Reverse);
}

#[test]
fn a_reverse_that_goes_nowhere_needs_attention_and_goes_on() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.expect_attention(Reason::Unresolved);
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Reverse);
    till.reply(Reply::ReverseDone);
    till.expect_state(PaymentState::Confirming);
}

#[test]
fn a_signature_that_fails_while_reversing_needs_attention_in_the_end() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.no_answer();
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Unverified));
    till.expect_attention(Reason::SignatureFails);
}

fn confirming() -> Till {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone);
    till.is(PaymentState::Confirming).sends(Operation::Query)
}

#[test]
fn what_a_query_says_while_confirming() {
    for reply in every_reply() {
        let mut till = confirming();
        till.reply(reply.clone());
        match reply {
            Reply::Reversed | Reply::Closed | Reply::ReturnedInFull => till.expect_state(PaymentState::Reversed),
            Reply::Paid(_) | Reply::LooksPaid => till.expect_attention(Reason::RefundByHand),
            Reply::PaidOther(_) => till.expect_attention(Reason::AmountDiffers),
            Reply::ReturnedElsewhere => till.expect_attention(Reason::ReturnedElsewhere),
            _ => {
                till.expect_state(PaymentState::Confirming);
                till.expect_wait(2_000);
            }
        }
    }
}

#[test]
fn not_found_after_a_done_reverse_is_reversed_only_past_the_landing_horizon() {
    let mut till = Till::charge(BLUEOCEAN);
    till.no_answer();
    let left_at = till.now;
    till.answer_until(Operation::Reverse, Reply::Waiting);
    till.reply(Reply::ReverseDone);
    till.answer_until_state(PaymentState::Reversed, Some(Reply::NotFound));
    assert!(till.now >= left_at.after(5 * 60_000), "{:?}", till.now);
}

#[test]
fn the_landing_horizon_begins_anew_with_a_restart() {
    let mut till = confirming();
    till.pass(10 * 60_000).restart();
    till.expect_send(Operation::Query);
    till.reply(Reply::NotFound);
    till.expect_state(PaymentState::Confirming);
}

#[test]
fn a_confirmation_that_does_not_come_needs_attention_and_is_asked_on() {
    let mut till = confirming();
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.expect_attention(Reason::Unresolved);
    till.answer_query(Reply::Reversed);
    till.expect_state(PaymentState::Reversed);
}

#[test]
fn one_exchange_at_a_time_a_reverse_waits_for_the_charge() {
    let mut till = Till::charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.input(Input::Notified).input(Input::RetryAsked);
    till.expect_wait(26_000);
    assert_eq!(till.flow.open_operation(), Some(Operation::Charge));
}

#[test]
fn a_qr_that_was_paid_and_returned_by_other_hands_is_not_called_closed() {
    for reply in [Reply::ReturnedInFull, Reply::ReturnedElsewhere] {
        let mut till = Till::closing(TENCENT);
        till.reply(Reply::ReverseDone);
        till.expect_send(Operation::Query);
        till.reply(reply);
        till.expect_attention(Reason::ReturnedElsewhere);
    }
}
