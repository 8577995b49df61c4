//! The sandbox as tests hold it: a running server, and the same control calls without HTTP.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::calls::Call;
use crate::control;
use crate::gates::{Gates, lock};
use crate::ledger::{Ledger, Order};
use crate::listen::serve;
use crate::merchant::Merchant;
use crate::notice::{Notice, Notification};
use crate::plan::Plan;
use crate::tls;
use crate::world::World;

/// How to start a sandbox.
#[derive(Clone, Debug)]
pub struct Options {
    /// What handhelds call this machine, a name or an IP address: then all of its addresses are listened at. Without one, only
    /// this machine reaches the sandbox.
    pub host: Option<String>,
    /// The HTTPS port; 0 for any free one.
    pub port: u16,
    /// The plain HTTP port; 0 for any free one.
    pub http_port: u16,
    /// Least ages are divided by it.
    pub time_scale: u32,
    /// How many merchants there are from the start.
    pub merchants: usize,
    /// Decides keys, nonces and gateway numbers; without one the operating system does.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        Options { host: None, port: 0, http_port: 0, time_scale: 1, merchants: 0, seed: None }
    }
}

/// A running sandbox. Dropping it stops it.
pub struct Sandbox {
    /// `https://localhost:…`, or with the host of the options
    pub https: String,
    /// `http://127.0.0.1:…`, or with the host of the options
    pub http: String,
    /// The certificate authority, PEM; lives as long as the sandbox.
    pub ca_file: PathBuf,
    /// Where the control calls go.
    pub control: String,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
    _folder: TempDir,
}

/// What the listeners share.
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    pub(crate) gates: Gates,
    pub(crate) https: String,
    /// The certificate authority.
    pub(crate) ca_pem: String,
}

impl Sandbox {
    /// Starts a sandbox on a runtime of its own; works from any thread, also inside another runtime.
    pub fn start(options: Options) -> Result<Sandbox, Box<dyn Error + Send + Sync>> {
        let folder = tempfile::Builder::new().prefix("paywand-sandbox-").tempdir()?;
        let host = options.host.as_deref();
        let (ca_file, tls) = tls::prepare(folder.path(), host)?;
        let address = if host.is_some() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let (https_listener, https_port) = bind(address, options.port)?;
        let (http_listener, http_port) = bind(address, options.http_port)?;
        let https = format!("https://{}:{https_port}", host.unwrap_or("localhost"));
        let http = format!("http://{}:{http_port}", host.unwrap_or("127.0.0.1"));

        let seed = match options.seed {
            Some(seed) => seed,
            None => getrandom::u64()?,
        };
        let mut world = World::new(seed, options.time_scale);
        world.set_addresses(&https, &http);
        (0..options.merchants).for_each(|_| drop(world.new_merchant()));
        let ca_pem = std::fs::read_to_string(&ca_file)?;
        let shared =
            Arc::new(Shared { world: Mutex::new(world), gates: Gates::default(), https: https.clone(), ca_pem });

        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("paywand-sandbox")
            .enable_all()
            .build()?;
        let router = control::router(shared.clone());
        let connections = Arc::new(AtomicU64::new(0));
        {
            let _inside = runtime.enter();
            let https_listener = TcpListener::from_std(https_listener)?;
            let http_listener = TcpListener::from_std(http_listener)?;
            let acceptor = TlsAcceptor::from(tls);
            runtime.spawn(serve(https_listener, Some(acceptor), router.clone(), connections.clone()));
            runtime.spawn(serve(http_listener, None, router, connections));
        }
        let control = http.clone();
        Ok(Sandbox { https, http, ca_file, control, shared, runtime: Some(runtime), _folder: folder })
    }

    /// Makes a merchant: one per test lets tests run side by side.
    pub fn new_merchant(&self) -> Merchant {
        lock(&self.shared.world).new_merchant()
    }

    /// The merchants so far.
    pub fn merchants(&self) -> Vec<Merchant> {
        lock(&self.shared.world).merchants().to_vec()
    }

    /// Replaces a merchant's plan. Panics if there is no such merchant, as all calls below do.
    pub fn plan(&self, merchant: &str, plan: Plan) {
        known(lock(&self.shared.world).plan(merchant, plan));
    }

    /// From now on nothing goes wrong.
    pub fn clear(&self, merchant: &str) {
        self.plan(merchant, Plan::new());
    }

    /// A merchant's orders.
    pub fn ledger(&self, merchant: &str) -> Ledger {
        known(lock(&self.shared.world).ledger(merchant))
    }

    /// A merchant's order, if there is one of this number.
    pub fn order(&self, merchant: &str, order_number: &str) -> Option<Order> {
        lock(&self.shared.world).order(merchant, order_number).cloned()
    }

    /// The requests that named a merchant.
    pub fn calls(&self, merchant: &str) -> Vec<Call> {
        known(lock(&self.shared.world).calls(merchant).map(<[Call]>::to_vec))
    }

    /// The requests that named no merchant.
    pub fn strays(&self) -> Vec<Call> {
        lock(&self.shared.world).strays().to_vec()
    }

    /// The customer pays an order now. Panics if there is no such order.
    pub fn pay(&self, merchant: &str, order_number: &str) {
        known(lock(&self.shared.world).pay(merchant, order_number, now_ms()));
    }

    /// Somebody refunds in the gateway's back office. Panics if there is no such order, or not so much to give back.
    pub fn refund(&self, merchant: &str, order_number: &str, amount_minor: i64) {
        known(lock(&self.shared.world).refund(merchant, order_number, amount_minor, now_ms()));
    }

    /// What a gateway would post about an order. Panics if there is no such order, or nothing to post.
    pub fn notification(&self, merchant: &str, order_number: &str, wanted: Notice) -> Notification {
        known(self.try_notification(merchant, order_number, wanted))
    }

    /// The same, where orders move on meanwhile: why there is nothing to post.
    pub fn try_notification(&self, merchant: &str, order_number: &str, wanted: Notice) -> Result<Notification, String> {
        lock(&self.shared.world).notification_of(merchant, order_number, wanted, now_ms())
    }

    /// Lets go all answers held for a merchant; returns how many.
    pub fn open_gates(&self, merchant: &str) -> usize {
        self.shared.gates.open(merchant)
    }

    /// How many answers are held.
    pub fn held(&self, merchant: &str) -> usize {
        self.shared.gates.held(merchant)
    }

    /// Blocks until so many answers are held; false when the limit comes first.
    pub fn wait_gates(&self, merchant: &str, held: usize, limit: Duration) -> bool {
        self.shared.gates.news.wait(limit, || self.shared.gates.held(merchant) >= held)
    }

    /// Blocks until so many calls came in; false when the limit comes first.
    pub fn wait_calls(&self, merchant: &str, count: usize, limit: Duration) -> bool {
        let calls = || known(lock(&self.shared.world).calls(merchant).map(<[Call]>::len));
        self.shared.gates.news.wait(limit, || calls() >= count)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The time as the gateways see it.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn bind(address: Ipv4Addr, port: u16) -> io::Result<(StdListener, u16)> {
    let listener = StdListener::bind((address, port))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// The caller is a test: a merchant that does not exist is its mistake.
fn known<T>(result: Result<T, String>) -> T {
    result.unwrap_or_else(|text| panic!("{text}"))
}
