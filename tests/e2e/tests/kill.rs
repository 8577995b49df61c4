//! Nothing in flight is forgotten (promise 3): the process is ended at every step boundary and started again.
//!
//! `pay` takes one payment and is ended at a kill point's n-th passing, for every n that it reaches. Then the till is
//! opened again, drives what it finds to its end, and is compared with the sandbox's ledger. `-- --nocapture` prints how
//! often it was killed where.

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use paywand::{KILL_POINTS, gateway::GatewayKind};
use paywand_e2e::{Asked, SHOWING, Till, lost, sale};
use paywand_sandbox::{After, Customer, Do, Plan, Rule};

const PAY: &str = env!("CARGO_BIN_EXE_pay");
const KEY: &str = "till-7/0042";

/// How many tills are killed side by side: they wait more than they work.
const SIDE_BY_SIDE: usize = 24;

/// What happens to the payment if nothing kills the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Story {
    PaidAtOnce,
    AnswerLost,
    WaitingThenPaid,
    NeverPaid,
    PaidAgainstTheEnd,
}

const STORIES: [Story; 5] =
    [Story::PaidAtOnce, Story::AnswerLost, Story::WaitingThenPaid, Story::NeverPaid, Story::PaidAgainstTheEnd];

impl Story {
    fn plan(self, kind: GatewayKind) -> Plan {
        let (customer, rules) = match self {
            Self::PaidAtOnce => (Customer::Pays, vec![]),
            Self::AnswerLost => (Customer::Pays, vec![lost(kind)]),
            Self::WaitingThenPaid => (Customer::PaysAfter { queries: 1 }, vec![]),
            Self::NeverPaid => (Customer::Never, vec![]),
            Self::PaidAgainstTheEnd if SHOWING.contains(&kind) => (Customer::PaysLate { after: After::Close }, vec![]),
            Self::PaidAgainstTheEnd => (Customer::PaysLate { after: After::Reverse }, vec![]),
        };
        Plan { customer: Some(customer), rules, ..Plan::default() }
    }
}

/// A closed till with one gateway and one customer.
fn till(kind: GatewayKind, story: Story) -> Till {
    let till = Till::hasty(&[kind]);
    till.plan(story.plan(kind));
    till
}

/// Takes the payment in a process of its own. Whether it was killed at `point`.
fn take(till: &Till, kind: GatewayKind, point: &str) -> bool {
    let mut command = till.command(PAY);
    command.args(sale(kind, KEY)).args(["--wait", "20s", "--log", "off"]).env("PAYWAND_KILL_POINT", point);
    let status = command.stdout(Stdio::null()).status().expect("it can be started");
    // SIGABRT; whatever else ends it has a code.
    let killed = status.signal() == Some(6);
    assert!(killed || status.code().is_some(), "{kind:?} {point}: {status}");
    killed
}

/// Starts the till again, and compares what it finds out with what the gateway knows.
fn check(till: &mut Till, kind: GatewayKind, what: &str) {
    let sale = Asked { kind, request_key: KEY.to_owned(), minor: 100, honest: true };
    till.agrees(&[sale], what);
}

#[test]
fn killed_at_any_boundary_and_started_again_till_and_ledger_agree() {
    let mut work = Vec::new();
    for kind in GatewayKind::ALL {
        for story in STORIES {
            work.extend(KILL_POINTS.map(|point| (kind, story, point)));
        }
    }
    let work = Mutex::new(work.into_iter());
    let kills: Mutex<BTreeMap<(&str, usize), u32>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some((kind, story, point)) = work.lock().expect("no one panics here").next() else { return };
                    let killed = kill_at(kind, story, point);
                    let column = STORIES.iter().position(|other| *other == story).expect("it is one of them");
                    *kills.lock().expect("no one panics here").entry((point, column)).or_default() += killed;
                }
            });
        }
    });
    print_table(&kills.into_inner().expect("no one panics here"));
}

#[test]
fn killed_while_the_answer_is_on_its_way_till_and_ledger_agree() {
    thread::scope(|scope| {
        for kind in GatewayKind::ALL {
            for effect in [true, false] {
                scope.spawn(move || {
                    let mut till = till(kind, Story::PaidAtOnce);
                    let rule = Rule { what: Do::Hang { effect }, ..lost(kind) };
                    till.plan(Plan { rules: vec![rule], ..Story::PaidAtOnce.plan(kind) });
                    let mut command = till.command(PAY);
                    command.args(sale(kind, KEY)).args(["--wait", "20s"]).stdout(Stdio::null()).stderr(Stdio::null());
                    let mut child = command.spawn().expect("it can be started");
                    till.wait_gates(1);
                    child.kill().expect("it still runs");
                    child.wait().expect("it has ended");
                    till.open_gates();
                    check(
                        &mut till,
                        kind,
                        &format!("{kind:?}, killed while the answer is held, carried out: {effect}"),
                    );
                });
            }
        }
    });
}

#[test]
fn killed_at_random_instants_tills_and_ledgers_agree() {
    let ran = Command::new(env!("CARGO_BIN_EXE_kill")).args(["--rounds", "16", "--seed", "1"]).output();
    let ran = ran.expect("it can be started");
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && text.contains("16 tills killed"), "{text}");
}

/// Kills at the first passing of `point`, at the second, and so on, until the payment ends before it is killed.
fn kill_at(kind: GatewayKind, story: Story, point: &str) -> u32 {
    for n in 1.. {
        let mut till = till(kind, story);
        let what = format!("{kind:?}, {story:?}, killed at {point}:{n}");
        let killed = take(&till, kind, &format!("{point}:{n}"));
        check(&mut till, kind, &what);
        if !killed {
            return n - 1;
        }
    }
    unreachable!("a payment that never ends")
}

fn print_table(kills: &BTreeMap<(&str, usize), u32>) {
    println!(
        "{:<18}{:>12}{:>12}{:>18}{:>11}{:>21}",
        "kills at", "paid at once", " answer lost", "waiting then paid", "never paid", "paid against the end"
    );
    for point in KILL_POINTS {
        let of = |column: usize| kills.get(&(point, column)).copied().unwrap_or(0);
        println!("{point:<18}{:>12}{:>12}{:>18}{:>11}{:>21}", of(0), of(1), of(2), of(3), of(4));
        assert!((0..STORIES.len()).any(|column| of(column) > 0), "{point} is never passed");
    }
    println!("in all {}", kills.values().sum::<u32>());
}
