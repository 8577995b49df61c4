//! A shop on a recorded disk: the driver, flows and store that ship, with customers and gateways that a seed decides.
//! Time is an argument, so nothing waits. What the store has acknowledged is kept, and nothing may be sent or told that
//! is not: the shop stops there and says so.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    path::{Path, PathBuf},
    sync::Arc,
};

use fastrand::Rng;
use paywand::{
    Amount, Currency, Original, Payment, PaymentCode, PaymentKind, PaymentState, PaywandError, Secret, Settlement,
    Texts,
    driver::{Command, Driver, Event, Handle, NewPayment, Now, Port, Send, Ticket, Wish},
    flow::{Flow, Rules, Time},
    gateway::{self, GatewayKind, Operation, Settings},
    store::{Job, Reader, Store},
};

use crate::{
    check,
    disk::{DATABASE, Disk},
    record::Record,
    world,
};

/// How a shop's day goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) seed: u64,
    pub(crate) sales: u64,
    /// Bytes of the app's own data with each sale: more of it fills the log sooner.
    pub(crate) data: usize,
    /// The till is closed and opened again after about so many commits.
    pub(crate) reopens_after: u64,
}

/// Before anything of a day has come to an end it may take so many turns.
const MOST_TURNS: u64 = 20_000;

/// Wall time at the day's beginning: 2026-01-01.
const WALL_MS: i64 = 1_767_225_600_000;

pub(crate) struct Shop {
    day: Day,
    rng: Rng,
    ports: Arc<Vec<Port>>,
    driver: Driver,
    store: Option<Store>,
    reader: Option<Reader>,
    path: PathBuf,
    disk: Arc<Disk>,
    now: Now,
    commits: Vec<(Handle, Job)>,
    mail: VecDeque<Event>,
    /// Answers of gateways on their way, and people's wishes.
    coming: Vec<(Time, Event)>,
    wakes: HashMap<Handle, Time>,
    reopen_at: Option<Time>,
    begun: u64,
    tickets: HashMap<Ticket, String>,
    next_ticket: Ticket,
    /// Keys whose caller was told that no sale began.
    not_begun: HashSet<String>,
    settled: HashSet<i64>,
    /// Payments that are given back, by the cashier, in two parts that together are too much.
    given_back: HashMap<i64, Payment>,
    pub(crate) record: Record,
}

/// Gateways that between them have every operation.
pub(crate) fn ports() -> Arc<Vec<Port>> {
    let key = "0123456789abcdef0123456789abcdef";
    let accounts: [(GatewayKind, &[(&str, &str)]); 4] = [
        (GatewayKind::BlueoceanV1, &[("appid", "1000001"), ("key", key)]),
        (GatewayKind::Bjrcb, &[("mch_id", "m1"), ("key", key)]),
        (GatewayKind::Huishouyin, &[("app_id", "a1"), ("app_sercet", key)]),
        (GatewayKind::MaxfunDevice, &[("devices_key", "d1")]),
    ];
    let ports = accounts.into_iter().map(|(kind, keys)| {
        let keys = keys.iter().map(|(name, key)| ((*name).to_owned(), Arc::new(Secret::from_text(*key))));
        let settings = Settings::new(kind.code(), keys.collect(), "T1", "127.0.0.1");
        let gateway = gateway::open(kind, settings).expect("its account is whole");
        Port { id: kind.code().to_owned(), gateway, timing: kind.timing(), account: "account".to_owned() }
    });
    Arc::new(ports.collect())
}

/// The sale of this key, `till-7/N`, which decides gateway and amount; `code` makes its payment code its own.
pub(crate) fn sale(ports: &[Port], request_key: &str, code: u64, data: usize) -> Box<NewPayment> {
    let number = request_key.rsplit('/').next().and_then(|n| n.parse::<u16>().ok()).unwrap_or_default();
    let port = usize::from(number) % ports.len();
    let can = ports[port].gateway.capabilities();
    // Who can do both does them in turn.
    let charges = can.charge && !(can.qr && (usize::from(number) / ports.len()) % 2 == 1);
    let code = PaymentCode::from_scan(&format!("28{code:016}")).expect("a code");
    Box::new(NewPayment {
        request_key: request_key.to_owned(),
        port,
        kind: if charges { PaymentKind::Charge } else { PaymentKind::Qr },
        amount: Amount::new(100 + i64::from(number), can.currencies.first().copied().unwrap_or(Currency::CNY)),
        refund_of: None,
        wallet: None,
        code: charges.then(|| Arc::new(code)),
        texts: Texts::default(),
        metadata: HashMap::from([("basket".to_owned(), "x".repeat(data))]),
        business_day: "2026-01-01".to_owned(),
        another_sale: true,
    })
}

/// What the request keys of refunds begin with; the id of the payment that is given back follows, and the part.
pub(crate) const BACK: &str = "back/";

/// Three fifths of `payment` back.
fn refund(ports: &[Port], request_key: &str, payment: &Payment) -> Box<NewPayment> {
    let port = ports.iter().position(|port| port.id == payment.gateway).unwrap_or_default();
    Box::new(NewPayment {
        request_key: request_key.to_owned(),
        port,
        kind: PaymentKind::Refund,
        amount: Amount::new(payment.amount.minor * 3 / 5, payment.amount.currency),
        refund_of: Some(Original {
            id: payment.id,
            order_number: payment.order_number.clone(),
            amount: payment.amount,
            gateway_order_number: payment.gateway_order_number.clone(),
            kind: payment.kind,
        }),
        wallet: payment.wallet,
        code: None,
        texts: Texts::default(),
        metadata: HashMap::new(),
        business_day: "2026-01-01".to_owned(),
        another_sale: true,
    })
}

impl Shop {
    pub(crate) fn new(day: Day, folder: &Path, disk: Arc<Disk>, record: Record) -> Self {
        let ports = ports();
        Self {
            day,
            rng: Rng::with_seed(day.seed),
            driver: Driver::new(ports.clone(), [0; 32]),
            ports,
            store: None,
            reader: None,
            path: folder.join(DATABASE),
            disk,
            now: Now { time: Time(1_000), wall_ms: WALL_MS },
            commits: Vec::new(),
            mail: VecDeque::new(),
            coming: Vec::new(),
            wakes: HashMap::new(),
            reopen_at: None,
            begun: 0,
            tickets: HashMap::new(),
            next_ticket: 0,
            not_begun: HashSet::new(),
            settled: HashSet::new(),
            given_back: HashMap::new(),
            record,
        }
    }

    /// The whole day: every sale to its end or into a person's hands.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        for _ in 0..MOST_TURNS {
            if self.store.is_none() {
                self.open()?;
            } else if let Some(event) = self.mail.pop_front() {
                let commands = self.driver.handle(event, self.now);
                self.execute(commands)?;
            } else if !self.commits.is_empty() {
                self.commit();
            } else if self.is_over() {
                return Ok(());
            } else if self.rng.u64(..self.day.reopens_after) == 0 {
                self.close();
            } else {
                self.wait();
            }
        }
        Err(format!("after {MOST_TURNS} turns the day is not over"))
    }

    /// Opens the store, and takes over what is unfinished; where it cannot be opened, the cashier tries again later.
    fn open(&mut self) -> Result<(), String> {
        let opened = Store::open(&self.path).and_then(|store| {
            let reader = store.reader()?;
            let (unfinished, found) = (reader.unfinished()?, check::read(&reader)?);
            Ok((store, reader, unfinished, found))
        });
        self.now.time = self.now.time.after(1_000);
        let (mut store, reader, unfinished, found) = match opened {
            Ok(opened) => opened,
            // Whatever a fault does: nothing here damages a file.
            Err(error) if error.code() == "store_unavailable" => return Ok(()),
            Err(error) => return Err(format!("the store does not open: {error}")),
        };
        check::compare(&self.record.now(), &store, &found)?;
        self.record.opened(store.code_key(), found, &self.disk);
        self.driver = Driver::new(self.ports.clone(), *store.code_key());
        let commands = self.driver.recover(unfinished, self.now, |jobs| {
            self.record.asked(jobs, &self.disk);
            let results = store.run(jobs);
            self.record.answered(jobs, &results, &self.disk);
            results
        });
        (self.store, self.reader) = (Some(store), Some(reader));
        self.execute(commands)
    }

    /// As an app that is shut: what was on its way is forgotten.
    fn close(&mut self) {
        (self.store, self.reader) = (None, None);
        self.commits.clear();
        self.coming.clear();
        self.wakes.clear();
        self.tickets.clear();
        self.reopen_at = None;
    }

    /// Some of what waits for the writer, in one commit, as its thread does it.
    fn commit(&mut self) {
        let count = self.rng.usize(1..=self.commits.len());
        let group: Vec<(Handle, Job)> = self.commits.drain(..count).collect();
        let jobs: Vec<Job> = group.iter().map(|(_, job)| job.clone()).collect();
        self.record.asked(&jobs, &self.disk);
        let mut results = self.store.as_mut().map(|store| store.run(&jobs)).unwrap_or_default();
        self.record.answered(&jobs, &results, &self.disk);
        if self.disk.may_fail() && self.rng.u8(..16) == 0 {
            // An error at the very end of a commit that has landed: the driver must not take it for one that has not.
            let reason = "its outcome is unknown".to_owned();
            results.fill(Err(PaywandError::StoreUnavailable { reason }));
        }
        for ((handle, _), result) in group.into_iter().zip(results) {
            self.mail.push_back(Event::Committed { handle, result });
        }
    }

    fn execute(&mut self, commands: Vec<Command>) -> Result<(), String> {
        for command in commands {
            match command {
                Command::Commit { handle, job } => self.commits.push((handle, job)),
                Command::Send(send) => self.send(*send)?,
                Command::WakeAt { handle, at } => drop(self.wakes.insert(handle, at)),
                Command::Report(payment) => self.told(&payment)?,
                Command::Answer { ticket, result } => self.answered(ticket, result)?,
                Command::ReopenAt(at) => self.reopen_at = Some(at),
                Command::Reopen => {
                    let result = self.store.as_mut().map_or(Ok(()), Store::reopen);
                    self.mail.push_back(Event::Reopened { result });
                }
                Command::LookUp { .. } => return Err("no callback was passed on".to_owned()),
                Command::Find { handle, request_key } => {
                    let reader = self.reader.as_ref();
                    let found = reader.map_or(Ok(None), |reader| reader.find(&request_key));
                    if let Ok(Some(stored)) = &found {
                        self.record.found(stored, &self.disk);
                    }
                    self.mail.push_back(Event::Found { handle, result: found.map(|stored| stored.map(Box::new)) });
                }
            }
        }
        Ok(())
    }

    /// Something leaves the device: what the store has acknowledged must say so.
    fn send(&mut self, send: Send) -> Result<(), String> {
        let port = &self.ports[send.port];
        let refund =
            send.order.refund.as_ref().filter(|_| matches!(send.op, Operation::Refund | Operation::RefundQuery));
        let own = refund.and_then(|refund| self.record.of_order(&refund.number));
        let stored = own.or_else(|| self.record.of_order(&send.order.number));
        let stored = stored.ok_or_else(|| format!("{} of an order that is not committed: {send:?}", send.op.code()))?;
        let rules = Rules::new(&port.gateway.capabilities(), port.timing, None);
        let flow = Flow::from_stored(&stored.flow, rules).map_err(|_| format!("unreadable: {}", stored.flow))?;
        if flow.open_operation() != Some(send.op) || flow.number() != send.number {
            return Err(format!("sent {send:?}, and committed is {}", stored.flow));
        }
        // After a restart nobody remembers what was told: then it is asked about and closed, and never begun.
        let begins = matches!(send.op, Operation::Charge | Operation::CreateQr | Operation::Refund);
        if begins && self.not_begun.contains(&stored.payment.request_key) {
            return Err(format!("sent, although its caller was told that it had not begun: {send:?}"));
        }
        let (after_ms, end) = world::end(&send, stored.payment.state, &mut self.rng);
        let (handle, number) = (send.handle, send.number);
        self.coming.push((self.now.time.after(after_ms), Event::Ended { handle, number, end }));
        Ok(())
    }

    /// Somebody is told how a payment stands: so it must be acknowledged, or have been read when the till was opened.
    fn told(&mut self, payment: &Payment) -> Result<(), String> {
        let holds = self.record.seen().get(&payment.id).is_some_and(|stored| stored.payment == *payment);
        // A commit whose answer was lost may have gone further than the driver knows.
        let held = self.disk.may_fail() && self.record.ever_held(payment);
        if !holds && !held {
            return Err(format!("told, and not committed: {payment:#?}"));
        }
        let left = payment.state == PaymentState::NeedsAttention && self.rng.u8(..3) == 0;
        if left && self.settled.insert(payment.id) {
            let wish = Wish::Settle(Settlement { paid: self.rng.bool(), who: "Li".to_owned(), why: "seen".to_owned() });
            self.wish(payment.id, wish);
        }
        self.may_give_back(payment);
        Ok(())
    }

    /// Sometimes the cashier gives back what is paid: two parts at once, of which the second is more than is left.
    fn may_give_back(&mut self, payment: &Payment) {
        let refundable = payment.kind != PaymentKind::Refund && payment.state == PaymentState::Paid;
        let port = self.ports.iter().find(|port| port.id == payment.gateway);
        let can = port.is_some_and(|port| port.gateway.capabilities().refund.is_some_and(|refund| refund.partial));
        if !refundable || !can || self.given_back.contains_key(&payment.id) || self.rng.u8(..2) == 0 {
            return;
        }
        self.given_back.insert(payment.id, payment.clone());
        for part in [1, 2] {
            self.begin(format!("{BACK}{}/{part}", payment.id));
        }
    }

    fn answered(&mut self, ticket: Ticket, result: Result<Box<Payment>, PaywandError>) -> Result<(), String> {
        match result {
            Ok(payment) => {
                self.told(&payment)?;
                if self.rng.u8(..5) == 0 {
                    self.wish(payment.id, Wish::Cancel);
                }
            }
            Err(error) => {
                // Its caller may try again, and tells so with the same key.
                let key = self.tickets.remove(&ticket).filter(|_| error.code() == "store_unavailable");
                self.not_begun.extend(key);
            }
        }
        Ok(())
    }

    fn wish(&mut self, id: i64, wish: Wish) {
        self.next_ticket += 1;
        let at = self.now.time.after(self.rng.i64(0..3_000));
        self.coming.push((at, Event::Wished { ticket: self.next_ticket, id, wish }));
    }

    /// The next thing that is due: a sale, an answer, a time.
    fn wait(&mut self) {
        if let Some(key) = self.not_begun.iter().next().cloned().filter(|_| self.rng.u8(..4) == 0) {
            return self.begin(key);
        }
        if self.begun < self.day.sales && self.rng.u8(..3) == 0 {
            self.begun += 1;
            return self.begin(format!("till-7/{}", self.begun));
        }
        let next =
            self.coming.iter().map(|(at, _)| *at).chain(self.wakes.values().copied()).chain(self.reopen_at).min();
        let Some(next) = next else { return };
        let passed = next.0.saturating_sub(self.now.time.0).max(1);
        self.now.time = self.now.time.after(passed);
        self.now.wall_ms += passed;
        let now = self.now.time;
        let (due, later) = std::mem::take(&mut self.coming).into_iter().partition(|(at, _)| *at <= now);
        self.coming = later;
        self.mail.extend(Vec::into_iter(due).map(|(_, event)| event));
        let mut woken: Vec<Handle> =
            self.wakes.iter().filter(|(_, at)| **at <= now).map(|(handle, _)| *handle).collect();
        woken.sort_unstable();
        for handle in woken {
            self.wakes.remove(&handle);
            self.mail.push_back(Event::TimeUp { handle });
        }
        if self.reopen_at.take_if(|at| *at <= now).is_some() {
            self.mail.push_back(Event::ReopenDue);
        }
    }

    fn begin(&mut self, request_key: String) {
        self.not_begun.remove(&request_key);
        self.next_ticket += 1;
        let original = request_key.strip_prefix(BACK).and_then(|rest| rest.split('/').next()?.parse().ok());
        let original = original.and_then(|id: i64| self.given_back.get(&id));
        let new = match original {
            Some(payment) => refund(&self.ports, &request_key, payment),
            None => sale(&self.ports, &request_key, self.next_ticket, self.day.data),
        };
        self.tickets.insert(self.next_ticket, request_key);
        self.mail.push_back(Event::Begin { ticket: self.next_ticket, new });
    }

    /// Every sale was begun, and each has ended or waits for a person.
    fn is_over(&self) -> bool {
        let busy = |payment: &Payment| !payment.is_final && payment.state != PaymentState::NeedsAttention;
        self.begun >= self.day.sales
            && self.not_begun.is_empty()
            && self.reopen_at.is_none()
            && !self.record.seen().values().any(|stored| busy(&stored.payment))
    }
}
