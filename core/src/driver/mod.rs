//! Performs what flows ask for: commit, then send, wait and tell.
//!
//! [`Driver::handle`] is synchronous: an event and the time go in, commands come out, in the order in which they are
//! to be executed. The tokio shell (`shell`) only executes commands and brings their results back as events, so that
//! a simulation can take its place. The one rule: `next` is committed before `effect` is performed, and told after.

mod begin;
mod clock;
mod kill_point;
mod live;
mod note;
mod notice;
mod recover;
pub(crate) mod shell;
#[cfg(test)]
mod tests;
mod trust;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub(crate) use begin::same_sale;
pub use clock::{BootClock, Now};
pub(crate) use clock::{GatewayClock, wall_ms};
#[cfg(feature = "kill-points")]
pub use kill_point::KILL_POINTS;
use live::{Live, Pending};
use trust::Trust;

use crate::{
    error::PaywandError,
    flow::{Effect, Input, Refusal, Time},
    gateway::{Gateway, Operation, Order, Reply, RequestError, Stamp, Timing, WireRequest, WireResponse},
    money::Amount,
    payment::{Original, Payment, PaymentKind, Settlement, Texts},
    payment_code::{PaymentCode, Wallet},
    store::{Done, Job, Stored},
};

/// How long a failed store is left alone before it is opened again.
const REOPEN_AFTER_MS: i64 = 1_000;

/// A configured gateway, as the driver needs it.
pub struct Port {
    pub id: String,
    pub gateway: Box<dyn Gateway>,
    pub timing: Timing,
    /// Fingerprint of the account; no secret.
    pub account: String,
}

/// A live payment's handle, unique within this process.
pub type Handle = u64;

/// Names the call that an [`Command::Answer`] belongs to.
pub type Ticket = u64;

/// A sale, checked, about to begin.
pub struct NewPayment {
    pub request_key: String,
    pub port: usize,
    pub kind: PaymentKind,
    pub amount: Amount,
    pub refund_of: Option<Original>,
    pub wallet: Option<Wallet>,
    pub code: Option<Arc<PaymentCode>>,
    pub texts: Texts,
    pub metadata: HashMap<String, String>,
    pub business_day: String,
    /// The caller says that it is another sale, although it looks like one in doubt.
    pub another_sale: bool,
}

/// What a person wants of a payment.
#[derive(Clone, Debug)]
pub enum Wish {
    Cancel,
    Retry,
    Acknowledge,
    /// The gateway called.
    Notified,
    Settle(Settlement),
}

/// How an exchange ended.
#[derive(Clone, Debug)]
pub enum End {
    Reply(Reply),
    NotSent { device_clock: bool, why: &'static str },
    NoAnswer(&'static str),
}

/// What happened.
pub enum Event {
    Begin {
        ticket: Ticket,
        new: Box<NewPayment>,
    },
    Wished {
        ticket: Ticket,
        id: i64,
        wish: Wish,
    },
    /// The gateway called about this order.
    Notified {
        ticket: Ticket,
        gateway: String,
        order_number: String,
    },
    /// What [`Command::LookUp`] found.
    LookedUp {
        ticket: Ticket,
        gateway: String,
        order_number: String,
        forgotten: u64,
        result: Result<Option<Box<Stored>>, PaywandError>,
    },
    Ended {
        handle: Handle,
        number: u32,
        end: End,
    },
    TimeUp {
        handle: Handle,
    },
    Committed {
        handle: Handle,
        result: Result<Done, PaywandError>,
    },
    /// The time that [`Command::ReopenAt`] named.
    ReopenDue,
    Reopened {
        result: Result<(), PaywandError>,
    },
    /// What [`Command::Find`] found.
    Found {
        handle: Handle,
        result: Result<Option<Box<Stored>>, PaywandError>,
    },
}

/// What is to be done.
#[derive(Debug)]
pub enum Command {
    Commit {
        handle: Handle,
        job: Job,
    },
    Send(Box<Send>),
    WakeAt {
        handle: Handle,
        at: Time,
    },
    Report(Box<Payment>),
    Answer {
        ticket: Ticket,
        result: Result<Box<Payment>, PaywandError>,
    },
    ReopenAt(Time),
    Reopen,
    Find {
        handle: Handle,
        request_key: String,
    },
    /// Reads the payment of an order number; [`Event::LookedUp`] brings everything back.
    LookUp {
        ticket: Ticket,
        gateway: String,
        order_number: String,
        forgotten: u64,
    },
}

/// An exchange to be performed.
#[derive(Debug)]
pub struct Send {
    pub handle: Handle,
    pub number: u32,
    pub port: usize,
    pub op: Operation,
    pub order: Order,
    pub code: Option<Arc<PaymentCode>>,
}

impl Send {
    /// The bytes to send.
    pub fn request(&self, gateway: &dyn Gateway, stamp: &Stamp) -> Result<WireRequest, RequestError> {
        gateway.request(self.op, &self.order, self.code.as_deref(), stamp)
    }

    /// What the answer proves.
    pub fn read(&self, gateway: &dyn Gateway, response: &WireResponse) -> Reply {
        gateway.reply(self.op, &self.order, response)
    }
}

/// All payments that are not through, and what is to be done for them.
pub struct Driver {
    ports: Arc<Vec<Port>>,
    code_key: [u8; 32],
    /// By age: what meets several of them meets the oldest first, on every run.
    live: BTreeMap<Handle, Live>,
    by_id: HashMap<i64, Handle>,
    by_key: HashMap<String, Handle>,
    /// Wishes about ids that an intent under way may turn out to have.
    early: Vec<EarlyWish>,
    next_handle: Handle,
    /// Of each port.
    trust: Vec<Trust>,
    /// How many payments were forgotten: what was read before one of them was may be old.
    forgotten: u64,
    store_failed: bool,
    commands: Vec<Command>,
}

impl Driver {
    pub fn new(ports: Arc<Vec<Port>>, code_key: [u8; 32]) -> Self {
        let trust = vec![Trust::default(); ports.len()];
        Self {
            ports,
            code_key,
            live: BTreeMap::new(),
            by_id: HashMap::new(),
            by_key: HashMap::new(),
            early: Vec::new(),
            next_handle: 1,
            trust,
            forgotten: 0,
            store_failed: false,
            commands: Vec::new(),
        }
    }

    /// What `event` leads to, in order.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Command> {
        match event {
            Event::Begin { ticket, new } => self.begin(ticket, *new, now),
            Event::Wished { ticket, id, wish } => {
                self.wished(EarlyWish { ticket, id, wish, before: self.next_handle }, now);
            }
            Event::Notified { ticket, gateway, order_number } => self.notified(ticket, gateway, order_number, now),
            Event::LookedUp { ticket, gateway, order_number, forgotten, result } => {
                self.looked_up(ticket, gateway, order_number, (forgotten, result), now);
            }
            Event::Ended { handle, number, end } => self.ended(handle, number, end, now),
            Event::TimeUp { handle } => self.time_up(handle, now),
            Event::Committed { handle, result } => {
                self.committed(handle, result, now);
                self.hear_early(now);
            }
            Event::ReopenDue => self.commands.push(Command::Reopen),
            Event::Reopened { result } => self.reopened(result, now),
            Event::Found { handle, result } => {
                self.found(handle, result, now);
                self.hear_early(now);
            }
        }
        std::mem::take(&mut self.commands)
    }

    /// How many payments are at work; none of what has ended stays in any index.
    #[cfg(feature = "kill-points")]
    pub(crate) fn live(&self) -> usize {
        self.live.len().max(self.by_id.len()).max(self.by_key.len())
    }

    fn wished(&mut self, wished: EarlyWish, now: Now) {
        let EarlyWish { ticket, id, before, .. } = wished;
        if self.store_failed {
            // It would wait for a store that may never come back.
            return self.answer(ticket, Err(store_is_down()));
        }
        // An intent is in the store, its id there to be read, before this hears of it.
        let may_be_of = |(handle, live): (&Handle, &Live)| live.payment.id == 0 && *handle < before;
        match self.by_id.get(&id).copied() {
            Some(handle) => self.feed(handle, Fed::Wish { ticket, wish: wished.wish }, now),
            None if self.live.iter().any(may_be_of) => self.early.push(wished),
            None => self.answer(ticket, Err(PaywandError::NoSuchPayment { id })),
        }
    }

    /// What became of an intent is known: whoever waited for its id is heard.
    fn hear_early(&mut self, now: Now) {
        for wished in std::mem::take(&mut self.early) {
            self.wished(wished, now);
        }
    }

    fn ended(&mut self, handle: Handle, number: u32, end: End, now: Now) {
        let Some(live) = self.live.get(&handle) else { return };
        if let (Some(trust), End::Reply(reply)) = (live.port.and_then(|port| self.trust.get_mut(port)), &end) {
            trust.heard(reply, now.time);
        }
        self.feed(handle, Fed::End { number, end }, now);
    }

    fn time_up(&mut self, handle: Handle, now: Now) {
        if self.live.contains_key(&handle) {
            self.feed(handle, Fed::TimeUp, now);
        }
    }

    /// One input of one payment. While an earlier step is being committed it waits.
    fn feed(&mut self, handle: Handle, fed: Fed, now: Now) {
        let Some(live) = self.live.get_mut(&handle) else { return };
        if live.pending.is_some() {
            live.queue.push_back(fed);
            return;
        }
        let ticket = fed.ticket();
        match live.step(fed, now) {
            Ok(Some(pending)) => self.commit(handle, pending),
            Ok(None) => {
                // Nothing to journal: the payment is as it was.
                let effect = live.effect_again(now);
                let payment = live.payment.clone();
                if let Some(ticket) = ticket {
                    self.answer(ticket, Ok(payment));
                }
                self.perform(handle, effect, now);
            }
            Err(refusal) => {
                let id = live.payment.id;
                if let Some(ticket) = ticket {
                    self.answer(ticket, Err(refused(refusal, id)));
                }
                self.forget_if_through(handle);
            }
        }
    }

    fn commit(&mut self, handle: Handle, pending: Pending) {
        let Some(live) = self.live.get_mut(&handle) else { return };
        let job = pending.job(live);
        live.pending = Some(pending);
        if !self.store_failed {
            self.commands.push(Command::Commit { handle, job });
        }
    }

    fn committed(&mut self, handle: Handle, result: Result<Done, PaywandError>, now: Now) {
        match result {
            Ok(done) => self.settled_in_store(handle, done, now),
            Err(error) => self.commit_failed(handle, error, now),
        }
    }

    fn settled_in_store(&mut self, handle: Handle, done: Done, now: Now) {
        let Some(live) = self.live.get_mut(&handle) else { return };
        let Some(pending) = live.pending.take() else { return };
        let deferred = std::mem::take(&mut live.deferred);
        let begun = matches!(&done, Done::Begun(_));
        match done {
            Done::Existing(stored) => {
                self.key_was_there(handle, &pending, &stored);
                return self.begin_deferred(deferred, now);
            }
            Done::RefundTurnedAway(error) => {
                self.refund_turned_away(handle, &pending, error);
                return self.begin_deferred(deferred, now);
            }
            Done::Begun(stored) => live.begun(*stored, &pending),
            Done::Changed => live.changed(&pending),
        }
        let (payment, effect) = (live.payment.clone(), pending.effect);
        if begun {
            self.by_id.insert(payment.id, handle);
            self.acknowledge_original(&payment, now);
        }
        // Committed; now act, then tell.
        self.perform(handle, effect, now);
        self.commands.push(Command::Report(Box::new(payment.clone())));
        if let Some(ticket) = pending.ticket {
            self.answer(ticket, Ok(payment));
        }
        self.drain(handle, now);
        self.begin_deferred(deferred, now);
    }

    /// A person who gives a payment back knows that it was paid.
    fn acknowledge_original(&mut self, refund: &Payment, now: Now) {
        let original = refund.refund_of.as_ref().and_then(|original| self.by_id.get(&original.id));
        if let Some(handle) = original.copied() {
            self.feed(handle, Fed::Acknowledged, now);
        }
    }

    /// The inputs that came while a step was being committed.
    fn drain(&mut self, handle: Handle, now: Now) {
        while let Some(live) = self.live.get_mut(&handle) {
            if live.pending.is_some() {
                return;
            }
            let Some(fed) = live.queue.pop_front() else { return };
            self.feed(handle, fed, now);
        }
    }

    fn perform(&mut self, handle: Handle, effect: Effect, now: Now) {
        let Some(live) = self.live.get(&handle) else { return };
        match effect {
            Effect::Send(op) => match live.send(handle, op) {
                Some(send) => {
                    let given_up = live.effect_again(now);
                    self.commands.push(Command::Send(Box::new(send)));
                    if let Effect::WaitUntil(at) = given_up {
                        self.commands.push(Command::WakeAt { handle, at });
                    }
                }
                None => {
                    let end = End::NotSent { device_clock: false, why: "nothing_to_send" };
                    let number = live.number();
                    self.feed(handle, Fed::End { number, end }, now);
                }
            },
            Effect::WaitUntil(at) => self.commands.push(Command::WakeAt { handle, at }),
            Effect::Rest => self.forget_if_through(handle),
        }
    }

    fn forget_if_through(&mut self, handle: Handle) {
        let through = self.live.get(&handle).is_some_and(Live::is_through);
        if through && let Some(live) = self.live.remove(&handle) {
            self.by_id.remove(&live.payment.id);
            self.by_key.remove(&live.payment.request_key);
            self.forgotten = self.forgotten.wrapping_add(1);
        }
    }

    fn answer(&mut self, ticket: Ticket, result: Result<Payment, PaywandError>) {
        self.commands.push(Command::Answer { ticket, result: result.map(Box::new) });
    }

    /// A failed commit is unknown: nothing is performed or told until the store has been opened and read again. Whoever
    /// waits is told that; facts (answers, times) go on waiting.
    fn commit_failed(&mut self, handle: Handle, error: PaywandError, now: Now) {
        self.store_fails(&error, now);
        let Some(live) = self.live.get_mut(&handle) else { return };
        let deferred = std::mem::take(&mut live.deferred);
        let own = live.pending.as_mut().and_then(|pending| pending.ticket.take());
        let wishes: Vec<Ticket> = live.queue.iter().filter_map(Fed::ticket).collect();
        live.queue.retain(|fed| fed.ticket().is_none());
        for ticket in own.into_iter().chain(wishes) {
            self.answer(ticket, Err(error.clone()));
        }
        self.begin_deferred(deferred, now);
    }

    /// Nothing is committed any more until the store has been opened again.
    fn store_fails(&mut self, error: &PaywandError, now: Now) {
        log::error!("store: {error}");
        if !self.store_failed {
            self.store_failed = true;
            self.commands.push(Command::ReopenAt(now.time.after(REOPEN_AFTER_MS)));
        }
    }

    fn reopened(&mut self, result: Result<(), PaywandError>, now: Now) {
        if let Err(error) = result {
            log::error!("store: {error}");
            self.commands.push(Command::ReopenAt(now.time.after(REOPEN_AFTER_MS)));
            return;
        }
        self.store_failed = false;
        let handles: Vec<Handle> = self.live.keys().copied().collect();
        for handle in handles {
            let Some(live) = self.live.get(&handle) else { continue };
            let Some(pending) = &live.pending else { continue };
            if live.payment.id == 0 {
                // Its caller has been told that no sale began: look whether the intent is there all the same.
                let request_key = live.payment.request_key.clone();
                self.commands.push(Command::Find { handle, request_key });
            } else {
                // The same change again; the store knows it if it landed.
                let job = pending.job(live);
                self.commands.push(Command::Commit { handle, job });
            }
        }
    }
}

/// A wish about an id that is not known here, or not yet.
struct EarlyWish {
    ticket: Ticket,
    id: i64,
    wish: Wish,
    /// Only intents with lower handles can be what was meant: whoever names an id has read it.
    before: Handle,
}

/// An input on its way to a flow, with what belongs to it.
pub(crate) enum Fed {
    End {
        number: u32,
        end: End,
    },
    TimeUp,
    Wish {
        ticket: Ticket,
        wish: Wish,
    },
    /// A refund of it was asked for.
    Acknowledged,
    Start(Input),
}

impl Fed {
    fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Wish { ticket, .. } => Some(*ticket),
            _ => None,
        }
    }
}

fn store_is_down() -> PaywandError {
    PaywandError::StoreUnavailable { reason: "an earlier commit failed; it is being opened again".to_owned() }
}

fn refused(refusal: Refusal, id: i64) -> PaywandError {
    match refusal {
        Refusal::CannotCancel => PaywandError::CannotCancel { id },
        Refusal::NotInAttention => PaywandError::NotInAttention { id },
        Refusal::ReverseInFlight => PaywandError::ReverseInFlight { id },
    }
}
