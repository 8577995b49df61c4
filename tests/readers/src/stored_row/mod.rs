//! Rows of a damaged or meddled database: read, or refused with an error; a changed state or flow never verifies; and whatever
//! stands in a refund, no more is left to give back than came in.
//!
//! An input is a line that begins with three letters (table and column, whose row, type of the value), then the value.

mod rows;

use std::path::Path;

use paywand::{
    PaywandError,
    flow::{Flow, Rules},
    store::{Filter, Reader, Store},
};
use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

use crate::{input::Input, seen};

/// What is meddled with; the first ones are covered by the journal's hashes.
const COLUMNS: [(&str, &str); 41] = [
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
    ("payment", "refund_of"),
    ("payment", "original"),
    ("payment", "refundable_minor"),
    ("payment", "acknowledged"),
];
/// How many of them are sealed.
const SEALED: usize = 9;

thread_local! {
    static TILL: Till = Till::new();
}

/// A store with a payment and its refund, and a connection past it.
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
        rows::write(&mut store);
        let reader = store.reader().expect("it can be read");
        let by_hand = Connection::open(&path).expect("it can be opened");
        by_hand.execute_batch("PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON").expect("pragmas");
        Self { by_hand, reader, store, _folder: folder }
    }

    fn check(&self, input: &mut Input<'_>) {
        let index = usize::from(input.byte().wrapping_sub(b'0')) % COLUMNS.len();
        let (table, column) = COLUMNS[index];
        let row = row_of(table, input.choice(2));
        let value = value(input);
        let read = format!("SELECT {column} FROM {table} WHERE {row}");
        let before: Value = self.by_hand.query_row(&read, [], |row| row.get(0)).expect("the column is there");
        let write = format!("UPDATE {table} SET {column} = ?1 WHERE {row}");
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
        let stored = [rows::PAYMENT, rows::REFUND].map(|id| self.reader.payment(id));
        for stored in &stored {
            match stored {
                Ok(Some(stored)) => {
                    seen::note(stored.payment.kind.code());
                    let _ = Flow::from_stored(&stored.flow, Rules::NONE);
                    let _ = (stored.payment.amount.to_major(), format!("{stored:?}"));
                }
                Ok(None) => seen::note("not there"),
                Err(error) => refused(error),
            }
        }
        let pages = [
            self.reader.page(&Filter::default(), None, 10),
            self.reader.in_doubt(),
            self.reader.refunds(rows::PAYMENT),
        ];
        let lists = pages.iter().all(Result::is_ok) && self.reader.unfinished().is_ok();
        assert!(lists || stored.iter().any(Result::is_err), "a list is refused whose payments can be read");
        let _ = (self.reader.find("till-7/0001"), self.reader.history(rows::PAYMENT));
        match self.reader.refundable(rows::PAYMENT) {
            Ok(Some(left)) => {
                let payment = stored[0].as_ref().ok().and_then(Option::as_ref).map(|stored| &stored.payment);
                let most = payment.map(|payment| payment.refundable.or(payment.received).unwrap_or(payment.amount));
                let most = most.map_or(0, |most| most.minor.max(0));
                assert!((0..=most).contains(&left.minor), "{left} of {most} is left to give back");
                seen::note(if left.minor == 0 { "nothing is left" } else { "some is left" });
            }
            Ok(None) => seen::note("not refundable"),
            Err(error) => refused(&error),
        }
    }
}

fn refused(error: &PaywandError) {
    seen::note("refused");
    assert!(matches!(error, PaywandError::StoreCorrupt { .. }), "{error:?}");
}

/// The payment's newest row in `table`, or its refund's; the one of `meta`.
fn row_of(table: &str, which: usize) -> &'static str {
    match (table, which) {
        ("payment", 0) => "id = 1",
        ("payment", _) => "id = 2",
        ("journal", 0) => "n = 2",
        ("journal", _) => "n = 3",
        _ => "one = 1",
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
