//! The library's log: off unless asked for. It names payments by order number and never holds a key or code.

use log::{LevelFilter, Log, Metadata, Record};

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What a person must know: the store fails, a stored state cannot be read.
    Error,
    /// What should be looked into: plain http, a listener that fails.
    Warn,
    /// As `Warn`, and what happens rarely.
    Info,
    /// Every exchange: which operation, which order, what it proved, how long it took.
    Debug,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::Off,
            LogLevel::Error => Self::Error,
            LogLevel::Warn => Self::Warn,
            LogLevel::Info => Self::Info,
            LogLevel::Debug => Self::Debug,
        }
    }
}

/// Logs to Android's log under the tag `paywand`, elsewhere to standard error. Of other libraries nothing is logged.
/// A later call changes the level. Where the app has installed a logger of its own, that one is used.
pub(crate) fn start_logging(level: LogLevel) {
    // An error means that a logger is there already.
    let _ = log::set_boxed_logger(Box::new(OwnLines(sink())));
    log::set_max_level(level.into());
}

/// Passes on what this library says.
struct OwnLines<L>(L);

impl<L: Log> Log for OwnLines<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("paywand")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

#[cfg(target_os = "android")]
fn sink() -> impl Log {
    let config = android_logger::Config::default().with_tag("paywand").with_max_level(LevelFilter::Debug);
    android_logger::AndroidLogger::new(config)
}

#[cfg(not(target_os = "android"))]
fn sink() -> impl Log {
    StandardError
}

#[cfg(not(target_os = "android"))]
struct StandardError;

#[cfg(not(target_os = "android"))]
impl Log for StandardError {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        eprintln!("{} {}", record.level(), record.args());
    }

    fn flush(&self) {}
}
