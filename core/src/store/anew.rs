//! Starting anew: a database that cannot be used is set aside under another name. Nothing is deleted.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    fault::Fault,
    open::{connect_to_look, exists},
    owner::{Owner, beside, sync_folder},
};
use crate::calendar::civil_from_days;

/// Where the old database lies now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SetAside {
    /// The file; what SQLite keeps beside it went along. Nothing is there where the database was missing before.
    pub path: String,
    /// How many unfinished payments could still be read in it; None if it could not be read.
    pub unfinished: Option<i64>,
}

/// Renames the database at `path` to `<path>.aside-YYYYMMDD-HHMMSS`, by `wall_ms` in UTC.
pub(super) fn set_aside(path: &Path, wall_ms: i64) -> Result<SetAside, Fault> {
    let owner = Owner::take(path)?;
    let path = owner.path();
    let unfinished = count_unfinished(path);
    let aside = free_name(path, wall_ms)?;
    // Where only the mark is left, that was all to be set aside. Before the rest: after a cut in between, the database is
    // opened without its mark. One that is gone with its mark still there would be refused.
    let mut found = owner.is_marked();
    owner.unmark()?;
    // The database first: after a cut in between, opening is refused as long as its -wal lies here.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let from = beside(path, suffix);
        if exists(&from)? {
            fs::rename(&from, beside(&aside, suffix)).map_err(|e| Fault::io("it cannot be set aside", &e))?;
            found = true;
        }
    }
    if !found {
        return Err(Fault::Unavailable(format!("there is nothing at {} to set aside", path.display())));
    }
    sync_folder(path)?;
    Ok(SetAside { path: aside.to_string_lossy().into_owned(), unfinished })
}

fn count_unfinished(path: &Path) -> Option<i64> {
    let conn = connect_to_look(path).ok()?;
    conn.query_row("SELECT count(*) FROM payment WHERE unfinished = 1", [], |row| row.get(0)).ok()
}

fn free_name(path: &Path, wall_ms: i64) -> Result<PathBuf, Fault> {
    let seconds = wall_ms.div_euclid(1_000);
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let stamp = format!(".aside-{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}");
    let mut name = beside(path, &stamp);
    let mut again = 1;
    while exists(&name)? || exists(&beside(&name, "-wal"))? {
        again += 1;
        name = beside(path, &format!("{stamp}-{again}"));
    }
    Ok(name)
}
