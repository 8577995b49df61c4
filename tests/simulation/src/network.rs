//! The way to the gateways and back: real bytes, signed by the core, read and answered by the sandbox's world, and what
//! becomes of them in between.

use std::{collections::BTreeMap, rc::Rc};

use paywand::{
    FollowUp, Payment, PaymentKind, PaymentState,
    driver::{End, Event, Handle, Send},
    gateway::{GatewayKind, Operation, Stamp, WireResponse},
};
use paywand_sandbox::{Customer, HttpRequest, Kind, Order, OrderKind, OrderState, Plan, Rule};
use serde_json::Value;

use crate::{
    day::{Day, What},
    fault::{Fault, asks_for_the_order, sandbox_op},
    judge::{Verdict, ensure},
    sale::Sale,
};

/// "No such order" of an order that exists is said while it is so young: a query that lags behind.
const LAG_MS: i64 = 60_000;
/// No request is quicker on its way, and no answer.
const QUICKEST_MS: i64 = 20;
/// A request that outlived its connection arrives within this: below every landing horizon.
const LATEST_MS: i64 = 180_000;

/// A failure that was believed turns into a success within this: well before the last question of those that watch it.
const TURNS_MS: i64 = 120_000;
/// How often somebody looks at a payment that waits for a person while its reverse is out, or may arrive yet, and how soon.
const HASTY_RATE: u32 = 300;
const HASTY_MS: i64 = 240_000;

/// So many times more often money goes back by other hands where the till has not heard that it came in.
const OTHER_HANDS_TIMES: u32 = 8;

/// A request on its way.
pub(crate) struct Arrival {
    life: u32,
    sale: usize,
    send: Rc<Send>,
    path: &'static str,
    body: Rc<Vec<u8>>,
    fresh: bool,
    fault: Option<Fault>,
    /// The first of its bytes to arrive, not a copy.
    first: bool,
    answer: Way,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It comes back in so many milliseconds.
    Back(i64),
    /// It breaks off in so many.
    Cut(i64),
    /// Nobody gets it.
    Nowhere,
}

/// When a till gives an exchange up, and when the request and its answer arrive.
struct Times {
    limit_ms: i64,
    there_ms: i64,
    back_ms: i64,
}

impl Day<'_> {
    /// What the shell does with a send: stamp, request, transport.
    pub(crate) fn send(&mut self, send: Send) -> Verdict {
        let sale = self.judge_send(&send)?;
        let Some(till) = &self.till else { return Ok(()) };
        let port = &till.ports[send.port];
        // By the gateway's clock, once it has told it, whatever becomes of the device's.
        let at_ms = till.gateway_ahead_ms[send.port].map_or(self.wall_ms(), |ahead_ms| self.now_ms + ahead_ms);
        let stamp = Stamp { nonce: format!("{:016x}{:016x}", self.rng.next(), self.rng.next()), at_ms };
        let (kind, op) = (self.sales[sale].gateway_kind(), send.op);
        let limit_ms = port.timing.connect_ms + port.timing.read_ms;
        let connect_ms = port.timing.connect_ms;
        let request = match send.request(port.gateway.as_ref(), &stamp) {
            Ok(request) => request,
            Err(error) => {
                self.say(|_| format!("sale {sale}: {} cannot be written: {}", op.code(), error.reason));
                return self.not_sent(sale, &send, false, 0);
            }
        };
        if op == Operation::Charge && self.sales[sale].gateway == 0 {
            self.sales[sale].gateway_order = format!("maxfun:{}", stamp.nonce);
        }
        let hidden = self.hides(sale, op).then_some(Fault::NotFound);
        let fault = self.draw_fault(kind, self.state_of(sale), op, request.fresh).or(hidden);
        self.cover(fault, sale, op, request.fresh);
        self.say(|_| format!("sale {sale}: {} {} is sent{}", op.code(), send.number, named(fault)));
        if op == Operation::Reverse
            && self.state_of(sale) == PaymentState::NeedsAttention
            && self.rng.chance(HASTY_RATE)
        {
            self.plan_in(0, HASTY_MS, What::Meddle(sale));
        }
        match fault {
            Some(Fault::NotSent | Fault::DeviceClock) => {
                let after_ms = self.rng.between(0, connect_ms);
                return self.not_sent(sale, &send, fault == Some(Fault::DeviceClock), after_ms);
            }
            _ => self.left(sale, op),
        }
        if self.weather.aim.is_some_and(|aim| self.rng.chance(aim.kill_rate(self.state_of(sale), op))) {
            self.plan_in(0, QUICKEST_MS, What::Kill);
        }
        let times = Times {
            limit_ms,
            there_ms: self.rng.between(QUICKEST_MS, 300),
            back_ms: self.rng.between(QUICKEST_MS, 300),
        };
        let arrival = Arrival {
            life: self.life,
            sale,
            path: request.path,
            body: Rc::new(request.body.to_vec()),
            fresh: request.fresh,
            send: Rc::new(send),
            fault,
            first: true,
            answer: Way::Back(times.back_ms),
        };
        self.transport(arrival, &times);
        Ok(())
    }

    /// What this exchange meets; in an outage what the others have met.
    fn draw_fault(&mut self, kind: GatewayKind, state: PaymentState, op: Operation, fresh: bool) -> Option<Fault> {
        if let Some(aim) = self.weather.aim {
            let fault = aim.fault(&mut self.rng, kind, state, op, fresh);
            if fault.is_some() || aim.is_at(state, op) {
                return fault;
            }
        }
        let lasting = self.outage.filter(|(_, until_ms)| self.now_ms < *until_ms).map(|(fault, _)| fault);
        if let Some(fault) = lasting.filter(|fault| fault.befalls(kind, op, fresh)) {
            return Some(fault);
        }
        let fault = self.weather.exchange(&mut self.rng, kind, op, fresh)?;
        if self.rng.chance(self.weather.outage_rate) {
            self.outage = Some((fault, self.now_ms + self.rng.between(1_000, 60_000)));
        }
        Some(fault)
    }

    /// Whether its gateway cannot find the order, asked for what became of a refund.
    fn hides(&self, sale: usize, op: Operation) -> bool {
        let sale = &self.sales[sale];
        sale.hides_order && !self.healed() && asks_for_the_order(sale.gateway_kind(), op)
    }

    /// The request is on its way; a copy of it perhaps too.
    fn transport(&mut self, arrival: Arrival, times: &Times) {
        let (limit_ms, there_ms) = (times.limit_ms, times.there_ms);
        match arrival.fault {
            Some(Fault::LostBefore) => {
                self.arrived(arrival.sale, arrival.send.op);
                let after_ms = self.rng.between(10, limit_ms);
                self.no_answer(&arrival, after_ms, "lost");
            }
            Some(Fault::LostAfter) => {
                let after_ms = self.rng.between(there_ms, limit_ms);
                self.no_answer(&arrival, after_ms, "lost");
                self.deliver(Arrival { answer: Way::Nowhere, ..arrival }, there_ms);
            }
            Some(Fault::CutAnswer) => self.deliver(Arrival { answer: Way::Cut(times.back_ms), ..arrival }, there_ms),
            Some(Fault::SlowAnswer) => {
                let back_ms = self.rng.between(there_ms, limit_ms) - there_ms;
                self.deliver(Arrival { answer: Way::Back(back_ms), ..arrival }, there_ms);
            }
            Some(Fault::DelayedRequest) => {
                self.no_answer(&arrival, limit_ms, "timeout");
                let there_ms = limit_ms + self.rng.between(0, LATEST_MS);
                self.deliver(Arrival { answer: Way::Nowhere, ..arrival }, there_ms);
            }
            Some(Fault::OldAnswer) => {
                // The flow gives it up a second after the transport should have.
                let back_ms = limit_ms + self.rng.between(1_001, 40_000) - there_ms;
                self.deliver(Arrival { answer: Way::Back(back_ms), ..arrival }, there_ms);
            }
            Some(Fault::DoubledRequest) => {
                let second_ms = there_ms + self.rng.between(0, 2_000);
                let second_answers = self.rng.chance(300);
                let copy = Arrival {
                    first: false,
                    answer: if second_answers { arrival.answer } else { Way::Nowhere },
                    send: arrival.send.clone(),
                    body: arrival.body.clone(),
                    ..arrival
                };
                let answer = if second_answers { Way::Nowhere } else { arrival.answer };
                self.deliver(Arrival { answer, ..arrival }, there_ms);
                self.deliver(copy, second_ms);
            }
            _ => self.deliver(arrival, there_ms),
        }
    }

    fn deliver(&mut self, arrival: Arrival, in_ms: i64) {
        self.plan(self.now_ms + in_ms, What::Arrive(Box::new(arrival)));
    }

    fn not_sent(&mut self, sale: usize, send: &Send, device_clock: bool, after_ms: i64) -> Verdict {
        let end = End::NotSent { device_clock, why: "simulated" };
        let (life, handle, number) = (self.life, send.handle, send.number);
        self.plan(self.now_ms + after_ms, What::Ended { life, sale, handle, number, end });
        Ok(())
    }

    fn no_answer(&mut self, arrival: &Arrival, after_ms: i64, why: &'static str) {
        let (life, sale) = (arrival.life, arrival.sale);
        let (handle, number): (Handle, u32) = (arrival.send.handle, arrival.send.number);
        self.plan(self.now_ms + after_ms, What::Ended { life, sale, handle, number, end: End::NoAnswer(why) });
    }

    fn left(&mut self, sale: usize, op: Operation) {
        let now_ms = self.gateway_ms();
        let sale = &mut self.sales[sale];
        match op {
            Operation::Reverse => sale.reverse_left_ms = Some(now_ms),
            Operation::Charge | Operation::CreateQr => {
                sale.may_have_left = true;
                sale.charges_on_the_way += 1;
            }
            Operation::Refund => {
                sale.may_have_left = true;
                sale.refunds_on_the_way += 1;
            }
            _ => {}
        }
    }

    /// It has arrived, or never will.
    fn arrived(&mut self, sale: usize, op: Operation) {
        match op {
            Operation::Charge | Operation::CreateQr => self.sales[sale].charges_on_the_way -= 1,
            Operation::Refund => self.sales[sale].refunds_on_the_way -= 1,
            _ => {}
        }
    }

    /// A request reaches its gateway.
    pub(crate) fn arrive(&mut self, arrival: Arrival) -> Verdict {
        let (sale, op) = (arrival.sale, arrival.send.op);
        if arrival.first {
            self.arrived(sale, op);
        }
        if !arrival.first {
            // Whether a gateway looks at nonces is documented nowhere: the copy gets as far as its order number.
            self.world.forget_nonces(&self.merchant.id).expect("the merchant is there");
        }
        self.take_number(&arrival);
        if op == Operation::Query {
            self.sales[sale].asked_at_ms = self.gateway_ms();
        }
        let (was_there, refunds) = (self.order(sale).is_some(), self.refunds_of(sale));
        let plan = self.plan_of(&arrival);
        self.world.plan(&self.merchant.id, plan).expect("the merchant is there");
        let request = HttpRequest {
            connection: if arrival.fresh { 1 } else { 2 },
            place_on_connection: if arrival.fresh { 1 } else { 2 },
            ..HttpRequest::post(arrival.path, arrival.body.to_vec())
        };
        let answer = self.world.exchange(&request, self.gateway_ms()).answer;
        let struck = self.world.rules(&self.merchant.id).expect("the merchant is there").is_empty();
        ensure(struck, "a fault strikes", || format!("sale {sale}: {op:?} is spared {:?}", arrival.fault))?;
        if !was_there && self.order(sale).is_some() {
            self.order_was_made(sale, arrival.fault);
        }
        let booked = refunds..self.refunds_of(sale);
        let is_new = !booked.is_empty();
        self.sales[sale].payouts.extend(booked);
        if is_new {
            self.refund_was_booked(sale);
        }
        self.say(|day| {
            let body = String::from_utf8_lossy(&answer.body);
            let order = day.order(sale).map(|order| (order.state, order.money_minor, order.charges));
            format!("sale {sale}: {} arrives; the order: {order:?}; {} {body}", op.code(), answer.status)
        });
        if arrival.fault == Some(Fault::NotFound) && asks_for_the_order(self.sales[sale].gateway_kind(), op) {
            self.sales[sale].audit.no_order = Some(arrival.send.number);
        }
        self.late_money(sale, op);
        let (end, after_ms) = match arrival.answer {
            Way::Nowhere => return Ok(()),
            Way::Cut(after_ms) => (End::NoAnswer("cut"), after_ms),
            Way::Back(after_ms) => {
                let Some(end) = self.read(&arrival, answer.status, answer.body) else { return Ok(()) };
                (end, after_ms)
            }
        };
        let (life, handle, number) = (arrival.life, arrival.send.handle, arrival.send.number);
        self.plan(self.now_ms + after_ms, What::Ended { life, sale, handle, number, end });
        Ok(())
    }

    /// Somebody has used the order number before, and has paid: only where the answer will be heard.
    fn take_number(&mut self, arrival: &Arrival) {
        let sale = &self.sales[arrival.sale];
        let starts = matches!(arrival.send.op, Operation::Charge | Operation::CreateQr);
        let tells = matches!(
            sale.gateway_kind(),
            GatewayKind::BlueoceanV1 | GatewayKind::TencentCpay | GatewayKind::Huishouyin
        );
        let heard = arrival.fault.is_none() && arrival.life == self.life && self.till.is_some();
        if !(sale.takes_number && starts && tells && heard) || self.order(arrival.sale).is_some() {
            return;
        }
        let order = others_order(sale, self.gateway_ms() - 3_600_000);
        self.world.add_order(&self.merchant.id, order).expect("the merchant is there");
        self.sales[arrival.sale].taken = true;
        self.cover_state(Fault::NumberTaken, arrival.sale);
    }

    /// What the gateway's customers and the gateway itself do about this request.
    fn plan_of(&self, arrival: &Arrival) -> Plan {
        let born_ms = if arrival.send.op == Operation::RefundQuery {
            self.payouts(arrival.sale).first().map(|refund| refund.created_at_ms)
        } else {
            self.order(arrival.sale).map(|order| order.created_at_ms)
        };
        let kind = self.sales[arrival.sale].gateway_kind();
        let young = asks_for_the_order(kind, arrival.send.op)
            || born_ms.is_some_and(|born_ms| self.gateway_ms() - born_ms < LAG_MS);
        let fault = arrival.fault.filter(|fault| arrival.first && (*fault != Fault::NotFound || young));
        let what = fault.and_then(Fault::misbehaviour);
        Plan {
            customer: Some(self.sales[arrival.sale].customer.clone()),
            refunds: Some(self.sales[arrival.sale].refunding),
            rules: what.map(|what| Rule::new(sandbox_op(kind, arrival.send.op), what)).into_iter().collect(),
            coupon_minor: self.sales[arrival.sale].coupon_minor,
            close_after_five_minutes: self.seed.is_multiple_of(2),
            ..Plan::new()
        }
    }

    /// How many refunds its order has.
    fn refunds_of(&self, sale: usize) -> usize {
        self.order(sale).map_or(0, |order| order.refunds.len())
    }

    /// The answer as the till's reader takes it; none where that process is no more.
    fn read(&mut self, arrival: &Arrival, status: u16, mut body: Vec<u8>) -> Option<End> {
        let forged = arrival.fault == Some(Fault::Forged);
        if forged {
            let bare = self.rng.chance(500);
            let refund = arrival.send.order.refund.as_ref().map(|refund| refund.number.as_str());
            body = forge(&body, &arrival.send.order.number, refund, bare);
        }
        let off_ms = if arrival.fault == Some(Fault::ClockHeader) { -86_400_000 } else { 0 };
        let ahead_ms = self.gateway_ms() / 1_000 * 1_000 + off_ms - self.now_ms;
        let till = self.till.as_mut().filter(|_| self.life == arrival.life)?;
        till.gateway_ahead_ms[arrival.send.port] = Some(ahead_ms);
        let response = WireResponse { status, body, fresh: arrival.fresh, verified_tls: !forged };
        Some(End::Reply(arrival.send.read(till.ports[arrival.send.port].gateway.as_ref(), &response)))
    }

    /// The till learns how an exchange ended.
    pub(crate) fn ended(&mut self, sale: usize, handle: Handle, number: u32, end: End) -> Verdict {
        self.say(|_| format!("sale {sale}: {number} ends: {end:?}"));
        self.judge_ended(sale, number, &end);
        self.handle(Event::Ended { handle, number, end })
    }

    /// `fault`: what the request that made it has met.
    fn order_was_made(&mut self, sale: usize, fault: Option<Fault>) {
        let number = self.sales[sale].gateway_order.clone();
        if self.sales[sale].other_sum
            && let Ok(order) = self.world.order_mut(&self.merchant.id, &number)
            && order.is_open()
        {
            order.charged_minor += 1;
            self.cover_state(Fault::OtherSum, sale);
        }
        // The till may have heard of the copy that its number is taken: of its own order, which nobody then closes.
        self.plan_calls(sale, fault == Some(Fault::DoubledRequest));
        // Whoever is told nothing finds the money gone again.
        let unheard =
            matches!(fault, Some(Fault::LostAfter | Fault::CutAnswer | Fault::Http500After | Fault::HtmlAfter));
        if unheard && self.rng.chance(self.weather.other_hands_rate * OTHER_HANDS_TIMES) {
            self.plan_in(100, 60_000, What::OtherHands(sale));
        }
        // So late that the till has given up its request.
        let late = fault == Some(Fault::DelayedRequest);
        if let Some((after_ms, _)) = self.sales[sale].decides {
            self.plan(self.now_ms + after_ms, What::CustomerDecides(sale));
        }
        if let Some(after_ms) = self.sales[sale].regrets_ms.filter(|_| !late && self.sales[sale].may_turn()) {
            self.plan(self.now_ms + after_ms, What::CustomerRegrets(sale));
        }
    }

    /// A payment that has failed succeeds at the second try.
    pub(crate) fn customer_regrets(&mut self, sale: usize) -> Verdict {
        if self.order(sale).is_some_and(|order| order.state == OrderState::Failed) {
            let number = self.sales[sale].gateway_order.clone();
            self.world.pay(&self.merchant.id, &number, self.gateway_ms()).expect("the order is there");
            self.cover_state(Fault::SecondTry, sale);
            self.say(|_| format!("sale {sale}: the customer tries again, and pays"));
        }
        Ok(())
    }

    /// The customer has typed the password, or has given up.
    pub(crate) fn customer_decides(&mut self, sale: usize) -> Verdict {
        let open = self.order(sale).is_some_and(|order| order.is_open() && !self.has_expired(order));
        let Some((_, pays)) = self.sales[sale].decides.filter(|_| open) else { return Ok(()) };
        let number = self.sales[sale].gateway_order.clone();
        if pays {
            self.world.pay(&self.merchant.id, &number, self.gateway_ms()).expect("the order is there");
        } else if self.sales[sale].kind == PaymentKind::Charge {
            self.world.decline(&self.merchant.id, &number).expect("the order is there and open");
        }
        self.say(|_| format!("sale {sale}: the customer {}", if pays { "pays" } else { "gives up" }));
        Ok(())
    }

    /// Now and then a failure that was believed turns into a success: before the till cleans up after it, or after that was
    /// in vain.
    pub(crate) fn customer_may_turn(&mut self, sale: usize, payment: &Payment) {
        let cleaning = payment.state == PaymentState::Failed && payment.follow_up == FollowUp::Cleaning;
        if cleaning && !self.sales[sale].turned && self.rng.chance(100) {
            self.sales[sale].turned = true;
            let latest_ms = *self.rng.pick(&[8_000, TURNS_MS]);
            self.plan_in(100, latest_ms, What::CustomerRegrets(sale));
        }
    }

    fn late_money(&mut self, sale: usize, op: Operation) {
        let late = self.order(sale).is_some_and(|order| {
            order.state == OrderState::Paid
                && order.ended_at_ms.is_some()
                && matches!(order.customer, Customer::PaysLate { .. })
        });
        if late && matches!(op, Operation::Reverse | Operation::Close) {
            self.cover_state(Fault::LateMoney, sale);
        }
    }
}

/// An order of another till under this sale's number, and of the same amount, paid at `paid_at_ms`.
fn others_order(sale: &Sale, paid_at_ms: i64) -> Order {
    let qr = sale.kind == PaymentKind::Qr;
    Order {
        gateway: Kind::ALL[sale.gateway],
        order_number: sale.order_number.clone(),
        kind: if qr { OrderKind::Qr } else { OrderKind::Charge },
        amount_minor: sale.amount.minor,
        charged_minor: sale.amount.minor,
        currency: sale.amount.currency.to_string(),
        state: OrderState::Paid,
        money_minor: sale.amount.minor,
        charges: 1,
        returns: 0,
        queries: 0,
        gateway_number: "4200000000000000000000000000".to_owned(),
        wallet_number: "2000000000000000000000000000".to_owned(),
        qr: qr.then(|| "weixin://wxpay/bizpayurl?pr=another".to_owned()),
        created_at_ms: paid_at_ms,
        paid_at_ms: Some(paid_at_ms),
        ended_at_ms: None,
        expires_at_ms: None,
        texts: BTreeMap::new(),
        customer: Customer::Pays,
        coupon_minor: 0,
        refunds: Vec::new(),
    }
}

/// A success of another order, with our number pasted over its own; nobody but the gateway can sign it. `bare`: without
/// the signature that it had.
fn forge(body: &[u8], number: &str, refund: Option<&str>, bare: bool) -> Vec<u8> {
    let mut forged = String::from_utf8_lossy(body).into_owned();
    // The sandbox's numbers of others end so.
    let numbers = refund.into_iter().map(|refund| (refund, ['9', '6'])).chain([(number, ['7', '8'])]);
    for (number, [usual, instead]) in numbers {
        let mut theirs = number[..number.len().saturating_sub(1)].to_owned();
        theirs.push(if number.ends_with(usual) { instead } else { usual });
        forged = forged.replace(&theirs, number);
    }
    if !bare {
        return forged.into_bytes();
    }
    let mut answer: Value = serde_json::from_str(&forged).unwrap_or_default();
    for place in ["", "/data"] {
        if let Some(object) = answer.pointer_mut(place).and_then(Value::as_object_mut) {
            object.remove("sign");
            object.remove("authen_info");
        }
    }
    answer.to_string().into_bytes()
}

fn named(fault: Option<Fault>) -> String {
    fault.map_or_else(String::new, |fault| format!(", and meets {fault:?}"))
}
