//! A till that was killed: how it is set up so that nothing takes long, and how it is compared with what the gateways
//! hold once it has been started again.

use std::collections::HashSet;

use paywand::{ChargeRequest, FollowUp, Payment, PaymentState, QrRequest, Reason, gateway::GatewayKind};
use paywand_sandbox::{Call, Do, Kind, Op, Order, Rule};

use crate::{SHOWING, Till, wait_for};

/// A sale that a till was asked for, and may have been killed in. At maxfun, where orders have no number, no other sale
/// of the till may have its amount.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where.
    pub kind: GatewayKind,
    /// The cashier's own name for it.
    pub request_key: String,
    /// How much.
    pub minor: i64,
    /// Whether no answer about it lies: then only what cannot be known may be left to a person.
    pub honest: bool,
}

impl Till {
    /// A closed till at these gateways that loses no time: few queries, short waits.
    pub fn hasty(kinds: &[GatewayKind]) -> Till {
        let mut till = Till::closed();
        till.config.gateways.retain(|gateway| kinds.contains(&gateway.kind));
        for gateway in &mut till.config.gateways {
            let timing = &mut gateway.timing;
            timing.first_query_ms = Some(20);
            timing.interval_ms = Some(60);
            timing.deadline_ms = Some(150);
            timing.close_retry_ms = Some(50);
            timing.attention_after_ms = Some(2_000);
            timing.landing_horizon_ms = Some(300);
            timing.qr_life_ms = Some(1_000);
            timing.watch_ms = Some(60_000);
        }
        till
    }

    /// Starts the till again, lets everything come to its end, and fails unless it agrees with the gateways' books on
    /// every sale. Returns the payments that it knows, in the order of `asked`.
    pub fn agrees(&mut self, asked: &[Asked], what: &str) -> Vec<Payment> {
        self.open().unwrap_or_else(|e| panic!("{what}: the till does not open: {e}"));
        let known: Vec<(&Asked, Payment)> = asked.iter().filter_map(|sale| Some((sale, self.ended(sale)?))).collect();
        self.knows_all_that_was_sent(&known, what);
        let sent = starts(&self.calls()).count();
        for (sale, payment) in &known {
            self.sent_once(sale, payment, what);
            let same = self.ask_again(sale);
            assert_eq!((same.id, &same.order_number), (payment.id, &payment.order_number), "{what}");
            assert!(!payment.is_final || same.state == payment.state, "{what}: {same:#?}\n{}", self.story(payment));
        }
        assert_eq!(starts(&self.calls()).count(), sent, "{what}: a known key was sent again\n{:#?}", self.calls());
        known.iter().for_each(|(_, payment)| self.assert_true(payment));
        known.into_iter().map(|(_, payment)| payment).collect()
    }

    /// The payment of a sale at its end, or left to a person; none if the till does not know of it. On a busy machine an
    /// honest sale may need attention for a while, as it would in a slow network: its work goes on, and is waited for.
    fn ended(&self, sale: &Asked) -> Option<Payment> {
        let found = self.terminal().find(sale.request_key.clone()).expect("the store can be read")?;
        Some(self.until(found.id, |payment| match payment.state {
            PaymentState::NeedsAttention => !sale.honest || self.may_be_left(payment),
            _ => payment.is_final && payment.follow_up != FollowUp::Cleaning,
        }))
    }

    /// Every call and every order belongs to a payment in the store, and no two orders to the same.
    fn knows_all_that_was_sent(&self, known: &[(&Asked, Payment)], what: &str) {
        let ours = |gateway: Kind, number: Option<&str>, minor: Option<i64>| {
            known.iter().any(|(sale, payment)| match gateway {
                Kind::MaxfunDevice => sale.kind == GatewayKind::MaxfunDevice && minor == Some(sale.minor),
                _ => number == Some(payment.order_number.as_str()),
            })
        };
        for call in self.calls() {
            let known = ours(call.gateway, call.order_number.as_deref(), call.amount_minor);
            assert!(known && call.problem.is_none(), "{what}: sent, and nothing is known of it: {call:#?}");
        }
        let mut names = HashSet::new();
        for order in self.ledger().orders {
            let known = ours(order.gateway, Some(&order.order_number), Some(order.amount_minor));
            assert!(known && names.insert(name(&order)), "{what}: an order too many: {order:#?}");
        }
    }

    /// Its charge or creation left once; at most thrice more where the gateway asked for it (docs/architecture.md).
    fn sent_once(&self, sale: &Asked, payment: &Payment, what: &str) {
        let calls = self.calls();
        let of_sale = starts(&calls).filter(|call| match call.gateway {
            Kind::MaxfunDevice => sale.kind == GatewayKind::MaxfunDevice && call.amount_minor == Some(sale.minor),
            _ => call.order_number.as_deref() == Some(payment.order_number.as_str()),
        });
        let repeat = Do::Repeat.name();
        let (asked_for, by_itself): (Vec<&Call>, Vec<&Call>) = of_sale.partition(|call| call.outcome == repeat);
        assert!(by_itself.len() <= 1 && asked_for.len() <= 3, "{what}: {}", self.story(payment));
    }

    /// The same request once more.
    fn ask_again(&self, sale: &Asked) -> Payment {
        let request_key = sale.request_key.clone();
        let payment = if SHOWING.contains(&sale.kind) {
            let mut request = QrRequest { request_key, ..self.qr_request(sale.kind) };
            request.amount.minor = sale.minor;
            wait_for(self.terminal().create_qr(request))
        } else {
            let request = self.charge_of(sale.kind, sale.minor);
            self.try_charge(ChargeRequest { request_key, limit_ms: Some(0), ..request })
        };
        payment.expect("a known key is no error")
    }

    /// What may be left to a person although no answer lied. maxfun cannot be asked. A charge that neither query nor reverse has ever
    /// seen goes to a person (docs/architecture.md); BJRCB has no documented answer for it, so there it stays undecided.
    fn may_be_left(&self, payment: &Payment) -> bool {
        let order = self.order_of(payment);
        let never_came = order.is_none();
        match payment.reason {
            Some(Reason::CannotAsk) => payment.gateway == GatewayKind::MaxfunDevice.code(),
            // Nor can its merchant API take back what is undecided.
            Some(Reason::CannotReverse) => payment.gateway == GatewayKind::MaxfunTp.code(),
            Some(Reason::NeverSeen) => never_came,
            // It came in after a cancel had taken hold.
            Some(Reason::RefundByHand) => order.is_some_and(|order| order.money_minor > 0),
            Some(Reason::Unresolved) => payment.gateway == GatewayKind::Bjrcb.code() && never_came,
            _ => false,
        }
    }
}

/// The answer to the charge, or to the creation of the QR, is lost.
pub fn lost(kind: GatewayKind) -> Rule {
    let op = if SHOWING.contains(&kind) { Op::Create } else { Op::Charge };
    Rule::new(op, Do::LostAfter)
}

/// The calls that begin an order.
fn starts(calls: &[Call]) -> impl Iterator<Item = &Call> {
    calls.iter().filter(|call| matches!(call.op, Some(Op::Charge | Op::Create)))
}

/// What makes an order one of its own. At maxfun, which gives no numbers, that is its amount.
pub(crate) fn name(order: &Order) -> (Kind, String) {
    let number = match order.gateway {
        Kind::MaxfunDevice => order.amount_minor.to_string(),
        _ => order.order_number.clone(),
    };
    (order.gateway, number)
}
