//! A till against the sandbox, for scenarios. Each till has a merchant and a database of its own, so that scenarios
//! run side by side; the sandbox is one for the whole test program.
//!
//! Timings are a hundredth of the real ones, and so are the sandbox's least ages. No scenario sleeps: it waits for a
//! payment, for calls to arrive, or for held answers.

mod callback;
mod chance;
mod ending;
mod judge;
mod killed;
mod program;
mod service;
mod shop;
mod truth;
mod weather;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use callback::{SIGNED_CALLBACKS, pass_on};
pub use chance::Chance;
pub use ending::{Ended, settle_everything};
pub use judge::{close_and_verify, judge, states};
pub use killed::{Asked, lost};
use paywand::{
    Amount, ChargeRequest, Currency, GatewayConfig, Payment, PaymentCode, PaymentListener, PaymentState, PaywandError,
    QrRequest, RefundRequest, RemoteSigner, Secret, Subscription, Terminal, TerminalConfig, TimingConfig,
    gateway::GatewayKind,
};
use paywand_sandbox::{Call, Kind, Ledger, Merchant, Op, Options, Order, Plan, Sandbox};
pub use program::{Ran, json_lines, sale};
pub use service::{KEYS, SigningService, Turn};
pub use shop::{Shop, count, size};
use tempfile::TempDir;
pub use truth::{between, pairs, side_by_side};
pub use weather::weather;

/// How much faster than life the scenarios run.
pub const TIME_SCALE: u32 = 100;

/// No scenario waits longer than this for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The sandbox of this test program.
pub static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| {
    Sandbox::start(Options { time_scale: TIME_SCALE, ..Options::default() }).expect("the sandbox starts")
});

/// Gateways that charge a code: the charge, row by row, is shown at these.
pub const CHARGING: [GatewayKind; 3] = [GatewayKind::MaxfunDevice, GatewayKind::BlueoceanV1, GatewayKind::Bjrcb];

/// Gateways whose payments are QR orders here: the QR order, row by row, is shown at these.
pub const SHOWING: [GatewayKind; 2] = [GatewayKind::TencentCpay, GatewayKind::Huishouyin];

/// A till with all gateways, ids being their kinds' codes.
pub struct Till {
    /// Its accounts at the sandbox.
    pub merchant: Merchant,
    /// What it is opened with.
    pub config: TerminalConfig,
    /// Who signs with the keys that are not in `config`.
    pub signer: Option<Arc<dyn RemoteSigner>>,
    terminal: Option<Arc<Terminal>>,
    changes: Arc<Changes>,
    subscription: Option<Arc<Subscription>>,
    folder: TempDir,
}

/// Wakes whoever waits for a change of any payment.
#[derive(Default)]
struct Changes {
    count: Mutex<u64>,
    changed: Condvar,
    reports: Mutex<Vec<Payment>>,
}

impl PaymentListener for Changes {
    fn on_payment(&self, payment: Payment) -> Result<(), PaywandError> {
        self.reports.lock().expect("no one panics here").push(payment);
        *self.count.lock().expect("no one panics here") += 1;
        self.changed.notify_all();
        Ok(())
    }
}

impl Till {
    /// An open till.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// An open till with another configuration than the usual one.
    pub fn with(change: impl FnOnce(&mut TerminalConfig)) -> Self {
        let mut till = Self::closed();
        change(&mut till.config);
        till.open().expect("the till opens");
        till
    }

    /// A till that is not open yet.
    pub fn closed() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let merchant = SANDBOX.new_merchant();
        let database = folder.path().join("till.db").to_string_lossy().into_owned();
        let gateways = GatewayKind::ALL.into_iter().map(|kind| gateway(kind, &merchant)).collect();
        let config = TerminalConfig {
            database,
            gateways,
            business_day: Default::default(),
            routes: Vec::new(),
            default_gateway: None,
            wallets: Vec::new(),
        };
        Self { merchant, config, signer: None, terminal: None, changes: Arc::default(), subscription: None, folder }
    }

    /// Opens the terminal.
    pub fn open(&mut self) -> Result<(), PaywandError> {
        let terminal = self.start()?;
        self.hold(terminal)
    }

    fn hold(&mut self, terminal: Arc<Terminal>) -> Result<(), PaywandError> {
        self.subscription = Some(terminal.subscribe(self.changes.clone())?);
        self.terminal = Some(terminal);
        Ok(())
    }

    /// A terminal of its own with this configuration; the till does not hold it.
    pub fn start(&self) -> Result<Arc<Terminal>, PaywandError> {
        let config = self.config.clone();
        match &self.signer {
            Some(signer) => Terminal::open_with_signer(config, signer.clone()),
            None => Terminal::open(config),
        }
    }

    /// Shuts the terminal down.
    pub fn close(&mut self) {
        if let Some(terminal) = self.terminal.take() {
            terminal.shutdown();
        }
    }

    /// Shuts it down and opens it again, with another configuration where `change` says so.
    pub fn restart(&mut self, change: impl FnOnce(&mut TerminalConfig)) {
        self.close();
        change(&mut self.config);
        let terminal = once_free(|| self.start()).expect("the till opens again");
        self.hold(terminal).expect("it is open");
    }

    /// The open terminal.
    pub fn terminal(&self) -> &Arc<Terminal> {
        self.terminal.as_ref().expect("the till is open")
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        PathBuf::from(&self.config.database)
    }

    /// The configuration of one gateway.
    pub fn gateway(config: &mut TerminalConfig, kind: GatewayKind) -> &mut GatewayConfig {
        config.gateways.iter_mut().find(|gateway| gateway.kind == kind).expect("all are configured")
    }

    /// A value of the merchant's account, by the gateway's own name.
    pub fn merchant_key(&self, kind: GatewayKind, name: &str) -> String {
        let account = serde_json::to_value(&self.merchant).expect("a merchant is JSON");
        account[kind.code()][name].as_str().expect("it is there").to_owned()
    }

    /// What the sandbox does to this till from now on.
    pub fn plan(&self, plan: Plan) {
        SANDBOX.plan(&self.merchant.id, plan);
    }

    /// A charge request of 1.00 with a new key and a new code.
    pub fn charge_request(&self, kind: GatewayKind) -> ChargeRequest {
        ChargeRequest {
            request_key: new_key(),
            gateway: Some(kind.code().to_owned()),
            amount: Amount::new(100, currency(kind)),
            code: Arc::new(new_code(kind)),
            subject: String::new(),
            detail: None,
            cashier: None,
            store: None,
            terminal: None,
            attach: None,
            metadata: HashMap::new(),
            another_sale: false,
            limit_ms: None,
        }
    }

    /// A QR request of 1.00 with a new key.
    pub fn qr_request(&self, kind: GatewayKind) -> QrRequest {
        QrRequest {
            request_key: new_key(),
            gateway: Some(kind.code().to_owned()),
            amount: Amount::new(100, currency(kind)),
            wallet: None,
            subject: String::new(),
            detail: None,
            cashier: None,
            store: None,
            terminal: None,
            attach: None,
            metadata: HashMap::new(),
            limit_ms: None,
        }
    }

    /// A request to give a payment back, or a part of it; with a new key.
    pub fn refund_request(&self, payment: &Payment, minor: Option<i64>) -> RefundRequest {
        RefundRequest {
            request_key: new_key(),
            payment_id: payment.id,
            amount: minor.map(|minor| Amount::new(minor, payment.amount.currency)),
            reason: "退".to_owned(),
            cashier: None,
            metadata: HashMap::new(),
            another_refund: true,
            limit_ms: Some(0),
        }
    }

    /// Charges 1.00 and waits as the call does.
    pub fn charge(&self, kind: GatewayKind) -> Payment {
        self.try_charge(self.charge_request(kind)).expect("the charge is accepted")
    }

    /// Charges.
    pub fn try_charge(&self, request: ChargeRequest) -> Result<Payment, PaywandError> {
        wait_for(self.terminal().charge(request))
    }

    /// Begins a charge of 1.00 in the background and returns it as soon as its intent is durable.
    pub fn begin_charge(&self, kind: GatewayKind) -> Payment {
        let request = ChargeRequest { limit_ms: Some(0), ..self.charge_request(kind) };
        self.try_charge(request).expect("the charge is accepted")
    }

    /// Asks for a QR of 1.00 and waits as the call does.
    pub fn qr(&self, kind: GatewayKind) -> Payment {
        wait_for(self.terminal().create_qr(self.qr_request(kind))).expect("the QR is accepted")
    }

    /// A payment of 1.00 at any gateway, to the point at which its call returns.
    pub fn pay(&self, kind: GatewayKind) -> Payment {
        if SHOWING.contains(&kind) { self.qr(kind) } else { self.charge(kind) }
    }

    /// The payment now.
    pub fn payment(&self, id: i64) -> Payment {
        self.terminal().payment(id).expect("the payment is there")
    }

    /// The payment at its end or in a person's hands.
    pub fn settled(&self, id: i64) -> Payment {
        self.until(id, |payment| payment.is_final || payment.state == PaymentState::NeedsAttention)
    }

    /// The payment in `state`.
    pub fn reaches(&self, id: i64, state: PaymentState) -> Payment {
        self.until(id, |payment| payment.state == state)
    }

    /// The payment once `done`; fails after [`PATIENCE`] with what it was instead.
    pub fn until(&self, id: i64, done: impl Fn(&Payment) -> bool) -> Payment {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let seen = *self.changes.count.lock().expect("no one panics here");
            let payment = self.payment(id);
            if done(&payment) {
                return payment;
            }
            let left = give_up.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it stays {payment:#?}\n{:#?}", self.history(id));
            let count = self.changes.count.lock().expect("no one panics here");
            let _ = self.changes.changed.wait_timeout_while(count, left, |count| *count == seen);
        }
    }

    /// The journal of a payment, a line a step.
    pub fn history(&self, id: i64) -> Vec<String> {
        let entries = self.terminal().history(id).expect("its history is there");
        entries.iter().map(|entry| format!("{} {}: {}", entry.seq, entry.state.code(), entry.event)).collect()
    }

    /// The states that a payment went through, from its journal; one that lasted several steps stands once.
    pub fn path(&self, id: i64) -> Vec<PaymentState> {
        let entries = self.terminal().history(id).expect("its history is there");
        let mut path: Vec<_> = entries.iter().map(|entry| entry.state).collect();
        path.dedup();
        path
    }

    /// What listeners have been told of a payment so far.
    pub fn reports(&self, id: i64) -> Vec<Payment> {
        let reports = self.changes.reports.lock().expect("no one panics here");
        reports.iter().filter(|payment| payment.id == id).cloned().collect()
    }

    /// What the gateways hold.
    pub fn ledger(&self) -> Ledger {
        SANDBOX.ledger(&self.merchant.id)
    }

    /// The gateway's own view of a payment; at maxfun, which knows no order numbers, of the only order.
    pub fn order(&self, payment: &Payment) -> Option<Order> {
        let ledger = self.ledger();
        let only = || ledger.orders.iter().find(|order| order.gateway == Kind::MaxfunDevice);
        let order = ledger.order(&payment.order_number);
        if payment.gateway == GatewayKind::MaxfunDevice.code() { order.or_else(only) } else { order }.cloned()
    }

    /// What the customer is out of pocket for a payment.
    pub fn money(&self, payment: &Payment) -> i64 {
        self.order(payment).map_or(0, |order| order.money_minor)
    }

    /// The calls that the gateways got, in order.
    pub fn calls(&self) -> Vec<Call> {
        SANDBOX.calls(&self.merchant.id)
    }

    /// The operations that were called, in order.
    pub fn ops(&self) -> Vec<Op> {
        self.calls().iter().filter_map(|call| call.op).collect()
    }

    /// How many calls of this operation came.
    pub fn count(&self, op: Op) -> usize {
        self.calls().iter().filter(|call| call.op == Some(op)).count()
    }

    /// Waits until this many calls have come.
    pub fn wait_calls(&self, count: usize) {
        assert!(SANDBOX.wait_calls(&self.merchant.id, count, PATIENCE), "{:#?}", self.calls());
    }

    /// Waits until this many answers are held.
    pub fn wait_gates(&self, held: usize) {
        assert!(SANDBOX.wait_gates(&self.merchant.id, held, PATIENCE), "{:#?}", self.calls());
    }

    /// Lets held answers go.
    pub fn open_gates(&self) {
        SANDBOX.open_gates(&self.merchant.id);
    }

    /// The customer pays now.
    pub fn customer_pays(&self, payment: &Payment) {
        SANDBOX.pay(&self.merchant.id, &payment.order_number);
    }
}

impl Default for Till {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        // Held answers would hold the shutdown too.
        SANDBOX.open_gates(&self.merchant.id);
        self.close();
    }
}

/// What needs a store that was just closed: a last commit may outlast the shutdown by as long as the disk needs.
pub fn once_free<T>(call: impl Fn() -> Result<T, PaywandError>) -> Result<T, PaywandError> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match call() {
            Err(PaywandError::StoreInUse { .. }) if Instant::now() < give_up => std::thread::yield_now(),
            result => return result,
        }
    }
}

/// Waits for a call of the terminal.
pub fn wait_for<T>(call: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(call)
}

/// A gateway over HTTPS with a merchant's account there.
pub fn gateway(kind: GatewayKind, merchant: &Merchant) -> GatewayConfig {
    let account = serde_json::to_value(merchant).expect("a merchant is JSON");
    let keys = account[kind.code()].as_object().expect("its account is there").iter();
    let keys = keys.map(|(name, key)| (name.clone(), Arc::new(Secret::from_text(key.as_str().expect("text")))));
    GatewayConfig {
        id: kind.code().to_owned(),
        kind,
        base_url: SANDBOX.https.clone(),
        keys: keys.collect(),
        currency: None,
        terminal: Some("T1".to_owned()),
        client_ip: Some("10.0.0.1".to_owned()),
        timing: timing(kind),
        ca_file: Some(SANDBOX.ca_file.to_string_lossy().into_owned()),
        allow_http: false,
        remote_keys: false,
        options: options(kind),
    }
}

/// The names that no document has, as the sandbox has them.
fn options(kind: GatewayKind) -> HashMap<String, String> {
    let named = match kind {
        GatewayKind::Bjrcb => &[
            ("close_service_alipay", "ALIPAY_CLOSEORDER"),
            ("refund_query_service_alipay", "ALIPAY_REFUNDQUERY"),
            ("refund_query_service_wechat", "WECHAT_REFUNDQUERY"),
        ][..],
        _ => &[],
    };
    named.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A hundredth of the gateway's own timings. What is never reached in a scenario that goes well stays as it is.
pub fn timing(kind: GatewayKind) -> TimingConfig {
    let real = kind.timing();
    let scaled = |ms: i64| Some((ms / i64::from(TIME_SCALE)).max(1));
    TimingConfig {
        connect_ms: Some(5_000),
        read_ms: Some(10_000),
        first_query_ms: scaled(real.first_query_ms),
        interval_ms: scaled(real.interval_ms),
        deadline_ms: scaled(real.deadline_ms),
        qr_interval_ms: scaled(real.qr_interval_ms),
        qr_deadline_ms: scaled(real.qr_deadline_ms),
        min_reverse_age_ms: scaled(real.min_reverse_age_ms),
        reverse_retry_ms: scaled(real.reverse_retry_ms),
        close_retry_ms: scaled(real.close_retry_ms),
        attention_after_ms: scaled(real.attention_after_ms),
        landing_horizon_ms: scaled(real.landing_horizon_ms),
        qr_life_ms: None,
        watch_ms: scaled(real.watch_ms),
    }
}

/// The currency that a gateway takes first.
pub fn currency(kind: GatewayKind) -> Currency {
    if kind == GatewayKind::BlueoceanV1 { Currency::HKD } else { Currency::CNY }
}

/// A request key that no one has used.
pub fn new_key() -> String {
    format!("key-{}", next())
}

/// A payment code that no one has used, of a form that the gateway takes.
pub fn new_code(kind: GatewayKind) -> PaymentCode {
    PaymentCode::from_scan(&code_text(kind)).expect("a code")
}

/// The gateways that show a QR.
pub const WITH_QR: [GatewayKind; 4] =
    [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb, GatewayKind::TencentCpay, GatewayKind::Huishouyin];

/// The text of such a code.
pub fn code_text(kind: GatewayKind) -> String {
    let prefix = if kind == GatewayKind::Bjrcb { "28" } else { "13" };
    format!("{prefix}{:016}", next())
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
