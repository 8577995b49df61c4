//! After the rush: nothing goes wrong any more, persons do what is theirs to do, and everything comes to its end.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use paywand::{Payment, PaymentFilter, PaymentKind, PaymentState, gateway::GatewayKind};
use paywand_sandbox::{Order, Plan, RefundState, Refunding};

use crate::{SANDBOX, shop::Shop, wait_for};

/// For everything to end once nothing goes wrong any more.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the end needed.
#[derive(Debug, Default)]
pub struct Ended {
    /// What persons settled by hand, by the reason.
    pub by_hand: BTreeMap<&'static str, usize>,
    /// Refunds that were taken on, and that no answer will ever decide.
    pub undecided: usize,
}

/// Lets nothing go wrong any more, does what persons have to do, and waits until nothing is left to be done.
pub fn settle_everything(shop: &Shop) -> Ended {
    SANDBOX.plan(&shop.till.merchant.id, Plan::new());
    let give_up = Instant::now() + PATIENCE;
    let mut ended = Ended::default();
    loop {
        shop.till.open_gates();
        let terminal = shop.terminal();
        let left = shop.call(shop.judge(), "unfinished", 0, &[], || terminal.unfinished()).expect("it is open");
        let (undecided, left): (Vec<_>, Vec<_>) = left.into_iter().partition(|payment| stays_undecided(shop, payment));
        let Some(first) = left.first() else {
            ended.undecided = undecided.len();
            return ended;
        };
        assert!(Instant::now() < give_up, "{} payments do not end: {}", left.len(), shop.story(first));
        left.iter().for_each(|payment| help(shop, payment, &mut ended));
        shop.call(shop.judge(), "wait", 50, &[], || wait_for(terminal.wait(first.id, 50))).expect("it is open");
    }
}

impl Shop {
    /// Every payment and refund, newest first.
    pub fn payments(&self) -> Vec<Payment> {
        let (terminal, mut all) = (self.terminal(), Vec::<Payment>::new());
        loop {
            let before = all.last().map(|payment| payment.id);
            let page = terminal.payments(PaymentFilter::default(), before, 500).expect("it can be read");
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// The gateway's order that a payment is, or that a refund gives back.
    pub fn order_of(&self, payment: &Payment) -> Option<Order> {
        match &payment.refund_of {
            Some(original) => SANDBOX.order(&self.till.merchant.id, &original.order_number),
            None => self.till.order_of(payment),
        }
    }

    /// What a person who looks at the gateway's own books says: was it paid, or given back?
    pub fn went_through(&self, payment: &Payment) -> bool {
        let Some(order) = self.order_of(payment) else { return false };
        if payment.kind != PaymentKind::Refund {
            return order.held_minor() > 0;
        }
        // maxfun's merchant API gives refunds no numbers, and knows one of the whole only.
        let is_ours = |number: &str| payment.gateway == GatewayKind::MaxfunTp.code() || number == payment.order_number;
        order.refunds.iter().any(|refund| is_ours(&refund.refund_number) && refund.state != RefundState::Failed)
    }

    /// A payment in the words of a failed assertion.
    pub fn story(&self, payment: &Payment) -> String {
        let history = self.terminal().history(payment.id).expect("it can be read");
        let steps: Vec<_> = history.iter().map(|entry| format!("{} {}", entry.state.code(), entry.event)).collect();
        let number = payment.refund_of.as_ref().map_or(&payment.order_number, |original| &original.order_number);
        let calls = self.till.calls().into_iter().filter(|call| call.order_number.as_ref() == Some(number));
        let calls: Vec<_> = calls.map(|call| format!("{} {:?} {}", call.at_ms, call.op, call.outcome)).collect();
        format!("{payment:#?} {steps:#?} {:#?} {calls:#?}", self.order_of(payment))
    }
}

/// A refund that was taken on and will never be heard of: its wallet does not decide, or its gateway's answers do not
/// tell (docs/sources.md): huishouyin names no refund that failed, maxfun's merchant API none that is under way.
fn stays_undecided(shop: &Shop, payment: &Payment) -> bool {
    let Some(order) = shop.order_of(payment).filter(|_| payment.state == PaymentState::Refunding) else { return false };
    let of = |kind: GatewayKind| payment.gateway == kind.code();
    let booked = of(GatewayKind::MaxfunTp) || order.refund(&payment.order_number).is_some();
    booked
        && payment.kind == PaymentKind::Refund
        && order.refunds.iter().any(|refund| match refund.state {
            RefundState::Succeeded => false,
            RefundState::Failed => of(GatewayKind::Huishouyin),
            RefundState::Changed => of(GatewayKind::Huishouyin) || of(GatewayKind::MaxfunTp),
            RefundState::Accepted | RefundState::Processing => {
                let ours = refund.refund_number == payment.order_number || of(GatewayKind::Huishouyin);
                refund.refunding == Refunding::Stays && (ours || of(GatewayKind::MaxfunTp))
            }
        })
}

/// What a person does: acknowledges, asks now, or settles what needs attention as the gateway's books say.
fn help(shop: &Shop, payment: &Payment, ended: &mut Ended) {
    let (terminal, judge, id) = (shop.terminal(), shop.judge(), payment.id);
    if payment.cancel_too_late {
        shop.call(judge, "acknowledge", 0, &[], || wait_for(terminal.acknowledge(id))).expect("it is open");
    }
    let settled = payment.state == PaymentState::NeedsAttention && {
        let paid = shop.went_through(payment);
        let settle = || wait_for(terminal.settle_by_hand(id, paid, "Wong".to_owned(), "seen in the books".to_owned()));
        shop.call(judge, "settle", 0, &["not_in_attention", "reverse_in_flight"], settle).is_ok()
    };
    if settled {
        *ended.by_hand.entry(payment.reason.map_or("", |reason| reason.code())).or_default() += 1;
    } else if matches!(payment.state, PaymentState::NeedsAttention | PaymentState::Refunding) {
        shop.call(judge, "retry", 0, &[], || wait_for(terminal.retry(id))).expect("it is open");
    }
}
