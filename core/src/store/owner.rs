//! Who owns a database, and how far it had come: two small files beside it.
//!
//! `<path>-lock` is held for the owner's life and never deleted. `<path>-head` is the mark: number and hash of the newest
//! journal row, written after each commit and never synced. It costs no sync and can only be behind what is durable, so
//! a database that is behind its mark has lost committed rows: a deleted or damaged `-wal`, an older copy put in place.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest, Sha256};

use super::{
    fault::Fault,
    journal::{self, Hash, Head},
};

/// Row number, its hash, and a check of both.
const MARK_BYTES: usize = 8 + 32 + 32;

/// The right to a database: no one else, in this process or another, has it at the same time.
pub(super) struct Owner {
    path: PathBuf,
    mark: File,
    lock: File,
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Closing alone is not enough: a child process that the app is just starting holds the same lock for a moment.
        if let Err(e) = flock(&self.lock, FlockOperation::Unlock) {
            log::warn!("the lock file cannot be unlocked: {e}");
        }
    }
}

impl Owner {
    /// Takes the lock of the database at `path`. Two names of one file are one database.
    pub(super) fn take(path: &Path) -> Result<Self, Fault> {
        let path = canonical(path)?;
        let lock = open_beside(&path, "-lock")?;
        // Not File::try_lock: on Android it exists from Rust 1.98 on. Freed by the system when the process ends.
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(Fault::InUse),
            Err(e) => return Err(Fault::io("the lock file cannot be locked", &e.into())),
        }
        let mark = open_beside(&path, "-head")?;
        Ok(Self { path, mark, lock })
    }

    /// The database, every link resolved.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the mark. A mark that cannot be written is only weaker.
    pub(super) fn mark(&self, head: &Head) {
        let mut bytes = Vec::with_capacity(MARK_BYTES);
        bytes.extend(head.n.to_be_bytes());
        bytes.extend(head.hash);
        bytes.extend(Sha256::digest(&bytes));
        let mut file = &self.mark;
        if let Err(e) = file.rewind().and_then(|()| file.write_all(&bytes)) {
            log::warn!("the mark beside the store cannot be written: {e}");
        }
    }

    /// Forgets the mark, durably: the database that it speaks of is set aside.
    pub(super) fn unmark(&self) -> Result<(), Fault> {
        let emptied = self.mark.set_len(0).and_then(|()| self.mark.sync_all());
        emptied.map_err(|e| Fault::io("the mark cannot be emptied", &e))
    }

    /// Whether payments were committed to the database that the mark speaks of.
    pub(super) fn is_marked(&self) -> bool {
        self.read_mark().is_some_and(|(n, _)| n > 0)
    }

    /// Refuses a missing database that payments were committed to. Its name is durable before the first of them, so no cut
    /// takes it away: somebody deleted it, and what was in flight with it.
    pub(super) fn check_missing(&self) -> Result<(), Fault> {
        if !self.is_marked() {
            return Ok(());
        }
        Err(Fault::Corrupt(format!(
            "it is missing, and payments were committed to it; if it was deleted on purpose, delete the file {} too",
            beside(&self.path, "-head").display()
        )))
    }

    /// Refuses a database whose journal does not reach, or does not hold, the marked row.
    pub(super) fn check_mark(&self, conn: &Connection, head: &Head) -> Result<(), Fault> {
        let Some((n, hash)) = self.read_mark() else { return Ok(()) };
        if n <= head.n && journal::hash_of(conn, n)? == Some(hash) {
            return Ok(());
        }
        Err(Fault::Corrupt(format!(
            "its journal has {} rows and not the row {n} that was committed last; if an older copy was put in place on \
             purpose, delete the file {}",
            head.n,
            beside(&self.path, "-head").display()
        )))
    }

    /// None where there is no whole mark: a power cut may have torn it, which proves nothing.
    fn read_mark(&self) -> Option<(i64, Hash)> {
        let mut file = &self.mark;
        let mut bytes = Vec::with_capacity(MARK_BYTES);
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).ok()?;
        let (body, check) = bytes.split_at_checked(MARK_BYTES - 32)?;
        let (n, hash) = body.split_first_chunk()?;
        (Sha256::digest(body).as_slice() == check).then_some((i64::from_be_bytes(*n), hash.try_into().ok()?))
    }
}

/// The file whose name is that of `path` and `suffix`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes a rename in the folder of `path` durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), Fault> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| Fault::io("the folder cannot be synced", &e))
}

fn canonical(path: &Path) -> Result<PathBuf, Fault> {
    let name = path.file_name().ok_or_else(|| Fault::Unavailable("the path names no file".to_owned()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder =
        folder.canonicalize().map_err(|e| Fault::io(&format!("the folder {} cannot be used", folder.display()), &e))?;
    let path = folder.join(name);
    match fs::canonicalize(&path) {
        Ok(path) => Ok(path),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(path),
        Err(e) => Err(Fault::io("the path cannot be followed", &e)),
    }
}

fn open_beside(path: &Path, suffix: &str) -> Result<File, Fault> {
    let path = beside(path, suffix);
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| Fault::io(&format!("{} cannot be written", path.display()), &e))
}
