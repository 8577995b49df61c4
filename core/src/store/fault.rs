//! What goes wrong inside the store, and the one place that turns it into a [`PaywandError`].

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::PaywandError;

/// A failure that does not yet know which file it belongs to.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite, or a column that does not hold what it must.
    Sql(rusqlite::Error),
    /// The file cannot be trusted.
    Corrupt(String),
    /// The file cannot be used now.
    Unavailable(String),
    /// The file has a schema of a later release.
    Newer(i64),
    /// The lock is held elsewhere.
    InUse,
    /// One job cannot be done; the others can.
    Job(PaywandError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    /// A failed call of the operating system, as `what` was tried.
    pub(super) fn io(what: &str, error: &std::io::Error) -> Self {
        Self::Unavailable(format!("{what}: {error}"))
    }

    /// Whether only the job that met it fails. All else ends the whole commit.
    pub(super) fn is_of_one_job(&self) -> bool {
        match self {
            Self::Job(_) => true,
            Self::Sql(error) => error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation),
            _ => false,
        }
    }

    /// What the caller is told about the database at `path`.
    pub(super) fn at(self, path: &Path) -> PaywandError {
        let path = path.display().to_string();
        match self {
            Self::Sql(error) => from_sqlite(path, &error),
            Self::Corrupt(reason) => PaywandError::StoreCorrupt { path, reason },
            Self::Unavailable(reason) => PaywandError::StoreUnavailable { reason },
            Self::Newer(version) => PaywandError::StoreNewer { path, version },
            Self::InUse => PaywandError::StoreInUse { path },
            Self::Job(error) => error,
        }
    }
}

fn from_sqlite(path: String, error: &rusqlite::Error) -> PaywandError {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => format!("{path}: the disk is full"),
        Some(ErrorCode::ReadOnly) => format!("{path}: the file or its folder is read-only"),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => format!("{path} cannot be opened: {error}"),
        // The SQL is ours and fixed: what SQLite cannot make sense of is the file.
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown | ErrorCode::TypeMismatch)
        | None => return PaywandError::StoreCorrupt { path, reason: error.to_string() },
        Some(_) => format!("{path}: {error}"),
    };
    PaywandError::StoreUnavailable { reason }
}
