//! What a seed decides: sales and their customers, and how each life of the process goes and ends.

use std::fmt;

use fastrand::Rng;
use paywand::{KILL_POINTS, gateway::GatewayKind};
use paywand_e2e::{Asked, SHOWING, code_text};
use paywand_sandbox::{Do, Magic, magic_amounts};
use serde_json::{Value, json};

/// A till's whole story, before it happens.
pub(crate) struct Round {
    pub(crate) sales: Vec<Sale>,
    pub(crate) lives: Vec<Life>,
}

/// One sale, and what its customer and its answers do: the sandbox takes that from the amount.
pub(crate) struct Sale {
    pub(crate) asked: Asked,
    what: String,
    /// The cashier wants it undone once the call has returned, which is then soon.
    cancelled: bool,
}

/// One process, from its start to its end.
pub(crate) struct Life {
    pub(crate) work: Work,
    pub(crate) ending: Ending,
}

/// What the process is started for.
pub(crate) enum Work {
    /// `pay serve` with all sales; from the second time on their request keys are known, and their codes are new.
    Serve { parallel: usize },
    /// `pay recover`.
    Recover,
}

/// How the process is ended, unless it ends before.
pub(crate) enum Ending {
    /// SIGKILL, so long after so many more calls had reached the gateways; with none, after its start.
    Instant { calls: usize, micros: u64 },
    /// At the n-th passing of this kill point, by itself.
    Point { name: &'static str, n: u32 },
}

impl Round {
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let count = rng.usize(5..=10);
        let mut amounts = magic_amounts();
        rng.shuffle(&mut amounts);
        let sales: Vec<Sale> = (0..count).map(|n| Sale::of(n, &mut amounts, &mut rng)).collect();
        let count = [1, 2, 2, 3, 3, 4][rng.usize(..6)];
        let lives = (0..count).map(|n| Life::of(n, sales.len(), &mut rng)).collect();
        Self { sales, lives }
    }

    /// The lines for `pay serve`.
    pub(crate) fn jobs(&self) -> String {
        let sold = self.sales.iter().map(Sale::job);
        let cancelled = self.sales.iter().filter(|sale| sale.cancelled);
        let cancels = cancelled.map(|sale| json!({"command": "cancel", "request_key": sale.asked.request_key}));
        sold.chain(cancels).map(|job| format!("{job}\n")).collect()
    }
}

impl Sale {
    /// The n-th sale: the first are at one gateway each, and half the customers do as they should.
    fn of(n: usize, amounts: &mut Vec<(i64, Magic)>, rng: &mut Rng) -> Self {
        let kind =
            GatewayKind::ALL.get(n).copied().unwrap_or_else(|| GatewayKind::ALL[rng.usize(..GatewayKind::ALL.len())]);
        let (minor, magic) = match amounts.pop().filter(|(_, magic)| rng.bool() && can_be_told(kind, magic)) {
            Some((minor, magic)) => (minor, Some(magic)),
            None => (100 + n as i64, None),
        };
        let honest = magic.is_none();
        let what = magic.map_or_else(|| "the customer pays".to_owned(), |magic| magic.describe());
        let asked = Asked { kind, request_key: format!("till-7/{n}"), minor, honest };
        Self { asked, what, cancelled: rng.u8(..5) == 0 }
    }

    fn job(&self) -> Value {
        let Asked { kind, request_key, minor, .. } = &self.asked;
        let wait = if self.cancelled { "50ms" } else { "10s" };
        let mut job = json!({
            "command": "qr", "gateway": kind.code(), "amount": format!("{}.{:02}", minor / 100, minor % 100),
            "request_key": request_key, "wait": wait,
        });
        if !SHOWING.contains(kind) {
            job["command"] = "charge".into();
            job["code"] = code_text(*kind).into();
        }
        job
    }
}

/// Whether any till could see it. maxfun's answers carry no amount, and only BlueOcean's and BJRCB's a currency: where it is absent,
/// it is taken for the configured one (docs/architecture.md, promise 5 and what an answer may prove).
fn can_be_told(kind: GatewayKind, magic: &Magic) -> bool {
    match magic {
        Magic::Start(Do::OtherAmount) => kind != GatewayKind::MaxfunDevice,
        Magic::Start(Do::OtherCurrency) => matches!(kind, GatewayKind::BlueoceanV1 | GatewayKind::Bjrcb),
        _ => true,
    }
}

impl Life {
    /// The n-th life: the first sells, later ones recover or sell again.
    fn of(n: usize, sales: usize, rng: &mut Rng) -> Self {
        let work = if n == 0 || rng.bool() { Work::Serve { parallel: rng.usize(2..=12) } } else { Work::Recover };
        // A later life has less left to do.
        let busy = if n == 0 { 2 * sales } else { sales / 2 };
        let ending = match rng.u8(..10) {
            0 => Ending::Instant { calls: 0, micros: rng.u64(..40_000) },
            1..=5 => Ending::Instant { calls: rng.usize(1..=busy), micros: rng.u64(..2_000) },
            _ => {
                let name = KILL_POINTS[rng.usize(..KILL_POINTS.len())];
                let rare = name.ends_with("reverse") || name.ends_with("close");
                Ending::Point { name, n: rng.u32(1..=if rare { 2 } else { busy as u32 }) }
            }
        };
        Self { work, ending }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Sale { asked, what, cancelled } in &self.sales {
            let by = if SHOWING.contains(&asked.kind) { "QR" } else { "charge" };
            let then = if *cancelled { "; then cancelled" } else { "" };
            writeln!(f, "{}: {by} of {} fen at {}: {what}{then}", asked.request_key, asked.minor, asked.kind.code())?;
        }
        Ok(())
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.work {
            Work::Serve { parallel } => write!(f, "serve, {parallel} at a time; ")?,
            Work::Recover => write!(f, "recover; ")?,
        }
        match &self.ending {
            Ending::Instant { calls: 0, micros } => write!(f, "SIGKILL {micros} us after its start"),
            Ending::Instant { calls, micros } => write!(f, "SIGKILL {micros} us after {calls} calls"),
            Ending::Point { name, n } => write!(f, "killed at {name}:{n}"),
        }
    }
}
