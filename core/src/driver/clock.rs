//! The boot clock. It goes on in deep sleep, where `Instant` stands still, and never falls below what was journaled.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::flow::Time;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For waits and ages.
    pub time: Time,
    /// UTC milliseconds, for records and order numbers only.
    pub wall_ms: i64,
}

/// CLOCK_BOOTTIME plus an offset.
#[derive(Clone, Copy, Debug)]
pub struct BootClock {
    offset_ms: i64,
}

impl BootClock {
    /// A clock that begins at or above `last_time_ms`, the highest time journaled.
    pub fn starting_at(last_time_ms: i64) -> Self {
        Self { offset_ms: last_time_ms.saturating_sub(boot_ms()).max(0) }
    }

    pub fn now(&self) -> Now {
        Now { time: Time(boot_ms().saturating_add(self.offset_ms)), wall_ms: wall_ms() }
    }
}

pub(crate) fn wall_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

fn boot_ms() -> i64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000)
}
