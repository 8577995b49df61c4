//! Charging, Querying and CancelWaiting: what an answer to the charge or a query may make the till believe.

use super::*;

#[test]
fn a_payment_begins_with_the_charge_and_sends_it_once() {
    let mut till = Till::charge(BLUEOCEAN);
    till.expect_state(PaymentState::Charging);
    till.input(Input::Begin);
    till.expect_wait(26_000);
    till.reply(paid()).input(Input::Begin);
    till.expect_rest();
    assert_eq!(till.flow.number(), 1);
    let mut till = Till::charge(BLUEOCEAN);
    till.not_sent().input(Input::Begin);
    till.expect_wait(1_000);
}

#[test]
fn a_proof_in_the_answer_is_paid() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
    till.expect_rest();
    assert!(!till.view().cancel_too_late);
}

#[test]
fn a_believed_refusal_is_failed_with_the_gateways_code() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(refused());
    till.expect_failed(Reason::Refused);
    assert_eq!(till.view().gateway_code.as_deref(), Some("4001"));
    till.expect_rest();
}

#[test]
fn a_refusal_after_a_send_that_proved_nothing_to_leave_is_believed() {
    let mut till = Till::charge(BLUEOCEAN);
    till.not_sent();
    till.wait();
    till.reply(refused());
    till.expect_failed(Reason::Refused);
}

#[test]
fn a_refusal_of_a_repeated_charge_is_not_believed() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::SendAgain);
    till.wait();
    till.expect_send(Operation::Charge);
    till.reply(refused());
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_refusal_to_a_query_is_no_failure() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_query(refused());
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_lost_answer_is_never_failed() {
    let mut till = Till::charge(BLUEOCEAN);
    till.no_answer();
    till.expect_state(PaymentState::Querying);
    till.expect_wait(5_000);
}

#[test]
fn an_answer_that_does_not_come_is_given_up_at_the_exchanges_limit() {
    let mut till = Till::charge(BLUEOCEAN);
    till.pass(25_999).input(Input::TimeUp { number: 1 });
    till.expect_state(PaymentState::Charging);
    till.expect_wait(1);
    till.wait();
    till.expect_state(PaymentState::Querying);
}

#[test]
fn every_answer_to_the_charge_but_proof_or_refusal_leads_to_a_query() {
    for reply in every_reply() {
        let mut till = Till::charge(BLUEOCEAN);
        till.reply(reply.clone());
        match reply {
            Reply::Paid(_) => till.expect_state(PaymentState::Paid),
            Reply::Refused(_) => till.expect_failed(Reason::Refused),
            Reply::PaidOther(_) => till.expect_attention(Reason::AmountDiffers),
            Reply::SendAgain => till.expect_state(PaymentState::Charging),
            // S1: every 10 s after 201.
            Reply::Waiting => till.expect_wait(10_000),
            _ => {
                till.expect_state(PaymentState::Querying);
                till.expect_wait(5_000);
            }
        }
    }
}

#[test]
fn a_charge_that_never_left_goes_again_within_the_connect_budget_then_failed() {
    let mut till = Till::charge(BLUEOCEAN);
    let began = till.now;
    for number in 2..=6 {
        till.not_sent();
        till.expect_state(PaymentState::Charging);
        assert_eq!(till.wait(), 1_000);
        till.expect_send(Operation::Charge);
        assert_eq!(till.flow.number(), number);
    }
    till.not_sent();
    till.expect_failed(Reason::NotSent);
    assert_eq!(till.now, began.after(5_000));
    till.expect_rest();
}

#[test]
fn a_clock_outside_the_certificate_fails_at_once() {
    let mut till = Till::charge(BLUEOCEAN);
    till.input(Input::NotSent { number: 1, device_clock: true });
    till.expect_failed(Reason::DeviceClock);
}

#[test]
fn a_repeat_that_was_not_sent_proves_only_itself() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::SendAgain);
    till.wait();
    till.not_sent();
    till.expect_state(PaymentState::Querying);
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::SendAgain);
    till.wait();
    till.input(Input::NotSent { number: 2, device_clock: true });
    till.expect_state(PaymentState::Querying);
}

#[test]
fn the_same_request_goes_again_at_most_three_times() {
    let mut till = Till::charge(TENCENT);
    for _ in 0..3 {
        till.reply(Reply::SendAgain);
        assert_eq!(till.wait(), 3_000);
        till.expect_send(Operation::Charge);
    }
    till.reply(Reply::SendAgain);
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_query_comes_first_after_five_seconds_then_every_ten() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    assert_eq!(till.wait(), 5_000);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    assert_eq!(till.wait(), 10_000);
    till.no_answer();
    assert_eq!(till.wait(), 10_000);
    till.reply(Reply::Unproved("unreadable"));
    // The last one comes at the deadline, not past it.
    assert_eq!(till.wait(), 5_000);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    till.expect_state(PaymentState::Reversing);
    till.expect_send(Operation::Reverse);
}

#[test]
fn what_a_query_says_decides() {
    for reply in every_reply() {
        let mut till = Till::lost_charge(BJRCB);
        till.pass(15_000);
        till.answer_query(reply.clone());
        match reply {
            Reply::Paid(_) => till.expect_state(PaymentState::Paid),
            Reply::NotPaid(_) => till.expect_failed(Reason::NotPaid),
            Reply::PaidOther(_) => till.expect_attention(Reason::AmountDiffers),
            Reply::ReturnedElsewhere | Reply::ReturnedInFull => till.expect_attention(Reason::ReturnedElsewhere),
            Reply::Reversed => till.expect_state(PaymentState::Reversed),
            Reply::Closed => till.expect_state(PaymentState::Closed),
            _ => {
                till.expect_state(PaymentState::Querying);
                till.expect_wait(5_000);
            }
        }
    }
}

#[test]
fn waiting_or_not_found_before_the_deadline_reverses_nothing() {
    for reply in [Reply::Waiting, Reply::NotFound] {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.pass(29_999);
        till.answer_query(reply);
        till.expect_state(PaymentState::Querying);
        till.expect_wait(1);
    }
}

#[test]
fn waiting_or_not_found_at_the_deadline_reverses() {
    for reply in [Reply::Waiting, Reply::NotFound] {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.pass(30_000);
        till.answer_query(reply);
        till.expect_state(PaymentState::Reversing);
        till.expect_send(Operation::Reverse);
    }
}

#[test]
fn a_query_sent_before_the_deadline_and_answered_after_it_never_reverses() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(29_999).input(Input::TimeUp { number: 1 });
    till.expect_send(Operation::Query);
    till.pass(5_000).reply(Reply::Waiting);
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_query_at_the_deadline_that_was_not_answered_never_reverses() {
    for reply in [Reply::Unproved("unreadable"), Reply::OtherQr, Reply::ReverseDone, refused()] {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.pass(30_000);
        till.answer_query(reply);
        till.expect_state(PaymentState::Querying);
        till.wait();
        till.no_answer();
        till.expect_state(PaymentState::Querying);
        till.wait();
        till.not_sent();
        till.expect_state(PaymentState::Querying);
    }
}

#[test]
fn not_paid_before_the_reverse_age_asks_again() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(14_999);
    till.answer_query(not_paid());
    till.expect_state(PaymentState::Querying);
    assert_eq!(till.wait(), 10_000);
    till.reply(not_paid());
    till.expect_failed(Reason::NotPaid);
    assert_eq!(till.view().gateway_code.as_deref(), Some("PAYERROR"));
}

#[test]
fn a_query_sent_before_the_reverse_age_fails_nothing_however_late_its_answer() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(14_999).input(Input::TimeUp { number: 1 });
    till.pass(10_000).reply(not_paid());
    till.expect_state(PaymentState::Querying);
}

#[test]
fn the_reverse_age_counts_from_the_charges_answer() {
    let mut till = Till::charge(BLUEOCEAN);
    till.pass(20_000).reply(Reply::Waiting);
    assert_eq!(till.wait(), 10_000);
    till.reply(not_paid());
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_success_without_amount_is_paid_only_by_the_detail_call() {
    let mut till = Till::lost_charge(HUISHOUYIN);
    till.answer_query(Reply::LooksPaid);
    till.expect_state(PaymentState::Querying);
    till.expect_send(Operation::Detail);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
}

#[test]
fn a_detail_call_with_another_amount_needs_attention() {
    let mut till = Till::lost_charge(HUISHOUYIN);
    till.answer_query(Reply::LooksPaid);
    till.reply(paid_other());
    till.expect_attention(Reason::AmountDiffers);
}

#[test]
fn a_detail_call_decides_nothing_but_payment() {
    for reply in [not_paid(), Reply::Waiting, Reply::NotFound, Reply::Unproved("unreadable")] {
        let mut till = Till::lost_charge(Rules { detail: true, ..BJRCB });
        till.pass(60_000);
        till.answer_query(Reply::LooksPaid);
        till.expect_send(Operation::Detail);
        till.reply(reply);
        till.expect_state(PaymentState::Querying);
    }
}

#[test]
fn a_failed_signature_never_reverses_and_needs_attention_at_the_deadline() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_query(Reply::Unverified);
    till.expect_state(PaymentState::Querying);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Unverified));
    till.expect_attention(Reason::SignatureFails);
}

#[test]
fn an_unreadable_answer_does_not_forget_a_failed_signature() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::Unverified);
    till.pass(30_000);
    till.answer_query(Reply::Unproved("unreadable"));
    till.expect_attention(Reason::SignatureFails);
}

#[test]
fn a_newer_readable_answer_replaces_a_failed_signature() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_query(Reply::Unverified);
    till.pass(30_000);
    till.answer_query(Reply::Waiting);
    till.expect_state(PaymentState::Reversing);
}

#[test]
fn without_an_answer_a_person_is_asked_after_fifteen_minutes_and_asking_goes_on() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    let began = till.now;
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.expect_attention(Reason::Unresolved);
    assert!(till.now >= began.after(15 * 60_000) && till.now < began.after(17 * 60_000));
    assert_eq!(till.wait(), 60_000);
    till.no_answer();
    assert_eq!(till.wait(), 120_000);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
}

#[test]
fn slow_work_backs_off_to_half_an_hour() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    let waits: Vec<_> = (0..7)
        .map(|_| {
            let waited = till.wait();
            till.no_answer();
            waited / 60_000
        })
        .collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 32]);
}

#[test]
fn in_attention_the_rows_work_leads_where_the_row_would() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.answer_query(Reply::Waiting);
    till.expect_state(PaymentState::Reversing);
    till.expect_send(Operation::Reverse);
}

#[test]
fn a_gateway_without_reverse_needs_attention_and_is_asked_on() {
    let mut till = Till::lost_charge(Rules { reverse: false, ..BJRCB });
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.expect_attention(Reason::CannotReverse);
    till.answer_query(Reply::Waiting);
    till.expect_attention(Reason::CannotReverse);
    till.answer_query(not_paid());
    till.expect_failed(Reason::NotPaid);
}

#[test]
fn a_gateway_that_cannot_be_asked_needs_attention_unless_its_answer_is_proof() {
    let unclear: [fn(&mut Till); 3] = [
        |till| {
            till.no_answer();
        },
        |till| {
            till.reply(Reply::Unproved("101"));
        },
        |till| {
            till.reply(Reply::Waiting);
        },
    ];
    for unclear in unclear {
        let mut till = Till::charge(MAXFUN);
        unclear(&mut till);
        till.expect_attention(Reason::CannotAsk);
        till.expect_rest();
    }
    let mut till = Till::charge(MAXFUN);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
}

// NumberTaken

#[test]
fn a_taken_number_is_paid_only_by_a_pay_time_not_before_the_intent() {
    for (paid_at_ms, ours) in [
        (Some(INTENT_AT_MS), true),
        // Whole seconds: the second in which the intent was written.
        (Some(INTENT_AT_MS - 999), true),
        (Some(INTENT_AT_MS - 1_000), false),
        // Later than now: this device's clock lies behind the gateway's, and "not before the intent" proves nothing.
        (Some(INTENT_AT_MS + 60_000), true),
        (Some(INTENT_AT_MS + 3_600_000), false),
        (None, false),
    ] {
        let mut till = Till::charge(BLUEOCEAN);
        till.reply(Reply::NumberTaken);
        till.expect_state(PaymentState::Querying);
        till.answer_query(paid_at(paid_at_ms));
        if ours { till.expect_state(PaymentState::Paid) } else { till.expect_attention(Reason::NumberTaken) }
    }
}

#[test]
fn another_sum_under_a_taken_number_is_asked_about_more_slowly_each_time() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::NumberTaken);
    till.answer_query(paid_other());
    till.expect_attention(Reason::NumberTaken);
    let waits: Vec<i64> = (0..4)
        .map(|_| {
            let wait = till.wait();
            till.reply(paid_other());
            wait
        })
        .collect();
    assert!(waits.windows(2).all(|pair| pair[1] == 2 * pair[0]), "{waits:?}");
}

#[test]
fn a_taken_number_is_never_reversed_nor_cleaned() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::NumberTaken);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.expect_attention(Reason::NumberTaken);
    till.answer_query(Reply::NotFound);
    till.expect_attention(Reason::NumberTaken);
    till.answer_query(not_paid());
    till.expect_failed(Reason::NotPaid);
    till.expect_rest();
}

#[test]
fn nobody_is_told_to_give_back_what_was_paid_under_a_taken_number() {
    for reply in [paid_other(), Reply::ReturnedElsewhere] {
        let mut till = Till::charge(BLUEOCEAN);
        till.reply(Reply::NumberTaken);
        till.answer_query(reply);
        till.expect_attention(Reason::NumberTaken);
    }
    let mut till = Till::qr(TENCENT);
    till.cancel().unwrap();
    till.reply(Reply::NumberTaken);
    till.expect_attention(Reason::NumberTaken);
    till.answer_query(paid_at(Some(INTENT_AT_MS - 60_000)));
    till.expect_attention(Reason::NumberTaken);
}

#[test]
fn an_older_payment_under_a_taken_number_is_asked_about_ever_more_slowly() {
    let mut till = Till::charge(BLUEOCEAN);
    till.reply(Reply::NumberTaken);
    till.answer_query(paid_at(None));
    assert_eq!(till.wait(), 60_000);
    till.reply(paid_at(None));
    assert_eq!(till.wait(), 120_000);
}

// CancelWaiting

#[test]
fn a_failed_charge_is_asked_for_once_and_reversed_once() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(15_000);
    till.answer_query(not_paid());
    till.expect_failed(Reason::NotPaid);
    assert_eq!(till.view().follow_up, FollowUp::Cleaning);
    till.answer_query(not_paid());
    till.expect_send(Operation::Reverse);
    till.reply(Reply::ReverseDone);
    till.expect_failed(Reason::NotPaid);
    assert_eq!(till.view().follow_up, FollowUp::None);
    till.expect_rest();
}

#[test]
fn a_failed_charge_whose_one_reverse_was_not_done_is_watched_for_late_money() {
    for reply in [None, Some(Reply::ReverseAgain), Some(Reply::ReverseRefused), Some(Reply::Unproved("unreadable"))] {
        let mut till = Till::lost_charge(Rules { cleans_failures: true, ..REFUNDS });
        till.pass(15_000);
        till.answer_query(not_paid());
        // The customer is at it again.
        till.answer_query(Reply::Waiting);
        till.expect_send(Operation::Reverse);
        match reply {
            Some(reply) => till.reply(reply),
            None => till.no_answer(),
        };
        till.expect_failed(Reason::NotPaid);
        assert_eq!(till.view().follow_up, FollowUp::Watching);
        till.expect_send(Operation::Query);
        till.reply(Reply::Waiting);
        till.expect_wait(60_000);
        till.wait();
        till.reply(paid());
        till.expect_state(PaymentState::Refunding);
        assert!(till.view().contradicted);
    }
}

#[test]
fn a_reverse_of_a_failed_charge_that_was_not_sent_is_sent_later() {
    let mut till = Till::lost_charge(BLUEOCEAN);
    till.pass(15_000);
    till.answer_query(not_paid());
    till.answer_query(Reply::Waiting);
    for _ in 0..3 {
        till.expect_send(Operation::Reverse);
        till.not_sent();
        assert_eq!(till.view().follow_up, FollowUp::Cleaning);
        till.wait();
    }
    till.reply(Reply::ReverseDone);
    till.expect_rest();
}

#[test]
fn success_seen_while_cleaning_is_contradicted_and_must_be_given_back() {
    for reply in [paid(), Reply::LooksPaid, paid_other()] {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.pass(15_000);
        till.answer_query(not_paid());
        till.answer_query(reply);
        till.expect_attention(Reason::RefundByHand);
        assert!(till.view().contradicted);
        assert_eq!(till.view().gateway_code, None, "the failure's code is not the attention's");
    }
}

#[test]
fn cleaning_stops_where_the_order_is_undone_already() {
    for reply in [Reply::Reversed, Reply::Closed, Reply::ReturnedElsewhere] {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.pass(15_000);
        till.answer_query(not_paid()).answer_query(reply);
        assert_eq!(till.view().follow_up, FollowUp::None);
        till.expect_rest();
    }
}

#[test]
fn a_failed_charge_about_which_nobody_answers_is_watched_for_late_money() {
    for unanswered in unanswered() {
        let mut till = Till::lost_charge(Rules { cleans_failures: true, ..REFUNDS });
        till.pass(15_000);
        till.answer_query(not_paid());
        let failed_at = till.now;
        while till.view().follow_up == FollowUp::Cleaning {
            if matches!(till.effect, Effect::WaitUntil(_)) {
                till.wait();
            }
            till.expect_send(Operation::Query);
            unanswered(&mut till);
        }
        till.expect_failed(Reason::NotPaid);
        assert!(till.now >= failed_at.after(15 * 60_000) && till.now < failed_at.after(17 * 60_000), "{:?}", till.now);
        assert_eq!(till.view().follow_up, FollowUp::Watching);
        till.expect_send(Operation::Query);
        unanswered(&mut till);
        till.wait();
        till.reply(paid());
        till.expect_state(PaymentState::Refunding);
        assert!(till.view().contradicted);
    }
}

#[test]
fn a_failed_charge_is_left_alone_where_the_gateways_text_asks_for_nothing() {
    let mut till = Till::lost_charge(BJRCB);
    till.pass(15_000);
    till.answer_query(not_paid());
    till.expect_failed(Reason::NotPaid);
    till.expect_rest();
}
