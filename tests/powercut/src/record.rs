//! What the store was asked for and what it acknowledged, commit by commit: what must be there after any cut.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use paywand::{
    Payment, PaywandError,
    store::{Done, Job, Stored},
};

use crate::disk::{Disk, Event};

/// Payments by id, as they stood after some commit.
pub(crate) type Version = BTreeMap<i64, Arc<Stored>>;

/// A step that the store was asked for: request key, number and flow.
type Asked = (String, i64, String);

/// A disk's n-th `Asked` and `Acknowledged` are the n-th of these.
#[derive(Clone, Default)]
pub(crate) struct Record {
    code_key: Option<[u8; 32]>,
    /// What the store holds now, as it was read and written: the next acknowledgement is one of all of it.
    seen: Version,
    /// What each acknowledgement left; the first is what was known before.
    acknowledged: Vec<Version>,
    /// The highest time that each acknowledgement vouches for.
    times: Vec<i64>,
    /// Everything asked for, a commit each; some of it before this record began.
    asked: Vec<HashSet<Asked>>,
    asked_before: usize,
    /// Commits that failed.
    pub(crate) unanswered: u64,
    /// Intents that had landed although their commits failed.
    pub(crate) landed: u64,
}

/// What had been asked for and acknowledged at some moment.
pub(crate) struct Known<'a> {
    /// None before the store was open for the first time.
    pub(crate) code_key: Option<[u8; 32]>,
    /// What must be there.
    pub(crate) acknowledged: &'a Version,
    /// What may be there too.
    pub(crate) asked: &'a [HashSet<Asked>],
    /// What the boot clock must not fall below.
    pub(crate) time_ms: i64,
}

impl Record {
    /// A record that begins with nothing.
    pub(crate) fn new() -> Self {
        Self { acknowledged: vec![Version::new()], times: vec![0], ..Self::default() }
    }

    /// A record that goes on from what was known.
    pub(crate) fn following(known: &Known<'_>) -> Self {
        Self {
            code_key: known.code_key,
            seen: known.acknowledged.clone(),
            acknowledged: vec![known.acknowledged.clone()],
            times: vec![known.time_ms],
            asked: known.asked.to_vec(),
            asked_before: known.asked.len(),
            unanswered: 0,
            landed: 0,
        }
    }

    /// The record as it stood once so many acknowledgements had been given, and so many commits asked for.
    pub(crate) fn until(&self, acknowledged: usize, asked: usize) -> Self {
        Self {
            code_key: self.after(acknowledged, asked).code_key,
            seen: self.acknowledged[acknowledged].clone(),
            acknowledged: self.acknowledged[..=acknowledged].to_vec(),
            times: self.times[..=acknowledged].to_vec(),
            asked: self.asked[..self.asked_before + asked].to_vec(),
            ..*self
        }
    }

    /// The store is open and holds `found`, which was compared with what is known now. It has synced that, unless the disk
    /// is failing: then it may be read, and is not vouched for.
    pub(crate) fn opened(&mut self, code_key: &[u8; 32], found: Version, disk: &Disk) {
        self.code_key = Some(*code_key);
        let vouched = if disk.may_fail() { self.newest() } else { &found }.clone();
        self.seen = found;
        self.acknowledge(vouched, 0, disk);
    }

    /// After a commit that seemed to fail, and a sync since, an intent was found to have landed.
    pub(crate) fn found(&mut self, stored: &Stored, disk: &Disk) {
        self.landed += 1;
        self.seen.insert(stored.payment.id, Arc::new(stored.clone()));
        self.acknowledge(self.seen.clone(), 0, disk);
    }

    pub(crate) fn asked(&mut self, jobs: &[Job], disk: &Disk) {
        self.asked.push(jobs.iter().map(step).collect());
        disk.note(Event::Asked);
    }

    /// Takes over what the store says is durable.
    pub(crate) fn answered(&mut self, jobs: &[Job], results: &[Result<Done, PaywandError>], disk: &Disk) {
        let mut time_ms = 0;
        for (job, result) in jobs.iter().zip(results) {
            match (job, result) {
                (Job::Begin(intent), Ok(Done::Begun(stored))) => {
                    self.seen.insert(stored.payment.id, Arc::new((**stored).clone()));
                    time_ms = time_ms.max(intent.time_ms);
                }
                (Job::Change(change), Ok(Done::Changed)) => {
                    if let Some(stored) = self.seen.get_mut(&change.payment.id) {
                        let code_hash = stored.code_hash.clone().filter(|_| change.payment.unfinished());
                        let (payment, flow) = (change.payment.clone(), change.flow.clone());
                        let account = stored.account.clone();
                        *stored = Arc::new(Stored { payment, seq: change.seq, flow, account, code_hash });
                    }
                    time_ms = time_ms.max(change.time_ms);
                }
                // A key that is known: nothing was written.
                _ => {}
            }
        }
        if results.iter().any(Result::is_ok) {
            self.acknowledge(self.seen.clone(), time_ms, disk);
        } else {
            self.unanswered += 1;
        }
    }

    fn acknowledge(&mut self, version: Version, time_ms: i64, disk: &Disk) {
        self.acknowledged.push(version);
        self.times.push(self.times.last().copied().unwrap_or(0).max(time_ms));
        disk.note(Event::Acknowledged);
    }

    /// What was known once so many acknowledgements had been given, and so many commits asked for.
    pub(crate) fn after(&self, acknowledged: usize, asked: usize) -> Known<'_> {
        Known {
            code_key: self.code_key.filter(|_| acknowledged > 0 || self.asked_before > 0),
            acknowledged: &self.acknowledged[acknowledged],
            asked: &self.asked[..self.asked_before + asked],
            time_ms: self.times[acknowledged],
        }
    }

    /// What is known now.
    pub(crate) fn now(&self) -> Known<'_> {
        self.after(self.acknowledged.len() - 1, self.asked.len() - self.asked_before)
    }

    /// The payments as the store was last seen to hold them.
    pub(crate) fn seen(&self) -> &Version {
        &self.seen
    }

    /// Whether the payment once stood so, acknowledged.
    pub(crate) fn ever_held(&self, payment: &Payment) -> bool {
        let stood = |version: &Version| version.get(&payment.id).is_some_and(|stored| stored.payment == *payment);
        self.acknowledged.iter().any(stood)
    }

    /// The payments as acknowledged last.
    pub(crate) fn newest(&self) -> &Version {
        self.acknowledged.last().expect("it begins with one")
    }

    pub(crate) fn of_order(&self, number: &str) -> Option<&Stored> {
        self.newest().values().find(|stored| stored.payment.order_number == number).map(AsRef::as_ref)
    }
}

fn step(job: &Job) -> Asked {
    match job {
        Job::Begin(intent) => (intent.payment.request_key.clone(), 1, intent.flow.clone()),
        Job::Change(change) => (change.payment.request_key.clone(), change.seq, change.flow.clone()),
    }
}
