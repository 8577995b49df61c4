//! Cuts the power at every moment of a till's day, and makes its disk fail: the real driver, flows and store on a disk
//! that loses, tears and refuses what it was given. `--seed S` has the same days, cuts and faults again.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))] // There it only says that it cannot run.

#[cfg(target_os = "linux")]
mod calls;
mod check;
mod cuts;
mod disk;
mod faults;
mod image;
mod record;
mod shop;
#[cfg(all(test, target_os = "linux"))]
mod tests;
mod vfs;
mod world;

use std::{process::ExitCode, time::Instant};

use clap::Parser;
use cuts::{Before, Recording};
use disk::Lie;
use shop::Day;

/// Cuts the power at every moment of a till's days, and makes its disk fail at every operation.
#[derive(Parser)]
struct Arguments {
    /// Decides the days. Garbage and torn sectors are the same again too; order numbers and keys are not.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many days are cut at every moment.
    #[arg(long, default_value_t = 2)]
    days: u64,
}

/// A day of many steps: opened and shut several times, the log never full.
fn day(seed: u64) -> Day {
    Day { seed, sales: 10, data: 100, reopens_after: 60 }
}

/// A day on which the log is moved into the database again and again while the till is open.
fn long_day(seed: u64) -> Day {
    Day { seed, sales: 80, data: 6_000, reopens_after: 2_000 }
}

/// A day with little to do.
fn short_day(seed: u64) -> Day {
    Day { seed, sales: 2, data: 100, reopens_after: 40 }
}

fn main() -> ExitCode {
    if !cfg!(target_os = "linux") {
        println!("this needs Linux: the calls by which files are named are watched there");
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("FAILED: {why}\nThe same again: powercut --seed {}", arguments.seed);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let seed = arguments.seed;
    let started = Instant::now();
    let say = |what: &str, said: String| println!("{what:<28}{said}, {} s", started.elapsed().as_secs());
    let mut all = cuts::Tally::default();
    for day in (0..arguments.days).map(|n| day(seed.wrapping_add(n))) {
        let recording = Recording::of(day, Before::nothing(), Lie::None, None)?;
        all.add(passed(recording.cut(1))?);
        // A cut, and while the till recovers from it and sells once more, the next one.
        for before in recording.after_cuts(4) {
            let next = Day { seed: !day.seed, sales: day.sales + 1, ..day };
            all.add(passed(Recording::of(next, before, Lie::None, None)?.cut(9))?);
        }
        // A kill, and while it recovers a cut.
        for before in recording.after_kills(12) {
            let next = Day { seed: !day.seed, ..day };
            all.add(passed(Recording::of(next, before, Lie::None, None)?.cut(5))?);
        }
        say("a day", format!("{} events, {} cuts so far", recording.events.len(), all.cuts));
    }
    let recording = Recording::of(long_day(seed), Before::nothing(), Lie::None, None)?;
    let tally = passed(recording.cut(31))?;
    let (events, checkpoints) = (recording.events.len(), recording.checkpoints());
    say("a long day", format!("{events} events, {checkpoints} checkpoints, {} cuts", tally.cuts));
    all.add(tally);

    let mut caught = Vec::new();
    for lie in [Lie::Log, Lie::Files, Lie::Folder] {
        let tally = Recording::of(day(seed), Before::nothing(), lie, None)?.cut(7);
        let said = format!("{} of {} cuts", tally.failures(), tally.cuts);
        say(
            &format!("a disk that lies: {lie:?}"),
            format!("{} lost, {} refused of {}", tally.lost, tally.refused, tally.cuts),
        );
        if tally.lost == 0 {
            return Err(format!("a disk that lies ({lie:?}) loses nothing: the check is no check"));
        }
        caught.push(said);
    }

    let faults = faults::at_every_operation(short_day(seed), u64::MAX)?;
    let (days, refused, cuts) = (faults.days, faults.refused, &faults.cuts);
    say(
        "faults",
        format!(
            "{days} days, {refused} commits refused, {} intents landed all the same, {} cuts after them ({} in repair)",
            faults.landed, cuts.cuts, cuts.in_repair
        ),
    );
    if let Some(why) = faults.first {
        return Err(why);
    }
    passed(faults.cuts)?;
    Ok(format!(
        "{} cuts lose nothing that was acknowledged, and every disk opens (with lying syncs, the controls, {} fail); {} days \
         with a fault of the disk send, tell and lose nothing",
        all.cuts,
        caught.join(", "),
        faults.days,
    ))
}

/// An error if any cut was not survived.
fn passed(tally: cuts::Tally) -> Result<cuts::Tally, String> {
    match &tally.first {
        None => Ok(tally),
        Some(first) => Err(format!("{} of {} cuts fail, one of them so: {first}", tally.failures(), tally.cuts)),
    }
}
