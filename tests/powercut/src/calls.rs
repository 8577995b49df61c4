//! The two calls that the store makes past SQLite: `rename`, and `fsync` of the folder and of the log. Both stand here
//! in place of the C library's, which they do the work of, and tell the disk. A store that forgets one is caught.

use std::{
    ffi::{CStr, OsStr, c_char, c_int},
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use crate::vfs::of_mounted;

/// As `rename(2)`.
///
/// SAFETY (of the export): the name is the C library's, and so are arguments, answer and `errno`.
#[unsafe(no_mangle)]
extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the system call takes both as they come, and sets errno.
    let said = unsafe { libc::syscall(libc::SYS_renameat2, libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0) };
    if said != 0 {
        return -1;
    }
    // SAFETY: the system has just read both to their ends.
    let (from, to) = unsafe { (path(from), path(to)) };
    of_mounted(|disk| {
        let (from, to) = (disk.name_of(from)?, disk.name_of(to)?);
        disk.renamed(&from, &to);
        Some(())
    });
    0
}

/// As `fsync(2)`. In a recorded folder it is only noted: what is durable is the model's business.
///
/// SAFETY (of the export): as with `rename`.
#[unsafe(no_mangle)]
extern "C" fn fsync(file: c_int) -> c_int {
    let path = fs::read_link(format!("/proc/self/fd/{file}")).unwrap_or_default();
    let noted = of_mounted(|disk| {
        let folder = disk.is_folder(&path).then(|| {
            disk.synced_folder();
            Ok(())
        });
        folder.or_else(|| disk.name_of(&path).map(|name| disk.syncs_by_name(&name)))
    });
    match noted {
        Some(Ok(())) => 0,
        Some(Err(_)) => {
            // SAFETY: the C library's own place for it, of this thread.
            unsafe { *libc::__errno_location() = libc::EIO };
            -1
        }
        // SAFETY: a system call on a number; it sets errno.
        None => c_int::try_from(unsafe { libc::syscall(libc::SYS_fsync, file) }).unwrap_or(-1),
    }
}

/// SAFETY: `name` must be a C string, and stay one while the path is used.
unsafe fn path<'a>(name: *const c_char) -> &'a Path {
    // SAFETY: by this function's own demand.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}
