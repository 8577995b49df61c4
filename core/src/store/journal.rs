//! The journal: append-only, each row sealed with a hash over itself and the row before it.
//!
//! SQLite by itself does not notice a flipped bit in a page, nor that the end of its WAL is gone. The newest row's number
//! and hash stand in `meta`, and in a mark outside the database ([`super::owner`]).

use rusqlite::{Connection, OptionalExtension, named_params};
use sha2::{Digest, Sha256};

use super::fault::Fault;

/// Rows looked at when a database opens: the cost of opening does not grow with the history.
pub(super) const TAIL_ROWS: i64 = 100;

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// The row of `meta` that each commit changes: what the next row and the next order number are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the newest row, 0 for none.
    pub(super) n: i64,
    /// Its hash, zeros for none.
    pub(super) hash: Hash,
    /// Time part of the newest order number.
    pub(super) order_ms: i64,
    /// Highest time of any row.
    pub(super) time_ms: i64,
}

/// A row, apart from its number and hash.
pub(super) struct Row<'a> {
    pub(super) payment_id: i64,
    pub(super) seq: i64,
    pub(super) at_ms: i64,
    pub(super) time_ms: i64,
    pub(super) state: &'a str,
    pub(super) event: &'a str,
    pub(super) flow: Option<&'a str>,
}

/// Reads the head.
pub(super) fn head(conn: &Connection) -> Result<Head, Fault> {
    let mut read = conn.prepare_cached("SELECT head_n, head, order_ms, time_ms FROM meta WHERE one = 1")?;
    let head = read.query_row([], |row| {
        Ok(Head { n: row.get(0)?, hash: row.get(1)?, order_ms: row.get(2)?, time_ms: row.get(3)? })
    });
    head.optional()?.ok_or_else(|| Fault::Corrupt("its meta row is missing".to_owned()))
}

/// Writes the head.
pub(super) fn set_head(conn: &Connection, head: &Head) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE meta SET head_n = :n, head = :hash, order_ms = :order_ms, time_ms = :time_ms WHERE one = 1",
    )?
    .execute(named_params! {
        ":n": head.n, ":hash": head.hash, ":order_ms": head.order_ms, ":time_ms": head.time_ms,
    })?;
    Ok(())
}

/// Appends `row` and moves `head` onto it.
pub(super) fn append(conn: &Connection, head: &mut Head, row: &Row<'_>) -> Result<(), Fault> {
    let n = head.n + 1;
    let hash = seal(&head.hash, n, row);
    conn.prepare_cached(
        "INSERT INTO journal (n, payment_id, seq, at_ms, time_ms, state, event, flow, hash)
         VALUES (:n, :payment_id, :seq, :at_ms, :time_ms, :state, :event, :flow, :hash)",
    )?
    .execute(named_params! {
        ":n": n, ":payment_id": row.payment_id, ":seq": row.seq, ":at_ms": row.at_ms, ":time_ms": row.time_ms,
        ":state": row.state, ":event": row.event, ":flow": row.flow, ":hash": hash,
    })?;
    *head = Head { n, hash, time_ms: head.time_ms.max(row.time_ms), ..*head };
    Ok(())
}

/// Checks the newest [`TAIL_ROWS`] rows, and every unfinished payment against its newest row.
pub(super) fn check_tail(conn: &Connection) -> Result<Head, Fault> {
    let head = head(conn)?;
    check_chain(conn, &head, (head.n - TAIL_ROWS).max(0))?;
    check_payments(conn, "p.unfinished = 1")?;
    Ok(head)
}

/// Checks every row and every payment. Its cost grows with the history.
pub(super) fn check_all(conn: &Connection) -> Result<(), Fault> {
    check_chain(conn, &head(conn)?, 0)?;
    check_payments(conn, "TRUE")
}

/// The hash of row `n`; zeros for row 0.
pub(super) fn hash_of(conn: &Connection, n: i64) -> Result<Option<Hash>, Fault> {
    if n == 0 {
        return Ok(Some([0; 32]));
    }
    let mut read = conn.prepare_cached("SELECT hash FROM journal WHERE n = ?1")?;
    Ok(read.query_row([n], |row| row.get(0)).optional()?)
}

/// Recomputes the hashes of the rows after `from`: without a gap up to the head, and none beyond.
fn check_chain(conn: &Connection, head: &Head, from: i64) -> Result<(), Fault> {
    let broken = |n: i64| Fault::Corrupt(format!("its journal is broken at row {n}"));
    let mut hash = hash_of(conn, from)?.ok_or_else(|| broken(from))?;
    let mut n = from;
    let mut read = conn.prepare(
        "SELECT n, payment_id, seq, at_ms, time_ms, state, event, flow, hash FROM journal WHERE n > ?1 ORDER BY n",
    )?;
    let mut rows = read.query([from])?;
    while let Some(row) = rows.next()? {
        n += 1;
        let (state, event, flow): (String, String, Option<String>) = (row.get(5)?, row.get(6)?, row.get(7)?);
        let expected = Row {
            payment_id: row.get(1)?,
            seq: row.get(2)?,
            at_ms: row.get(3)?,
            time_ms: row.get(4)?,
            state: &state,
            event: &event,
            flow: flow.as_deref(),
        };
        hash = seal(&hash, n, &expected);
        if row.get::<_, i64>(0)? != n || row.get::<_, Hash>(8)? != hash {
            return Err(broken(n));
        }
    }
    if n != head.n || hash != head.hash {
        return Err(broken(n));
    }
    Ok(())
}

/// Compares the payments that `which` names with their newest rows.
fn check_payments(conn: &Connection, which: &str) -> Result<(), Fault> {
    let sql = format!(
        "SELECT p.id FROM payment p LEFT JOIN journal j ON j.payment_id = p.id AND j.seq = p.seq
         WHERE {which} AND (j.n IS NULL OR j.state <> p.state OR j.flow IS NOT p.flow
             OR EXISTS (SELECT 1 FROM journal later WHERE later.payment_id = p.id AND later.seq > p.seq)) LIMIT 1"
    );
    match conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).optional()? {
        Some(id) => Err(Fault::Corrupt(format!("payment {id} is not as the journal left it"))),
        None => Ok(()),
    }
}

fn seal(previous: &Hash, n: i64, row: &Row<'_>) -> Hash {
    let mut digest = Sha256::new_with_prefix(previous);
    for number in [n, row.payment_id, row.seq, row.at_ms, row.time_ms] {
        digest.update(number.to_be_bytes());
    }
    // The length before each text: no two rows have the same bytes.
    for text in [Some(row.state), Some(row.event), row.flow] {
        let length = text.map_or(-1, |text| i64::try_from(text.len()).unwrap_or(i64::MAX));
        digest.update(length.to_be_bytes());
        digest.update(text.unwrap_or_default());
    }
    digest.finalize().into()
}
