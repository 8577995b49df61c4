//! Refunding: what was asked for, and what gives back money that came in against an end.

use super::*;

#[test]
fn an_accepted_refund_is_not_refunded_until_an_entry_proves_it() {
    let mut till = Till::refund(REFUNDS);
    till.reply(Reply::RefundAccepted);
    till.expect_state(PaymentState::Refunding);
    till.wait();
    till.expect_send(Operation::RefundQuery);
    till.reply(Reply::Waiting);
    till.expect_state(PaymentState::Refunding);
    till.wait();
    till.reply(refund_proved());
    till.expect_state(PaymentState::Refunded);
    till.expect_rest();
}

#[test]
fn a_refund_without_an_answer_is_asked_about_before_it_is_sent_again() {
    for lost in [Input::NoAnswer { number: 1 }, Input::Reply { number: 1, reply: Reply::Unproved("unreadable") }] {
        let mut till = Till::refund(REFUNDS);
        till.input(lost);
        till.expect_wait(REFUNDS.timing.first_query_ms);
        till.wait();
        till.expect_send(Operation::RefundQuery);
        till.reply(Reply::NotFound);
        till.wait();
        till.expect_send(Operation::Refund);
        till.reply(Reply::RefundAccepted);
        till.expect_state(PaymentState::Refunding);
    }
}

#[test]
fn where_numbers_may_not_be_sent_again_a_refund_that_is_not_found_is_repeated_only_when_it_can_no_longer_arrive() {
    let rules = Rules { refund_repeats: false, ..REFUNDS };
    let mut till = Till::refund(rules);
    till.no_answer();
    let lost_at = till.now;
    loop {
        till.wait();
        if till.effect == Effect::Send(Operation::Refund) {
            break;
        }
        till.expect_send(Operation::RefundQuery);
        till.reply(Reply::NotFound);
    }
    assert!(till.now.0 - lost_at.0 >= rules.timing.landing_horizon_ms);
}

#[test]
fn a_refund_that_the_gateway_has_had_is_never_sent_again_where_numbers_may_not_be() {
    let rules = Rules { refund_repeats: false, ..REFUNDS };
    // Accepted at once, or seen by a question after a lost answer.
    let mut accepted = Till::refund(rules);
    accepted.reply(Reply::RefundAccepted);
    let mut seen = Till::refund(rules);
    seen.no_answer();
    seen.wait();
    seen.reply(Reply::Waiting);
    for mut till in [accepted, seen] {
        till.pass(rules.timing.landing_horizon_ms);
        while till.view().state == PaymentState::Refunding {
            till.wait();
            till.expect_send(Operation::RefundQuery);
            till.reply(Reply::NotFound);
        }
        till.expect_attention(Reason::Unresolved);
        for _ in 0..3 {
            till.wait();
            till.expect_send(Operation::RefundQuery);
            till.reply(Reply::NotFound);
        }
    }
}

#[test]
fn a_refund_that_was_seen_is_not_called_unknown_after_a_restart() {
    let mut till = Till::refund(Rules { refund_repeats: false, ..REFUNDS });
    till.restart();
    till.expect_send(Operation::RefundQuery);
    till.reply(Reply::Waiting);
    till.pass(REFUNDS.timing.landing_horizon_ms);
    till.wait();
    till.reply(Reply::NotFound);
    till.expect_state(PaymentState::Refunding);
    till.wait();
    till.expect_send(Operation::RefundQuery);
}

#[test]
fn another_sum_in_a_payment_s_own_refund_is_for_a_person_to_give_back() {
    for asked in [false, true] {
        let mut till = Till::charge(REFUNDS);
        till.answer_until_state(PaymentState::Reversed, Some(Reply::Reversed));
        till.wait();
        till.reply(paid());
        till.expect_send(Operation::Refund);
        if asked {
            till.reply(Reply::RefundAccepted);
            till.wait();
            till.expect_send(Operation::RefundQuery);
        }
        till.reply(paid_other());
        till.expect_attention(Reason::RefundByHand);
        till.expect_rest();
    }
}

#[test]
fn a_refund_that_cannot_be_asked_about_waits_for_a_person() {
    let rules = Rules { refund_query: false, refund_repeats: false, ..REFUNDS };
    for reply in [None, Some(Reply::RefundAccepted), Some(Reply::Waiting)] {
        let mut till = Till::refund(rules);
        match reply {
            Some(reply) => till.reply(reply),
            None => till.no_answer(),
        };
        till.expect_attention(Reason::RefundUnconfirmed);
        till.expect_rest();
        till.restart();
        till.expect_attention(Reason::RefundUnconfirmed);
        till.settle(true).unwrap();
        till.expect_state(PaymentState::SettledPaid);
        till.expect_rest();
    }
}

#[test]
fn a_refund_fails_only_when_it_was_turned_away_as_the_only_send_or_is_said_to_have_failed() {
    let mut refused_once = Till::refund(REFUNDS);
    refused_once.reply(refused());
    refused_once.expect_failed(Reason::Refused);
    let mut refused_later = Till::refund(REFUNDS);
    refused_later.no_answer();
    refused_later.wait();
    refused_later.reply(Reply::NotFound);
    refused_later.wait();
    refused_later.reply(refused());
    refused_later.expect_state(PaymentState::Refunding);
    let mut failed = Till::refund(REFUNDS);
    failed.reply(Reply::RefundAccepted);
    failed.wait();
    failed.reply(refund_failed());
    failed.expect_failed(Reason::RefundFailed);
    assert_eq!(failed.view().gateway_code.as_deref(), Some("FAIL"));
    let mut not_sent = Till::refund(REFUNDS);
    while not_sent.state() == PaymentState::Refunding {
        not_sent.not_sent();
        if matches!(not_sent.effect, Effect::WaitUntil(_)) {
            not_sent.wait();
        }
    }
    not_sent.expect_failed(Reason::NotSent);
}

#[test]
fn a_refund_that_the_wallet_cannot_pay_out_needs_a_person_and_is_asked_about_on() {
    let mut till = Till::refund(REFUNDS);
    till.reply(Reply::RefundAccepted);
    till.wait();
    till.reply(Reply::RefundChanged);
    till.expect_attention(Reason::RefundChanged);
    till.wait();
    till.expect_send(Operation::RefundQuery);
    till.reply(refund_proved());
    till.expect_state(PaymentState::Refunded);
}

#[test]
fn an_accepted_refund_may_take_days_and_an_unclear_one_needs_a_person_after_a_quarter_of_an_hour() {
    let mut accepted = Till::refund(REFUNDS);
    accepted.reply(Reply::RefundAccepted);
    let from = accepted.now;
    let mut asked = 0;
    while accepted.state() == PaymentState::Refunding {
        accepted.wait();
        if accepted.effect == Effect::Send(Operation::RefundQuery) {
            accepted.reply(Reply::Waiting);
            asked += 1;
        }
    }
    assert!((130..160).contains(&asked), "asked {asked} times in three days");
    accepted.expect_attention(Reason::Unresolved);
    assert!(accepted.now.0 - from.0 >= 3 * 24 * 3_600_000);
    let mut unclear = Till::refund(REFUNDS);
    unclear.no_answer();
    let from = unclear.now;
    unclear.answer_until_state(PaymentState::NeedsAttention, None);
    unclear.expect_attention(Reason::Unresolved);
    assert!(unclear.now.0 - from.0 >= REFUNDS.timing.attention_after_ms);
}

#[test]
fn after_a_restart_a_refund_that_may_have_left_is_asked_about_and_one_that_has_not_is_sent() {
    let mut sent = Till::refund(REFUNDS);
    sent.restart();
    sent.expect_send(Operation::RefundQuery);
    let mut waiting = Till::refund(REFUNDS);
    waiting.not_sent();
    waiting.restart();
    waiting.expect_send(Operation::Refund);
}

/// A refund that got no answer, sent again while a person is asked.
fn refunding_in_attention() -> Till {
    let mut till = Till::refund(REFUNDS);
    till.no_answer();
    till.answer_until_state(PaymentState::NeedsAttention, None);
    till.wait();
    till.expect_send(Operation::RefundQuery);
    till.reply(Reply::NotFound);
    // The one that was asked about.
    till.wait();
    till.reply(Reply::NotFound);
    till.expect_send(Operation::Refund);
    till
}

#[test]
fn a_person_settles_a_refund_only_after_a_question_since_it_left() {
    let mut till = refunding_in_attention();
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.no_answer();
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.wait();
    till.expect_send(Operation::RefundQuery);
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.reply(Reply::Waiting);
    assert_eq!(till.settle(false), Ok(()));
    till.expect_state(PaymentState::SettledNotPaid);
    till.expect_rest();
}

#[test]
fn a_refund_about_which_no_answer_can_be_read_is_settled_when_it_can_no_longer_arrive() {
    let mut till = refunding_in_attention();
    till.no_answer();
    let landed = till.now.after(5 * 60_000);
    while till.now < landed {
        assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
        till.wait();
        till.expect_send(Operation::RefundQuery);
        assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight), "a question is out");
        till.reply(Reply::Unproved("a field was renamed"));
    }
    let mut restarted = Till { flow: till.flow.clone(), ..till };
    assert_eq!(till.settle(false), Ok(()));
    till.expect_state(PaymentState::SettledNotPaid);
    // Ages begin anew.
    restarted.restart();
    restarted.pass(5 * 60_000 - 1);
    assert_eq!(restarted.settle(false), Err(Refusal::ReverseInFlight));
    restarted.pass(1);
    assert_eq!(restarted.settle(false), Ok(()));
}

#[test]
fn a_refund_that_is_never_there_can_be_settled_between_its_repeats() {
    let mut till = Till::refund(REFUNDS);
    till.no_answer();
    let mut repeats = 0;
    while repeats < 3 {
        if till.state() == PaymentState::NeedsAttention && till.effect == Effect::Send(Operation::Refund) {
            repeats += 1;
        }
        match till.effect {
            Effect::Send(Operation::RefundQuery) => drop(till.reply(Reply::NotFound)),
            // Turned away, which proves nothing of the first.
            Effect::Send(_) => drop(till.reply(refused())),
            _ => drop(till.wait()),
        }
    }
    till.wait();
    assert_eq!(till.settle(false), Err(Refusal::ReverseInFlight));
    till.reply(Reply::NotFound);
    assert_eq!(till.settle(false), Ok(()));
    till.expect_state(PaymentState::SettledNotPaid);
}

#[test]
fn money_that_comes_in_after_a_reverse_is_refunded_by_itself() {
    let mut till = Till::giving_back(REFUNDS);
    till.expect_send(Operation::Refund);
    till.reply(Reply::RefundAccepted);
    till.wait();
    till.expect_send(Operation::RefundQuery);
    till.reply(refund_proved());
    till.expect_state(PaymentState::Refunded);
}

#[test]
fn late_money_at_a_watched_end_is_refunded_and_reported_as_contradicted() {
    let mut till = Till::reversing(REFUNDS);
    till.reply(Reply::ReverseDone).reply(Reply::Reversed);
    till.expect_state(PaymentState::Reversed);
    till.answer_query(paid());
    till.expect_state(PaymentState::Refunding);
    assert!(till.view().contradicted);
    till.expect_send(Operation::Refund);
}

#[test]
fn what_a_gateway_gives_back_is_asked_for_first_where_only_a_detail_call_tells() {
    let mut till = Till::giving_back(Rules { detail: true, ..REFUNDS });
    till.expect_send(Operation::Detail);
    till.reply(Reply::Unproved("unreadable"));
    till.wait();
    till.expect_send(Operation::Detail);
    till.reply(paid());
    till.expect_send(Operation::Refund);
}

#[test]
fn a_refund_by_itself_that_fails_or_is_turned_away_is_a_persons() {
    for reply in [refused(), refund_failed()] {
        let mut till = Till::giving_back(REFUNDS);
        till.reply(reply);
        till.expect_attention(Reason::RefundByHand);
        assert!(till.view().gateway_code.is_some());
        till.expect_rest();
        till.restart();
        till.expect_attention(Reason::RefundByHand);
        till.expect_rest();
    }
}

#[test]
fn a_payment_that_was_undone_already_is_confirmed_not_refunded_and_never_in_a_hurry() {
    let mut till = Till::giving_back(REFUNDS);
    till.reply(Reply::Reversed);
    till.expect_state(PaymentState::Confirming);
    till.wait();
    till.expect_send(Operation::Query);
    till.reply(Reply::Reversed);
    till.expect_state(PaymentState::Reversed);
    // A gateway that says "paid" and "reversed" for ever costs a person's look, not a storm.
    let mut torn = Till::giving_back(REFUNDS);
    let mut sends = 0;
    while torn.state() != PaymentState::NeedsAttention {
        match torn.effect {
            Effect::Send(Operation::Query) => torn.reply(paid()),
            Effect::Send(Operation::RefundQuery) => torn.reply(Reply::NotFound),
            Effect::Send(_) => torn.reply(Reply::Reversed),
            _ => {
                torn.wait();
                continue;
            }
        };
        sends += 1;
        assert!(sends < 100, "{:?}", torn.flow);
    }
    torn.expect_attention(Reason::Unresolved);
}

#[test]
fn a_refund_that_others_made_first_stays_with_a_person_who_can_settle_it() {
    let mut till = Till::giving_back(REFUNDS);
    let answer = |till: &mut Till| match till.effect {
        Effect::Send(Operation::Query) => _ = till.reply(Reply::ReturnedElsewhere),
        Effect::Send(Operation::RefundQuery) => _ = till.reply(Reply::NotFound),
        Effect::Send(_) => _ = till.reply(Reply::ReturnedInFull),
        _ => _ = till.wait(),
    };
    while till.state() != PaymentState::NeedsAttention {
        answer(&mut till);
    }
    let asked_at = till.now;
    let mut sends = 0;
    while till.now < asked_at.after(24 * 3_600_000) {
        sends += u32::from(matches!(till.effect, Effect::Send(_)));
        answer(&mut till);
        till.expect_attention(Reason::Unresolved);
    }
    assert!(sends < 100, "{sends}");
    while matches!(till.effect, Effect::Send(_)) {
        answer(&mut till);
    }
    till.flow.settle(false, till.now).unwrap();
    till.expect_state(PaymentState::SettledNotPaid);
}

#[test]
fn all_money_back_after_a_reverse_of_ours_is_reversed_and_else_other_hands_did_it() {
    let mut ours = Till::reversing(REFUNDS);
    ours.reply(Reply::ReverseDone).reply(Reply::ReturnedInFull);
    ours.expect_state(PaymentState::Reversed);
    let mut others = Till::lost_charge(REFUNDS);
    others.answer_query(Reply::ReturnedInFull);
    others.expect_attention(Reason::ReturnedElsewhere);
}

#[test]
fn under_a_number_that_was_taken_nothing_is_given_back_by_itself() {
    let mut till = Till::charge(Rules { cleans_failures: false, ..REFUNDS });
    till.reply(Reply::NumberTaken);
    till.flow.give_back(till.now);
    till.expect_attention(Reason::NumberTaken);
    assert!(!till.flow.memory.refund_left);
}

#[test]
fn a_taken_number_is_not_refunded_while_a_person_looks_either() {
    for detail in [false, true] {
        let mut till = Till::qr(Rules { refund: true, refund_query: true, detail, ..TENCENT });
        till.cancel().unwrap();
        till.reply(Reply::NumberTaken);
        till.wait();
        till.expect_send(Operation::Query);
        till.reply(paid());
        till.expect_attention(Reason::NumberTaken);
        till.expect_rest();
        till.restart();
        till.expect_attention(Reason::NumberTaken);
        till.expect_rest();
        till.settle(false).unwrap();
        till.expect_state(PaymentState::SettledNotPaid);
    }
}

#[test]
fn an_unresolved_refund_rests_where_the_gateway_no_longer_refunds() {
    let mut till = Till::giving_back(REFUNDS);
    till.not_sent();
    while till.state() != PaymentState::NeedsAttention {
        till.wait();
        till.not_sent();
    }
    till.expect_attention(Reason::Unresolved);
    till.flow.rules = BLUEOCEAN;
    till.restart();
    till.expect_attention(Reason::Unresolved);
    till.expect_rest();
}

#[test]
fn without_a_refund_operation_a_person_gives_it_back() {
    let mut till = Till::reversing(BLUEOCEAN);
    till.reply(Reply::ReverseDone).reply(paid());
    till.expect_attention(Reason::RefundByHand);
    // Nor does a later release that could: a person may have done it.
    till.flow.rules = REFUNDS;
    till.restart();
    till.expect_attention(Reason::RefundByHand);
    till.expect_rest();
}

#[test]
fn a_gateway_whose_calls_disagree_costs_a_persons_look_before_a_refund_was_sent_too() {
    let mut torn = Till::giving_back(Rules { detail: true, ..REFUNDS });
    let mut sends = 0;
    while torn.state() != PaymentState::NeedsAttention {
        match torn.effect {
            Effect::Send(Operation::Query) => torn.reply(Reply::LooksPaid),
            Effect::Send(_) => torn.reply(Reply::ReturnedElsewhere),
            _ => {
                torn.wait();
                continue;
            }
        };
        sends += 1;
        assert!(sends < 100, "{:?}", torn.flow);
    }
    torn.expect_attention(Reason::Unresolved);
}

#[test]
fn a_refund_of_which_the_caller_may_have_been_told_that_it_did_not_begin_is_sent_by_a_person_only() {
    let mut till = Till::refund(REFUNDS);
    // The intent was committed, and nobody knows whether its caller ever heard so.
    till.restart();
    let from = till.now;
    while till.state() != PaymentState::NeedsAttention {
        till.expect_send(Operation::RefundQuery);
        till.reply(Reply::NotFound);
        if till.state() == PaymentState::Refunding {
            till.wait();
        }
    }
    till.expect_attention(Reason::NeverSeen);
    assert!(till.now.0 - from.0 >= REFUNDS.timing.landing_horizon_ms);
    // It is asked about on, and found if it left after all.
    till.wait();
    till.expect_send(Operation::RefundQuery);
    till.reply(Reply::NotFound);
    till.expect_attention(Reason::NeverSeen);
    let mut found = Till { flow: till.flow.clone(), ..till };
    found.wait();
    found.reply(refund_proved());
    found.expect_state(PaymentState::Refunded);
    // A person wants it.
    till.input(Input::RetryAsked);
    till.expect_send(Operation::Refund);
    till.no_answer();
    till.restart();
    till.reply(Reply::NotFound);
    till.wait();
    till.expect_send(Operation::Refund);
}

#[test]
fn a_refund_whose_first_send_ended_is_sent_again_after_a_restart() {
    let mut till = Till::refund(REFUNDS);
    till.no_answer();
    till.restart();
    till.expect_send(Operation::RefundQuery);
    till.reply(Reply::NotFound);
    till.wait();
    till.expect_send(Operation::Refund);
}

#[test]
fn money_under_a_number_that_was_taken_never_goes_back_by_itself() {
    for rules in [Rules { close: true, ..REFUNDS }, Rules { close: true, detail: true, ..REFUNDS }] {
        let mut till = Till::qr(rules);
        till.cancel().unwrap();
        till.reply(Reply::NumberTaken);
        till.expect_attention(Reason::NumberTaken);
        for _ in 0..20 {
            match till.effect {
                Effect::WaitUntil(_) => drop(till.wait()),
                Effect::Send(Operation::Query) => drop(till.reply(Reply::LooksPaid)),
                Effect::Send(Operation::Detail) => drop(till.reply(paid())),
                Effect::Send(op) => panic!("{op:?} of what may be another sale's"),
                Effect::Rest => break,
            }
        }
        till.expect_attention(Reason::NumberTaken);
        till.restart();
        till.expect_rest();
    }
}
