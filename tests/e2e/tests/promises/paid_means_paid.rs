//! Promise 5: Paid needs success, a valid signature where answers are signed, our order and our amount.

use paywand::{Amount, Currency, Evidence, Payment, PaymentState, Reason, TerminalConfig, gateway::GatewayKind};
use paywand_e2e::{CHARGING, SANDBOX, Till, pairs, side_by_side};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

const ASKING: [GatewayKind; 2] = [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];

/// The charge is paid and its answer lost; every query says `what`.
fn asked_and_told(kind: GatewayKind, what: Do) -> (Till, Payment) {
    let till = Till::timed(kind, |timing| timing.attention_after_ms = Some(800));
    let lies = Rule::new(Op::Query, what).times(0);
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::LostAfter)).rule(lies));
    let payment = till.charge_to_end(kind);
    (till, payment)
}

/// The charge is answered with `what`; queries tell the truth.
fn charged_and_told(kind: GatewayKind, what: Do) -> (Till, Payment) {
    let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, what)));
    let payment = till.charge_to_end(kind);
    (till, payment)
}

fn differs(till: &Till, payment: &Payment, received: Amount) {
    let told = (payment.state, payment.reason, payment.received);
    let expected = (PaymentState::NeedsAttention, Some(Reason::AmountDiffers), Some(received));
    assert_eq!(told, expected, "{}", till.story(payment));
    assert_eq!(till.count(Op::Reverse) + till.count(Op::Close), 0, "nothing is undone by itself");
}

#[test]
fn another_amount_is_not_paid() {
    for kind in ASKING {
        for (till, payment) in [charged_and_told(kind, Do::OtherAmount), asked_and_told(kind, Do::OtherAmount)] {
            differs(&till, &payment, Amount::new(101, payment.amount.currency));
        }
    }
}

#[test]
fn another_currency_is_not_paid() {
    for kind in ASKING {
        for (till, payment) in [charged_and_told(kind, Do::OtherCurrency), asked_and_told(kind, Do::OtherCurrency)] {
            differs(&till, &payment, Amount::new(100, "USD".parse().expect("a currency")));
        }
    }
}

#[test]
fn another_order_is_not_paid() {
    side_by_side(pairs(&ASKING, &[Do::OtherOrder, Do::Stranger { reused_only: false }]), |(kind, what)| {
        let (till, payment) = asked_and_told(kind, what.clone());
        assert_eq!(payment.state, PaymentState::NeedsAttention, "{}", till.story(&payment));
        assert_eq!(payment.reason, Some(Reason::Unresolved), "{}", till.story(&payment));
        assert_eq!(till.count(Op::Reverse), 0, "nothing is undone while no answer is ours");

        let (till, payment) = charged_and_told(kind, what);
        assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        assert!(till.count(Op::Query) > 0, "the charge's answer was not believed");
        till.assert_true(&payment);
    });
}

#[test]
fn a_bad_or_missing_signature_is_not_paid() {
    side_by_side(pairs(&ASKING, &[Do::BadSignature, Do::NoSignature]), |(kind, what)| {
        let (till, payment) = asked_and_told(kind, what.clone());
        let told = (payment.state, payment.reason);
        assert_eq!(told, (PaymentState::NeedsAttention, Some(Reason::SignatureFails)), "{}", till.story(&payment));
        assert_eq!(till.count(Op::Reverse), 0, "what may be paid is not reversed");

        let (till, payment) = charged_and_told(kind, what);
        assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        assert!(till.count(Op::Query) > 0, "the charge's answer was not believed");
    });
}

#[test]
fn a_state_or_code_that_stands_in_no_table_is_not_paid() {
    side_by_side(pairs(&ASKING, &[Do::UnknownState, Do::UnknownCode { effect: true }]), |(kind, what)| {
        let (till, payment) = asked_and_told(kind, what);
        let told = (payment.state, payment.reason);
        assert_eq!(told, (PaymentState::NeedsAttention, Some(Reason::Unresolved)), "{}", till.story(&payment));
    });
}

#[test]
fn a_strangers_answer_on_a_kept_connection_is_not_paid() {
    side_by_side(CHARGING, |kind| {
        let till = Till::new();
        assert_eq!(till.charge(kind).state, PaymentState::Paid);
        let stranger = |op| Rule::new(op, Do::Stranger { reused_only: true });
        till.plan(Plan::new().customer(Customer::Never).rule(stranger(Op::Charge)).rule(stranger(Op::Query)));
        let mut request = till.charge_request(kind);
        request.amount.minor = 200;
        let id = till.begin(request).id;
        let payment = till.settled(id);
        assert_ne!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn maxfun_is_paid_on_a_connection_of_its_own_and_says_so() {
    let kind = GatewayKind::MaxfunDevice;
    let till = Till::new();
    for minor in [1, 2, 3] {
        till.terminal().prewarm(kind.code().to_owned()).expect("warm");
        let id = till.begin(till.charge_of(kind, minor)).id;
        let payment = till.settled(id);
        assert_eq!((payment.state, payment.evidence), (PaymentState::Paid, Some(Evidence::Connection)));
        till.assert_true(&payment);
    }
    let calls = till.calls();
    assert!(calls.iter().all(|call| call.tls && call.place_on_connection == 1), "{calls:#?}");
}

fn over_http(kind: GatewayKind) -> impl FnOnce(&mut TerminalConfig) {
    move |config| {
        let gateway = Till::gateway(config, kind);
        gateway.base_url = SANDBOX.http.clone();
        gateway.ca_file = None;
        gateway.allow_http = true;
    }
}

#[test]
fn what_is_not_signed_is_not_taken_over_plain_http() {
    for kind in [GatewayKind::MaxfunDevice, GatewayKind::Huishouyin] {
        let mut till = Till::closed();
        over_http(kind)(&mut till.config);
        assert_eq!(till.open().expect_err("no proof could come").code(), "invalid_config");
    }
}

#[test]
fn what_is_signed_is_paid_over_plain_http_and_unsigned_refusals_are_not_believed_there() {
    for kind in ASKING {
        let till = Till::with(over_http(kind));
        let payment = till.charge(kind);
        assert_eq!((payment.state, payment.evidence), (PaymentState::Paid, Some(Evidence::Signature)));
    }
    let till = Till::with(over_http(GatewayKind::BlueoceanV1));
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Refused { code: None })));
    let payment = till.begin_charge(GatewayKind::BlueoceanV1);
    let payment = till.until(payment.id, |payment| payment.state != PaymentState::Charging);
    assert_eq!(till.path(payment.id)[1], PaymentState::Querying, "{}", till.story(&payment));
}

/// Shows a QR at `kind`, and the customer pays; `rule` bends the answers.
fn shown_and_told(kind: GatewayKind, rule: Rule) -> (Till, Payment) {
    let till = Till::timed(kind, |timing| {
        timing.attention_after_ms = Some(200);
        timing.deadline_ms = Some(200);
    });
    till.plan(Plan::new().rule(rule));
    let id = till.qr(kind).id;
    let payment = till.settled(id);
    (till, payment)
}

#[test]
fn a_qr_paid_with_another_amount_is_not_paid() {
    let (till, payment) = shown_and_told(GatewayKind::TencentCpay, Rule::new(Op::Query, Do::OtherAmount).times(0));
    differs(&till, &payment, Amount::new(101, Currency::CNY));
    // huishouyin's check carries no amount: its detail call says it.
    let (till, payment) = shown_and_told(GatewayKind::Huishouyin, Rule::new(Op::Detail, Do::OtherAmount).times(0));
    differs(&till, &payment, Amount::new(101, Currency::CNY));
}

#[test]
fn a_qr_whose_answers_are_not_ours_or_do_not_verify_is_not_paid() {
    let lies = [
        (GatewayKind::TencentCpay, Op::Query, Do::OtherOrder),
        (GatewayKind::TencentCpay, Op::Query, Do::BadSignature),
        (GatewayKind::TencentCpay, Op::Query, Do::NoSignature),
        (GatewayKind::TencentCpay, Op::Query, Do::Stranger { reused_only: false }),
        (GatewayKind::Huishouyin, Op::Query, Do::OtherOrder),
        (GatewayKind::Huishouyin, Op::Detail, Do::OtherOrder),
        (GatewayKind::Huishouyin, Op::Detail, Do::Stranger { reused_only: false }),
        (GatewayKind::Huishouyin, Op::Detail, Do::LostAfter),
    ];
    side_by_side(lies, |(kind, op, what)| {
        let (till, payment) = shown_and_told(kind, Rule::new(op, what.clone()).times(0));
        assert_eq!(payment.state, PaymentState::NeedsAttention, "{what:?}\n{}", till.story(&payment));
    });
}

#[test]
fn what_is_paid_says_what_it_stands_on() {
    for kind in ASKING {
        let till = Till::new();
        let payment = till.charge(kind);
        let order = till.order_of(&payment).expect("the gateway knows it");
        assert_eq!(payment.evidence, Some(Evidence::Signature));
        assert_eq!(payment.received, Some(payment.amount));
        assert_eq!(payment.gateway_order_number.as_deref(), Some(order.gateway_number.as_str()));
        // The gateways write whole seconds.
        let paid_at = order.paid_at_ms.expect("it was paid");
        assert_eq!(payment.paid_at_ms, Some(paid_at - paid_at.rem_euclid(1_000)));
    }
}
