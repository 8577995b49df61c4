//! Promise 3: a terminal that is closed in any state finds the payment when it opens again, and drives it to its end.

use std::sync::Arc;

use paywand::{FollowUp, Payment, PaymentState, Reason, Secret, gateway::GatewayKind};
use paywand_e2e::{CHARGING, Till, pairs, side_by_side, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

const KIND: GatewayKind = GatewayKind::BlueoceanV1;

/// Closes and opens; the payment is found by id, by key and among what is unfinished.
fn reopen(till: &mut Till, before: &Payment) {
    assert!(before.unfinished(), "{before:#?}");
    till.restart(|_| {});
    let terminal = till.terminal();
    let found = terminal.find(before.request_key.clone()).expect("readable").expect("there");
    assert_eq!((found.id, &found.order_number), (before.id, &before.order_number));
    // It may have ended by itself meanwhile.
    if till.payment(before.id).unfinished() {
        let listed = terminal.unfinished().expect("readable").iter().any(|payment| payment.id == before.id);
        assert!(listed || !till.payment(before.id).unfinished(), "{}", till.story(before));
    }
}

fn hang(op: Op, effect: bool) -> Rule {
    Rule::new(op, Do::Hang { effect })
}

fn never() -> Plan {
    Plan::new().customer(Customer::Never)
}

#[test]
fn in_charging_where_the_money_moved() {
    for kind in [KIND, GatewayKind::Bjrcb] {
        let mut till = Till::planned(Plan::new().rule(hang(Op::Charge, true)));
        let payment = till.begin_charge(kind);
        till.wait_gates(1);
        reopen(&mut till, &payment);
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        till.assert_true(&payment);
        assert_eq!(till.count(Op::Charge), 1, "the charge is never sent again");
    }
}

#[test]
fn in_charging_where_nothing_moved() {
    let mut till = Till::timed(KIND, |timing| timing.landing_horizon_ms = Some(100));
    till.plan(Plan::new().rule(hang(Op::Charge, false)));
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    reopen(&mut till, &payment);
    let payment = till.settled(payment.id);
    assert_eq!(payment.reason, Some(Reason::NeverSeen), "{}", till.story(&payment));
    assert_eq!((till.count(Op::Charge), till.money(&payment)), (1, 0));
}

#[test]
fn at_tencent_under_a_prefix_that_is_another_one_now() {
    let kind = GatewayKind::TencentCpay;
    let mut till = Till::planned(Plan::new().rule(hang(Op::Charge, true)).rule(hang(Op::Refund, true)));
    let payment = till.begin_charge(kind);
    till.wait_gates(1);
    let other = |till: &mut Till, prefix: &str| {
        let prefix = Arc::new(Secret::from_text(prefix));
        till.restart(|config| drop(Till::gateway(config, kind).keys.insert("order_prefix".to_owned(), prefix)));
    };
    other(&mut till, "other");
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.assert_true(&payment);
    // The gateway wants the merchant's prefix in a refund's number.
    let prefix = till.merchant.tencent_cpay.order_prefix.clone();
    other(&mut till, &prefix);
    let refund = wait_for(till.terminal().refund(till.refund_request(&payment, None))).expect("it is accepted");
    till.wait_gates(1);
    other(&mut till, "another");
    let refund = till.settled(refund.id);
    assert_eq!(refund.state, PaymentState::Refunded, "{}", till.story(&refund));
    assert_eq!((till.count(Op::Charge), till.count(Op::Refund), till.returned(&payment)), (1, 1, 100));
}

#[test]
fn in_charging_at_maxfun_a_person_is_asked() {
    let mut till = Till::planned(Plan::new().rule(hang(Op::Charge, true)));
    let payment = till.begin_charge(GatewayKind::MaxfunDevice);
    till.wait_gates(1);
    reopen(&mut till, &payment);
    let payment = till.settled(payment.id);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::CannotAsk)));
    assert_eq!(till.count(Op::Charge), 1);
    // And again: what waits for a person goes on waiting.
    reopen(&mut till, &payment);
    assert_eq!(till.settled(payment.id).reason, Some(Reason::CannotAsk));
}

#[test]
fn in_charging_where_nothing_could_leave_it_is_failed() {
    for kind in CHARGING {
        let mut till = Till::with(|config| {
            let gateway = Till::gateway(config, kind);
            gateway.base_url = "https://localhost:9".to_owned();
            gateway.timing.connect_ms = Some(10_000);
        });
        let payment = till.begin_charge(kind);
        let history = |till: &Till| till.history(payment.id).len();
        till.until(payment.id, |_| history(&till) > 1);
        reopen(&mut till, &payment);
        let payment = till.settled(payment.id);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::NotSent)));
        assert!(till.calls().is_empty());
    }
}

#[test]
fn in_querying() {
    let mut till = Till::planned(Plan::new().customer(Customer::PaysAfter { queries: 2 }).rule(hang(Op::Query, true)));
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    let payment = till.reaches(payment.id, PaymentState::Querying);
    reopen(&mut till, &payment);
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn in_cancel_waiting() {
    let mut till = Till::planned(never().rule(hang(Op::Query, true)));
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    let payment = wait_for(till.terminal().cancel(payment.id)).expect("cancelled");
    assert_eq!(payment.state, PaymentState::CancelWaiting);
    reopen(&mut till, &payment);
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn in_reversing_whether_it_was_carried_out_or_not() {
    side_by_side(pairs(&[KIND, GatewayKind::Bjrcb], &[true, false]), |(kind, effect)| {
        let mut till = Till::planned(never().rule(hang(Op::Reverse, effect)));
        let payment = till.begin_charge(kind);
        let payment = till.reaches(payment.id, PaymentState::Reversing);
        till.wait_gates(1);
        reopen(&mut till, &payment);
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
        assert_eq!(till.count(Op::Reverse), if effect { 1 } else { 2 }, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn in_confirming() {
    let mut till = Till::planned(never().rule(hang(Op::Reverse, true)));
    let payment = till.begin_charge(KIND);
    // The first query after the reverse hangs; how many come before it depends on the clock.
    till.wait_gates(1);
    till.plan(never().rule(hang(Op::Query, true)));
    till.open_gates();
    let payment = till.reaches(payment.id, PaymentState::Confirming);
    till.wait_gates(1);
    reopen(&mut till, &payment);
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
    assert_eq!(till.count(Op::Reverse), 1);
}

#[test]
fn in_attention_the_work_goes_on() {
    let mut till = Till::timed(KIND, |timing| timing.reverse_retry_ms = Some(2));
    let lies = Rule::new(Op::Query, Do::BadSignature).times(0);
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::LostAfter)).rule(lies));
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.reason, Some(Reason::SignatureFails), "{}", till.story(&payment));
    till.close();
    till.plan(Plan::new());
    till.open().expect("it opens");
    let payment = till.through(payment.id);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn while_a_failed_charge_is_cleaned_up() {
    let mut till = Till::timed(KIND, |timing| timing.interval_ms = Some(3_000));
    till.plan(Plan::new().customer(Customer::Declines { at_once: false }));
    let payment = till.charge_to_end(KIND);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Failed, FollowUp::Cleaning));
    reopen(&mut till, &payment);
    let payment = till.through(payment.id);
    assert_eq!(payment.state, PaymentState::Failed);
    assert_eq!(till.count(Op::Reverse), 1, "{}", till.story(&payment));
}

#[test]
fn while_a_reversed_charge_is_watched() {
    let mut till = Till::timed(KIND, |timing| timing.watch_ms = Some(50));
    till.plan(never());
    let payment = till.charge_to_end(KIND);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Reversed, FollowUp::Watching));
    till.close();
    till.customer_pays(&payment);
    till.open().expect("it opens");
    let payment = till.reaches(payment.id, PaymentState::Refunded);
    assert!(payment.contradicted, "{}", till.story(&payment));
    till.restart(|_| {});
    let payment = till.settled(payment.id);
    assert_eq!((payment.state, payment.contradicted), (PaymentState::Refunded, true));
    till.assert_true(&payment);
}

#[test]
fn paid_although_cancelled_stays_listed_until_a_person_has_seen_it() {
    let mut till = Till::planned(Plan::new().rule(hang(Op::Charge, true)));
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    wait_for(till.terminal().cancel(payment.id)).expect("noted");
    till.open_gates();
    let payment = till.settled(payment.id);
    assert_eq!((payment.state, payment.cancel_too_late), (PaymentState::Paid, true), "{}", till.story(&payment));
    reopen(&mut till, &payment);
    let listed = |till: &Till| till.terminal().in_doubt().expect("readable").len();
    assert_eq!(listed(&till), 1);
    let seen = wait_for(till.terminal().acknowledge(payment.id)).expect("acknowledged");
    assert_eq!((seen.acknowledged, seen.cancel_too_late, listed(&till)), (true, true, 0));
    till.restart(|_| {});
    assert_eq!((till.payment(payment.id), listed(&till)), (seen, 0));
    assert_eq!((till.count(Op::Charge), till.count(Op::Reverse), till.money(&payment)), (1, 0, 100));
}

#[test]
fn many_at_once_in_different_states_all_come_to_their_ends() {
    let mut till = Till::timed(KIND, |timing| timing.landing_horizon_ms = Some(100));
    // By amount: lost before and after, hanging, never paid, declined, the reverse lost.
    let amounts = [900_101, 900_103, 900_104, 900_201, 900_202, 900_204, 900_210, 900_402, 900_501, 900_502];
    let ids: Vec<i64> = amounts.iter().map(|minor| till.begin(till.charge_of(KIND, *minor)).id).collect();
    till.wait_calls(3);
    till.restart(|_| {});
    for id in ids {
        let payment = till.settled(id);
        till.assert_true(&payment);
    }
    let unfinished = till.terminal().unfinished().expect("readable");
    assert!(unfinished.iter().all(|payment| payment.state != PaymentState::Charging), "{unfinished:#?}");
    assert!(till.count(Op::Charge) <= amounts.len());
}
