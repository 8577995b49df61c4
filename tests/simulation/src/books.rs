//! The gateways' books, as the judge and the cashier look into them, and what was covered.

use std::collections::HashSet;

use paywand::{Payment, PaymentState, gateway::Operation};
use paywand_sandbox::Order;

use crate::{
    day::{Day, SECRETS_EVERY},
    fault::Fault,
    judge::{Verdict, Violation},
    log,
};

impl Day<'_> {
    /// The gateway's order of a sale.
    pub(crate) fn order(&self, sale: usize) -> Option<&Order> {
        let number = &self.sales[sale].gateway_order;
        self.world.order(&self.merchant.id, number)
    }

    /// Every order.
    pub(crate) fn orders(&self) -> &[Order] {
        self.world.orders(&self.merchant.id).expect("the merchant is there")
    }

    /// An order that nobody has asked about since its time was over still looks open.
    pub(crate) fn has_expired(&self, order: &Order) -> bool {
        order.expires_at_ms.is_some_and(|at| self.gateway_ms() >= at)
    }

    /// A sale as it stands in the store.
    pub(crate) fn row_of(&self, sale: usize) -> Option<&Payment> {
        self.sales[sale].id.and_then(|id| self.committed.get(&id)).map(|row| &row.payment)
    }

    /// How a sale stands in the store.
    pub(crate) fn state_of(&self, sale: usize) -> PaymentState {
        self.row_of(sale).map_or(PaymentState::Created, |payment| payment.state)
    }

    /// An exchange has met this.
    pub(crate) fn cover(&mut self, fault: Option<Fault>, sale: usize, op: Operation, fresh: bool) {
        let (gateway, state) = (self.sales[sale].gateway, self.state_of(sale));
        self.coverage.exchange(fault, gateway, state, op, fresh);
    }

    /// A sale has met this.
    pub(crate) fn cover_state(&mut self, fault: Fault, sale: usize) {
        self.coverage.met(fault, self.sales[sale].gateway, self.state_of(sale), None);
    }

    /// Every sale at work has met this.
    pub(crate) fn cover_all(&mut self, fault: Fault) {
        for sale in 0..self.sales.len() {
            let row = self.sales[sale].id.and_then(|id| self.committed.get(&id));
            if row.is_some_and(|row| row.payment.unfinished()) {
                self.cover_state(fault, sale);
            }
        }
    }

    /// The process ends: the exchanges that are out, and those whose ends are not committed yet, have met that.
    pub(crate) fn cover_crash(&mut self) {
        for sale in 0..self.sales.len() {
            let (gateway, state) = (self.sales[sale].gateway, self.state_of(sale));
            let audit = &self.sales[sale].audit;
            if let Some((_, op)) = audit.open {
                let fault = if audit.end.is_some() { Fault::KilledBeforeCommit } else { Fault::KilledWhileOut };
                self.coverage.met(fault, gateway, state, Some(op));
            }
        }
    }

    /// No payment code and no key stands in any file, any line of the log, any report or error. Looked for on every
    /// sixty-fourth day.
    pub(crate) fn judge_secrets(&mut self) -> Verdict {
        if !self.seed.is_multiple_of(SECRETS_EVERY) {
            return Ok(());
        }
        // Closed first: closing a second handle on the file would drop SQLite's locks.
        self.till = None;
        let codes = self.sales.iter().map(|sale| sale.code_text.clone());
        let secrets: Vec<String> = codes.chain(self.keys()).filter(|secret| !secret.is_empty()).collect();
        let said = ("what was said".to_owned(), log::lines());
        for (name, bytes) in self.disk.bytes().into_iter().chain([said]) {
            if let Some(secret) = found_in(&bytes, &secrets) {
                return Err(Violation::new("nothing secret leaks", format!("{secret} stands in {name}")));
            }
        }
        Ok(())
    }

    fn keys(&self) -> Vec<String> {
        let accounts = serde_json::to_value(&self.merchant).expect("a merchant is JSON");
        let secret = ["devices_key", "key", "authen_key", "app_sercet"];
        let keys = accounts.as_object().into_iter().flatten().flat_map(|(_, account)| account.as_object());
        let keys = keys.flatten().filter(|(name, _)| secret.contains(&name.as_str()));
        keys.filter_map(|(_, key)| key.as_str()).map(str::to_owned).collect()
    }
}

/// The first of `secrets` that stands in `bytes`: a set of the secrets of one length is looked up at each place.
fn found_in(bytes: &[u8], secrets: &[String]) -> Option<String> {
    let lengths: HashSet<usize> = secrets.iter().map(String::len).collect();
    lengths.into_iter().find_map(|length| {
        let wanted: HashSet<&[u8]> = secrets.iter().map(String::as_bytes).filter(|s| s.len() == length).collect();
        let firsts: HashSet<u8> = wanted.iter().map(|secret| secret[0]).collect();
        let found = bytes.windows(length).find(|window| firsts.contains(&window[0]) && wanted.contains(window));
        found.map(|secret| String::from_utf8_lossy(secret).into_owned())
    })
}
