//! Everything that this process logs, at every level, for tests that look for what must not be there.

use std::sync::{Mutex, Once};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to keep what is logged. May be called by every test.
pub(crate) fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        log::set_logger(&Keep).expect("no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// The lines kept so far that hold `text`. Tests run side by side: look for what only yours can have written.
pub(crate) fn lines_with(text: &str) -> Vec<String> {
    LINES.lock().unwrap().iter().filter(|line| line.contains(text)).cloned().collect()
}

struct Keep;

impl log::Log for Keep {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LINES.lock().unwrap().push(format!("{} {}: {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}
