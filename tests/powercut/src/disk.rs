//! A recorded disk: what was written, synced and named in one folder, in order, and faults on demand. It is told by the
//! VFS (`vfs.rs`) and by the two calls of the standard library that matter (`calls.rs`). The real files always hold
//! what a running process sees; what a power cut leaves of them is made up from the record (`image.rs`).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_IOERR_DELETE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE,
};

use crate::image;

/// A file as the disk knows it, whatever its name.
pub(crate) type FileId = usize;

/// Names in the folder, and what the files hold.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// An error code of SQLite.
pub(crate) type Code = i32;

/// One thing that happened, in the order in which the disk was asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Created {
        name: String,
        id: FileId,
    },
    Wrote {
        id: FileId,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncated {
        id: FileId,
        length: usize,
    },
    Synced {
        id: FileId,
    },
    /// The system said so; what was waiting may be lost for ever, and a later sync says nothing of it.
    SyncFailed {
        id: FileId,
    },
    Removed {
        name: String,
    },
    Renamed {
        from: String,
        to: String,
    },
    SyncedFolder,
    /// The store's mark, which is never synced, holds this now.
    Marked(Vec<u8>),
    /// The store is asked for its n-th commit.
    Asked,
    /// The store has said that something is durable.
    Acknowledged,
}

/// What a disk says was synced, and was not. The store must lose something then, or the check is no check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// It keeps its word.
    None,
    /// The log's syncs do nothing, as if `synchronous` were NORMAL.
    Log,
    /// No sync of a file does anything, as if `synchronous` were OFF.
    Files,
    /// No sync of the folder does anything.
    Folder,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Half of it is written, then an I/O error.
    Write,
    /// Half of it is written, then the disk is full.
    Full,
    /// A sync fails.
    Sync,
    /// A read fails.
    Read,
    /// Nothing can be written, named or removed any more.
    ReadOnly,
}

impl FaultKind {
    pub(crate) const ALL: [Self; 5] = [Self::Write, Self::Full, Self::Sync, Self::Read, Self::ReadOnly];
}

/// A fault that begins at the `from`-th operation that it can meet, and is over after `count` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) from: u64,
    pub(crate) count: u64,
}

/// The operations that faults meet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Read,
    Write,
    Truncate,
    Sync,
    Open,
    Remove,
}

/// A folder whose disk is recorded while this lives.
pub(crate) struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
}

struct State {
    events: Vec<Event>,
    names: BTreeMap<String, FileId>,
    next_id: FileId,
    lie: Lie,
    fault: Option<Fault>,
    /// Operations so far that the fault can meet.
    met: u64,
    mark: Vec<u8>,
}

impl Disk {
    /// Records `folder`, which holds what `base` held and `events` have made of it.
    pub(crate) fn new(folder: &Path, base: &Files, events: Vec<Event>, lie: Lie, fault: Option<Fault>) -> Arc<Self> {
        let mut names: BTreeMap<String, FileId> = base.keys().cloned().zip(0..).collect();
        events.iter().for_each(|event| image::name(&mut names, event));
        let made = events.iter().filter(|event| matches!(event, Event::Created { .. })).count();
        let (next_id, mark) = (base.len() + made, read_mark(folder));
        let state = State { events, names, next_id, lie, fault, met: 0, mark };
        Arc::new(Self { folder: folder.to_owned(), state: Mutex::new(state) })
    }

    /// The name of `path` in this disk's folder, if it lies there.
    pub(crate) fn name_of(&self, path: &Path) -> Option<String> {
        let name = path.file_name().filter(|_| path.parent() == Some(&self.folder))?;
        Some(name.to_string_lossy().into_owned())
    }

    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        path == self.folder
    }

    /// What has happened so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// Whether a fault comes on this disk.
    pub(crate) fn may_fail(&self) -> bool {
        self.lock().fault.is_some()
    }

    /// How many operations so far the fault could have met.
    pub(crate) fn met(&self) -> u64 {
        self.lock().met
    }

    pub(crate) fn note(&self, event: Event) {
        self.lock_and_look().events.push(event);
    }

    /// Whether a file may now be opened for writing; if not, only for reading.
    pub(crate) fn may_write(&self) -> bool {
        self.lock().meet(Operation::Open).is_ok()
    }

    /// A file was opened; `is_new` if it was not there before.
    pub(crate) fn opened(&self, name: &str, is_new: bool) -> FileId {
        let mut state = self.lock_and_look();
        if let Some(id) = state.names.get(name).copied().filter(|_| !is_new) {
            return id;
        }
        let id = state.next_id;
        state.next_id += 1;
        state.names.insert(name.to_owned(), id);
        state.events.push(Event::Created { name: name.to_owned(), id });
        id
    }

    pub(crate) fn reads(&self) -> Result<(), Code> {
        self.lock().meet(Operation::Read).map_err(|_| SQLITE_IOERR_READ)
    }

    /// How many of the bytes are written, and what is said then.
    pub(crate) fn writes(&self, id: FileId, offset: usize, bytes: &[u8]) -> (usize, Result<(), Code>) {
        let mut state = self.lock_and_look();
        let met = state.meet(Operation::Write);
        let written = match met {
            Ok(()) => bytes.len(),
            Err(FaultKind::ReadOnly) => 0,
            Err(_) => bytes.len() / 2,
        };
        if let Some(bytes) = bytes.get(..written).filter(|bytes| !bytes.is_empty()) {
            state.events.push(Event::Wrote { id, offset, bytes: bytes.to_vec() });
        }
        let full = |kind| if kind == FaultKind::Full { SQLITE_FULL } else { SQLITE_IOERR_WRITE };
        (written, met.map_err(full))
    }

    pub(crate) fn truncates(&self, id: FileId, length: usize) -> Result<(), Code> {
        let mut state = self.lock_and_look();
        state.meet(Operation::Truncate).map_err(|_| SQLITE_IOERR_TRUNCATE)?;
        state.events.push(Event::Truncated { id, length });
        Ok(())
    }

    /// A file is synced, and with it, where SQLite does that too, the folder.
    pub(crate) fn syncs(&self, id: FileId, name: &str, with_folder: bool) -> Result<(), Code> {
        let mut state = self.lock_and_look();
        if state.meet(Operation::Sync).is_err() {
            state.events.push(Event::SyncFailed { id });
            return Err(SQLITE_IOERR_FSYNC);
        }
        let lies = match state.lie {
            Lie::None | Lie::Folder => false,
            Lie::Log => name.ends_with("-wal"),
            Lie::Files => true,
        };
        if !lies {
            state.events.push(Event::Synced { id });
        }
        if with_folder {
            state.sync_folder();
        }
        Ok(())
    }

    /// A file is synced past SQLite.
    pub(crate) fn syncs_by_name(&self, name: &str) -> Result<(), Code> {
        let id = self.lock().names.get(name).copied();
        id.map_or(Ok(()), |id| self.syncs(id, name, false))
    }

    /// A name is about to be removed, durably if `with_folder`.
    pub(crate) fn removes(&self, name: &str, with_folder: bool) -> Result<(), Code> {
        let mut state = self.lock_and_look();
        state.meet(Operation::Remove).map_err(|_| SQLITE_IOERR_DELETE)?;
        if state.names.remove(name).is_some() {
            state.events.push(Event::Removed { name: name.to_owned() });
        }
        if with_folder {
            state.sync_folder();
        }
        Ok(())
    }

    pub(crate) fn renamed(&self, from: &str, to: &str) {
        let mut state = self.lock_and_look();
        if let Some(id) = state.names.remove(from) {
            state.names.insert(to.to_owned(), id);
            state.events.push(Event::Renamed { from: from.to_owned(), to: to.to_owned() });
        }
    }

    pub(crate) fn synced_folder(&self) {
        self.lock_and_look().sync_folder();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As `lock`, after a look at the mark: the store writes it past SQLite, between two events.
    fn lock_and_look(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        let mark = read_mark(&self.folder);
        if mark != state.mark {
            state.events.push(Event::Marked(mark.clone()));
            state.mark = mark;
        }
        state
    }
}

impl State {
    fn sync_folder(&mut self) {
        if !matches!(self.lie, Lie::Folder) {
            self.events.push(Event::SyncedFolder);
        }
    }

    /// Counts an operation; an error if the fault meets it.
    fn meet(&mut self, operation: Operation) -> Result<(), FaultKind> {
        let Some(Fault { kind, from, count }) = self.fault else { return Ok(()) };
        let can_be_met = match kind {
            FaultKind::Read => operation == Operation::Read,
            FaultKind::Write | FaultKind::Full => matches!(operation, Operation::Write | Operation::Truncate),
            FaultKind::Sync => operation == Operation::Sync,
            FaultKind::ReadOnly => !matches!(operation, Operation::Read | Operation::Sync),
        };
        if !can_be_met {
            return Ok(());
        }
        let fails = (from..from.saturating_add(count)).contains(&self.met);
        self.met += 1;
        if fails { Err(kind) } else { Ok(()) }
    }
}

/// Without the mark, the lock and SQLite's shared memory, none of which is ever synced.
pub(crate) fn lasting(mut files: Files) -> Files {
    files.retain(|name, _| !["-head", "-lock", "-shm"].iter().any(|suffix| name.ends_with(suffix)));
    files
}

/// The name of the database in each folder.
pub(crate) const DATABASE: &str = "till.db";

fn read_mark(folder: &Path) -> Vec<u8> {
    fs::read(folder.join(DATABASE.to_owned() + "-head")).unwrap_or_default()
}
