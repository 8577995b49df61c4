//! What outlives a process: the files of the real store, or its rows in memory, which cost a tenth and keep what the store
//! keeps. The rest of a day is the same for both.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use paywand::{
    Amount, Payment, PaymentKind, PaymentState, PaywandError,
    store::{Change, Done, Intent, Job, Reader, Store, Stored},
};

/// Most sales of one day.
const MOST_ROWS: u32 = 500;
const SUFFIXES: [&str; 6] = ["", "-wal", "-shm", "-head", "-lock", "-journal"];

/// What a kill leaves.
pub(crate) enum Disk {
    Files(PathBuf),
    Memory(Rc<RefCell<Rows>>),
}

/// An open disk.
pub(crate) enum Shelf {
    Files { store: Box<Store>, reader: Reader },
    Memory(Rc<RefCell<Rows>>),
}

/// The rows as the store keeps them.
#[derive(Default)]
pub(crate) struct Rows {
    rows: Vec<Stored>,
    last_time_ms: i64,
}

impl Disk {
    /// A copy of `blank` at `path`.
    pub(crate) fn files(blank: &Path, path: &Path) -> Self {
        for suffix in SUFFIXES {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
        fs::copy(blank, path).expect("the database can be copied");
        Self::Files(path.to_owned())
    }

    pub(crate) fn memory() -> Self {
        Self::Memory(Rc::default())
    }

    pub(crate) fn open(&self) -> Result<Shelf, PaywandError> {
        match self {
            Self::Files(path) => {
                let store = Box::new(Store::open(path)?);
                let reader = store.reader()?;
                Ok(Shelf::Files { store, reader })
            }
            Self::Memory(rows) => Ok(Shelf::Memory(rows.clone())),
        }
    }

    /// Every byte on it, by the name of its file.
    pub(crate) fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::Files(path) => {
                let files = SUFFIXES.iter().map(|suffix| format!("{}{suffix}", path.display()));
                files.filter_map(|file| fs::read(&file).ok().map(|bytes| (file, bytes))).collect()
            }
            Self::Memory(rows) => vec![("a row".to_owned(), format!("{:?}", rows.borrow().rows).into_bytes())],
        }
    }
}

impl Shelf {
    pub(crate) fn run(&mut self, jobs: &[Job]) -> Vec<Result<Done, PaywandError>> {
        match self {
            Self::Files { store, .. } => store.run(jobs),
            Self::Memory(rows) => jobs.iter().map(|job| rows.borrow_mut().run(job)).collect(),
        }
    }

    pub(crate) fn reopen(&mut self) -> Result<(), PaywandError> {
        match self {
            Self::Files { store, .. } => store.reopen(),
            Self::Memory(_) => Ok(()),
        }
    }

    pub(crate) fn find(&self, request_key: &str) -> Result<Option<Stored>, PaywandError> {
        match self {
            Self::Files { reader, .. } => reader.find(request_key),
            Self::Memory(rows) => Ok(rows.borrow().find(request_key).cloned()),
        }
    }

    pub(crate) fn payment(&self, id: i64) -> Result<Option<Stored>, PaywandError> {
        match self {
            Self::Files { reader, .. } => reader.payment(id),
            Self::Memory(rows) => Ok(rows.borrow().rows.iter().find(|row| row.payment.id == id).cloned()),
        }
    }

    /// The payment of an order number, or the refund of a refund number.
    pub(crate) fn order(&self, order_number: &str) -> Result<Option<Stored>, PaywandError> {
        match self {
            Self::Files { reader, .. } => reader.order(order_number),
            Self::Memory(rows) => {
                Ok(rows.borrow().rows.iter().find(|row| row.payment.order_number == order_number).cloned())
            }
        }
    }

    /// What is left to give back of a payment; none where it cannot be refunded.
    pub(crate) fn refundable(&self, id: i64) -> Result<Option<Amount>, PaywandError> {
        match self {
            Self::Files { reader, .. } => Ok(reader.refundable(id)?),
            Self::Memory(rows) => Ok(rows.borrow().left(id)),
        }
    }

    pub(crate) fn unfinished(&self) -> Result<Vec<Stored>, PaywandError> {
        match self {
            Self::Files { reader, .. } => reader.unfinished(),
            Self::Memory(rows) => {
                Ok(rows.borrow().rows.iter().filter(|row| row.payment.unfinished()).cloned().collect())
            }
        }
    }

    pub(crate) fn rows(&self) -> Result<Vec<Payment>, PaywandError> {
        match self {
            Self::Files { reader, .. } => reader.page(&Default::default(), None, MOST_ROWS),
            Self::Memory(rows) => Ok(rows.borrow().rows.iter().map(|row| row.payment.clone()).collect()),
        }
    }

    pub(crate) fn last_time_ms(&self) -> i64 {
        match self {
            Self::Files { store, .. } => store.last_time_ms(),
            Self::Memory(rows) => rows.borrow().last_time_ms,
        }
    }

    pub(crate) fn code_key(&self) -> [u8; 32] {
        match self {
            Self::Files { store, .. } => *store.code_key(),
            Self::Memory(_) => [7; 32],
        }
    }

    /// The whole store, checked row by row.
    pub(crate) fn verify(&self) -> Result<(), PaywandError> {
        match self {
            Self::Files { store, .. } => store.verify(),
            Self::Memory(_) => Ok(()),
        }
    }
}

impl Rows {
    fn find(&self, request_key: &str) -> Option<&Stored> {
        self.rows.iter().find(|row| row.payment.request_key == request_key)
    }

    fn run(&mut self, job: &Job) -> Result<Done, PaywandError> {
        match job {
            Job::Begin(intent) => self.begin(intent),
            Job::Change(change) => self.change(change),
        }
    }

    fn begin(&mut self, intent: &Intent) -> Result<Done, PaywandError> {
        if let Some(stored) = self.find(&intent.payment.request_key) {
            return Ok(Done::Existing(Box::new(stored.clone())));
        }
        if let Some(original) = &intent.payment.refund_of {
            let id = original.id;
            let Some(left) = self.left(id) else {
                return Ok(Done::RefundTurnedAway(PaywandError::NotRefundable { id }));
            };
            let asked = intent.payment.amount;
            if asked.currency != left.currency || asked.minor > left.minor {
                let left = left.to_string();
                return Ok(Done::RefundTurnedAway(PaywandError::RefundTooLarge { id, left }));
            }
        }
        let id = self.rows.len() as i64 + 1;
        let (prefix, rest) = (&intent.order_prefix, 24_usize.saturating_sub(intent.order_prefix.len()));
        // As in the store, what never repeats does not stand last: a payment's own refund has another last character.
        let order_number = format!("{prefix}{id:08}{:0<rest$}", "");
        let stored = Stored {
            payment: Payment { id, order_number, ..intent.payment.clone() },
            seq: 1,
            flow: intent.flow.clone(),
            account: intent.account.clone(),
            code_hash: intent.code_hash.clone().filter(|_| intent.payment.unfinished()),
        };
        self.rows.push(stored.clone());
        self.last_time_ms = self.last_time_ms.max(intent.time_ms);
        Ok(Done::Begun(Box::new(stored)))
    }

    /// What came in of a payment, less every refund that is not proved failed; none where it is not paid.
    fn left(&self, id: i64) -> Option<Amount> {
        let payment = &self.rows.iter().find(|row| row.payment.id == id)?.payment;
        let paid = matches!(payment.state, PaymentState::Paid | PaymentState::SettledPaid);
        if !paid || payment.kind == PaymentKind::Refund {
            return None;
        }
        let refunds = self.rows.iter().map(|row| &row.payment).filter(|refund| {
            refund.refund_of.as_ref().is_some_and(|of| of.id == id) && refund.state != PaymentState::Failed
        });
        let most = payment.refundable.or(payment.received).unwrap_or(payment.amount);
        let sum: i64 = refunds.map(gone_back).sum();
        Some(Amount::new((most.minor - sum).max(0), most.currency))
    }

    fn change(&mut self, change: &Change) -> Result<Done, PaywandError> {
        let id = change.payment.id;
        let row = self.rows.iter_mut().find(|row| row.payment.id == id);
        let row = row.ok_or(PaywandError::NoSuchPayment { id })?;
        let landed = row.seq == change.seq && row.flow == change.flow && row.payment == change.payment;
        if !landed && row.seq + 1 != change.seq {
            let reason = format!("change {} of payment {id} is out of turn after {}", change.seq, row.seq);
            return Err(PaywandError::StoreUnavailable { reason });
        }
        (row.payment, row.seq, row.flow) = (change.payment.clone(), change.seq, change.flow.clone());
        if !row.payment.unfinished() {
            row.code_hash = None;
        }
        self.last_time_ms = self.last_time_ms.max(change.time_ms);
        Ok(Done::Changed)
    }
}

/// An empty database of the newest schema, made once and copied for each day.
pub(crate) fn blank(folder: &Path) -> Result<PathBuf, PaywandError> {
    let path = folder.join("blank.db");
    drop(Store::open(&path)?);
    Ok(path)
}

/// What a refund takes: what was asked for, or more where the gateway says so.
fn gone_back(refund: &Payment) -> i64 {
    let told = refund.received.filter(|received| received.currency == refund.amount.currency);
    refund.amount.minor.max(told.map_or(0, |told| told.minor))
}
