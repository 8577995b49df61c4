//! What is refused before a sale begins, numbers that were taken, and maxfun, where the answer is the only proof.

use paywand::{ChargeRequest, Evidence, PaymentState, PaywandError, Reason, gateway::GatewayKind};
use paywand_e2e::{CHARGING, Till, pairs, side_by_side, wait_for};
use paywand_sandbox::{Customer, Do, Op, Plan, Rule};

const KIND: GatewayKind = GatewayKind::BlueoceanV1;

fn hanging() -> Plan {
    Plan::new().rule(Rule::new(Op::Charge, Do::Hang { effect: true }))
}

#[test]
fn a_second_sale_like_one_in_doubt_is_refused_unless_it_is_another() {
    for kind in CHARGING {
        let till = Till::planned(hanging());
        let first = till.begin_charge(kind);
        till.wait_gates(1);
        let again = till.charge_request(kind);
        assert_eq!(till.try_charge(again.clone()), Err(PaywandError::LooksLikeRepeat { id: first.id }));
        assert_eq!(till.count(Op::Charge), 1, "nothing was sent");
        // Another amount, another gateway, or the word of the cashier.
        let mut amount = till.charge_request(kind);
        amount.amount.minor += 1;
        till.try_charge(amount).expect("another amount");
        let other = if kind == KIND { GatewayKind::Bjrcb } else { KIND };
        till.try_charge(till.charge_request(other)).expect("another gateway");
        let sale = till.try_charge(ChargeRequest { another_sale: true, ..again.clone() }).expect("another sale");
        assert_eq!(sale.state, PaymentState::Paid);
        till.open_gates();
        till.settled(first.id);
        till.try_charge(till.charge_request(kind)).expect("the first has ended");
        assert_eq!(till.count(Op::Charge), 5);
    }
}

#[test]
fn a_repeat_is_recognised_after_a_restart_too() {
    let mut till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, Do::Busy { effect: true })));
    let first = till.charge(GatewayKind::MaxfunDevice);
    till.restart(|_| {});
    let again = till.try_charge(till.charge_request(GatewayKind::MaxfunDevice));
    assert_eq!(again, Err(PaywandError::LooksLikeRepeat { id: first.id }));
    wait_for(till.terminal().settle_by_hand(first.id, true, "Wong".to_owned(), "seen".to_owned())).expect("settled");
    till.try_charge(till.charge_request(GatewayKind::MaxfunDevice)).expect("the first is settled");
}

#[test]
fn a_code_of_a_payment_in_doubt_is_refused_and_forgotten_after() {
    let mut till = Till::planned(hanging());
    let request = till.charge_of(KIND, 100);
    let first = till.begin(request.clone());
    till.wait_gates(1);
    let with_code = |till: &Till, minor| ChargeRequest { code: request.code.clone(), ..till.charge_of(KIND, minor) };
    let refused = Err(PaywandError::CodeInDoubt { id: first.id });
    assert_eq!(till.try_charge(with_code(&till, 555)), refused);
    // At any gateway.
    let elsewhere = ChargeRequest { code: request.code.clone(), ..till.charge_of(GatewayKind::MaxfunDevice, 777) };
    assert_eq!(till.try_charge(elsewhere), refused);
    // Also after a restart, when the code itself is gone: its hash is kept.
    till.close();
    till.plan(Plan::new().rule(Rule::new(Op::Query, Do::Hang { effect: true })));
    till.open().expect("it opens");
    assert_eq!(till.try_charge(with_code(&till, 555)), refused);
    assert_eq!(till.count(Op::Charge), 1);
    till.wait_gates(1);
    till.open_gates();
    till.settled(first.id);
    // Now the gateway itself says that it was used, and that proves nothing by itself.
    let second = till.begin(with_code(&till, 555));
    let second = till.until(second.id, |payment| payment.state != PaymentState::Charging);
    assert_eq!(second.state, PaymentState::Querying, "{}", till.story(&second));
}

#[test]
fn three_unverified_answers_close_the_gateway_for_new_sales_until_one_verifies() {
    for kind in [KIND, GatewayKind::Bjrcb] {
        let till = Till::planned(
            Plan::new()
                .rule(Rule::new(Op::Charge, Do::BadSignature).times(3))
                .rule(Rule::new(Op::Query, Do::Hang { effect: true }).times(3)),
        );
        // Each success cannot be verified; the queries behind hang.
        let ids: Vec<i64> = (1..=3)
            .map(|minor| {
                let id = till.begin(till.charge_of(kind, minor)).id;
                till.reaches(id, PaymentState::Querying);
                id
            })
            .collect();
        let sent = till.count(Op::Charge);
        let refused = till.try_charge(till.charge_of(kind, 9));
        assert_eq!(refused, Err(PaywandError::GatewayUnhealthy { gateway: kind.code().to_owned() }));
        assert_eq!(till.count(Op::Charge), sent, "nothing was sent");
        // Other gateways are not concerned.
        till.try_charge(till.charge_of(GatewayKind::MaxfunDevice, 9)).expect("healthy");
        till.wait_gates(3);
        till.open_gates();
        for id in ids {
            let payment = till.settled(id);
            assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
        }
        let payment = till.try_charge(till.charge_of(kind, 9)).expect("its answers verify again");
        assert_eq!(payment.state, PaymentState::Paid);
    }
}

#[test]
fn under_a_number_that_was_taken_nothing_is_undone() {
    side_by_side(["40101", "40106"], |code| {
        let till = Till::timed(KIND, |timing| timing.reverse_retry_ms = Some(5));
        let taken = Do::Refused { code: Some(code.to_owned()) };
        till.plan(Plan::new().rule(Rule::new(Op::Charge, taken)));
        let payment = till.charge_to_end(KIND);
        let told = (payment.state, payment.reason);
        assert_eq!(told, (PaymentState::NeedsAttention, Some(Reason::NumberTaken)), "{}", till.story(&payment));
        assert_eq!(cancel_code(&till, payment.id), "cannot_cancel");
        // Asking goes on; undoing never begins.
        let asked = till.calls().len();
        till.wait_calls(asked + 2);
        assert_eq!((till.count(Op::Reverse), till.count(Op::Charge)), (0, 1), "{}", till.story(&payment));
    });
}

#[test]
fn tencent_s_guard_against_duplicates_outranks_every_status_and_nothing_is_undone() {
    side_by_side(["3/407", "101/407", "102/407", "103/407", "104/407"], |code| {
        let kind = GatewayKind::TencentCpay;
        let till = Till::timed(kind, |timing| timing.reverse_retry_ms = Some(5));
        till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::Refused { code: Some(code.to_owned()) })));
        let payment = till.charge_to_end(kind);
        let told = (payment.state, payment.reason);
        assert_eq!(told, (PaymentState::NeedsAttention, Some(Reason::NumberTaken)), "{code} {}", till.story(&payment));
        assert_eq!(cancel_code(&till, payment.id), "cannot_cancel");
        let asked = till.calls().len();
        till.wait_calls(asked + 2);
        assert_eq!((till.count(Op::Reverse), till.count(Op::Charge)), (0, 1), "{code} {}", till.story(&payment));
    });
}

fn cancel_code(till: &Till, id: i64) -> &'static str {
    wait_for(till.terminal().cancel(id)).expect_err("it may be another sale's").code()
}

#[test]
fn maxfun_in_doubt_needs_a_person_and_nothing_more_is_sent() {
    let answers = [
        Do::Busy { effect: true },
        Do::Busy { effect: false },
        Do::LostAfter,
        Do::LostBefore,
        Do::Http500After,
        Do::Html,
        Do::CutJson,
        Do::UnknownCode { effect: true },
        // "0" is not 0.
        Do::CodeAsText,
        Do::Refused { code: Some("101".to_owned()) },
    ];
    let kind = GatewayKind::MaxfunDevice;
    side_by_side(pairs(&[kind], &answers), |(kind, what)| {
        let till = Till::planned(Plan::new().rule(Rule::new(Op::Charge, what.clone())));
        let payment = till.charge(kind);
        let told = (payment.state, payment.reason, payment.evidence);
        let expected = (PaymentState::NeedsAttention, Some(Reason::CannotAsk), None);
        assert_eq!(told, expected, "{what:?} {}", till.story(&payment));
        wait_for(till.terminal().retry(payment.id)).expect("a hint");
        assert_eq!(till.calls().len(), 1, "{what:?}");
    });
}

#[test]
fn maxfun_101_while_the_money_moves_needs_a_person() {
    let till = Till::planned(Plan::new().customer(Customer::PaysAfter { queries: 1 }));
    let payment = till.charge(GatewayKind::MaxfunDevice);
    assert_eq!((payment.state, payment.reason), (PaymentState::NeedsAttention, Some(Reason::CannotAsk)));
    assert_eq!(till.money(&payment), 100);
}

#[test]
fn maxfun_0_is_paid_on_its_connection_and_108_is_failed() {
    let kind = GatewayKind::MaxfunDevice;
    let till = Till::new();
    let payment = till.charge(kind);
    assert_eq!((payment.state, payment.evidence), (PaymentState::Paid, Some(Evidence::Connection)));
    let till = Till::planned(Plan::new().customer(Customer::Never));
    let payment = till.charge(kind);
    assert_eq!((payment.state, payment.gateway_code.as_deref()), (PaymentState::Failed, Some("108")));
    till.assert_true(&payment);
}
