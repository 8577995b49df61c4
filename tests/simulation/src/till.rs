//! The till's process: the real driver over the real store, in place of the tokio shell. A kill drops all of it but the
//! files; a start opens them again as the library does.

use std::{collections::HashMap, sync::Arc};

use paywand::{
    PaywandError, Secret,
    driver::{Command, Driver, Handle, Now, Port, Ticket},
    flow::Time,
    gateway::{self, GatewayKind, Settings},
    store::{Job, Stored},
};
use paywand_sandbox::Merchant;
use serde_json::Value;

use crate::disk::{Disk, Shelf};

/// Most jobs of one commit, as the library's writer has it.
const MOST_JOBS: usize = 128;

/// A running process.
pub(crate) struct Till {
    pub(crate) driver: Driver,
    pub(crate) ports: Arc<Vec<Port>>,
    pub(crate) shelf: Shelf,
    /// From the boot clock to the payments' time.
    offset_ms: i64,
    /// Jobs that wait for the writer.
    pub(crate) jobs: Vec<(Handle, Job)>,
    pub(crate) wakes: HashMap<Handle, Time>,
    /// Calls that wait for an answer: when they were made.
    pub(crate) tickets: HashMap<Ticket, (i64, Asked)>,
    pub(crate) next_ticket: Ticket,
    /// Successes whose signatures failed since an answer last verified, by gateway; and when the last of them came, or
    /// the last sale began.
    pub(crate) unverified: Vec<(u32, i64)>,
    /// How far the gateways' clocks are ahead of the simulation's, as their Date headers have told this process.
    pub(crate) gateway_ahead_ms: Vec<Option<i64>>,
}

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A sale, by its place.
    Sale(usize),
    /// The sale's key with another amount: never the sale.
    OtherSale(usize),
    /// A wish about the sale at this place.
    Wish(usize),
    /// A gateway's call about the sale at this place, or about nobody's.
    Callback { sale: usize, foreign: bool },
}

/// How the configuration differs from the one that the day began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Nothing,
    /// The account at this gateway is another.
    Account(usize),
    /// This gateway is not configured.
    Missing(usize),
}

/// What the till is configured with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(crate) changed: Changed,
    /// BJRCB's service that tells what became of a refund is known.
    pub(crate) bjrcb_tells: bool,
}

impl Till {
    /// Opens what is on `disk`, and begins recovery. `boot_ms` is the boot clock.
    pub(crate) fn start(
        disk: &Disk,
        merchant: &Merchant,
        config: Config,
        boot_ms: i64,
        wall_ms: i64,
    ) -> Result<(Self, Vec<Stored>, Vec<Command>), PaywandError> {
        let mut shelf = disk.open()?;
        let offset_ms = shelf.last_time_ms().saturating_sub(boot_ms).max(0);
        let stored = shelf.unfinished()?;
        let ports = Arc::new(ports(merchant, config));
        let mut driver = Driver::new(ports.clone(), shelf.code_key());
        let now = Now { time: Time(boot_ms + offset_ms), wall_ms };
        let commands = driver.recover(stored.clone(), now, |jobs| shelf.run(jobs));
        let till = Self {
            driver,
            unverified: vec![(0, 0); ports.len()],
            gateway_ahead_ms: vec![None; ports.len()],
            ports,
            shelf,
            offset_ms,
            jobs: Vec::new(),
            wakes: HashMap::new(),
            tickets: HashMap::new(),
            next_ticket: 0,
        };
        Ok((till, stored, commands))
    }

    /// The payments' time at `boot_ms` of the boot clock.
    pub(crate) fn time(&self, boot_ms: i64) -> Time {
        Time(boot_ms + self.offset_ms)
    }

    /// When it is `time` by the boot clock.
    pub(crate) fn boot_ms(&self, time: Time) -> i64 {
        time.0 - self.offset_ms
    }

    /// What the writer takes next: everything that waits, up to its limit.
    pub(crate) fn next_jobs(&mut self) -> (Vec<Handle>, Vec<Job>) {
        let count = self.jobs.len().min(MOST_JOBS);
        self.jobs.drain(..count).unzip()
    }

    /// The port of a gateway, where it is configured.
    pub(crate) fn port(&self, kind: GatewayKind) -> Option<usize> {
        self.ports.iter().position(|port| port.id == kind.code())
    }

    pub(crate) fn ticket(&mut self, now_ms: i64, asked: Asked) -> Ticket {
        self.next_ticket += 1;
        self.tickets.insert(self.next_ticket, (now_ms, asked));
        self.next_ticket
    }
}

/// The gateways with a merchant's accounts.
fn ports(merchant: &Merchant, config: Config) -> Vec<Port> {
    let changed = config.changed;
    let accounts = serde_json::to_value(merchant).expect("a merchant is JSON");
    let kinds = GatewayKind::ALL.into_iter().enumerate();
    kinds
        .filter(|(place, _)| changed != Changed::Missing(*place))
        .map(|(place, kind)| {
            let account = if changed == Changed::Account(place) { "another" } else { "account" };
            port(kind, &accounts[kind.code()], account, config.bjrcb_tells)
        })
        .collect()
}

fn port(kind: GatewayKind, keys: &Value, account: &str, bjrcb_tells: bool) -> Port {
    let keys = keys.as_object().expect("its account is there").iter();
    let keys = keys.map(|(name, key)| (name.clone(), Arc::new(Secret::from_text(key.as_str().expect("text")))));
    let timing = kind.timing();
    let mut settings = Settings::new("gateways[0]", keys.collect(), "T1", "10.0.0.1");
    settings.qr_life_ms = timing.qr_life_ms;
    if kind == GatewayKind::Bjrcb && bjrcb_tells {
        for (wallet, name) in [("wechat", "WECHAT_REFUNDQUERY"), ("alipay", "ALIPAY_REFUNDQUERY")] {
            settings.options.insert(format!("refund_query_service_{wallet}"), name.to_owned());
        }
    }
    let gateway = gateway::open(kind, settings).expect("the sandbox's account is one that the gateway takes");
    Port { id: kind.code().to_owned(), gateway, timing, account: account.to_owned() }
}
