//! The boot clock. It goes on in deep sleep, where `Instant` stands still, and never falls below what was journaled. And a
//! gateway's clock, as its answers tell it.

use std::{
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

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

/// A gateway's clock by its Date header, kept against the boot clock: the wall clock may be set between two exchanges.
#[derive(Debug, Default)]
pub(crate) struct GatewayClock(Mutex<Option<i64>>);

impl GatewayClock {
    /// An answer that came at `now` told `date_ms`.
    pub(crate) fn told(&self, date_ms: i64, now: Now) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date_ms.saturating_sub(now.time.0));
    }

    /// UTC milliseconds at the gateway; the device's own as long as it has told none.
    pub(crate) fn at_ms(&self, now: Now) -> i64 {
        let since_boot = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since_boot.map_or(now.wall_ms, |date_ms| date_ms.saturating_add(now.time.0))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_clock_follows_its_date_whatever_becomes_of_the_devices() {
        let clock = GatewayClock::default();
        let (date_ms, hour_ms) = (1_767_225_600_000, 3_600_000);
        let now = |time, wall_ms| Now { time: Time(time), wall_ms };
        assert_eq!(clock.at_ms(now(1_000, 777)), 777);
        // The device is a day behind; between two exchanges somebody sets it.
        clock.told(date_ms, now(1_000, date_ms - 24 * hour_ms));
        assert_eq!(clock.at_ms(now(6_000, date_ms + hour_ms)), date_ms + 5_000);
        clock.told(date_ms + 5_500, now(6_000, date_ms + hour_ms));
        assert_eq!(clock.at_ms(now(7_000, date_ms - 24 * hour_ms)), date_ms + 6_500);
    }
}
