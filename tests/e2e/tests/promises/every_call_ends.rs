//! Promise 4: each call returns within its stated time, with the payment as it stands; what is left goes on behind.

use std::time::{Duration, Instant};

use paywand::{ChargeRequest, PaymentState, gateway::GatewayKind};
use paywand_e2e::{CHARGING, SHOWING, Till, wait_for};
use paywand_sandbox::{Do, Op, Plan, Rule};

/// The gateway is silent for a minute. A call that waits for it fails by far.
const SILENCE_MS: i64 = 60_000;
/// What a busy machine may add to a stated time.
const GRACE: Duration = Duration::from_secs(5);

fn silent(kind: GatewayKind) -> Till {
    let till = Till::timed(kind, |timing| timing.read_ms = Some(SILENCE_MS));
    let hang = |op| Rule::new(op, Do::Hang { effect: true }).times(0);
    till.plan(Plan::new().rule(hang(Op::Charge)).rule(hang(Op::Create)).rule(hang(Op::Query)));
    till
}

/// Runs `call`, which states `limit_ms`.
fn timely<T>(limit_ms: u64, call: impl FnOnce() -> T) -> T {
    let from = Instant::now();
    let result = call();
    let took = from.elapsed();
    assert!(took < Duration::from_millis(limit_ms) + GRACE, "it took {took:?}, stated {limit_ms} ms");
    result
}

#[test]
fn a_charge_returns_at_its_limit_as_it_stands() {
    for kind in CHARGING {
        let till = silent(kind);
        let request = ChargeRequest { limit_ms: Some(100), ..till.charge_request(kind) };
        let from = Instant::now();
        let payment = timely(100, || till.try_charge(request)).expect("accepted");
        assert!(from.elapsed() >= Duration::from_millis(100), "not before its limit");
        assert_eq!((payment.state, payment.is_final), (PaymentState::Charging, false));
        till.wait_gates(1);
        till.open_gates();
        assert_eq!(till.settled(payment.id).state, PaymentState::Paid, "it went on behind");
    }
}

#[test]
fn a_charge_without_a_limit_returns_at_the_stated_one() {
    let kind = GatewayKind::BlueoceanV1;
    let till = Till::timed(kind, |timing| {
        (timing.connect_ms, timing.read_ms, timing.deadline_ms) = (Some(2_000), Some(50), Some(50));
        timing.qr_deadline_ms = Some(700);
        timing.attention_after_ms = Some(SILENCE_MS);
    });
    let hang = |op| Rule::new(op, Do::Hang { effect: true }).times(0);
    till.plan(Plan::new().rule(hang(Op::Charge)).rule(hang(Op::Query)));
    assert_eq!(till.terminal().call_limit_ms(kind.code().to_owned()), Ok(3_100));
    assert_eq!(till.terminal().qr_deadline_ms(kind.code().to_owned()), Ok(700));
    assert_eq!(till.terminal().qr_deadline_ms("none".to_owned()).unwrap_err().code(), "unknown_gateway");
    let from = Instant::now();
    let payment = timely(3_100, || till.charge(kind));
    assert!(from.elapsed() >= Duration::from_millis(3_100), "{}", till.story(&payment));
    assert_eq!(payment.state, PaymentState::Querying);
}

#[test]
fn a_qr_call_returns_at_its_limit_as_it_stands() {
    for kind in SHOWING {
        let till = silent(kind);
        let request = paywand::QrRequest { limit_ms: Some(100), ..till.qr_request(kind) };
        let payment = timely(100, || wait_for(till.terminal().create_qr(request))).expect("accepted");
        assert_eq!((payment.state, payment.pay_url), (PaymentState::Charging, None));
    }
}

#[test]
fn every_other_call_returns_while_the_gateway_is_silent() {
    let kind = GatewayKind::BlueoceanV1;
    let till = silent(kind);
    let payment = till.begin_charge(kind);
    till.wait_gates(1);
    let (id, terminal) = (payment.id, till.terminal());
    let waited = timely(50, || wait_for(terminal.wait(id, 50))).expect("as it stands");
    assert_eq!(waited.state, PaymentState::Charging);
    timely(0, || wait_for(terminal.retry(id))).expect("a hint");
    timely(0, || wait_for(terminal.acknowledge(id))).expect("nothing to acknowledge");
    let cancelled = timely(0, || wait_for(terminal.cancel(id))).expect("noted");
    assert_eq!(cancelled.state, PaymentState::CancelWaiting);
    let settle = wait_for(terminal.settle_by_hand(id, true, "Wong".to_owned(), "seen".to_owned()));
    assert_eq!(settle.expect_err("it does not wait for a person").code(), "not_in_attention");
    timely(0, || terminal.payment(id)).expect("there");
    timely(0, || terminal.find(payment.request_key.clone())).expect("there");
    timely(0, || terminal.in_doubt()).expect("there");
    timely(0, || terminal.prewarm(kind.code().to_owned())).expect("there");
    let unknown = timely(0, || wait_for(terminal.wait(id + 1, 1_000)));
    assert_eq!(unknown.expect_err("no such payment").code(), "no_such_payment");
}

#[test]
fn shutting_down_ends_while_the_gateway_is_silent_and_calls_that_wait_return() {
    let kind = GatewayKind::BlueoceanV1;
    let mut till = silent(kind);
    let payment = till.begin_charge(kind);
    till.wait_gates(1);
    let (terminal, id) = (till.terminal().clone(), payment.id);
    let waiting = std::thread::spawn(move || wait_for(terminal.wait(id, SILENCE_MS)));
    timely(2_000, || till.close());
    let waited = timely(2_000, || waiting.join().expect("no panic"));
    match waited {
        Ok(payment) => assert_eq!(payment.state, PaymentState::Charging),
        Err(error) => assert_eq!(error.code(), "shut_down"),
    }
}

#[test]
fn twenty_calls_at_once_all_return_and_all_are_paid_behind() {
    let kind = GatewayKind::Bjrcb;
    let till = silent(kind);
    let charge = |minor| {
        let request = ChargeRequest { limit_ms: Some(200), ..till.charge_of(kind, minor) };
        till.try_charge(request).expect("accepted").id
    };
    let charge = &charge;
    let ids: Vec<i64> = timely(200, || {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (1..=20).map(|minor| scope.spawn(move || charge(minor))).collect();
            calls.into_iter().map(|call| call.join().expect("no panic")).collect()
        })
    });
    till.wait_gates(20);
    till.plan(Plan::new());
    till.open_gates();
    for id in ids {
        let payment = till.settled(id);
        assert_eq!(payment.state, PaymentState::Paid);
        till.assert_true(&payment);
    }
    assert_eq!(till.count(Op::Charge), 20);
}

#[test]
fn a_call_that_is_dropped_stops_nothing() {
    let kind = GatewayKind::BlueoceanV1;
    let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true })));
    let request = till.charge_request(kind);
    let key = request.request_key.clone();
    wait_for(async {
        let call = till.terminal().charge(request);
        assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err(), "it waits");
    });
    till.wait_gates(1);
    till.open_gates();
    let payment = till.terminal().find(key).expect("readable").expect("it was begun");
    assert_eq!(till.settled(payment.id).state, PaymentState::Paid);
}
