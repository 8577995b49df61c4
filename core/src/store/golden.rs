//! Databases of released versions, one for each schema: every later release opens each with every row (promise 6).
//!
//! A file under `testdata` that has been released is never written again.

use std::{collections::HashMap, fs};

use super::{
    tests::{Place, intent, one, step},
    *,
};
use crate::{
    money::{Amount, Currency},
    payment::{Evidence, FollowUp, PaymentKind, Reason, Settlement, Texts},
    payment_code::Wallet,
};

const V1: &[u8] = include_bytes!("testdata/v1.db");
const V1_ORDER_NUMBERS: [&str; 7] = [
    "100861232F0579C0L2NKT2N6D2A8MEV7",
    "2F0579C1VOE4JU7Z8GFUYKGYRMMD10GR",
    "2F0579C2F4ZKS9S94CKXX549Y63NE171",
    "2F0579C34P0H698H0RSMW9ELCEZLRX8L",
    "2F0579C426IG1CAR8AIG0F3WBW5YFJOD",
    "2F0579C5OWTIK4PT43C2ZRWLME8XOFCC",
    "2F0579C60BR21GLN46OES5TRUKZGSSW4",
];

/// What `v1.db` holds: each payment's intent, and its steps.
fn v1() -> Vec<(Intent, Vec<Step>)> {
    let mut plain = intent("till-7/0001");
    plain.order_prefix = "10086123".to_owned();
    let paid: Step = |payment| {
        payment.evidence = Some(Evidence::Signature);
        payment.received = Some(payment.amount);
        payment.paid_at_ms = Some(payment.created_at_ms + 500);
        payment.gateway_order_number = Some("4200001".to_owned());
        payment.state = PaymentState::Paid;
    };

    let mut refused = intent("till-7/0002");
    refused.payment.gateway = "maxfun".to_owned();
    refused.payment.wallet = Some(Wallet::Alipay);
    let failed: Step = |payment| {
        payment.state = PaymentState::Failed;
        payment.reason = Some(Reason::Refused);
        payment.gateway_code = Some("103".to_owned());
        payment.follow_up = FollowUp::Cleaning;
    };

    let mut qr = intent("桌 7 'x'");
    qr.code_hash = None;
    qr.payment.kind = PaymentKind::Qr;
    qr.payment.amount = Amount::new(1, Currency::CNY);
    qr.payment.code_masked = None;
    let text = |name: &str| Some(format!("{name} 文"));
    qr.payment.texts = Texts {
        subject: "茶".to_owned(),
        detail: text("detail"),
        cashier: text("cashier"),
        store: text("store"),
        terminal: text("terminal"),
        attach: text("attach"),
    };
    qr.payment.metadata = HashMap::from([("table".to_owned(), "7".to_owned()), ("桌".to_owned(), "七".to_owned())]);
    let showing: Step = |payment| {
        payment.state = PaymentState::ShowingQr;
        payment.pay_url = Some("weixin://wxpay/bizpayurl?pr=x".to_owned());
    };

    let needs_attention: Step = |payment| {
        payment.state = PaymentState::NeedsAttention;
        payment.reason = Some(Reason::AmountDiffers);
        payment.received = Some(Amount::new(1_249, Currency::HKD));
    };
    let settled: Step = |payment| {
        payment.state = PaymentState::SettledPaid;
        payment.contradicted = true;
        payment.follow_up = FollowUp::Watching;
        payment.settled_by = Some(Settlement { paid: true, who: "陈".to_owned(), why: "in the portal".to_owned() });
    };
    let too_late: Step = |payment| {
        payment.state = PaymentState::Paid;
        payment.cancel_too_late = true;
    };
    let acknowledged: Step = |payment| payment.acknowledged = true;
    vec![
        (plain, vec![paid]),
        (refused, vec![failed]),
        (qr, vec![showing]),
        (intent("till-7/0004"), vec![needs_attention, settled]),
        (intent("till-7/0005"), vec![too_late]),
        (intent("till-7/0007"), vec![too_late, acknowledged]),
        (intent("till-7/0006"), vec![]),
    ]
}

type Step = fn(&mut Payment);

/// The rows as they must stand, with the order numbers of the file.
fn expected(order_numbers: &[&str]) -> Vec<Stored> {
    let numbered = v1().into_iter().zip(1..).zip(order_numbers);
    let rows = numbered.map(|(((intent, steps), id), order_number)| {
        let mut payment = intent.payment;
        (payment.id, payment.order_number) = (id, (*order_number).to_owned());
        let begun = Stored { payment, seq: 1, flow: intent.flow, account: intent.account, code_hash: intent.code_hash };
        steps.iter().fold(begun, |stored, change| {
            let next = changed(&stored, *change);
            let code_hash = stored.code_hash.filter(|_| !next.payment.is_final);
            Stored { payment: next.payment, seq: next.seq, flow: next.flow, account: stored.account, code_hash }
        })
    });
    rows.collect()
}

fn changed(stored: &Stored, change: Step) -> Change {
    let mut payment = stored.payment.clone();
    change(&mut payment);
    let mut next = step(stored, payment.state);
    payment.is_final = payment.state.is_final();
    payment.updated_at_ms = next.payment.updated_at_ms;
    next.payment = payment;
    next
}

#[test]
fn a_database_of_version_1_opens_with_every_row() {
    if std::env::var_os("PAYWAND_WRITE_GOLDEN").is_some() {
        return write_version_1();
    }
    let place = Place::new();
    fs::write(place.path(), V1).unwrap();
    let mut store = place.open();
    store.verify().unwrap();
    assert_eq!(store.last_time_ms(), 2_000);
    let reader = store.reader().unwrap();
    let expected = expected(&V1_ORDER_NUMBERS);
    for stored in &expected {
        assert_eq!(reader.payment(stored.payment.id).unwrap().as_ref(), Some(stored));
        assert_eq!(reader.find(&stored.payment.request_key).unwrap().as_ref(), Some(stored));
        let history = reader.history(stored.payment.id).unwrap();
        assert_eq!(history.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (1..=stored.seq).collect::<Vec<_>>());
        assert_eq!(history.last().unwrap().state, stored.payment.state);
    }
    assert_eq!(reader.page(&Filter::default(), None, 50).unwrap().len(), expected.len());
    let unfinished: Vec<_> = expected.iter().filter(|stored| stored.payment.unfinished()).cloned().collect();
    assert_eq!(reader.unfinished().unwrap(), unfinished);
    let in_doubt: Vec<_> =
        expected.iter().map(|stored| &stored.payment).filter(|payment| payment.in_doubt()).cloned().collect();
    assert_eq!(reader.in_doubt().unwrap(), in_doubt);
    // And it goes on.
    let stored = unfinished.last().unwrap();
    assert_eq!(one(&mut store, Job::Change(Box::new(step(stored, PaymentState::Paid)))), Ok(Done::Changed));
    store.verify().unwrap();
}

/// Writes `v1.db` and prints its order numbers: `PAYWAND_WRITE_GOLDEN=1 cargo test golden`, until schema 1 is released.
fn write_version_1() {
    let place = Place::new();
    let mut store = place.open();
    for (intent, steps) in v1() {
        let Ok(Done::Begun(stored)) = one(&mut store, Job::Begin(Box::new(intent))) else { panic!() };
        println!("\"{}\",", stored.payment.order_number);
        steps.iter().fold(*stored, |stored, change| {
            let next = changed(&stored, *change);
            one(&mut store, Job::Change(Box::new(next))).unwrap();
            store.reader().unwrap().payment(stored.payment.id).unwrap().unwrap()
        });
    }
    drop(store);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/testdata/v1.db");
    fs::copy(place.path(), file).unwrap();
}
