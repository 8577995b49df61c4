//! Schema steps: numbered SQL files, each applied in one commit with the version that it makes.
//!
//! A released step is never edited; a later release adds one. `user_version` is the number of steps applied.

use rusqlite::Connection;

use super::{fault::Fault, order_number};

/// `PayW`: says whose file it is (SQLite's `application_id`).
pub(super) const APPLICATION_ID: i64 = 0x5061_7957;

const STEPS: [&str; 2] = [include_str!("001_initial.sql"), include_str!("002_refunds.sql")];

/// The schema that this release writes.
pub(super) fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Refuses what is not this library's, or was written by a later release. Writes nothing.
pub(super) fn check_version(conn: &Connection) -> Result<i64, Fault> {
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = number("user_version")?;
    match number("application_id")? {
        APPLICATION_ID if version > newest() => Err(Fault::Newer(version)),
        APPLICATION_ID if version > 0 => Ok(version),
        APPLICATION_ID => Err(Fault::Corrupt(format!("its schema says {version}"))),
        id => Err(Fault::Corrupt(format!("it is another program's database (application_id {id})"))),
    }
}

/// Fills an empty database: every step, and the meta row with a random key, in one commit.
pub(super) fn create(conn: &Connection) -> Result<(), Fault> {
    let mut code_key = [0; 32];
    order_number::random(&mut code_key)?;
    let commit = conn.unchecked_transaction()?;
    for step in STEPS {
        commit.execute_batch(step)?;
    }
    commit.execute("INSERT INTO meta VALUES (1, ?1, 0, 0, 0, zeroblob(32))", [code_key])?;
    commit.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", newest()))?;
    Ok(commit.commit()?)
}

/// Applies the steps that the database has not seen.
pub(super) fn upgrade(conn: &Connection) -> Result<(), Fault> {
    let done = check_version(conn)?;
    for (version, step) in (1..).zip(STEPS).filter(|(version, _)| *version > done) {
        let commit = conn.unchecked_transaction()?;
        commit.execute_batch(step)?;
        commit.execute_batch(&format!("PRAGMA user_version = {version}"))?;
        commit.commit()?;
    }
    Ok(())
}
