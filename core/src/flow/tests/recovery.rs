//! Restarts: what the journal says was about to go may have gone, waits begin anew, no charge is sent again.

use super::*;

#[test]
fn a_charge_that_was_out_may_have_left() {
    let mut till = Till::charge(BLUEOCEAN);
    till.restart();
    till.expect_state(PaymentState::Querying);
    till.expect_wait(5_000);
}

#[test]
fn a_charge_that_had_not_left_is_failed_since_its_code_is_gone() {
    let mut till = Till::charge(BLUEOCEAN);
    till.not_sent();
    till.restart();
    till.expect_failed(Reason::NotSent);
    till.expect_rest();
    let mut till = Till::qr(TENCENT);
    till.not_sent();
    till.restart();
    till.expect_failed(Reason::NotSent);
}

#[test]
fn the_repeat_that_a_gateway_asked_for_is_not_sent_after_a_restart() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::SendAgain);
    till.restart();
    till.expect_state(PaymentState::Querying);
    till.wait();
    till.expect_send(Operation::Query);
}

#[test]
fn a_gateway_that_cannot_be_asked_needs_attention_after_a_restart() {
    let mut till = Till::charge(MAXFUN);
    till.restart();
    till.expect_attention(Reason::CannotAsk);
    till.expect_rest();
}

#[test]
fn deadline_and_reverse_age_begin_anew() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(10 * 60_000).restart();
    let restarted_at = till.now;
    till.answer_until(Operation::Reverse, Reply::Waiting);
    assert_eq!(till.now, restarted_at.after(30_000));
}

#[test]
fn not_paid_right_after_a_restart_asks_again() {
    let mut till = Till::lost_charge(BJRCB);
    till.pass(60_000).restart();
    till.answer_query(not_paid());
    till.expect_state(PaymentState::Querying);
    till.answer_until_state(PaymentState::Failed, Some(not_paid()));
}

#[test]
fn a_late_answer_from_before_the_restart_only_hastens() {
    let mut till = Till::charge(BLUEOCEAN);
    till.restart().input(Input::Reply { number: 1, reply: refused() });
    till.expect_state(PaymentState::Querying);
    till.expect_send(Operation::Query);
}

#[test]
fn a_cancelled_charge_goes_on_being_cancelled() {
    let mut till = Till::charge(BLUEOCEAN);
    till.cancel().unwrap();
    till.restart();
    let restarted_at = till.now;
    till.expect_state(PaymentState::CancelWaiting);
    till.answer_until(Operation::Reverse, Reply::Waiting);
    assert_eq!(till.now, restarted_at.after(15_000));
}

#[test]
fn a_reverse_that_was_out_is_asked_about_and_not_repeated_before_its_least_age() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.restart();
    till.expect_state(PaymentState::Reversing);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    assert_eq!(till.wait(), 15_000);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    till.expect_send(Operation::Reverse);
}

#[test]
fn a_person_who_asks_now_does_not_bring_a_reverse_forward() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.restart().input(Input::RetryAsked);
    till.expect_attention(Reason::Unresolved);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    till.input(Input::RetryAsked);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    till.expect_wait(15_000);
}

#[test]
fn confirming_and_closing_go_on_with_a_query() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone);
    till.restart();
    till.expect_state(PaymentState::Confirming);
    till.expect_send(Operation::Query);
    let mut till = Till::closing(TENCENT);
    till.restart();
    till.expect_state(PaymentState::Closing);
    till.expect_send(Operation::Query);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
}

#[test]
fn a_creation_that_was_out_is_closed() {
    let mut till = Till::qr(TENCENT);
    till.restart();
    till.expect_state(PaymentState::Closing);
    till.expect_send(Operation::Close);
}

#[test]
fn a_shown_qr_is_hidden_asked_for_once_and_closed() {
    let mut till = Till::shown_qr(TENCENT);
    till.restart();
    till.expect_state(PaymentState::Querying);
    till.expect_send(Operation::Query);
    till.no_answer();
    till.expect_state(PaymentState::Querying);
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Close);
}

#[test]
fn attention_stays_attention_and_its_work_goes_on() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Unverified));
    till.restart();
    till.expect_attention(Reason::SignatureFails);
    till.expect_wait(60_000);
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(paid_other());
    till.restart();
    till.expect_attention(Reason::AmountDiffers);
    till.expect_rest();
}

#[test]
fn cleaning_goes_on_after_a_restart_but_never_with_a_second_reverse() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(15_000);
    till.answer_query(not_paid());
    till.restart();
    let restarted_at = till.now;
    till.expect_failed(Reason::NotPaid);
    assert_eq!(till.view().follow_up, FollowUp::Cleaning);
    till.answer_query(Reply::Waiting);
    till.wait();
    till.expect_send(Operation::Reverse);
    assert_eq!(till.now, restarted_at.after(15_000));
    for start in [Input::Recovered, Input::GatewayMissing, Input::AccountChanged] {
        let mut again = Till { flow: till.flow.clone(), now: till.now, effect: till.effect };
        again.restart_with(start);
        assert_eq!(again.view().follow_up, FollowUp::Watching);
        again.restart();
        // It may be paid still: three questions, and no second reverse.
        for _ in 0..3 {
            again.wait();
            again.expect_send(Operation::Query);
            again.reply(Reply::Waiting);
        }
        again.expect_rest();
        assert_eq!(again.view().follow_up, FollowUp::None);
    }
}

#[test]
fn cleaning_ends_where_the_gateway_can_no_longer_reverse() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(15_000);
    till.answer_query(not_paid());
    let cleaning = till.flow.clone();
    till.flow.rules = MAXFUN;
    till.restart();
    till.expect_failed(Reason::NotPaid);
    assert_eq!(till.view().follow_up, FollowUp::None);
    till.expect_rest();
    // It can be asked still.
    till.flow = Flow { rules: Rules { reverse: false, ..BLUEOCEAN }, ..cleaning };
    till.restart();
    assert_eq!(till.view().follow_up, FollowUp::Watching);
    till.expect_send(Operation::Query);
}

#[test]
fn under_another_account_nothing_is_sent_until_it_is_back() {
    for gone in [Input::AccountChanged, Input::GatewayMissing] {
        let begun: [fn() -> Till; 5] = [
            || Till::charge(BLUEOCEAN),
            || Till::lost_charge(BLUEOCEAN),
            || Till::reversing(BLUEOCEAN),
            || Till::shown_qr(TENCENT),
            || Till::closing(TENCENT),
        ];
        for begun in begun {
            let mut till = begun();
            till.restart_with(gone.clone());
            let reason = if gone == Input::AccountChanged { Reason::AccountChanged } else { Reason::GatewayMissing };
            till.expect_attention(reason);
            till.expect_rest();
            for input in [Input::RetryAsked, Input::Notified, Input::Reply { number: 1, reply: paid() }] {
                till.input(input);
                till.expect_attention(reason);
                till.expect_rest();
            }
            assert_eq!(till.cancel(), Err(Refusal::CannotCancel));
            till.restart();
            assert_ne!(till.state(), PaymentState::NeedsAttention);
            assert_ne!(till.effect, Effect::Rest);
        }
    }
}

#[test]
fn what_was_settled_under_another_account_is_watched_when_it_is_back() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.restart_with(Input::AccountChanged);
    till.settle(false).unwrap();
    till.expect_rest();
    till.input(Input::Notified);
    till.expect_rest();
    assert_eq!(till.view().follow_up, FollowUp::Watching);
    till.restart();
    till.expect_wait(60_000);
}

#[test]
fn what_was_settled_while_its_gateway_was_gone_is_watched_when_it_is_back() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.flow.rules = Rules::NONE;
    till.restart_with(Input::GatewayMissing);
    till.settle(false).unwrap();
    till.expect_rest();
    till.flow.rules = BLUEOCEAN;
    till.restart();
    till.expect_wait(60_000);
}

#[test]
fn nothing_is_asked_that_the_gateway_can_no_longer_do() {
    let begun: [fn() -> Till; 4] = [
        || Till::reversing(BLUEOCEAN),
        || Till::lost_charge(BLUEOCEAN),
        || Till::shown_qr(TENCENT),
        || Till::closing(TENCENT),
    ];
    for begun in begun {
        let mut till = begun();
        till.flow.rules = MAXFUN;
        till.restart();
        till.expect_attention(Reason::CannotAsk);
        till.expect_rest();
        let mut till = begun();
        till.flow.rules = Rules { query: true, ..MAXFUN };
        till.restart();
        till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
        till.answer_query(Reply::Waiting);
        assert!(matches!(till.effect, Effect::WaitUntil(_)));
    }
}
