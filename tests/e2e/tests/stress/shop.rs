//! The terminal that all cashiers share, and a watch over their calls.

use std::{
    sync::{
        Arc, Condvar, Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use paywand::{PaywandError, Terminal};
use paywand_e2e::Till;

/// What a call may end with under these conditions; all else is a mistake.
const EXPECTED: [&str; 5] =
    ["shut_down", "cannot_cancel", "not_in_attention", "reverse_in_flight", "gateway_unhealthy"];

pub(crate) struct Shop {
    /// Its configuration, merchant and folder; the terminal is opened here.
    pub(crate) till: Till,
    terminal: RwLock<Arc<Terminal>>,
    under_way: Vec<Mutex<Option<Call>>>,
    calls: AtomicU64,
    over: Mutex<bool>,
    ended: Condvar,
    /// A call may take this much longer than it states: all cashiers queue for few processors and for one reader.
    pub(crate) margin: Duration,
}

#[derive(Clone, Copy)]
struct Call {
    name: &'static str,
    begun: Instant,
    limit: Duration,
}

impl Shop {
    pub(crate) fn open(cashiers: usize) -> Self {
        let mut till = Till::closed();
        for gateway in &mut till.config.gateways {
            gateway.timing.connect_ms = Some(1_000);
            gateway.timing.read_ms = Some(500);
            // Ended payments are watched for a moment only, and QR orders until the code is dead.
            gateway.timing.watch_ms = Some(1);
            gateway.timing.qr_life_ms = Some(2_000);
        }
        let terminal = Terminal::open(till.config.clone()).expect("it opens");
        Self {
            till,
            terminal: RwLock::new(terminal),
            // The last place is the judge's.
            under_way: (0..=cashiers).map(|_| Mutex::default()).collect(),
            calls: AtomicU64::new(0),
            over: Mutex::new(false),
            ended: Condvar::new(),
            margin: Duration::from_secs(10) + Duration::from_millis(250) * u32::try_from(cashiers).expect("it fits"),
        }
    }

    /// The terminal; waits while it is opened again.
    pub(crate) fn terminal(&self) -> Arc<Terminal> {
        self.terminal.read().expect("no one panics here").clone()
    }

    /// Shuts the terminal down while others use it, and opens it again.
    pub(crate) fn reopen(&self) {
        let mut terminal = self.terminal.write().expect("no one panics here");
        let begun = Instant::now();
        terminal.shutdown();
        assert!(begun.elapsed() < Duration::from_secs(2) + self.margin, "{:?}", begun.elapsed());
        *terminal = Terminal::open(self.till.config.clone()).expect("it opens again");
    }

    /// Makes a call that states its time; none where it ended with an error that may come.
    pub(crate) fn call<T>(
        &self,
        place: usize,
        name: &'static str,
        limit_ms: i64,
        call: impl FnOnce() -> Result<T, PaywandError>,
    ) -> Option<T> {
        let limit = Duration::from_millis(limit_ms.unsigned_abs());
        let (slot, begun) = (&self.under_way[place], Instant::now());
        *slot.lock().expect("no one panics here") = Some(Call { name, begun, limit });
        let result = call();
        slot.lock().expect("no one panics here").take();
        self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(begun.elapsed() < limit + self.margin, "{name} took {:?} instead of {limit:?}", begun.elapsed());
        match result {
            Ok(value) => Some(value),
            Err(error) if EXPECTED.contains(&error.code()) => None,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The place of the judge's calls.
    pub(crate) fn judge(&self) -> usize {
        self.under_way.len() - 1
    }

    /// Looks after all calls until the end. A call that never returns cannot say so: the process ends, and names it.
    pub(crate) fn watch(&self) {
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
pub(crate) struct EndsWatch<'a>(pub(crate) &'a Shop);

impl Drop for EndsWatch<'_> {
    fn drop(&mut self) {
        *self.0.over.lock().expect("no one panics here") = true;
        self.0.ended.notify_all();
    }
}
