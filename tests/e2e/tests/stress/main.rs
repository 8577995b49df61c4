//! Many cashiers at one terminal, all at once: they charge, show codes, wait, cancel, give back, pass callbacks on, settle,
//! listen and go away, while gateways misbehave, and the terminal is shut down and opened again in between. Every call
//! ends in its time, nothing is lost, till and ledger agree, and nothing is held in memory for what has ended.
//!
//! `make stress` runs two hundred cashiers; what each of them and the gateways do is decided by a seed. Threads and the
//! network are not: a seed repeats what was asked for, not what came first.

mod cashier;
mod listeners;

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use cashier::Cashier;
use paywand_e2e::{Chance, Shop, Till, close_and_verify, count, judge, settle_everything, side_by_side, size, states};

#[test]
fn many_cashiers_at_once_lose_nothing_and_no_call_hangs() {
    let (cashiers, rounds) = (size("PAYWAND_STRESS_CASHIERS", 24), size("PAYWAND_STRESS_ROUNDS", 4));
    let seed = size("PAYWAND_STRESS_SEED", 1);
    let shop = Shop::open(Till::rushed(), count(cashiers));
    let (done, half) = (AtomicUsize::new(0), count(cashiers * rounds / 2));
    let keys = Mutex::<Vec<String>>::default();
    shop.watched(|| {
        side_by_side(0..cashiers, |number| {
            let mut cashier = Cashier::new(&shop, count(number), Chance::new(seed * 1_000_003 + number));
            for _ in 0..rounds {
                cashier.round();
                // Whoever comes to the middle shuts the terminal down under everybody's hands.
                if done.fetch_add(1, Ordering::SeqCst) + 1 == half {
                    shop.reopen();
                }
            }
            keys.lock().expect("no cashier panics").extend(cashier.keys);
        });
        let ((calls, late_ms), keys) = (shop.calls(), keys.lock().expect("no cashier panics"));
        let ended = settle_everything(&shop);
        let payments = judge(&shop, &keys, &ended);
        println!(
            "seed {seed}: {cashiers} cashiers, {} payments and refunds, {calls} calls, at most {late_ms} ms late",
            payments.len()
        );
        println!("{:?}\nsettled by hand: {:?}; undecided: {}", states(&payments), ended.by_hand, ended.undecided);
    });
    close_and_verify(&shop);
}
