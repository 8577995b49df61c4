//! Faults of the disk in the middle of a sale: every operation of a day is one that may fail, once or for a while. The
//! shop stops where anything is sent or told that was not acknowledged; at the end of the day everything acknowledged
//! must be there, and also on a disk whose power is cut some time after the fault.

use std::{sync::Mutex, thread};

use crate::{
    cuts::{self, Before, Recording},
    disk::{Fault, FaultKind, Lie},
    shop::Day,
};

/// How many operations in a row a fault meets: one, or all of some seconds.
const COUNTS: [u64; 2] = [1, 30];

/// Power cuts on each day with a fault; where a sync fails, one after each mark too.
const CUTS: usize = 3;

/// How days with faults went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Days in which the fault was met.
    pub(crate) days: u64,
    /// Commits that were asked for and not acknowledged.
    pub(crate) refused: u64,
    /// Intents among them that had landed all the same.
    pub(crate) landed: u64,
    pub(crate) cuts: cuts::Tally,
    pub(crate) first: Option<String>,
}

/// Lets the operations of days like `day` fail, in every way that they can; all of them, or so many evenly spread.
pub(crate) fn at_every_operation(day: Day, at_most: u64) -> Result<Tally, String> {
    let mut faults = Vec::new();
    for kind in FaultKind::ALL {
        // Counted on a day on which it never comes.
        let never = Fault { kind, from: u64::MAX, count: 0 };
        let operations = Recording::of(day, Before::nothing(), Lie::None, Some(never))?.met;
        let each = operations.div_ceil(at_most).max(1);
        for count in COUNTS {
            faults.extend((0..operations).step_by(each as usize).map(|from| Fault { kind, from, count }));
        }
    }
    let faults = Mutex::new((0..).zip(faults));
    let sum = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((nth, fault)) = faults.lock().expect("no one panics here").next() else { return };
                    // Another day each time: the same operation falls into another step.
                    let tally = one(Day { seed: day.seed.wrapping_add(nth), ..day }, fault);
                    sum.lock().expect("no one panics here").add(tally);
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
            let mut cuts = recording.cut_some(CUTS);
            if fault.kind == FaultKind::Sync {
                cuts.add(recording.cut_after_marks());
            }
            let days = u64::from(recording.met > fault.from);
            Tally { days, refused: recording.unanswered(), landed: recording.landed(), cuts, first: None }
        }
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.days += other.days;
        self.refused += other.refused;
        self.landed += other.landed;
        self.cuts.add(other.cuts);
        self.first = self.first.take().or(other.first);
    }
}
