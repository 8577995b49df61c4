//! Databases of every version, one for each schema: every later release opens each with every row (promise 6).
//!
//! A file under `testdata` is never written again. One of the newest schema is made where there is none.

use std::{collections::HashMap, fs, io::Write, path::PathBuf};

use super::{
    tests::{Place, intent, one, step},
    *,
};
use crate::{
    money::{Amount, Currency},
    payment::{Evidence, FollowUp, Original, PaymentKind, Reason, Settlement, Texts},
    payment_code::Wallet,
};

/// The order numbers in each file, in the order of their ids.
const ORDER_NUMBERS: [&[&str]; 2] = [&V1_ORDER_NUMBERS, &V2_ORDER_NUMBERS];
const V1_ORDER_NUMBERS: [&str; 7] = [
    "100861232F0579C0L2NKT2N6D2A8MEV7",
    "2F0579C1VOE4JU7Z8GFUYKGYRMMD10GR",
    "2F0579C2F4ZKS9S94CKXX549Y63NE171",
    "2F0579C34P0H698H0RSMW9ELCEZLRX8L",
    "2F0579C426IG1CAR8AIG0F3WBW5YFJOD",
    "2F0579C5OWTIK4PT43C2ZRWLME8XOFCC",
    "2F0579C60BR21GLN46OES5TRUKZGSSW4",
];

const V2_ORDER_NUMBERS: [&str; 10] = [
    "100861232F0579C03MXUUVHI113P9APU",
    "2F0579C1UTVMW9360W1A2MX5738HV4TI",
    "2F0579C2YA3XH12KBI7S1AHKKO6NIVY6",
    "2F0579C3WEBDY8Q5UG4DUL4U08EEP2IY",
    "2F0579C4DQOU59G5P05L3JCYCBESKTMS",
    "2F0579C573E8XSJXFXV1MS5TOQ7FSWKG",
    "2F0579C61N68QLNUE5U1RVKBXFT99ZPZ",
    "2F0579C7CQ6UO9UXJSZIWDKESEPWZC3F",
    "2F0579C8WDE7NMSWV643CJXOY4BR8PKL",
    "2F0579C99MVJRU6C2CHVS7FSQ7ELGVIZ",
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

/// What `v2.db` holds: as `v1.db`, and what schema 2 added.
fn v2() -> Vec<(Intent, Vec<Step>)> {
    let mut rows = v1();
    let mut less = intent("till-7/0008");
    less.payment.amount = Amount::new(2_000, Currency::HKD);
    let paid_less: Step = |payment| {
        payment.received = Some(payment.amount);
        payment.refundable = Some(Amount::new(1_900, Currency::HKD));
        payment.state = PaymentState::Paid;
    };
    rows.push((less, vec![paid_less]));

    let refund = |key: &str, id: i64, amount: i64, minor: i64, gateway_order_number: Option<&str>| {
        let mut refund = intent(key);
        refund.code_hash = None;
        refund.payment.kind = PaymentKind::Refund;
        refund.payment.state = PaymentState::Refunding;
        refund.payment.code_masked = None;
        refund.payment.amount = Amount::new(minor, Currency::HKD);
        refund.payment.refund_of = Some(Original {
            id,
            order_number: String::new(),
            amount: Amount::new(amount, Currency::HKD),
            gateway_order_number: gateway_order_number.map(str::to_owned),
            kind: PaymentKind::Charge,
        });
        refund
    };
    let refunded: Step = |payment| {
        payment.evidence = Some(Evidence::Signature);
        payment.received = Some(payment.amount);
        payment.paid_at_ms = Some(payment.created_at_ms + 700);
        payment.gateway_order_number = Some("5030001".to_owned());
        payment.state = PaymentState::Refunded;
    };
    rows.push((refund("退 0001", 1, 1_250, 500, Some("4200001")), vec![refunded]));
    rows.push((refund("till-7/0010", 8, 2_000, 1_900, None), vec![]));
    rows
}

type Step = fn(&mut Payment);

fn rows(version: i64) -> Vec<(Intent, Vec<Step>)> {
    match version {
        1 => v1(),
        2 => v2(),
        _ => panic!("no rows for schema {version}"),
    }
}

/// `intent` as it is begun with this id, after payments with these order numbers.
fn numbered(mut intent: Intent, order_numbers: &[String]) -> Intent {
    if let Some(original) = &mut intent.payment.refund_of {
        original.order_number = order_numbers[usize::try_from(original.id).unwrap() - 1].clone();
    }
    intent
}

/// The rows as they must stand, with the order numbers of the file.
fn expected(version: i64, order_numbers: &[&str]) -> Vec<Stored> {
    let order_numbers: Vec<String> = order_numbers.iter().map(|number| (*number).to_owned()).collect();
    let rows = rows(version).into_iter().zip(1..).zip(&order_numbers);
    let rows = rows.map(|(((intent, steps), id), order_number)| {
        let intent = numbered(intent, &order_numbers);
        let mut payment = intent.payment;
        (payment.id, payment.order_number) = (id, order_number.clone());
        let begun = Stored { payment, seq: 1, flow: intent.flow, account: intent.account, code_hash: intent.code_hash };
        steps.iter().fold(begun, |stored, change| {
            let next = changed(&stored, *change);
            // Who wrote version 1 forgot the hash of a code with the end; now it is kept while the end is watched.
            let keeps = if version == 1 { !next.payment.is_final } else { next.payment.unfinished() };
            let code_hash = stored.code_hash.filter(|_| keeps);
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

fn file(version: i64) -> PathBuf {
    PathBuf::from(format!("{}/src/store/testdata/v{version}.db", env!("CARGO_MANIFEST_DIR")))
}

#[test]
fn there_is_a_database_of_each_schema() {
    let newest = migrations::newest();
    if std::env::var_os("PAYWAND_WRITE_GOLDEN").is_some() && !file(newest).exists() {
        write_newest();
    }
    let files = fs::read_dir(file(newest).parent().unwrap()).unwrap().count();
    assert_eq!((i64::try_from(files), i64::try_from(ORDER_NUMBERS.len())), (Ok(newest), Ok(newest)));
    for version in 1..=newest {
        // `user_version` in SQLite's file header.
        let header: [u8; 4] = fs::read(file(version)).unwrap()[60..64].try_into().unwrap();
        assert_eq!(i64::from(u32::from_be_bytes(header)), version);
    }
}

#[test]
fn a_database_of_every_version_opens_with_every_row() {
    for (version, order_numbers) in (1..).zip(ORDER_NUMBERS) {
        let place = Place::new();
        fs::copy(file(version), place.path()).unwrap();
        opens_with(&place, &expected(version, order_numbers));
    }
}

fn opens_with(place: &Place, expected: &[Stored]) {
    let mut store = place.open();
    store.verify().unwrap();
    assert_eq!(store.last_time_ms(), 2_000);
    let reader = store.reader().unwrap();
    for stored in expected {
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
    assert_eq!(one(&mut store, Job::Change(Box::new(step(stored, PaymentState::Failed)))), Ok(Done::Changed));
    store.verify().unwrap();
}

/// Makes the file of the newest schema, where there is none yet, and prints its order numbers:
/// `PAYWAND_WRITE_GOLDEN=1 cargo test -p paywand --lib of_each_schema -- --nocapture`.
fn write_newest() {
    let place = Place::new();
    let mut store = place.open();
    let mut order_numbers = Vec::new();
    for (intent, steps) in rows(migrations::newest()) {
        let intent = numbered(intent, &order_numbers);
        let Ok(Done::Begun(stored)) = one(&mut store, Job::Begin(Box::new(intent))) else { panic!() };
        println!("\"{}\",", stored.payment.order_number);
        order_numbers.push(stored.payment.order_number.clone());
        steps.iter().fold(*stored, |stored, change| {
            let next = changed(&stored, *change);
            one(&mut store, Job::Change(Box::new(next))).unwrap();
            store.reader().unwrap().payment(stored.payment.id).unwrap().unwrap()
        });
    }
    drop(store);
    let bytes = fs::read(place.path()).unwrap();
    fs::File::create_new(file(migrations::newest())).unwrap().write_all(&bytes).unwrap();
}
