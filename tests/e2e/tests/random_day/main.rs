//! A random day: two thousand mixed operations of many cashiers at one terminal with all gateways, over HTTPS, while one
//! exchange in ten goes wrong, a remote signer fails now and then, and the terminal is opened again and again. In the
//! evening the gateways' ledger equals the store, payment by payment and refund by refund.
//!
//! `PAYWAND_DAY_SEED` (1) and `PAYWAND_DAY_OPERATIONS` (2000) decide what is asked for and how the gateways behave; which
//! of it comes first, threads and the network decide. With `--nocapture` it prints what happened.

mod callbacks;
mod day;
mod operation;
mod refunds;
mod sales;
mod tables;
mod wishes;

use std::sync::Arc;

use day::{CASHIERS, Cashier, Day};
use paywand::gateway::GatewayKind;
use paywand_e2e::{
    Chance, KEYS, Shop, SigningService, Till, Turn, close_and_verify, judge, settle_everything, side_by_side, size,
};

/// The gateways whose keys are not on the till.
const ELSEWHERE: [GatewayKind; 2] = [GatewayKind::Bjrcb, GatewayKind::TencentCpay];

#[test]
fn after_a_random_day_the_ledger_equals_the_store_payment_by_payment() {
    let (seed, operations) = (size("PAYWAND_DAY_SEED", 1), size("PAYWAND_DAY_OPERATIONS", 2_000));
    let mut till = Till::rushed();
    let service = service(&mut till, seed);
    let shop = Shop::open(till, CASHIERS);
    let day = Day::new(&shop, seed, operations);
    shop.watched(|| {
        side_by_side(0..CASHIERS, |place| Cashier::new(&day, place).work());
        let (calls, late_ms) = shop.calls();
        let ended = settle_everything(&shop);
        let payments = judge(&shop, &day.keys(), &ended);
        println!("seed {seed}: {operations} operations, {} payments and refunds", payments.len());
        println!("{calls} calls, at most {late_ms} ms late; the signer was asked {} times", service.asked());
        tables::print(&day, &payments, &ended);
    });
    close_and_verify(&shop);
}

/// A signer for some of the gateways, which fails at one request in fifty: now and then it does not answer at all.
fn service(till: &mut Till, seed: u64) -> Arc<SigningService> {
    let service = SigningService::new(move |n| {
        let n = u64::try_from(n).expect("it fits");
        match Chance::new(seed.wrapping_mul(1_000_003) ^ n).below(500) {
            0 => Turn::Hangs,
            1..10 => Turn::Fails,
            _ => Turn::Signs,
        }
    });
    for (kind, name) in KEYS.into_iter().filter(|(kind, _)| ELSEWHERE.contains(kind)) {
        service.take_over(till, kind, name);
    }
    service
}
