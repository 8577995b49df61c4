//! After the end: failed charges are cleaned up, reversed and settled ones watched for money that lands late.

use paywand::{FollowUp, Payment, PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{Till, between, side_by_side, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

const ASKING: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];
const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn declines() -> Plan {
    Plan::new().customer(Customer::Declines { at_once: false })
}

fn watching(kind: GatewayKind) -> Till {
    let till = Till::timed(kind, |timing| timing.watch_ms = Some(30));
    till.plan(Plan::new().customer(Customer::Never));
    till
}

#[test]
fn a_failed_charge_on_wechat_rails_is_asked_for_once_and_reversed_once() {
    let till = Till::timed(KIND, |timing| timing.interval_ms = Some(3_000));
    till.plan(declines());
    let payment = till.charge_to_end(KIND);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Failed, FollowUp::Cleaning));
    assert_eq!(till.terminal().unfinished().expect("readable"), vec![payment.clone()], "recovery would find it");
    let failed_after = till.ops_of(&payment).len();
    let payment = till.through(payment.id);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Failed, FollowUp::None));
    assert_eq!(till.ops_of(&payment)[failed_after..], [Op::Query, Op::Reverse], "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn a_failed_charge_is_reversed_at_most_once_whatever_the_reverse_answers() {
    side_by_side([Do::LostBefore, Do::ReverseAgain, Do::Http500, Do::Busy { effect: false }], |what| {
        let till = Till::planned(declines().rule(Rule::new(Op::Reverse, what)));
        let payment = till.charge_to_end(KIND);
        let payment = till.through(payment.id);
        assert_eq!(payment.state, PaymentState::Failed);
        assert_eq!(till.count(Op::Reverse), 1, "{}", till.story(&payment));
    });
}

#[test]
fn a_failed_charge_on_other_rails_is_left_alone() {
    let till = Till::planned(declines());
    let payment = till.charge_to_end(GatewayKind::Bjrcb);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Failed, FollowUp::None));
    assert_eq!(till.count(Op::Reverse), 0);
    assert_eq!(till.terminal().unfinished().expect("readable"), []);
}

#[test]
fn success_seen_while_cleaning_contradicts_and_goes_back() {
    let till = Till::timed(KIND, |timing| timing.interval_ms = Some(3_000));
    till.plan(declines());
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.state, PaymentState::Failed);
    till.customer_pays(&payment);
    let payment = till.reaches(payment.id, PaymentState::Refunded);
    assert!(payment.contradicted, "{}", till.story(&payment));
    assert_eq!((till.count(Op::Reverse), till.returned(&payment)), (0, 100), "{}", till.story(&payment));
}

#[test]
fn a_reversed_charge_is_asked_for_at_1_5_and_30_minutes_and_then_left() {
    side_by_side(ASKING, |kind| {
        let till = watching(kind);
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.follow_up), (PaymentState::Reversed, FollowUp::Watching));
        let payment = till.through(payment.id);
        assert_eq!((payment.state, payment.contradicted), (PaymentState::Reversed, false));
        let calls = till.calls_of(&payment);
        // The reverse, and the query that proved it.
        let ended = calls.iter().rposition(|call| call.op == Some(Op::Reverse)).expect("it reversed") + 2;
        assert_eq!(till.ops_of(&payment)[ended..], [Op::Query; 3], "{}", till.story(&payment));
        for (place, least) in (ended..).zip([30, 150, 900]) {
            assert!(between(&calls, ended - 1, place) >= least, "{}", till.story(&payment));
        }
    });
}

#[test]
fn late_money_after_a_reverse_is_seen_by_the_watch_and_goes_back() {
    side_by_side(ASKING, |kind| {
        let till = watching(kind);
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Reversed);
        till.customer_pays(&payment);
        let payment = till.reaches(payment.id, PaymentState::Refunded);
        assert!(payment.contradicted, "{}", till.story(&payment));
        assert_eq!((till.count(Op::Reverse), till.count(Op::Refund)), (1, 1), "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn a_watching_query_without_an_answer_is_asked_again() {
    let till = watching(KIND);
    let payment = till.charge_to_end(KIND);
    let lost = Rule::new(Op::Query, Do::LostAfter).times(2);
    till.plan(Plan::new().rule(lost));
    till.customer_pays(&payment);
    let payment = till.reaches(payment.id, PaymentState::Refunded);
    assert!(payment.contradicted, "{}", till.story(&payment));
}

/// A charge that was paid (or never is), about which no query gets an answer, settled by hand.
fn settled_by_hand(customer: Customer, paid: bool) -> (Till, Payment) {
    let till = Till::timed(KIND, |timing| {
        (timing.attention_after_ms, timing.watch_ms) = (Some(400), Some(40));
    });
    let unreadable = Rule::new(Op::Query, Do::Busy { effect: true }).times(0);
    till.plan(Plan::new().customer(customer).rule(Rule::new(Op::Charge, Do::LostAfter)).rule(unreadable));
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.reason, Some(Reason::Unresolved), "{}", till.story(&payment));
    let settle = till.terminal().settle_by_hand(payment.id, paid, "Wong".to_owned(), "said so".to_owned());
    let payment = wait_for(settle).expect("settled");
    assert_eq!((payment.follow_up, payment.evidence), (FollowUp::Watching, None));
    till.plan(Plan::new());
    (till, payment)
}

#[test]
fn a_settlement_that_proves_wrong_is_said_so_and_no_money_is_moved() {
    let wrong = [(Customer::Pays, false), (Customer::Declines { at_once: false }, true)];
    side_by_side(wrong, |(customer, paid)| {
        let (till, payment) = settled_by_hand(customer, paid);
        let said = if paid { PaymentState::SettledPaid } else { PaymentState::SettledNotPaid };
        assert_eq!(payment.state, said);
        let money = till.money(&payment);
        let payment = till.until(payment.id, |payment| payment.contradicted);
        assert_eq!(payment.state, said, "what a person said stays\n{}", till.story(&payment));
        assert_eq!((till.count(Op::Reverse), till.money(&payment)), (0, money));
    });
}

#[test]
fn a_settlement_that_proves_right_is_watched_and_then_left() {
    let (till, payment) = settled_by_hand(Customer::Pays, true);
    let payment = till.through(payment.id);
    assert_eq!((payment.state, payment.contradicted), (PaymentState::SettledPaid, false));
    assert_eq!(till.count(Op::Reverse), 0);
}
