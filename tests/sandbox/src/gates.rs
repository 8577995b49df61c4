//! What waits in the shell: answers held back until somebody opens the gates, and tests that wait for something to happen.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Held answers by merchant.
#[derive(Default)]
pub(crate) struct Gates {
    merchants: Mutex<HashMap<String, Gate>>,
    pub(crate) news: News,
}

struct Gate {
    held: usize,
    /// Counts the openings.
    openings: watch::Sender<u64>,
}

impl Gates {
    /// Returns when the merchant's gates are opened next. While it waits, it counts as held; dropping it uncounts it.
    pub(crate) async fn hold(&self, merchant: &str) {
        let mut openings = {
            let mut merchants = lock(&self.merchants);
            let gate = merchants
                .entry(merchant.to_owned())
                .or_insert_with(|| Gate { held: 0, openings: watch::Sender::new(0) });
            gate.held += 1;
            gate.openings.subscribe()
        };
        let _held = Held { gates: self, merchant };
        self.news.publish();
        let _ = openings.changed().await;
    }

    /// Lets go all answers held now; returns how many.
    pub(crate) fn open(&self, merchant: &str) -> usize {
        lock(&self.merchants).get(merchant).map_or(0, |gate| {
            gate.openings.send_modify(|count| *count += 1);
            gate.held
        })
    }

    /// How many answers are held.
    pub(crate) fn held(&self, merchant: &str) -> usize {
        lock(&self.merchants).get(merchant).map_or(0, |gate| gate.held)
    }
}

struct Held<'a> {
    gates: &'a Gates,
    merchant: &'a str,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(gate) = lock(&self.gates.merchants).get_mut(self.merchant) {
            gate.held -= 1;
        }
        self.gates.news.publish();
    }
}

/// Wakes whoever waits for a change, in a thread or in a task.
#[derive(Default)]
pub(crate) struct News {
    count: Mutex<u64>,
    threads: Condvar,
    tasks: watch::Sender<u64>,
}

impl News {
    /// Something changed.
    pub(crate) fn publish(&self) {
        *lock(&self.count) += 1;
        self.threads.notify_all();
        self.tasks.send_modify(|count| *count += 1);
    }

    /// Blocks the thread until `is_true`, or the limit.
    pub(crate) fn wait(&self, limit: Duration, is_true: impl Fn() -> bool) -> bool {
        let end = Instant::now() + limit;
        loop {
            let seen = *lock(&self.count);
            if is_true() {
                return true;
            }
            let mut count = lock(&self.count);
            while *count == seen {
                let Some(left) = end.checked_duration_since(Instant::now()) else { return false };
                count = self.threads.wait_timeout(count, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// Waits in a task until `is_true`, or the limit.
    pub(crate) async fn wait_async(&self, limit: Duration, is_true: impl Fn() -> bool) -> bool {
        let mut tasks = self.tasks.subscribe();
        let reached = async {
            while !is_true() {
                let _ = tasks.changed().await;
            }
        };
        tokio::time::timeout(limit, reached).await.is_ok()
    }
}

/// A panic elsewhere leaves pretend money in a state that is still worth reading.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
