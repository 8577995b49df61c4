//! A start: what the last run left is found and driven on (promise 3).

use std::collections::VecDeque;

use super::{Command, Driver, Event, Fed, Live, Now};
use crate::{
    error::PaywandError,
    flow::{Flow, Input, Rules},
    store::{Done, Job, Stored},
};

impl Driver {
    /// Takes over what the last run left as unfinished or in doubt, commits the first step of each in one commit, and
    /// returns what follows from that: nobody reads a state of the last run.
    pub fn recover(
        &mut self,
        stored: Vec<Stored>,
        now: Now,
        commit: impl FnOnce(&[Job]) -> Vec<Result<Done, PaywandError>>,
    ) -> Vec<Command> {
        for stored in stored {
            let start = Fed::Start(self.start_of(&stored));
            self.take_over(stored, start, now);
        }
        let mut rest = Vec::new();
        let (mut handles, mut jobs) = (Vec::new(), Vec::new());
        for command in std::mem::take(&mut self.commands) {
            match command {
                Command::Commit { handle, job } => {
                    handles.push(handle);
                    jobs.push(job);
                }
                other => rest.push(other),
            }
        }
        if !jobs.is_empty() {
            for (handle, result) in handles.into_iter().zip(commit(&jobs)) {
                rest.extend(self.handle(Event::Committed { handle, result }, now));
            }
        }
        rest
    }

    /// How a payment begins again: under its own account, or not.
    pub(super) fn start_of(&self, stored: &Stored) -> Input {
        match self.ports.iter().find(|port| port.id == stored.payment.gateway) {
            None => Input::GatewayMissing,
            Some(port) if port.account != stored.account => Input::AccountChanged,
            Some(_) => Input::Recovered,
        }
    }

    /// Takes a stored payment to work again, with `first` as its first input.
    pub(super) fn take_over(&mut self, stored: Stored, first: Fed, now: Now) {
        let port = self.ports.iter().position(|port| port.id == stored.payment.gateway);
        let configured = port.and_then(|index| self.ports.get(index));
        let is_own = configured.is_some_and(|port| port.account == stored.account);
        let rules = configured
            .map_or(Rules::NONE, |port| Rules::new(&port.gateway.capabilities(), port.timing, stored.payment.wallet));
        let mut flow = Flow::from_stored(&stored.flow, rules).ok();
        if flow.is_none() {
            log::error!("payment {}: its stored state is of no known version; a person must look", stored.payment.id);
        }
        if let Some(flow) = flow.as_mut().filter(|_| is_own) {
            flow.resume();
        }
        let handle = self.next_handle;
        self.next_handle = handle.saturating_add(1);
        self.by_id.insert(stored.payment.id, handle);
        self.by_key.insert(stored.payment.request_key.clone(), handle);
        // What is not asked about must not be asked by another account's keys.
        let port = port.filter(|_| is_own);
        let live = Live {
            payment: stored.payment,
            seq: stored.seq,
            account: stored.account,
            code_hash: stored.code_hash,
            flow,
            stored_flow: stored.flow,
            port,
            code: None,
            seen_at: now.time,
            order_prefix: String::new(),
            pending: None,
            queue: VecDeque::new(),
            deferred: Vec::new(),
        };
        self.live.insert(handle, live);
        self.feed(handle, first, now);
    }
}
