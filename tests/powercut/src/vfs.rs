//! SQLite's way to a recorded disk: a VFS that passes everything to the unix one and tells the disk of it. Files outside
//! recorded folders are opened by the unix VFS itself, and never come here again.
//!
//! The only unsafe code of this crate besides `calls.rs`; both only translate. Nothing that SQLite hands over is kept
//! beyond the call, but for the file, which SQLite keeps at its place until it is closed.

use std::{
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    mem::size_of,
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr, slice,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rusqlite::ffi::{
    SQLITE_CANTOPEN, SQLITE_ERROR, SQLITE_OK, SQLITE_OPEN_CREATE, SQLITE_OPEN_DELETEONCLOSE, SQLITE_OPEN_MAIN_JOURNAL,
    SQLITE_OPEN_READONLY, SQLITE_OPEN_READWRITE, SQLITE_OPEN_WAL, sqlite3_file, sqlite3_filename, sqlite3_int64,
    sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::disk::{Disk, FileId};

/// The folders that are recorded now.
static MOUNTED: Mutex<Vec<Arc<Disk>>> = Mutex::new(Vec::new());

/// A folder that is recorded as long as this lives.
pub(crate) struct Mounted(Arc<Disk>);

impl Mounted {
    pub(crate) fn new(disk: Arc<Disk>) -> Self {
        install();
        MOUNTED.lock().unwrap_or_else(PoisonError::into_inner).push(disk.clone());
        Self(disk)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        MOUNTED.lock().unwrap_or_else(PoisonError::into_inner).retain(|disk| !Arc::ptr_eq(disk, &self.0));
    }
}

/// The first thing that `of` says of a recorded disk.
pub(crate) fn of_mounted<T>(of: impl Fn(&Arc<Disk>) -> Option<T>) -> Option<T> {
    MOUNTED.lock().unwrap_or_else(PoisonError::into_inner).iter().find_map(of)
}

/// SQLite's unix VFS, which is static in SQLite.
struct Unix(*mut sqlite3_vfs);

// SAFETY: SQLite's VFS objects may be used from every thread, and this one is never written to here.
unsafe impl Send for Unix {}
// SAFETY: as above.
unsafe impl Sync for Unix {}

static UNIX: OnceLock<Unix> = OnceLock::new();

/// Makes the recording VFS the default one, once for this process.
fn install() {
    UNIX.get_or_init(|| {
        // SAFETY: the name is a C string; the answer is SQLite's own static object, or null, which is checked.
        let unix = unsafe { sqlite3_vfs_find(c"unix".as_ptr()) };
        assert!(!unix.is_null(), "SQLite has its unix VFS");
        // SAFETY: `unix` is valid, and a VFS is plain data. What is not replaced below goes on working with our object:
        // the unix VFS takes only `pAppData` from the one it is given.
        let mut ours = unsafe { ptr::read(unix) };
        ours.pNext = ptr::null_mut();
        ours.zName = c"recorded".as_ptr();
        ours.szOsFile += c_int::try_from(size_of::<File>()).expect("it is small");
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        // SAFETY: the object is leaked, so it outlives SQLite.
        let code = unsafe { sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1) };
        assert_eq!(code, SQLITE_OK, "SQLite takes the VFS");
        Unix(unix)
    });
}

/// An open file: in SQLite's memory, and followed there by the unix VFS's own.
#[repr(C)]
struct File {
    base: sqlite3_file,
    about: *mut About,
    /// Aligns what follows.
    unix: [u64; 0],
}

/// What is known of an open file.
struct About {
    disk: Arc<Disk>,
    id: FileId,
    name: String,
    /// The unix VFS syncs the folder at the first sync of a log that it may have made.
    syncs_folder: bool,
}

/// The unix VFS's part of `file`.
///
/// SAFETY: `file` must lie in memory of `szOsFile` bytes, as SQLite gives it to `open` and ever after.
unsafe fn unix_part(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: `szOsFile` was made larger by exactly this much.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// What is known of `file`.
///
/// SAFETY: `file` must have been opened by `open` and not closed. SQLite never uses a file from two threads at once, so
/// the reference is the only one.
unsafe fn about<'a>(file: *mut sqlite3_file) -> &'a mut About {
    // SAFETY: `open` put a leaked box there, and only `close` frees it.
    unsafe { &mut *(*file.cast::<File>()).about }
}

/// Calls a method of the unix VFS's part of a file. To be used where SQLite calls with a file of ours.
macro_rules! unix {
    ($method:ident, $file:expr $(, $argument:expr)*) => {{
        // SAFETY: `open` filled the unix part; the arguments are SQLite's own, passed on as they came.
        unsafe {
            let part = unix_part($file);
            match (*(*part).pMethods).$method {
                Some(method) => method(part $(, $argument)*),
                None => unreachable!("the unix VFS has every method of version 2"),
            }
        }
    }};
}

/// The path behind a name that SQLite gives.
///
/// SAFETY: `name` must be null or a C string.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: checked for null; what SQLite names files with ends with a zero byte.
    let bytes = unsafe { (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes()) };
    bytes.map(|bytes| Path::new(OsStr::from_bytes(bytes)))
}

fn unix_vfs() -> &'static sqlite3_vfs {
    let unix = UNIX.get().expect("these are called only once it is installed");
    // SAFETY: valid for ever, and not written to after SQLite's own start.
    unsafe { &*unix.0 }
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let unix = unix_vfs();
    let vfs = ptr::from_ref(unix).cast_mut();
    let Some(unix_open) = unix.xOpen else { return SQLITE_ERROR };
    // SAFETY: SQLite gives null or a C string.
    let path = unsafe { path(name) }.filter(|_| flags & SQLITE_OPEN_DELETEONCLOSE == 0);
    let found = path.and_then(|path| of_mounted(|disk| Some((disk.clone(), disk.name_of(path)?, path.exists()))));
    let Some((disk, name_there, exists)) = found else {
        // SAFETY: SQLite's own arguments; the memory is larger than the unix VFS needs.
        return unsafe { unix_open(vfs, name, file, flags, flags_out) };
    };
    // SAFETY: the memory is ours to fill. Without methods SQLite does not close what could not be opened.
    let part = unsafe {
        (*file).pMethods = ptr::null();
        let part = unix_part(file);
        (*part).pMethods = ptr::null();
        part
    };
    let mut flags = flags;
    if flags & SQLITE_OPEN_READWRITE != 0 && !disk.may_write() {
        if !exists {
            return SQLITE_CANTOPEN;
        }
        // As the unix VFS does where the system does not let it write.
        flags = (flags & !(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    }
    // SAFETY: SQLite's own arguments, and the part of its memory that `szOsFile` has for the unix VFS.
    let code = unsafe { unix_open(vfs, name, part, flags, flags_out) };
    if code != SQLITE_OK {
        // SAFETY: the memory is valid, and without methods since `open` began, unless the unix VFS gave it some: then it
        // wants to be closed, by SQLite's rule.
        if !unsafe { (*part).pMethods }.is_null() {
            unix!(xClose, file);
        }
        return code;
    }
    let is_log = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) != 0;
    let about = About {
        id: disk.opened(&name_there, !exists),
        disk,
        name: name_there,
        syncs_folder: is_log && flags & SQLITE_OPEN_CREATE != 0,
    };
    // SAFETY: as above; with the methods in place SQLite will close it, which frees the box.
    unsafe {
        (*file.cast::<File>()).about = Box::into_raw(Box::new(about));
        (*file).pMethods = &METHODS;
    }
    SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, with_folder: c_int) -> c_int {
    let unix = unix_vfs();
    // SAFETY: SQLite gives a C string.
    let path = unsafe { path(name) };
    let found = path.and_then(|path| of_mounted(|disk| Some((disk.clone(), disk.name_of(path)?))));
    if let Some((disk, name_there)) = found
        && let Err(code) = disk.removes(&name_there, with_folder != 0)
    {
        return code;
    }
    let Some(unix_delete) = unix.xDelete else { return SQLITE_ERROR };
    // SAFETY: SQLite's own arguments.
    unsafe { unix_delete(ptr::from_ref(unix).cast_mut(), name, with_folder) }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let code = unix!(xClose, file);
    // SAFETY: made by `open`; SQLite closes a file once, and does not use it after.
    drop(unsafe { Box::from_raw((*file.cast::<File>()).about) });
    code
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, length: c_int, offset: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls with a file of ours.
    if let Err(code) = unsafe { about(file) }.disk.reads() {
        return code;
    }
    unix!(xRead, file, to, length, offset)
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite calls with a file of ours, and with as many bytes as it says.
    let (about, bytes) =
        unsafe { (about(file), slice::from_raw_parts(from.cast::<u8>(), usize::try_from(length).unwrap_or(0))) };
    let (written, said) = about.disk.writes(about.id, usize::try_from(offset).unwrap_or(0), bytes);
    let code = unix!(xWrite, file, from, c_int::try_from(written).unwrap_or(0), offset);
    match said {
        Err(code) => code,
        Ok(()) => code,
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls with a file of ours.
    let about = unsafe { about(file) };
    if let Err(code) = about.disk.truncates(about.id, usize::try_from(length).unwrap_or(0)) {
        return code;
    }
    unix!(xTruncate, file, length)
}

/// Only the record is told: what is durable is the model's business, and the real disk is spared.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite calls with a file of ours.
    let about = unsafe { about(file) };
    let said = about.disk.syncs(about.id, &about.name, about.syncs_folder);
    about.syncs_folder &= said.is_err();
    said.err().unwrap_or(SQLITE_OK)
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    unix!(xFileSize, file, size)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    unix!(xLock, file, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    unix!(xUnlock, file, level)
}

unsafe extern "C" fn check_reserved(file: *mut sqlite3_file, is: *mut c_int) -> c_int {
    unix!(xCheckReservedLock, file, is)
}

unsafe extern "C" fn control(file: *mut sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    unix!(xFileControl, file, op, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    unix!(xSectorSize, file)
}

unsafe extern "C" fn characteristics(file: *mut sqlite3_file) -> c_int {
    unix!(xDeviceCharacteristics, file)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    unix!(xShmMap, file, page, size, extend, to)
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    unix!(xShmLock, file, offset, n, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    unix!(xShmBarrier, file);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    unix!(xShmUnmap, file, delete)
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // 2: with shared memory, which WAL needs; without mapped reads, so that no write escapes the record.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
