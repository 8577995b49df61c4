//! How often each kind of outcome came. A check that never sees a payment proves nothing about payments: the replay of the
//! corpora demands that each kind comes, and a run of the fuzzer says how often it did.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// A run prints its counts after so many inputs.
const EVERY: u64 = 10_000;

thread_local! {
    static INPUTS: Cell<u64> = const { Cell::new(0) };
    static COUNTS: RefCell<BTreeMap<&'static str, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Counts one outcome of this thread.
pub(crate) fn note(outcome: &'static str) {
    COUNTS.with_borrow_mut(|counts| *counts.entry(outcome).or_default() += 1);
}

/// What came in this thread so far.
pub fn counts() -> BTreeMap<&'static str, u64> {
    COUNTS.with_borrow(Clone::clone)
}

/// Counts one input, and prints now and then what came so far: libFuzzer ends without a word to its target.
pub fn report() {
    INPUTS.set(INPUTS.get() + 1);
    if INPUTS.get().is_multiple_of(EVERY) {
        let counts = counts();
        let said: Vec<_> = counts.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
        eprintln!("seen: {}", said.join(", "));
    }
}
