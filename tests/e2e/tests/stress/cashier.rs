//! A cashier: begins a sale by a call, does something or other with it, and is often gone before the answer is there.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};

use paywand::{
    ChargeRequest, Payment, PaymentFilter, PaywandError, QrRequest, RefundRequest, Terminal, gateway::GatewayKind,
};
use paywand_e2e::{Chance, SANDBOX, Shop, WITH_QR, pass_on, wait_for, weather};
use paywand_sandbox::{Notice, NoticeFault};

use crate::listeners::{self, Door};

/// One exchange in so many goes wrong.
const WRONG: u64 = 8;

/// How a sale may be turned away.
const NO_SALE: [&str; 1] = ["gateway_unhealthy"];

/// How a refund may be turned away; the last two, where another sum came in than was asked for.
const NO_REFUND: [&str; 6] = [
    "gateway_unhealthy",
    "not_refundable",
    "refund_too_large",
    "unsupported_operation",
    "invalid_request",
    "currency_not_accepted",
];

pub(crate) struct Cashier<'a> {
    shop: &'a Shop,
    place: usize,
    chance: Chance,
    /// The keys of the payments and refunds that this cashier has seen begin.
    pub(crate) keys: Vec<String>,
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
        Self { shop, place, chance, keys: Vec::new() }
    }

    /// One sale, and what comes with it.
    pub(crate) fn round(&mut self) {
        let terminal = self.shop.terminal();
        if self.chance.below(3) == 0 {
            SANDBOX.plan(&self.shop.till.merchant.id, weather(&mut self.chance, WRONG));
        }
        let door = Arc::new(Door::default());
        let listener = listeners::any(&mut self.chance, &terminal, &door);
        let subscription = self.call("subscribe", 0, &[], || terminal.subscribe(listener.clone()));
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

    /// A call that may end with one of these errors; none where it did, or the terminal was shut down.
    fn call<T>(
        &self,
        name: &'static str,
        limit_ms: i64,
        may: &[&str],
        call: impl FnOnce() -> Result<T, PaywandError>,
    ) -> Option<T> {
        self.shop.call(self.place, name, limit_ms, may, call).ok()
    }

    fn sell(&mut self, terminal: &Arc<Terminal>) -> Option<Payment> {
        let kind = self.chance.one(&GatewayKind::ALL);
        let (sale, key) = self.sale(kind);
        if self.chance.below(4) == 0 {
            self.call("prewarm", 0, &[], || terminal.prewarm(kind.code().to_owned()));
        }
        let limit_ms = i64::try_from(self.chance.below(300)).expect("it fits");
        let payment = match self.chance.below(4) {
            // Gone at once; the sale goes on if it had begun.
            0 => {
                dropped_after_one_poll(self.begin(terminal, &sale, limit_ms));
                self.call("find", 0, &[], || terminal.find(key.clone())).flatten()
            }
            // Gone after a while.
            1 => {
                let patience = Duration::from_millis(self.chance.below(50));
                let call = async { Ok(tokio::time::timeout(patience, self.begin(terminal, &sale, limit_ms)).await) };
                match self.call("sale, given up", limit_ms, &[], || wait_for(call)) {
                    Some(Ok(result)) => self.call("sale", 0, &NO_SALE, || result),
                    _ => self.call("find", 0, &[], || terminal.find(key.clone())).flatten(),
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
                self.call("sale, twice", limit_ms, &NO_SALE, both)
            }
            _ => self.call("sale", limit_ms, &NO_SALE, || wait_for(self.begin(terminal, &sale, limit_ms))),
        }?;
        assert_eq!(payment.request_key, key);
        self.keys.push(key);
        Some(payment)
    }

    /// By a code, or by a QR where the gateway shows one.
    fn sale(&mut self, kind: GatewayKind) -> (Sale, String) {
        let till = &self.shop.till;
        let minor = AMOUNT.fetch_add(1, Ordering::Relaxed);
        if WITH_QR.contains(&kind) && self.chance.below(2) == 0 {
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
        match self.chance.below(20) {
            0 | 1 => {
                let limit_ms = i64::try_from(self.chance.below(200)).expect("it fits");
                self.call("wait", limit_ms, &[], || wait_for(terminal.wait(id, limit_ms)));
            }
            2 => dropped_after_one_poll(terminal.wait(id, 60_000)),
            3 => self.cancel(terminal, id),
            4 => dropped_after_one_poll(terminal.cancel(id)),
            5 => drop(self.call("retry", 0, &[], || wait_for(terminal.retry(id)))),
            6 => drop(self.call("acknowledge", 0, &[], || wait_for(terminal.acknowledge(id)))),
            7 => self.settle(terminal, id),
            8 => drop(self.call("history", 0, &[], || terminal.history(id))),
            9 => self.page(terminal),
            10 => drop(self.call("in_doubt", 0, &[], || terminal.in_doubt())),
            11 => drop(self.call("unfinished", 0, &[], || terminal.unfinished())),
            12..=16 => self.give_back(terminal, payment),
            17 | 18 => self.called(terminal, payment),
            _ => drop(self.call("payment", 0, &[], || terminal.payment(id))),
        }
    }

    fn cancel(&self, terminal: &Arc<Terminal>, id: i64) {
        self.call("cancel", 0, &["cannot_cancel"], || wait_for(terminal.cancel(id)));
    }

    /// The whole, or a part of it, once or twice at once; then somebody meddles with the refund, or with what it gives back.
    fn give_back(&mut self, terminal: &Arc<Terminal>, payment: &Payment) {
        self.call("wait", 100, &[], || wait_for(terminal.wait(payment.id, 100)));
        let part = i64::try_from(self.chance.below(payment.amount.minor.unsigned_abs())).expect("it fits") + 1;
        let request = self.shop.till.refund_request(payment, self.chance.one(&[None, Some(part), Some(part)]));
        let twice = self.chance.below(4) == 0;
        let give_back = || {
            let once = |request: &RefundRequest| wait_for(terminal.refund(request.clone()));
            std::thread::scope(|scope| {
                let other = twice.then(|| scope.spawn(|| once(&request)));
                let one = once(&request);
                let other = other.map(|other| other.join().expect("no call panics"));
                if let (Ok(one), Some(Ok(other))) = (&one, &other) {
                    assert_eq!(one.id, other.id, "one key, one refund");
                }
                one.or_else(|error| other.unwrap_or(Err(error)))
            })
        };
        let Some(refund) = self.call("refund", 0, &NO_REFUND, give_back) else { return };
        self.keys.push(refund.request_key.clone());
        match self.chance.below(5) {
            0 => self.cancel(terminal, payment.id),
            1 => self.cancel(terminal, refund.id),
            2 => self.settle(terminal, refund.id),
            3 => drop(self.call("refundable", 0, &["not_refundable", "unsupported_operation"], || {
                terminal.refundable(payment.id)
            })),
            _ => drop(self.call("refunds", 0, &[], || terminal.refunds(payment.id))),
        }
    }

    /// The merchant's server passes a callback on, sometimes one that somebody has forged.
    fn called(&mut self, terminal: &Arc<Terminal>, payment: &Payment) {
        let fault = self.chance.one(&[None, None, Some(NoticeFault::BadSignature), Some(NoticeFault::OtherOrder)]);
        let Some(called) = self.shop.called_about(payment, Notice { fault, version_2: false }) else { return };
        let may: &[&str] = if fault == Some(NoticeFault::BadSignature) { &["notification_refused"] } else { &[] };
        let told = self.call("notification", 0, may, || pass_on(terminal, payment, &called));
        let about = told.and_then(|told| told.payment_id);
        assert!(about.is_none_or(|about| about == payment.id), "{about:?} instead of {}", payment.id);
    }

    /// As a person would who has looked at the gateway's own books.
    fn settle(&self, terminal: &Arc<Terminal>, id: i64) {
        let Some(payment) = self.call("payment", 0, &[], || terminal.payment(id)) else { return };
        let paid = self.shop.went_through(&payment);
        let (who, why) = ("Wong".to_owned(), "seen in the merchant's app".to_owned());
        let may = ["not_in_attention", "reverse_in_flight"];
        self.call("settle", 0, &may, || wait_for(terminal.settle_by_hand(id, paid, who, why)));
    }

    /// Reads some pages back. One reader serves all calls, so that much reading is the others' waiting.
    fn page(&self, terminal: &Arc<Terminal>) {
        let mut before = None;
        for _ in 0..4 {
            let page = self.call("payments", 0, &[], || terminal.payments(PaymentFilter::default(), before, 20));
            let Some(page) = page.filter(|page| !page.is_empty()) else { return };
            assert!(page.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
            before = page.last().map(|payment| payment.id);
        }
    }
}

/// Polls once and drops, as a cancelled coroutine does.
fn dropped_after_one_poll<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}
