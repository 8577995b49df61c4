//! The local store: what was about to happen, what happened, what stands now. One SQLite file, one owner.
//!
//! Each step of a payment is one job: its row and its journal entry, in one durable commit. Beside the database lie
//! SQLite's `-wal` and `-shm`, and this store's `-lock` and `-head` (`owner.rs`). The store reads no clock: times come
//! with the jobs. It never sees a payment code, and does not look into the flow's text.

mod anew;
mod fault;
mod journal;
mod migrations;
mod open;
mod order_number;
mod owner;
mod read;
mod refund;
mod row;
mod write;
mod writer;

#[cfg(test)]
mod golden;
#[cfg(test)]
pub(crate) mod tests;

use std::path::Path;

use rusqlite::Connection;

pub use self::anew::SetAside;
pub use self::read::Reader;
pub(crate) use self::writer::Writer;
use self::{fault::Fault, journal::Head, owner::Owner, write::Written};
use crate::{
    error::PaywandError,
    payment::{Payment, PaymentKind, PaymentState},
};

/// A payment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What the app sees of it.
    pub payment: Payment,
    /// Number of its newest change; 1 is the intent.
    pub seq: i64,
    /// The flow's own text, as it was given.
    pub flow: String,
    /// Fingerprint of the gateway account that it was begun with.
    pub account: String,
    /// Keyed hash of the payment code, while the payment is unfinished: an end that is watched can be contradicted.
    pub code_hash: Option<Vec<u8>>,
}

/// A payment to be begun: everything but id and order number, which the commit makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its id is 0 and its order number empty. The order number takes its time from `created_at_ms`.
    pub payment: Payment,
    /// What the order number begins with: ASCII, at most 20 characters.
    pub order_prefix: String,
    /// Fingerprint of the gateway account; no secret.
    pub account: String,
    /// Hash of the payment code, keyed with [`Store::code_key`].
    pub code_hash: Option<Vec<u8>>,
    /// The flow's text.
    pub flow: String,
    /// Why, for the journal: redacted.
    pub event: String,
    /// Boot clock, offset so that it never falls (milliseconds).
    pub time_ms: i64,
}

/// The next state of a payment. Refused when the stored seq is not `seq - 1`; the very change that is stored, given
/// again after a commit that failed, is as good as written. What was asked for (key, gateway, kind,
/// amount, texts, metadata, day) is as it was begun, whatever stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As it stands after the change; `updated_at_ms` is the wall time of the change.
    pub payment: Payment,
    /// One more than the stored one.
    pub seq: i64,
    /// The flow's text.
    pub flow: String,
    /// Why, for the journal: redacted.
    pub event: String,
    /// Boot clock, offset so that it never falls (milliseconds).
    pub time_ms: i64,
}

/// What can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// A new payment.
    Begin(Box<Intent>),
    /// A step of one.
    Change(Box<Change>),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The payment, with its id and order number.
    Begun(Box<Stored>),
    /// The request key was there: nothing was written.
    Existing(Box<Stored>),
    /// The change.
    Changed,
    /// A refund of a payment that is not paid, or of more than is left of it: nothing was written.
    RefundTurnedAway(PaywandError),
}

/// Which payments a page lists: those that fit all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Charges, QRs or refunds.
    pub kind: Option<PaymentKind>,
    /// Standing so.
    pub state: Option<PaymentState>,
    /// Of this configured gateway.
    pub gateway: Option<String>,
    /// Of this day, `YYYY-MM-DD`.
    pub business_day: Option<String>,
}

/// One journal row of a payment.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct JournalEntry {
    /// Its number within the payment, from 1.
    pub seq: i64,
    /// Wall clock, UTC milliseconds.
    pub at_ms: i64,
    /// Where it left the payment.
    pub state: PaymentState,
    /// Why.
    pub event: String,
}

/// The owner of a database and its only writer.
pub struct Store {
    /// None after a failed commit, until [`Store::reopen`]. Closed before the lock is let go.
    conn: Option<Connection>,
    /// Whether the disk holds all that the log held when it was opened.
    settled: bool,
    code_key: [u8; 32],
    last_time_ms: i64,
    owner: Owner,
}

impl Store {
    /// Opens the database at `path`, or makes it where it is missing; its folder must exist. One that is missing although
    /// payments were committed to it is `StoreCorrupt`.
    ///
    /// `StoreInUse`, `StoreNewer`, `StoreCorrupt` and `StoreUnavailable` leave it as it is.
    pub fn open(path: &Path) -> Result<Store, PaywandError> {
        Self::try_open(path).map_err(|fault| fault.at(path))
    }

    /// As [`Store::open`], where the database is there: a missing one is `StoreUnavailable`, and none is made.
    pub fn open_existing(path: &Path) -> Result<Store, PaywandError> {
        match open::exists(path) {
            Ok(true) => Self::open(path),
            Ok(false) => Err(Fault::Unavailable(format!("there is no database at {}", path.display())).at(path)),
            Err(fault) => Err(fault.at(path)),
        }
    }

    /// Sets a database aside that cannot be used, so that [`Store::open`] makes a new one. Nothing is deleted.
    pub fn start_anew(path: &Path, wall_ms: i64) -> Result<SetAside, PaywandError> {
        anew::set_aside(path, wall_ms).map_err(|fault| fault.at(path))
    }

    /// Does all `jobs` in one commit, and answers each. A job that fails by itself leaves the others. A commit that fails
    /// is `StoreUnavailable` for all of them, and its outcome is unknown: [`Store::reopen`] comes next, then a look.
    pub fn run(&mut self, jobs: &[Job]) -> Vec<Result<Done, PaywandError>> {
        let written = self.try_run(jobs);
        let path = self.owner.path();
        match written {
            Ok((answers, head)) => {
                self.owner.mark(&head);
                self.last_time_ms = head.time_ms;
                answers.into_iter().map(|answer| answer.map_err(|fault| fault.at(path))).collect()
            }
            Err(fault) => {
                let error = fault.at(path);
                log::error!("{error}");
                self.conn = None;
                jobs.iter().map(|_| Err(error.clone())).collect()
            }
        }
    }

    /// After a failed commit: a new connection, everything checked again, and what the log holds synced once more. The
    /// lock stays held. An error leaves the store as it is: to be opened again.
    pub fn reopen(&mut self) -> Result<(), PaywandError> {
        self.conn = None;
        let (conn, head) = self.try_reopen().map_err(|fault| fault.at(self.owner.path()))?;
        (self.conn, self.settled) = (Some(conn), true);
        self.last_time_ms = head.time_ms;
        Ok(())
    }

    /// A read-only connection of its own.
    pub fn reader(&self) -> Result<Reader, PaywandError> {
        Reader::open(self.owner.path()).map_err(|fault| fault.at(self.owner.path()))
    }

    /// The key for hashes of payment codes: random, made with the database.
    pub fn code_key(&self) -> &[u8; 32] {
        &self.code_key
    }

    /// The highest `time_ms` ever journaled, 0 if none.
    pub fn last_time_ms(&self) -> i64 {
        self.last_time_ms
    }

    /// Checks every journal row and every payment, and SQLite's own structures. Its cost grows with the history.
    pub fn verify(&self) -> Result<(), PaywandError> {
        self.try_verify().map_err(|fault| fault.at(self.owner.path()))
    }

    fn try_open(path: &Path) -> Result<Self, Fault> {
        let owner = Owner::take(path)?;
        let (conn, head) = open::open(&owner)?;
        // A full disk must not hide the history: a log that cannot be settled now is still read. It is settled before
        // anything is written behind it: where a sync has failed, the disk may lack rows that the log seems to hold.
        let settled =
            open::settle(&owner, &conn, &head).map_err(|fault| log::warn!("{}", fault.at(owner.path()))).is_ok();
        let code_key = conn.query_row("SELECT code_key FROM meta WHERE one = 1", [], |row| row.get(0))?;
        Ok(Self { conn: Some(conn), settled, code_key, last_time_ms: head.time_ms, owner })
    }

    fn try_run(&mut self, jobs: &[Job]) -> Result<Written, Fault> {
        let Some(conn) = &self.conn else {
            return Err(Fault::Unavailable("a commit failed; open it again first".to_owned()));
        };
        if !self.settled {
            open::settle(&self.owner, conn, &journal::head(conn)?)?;
            self.settled = true;
        }
        write::run(conn, jobs)
    }

    fn try_reopen(&self) -> Result<(Connection, Head), Fault> {
        let (conn, head) = open::open(&self.owner)?;
        open::settle(&self.owner, &conn, &head)?;
        Ok((conn, head))
    }

    fn try_verify(&self) -> Result<(), Fault> {
        let Some(conn) = &self.conn else { return Err(Fault::Unavailable("a commit failed".to_owned())) };
        let said: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if said != "ok" {
            return Err(Fault::Corrupt(said));
        }
        journal::check_all(conn)
    }
}
