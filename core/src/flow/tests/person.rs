//! What a person may want: cancels that are refused, settlements by hand, asking now.

use super::*;

#[test]
fn a_gateway_without_reverse_refuses_a_cancel_and_nothing_changes() {
    let no_reverse = Rules { reverse: false, ..BJRCB };
    for rules in [no_reverse, MAXFUN] {
        let mut till = Till::charge(rules);
        let before = till.flow.clone();
        assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
        assert_eq!(till.flow, before);
    }
    let mut till = Till::lost_charge(no_reverse);
    assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_gateway_without_close_refuses_the_cancel_of_a_qr() {
    let no_close = Rules { close: false, ..TENCENT };
    assert_eq!(Till::qr(no_close).cancel(), Err(Refusal::CannotCancel));
    assert_eq!(Till::shown_qr(no_close).cancel(), Err(Refusal::CannotCancel));
    let mut till = Till::shown_qr(no_close);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
}

#[test]
fn a_taken_number_refuses_a_cancel() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::NumberTaken);
    assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
}

#[test]
fn money_that_has_been_seen_refuses_a_cancel() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(paid_other());
    assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
    for reply in [paid_other(), Reply::ReturnedElsewhere] {
        let mut till = Till::reversing(BLUEOCEAN);
        till.no_answer();
        till.answer_query(reply);
        assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
    }
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone).reply(paid());
    assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
}

#[test]
fn what_is_being_undone_already_takes_a_cancel() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.cancel().unwrap();
    till.expect_state(PaymentState::Reversing);
    till.reply(Reply::ReverseDone);
    till.cancel().unwrap();
    till.expect_state(PaymentState::Confirming);
    let mut till = Till::closing(TENCENT);
    till.cancel().unwrap();
    till.expect_state(PaymentState::Closing);
}

#[test]
fn an_end_stays_as_it_is_under_a_cancel() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(paid());
    till.cancel().unwrap();
    till.expect_state(PaymentState::Paid);
    assert!(!till.view().cancel_too_late);
    till.expect_rest();
}

#[test]
fn an_undecided_payment_can_be_cancelled_in_attention() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.cancel().unwrap();
    till.expect_state(PaymentState::CancelWaiting);
    till.expect_send(Operation::Query);
}

#[test]
fn a_failed_signature_cannot_be_cancelled_in_attention() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Unverified));
    assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
}

#[test]
fn only_what_needs_attention_can_be_settled() {
    let mut paid_already = Till::charge(BLUEOCEAN);
    paid_already.reply(paid());
    for mut till in [Till::charge(BLUEOCEAN), Till::lost_charge(BLUEOCEAN), Till::shown_qr(TENCENT), paid_already] {
        let before = till.flow.clone();
        assert_eq!(till.settle(true), Err(Refusal::NotInAttention));
        assert_eq!(till.flow, before);
    }
}

#[test]
fn a_settlement_ends_it_as_the_person_says() {
    for (says_paid, state) in [(true, PaymentState::SettledPaid), (false, PaymentState::SettledNotPaid)] {
        let mut till = Till::charge(MAXFUN);
        till.no_answer();
        till.settle(says_paid).unwrap();
        till.expect_state(state);
        till.expect_rest();
        assert_eq!(till.settle(says_paid), Err(Refusal::NotInAttention));
    }
}

/// A reverse that went nowhere for fifteen minutes.
fn reversing_in_attention() -> Till {
    let mut till = Till::reversing(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till
}

#[test]
fn a_settlement_waits_for_a_reverse_and_one_more_query() {
    let mut till = reversing_in_attention();
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Reverse);
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.no_answer();
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.wait();
    till.expect_send(Operation::Query);
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.no_answer();
    till.expect_send(Operation::Reverse);
    till.no_answer();
    till.answer_query(Reply::Waiting);
    till.expect_state(PaymentState::NeedsAttention);
    till.settle(false).unwrap();
    till.expect_state(PaymentState::SettledNotPaid);
}

#[test]
fn a_reverse_about_which_no_answer_can_be_read_holds_up_a_settlement_until_it_can_no_longer_arrive() {
    let mut till = reversing_in_attention();
    let mut settled = 0;
    for _ in 0..8 {
        till.wait();
        till.reply(Reply::Unproved("a field was renamed"));
        till.expect_send(Operation::Reverse);
        till.pass(2_000);
        till.reply(Reply::Unproved("a field was renamed"));
        let left_at = till.now;
        let Effect::WaitUntil(next) = till.effect else { panic!("{:?}", till.effect) };
        for (ms, answer) in [(5 * 60_000 - 1, Err(Refusal::ReverseInFlight)), (5 * 60_000, Ok(()))] {
            let mut person = Till { flow: till.flow.clone(), now: left_at.after(ms), effect: till.effect };
            if person.now < next {
                settled += i32::from(answer == Ok(()));
                assert_eq!(person.settle(false), answer);
            }
        }
        // The next question is out, and may be answered.
        let mut person = Till { flow: till.flow.clone(), ..till };
        person.wait();
        assert_eq!(person.settle(false), Err(Refusal::ReverseInFlight));
    }
    assert!(settled > 2, "{settled}");
}

#[test]
fn after_a_restart_a_reverse_is_as_young_as_the_process_to_whoever_settles() {
    let mut till = reversing_in_attention();
    till.wait();
    till.reply(Reply::Unproved("unreadable"));
    till.expect_send(Operation::Reverse);
    till.pass(60 * 60_000).restart();
    till.pass(5 * 60_000 - 1);
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.pass(1);
    assert_eq!(till.settle(false), Ok(()));
}

#[test]
fn a_payments_own_refund_after_a_reverse_holds_up_a_settlement_as_long_as_either_may_arrive() {
    let mut till = Till::giving_back(REFUNDS);
    till.pass(4 * 60_000).no_answer();
    till.answer_until_state(PaymentState::NeedsAttention, None);
    let left_at = till.flow.memory.refund_left_at;
    assert!(left_at > till.flow.memory.reverse_left_at);
    let settle_at = |at: Time| Till { flow: till.flow.clone(), now: at, ..till }.settle(true);
    assert_eq!(settle_at(left_at.after(5 * 60_000 - 1)), Err(Refusal::ReverseInFlight));
    assert_eq!(settle_at(left_at.after(5 * 60_000)), Ok(()));
}

#[test]
fn between_two_reverses_of_a_payment_in_attention_a_person_can_settle() {
    let mut till = reversing_in_attention();
    for _ in 0..3 {
        till.answer_query(Reply::Waiting);
        till.expect_send(Operation::Reverse);
        till.reply(Reply::ReverseAgain);
        assert!(till.wait() >= 60_000, "slowly");
        till.reply(Reply::Waiting);
        assert!(matches!(till.effect, Effect::WaitUntil(_)));
        let mut person = Till { flow: till.flow.clone(), now: till.now, effect: till.effect };
        person.settle(false).unwrap();
    }
}

#[test]
fn where_no_query_is_to_come_none_is_waited_for() {
    // Money must be given back by hand: nothing is asked any more, before and after a restart.
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone).reply(paid());
    till.expect_attention(Reason::RefundByHand);
    till.restart();
    till.expect_rest();
    till.settle(true).unwrap();
    // The account is another one: nothing can be asked.
    for gone in [Input::AccountChanged, Input::GatewayMissing] {
        let mut till = Till::reversing(BLUEOCEAN);
        till.restart_with(gone);
        till.settle(false).unwrap();
        till.expect_rest();
    }
}

#[test]
fn a_close_does_not_hold_up_a_settlement() {
    // A gateway that can reverse charges too.
    let mut till = Till::closing(Rules { reverse: true, ..TENCENT });
    till.reply(Reply::ReverseDone);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.settle(false).unwrap();
    till.expect_state(PaymentState::SettledNotPaid);
    let mut till = Till::closing(TENCENT);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Close);
    till.settle(false).unwrap();
}

#[test]
fn asking_now_brings_the_next_query_forward_and_nothing_else() {
    for input in [Input::RetryAsked, Input::Notified] {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.input(input.clone());
        till.expect_send(Operation::Query);
        let mut till = Till::charge(BLUEOCEAN);
        till.not_sent();
        till.input(input.clone());
        till.expect_wait(1_000);
        let mut till = Till::closing(TENCENT);
        till.no_answer().answer_query(Reply::Waiting);
        till.input(input);
        till.expect_wait(30_000);
    }
}

#[test]
fn asking_now_works_in_attention_too() {
    let mut till = reversing_in_attention();
    till.input(Input::RetryAsked);
    till.expect_send(Operation::Query);
}

#[test]
fn a_callback_while_a_question_is_out_is_asked_about_at_the_interval() {
    let unresolved = || {
        let mut till = Till::lost_charge(Rules { reverse: false, ..BLUEOCEAN });
        till.answer_until_state(PaymentState::NeedsAttention, None);
        till
    };
    let accepted = || {
        let mut till = Till::refund(REFUNDS);
        till.reply(Reply::RefundAccepted);
        for _ in 0..10 {
            till.wait();
            till.reply(Reply::Waiting);
        }
        till
    };
    for begin in [unresolved, accepted] {
        let mut slow = begin();
        slow.wait();
        slow.input(Input::Notified);
        // As it stood before the call, or not at all.
        for answered in [true, false] {
            let mut till = Till { flow: slow.flow.clone(), ..slow };
            if answered {
                till.reply(Reply::Waiting);
            } else {
                till.no_answer();
            }
            assert_eq!(till.wait(), 10_000);
            assert!(matches!(till.effect, Effect::Send(Operation::Query | Operation::RefundQuery)));
            // Once, and then as slowly as before.
            till.no_answer();
            assert!(till.wait() >= 60_000);
        }
    }
}

#[test]
fn a_callback_while_a_reverse_is_out_is_asked_about_at_the_interval_after_it() {
    let mut till = reversing_in_attention();
    till.wait();
    till.input(Input::Notified);
    till.reply(Reply::Waiting);
    till.expect_send(Operation::Reverse);
    till.reply(Reply::ReverseRefused);
    assert_eq!(till.wait(), 10_000);
    till.expect_send(Operation::Query);
    till.reply(paid());
    till.expect_attention(Reason::RefundByHand);
}

#[test]
fn a_callback_while_the_question_is_out_that_ends_it_is_asked_about_after_the_end() {
    let mut till = Till::lost_charge(Rules { cleans_failures: false, ..REFUNDS });
    till.pass(15_000).wait();
    till.expect_send(Operation::Query);
    // The customer's second try.
    till.input(Input::Notified);
    till.reply(not_paid());
    till.expect_failed(Reason::NotPaid);
    till.expect_send(Operation::Query);
    till.reply(paid());
    till.expect_state(PaymentState::Refunding);
    assert!(till.view().contradicted);
}

#[test]
fn what_a_callback_wanted_is_not_asked_twice_after_a_restart() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.wait();
    till.input(Input::Notified);
    till.restart();
    assert_eq!(till.wait(), 60_000);
    till.no_answer();
    assert_eq!(till.wait(), 120_000);
}

#[test]
fn an_answer_to_an_older_send_only_hastens_the_next_query() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.input(Input::Reply { number: 1, reply: paid() });
    till.expect_state(PaymentState::Querying);
    till.expect_send(Operation::Query);
    till.input(Input::Reply { number: 1, reply: paid() });
    till.expect_state(PaymentState::Querying);
    assert_eq!((till.flow.number(), till.flow.open_operation()), (2, Some(Operation::Query)));
}
