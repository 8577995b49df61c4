//! Promise 1: a payment is Failed only on an answer that proves that no money moved, or on proof that nothing was sent.

use std::ops::RangeInclusive;

use paywand::{Payment, PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{CHARGING, Till, side_by_side};

use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

const ASKING: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];

/// Hanging answers are given up soon, and so is what cannot be decided.
fn impatient(kind: GatewayKind) -> Till {
    Till::timed(kind, |timing| {
        (timing.connect_ms, timing.read_ms) = (Some(1_000), Some(200));
        (timing.landing_horizon_ms, timing.attention_after_ms) = (Some(300), Some(700));
    })
}

/// Every magic amount of `range` at once, each to its end.
fn all_of(till: &Till, kind: GatewayKind, range: RangeInclusive<i64>) -> Vec<Payment> {
    let begun: Vec<i64> = range.map(|minor| till.begin(till.charge_of(kind, minor)).id).collect();
    begun.into_iter().map(|id| till.settled(id)).collect()
}

/// What maxfun's answer cannot tell: it names neither sum nor currency.
fn maxfun_cannot_tell(payment: &Payment) -> bool {
    payment.gateway == GatewayKind::MaxfunDevice.code() && [900_303, 900_305].contains(&payment.amount.minor)
}

/// Whether its charge reached the gateway.
fn asked_for(till: &Till, payment: &Payment) -> bool {
    till.calls().iter().any(|call| call.amount_minor == Some(payment.amount.minor))
}

fn no_answer_to_the_charge_lies(kind: GatewayKind) {
    let till = impatient(kind);
    let ended = [all_of(&till, kind, 900_201..=900_215), all_of(&till, kind, 900_301..=900_312)].concat();
    for payment in ended {
        if payment.state == PaymentState::Failed {
            let refused = payment.amount.minor == 900_309 && kind != GatewayKind::Bjrcb;
            let never_left = payment.reason == Some(Reason::NotSent) && !asked_for(&till, &payment);
            assert!(refused || never_left, "{}", till.story(&payment));
        }
        if !maxfun_cannot_tell(&payment) {
            till.assert_true(&payment);
        }
    }
    assert!(till.count(Op::Charge) <= 15 + 12, "no charge was sent twice");
}

#[test]
fn no_answer_to_a_charge_at_maxfun_makes_it_failed() {
    no_answer_to_the_charge_lies(GatewayKind::MaxfunDevice);
}

#[test]
fn no_answer_to_a_charge_at_blueocean_makes_it_failed() {
    no_answer_to_the_charge_lies(GatewayKind::BlueoceanV1);
}

#[test]
fn no_answer_to_a_charge_at_bjrcb_makes_it_failed() {
    no_answer_to_the_charge_lies(GatewayKind::Bjrcb);
}

#[test]
fn no_answer_to_a_query_makes_it_failed() {
    side_by_side(ASKING, |kind| {
        let till = impatient(kind);
        for payment in all_of(&till, kind, 900_401..=900_415) {
            let never_left = payment.reason == Some(Reason::NotSent) && !asked_for(&till, &payment);
            assert!(payment.state != PaymentState::Failed || never_left, "{}", till.story(&payment));
            till.assert_true(&payment);
        }
    });
}

#[test]
fn no_answer_to_a_reverse_makes_it_failed_or_leaves_the_money_in_between() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| (timing.connect_ms, timing.read_ms) = (Some(1_000), Some(200)));
        for payment in all_of(&till, kind, 900_501..=900_510) {
            // Paid in the moment of the reverse, which was refused for it: it is refunded.
            let refunded = payment.state == PaymentState::Refunded && payment.amount.minor == 900_510;
            assert!(refunded || payment.state == PaymentState::Reversed, "{}", till.story(&payment));
            assert_eq!(payment.reason, None);
            till.assert_true(&payment);
        }
    });
}

#[test]
fn what_came_to_nothing_in_doubt_is_never_failed() {
    // Nothing was carried out, and nothing says so with proof.
    for what in [
        Do::Busy { effect: false },
        Do::UnknownCode { effect: false },
        Do::Html,
        Do::Http500,
        Do::LostBefore,
        Do::Redirect,
        Do::Repeat,
        Do::Refused { code: Some("40400".to_owned()) },
        Do::Refused { code: Some("102".to_owned()) },
        Do::Refused { code: Some("40111".to_owned()) },
    ] {
        for kind in CHARGING {
            let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, what.clone())));
            let payment = till.begin_charge(kind);
            let left = till.until(payment.id, |payment| payment.state != PaymentState::Charging);
            let still_open = [PaymentState::Querying, PaymentState::NeedsAttention];
            assert!(still_open.contains(&till.path(payment.id)[1]), "{what:?} {}", till.story(&left));
        }
    }
}

#[test]
fn an_explicit_refusal_is_failed_and_nothing_was_taken() {
    let refusals: [(GatewayKind, &[&str]); 2] = [
        (GatewayKind::MaxfunDevice, &["103", "108", "109"]),
        (GatewayKind::BlueoceanV1, &["4001", "4002", "4003", "4004", "4007", "404", "40100", "40109", "40110"]),
    ];
    for (kind, codes) in refusals {
        let till = Till::new();
        for code in codes {
            till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Refused { code: Some((*code).to_owned()) })));
            let payment = till.charge_to_end(kind);
            let outcome = (payment.state, payment.reason, payment.gateway_code.as_deref());
            assert_eq!(outcome, (PaymentState::Failed, Some(Reason::Refused), Some(*code)), "{}", till.story(&payment));
            till.assert_true(&payment);
        }
        assert_eq!(till.calls().len(), codes.len(), "a refusal needs no further question");
    }
}

#[test]
fn a_failed_charge_is_failed_only_by_a_query_old_enough() {
    side_by_side(ASKING, |kind| {
        let till = Till::planned(Plan::new().customer(Customer::Declines { at_once: false }));
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotPaid)), "{kind:?}");
        till.assert_true(&payment);
        let calls = till.calls_of(&payment);
        let age = calls.iter().rfind(|call| call.op == Some(Op::Query)).expect("it asked").at_ms - calls[0].at_ms;
        assert!(age >= 150, "asked at {age} ms\n{}", till.story(&payment));
    });
}

#[test]
fn a_host_that_cannot_be_reached_is_failed_since_nothing_was_sent() {
    for kind in CHARGING {
        let till = Till::with(|config| {
            let gateway = Till::gateway(config, kind);
            gateway.base_url = "https://localhost:9".to_owned();
            gateway.timing.connect_ms = Some(100);
        });
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)));
        assert!(till.calls().is_empty());
    }
}

#[test]
fn a_server_with_another_name_or_another_ca_gets_nothing() {
    for kind in CHARGING {
        let till = Till::with(|config| {
            let gateway = Till::gateway(config, kind);
            // The certificate is for localhost, and no public root has signed it.
            gateway.ca_file = None;
            gateway.timing.connect_ms = Some(100);
        });
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)));
        assert!(till.calls().is_empty());
    }
}
