//! After the end: queries at 1, 5 and 30 minutes, in case money lands late.

use super::*;

/// A charge that was reversed.
fn reversed() -> Till {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone).reply(Reply::Reversed);
    till.is(PaymentState::Reversed)
}

/// A QR that was closed.
fn closed() -> Till {
    let mut till = Till::closing(TENCENT);
    till.reply(Reply::ReverseDone).reply(Reply::Closed);
    till.is(PaymentState::Closed)
}

fn settled(says_paid: bool) -> Till {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.settle(says_paid).unwrap();
    till
}

/// The times of the queries after the end, each answered with `reply`.
fn watched_at(till: &mut Till, reply: &Reply) -> Vec<i64> {
    let ended_at = till.now;
    let mut times = Vec::new();
    while till.effect != Effect::Rest {
        till.wait();
        till.expect_send(Operation::Query);
        times.push((till.now.0 - ended_at.0) / 60_000);
        till.reply(reply.clone());
    }
    times
}

#[test]
fn a_reversed_and_a_settled_charge_are_asked_for_at_one_five_and_thirty_minutes() {
    for (mut till, reply) in
        [(reversed(), Reply::Reversed), (settled(true), Reply::Waiting), (settled(false), Reply::NotFound)]
    {
        let state = till.state();
        assert_eq!(till.view().follow_up, FollowUp::Watching);
        assert_eq!(watched_at(&mut till, &reply), [1, 5, 30]);
        till.expect_state(state);
        assert_eq!(till.view().follow_up, FollowUp::None);
        assert!(!till.view().contradicted);
    }
}

#[test]
fn a_closed_qr_is_asked_for_once_more_five_minutes_after_it_expired() {
    let mut till = Till::shown_qr(TENCENT);
    let created_at = till.now;
    till.answer_until(Operation::Close, Reply::Waiting);
    till.reply(Reply::ReverseDone).reply(Reply::Closed);
    let closed_at = till.now;
    let times = watched_at(&mut till, &Reply::Closed);
    let expired = created_at.after(2 * 3_600_000 + 5 * 60_000);
    assert_eq!(times, [1, 5, 30, (expired.0 - closed_at.0) / 60_000]);
    assert_eq!(till.now, expired);
}

#[test]
fn a_payment_after_reversed_or_closed_must_be_given_back() {
    for begin in [reversed, closed] {
        for reply in [paid(), Reply::LooksPaid, paid_other()] {
            let mut till = begin();
            till.answer_query(reply);
            till.expect_attention(Reason::RefundByHand);
            assert!(till.view().contradicted);
            till.expect_rest();
            till.settle(true).unwrap();
            till.expect_state(PaymentState::SettledPaid);
        }
    }
}

#[test]
fn proof_against_a_settlement_is_reported_and_moves_no_money() {
    let against: [(bool, Vec<Reply>); 2] = [
        (true, vec![not_paid(), Reply::Reversed, Reply::Closed]),
        (false, vec![paid(), Reply::LooksPaid, paid_other()]),
    ];
    for (says_paid, replies) in against {
        for reply in replies {
            let mut till = settled(says_paid);
            let state = till.state();
            till.answer_query(reply);
            till.expect_state(state);
            assert!(till.view().contradicted);
            assert!(!matches!(till.effect, Effect::Send(_)));
        }
    }
}

#[test]
fn what_agrees_or_proves_nothing_contradicts_nothing() {
    for (says_paid, reply) in [
        (true, paid()),
        (true, Reply::NotFound),
        (true, Reply::Unverified),
        (false, not_paid()),
        (false, Reply::Unverified),
        (false, Reply::ReturnedElsewhere),
    ] {
        let mut till = settled(says_paid);
        till.answer_query(reply);
        assert!(!till.view().contradicted);
    }
}

#[test]
fn anothers_payment_under_a_taken_number_contradicts_nothing() {
    for reply in [paid_at(Some(INTENT_AT_MS - 60_000)), Reply::LooksPaid, paid_other()] {
        let mut till = Till::charge(BLUEOCEAN);
        till.reply(Reply::NumberTaken);
        till.answer_query(paid_at(None));
        till.settle(false).unwrap();
        till.answer_query(reply);
        till.expect_state(PaymentState::SettledNotPaid);
        assert!(!till.view().contradicted);
    }
}

#[test]
fn a_notification_or_a_late_answer_takes_no_watching_query_away() {
    for input in [Input::Notified, Input::RetryAsked, Input::Reply { number: 1, reply: Reply::Waiting }] {
        let mut till = reversed();
        for _ in 0..10 {
            till.input(input.clone());
            till.expect_send(Operation::Query);
            till.reply(Reply::Reversed);
        }
        assert_eq!(watched_at(&mut till, &Reply::Reversed), [1, 5, 30]);
    }
}

#[test]
fn what_was_under_way_when_it_was_settled_is_no_watching_query() {
    let mut till = Till::closing(TENCENT);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Close);
    till.settle(false).unwrap();
    till.reply(Reply::ReverseRefused);
    till.expect_state(PaymentState::SettledNotPaid);
    assert_eq!(watched_at(&mut till, &Reply::Waiting)[..3], [1, 5, 30]);
}

#[test]
fn proof_in_what_was_under_way_when_it_was_settled_is_reported() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.wait();
    till.settle(false).unwrap();
    till.reply(paid());
    assert!(till.view().contradicted);
    till.expect_state(PaymentState::SettledNotPaid);
}

#[test]
fn a_watching_query_that_proves_nothing_is_asked_again() {
    for unanswered in unanswered() {
        let mut till = reversed();
        till.wait();
        unanswered(&mut till);
        assert_eq!(till.wait(), 60_000);
        till.reply(Reply::Reversed);
        till.expect_wait(3 * 60_000);
    }
}

#[test]
fn a_wrong_settlement_is_found_however_long_nobody_answered() {
    for unanswered in unanswered() {
        let mut till = settled(false);
        let settled_at = till.now;
        for _ in 0..100 {
            till.wait();
            till.expect_send(Operation::Query);
            unanswered(&mut till);
        }
        assert!(till.now > settled_at.after(24 * 3_600_000), "ever more slowly");
        assert_eq!(till.view().follow_up, FollowUp::Watching);
        till.wait();
        till.reply(paid());
        assert!(till.view().contradicted);
        till.expect_state(PaymentState::SettledNotPaid);
    }
}

#[test]
fn what_nobody_answers_is_asked_every_minute_ten_times_and_then_ever_more_slowly() {
    let mut till = reversed();
    till.wait();
    let mut minutes = Vec::new();
    for _ in 0..18 {
        till.no_answer();
        minutes.push(till.wait() / 60_000);
    }
    assert_eq!(minutes, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 32, 32]);
    // All three turns are to come yet: this answer is the first one's.
    till.reply(Reply::Reversed);
    for _ in 0..2 {
        till.expect_send(Operation::Query);
        till.reply(Reply::Reversed);
    }
    till.expect_rest();
    assert_eq!(till.view().follow_up, FollowUp::None);
}

#[test]
fn what_is_being_given_back_is_an_answer_to_a_watching_query() {
    let mut till = settled(true);
    for _ in 0..3 {
        till.wait();
        till.reply(Reply::Undecided("refunding"));
    }
    till.expect_rest();
    assert!(!till.view().contradicted);
}

#[test]
fn a_dead_line_takes_no_watching_query_away_and_ends_no_watch() {
    let mut till = reversed();
    for _ in 0..2_000 {
        till.wait();
        till.not_sent();
    }
    till.expect_wait(32 * 60_000);
    till.wait();
    // It left, and got no answer: the week begins with this one.
    till.no_answer();
    assert_eq!(till.view().follow_up, FollowUp::Watching);
    till.wait();
    till.reply(paid());
    till.expect_attention(Reason::RefundByHand);
    assert!(till.view().contradicted);
}

#[test]
fn watching_ends_after_a_week_in_which_nobody_answered() {
    let mut till = reversed();
    let ended_at = till.now;
    for _ in 0..1_000 {
        match till.effect {
            Effect::Rest => break,
            Effect::Send(_) => {
                till.no_answer();
            }
            Effect::WaitUntil(_) => {
                till.wait();
            }
        }
    }
    till.expect_rest();
    till.expect_state(PaymentState::Reversed);
    assert_eq!(till.view().follow_up, FollowUp::None);
    assert_eq!((till.now.0 - ended_at.0) / (24 * 3_600_000), 7, "days");
}

#[test]
fn watching_goes_on_after_a_restart() {
    let mut till = reversed();
    till.answer_query(Reply::Reversed);
    till.restart();
    assert_eq!(watched_at(&mut till, &Reply::Reversed), [5, 30]);
}

#[test]
fn what_is_watched_is_not_asked_for_under_another_account() {
    let mut till = reversed();
    till.restart_with(Input::AccountChanged);
    till.expect_state(PaymentState::Reversed);
    till.expect_rest();
    till.restart();
    till.expect_wait(60_000);
}

#[test]
fn a_callback_about_an_end_asks_once_more_and_late_money_goes_back() {
    let mut failed = Till::charge(REFUNDS);
    failed.reply(refused());
    let mut reversed = Till::reversing(REFUNDS);
    reversed.reply(Reply::ReverseDone).reply(Reply::Reversed);
    watched_at(&mut reversed, &Reply::Reversed);
    for (till, state) in [(failed, PaymentState::Failed), (reversed, PaymentState::Reversed)] {
        let called = |reply: Reply| {
            let mut till = Till { flow: till.flow.clone(), ..till };
            till.expect_rest();
            till.input(Input::Notified);
            till.expect_send(Operation::Query);
            assert_eq!(till.view().follow_up, FollowUp::Watching);
            till.reply(reply);
            till
        };
        let unpaid = called(Reply::NotFound);
        unpaid.expect_state(state);
        unpaid.expect_rest();
        let paid = called(paid());
        paid.expect_state(PaymentState::Refunding);
        assert!(paid.view().contradicted);
        paid.expect_send(Operation::Refund);
    }
}

#[test]
fn another_sum_that_came_in_against_an_end_is_given_back_by_a_person() {
    let mut reversed = Till::reversing(REFUNDS);
    reversed.reply(Reply::ReverseDone).reply(Reply::Reversed);
    reversed.wait();
    reversed.reply(paid_other());
    let mut cleaning = Till::lost_charge(Rules { cleans_failures: true, ..REFUNDS });
    cleaning.answer_until_state(PaymentState::Failed, Some(Reply::NotPaid("X".to_owned())));
    cleaning.wait();
    cleaning.reply(paid_other());
    for till in [reversed, cleaning] {
        // A refund of what was asked for would leave the rest with the merchant, and be told as refunded.
        till.expect_attention(Reason::RefundByHand);
        assert!(till.view().contradicted);
        till.expect_rest();
    }
}

/// A callback about a charge that failed: its question is out.
fn failed_and_called() -> Till {
    let mut till = Till::charge(REFUNDS);
    till.reply(refused());
    till.input(Input::Notified);
    till.expect_send(Operation::Query);
    till
}

#[test]
fn what_a_callback_asked_for_is_asked_again_after_a_restart() {
    let mut till = failed_and_called();
    till.restart();
    till.expect_send(Operation::Query);
    assert_eq!(till.view().follow_up, FollowUp::Watching);
    till.reply(paid());
    till.expect_state(PaymentState::Refunding);
}

#[test]
fn a_callback_while_a_question_is_out_is_asked_about_after_it() {
    let mut till = failed_and_called();
    till.input(Input::Notified);
    // As it stood before the second callback.
    till.reply(Reply::NotFound);
    till.expect_wait(60_000);
    till.wait();
    till.reply(paid());
    till.expect_state(PaymentState::Refunding);
}

#[test]
fn a_callback_is_asked_about_soon_though_nobody_has_answered_for_long() {
    for is_out in [true, false] {
        let mut till = reversed();
        for _ in 0..30 {
            till.wait();
            till.no_answer();
        }
        till.expect_wait(32 * 60_000);
        if is_out {
            till.wait();
        }
        till.input(Input::Notified);
        till.expect_state(PaymentState::Reversed);
        assert_eq!(till.flow.open_operation(), Some(Operation::Query));
        till.no_answer();
        assert_eq!(till.wait(), 60_000);
        till.reply(paid());
        assert!(till.view().contradicted);
    }
}

#[test]
fn a_callback_while_a_failed_charge_is_cleaned_up_is_asked_about_after_it() {
    let cleaning = || {
        let mut till = Till::lost_charge(Rules { cleans_failures: true, ..REFUNDS });
        till.answer_until_state(PaymentState::Failed, Some(Reply::NotPaid("X".to_owned())));
        till.wait();
        till
    };
    // The question is out, and the order is undone already.
    let mut asked = cleaning();
    asked.input(Input::Notified);
    asked.reply(Reply::Reversed);
    // The reverse is out.
    let reversing = || {
        let mut till = cleaning();
        till.reply(Reply::NotFound);
        till.expect_send(Operation::Reverse);
        till.input(Input::Notified);
        till
    };
    let mut reversed = reversing();
    reversed.reply(Reply::ReverseDone);
    let mut restarted = reversing();
    restarted.restart();
    restarted.expect_wait(60_000);
    restarted.wait();
    for mut till in [asked, reversed, restarted] {
        till.expect_send(Operation::Query);
        assert_eq!(till.view().follow_up, FollowUp::Watching);
        till.reply(paid());
        till.expect_state(PaymentState::Refunding);
        assert!(till.view().contradicted);
    }
}

#[test]
fn a_callback_is_asked_about_where_a_failed_charge_was_cleaned_up_and_stands_under_another_account() {
    for gone in [Input::AccountChanged, Input::GatewayMissing] {
        let mut till = Till::lost_charge(Rules { cleans_failures: true, ..REFUNDS });
        till.answer_until_state(PaymentState::Failed, Some(Reply::NotPaid("X".to_owned())));
        till.wait();
        till.reply(Reply::NotFound);
        till.expect_send(Operation::Reverse);
        till.reply(Reply::ReverseDone);
        let rules = std::mem::replace(&mut till.flow.rules, Rules::NONE);
        till.restart_with(gone);
        till.expect_rest();
        assert_eq!(till.view().follow_up, FollowUp::None);
        till.input(Input::Notified);
        till.expect_rest();
        // It is through, so no start takes it up again; its account is back, and the customer's second try had paid.
        till.flow.rules = rules;
        till.flow.resume();
        till.input(Input::Notified);
        till.expect_send(Operation::Query);
        till.reply(paid());
        till.expect_state(PaymentState::Refunding);
        assert!(till.view().contradicted);
    }
}

#[test]
fn a_callback_about_what_is_paid_refunded_or_was_never_sent_asks_nothing() {
    let mut paid_once = Till::charge(REFUNDS);
    paid_once.reply(paid());
    let mut refunded = Till::refund(REFUNDS);
    refunded.reply(refund_proved());
    let mut cancelled = Till::charge(REFUNDS);
    cancelled.not_sent();
    cancelled.cancel().unwrap();
    for mut till in [paid_once, refunded, cancelled] {
        let before = till.flow.clone();
        till.input(Input::Notified);
        till.expect_rest();
        assert_eq!(till.flow, before);
    }
}
