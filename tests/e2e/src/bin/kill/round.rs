//! Plays a round: the process is started and killed, as often as planned; then the till is opened and compared.

use std::{
    fmt,
    fs::{self, File},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use paywand::{Payment, PaymentState, gateway::GatewayKind, verify_store};
use paywand_e2e::{Asked, PATIENCE, SANDBOX, Till, once_free};
use serde_json::Value;

use crate::plan::{Ending, Life, Round, Work};

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// How often it is looked whether the process has ended by itself while calls are waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What rounds have seen.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    by_instant: u64,
    by_point: u64,
    ended: u64,
    payments: u64,
    paid: u64,
    no_money: u64,
    for_a_person: u64,
    told: u64,
}

impl Round {
    /// Plays it; fails where the till and the gateways' books disagree. What happens is written into `story`.
    pub(crate) fn play(&self, program: &Path, story: &mut Vec<String>) -> Tally {
        let mut till = Till::hasty(&GatewayKind::ALL);
        for gateway in &mut till.config.gateways {
            // Some answers are held for ever.
            gateway.timing.read_ms = Some(400);
        }
        let mut tally = Tally::default();
        let mut told = Vec::new();
        for life in &self.lives {
            let status = self.live(life, &till, program, &mut told);
            story.push(format!("{life}: {status}, {} calls in all\n", till.calls().len()));
            match status.signal() {
                Some(SIGKILL) => tally.by_instant += 1,
                Some(SIGABRT) => tally.by_point += 1,
                _ => tally.ended += 1,
            }
        }
        story.extend(told.iter().map(said));
        till.open_gates();
        let asked: Vec<Asked> = self.sales.iter().map(|sale| sale.asked.clone()).collect();
        let payments = till.agrees(&asked, "after the last kill");
        stands_by_what_it_told(&payments, &told);
        till.close();
        once_free(|| verify_store(till.config.database.clone())).unwrap_or_else(|e| panic!("the journal: {e}"));
        tally.count(&payments, told.len());
        tally
    }

    /// One process, from its start to its end. What it printed is added to `told`.
    fn live(&self, life: &Life, till: &Till, program: &Path, told: &mut Vec<Value>) -> ExitStatus {
        let jobs = till.folder().join("jobs.jsonl");
        let printed = till.folder().join("told.jsonl");
        let mut command = till.command(program.to_str().expect("UTF-8"));
        match &life.work {
            Work::Serve { parallel } => {
                fs::write(&jobs, self.jobs()).expect("the jobs are written");
                command.args(["serve", "--parallel", &parallel.to_string(), "--jobs"]).arg(&jobs);
            }
            Work::Recover => drop(command.args(["recover", "--wait", "10s"])),
        }
        command.args(["--log", "off"]).stdout(File::create(&printed).expect("a file")).stderr(Stdio::null());
        let status = life.ending.bring(command, till);
        // A killed process may leave half a line.
        let text = fs::read_to_string(&printed).expect("what it printed");
        told.extend(text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()));
        status
    }
}

impl Ending {
    /// Starts the process, and ends it as planned unless it ends before.
    fn bring(&self, mut command: Command, till: &Till) -> ExitStatus {
        let calls = match self {
            Self::Instant { calls, .. } => till.calls().len() + calls,
            Self::Point { name, n } => {
                command.env("PAYWAND_KILL_POINT", format!("{name}:{n}"));
                usize::MAX
            }
        };
        let mut child = command.spawn().expect("it can be started");
        if let Self::Instant { micros, .. } = self
            && still_runs_after(&mut child, till, calls)
        {
            // The random moment itself, not a wait for something.
            thread::sleep(Duration::from_micros(*micros));
            child.kill().expect("it is ours");
        }
        child.wait().expect("it has ended")
    }
}

/// Waits until so many calls have come; false if the process ends before.
fn still_runs_after(child: &mut Child, till: &Till, calls: usize) -> bool {
    let give_up = Instant::now() + PATIENCE;
    while !SANDBOX.wait_calls(&till.merchant.id, calls, LOOK_EVERY) {
        if child.try_wait().expect("it is ours").is_some() {
            return false;
        }
        assert!(Instant::now() < give_up, "the process neither ends nor calls");
    }
    true
}

/// A printed line, in short.
fn said(line: &Value) -> String {
    let (key, state, error) = (&line["request_key"], &line["state"], &line["error"]);
    if error.is_null() { format!("told: {key} is {state}\n") } else { format!("told: {error}: {}\n", line["message"]) }
}

/// What was printed as an end is still the end; only proof of later money may change it, and then it says so.
fn stands_by_what_it_told(payments: &[Payment], told: &[Value]) {
    for line in told.iter().filter(|line| line["error"].is_null()) {
        let payment = payments.iter().find(|payment| line["request_key"] == payment.request_key.as_str());
        let payment = payment.unwrap_or_else(|| panic!("it was told of a payment that it does not know: {line}"));
        assert_eq!(line["order_number"], payment.order_number.as_str(), "{payment:#?}");
        let same = line["state"] == payment.state.code();
        assert!(line["final"] == false || same || payment.contradicted, "it was told {line}, and is {payment:#?}");
    }
}

impl Tally {
    fn count(&mut self, payments: &[Payment], told: usize) {
        let those = |fits: fn(&Payment) -> bool| payments.iter().filter(|payment| fits(payment)).count() as u64;
        self.payments = payments.len() as u64;
        self.paid = those(|payment| payment.state == PaymentState::Paid);
        self.for_a_person = those(|payment| !payment.is_final);
        self.no_money = self.payments - self.paid - self.for_a_person;
        self.told = told as u64;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.by_instant += other.by_instant;
        self.by_point += other.by_point;
        self.ended += other.ended;
        self.payments += other.payments;
        self.paid += other.paid;
        self.no_money += other.no_money;
        self.for_a_person += other.for_a_person;
        self.told += other.told;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "killed {} times, {} at a random instant and {} at a kill point ({} ended before); {} payments ({} paid, {} \
             without money, {} for a person) and {} lines told before a kill agree with the gateways' books",
            self.by_instant + self.by_point,
            self.by_instant,
            self.by_point,
            self.ended,
            self.payments,
            self.paid,
            self.no_money,
            self.for_a_person,
            self.told,
        )
    }
}
