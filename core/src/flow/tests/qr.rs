//! Creating, Showing, Closing and Confirming of a QR order.

use super::*;

#[test]
fn a_ready_qr_is_shown_and_asked_for_every_three_seconds() {
    let mut till = Till::shown_qr(TENCENT);
    for reply in [Reply::Waiting, Reply::NotFound, not_paid(), Reply::Unproved("unreadable")] {
        assert_eq!(till.wait(), 3_000);
        till.expect_send(Operation::Query);
        till.reply(reply);
        till.expect_state(PaymentState::ShowingQr);
    }
}

#[test]
fn a_believed_refusal_of_the_creation_is_failed() {
    let mut till = Till::qr(TENCENT);
    till.reply(refused());
    till.expect_failed(Reason::Refused);
}

#[test]
fn every_other_answer_to_the_creation_leads_to_a_close_since_nobody_has_seen_the_code() {
    for reply in every_reply() {
        let mut till = Till::qr(TENCENT);
        till.reply(reply.clone());
        match reply {
            Reply::QrReady { .. } => till.expect_state(PaymentState::ShowingQr),
            Reply::Refused(_) => till.expect_failed(Reason::Refused),
            Reply::SendAgain => till.expect_state(PaymentState::Charging),
            Reply::NumberTaken => till.expect_attention(Reason::NumberTaken),
            _ => {
                till.expect_state(PaymentState::Closing);
                till.expect_send(Operation::Close);
            }
        }
    }
    let mut till = Till::qr(TENCENT);
    till.no_answer();
    till.expect_send(Operation::Close);
}

#[test]
fn a_creation_that_never_left_goes_again_within_the_connect_budget_then_failed() {
    let mut till = Till::qr(TENCENT);
    let began = till.now;
    while till.state() == PaymentState::Charging {
        till.not_sent();
        if matches!(till.effect, Effect::WaitUntil(_)) {
            till.wait();
        }
    }
    till.expect_failed(Reason::NotSent);
    assert_eq!(till.now, began.after(10_000));
}

#[test]
fn the_same_creation_goes_again_at_most_three_times_and_its_refusal_is_not_believed() {
    let mut till = Till::qr(TENCENT);
    for _ in 0..3 {
        till.reply(Reply::SendAgain);
        till.wait();
        till.expect_send(Operation::CreateQr);
    }
    till.reply(Reply::SendAgain);
    till.expect_state(PaymentState::Closing);
    let mut till = Till::qr(TENCENT);
    till.reply(Reply::SendAgain);
    till.wait();
    till.reply(refused());
    till.expect_state(PaymentState::Closing);
}

#[test]
fn a_failed_signature_of_a_creation_is_no_success_of_a_payment() {
    let mut till = Till::qr(TENCENT);
    till.reply(Reply::Unverified);
    till.no_answer();
    till.wait();
    till.no_answer();
    till.expect_state(PaymentState::Closing);
}

#[test]
fn what_a_query_says_while_the_qr_is_shown() {
    for reply in every_reply() {
        let mut till = Till::shown_qr(TENCENT);
        till.answer_query(reply.clone());
        match reply {
            Reply::Paid(_) => till.expect_state(PaymentState::Paid),
            Reply::PaidOther(_) => till.expect_attention(Reason::AmountDiffers),
            Reply::ReturnedElsewhere | Reply::ReturnedInFull => till.expect_attention(Reason::ReturnedElsewhere),
            Reply::OtherQr => till.expect_send(Operation::Close),
            Reply::Closed | Reply::Reversed => till.expect_state(PaymentState::Confirming),
            _ => till.expect_state(PaymentState::ShowingQr),
        }
    }
}

#[test]
fn a_success_without_amount_of_a_qr_is_paid_only_by_the_detail_call() {
    let mut till = Till::shown_qr(HUISHOUYIN);
    till.answer_query(Reply::LooksPaid);
    till.expect_send(Operation::Detail);
    till.expect_state(PaymentState::ShowingQr);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
}

#[test]
fn at_the_deadline_the_qr_is_hidden_and_closed_after_an_answered_last_query() {
    for reply in [Reply::Waiting, Reply::NotFound, not_paid()] {
        let mut till = Till::shown_qr(TENCENT);
        till.pass(60_000).input(Input::TimeUp { number: 1 });
        till.expect_send(Operation::Query);
        till.expect_state(PaymentState::Querying);
        till.reply(reply);
        till.expect_state(PaymentState::Closing);
        till.expect_send(Operation::Close);
    }
}

#[test]
fn a_last_query_that_was_not_answered_closes_nothing() {
    let mut till = Till::shown_qr(TENCENT);
    till.pass(60_000);
    till.answer_query(Reply::Unproved("unreadable"));
    till.wait();
    till.no_answer();
    till.expect_state(PaymentState::Querying);
    till.wait();
    till.expect_send(Operation::Query);
}

#[test]
fn a_detail_call_at_the_deadline_is_no_last_query() {
    let mut till = Till::shown_qr(HUISHOUYIN);
    till.pass(60_000);
    till.answer_query(Reply::LooksPaid);
    till.expect_send(Operation::Detail);
    till.reply(Reply::Waiting);
    till.expect_state(PaymentState::Querying);
}

#[test]
fn a_qr_with_a_failed_signature_is_not_closed_and_needs_attention_at_the_deadline() {
    let mut till = Till::shown_qr(TENCENT);
    till.answer_query(Reply::Unverified);
    till.expect_state(PaymentState::ShowingQr);
    till.pass(60_000);
    till.answer_query(Reply::Unverified);
    till.expect_attention(Reason::SignatureFails);
}

#[test]
fn a_close_that_cannot_be_asked_about_needs_attention() {
    for reply in [Reply::ReverseDone, Reply::ReverseRefused] {
        let mut till = Till::qr(Rules { close: true, ..NOTHING });
        till.no_answer();
        till.expect_send(Operation::Close);
        till.reply(reply);
        till.expect_attention(Reason::CannotAsk);
        till.expect_rest();
    }
}

#[test]
fn a_query_that_outlives_the_deadline_hides_the_qr_and_is_not_the_last() {
    let mut till = Till::shown_qr(TENCENT);
    till.pass(59_999).input(Input::TimeUp { number: 1 });
    till.expect_state(PaymentState::ShowingQr);
    till.pass(1).reply(Reply::Waiting);
    till.expect_state(PaymentState::Querying);
    till.wait();
    till.expect_send(Operation::Query);
}

#[test]
fn a_cancel_hides_the_qr_and_asks_once_more() {
    let mut till = Till::shown_qr(TENCENT);
    till.pass(1_000).cancel().unwrap();
    till.expect_state(PaymentState::Querying);
    till.expect_send(Operation::Query);
    till.reply(Reply::Waiting);
    till.expect_send(Operation::Close);
}

#[test]
fn a_payment_seen_after_the_cancel_of_a_qr_is_paid_and_says_cancel_too_late() {
    let mut till = Till::shown_qr(TENCENT);
    till.cancel().unwrap();
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
    assert!(till.view().cancel_too_late);
}

#[test]
fn a_query_sent_before_the_cancel_of_a_qr_does_not_count_as_the_last_one() {
    let mut till = Till::shown_qr(TENCENT);
    till.wait();
    till.pass(1).cancel().unwrap();
    till.pass(1).reply(Reply::Waiting);
    till.expect_state(PaymentState::Querying);
    till.expect_send(Operation::Query);
}

#[test]
fn cancelling_again_and_again_does_not_put_off_the_person() {
    let mut till = Till::shown_qr(TENCENT);
    till.cancel().unwrap();
    let cancelled_at = till.now;
    for _ in 0..2_000 {
        if till.state() == PaymentState::NeedsAttention {
            break;
        }
        till.no_answer();
        till.pass(1_000).cancel().unwrap();
        if matches!(till.effect, Effect::WaitUntil(_)) {
            till.wait();
        }
    }
    till.expect_attention(Reason::Unresolved);
    assert!(till.now < cancelled_at.after(17 * 60_000));
}

#[test]
fn a_cancelled_creation_is_closed() {
    let mut till = Till::qr(TENCENT);
    till.cancel().unwrap();
    till.reply(qr_ready());
    till.expect_send(Operation::Close);
    let mut till = Till::qr(TENCENT);
    till.not_sent();
    till.cancel().unwrap();
    till.expect_failed(Reason::Cancelled);
    let mut till = Till::qr(TENCENT);
    till.reply(Reply::SendAgain);
    till.cancel().unwrap();
    till.expect_send(Operation::Close);
}

#[test]
fn an_unanswered_qr_needs_attention_fifteen_minutes_after_it_left_the_screen() {
    let mut till = Till::shown_qr(TENCENT);
    let shown_at = till.now;
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.expect_attention(Reason::Unresolved);
    assert!(till.now >= shown_at.after(60_000 + 15 * 60_000));
}

#[test]
fn a_close_is_asked_about_then_sent_again() {
    let mut till = Till::closing(TENCENT);
    till.reply(Reply::ReverseRefused);
    assert_eq!(till.wait(), 3_000);
    till.reply(Reply::Waiting);
    assert_eq!(till.wait(), 30_000);
    till.expect_send(Operation::Close);
}

#[test]
fn what_a_query_says_while_closing() {
    for reply in every_reply() {
        let mut till = Till::closing(TENCENT);
        till.no_answer();
        till.answer_query(reply.clone());
        match reply {
            Reply::Paid(_) => till.expect_state(PaymentState::Paid),
            Reply::PaidOther(_) => till.expect_attention(Reason::AmountDiffers),
            Reply::ReturnedElsewhere | Reply::ReturnedInFull => till.expect_attention(Reason::ReturnedElsewhere),
            Reply::Closed | Reply::Reversed => till.expect_state(PaymentState::Closed),
            Reply::Unverified => till.expect_attention(Reason::SignatureFails),
            // Without a detail call nothing can say how much.
            Reply::LooksPaid => till.expect_attention(Reason::RefundByHand),
            _ => {
                till.expect_state(PaymentState::Closing);
                till.expect_wait(30_000);
            }
        }
    }
}

#[test]
fn a_payment_before_a_proved_close_is_paid_unless_a_cancel_was_asked() {
    let mut till = Till::closing(HUISHOUYIN);
    till.no_answer();
    till.answer_query(Reply::LooksPaid);
    till.expect_send(Operation::Detail);
    till.reply(paid());
    till.expect_state(PaymentState::Paid);
    for reply in [paid(), Reply::LooksPaid] {
        let mut till = Till::closing(HUISHOUYIN);
        till.cancel().unwrap();
        till.no_answer();
        till.answer_query(reply);
        till.expect_attention(Reason::RefundByHand);
    }
}

#[test]
fn a_done_close_is_confirmed() {
    let mut till = Till::closing(TENCENT);
    till.reply(Reply::ReverseDone);
    till.expect_state(PaymentState::Confirming);
    till.expect_send(Operation::Query);
    till.reply(Reply::Closed);
    till.expect_state(PaymentState::Closed);
}

#[test]
fn a_payment_after_a_done_close_must_be_given_back() {
    for reply in [paid(), Reply::LooksPaid] {
        let mut till = Till::closing(TENCENT);
        till.reply(Reply::ReverseDone);
        till.reply(reply);
        till.expect_attention(Reason::RefundByHand);
    }
}

#[test]
fn not_found_counts_as_closed_five_minutes_after_the_qr_expired() {
    let expired = 2 * 3_600_000 + 5 * 60_000;
    let begin: [fn(&mut Till); 3] = [
        // Its close is done, refused, or it was closed by other hands.
        |till| {
            till.reply(Reply::ReverseDone).reply(Reply::NotFound);
        },
        |till| {
            till.reply(Reply::ReverseRefused).answer_query(Reply::NotFound);
        },
        |till| {
            till.no_answer().answer_query(Reply::NotFound);
        },
    ];
    for begin in begin {
        let mut till = Till::closing(TENCENT);
        begin(&mut till);
        assert_ne!(till.state(), PaymentState::Closed);
        till.pass(expired);
        till.answer_until_state(PaymentState::Closed, Some(Reply::NotFound));
    }
    let mut till = Till::shown_qr(TENCENT);
    till.answer_query(Reply::Closed).reply(Reply::NotFound);
    till.expect_state(PaymentState::Confirming);
    till.pass(expired);
    till.answer_query(Reply::NotFound);
    till.expect_state(PaymentState::Closed);
}

#[test]
fn a_lost_creation_that_nobody_has_seen_is_closed_once_it_can_no_longer_arrive() {
    for restarted in [false, true] {
        let mut till = Till::qr(HUISHOUYIN);
        till.no_answer();
        till.expect_send(Operation::Close);
        if restarted {
            till.restart();
            till.reply(Reply::NotFound);
        } else {
            till.reply(Reply::NotFound);
            till.answer_query(Reply::NotFound);
        }
        assert_ne!(till.state(), PaymentState::Closed);
        till.pass(Timing::COMMON.landing_horizon_ms);
        till.answer_until_state(PaymentState::Closed, Some(Reply::NotFound));
        assert!(till.now.0 < 1_000_000 + HUISHOUYIN.timing.qr_life_ms);
    }
    // One that was shown may be paid as long as it lives.
    let mut till = Till::closing(HUISHOUYIN);
    till.reply(Reply::NotFound);
    till.pass(2 * Timing::COMMON.landing_horizon_ms);
    till.answer_query(Reply::NotFound);
    assert_ne!(till.state(), PaymentState::Closed);
}

#[test]
fn a_detail_call_closes_nothing() {
    let mut till = Till::closing(HUISHOUYIN);
    till.no_answer();
    till.pass(3 * 3_600_000);
    till.answer_query(Reply::LooksPaid);
    till.expect_send(Operation::Detail);
    till.reply(Reply::NotFound);
    assert_ne!(till.state(), PaymentState::Closed);
}

#[test]
fn a_close_that_goes_nowhere_needs_attention_and_goes_on() {
    let mut till = Till::closing(TENCENT);
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.expect_attention(Reason::Unresolved);
    till.answer_query(Reply::Waiting);
    till.expect_send(Operation::Close);
    till.no_answer();
    till.expect_attention(Reason::Unresolved);
}

#[test]
fn a_gateway_without_close_needs_attention_and_is_never_asked_to_close() {
    let mut till = Till::shown_qr(Rules { close: false, ..TENCENT });
    till.answer_until_state(PaymentState::NeedsAttention, Some(Reply::Waiting));
    till.expect_attention(Reason::CannotClose);
    for _ in 0..5 {
        till.answer_query(Reply::Waiting);
        till.expect_attention(Reason::CannotClose);
        assert!(matches!(till.effect, Effect::WaitUntil(_)));
    }
    till.answer_query(paid());
    till.expect_state(PaymentState::Paid);
}

#[test]
fn a_taken_number_is_never_closed() {
    let mut till = Till::qr(TENCENT);
    till.reply(Reply::NumberTaken);
    till.expect_attention(Reason::NumberTaken);
    for _ in 0..5 {
        till.answer_query(Reply::Waiting);
        till.expect_attention(Reason::NumberTaken);
        assert!(matches!(till.effect, Effect::WaitUntil(_)));
    }
    till.answer_query(paid());
    till.expect_state(PaymentState::Paid);
}
