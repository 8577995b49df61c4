//! What is watched after the end, and where a restart finds each row.

use paywand::{FollowUp, PaymentState, QrRequest, Reason, gateway::GatewayKind::TencentCpay};
use paywand_e2e::{SHOWING, wait_for};
use paywand_sandbox::{Do, Op, Rule};

use crate::{
    NEVER_SHOWN, cancel, closes, ends, given_back, idle, never, never_was, rule, short_lived, shown, till, till_with,
    unpaid_and_closed,
};

#[test]
fn watching_finds_late_money_and_says_that_the_end_was_contradicted() {
    for kind in SHOWING {
        let till = till_with(never(), |timing| {
            idle(timing);
            timing.watch_ms = Some(100);
        });
        let payment = shown(&till, kind);
        cancel(&till, &payment);
        let closed = ends(&till, &payment, PaymentState::Closed);
        assert_eq!((closed.follow_up, closed.contradicted, closed.in_doubt()), (FollowUp::Watching, false, false));
        till.customer_pays(&payment);
        let ended = till.reaches(payment.id, PaymentState::Refunded);
        assert_eq!((ended.reason, ended.contradicted), (None, true), "{kind:?}");
        given_back(&till, &payment);
        never_was(&till, payment.id, PaymentState::Paid);
        assert!(till.reports(payment.id).iter().any(|payment| payment.contradicted));
    }
}

#[test]
fn another_sum_in_the_refund_of_late_money_is_no_sum_that_came_in() {
    let lies = never().rule(Rule::new(Op::RefundQuery, Do::OtherAmount).times(0));
    let till = till_with(lies, |timing| {
        idle(timing);
        timing.watch_ms = Some(100);
    });
    let payment = shown(&till, TencentCpay);
    cancel(&till, &payment);
    ends(&till, &payment, PaymentState::Closed);
    till.customer_pays(&payment);
    let ended = till.reaches(payment.id, PaymentState::NeedsAttention);
    assert_eq!((ended.reason, ended.contradicted), (Some(Reason::RefundByHand), true));
    // The query that found the money names our sum; the refund's own says another.
    assert_eq!(ended.received, Some(payment.amount));
}

#[test]
fn watching_ends_after_its_queries_and_one_past_the_qr_s_life() {
    for kind in SHOWING {
        let till = till_with(never(), |timing| {
            idle(timing);
            short_lived(timing);
            timing.watch_ms = Some(5);
        });
        let payment = shown(&till, kind);
        cancel(&till, &payment);
        ends(&till, &payment, PaymentState::Closed);
        let before = till.count(Op::Query);
        assert!(before >= 2);
        let over = till.until(payment.id, |payment| payment.follow_up == FollowUp::None);
        assert_eq!((over.state, over.contradicted), (PaymentState::Closed, false));
        // Before the close, to confirm it, at three times, past its life.
        assert_eq!(till.count(Op::Query), 6, "{kind:?}");
        assert!(till.terminal().unfinished().expect("a list").is_empty());
    }
}

#[test]
fn recovered_creating_is_closed_and_never_shown() {
    for kind in SHOWING {
        let mut till = till(never().rule(rule(Op::Create, Do::Hang { effect: true })));
        let request = QrRequest { limit_ms: Some(0), ..till.qr_request(kind) };
        let payment = wait_for(till.terminal().create_qr(request)).expect("it is accepted");
        till.wait_gates(1);
        till.restart(|_| {});
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(till.path(payment.id), NEVER_SHOWN);
        assert_eq!(till.ops(), [Op::Create, Op::Close, Op::Query]);
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn recovered_between_repeats_nothing_is_created_again() {
    let mut till = till_with(never().rule(rule(Op::Create, Do::Repeat)), |timing| {
        short_lived(timing);
        timing.first_query_ms = Some(60_000);
    });
    let request = QrRequest { limit_ms: Some(0), ..till.qr_request(TencentCpay) };
    let payment = wait_for(till.terminal().create_qr(request)).expect("it is accepted");
    till.until(payment.id, |_| till.history(payment.id).len() == 2);
    till.restart(|_| {});
    ends(&till, &payment, PaymentState::Closed);
    assert_eq!(till.count(Op::Create), 1);
}

#[test]
fn recovered_showing_is_asked_once_and_closed() {
    for kind in SHOWING {
        let mut till = till_with(never(), idle);
        let payment = shown(&till, kind);
        till.restart(|_| {});
        till.until(payment.id, |payment| payment.state != PaymentState::ShowingQr);
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(till.ops(), [Op::Create, Op::Query, Op::Close, Op::Query]);
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn once_it_is_open_again_nobody_reads_a_state_of_the_last_run() {
    for kind in SHOWING {
        let mut till = till_with(never(), idle);
        let payment = shown(&till, kind);
        till.restart(|_| {});
        let read = till.payment(payment.id);
        assert_ne!(read.state, PaymentState::ShowingQr, "{kind:?}");
        assert_eq!(read.pay_url, None, "{kind:?}");
    }
}

#[test]
fn recovered_showing_finds_what_was_paid_meanwhile() {
    for kind in SHOWING {
        let mut till = till_with(never(), idle);
        let payment = shown(&till, kind);
        till.close();
        till.customer_pays(&payment);
        till.open().expect("it opens again");
        ends(&till, &payment, PaymentState::Paid);
        assert_eq!((closes(&till), till.money(&payment)), (0, 100));
    }
}

#[test]
fn recovered_closing_and_confirming_ask_before_they_do_more() {
    for (kind, op) in SHOWING.into_iter().flat_map(|kind| [(kind, Op::Close), (kind, Op::Query)]) {
        let mut till = till_with(never(), idle);
        let payment = shown(&till, kind);
        // Held: the close's answer, or that of the query which confirms it.
        let skip = u32::from(op == Op::Query);
        till.plan(never().rule(rule(op, Do::Hang { effect: true }).skip(skip)));
        cancel(&till, &payment);
        till.wait_gates(1);
        let state = if op == Op::Close { PaymentState::Closing } else { PaymentState::Confirming };
        assert_eq!(till.payment(payment.id).state, state);
        let before = till.ops().len();
        till.restart(|_| {});
        ends(&till, &payment, PaymentState::Closed);
        assert_eq!(till.ops()[before], Op::Query, "{kind:?} {op:?}");
        assert_eq!(closes(&till), 1);
    }
}
