//! The world: merchants, orders, plans. Pure: no clock, no network, no chance but its own seeded one. Time comes in with
//! each request, so a simulation can drive it and a seed repeats it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::calls::{Call, masked};
use crate::deliver;
use crate::effect::Shown;
use crate::gateway::{Asked, Desk, Kind, Op, Reason, Said, Seen, Signature, Wrong};
use crate::http::{Answer, Delivery, Exchange, HttpRequest};
use crate::ledger::{Ledger, Order, OrderKind, OrderState};
use crate::magic::Magic;
use crate::merchant::Merchant;
use crate::plan::{Code108, Do, Plan, Rule};
use crate::rng::Rng;
use crate::twist::{effect_word, twist};

/// S1: a reverse is refused before.
const REVERSE_AGE_MS: i64 = 15_000;
/// WeChat's least age of a close, where the plan wants it.
const CLOSE_AGE_MS: i64 = 5 * 60_000;

/// Five gateways and their merchants.
#[derive(Debug)]
pub struct World {
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) rng: Rng,
    /// Where a redirect leads: the other port.
    elsewhere: Elsewhere,
    time_scale: i64,
    /// Whether calls are logged.
    keeps_calls: bool,
    /// Requests that named no merchant.
    strays: Vec<Call>,
}

/// What the world keeps for one merchant.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) orders: Vec<Order>,
    /// By gateway, in the order of [`Kind::ALL`].
    by_number: [HashMap<String, usize>; Kind::ALL.len()],
    /// Refunds: the place of the order, and theirs among its refunds. By gateway, likewise.
    pub(crate) by_refund: [HashMap<String, (usize, usize)>; Kind::ALL.len()],
    pub(crate) plan: Plan,
    pub(crate) codes: HashSet<String>,
    /// By gateway, likewise.
    nonces: [HashSet<String>; Kind::ALL.len()],
    magic_spent: HashSet<(Kind, String, Op)>,
    calls: Vec<Call>,
}

#[derive(Debug, Default)]
struct Elsewhere {
    https: String,
    http: String,
}

impl World {
    /// An empty world. Least ages are divided by `time_scale`.
    pub fn new(seed: u64, time_scale: u32) -> World {
        World {
            merchants: Vec::new(),
            accounts: Vec::new(),
            rng: Rng::new(seed),
            elsewhere: Elsewhere::default(),
            time_scale: i64::from(time_scale.max(1)),
            keeps_calls: true,
            strays: Vec::new(),
        }
    }

    /// Tells the world its own addresses, for redirects.
    pub fn set_addresses(&mut self, https: &str, http: &str) {
        self.elsewhere = Elsewhere { https: https.to_owned(), http: http.to_owned() };
    }

    /// Whether requests are logged ([`World::calls`], [`World::strays`]): on from the start. A simulation of millions of
    /// payments does without.
    pub fn keep_calls(&mut self, keep: bool) {
        self.keeps_calls = keep;
    }

    /// Makes a merchant.
    pub fn new_merchant(&mut self) -> Merchant {
        let merchant = Merchant::make(self.merchants.len() + 1, &mut self.rng);
        self.merchants.push(merchant.clone());
        self.accounts.push(Account::default());
        merchant
    }

    /// The merchants, in the order they were made.
    pub fn merchants(&self) -> &[Merchant] {
        &self.merchants
    }

    /// Replaces a merchant's plan.
    pub fn plan(&mut self, merchant: &str, plan: Plan) -> Result<(), String> {
        let place = self.place(merchant)?;
        self.accounts[place].plan = plan;
        Ok(())
    }

    /// What is still to go wrong for a merchant.
    pub fn rules(&self, merchant: &str) -> Result<&[Rule], String> {
        Ok(&self.accounts[self.place(merchant)?].plan.rules)
    }

    /// A merchant's orders, oldest first; nothing is copied.
    pub fn orders(&self, merchant: &str) -> Result<&[Order], String> {
        Ok(&self.accounts[self.place(merchant)?].orders)
    }

    /// A merchant's order, if there is one of this number.
    pub fn order(&self, merchant: &str, order_number: &str) -> Option<&Order> {
        let account = &self.accounts[self.place(merchant).ok()?];
        Some(&account.orders[account.place(order_number)?])
    }

    /// A merchant's orders and their sums.
    pub fn ledger(&self, merchant: &str) -> Result<Ledger, String> {
        Ok(Ledger::of(&self.accounts[self.place(merchant)?].orders))
    }

    /// Puts an order into a merchant's books that no request has made: somebody else's.
    pub fn add_order(&mut self, merchant: &str, order: Order) -> Result<(), String> {
        let place = self.place(merchant)?;
        self.accounts[place].add(order);
        Ok(())
    }

    /// Lets a merchant's nonces be used again, as gateways do that do not look: then a copy of a request is a duplicate.
    pub fn forget_nonces(&mut self, merchant: &str) -> Result<(), String> {
        let place = self.place(merchant)?;
        self.accounts[place].nonces.iter_mut().for_each(HashSet::clear);
        Ok(())
    }

    /// The requests that named a merchant.
    pub fn calls(&self, merchant: &str) -> Result<&[Call], String> {
        Ok(&self.accounts[self.place(merchant)?].calls)
    }

    /// The requests that named no merchant.
    pub fn strays(&self) -> &[Call] {
        &self.strays
    }

    /// The customer pays now, whatever the plan says; an order that was reversed or closed gets late money.
    pub fn pay(&mut self, merchant: &str, order_number: &str, now_ms: i64) -> Result<(), String> {
        self.order_mut(merchant, order_number)?.pay(now_ms);
        Ok(())
    }

    /// The customer declines now, whatever the plan says: an open charge fails.
    pub fn decline(&mut self, merchant: &str, order_number: &str) -> Result<(), String> {
        let order = self.order_mut(merchant, order_number)?;
        if order.kind != OrderKind::Charge || !order.is_open() {
            return Err(format!("{order_number} is no open charge"));
        }
        order.state = OrderState::Failed;
        Ok(())
    }

    /// Answers a request.
    pub fn exchange(&mut self, request: &HttpRequest, now_ms: i64) -> Exchange {
        let Some(kind) = Kind::of_path(&request.path) else {
            return not_a_path(request, now_ms);
        };
        let mut seen = Seen::default();
        match self.read(kind, request, &mut seen) {
            Ok(asked) => self.carry_out(kind, request, &asked, now_ms),
            Err(wrong) => self.refuse(kind, request, &seen, &wrong, now_ms),
        }
    }

    /// Every check that comes before the order itself.
    fn read(&mut self, kind: Kind, request: &HttpRequest, seen: &mut Seen) -> Result<Asked, Wrong> {
        let asked = kind.gateway().read(request, &self.merchants, seen)?;
        if let Some(nonce) = &asked.nonce {
            let is_new = self.accounts[asked.merchant].nonces[kind as usize].insert(nonce.clone());
            if !is_new {
                return Err(Wrong::new(Reason::Replay, "nonce_str was used before"));
            }
        }
        Ok(asked)
    }

    fn refuse(&mut self, kind: Kind, request: &HttpRequest, seen: &Seen, wrong: &Wrong, now_ms: i64) -> Exchange {
        let merchant = seen.merchant.map(|place| &self.merchants[place]);
        let mut desk = Desk {
            merchant,
            now_ms,
            rng: &mut self.rng,
            signature: Signature::Right,
            code_as_text: false,
            code_108: Code108::default(),
        };
        let body = kind.gateway().refuse(wrong, &mut desk).to_json();
        let id = merchant.map(|merchant| merchant.id.clone());
        self.log(seen.merchant, || Call {
            op: seen.op,
            order_number: seen.order_number.clone(),
            refund_number: seen.refund_number.clone(),
            amount_minor: seen.amount_minor,
            problem: Some(wrong.text.clone()),
            outcome: "refused".to_owned(),
            effect: "nothing".to_owned(),
            ..blank_call(kind, request, now_ms)
        });
        // Only BlueOcean has a code for it (4007); elsewhere HTTP says so.
        let status = if wrong.reason == Reason::Method && kind != Kind::BlueoceanV1 { 405 } else { 200 };
        let answer = Answer { status, ..deliver::json(body, now_ms) };
        Exchange { answer, delivery: Delivery::Whole, merchant: id }
    }

    fn carry_out(&mut self, kind: Kind, request: &HttpRequest, asked: &Asked, now_ms: i64) -> Exchange {
        let fresh = request.place_on_connection <= 1;
        let misbehaviour = self.misbehaviour(kind, asked, fresh);
        let done = self.effect(kind, asked, misbehaviour.as_ref(), now_ms);
        let account = &self.accounts[asked.merchant];
        let order = match done.shown {
            Shown::None => None,
            Shown::Booked(place) => Some(Cow::Borrowed(&account.orders[place])),
            Shown::Unbooked(order) => Some(Cow::Owned(*order)),
        };
        let attempt_failed = done.attempt_failed;
        let mut said =
            Said { op: asked.op, outcome: done.outcome, order, part: done.part, attempt_failed, unknown_state: false };
        let effect = effect_word(&said, misbehaviour.as_ref());
        twist(&mut said, asked, misbehaviour.as_ref(), &mut self.rng, now_ms);
        let mut desk = Desk {
            merchant: Some(&self.merchants[asked.merchant]),
            now_ms,
            rng: &mut self.rng,
            signature: match misbehaviour {
                Some(Do::BadSignature) => Signature::Wrong,
                Some(Do::NoSignature) => Signature::Missing,
                _ => Signature::Right,
            },
            code_as_text: matches!(misbehaviour, Some(Do::CodeAsText)),
            code_108: self.accounts[asked.merchant].plan.code_108,
        };
        let body = kind.gateway().answer(&said, &mut desk).to_json();
        let order_number =
            asked.order_number.as_ref().or_else(|| said.order().map(|order| &order.order_number)).cloned();
        self.accounts[asked.merchant].go_on(done.then_pays, done.then_settles, now_ms);
        let other_port = if request.tls { &self.elsewhere.http } else { &self.elsewhere.https };
        let redirect = || format!("{other_port}{}", request.path);
        let (answer, delivery) = deliver::deliver(misbehaviour.as_ref(), body, redirect, now_ms);
        self.log(Some(asked.merchant), || Call {
            op: Some(asked.op),
            order_number,
            refund_number: asked.refund.as_ref().and_then(|refund| refund.number.clone()),
            amount_minor: asked.amount_minor(),
            outcome: misbehaviour.as_ref().map_or_else(|| effect.to_owned(), Do::name),
            effect: effect.to_owned(),
            ..blank_call(kind, request, now_ms)
        });
        Exchange { answer, delivery, merchant: Some(self.merchants[asked.merchant].id.clone()) }
    }

    /// What goes wrong with this exchange: by the plan, else by the amount.
    fn misbehaviour(&mut self, kind: Kind, asked: &Asked, fresh: bool) -> Option<Do> {
        if let Some(what) = self.accounts[asked.merchant].plan.take(kind, asked.op, fresh) {
            return Some(what);
        }
        let (amount, number) = self.magic_key(kind, asked)?;
        let what = Magic::of(amount)?.misbehaviour(asked.op)?;
        let spent = (kind, number.to_owned(), asked.op);
        self.accounts[asked.merchant].magic_spent.insert(spent).then_some(what)
    }

    /// The amount that may be magic, and the number under which it is so once: the sale's, or the refund's.
    fn magic_key<'a>(&'a self, kind: Kind, asked: &'a Asked) -> Option<(i64, &'a str)> {
        if let Some(sale) = &asked.sale {
            return Some((sale.amount_minor, asked.order_number.as_deref().unwrap_or_default()));
        }
        let account = &self.accounts[asked.merchant];
        let order = || self.find_place(kind, asked).map(|place| &account.orders[place]);
        let Some(wanted) = &asked.refund else {
            return order().map(|order| (order.amount_minor, order.order_number.as_str()));
        };
        if asked.op == Op::Refund {
            let amount = wanted.amount_minor.or_else(|| order().map(|order| order.money_minor - order.bound_minor()));
            return Some((amount?, wanted.number.as_deref().or(asked.order_number.as_deref())?));
        }
        let refund = match account.refund_place(kind, wanted.number.as_deref()) {
            Some((place, part)) => &account.orders[place].refunds[part],
            None => order()?.refunds.last()?,
        };
        Some((refund.amount_minor, refund.refund_number.as_str()))
    }

    /// An order is found by either number; given both, both must fit.
    pub(crate) fn find_place(&self, kind: Kind, asked: &Asked) -> Option<usize> {
        let account = &self.accounts[asked.merchant];
        let is_named = |order: &Order| {
            asked.gateway_number.as_ref().is_none_or(|number| *number == order.gateway_number)
                && asked.alipay.is_none_or(|alipay| alipay == order.is_alipay())
                && asked.kind.is_none_or(|kind| kind == order.kind)
        };
        match &asked.order_number {
            Some(number) => {
                let place = *account.by_number[kind as usize].get(number)?;
                is_named(&account.orders[place]).then_some(place)
            }
            None => account.orders.iter().position(|order| order.gateway == kind && is_named(order)),
        }
    }

    pub(crate) fn is_too_young(&self, order: &Order, op: Op, plan: &Plan, now_ms: i64) -> bool {
        let least = match op {
            Op::Reverse if order.gateway == Kind::BlueoceanV1 => REVERSE_AGE_MS,
            Op::Close if plan.close_after_five_minutes => CLOSE_AGE_MS,
            _ => return false,
        };
        now_ms - order.created_at_ms < least / self.time_scale
    }

    pub(crate) fn place(&self, merchant: &str) -> Result<usize, String> {
        let place = self.merchants.iter().position(|known| known.id == merchant);
        place.ok_or_else(|| format!("there is no merchant {merchant}"))
    }

    /// The order that a merchant knows by this number, to be changed behind everybody's back.
    pub fn order_mut(&mut self, merchant: &str, order_number: &str) -> Result<&mut Order, String> {
        let account = self.place(merchant)?;
        let account = &mut self.accounts[account];
        let place = account.place(order_number).ok_or_else(|| format!("{merchant} has no order {order_number}"))?;
        Ok(&mut account.orders[place])
    }

    fn log(&mut self, merchant: Option<usize>, call: impl FnOnce() -> Call) {
        if !self.keeps_calls {
            return;
        }
        let calls = match merchant {
            Some(place) => &mut self.accounts[place].calls,
            None => &mut self.strays,
        };
        calls.push(Call { n: calls.len() + 1, ..call() });
    }
}

fn blank_call(kind: Kind, request: &HttpRequest, now_ms: i64) -> Call {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    Call {
        n: 0,
        at_ms: now_ms,
        gateway: kind,
        op: None,
        path: request.path.clone(),
        order_number: None,
        refund_number: None,
        amount_minor: None,
        problem: None,
        outcome: String::new(),
        effect: String::new(),
        body: masked(&body),
        connection: request.connection,
        place_on_connection: request.place_on_connection,
        tls: request.tls,
    }
}

fn not_a_path(request: &HttpRequest, now_ms: i64) -> Exchange {
    // B1: 404 is a code of the body.
    let answer = if request.path.starts_with("/wechat/") {
        deliver::json(serde_json::json!({"code": 404, "message": "接口不存在", "data": []}).to_string(), now_ms)
    } else {
        deliver::page(404, "Not Found", now_ms)
    };
    Exchange { answer, delivery: Delivery::Whole, merchant: None }
}

impl Account {
    /// Books an order; returns its place.
    pub(crate) fn add(&mut self, order: Order) -> usize {
        let place = self.orders.len();
        self.by_number[order.gateway as usize].insert(order.order_number.clone(), place);
        self.orders.push(order);
        place
    }

    /// What happens once the answer is written: an order is paid, and refunds move on.
    fn go_on(&mut self, pays: Option<usize>, settles: Option<usize>, now_ms: i64) {
        if let Some(place) = pays {
            self.orders[place].pay(now_ms);
        }
        if let Some(place) = settles {
            self.orders[place].refunds.iter_mut().for_each(|refund| refund.settle(now_ms));
        }
    }

    /// The oldest order of this number, at whichever gateway.
    pub(crate) fn place(&self, order_number: &str) -> Option<usize> {
        self.by_number.iter().filter_map(|places| places.get(order_number)).min().copied()
    }
}
