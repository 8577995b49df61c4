//! Many cashiers at one terminal, all at once: they charge, show codes, wait, cancel, settle, listen and go away, while
//! gateways misbehave, and the terminal is shut down and opened again in between. Every call ends in its time, nothing is
//! lost, till and ledger agree, and nothing is held in memory for what has ended.
//!
//! `make stress` runs two hundred cashiers; what each of them and the gateways do is decided by a seed. Threads and the
//! network are not: a seed repeats what was asked for, not what came first.

mod cashier;
mod chance;
mod judge;
mod shop;
mod weather;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use cashier::Cashier;
use chance::Chance;
use shop::{EndsWatch, Shop};

/// A number from the environment.
fn size(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap_or_else(|e| panic!("{name}: {e}")))
}

#[test]
fn many_cashiers_at_once_lose_nothing_and_no_call_hangs() {
    let (cashiers, rounds) = (size("PAYWAND_STRESS_CASHIERS", 24), size("PAYWAND_STRESS_ROUNDS", 4));
    let seed = size("PAYWAND_STRESS_SEED", 1);
    let mut shop = Shop::open(usize::try_from(cashiers).expect("it fits"));
    let (done, half) = (AtomicUsize::new(0), usize::try_from(cashiers * rounds / 2).expect("it fits"));
    thread::scope(|scope| {
        scope.spawn(|| shop.watch());
        let _watch = EndsWatch(&shop);
        let (shop, done) = (&shop, &done);
        let running: Vec<_> = (0..cashiers)
            .map(|number| {
                scope.spawn(move || {
                    let slot = usize::try_from(number).expect("it fits");
                    let mut cashier = Cashier::new(shop, slot, Chance::new(seed * 1_000_003 + number));
                    for _ in 0..rounds {
                        cashier.round();
                        // Whoever comes to the middle shuts the terminal down under everybody's hands.
                        if done.fetch_add(1, Ordering::SeqCst) + 1 == half {
                            shop.reopen();
                        }
                    }
                    cashier.sales
                })
            })
            .collect();
        let sales: Vec<_> =
            running.into_iter().flat_map(|cashier| cashier.join().expect("no cashier panics")).collect();
        let counts = judge::settle_everything(shop);
        judge::judge(shop, &sales);
        println!("seed {seed}: {cashiers} cashiers, {} sales, {} calls; {counts}", sales.len(), shop.calls());
    });
    judge::close_and_verify(&mut shop);
}
