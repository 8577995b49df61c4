//! BlueOcean's own times (S1), a hundredth of them: what comes not before when. Nothing here says "not after": the
//! machine may be busy.

use paywand::{PaymentState, gateway::GatewayKind};
use paywand_e2e::{Till, between};
use paywand_sandbox::{Call, Customer, Do, Op, Plan, Rule};

const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn refused(code: &str) -> Plan {
    Plan::new().rule(Rule::new(Op::Charge, Do::Refused { code: Some(code.to_owned()) }))
}

fn queries(calls: &[Call]) -> Vec<i64> {
    calls.iter().filter(|call| call.op == Some(Op::Query)).map(|call| call.at_ms).collect()
}

#[test]
fn the_first_query_comes_5_s_after_40400_4006_or_no_answer() {
    let plans = [
        refused("40400"),
        refused("4006"),
        Plan::new().rule(Rule::new(Op::Charge, Do::Busy { effect: true })),
        Plan::new().rule(Rule::new(Op::Charge, Do::LostAfter)),
    ];
    for plan in plans {
        let till = Till::planned(plan);
        let payment = till.begin_charge(KIND);
        till.wait_calls(2);
        let calls = till.calls_of(&payment);
        assert_eq!(calls[1].op, Some(Op::Query));
        assert!(between(&calls, 0, 1) >= 50, "{calls:#?}");
    }
}

#[test]
fn after_201_queries_come_every_10_s_until_30_s_then_the_reverse() {
    // A twentieth of the gateway's own, so that a busy machine is no later than one interval.
    let till = Till::timed(KIND, |timing| {
        let (own, scaled) = (KIND.timing(), |ms: i64| Some(ms / 20));
        (timing.first_query_ms, timing.interval_ms) = (scaled(own.first_query_ms), scaled(own.interval_ms));
        timing.deadline_ms = scaled(own.deadline_ms);
    });
    till.plan(Plan::new().customer(Customer::Never));
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.state, PaymentState::Reversed);
    let calls = till.calls_of(&payment);
    let asked = queries(&calls);
    let reverse = calls.iter().position(|call| call.op == Some(Op::Reverse)).expect("it reversed");
    // 10, 20 and 30 s; on a busy machine the last ones may fall together.
    assert!((3..=4).contains(&reverse), "{}", till.story(&payment));
    let mut last = calls[0].at_ms;
    for at in &asked[..2] {
        assert!(at - last >= 500, "{}", till.story(&payment));
        last = *at;
    }
    assert!(between(&calls, 0, reverse - 1) >= 1_500, "{}", till.story(&payment));
    assert!(till.calls().iter().all(|call| call.effect != "too_young"), "{}", till.story(&payment));
}

#[test]
fn a_reverse_never_comes_before_15_s_even_where_the_deadline_does() {
    let till = Till::timed(KIND, |timing| {
        (timing.first_query_ms, timing.interval_ms, timing.deadline_ms) = (Some(5), Some(5), Some(10));
    });
    till.plan(Plan::new().customer(Customer::Never));
    let payment = till.charge_to_end(KIND);
    let calls = till.calls_of(&payment);
    let reverse = calls.iter().position(|call| call.op == Some(Op::Reverse)).expect("it reversed");
    assert!(between(&calls, 0, reverse) >= 150, "{}", till.story(&payment));
    assert!(calls.iter().all(|call| call.effect != "too_young"));
    assert_eq!(till.count(Op::Reverse), 1);
}

#[test]
fn a_reverse_is_repeated_while_recall_says_y_or_nothing_comes() {
    let till = Till::timed(KIND, |timing| timing.reverse_retry_ms = Some(10));
    let again = Rule::new(Op::Reverse, Do::ReverseAgain).times(2);
    let lost = Rule::new(Op::Reverse, Do::LostBefore).times(2);
    till.plan(Plan::new().customer(Customer::Never).rule(again).rule(lost));
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
    let outcomes: Vec<_> = till
        .calls_of(&payment)
        .into_iter()
        .filter(|call| call.op == Some(Op::Reverse))
        .map(|call| call.outcome)
        .collect();
    assert_eq!(outcomes, ["reverse_again", "reverse_again", "lost_before", "lost_before", "reversed"]);
}

#[test]
fn a_customer_who_pays_at_the_last_moment_is_paid() {
    // The last query before the reverse finds it.
    let till = Till::planned(Plan::new().customer(Customer::PaysAfter { queries: 2 }));
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    assert_eq!(till.count(Op::Reverse), 0);
    till.assert_true(&payment);
}
