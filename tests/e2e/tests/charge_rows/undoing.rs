//! CancelWaiting, Reversing, Confirming and Refunding.

use paywand::{FollowUp, PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{Till, between, pairs, side_by_side, wait_for};
use paywand_sandbox::{After, Call, Customer, Do, Op, Plan, Rule};

const ASKING: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];
const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn never() -> Plan {
    Plan::new().customer(Customer::Never)
}

fn reverse(what: Do) -> Rule {
    Rule::new(Op::Reverse, what)
}

/// Before each reverse a query was asked, and the first was answered with "waiting".
fn asked_before_each_reverse(calls: &[Call]) {
    let reverses = calls.iter().enumerate().filter(|(_, call)| call.op == Some(Op::Reverse));
    for (place, call) in reverses {
        assert_eq!(calls[place - 1].op, Some(Op::Query), "before {call:?}");
    }
}

#[test]
fn cancel_waiting_asks_at_once_and_reverses_at_the_least_age() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| {
            // No query of its own comes for long.
            (timing.first_query_ms, timing.interval_ms, timing.deadline_ms) = (Some(9_000), Some(9_000), Some(19_000));
            timing.min_reverse_age_ms = Some(300);
        });
        till.plan(never());
        let payment = till.begin_charge(kind);
        till.reaches(payment.id, PaymentState::Querying);
        let payment = wait_for(till.terminal().cancel(payment.id)).expect("it can be undone");
        assert_eq!(payment.state, PaymentState::CancelWaiting);
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
        let calls = till.calls_of(&payment);
        let place = calls.iter().position(|call| call.op == Some(Op::Reverse)).expect("it reversed");
        assert!(between(&calls, 0, place) >= 300, "{}", till.story(&payment));
        assert!(place >= 2, "asked before\n{}", till.story(&payment));
        asked_before_each_reverse(&calls);
        till.assert_true(&payment);
    });
}

#[test]
fn cancel_waiting_paid_is_paid_too_late_and_is_not_given_back() {
    for kind in ASKING {
        let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
        let payment = till.begin_charge(kind);
        till.wait_gates(1);
        let payment = wait_for(till.terminal().cancel(payment.id)).expect("it can be undone");
        assert_eq!(payment.state, PaymentState::CancelWaiting, "while the charge is out");
        till.open_gates();
        let payment = till.settled(payment.id);
        assert_eq!((payment.state, payment.cancel_too_late), (PaymentState::Paid, true), "{}", till.story(&payment));
        let listed = |till: &Till| till.terminal().in_doubt().expect("readable");
        assert_eq!(listed(&till), vec![payment.clone()]);
        wait_for(till.terminal().acknowledge(payment.id)).expect("seen");
        assert_eq!(listed(&till), []);
        assert_eq!((till.count(Op::Reverse), till.money(&payment)), (0, 100));
        till.assert_true(&payment);
    }
}

#[test]
fn cancel_waiting_without_the_charges_answer_asks_before_it_reverses() {
    // The charge was paid; without the question the reverse would give the money back unseen.
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| (timing.connect_ms, timing.read_ms) = (Some(400), Some(200)));
        till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
        let payment = till.begin_charge(kind);
        till.wait_gates(1);
        wait_for(till.terminal().cancel(payment.id)).expect("it can be undone");
        // Nobody opens the gate: the answer is given up.
        let payment = till.settled(payment.id);
        let told = (payment.state, payment.cancel_too_late);
        assert_eq!(told, (PaymentState::Paid, true), "{}", till.story(&payment));
        assert_eq!(till.ops_of(&payment), [Op::Charge, Op::Query]);
        till.assert_true(&payment);
    });
}

#[test]
fn reversing_done_leads_to_confirming_and_the_query_decides() {
    side_by_side(ASKING, |kind| {
        let till = Till::planned(never());
        let payment = till.begin_charge(kind);
        let payment = till.settled(payment.id);
        assert_eq!((payment.state, payment.follow_up), (PaymentState::Reversed, FollowUp::Watching));
        let ops = till.ops_of(&payment);
        assert_eq!(ops[ops.len() - 3..], [Op::Query, Op::Reverse, Op::Query], "{}", till.story(&payment));
        let history = till.history(payment.id);
        for state in ["reversing", "confirming"] {
            assert!(history.iter().any(|line| line.contains(&format!(" {state}:"))), "{history:#?}");
        }
        till.assert_true(&payment);
    });
}

#[test]
fn reversing_is_repeated_with_a_query_before_each_until_it_is_done() {
    let answers = [Do::ReverseAgain, Do::LostBefore, Do::Http500, Do::Html, Do::Busy { effect: false }];
    side_by_side(pairs(&ASKING, &answers), |(kind, what)| {
        let till = Till::timed(kind, |timing| timing.reverse_retry_ms = Some(10));
        till.plan(never().rule(reverse(what.clone()).times(3)));
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Reversed, "{what:?} {}", till.story(&payment));
        assert_eq!(till.count(Op::Reverse), 4, "{what:?} {}", till.story(&payment));
        asked_before_each_reverse(&till.calls_of(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn reversing_backs_off() {
    let till = Till::timed(KIND, |timing| timing.reverse_retry_ms = Some(40));
    till.plan(never().rule(reverse(Do::ReverseAgain).times(4)));
    let payment = till.charge_to_end(KIND);
    let calls = till.calls_of(&payment);
    let at: Vec<i64> = calls.iter().filter(|call| call.op == Some(Op::Reverse)).map(|call| call.at_ms).collect();
    // 1, 2.5, 5, 15 times (docs/sources.md).
    for (pair, least) in at.windows(2).zip([40, 100, 200, 600]) {
        assert!(pair[1] - pair[0] >= least, "{at:?}");
    }
    assert_eq!(at.len(), 5);
}

#[test]
fn reversing_carried_out_with_a_lost_answer_is_not_repeated() {
    let answers = [Do::LostAfter, Do::Http500After, Do::CutJson, Do::Empty];
    side_by_side(pairs(&ASKING, &answers), |(kind, what)| {
        let till = Till::planned(never().rule(reverse(what.clone())));
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Reversed, "{what:?}");
        assert_eq!(till.count(Op::Reverse), 1, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn reversing_refused_and_paid_is_refunded() {
    let till = Till::planned(never().rule(reverse(Do::Hang { effect: false })));
    let payment = till.begin_charge(KIND);
    till.reaches(payment.id, PaymentState::Reversing);
    till.wait_gates(1);
    till.customer_pays(&payment);
    till.plan(never().rule(reverse(Do::Refused { code: None })));
    till.open_gates();
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Refunded, "{}", till.story(&payment));
    assert_eq!((till.count(Op::Reverse), till.count(Op::Refund)), (2, 1), "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn reversing_turned_away_without_a_known_reason_is_repeated_until_a_person_is_asked() {
    // Paid in the moment of the reverse; what BJRCB answers then is not documented.
    let till = Till::timed(GatewayKind::Bjrcb, |timing| {
        (timing.attention_after_ms, timing.reverse_retry_ms) = (Some(700), Some(5));
    });
    till.plan(Plan::new().customer(Customer::PaysDuringReverse));
    let payment = till.charge_to_end(GatewayKind::Bjrcb);
    assert_eq!(payment.state, PaymentState::NeedsAttention, "{}", till.story(&payment));
    asked_before_each_reverse(&till.calls_of(&payment));
    assert_eq!((till.money(&payment), till.count(Op::Refund)), (100, 0));
}

#[test]
fn reversing_can_no_longer_become_paid() {
    // The customer pays while the reverse hangs unheard; it is repeated, and gives the money back.
    side_by_side(ASKING, |kind| {
        let till = Till::planned(never().rule(reverse(Do::Hang { effect: false })));
        let payment = till.begin_charge(kind);
        till.reaches(payment.id, PaymentState::Reversing);
        till.wait_gates(1);
        till.customer_pays(&payment);
        till.open_gates();
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
        let order = till.order_of(&payment).expect("it is there");
        assert_eq!((order.charges, order.returns, order.money_minor), (1, 1, 0));
    });
}

#[test]
fn reversing_that_never_gets_through_asks_a_person_and_goes_on() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| {
            (timing.attention_after_ms, timing.reverse_retry_ms) = (Some(500), Some(5));
        });
        till.plan(never().rule(reverse(Do::ReverseAgain).times(0)));
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::Unresolved)));
        assert!(till.count(Op::Reverse) > 1);
        till.plan(never());
        let payment = till.reaches(payment.id, PaymentState::Reversed);
        till.assert_true(&payment);
    });
}

#[test]
fn confirming_paid_is_refunded() {
    side_by_side(ASKING, |kind| {
        let till = Till::planned(Plan::new().customer(Customer::PaysLate { after: After::Reverse }));
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Refunded, "{}", till.story(&payment));
        assert_eq!((till.count(Op::Reverse), till.count(Op::Refund)), (1, 1), "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn confirming_not_found_counts_only_past_the_landing_horizon() {
    let till = Till::timed(KIND, |timing| timing.landing_horizon_ms = Some(700));
    till.plan(never().rule(reverse(Do::Hang { effect: true })));
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    till.plan(never().rule(Rule::new(Op::Query, Do::NotFound).times(0)));
    till.open_gates();
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
    let calls = till.calls_of(&payment);
    assert!(between(&calls, 0, calls.len() - 1) >= 700, "{}", till.story(&payment));
    assert_eq!(till.count(Op::Reverse), 1);
    till.assert_true(&payment);
}

#[test]
fn confirming_asks_on_while_answers_are_lost() {
    side_by_side(ASKING, |kind| {
        let till = Till::timed(kind, |timing| timing.reverse_retry_ms = Some(10));
        till.plan(never().rule(reverse(Do::Hang { effect: true })));
        let payment = till.begin_charge(kind);
        till.wait_gates(1);
        till.plan(never().rule(Rule::new(Op::Query, Do::LostAfter).times(2)));
        till.open_gates();
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
        let ops = till.ops_of(&payment);
        assert_eq!(ops[ops.len() - 4..], [Op::Reverse, Op::Query, Op::Query, Op::Query]);
    });
}
