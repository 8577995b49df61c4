//! Refunds at the gateways that sign their answers about them and name each by its number: BlueOcean and BJRCB. What the
//! till says, against the gateway's books and what the gateway was asked.

use paywand::{Amount, Payment, PaymentState, PaywandError, Reason, RefundRequest, gateway::GatewayKind};
use paywand_e2e::{Till, new_key, pairs, side_by_side, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Refunding, Rule};

const KINDS: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];

/// A till with a charge of 1.00 that was paid; from then on `plan`.
fn paid(kind: GatewayKind, plan: Plan) -> (Till, Payment) {
    paid_at(kind, plan, |_| {})
}

fn paid_at(kind: GatewayKind, plan: Plan, change: impl FnOnce(&mut paywand::GatewayConfig)) -> (Till, Payment) {
    let till = Till::with(|config| {
        let gateway = Till::gateway(config, kind);
        gateway.timing.first_query_ms = Some(20);
        gateway.timing.interval_ms = Some(20);
        gateway.timing.landing_horizon_ms = Some(200);
        gateway.timing.attention_after_ms = Some(3_000);
        change(gateway);
    });
    let payment = till.charge_to_end(kind);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.plan(plan);
    (till, payment)
}

fn ask(till: &Till, payment: &Payment, minor: Option<i64>) -> Result<Payment, PaywandError> {
    wait_for(till.terminal().refund(RefundRequest {
        request_key: new_key(),
        payment_id: payment.id,
        amount: minor.map(|minor| Amount::new(minor, payment.amount.currency)),
        reason: "茶凉了".to_owned(),
        cashier: None,
        metadata: Default::default(),
        another_refund: true,
        limit_ms: Some(0),
    }))
}

/// A refund at its end, or in a person's hands.
fn refund(till: &Till, payment: &Payment, minor: Option<i64>) -> Payment {
    let refund = ask(till, payment, minor).expect("it is accepted");
    till.settled(refund.id)
}

/// How many refunds the gateway knows of a payment.
fn refunds(till: &Till, payment: &Payment) -> usize {
    till.order(payment).map_or(0, |order| order.refunds.len())
}

fn refund_rule(op: Op, what: Do) -> Plan {
    Plan::new().rule(Rule::new(op, what))
}

#[test]
fn all_of_it_comes_back_by_the_word_of_the_query() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new());
        let refund = refund(&till, &payment, None);
        assert_eq!((refund.state, refund.amount.minor), (PaymentState::Refunded, 100), "{:#?}", till.calls());
        assert_eq!((till.returned(&payment), till.count(Op::Refund)), (100, 1));
        assert!(till.count(Op::RefundQuery) > 0, "its own answer proves nothing");
        let order = till.order(&payment).expect("it is there");
        assert_eq!(order.refund(&refund.order_number).map(|given| given.amount_minor), Some(100));
        assert_eq!(refund.gateway_order_number.as_deref(), Some(order.refunds[0].gateway_number.as_str()));
        assert_eq!(till.payment(payment.id).state, PaymentState::Paid);
    });
}

#[test]
fn parts_come_back_each_under_its_own_number_and_never_more_than_came_in() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new());
        for minor in [30, 50] {
            let refund = refund(&till, &payment, Some(minor));
            assert_eq!(refund.state, PaymentState::Refunded, "{:#?}", till.calls());
        }
        assert_eq!(till.terminal().refundable(payment.id).expect("some is left").left.minor, 20);
        let error = ask(&till, &payment, Some(21)).expect_err("too much");
        assert_eq!(error.code(), "refund_too_large");
        let numbers: Vec<_> = till.calls().into_iter().filter(|call| call.op == Some(Op::Refund)).collect();
        assert_eq!((numbers.len(), till.returned(&payment)), (2, 80));
        assert_ne!(numbers[0].refund_number, numbers[1].refund_number);
    });
}

#[test]
fn a_refund_under_way_is_waited_for() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new().refunds(Refunding::SucceedsAfter { queries: 2 }));
        let refund = refund(&till, &payment, Some(40));
        assert_eq!((refund.state, till.returned(&payment)), (PaymentState::Refunded, 40));
        assert!(till.count(Op::RefundQuery) >= 3 && till.count(Op::Refund) == 1, "{:#?}", till.calls());
    });
}

#[test]
fn a_refund_that_the_wallet_fails_has_failed_and_its_sum_is_free() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new().refunds(Refunding::Fails));
        let refund = refund(&till, &payment, None);
        assert_eq!((refund.state, refund.reason), (PaymentState::Failed, Some(Reason::RefundFailed)));
        assert_eq!(till.terminal().refundable(payment.id).expect("all is left").left.minor, 100);
    });
}

#[test]
fn a_refund_that_cannot_be_paid_out_needs_a_person() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new().refunds(Refunding::Changes));
        let refund = refund(&till, &payment, None);
        assert_eq!((refund.state, refund.reason), (PaymentState::NeedsAttention, Some(Reason::RefundChanged)));
        assert_eq!(till.returned(&payment), 0);
    });
}

#[test]
fn a_lost_answer_is_found_again_by_the_same_number() {
    let lost = [
        Do::LostAfter,
        Do::Http500After,
        Do::CutJson,
        Do::BadSignature,
        Do::OtherRefund,
        Do::UnknownCode { effect: true },
    ];
    side_by_side(pairs(&KINDS, &lost), |(kind, what)| {
        let (till, payment) = paid(kind, refund_rule(Op::Refund, what.clone()));
        let refund = refund(&till, &payment, Some(60));
        assert_eq!(refund.state, PaymentState::Refunded, "{what:?} {:#?}", till.history(refund.id));
        assert_eq!((till.returned(&payment), till.count(Op::Refund)), (60, 1), "{what:?}");
    });
}

#[test]
fn a_refund_that_never_arrived_is_sent_again_under_the_same_number() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, refund_rule(Op::Refund, Do::LostBefore));
        let refund = refund(&till, &payment, Some(60));
        assert_eq!(
            (refund.state, till.returned(&payment)),
            (PaymentState::Refunded, 60),
            "{:#?}",
            till.history(refund.id)
        );
        let order = till.order(&payment).expect("it is there");
        assert_eq!(order.refunds.len(), 1);
        assert_eq!(order.refunds[0].refund_number, refund.order_number);
    });
}

#[test]
fn what_lies_about_a_refund_is_asked_again() {
    let lies = [
        Do::LostAfter,
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherOrder,
        Do::OtherRefund,
        Do::UnknownCode { effect: true },
        Do::UnknownState,
        Do::Busy { effect: true },
    ];
    side_by_side(pairs(&KINDS, &lies), |(kind, what)| {
        let (till, payment) = paid(kind, refund_rule(Op::RefundQuery, what.clone()));
        let refund = refund(&till, &payment, Some(60));
        assert_eq!(refund.state, PaymentState::Refunded, "{what:?} {:#?}", till.history(refund.id));
        assert_eq!((till.returned(&payment), refunds(&till, &payment)), (60, 1), "{what:?}");
        // Not in BlueOcean's list: the same number once more, which is the same refund.
        let again = what == Do::OtherRefund && kind == GatewayKind::BlueoceanV1;
        assert_eq!(till.count(Op::Refund), 1 + usize::from(again), "{what:?}");
        assert!(till.count(Op::RefundQuery) > 1, "{what:?}");
    });
}

#[test]
fn our_refund_with_another_sum_needs_a_person() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, refund_rule(Op::RefundQuery, Do::OtherAmount));
        let refund = refund(&till, &payment, Some(60));
        assert_eq!((refund.state, refund.reason), (PaymentState::NeedsAttention, Some(Reason::AmountDiffers)));
    });
}

#[test]
fn past_its_period_blueocean_turns_a_refund_away_and_short_funds_are_waited_for() {
    let kind = GatewayKind::BlueoceanV1;
    let (till, payment) = paid(kind, refund_rule(Op::Refund, Do::PastPeriod));
    let late = refund(&till, &payment, None);
    assert_eq!((late.state, late.reason), (PaymentState::Failed, Some(Reason::Refused)));
    assert_eq!((late.gateway_code.as_deref(), till.returned(&payment)), (Some("40108"), 0));
    let (till, payment) = paid(kind, refund_rule(Op::Refund, Do::FundsShort));
    let short = refund(&till, &payment, None);
    assert_eq!((short.state, till.returned(&payment)), (PaymentState::Refunded, 100), "{:#?}", till.history(short.id));
    assert_eq!(till.count(Op::Refund), 2);
}

#[test]
fn bjrcb_without_a_named_refund_query_leaves_the_proof_to_a_person() {
    let kind = GatewayKind::Bjrcb;
    let (till, payment) = paid_at(kind, Plan::new(), |gateway| {
        gateway.options.retain(|name, _| !name.starts_with("refund_query"));
    });
    let refund = refund(&till, &payment, None);
    assert_eq!((refund.state, refund.reason), (PaymentState::NeedsAttention, Some(Reason::RefundUnconfirmed)));
    assert_eq!((till.count(Op::Refund), till.count(Op::RefundQuery)), (1, 0));
}

#[test]
fn what_blueocean_says_of_a_refund_without_a_signature_proves_nothing_and_a_person_can_settle_it() {
    let unsigned = |op| Rule::new(op, Do::NoSignature).times(0);
    let plan = Plan::new().rule(unsigned(Op::Refund)).rule(unsigned(Op::RefundQuery));
    let (till, payment) = paid_at(GatewayKind::BlueoceanV1, plan, |gateway| {
        gateway.timing.attention_after_ms = Some(200);
    });
    let refund = refund(&till, &payment, Some(60));
    assert_eq!((refund.state, refund.reason), (PaymentState::NeedsAttention, Some(Reason::Unresolved)));
    assert_eq!((till.count(Op::Refund), till.returned(&payment)), (1, 60), "{:#?}", till.history(refund.id));
    let settle = till.terminal().settle_by_hand(refund.id, true, "Wong".to_owned(), "its books".to_owned());
    let settled = wait_for(settle).expect("it was asked about since, and nobody else can tell");
    assert_eq!(settled.state, PaymentState::SettledPaid);
}

#[test]
fn what_a_colleague_gave_back_is_not_given_back_again() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = paid(kind, Plan::new().customer(Customer::Pays));
        paywand_e2e::SANDBOX.refund(&till.merchant.id, &payment.order_number, 100);
        let refund = ask(&till, &payment, None).expect("it is accepted");
        let refund = till.settled(refund.id);
        assert_ne!(refund.state, PaymentState::Refunded, "{:#?}", till.history(refund.id));
        assert_eq!(till.returned(&payment), 100);
    });
}
