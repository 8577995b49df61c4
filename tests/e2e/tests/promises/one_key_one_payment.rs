//! Promise 2: the same request key is the same payment, in flight or ended; with anything else it is an error.

use std::{collections::HashSet, sync::Barrier};

use paywand::{Amount, ChargeRequest, Currency, Payment, PaymentState, PaywandError, QrRequest, gateway::GatewayKind};
use paywand_e2e::{Till, wait_for};
use paywand_sandbox::{Do, Op, Plan, Rule};

const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn hanging() -> Plan {
    Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true }))
}

#[test]
fn twice_in_sequence_is_one_payment() {
    let till = Till::new();
    let request = till.charge_request(KIND);
    let first = till.try_charge(request.clone()).expect("the first");
    let second = till.try_charge(request.clone()).expect("the second");
    assert_eq!(first.state, PaymentState::Paid);
    assert_eq!(first, second);
    // Whatever the customer shows the second time, the payment has been paid.
    let another_code = ChargeRequest { code: till.charge_request(KIND).code, ..request };
    assert_eq!(till.try_charge(another_code).expect("the third"), first);
    assert_eq!((till.count(Op::Charge), till.money(&first)), (1, 100));
}

#[test]
fn twice_while_in_flight_is_one_payment() {
    let till = Till::planned(hanging());
    let request = ChargeRequest { limit_ms: Some(0), ..till.charge_request(KIND) };
    let first = till.try_charge(request.clone()).expect("the first");
    till.wait_gates(1);
    let second = till.try_charge(request).expect("the second");
    assert_eq!((second.id, second.state), (first.id, PaymentState::Charging));
    till.open_gates();
    assert_eq!(till.settled(first.id).state, PaymentState::Paid);
    assert_eq!((till.count(Op::Charge), till.money(&first)), (1, 100));
}

#[test]
fn at_once_from_many_threads_is_one_payment() {
    for kind in [GatewayKind::MaxfunDevice, KIND, GatewayKind::Bjrcb] {
        let till = Till::new();
        let request = till.charge_request(kind);
        let start = Barrier::new(8);
        let payments: Vec<Payment> = std::thread::scope(|scope| {
            let call = || {
                start.wait();
                till.try_charge(request.clone()).expect("accepted")
            };
            let calls: Vec<_> = (0..8).map(|_| scope.spawn(call)).collect();
            calls.into_iter().map(|call| call.join().expect("no panic")).collect()
        });
        let ids: HashSet<i64> = payments.iter().map(|payment| payment.id).collect();
        assert_eq!((ids.len(), till.count(Op::Charge)), (1, 1), "{kind:?}");
        assert_eq!(till.settled(payments[0].id).state, PaymentState::Paid);
        assert_eq!(till.money(&payments[0]), 100);
    }
}

#[test]
fn after_a_restart_it_is_the_same_payment() {
    let mut till = Till::planned(hanging());
    let ended = till.charge_request(GatewayKind::Bjrcb);
    let paid = {
        till.plan(Plan::new());
        till.try_charge(ended.clone()).expect("paid")
    };
    till.plan(hanging());
    let in_flight = ChargeRequest { limit_ms: Some(0), ..till.charge_request(KIND) };
    let begun = till.try_charge(in_flight.clone()).expect("begun");
    till.wait_gates(1);
    till.restart(|_| {});
    assert_eq!(till.try_charge(ended).expect("the ended one"), paid);
    assert_eq!(till.try_charge(in_flight.clone()).expect("the one in flight").id, begun.id);
    assert_eq!(till.settled(begun.id).state, PaymentState::Paid);
    assert_eq!(till.try_charge(in_flight).expect("again").id, begun.id);
    assert_eq!(till.count(Op::Charge), 2);
}

fn reused(result: Result<Payment, PaywandError>, id: i64) {
    assert_eq!(result, Err(PaywandError::KeyReused { id }));
}

#[test]
fn the_key_with_anything_else_is_an_error_in_flight_ended_and_after_a_restart() {
    let mut till = Till::planned(hanging());
    let request = till.charge_request(KIND);
    let first = till.begin(request.clone());
    till.wait_gates(1);
    let refused = |till: &Till| {
        let another =
            |kind: GatewayKind| ChargeRequest { request_key: request.request_key.clone(), ..till.charge_request(kind) };
        let mut amount = another(KIND);
        amount.amount.minor += 1;
        reused(till.try_charge(amount), first.id);
        // Another gateway, and with it another currency.
        reused(till.try_charge(another(GatewayKind::Bjrcb)), first.id);
        reused(till.try_charge(another(GatewayKind::MaxfunDevice)), first.id);
        let qr = QrRequest { request_key: request.request_key.clone(), ..till.qr_request(GatewayKind::Huishouyin) };
        reused(wait_for(till.terminal().create_qr(qr)), first.id);
        // A currency that the gateway does not take: the key says more.
        reused(till.try_charge(ChargeRequest { amount: Amount::new(100, Currency::CNY), ..another(KIND) }), first.id);
        assert_eq!(till.calls().len(), till.calls_of(&first).len(), "nothing else was sent");
    };
    refused(&till);
    till.open_gates();
    till.settled(first.id);
    refused(&till);
    till.restart(|_| {});
    refused(&till);
    assert_eq!(till.count(Op::Charge), 1);
}

#[test]
fn the_key_of_a_charge_is_no_key_for_a_qr_at_the_same_amount() {
    let till = Till::new();
    let qr = till.qr_request(GatewayKind::TencentCpay);
    let shown = wait_for(till.terminal().create_qr(qr.clone())).expect("shown");
    let charge = ChargeRequest { request_key: qr.request_key, ..till.charge_request(GatewayKind::Bjrcb) };
    reused(till.try_charge(charge), shown.id);
}
