//! What a request does to an order: the same rules for all gateways.

use crate::gateway::{Asked, Kind, Op, Outcome, RefundRefusal, Sale};
use crate::ledger::{Order, OrderKind, OrderState};
use crate::magic::Magic;
use crate::plan::{After, Code108, Customer, Do};
use crate::refunds::Refund;
use crate::rng::Rng;
use crate::world::World;

/// What a request did.
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    pub(crate) shown: Shown,
    /// The refund that the answer is about, by its place among the order's.
    pub(crate) part: Option<usize>,
    /// A customer's attempt has just failed, and the order is still open.
    pub(crate) attempt_failed: bool,
    /// The order that its customer pays once the answer is written: the answer does not know of it yet.
    pub(crate) then_pays: Option<usize>,
    /// The order whose refunds move on once the answer is written.
    pub(crate) then_settles: Option<usize>,
}

/// The order that the answer is about.
pub(crate) enum Shown {
    None,
    /// By its place among the merchant's orders.
    Booked(usize),
    /// One that never came about.
    Unbooked(Box<Order>),
}

impl Done {
    pub(crate) fn new(outcome: Outcome, shown: Shown) -> Done {
        Done { outcome, shown, part: None, attempt_failed: false, then_pays: None, then_settles: None }
    }

    pub(crate) fn about(self, part: usize) -> Done {
        Done { part: Some(part), ..self }
    }
}

impl World {
    /// Carries a request out, unless the misbehaviour prevents it, and says what there is to say.
    pub(crate) fn effect(&mut self, kind: Kind, asked: &Asked, misbehaviour: Option<&Do>, now_ms: i64) -> Done {
        let untouched = |outcome| Done::new(outcome, Shown::None);
        match misbehaviour {
            Some(Do::Refused { code }) => return untouched(Outcome::Refused(code.clone())),
            Some(Do::Repeat) => return untouched(Outcome::Repeat),
            Some(Do::FundsShort) => return untouched(Outcome::RefundRefused(RefundRefusal::FundsShort)),
            Some(Do::PastPeriod) => return untouched(Outcome::RefundRefused(RefundRefusal::PastPeriod)),
            Some(Do::ReverseAgain) => {
                return Done::new(Outcome::Again, self.find_place(kind, asked).map_or(Shown::None, Shown::Booked));
            }
            Some(what) if !what.happens() => return untouched(Outcome::Busy),
            _ => {}
        }
        match (&asked.sale, &asked.refund, asked.op) {
            (Some(sale), _, _) => self.start(kind, asked, sale, misbehaviour, now_ms),
            (None, Some(wanted), Op::Refund) => self.give_back(kind, asked, wanted, now_ms),
            (None, Some(wanted), _) => self.ask_refund(kind, asked, wanted),
            (None, None, Op::Query | Op::Detail) => self.query(kind, asked, now_ms),
            (None, None, _) => self.end(kind, asked, misbehaviour, now_ms),
        }
    }

    /// A charge, or a QR order.
    fn start(&mut self, kind: Kind, asked: &Asked, sale: &Sale, misbehaviour: Option<&Do>, now_ms: i64) -> Done {
        if let Some(place) = self.find_place(kind, asked) {
            let paid = self.accounts[asked.merchant].orders[place].state == OrderState::Paid;
            return Done::new(Outcome::Duplicate { paid }, Shown::Booked(place));
        }
        let mut order = self.new_order(kind, asked, sale, now_ms);
        match misbehaviour {
            Some(Do::OtherAmount) => order.charged_minor += 1,
            Some(Do::OtherCurrency) => order.currency = "USD".to_owned(),
            _ => {}
        }
        if let Some(code) = &sale.code
            && !self.accounts[asked.merchant].codes.insert(code.clone())
        {
            // BJRCB has no refusal of its own: the order exists and has failed.
            order.state = OrderState::Failed;
            let shown = match kind {
                Kind::Bjrcb => Shown::Booked(self.accounts[asked.merchant].add(order)),
                _ => Shown::Unbooked(Box::new(order)),
            };
            return Done::new(Outcome::CodeUsed, shown);
        }
        let revokes = self.accounts[asked.merchant].plan.code_108 == Code108::Revoked;
        if order.kind == OrderKind::Charge {
            match order.customer {
                Customer::Pays => order.pay(now_ms),
                Customer::Declines { .. } => order.state = OrderState::Failed,
                // maxfun waits for the customer itself, and gives up (108).
                Customer::Never if kind == Kind::MaxfunDevice || (kind == Kind::MaxfunTp && revokes) => {
                    order.state = OrderState::Failed;
                }
                _ => {}
            }
        }
        let pays = match order.customer {
            // maxfun has no query: the money lands behind the answer "ask the customer" (101).
            Customer::PaysAfter { queries } => queries == 0 || kind == Kind::MaxfunDevice,
            _ => false,
        };
        let place = self.accounts[asked.merchant].add(order);
        Done { then_pays: pays.then_some(place), ..Done::new(Outcome::Order, Shown::Booked(place)) }
    }

    fn new_order(&mut self, kind: Kind, asked: &Asked, sale: &Sale, now_ms: i64) -> Order {
        let magic = || Magic::of(sale.amount_minor).map(|magic| magic.customer());
        let customer = self.accounts[asked.merchant].plan.customer.clone().or_else(magic).unwrap_or_default();
        let is_qr = asked.op == Op::Create;
        let coupon_minor = match kind {
            Kind::Huishouyin => self.accounts[asked.merchant].plan.coupon_minor.clamp(0, sale.amount_minor),
            _ => 0,
        };
        let mut order = Order {
            gateway: kind,
            order_number: asked.order_number.clone().unwrap_or_default(),
            kind: if is_qr { OrderKind::Qr } else { OrderKind::Charge },
            amount_minor: sale.amount_minor,
            charged_minor: sale.amount_minor,
            currency: sale.currency.to_owned(),
            state: if is_qr { OrderState::Created } else { OrderState::Waiting },
            money_minor: 0,
            charges: 0,
            returns: 0,
            queries: 0,
            gateway_number: String::new(),
            wallet_number: String::new(),
            qr: None,
            created_at_ms: now_ms,
            paid_at_ms: None,
            ended_at_ms: None,
            expires_at_ms: sale.expires_at_ms,
            texts: sale.texts.clone(),
            customer,
            coupon_minor,
            refunds: Vec::new(),
        };
        if is_qr {
            order.qr = Some(qr(&order, &mut self.rng));
        }
        order.gateway_number = format!("42{}", self.rng.digits(26));
        order.wallet_number = format!("20{}", self.rng.digits(26));
        order
    }

    /// The answer shows the order as the query finds it; the customer moves afterwards.
    fn query(&mut self, kind: Kind, asked: &Asked, now_ms: i64) -> Done {
        let Some(place) = self.find_place(kind, asked) else {
            return Done::new(Outcome::NotFound, Shown::None);
        };
        let mut done = Done::new(Outcome::Order, Shown::Booked(place));
        let order = &mut self.accounts[asked.merchant].orders[place];
        expire(order, now_ms);
        if order.state == OrderState::Created {
            order.state = OrderState::Waiting;
        }
        if asked.op == Op::Query {
            order.queries += 1;
            let declines = matches!(order.customer, Customer::Declines { .. });
            done.attempt_failed = order.is_open() && declines && order.queries == 1;
        }
        if asked.op == Op::Detail || kind == Kind::MaxfunTp {
            // They tell of refunds too, so whoever asks for the one asks about the other.
            order.refunds.iter_mut().for_each(Refund::asked);
            done.then_settles = Some(place);
        }
        let patience = match order.customer {
            Customer::Pays => 1,
            Customer::PaysAfter { queries } => queries,
            _ => u32::MAX,
        };
        done.then_pays = (order.is_open() && order.queries >= patience).then_some(place);
        done
    }

    /// A reverse or a close.
    fn end(&mut self, kind: Kind, asked: &Asked, misbehaviour: Option<&Do>, now_ms: i64) -> Done {
        let Some(place) = self.find_place(kind, asked) else {
            return Done::new(Outcome::NotFound, Shown::None);
        };
        let done = |outcome| Done::new(outcome, Shown::Booked(place));
        let account = &self.accounts[asked.merchant];
        if self.is_too_young(&account.orders[place], asked.op, &account.plan, now_ms) {
            return done(Outcome::TooYoung);
        }
        let order = &mut self.accounts[asked.merchant].orders[place];
        if !order.may_be_ended_by(asked.op) {
            return done(Outcome::WrongKind);
        }
        expire(order, now_ms);
        let refuses = matches!(misbehaviour, Some(Do::ReverseRefused)) || order.customer == Customer::PaysDuringReverse;
        if refuses && order.is_open() {
            order.pay(now_ms);
        }
        if order.is_refunded() {
            return done(Outcome::Refunded);
        }
        let paid = order.state == OrderState::Paid;
        if paid && (refuses || asked.op == Op::Close) {
            return done(Outcome::RefusedPaid);
        }
        let (state, outcome, after) = match asked.op {
            Op::Close if order.state == OrderState::Closed => {
                return done(Outcome::AlreadyClosed);
            }
            Op::Close => (OrderState::Closed, Outcome::Closed, After::Close),
            _ => (OrderState::Reversed, Outcome::Reversed, After::Reverse),
        };
        let was_open = order.is_open();
        // W1: a reverse gives back what was paid; an unpaid order can never be paid again.
        order.end(state, now_ms);
        let pays = was_open && order.customer == (Customer::PaysLate { after });
        Done { then_pays: pays.then_some(place), ..done(outcome) }
    }
}

/// What the customer scans.
fn qr(order: &Order, rng: &mut Rng) -> String {
    match order.gateway {
        Kind::Huishouyin => format!("http://www.liantuo.com/pay/{}", rng.alphanumeric(24)),
        _ if order.is_alipay() => format!("https://qr.alipay.com/bax{}", rng.digits(20)),
        _ => format!("weixin://wxpay/bizpayurl?pr={}", rng.alphanumeric(7)),
    }
}

/// A QR order dies at its `time_expire`.
fn expire(order: &mut Order, now_ms: i64) {
    if order.is_open() && order.expires_at_ms.is_some_and(|at| now_ms >= at) {
        order.end(OrderState::Closed, now_ms);
    }
}
