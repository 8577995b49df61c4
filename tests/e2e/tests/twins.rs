//! The gateways that show a QR charge the customer's code too: the charge at Tencent and huishouyin, for both wallets.

use std::sync::Arc;

use paywand::{ChargeRequest, Payment, PaymentCode, PaymentState, Reason, gateway::GatewayKind};
use paywand_e2e::{SANDBOX, Till, new_code, side_by_side, wait_for};
use paywand_sandbox::{After, Customer, Do, Op, Plan, Rule};

const KINDS: [GatewayKind; 2] = [GatewayKind::TencentCpay, GatewayKind::Huishouyin];

/// One of each wallet's codes.
fn codes(number: u64) -> [PaymentCode; 2] {
    [13, 28].map(|prefix| PaymentCode::from_scan(&format!("{prefix}{:016}", number)).expect("a code"))
}

/// A charge of 1.00 at its end, or in a person's hands.
fn charged(till: &Till, kind: GatewayKind, code: PaymentCode) -> Payment {
    let request = ChargeRequest { code: Arc::new(code), another_sale: true, ..till.charge_request(kind) };
    let id = till.begin(request).id;
    till.settled(id)
}

fn planned(kind: GatewayKind, plan: Plan) -> (Till, Payment) {
    let till = Till::planned(plan);
    let payment = charged(&till, kind, new_code(kind));
    (till, payment)
}

fn customer(customer: Customer) -> Plan {
    Plan::new().customer(customer)
}

#[test]
fn both_wallets_pay() {
    side_by_side(KINDS, |kind| {
        let till = Till::new();
        for (code, platform) in codes(7_000).into_iter().zip([1, 2]) {
            let payment = charged(&till, kind, code);
            assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
            till.assert_true(&payment);
            let order = till.order(&payment).expect("it is there");
            assert_eq!(order.texts["pay_platform"], platform);
        }
    });
}

#[test]
fn a_customer_who_takes_his_time_is_waited_for() {
    side_by_side(KINDS, |kind| {
        for code in codes(7_100) {
            let till = Till::planned(customer(Customer::PaysAfter { queries: 2 }));
            let payment = charged(&till, kind, code);
            assert_eq!(payment.state, PaymentState::Paid, "{}", till.story(&payment));
            assert!(till.count(Op::Query) >= 2);
            till.assert_true(&payment);
        }
    });
}

#[test]
fn a_customer_who_never_pays_is_reversed() {
    side_by_side(KINDS, |kind| {
        for code in codes(7_200) {
            let till = Till::planned(customer(Customer::Never));
            let payment = charged(&till, kind, code);
            assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
            assert_eq!((till.count(Op::Reverse), till.count(Op::Close)), (1, 0));
            till.assert_true(&payment);
        }
    });
}

#[test]
fn a_decline_has_failed() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = planned(kind, customer(Customer::Declines { at_once: false }));
        assert_eq!(
            (payment.state, payment.reason),
            (PaymentState::Failed, Some(Reason::NotPaid)),
            "{}",
            till.story(&payment)
        );
        till.assert_true(&payment);
    });
}

#[test]
fn a_cancelled_charge_is_reversed() {
    side_by_side(KINDS, |kind| {
        let till = Till::timed(kind, |timing| timing.deadline_ms = Some(10_000));
        till.plan(customer(Customer::Never));
        let payment = till.begin_charge(kind);
        till.reaches(payment.id, PaymentState::Querying);
        wait_for(till.terminal().cancel(payment.id)).expect("it can be undone");
        let payment = till.settled(payment.id);
        assert_eq!(payment.state, PaymentState::Reversed, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn a_refused_charge_has_failed() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = planned(kind, Plan::new().rule(Rule::new(Op::Charge, Do::Refused { code: None })));
        assert_eq!(
            (payment.state, payment.reason),
            (PaymentState::Failed, Some(Reason::Refused)),
            "{}",
            till.story(&payment)
        );
        till.assert_true(&payment);
    });
}

#[test]
fn whatever_becomes_of_its_answer_a_paid_charge_is_paid_once() {
    let unclear = [
        Do::LostAfter,
        Do::Http500After,
        Do::CutJson,
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherOrder,
        Do::UnknownCode { effect: true },
        Do::UnknownState,
        Do::Busy { effect: true },
        Do::Repeat,
    ];
    side_by_side(KINDS, |kind| {
        for what in &unclear {
            let (till, payment) = planned(kind, Plan::new().rule(Rule::new(Op::Charge, what.clone())));
            // Where nothing was carried out and nothing is sent again, it is undone.
            let expected = match (what, kind) {
                (Do::Repeat, GatewayKind::Huishouyin) => None,
                _ => Some(PaymentState::Paid),
            };
            if let Some(expected) = expected {
                assert_eq!(payment.state, expected, "{what:?} {}", till.story(&payment));
            }
            assert_ne!(payment.state, PaymentState::Failed, "{what:?} {}", till.story(&payment));
            till.assert_true(&payment);
        }
    });
}

#[test]
fn money_that_comes_in_after_the_reverse_goes_back_by_itself() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = planned(kind, customer(Customer::PaysLate { after: After::Reverse }));
        assert_eq!(payment.state, PaymentState::Refunded, "{}", till.story(&payment));
        till.assert_true(&payment);
        assert!(!till.path(payment.id).contains(&PaymentState::Paid));
    });
}

#[test]
fn a_payment_during_the_reverse_goes_back_by_itself() {
    side_by_side(KINDS, |kind| {
        let (till, payment) = planned(kind, customer(Customer::PaysDuringReverse));
        assert_eq!(payment.state, PaymentState::Refunded, "{}", till.story(&payment));
        till.assert_true(&payment);
    });
}

#[test]
fn at_tencent_what_came_back_by_other_hands_is_no_payment_whichever_wallet_paid() {
    let kind = GatewayKind::TencentCpay;
    side_by_side([30, 100], |minor| {
        for code in codes(7_300 + minor) {
            let till = Till::timed(kind, |timing| timing.first_query_ms = Some(2_000));
            till.plan(Plan::new().rule(Rule::new(Op::Charge, Do::LostAfter)));
            let id = till.begin(ChargeRequest { code: Arc::new(code), ..till.charge_request(kind) }).id;
            let payment = till.reaches(id, PaymentState::Querying);
            SANDBOX.refund(&till.merchant.id, &payment.order_number, minor.cast_signed());
            let payment = till.settled(id);
            let told = (payment.state, payment.reason);
            let expected = (PaymentState::NeedsAttention, Some(Reason::ReturnedElsewhere));
            assert_eq!(told, expected, "{minor} {}", till.story(&payment));
            assert_eq!((till.count(Op::Reverse), till.returned(&payment)), (0, minor.cast_signed()));
        }
    });
}
