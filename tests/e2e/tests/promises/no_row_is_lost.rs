//! Promise 6: whatever was written is there when the database opens again, every field of it.

use std::collections::HashMap;

use paywand::{ChargeRequest, Payment, PaymentFilter, PaymentState, gateway::GatewayKind, verify_store};
use paywand_e2e::{Till, wait_for};
use paywand_sandbox::{Customer, Plan};

/// Every payment, in pages of `size`, newest first.
fn pages(till: &Till, size: i32) -> Vec<Payment> {
    let mut all: Vec<Payment> = Vec::new();
    loop {
        let before = all.last().map(|payment| payment.id);
        let page = till.terminal().payments(PaymentFilter::default(), before, size).expect("readable");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn histories(till: &Till, payments: &[Payment]) -> Vec<Vec<String>> {
    payments.iter().map(|payment| till.history(payment.id)).collect()
}

/// A request in which every field is filled, differently for each `minor`.
fn full(till: &Till, kind: GatewayKind, minor: i64) -> ChargeRequest {
    ChargeRequest {
        request_key: format!("till-7/{minor}/单 {}", kind.code()),
        subject: format!("咖啡 {minor}"),
        detail: Some(format!("latte '{minor}' \"x\" \\ \u{1f600}")),
        cashier: Some(format!("C{minor}")),
        store: Some(format!("S{minor}")),
        terminal: Some(format!("T{minor}")),
        attach: Some(format!("a={minor}&b")),
        metadata: HashMap::from([("order".to_owned(), minor.to_string()), ("键".to_owned(), "值\n\t".to_owned())]),
        ..till.charge_of(kind, minor)
    }
}

#[test]
fn many_payments_are_all_there_with_all_fields_after_each_reopening() {
    let mut till = Till::new();
    let mut ids = Vec::new();
    for kind in [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb, GatewayKind::MaxfunDevice] {
        for minor in 1..=20 {
            // Each fourth customer's charge fails, each fifth's is answered otherwise.
            let customer = if minor % 4 == 0 { Customer::Declines { at_once: true } } else { Customer::Pays };
            till.plan(Plan::new().customer(customer));
            ids.push(till.begin(full(&till, kind, minor)).id);
            if minor % 4 == 0 || minor % 4 == 3 {
                let last = *ids.last().expect("one");
                till.until(last, |payment| payment.state != PaymentState::Charging);
            }
        }
    }
    for id in &ids {
        till.through(*id);
    }
    let before = pages(&till, 7);
    let stories = histories(&till, &before);
    assert_eq!(before.len(), ids.len());
    for payment in &before {
        till.assert_true(payment);
        let minor = payment.amount.minor;
        assert_eq!(payment.texts.subject, format!("咖啡 {minor}"));
        assert_eq!(payment.texts.terminal, Some(format!("T{minor}")));
        assert_eq!(payment.metadata.get("键").map(String::as_str), Some("值\n\t"));
        assert!(payment.code_masked.as_deref().is_some_and(|code| code.starts_with("****") && code.len() == 8));
    }
    for size in [1, 13, 500] {
        till.restart(|_| {});
        let after = pages(&till, size);
        assert_eq!(after, before, "pages of {size}");
        assert_eq!(histories(&till, &after), stories);
        for payment in &before {
            assert_eq!(till.payment(payment.id), *payment);
            let found = till.terminal().find(payment.request_key.clone()).expect("readable");
            assert_eq!(found.as_ref(), Some(payment));
        }
    }
    till.close();
    verify_store(till.config.database.clone()).expect("every row and the chain are whole");
}

#[test]
fn filters_find_each_payment_once() {
    let till = Till::new();
    for minor in 1..=6 {
        let customer = if minor % 2 == 0 { Customer::Declines { at_once: true } } else { Customer::Pays };
        till.plan(Plan::new().customer(customer));
        let kind = if minor <= 3 { GatewayKind::BlueoceanV1 } else { GatewayKind::MaxfunDevice };
        let id = till.begin(till.charge_of(kind, minor)).id;
        till.settled(id);
    }
    let count = |filter: PaymentFilter| till.terminal().payments(filter, None, 50).expect("readable").len();
    let state = |state| PaymentFilter { state: Some(state), ..PaymentFilter::default() };
    assert_eq!((count(state(PaymentState::Paid)), count(state(PaymentState::Failed))), (3, 3));
    let maxfun = PaymentFilter { gateway: Some("maxfun_device".to_owned()), ..state(PaymentState::Paid) };
    assert_eq!(count(maxfun), 1);
    let day = till.payment(pages(&till, 50)[0].id).business_day;
    assert_eq!(count(PaymentFilter { business_day: Some(day), ..PaymentFilter::default() }), 6);
    let other_day = PaymentFilter { business_day: Some("1999-12-31".to_owned()), ..PaymentFilter::default() };
    assert_eq!(count(other_day), 0);
}

#[test]
fn a_settlement_and_an_acknowledgement_are_kept() {
    let kind = GatewayKind::MaxfunDevice;
    let mut till = Till::planned(Plan::new().customer(Customer::PaysAfter { queries: 1 }));
    let payment = till.charge_to_end(kind);
    let settle = till.terminal().settle_by_hand(payment.id, true, "Wong".to_owned(), "顾客手机".to_owned());
    let settled = wait_for(settle).expect("settled");
    let by = settled.settled_by.clone().expect("by someone");
    assert_eq!((by.paid, by.who.as_str(), by.why.as_str()), (true, "Wong", "顾客手机"));
    assert_eq!(settled.state, PaymentState::SettledPaid);
    till.restart(|_| {});
    assert_eq!(till.payment(payment.id), settled);
}

#[test]
fn what_is_unfinished_is_there_too_while_the_gateway_is_gone() {
    let kind = GatewayKind::BlueoceanV1;
    let mut till = Till::timed(kind, |timing| timing.deadline_ms = Some(10_000));
    till.plan(Plan::new().customer(Customer::Never));
    let payment = till.begin(full(&till, kind, 1));
    till.reaches(payment.id, PaymentState::Querying);
    till.restart(|config| config.gateways.retain(|gateway| gateway.kind != kind));
    let kept = till.settled(payment.id);
    assert_eq!(kept.state, PaymentState::NeedsAttention);
    assert_eq!((kept.texts, kept.metadata, kept.order_number), (payment.texts, payment.metadata, payment.order_number));
}
