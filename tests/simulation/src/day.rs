//! One day at one till, from one seed: sales, faults, kills, and at the end a world in which nothing goes wrong any more.
//!
//! A discrete simulation: a queue of things that happen, in the order of their times. The driver and the store are the
//! real ones; this takes the place of the tokio shell, the network and the clocks.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    path::Path,
};

use paywand::{
    PaymentState, PaywandError,
    driver::{Command, End, Event, Handle, Now, Ticket},
    flow::Time,
    gateway::GatewayKind,
    store::{Done, Job},
};
use paywand_sandbox::{Merchant, Notification, World};

use crate::{
    aim::Aim,
    coverage::Coverage,
    disk::Disk,
    fault::Fault,
    judge::{Committed, Verdict, Violation},
    log,
    network::Arrival,
    rng::Rng,
    sale::Sale,
    till::{Changed, Config, Till},
    weather::Weather,
};

/// Every so many days secrets are looked for in all that was written and said.
pub(crate) const SECRETS_EVERY: u64 = 64;
/// Every so many days the store is the real one, on files; on the others its rows are kept in memory.
const FILES_EVERY: u64 = 5;
/// 2026-01-01T00:00:00Z, when every day begins.
pub(crate) const EPOCH_MS: i64 = 1_767_225_600_000;
/// Sales begin within this time.
const OPEN_MS: i64 = 8 * 60_000;
/// The world heals at about this time.
const HEAL_MS: i64 = 20 * 60_000;
/// After this everything must have come to an end, or to a person: an order at huishouyin lives for two hours.
const PATIENCE_MS: i64 = 200 * 60_000;
/// But for refunds that a wallet has taken on: these are left alone for three days.
const WALLETS_PATIENCE_MS: i64 = 4 * 24 * 3_600_000;
/// No day has so many events, unless something goes round in circles.
const MOST_EVENTS: usize = 200_000;

/// Something that happens.
pub(crate) enum What {
    Start,
    Wake { life: u32, handle: Handle, at: Time },
    Write { life: u32 },
    Reopen { life: u32 },
    Reopened { life: u32, fails: bool },
    Found { life: u32, handle: Handle, request_key: String },
    LookedUp { life: u32, ticket: Ticket, gateway: String, order_number: String, forgotten: u64 },
    Ended { life: u32, sale: usize, handle: Handle, number: u32, end: End },
    Arrive(Box<Arrival>),
    CustomerDecides(usize),
    CustomerRegrets(usize),
    Begin(usize),
    Meddle(usize),
    GiveBack(usize),
    OtherHands(usize),
    WalletDecides(usize),
    LateMoney(usize),
    Call(usize),
    Callback { sale: usize, foreign: bool, called: Box<Notification> },
    Kill,
    Heal,
}

/// A thing and its time; those of one time happen in the order in which they were planned.
struct Planned {
    at_ms: i64,
    order: u64,
    what: What,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        (self.at_ms, self.order) == (other.at_ms, other.order)
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ms, self.order).cmp(&(other.at_ms, other.order))
    }
}

/// A day.
pub(crate) struct Day<'a> {
    pub(crate) seed: u64,
    pub(crate) rng: Rng,
    pub(crate) weather: Weather,
    pub(crate) now_ms: i64,
    /// A fault that stays, and until when.
    pub(crate) outage: Option<(Fault, i64)>,
    /// When the device was started.
    boot_at_ms: i64,
    /// How far the device's wall clock is off.
    wall_skew_ms: i64,
    queue: BinaryHeap<Reverse<Planned>>,
    planned: u64,
    /// How many things that happen outside the till, whatever it does, are still to come.
    pub(crate) to_come: u32,
    pub(crate) world: World,
    pub(crate) merchant: Merchant,
    pub(crate) till: Option<Till>,
    pub(crate) life: u32,
    changed: Changed,
    bjrcb_tells: bool,
    /// When the process was started.
    pub(crate) started_ms: i64,
    /// After a failed commit, until the store has been opened again.
    store_down: bool,
    healed_at_ms: Option<i64>,
    pub(crate) sales: Vec<Sale>,
    pub(crate) by_order: HashMap<String, usize>,
    pub(crate) committed: HashMap<i64, Committed>,
    pub(crate) coverage: &'a mut Coverage,
    story: Option<Vec<String>>,
    pub(crate) disk: Disk,
}

impl<'a> Day<'a> {
    /// The day of `seed`, on a database at `path` that is a copy of `blank`. `told`: keep its story.
    pub(crate) fn new(seed: u64, blank: &Path, path: &Path, coverage: &'a mut Coverage, told: bool) -> Self {
        // A till's files, or what stands for them: all days have the same code above that.
        let disk = if seed.is_multiple_of(FILES_EVERY) { Disk::files(blank, path) } else { Disk::memory() };
        log::begin(seed.is_multiple_of(SECRETS_EVERY));
        let mut rng = Rng::new(seed);
        let mut world = World::new(rng.next(), 1);
        world.keep_calls(false);
        let merchant = world.new_merchant();
        let weather = Weather::draw(&mut rng, seed);
        let bjrcb_tells = rng.chance(500) || weather.aim.is_some_and(Aim::asks_for_refunds);
        Self {
            seed,
            rng,
            weather,
            now_ms: 0,
            outage: None,
            boot_at_ms: -86_400_000,
            wall_skew_ms: 0,
            queue: BinaryHeap::new(),
            planned: 0,
            to_come: 0,
            world,
            merchant,
            till: None,
            life: 0,
            changed: Changed::Nothing,
            bjrcb_tells,
            started_ms: 0,
            store_down: false,
            healed_at_ms: None,
            sales: Vec::new(),
            by_order: HashMap::new(),
            committed: HashMap::new(),
            coverage,
            story: told.then(Vec::new),
            disk,
        }
    }

    /// Lives the day. How many sales it had.
    pub(crate) fn run(&mut self) -> Result<usize, Violation> {
        let sales = self.rng.between(8, 40) as usize;
        for number in 0..sales {
            let sale = Sale::draw(&mut self.rng, number, self.seed, &self.weather);
            self.plan_sale(sale);
        }
        self.say(|day| format!("{:?}", day.weather));
        self.plan(0, What::Start);
        let heal_ms = self.weather.aim.and_then(Aim::heal_ms).unwrap_or(HEAL_MS);
        self.plan(heal_ms, What::Heal);
        let mut events = 0;
        while let Some(Reverse(next)) = self.queue.pop() {
            self.now_ms = next.at_ms;
            events += 1;
            if events > MOST_EVENTS {
                return Err(Violation::new("it comes to rest", format!("{events} events and no end")));
            }
            // What is watched is watched anew from a start on.
            let healed = self.healed_at_ms.map(|at_ms| self.now_ms - at_ms.max(self.started_ms));
            if healed.is_some_and(|for_ms| self.is_over() || self.is_late(for_ms)) {
                break;
            }
            self.happen(next.what)?;
        }
        self.judge_the_end()?;
        Ok(self.sales.len())
    }

    /// Adds a sale that will begin some time while the shop is open.
    pub(crate) fn plan_sale(&mut self, sale: Sale) -> usize {
        self.sales.push(sale);
        let place = self.sales.len() - 1;
        let at_ms = self.now_ms + self.rng.between(0, OPEN_MS);
        self.plan(at_ms, What::Begin(place));
        if self.rng.chance(self.weather.cashier_rate) {
            // Some do it while the first request is still on its way.
            let most_ms = *self.rng.pick(&[400, 180_000, 180_000, 180_000]);
            let at_ms = at_ms + self.rng.between(0, most_ms);
            self.plan(at_ms, What::Meddle(place));
        }
        if self.rng.chance(self.weather.refund_rate) {
            let at_ms = at_ms + self.rng.between(2_000, 240_000);
            self.plan(at_ms, What::GiveBack(place));
        }
        if self.rng.chance(self.weather.other_hands_rate) {
            let at_ms = at_ms + self.rng.between(2_000, 300_000);
            self.plan(at_ms, What::OtherHands(place));
        }
        place
    }

    pub(crate) fn plan(&mut self, at_ms: i64, what: What) {
        self.planned += 1;
        self.queue.push(Reverse(Planned { at_ms: at_ms.max(self.now_ms), order: self.planned, what }));
    }

    pub(crate) fn plan_in(&mut self, least_ms: i64, most_ms: i64, what: What) {
        let at_ms = self.now_ms + self.rng.between(least_ms, most_ms);
        self.plan(at_ms, what);
    }

    fn happen(&mut self, what: What) -> Verdict {
        match what {
            What::Start => self.start(),
            What::Heal => self.heal(),
            What::Wake { life, handle, at } if self.is(life) => self.wake(handle, at),
            What::Write { life } if self.is(life) => self.write(),
            What::Reopen { life } if self.is(life) => self.handle(Event::ReopenDue),
            What::Reopened { life, fails } if self.is(life) => self.reopened(fails),
            What::Found { life, handle, request_key } if self.is(life) => self.found(handle, &request_key),
            What::LookedUp { life, ticket, gateway, order_number, forgotten } if self.is(life) => {
                self.looked_up(ticket, gateway, order_number, forgotten)
            }
            What::Ended { life, sale, handle, number, end } if self.is(life) => self.ended(sale, handle, number, end),
            What::Arrive(arrival) => self.arrive(*arrival),
            What::CustomerDecides(sale) => self.customer_decides(sale),
            What::CustomerRegrets(sale) => self.customer_regrets(sale),
            What::Begin(sale) => self.begin(sale),
            What::Meddle(sale) => self.meddle(sale),
            What::GiveBack(sale) => self.give_back(sale),
            What::OtherHands(sale) => self.other_hands(sale),
            What::WalletDecides(sale) => self.wallet_decides(sale),
            What::LateMoney(sale) => self.late_money_comes(sale),
            What::Call(sale) => self.call(sale),
            What::Callback { sale, foreign, called } => self.called(sale, foreign, *called),
            What::Kill => {
                self.kill();
                Ok(())
            }
            // Of a process that is no more.
            _ => Ok(()),
        }
    }

    fn is(&self, life: u32) -> bool {
        self.till.is_some() && self.life == life
    }

    /// The process starts: after a kill, perhaps after a reboot, with another clock, or another configuration.
    fn start(&mut self) -> Verdict {
        if self.till.is_some() {
            return Ok(());
        }
        self.life += 1;
        self.draw_start();
        let boot_ms = self.now_ms - self.boot_at_ms;
        let config = Config { changed: self.changed, bjrcb_tells: self.bjrcb_tells };
        let started = Till::start(&self.disk, &self.merchant, config, boot_ms, self.wall_ms());
        let (till, stored, commands) = started.map_err(|e| Violation::new("no row is lost", e.to_string()))?;
        self.store_down = false;
        let time = till.time(boot_ms);
        self.till = Some(till);
        self.say(|day| format!("the till starts, {} unfinished, {:?}", stored.len(), day.changed));
        self.judge_start(&stored, time)?;
        self.execute(commands)
    }

    fn draw_start(&mut self) {
        let rate = self.weather.restart_rate;
        if self.rng.chance(rate) {
            self.boot_at_ms = self.now_ms - self.rng.between(0, 60_000);
            self.cover_all(Fault::Rebooted);
        }
        self.changed = Changed::Nothing;
        if self.rng.chance(rate / 4) {
            let (gateway, missing) = (self.rng.below(GatewayKind::ALL.len()), self.rng.chance(300));
            self.changed = if missing { Changed::Missing(gateway) } else { Changed::Account(gateway) };
            self.cover_all(if missing { Fault::GatewayMissing } else { Fault::AccountChanged });
        }
        if self.rng.chance(rate / 2) {
            self.wall_skew_ms = self.rng.between(-400, 400) * 86_400_000;
            self.cover_all(if self.wall_skew_ms < 0 { Fault::ClockBack } else { Fault::ClockForward });
        }
    }

    /// From now on nothing goes wrong. The last start has the configuration of the first.
    fn heal(&mut self) -> Verdict {
        self.say(|_| "the world heals".to_owned());
        (self.weather, self.outage) = (Weather::healed(), None);
        self.healed_at_ms = Some(self.now_ms);
        if self.changed != Changed::Nothing {
            self.kill();
        }
        Ok(())
    }

    /// The process is gone between two instructions. It starts again some time later.
    pub(crate) fn kill(&mut self) {
        if self.till.take().is_none() {
            return;
        }
        self.say(|_| "the process is killed".to_owned());
        self.cover_all(Fault::Killed);
        self.cover_crash();
        // What follows from an answer may not be committed yet; a failing store takes a while.
        let soon = self.now_ms - 60_000;
        self.sales.iter_mut().for_each(|sale| sale.given_back_ms = sale.given_back_ms.filter(|at_ms| *at_ms < soon));
        self.plan_in(100, 120_000, What::Start);
    }

    pub(crate) fn wall_ms(&self) -> i64 {
        EPOCH_MS + self.now_ms + self.wall_skew_ms
    }

    /// The gateways' clock is right.
    pub(crate) fn gateway_ms(&self) -> i64 {
        EPOCH_MS + self.now_ms
    }

    /// The process's time.
    pub(crate) fn time(&self) -> Time {
        self.till.as_ref().map_or(Time(0), |till| till.time(self.now_ms - self.boot_at_ms))
    }

    pub(crate) fn handle(&mut self, event: Event) -> Verdict {
        let now = Now { time: self.time(), wall_ms: self.wall_ms() };
        let Some(till) = &mut self.till else { return Ok(()) };
        let commands = till.driver.handle(event, now);
        self.execute(commands)
    }

    /// As the shell does, in order; a kill can come before any of them.
    fn execute(&mut self, commands: Vec<Command>) -> Verdict {
        for command in commands {
            if self.rng.chance(self.kill_rate(&command)) {
                self.cover_unsent(&command);
                self.kill();
                return Ok(());
            }
            self.execute_one(command)?;
        }
        Ok(())
    }

    fn cover_unsent(&mut self, command: &Command) {
        if let Command::Send(send) = command
            && let Some(sale) = self.place_of_order(&send.order)
        {
            let (gateway, state) = (self.sales[sale].gateway, self.state_of(sale));
            self.coverage.met(Fault::KilledBeforeSend, gateway, state, Some(send.op));
        }
    }

    fn execute_one(&mut self, command: Command) -> Verdict {
        let life = self.life;
        let Some(till) = &mut self.till else { return Ok(()) };
        match command {
            Command::Commit { handle, job } => {
                till.jobs.push((handle, job));
                if till.jobs.len() == 1 {
                    self.plan_in(0, 12, What::Write { life });
                }
            }
            Command::Send(send) => self.send(*send)?,
            Command::WakeAt { handle, at } => {
                till.wakes.insert(handle, at);
                let due_ms = till.boot_ms(at) + self.boot_at_ms;
                let late_ms = if self.rng.chance(self.weather.sleep_rate) {
                    self.cover_all(Fault::Slept);
                    self.rng.between(1_000, 600_000)
                } else {
                    0
                };
                self.plan(due_ms + late_ms, What::Wake { life, handle, at });
            }
            Command::Report(payment) => self.judge_told(&payment)?,
            Command::Answer { ticket, result } => self.judge_answer(ticket, result.map(|payment| *payment))?,
            Command::ReopenAt(at) => {
                let at_ms = till.boot_ms(at) + self.boot_at_ms;
                self.plan(at_ms, What::Reopen { life });
            }
            Command::Reopen => {
                let fails = self.rng.chance(self.weather.commit_rate * 3);
                self.plan_in(1, 50, What::Reopened { life, fails });
            }
            Command::Find { handle, request_key } => self.plan_in(0, 9, What::Found { life, handle, request_key }),
            Command::LookUp { ticket, gateway, order_number, forgotten } => {
                self.plan_in(0, 9, What::LookedUp { life, ticket, gateway, order_number, forgotten });
            }
        }
        Ok(())
    }

    fn wake(&mut self, handle: Handle, at: Time) -> Verdict {
        let Some(till) = &mut self.till else { return Ok(()) };
        // A later wish of the same payment replaces the earlier.
        if till.wakes.get(&handle) != Some(&at) {
            return Ok(());
        }
        till.wakes.remove(&handle);
        self.handle(Event::TimeUp { handle })
    }

    /// The writer's turn: everything that waits, in one commit.
    fn write(&mut self) -> Verdict {
        let life = self.life;
        let Some(till) = &mut self.till else { return Ok(()) };
        let (handles, jobs) = till.next_jobs();
        if !till.jobs.is_empty() {
            self.plan_in(0, 5, What::Write { life });
        }
        if self.rng.chance(self.weather.kill_rate) {
            self.kill();
            return Ok(());
        }
        let results = self.commit(&jobs)?;
        for (handle, result) in handles.into_iter().zip(results) {
            if !self.is(life) {
                return Ok(());
            }
            self.handle(Event::Committed { handle, result })?;
        }
        Ok(())
    }

    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Result<Done, PaywandError>>, Violation> {
        let failed = || jobs.iter().map(|_| Err(PaywandError::StoreUnavailable { reason: "simulated".to_owned() }));
        let fails = !self.store_down && self.rng.chance(self.weather.commit_rate);
        let lands = !self.store_down && (!fails || self.rng.chance(500));
        self.store_down |= fails;
        if fails {
            self.cover_all(if lands { Fault::CommitLanded } else { Fault::CommitLost });
            self.say(|_| {
                format!("a commit of {} fails, {}", jobs.len(), if lands { "and has landed" } else { "and is lost" })
            });
        }
        let Some(till) = &mut self.till else { return Ok(Vec::new()) };
        if !lands {
            return Ok(failed().collect());
        }
        let results = till.shelf.run(jobs);
        for (job, result) in jobs.iter().zip(&results) {
            self.judge_commit(job, result, fails)?;
        }
        Ok(if fails { failed().collect() } else { results })
    }

    fn reopened(&mut self, fails: bool) -> Verdict {
        let Some(till) = &mut self.till else { return Ok(()) };
        let result = if fails {
            Err(PaywandError::StoreUnavailable { reason: "simulated".to_owned() })
        } else {
            till.shelf.reopen()
        };
        if fails {
            self.cover_all(Fault::ReopenFails);
        } else {
            self.store_down = false;
        }
        self.handle(Event::Reopened { result })
    }

    fn found(&mut self, handle: Handle, request_key: &str) -> Verdict {
        let Some(till) = &self.till else { return Ok(()) };
        let result = till.shelf.find(request_key).map(|stored| stored.map(Box::new));
        self.handle(Event::Found { handle, result })
    }

    fn looked_up(&mut self, ticket: Ticket, gateway: String, order_number: String, forgotten: u64) -> Verdict {
        let Some(till) = &self.till else { return Ok(()) };
        let result = till.shelf.order(&order_number).map(|stored| stored.map(Box::new));
        self.handle(Event::LookedUp { ticket, gateway, order_number, forgotten, result })
    }

    /// Nothing is left to be done for any sale, and no request is on its way.
    fn is_over(&self) -> bool {
        self.till.is_some()
            && self.to_come == 0
            && self.sales.iter().all(|sale| sale.charges_on_the_way == 0 && sale.refunds_on_the_way == 0)
            && self.committed.values().all(|row| !row.payment.unfinished())
            && self.till.as_ref().is_some_and(|till| till.tickets.is_empty() && till.jobs.is_empty())
    }

    /// So long after the world has healed nothing may be at work any more.
    fn is_late(&self, for_ms: i64) -> bool {
        let taken_on = |row: &Committed| {
            row.payment.state == PaymentState::Refunding && row.flow.contains("\"refund_accepted\":true")
        };
        for_ms > WALLETS_PATIENCE_MS || (for_ms > PATIENCE_MS && !self.committed.values().any(taken_on))
    }

    pub(crate) fn healed(&self) -> bool {
        self.healed_at_ms.is_some()
    }

    /// The account in force at a sale's gateway.
    pub(crate) fn account_of(&self, sale: usize) -> String {
        let other = self.changed == Changed::Account(self.sales[sale].gateway);
        if other { "another" } else { "account" }.to_owned()
    }

    /// A line of the story, where it is kept.
    pub(crate) fn say(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.story.is_none() {
            return;
        }
        let line = format!("{:>9.3} s  {}", self.now_ms as f64 / 1_000.0, line(self));
        if let Some(story) = &mut self.story {
            story.push(line);
        }
    }

    /// The story so far.
    pub(crate) fn story(&self) -> &[String] {
        self.story.as_deref().unwrap_or_default()
    }
}
