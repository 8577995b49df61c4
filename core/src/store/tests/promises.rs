//! What is written, and what is read back.

use std::sync::mpsc;

use super::*;
use crate::{
    payment::{Evidence, FollowUp, Reason, Settlement},
    payment_code::Wallet,
};

#[test]
fn a_request_key_names_one_payment() {
    let place = Place::new();
    let mut store = place.open();
    let first = begun(&mut store, "till-7/0042");
    let mut other = intent("till-7/0042");
    other.payment.amount.minor = 9_900;
    assert_eq!(one(&mut store, Job::Begin(Box::new(other))), Ok(Done::Existing(Box::new(first.clone()))));
    // In one commit, too.
    let twice = store.run(&[begin("till-7/0043"), begin("till-7/0043")]);
    let [Ok(Done::Begun(second)), Ok(Done::Existing(same))] = twice.as_slice() else { panic!("{twice:?}") };
    assert_eq!(second, same);
    let reader = store.reader().unwrap();
    assert_eq!(reader.find("till-7/0042").unwrap(), Some(first.clone()));
    assert_eq!(reader.find("till-7/0044").unwrap(), None);
    assert_eq!(reader.history(first.payment.id).unwrap().len(), 1);
}

#[test]
fn the_commit_makes_id_and_order_number() {
    let place = Place::new();
    let mut store = place.open();
    let mut wanted = intent("a");
    wanted.order_prefix = "10086123".to_owned();
    let Ok(Done::Begun(first)) = one(&mut store, Job::Begin(Box::new(wanted.clone()))) else { panic!() };
    assert_eq!((first.payment.id, first.seq), (1, 1));
    assert!(first.payment.order_number.starts_with("10086123"));
    assert_eq!(first.payment.order_number.len(), 32);
    // The clock falls back by a year, and the app starts anew: the time part still grows.
    drop(store);
    let mut store = place.open();
    wanted.payment.request_key = "b".to_owned();
    wanted.payment.created_at_ms -= 365 * 86_400_000;
    let Ok(Done::Begun(second)) = one(&mut store, Job::Begin(Box::new(wanted.clone()))) else { panic!() };
    assert!(second.payment.order_number[8..16] > first.payment.order_number[8..16]);
    wanted.order_prefix = "123456789012345678901".to_owned();
    wanted.payment.request_key = "c".to_owned();
    assert_eq!(one(&mut store, Job::Begin(Box::new(wanted))).unwrap_err().code(), "invalid_config");
}

#[test]
fn every_committed_row_is_there_after_reopen() {
    let place = Place::new();
    let mut store = place.open();
    let key = *store.code_key();
    assert_eq!(store.last_time_ms(), 0);
    let mut wanted: Vec<Stored> = (0..50).map(|i| begun(&mut store, &format!("k{i}"))).collect();
    for stored in wanted.iter_mut().step_by(2) {
        let next = step(stored, PaymentState::Paid);
        assert_eq!(one(&mut store, Job::Change(Box::new(next.clone()))), Ok(Done::Changed));
        *stored = Stored { payment: next.payment, seq: 2, flow: next.flow, code_hash: None, ..stored.clone() };
    }
    drop(store);
    let store = place.open();
    store.verify().unwrap();
    assert_eq!((store.code_key(), store.last_time_ms()), (&key, 2_000));
    let reader = store.reader().unwrap();
    for stored in wanted {
        assert_eq!(reader.payment(stored.payment.id).unwrap(), Some(stored));
    }
    assert_eq!(reader.unfinished().unwrap().len(), 25);
    assert_eq!(reader.payment(51).unwrap(), None);
}

#[test]
fn a_change_that_landed_may_be_given_again() {
    let place = Place::new();
    let mut store = place.open();
    let stored = begun(&mut store, "a");
    let change = step(&stored, PaymentState::Querying);
    for _ in 0..2 {
        assert_eq!(one(&mut store, Job::Change(Box::new(change.clone()))), Ok(Done::Changed));
    }
    assert_eq!(store.reader().unwrap().history(stored.payment.id).unwrap().len(), 2);
    // Another change in its place is not it.
    for other in [step(&stored, PaymentState::Paid), Change { flow: "{}".to_owned(), ..change.clone() }] {
        let refused = one(&mut store, Job::Change(Box::new(other))).unwrap_err();
        assert_eq!(refused.code(), "store_unavailable");
    }
    let next = Stored { payment: change.payment, seq: 2, ..stored };
    assert_eq!(one(&mut store, super::change(&next, PaymentState::Paid)), Ok(Done::Changed));
}

#[test]
fn every_field_comes_back_as_it_was() {
    let place = Place::new();
    let mut store = place.open();
    let mut wanted = intent("every field");
    let payment = &mut wanted.payment;
    payment.kind = PaymentKind::Qr;
    payment.wallet = Some(Wallet::UnionPay);
    let text = |name: &str| Some(format!("{name}: 'x'\n\"y\" \u{1f375}"));
    payment.texts = Texts {
        subject: "s".to_owned(),
        detail: text("detail"),
        cashier: text("cashier"),
        store: text("store"),
        terminal: text("terminal"),
        attach: text("attach"),
    };
    payment.metadata = HashMap::from([("桌".to_owned(), "7".to_owned()), (String::new(), "\0".to_owned())]);
    let Ok(Done::Begun(stored)) = one(&mut store, Job::Begin(Box::new(wanted.clone()))) else { panic!() };
    let mut next = step(&stored, PaymentState::SettledPaid);
    next.payment.reason = Some(Reason::AmountDiffers);
    next.payment.gateway_code = Some("USERPAYING".to_owned());
    next.payment.evidence = Some(Evidence::Signature);
    next.payment.received = Some(Amount::new(1_249, Currency::CNY));
    next.payment.paid_at_ms = Some(NOW + 5);
    next.payment.gateway_order_number = Some("4200".to_owned());
    next.payment.pay_url = Some("weixin://wxpay/bizpayurl?pr=x".to_owned());
    next.payment.contradicted = true;
    next.payment.cancel_too_late = true;
    next.payment.follow_up = FollowUp::Watching;
    next.payment.settled_by =
        Some(Settlement { paid: true, who: "陈".to_owned(), why: "seen in the portal".to_owned() });
    one(&mut store, Job::Change(Box::new(next.clone()))).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.find("every field").unwrap().unwrap().payment, next.payment);
    assert_eq!(reader.in_doubt().unwrap(), std::slice::from_ref(&next.payment));
    assert_eq!(reader.unfinished().unwrap()[0].flow, next.flow);
}

#[test]
fn a_job_that_fails_leaves_the_others() {
    let place = Place::new();
    let mut store = place.open();
    let stored = begun(&mut store, "a");
    let mut late = step(&stored, PaymentState::Paid);
    late.seq = 3;
    let mut unknown = step(&stored, PaymentState::Paid);
    unknown.payment.id = 99;
    let answers = store.run(&[
        begin("b"),
        Job::Change(Box::new(late)),
        Job::Change(Box::new(unknown)),
        change(&stored, PaymentState::Querying),
        change(&stored, PaymentState::Paid),
        begin("c"),
    ]);
    let codes: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map_or_else(PaywandError::code, |_| "done")).collect();
    assert_eq!(codes, ["done", "store_unavailable", "no_such_payment", "done", "store_unavailable", "done"]);
    store.verify().unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.find("a").unwrap().unwrap().payment.state, PaymentState::Querying);
    assert_eq!(reader.find("c").unwrap().unwrap().payment.id, 3);
}

#[test]
fn a_job_that_fails_halfway_leaves_nothing_of_itself() {
    let place = Place::new();
    let mut store = place.open();
    let trigger = "CREATE TEMP TRIGGER t BEFORE INSERT ON journal WHEN new.event = 'fails'
                   BEGIN SELECT raise(ABORT, 'as the test wants'); END";
    store.conn.as_ref().unwrap().execute_batch(trigger).unwrap();
    let failing = Intent { event: "fails".to_owned(), ..intent("b") };
    let answers = store.run(&[begin("a"), Job::Begin(Box::new(failing)), begin("c")]);
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(store.reader().unwrap().find("b").unwrap(), None);
    store.verify().unwrap();
}

#[test]
fn what_was_asked_for_never_changes() {
    let place = Place::new();
    let mut store = place.open();
    let stored = begun(&mut store, "a");
    let mut next = step(&stored, PaymentState::Paid);
    next.payment.amount.minor = 1;
    next.payment.order_number = "other".to_owned();
    next.payment.texts.subject = "other".to_owned();
    one(&mut store, Job::Change(Box::new(next))).unwrap();
    let after = store.reader().unwrap().payment(1).unwrap().unwrap().payment;
    assert_eq!(
        (after.amount, after.order_number, after.texts),
        (stored.payment.amount, stored.payment.order_number, stored.payment.texts)
    );
}

#[test]
fn the_code_hash_is_forgotten_at_the_end() {
    let place = Place::new();
    let mut store = place.open();
    let jobs = ["a", "b", "c", "d", "e"].map(|key| {
        let code_hash = Some(b"a hash that can be found in bytes".to_vec());
        Job::Begin(Box::new(Intent { code_hash, ..intent(key) }))
    });
    for id in (1..).take(store.run(&jobs).len()) {
        for (state, kept) in [(PaymentState::NeedsAttention, true), (PaymentState::Paid, false)] {
            let stored = store.reader().unwrap().payment(id).unwrap().unwrap();
            one(&mut store, change(&stored, state)).unwrap();
            assert_eq!(store.reader().unwrap().payment(id).unwrap().unwrap().code_hash.is_some(), kept);
        }
    }
    drop(store);
    let file = fs::read(place.path()).unwrap();
    assert!(!file.windows(14).any(|bytes| bytes == b"can be found i"), "it is still in a page");
}

#[test]
fn the_code_hash_is_kept_while_an_end_is_watched() {
    let place = Place::new();
    let mut store = place.open();
    let begin = Job::Begin(Box::new(Intent { code_hash: Some(vec![7; 32]), ..intent("a") }));
    assert!(matches!(one(&mut store, begin), Ok(Done::Begun(_))));
    for (follow_up, kept) in [(FollowUp::Watching, true), (FollowUp::None, false)] {
        let stored = store.reader().unwrap().payment(1).unwrap().unwrap();
        let mut next = step(&stored, PaymentState::Reversed);
        next.payment.follow_up = follow_up;
        one(&mut store, Job::Change(Box::new(next))).unwrap();
        assert_eq!(store.reader().unwrap().payment(1).unwrap().unwrap().code_hash.is_some(), kept);
    }
}

#[test]
fn the_journal_tells_what_became_of_a_payment() {
    let place = Place::new();
    let mut store = place.open();
    let stored = begun(&mut store, "a");
    begun(&mut store, "b");
    one(&mut store, change(&stored, PaymentState::Paid)).unwrap();
    let history = store.reader().unwrap().history(stored.payment.id).unwrap();
    let entry = |seq, at_ms, state, event: &str| JournalEntry { seq, at_ms, state, event: event.to_owned() };
    assert_eq!(
        history,
        [entry(1, NOW, PaymentState::Charging, "begin"), entry(2, NOW + 1_000, PaymentState::Paid, "to paid")]
    );
}

#[test]
fn pages_go_back_by_key_and_filter() {
    let place = Place::new();
    let mut store = place.open();
    for i in 0..20 {
        let mut wanted = intent(&format!("k{i}"));
        wanted.payment.gateway = if i % 2 == 0 { "maxfun" } else { "tencent" }.to_owned();
        wanted.payment.business_day = if i < 10 { "2026-01-01" } else { "2026-01-02" }.to_owned();
        let Ok(Done::Begun(stored)) = one(&mut store, Job::Begin(Box::new(wanted))) else { panic!() };
        if i % 5 == 0 {
            one(&mut store, change(&stored, PaymentState::Paid)).unwrap();
        }
    }
    let reader = store.reader().unwrap();
    let ids = |filter: &Filter, before, limit| -> Vec<i64> {
        reader.page(filter, before, limit).unwrap().iter().map(|payment| payment.id).collect()
    };
    let all = Filter::default();
    assert_eq!(ids(&all, None, 3), [20, 19, 18]);
    assert_eq!(ids(&all, Some(18), 3), [17, 16, 15]);
    assert_eq!(ids(&all, Some(1), 3), [0_i64; 0]);
    let paid = Filter { state: Some(PaymentState::Paid), ..all.clone() };
    assert_eq!(ids(&paid, None, 50), [16, 11, 6, 1]);
    let first_day = Filter { business_day: Some("2026-01-01".to_owned()), ..paid };
    assert_eq!(ids(&first_day, None, 50), [6, 1]);
    assert_eq!(ids(&Filter { gateway: Some("maxfun".to_owned()), ..first_day }, None, 50), [1]);
}

#[test]
fn group_commit_gives_each_job_its_own_answer() {
    let place = Place::new();
    let store = place.open();
    let reader = store.reader().unwrap();
    let writer = Writer::start(store);
    let (told, answers) = mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (writer, told) = (&writer, told.clone());
            scope.spawn(move || {
                for i in 0..50 {
                    let (told, key) = (told.clone(), format!("{thread}/{i}"));
                    let job = begin(&key);
                    writer.submit(job, Box::new(move |answer| told.send((key, answer)).unwrap()));
                }
            });
        }
    });
    drop(writer);
    drop(told);
    let answers: Vec<_> = answers.iter().collect();
    assert_eq!(answers.len(), 400);
    for (key, answer) in answers {
        let Ok(Done::Begun(stored)) = answer else { panic!("{answer:?}") };
        assert_eq!(stored.payment.request_key, key);
        assert_eq!(reader.find(&key).unwrap(), Some(*stored));
    }
    place.open().verify().unwrap();
}

#[test]
fn dropping_the_writer_ends_what_was_submitted_even_from_its_own_thread() {
    let place = Place::new();
    let writer = std::sync::Arc::new(Writer::start(place.open()));
    let (told, answers) = mpsc::channel();
    let last = std::sync::Arc::clone(&writer);
    let (go, gate) = mpsc::channel();
    let own = told.clone();
    writer.submit(
        begin("a"),
        Box::new(move |answer| {
            gate.recv().unwrap();
            drop(last);
            own.send(answer.is_ok()).unwrap();
        }),
    );
    for i in 0..10 {
        let told = told.clone();
        writer.submit(begin(&format!("{i}")), Box::new(move |answer| told.send(answer.is_ok()).unwrap()));
    }
    writer.reopen(Box::new(move |answer| told.send(answer.is_ok()).unwrap()));
    drop(writer);
    go.send(()).unwrap();
    assert_eq!(answers.iter().filter(|done| *done).count(), 12);
}
