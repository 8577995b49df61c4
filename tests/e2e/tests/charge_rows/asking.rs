//! Charging and Querying: what leads where, and what does not.

use paywand::{Amount, PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{CHARGING, Till, between, pairs, side_by_side};
use paywand_sandbox::{Customer, Do, Op, OrderState, Plan, Rule};

const ASKING: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];
const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn charge(what: Do) -> Rule {
    Rule::new(Op::Charge, what)
}

fn query(what: Do) -> Rule {
    Rule::new(Op::Query, what)
}

#[test]
fn charging_paid_is_paid_and_nothing_is_asked() {
    for kind in CHARGING {
        let till = Till::new();
        let payment = till.charge(kind);
        assert_eq!(payment.state, PaymentState::Paid);
        assert_eq!((till.calls().len(), till.count(Op::Charge)), (1, 1));
        till.assert_true(&payment);
    }
}

#[test]
fn charging_refused_is_failed_and_nothing_is_asked() {
    for kind in [GatewayKind::MaxfunDevice, KIND] {
        let till = Till::planned(Plan::new().customer(Customer::Declines { at_once: true }));
        let payment = till.charge(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::Refused)));
        assert_eq!(till.calls().len(), 1);
        till.assert_true(&payment);
    }
}

#[test]
fn charging_not_sent_is_tried_again_within_the_connect_time_then_failed() {
    for kind in CHARGING {
        let till = Till::with(|config| {
            let gateway = Till::gateway(config, kind);
            gateway.base_url = "https://localhost:9".to_owned();
            gateway.timing.connect_ms = Some(2_000);
        });
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)));
        let tries = till.history(payment.id).iter().filter(|line| line.contains("not_sent")).count();
        assert!((2..=6).contains(&tries), "{:#?}", till.history(payment.id));
    }
}

#[test]
fn charging_paid_other_needs_a_person_and_is_not_undone() {
    for kind in ASKING {
        let till = Till::planned(Plan::new().rule(charge(Do::OtherAmount)));
        let payment = till.charge(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::AmountDiffers)));
        assert_eq!(payment.received, Some(Amount::new(101, payment.amount.currency)));
        assert_eq!((till.calls().len(), till.money(&payment)), (1, 101));
    }
}

#[test]
fn charging_anything_else_leads_to_a_query() {
    // The money moved, and the answer is no proof of it.
    let answers =
        [Do::LostAfter, Do::HtmlAfter, Do::Busy { effect: true }, Do::UnknownCode { effect: true }, Do::BadSignature];
    side_by_side(pairs(&ASKING, &answers), |(kind, what)| {
        let till = Till::planned(Plan::new().rule(charge(what)));
        let payment = till.begin_charge(kind);
        let payment = till.until(payment.id, |payment| payment.state != PaymentState::Charging);
        assert_eq!(payment.state, PaymentState::Querying, "{}", till.story(&payment));
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        assert_eq!(till.ops_of(&payment), [Op::Charge, Op::Query]);
        till.assert_true(&payment);
    });
}

#[test]
fn querying_paid_is_paid() {
    for kind in ASKING {
        let till = Till::timed(kind, |timing| timing.deadline_ms = Some(10_000));
        till.plan(Plan::new().customer(Customer::PaysAfter { queries: 2 }));
        let payment = till.charge(kind);
        assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        assert_eq!(till.ops_of(&payment), [Op::Charge, Op::Query, Op::Query, Op::Query]);
        till.assert_true(&payment);
    }
}

#[test]
fn querying_not_paid_counts_from_the_least_reverse_age_on() {
    side_by_side(ASKING, |kind| {
        // The first queries come long before that age.
        let till = Till::timed(kind, |timing| {
            (timing.first_query_ms, timing.interval_ms) = (Some(20), Some(20));
            timing.min_reverse_age_ms = Some(300);
        });
        till.plan(Plan::new().customer(Customer::Declines { at_once: false }));
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotPaid)));
        assert_eq!(payment.gateway_code.as_deref(), Some("PAYERROR"));
        let calls = till.calls_of(&payment);
        let proof = calls.iter().rposition(|call| call.op == Some(Op::Query)).expect("it asked");
        assert!(proof > 1, "an earlier one was not believed\n{}", till.story(&payment));
        assert!(between(&calls, 0, proof) >= 300, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn querying_not_paid_without_a_signature_is_no_end() {
    let till = Till::timed(KIND, |timing| timing.attention_after_ms = Some(500));
    let unsigned = query(Do::NoSignature).times(0);
    till.plan(Plan::new().customer(Customer::Declines { at_once: false }).rule(unsigned));
    let payment = till.charge_to_end(KIND);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::Unresolved)));
    assert_eq!(till.count(Op::Reverse), 0, "{}", till.story(&payment));
}

#[test]
fn querying_a_bad_answer_is_asked_again() {
    let answers = [Do::LostAfter, Do::Http500, Do::Html, Do::CutJson, Do::NotFound, Do::BadSignature, Do::UnknownState];
    side_by_side(pairs(&ASKING, &answers), |(kind, what)| {
        let till = Till::planned(Plan::new().rule(charge(Do::LostAfter)).rule(query(what.clone())));
        let payment = till.charge(kind);
        assert_eq!(payment.state, PaymentState::Paid, "{what:?} {}", till.story(&payment));
        assert_eq!(till.ops_of(&payment), [Op::Charge, Op::Query, Op::Query], "{what:?}");
        till.assert_true(&payment);
    });
}

#[test]
fn querying_reverses_only_after_an_answered_query_that_was_sent_since_the_deadline() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| {
            (timing.first_query_ms, timing.interval_ms, timing.deadline_ms) = (Some(20), Some(20), Some(1_000));
        });
        // The first is answered before the deadline, the next ones not at all, until long after it.
        let lost = query(Do::LostAfter).skip(1).times(60);
        till.plan(Plan::new().customer(Customer::Never).rule(lost));
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
        let calls = till.calls_of(&payment);
        let reverse = calls.iter().position(|call| call.op == Some(Op::Reverse)).expect("it reversed");
        assert_eq!(reverse, 1 + 1 + 60 + 1, "{}", till.story(&payment));
        assert_eq!(calls[reverse - 1].outcome, "waiting");
        assert!(between(&calls, 0, reverse - 1) >= 1_000, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn querying_what_may_be_paid_unverified_is_never_reversed_and_a_person_is_asked() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| timing.reverse_retry_ms = Some(5));
        till.plan(Plan::new().rule(charge(Do::LostAfter)).rule(query(Do::BadSignature).times(0)));
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.reason, Some(Reason::SignatureFails), "{}", till.story(&payment));
        let asked = till.count(Op::Query);
        till.wait_calls(1 + asked + 1);
        till.plan(Plan::new());
        let payment = till.through(payment.id);
        assert_eq!(payment.state, PaymentState::Paid, "asking went on\n{}", till.story(&payment));
        assert_eq!(till.count(Op::Reverse), 0);
        till.assert_true(&payment);
    });
}

#[test]
fn querying_without_a_readable_answer_asks_a_person_after_a_while_and_goes_on() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| {
            (timing.attention_after_ms, timing.reverse_retry_ms) = (Some(600), Some(5));
        });
        till.plan(Plan::new().rule(charge(Do::LostAfter)).rule(query(Do::Busy { effect: true }).times(0)));
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::Unresolved)));
        assert_eq!(till.count(Op::Reverse), 0, "busy is no answer\n{}", till.story(&payment));
        till.plan(Plan::new());
        assert_eq!(till.through(payment.id).state, PaymentState::Paid);
    });
}

#[test]
fn an_order_that_no_one_ever_saw_is_said_so() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| timing.landing_horizon_ms = Some(500));
        till.plan(Plan::new().rule(charge(Do::LostBefore)));
        let payment = till.charge_to_end(kind);
        let told = (payment.state, payment.reason);
        assert_eq!(told, (PaymentState::NeedsAttention, Some(Reason::NeverSeen)), "{}", till.story(&payment));
        let calls = till.calls_of(&payment);
        assert!(calls.iter().any(|call| call.op == Some(Op::Reverse)), "{}", till.story(&payment));
        assert!(between(&calls, 0, calls.len() - 1) >= 500, "{}", till.story(&payment));
        assert_eq!(till.order_of(&payment), None);
    });
}

#[test]
fn a_charge_that_lands_late_is_found() {
    // Nobody knows the order at first; then it is there.
    let till = Till::timed(KIND, |timing| timing.deadline_ms = Some(10_000));
    till.plan(Plan::new().rule(charge(Do::LostAfter)).rule(query(Do::NotFound).times(2)));
    let payment = till.charge(KIND);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    assert_eq!(till.order_of(&payment).map(|order| order.state), Some(OrderState::Paid));
}
