//! What persons may do, and what they may not: cancel, settle, retry; and what happens when the configuration changes.

use std::sync::Arc;

use paywand::{Amount, ChargeRequest, PaymentState, PaywandError, Reason, Secret, gateway::GatewayKind};
use paywand_e2e::{CHARGING, SANDBOX, Till, gateway, new_key, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn settle(till: &Till, id: i64, paid: bool) -> Result<paywand::Payment, PaywandError> {
    wait_for(till.terminal().settle_by_hand(id, paid, "Wong".to_owned(), "asked the customer".to_owned()))
}

fn cancel(till: &Till, id: i64) -> Result<paywand::Payment, PaywandError> {
    wait_for(till.terminal().cancel(id))
}

/// A customer who types the password, and a first query whose answer is held.
fn password() -> Plan {
    Plan::new().customer(Customer::PaysAfter { queries: 1 }).rule(Rule::new(Op::Query, Do::Hang { effect: true }))
}

#[test]
fn a_cancel_before_anything_left_is_failed() {
    for kind in CHARGING {
        let till = Till::with(|config| {
            let gateway = Till::gateway(config, kind);
            gateway.base_url = "https://localhost:9".to_owned();
            gateway.timing.connect_ms = Some(60_000);
        });
        let payment = till.begin_charge(kind);
        // Between two tries nothing is out.
        till.until(payment.id, |payment| till.history(payment.id).len() > 1);
        cancel(&till, payment.id).expect("it can be undone");
        let payment = till.settled(payment.id);
        assert_eq!((payment.state, payment.reason), (PaymentState::Failed, Some(Reason::Cancelled)));
        assert!(till.calls().is_empty());
    }
}

#[test]
fn maxfun_cannot_cancel_and_its_payment_stays_as_it_is() {
    let kind = GatewayKind::MaxfunDevice;
    let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
    let payment = till.begin_charge(kind);
    till.wait_gates(1);
    assert_eq!(cancel(&till, payment.id), Err(PaywandError::CannotCancel { id: payment.id }));
    assert_eq!(till.payment(payment.id).state, PaymentState::Charging);
    till.open_gates();
    assert_eq!(till.settled(payment.id).state, PaymentState::Paid);
}

#[test]
fn a_cancel_after_the_end_changes_nothing() {
    let till = Till::new();
    let payment = till.charge(KIND);
    assert_eq!(cancel(&till, payment.id), Ok(payment.clone()));
    assert_eq!(till.calls().len(), 1);
    let error = cancel(&till, payment.id + 1).expect_err("unknown");
    assert_eq!(error, PaywandError::NoSuchPayment { id: payment.id + 1 });
}

#[test]
fn two_cancels_are_one() {
    let till = Till::timed(KIND, |timing| timing.deadline_ms = Some(10_000));
    till.plan(Plan::new().customer(Customer::Never));
    let payment = till.begin_charge(KIND);
    till.reaches(payment.id, PaymentState::Querying);
    for _ in 0..3 {
        cancel(&till, payment.id).expect("it can be undone");
    }
    let payment = till.settled(payment.id);
    assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
    assert_eq!(till.count(Op::Reverse), 1);
}

#[test]
fn only_what_needs_attention_can_be_settled_and_by_somebody_for_a_reason() {
    let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, Do::Busy { effect: true })));
    let maxfun = till.charge(GatewayKind::MaxfunDevice);
    assert_eq!(maxfun.reason, Some(Reason::CannotAsk));
    for (who, why) in [("", "seen"), ("Wong", ""), (" ", "seen")] {
        let result = wait_for(till.terminal().settle_by_hand(maxfun.id, true, who.to_owned(), why.to_owned()));
        assert_eq!(result.expect_err("nobody, or no reason").code(), "invalid_request");
    }
    assert_eq!(settle(&till, maxfun.id, false).expect("settled").state, PaymentState::SettledNotPaid);
    assert_eq!(settle(&till, maxfun.id, true), Err(PaywandError::NotInAttention { id: maxfun.id }));
    let paid = till.charge(KIND);
    assert_eq!(settle(&till, paid.id, false), Err(PaywandError::NotInAttention { id: paid.id }));
    assert_eq!(till.payment(paid.id), paid);
}

#[test]
fn while_a_reverse_is_out_nobody_settles() {
    let till = Till::timed(KIND, |timing| {
        (timing.attention_after_ms, timing.reverse_retry_ms) = (Some(400), Some(2));
    });
    let never = || Plan::new().customer(Customer::Never);
    till.plan(never().rule(Rule::new(Op::Reverse, Do::ReverseAgain).times(0)));
    let payment = till.charge_to_end(KIND);
    assert_eq!(payment.reason, Some(Reason::Unresolved), "{}", till.story(&payment));
    // The next reverse hangs.
    till.plan(never().rule(Rule::new(Op::Reverse, Do::Hang { effect: false })));
    till.wait_gates(1);
    assert_eq!(settle(&till, payment.id, true), Err(PaywandError::ReverseInFlight { id: payment.id }));
    assert_eq!(till.payment(payment.id).state, PaymentState::NeedsAttention);
    // It ends unheard; after one more query a person may.
    till.plan(never().rule(Rule::new(Op::Reverse, Do::ReverseAgain).times(0)));
    till.open_gates();
    let settled = loop {
        match settle(&till, payment.id, false) {
            Err(PaywandError::ReverseInFlight { .. }) => {
                let steps = till.history(payment.id).len();
                till.until(payment.id, |payment| till.history(payment.id).len() > steps);
            }
            result => break result.expect("settled"),
        }
    };
    assert_eq!(settled.state, PaymentState::SettledNotPaid);
}

#[test]
fn retry_asks_now() {
    let till = Till::timed(KIND, |timing| {
        (timing.first_query_ms, timing.interval_ms, timing.deadline_ms) = (Some(15_000), Some(15_000), Some(15_000));
    });
    till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::LostAfter)));
    let payment = till.begin_charge(KIND);
    till.reaches(payment.id, PaymentState::Querying);
    wait_for(till.terminal().retry(payment.id)).expect("a hint");
    let from = std::time::Instant::now();
    assert_eq!(till.settled(payment.id).state, PaymentState::Paid);
    assert!(from.elapsed().as_secs() < 10);
}

#[test]
fn nothing_is_sent_while_the_account_is_another_and_it_goes_on_when_it_is_back() {
    let mut till = Till::planned(password());
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    till.close();
    let asked = till.calls().len();
    let (own, other) = (till.config.clone(), SANDBOX.new_merchant());
    *Till::gateway(&mut till.config, KIND) = gateway(KIND, &other);
    till.open().expect("it opens");
    let stopped = till.settled(payment.id);
    assert_eq!((stopped.state, stopped.reason), (PaymentState::NeedsAttention, Some(Reason::AccountChanged)));
    wait_for(till.terminal().retry(payment.id)).expect("a hint");
    assert_eq!((till.calls().len(), SANDBOX.calls(&other.id).len()), (asked, 0), "neither account is asked");
    till.restart(|config| *config = own);
    let payment = till.through(payment.id);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
    till.assert_true(&payment);
}

#[test]
fn new_keys_of_the_same_account_are_used_and_a_missing_gateway_is_waited_for() {
    let mut till = Till::planned(password());
    let payment = till.begin_charge(KIND);
    till.wait_gates(1);
    let own = till.config.clone();
    till.restart(|config| config.gateways.retain(|gateway| gateway.kind != KIND));
    let stopped = till.settled(payment.id);
    assert_eq!((stopped.state, stopped.reason), (PaymentState::NeedsAttention, Some(Reason::GatewayMissing)));
    let asked = till.calls().len();
    // A wrong key of the same account: asked, and refused there.
    till.restart(|config| {
        *config = own.clone();
        let wrong = Arc::new(Secret::from_text("0".repeat(32)));
        Till::gateway(config, KIND).keys.insert("key".to_owned(), wrong);
    });
    till.wait_calls(asked + 1);
    assert_ne!(till.calls()[asked].problem, None, "the new key signed it");
    assert!(!till.payment(payment.id).is_final);
    till.restart(|config| *config = own);
    let payment = till.through(payment.id);
    assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
}

#[test]
fn the_same_key_finds_its_payment_when_the_gateway_is_gone_or_another_s() {
    let mut till = Till::planned(password());
    let request = ChargeRequest { limit_ms: Some(0), ..till.charge_request(KIND) };
    let payment = till.try_charge(request.clone()).expect("it is begun");
    till.wait_gates(1);
    till.restart(|config| config.gateways.retain(|gateway| gateway.kind != KIND));
    // It may have been paid: nobody may hear that nothing was sent.
    let again = till.try_charge(request.clone()).expect("it is found");
    assert_eq!((again.id, again.reason), (payment.id, Some(Reason::GatewayMissing)));
    let other = ChargeRequest { amount: Amount::new(101, request.amount.currency), ..request.clone() };
    assert_eq!(till.try_charge(other).unwrap_err(), PaywandError::KeyReused { id: payment.id });
    let new = ChargeRequest { request_key: new_key(), ..request };
    assert_eq!(till.try_charge(new).unwrap_err().code(), "unknown_gateway");
}
