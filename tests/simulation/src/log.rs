//! The library's log, kept for the days on which secrets are looked for: each thread has its own.

use std::cell::RefCell;

use log::{LevelFilter, Log, Metadata, Record};

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Keeper;

impl Log for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        LINES.with_borrow(Option::is_some)
    }

    fn log(&self, record: &Record<'_>) {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.extend_from_slice(format!("{}\n", record.args()).as_bytes());
            }
        });
    }

    fn flush(&self) {}
}

/// Takes the library's log, all of it.
pub(crate) fn keep() {
    if log::set_logger(&Keeper).is_ok() {
        log::set_max_level(LevelFilter::Trace);
    }
}

/// From now on this thread's lines are kept, or not.
pub(crate) fn begin(kept: bool) {
    LINES.set(kept.then(Vec::new));
}

/// Adds what was told to a caller to what is kept.
pub(crate) fn told(text: impl FnOnce() -> String) {
    LINES.with_borrow_mut(|lines| {
        if let Some(lines) = lines {
            lines.extend_from_slice(text().as_bytes());
        }
    });
}

/// What was kept.
pub(crate) fn lines() -> Vec<u8> {
    LINES.with_borrow(|lines| lines.clone().unwrap_or_default())
}
