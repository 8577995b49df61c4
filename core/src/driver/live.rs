//! A payment that is not through: its flow, what is being committed, what waits for that.

use std::{collections::VecDeque, sync::Arc};

use super::{End, Fed, Handle, NewPayment, Now, Send, Ticket, Wish, note};
use crate::{
    flow::{Effect, Flow, Input, Refusal, Time},
    gateway::{Operation, Order, Receipt, Refund, Reply, Returned},
    payment::{Payment, PaymentKind, PaymentState, Reason},
    payment_code::PaymentCode,
    store::{Change, Intent, Job, Stored},
};

pub(crate) struct Live {
    pub(crate) payment: Payment,
    pub(crate) seq: i64,
    pub(crate) account: String,
    pub(crate) code_hash: Option<Vec<u8>>,
    /// None where the stored state is of no known version; `stored_flow` keeps its text.
    pub(crate) flow: Option<Flow>,
    pub(crate) stored_flow: String,
    pub(crate) port: Option<usize>,
    /// Kept until the charge is answered; gone after a restart.
    pub(crate) code: Option<Arc<PaymentCode>>,
    /// When this process first saw it.
    pub(crate) seen_at: Time,
    pub(crate) order_prefix: String,
    pub(crate) pending: Option<Pending>,
    pub(crate) queue: VecDeque<Fed>,
    /// Requests that met it while its intent was being committed.
    pub(crate) deferred: Vec<(Ticket, NewPayment)>,
}

/// A step on its way to the store.
pub(crate) struct Pending {
    pub(crate) next: Option<Flow>,
    pub(crate) effect: Effect,
    pub(crate) payment: Payment,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) event: String,
    pub(crate) time: Time,
}

impl Pending {
    /// The job that commits it; made again, it is the same.
    pub(crate) fn job(&self, live: &Live) -> Job {
        let flow = self.next.as_ref().map_or_else(|| live.stored_flow.clone(), Flow::to_stored);
        let (payment, event, time_ms) = (self.payment.clone(), self.event.clone(), self.time.0);
        if live.payment.id == 0 {
            Job::Begin(Box::new(Intent {
                payment,
                order_prefix: live.order_prefix.clone(),
                account: live.account.clone(),
                code_hash: live.code_hash.clone(),
                flow,
                event,
                time_ms,
            }))
        } else {
            Job::Change(Box::new(Change { payment, seq: live.seq.saturating_add(1), flow, event, time_ms }))
        }
    }
}

impl Live {
    /// The step that `fed` asks for; none where nothing changes.
    pub(crate) fn step(&mut self, fed: Fed, now: Now) -> Result<Option<Pending>, Refusal> {
        let event = note::event(&fed, self.flow.as_ref());
        let ticket = fed.ticket();
        let mut payment = self.payment.clone();
        if let Fed::Acknowledged | Fed::Wish { wish: Wish::Acknowledge, .. } = fed {
            if !payment.cancel_too_late || payment.acknowledged {
                return Ok(None);
            }
            payment.acknowledged = true;
            payment.updated_at_ms = now.wall_ms;
            let (next, effect) = (self.flow.clone(), Effect::Rest);
            return Ok(Some(Pending { next, effect, payment, ticket, event, time: now.time }));
        }
        let Some(flow) = &self.flow else { return self.step_unreadable(fed, event, now) };
        take_facts(&mut payment, &fed, flow);
        let input = input_of(fed, flow);
        let step = flow.step(input, now.time)?;
        show(&mut payment, &step.next);
        if step.next == *flow && payment == self.payment {
            return Ok(None);
        }
        payment.updated_at_ms = now.wall_ms;
        Ok(Some(Pending { next: Some(step.next), effect: step.effect, payment, ticket, event, time: now.time }))
    }

    /// A payment whose stored state nobody can read waits for a person, and only for a person.
    fn step_unreadable(&self, fed: Fed, event: String, now: Now) -> Result<Option<Pending>, Refusal> {
        let ticket = fed.ticket();
        let mut payment = self.payment.clone();
        match fed {
            Fed::Wish { wish: Wish::Settle(settlement), .. } => {
                payment.state = if settlement.paid { PaymentState::SettledPaid } else { PaymentState::SettledNotPaid };
                payment.settled_by = Some(settlement);
                payment.reason = None;
            }
            Fed::Wish { wish: Wish::Cancel, .. } => return Err(Refusal::CannotCancel),
            _ => {
                payment.state = PaymentState::NeedsAttention;
                payment.reason = Some(Reason::StoredStateUnknown);
            }
        }
        payment.is_final = payment.state.is_final();
        if payment == self.payment {
            return Ok(None);
        }
        payment.updated_at_ms = now.wall_ms;
        Ok(Some(Pending { next: None, effect: Effect::Rest, payment, ticket, event, time: now.time }))
    }

    /// What the flow wants now, where an input changed nothing.
    pub(crate) fn effect_again(&self, now: Now) -> Effect {
        // A step that changes nothing sends nothing: sending changes the flow.
        let input = |flow: &Flow| Input::TimeUp { number: flow.number() };
        match self.flow.as_ref().map(|flow| flow.step(input(flow), now.time)) {
            Some(Ok(step)) if self.flow.as_ref() == Some(&step.next) => step.effect,
            Some(_) => Effect::WaitUntil(now.time),
            None => Effect::Rest,
        }
    }

    /// The intent is in the store.
    pub(crate) fn begun(&mut self, stored: Stored, pending: &Pending) {
        self.payment = stored.payment;
        self.seq = stored.seq;
        self.stored_flow = stored.flow;
        self.flow = pending.next.clone();
    }

    /// The step is in the store.
    pub(crate) fn changed(&mut self, pending: &Pending) {
        self.seq = self.seq.saturating_add(1);
        self.payment = pending.payment.clone();
        if let Some(next) = &pending.next {
            if !next.needs_code() {
                self.code = None;
            }
            self.stored_flow = next.to_stored();
            self.flow = Some(next.clone());
        }
        if !self.payment.unfinished() {
            self.code_hash = None;
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.flow.as_ref().map_or(0, Flow::number)
    }

    /// The exchange for `op`; none where the gateway, or the code, is gone.
    pub(crate) fn send(&self, handle: Handle, op: Operation) -> Option<Send> {
        let code = match op {
            Operation::Charge => Some(self.code.clone()?),
            _ => None,
        };
        let order = order_of(&self.payment);
        Some(Send { handle, number: self.number(), port: self.port?, op, order, code })
    }

    /// Ended, with nothing left to do or to acknowledge.
    pub(crate) fn is_through(&self) -> bool {
        self.pending.is_none() && self.queue.is_empty() && !self.payment.unfinished() && !self.payment.in_doubt()
    }
}

/// The order that `payment` is, or, where it is a refund, gives back.
pub(crate) fn order_of(payment: &Payment) -> Order {
    let order = Order {
        number: payment.order_number.clone(),
        amount: payment.amount,
        kind: payment.kind,
        wallet: payment.wallet,
        refund: None,
        texts: payment.texts.clone(),
        gateway_number: payment.gateway_order_number.clone(),
        pay_url: payment.pay_url.clone(),
    };
    match &payment.refund_of {
        Some(original) => Order {
            number: original.order_number.clone(),
            amount: original.amount,
            kind: original.kind,
            gateway_number: original.gateway_order_number.clone(),
            refund: Some(Refund { number: payment.order_number.clone(), amount: payment.amount }),
            ..order
        },
        None => {
            let number = own_refund_number(&payment.order_number);
            Order { refund: Some(Refund { number, amount: payment.refundable.unwrap_or(payment.amount) }), ..order }
        }
    }
}

/// The number of the refund that gives back the payment of this order number by itself: the last character is another.
/// The time part of an order number never repeats in one store, so no other order or refund has it.
fn own_refund_number(order_number: &str) -> String {
    let mut number = order_number.to_owned();
    let last = number.pop();
    number.push(if last == Some('R') { 'S' } else { 'R' });
    number
}

/// What the flow shows, in the payment.
fn show(payment: &mut Payment, flow: &Flow) {
    let view = flow.view();
    payment.state = view.state;
    payment.is_final = view.state.is_final();
    payment.reason = view.reason;
    payment.gateway_code = view.gateway_code;
    payment.follow_up = view.follow_up;
    payment.contradicted = view.contradicted;
    payment.cancel_too_late = view.cancel_too_late;
    if !matches!(view.state, PaymentState::Paid | PaymentState::Refunded) {
        payment.evidence = None;
    }
    if view.state != PaymentState::ShowingQr {
        // Whoever shows what is there shows no dead QR.
        payment.pay_url = None;
    }
}

/// What an answer tells besides the state.
fn take_facts(payment: &mut Payment, fed: &Fed, flow: &Flow) {
    match fed {
        // An answer to an older send only hastens the next query.
        Fed::End { number, end: End::Reply(reply) } if flow.awaits(*number) => match reply {
            Reply::Paid(Receipt { gateway_number, paid_at_ms, refundable, evidence }) => {
                payment.evidence = Some(*evidence);
                payment.refundable = refundable.or(payment.refundable);
                payment.received = Some(payment.amount);
                payment.paid_at_ms = *paid_at_ms;
                payment.gateway_order_number = gateway_number.clone().or(payment.gateway_order_number.take());
            }
            Reply::RefundProved(Returned { gateway_number, refunded_at_ms, evidence }) => {
                payment.evidence = Some(*evidence);
                if payment.kind == PaymentKind::Refund {
                    payment.received = Some(payment.amount);
                    payment.paid_at_ms = *refunded_at_ms;
                    payment.gateway_order_number = gateway_number.clone().or(payment.gateway_order_number.take());
                }
            }
            // What a payment's own refund tells is what went back, not what came in.
            Reply::PaidOther(amount) if payment.kind == PaymentKind::Refund || !asks_of_refund(flow) => {
                payment.received = Some(*amount);
            }
            Reply::QrReady { pay_url, gateway_number } => {
                payment.pay_url = Some(pay_url.clone());
                payment.gateway_order_number = gateway_number.clone();
            }
            _ => {}
        },
        Fed::Wish { wish: Wish::Settle(settlement), .. } => payment.settled_by = Some(settlement.clone()),
        _ => {}
    }
}

fn asks_of_refund(flow: &Flow) -> bool {
    matches!(flow.open_operation(), Some(Operation::Refund | Operation::RefundQuery))
}

fn input_of(fed: Fed, flow: &Flow) -> Input {
    match fed {
        Fed::End { number, end: End::Reply(reply) } => Input::Reply { number, reply },
        Fed::End { number, end: End::NotSent { device_clock, .. } } => Input::NotSent { number, device_clock },
        Fed::End { number, end: End::NoAnswer(_) } => Input::NoAnswer { number },
        Fed::TimeUp => Input::TimeUp { number: flow.number() },
        Fed::Wish { wish: Wish::Cancel, .. } => Input::CancelAsked,
        Fed::Wish { wish: Wish::Notified, .. } => Input::Notified,
        Fed::Wish { wish: Wish::Settle(settlement), .. } => Input::SettledByHand { paid: settlement.paid },
        Fed::Acknowledged | Fed::Wish { wish: Wish::Retry | Wish::Acknowledge, .. } => Input::RetryAsked,
        Fed::Start(input) => input,
    }
}
