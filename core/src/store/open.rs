//! One place that opens a database: looks at it without writing, connects, checks what SQLite really does, upgrades.
//!
//! While this process owns a database only SQLite opens the file: closing any other handle on it would drop SQLite's
//! locks. Hence `metadata` here, never `File::open` on it.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig, types::Value};

use super::{
    fault::Fault,
    journal::{self, Head},
    migrations,
    owner::{Owner, beside, sync_folder},
};

/// What every connection is given, and what it must then say.
const COMMON: [(&str, &str, &str); 2] = [("trusted_schema", "OFF", "0"), ("cell_size_check", "ON", "1")];

const WRITER: [(&str, &str, &str); 6] = [
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("wal_autocheckpoint", "1000", "1000"),
    ("temp_store", "MEMORY", "2"),
    // The hash of a payment code is wiped from its page when it is forgotten.
    ("secure_delete", "FAST", "2"),
];

const READER: [(&str, &str, &str); 1] = [("query_only", "ON", "1")];

/// Opens the database that `owner` owns, made if it is missing. What cannot be trusted is left untouched.
pub(super) fn open(owner: &Owner) -> Result<(Connection, Head), Fault> {
    let path = owner.path();
    if is_missing(path)? {
        owner.check_missing()?;
        create(path)?;
    }
    look(owner)?;
    let conn = connect(path)?;
    migrations::upgrade(&conn)?;
    let head = journal::check_tail(&conn)?;
    Ok((conn, head))
}

/// Moves what the log holds into the database, syncs both, and marks it.
///
/// A killed process may have left rows in the log that were never synced, and after a failed sync the system may hold
/// pages that the disk does not. They read as committed: only now are they, and only then may the mark name them.
pub(super) fn settle(owner: &Owner, conn: &Connection, head: &Head) -> Result<(), Fault> {
    match conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))? {
        0 => sync_log(owner.path())?,
        _ => return Err(Fault::Unavailable("a reader holds the write-ahead log".to_owned())),
    }
    owner.mark(head);
    Ok(())
}

/// SQLite empties the log and does not sync that. After a failed sync the disk's log may be shorter than what was moved
/// into the database, and would bring back old pages. SQLite's locks are on other files: this one may be opened.
fn sync_log(path: &Path) -> Result<(), Fault> {
    match File::open(beside(path, "-wal")).and_then(|log| log.sync_all()) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        synced => synced.map_err(|e| Fault::io("the log cannot be synced", &e)),
    }
}

/// A connection that only reads.
pub(super) fn connect_reader(path: &Path) -> Result<Connection, Fault> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    set(&conn, &COMMON)?;
    set(&conn, &READER)?;
    Ok(conn)
}

/// A connection that writes nothing, not even what closing writes elsewhere.
pub(super) fn connect_to_look(path: &Path) -> Result<Connection, Fault> {
    // Without a -wal nothing is pending, and `immutable` leaves no -shm behind.
    let uri = uri(path, !exists(&beside(path, "-wal"))?);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri, flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    set(&conn, &COMMON)?;
    Ok(conn)
}

pub(super) fn exists(path: &Path) -> Result<bool, Fault> {
    path.try_exists().map_err(|e| Fault::io(&format!("{} cannot be looked at", path.display()), &e))
}

fn is_missing(path: &Path) -> Result<bool, Fault> {
    let corrupt = |reason: &str| Err(Fault::Corrupt(reason.to_owned()));
    let file = match fs::metadata(path) {
        // SQLite would read a stray log into the new database.
        Err(e) if e.kind() == ErrorKind::NotFound && exists(&beside(path, "-wal"))? => {
            return corrupt("it is missing, but its -wal is there");
        }
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(true),
        Err(e) => return Err(Fault::io("the database cannot be looked at", &e)),
        Ok(file) => file,
    };
    if !file.is_file() {
        return Err(Fault::Unavailable(format!("{} is no file", path.display())));
    }
    // SQLite takes an empty file for a new database, and rolls a stray journal back into any.
    if file.len() == 0 {
        return corrupt("it is empty");
    }
    if exists(&beside(path, "-journal"))? {
        return corrupt("a -journal lies beside it, which this library never leaves");
    }
    Ok(false)
}

/// Makes a database under another name, whole, and only then gives it its own: a cut never leaves half of one.
fn create(path: &Path) -> Result<(), Fault> {
    let fresh = beside(path, "-new");
    for suffix in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(beside(&fresh, suffix)) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Fault::io("the folder cannot be written", &e)),
            _ => {}
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&fresh, flags)?;
    migrations::create(&conn)?;
    set(&conn, &WRITER)?;
    conn.close().map_err(|(_, e)| e)?;
    fs::rename(&fresh, path).map_err(|e| Fault::io("the new database cannot be named", &e))?;
    sync_folder(path)
}

/// Everything that can be known before anything is written.
fn look(owner: &Owner) -> Result<(), Fault> {
    let path = owner.path();
    let conn = connect_to_look(path)?;
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    migrations::check_version(&conn)?;
    let bytes = u64::try_from(number("page_count")?.saturating_mul(number("page_size")?)).unwrap_or(u64::MAX);
    let length = fs::metadata(path).map_err(|e| Fault::io("the database cannot be looked at", &e))?.len();
    // SQLite reads a missing end as zeros. With a -wal beside it the end may still be there.
    if length < bytes && !exists(&beside(path, "-wal"))? {
        return Err(Fault::Corrupt(format!("it has {length} bytes of {bytes}")));
    }
    owner.check_mark(&conn, &journal::check_tail(&conn)?)
}

fn connect(path: &Path) -> Result<Connection, Fault> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite opens for reading what it may not write, and says so only at the first write.
    if conn.is_readonly("main")? {
        return Err(Fault::Unavailable(format!("{} is read-only", path.display())));
    }
    set(&conn, &COMMON)?;
    set(&conn, &WRITER)?;
    Ok(conn)
}

/// Sets each, and reads it back: SQLite ignores in silence what it cannot do.
pub(super) fn set(conn: &Connection, pragmas: &[(&str, &str, &str)]) -> Result<(), Fault> {
    for (name, value, expected) in pragmas {
        // To its end: `journal_mode` answers first and commits then, and an error of that must not be dropped.
        let mut pragma = conn.prepare(&format!("PRAGMA {name} = {value}"))?;
        let mut rows = pragma.query([])?;
        while rows.next()?.is_some() {}
        let is = match conn.pragma_query_value(None, name, |row| row.get(0))? {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        if is != *expected {
            return Err(Fault::Unavailable(format!("SQLite does not honour {name} = {value}: it says {is}")));
        }
    }
    Ok(())
}

fn uri(path: &Path, immutable: bool) -> PathBuf {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    if immutable {
        uri.push_str("?immutable=1");
    }
    PathBuf::from(uri)
}
