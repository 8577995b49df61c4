//! The beginning of a payment: what is refused before anything is stored, and the intent.

use std::collections::VecDeque;

use super::{Driver, Fed, Handle, Live, NewPayment, Now, Pending, Ticket, store_is_down};
use crate::{
    error::PaywandError,
    flow::{Flow, Input, Rules},
    payment::{FollowUp, Payment, PaymentKind, PaymentState},
    payment_code::PaymentCode,
    signing,
    store::Stored,
};

/// A second sale with the gateway and amount of one in doubt and younger than this looks like a repeat.
const REPEAT_WINDOW_MS: i64 = 10 * 60_000;

impl Driver {
    pub(super) fn begin(&mut self, ticket: Ticket, new: NewPayment, now: Now) {
        if let Some(handle) = self.by_key.get(&new.request_key).copied() {
            return self.join(ticket, handle, &new);
        }
        let hash = new.code.as_deref().map(|code| self.hash(code));
        if let Err(error) = self.refuse(&new, hash.as_deref(), now) {
            return self.answer(ticket, Err(error));
        }
        let handle = self.next_handle;
        self.next_handle = handle.saturating_add(1);
        let Some(live) = self.intent(&new, hash, now) else {
            return self.answer(ticket, Err(PaywandError::UnknownGateway { gateway: String::new() }));
        };
        self.by_key.insert(new.request_key, handle);
        let pending = live.flow.as_ref().and_then(|flow| flow.step(Input::Begin, now.time).ok()).map(|step| Pending {
            next: Some(step.next),
            effect: step.effect,
            payment: Payment { state: PaymentState::Charging, ..live.payment.clone() },
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
    fn join(&mut self, ticket: Ticket, handle: Handle, new: &NewPayment) {
        let Some(live) = self.live.get_mut(&handle) else { return };
        let gateway = self.ports.get(new.port).map(|port| port.id.as_str());
        let result = if same_sale(&live.payment, new.kind, new.amount, gateway) {
            if live.payment.id == 0 {
                // Its intent is being written: answered with it.
                if self.store_failed {
                    return self.answer(ticket, Err(store_is_down()));
                }
                live.queue.push_back(Fed::Wish { ticket, wish: super::Wish::Retry });
                return;
            }
            Ok(live.payment.clone())
        } else {
            Err(PaywandError::KeyReused { id: live.payment.id })
        };
        self.answer(ticket, result);
    }

    fn refuse(&self, new: &NewPayment, hash: Option<&[u8]>, now: Now) -> Result<(), PaywandError> {
        if self.store_failed {
            return Err(store_is_down());
        }
        let port = self.ports.get(new.port);
        let gateway = port.map(|port| port.id.clone()).unwrap_or_default();
        if self.unverified.get(new.port).is_some_and(|count| *count >= super::MOST_UNVERIFIED) {
            return Err(PaywandError::GatewayUnhealthy { gateway });
        }
        let in_doubt = || self.live.values().filter(|live| !live.payment.is_final);
        if let Some(hash) = hash
            && let Some(live) = in_doubt().find(|live| live.code_hash.as_deref() == Some(hash))
        {
            return Err(PaywandError::CodeInDoubt { id: live.payment.id });
        }
        if new.kind == PaymentKind::Charge && !new.another_sale {
            let young = |live: &&Live| now.time < live.seen_at.after(REPEAT_WINDOW_MS);
            let same = |live: &&Live| live.payment.gateway == gateway && live.payment.amount == new.amount;
            if let Some(live) = in_doubt().filter(young).find(same) {
                return Err(PaywandError::LooksLikeRepeat { id: live.payment.id });
            }
        }
        Ok(())
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
            state: PaymentState::Created,
            is_final: false,
            reason: None,
            gateway_code: None,
            evidence: None,
            received: None,
            paid_at_ms: None,
            gateway_order_number: None,
            pay_url: None,
            contradicted: false,
            cancel_too_late: false,
            acknowledged: false,
            follow_up: FollowUp::None,
            code_masked: new.code.as_deref().map(PaymentCode::masked),
            wallet: new.code.as_deref().map(PaymentCode::wallet),
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
            flow: Some(Flow::new(new.kind, Rules::new(&capabilities, port.timing), now.wall_ms)),
            stored_flow: String::new(),
            port: Some(new.port),
            code: new.code.clone(),
            seen_at: now.time,
            order_prefix: capabilities.order_prefix,
            pending: None,
            queue: VecDeque::new(),
        })
    }

    /// The store had the key already: the call gets that payment, and nothing was begun.
    pub(super) fn key_was_there(&mut self, handle: Handle, pending: &Pending, stored: &Stored) {
        let Some(live) = self.live.remove(&handle) else { return };
        self.by_key.remove(&live.payment.request_key);
        let result = || {
            let same =
                same_sale(&stored.payment, live.payment.kind, live.payment.amount, Some(live.payment.gateway.as_str()));
            if same { Ok(stored.payment.clone()) } else { Err(PaywandError::KeyReused { id: stored.payment.id }) }
        };
        let waiting = live.queue.iter().filter_map(Fed::ticket);
        for ticket in pending.ticket.into_iter().chain(waiting) {
            self.answer(ticket, result());
        }
    }

    /// After a failed commit of an intent, whose caller was told that no sale began.
    pub(super) fn found(&mut self, handle: Handle, found: Result<Option<Box<Stored>>, PaywandError>, now: Now) {
        // Not to be read is not the same as not there: opened again, it is looked for again.
        let stored = match found {
            Ok(stored) => stored,
            Err(error) => return self.store_fails(&error, now),
        };
        let Some(live) = self.live.get_mut(&handle) else { return };
        let Some(pending) = live.pending.take() else { return };
        let waiting: Vec<Ticket> = live.queue.drain(..).filter_map(|fed| fed.ticket()).collect();
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
        for ticket in waiting {
            self.answer(ticket, Err(store_is_down()));
        }
    }

    /// Keyed hash of a code, kept while its payment is unfinished.
    fn hash(&self, code: &PaymentCode) -> Vec<u8> {
        signing::hmac_sha256(&self.code_key, code.reveal().as_bytes()).to_vec()
    }
}

/// Whether a request with a known key asks for the payment that has it (promise 2).
pub(crate) fn same_sale(
    payment: &Payment,
    kind: PaymentKind,
    amount: crate::money::Amount,
    gateway: Option<&str>,
) -> bool {
    payment.kind == kind && payment.amount == amount && gateway == Some(payment.gateway.as_str())
}
