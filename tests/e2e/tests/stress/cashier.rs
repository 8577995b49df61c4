//! A cashier: begins a sale by a call, does something or other with it, and is often gone before the answer is there.

use std::{
    pin::pin,
    sync::{
        Arc, Condvar, Mutex, Weak,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};

use paywand::{
    ChargeRequest, Payment, PaymentFilter, PaymentListener, PaywandError, QrRequest, Terminal, gateway::GatewayKind,
};
use paywand_e2e::{PATIENCE, SANDBOX, SHOWING, wait_for};

use crate::{chance::Chance, shop::Shop, weather};

pub(crate) struct Cashier<'a> {
    shop: &'a Shop,
    place: usize,
    chance: Chance,
    /// The keys of the sales that this cashier has seen begin.
    pub(crate) sales: Vec<String>,
}

/// Amounts, each used once, so that orders can be told apart where they have no number.
static AMOUNT: AtomicI64 = AtomicI64::new(1_000);

/// The sale that a request asks for.
#[derive(Clone)]
enum Sale {
    Charge(ChargeRequest),
    Qr(QrRequest),
}

impl<'a> Cashier<'a> {
    pub(crate) fn new(shop: &'a Shop, place: usize, chance: Chance) -> Self {
        Self { shop, place, chance, sales: Vec::new() }
    }

    /// One sale, and what comes with it.
    pub(crate) fn round(&mut self) {
        let terminal = self.shop.terminal();
        if self.chance.below(3) == 0 {
            SANDBOX.plan(&self.shop.till.merchant.id, weather::plan(&mut self.chance));
        }
        let door = Arc::new(Door::default());
        let listener = self.listener(&terminal, &door);
        let subscription = self.call("subscribe", 0, || terminal.subscribe(listener.clone()));
        if let Some(payment) = self.sell(&terminal) {
            for _ in 0..=self.chance.below(5) {
                self.act(&terminal, &payment);
            }
        }
        drop(subscription);
        door.open();
        // Nobody but a call of the listener that is under way holds it any longer.
        assert!(Arc::strong_count(&listener) <= 2, "a listener is kept");
        if self.chance.below(4) == 0 {
            self.shop.till.open_gates();
        }
    }

    fn call<T>(&self, name: &'static str, limit_ms: i64, call: impl FnOnce() -> Result<T, PaywandError>) -> Option<T> {
        self.shop.call(self.place, name, limit_ms, call)
    }

    fn sell(&mut self, terminal: &Arc<Terminal>) -> Option<Payment> {
        let kind = self.chance.one(&GatewayKind::ALL);
        let (sale, key) = self.sale(kind);
        if self.chance.below(4) == 0 {
            self.call("prewarm", 0, || terminal.prewarm(kind.code().to_owned()));
        }
        let limit_ms = i64::try_from(self.chance.below(300)).expect("it fits");
        let payment = match self.chance.below(4) {
            // Gone at once; the sale goes on if it had begun.
            0 => {
                dropped_after_one_poll(self.begin(terminal, &sale, limit_ms));
                self.call("find", 0, || terminal.find(key.clone())).flatten()
            }
            // Gone after a while.
            1 => {
                let patience = Duration::from_millis(self.chance.below(50));
                let call = async { Ok(tokio::time::timeout(patience, self.begin(terminal, &sale, limit_ms)).await) };
                match self.call("sale, given up", limit_ms, || wait_for(call)) {
                    Some(Ok(result)) => self.call("sale", 0, || result),
                    _ => self.call("find", 0, || terminal.find(key.clone())).flatten(),
                }
            }
            // The same key twice, at the same time.
            2 => {
                let both = || {
                    std::thread::scope(|scope| {
                        let other = scope.spawn(|| wait_for(self.begin(terminal, &sale, limit_ms)));
                        let one = wait_for(self.begin(terminal, &sale, limit_ms));
                        let other = other.join().expect("no call panics");
                        if let (Ok(one), Ok(other)) = (&one, &other) {
                            assert_eq!(one.id, other.id, "one key, one payment");
                        }
                        one.or(other)
                    })
                };
                self.call("sale, twice", limit_ms, both)
            }
            _ => self.call("sale", limit_ms, || wait_for(self.begin(terminal, &sale, limit_ms))),
        }?;
        assert_eq!(payment.request_key, key);
        self.sales.push(key);
        Some(payment)
    }

    fn sale(&self, kind: GatewayKind) -> (Sale, String) {
        let till = &self.shop.till;
        let minor = AMOUNT.fetch_add(1, Ordering::Relaxed);
        if SHOWING.contains(&kind) {
            let mut request = till.qr_request(kind);
            request.amount.minor = minor;
            let key = request.request_key.clone();
            return (Sale::Qr(request), key);
        }
        let request = till.charge_of(kind, minor);
        let key = request.request_key.clone();
        (Sale::Charge(request), key)
    }

    async fn begin(&self, terminal: &Terminal, sale: &Sale, limit_ms: i64) -> Result<Payment, PaywandError> {
        let limit_ms = Some(limit_ms);
        match sale.clone() {
            Sale::Charge(request) => terminal.charge(ChargeRequest { limit_ms, ..request }).await,
            Sale::Qr(request) => terminal.create_qr(QrRequest { limit_ms, ..request }).await,
        }
    }

    fn act(&mut self, terminal: &Arc<Terminal>, payment: &Payment) {
        let id = payment.id;
        match self.chance.below(13) {
            0 | 1 => {
                let limit_ms = i64::try_from(self.chance.below(200)).expect("it fits");
                self.call("wait", limit_ms, || wait_for(terminal.wait(id, limit_ms)));
            }
            2 => dropped_after_one_poll(terminal.wait(id, 60_000)),
            3 => drop(self.call("cancel", 0, || wait_for(terminal.cancel(id)))),
            4 => dropped_after_one_poll(terminal.cancel(id)),
            5 => drop(self.call("retry", 0, || wait_for(terminal.retry(id)))),
            6 => drop(self.call("acknowledge", 0, || wait_for(terminal.acknowledge(id)))),
            7 => self.settle(terminal, id),
            8 => drop(self.call("history", 0, || terminal.history(id))),
            9 => self.page(terminal),
            10 => drop(self.call("in_doubt", 0, || terminal.in_doubt())),
            11 => drop(self.call("unfinished", 0, || terminal.unfinished())),
            _ => drop(self.call("payment", 0, || terminal.payment(id))),
        }
    }

    /// As a person would who has looked at the gateway's own books.
    fn settle(&self, terminal: &Arc<Terminal>, id: i64) {
        let Some(payment) = self.call("payment", 0, || terminal.payment(id)) else { return };
        let paid = self.shop.till.order_of(&payment).is_some_and(|order| order.money_minor > 0);
        let (who, why) = ("Wong".to_owned(), "seen in the merchant's app".to_owned());
        self.call("settle", 0, || wait_for(terminal.settle_by_hand(id, paid, who, why)));
    }

    /// Reads some pages back. One reader serves all calls, so that much reading is the others' waiting.
    fn page(&self, terminal: &Arc<Terminal>) {
        let mut before = None;
        for _ in 0..4 {
            let page = self.call("payments", 0, || terminal.payments(PaymentFilter::default(), before, 20));
            let Some(page) = page.filter(|page| !page.is_empty()) else { return };
            assert!(page.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
            before = page.last().map(|payment| payment.id);
        }
    }

    /// A listener of one sort or another.
    fn listener(&mut self, terminal: &Arc<Terminal>, door: &Arc<Door>) -> Arc<dyn PaymentListener> {
        let terminal = Arc::downgrade(terminal);
        match self.chance.below(6) {
            0 => Arc::new(Blocks(door.clone())),
            1 => Arc::new(Throws),
            2 => Arc::new(Panics),
            3 => Arc::new(CallsBack(terminal)),
            _ => Arc::new(Hears),
        }
    }
}

/// Polls once and drops, as a cancelled coroutine does.
fn dropped_after_one_poll<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// Shut until it is opened.
#[derive(Default)]
struct Door {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Door {
    fn open(&self) {
        *self.is_open.lock().expect("no one panics here") = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let is_open = self.is_open.lock().expect("no one panics here");
        let passed = self.opened.wait_timeout_while(is_open, PATIENCE, |is_open| !*is_open);
        drop(passed.expect("no one panics here"));
    }
}

struct Hears;
struct Throws;
struct Panics;
struct Blocks(Arc<Door>);
struct CallsBack(Weak<Terminal>);

impl PaymentListener for Hears {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        Ok(())
    }
}

impl PaymentListener for Throws {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        Err(PaywandError::ListenerFailed { reason: "the screen is gone".to_owned() })
    }
}

impl PaymentListener for Panics {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        // Without the panic hook's story on standard error.
        std::panic::resume_unwind(Box::new("a listener panics in this scenario"))
    }
}

impl PaymentListener for Blocks {
    fn on_payment(&self, _: Payment) -> Result<(), PaywandError> {
        self.0.pass();
        Ok(())
    }
}

impl PaymentListener for CallsBack {
    fn on_payment(&self, payment: Payment) -> Result<(), PaywandError> {
        let terminal = self.0.upgrade().ok_or(PaywandError::ShutDown)?;
        let stored = terminal.payment(payment.id)?;
        assert!(stored.updated_at_ms >= payment.updated_at_ms, "told before it was stored");
        let _ = terminal.subscribe(Arc::new(Hears))?;
        wait_for(terminal.wait(payment.id, 0))?;
        Ok(())
    }
}
