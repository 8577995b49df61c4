//! What stands in the store that is meddled with: a payment that was paid, and a refund of a part of it that was begun.

use paywand::{
    Amount, Currency, Evidence, FollowUp, Original, Payment, PaymentKind, PaymentState, Texts,
    flow::{Flow, Input, Rules, Time},
    gateway::{Receipt, Reply},
    store::{Change, Done, Intent, Job, Store, Stored},
};

use crate::account;

/// Their numbers.
pub(super) const PAYMENT: i64 = 1;
pub(super) const REFUND: i64 = 2;

/// What is given back.
const PART: i64 = 300;
const AT_MS: i64 = 1_767_225_600_000;

pub(super) fn write(store: &mut Store) {
    let flow = begun(PaymentKind::Charge);
    let stored = begin(store, intent(charge(), &flow));
    assert_eq!(stored.payment.id, PAYMENT);
    let proof = Receipt { gateway_number: None, paid_at_ms: None, refundable: None, evidence: Evidence::Signature };
    let paid = step(&flow, Input::Reply { number: flow.number(), reply: Reply::Paid(proof) });
    let payment = Payment {
        state: PaymentState::Paid,
        is_final: true,
        evidence: Some(Evidence::Signature),
        received: Some(stored.payment.amount),
        ..stored.payment.clone()
    };
    let change = Change { payment, seq: 2, flow: paid.to_stored(), event: "paid".to_owned(), time_ms: 2_000 };
    assert_eq!(store.run(&[Job::Change(Box::new(change))]), [Ok(Done::Changed)]);
    let refund = begin(store, intent(refund(&stored.payment), &begun(PaymentKind::Refund)));
    assert_eq!(refund.payment.id, REFUND);
}

fn begin(store: &mut Store, intent: Intent) -> Stored {
    match store.run(&[Job::Begin(Box::new(intent))]).remove(0) {
        Ok(Done::Begun(stored)) => *stored,
        other => panic!("{other:?}"),
    }
}

fn begun(kind: PaymentKind) -> Flow {
    step(&Flow::new(kind, Rules::NONE, AT_MS), Input::Begin)
}

fn step(flow: &Flow, input: Input) -> Flow {
    flow.step(input, Time(1_000)).expect("nobody refuses it").next
}

fn intent(payment: Payment, flow: &Flow) -> Intent {
    let code_hash = (payment.kind == PaymentKind::Charge).then(|| vec![7; 32]);
    Intent {
        payment,
        order_prefix: String::new(),
        account: "0".repeat(32),
        code_hash,
        flow: flow.to_stored(),
        event: "begin".to_owned(),
        time_ms: 1_000,
    }
}

fn charge() -> Payment {
    Payment {
        id: 0,
        request_key: "till-7/0001".to_owned(),
        gateway: "blueocean".to_owned(),
        kind: PaymentKind::Charge,
        order_number: String::new(),
        amount: Amount::new(account::MINOR, Currency::HKD),
        refund_of: None,
        refundable: None,
        state: PaymentState::Charging,
        is_final: false,
        reason: None,
        gateway_code: None,
        evidence: None,
        received: None,
        paid_at_ms: None,
        gateway_order_number: None,
        pay_url: None,
        contradicted: false,
        cancel_too_late: false,
        acknowledged: false,
        follow_up: FollowUp::None,
        code_masked: Some("****1234".to_owned()),
        wallet: None,
        texts: Texts::default(),
        metadata: [("table".to_owned(), "7".to_owned())].into(),
        settled_by: None,
        business_day: "2026-01-01".to_owned(),
        created_at_ms: AT_MS,
        updated_at_ms: AT_MS,
    }
}

fn refund(payment: &Payment) -> Payment {
    let original = Original {
        id: payment.id,
        order_number: payment.order_number.clone(),
        amount: payment.amount,
        gateway_order_number: None,
        kind: payment.kind,
    };
    Payment {
        request_key: "till-7/0001/back".to_owned(),
        kind: PaymentKind::Refund,
        amount: Amount::new(PART, payment.amount.currency),
        refund_of: Some(original),
        state: PaymentState::Refunding,
        code_masked: None,
        ..charge()
    }
}
