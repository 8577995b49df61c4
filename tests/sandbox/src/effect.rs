//! What a request does to an order: the same rules for all gateways.

use crate::gateway::{Asked, Kind, Op, Outcome, Said, Sale};
use crate::ledger::{Order, OrderKind, OrderState};
use crate::magic::Magic;
use crate::plan::{After, Customer, Do};
use crate::world::World;

impl World {
    /// Carries a request out, unless the misbehaviour prevents it, and says what there is to say.
    pub(crate) fn effect(&mut self, kind: Kind, asked: &Asked, misbehaviour: Option<&Do>, now_ms: i64) -> Said {
        let untouched = |outcome| Said::new(asked.op, outcome, None);
        match misbehaviour {
            Some(Do::Refused { code }) => return untouched(Outcome::Refused(code.clone())),
            Some(Do::Repeat) => return untouched(Outcome::Repeat),
            Some(Do::ReverseAgain) => {
                return Said { order: self.find(kind, asked).cloned(), ..untouched(Outcome::Again) };
            }
            Some(what) if !what.happens() => return untouched(Outcome::Busy),
            _ => {}
        }
        match (&asked.sale, asked.op) {
            (Some(sale), _) => self.start(kind, asked, sale, misbehaviour, now_ms),
            (None, Op::Query | Op::Detail) => self.query(kind, asked, now_ms),
            (None, _) => self.end(kind, asked, misbehaviour, now_ms),
        }
    }

    /// A charge, or a QR order.
    fn start(&mut self, kind: Kind, asked: &Asked, sale: &Sale, misbehaviour: Option<&Do>, now_ms: i64) -> Said {
        let said = |outcome, order| Said::new(asked.op, outcome, order);
        if let Some(old) = self.find(kind, asked) {
            let paid = old.state == OrderState::Paid;
            return said(Outcome::Duplicate { paid }, Some(old.clone()));
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
            if kind == Kind::Bjrcb {
                self.accounts[asked.merchant].add(order.clone());
            }
            return said(Outcome::CodeUsed, Some(order));
        }
        if order.kind == OrderKind::Charge {
            match order.customer {
                Customer::Pays => order.pay(now_ms),
                Customer::Declines { .. } => order.state = OrderState::Failed,
                // maxfun waits for the customer itself, and gives up (108).
                Customer::Never if kind == Kind::MaxfunDevice => order.state = OrderState::Failed,
                _ => {}
            }
        }
        let shown = order.clone();
        match order.customer {
            // maxfun has no query: the money lands behind the answer "ask the customer" (101).
            Customer::PaysAfter { .. } if kind == Kind::MaxfunDevice => order.pay(now_ms),
            Customer::PaysAfter { queries: 0 } => order.pay(now_ms),
            _ => {}
        }
        self.accounts[asked.merchant].add(order);
        said(Outcome::Order, Some(shown))
    }

    fn new_order(&mut self, kind: Kind, asked: &Asked, sale: &Sale, now_ms: i64) -> Order {
        let magic = || Magic::of(sale.amount_minor).map(|magic| magic.customer());
        let customer = self.accounts[asked.merchant].plan.customer.clone().or_else(magic).unwrap_or_default();
        let is_qr = asked.op == Op::Create;
        let alipay = sale.texts.get("pay_platform").is_some_and(|platform| *platform == 2);
        let qr = is_qr.then(|| match kind {
            Kind::TencentCpay if alipay => format!("https://qr.alipay.com/bax{}", self.rng.digits(20)),
            Kind::TencentCpay => format!("weixin://wxpay/bizpayurl?pr={}", self.rng.alphanumeric(7)),
            _ => format!("http://www.liantuo.com/pay/{}", self.rng.alphanumeric(24)),
        });
        Order {
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
            gateway_number: format!("42{}", self.rng.digits(26)),
            wallet_number: format!("20{}", self.rng.digits(26)),
            qr,
            created_at_ms: now_ms,
            paid_at_ms: None,
            ended_at_ms: None,
            expires_at_ms: sale.expires_at_ms,
            texts: sale.texts.clone(),
            customer,
        }
    }

    /// The answer shows the order as the query finds it; the customer moves afterwards.
    fn query(&mut self, kind: Kind, asked: &Asked, now_ms: i64) -> Said {
        let mut said = Said::new(asked.op, Outcome::Order, None);
        let Some(place) = self.find_place(kind, asked) else {
            said.outcome = Outcome::NotFound;
            return said;
        };
        let order = &mut self.accounts[asked.merchant].orders[place];
        expire(order, now_ms);
        if order.state == OrderState::Created {
            order.state = OrderState::Waiting;
        }
        if asked.op == Op::Query {
            order.queries += 1;
            let declines = matches!(order.customer, Customer::Declines { .. });
            said.attempt_failed = order.is_open() && declines && order.queries == 1;
        }
        said.order = Some(order.clone());
        let patience = match order.customer {
            Customer::Pays => 1,
            Customer::PaysAfter { queries } => queries,
            _ => u32::MAX,
        };
        if order.is_open() && order.queries >= patience {
            order.pay(now_ms);
        }
        said
    }

    /// A reverse or a close.
    fn end(&mut self, kind: Kind, asked: &Asked, misbehaviour: Option<&Do>, now_ms: i64) -> Said {
        let said = |outcome, order| Said::new(asked.op, outcome, order);
        let Some(place) = self.find_place(kind, asked) else {
            return said(Outcome::NotFound, None);
        };
        let account = &self.accounts[asked.merchant];
        if self.is_too_young(&account.orders[place], asked.op, &account.plan, now_ms) {
            return said(Outcome::TooYoung, Some(account.orders[place].clone()));
        }
        let order = &mut self.accounts[asked.merchant].orders[place];
        expire(order, now_ms);
        let refuses = matches!(misbehaviour, Some(Do::ReverseRefused)) || order.customer == Customer::PaysDuringReverse;
        if refuses && order.is_open() {
            order.pay(now_ms);
        }
        let paid = order.state == OrderState::Paid;
        if paid && (refuses || asked.op == Op::Close) {
            return said(Outcome::RefusedPaid, Some(order.clone()));
        }
        let (state, outcome, after) = match asked.op {
            Op::Close if order.state == OrderState::Closed => {
                return said(Outcome::AlreadyClosed, Some(order.clone()));
            }
            Op::Close => (OrderState::Closed, Outcome::Closed, After::Close),
            _ => (OrderState::Reversed, Outcome::Reversed, After::Reverse),
        };
        let was_open = order.is_open();
        // W1: a reverse gives back what was paid; an unpaid order can never be paid again.
        order.end(state, now_ms);
        let shown = order.clone();
        if was_open && order.customer == (Customer::PaysLate { after }) {
            order.pay(now_ms);
        }
        said(outcome, Some(shown))
    }
}

/// A QR order dies at its `time_expire`.
fn expire(order: &mut Order, now_ms: i64) {
    if order.is_open() && order.expires_at_ms.is_some_and(|at| now_ms >= at) {
        order.end(OrderState::Closed, now_ms);
    }
}
