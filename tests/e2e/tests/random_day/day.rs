//! The day that all cashiers share, and what each of them does: the next operation, until there is none left.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use paywand::{Payment, PaymentKind, PaymentState, PaywandError, Terminal};
use paywand_e2e::{Chance, SANDBOX, Shop, weather};

use crate::operation::Operation;

/// At one terminal at once.
pub(crate) const CASHIERS: usize = 36;

/// One exchange in so many meets a misbehaviour: one in ten then goes wrong, since not each can befall each gateway.
const WRONG: u64 = 8;
/// The weather changes after so many operations,
const WEATHER_LASTS: u64 = 8;
/// and answers that are held back are let go.
const GATES_OPEN: u64 = 20;

/// What came of an operation, in a word: a state's code, an error's, or another.
pub(crate) type Outcome = &'static str;

pub(crate) struct Day<'a> {
    pub(crate) shop: &'a Shop,
    seed: u64,
    operations: u64,
    next: AtomicU64,
    /// Payments and refunds, as their callers first saw them.
    known: Mutex<Vec<Payment>>,
    tally: Mutex<BTreeMap<Operation, BTreeMap<Outcome, usize>>>,
}

impl<'a> Day<'a> {
    pub(crate) fn new(shop: &'a Shop, seed: u64, operations: u64) -> Self {
        let (known, tally) = Default::default();
        Self { shop, seed, operations, next: AtomicU64::new(0), known, tally }
    }

    /// The request keys of all payments and refunds that somebody was given.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.known().iter().map(|payment| payment.request_key.clone()).collect()
    }

    /// Operations by what came of them.
    pub(crate) fn tally(&self) -> MutexGuard<'_, BTreeMap<Operation, BTreeMap<Outcome, usize>>> {
        self.tally.lock().expect("no cashier panics")
    }

    fn known(&self) -> MutexGuard<'_, Vec<Payment>> {
        self.known.lock().expect("no cashier panics")
    }
}

pub(crate) struct Cashier<'a> {
    pub(crate) day: &'a Day<'a>,
    pub(crate) place: usize,
    /// What is drawn for the operation at hand.
    pub(crate) chance: Chance,
    operation: Operation,
}

impl<'a> Cashier<'a> {
    pub(crate) fn new(day: &'a Day<'a>, place: usize) -> Self {
        Self { day, place, chance: Chance::new(day.seed), operation: Operation::Find }
    }

    /// Works through the day's operations, with all the others.
    pub(crate) fn work(&mut self) {
        let day = self.day;
        loop {
            let number = day.next.fetch_add(1, Ordering::Relaxed);
            if number >= day.operations {
                return;
            }
            // What an operation draws depends on its number, and not on who comes to it.
            self.chance = Chance::new(day.seed.wrapping_mul(1_000_000_007).wrapping_add(number));
            self.operation = Operation::draw(number, &mut self.chance);
            if number.is_multiple_of(WEATHER_LASTS) {
                SANDBOX.plan(&day.shop.till.merchant.id, weather(&mut self.chance, WRONG));
            }
            if number.is_multiple_of(GATES_OPEN) {
                day.shop.till.open_gates();
            }
            let outcome = self.perform();
            *day.tally().entry(self.operation).or_default().entry(outcome).or_default() += 1;
        }
    }

    fn perform(&mut self) -> Outcome {
        match self.operation {
            Operation::Charge => self.charge(),
            Operation::Qr => self.show_qr(),
            Operation::Cancel => self.cancel(),
            Operation::Retry => self.retry(),
            Operation::Wait => self.wait(),
            Operation::Acknowledge => self.acknowledge(),
            Operation::Settle => self.settle(),
            Operation::Find => self.find(),
            Operation::Pages => self.pages(),
            Operation::RefundAll => self.refund_all(),
            Operation::RefundPart => self.refund_part(),
            Operation::RefundTooMuch => self.refund_too_much(),
            Operation::RefundTwice => self.refund_twice(),
            Operation::RefundOfRefund => self.refund_of_refund(),
            Operation::Callback => self.callback(),
            Operation::CallbackTwice => self.callback_twice(),
            Operation::CallbackForged => self.callback_forged(),
            Operation::CallbackForeign => self.callback_foreign(),
            Operation::CustomerPays => self.customer_pays(),
            Operation::Restart => {
                self.day.shop.reopen();
                "opened again"
            }
        }
    }

    /// A call of the operation at hand, at whichever terminal is open.
    pub(crate) fn call<T>(
        &self,
        limit_ms: i64,
        may: &[&str],
        call: impl Fn(&Terminal) -> Result<T, PaywandError>,
    ) -> Result<T, PaywandError> {
        self.day.shop.insist(self.place, self.operation.name(), limit_ms, may, call)
    }

    /// The payment as it stands now.
    pub(crate) fn look(&self, id: i64) -> Payment {
        self.call(0, &[], |terminal| terminal.payment(id)).expect("it is there")
    }

    /// From now on others may meddle with it.
    pub(crate) fn remember(&self, payment: &Payment) {
        self.day.known().push(payment.clone());
    }

    /// Any payment or refund that fits, as it was first seen.
    pub(crate) fn any(&mut self, fits: impl Fn(&Payment) -> bool) -> Option<Payment> {
        let known = self.day.known();
        let fitting: Vec<&Payment> = known.iter().filter(|payment| fits(payment)).collect();
        if fitting.is_empty() { None } else { Some(self.chance.one(&fitting).clone()) }
    }

    /// One of the last that fit: it may still be at work.
    pub(crate) fn recent(&mut self, fits: impl Fn(&Payment) -> bool) -> Option<Payment> {
        let known = self.day.known();
        let last: Vec<&Payment> = known.iter().rev().filter(|payment| fits(payment)).take(CASHIERS).collect();
        if last.is_empty() { None } else { Some(self.chance.one(&last).clone()) }
    }

    /// A sale that is paid now, if a few looks find one; else any sale.
    pub(crate) fn paid(&mut self) -> Option<Payment> {
        let mut sale = None;
        for _ in 0..8 {
            sale = self.any(|payment| payment.kind != PaymentKind::Refund);
            let id = sale.as_ref()?.id;
            if matches!(self.look(id).state, PaymentState::Paid | PaymentState::SettledPaid) {
                break;
            }
        }
        sale
    }

    /// A limit below `end`, in milliseconds.
    pub(crate) fn limit_ms(&mut self, end: u64) -> i64 {
        i64::try_from(self.chance.below(end)).expect("it fits")
    }
}
