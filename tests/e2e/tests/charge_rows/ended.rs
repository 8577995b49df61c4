//! After the end: failed charges are cleaned up, reversed and settled ones watched for money that lands late.

use paywand::{FollowUp, PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{Till, between, side_by_side, wait_for};
use paywand_sandbox::{Customer, Do, Op, OrderState, Plan, Rule};

const ASKING: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];
const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn declines() -> Plan {
    Plan::new().customer(Customer::Declines { at_once: false })
}

fn watching(kind: GatewayKind) -> Till {
    let till = Till::timed(kind, |timing| timing.watch_ms = Some(40));
    till.plan(Plan::new().customer(Customer::Never));
    till
}

#[test]
fn a_failed_charge_on_wechat_rails_is_asked_for_once_and_reversed_once() {
    let till = Till::planned(declines());
    let payment = till.charge_to_end(KIND);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Failed, FollowUp::Cleaning));
    assert_eq!(till.terminal().unfinished().expect("readable"), [payment.clone()], "recovery would find it");
    let failed_after = till.ops_of(&payment).len();
    let payment = till.through(payment.id);
    assert_eq!((payment.state, payment.follow_up), (PaymentState::Failed, FollowUp::None));
    assert_eq!(till.ops_of(&payment)[failed_after..], [Op::Query, Op::Reverse], "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn a_failed_charge_is_reversed_at_most_once_whatever_the_reverse_answers() {
    for what in [Do::LostBefore, Do::ReverseAgain, Do::Http500, Do::Busy { effect: false }] {
        let till = Till::planned(declines().rule(Rule::new(Op::Reverse, what)));
        let payment = till.charge_to_end(KIND);
        let payment = till.through(payment.id);
        assert_eq!(payment.state, PaymentState::Failed);
        assert_eq!(till.count(Op::Reverse), 1, "{}", till.story(&payment));
    }
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
fn success_seen_while_cleaning_contradicts_and_is_a_refund_by_hand() {
    let till = Till::timed(KIND, |timing| timing.interval_ms = Some(400));
    till.plan(declines());
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.state, PaymentState::Failed);
    till.customer_pays(&payment);
    let payment = till.reaches(payment.id, PaymentState::NeedsAttention);
    assert_eq!((payment.reason, payment.contradicted), (Some(Reason::RefundByHand), true), "{}", till.story(&payment));
    assert_eq!((till.count(Op::Reverse), till.money(&payment)), (0, 100), "no money is moved by itself");
}

#[test]
fn a_reversed_charge_is_asked_for_at_1_5_and_30_minutes_and_then_left() {
    side_by_side(ASKING, |kind| {
        let till = watching(kind);
        let payment = till.charge_to_end(kind);
        assert_eq!((payment.state, payment.follow_up), (PaymentState::Reversed, FollowUp::Watching));
        let ended = till.calls_of(&payment).len();
        let payment = till.through(payment.id);
        assert_eq!((payment.state, payment.contradicted), (PaymentState::Reversed, false));
        let calls = till.calls_of(&payment);
        assert_eq!(till.ops_of(&payment)[ended..], [Op::Query; 3], "{}", till.story(&payment));
        for (place, least) in (ended..).zip([40, 200, 1_200]) {
            assert!(between(&calls, ended - 1, place) >= least, "{}", till.story(&payment));
        }
    });
}

#[test]
fn late_money_after_a_reverse_is_seen_by_the_watch() {
    side_by_side(ASKING, |kind| {
        let till = watching(kind);
        let payment = till.charge_to_end(kind);
        assert_eq!(payment.state, PaymentState::Reversed);
        till.customer_pays(&payment);
        let payment = till.reaches(payment.id, PaymentState::NeedsAttention);
        assert_eq!((payment.reason, payment.contradicted), (Some(Reason::RefundByHand), true));
        assert_eq!(till.order_of(&payment).map(|order| order.state), Some(OrderState::Paid));
        assert_eq!((till.count(Op::Reverse), till.money(&payment)), (1, 100), "no money is moved by itself");
    });
}

#[test]
fn a_watching_query_without_an_answer_is_asked_again() {
    let till = watching(KIND);
    let payment = till.charge_to_end(KIND);
    let lost = Rule::new(Op::Query, Do::LostAfter).times(2);
    till.plan(Plan::new().rule(lost));
    till.customer_pays(&payment);
    let payment = till.reaches(payment.id, PaymentState::NeedsAttention);
    assert!(payment.contradicted, "{}", till.story(&payment));
}

#[test]
fn a_settlement_that_proves_wrong_is_said_so_and_no_money_is_moved() {
    for paid in [false, true] {
        let till = Till::timed(KIND, |timing| {
            (timing.attention_after_ms, timing.watch_ms) = (Some(400), Some(40));
        });
        let unreadable = Rule::new(Op::Query, Do::Busy { effect: true }).times(0);
        till.plan(
            Plan::new()
                .customer(if paid { Customer::Never } else { Customer::Pays })
                .rule(unreadable)
                .rule(Rule::new(Op::Charge, Do::LostAfter)),
        );
        let payment = till.charge_to_end(KIND);
        assert_eq!(payment.reason, Some(Reason::Unresolved), "{}", till.story(&payment));
        let settle = till.terminal().settle_by_hand(payment.id, paid, "Wong".to_owned(), "said so".to_owned());
        let payment = wait_for(settle).expect("settled");
        let state = if paid { PaymentState::SettledPaid } else { PaymentState::SettledNotPaid };
        assert_eq!((payment.state, payment.follow_up, payment.evidence), (state, FollowUp::Watching, None));
        // The truth comes out: it was paid; or somebody closed it.
        till.plan(Plan::new());
        if paid {
            continue;
        }
        let payment = till.until(payment.id, |payment| payment.contradicted);
        assert_eq!(payment.state, state, "what a person said stays\n{}", till.story(&payment));
        assert_eq!((till.count(Op::Reverse), till.money(&payment)), (0, 100));
    }
}
