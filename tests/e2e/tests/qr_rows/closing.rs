//! Closing and Confirming: until the gateway says closed, and once more; money that comes in between is never lost.

use paywand::{PaymentState, Reason, gateway::GatewayKind::Huishouyin};
use paywand_e2e::SHOWING;
use paywand_sandbox::{After, Customer, Do, Op, Plan};

use crate::{
    cancel, closes, ends, given_back, idle, never, never_was, rule, short_lived, shown, till, till_with,
    unpaid_and_closed,
};

#[test]
fn closing_goes_on_until_the_gateway_says_closed() {
    let unclear = [
        Do::LostBefore,
        Do::Http500,
        Do::Html,
        Do::Redirect,
        Do::ReverseAgain,
        Do::Refused { code: None },
        Do::Busy { effect: false },
        Do::UnknownCode { effect: false },
    ];
    for kind in SHOWING {
        let plan = unclear.iter().fold(never(), |plan, what| plan.rule(rule(Op::Close, what.clone())));
        let till = till_with(plan, |timing| timing.qr_deadline_ms = Some(40));
        let payment = shown(&till, kind);
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(closes(&till), unclear.len() + 1, "{kind:?}");
        // A query comes before each repeat.
        let ops = till.ops();
        assert!(ops.windows(2).all(|pair| pair != [Op::Close, Op::Close]), "{ops:?}");
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn closing_a_lost_answer_is_found_closed_by_the_query() {
    let lost = [Do::LostAfter, Do::Http500After, Do::HtmlAfter, Do::CutJson, Do::Empty, Do::Busy { effect: true }];
    for (kind, what) in lost.iter().flat_map(|what| SHOWING.map(|kind| (kind, what.clone()))) {
        let till = till_with(never().rule(rule(Op::Close, what.clone())), idle);
        let payment = shown(&till, kind);
        cancel(&till, &payment);
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(closes(&till), 1, "{kind:?} {what:?}");
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn closing_a_stranger_s_done_is_no_proof() {
    let till = till_with(never().rule(rule(Op::Close, Do::OtherOrder)), idle);
    let payment = shown(&till, Huishouyin);
    cancel(&till, &payment);
    ends(&till, &payment, PaymentState::Closed);
    // The answer named another order; the query says what became of ours.
    let reply = till.history(payment.id).into_iter().find(|line| line.contains(r#""op":"close""#));
    assert!(reply.expect("it was answered").contains("unproved"), "{:#?}", till.history(payment.id));
}

#[test]
fn closing_a_payment_that_came_first_is_paid_where_no_cancel_was_asked() {
    for kind in SHOWING {
        let till = till(Plan::new().customer(Customer::PaysDuringReverse));
        let payment = shown(&till, kind);
        let paid = ends(&till, &payment, PaymentState::Paid);
        assert_eq!((paid.received, paid.cancel_too_late), (Some(payment.amount), false));
        assert_eq!((closes(&till), till.money(&payment)), (1, 100));
        assert!(till.path(payment.id).contains(&PaymentState::Closing));
    }
}

#[test]
fn closing_a_payment_that_came_after_a_cancel_is_given_back() {
    for kind in SHOWING {
        let till = till_with(Plan::new().customer(Customer::PaysDuringReverse), idle);
        let payment = shown(&till, kind);
        cancel(&till, &payment);
        let ended = ends(&till, &payment, PaymentState::Refunded);
        assert_eq!((ended.reason, ended.contradicted), (None, false), "{kind:?}");
        given_back(&till, &payment);
        never_was(&till, payment.id, PaymentState::Paid);
    }
}

#[test]
fn closing_a_cancel_asked_meanwhile_counts() {
    for kind in SHOWING {
        // Each close is refused until the customer pays.
        let mut till = till_with(never().rule(rule(Op::Close, Do::ReverseAgain).times(0)), |timing| {
            timing.qr_deadline_ms = Some(40);
            timing.close_retry_ms = Some(60_000);
        });
        let payment = shown(&till, kind);
        till.reaches(payment.id, PaymentState::Closing);
        till.until(payment.id, |_| till.ops().ends_with(&[Op::Close, Op::Query]));
        assert_eq!(cancel(&till, &payment).state, PaymentState::Closing);
        till.customer_pays(&payment);
        till.restart(|_| {});
        let ended = till.settled(payment.id);
        assert_eq!((ended.state, ended.reason), (PaymentState::Refunded, None), "{kind:?}");
        given_back(&till, &payment);
    }
}

#[test]
fn confirming_money_seen_after_a_proved_close_is_given_back() {
    for kind in SHOWING {
        let till = till(Plan::new().customer(Customer::PaysLate { after: After::Close }));
        let payment = shown(&till, kind);
        let ended = ends(&till, &payment, PaymentState::Refunded);
        assert_eq!((ended.reason, ended.contradicted), (None, false), "{kind:?}");
        assert!(till.path(payment.id).contains(&PaymentState::Confirming));
        given_back(&till, &payment);
        never_was(&till, payment.id, PaymentState::Paid);
        never_was(&till, payment.id, PaymentState::Closed);
    }
}

#[test]
fn confirming_asks_until_it_is_answered() {
    let unclear = [Do::LostAfter, Do::Http500, Do::Html, Do::NotFound, Do::UnknownState, Do::Busy { effect: true }];
    for kind in SHOWING {
        let till = till_with(never(), |timing| {
            idle(timing);
            timing.reverse_retry_ms = Some(2);
        });
        let payment = shown(&till, kind);
        // The query before the close goes well.
        till.plan(
            unclear.iter().enumerate().fold(never(), |plan, (place, what)| {
                plan.rule(rule(Op::Query, what.clone()).skip(u32::from(place == 0)))
            }),
        );
        cancel(&till, &payment);
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!((closes(&till), till.count(Op::Query)), (1, unclear.len() + 2), "{kind:?}");
    }
}

#[test]
fn confirming_not_found_counts_as_closed_only_when_it_can_no_longer_be_paid() {
    for kind in SHOWING {
        let till = till_with(never(), |timing| {
            idle(timing);
            short_lived(timing);
            timing.reverse_retry_ms = Some(20);
        });
        let payment = shown(&till, kind);
        till.plan(never().rule(rule(Op::Query, Do::NotFound).times(0)));
        cancel(&till, &payment);
        let ended = ends(&till, &payment, PaymentState::Closed);
        assert!(ended.updated_at_ms - ended.created_at_ms >= 300, "{kind:?} {ended:#?}");
        assert!(till.path(payment.id).contains(&PaymentState::Confirming));
    }
}

#[test]
fn undecided_for_too_long_a_person_is_asked_and_the_work_goes_on() {
    // The last query, the close, the query that confirms it: none is ever answered.
    let stuck = [
        (Op::Query, 0, PaymentState::Querying),
        (Op::Close, 0, PaymentState::Closing),
        (Op::Query, 1, PaymentState::Confirming),
    ];
    for (kind, (op, skip, state)) in SHOWING.into_iter().flat_map(|kind| stuck.map(|stuck| (kind, stuck))) {
        let till = till_with(never(), |timing| {
            idle(timing);
            timing.attention_after_ms = Some(60);
            timing.reverse_retry_ms = Some(1);
        });
        let payment = shown(&till, kind);
        till.plan(never().rule(rule(op, Do::Http500).times(0).skip(skip)));
        cancel(&till, &payment);
        let ended = ends(&till, &payment, PaymentState::NeedsAttention);
        assert_eq!(ended.reason, Some(Reason::Unresolved), "{kind:?} {op:?} {skip}");
        assert!(till.path(payment.id).contains(&state), "{:#?}", till.history(payment.id));
        till.plan(never());
        till.reaches(payment.id, PaymentState::Closed);
        unpaid_and_closed(&till, &payment);
    }
}
