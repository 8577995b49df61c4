//! The store against the gateways' books, payment by payment and refund by refund.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    thread,
    time::Instant,
};

use paywand::{Held, Language, Payment, PaymentKind, PaymentState, gateway::GatewayKind, verify_store};
use paywand_sandbox::{Kind, Order, RefundState};

use crate::{SANDBOX, ending::Ended, killed::name, once_free, shop::Shop, wait_for};

/// Everything that both sides know.
struct Books<'a> {
    shop: &'a Shop,
    payments: Vec<Payment>,
    orders: Vec<Order>,
    /// By order number; at maxfun's device API, which gives none, by amount.
    by_name: HashMap<(Kind, String), usize>,
    /// The refunds of a payment, by its id.
    refunds: HashMap<i64, Vec<usize>>,
}

/// Till and ledger agree, nothing is lost, and nothing is held for what has ended. `keys` are the request keys that
/// cashiers were given a payment or a refund for. Returns all payments.
pub fn judge(shop: &Shop, keys: &[String], ended: &Ended) -> Vec<Payment> {
    let books = Books::read(shop);
    books.one_key_one_payment(keys);
    books.the_store_knows_all();
    for payment in &books.payments {
        let settles = payment.is_final || payment.state == PaymentState::Refunding;
        assert!(settles, "it has not ended: {}", shop.story(payment));
        every_step_has_words(shop, payment);
        match &payment.refund_of {
            Some(_) => books.refund_is_true(payment),
            None => books.payment_is_true(payment),
        }
    }
    for call in shop.till.calls() {
        assert_eq!(call.problem, None, "the gateway could not read {call:#?}");
    }
    nothing_is_held(shop, ended.undecided);
    books.payments
}

/// How many ended how, by kind and state.
pub fn states(payments: &[Payment]) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut states = BTreeMap::new();
    for payment in payments {
        *states.entry((payment.kind.code(), payment.state.code())).or_default() += 1;
    }
    states
}

/// The file is whole, and opens.
pub fn close_and_verify(shop: &Shop) {
    shop.terminal().shutdown();
    once_free(|| verify_store(shop.till.config.database.clone())).expect("every row is whole");
}

/// Whatever was journaled can be read by a person, but for the gateway's own codes.
fn every_step_has_words(shop: &Shop, payment: &Payment) {
    for step in shop.terminal().history(payment.id).expect("it can be read") {
        for language in [Language::En, Language::Zh] {
            let text = step.text(language);
            let words = text.split(['(', '（']).next().unwrap_or_default();
            assert!(!words.contains(['{', '_']), "{text} of {}", step.event);
        }
    }
}

/// Nothing is kept in memory but what is at work.
fn nothing_is_held(shop: &Shop, undecided: usize) {
    let expected = Held { live: undecided, board: undecided, ..Held::default() };
    // The last listener may be hearing of the last payment.
    let give_up = Instant::now() + shop.margin;
    loop {
        let held = wait_for(shop.terminal().held()).expect("it is open");
        if held == expected {
            return;
        }
        assert!(Instant::now() < give_up, "held for what has ended: {held:?} instead of {expected:?}");
        thread::yield_now();
    }
}

impl<'a> Books<'a> {
    fn read(shop: &'a Shop) -> Self {
        let (payments, orders) = (shop.payments(), shop.till.ledger().orders);
        let by_name: HashMap<_, _> = orders.iter().enumerate().map(|(place, order)| (name(order), place)).collect();
        assert_eq!(by_name.len(), orders.len(), "two orders of one name");
        let mut refunds = HashMap::<i64, Vec<usize>>::new();
        for (place, payment) in payments.iter().enumerate() {
            if let Some(original) = &payment.refund_of {
                refunds.entry(original.id).or_default().push(place);
            }
        }
        Self { shop, payments, orders, by_name, refunds }
    }

    fn order(&self, payment: &Payment) -> Option<&Order> {
        let kind: Kind = serde_json::from_value(payment.gateway.clone().into()).expect("both call it the same");
        let number = payment.refund_of.as_ref().map_or(&payment.order_number, |original| &original.order_number);
        let name = if kind == Kind::MaxfunDevice { payment.amount.minor.to_string() } else { number.clone() };
        self.by_name.get(&(kind, name)).map(|place| &self.orders[*place])
    }

    fn refunds(&self, payment: &Payment) -> impl Iterator<Item = &Payment> {
        self.refunds.get(&payment.id).into_iter().flatten().map(|place| &self.payments[*place])
    }

    fn story(&self, payment: &Payment) -> String {
        self.shop.story(payment)
    }

    fn one_key_one_payment(&self, keys: &[String]) {
        let known: HashSet<&str> = self.payments.iter().map(|payment| payment.request_key.as_str()).collect();
        assert_eq!(known.len(), self.payments.len(), "one key, one payment");
        let numbers: HashSet<&str> = self.payments.iter().map(|payment| payment.order_number.as_str()).collect();
        assert_eq!(numbers.len(), self.payments.len(), "one number, one payment");
        for key in keys {
            assert!(known.contains(key.as_str()), "{key} is lost");
        }
    }

    /// No order and no refund stands in the books that the store does not know.
    fn the_store_knows_all(&self) {
        let sales = self.payments.iter().filter(|payment| payment.kind != PaymentKind::Refund);
        let of_order: HashMap<*const Order, &Payment> =
            sales.filter_map(|payment| Some((std::ptr::from_ref(self.order(payment)?), payment))).collect();
        for order in &self.orders {
            let Some(payment) = of_order.get(&std::ptr::from_ref(order)) else { panic!("nobody knows of {order:#?}") };
            let numbers: HashSet<&str> = self.refunds(payment).map(|refund| refund.order_number.as_str()).collect();
            let asked_for = order.refunds.iter().filter(|refund| refund.asked_for);
            let unknown = asked_for.filter(|refund| !numbers.contains(refund.refund_number.as_str()));
            let unknown: Vec<_> = unknown.filter(|refund| refund.state != RefundState::Failed).collect();
            // The payment's own refund has a number of its own, and at maxfun's merchant API none has any.
            let own = payment.state == PaymentState::Refunded || payment.settled_by.is_some();
            let unnamed = order.gateway == Kind::MaxfunTp && !numbers.is_empty();
            assert!(unknown.len() <= usize::from(own || unnamed), "nobody knows of {unknown:#?}");
        }
        assert!(SANDBOX.strays().is_empty(), "{:#?}", SANDBOX.strays());
    }

    fn payment_is_true(&self, payment: &Payment) {
        let order = self.order(payment);
        let money = order.map_or(0, |order| order.money_minor);
        let story = || self.story(payment);
        // A customer may pay what was paid and given back; money is never taken twice.
        assert!(order.is_none_or(|order| order.charges <= order.returns + 1), "{}", story());
        match payment.state {
            PaymentState::Paid => {
                let took = order.map(|order| (order.money_minor + order.coupon_minor, order.currency.as_str()));
                let asked = (payment.amount.minor, payment.amount.currency.to_string());
                assert_eq!(took, Some((asked.0, asked.1.as_str())), "{}", story());
            }
            PaymentState::Failed | PaymentState::Reversed | PaymentState::Closed => {
                assert_eq!(order.map_or(0, Order::held_minor), 0, "{}", story());
                assert!(!order.is_some_and(can_be_paid), "it can still be paid: {}", story());
            }
            PaymentState::Refunded => {
                let back = order.map(|order| (order.charges > 0, order.held_minor()));
                assert_eq!(back, Some((true, 0)), "{}", story());
            }
            // A person's word.
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => {}
            _ => panic!("it has not ended: {}", story()),
        }
        assert!(order.map_or(0, Order::bound_minor) <= money, "more goes back than came in: {}", story());
        self.sums_agree(payment, order);
    }

    /// What the store says was given back of a payment, against the books: to the cent, but for what persons settled and
    /// what is undecided.
    fn sums_agree(&self, payment: &Payment, order: Option<&Order>) {
        let money = order.map_or(0, |order| order.money_minor);
        let (mut proved, mut open, mut all_final) = (0, 0, true);
        match payment.state {
            PaymentState::Refunded => proved += money,
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => open += money,
            _ => {}
        }
        for refund in self.refunds(payment) {
            all_final &= refund.is_final;
            match refund.state {
                PaymentState::Failed => {}
                PaymentState::Refunded => proved += refund.amount.minor,
                // Where the gateway says that more went back, so much is not left.
                _ => {
                    let told = refund.received.filter(|received| received.currency == refund.amount.currency);
                    open += refund.amount.minor.max(told.map_or(0, |told| told.minor));
                }
            }
        }
        let back = order.map_or(0, Order::refunded_minor);
        let fits = (proved..=proved + open).contains(&back);
        assert!(fits, "{back} went back, {proved} and perhaps {open} say its refunds: {}", self.story(payment));
        if payment.state == PaymentState::Paid && payment.gateway != GatewayKind::MaxfunDevice.code() && all_final {
            let left = self.shop.terminal().refundable(payment.id).expect("it was paid").left.minor;
            // A refund may be under way when the gateway says that more went back by another.
            assert_eq!(left, (money - proved - open).max(0), "{}", self.story(payment));
        }
    }

    fn refund_is_true(&self, refund: &Payment) {
        let Some(order) = self.order(refund) else { panic!("it gives back nothing: {}", self.story(refund)) };
        let named = order.gateway != Kind::MaxfunTp;
        let booked = order.refund(&refund.order_number).filter(|_| named);
        match refund.state {
            PaymentState::Refunded if named => {
                let back = booked.map(|booked| (booked.state, booked.amount_minor));
                assert_eq!(back, Some((RefundState::Succeeded, refund.amount.minor)), "{}", self.story(refund));
            }
            PaymentState::Refunded => {
                assert_eq!((order.held_minor(), order.money_minor), (0, refund.amount.minor), "{}", self.story(refund));
            }
            PaymentState::Failed => {
                let nothing = booked.is_none_or(|booked| booked.state == RefundState::Failed);
                assert!(nothing, "{}", self.story(refund));
            }
            // A person's word, and what is undecided.
            PaymentState::SettledPaid | PaymentState::SettledNotPaid | PaymentState::Refunding => {}
            _ => panic!("a refund does not end so: {}", self.story(refund)),
        }
        if named && let Some(booked) = booked {
            assert_eq!(booked.amount_minor, refund.amount.minor, "{}", self.story(refund));
        }
    }
}

/// Nobody may have asked about it since its time was over.
fn can_be_paid(order: &Order) -> bool {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    order.is_open() && order.expires_at_ms.is_none_or(|at| u128::try_from(at).is_ok_and(|at| at > now.as_millis()))
}
