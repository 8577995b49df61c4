//! Showing: only proof ends it; the deadline and a cancel close it, after an answered query.

use paywand::{
    Amount, Currency, Evidence, FollowUp, PaymentState, Reason,
    gateway::GatewayKind::{Huishouyin, TencentCpay},
};
use paywand_e2e::{SHOWING, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan};

use crate::{cancel, closes, ends, idle, never, never_was, patient, rule, shown, till, till_with, unpaid_and_closed};

#[test]
fn a_payment_is_paid_and_the_qr_is_gone() {
    for kind in SHOWING {
        let till = till_with(Plan::new().customer(Customer::PaysAfter { queries: 2 }), patient);
        let payment = shown(&till, kind);
        let paid = ends(&till, &payment, PaymentState::Paid);
        let evidence = if kind == TencentCpay { Evidence::Signature } else { Evidence::Order };
        assert_eq!((paid.evidence, paid.received), (Some(evidence), Some(payment.amount)));
        assert_eq!((till.money(&payment), closes(&till), paid.cancel_too_late), (100, 0, false));
        assert_eq!(till.path(payment.id), [PaymentState::Charging, PaymentState::ShowingQr, PaymentState::Paid]);
        // The check carries no amount there: the detail call does.
        assert_eq!(till.count(Op::Detail), usize::from(kind == Huishouyin));
    }
}

#[test]
fn no_unclear_answer_to_a_query_is_an_end() {
    let lost =
        [Do::LostBefore, Do::LostAfter, Do::Http500, Do::Html, Do::CutJson, Do::CutJsonClean, Do::Empty, Do::Huge];
    let odd = [
        Do::Redirect,
        Do::NotFound,
        Do::UnknownState,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
        Do::OtherOrder,
        Do::Stranger { reused_only: false },
    ];
    let plan = |kind| {
        let unsigned = [Do::BadSignature, Do::NoSignature].into_iter().filter(move |_| kind == TencentCpay);
        lost.clone()
            .into_iter()
            .chain(odd.clone())
            .chain(unsigned)
            .fold(never(), |plan, what| plan.rule(rule(Op::Query, what)))
    };
    for kind in SHOWING {
        let plan = plan(kind);
        let asked = plan.rules.len() + 1;
        let till = till_with(plan, patient);
        let payment = shown(&till, kind);
        till.wait_calls(asked);
        assert_eq!(till.payment(payment.id).state, PaymentState::ShowingQr, "{:#?}", till.history(payment.id));
        till.customer_pays(&payment);
        ends(&till, &payment, PaymentState::Paid);
        assert_eq!(till.path(payment.id), [PaymentState::Charging, PaymentState::ShowingQr, PaymentState::Paid]);
    }
}

#[test]
fn a_customer_s_failed_attempt_is_no_end() {
    for kind in SHOWING {
        let till = till_with(Plan::new().customer(Customer::Declines { at_once: false }), patient);
        let payment = shown(&till, kind);
        till.wait_calls(4);
        assert!(till.calls().iter().any(|call| call.effect == "attempt_failed"));
        assert_eq!(till.payment(payment.id).state, PaymentState::ShowingQr);
        till.customer_pays(&payment);
        ends(&till, &payment, PaymentState::Paid);
    }
}

#[test]
fn another_qr_than_the_order_s_is_taken_off_and_closed() {
    // The creation was answered with somebody else's QR; that answer names no order.
    let till = till_with(never().rule(rule(Op::Create, Do::Stranger { reused_only: false })), |timing| {
        patient(timing);
        timing.first_query_ms = Some(2_000);
    });
    let payment = shown(&till, TencentCpay);
    assert!(payment.pay_url.is_some());
    assert_ne!(payment.pay_url, till.order(&payment).expect("it was made").qr);
    ends(&till, &payment, PaymentState::Closed);
    assert_eq!(till.ops(), [Op::Create, Op::Query, Op::Close, Op::Query]);
    unpaid_and_closed(&till, &payment);
}

#[test]
fn at_the_deadline_an_answered_last_query_leads_to_the_close() {
    for kind in SHOWING {
        let till = till(never());
        let payment = shown(&till, kind);
        let ended = ends(&till, &payment, PaymentState::Closed);
        assert!(ended.updated_at_ms - ended.created_at_ms >= 200, "{ended:#?}");
        assert_eq!(ended.follow_up, FollowUp::Watching);
        let ops = till.ops();
        let close = ops.iter().position(|op| *op == Op::Close).expect("it was closed");
        assert_eq!((ops[close - 1], closes(&till)), (Op::Query, 1), "{ops:?}");
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn without_an_answered_last_query_nothing_is_closed() {
    for kind in SHOWING {
        let till =
            till_with(never().rule(rule(Op::Query, Do::Http500).times(0)), |timing| timing.qr_deadline_ms = Some(40));
        let payment = shown(&till, kind);
        till.reaches(payment.id, PaymentState::Querying);
        till.wait_calls(till.calls().len() + 4);
        assert_eq!((closes(&till), till.payment(payment.id).state), (0, PaymentState::Querying));
        till.plan(never());
        ends(&till, &payment, PaymentState::Closed);
    }
}

#[test]
fn a_cancel_asks_once_more_and_closes() {
    for kind in SHOWING {
        let till = till_with(never(), idle);
        let payment = shown(&till, kind);
        let cancelled = cancel(&till, &payment);
        assert_eq!((cancelled.state, cancelled.pay_url), (PaymentState::Querying, None));
        let ended = ends(&till, &payment, PaymentState::Closed);
        assert!(!ended.cancel_too_late);
        assert_eq!(till.ops(), [Op::Create, Op::Query, Op::Close, Op::Query]);
        unpaid_and_closed(&till, &payment);
    }
}

#[test]
fn a_cancel_after_the_customer_paid_is_paid_and_in_doubt_until_acknowledged() {
    for kind in SHOWING {
        let till = till_with(never(), idle);
        let payment = shown(&till, kind);
        till.customer_pays(&payment);
        cancel(&till, &payment);
        let paid = ends(&till, &payment, PaymentState::Paid);
        assert!(paid.cancel_too_late && paid.in_doubt());
        assert_eq!((closes(&till), till.money(&payment)), (0, 100));
        assert_eq!(till.terminal().in_doubt().expect("a list").len(), 1);
        let seen = wait_for(till.terminal().acknowledge(payment.id)).expect("it is acknowledged");
        assert!(seen.acknowledged && !seen.in_doubt());
        assert!(till.terminal().in_doubt().expect("a list").is_empty());
    }
}

#[test]
fn money_of_another_amount_needs_a_person() {
    let usd = "USD".parse::<Currency>().ok();
    let cny = |minor| Some(Amount::new(minor, Currency::CNY));
    for (kind, op, what, received) in [
        (TencentCpay, Op::Create, Do::OtherAmount, cny(101)),
        (TencentCpay, Op::Query, Do::OtherAmount, cny(101)),
        (TencentCpay, Op::Create, Do::OtherCurrency, usd.map(|usd| Amount::new(100, usd))),
        // /pay/check says paid; /pay/get says how much.
        (Huishouyin, Op::Detail, Do::OtherAmount, cny(101)),
    ] {
        let till = till_with(never().rule(rule(op, what.clone()).times(0)), idle);
        let payment = shown(&till, kind);
        till.customer_pays(&payment);
        wait_for(till.terminal().retry(payment.id)).expect("it is asked");
        let ended = ends(&till, &payment, PaymentState::NeedsAttention);
        assert_eq!((ended.reason, ended.evidence), (Some(Reason::AmountDiffers), None), "{kind:?} {what:?}");
        assert_eq!(ended.received, received, "{kind:?} {what:?}");
        assert_eq!(closes(&till), 0);
        never_was(&till, payment.id, PaymentState::Paid);
    }
}

#[test]
fn an_unclear_detail_is_asked_again_and_never_paid_by_itself() {
    let lost = [Do::LostAfter, Do::Http500, Do::Html, Do::CutJson, Do::NotFound, Do::OtherOrder, Do::UnknownState];
    let plan = lost.into_iter().fold(never(), |plan, what| plan.rule(rule(Op::Detail, what)));
    let details = plan.rules.len() + 1;
    let till = till_with(plan, patient);
    let payment = shown(&till, Huishouyin);
    till.customer_pays(&payment);
    let paid = ends(&till, &payment, PaymentState::Paid);
    assert_eq!((paid.received, till.count(Op::Detail)), (Some(payment.amount), details));
}

#[test]
fn success_that_does_not_verify_is_never_paid_and_never_closed() {
    let unverified = never().rule(rule(Op::Query, Do::BadSignature).times(0));
    let till = till_with(unverified, |timing| timing.qr_deadline_ms = Some(2_000));
    let payment = shown(&till, TencentCpay);
    till.customer_pays(&payment);
    let ended = ends(&till, &payment, PaymentState::NeedsAttention);
    assert_eq!((ended.reason, closes(&till)), (Some(Reason::SignatureFails), 0));
    never_was(&till, payment.id, PaymentState::Paid);
    // Three in a row: no new sale goes there.
    let refused = wait_for(till.terminal().create_qr(till.qr_request(TencentCpay))).expect_err("it is refused");
    assert_eq!((refused.code(), till.count(Op::Create)), ("gateway_unhealthy", 1));
    // Once it verifies, it is what it was all the time.
    till.plan(Plan::new());
    wait_for(till.terminal().retry(payment.id)).expect("it is asked");
    till.reaches(payment.id, PaymentState::Paid);
    shown(&till, TencentCpay);
}

#[test]
fn an_order_that_the_gateway_closed_by_itself_is_confirmed_and_closed() {
    let till = till_with(never(), |timing| {
        patient(timing);
        // Whole seconds are told: it is over at once.
        timing.qr_life_ms = Some(1);
    });
    let payment = shown(&till, TencentCpay);
    ends(&till, &payment, PaymentState::Closed);
    let path = [PaymentState::Charging, PaymentState::ShowingQr, PaymentState::Confirming, PaymentState::Closed];
    assert_eq!(till.path(payment.id), path);
    assert_eq!(till.ops(), [Op::Create, Op::Query, Op::Query]);
}
