//! maxfun's merchant API: charged, asked, given back by the till's own order number, over unsigned answers. There is no
//! reverse: what stays undecided needs a person.

use paywand::{
    Amount, Evidence, Payment, PaymentState, PaywandError, Reason, RefundRequest, gateway::GatewayKind::MaxfunTp,
};
use paywand_e2e::{Till, new_key, side_by_side, wait_for};
use paywand_sandbox::{Code108, Customer, Do, Op, Plan, Rule};

fn till(plan: Plan) -> Till {
    let till = Till::timed(MaxfunTp, |timing| {
        timing.first_query_ms = Some(20);
        timing.interval_ms = Some(20);
        timing.landing_horizon_ms = Some(200);
        timing.attention_after_ms = Some(3_000);
    });
    till.plan(plan);
    till
}

fn charge_rule(what: Do) -> Plan {
    Plan::new().rule(Rule::new(Op::Charge, what))
}

fn paid() -> (Till, Payment) {
    let till = till(Plan::new());
    let payment = till.charge_to_end(MaxfunTp);
    assert_eq!(
        (payment.state, payment.evidence),
        (PaymentState::Paid, Some(Evidence::Order)),
        "{}",
        till.story(&payment)
    );
    (till, payment)
}

fn refund(till: &Till, payment: &Payment, minor: Option<i64>) -> Result<Payment, PaywandError> {
    let refund = wait_for(till.terminal().refund(RefundRequest {
        request_key: new_key(),
        payment_id: payment.id,
        amount: minor.map(|minor| Amount::new(minor, payment.amount.currency)),
        reason: String::new(),
        cashier: None,
        metadata: Default::default(),
        another_refund: false,
        limit_ms: Some(0),
    }));
    refund.map(|refund| till.settled(refund.id))
}

#[test]
fn whatever_becomes_of_its_answer_a_paid_charge_is_paid_once() {
    let answers = [
        Do::LostAfter,
        Do::Http500After,
        Do::Html,
        Do::CutJson,
        Do::OtherOrder,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
    ];
    side_by_side(answers, |what| {
        let carried_out = what != Do::Html;
        let till = till(charge_rule(what.clone()));
        let payment = till.charge_to_end(MaxfunTp);
        let expected = if carried_out { PaymentState::Paid } else { PaymentState::NeedsAttention };
        assert_eq!(payment.state, expected, "{what:?} {}", till.story(&payment));
        assert_eq!((till.count(Op::Charge), till.money(&payment)), (1, if carried_out { 100 } else { 0 }));
    });
}

#[test]
fn what_stays_undecided_cannot_be_reversed_and_needs_a_person() {
    let till = till(charge_rule(Do::LostBefore));
    let payment = till.charge_to_end(MaxfunTp);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::CannotReverse)));
    assert_eq!(till.count(Op::Charge), 1);
    let refused = wait_for(till.terminal().cancel(payment.id)).expect_err("there is no reverse");
    assert_eq!(refused.code(), "cannot_cancel");
}

#[test]
fn an_explicit_refusal_has_failed() {
    for code in ["103", "108", "109", "202", "205"] {
        let till = till(charge_rule(Do::Refused { code: Some(code.to_owned()) }));
        let payment = till.charge_to_end(MaxfunTp);
        assert_eq!((payment.state, payment.gateway_code.as_deref()), (PaymentState::Failed, Some(code)));
        till.assert_true(&payment);
    }
}

#[test]
fn a_bad_parameter_may_be_the_nonce_of_a_copy_and_is_no_refusal() {
    let till = till(charge_rule(Do::Refused { code: Some("201".to_owned()) }));
    let payment = till.charge_to_end(MaxfunTp);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::CannotReverse)));
}

#[test]
fn a_number_that_was_taken_is_another_sale_s_whether_that_is_paid_or_not() {
    for plan in [Plan::new(), Plan::new().customer(Customer::Never)] {
        let taken = Rule::new(Op::Charge, Do::Refused { code: Some("206".to_owned()) });
        let till = till(plan.rule(taken));
        let payment = till.charge_to_end(MaxfunTp);
        assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::NumberTaken)));
        assert_eq!(till.count(Op::Charge), 1);
    }
}

#[test]
fn at_an_old_host_108_waits_for_the_password() {
    let till = Till::with(|config| {
        let gateway = Till::gateway(config, MaxfunTp);
        gateway.options.insert("code_108".to_owned(), "password".to_owned());
    });
    till.plan(Plan { code_108: Code108::Password, ..Plan::new().customer(Customer::PaysAfter { queries: 1 }) });
    let payment = till.charge_to_end(MaxfunTp);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn the_query_s_yuan_are_the_charge_s_fen() {
    let till = till(charge_rule(Do::LostAfter));
    let request = till.charge_of(MaxfunTp, 123_456);
    let id = till.begin(request).id;
    let payment = till.settled(id);
    assert_eq!(
        (payment.state, payment.received),
        (PaymentState::Paid, Some(payment.amount)),
        "{}",
        till.story(&payment)
    );
    let other = self::till(charge_rule(Do::OtherAmount));
    let payment = other.charge_to_end(MaxfunTp);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::AmountDiffers)));
}

#[test]
fn the_whole_is_given_back_and_the_order_s_state_proves_it() {
    let (till, payment) = paid();
    let error = refund(&till, &payment, Some(99)).expect_err("no part can be given back");
    assert_eq!(error.code(), "unsupported_operation");
    let refund = refund(&till, &payment, None).expect("it is accepted");
    assert_eq!(refund.state, PaymentState::Refunded, "{:#?}", till.history(refund.id));
    assert_eq!((till.returned(&payment), till.count(Op::Refund)), (100, 1));
}

#[test]
fn a_lost_refund_is_found_again_and_given_back_once() {
    for (what, sends) in [(Do::LostAfter, 1), (Do::LostBefore, 2), (Do::Busy { effect: true }, 1)] {
        let (till, payment) = paid();
        till.plan(Plan::new().rule(Rule::new(Op::Refund, what.clone())));
        let refund = refund(&till, &payment, None).expect("it is accepted");
        assert_eq!(refund.state, PaymentState::Refunded, "{what:?} {:#?}", till.history(refund.id));
        assert_eq!((till.returned(&payment), till.count(Op::Refund)), (100, sends), "{what:?}");
    }
}

#[test]
fn past_its_day_a_refund_is_turned_away() {
    let (till, payment) = paid();
    till.plan(Plan::new().rule(Rule::new(Op::Refund, Do::PastPeriod)));
    let refund = refund(&till, &payment, None).expect("it is accepted");
    assert_eq!((refund.state, refund.gateway_code.as_deref()), (PaymentState::Failed, Some("210")));
    assert_eq!(till.returned(&payment), 0);
}
