//! A terminal that many cashiers share, and a watch over their calls: each ends within its stated time, and with no error
//! but those that may come there.

use std::{
    sync::{
        Arc, Condvar, Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use paywand::{PaywandError, Terminal};

use crate::{Till, once_free};

/// A till with many cashiers.
pub struct Shop {
    /// Its configuration, merchant and folder; the terminal is opened here.
    pub till: Till,
    terminal: RwLock<Arc<Terminal>>,
    under_way: Vec<Mutex<Option<Call>>>,
    calls: AtomicU64,
    /// By how much the worst of them passed its stated time, in milliseconds.
    late_ms: AtomicU64,
    over: Mutex<bool>,
    ended: Condvar,
    /// A call may take this much longer than it states: all cashiers queue for few processors and for one reader.
    pub margin: Duration,
}

#[derive(Clone, Copy)]
struct Call {
    name: &'static str,
    begun: Instant,
    limit: Duration,
}

impl Shop {
    /// Opens a closed till for so many cashiers.
    pub fn open(till: Till, cashiers: usize) -> Self {
        let terminal = till.start().expect("it opens");
        Self {
            till,
            terminal: RwLock::new(terminal),
            // The last place is the judge's.
            under_way: (0..=cashiers).map(|_| Mutex::default()).collect(),
            calls: AtomicU64::new(0),
            late_ms: AtomicU64::new(0),
            over: Mutex::new(false),
            ended: Condvar::new(),
            margin: Duration::from_secs(10) + Duration::from_millis(250) * u32::try_from(cashiers).expect("it fits"),
        }
    }

    /// The terminal; waits while it is opened again.
    pub fn terminal(&self) -> Arc<Terminal> {
        self.terminal.read().expect("no one panics here").clone()
    }

    /// Shuts the terminal down while others use it, and opens it again.
    pub fn reopen(&self) {
        let mut terminal = self.terminal.write().expect("no one panics here");
        let begun = Instant::now();
        terminal.shutdown();
        assert!(begun.elapsed() < Duration::from_secs(2) + self.margin, "{:?}", begun.elapsed());
        *terminal = once_free(|| self.till.start()).expect("it opens again");
    }

    /// Makes a call that states its time. `may`: the codes of the errors that it may end with, besides a shutdown; all
    /// else is a mistake.
    pub fn call<T>(
        &self,
        place: usize,
        name: &'static str,
        limit_ms: i64,
        may: &[&str],
        call: impl FnOnce() -> Result<T, PaywandError>,
    ) -> Result<T, PaywandError> {
        let limit = Duration::from_millis(limit_ms.unsigned_abs());
        let (slot, begun) = (&self.under_way[place], Instant::now());
        *slot.lock().expect("no one panics here") = Some(Call { name, begun, limit });
        let result = call();
        slot.lock().expect("no one panics here").take();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let late = begun.elapsed().saturating_sub(limit);
        assert!(late < self.margin, "{name} took {late:?} more than its {limit:?}");
        self.late_ms.fetch_max(u64::try_from(late.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if let Err(error) = &result {
            let code = error.code();
            assert!(code == "shut_down" || may.contains(&code), "{name}: {code}: {error}");
        }
        result
    }

    /// The same, and where the terminal is shut down meanwhile, once more at the one that is opened then.
    pub fn insist<T>(
        &self,
        place: usize,
        name: &'static str,
        limit_ms: i64,
        may: &[&str],
        call: impl Fn(&Terminal) -> Result<T, PaywandError>,
    ) -> Result<T, PaywandError> {
        loop {
            let terminal = self.terminal();
            match self.call(place, name, limit_ms, may, || call(&terminal)) {
                Err(PaywandError::ShutDown) => {}
                result => return result,
            }
        }
    }

    /// How many calls were made, and by how many milliseconds the worst passed its stated time.
    pub fn calls(&self) -> (u64, u64) {
        (self.calls.load(Ordering::Relaxed), self.late_ms.load(Ordering::Relaxed))
    }

    /// The place of the judge's calls.
    pub fn judge(&self) -> usize {
        self.under_way.len() - 1
    }

    /// Does `work` while somebody looks after all calls. A call that never returns cannot say so: the process ends, and
    /// names it.
    pub fn watched<T>(&self, work: impl FnOnce() -> T) -> T {
        thread::scope(|scope| {
            scope.spawn(|| self.watch());
            let _watch = EndsWatch(self);
            work()
        })
    }

    fn watch(&self) {
        let mut over = self.over.lock().expect("no one panics here");
        while !*over {
            let mut calls = self.under_way.iter().filter_map(|slot| *slot.lock().expect("no one panics here"));
            let late = |call: &Call| call.begun.elapsed() > call.limit + 2 * self.margin;
            if let Some(Call { name, begun, limit }) = calls.find(late) {
                eprintln!("{name} of {limit:?} has not returned for {:?}", begun.elapsed());
                std::process::abort();
            }
            over = self.ended.wait_timeout(over, Duration::from_secs(1)).expect("no one panics here").0;
        }
    }
}

/// Ends the watch, also where the scenario fails.
struct EndsWatch<'a>(&'a Shop);

impl Drop for EndsWatch<'_> {
    fn drop(&mut self) {
        *self.0.over.lock().expect("no one panics here") = true;
        self.0.ended.notify_all();
    }
}

impl Till {
    /// A closed till at all gateways for hundreds of payments at once: short waits, and patience enough for a machine that
    /// has more to do.
    pub fn rushed() -> Self {
        let mut till = Self::closed();
        for gateway in &mut till.config.gateways {
            let timing = &mut gateway.timing;
            (timing.connect_ms, timing.read_ms) = (Some(1_000), Some(1_000));
            (timing.deadline_ms, timing.qr_deadline_ms) = (Some(600), Some(1_000));
            (timing.reverse_retry_ms, timing.close_retry_ms) = (Some(20), Some(50));
            (timing.landing_horizon_ms, timing.attention_after_ms) = (Some(1_500), Some(6_000));
            // Ended payments are watched for a moment only, and QR orders until the code is dead.
            (timing.watch_ms, timing.qr_life_ms) = (Some(20), Some(5_000));
        }
        till
    }
}

/// A number from the environment.
pub fn size(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap_or_else(|e| panic!("{name}: {e}")))
}

/// A number that counts things here.
pub fn count(number: u64) -> usize {
    usize::try_from(number).expect("it fits")
}
