//! The judge: compares what the till says, and what it sends, with what the gateways hold. It knows the promises and the
//! rules of sending, and nothing of how the flow keeps them.

use paywand::{
    FollowUp, Payment, PaymentKind, PaymentState, PaywandError, Reason,
    driver::Ticket,
    flow::Time,
    gateway::{GatewayKind, Operation},
    store::{Done, Job, Stored},
};
use paywand_sandbox::{Order, OrderState};

use crate::{
    day::{Day, What},
    log,
    till::Asked,
};

/// A call is answered within this: a commit and what waits before it.
const ANSWER_MS: i64 = 30_000;

/// What comes in so soon after an end that is watched, or a reverse that left in vain, is found: the last question comes half
/// an hour after it, and waits for its answer.
const WATCHED_MS: i64 = 20 * 60_000;

/// A promise, or a rule of sending, that was not kept.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    /// Which.
    pub(crate) check: &'static str,
    /// What happened instead.
    pub(crate) what: String,
}

pub(crate) type Verdict = Result<(), Violation>;

impl Violation {
    pub(crate) fn new(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, what: what.into() }
    }
}

pub(crate) fn ensure(kept: bool, check: &'static str, what: impl FnOnce() -> String) -> Verdict {
    if kept { Ok(()) } else { Err(Violation::new(check, what())) }
}

/// A row as it stands in the store.
pub(crate) struct Committed {
    pub(crate) payment: Payment,
    pub(crate) flow: String,
    /// When the step was taken that it stands after.
    pub(crate) at: Time,
    /// As the driver knows it, where its last commit failed and landed all the same.
    pub(crate) before: Option<Payment>,
}

impl Day<'_> {
    /// A job has been committed, whether or not the driver learns of it.
    ///
    /// `failed`: the driver is told that it has failed.
    pub(crate) fn judge_commit(&mut self, job: &Job, result: &Result<Done, PaywandError>, failed: bool) -> Verdict {
        match (job, result) {
            (Job::Begin(intent), Ok(Done::Begun(stored))) => self.judge_begun(stored, Time(intent.time_ms)),
            (Job::Begin(intent), Ok(Done::RefundTurnedAway(error))) => self.judge_turned_away(intent, error),
            (_, Ok(Done::Existing(_))) => Ok(()),
            (Job::Change(change), Ok(Done::Changed)) => {
                self.judge_step(change)?;
                let (payment, flow) = (change.payment.clone(), change.flow.clone());
                if let Some(before) = self.committed.get(&payment.id) {
                    let at = Time(change.time_ms);
                    self.judge_settlement(self.place_of(&payment)?, &before.payment, &payment, at)?;
                }
                let old = self.committed.remove(&payment.id).filter(|_| failed);
                let before = old.map(|old| old.before.unwrap_or(old.payment));
                self.committed.insert(payment.id, Committed { payment, flow, at: Time(change.time_ms), before });
                Ok(())
            }
            (_, Ok(done)) => Err(Violation::new("the store does what it is given", format!("{done:?}"))),
            (_, Err(error)) => Err(Violation::new("the store does what it is given", error.to_string())),
        }
    }

    /// A new payment stands in the store.
    fn judge_begun(&mut self, stored: &Stored, at: Time) -> Verdict {
        let payment = &stored.payment;
        let Some(place) = self.sales.iter().position(|sale| sale.key == payment.request_key) else {
            return Err(Violation::new("one key, one payment", format!("nobody asked for {}", payment.request_key)));
        };
        let sale = &self.sales[place];
        ensure(sale.id.is_none(), "one key, one payment", || format!("sale {place} is begun a second time"))?;
        ensure(sale.amount == payment.amount, "one key, one payment", || format!("sale {place} has another amount"))?;
        ensure(!sale.asked_of_unhealthy, "three unverified, no new sale", || format!("sale {place} is begun"))?;
        let port = self.till.as_ref().and_then(|till| till.port(sale.gateway_kind()));
        if let (Some(till), Some(port)) = (&mut self.till, port) {
            till.unverified[port].1 = self.now_ms;
        }
        for (other, rival) in self.sales.iter().enumerate() {
            let Some(row) = rival.id.and_then(|id| self.committed.get(&id)) else { continue };
            if row.payment.is_final {
                continue;
            }
            let same_code = !sale.code_text.is_empty() && sale.code_text == rival.code_text;
            ensure(!same_code, "a code in doubt is not charged again", || format!("sales {other} and {place}"))?;
            let same_kind = (sale.refund_of == rival.refund_of) && sale.kind != PaymentKind::Qr;
            let alike = same_kind && rival.gateway == sale.gateway && rival.amount == sale.amount;
            let young = self.now_ms - rival.seen_ms.max(self.started_ms) < 9 * 60_000;
            let repeat = alike && young && !sale.another_sale;
            ensure(!repeat, "what looks like a repeat is asked about", || format!("sales {other} and {place}"))?;
        }
        let account = self.account_of(place);
        let original = self.sales[place].refund_of.map(|original| self.sales[original].gateway_order.clone());
        let sale = &mut self.sales[place];
        sale.id = Some(payment.id);
        sale.begun_in = self.life;
        sale.seen_ms = self.now_ms;
        sale.account = account;
        sale.order_number.clone_from(&payment.order_number);
        sale.refund_number = original.as_ref().map(|_| payment.order_number.clone());
        sale.gateway_order = original.unwrap_or_else(|| payment.order_number.clone());
        let known = self.by_order.insert(payment.order_number.clone(), place);
        ensure(known.is_none(), "order numbers are unique", || payment.order_number.clone())?;
        let row = Committed { payment: payment.clone(), flow: stored.flow.clone(), at, before: None };
        self.committed.insert(payment.id, row);
        self.judge_refund_begun(place, stored)
    }

    /// After a start: everything that may have left is known, and ages begin anew.
    pub(crate) fn judge_start(&mut self, stored: &[Stored], now: Time) -> Verdict {
        self.started_ms = self.now_ms;
        let Some(till) = &self.till else { return Ok(()) };
        let mut rows = Vec::new();
        for stored in stored {
            rows.extend(till.shelf.payment(stored.payment.id).map_err(unreadable)?);
        }
        for (place, sale) in self.sales.iter_mut().enumerate() {
            if sale.may_have_left {
                let row = till.shelf.find(&sale.key).map_err(unreadable)?;
                ensure(row.is_some(), "nothing in flight is forgotten", || {
                    format!("sale {place} is not in the store")
                })?;
            }
            let working = sale.id.and_then(|id| self.committed.get(&id)).is_some_and(|row| row.payment.unfinished());
            let found = stored.iter().any(|row| row.payment.request_key == sale.key);
            ensure(found || !working, "nothing in flight is forgotten", || {
                format!("sale {place} is not taken up again")
            })?;
            sale.audit.restart(now);
        }
        for row in rows {
            if let Some(place) = self.by_order.get(&row.payment.order_number) {
                self.sales[*place].audit.remember(&row.flow);
            }
            self.committed
                .insert(row.payment.id, Committed { payment: row.payment, flow: row.flow, at: now, before: None });
        }
        Ok(())
    }

    /// The till reports a payment.
    pub(crate) fn judge_told(&mut self, payment: &Payment) -> Verdict {
        self.judge_committed(payment)?;
        log::told(|| format!("{payment:?} {}", payment.to_json()));
        let place = self.place_of(payment)?;
        self.say(|_| format!("sale {place}: told: {:?} {:?}", payment.state, payment.reason));
        let settled = matches!(payment.state, PaymentState::SettledPaid | PaymentState::SettledNotPaid);
        ensure(!settled || self.sales[place].settle_asked, "only a person settles", || format!("{payment:?}"))?;
        if let Some(before) = self.sales[place].told.clone() {
            judge_end_stays(&before, payment)?;
        }
        self.sales[place].shown |= payment.state == PaymentState::ShowingQr;
        self.judge_returned(place, payment)?;
        if payment.kind != PaymentKind::Refund {
            self.judge_truth(place, payment)?;
        }
        self.coverage.reached(self.sales[place].gateway, payment);
        if payment.is_final {
            self.sales[place].ended_ms = self.sales[place].ended_ms.or(Some(self.gateway_ms()));
        }
        self.sales[place].told = Some(payment.clone());
        self.customer_may_turn(place, payment);
        Ok(())
    }

    /// While a reverse may be out that has not been asked about since, and may still arrive, no person settles.
    fn judge_settlement(&self, place: usize, before: &Payment, now: &Payment, at: Time) -> Verdict {
        let settled = matches!(now.state, PaymentState::SettledPaid | PaymentState::SettledNotPaid);
        let audit = &self.sales[place].audit;
        let (reverse_arrives, refund_arrives) = self.may_arrive(place, at);
        let asks = matches!(before.reason, Some(Reason::Unresolved | Reason::NeverSeen | Reason::SignatureFails));
        let reverse_out = audit.open.is_some() || (asks && !audit.asked_since_undo && reverse_arrives);
        let reverse_out = self.sales[place].kind == PaymentKind::Charge && audit.undo_left && reverse_out;
        let story = || format!("sale {place}: {before:?} became {now:?}");
        ensure(!settled || before.is_final || !reverse_out, "no settlement while a reverse is out", story)?;
        let asks = asks || before.reason == Some(Reason::RefundChanged);
        let sending = audit.open.is_some_and(|(_, op)| op == Operation::Refund);
        let refund_out = audit.open.is_some() || (asks && !audit.asked_since_undo && refund_arrives);
        let refund_out = sending || (audit.refund_left && refund_out);
        ensure(!settled || before.is_final || !refund_out, "no settlement while a refund is out", story)
    }

    /// Whether a reverse of a charge, and whether a refund, that may have left can still arrive.
    fn may_arrive(&self, place: usize, at: Time) -> (bool, bool) {
        let (sale, till) = (&self.sales[place], self.till.as_ref());
        let port = till.and_then(|till| till.port(sale.gateway_kind()).map(|port| &till.ports[port]));
        let horizon_ms = port.map_or(0, |port| port.timing.landing_horizon_ms);
        let arrives = |left: bool, left_at: Time| left && at < left_at.after(horizon_ms);
        let reversed = sale.kind == PaymentKind::Charge && sale.audit.undo_left;
        (arrives(reversed, sale.audit.reverse_ended_at), arrives(sale.audit.refund_left, sale.audit.refund_ended_at))
    }

    /// What can no longer arrive, and is not asked about just now, holds up nobody who settles.
    fn judge_refused(&self, place: usize) -> Verdict {
        let audit = &self.sales[place].audit;
        let (reverse_arrives, refund_arrives) = self.may_arrive(place, self.time());
        let waits = audit.open.is_some() || reverse_arrives || refund_arrives;
        ensure(waits, "a person can settle what can no longer arrive", || format!("sale {place}: {audit:?}"))
    }

    fn place_of(&self, payment: &Payment) -> Result<usize, Violation> {
        let place = self.by_order.get(&payment.order_number).copied();
        place.ok_or_else(|| Violation::new("commit, then act, then tell", format!("{payment:?} is in no store")))
    }

    fn judge_committed(&self, payment: &Payment) -> Verdict {
        let row = self.committed.get(&payment.id);
        let stands = row.is_some_and(|row| row.payment == *payment || row.before.as_ref() == Some(payment));
        ensure(stands, "commit, then act, then tell", || {
            format!("told {payment:?}, in the store {:?}", row.map(|row| &row.payment))
        })
    }

    /// A call is answered.
    pub(crate) fn judge_answer(&mut self, ticket: Ticket, result: Result<Payment, PaywandError>) -> Verdict {
        let Some(till) = &mut self.till else { return Ok(()) };
        let Some((asked_ms, asked)) = till.tickets.remove(&ticket) else {
            return Err(Violation::new("every call ends", "a call is answered twice"));
        };
        let last = !till.tickets.values().any(|(_, other)| *other == asked);
        let took_ms = self.now_ms - asked_ms;
        ensure(took_ms <= ANSWER_MS, "every call ends", || format!("{asked:?} took {took_ms} ms"))?;
        match &result {
            Ok(payment) => self.judge_committed(payment)?,
            Err(error) => log::told(|| format!("{error} {error:?}")),
        }
        match (asked, result) {
            (Asked::Sale(place), Ok(payment)) => {
                self.refund_was_begun(place, &payment);
                ensure(self.sales[place].id == Some(payment.id), "one key, one payment", || {
                    format!("sale {place} is {:?}, and told to be {}", self.sales[place].id, payment.id)
                })
            }
            (Asked::Sale(place), Err(error)) => {
                self.sales[place].refused |= last;
                ensure(!matches!(error, PaywandError::KeyReused { .. }), "one key, one payment", || {
                    format!("sale {place}: the same key again is an error: {error}")
                })
            }
            (Asked::OtherSale(place), Ok(payment)) => Err(Violation::new(
                "one key, one payment",
                format!("sale {place} with another amount is taken for {}", payment.id),
            )),
            (Asked::Wish(place), Err(PaywandError::ReverseInFlight { .. })) => self.judge_refused(place),
            (Asked::OtherSale(_) | Asked::Wish(_), _) => Ok(()),
            (Asked::Callback { sale, foreign: false }, Ok(payment)) => {
                let ours = self.sales[sale].id == Some(payment.id);
                self.call_was_taken(sale);
                ensure(ours, "a right callback is taken", || format!("sale {sale}, and told to be {}", payment.id))
            }
            (Asked::Callback { foreign: true, .. }, Err(PaywandError::NoSuchOrder { .. })) => Ok(()),
            // It comes again.
            (Asked::Callback { sale, .. }, Err(PaywandError::StoreUnavailable { .. })) => {
                self.plan_in(5_000, 60_000, What::Call(sale));
                Ok(())
            }
            (Asked::Callback { sale, .. }, result) => {
                Err(Violation::new("a right callback is taken", format!("sale {sale}: {result:?}")))
            }
        }
    }

    /// What is said of a payment, against the gateway's books.
    fn judge_truth(&self, place: usize, payment: &Payment) -> Verdict {
        let sale = &self.sales[place];
        let order = self.order(place);
        let story =
            || format!("sale {place} is told to be {:?} {:?}; the order: {order:?}", payment.state, payment.reason);
        // Nobody can pay a QR that has been shown to nobody.
        let payable = sale.kind == PaymentKind::Charge || sale.shown;
        let open = payable && order.is_some_and(|order| order.is_open() && !self.has_expired(order));
        let money = order.map_or(0, |order| order.money_minor);
        let held = order.map_or(0, Order::held_minor);
        match payment.state {
            PaymentState::Paid => {
                let ours = order.is_some_and(|order| {
                    order.state == OrderState::Paid
                        && order.money_minor + order.coupon_minor == payment.amount.minor
                        && order.currency == payment.amount.currency.to_string()
                });
                ensure(ours, "paid means paid, to us, this much", story)?;
                let others = sale.taken && sale.audit.number_taken;
                ensure(!others, "another sale's money pays nothing", story)?;
                let undone = sale.audit.undo_left && sale.kind == PaymentKind::Charge;
                ensure(!undone, "after a reverse may have left, never paid", story)?;
                ensure(!payment.cancel_too_late || sale.cancel_asked, "a cancel was asked for", story)
            }
            PaymentState::Failed => {
                let nothing_sent =
                    matches!(payment.reason, Some(Reason::NotSent | Reason::DeviceClock | Reason::Cancelled));
                ensure(!nothing_sent || !sale.may_have_left, "failed means proved", story)?;
                let coming = payable && sale.charges_on_the_way > 0;
                let proved = money == 0 && !open && !coming;
                ensure(proved || payment.contradicted || sale.turned, "failed means proved", story)
            }
            PaymentState::Reversed | PaymentState::Closed => {
                let coming = payable && sale.charges_on_the_way > 0;
                ensure(!open && !coming, "undone means that it can no longer be paid", story)?;
                // Money that came before the end went back with it; what comes after is late, and found by watching.
                let kept = held > 0 && order.is_some_and(|order| order.ended_at_ms.is_none());
                ensure(!kept, "undone means that the money went back", story)?;
                let others = order.is_some_and(|order| order.state == OrderState::Paid && order.ended_at_ms.is_none());
                ensure(!others || sale.audit.undo_left, "what other hands gave back needs a person", story)
            }
            // The answer that brings the QR tells the amount only at huishouyin.
            PaymentState::ShowingQr if sale.gateway_kind() == GatewayKind::Huishouyin && !sale.other_sum => {
                let ours = order.is_none_or(|order| order.charged_minor == sale.amount.minor);
                ensure(ours, "a QR is shown for our amount", story)
            }
            PaymentState::NeedsAttention if payment.reason == Some(Reason::RefundByHand) => {
                let charges = order.map_or(0, |order| order.charges);
                ensure(charges > 0, "nobody is told to give back what never came", story)
            }
            _ => Ok(()),
        }
    }

    /// The end of the day, long after the world has healed.
    pub(crate) fn judge_the_end(&mut self) -> Verdict {
        let Some(till) = &self.till else { return Err(Violation::new("it comes to rest", "the till is not up")) };
        ensure(till.tickets.is_empty(), "every call ends", || format!("{:?}", till.tickets.values()))?;
        self.judge_orders()?;
        self.judge_refunds()?;
        for place in 0..self.sales.len() {
            self.judge_last_word(place)?;
        }
        self.judge_store()?;
        self.judge_secrets()
    }

    /// Every order is some sale's only one.
    fn judge_orders(&self) -> Verdict {
        for order in self.orders() {
            let story = || format!("{order:?}");
            let sale =
                self.sales.iter().find(|sale| sale.refund_of.is_none() && sale.gateway_order == order.order_number);
            let known = sale.is_some_and(|sale| sale.id.is_some_and(|id| self.committed.contains_key(&id)));
            ensure(known, "nothing in flight is forgotten", story)?;
            ensure(order.charges <= 1, "one key, one payment", story)?;
        }
        Ok(())
    }

    /// What the customer was asked for came in, but for what a coupon took off.
    fn is_paid_in_full(&self, place: usize, payment: &Payment) -> bool {
        let paid = self.order(place).map_or(0, |order| order.money_minor + order.coupon_minor);
        paid == payment.amount.minor
    }

    fn judge_last_word(&self, place: usize) -> Verdict {
        let sale = &self.sales[place];
        let Some(row) = sale.id.and_then(|id| self.committed.get(&id)) else { return Ok(()) };
        let payment = &row.payment;
        let order = self.order(place);
        let money = order.map_or(0, |order| order.money_minor);
        let held = order.map_or(0, Order::held_minor);
        let bound = order.map_or(0, Order::bound_minor);
        let story =
            || format!("sale {place} ends as {payment:?} with {}; the order: {:?}", row.flow, self.order(place));
        let ended = payment.is_final || payment.state == PaymentState::NeedsAttention;
        ensure(ended, "it comes to an end, or to a person", story)?;
        // What was begun with an account that is gone is watched again when it is back.
        let own_account = self.account_of(place) == sale.account;
        ensure(payment.follow_up == FollowUp::None || !own_account, "it comes to rest", story)?;
        // maxfun cannot be asked; under a number that was taken the money may be another sale's.
        let watched = own_account && sale.gateway != 0 && !sale.audit.number_taken;
        // Money that came with the last question, or after it, nobody can see, unless the gateway called.
        let paid_at_ms = order.and_then(|order| order.paid_at_ms).unwrap_or_default();
        let soon = |at_ms: i64| (0..WATCHED_MS).contains(&(paid_at_ms - at_ms));
        let early = sale.ended_ms.is_some_and(|ended_ms| paid_at_ms < ended_ms + WATCHED_MS);
        let seen = early || paid_at_ms < sale.asked_at_ms.max(sale.told_of_ms);
        self.judge_returned(place, payment)?;
        if payment.kind == PaymentKind::Refund {
            return Ok(());
        }
        let acknowledged = !payment.cancel_too_late || payment.acknowledged;
        let known = sale.given_back_ms.is_none() || acknowledged;
        ensure(known, "who gives back knows that it was paid", story)?;
        match payment.state {
            PaymentState::Paid => {
                ensure(self.is_paid_in_full(place, payment), "paid means paid, to us, this much", story)
            }
            // What turned after it was believed is found where cleaning up asks; where nobody answers, or it was paid soon after
            // the one reverse had left, it is watched; or a gateway calls.
            PaymentState::Failed => {
                let tried_again = order.is_some_and(|order| order.ended_at_ms.is_none());
                let watched = sale.reverse_left_ms.map_or(tried_again && early, soon) && !sale.audit.number_taken;
                // What other hands give back looks unlike a payment.
                let found = own_account && (watched && bound == 0 || paid_at_ms < sale.told_of_ms);
                ensure(money == 0 || (sale.turned && !found), "failed means proved", story)
            }
            PaymentState::Reversed | PaymentState::Closed => {
                // Under a number that was taken only the clocks tell whose money it is, and they may be wrong.
                let telling = own_account && seen && !sale.audit.number_taken;
                ensure(held == 0 || !telling, "late money is found", story)
            }
            // What is being given back looks unlike a payment.
            PaymentState::SettledNotPaid if watched && seen && money > 0 && bound == 0 => {
                ensure(payment.contradicted, "a wrong settlement is found", story)
            }
            _ => Ok(()),
        }
    }

    /// The store holds what was committed, all of it, and its chain of hashes holds.
    fn judge_store(&self) -> Verdict {
        let Some(till) = &self.till else { return Ok(()) };
        let rows = till.shelf.rows().map_err(unreadable)?;
        ensure(rows.len() == self.committed.len(), "no row is lost", || {
            format!("{} rows, {} were committed", rows.len(), self.committed.len())
        })?;
        for payment in &rows {
            let row = self.committed.get(&payment.id);
            ensure(row.is_some_and(|row| row.payment == *payment), "no row is lost", || format!("{payment:?}"))?;
        }
        till.shelf.verify().map_err(unreadable)
    }
}

/// Only a contradiction leads away from an end, and only to a refund or a person.
fn judge_end_stays(before: &Payment, now: &Payment) -> Verdict {
    let undone = matches!(before.state, PaymentState::Failed | PaymentState::Reversed | PaymentState::Closed);
    let given_back = matches!(now.state, PaymentState::NeedsAttention | PaymentState::Refunding);
    let contradicted = undone && now.contradicted && given_back;
    let stays = !before.is_final || now.state == before.state || contradicted;
    ensure(stays, "an end stays an end", || format!("{:?} became {:?}", before.state, now.state))
}

pub(crate) fn unreadable(error: PaywandError) -> Violation {
    Violation::new("no row is lost", error.to_string())
}
