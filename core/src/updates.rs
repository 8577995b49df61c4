//! Who hears of changes: calls that wait for a payment, and listeners of the app.
//!
//! Listeners run on one thread of their own. One that blocks or throws delays only listeners; the queue keeps the
//! latest state of each payment.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{error::PaywandError, payment::Payment};

/// Hears of every change of every payment, after it has been committed.
#[uniffi::export(with_foreign)]
pub trait PaymentListener: Send + Sync {
    /// A payment as it stands now. Called on the listeners' thread; an error is logged and changes nothing.
    fn on_payment(&self, payment: Payment) -> Result<(), PaywandError>;
}

/// The latest state of live payments, for calls that wait.
#[derive(Default)]
pub(crate) struct Board(Mutex<Boarded>);

#[derive(Default)]
struct Boarded {
    live: HashMap<i64, watch::Sender<Payment>>,
    closed: bool,
}

impl Board {
    pub(crate) fn publish(&self, payment: &Payment) {
        let live = &mut lock(&self.0).live;
        let ended = payment.is_final && !payment.unfinished();
        match live.get(&payment.id) {
            Some(sender) => {
                sender.send_replace(payment.clone());
            }
            None if ended => {}
            None => {
                live.insert(payment.id, watch::Sender::new(payment.clone()));
            }
        }
        if ended {
            // Who waits has its own receiver, which keeps the last state.
            live.remove(&payment.id);
        }
    }

    /// None where the payment is not live: what the store says is the last word.
    pub(crate) fn watch(&self, id: i64) -> Option<watch::Receiver<Payment>> {
        lock(&self.0).live.get(&id).map(watch::Sender::subscribe)
    }

    /// Of a payment that the store says is not through: hears what is published from now on, also where nothing was yet.
    pub(crate) fn watch_from(&self, payment: Payment) -> watch::Receiver<Payment> {
        let mut board = lock(&self.0);
        if board.closed {
            return watch::Sender::new(payment).subscribe();
        }
        board.live.entry(payment.id).or_insert_with(|| watch::Sender::new(payment)).subscribe()
    }

    /// Ends every wait.
    pub(crate) fn close(&self) {
        let mut board = lock(&self.0);
        board.closed = true;
        board.live.clear();
    }

    #[cfg(feature = "kill-points")]
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).live.len()
    }
}

/// The listeners and their thread.
#[derive(Clone)]
pub(crate) struct Notifier(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    listeners: BTreeMap<u64, Arc<dyn PaymentListener>>,
    next: u64,
    order: VecDeque<i64>,
    latest: HashMap<i64, Payment>,
    stopped: bool,
}

impl Notifier {
    pub(crate) fn start() -> Result<Self, PaywandError> {
        let shared = Arc::new(Shared::default());
        let on_thread = shared.clone();
        std::thread::Builder::new()
            .name("paywand-listen".to_owned())
            .spawn(move || deliver(&on_thread))
            .map_err(|e| PaywandError::StoreUnavailable { reason: format!("no thread for listeners: {e}") })?;
        Ok(Self(shared))
    }

    pub(crate) fn push(&self, payment: Payment) {
        let mut state = lock(&self.0.state);
        if state.listeners.is_empty() {
            return;
        }
        let id = payment.id;
        if state.latest.insert(id, payment).is_none() {
            state.order.push_back(id);
        }
        self.0.changed.notify_one();
    }

    pub(crate) fn subscribe(&self, listener: Arc<dyn PaymentListener>) -> Subscription {
        let mut state = lock(&self.0.state);
        let id = state.next;
        state.next = id.saturating_add(1);
        state.listeners.insert(id, listener);
        Subscription { id, notifier: self.clone() }
    }

    /// How many payments listeners have yet to hear of, and how many listeners there are.
    #[cfg(feature = "kill-points")]
    pub(crate) fn len(&self) -> (usize, usize) {
        let state = lock(&self.0.state);
        (state.latest.len().max(state.order.len()), state.listeners.len())
    }

    /// Ends the thread once the call under way returns.
    pub(crate) fn stop(&self) {
        lock(&self.0.state).stopped = true;
        self.0.changed.notify_one();
    }
}

fn deliver(shared: &Shared) {
    loop {
        let (payment, listeners) = {
            let mut state = lock(&shared.state);
            loop {
                if let Some(payment) = state.order.pop_front().and_then(|id| state.latest.remove(&id)) {
                    let listeners: Vec<_> = state.listeners.values().cloned().collect();
                    break (payment, listeners);
                }
                if state.stopped {
                    return;
                }
                state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        for listener in listeners {
            let told = catch_unwind(AssertUnwindSafe(|| listener.on_payment(payment.clone())));
            match told {
                Ok(Ok(())) => {}
                Ok(Err(error)) => log::warn!("{error}"),
                // The others must go on hearing.
                Err(_) => log::warn!("a listener panicked. Payments are unaffected."),
            }
        }
    }
}

/// Keeps a listener registered; cancelling or dropping it takes the listener off.
#[derive(uniffi::Object)]
pub struct Subscription {
    id: u64,
    notifier: Notifier,
}

impl Subscription {
    /// Takes the listener off.
    pub fn cancel(&self) {
        let taken = lock(&self.notifier.0.state).listeners.remove(&self.id);
        // Now that the lock is free: with a listener may go what comes back here, another's subscription or the terminal.
        drop(taken);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
