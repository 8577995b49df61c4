//! The read path: plain functions on a connection, and [`Reader`], which has one of its own.
//!
//! Reads never wait for a commit. Pages go by key: the thousandth costs what the first does.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::{Filter, JournalEntry, Stored, fault::Fault, open, refund, row};
use crate::{error::PaywandError, money::Amount, payment::Payment};

/// A read-only connection. It sees what is committed, and outlives a failed commit of the writer.
pub struct Reader {
    conn: Connection,
    path: PathBuf,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        Ok(Self { conn: open::connect_reader(path)?, path: path.to_owned() })
    }

    /// The payment numbered `id`.
    pub fn payment(&self, id: i64) -> Result<Option<Stored>, PaywandError> {
        payment(&self.conn, id).map_err(|fault| fault.at(&self.path))
    }

    /// The payment that the caller named `request_key`.
    pub fn find(&self, request_key: &str) -> Result<Option<Stored>, PaywandError> {
        find(&self.conn, request_key).map_err(|fault| fault.at(&self.path))
    }

    /// The payment of an order number, or the refund of a refund number.
    pub fn order(&self, order_number: &str) -> Result<Option<Stored>, PaywandError> {
        let sql = format!("SELECT {} FROM payment WHERE order_number = ?1", row::COLUMNS);
        let read = |conn: &Connection| -> Result<_, Fault> {
            Ok(conn.prepare_cached(&sql)?.query_row([order_number], row::stored).optional()?)
        };
        read(&self.conn).map_err(|fault| fault.at(&self.path))
    }

    /// At most `limit` payments older than `before_id`, newest first.
    pub fn page(&self, filter: &Filter, before_id: Option<i64>, limit: u32) -> Result<Vec<Payment>, PaywandError> {
        page(&self.conn, filter, before_id, limit).map_err(|fault| fault.at(&self.path))
    }

    /// What recovery goes on with, oldest first.
    pub fn unfinished(&self) -> Result<Vec<Stored>, PaywandError> {
        list(&self.conn, &unfinished_sql(), row::stored).map_err(|fault| fault.at(&self.path))
    }

    /// What a person may have to look at, oldest first.
    pub fn in_doubt(&self) -> Result<Vec<Payment>, PaywandError> {
        list(&self.conn, &in_doubt_sql(), row::payment).map_err(|fault| fault.at(&self.path))
    }

    /// The refunds of a payment, oldest first.
    pub fn refunds(&self, id: i64) -> Result<Vec<Payment>, PaywandError> {
        refunds(&self.conn, id).map_err(|fault| fault.at(&self.path))
    }

    /// What is left to give back of a payment; none where it cannot be refunded at all.
    pub fn refundable(&self, id: i64) -> Result<Option<Amount>, PaywandError> {
        refundable(&self.conn, id).map_err(|fault| fault.at(&self.path))
    }

    /// Every journal row of a payment, oldest first.
    pub fn history(&self, id: i64) -> Result<Vec<JournalEntry>, PaywandError> {
        history(&self.conn, id).map_err(|fault| fault.at(&self.path))
    }
}

pub(super) fn payment(conn: &Connection, id: i64) -> Result<Option<Stored>, Fault> {
    let sql = format!("SELECT {} FROM payment WHERE id = ?1", row::COLUMNS);
    Ok(conn.prepare_cached(&sql)?.query_row([id], row::stored).optional()?)
}

pub(super) fn find(conn: &Connection, request_key: &str) -> Result<Option<Stored>, Fault> {
    let sql = format!("SELECT {} FROM payment WHERE request_key = ?1", row::COLUMNS);
    Ok(conn.prepare_cached(&sql)?.query_row([request_key], row::stored).optional()?)
}

fn page(conn: &Connection, filter: &Filter, before_id: Option<i64>, limit: u32) -> Result<Vec<Payment>, Fault> {
    let before_id = before_id.unwrap_or(i64::MAX);
    let (kind, state) = (filter.kind.map(row::Word), filter.state.map(row::Word));
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":before_id", &before_id), (":limit", &limit)];
    if let Some(day) = &filter.business_day {
        values.push((":business_day", day));
    }
    if let Some(kind) = &kind {
        values.push((":kind", kind));
    }
    if let Some(state) = &state {
        values.push((":state", state));
    }
    if let Some(gateway) = &filter.gateway {
        values.push((":gateway", gateway));
    }
    let mut read = conn.prepare_cached(&page_sql(filter))?;
    let rows = read.query_map(values.as_slice(), row::payment)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Led by the narrowest index: a unary plus keeps SQLite from choosing another.
fn page_sql(filter: &Filter) -> String {
    let mut sql = format!("SELECT {} FROM payment WHERE id < :before_id", row::COLUMNS);
    if filter.business_day.is_some() {
        sql.push_str(" AND business_day = :business_day");
    }
    match (filter.state, &filter.business_day) {
        (Some(_), Some(_)) => sql.push_str(" AND +state = :state"),
        (Some(_), None) => sql.push_str(" AND state = :state"),
        (None, _) => {}
    }
    if filter.kind.is_some() {
        sql.push_str(" AND kind = :kind");
    }
    if filter.gateway.is_some() {
        sql.push_str(" AND gateway = :gateway");
    }
    sql.push_str(" ORDER BY id DESC LIMIT :limit");
    sql
}

// The predicates stand as in the partial indexes: otherwise SQLite does not use them.
fn unfinished_sql() -> String {
    format!("SELECT {} FROM payment WHERE unfinished = 1 ORDER BY id", row::COLUMNS)
}

fn in_doubt_sql() -> String {
    format!("SELECT {} FROM payment WHERE in_doubt = 1 ORDER BY id", row::COLUMNS)
}

fn list<T>(
    conn: &Connection,
    sql: &str,
    read_row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    let mut read = conn.prepare_cached(sql)?;
    let rows = read.query_map([], read_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn refunds(conn: &Connection, id: i64) -> Result<Vec<Payment>, Fault> {
    let sql = format!("SELECT {} FROM payment WHERE refund_of = ?1 ORDER BY id", row::COLUMNS);
    let mut read = conn.prepare_cached(&sql)?;
    let rows = read.query_map([id], row::payment)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn refundable(conn: &Connection, id: i64) -> Result<Option<Amount>, Fault> {
    match payment(conn, id)? {
        Some(stored) if refund::is_refundable(&stored.payment) => Ok(Some(refund::left(conn, &stored.payment)?)),
        _ => Ok(None),
    }
}

fn history(conn: &Connection, id: i64) -> Result<Vec<JournalEntry>, Fault> {
    let mut read =
        conn.prepare_cached("SELECT seq, at_ms, state, event FROM journal WHERE payment_id = ?1 ORDER BY seq")?;
    let rows = read.query_map([id], |row| {
        let state: row::Word<_> = row.get(2)?;
        Ok(JournalEntry { seq: row.get(0)?, at_ms: row.get(1)?, state: state.0, event: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        payment::{PaymentKind, PaymentState},
        store::Store,
    };

    /// How SQLite runs `sql`: one line a step.
    fn plan(conn: &Connection, sql: &str) -> Vec<String> {
        let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        explain.raw_query().mapped(|row| row.get("detail")).collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn what_is_pending_is_found_by_the_partial_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let reader = Store::open(&folder.path().join("till.db")).unwrap().reader().unwrap();
        assert_eq!(plan(&reader.conn, &unfinished_sql()), ["SCAN payment USING INDEX payment_unfinished"]);
        assert_eq!(plan(&reader.conn, &in_doubt_sql()), ["SCAN payment USING INDEX payment_in_doubt"]);
    }

    #[test]
    fn a_page_is_led_by_an_index_and_never_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let reader = Store::open(&folder.path().join("till.db")).unwrap().reader().unwrap();
        for has_day in [false, true] {
            for has_state in [false, true] {
                for has_gateway in [false, true] {
                    let filter = Filter {
                        kind: has_gateway.then_some(PaymentKind::Refund),
                        state: has_state.then_some(PaymentState::Paid),
                        gateway: has_gateway.then(|| "maxfun".to_owned()),
                        business_day: has_day.then(|| "2026-01-01".to_owned()),
                    };
                    let index = match (has_day, has_state) {
                        (true, _) => "INDEX payment_business_day (business_day=? AND rowid<?)",
                        (_, true) => "INDEX payment_state (state=? AND rowid<?)",
                        _ => "INTEGER PRIMARY KEY (rowid<?)",
                    };
                    let expected = format!("SEARCH payment USING {index}");
                    assert_eq!(plan(&reader.conn, &page_sql(&filter)), [expected], "{filter:?}");
                }
            }
        }
    }
}
