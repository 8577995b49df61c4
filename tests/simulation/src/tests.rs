//! The simulation itself: what it promises to whoever replays a seed, and that its judge can say no.

use std::path::Path;

use paywand::{Amount, Currency, Payment, PaymentKind, PaymentState};

use paywand_sandbox::RefundState;

use crate::{
    aim::{AIMS, EVERY},
    coverage::Coverage,
    day::{Day, What},
    disk,
    judge::Violation,
    log,
};

/// A day, and its story.
fn live(seed: u64, folder: &Path) -> (Result<usize, Violation>, Vec<String>) {
    let blank = disk::blank(folder).unwrap();
    let mut coverage = Coverage::default();
    let mut day = Day::new(seed, &blank, &folder.join("till.db"), &mut coverage, true);
    let end = day.run();
    (end, day.story().to_vec())
}

#[test]
fn every_promise_is_kept_on_thirty_days() {
    log::keep();
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=30 {
        let (end, story) = live(seed, folder.path());
        assert!(end.is_ok(), "seed {seed}: {end:?}\n{}", story.join("\n"));
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let folder = tempfile::tempdir().unwrap();
    for seed in [3, 7, 9, 11] {
        let (first, second) = (live(seed, folder.path()).1, live(seed, folder.path()).1);
        assert!(first.len() > 50, "{first:?}");
        assert_eq!(first, second, "seed {seed}");
    }
}

/// A forger whose answers name another order would show nothing about signatures.
#[test]
fn forged_answers_name_our_order_and_fall_to_their_signature() {
    let folder = tempfile::tempdir().unwrap();
    let mut caught = 0;
    for seed in 1..=20 {
        let story = live(seed, folder.path()).1;
        for (at, line) in story.iter().enumerate().filter(|(_, line)| line.ends_with("and meets Forged")) {
            // "… s  sale 5: query 4 is sent, and meets Forged", and later "… s  sale 5: 4 ends: …".
            let words: Vec<&str> = line.split_whitespace().collect();
            let end = format!("  sale {} {} ends: ", words[3], words[5]);
            let Some(end) = story[at..].iter().find(|line| line.contains(&end)) else { continue };
            assert!(!end.contains("other_"), "seed {seed}: {line}\n{end}");
            caught += u32::from(end.contains("Unverified"));
        }
    }
    assert!(caught > 10, "{caught}");
}

#[test]
fn every_aim_is_struck() {
    let folder = tempfile::tempdir().unwrap();
    let blank = disk::blank(folder.path()).unwrap();
    let path = folder.path().join("till.db");
    let mut coverage = Coverage::default();
    for turn in 1..=2 * AIMS.len() as u64 {
        Day::new(turn * EVERY, &blank, &path, &mut coverage, false).run().unwrap();
    }
    for (state, op) in AIMS {
        assert!(coverage.is_struck(state, op), "{op:?} in {state:?}");
    }
}

/// A day that has been lived well, and a payment of it that was paid.
fn lived(check: impl FnOnce(&mut Day<'_>, Payment)) {
    lived_with(|payment| payment.state == PaymentState::Paid, check);
}

/// The same, and a refund of it that a cashier asked for and the customer got, at a gateway that numbers refunds.
fn refunded(check: impl FnOnce(&mut Day<'_>, Payment)) {
    let asked_for = |payment: &Payment| payment.kind == PaymentKind::Refund && payment.gateway != "maxfun_tp";
    lived_with(|payment| asked_for(payment) && payment.state == PaymentState::Refunded, check);
}

fn lived_with(wanted: impl Fn(&Payment) -> bool, check: impl FnOnce(&mut Day<'_>, Payment)) {
    let folder = tempfile::tempdir().unwrap();
    let blank = disk::blank(folder.path()).unwrap();
    let path = folder.path().join("till.db");
    for seed in 1.. {
        let mut coverage = Coverage::default();
        let mut day = Day::new(seed, &blank, &path, &mut coverage, false);
        day.run().unwrap();
        let found = day.committed.values().map(|row| &row.payment).find(|payment| wanted(payment));
        if let Some(found) = found.cloned() {
            return check(&mut day, found);
        }
    }
}

fn broken(end: Result<(), Violation>) -> &'static str {
    end.expect_err("the judge says no").check
}

#[test]
fn what_is_told_before_it_is_committed_is_a_violation() {
    lived(|day, paid| {
        let told = Payment { state: PaymentState::Failed, ..paid };
        assert_eq!(broken(day.judge_told(&told)), "commit, then act, then tell");
    });
}

#[test]
fn another_amount_than_the_gateway_holds_is_a_violation() {
    lived(|day, paid| {
        let id = paid.id;
        let told = Payment { amount: Amount::new(paid.amount.minor + 1, Currency::CNY), ..paid };
        day.committed.get_mut(&id).unwrap().payment = told.clone();
        assert_eq!(broken(day.judge_told(&told)), "paid means paid, to us, this much");
    });
}

#[test]
fn a_failure_of_what_is_paid_is_a_violation() {
    lived(|day, paid| {
        let (id, place) = (paid.id, day.by_order[&paid.order_number]);
        let told = Payment { state: PaymentState::Failed, ..paid };
        day.committed.get_mut(&id).unwrap().payment = told.clone();
        day.sales[place].told = None;
        assert_eq!(broken(day.judge_told(&told)), "failed means proved");
    });
}

#[test]
fn an_order_that_no_payment_knows_is_a_violation() {
    lived(|day, paid| {
        let place = day.by_order[&paid.order_number];
        day.sales[place].gateway_order = "another".to_owned();
        assert_eq!(broken(day.judge_the_end()), "nothing in flight is forgotten");
    });
}

#[test]
fn a_refund_that_the_gateway_has_not_paid_out_is_a_violation() {
    refunded(|day, refund| {
        let place = day.by_order[&refund.order_number];
        let number = day.sales[place].gateway_order.clone();
        let order = day.world.order_mut(&day.merchant.id, &number).unwrap();
        order.refunds.iter_mut().for_each(|refund| refund.state = RefundState::Processing);
        assert_eq!(broken(day.judge_told(&refund)), "refunded means that the money went back");
    });
}

#[test]
fn a_failure_of_a_refund_that_was_paid_out_is_a_violation() {
    refunded(|day, refund| {
        let (id, place) = (refund.id, day.by_order[&refund.order_number]);
        let told = Payment { state: PaymentState::Failed, ..refund };
        day.committed.get_mut(&id).unwrap().payment = told.clone();
        day.sales[place].told = None;
        assert_eq!(broken(day.judge_told(&told)), "failed means proved");
    });
}

#[test]
fn a_refund_that_no_row_knows_is_a_violation() {
    refunded(|day, refund| {
        let place = day.by_order[&refund.order_number];
        day.sales[place].refund_number = Some("another".to_owned());
        assert_eq!(broken(day.judge_the_end()), "nothing in flight is forgotten");
    });
}

#[test]
fn a_row_that_is_gone_is_a_violation() {
    lived(|day, paid| {
        let row = Payment { id: 999, ..paid };
        let flow = String::new();
        let at = day.time();
        day.committed.insert(999, crate::judge::Committed { payment: row, flow, at, before: None });
        assert_eq!(broken(day.judge_the_end()), "no row is lost");
    });
}

#[test]
fn a_payment_code_in_a_row_is_a_violation() {
    lived(|day, _| {
        day.seed = 64;
        // What every row holds is said to be a secret.
        day.sales[0].code_text = day.sales[0].key.clone();
        assert_eq!(broken(day.judge_secrets()), "nothing secret leaks");
    });
}

#[test]
fn a_call_that_is_never_answered_is_a_violation() {
    lived(|day, _| {
        let now_ms = day.now_ms;
        day.till.as_mut().unwrap().ticket(now_ms, crate::till::Asked::Wish(0));
        assert_eq!(broken(day.judge_the_end()), "every call ends");
        // Whatever happens after that changes nothing.
        day.plan(now_ms, What::Start);
    });
}
