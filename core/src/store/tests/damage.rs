//! Files that cannot be trusted: each is refused, and left as it is.

use super::*;

/// A closed database with `rows` payments, the first of them paid.
fn written(rows: usize) -> Place {
    let place = Place::new();
    let mut store = place.open();
    let jobs: Vec<_> = (0..rows).map(|i| begin(&format!("k{i}"))).collect();
    let Some(Ok(Done::Begun(first))) = store.run(&jobs).into_iter().next() else { panic!() };
    one(&mut store, change(&first, PaymentState::Paid)).unwrap();
    drop(store);
    drop(place.open());
    place
}

#[track_caller]
fn is_corrupt_and_untouched(place: &Place, reason: &str) {
    let before = place.bytes();
    let error = place.refused();
    assert_eq!(error.code(), "store_corrupt", "{error}");
    assert!(error.to_string().contains(reason), "{error}");
    assert!(before == place.bytes(), "it was touched");
}

#[test]
fn an_empty_file_is_refused_and_untouched() {
    let place = Place::new();
    fs::write(place.path(), b"").unwrap();
    is_corrupt_and_untouched(&place, "it is empty");
}

#[test]
fn garbage_is_refused_and_untouched() {
    let place = Place::new();
    for garbage in [vec![b'x'; 10_000], vec![0; 10_000], b"x".to_vec()] {
        fs::write(place.path(), garbage).unwrap();
        is_corrupt_and_untouched(&place, "");
    }
}

#[test]
fn a_truncated_file_is_refused_and_untouched() {
    let place = written(100);
    let whole = fs::read(place.path()).unwrap();
    for length in [whole.len() - 1, whole.len() - 4_096, whole.len() / 2, 4_096, 4_095, 100, 50] {
        fs::write(place.path(), &whole[..length]).unwrap();
        is_corrupt_and_untouched(&place, "");
    }
    fs::write(place.path(), &whole).unwrap();
    place.open().verify().unwrap();
}

#[test]
fn a_foreign_database_is_refused_and_untouched() {
    let place = Place::new();
    place.by_hand("CREATE TABLE payment (id INTEGER); PRAGMA user_version = 1");
    is_corrupt_and_untouched(&place, "another program");
    place.by_hand("PRAGMA application_id = 7");
    is_corrupt_and_untouched(&place, "another program");
    place.by_hand(&format!("PRAGMA application_id = {}", migrations::APPLICATION_ID));
    is_corrupt_and_untouched(&place, "no such table");
    place.by_hand("PRAGMA user_version = 0");
    is_corrupt_and_untouched(&place, "schema says 0");
}

#[test]
fn stray_files_beside_it_are_refused_and_untouched() {
    let place = written(1);
    fs::write(place.beside("-journal"), b"anything").unwrap();
    is_corrupt_and_untouched(&place, "-journal");
    fs::remove_file(place.beside("-journal")).unwrap();
    fs::rename(place.path(), place.beside("-wal")).unwrap();
    is_corrupt_and_untouched(&place, "-wal is there");
}

#[test]
fn a_changed_or_deleted_journal_row_is_noticed() {
    for (sql, row) in [
        ("UPDATE journal SET event = 'begun' WHERE n = 150", "row 150"),
        ("UPDATE journal SET at_ms = at_ms + 1 WHERE n = 120", "row 120"),
        ("UPDATE journal SET flow = NULL WHERE n = 201", "row 201"),
        ("DELETE FROM journal WHERE n = 140", "row 140"),
        ("DELETE FROM journal WHERE n = 201", "row 200"),
        ("DELETE FROM journal WHERE n > 120", "row 120"),
        ("UPDATE meta SET head_n = 200, head = (SELECT hash FROM journal WHERE n = 200)", "row 201"),
        ("UPDATE meta SET head = zeroblob(32)", "row 201"),
        ("DELETE FROM meta", "meta row"),
        ("UPDATE payment SET flow = '{}' WHERE id = 2", "payment 2"),
        ("UPDATE payment SET seq = 0 WHERE id = 3", "payment 3"),
        ("DELETE FROM journal WHERE n = 2; UPDATE journal SET n = 2 WHERE n = 1", "payment 2"),
    ] {
        let place = written(200);
        place.by_hand(&format!("PRAGMA foreign_keys = OFF; {sql}"));
        is_corrupt_and_untouched(&place, row);
    }
}

#[test]
fn verify_notices_what_lies_too_deep_for_opening() {
    for sql in ["UPDATE journal SET event = 'begun' WHERE n = 7", "UPDATE payment SET state = 'failed' WHERE id = 1"] {
        let place = written(200);
        place.by_hand(sql);
        assert_eq!(place.open().verify().unwrap_err().code(), "store_corrupt", "{sql}");
    }
}

#[test]
fn a_flipped_bit_in_the_newest_row_is_noticed() {
    let place = written(3);
    let mut bytes = fs::read(place.path()).unwrap();
    let at = bytes.windows(7).rposition(|text| text == b"to paid").unwrap();
    bytes[at] ^= 1;
    fs::write(place.path(), bytes).unwrap();
    is_corrupt_and_untouched(&place, "broken at row 4");
}

/// As a kill leaves it: payment `a` in the database, `b` and `c` in the log.
fn killed() -> Place {
    let place = Place::new();
    begun(&mut place.open(), "a");
    let mut store = place.open();
    begun(&mut store, "b");
    begun(&mut store, "c");
    let mark = fs::read(place.beside("-head")).unwrap();
    let kept = place.bytes();
    drop(store);
    for (path, bytes) in &kept {
        fs::write(path, bytes).unwrap();
    }
    fs::write(place.beside("-head"), mark).unwrap();
    place
}

#[test]
fn a_kill_loses_nothing() {
    let place = killed();
    assert!(place.beside("-wal").exists());
    let store = place.open();
    store.verify().unwrap();
    assert_eq!(store.reader().unwrap().unfinished().unwrap().len(), 3);
}

#[test]
fn a_lost_or_damaged_log_is_noticed() {
    let place = killed();
    fs::remove_file(place.beside("-wal")).unwrap();
    is_corrupt_and_untouched(&place, "1 rows and not the row 3");
    let place = killed();
    let mut log = fs::read(place.beside("-wal")).unwrap();
    let middle = log.len() / 2;
    log[middle] ^= 1;
    fs::write(place.beside("-wal"), &log).unwrap();
    is_corrupt_and_untouched(&place, "and not the row 3");
    fs::write(place.beside("-wal"), &log[..middle]).unwrap();
    is_corrupt_and_untouched(&place, "and not the row 3");
}

#[test]
fn an_older_copy_is_noticed_until_the_mark_is_deleted() {
    let place = written(1);
    let old = fs::read(place.path()).unwrap();
    begun(&mut place.open(), "newer");
    fs::write(place.path(), old).unwrap();
    is_corrupt_and_untouched(&place, "an older copy");
    fs::remove_file(place.beside("-head")).unwrap();
    assert_eq!(place.open().reader().unwrap().find("newer").unwrap(), None);
    // Opening marks it anew.
    place.by_hand("DELETE FROM journal; UPDATE meta SET head_n = 0, head = zeroblob(32); DELETE FROM payment");
    is_corrupt_and_untouched(&place, "an older copy");
}

#[test]
fn a_deleted_database_is_no_first_start() {
    let place = written(1);
    // Android's deleteDatabase knows of SQLite's files only.
    fs::remove_file(place.path()).unwrap();
    is_corrupt_and_untouched(&place, "payments were committed to it");
    assert!(!place.path().exists());
    fs::remove_file(place.beside("-head")).unwrap();
    assert!(place.open().reader().unwrap().find("k0").unwrap().is_none());
    // Nothing was committed to this one.
    fs::remove_file(place.path()).unwrap();
    drop(place.open());
}

#[test]
fn a_database_deleted_while_it_is_open_is_not_made_anew() {
    let place = Place::new();
    let mut store = place.open();
    begun(&mut store, "a");
    store.conn = None;
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(place.beside(suffix));
    }
    assert_eq!(store.reopen().unwrap_err().code(), "store_corrupt");
    assert!(!place.path().exists());
}

#[test]
fn a_mark_that_is_behind_or_torn_is_no_reason_to_refuse() {
    let place = written(5);
    let behind = fs::read(place.beside("-head")).unwrap();
    begun(&mut place.open(), "later");
    for mark in [behind.as_slice(), &behind[..40], b"", &[0; 72], &[255; 512]] {
        fs::write(place.beside("-head"), mark).unwrap();
        drop(place.open());
    }
    // Another database's mark, whole and behind, names a row that is not in this one.
    let other = written(2);
    fs::copy(other.beside("-head"), place.beside("-head")).unwrap();
    is_corrupt_and_untouched(&place, "and not the row 3");
}
