//! `simulate`: the real flow, gateways, driver and store under a seeded, faulty world, judged by the gateways' books.
//!
//! One seed is one day at one till, and drives everything: clocks, customers, gateways, network, cashier, process and disk.
//! A day that breaks a promise prints its seed; `--seed` lives it again and tells its story.

mod aim;
mod audit;
mod books;
mod callback;
mod cashier;
mod coverage;
mod day;
mod disk;
mod fault;
mod judge;
mod log;
mod network;
mod refund;
mod returned;
mod rng;
mod sale;
#[cfg(test)]
mod tests;
mod till;
mod weather;

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use clap::Parser;

use coverage::Coverage;
use day::Day;
use judge::Violation;

/// Takes payments in a simulated, faulty world and checks every promise against the gateways' books.
///
/// Ends with 0 where all is well, with 1 where a promise is broken.
#[derive(Parser)]
struct Arguments {
    /// How many payments to take, at least.
    #[arg(long, default_value_t = 100_000)]
    payments: u64,
    /// The first day's seed; with --story the only day's.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Lives one day and tells its story.
    #[arg(long)]
    story: bool,
    /// How many days are lived side by side. Default: one for each core.
    #[arg(long)]
    threads: Option<usize>,
    /// Where the databases lie. Default: /dev/shm, which is memory, where there is one; else the temporary folder.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Prints what was covered, and the holes.
    #[arg(long)]
    coverage: bool,
}

/// The first day that broke a promise.
struct Broken {
    seed: u64,
    after: u64,
    violation: Violation,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::keep();
    let parent = arguments.folder.clone().unwrap_or_else(memory);
    let folder = tempfile::tempdir_in(&parent).expect("a folder for the databases");
    let blank = disk::blank(folder.path()).expect("a database can be made");
    if arguments.story {
        return tell(arguments.seed, &blank, folder.path());
    }
    run(&arguments, &blank, folder.path())
}

fn memory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// One day and its story.
fn tell(seed: u64, blank: &Path, folder: &Path) -> ExitCode {
    let mut coverage = Coverage::default();
    let path = folder.join("till.db");
    let mut day = Day::new(seed, blank, &path, &mut coverage, true);
    let end = day.run();
    for line in day.story() {
        println!("{line}");
    }
    match end {
        Ok(sales) => {
            println!("a day of {sales} sales, and every promise was kept");
            ExitCode::SUCCESS
        }
        Err(Violation { check, what }) => {
            println!("violated: {check}: seed {seed}: {what}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, blank: &Path, folder: &Path) -> ExitCode {
    let begun = Instant::now();
    let (next, payments) = (AtomicU64::new(arguments.seed), AtomicU64::new(0));
    let (stop, broken) = (AtomicBool::new(false), Mutex::new(None::<Broken>));
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut coverage = Coverage::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let (next, payments, stop, broken) = (&next, &payments, &stop, &broken);
                let path = folder.join(format!("till-{worker}.db"));
                scope.spawn(move || {
                    let mut coverage = Coverage::default();
                    while !stop.load(Ordering::Relaxed) && payments.load(Ordering::Relaxed) < arguments.payments {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        match Day::new(seed, blank, &path, &mut coverage, false).run() {
                            Ok(sales) => {
                                payments.fetch_add(sales as u64, Ordering::Relaxed);
                            }
                            Err(violation) => {
                                stop.store(true, Ordering::Relaxed);
                                let after = payments.load(Ordering::Relaxed);
                                broken.lock().expect("no one panics here").get_or_insert(Broken {
                                    seed,
                                    after,
                                    violation,
                                });
                            }
                        }
                        if worker == 0 {
                            progress(payments.load(Ordering::Relaxed), arguments.payments, begun);
                        }
                    }
                    coverage
                })
            })
            .collect();
        for worker in workers {
            coverage.add(&worker.join().expect("a day does not panic"));
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    let taken = payments.into_inner();
    if arguments.coverage {
        println!("\n{}\n\n{}\n\n{}", coverage.table(), coverage.sent(), coverage.outcomes());
        coverage.holes().iter().for_each(|hole| println!("hole: {hole}"));
    }
    match broken.into_inner().expect("no one panics here") {
        None => {
            let days = next.into_inner() - arguments.seed;
            let rate = taken as f64 / seconds;
            println!(
                "{taken} payments on {days} days in {seconds:.0} s, {rate:.0} a second on {threads} threads: every promise kept, {} holes",
                coverage.holes().len()
            );
            ExitCode::SUCCESS
        }
        Some(Broken { seed, after, violation: Violation { check, what } }) => {
            println!("\nlive it again: simulate --story --seed {seed}");
            println!("violated: {check}: seed {seed}, after {after} payments: {what}");
            ExitCode::FAILURE
        }
    }
}

/// A bar where somebody looks.
fn progress(done: u64, all: u64, begun: Instant) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let share = (done as f64 / all.max(1) as f64).min(1.0);
    let bar: String = (0..40).map(|place| if f64::from(place) < share * 40.0 { '#' } else { '.' }).collect();
    let rate = done as f64 / begun.elapsed().as_secs_f64().max(0.001);
    eprint!("\r[{bar}] {done} of {all} payments, {rate:.0} a second ");
    let _ = std::io::stderr().flush();
}
