//! What a payment says against what the gateway holds, and what the gateway was asked.

use std::sync::Arc;

use paywand::{ChargeRequest, Payment, PaymentState, Secret, TimingConfig, gateway::GatewayKind};
use paywand_sandbox::{Call, Kind, Op, Order, Plan};

use crate::{SANDBOX, Till};

impl Till {
    /// An open till with other timings at one gateway.
    pub fn timed(kind: GatewayKind, change: impl FnOnce(&mut TimingConfig)) -> Self {
        Self::with(|config| change(&mut Self::gateway(config, kind).timing))
    }

    /// An open till whose world misbehaves so.
    pub fn planned(plan: Plan) -> Self {
        let till = Self::new();
        till.plan(plan);
        till
    }

    /// A charge request of another amount, said to be another sale.
    pub fn charge_of(&self, kind: GatewayKind, minor: i64) -> ChargeRequest {
        let mut request = ChargeRequest { another_sale: true, ..self.charge_request(kind) };
        request.amount.minor = minor;
        request
    }

    /// Begins `request` in the background and returns as soon as its intent is durable.
    pub fn begin(&self, request: ChargeRequest) -> Payment {
        self.try_charge(ChargeRequest { limit_ms: Some(0), ..request }).expect("the charge is accepted")
    }

    /// Charges 1.00, and waits until it has ended or needs attention.
    pub fn charge_to_end(&self, kind: GatewayKind) -> Payment {
        let id = self.begin_charge(kind).id;
        self.settled(id)
    }

    /// The payment once nothing is left to be done for it.
    pub fn through(&self, id: i64) -> Payment {
        self.until(id, |payment| !payment.unfinished())
    }

    /// The gateway's own view of a payment; at maxfun, which knows no order numbers, of the order of its amount.
    pub fn order_of(&self, payment: &Payment) -> Option<Order> {
        if payment.gateway != GatewayKind::MaxfunDevice.code() {
            return SANDBOX.order(&self.merchant.id, &payment.order_number);
        }
        let ours = |order: &Order| order.gateway == Kind::MaxfunDevice && order.amount_minor == payment.amount.minor;
        self.ledger().orders.into_iter().find(ours)
    }

    /// What the customer of a payment got back by refunds that succeeded.
    pub fn returned(&self, payment: &Payment) -> i64 {
        self.order_of(payment).map_or(0, |order| order.refunded_minor())
    }

    /// The calls about a payment, in order; not at maxfun, where calls name no order.
    pub fn calls_of(&self, payment: &Payment) -> Vec<Call> {
        let ours = |call: &Call| call.order_number.as_deref() == Some(payment.order_number.as_str());
        self.calls().into_iter().filter(ours).collect()
    }

    /// The operations that the gateway was asked for about a payment, in order.
    pub fn ops_of(&self, payment: &Payment) -> Vec<Op> {
        self.calls_of(payment).iter().filter_map(|call| call.op).collect()
    }

    /// Every value of its configured keys, as the app holds them.
    pub fn merchant_secrets(&self) -> Vec<Arc<Secret>> {
        self.config.gateways.iter().flat_map(|gateway| gateway.keys.values().cloned()).collect()
    }

    /// The payment in the words of a failed assertion.
    pub fn story(&self, payment: &Payment) -> String {
        let calls: Vec<String> = self
            .calls_of(payment)
            .iter()
            .map(|call| format!("{} {:?} {} ({})", call.at_ms, call.op, call.outcome, call.effect))
            .collect();
        format!("{payment:#?}\n{:#?}\n{calls:#?}\n{:#?}", self.history(payment.id), self.order_of(payment))
    }

    /// Fails unless the gateway's books bear out what a payment says at its end. A payment in a person's hands claims
    /// nothing.
    pub fn assert_true(&self, payment: &Payment) {
        let order = self.order_of(payment);
        let (money, charges) = order.as_ref().map_or((0, 0), |order| (order.money_minor, order.charges));
        let story = || self.story(payment);
        assert!(charges <= 1, "money was taken {charges} times\n{}", story());
        match payment.state {
            PaymentState::Paid => {
                let currency = order.map(|order| order.currency).unwrap_or_default();
                let took = (charges, money, currency);
                assert_eq!(took, (1, payment.amount.minor, payment.amount.currency.to_string()), "{}", story());
            }
            PaymentState::Failed | PaymentState::Reversed | PaymentState::Closed => {
                assert_eq!(money, 0, "{}", story());
                assert!(order.is_none_or(|order| !order.is_open()), "it can still be paid\n{}", story());
            }
            // What came in went back whole.
            PaymentState::Refunded => assert_eq!((charges, self.returned(payment)), (1, money), "{}", story()),
            PaymentState::NeedsAttention | PaymentState::SettledPaid | PaymentState::SettledNotPaid => {}
            _ => panic!("it has not ended\n{}", story()),
        }
    }
}

/// Milliseconds from the call at `from` to the one at `to`.
pub fn between(calls: &[Call], from: usize, to: usize) -> i64 {
    calls[to].at_ms - calls[from].at_ms
}

/// Runs `scenario` for every item at once, each on a thread of its own.
pub fn side_by_side<T: Send>(items: impl IntoIterator<Item = T>, scenario: impl Fn(T) + Sync) {
    let scenario = &scenario;
    std::thread::scope(|scope| {
        let running: Vec<_> = items.into_iter().map(|item| scope.spawn(move || scenario(item))).collect();
        for one in running {
            if let Err(panic) = one.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// Every pair of `left` and `right`.
pub fn pairs<A: Clone, B: Clone>(left: &[A], right: &[B]) -> Vec<(A, B)> {
    left.iter().flat_map(|a| right.iter().map(|b| (a.clone(), b.clone()))).collect()
}
