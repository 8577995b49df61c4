//! The object that an app holds. It owns the tokio runtime, the store and the connections.
//!
//! Exported async methods only wait, on channels, for work that the runtime owns: a cancelled coroutine, a closed
//! screen or a dropped future never stops a sale. Objects and functions cross to Kotlin from here only.

mod calls;
mod export;
#[cfg(feature = "kill-points")]
mod held;
#[cfg(test)]
mod hostile_network;
mod notification;
mod refund;
mod request;
#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot, watch},
};

pub use export::{
    amount_from_major, amount_to_major, error_code, error_screen_text, error_text, reason_text, screen_text,
    start_anew, start_logging, state_text, step_text, verify_store, version,
};
#[cfg(feature = "kill-points")]
pub use held::Held;
pub use notification::Acknowledgement;
pub use refund::{RefundRequest, Refundable};
pub use request::{ChargeRequest, PaymentFilter, QrRequest};

use self::{calls::Calls, request::Asked};
use crate::{
    config::{BusinessDay, Checked, CheckedGateway, Routes, TerminalConfig},
    driver::{
        BootClock, Driver, NewPayment, Port, Wish, same_sale,
        shell::{self, Line, Message, Tools},
    },
    error::PaywandError,
    payment::{Payment, PaymentKind, PaymentState, Settlement},
    payment_code::{PaymentCode, Wallet},
    signer::Signer,
    store::{Filter, JournalEntry, Reader, Store, Writer},
    transport::Transport,
    updates::{Board, Notifier},
};

/// Workers of the runtime: exchanges are few and wait most of the time.
const WORKERS: usize = 2;

/// How long `shutdown` waits for calls, and then for threads, half of it for each.
const SHUTDOWN_MS: u64 = 2_000;

/// A till's payments: charges, QR orders, what is in doubt, history. One per database, at most one process.
///
/// Errors stand with each call. Besides, every call of a terminal that was shut down is `ShutDown`, and each that reads or
/// writes the store may be `StoreUnavailable` or `StoreCorrupt`.
#[derive(uniffi::Object)]
pub struct Terminal {
    inner: Mutex<Option<Arc<Inner>>>,
}

pub(crate) struct Inner {
    runtime: Mutex<Option<Runtime>>,
    sender: mpsc::UnboundedSender<Message>,
    reader: Arc<Mutex<Reader>>,
    board: Arc<Board>,
    notifier: Notifier,
    ports: Arc<Vec<Port>>,
    lines: Arc<Vec<Line>>,
    currencies: Vec<crate::Currency>,
    clock: BootClock,
    business_day: BusinessDay,
    routes: Routes,
    calls: Calls,
}

#[uniffi::export]
impl Terminal {
    /// Validates the configuration, opens the store, starts the runtime and begins recovery.
    ///
    /// Errors: `InvalidConfig`, `StoreInUse`, `StoreNewer`, `StoreCorrupt`, `StoreUnavailable`. Nothing is sent where one
    /// is returned. Reads and writes the disk: not on a main thread.
    #[uniffi::constructor]
    pub fn open(config: TerminalConfig) -> Result<Arc<Self>, PaywandError> {
        Self::open_checked(config.check()?, None)
    }

    /// As `open`, with a signer for the keys that are not on this device (`remote_keys`).
    #[uniffi::constructor]
    pub fn open_with_signer(
        config: TerminalConfig,
        signer: Arc<dyn crate::RemoteSigner>,
    ) -> Result<Arc<Self>, PaywandError> {
        Self::open_checked(config.check()?, Some(signer))
    }

    /// As `open`, from a `terminal.json`. Paths in it are relative to its folder.
    #[uniffi::constructor]
    pub fn open_file(path: String) -> Result<Arc<Self>, PaywandError> {
        Self::open(TerminalConfig::from_file(Path::new(&path))?)
    }

    /// Charges the customer's payment code. Returns the payment at a final state, when it needs attention, or after
    /// `request.limit_ms`, whichever is first; what is left goes on in the background. The limit begins once the intent is
    /// committed: that takes what the disk takes, and no limit covers it.
    ///
    /// Errors: `InvalidAmount`, `CurrencyNotAccepted`, `InvalidCode`, `InvalidRequest`, `UnknownGateway`, `NoRoute`,
    /// `UnsupportedOperation`, `KeyReused`, `CodeInDoubt`, `LooksLikeRepeat`, `GatewayUnhealthy`, `StoreUnavailable`,
    /// `StoreCorrupt`, `ShutDown`. Nothing was sent where one is returned, but for `ShutDown`: what was begun goes on under its
    /// key.
    pub async fn charge(&self, request: ChargeRequest) -> Result<Payment, PaywandError> {
        let limit_ms = request.limit_ms;
        self.run(move |inner| async move {
            let asked = Asked::charge(&request);
            let new = request::charge(&inner, request).await;
            let payment = inner.begin(asked, new).await?;
            let limit = inner.limit_at(&payment.gateway, limit_ms, true);
            Ok(inner.wait_until(payment, limit, is_settled).await)
        })
        .await
    }

    /// Makes a QR for the customer to scan. Returns when it can be shown, or when that has failed, or after
    /// `request.limit_ms`, whichever is first. The limit begins once the intent is committed, as with `charge`.
    ///
    /// Errors: `InvalidAmount`, `CurrencyNotAccepted`, `InvalidRequest`, `UnknownGateway`, `NoRoute`, `UnsupportedOperation`,
    /// `KeyReused`, `GatewayUnhealthy`, `StoreUnavailable`, `StoreCorrupt`, `ShutDown`, as with `charge`.
    pub async fn create_qr(&self, request: QrRequest) -> Result<Payment, PaywandError> {
        let limit_ms = request.limit_ms;
        self.run(move |inner| async move {
            let asked = Asked::qr(&request);
            let new = request::qr(&inner, request).await;
            let payment = inner.begin(asked, new).await?;
            let limit = inner.limit_at(&payment.gateway, limit_ms, false);
            let shown = |payment: &Payment| !matches!(payment.state, PaymentState::Created | PaymentState::Charging);
            Ok(inner.wait_until(payment, limit, shown).await)
        })
        .await
    }

    /// The payment at a final state, when it needs attention, or after `limit_ms`, whichever is first; 0 or less does not
    /// wait. Errors: `NoSuchPayment`.
    pub async fn wait(&self, id: i64, limit_ms: i64) -> Result<Payment, PaywandError> {
        self.run(move |inner| async move {
            let payment = inner.read(move |reader| reader.payment(id)).await?;
            let payment = payment.ok_or(PaywandError::NoSuchPayment { id })?.payment;
            Ok(inner.wait_until(payment, millis(limit_ms), is_settled).await)
        })
        .await
    }

    /// Undoes the payment: nothing sent, then failed; else asked for and reversed or closed. Returns once that is begun;
    /// `wait` returns with its end. A payment that has ended is returned as it is.
    ///
    /// Errors: `CannotCancel`, `NoSuchPayment`.
    pub async fn cancel(&self, id: i64) -> Result<Payment, PaywandError> {
        self.wish(id, Wish::Cancel).await
    }

    /// Asks the gateway now instead of at the next turn. One thing it sends: a refund that needs attention with the reason
    /// `NeverSeen`, where nobody knows whether it ever began; whoever retries that says that it is to be given back.
    ///
    /// Returns the payment as it stands once it is asked; one that has ended, as it is. Errors: `NoSuchPayment`.
    pub async fn retry(&self, id: i64) -> Result<Payment, PaywandError> {
        self.wish(id, Wish::Retry).await
    }

    /// Takes a payment that was paid although a cancel was asked for off the list of what is in doubt; any other is returned
    /// as it is. Errors: `NoSuchPayment`.
    pub async fn acknowledge(&self, id: i64) -> Result<Payment, PaywandError> {
        self.wish(id, Wish::Acknowledge).await
    }

    /// A person says how a payment ended that needs attention; of a refund, whether it was given back. `who` and `why`, 1 to
    /// 256 characters each, are kept.
    ///
    /// Errors: `NotInAttention`, `ReverseInFlight`, `InvalidRequest`, `NoSuchPayment`.
    pub async fn settle_by_hand(&self, id: i64, paid: bool, who: String, why: String) -> Result<Payment, PaywandError> {
        let settlement = request::settlement(paid, &who, &why)?;
        self.wish(id, Wish::Settle(settlement)).await
    }

    /// The payment of this id. Errors: `NoSuchPayment`.
    pub fn payment(&self, id: i64) -> Result<Payment, PaywandError> {
        let inner = self.inner()?;
        let stored = inner.reader().payment(id)?;
        Ok(stored.ok_or(PaywandError::NoSuchPayment { id })?.payment)
    }

    /// The payment of this request key; none is no error.
    pub fn find(&self, request_key: String) -> Result<Option<Payment>, PaywandError> {
        let inner = self.inner()?;
        let stored = inner.reader().find(&request_key)?;
        Ok(stored.map(|stored| stored.payment))
    }

    /// Payments, newest first; `before_id` is the last id of the page before. At most 500 a page, whatever `limit` says; 0 or
    /// less is none.
    // A bare default stands last: uniffi reads no comma after one.
    #[uniffi::method(default(before_id = None, limit = 50, filter))]
    pub fn payments(
        &self,
        filter: PaymentFilter,
        before_id: Option<i64>,
        limit: i32,
    ) -> Result<Vec<Payment>, PaywandError> {
        let inner = self.inner()?;
        let filter = Filter {
            kind: filter.kind,
            state: filter.state,
            gateway: filter.gateway,
            business_day: filter.business_day,
        };
        inner.reader().page(&filter, before_id, u32::try_from(limit).unwrap_or(0).min(500))
    }

    /// What is sent and not proved either way, and what was paid although a cancel was asked for.
    pub fn in_doubt(&self) -> Result<Vec<Payment>, PaywandError> {
        let inner = self.inner()?;
        inner.reader().in_doubt()
    }

    /// What recovery would find: in doubt, or ended and still cleaned up or watched.
    pub fn unfinished(&self) -> Result<Vec<Payment>, PaywandError> {
        let inner = self.inner()?;
        let stored = inner.reader().unfinished()?;
        Ok(stored.into_iter().map(|stored| stored.payment).collect())
    }

    /// The wallet that the form of a scanned code suggests, by the configured forms and the built-in ones. Advisory.
    pub fn wallet_of(&self, code: Arc<PaymentCode>) -> Result<Wallet, PaywandError> {
        Ok(self.inner()?.routes.wallet(&code))
    }

    /// The currency that a gateway is configured for. Errors: `UnknownGateway`.
    pub fn currency(&self, gateway: String) -> Result<crate::Currency, PaywandError> {
        let inner = self.inner()?;
        let port = inner.port(&gateway)?;
        inner.currencies.get(port).copied().ok_or(PaywandError::UnknownGateway { gateway })
    }

    /// How long `charge` waits where the request does not say, in milliseconds: the gateway's deadline + connect + read + 1 s.
    /// Errors: `UnknownGateway`.
    pub fn call_limit_ms(&self, gateway: String) -> Result<i64, PaywandError> {
        let inner = self.inner()?;
        let limit = inner.limit(inner.port(&gateway)?, None, true);
        Ok(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX))
    }

    /// How long a QR is shown that nobody pays, from its creation on, in milliseconds: then it is closed. Errors:
    /// `UnknownGateway`.
    pub fn qr_deadline_ms(&self, gateway: String) -> Result<i64, PaywandError> {
        let inner = self.inner()?;
        let port = inner.ports.get(inner.port(&gateway)?);
        port.map(|port| port.timing.qr_deadline_ms).ok_or(PaywandError::UnknownGateway { gateway })
    }

    /// What happened to a payment, step by step, as journaled, oldest first; `step_text` has the words. Empty where there is no
    /// payment of this id.
    pub fn history(&self, id: i64) -> Result<Vec<JournalEntry>, PaywandError> {
        let inner = self.inner()?;
        inner.reader().history(id)
    }

    /// Hears of every change from now on, until the subscription is cancelled or dropped.
    pub fn subscribe(
        &self,
        listener: Arc<dyn crate::PaymentListener>,
    ) -> Result<Arc<crate::Subscription>, PaywandError> {
        Ok(Arc::new(self.inner()?.notifier.subscribe(listener)))
    }

    /// Opens the connection to a gateway while the cashier keys the amount; where charges go over connections of their own,
    /// only name and TLS session are remembered. Returns at once. Errors: `UnknownGateway`.
    pub fn prewarm(&self, gateway: String) -> Result<(), PaywandError> {
        let inner = self.inner()?;
        let port = inner.port(&gateway)?;
        let (ports, lines) = (inner.ports.clone(), inner.lines.clone());
        inner.spawn(async move {
            if let (Some(port), Some(line)) = (ports.get(port), lines.get(port)) {
                line.transport.prewarm(port.gateway.capabilities().own_connections).await;
            }
        })
    }

    /// Ends within about two seconds. What is unfinished is left to the next start.
    pub fn shutdown(&self) {
        let Some(inner) = lock(&self.inner).take() else { return };
        // Ends the shell; the writer commits what it has and closes the database.
        let _ = inner.sender.send(Message::Stop);
        inner.notifier.stop();
        // With the shell's end every waiting call gets its payment as it stands; let them return.
        inner.calls.wait_for_none(Duration::from_millis(SHUTDOWN_MS / 2));
        if let Some(runtime) = lock(&inner.runtime).take() {
            // On a thread of its own: a caller may be inside another runtime, where waiting is not allowed.
            let ended = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_millis(SHUTDOWN_MS / 2)));
            let _ = ended.join();
        }
        inner.board.close();
    }
}

impl Terminal {
    /// `open`, where every option is known to be right.
    fn open_checked(checked: Checked, remote: Option<Arc<dyn crate::RemoteSigner>>) -> Result<Arc<Self>, PaywandError> {
        let Checked { database, business_day, gateways, routes } = checked;
        let mut store = Store::open(&database)?;
        let clock = BootClock::starting_at(store.last_time_ms());
        let reader = store.reader()?;
        let stored = reader.unfinished()?;

        let mut ports = Vec::new();
        let mut lines = Vec::new();
        let mut currencies = Vec::new();
        for gateway in gateways {
            log::info!("gateway {}: {}", gateway.id, gateway.kind.code());
            let signer = signer_of(&gateway, remote.as_ref())?;
            lines.push(Line::new(Transport::new(&gateway.endpoint)?, signer));
            currencies.push(gateway.currency);
            let (id, timing, account) = (gateway.id, gateway.timing, gateway.account);
            ports.push(Port { id, gateway: gateway.gateway, timing, account });
        }
        let (ports, lines) = (Arc::new(ports), Arc::new(lines));

        let mut driver = Driver::new(ports.clone(), *store.code_key());
        let runtime = runtime()?;
        let (board, notifier) = (Arc::new(Board::default()), Notifier::start()?);
        for stored in &stored {
            board.publish(&stored.payment);
        }
        // The first step of recovery is committed before anyone can read: nobody sees a state of the last run.
        let recovery = driver.recover(stored, clock.now(), |jobs| store.run(jobs));
        let (sender, messages) = mpsc::unbounded_channel();
        let reader = Arc::new(Mutex::new(reader));
        let tools = Tools {
            ports: ports.clone(),
            lines: lines.clone(),
            writer: Writer::start(store),
            reader: reader.clone(),
            clock,
            board: board.clone(),
            notifier: notifier.clone(),
        };
        runtime.spawn(shell::run(driver, tools, recovery, sender.downgrade(), messages));
        let inner = Inner {
            runtime: Mutex::new(Some(runtime)),
            sender,
            reader,
            board,
            notifier,
            ports,
            lines,
            currencies,
            clock,
            business_day,
            routes,
            calls: Calls::default(),
        };
        Ok(Arc::new(Self { inner: Mutex::new(Some(Arc::new(inner))) }))
    }

    async fn wish(&self, id: i64, wish: Wish) -> Result<Payment, PaywandError> {
        self.run(move |inner| async move { inner.wish(id, wish).await }).await
    }

    fn inner(&self) -> Result<Arc<Inner>, PaywandError> {
        lock(&self.inner).clone().ok_or(PaywandError::ShutDown)
    }

    /// Runs `work` on the runtime and waits for it. Dropping the wait does not stop the work.
    async fn run<T, F, W>(&self, work: F) -> Result<T, PaywandError>
    where
        T: std::marker::Send + 'static,
        F: FnOnce(Arc<Inner>) -> W,
        W: Future<Output = Result<T, PaywandError>> + std::marker::Send + 'static,
    {
        let inner = self.inner()?;
        let (reply, answer) = oneshot::channel();
        let under_way = inner.calls.enter();
        let work = work(inner.clone());
        inner.spawn(async move {
            // Whoever waited may be gone.
            let _ = reply.send(work.await);
            drop(under_way);
        })?;
        answer.await.unwrap_or(Err(PaywandError::ShutDown))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Inner {
    fn spawn(&self, work: impl Future<Output = ()> + std::marker::Send + 'static) -> Result<(), PaywandError> {
        let runtime = lock(&self.runtime);
        runtime.as_ref().ok_or(PaywandError::ShutDown)?.spawn(work);
        Ok(())
    }

    fn reader(&self) -> MutexGuard<'_, Reader> {
        lock(&self.reader)
    }

    /// Reads on a thread that may block.
    async fn read<T, F>(&self, work: F) -> Result<T, PaywandError>
    where
        T: std::marker::Send + 'static,
        F: FnOnce(&Reader) -> Result<T, PaywandError> + std::marker::Send + 'static,
    {
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || work(&lock(&reader)));
        read.await.unwrap_or(Err(PaywandError::ShutDown))
    }

    fn port(&self, gateway: &str) -> Result<usize, PaywandError> {
        let position = self.ports.iter().position(|port| port.id == gateway);
        position.ok_or_else(|| PaywandError::UnknownGateway { gateway: gateway.to_owned() })
    }

    /// The gateway of a request: the one named, else the one that its key has already, else by wallet.
    async fn choose(
        &self,
        named: Option<&str>,
        request_key: &str,
        kind: PaymentKind,
        wallet: Option<Wallet>,
    ) -> Result<usize, PaywandError> {
        if let Some(gateway) = named {
            return self.port(gateway);
        }
        let key = request_key.to_owned();
        if let Some(stored) = self.read(move |reader| reader.find(&key)).await? {
            return self.port(&stored.payment.gateway);
        }
        let can: Vec<_> = self.ports.iter().map(|port| port.gateway.capabilities()).collect();
        self.routes.choose(kind, wallet, &can)
    }

    /// The stated time of a call about `gateway`'s payment; none where it is configured no longer.
    fn limit_at(&self, gateway: &str, asked_ms: Option<i64>, with_deadline: bool) -> Duration {
        self.port(gateway).map_or(Duration::ZERO, |port| self.limit(port, asked_ms, with_deadline))
    }

    /// The stated time of a call.
    fn limit(&self, port: usize, asked_ms: Option<i64>, with_deadline: bool) -> Duration {
        let Some(timing) = self.ports.get(port).map(|port| port.timing) else { return Duration::ZERO };
        let deadline = if with_deadline { timing.deadline_ms } else { 0 };
        let own = deadline.saturating_add(timing.connect_ms).saturating_add(timing.read_ms).saturating_add(1_000);
        millis(asked_ms.unwrap_or(own))
    }

    /// The payment of a request: the one that has its key, or a new one whose intent is durable.
    ///
    /// What would be turned away now may have been begun before: gateways, accounts and limits change. Nobody hears that
    /// nothing was sent while it is out.
    async fn begin(&self, asked: Asked, new: Result<NewPayment, PaywandError>) -> Result<Payment, PaywandError> {
        let error = match new {
            Ok(new) => match self.begin_new(new).await {
                // Of two with one key at once, each found for itself what the request leaves open: all that was left, or
                // the wallet's gateway.
                Err(error @ PaywandError::KeyReused { .. }) => error,
                result => return result,
            },
            Err(error) => error,
        };
        let key = asked.request_key.clone();
        match self.read(move |reader| reader.find(&key)).await {
            Ok(Some(stored)) if asked.is(&stored.payment) => Ok(stored.payment),
            Ok(Some(stored)) => Err(PaywandError::KeyReused { id: stored.payment.id }),
            _ => Err(error),
        }
    }

    async fn begin_new(&self, new: NewPayment) -> Result<Payment, PaywandError> {
        let key = new.request_key.clone();
        if let Some(stored) = self.read(move |reader| reader.find(&key)).await? {
            let gateway = self.ports.get(new.port).map(|port| port.id.as_str());
            let same = same_sale(&stored.payment, &new, gateway);
            let id = stored.payment.id;
            return if same { Ok(stored.payment) } else { Err(PaywandError::KeyReused { id }) };
        }
        let (reply, answer) = oneshot::channel();
        self.tell(Message::Begin { new: Box::new(new), reply })?;
        answer.await.unwrap_or(Err(PaywandError::ShutDown))
    }

    async fn wish(&self, id: i64, wish: Wish) -> Result<Payment, PaywandError> {
        let (reply, answer) = oneshot::channel();
        self.tell(Message::Wish { id, wish: wish.clone(), reply })?;
        match answer.await.unwrap_or(Err(PaywandError::ShutDown)) {
            // Through, so not at work any more: what the store says is the last word.
            Err(PaywandError::NoSuchPayment { id }) => {
                let stored = self.read(move |reader| reader.payment(id)).await?;
                let payment = stored.ok_or(PaywandError::NoSuchPayment { id })?.payment;
                if matches!(wish, Wish::Settle(_)) { Err(PaywandError::NotInAttention { id }) } else { Ok(payment) }
            }
            result => result,
        }
    }

    fn tell(&self, message: Message) -> Result<(), PaywandError> {
        self.sender.send(message).map_err(|_| PaywandError::ShutDown)
    }

    /// The payment once `done`, or as it stands after `limit`.
    async fn wait_until(&self, payment: Payment, limit: Duration, done: impl Fn(&Payment) -> bool) -> Payment {
        if done(&payment) {
            return payment;
        }
        let watched = match self.board.watch(payment.id) {
            Some(changes) => Ok(changes),
            None => self.watch_unheard(payment).await,
        };
        let mut changes = match watched {
            Ok(changes) => changes,
            Err(ended) => return ended,
        };
        // At the limit, or at a shutdown, the last state is the answer.
        let _ = tokio::time::timeout(limit, changes.wait_for(|payment| done(payment))).await;
        changes.borrow().clone()
    }

    /// The changes of a payment that is not on the board, or, where it has ended, the payment: what the store says is the
    /// last word. One that the store holds as unfinished was begun only now, and the driver is about to hear of it.
    async fn watch_unheard(&self, payment: Payment) -> Result<watch::Receiver<Payment>, Payment> {
        let id = payment.id;
        let stored = || self.read(move |reader| reader.payment(id));
        let unfinished = match stored().await {
            Ok(Some(stored)) if stored.payment.unfinished() => stored.payment,
            Ok(Some(stored)) => return Err(stored.payment),
            _ => return Err(payment),
        };
        let changes = self.board.watch_from(unfinished);
        // Its end may have been told in between, when nobody watched.
        if let Ok(Some(stored)) = stored().await
            && !stored.payment.unfinished()
        {
            self.board.publish(&stored.payment);
        }
        Ok(changes)
    }

    fn business_day(&self, wall_ms: i64) -> String {
        let BusinessDay { utc_offset_minutes, cut_over_minutes } = self.business_day;
        crate::calendar::business_day(wall_ms, utc_offset_minutes, cut_over_minutes)
    }
}

/// The signer of a gateway whose keys are not here.
fn signer_of(
    gateway: &CheckedGateway,
    remote: Option<&Arc<dyn crate::RemoteSigner>>,
) -> Result<Option<Signer>, PaywandError> {
    match (&gateway.desk, remote) {
        (None, _) => Ok(None),
        (Some(desk), Some(remote)) => Ok(Some(Signer::new(desk.clone(), remote.clone(), gateway.timing.connect_ms))),
        (Some(_), None) => {
            let field = format!("gateway {}: remote_keys", gateway.id);
            Err(PaywandError::config(field, "the terminal is opened without a signer"))
        }
    }
}

fn is_settled(payment: &Payment) -> bool {
    payment.is_final || payment.state == PaymentState::NeedsAttention
}

/// A time below zero is none.
fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn runtime() -> Result<Runtime, PaywandError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("paywand")
        .enable_all()
        .build()
        .map_err(|e| PaywandError::StoreUnavailable { reason: format!("no threads: {e}") })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
