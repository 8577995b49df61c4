//! Rows of a damaged or meddled database: read, or refused with an error; and a changed state or flow never verifies.
//!
//! An input is a line that begins with two letters (table and column, type of the value), then the value.

use std::path::Path;

use paywand::{
    Amount, Currency, FollowUp, Payment, PaymentKind, PaymentState, PaywandError, Texts,
    flow::{Flow, Rules},
    store::{Done, Filter, Intent, Job, Reader, Store},
};
use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

use crate::{account, input::Input, seen};

/// What is meddled with; the first ones are covered by the journal's hashes.
const COLUMNS: [(&str, &str); 37] = [
    ("payment", "state"),
    ("payment", "flow"),
    ("journal", "state"),
    ("journal", "flow"),
    ("journal", "event"),
    ("journal", "at_ms"),
    ("journal", "time_ms"),
    ("journal", "hash"),
    ("meta", "head"),
    ("payment", "kind"),
    ("payment", "currency"),
    ("payment", "amount_minor"),
    ("payment", "reason"),
    ("payment", "evidence"),
    ("payment", "received_minor"),
    ("payment", "received_currency"),
    ("payment", "follow_up"),
    ("payment", "wallet"),
    ("payment", "metadata"),
    ("payment", "settled_by"),
    ("payment", "code_hash"),
    ("payment", "business_day"),
    ("payment", "created_at_ms"),
    ("payment", "updated_at_ms"),
    ("payment", "paid_at_ms"),
    ("payment", "is_final"),
    ("payment", "contradicted"),
    ("payment", "unfinished"),
    ("payment", "in_doubt"),
    ("payment", "order_number"),
    ("payment", "gateway_order_number"),
    ("payment", "gateway_code"),
    ("payment", "pay_url"),
    ("payment", "request_key"),
    ("payment", "subject"),
    ("payment", "account"),
    ("payment", "code_masked"),
];
/// How many of them are sealed.
const SEALED: usize = 9;

thread_local! {
    static TILL: Till = Till::new();
}

/// A store with one payment, and a connection past it.
struct Till {
    by_hand: Connection,
    reader: Reader,
    store: Store,
    _folder: TempDir,
}

pub(crate) fn check(bytes: &[u8]) {
    TILL.with(|till| till.check(&mut Input::new(bytes)));
}

impl Till {
    fn new() -> Self {
        // In memory where there is such a folder: an input costs a commit.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a folder can be made");
        let path = folder.path().join("till.db");
        let mut store = Store::open(&path).expect("a store can be made");
        let begun = store.run(&[Job::Begin(Box::new(intent()))]).remove(0);
        assert!(matches!(begun, Ok(Done::Begun(_))));
        let reader = store.reader().expect("it can be read");
        let by_hand = Connection::open(&path).expect("it can be opened");
        by_hand.execute_batch("PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON").expect("pragmas");
        Self { by_hand, reader, store, _folder: folder }
    }

    fn check(&self, input: &mut Input<'_>) {
        let index = usize::from(input.byte().wrapping_sub(b'0')) % COLUMNS.len();
        let (table, column) = COLUMNS[index];
        let value = value(input);
        let read = format!("SELECT {column} FROM {table}");
        let before: Value = self.by_hand.query_row(&read, [], |row| row.get(0)).expect("the column is there");
        let write = format!("UPDATE {table} SET {column} = ?1");
        if self.by_hand.execute(&write, [&value]).is_err() {
            seen::note("refused by the schema");
            return;
        }
        let stored: Value = self.by_hand.query_row(&read, [], |row| row.get(0)).expect("the column is there");
        self.read();
        let verified = self.store.verify();
        self.by_hand.execute(&write, [&before]).expect("it can be written back");
        if index < SEALED && stored != before {
            assert!(verified.is_err(), "{table}.{column} was {before:?}, is {stored:?}, and verifies");
        }
        if verified.is_err() {
            assert_eq!(self.store.verify(), Ok(()), "as it was before");
        }
    }

    fn read(&self) {
        let stored = self.reader.payment(1);
        match &stored {
            Ok(Some(stored)) => {
                seen::note("read");
                let _ = Flow::from_stored(&stored.flow, Rules::NONE);
                let _ = (stored.payment.amount.to_major(), format!("{stored:?}"));
            }
            Ok(None) => seen::note("not there"),
            Err(error) => {
                seen::note("refused");
                assert!(matches!(error, PaywandError::StoreCorrupt { .. }), "{error:?}");
            }
        }
        let pages = [self.reader.page(&Filter::default(), None, 10), self.reader.in_doubt()];
        let lists = pages.iter().all(Result::is_ok) && self.reader.unfinished().is_ok();
        assert!(lists || stored.is_err(), "a list is refused whose only payment can be read");
        let _ = (self.reader.find("till-7/0001"), self.reader.history(1));
    }
}

fn value(input: &mut Input<'_>) -> Value {
    let kind = input.choice(5);
    input.until(b'\n');
    let text = String::from_utf8_lossy(input.rest()).into_owned();
    match kind {
        0 => Value::Text(text),
        1 => Value::Integer(text.trim().parse().unwrap_or(i64::MIN)),
        2 => Value::Null,
        3 => Value::Blob(text.into_bytes()),
        _ => Value::Real(text.trim().parse().unwrap_or(f64::NAN)),
    }
}

fn intent() -> Intent {
    let flow = Flow::new(PaymentKind::Charge, Rules::NONE, 1_767_225_600_000);
    let payment = Payment {
        id: 0,
        request_key: "till-7/0001".to_owned(),
        gateway: "blueocean".to_owned(),
        kind: PaymentKind::Charge,
        order_number: String::new(),
        amount: Amount::new(account::MINOR, Currency::HKD),
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
        texts: Texts::default(),
        metadata: [("table".to_owned(), "7".to_owned())].into(),
        settled_by: None,
        business_day: "2026-01-01".to_owned(),
        created_at_ms: 1_767_225_600_000,
        updated_at_ms: 1_767_225_600_000,
    };
    Intent {
        payment,
        order_prefix: String::new(),
        account: "0".repeat(32),
        code_hash: Some(vec![7; 32]),
        flow: flow.to_stored(),
        event: "begin".to_owned(),
        time_ms: 1_000,
    }
}
