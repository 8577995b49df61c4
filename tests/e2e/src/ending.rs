//! After the rush: nothing goes wrong any more, persons do what is theirs to do, and everything comes to its end.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use paywand::{Payment, PaymentFilter, PaymentKind, PaymentState, gateway::GatewayKind};
use paywand_sandbox::{Order, Plan, RefundState, Refunding};

use crate::{SANDBOX, shop::Shop, wait_for};

/// For everything to end once nothing goes wrong any more.
const PATIENCE: Duration = Duration::from_secs(180);

/// So many answers, none of which went wrong, would have told what there is to tell.
const ASKED_IN_VAIN: u32 = 4;

/// Steps and calls in the words of a failed assertion: the last.
const TOLD: usize = 60;

/// What the end needed.
#[derive(Debug, Default)]
pub struct Ended {
    /// What persons settled by hand, by the reason.
    pub by_hand: BTreeMap<&'static str, usize>,
    /// Refunds that were taken on, and that no answer will ever decide.
    pub undecided: usize,
    /// How often each had been asked about when it was first looked at.
    asked: HashMap<i64, u32>,
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
        let (undecided, left): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|payment| ended.stays_undecided(shop, payment));
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
        let (steps, calls) = (last(&steps), last(&calls));
        format!("{payment:#?} {steps:#?} {:#?} {calls:#?}", self.order_of(payment))
    }
}

impl Ended {
    /// Whether a refund was taken on and will never be decided, however often it is asked about: its wallet does not decide,
    /// or its gateway does not tell (docs/sources.md). huishouyin does not say which of two refunds failed, maxfun's merchant
    /// API nothing but the whole, and Alipay has no word for what it cannot pay out.
    fn stays_undecided(&mut self, shop: &Shop, payment: &Payment) -> bool {
        if payment.kind != PaymentKind::Refund || payment.state != PaymentState::Refunding {
            return false;
        }
        let Some(order) = shop.order_of(payment) else { return false };
        let stuck = order.refunds.iter().filter(|refund| {
            let moves = matches!(refund.refunding, Refunding::Succeeds | Refunding::SucceedsAfter { .. });
            refund.state != RefundState::Succeeded && !moves
        });
        let asked: u32 = stuck.map(|refund| refund.queries).sum();
        let first = *self.asked.entry(payment.id).or_insert(asked);
        asked >= first + ASKED_IN_VAIN
    }
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

fn last(lines: &[String]) -> &[String] {
    &lines[lines.len().saturating_sub(TOLD)..]
}
