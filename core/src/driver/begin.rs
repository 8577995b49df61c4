//! The beginning of a payment: what is refused before anything is stored, and the intent.

use std::collections::VecDeque;

use super::{Driver, Fed, Handle, Live, NewPayment, Now, Pending, Ticket, Trust, store_is_down};
use crate::{
    error::PaywandError,
    flow::{Flow, Input, Rules},
    payment::{FollowUp, Payment, PaymentKind, PaymentState, Reason},
    payment_code::PaymentCode,
    signing,
    store::Stored,
};

/// A second sale with the gateway and amount of one in doubt and younger than this looks like a repeat.
const REPEAT_WINDOW_MS: i64 = 10 * 60_000;

/// Why a request is refused for the sake of the payment of this id.
type Refused = fn(i64) -> PaywandError;

impl Driver {
    pub(super) fn begin(&mut self, ticket: Ticket, new: NewPayment, now: Now) {
        if let Some(handle) = self.by_key.get(&new.request_key).copied() {
            return self.join(ticket, handle, new);
        }
        if let Err(error) = self.refuse(&new, now) {
            return self.answer(ticket, Err(error));
        }
        let hash = new.code.as_deref().map(|code| self.hash(code));
        if let Some((handle, error)) = self.rival(&new, hash.as_deref(), now) {
            return self.join_or(ticket, handle, new, |payment, _| Err(error(payment.id)));
        }
        let handle = self.next_handle;
        self.next_handle = handle.saturating_add(1);
        let Some(live) = self.intent(&new, hash, now) else {
            return self.answer(ticket, Err(PaywandError::UnknownGateway { gateway: String::new() }));
        };
        if let Some(trust) = self.trust.get_mut(new.port) {
            trust.sold(now.time);
        }
        self.by_key.insert(new.request_key, handle);
        let pending = live.flow.as_ref().and_then(|flow| flow.step(Input::Begin, now.time).ok()).map(|step| Pending {
            next: Some(step.next),
            effect: step.effect,
            payment: Payment { state: first_state(live.payment.kind), ..live.payment.clone() },
            ticket: Some(ticket),
            event: super::note::event(&Fed::Start(Input::Begin), None),
            time: now.time,
        });
        self.live.insert(handle, live);
        if let Some(pending) = pending {
            self.commit(handle, pending);
        }
    }

    /// The same key again: the same payment, or an error if it names something else.
    fn join(&mut self, ticket: Ticket, handle: Handle, new: NewPayment) {
        let gateway = self.ports.get(new.port).map(|port| port.id.clone());
        self.join_or(ticket, handle, new, |payment, new| {
            let same = same_sale(payment, new, gateway.as_deref());
            if same { Ok(payment.clone()) } else { Err(PaywandError::KeyReused { id: payment.id }) }
        });
    }

    /// Answers `new` from the payment that it meets; while that one's intent is being committed, after it.
    fn join_or(
        &mut self,
        ticket: Ticket,
        handle: Handle,
        new: NewPayment,
        result: impl FnOnce(&Payment, &NewPayment) -> Result<Payment, PaywandError>,
    ) {
        let Some(live) = self.live.get_mut(&handle) else { return };
        if live.payment.id != 0 {
            let result = result(&live.payment, &new);
            self.answer(ticket, result);
        } else if self.store_failed {
            self.answer(ticket, Err(store_is_down()));
        } else {
            live.deferred.push((ticket, new));
        }
    }

    /// What can be refused without a look at other payments.
    fn refuse(&self, new: &NewPayment, now: Now) -> Result<(), PaywandError> {
        if self.store_failed {
            return Err(store_is_down());
        }
        let fails = |live: &Live| live.port == Some(new.port) && live.payment.reason == Some(Reason::SignatureFails);
        let refuses = |trust: &Trust| trust.refuses(self.live.values().any(fails), now.time);
        if self.trust.get(new.port).is_some_and(refuses) {
            let gateway = self.ports.get(new.port).map(|port| port.id.clone()).unwrap_or_default();
            return Err(PaywandError::GatewayUnhealthy { gateway });
        }
        Ok(())
    }

    /// A payment in doubt that has the same code, or looks like the same sale.
    fn rival(&self, new: &NewPayment, hash: Option<&[u8]>, now: Now) -> Option<(Handle, Refused)> {
        let gateway = self.ports.get(new.port).map(|port| port.id.as_str());
        let in_doubt = || self.live.iter().filter(|(_, live)| !live.payment.is_final);
        // Of several, the oldest is named.
        if let Some(hash) = hash
            && let Some((handle, _)) = in_doubt().find(|(_, live)| live.code_hash.as_deref() == Some(hash))
        {
            return Some((*handle, |id| PaywandError::CodeInDoubt { id }));
        }
        if new.kind == PaymentKind::Qr || new.another_sale {
            return None;
        }
        let is_refund = new.kind == PaymentKind::Refund;
        let original = new.refund_of.as_ref().map(|original| original.id);
        let alike = in_doubt().find(|(_, live)| {
            let (young, payment) = (now.time < live.seen_at.after(REPEAT_WINDOW_MS), &live.payment);
            // The original's id alone: the gateway's number of it may have been learned between two refunds.
            let same_kind = is_refund == (payment.kind == PaymentKind::Refund) && original == original_id(payment);
            young && same_kind && gateway == Some(payment.gateway.as_str()) && payment.amount == new.amount
        });
        let (handle, _) = alike?;
        Some((*handle, |id| PaywandError::LooksLikeRepeat { id }))
    }

    /// Requests that waited for the intent of the payment that they met.
    pub(super) fn begin_deferred(&mut self, deferred: Vec<(Ticket, NewPayment)>, now: Now) {
        for (ticket, new) in deferred {
            self.begin(ticket, new, now);
        }
    }

    fn intent(&self, new: &NewPayment, code_hash: Option<Vec<u8>>, now: Now) -> Option<Live> {
        let port = self.ports.get(new.port)?;
        let capabilities = port.gateway.capabilities();
        let payment = Payment {
            id: 0,
            request_key: new.request_key.clone(),
            gateway: port.id.clone(),
            kind: new.kind,
            order_number: String::new(),
            amount: new.amount,
            refund_of: new.refund_of.clone(),
            state: PaymentState::Created,
            is_final: false,
            reason: None,
            gateway_code: None,
            evidence: None,
            received: None,
            refundable: None,
            paid_at_ms: None,
            gateway_order_number: None,
            pay_url: None,
            contradicted: false,
            cancel_too_late: false,
            acknowledged: false,
            follow_up: FollowUp::None,
            code_masked: new.code.as_deref().map(PaymentCode::masked),
            wallet: new.wallet,
            texts: new.texts.clone(),
            metadata: new.metadata.clone(),
            settled_by: None,
            business_day: new.business_day.clone(),
            created_at_ms: now.wall_ms,
            updated_at_ms: now.wall_ms,
        };
        Some(Live {
            payment,
            seq: 0,
            account: port.account.clone(),
            code_hash,
            flow: Some(Flow::new(new.kind, Rules::new(&capabilities, port.timing, new.wallet), now.wall_ms)),
            stored_flow: String::new(),
            port: Some(new.port),
            code: new.code.clone(),
            seen_at: now.time,
            order_prefix: capabilities.order_prefix,
            pending: None,
            queue: VecDeque::new(),
            deferred: Vec::new(),
        })
    }

    /// The store had the key already: the call gets that payment, and nothing was begun.
    pub(super) fn key_was_there(&mut self, handle: Handle, pending: &Pending, stored: &Stored) {
        let Some(live) = self.live.remove(&handle) else { return };
        self.by_key.remove(&live.payment.request_key);
        let same = is_same(&stored.payment, &live.payment);
        let id = stored.payment.id;
        if let Some(ticket) = pending.ticket {
            let result = if same { Ok(stored.payment.clone()) } else { Err(PaywandError::KeyReused { id }) };
            self.answer(ticket, result);
        }
    }

    /// The original is not paid, or has less left to give back: nothing was begun.
    pub(super) fn refund_turned_away(&mut self, handle: Handle, pending: &Pending, error: PaywandError) {
        if let Some(live) = self.live.remove(&handle) {
            self.by_key.remove(&live.payment.request_key);
        }
        if let Some(ticket) = pending.ticket {
            self.answer(ticket, Err(error));
        }
    }

    /// After a failed commit of an intent, whose caller was told that no sale began.
    pub(super) fn found(&mut self, handle: Handle, found: Result<Option<Box<Stored>>, PaywandError>, now: Now) {
        // Not to be read is not the same as not there: opened again, it is looked for again.
        let Some(live) = self.live.get_mut(&handle) else { return };
        let deferred = std::mem::take(&mut live.deferred);
        let stored = match found {
            Ok(stored) => stored,
            Err(error) => {
                self.store_fails(&error, now);
                return self.begin_deferred(deferred, now);
            }
        };
        let Some(pending) = live.pending.take() else { return };
        match stored {
            // It landed, and nothing was ever sent for it.
            Some(stored) if stored.seq == 1 && stored.payment.created_at_ms == live.payment.created_at_ms => {
                live.begun(*stored, &pending);
                live.code = None;
                self.by_id.insert(live.payment.id, handle);
                self.feed(handle, Fed::Start(Input::Withdrawn), now);
            }
            _ => {
                if let Some(live) = self.live.remove(&handle) {
                    self.by_key.remove(&live.payment.request_key);
                }
            }
        }
        self.begin_deferred(deferred, now);
    }

    /// Keyed hash of a code, kept while its payment is unfinished.
    fn hash(&self, code: &PaymentCode) -> Vec<u8> {
        signing::hmac_sha256(&self.code_key, code.reveal().as_bytes()).to_vec()
    }
}

fn first_state(kind: PaymentKind) -> PaymentState {
    match kind {
        PaymentKind::Charge | PaymentKind::Qr => PaymentState::Charging,
        PaymentKind::Refund => PaymentState::Refunding,
    }
}

/// Whether a request with a known key asks for the payment that has it (promise 2).
pub(crate) fn same_sale(payment: &Payment, new: &NewPayment, gateway: Option<&str>) -> bool {
    payment.kind == new.kind
        && payment.amount == new.amount
        && gateway == Some(payment.gateway.as_str())
        && original_id(payment) == new.refund_of.as_ref().map(|original| original.id)
}

fn is_same(stored: &Payment, asked: &Payment) -> bool {
    stored.kind == asked.kind
        && stored.amount == asked.amount
        && stored.gateway == asked.gateway
        && original_id(stored) == original_id(asked)
}

fn original_id(payment: &Payment) -> Option<i64> {
    payment.refund_of.as_ref().map(|original| original.id)
}
