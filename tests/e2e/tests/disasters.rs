//! The store fails: a clear error each, and nothing lost (promises 3 and 6).

use std::{
    collections::{HashMap, HashSet},
    fs::{self, Permissions},
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

use paywand::{PaymentState, PaywandError, gateway::GatewayKind, start_anew};
use paywand_e2e::{Ran, Till, code_text};
use serde_json::{Value, json};

const PAY: &str = env!("CARGO_BIN_EXE_pay");
const KIND: GatewayKind = GatewayKind::BlueoceanV1;

/// The file itself, and what SQLite keeps beside it, as they lie on the disk.
fn files(till: &Till) -> HashMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(till.folder()).expect("its folder").map(|entry| entry.expect("a file").path());
    // The index of the log is made anew by whoever looks.
    let lasting = files.filter(|path| !path.to_string_lossy().ends_with("-shm"));
    lasting.map(|path| (path.clone(), fs::read(&path).expect("it can be read"))).collect()
}

/// A closed till with two paid sales.
fn used_till() -> Till {
    let mut till = Till::new();
    for _ in 0..2 {
        assert_eq!(till.charge(KIND).state, PaymentState::Paid);
    }
    // The next start moves what its log still holds into the file.
    till.restart(|_| {});
    till.close();
    till
}

/// Opening is refused with `code`, clearly, and changes no file.
fn refused(till: &mut Till, code: &str, words: &str) {
    let before = files(till);
    let error = till.open().expect_err("it is refused");
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(before == files(till), "{code}: the files have changed");
    let sent = till.calls().len();
    let ran = till.run(PAY, &["recover"]);
    assert_eq!((ran.code, ran.error().0.as_str()), (Some(4), code), "{ran:?}");
    assert_eq!(till.calls().len(), sent);
}

/// A line for `pay serve`: a charge of 1.00 that is waited for two seconds.
fn charge_job(key: &str) -> Value {
    let code = code_text(KIND);
    json!({"command": "charge", "gateway": KIND.code(), "amount": "1.00", "code": code, "request_key": key, "wait": "2s"})
}

fn paid_sales(till: &Till) -> usize {
    let payments = till.terminal().payments(Default::default(), None, 50).expect("the store can be read");
    payments.iter().filter(|payment| payment.state == PaymentState::Paid).count()
}

#[test]
fn the_second_terminal_on_a_database_is_refused_and_the_first_goes_on() {
    let mut first = Till::new();
    let mut second = Till::closed();
    // Another name of the same file.
    second.config.database = second.folder().join("link.db").to_string_lossy().into_owned();
    symlink(first.database(), second.database()).expect("a link");
    for _ in 0..2 {
        let error = second.open().expect_err("it is in use");
        assert!(matches!(&error, PaywandError::StoreInUse { path } if path.ends_with("link.db")), "{error}");
        let ran = first.run(PAY, &["list"]);
        assert_eq!((ran.code, ran.error().0.as_str()), (Some(4), "store_in_use"), "{ran:?}");
        assert_eq!(first.charge(KIND).state, PaymentState::Paid);
    }
    let error = start_anew(first.config.database.clone()).expect_err("it is in use");
    assert_eq!(error.code(), "store_in_use");
    first.close();
    second.open().expect("nobody has it now");
    assert_eq!(paid_sales(&second), 2);
}

#[test]
fn a_process_that_has_the_database_keeps_others_out_until_it_ends() {
    let mut till = Till::closed();
    let job = charge_job("a");
    let mut command = till.command(PAY);
    command.args(["serve", "--jobs", "-"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("it can be started");
    // It opens the store before it reads its jobs, and waits for them until their end.
    while !till.database().exists() {
        thread::yield_now();
    }
    assert_eq!(till.open().expect_err("it is in use").code(), "store_in_use");
    let mut stdin = child.stdin.take().expect("it is piped");
    writeln!(stdin, "{job}").expect("it reads");
    drop(stdin);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    till.open().expect("nobody has it now");
    assert_eq!(paid_sales(&till), 1);
}

#[test]
fn an_empty_file_is_not_taken_for_a_new_database() {
    let mut till = used_till();
    let kept = fs::read(till.database()).expect("it is there");
    fs::write(till.database(), b"").expect("it is written");
    refused(&mut till, "store_corrupt", "it is empty");
    fs::write(till.database(), kept).expect("it is written");
    till.open().expect("it is whole again");
    assert_eq!(paid_sales(&till), 2);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_can_be_set_aside() {
    let mut till = used_till();
    fs::write(till.database(), [b'x'; 8192]).expect("it is written");
    refused(&mut till, "store_corrupt", "cannot be trusted");
    let aside = start_anew(till.config.database.clone()).expect("it is set aside");
    assert_eq!(fs::read(aside.path).expect("it is kept"), [b'x'; 8192]);
    till.open().expect("a new one");
    assert_eq!(till.charge(KIND).state, PaymentState::Paid);
}

#[test]
fn a_cut_file_is_refused() {
    let mut till = used_till();
    let kept = fs::read(till.database()).expect("it is there");
    fs::write(till.database(), &kept[..kept.len() - 4096]).expect("it is written");
    refused(&mut till, "store_corrupt", "cannot be trusted");
    fs::write(till.database(), kept).expect("it is written");
    till.open().expect("it is whole again");
    assert_eq!(paid_sales(&till), 2);
}

#[test]
fn a_newer_schema_is_refused() {
    let mut till = used_till();
    let kept = fs::read(till.database()).expect("it is there");
    let mut newer = kept.clone();
    // `user_version` in SQLite's file header.
    newer[60..64].copy_from_slice(&77_u32.to_be_bytes());
    fs::write(till.database(), newer).expect("it is written");
    refused(&mut till, "store_newer", "newer release (schema 77)");
    fs::write(till.database(), kept).expect("it is written");
    till.open().expect("it is ours again");
    assert_eq!(paid_sales(&till), 2);
}

#[test]
fn a_missing_folder_is_refused() {
    let mut till = Till::closed();
    till.config.database = till.folder().join("nowhere/till.db").to_string_lossy().into_owned();
    refused(&mut till, "store_unavailable", "nowhere");
}

#[test]
fn a_read_only_file_is_refused() {
    let mut till = used_till();
    // Root may write everything, so another user tries; the sandbox's certificate is not his to read.
    Till::gateway(&mut till.config, KIND).ca_file = None;
    till.config.gateways.retain(|gateway| gateway.kind == KIND);
    let program = till.folder().join("pay");
    fs::copy(PAY, &program).expect("it is copied");
    till.write_config();
    mode(till.folder(), 0o777);
    for path in files(&till).into_keys().filter(|path| *path != program) {
        mode(&path, 0o666);
    }
    mode(&till.database(), 0o444);
    let before = files(&till);
    let mut command = till.command(program.to_str().expect("UTF-8"));
    if fs::metadata(&program).expect("it is there").uid() == 0 {
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    let ran = Ran::of(command.arg("recover"));
    let (code, message) = ran.error();
    assert_eq!((ran.code, code.as_str()), (Some(4), "store_unavailable"), "{ran:?}");
    assert!(message.contains("read-only"), "{message}");
    assert!(before == files(&till), "the files have changed");
    mode(&till.database(), 0o644);
    till.open().expect("it may be written again");
    assert_eq!(paid_sales(&till), 2);
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

/// How a till came through a disk that was full.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Came {
    /// It did not open.
    Refused,
    /// The intent was not written, and nothing was sent.
    NotBegun,
    /// The charge was sent, and its end not written; the next sale was not begun.
    InDoubt,
    /// It got by with the room there was.
    Paid,
}

/// Two sales, one after the other, while no file can grow beyond a limit: as on a full disk, a write fails. What the
/// limit leaves room for grows from almost nothing to everything, so that every commit fails in one run or another.
#[test]
fn on_a_full_disk_no_sale_begins_and_what_was_sent_is_found_again() {
    let full = filled_database();
    let limits = Mutex::new((8..=520).step_by(8));
    let seen: Mutex<HashSet<Came>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let Some(blocks) = limits.lock().expect("no one panics here").next() else { return };
                    let came = sell_on_full_disk(&full, blocks);
                    seen.lock().expect("no one panics here").insert(came);
                }
            });
        }
    });
    let seen = seen.into_inner().expect("no one panics here");
    for came in [Came::Refused, Came::NotBegun, Came::InDoubt, Came::Paid] {
        assert!(seen.contains(&came), "no run came through as {came:?}: {seen:?}");
    }
}

/// A database whose newest pages lie beyond every limit, so that moving the log into it fails too.
fn filled_database() -> Vec<u8> {
    let mut till = Till::closed();
    let jobs = till.folder().join("jobs.jsonl");
    fs::write(&jobs, (0..150).map(|n| format!("{}\n", charge_job(&format!("old-{n}")))).collect::<String>())
        .expect("it is written");
    let ran = till.run(PAY, &["serve", "--jobs", jobs.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    till.open().expect("it moves its log into the file");
    till.close();
    let bytes = fs::read(till.database()).expect("it is there");
    assert!(bytes.len() > 520 * 512, "{} bytes", bytes.len());
    bytes
}

fn sell_on_full_disk(database: &[u8], blocks: u32) -> Came {
    let mut till = Till::closed();
    fs::write(till.database(), database).expect("it is written");
    let jobs = till.folder().join("jobs.jsonl");
    fs::write(&jobs, format!("{}\n{}\n", charge_job("a"), charge_job("b"))).expect("it is written");
    let mut command = Command::new("sh");
    // Ignored, the signal gives way to the error.
    command.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\""]).arg(blocks.to_string()).arg(PAY);
    command.arg("--config").arg(till.write_config()).args(["--log", "off", "serve", "--parallel", "1", "--jobs"]);
    let ran = Ran::of(command.arg(&jobs));
    let sent = till.calls().len();

    // The till is started again, and there is room.
    till.open().expect("it opens where there is room");
    let mut paid = 0;
    for key in ["a", "b"] {
        let Some(found) = till.terminal().find(key.to_owned()).expect("the store can be read") else { continue };
        let payment = till.settled(found.id);
        match payment.state {
            PaymentState::Paid => {
                assert_eq!(till.money(&payment), 100, "{payment:#?}");
                paid += 1;
            }
            PaymentState::Failed | PaymentState::Reversed => assert_eq!(till.money(&payment), 0, "{payment:#?}"),
            _ => panic!("{ran:?} {payment:#?}\n{:#?}", till.history(payment.id)),
        }
    }
    let totals = till.ledger().totals;
    assert_eq!((totals.charges, totals.paid), (paid, paid as usize), "{ran:?}");
    assert_eq!(till.charge(KIND).state, PaymentState::Paid);

    let unavailable = |result: &Value| result["error"] == "store_unavailable";
    match &ran.payments[..] {
        [] => {
            assert_eq!((ran.code, ran.error().0.as_str(), sent), (Some(4), "store_unavailable", 0), "{ran:?}");
            Came::Refused
        }
        [first, second] if unavailable(first) => {
            assert!(unavailable(second) && ran.code == Some(4) && sent == 0, "{ran:?}");
            Came::NotBegun
        }
        [first, second] if first["final"] == false => {
            assert!(unavailable(second) && ran.code == Some(4) && sent > 0, "{ran:?}");
            Came::InDoubt
        }
        [first, _] => {
            assert_eq!(first["state"], "paid", "{ran:?}");
            Came::Paid
        }
        _ => panic!("{ran:?}"),
    }
}
