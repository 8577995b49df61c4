//! Who may open a database, and which one.

use std::{
    fs::{File, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        process::CommandExt,
    },
    process::{Command, Stdio},
};

use super::*;

/// Names the database that [`open_as_told`] opens.
const TOLD: &str = "PAYWAND_TEST_OPEN";

/// Not a test: what [`in_another_process`] runs. Prints the code of the error, or `opened`.
#[test]
fn open_as_told() {
    let Ok(path) = std::env::var(TOLD) else { return };
    match Store::open(Path::new(&path)) {
        Ok(mut store) => println!("told: opened, {}", one(&mut store, begin("told")).is_ok()),
        Err(error) => println!("told: {}; {error}", error.code()),
    }
}

/// Opens `path` in a process of its own; one without rights where `unprivileged`.
fn in_another_process(path: &Path, unprivileged: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let binary = folder.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    let mut command = Command::new(&binary);
    command.args(["--exact", "store::tests::opening::open_as_told", "--nocapture"]).env(TOLD, path);
    if unprivileged && fs::metadata(&binary).unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    command.stderr(Stdio::null());
    let said = loop {
        match command.output() {
            // Another test is just starting a process, which holds this file open for writing until it runs.
            Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            said => break said.unwrap(),
        }
    };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.split_once("told: ").unwrap_or_else(|| panic!("{said}")).1.lines().next().unwrap().to_owned()
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_second_terminal_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    begun(&mut store, "a");
    assert_eq!(place.refused().code(), "store_in_use");
    assert_eq!(Store::start_anew(&place.path(), NOW).unwrap_err().code(), "store_in_use");
    assert!(in_another_process(&place.path(), false).starts_with("store_in_use"));
    let link = place.folder.path().join("link.db");
    symlink(place.path(), &link).unwrap();
    assert_eq!(refused(&link).code(), "store_in_use");
    // The refused ones must not have taken SQLite's locks along, nor the lock itself.
    begun(&mut store, "b");
    assert_eq!(place.refused().code(), "store_in_use");
    store.conn = None;
    store.reopen().unwrap();
    assert_eq!(place.refused().code(), "store_in_use");
    drop(store);
    assert!(place.beside("-lock").exists());
    assert_eq!(in_another_process(&place.path(), false), "opened, true");
    assert_eq!(place.open().reader().unwrap().find("told").unwrap().unwrap().payment.id, 3);
}

#[test]
fn a_missing_file_is_made_and_a_missing_folder_is_not() {
    let place = Place::new();
    drop(place.open());
    assert!(place.path().exists());
    let error = refused(&place.folder.path().join("no/such/till.db"));
    assert_eq!(error.code(), "store_unavailable");
    assert!(error.to_string().contains("no/such"), "{error}");
    assert_eq!(refused(Path::new("")).code(), "store_unavailable");
    assert_eq!(refused(place.folder.path()).code(), "store_unavailable");
}

#[test]
fn a_cut_while_it_was_made_leaves_nothing_in_the_way() {
    let place = Place::new();
    fs::write(place.beside("-new"), b"half a database").unwrap();
    fs::write(place.beside("-new-journal"), b"half a journal").unwrap();
    let mut store = place.open();
    begun(&mut store, "a");
    assert!(!place.beside("-new").exists() && !place.beside("-new-journal").exists());
}

#[test]
fn settings_are_honoured() {
    let place = Place::new();
    let store = place.open();
    let conn = store.conn.as_ref().unwrap();
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((number("synchronous"), number("foreign_keys"), number("trusted_schema")), (2, 1, 0));
    assert_eq!(conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap(), "wal");
    assert_eq!((number("wal_autocheckpoint"), number("user_version")), (1_000, 2));
    let tables =
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%' AND strict = 0";
    assert_eq!(conn.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    let refused = Connection::open_in_memory().map(|conn| open::set(&conn, &[("journal_mode", "WAL", "wal")]));
    assert!(matches!(refused, Ok(Err(Fault::Unavailable(_)))), "memory cannot be WAL, and says so");
}

#[test]
fn a_reader_cannot_write() {
    let place = Place::new();
    let store = place.open();
    let conn = open::connect_reader(&place.path()).unwrap();
    assert!(conn.execute("UPDATE meta SET head_n = 7", []).is_err());
    drop(store);
}

#[test]
fn a_newer_schema_is_refused_and_untouched() {
    let place = Place::new();
    begun(&mut place.open(), "a");
    place.by_hand("PRAGMA user_version = 3");
    let before = place.bytes();
    let error = place.refused();
    assert_eq!(error, PaywandError::StoreNewer { path: place.path().display().to_string(), version: 3 });
    assert!(before == place.bytes());
}

#[test]
fn a_newer_schema_in_the_log_is_refused_and_untouched() {
    let place = Place::new();
    begun(&mut place.open(), "a");
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("PRAGMA user_version = 3").unwrap();
    let kept = place.bytes();
    // As after a kill: the log is there, its writer is not.
    let after = Place::new();
    for (path, bytes) in &kept {
        fs::write(after.folder.path().join(path.file_name().unwrap()), bytes).unwrap();
    }
    assert!(after.beside("-wal").metadata().unwrap().len() > 0);
    let before = after.bytes();
    assert_eq!(after.refused().code(), "store_newer");
    assert!(before == after.bytes());
}

#[test]
fn a_read_only_file_is_refused() {
    let place = Place::new();
    begun(&mut place.open(), "a");
    mode(place.folder.path(), 0o777);
    for suffix in ["-lock", "-head"] {
        mode(&place.beside(suffix), 0o666);
    }
    mode(&place.path(), 0o444);
    let before = place.bytes();
    let said = in_another_process(&place.path(), true);
    assert!(said.starts_with("store_unavailable") && said.contains("is read-only"), "{said}");
    assert!(before == place.bytes());
}

#[test]
fn a_read_only_folder_is_refused() {
    let place = Place::new();
    begun(&mut place.open(), "a");
    // Everything but the folder may be written: no -wal can be made.
    for suffix in ["", "-lock", "-head"] {
        mode(&place.beside(suffix), 0o666);
    }
    mode(place.folder.path(), 0o555);
    let said = in_another_process(&place.path(), true);
    let missing = in_another_process(&place.folder.path().join("other.db"), true);
    mode(place.folder.path(), 0o755);
    assert!(said.starts_with("store_unavailable"), "{said}");
    assert!(missing.starts_with("store_unavailable") && missing.contains("cannot be written"), "{missing}");
}

#[test]
fn starting_anew_keeps_the_old_file() {
    let place = Place::new();
    let mut store = place.open();
    let stored = begun(&mut store, "a");
    begun(&mut store, "b");
    one(&mut store, change(&stored, PaymentState::Paid)).unwrap();
    drop(store);
    place.by_hand("PRAGMA user_version = 9");
    let bytes = fs::read(place.path()).unwrap();
    let aside = Store::start_anew(&place.path(), NOW + 3_723_000).unwrap();
    assert_eq!(aside.path, fs::canonicalize(place.folder.path()).unwrap().join("till 7%.db.aside-20260101-010203"));
    assert_eq!(aside.unfinished, Some(1));
    assert!(bytes == fs::read(&aside.path).unwrap());
    let mut store = place.open();
    assert_eq!(begun(&mut store, "a").payment.id, 1);
    drop(store);
    // The same second again, of a file that cannot be read.
    fs::write(place.path(), b"garbage").unwrap();
    let second = Store::start_anew(&place.path(), NOW + 3_723_000).unwrap();
    assert!(second.path.ends_with("-010203-2"), "{second:?}");
    assert_eq!(second.unfinished, None);
    assert_eq!(fs::read(&second.path).unwrap(), b"garbage");
    assert_eq!(Store::start_anew(&place.path(), NOW).unwrap_err().code(), "store_unavailable");
}

#[test]
fn starting_anew_gives_up_a_database_that_was_deleted() {
    let place = Place::new();
    begun(&mut place.open(), "a");
    fs::remove_file(place.path()).unwrap();
    let aside = Store::start_anew(&place.path(), NOW).unwrap();
    assert_eq!((aside.unfinished, Path::new(&aside.path).exists()), (None, false));
    assert_eq!(begun(&mut place.open(), "a").payment.id, 1);
}

#[test]
fn verifying_makes_no_database() {
    let place = Place::new();
    let path = place.path().to_string_lossy().into_owned();
    let verified = || crate::verify_store(path.clone()).map_err(|error| error.code());
    assert_eq!((verified(), place.bytes().len(), place.beside("-head").exists()), (Err("store_unavailable"), 0, false));
    begun(&mut place.open(), "a");
    assert_eq!(verified(), Ok(()));
    fs::remove_file(place.path()).unwrap();
    let mark = fs::read(place.beside("-head")).unwrap();
    assert_eq!((verified(), place.path().exists()), (Err("store_unavailable"), false));
    assert!(fs::read(place.beside("-head")).unwrap() == mark);
}

#[test]
fn starting_anew_takes_the_log_along() {
    let place = Place::new();
    let mut store = place.open();
    begun(&mut store, "a");
    let kept = place.bytes();
    drop(store);
    for (path, bytes) in &kept {
        fs::write(path, bytes).unwrap();
    }
    let aside = Store::start_anew(&place.path(), NOW).unwrap();
    assert_eq!(aside.unfinished, Some(1), "the payment is in the log only");
    assert!(!place.beside("-wal").exists() && owner::beside(Path::new(&aside.path), "-wal").exists());
    assert!(place.open().reader().unwrap().unfinished().unwrap().is_empty());
    let old = Store::open(Path::new(&aside.path)).unwrap();
    assert_eq!(old.reader().unwrap().unfinished().unwrap().len(), 1);
}

#[test]
fn a_full_disk_loses_nothing() {
    let place = Place::new();
    let mut store = place.open();
    begun(&mut store, "a");
    let reader = store.reader().unwrap();
    let conn = store.conn.as_ref().unwrap();
    let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    conn.execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    let many: Vec<_> = (0..200).map(|i| begin(&format!("k{i}"))).collect();
    for answer in store.run(&many) {
        let error = answer.unwrap_err();
        assert_eq!(error.code(), "store_unavailable");
        assert!(error.to_string().contains("the disk is full"), "{error}");
    }
    // Nothing is written before someone has looked again.
    assert_eq!(one(&mut store, begin("b")).unwrap_err().code(), "store_unavailable");
    assert!(reader.find("a").unwrap().is_some());
    store.reopen().unwrap();
    assert!(store.run(&many).iter().all(|answer| matches!(answer, Ok(Done::Begun(_)))));
    store.verify().unwrap();
    assert_eq!(reader.unfinished().unwrap().len(), 201);
    assert!(File::open(place.beside("-lock")).is_ok());
}
