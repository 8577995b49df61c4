//! Every interleaving of answers, losses, wishes, restarts and time, through the real flow, for every set of
//! capabilities, within a budget of faults and wishes. Prints a table of what was explored; ends with an error, and a
//! story, where a rule is broken, where a state, a reason or a rule is never reached, or where a run was cut short.
//!
//! `model [--deep] [RUN...]`: the runs whose names contain one of the words, or all.

mod coverage;
mod gateway;
mod judge;
mod model;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod planted_refunds;
mod refund;
mod refund_seen;
mod rules;
mod runs;
mod steps;
mod story;
mod witness;
mod world;

use std::{
    collections::BTreeSet,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use paywand::flow::Flow;
use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    coverage::Coverage,
    model::{Budget, Payments},
    rules::Rule,
    runs::{RUNS, Run},
};

/// A run that takes longer is cut short, and that is an error.
const AT_MOST: Duration = Duration::from_secs(3_600);

fn main() -> ExitCode {
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let deep = match flags.as_slice() {
        [] => false,
        [flag] if flag == "--deep" => true,
        _ => {
            eprintln!("model [--deep] [RUN...]");
            return ExitCode::from(2);
        }
    };
    let wanted = |run: &&Run| words.is_empty() || words.iter().any(|word| run.name.contains(word.as_str()));
    let runs: Vec<&Run> = RUNS.iter().filter(wanted).collect();
    if runs.is_empty() {
        eprintln!(
            "no run of that name; there are:\n{}",
            RUNS.iter().map(|run| run.name).collect::<Vec<_>>().join("\n")
        );
        return ExitCode::from(2);
    }
    let report = Mutex::new(Report::default());
    println!("{:<62} {:>6} {:>6} {:>10} {:>5} {:>7}", "run", "faults", "wishes", "states", "depth", "time");
    explore_all(&runs, deep, &report);
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    if words.is_empty() {
        report.rules_are_judged();
    }
    report.summary(runs.len())
}

/// Each run on one thread, two runs at a time: as many as the smallest machine that builds this has processors.
fn explore_all(runs: &[&Run], deep: bool, report: &Mutex<Report>) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Relaxed)) {
                    explore(run, deep, report);
                }
            });
        }
    });
}

fn explore(run: &Run, deep: bool, report: &Mutex<Report>) {
    let locked = || report.lock().unwrap_or_else(PoisonError::into_inner);
    let coverage = Arc::new(Coverage::new());
    let mut wrong = 0;
    for budget in run.budgets(deep) {
        let started = Instant::now();
        let checker = check(run.payments(budget, Flow::step, &coverage));
        wrong += locked().explored(run.name, budget, &checker, started.elapsed());
    }
    locked().covered(run, &coverage, wrong == 0);
}

/// What has been explored, and what is wrong.
struct Report {
    started: Instant,
    states: usize,
    judged: Vec<u64>,
    wrong: usize,
}

impl Default for Report {
    fn default() -> Self {
        Self { started: Instant::now(), states: 0, judged: vec![0; Rule::ALL.len()], wrong: 0 }
    }
}

impl Report {
    /// How much was wrong with it.
    fn explored(&mut self, name: &str, budget: Budget, checker: &impl Checker<Payments>, took: Duration) -> usize {
        let before = self.wrong;
        let (states, depth, seconds) = (checker.unique_state_count(), checker.max_depth(), took.as_secs_f32());
        println!("{name:<62} {:>6} {:>6} {states:>10} {depth:>5} {seconds:>5.1} s", budget.faults, budget.wishes);
        self.states += states;
        for (rule, path) in checker.discoveries() {
            self.complain(&format!("{name}: broken: {rule}\n{}", story::story(path)));
        }
        if took >= AT_MOST {
            self.complain(&format!("{name}: cut short after {} s", AT_MOST.as_secs()));
        }
        self.wrong - before
    }

    fn covered(&mut self, run: &Run, coverage: &Coverage, is_whole: bool) {
        for (rule, judged) in Rule::ALL.iter().zip(&mut self.judged) {
            *judged += coverage.times_judged(*rule);
        }
        if is_whole {
            self.reached(run.name, "states", &coverage.states(), run.states);
            self.reached(run.name, "reasons", &coverage.reasons(), run.reasons);
        }
    }

    /// Neither more nor less than is expected.
    fn reached(&mut self, name: &str, what: &str, reached: &BTreeSet<&str>, expected: &[&[&str]]) {
        let expected: BTreeSet<&str> = expected.iter().copied().flatten().copied().collect();
        if *reached != expected {
            let never: Vec<_> = expected.difference(reached).collect();
            let unforeseen: Vec<_> = reached.difference(&expected).collect();
            self.complain(&format!(
                "{name}: {what} never reached: {never:?}; reached and not foreseen: {unforeseen:?}"
            ));
        }
    }

    fn rules_are_judged(&mut self) {
        for (index, rule) in Rule::ALL.iter().enumerate() {
            if self.judged.get(index) == Some(&0) {
                self.complain(&format!("no run gave this rule anything to judge: {}", rule.sentence()));
            }
        }
    }

    fn complain(&mut self, of: &str) {
        self.wrong += 1;
        println!("{of}");
    }

    fn summary(&self, runs: usize) -> ExitCode {
        let seconds = self.started.elapsed().as_secs();
        let (states, rules) = (self.states, Rule::ALL.len());
        if self.wrong > 0 {
            println!("{} wrong in {states} unique states of {runs} sets of capabilities, {seconds} s", self.wrong);
            return ExitCode::FAILURE;
        }
        println!("{states} unique states of {runs} sets of capabilities, {rules} rules, none broken, {seconds} s");
        ExitCode::SUCCESS
    }
}

/// Explores all of `payments`, breadth first on one thread, up to the first broken rule: its story is a shortest one.
fn check(payments: Payments) -> impl Checker<Payments> {
    payments.checker().finish_when(HasDiscoveries::AnyFailures).timeout(AT_MOST).threads(1).spawn_bfs().join()
}
