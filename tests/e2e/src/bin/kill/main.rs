//! Kills a till's process again and again and compares it with the gateways' books: `make kill ROUNDS=10000`.
//!
//! A round is one till: `pay`, the real process, on a database of its own, with sales at all five gateways. A seed
//! decides what is sold, how each customer behaves, which answers are lost, and where the process is ended: by SIGKILL a
//! random moment after something that happened, or at a kill point. `--seed S --rounds 1` plans the same round again;
//! the very instruction at which a signal arrives cannot be had again.

mod plan;
mod round;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use clap::Parser;
use paywand_e2e::SANDBOX;
use plan::Round;
use round::Tally;

/// Kills a till's process at random, and compares what it says with what the gateways hold.
#[derive(Parser)]
struct Arguments {
    /// How many tills.
    #[arg(long, default_value_t = 300)]
    rounds: u64,
    /// The first round's seed; each round after it takes the next. A random one if it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// How many tills at a time: they wait more than they work.
    #[arg(long, default_value_t = 24)]
    side_by_side: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let first = arguments.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let program = pay();
    println!("{} rounds from seed {first}", arguments.rounds);
    let next = AtomicU64::new(0);
    let done = Mutex::new((Tally::default(), 0_u64));
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..arguments.side_by_side {
            scope.spawn(|| {
                while let Some(n) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < arguments.rounds) {
                    let tally = play(first.wrapping_add(n), &program);
                    if tally.is_none() {
                        // What runs is finished; nothing more is begun.
                        next.store(arguments.rounds, Ordering::Relaxed);
                    }
                    note(&mut lock(&done), tally, arguments.rounds, started);
                }
            });
        }
    });
    let (tally, rounds) = lock(&done).clone();
    let strays = SANDBOX.strays();
    if rounds < arguments.rounds || !strays.is_empty() {
        println!("FAILED: {rounds} of {} rounds agree; calls of nobody: {strays:#?}", arguments.rounds);
        return ExitCode::FAILURE;
    }
    println!("{rounds} tills {tally}");
    ExitCode::SUCCESS
}

/// One round; none if it failed, which is then told.
fn play(seed: u64, program: &Path) -> Option<Tally> {
    let round = Round::of(seed);
    let mut story = Vec::new();
    let played = catch_unwind(AssertUnwindSafe(|| round.play(program, &mut story)));
    if let Err(panic) = &played {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
        // In one piece: other rounds print too.
        println!(
            "round with seed {seed} FAILED: {text}\n\n{round}{}\nthe same plan again: kill --seed {seed} --rounds 1\n",
            story.concat()
        );
    }
    played.ok()
}

/// Adds a round up, and says now and then how far it is.
fn note((sum, rounds): &mut (Tally, u64), tally: Option<Tally>, all: u64, started: Instant) {
    let Some(tally) = tally else { return };
    sum.add(&tally);
    *rounds += 1;
    if *rounds % all.div_ceil(10) == 0 {
        println!("{rounds} of {all} rounds after {} s", started.elapsed().as_secs());
    }
}

/// The program that is killed: it is built beside this one.
fn pay() -> PathBuf {
    let own = env::current_exe().expect("this program has a path");
    let pay = own.with_file_name("pay");
    assert!(pay.exists(), "{} is missing: cargo build -p paywand-e2e --bins", pay.display());
    pay
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
