//! Faults of the disk in the middle of a sale: every operation of a day is one that may fail, once or for a while. The
//! shop stops where anything is sent or told that was not acknowledged; at the end of the day everything acknowledged
//! must be there, and also on a disk whose power is cut some time after the fault.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{
    cuts::{self, Before, Recording},
    disk::{Fault, FaultKind, Lie},
    shop::Day,
};

/// How many operations in a row a fault meets: one, or all of some seconds.
const COUNTS: [u64; 2] = [1, 30];

/// Power cuts after each fault.
const CUTS: usize = 3;

/// How days with faults went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Days in which the fault was met.
    pub(crate) days: u64,
    /// Commits that were asked for and not acknowledged.
    pub(crate) refused: u64,
    pub(crate) cuts: cuts::Tally,
    pub(crate) first: Option<String>,
}

/// The n-th fault of a plan.
fn fault(n: u64, most: &[u64; FaultKind::ALL.len()], each: u64) -> Option<(u64, Fault)> {
    let mut n = n;
    for (kind, most) in FaultKind::ALL.into_iter().zip(most) {
        for count in COUNTS {
            let faults = most.div_ceil(each);
            if n < faults {
                return Some((n, Fault { kind, from: n * each, count }));
            }
            n -= faults;
        }
    }
    None
}

/// Lets every `each`-th operation of a day like `day` fail, in every way that it can.
pub(crate) fn at_every_operation(day: Day, each: u64) -> Result<Tally, String> {
    let mut most = [0; FaultKind::ALL.len()];
    for (most, kind) in most.iter_mut().zip(FaultKind::ALL) {
        // Counted on a day on which it never comes.
        let never = Fault { kind, from: u64::MAX, count: 0 };
        *most = Recording::of(day, Before::nothing(), Lie::None, Some(never))?.met;
    }
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((nth, fault)) = fault(next.fetch_add(1, Ordering::Relaxed), &most, each) {
                    // Another day each time: the same operation falls into another step.
                    let day = Day { seed: day.seed.wrapping_add(nth), ..day };
                    sum.lock().expect("no one panics here").add(one(day, fault));
                }
            });
        }
    });
    Ok(sum.into_inner().expect("no one panics here"))
}

fn one(day: Day, fault: Fault) -> Tally {
    match Recording::of(day, Before::nothing(), Lie::None, Some(fault)) {
        Err(why) => Tally { first: Some(why), ..Tally::default() },
        Ok(recording) => {
            let cuts = recording.cut_some(CUTS);
            let days = u64::from(recording.met > fault.from);
            Tally { days, refused: recording.unanswered(), cuts, first: None }
        }
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.days += other.days;
        self.refused += other.refused;
        self.cuts.add(other.cuts);
        self.first = self.first.take().or(other.first);
    }
}
