//! The store's promises, on real files.

mod damage;
mod opening;
mod promises;
mod refunds;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::*;
use crate::{
    money::{Amount, Currency},
    payment::{FollowUp, PaymentKind, Texts},
};

pub(super) const NOW: i64 = 1_767_225_600_000; // 2026-01-01

/// A folder with a database in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("till 7%.db")
    }

    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        owner::beside(&self.path(), suffix)
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }

    pub(super) fn refused(&self) -> PaywandError {
        refused(&self.path())
    }

    /// A connection past the store, to damage what it wrote.
    pub(super) fn by_hand(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    /// Every file of the folder with what it holds, but for what each opening renews: lock, mark and shared memory.
    pub(super) fn bytes(&self) -> HashMap<PathBuf, Vec<u8>> {
        let renewed = |path: &PathBuf| ["-lock", "-head", "-shm"].iter().any(|suffix| *path == self.beside(suffix));
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| !renewed(path)).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

pub(super) fn refused(path: &Path) -> PaywandError {
    match Store::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

/// A charge of 12.50, about to be sent.
pub(super) fn intent(key: &str) -> Intent {
    Intent {
        payment: Payment {
            id: 0,
            request_key: key.to_owned(),
            gateway: "blueocean".to_owned(),
            kind: PaymentKind::Charge,
            order_number: String::new(),
            amount: Amount::new(1_250, Currency::HKD),
            refund_of: None,
            refundable: None,
            state: PaymentState::Charging,
            is_final: false,
            reason: None,
            gateway_code: None,
            evidence: None,
            received: None,
            paid_at_ms: None,
            gateway_order_number: None,
            pay_url: None,
            contradicted: false,
            cancel_too_late: false,
            acknowledged: false,
            follow_up: FollowUp::None,
            code_masked: Some("****1234".to_owned()),
            wallet: None,
            texts: Texts { subject: "茶".to_owned(), ..Texts::default() },
            metadata: HashMap::new(),
            settled_by: None,
            business_day: "2026-01-01".to_owned(),
            created_at_ms: NOW,
            updated_at_ms: NOW,
        },
        order_prefix: String::new(),
        account: "account".to_owned(),
        code_hash: Some(vec![7; 32]),
        flow: r#"{"v":1,"state":{"charging":{}}}"#.to_owned(),
        event: "begin".to_owned(),
        time_ms: 1_000,
    }
}

pub(crate) fn begin(key: &str) -> Job {
    Job::Begin(Box::new(intent(key)))
}

/// The step of `stored` to `state`.
pub(super) fn step(stored: &Stored, state: PaymentState) -> Change {
    let mut payment = stored.payment.clone();
    (payment.state, payment.is_final) = (state, state.is_final());
    payment.updated_at_ms += 1_000;
    Change {
        payment,
        seq: stored.seq + 1,
        flow: format!(r#"{{"v":1,"state":"{}"}}"#, state.code()),
        event: format!("to {}", state.code()),
        time_ms: 2_000,
    }
}

pub(crate) fn change(stored: &Stored, state: PaymentState) -> Job {
    Job::Change(Box::new(step(stored, state)))
}

pub(crate) fn one(store: &mut Store, job: Job) -> Result<Done, PaywandError> {
    store.run(&[job]).pop().unwrap()
}

pub(crate) fn begun(store: &mut Store, key: &str) -> Stored {
    match one(store, begin(key)).unwrap() {
        Done::Begun(stored) => *stored,
        other => panic!("{other:?}"),
    }
}
