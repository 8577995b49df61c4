//! What a terminal is opened with: a store, its gateways, the merchant's day.
//!
//! The same options under the same names come from Kotlin as records or from `terminal.json` ([`TerminalConfig::from_json`]).
//! Records hold plain values; [`TerminalConfig::check`] turns them into what the rest of the core trusts, and names the
//! option in every refusal. `docs/configuration.md` is the reference.

mod check;
mod file;
mod json;
mod routes;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

pub(crate) use check::{Checked, CheckedGateway};
pub(crate) use routes::Routes;
pub use routes::{Route, WalletForm};

use crate::{
    gateway::{GatewayKind, Timing},
    secret::Secret,
};

/// Everything that a terminal is opened with.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct TerminalConfig {
    /// Path of the SQLite file. On Android: under the app's no-backup folder.
    pub database: String,
    /// The gateways, at least one, each with an id of its own.
    pub gateways: Vec<GatewayConfig>,
    /// When the merchant's day begins.
    #[uniffi(default)]
    pub business_day: BusinessDay,
    /// Which gateway takes a payment that names none, by the customer's wallet: the first that fits.
    #[uniffi(default)]
    pub routes: Vec<Route>,
    /// Which gateway takes what no route fits.
    #[uniffi(default = None)]
    pub default_gateway: Option<String>,
    /// Forms of payment codes, tried before the built-in ones: a new prefix needs no release.
    #[uniffi(default)]
    pub wallets: Vec<WalletForm>,
}

/// One gateway with the merchant's account there.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct GatewayConfig {
    /// What the app calls it: 1 to 32 of `A-Z a-z 0-9 _ -`. Payments are stored under it; do not rename it.
    pub id: String,
    /// Which protocol it speaks.
    pub kind: GatewayKind,
    /// Where it is: `https://host[:port][/prefix]`, no user, query or fragment. Request paths are put behind it.
    pub base_url: String,
    /// The account's values by the gateway's own names. They print as `***`.
    pub keys: HashMap<String, Arc<Secret>>,
    /// ISO 4217 code, one that the gateway takes. Default: the first that it takes.
    #[uniffi(default)]
    pub currency: Option<String>,
    /// The terminal's id, 1 to 32 characters, sent where the gateway has a field for it.
    #[uniffi(default)]
    pub terminal: Option<String>,
    /// IPv4 address, sent where the gateway has a field for it. Default: `127.0.0.1`.
    #[uniffi(default)]
    pub client_ip: Option<String>,
    /// Timings that differ from the gateway's own.
    #[uniffi(default)]
    pub timing: TimingConfig,
    /// PEM file of certificates trusted beside the public roots: a sandbox's, or the merchant's own CA.
    #[uniffi(default)]
    pub ca_file: Option<String>,
    /// Take a `base_url` with plain http. Never taken where the gateway does not sign its answers.
    #[uniffi(default)]
    pub allow_http: bool,
    /// Secret keys that stand not among `keys` are with the remote signer that the terminal is opened with.
    #[uniffi(default)]
    pub remote_keys: bool,
    /// What a gateway's hosts are known to differ in, by name (`docs/configuration.md`); all of it has a default.
    #[uniffi(default)]
    pub options: HashMap<String, String>,
}

/// Timings in milliseconds, named as in `terminal.json`; what is left out is the gateway's own.
///
/// `connect_ms` is at most a minute, `read_ms` at most ten minutes, all others at most 31 days; all are at least 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct TimingConfig {
    /// Name, TCP and TLS of one connection; also how long a charge that never left is tried again.
    #[uniffi(default)]
    pub connect_ms: Option<i64>,
    /// From a connection that stands to the last byte of the answer.
    #[uniffi(default)]
    pub read_ms: Option<i64>,
    /// First query after a charge or refund that got no clear answer, or after a QR was shown.
    #[uniffi(default)]
    pub first_query_ms: Option<i64>,
    /// Between queries.
    #[uniffi(default)]
    pub interval_ms: Option<i64>,
    /// After this, an undecided charge is reversed.
    #[uniffi(default)]
    pub deadline_ms: Option<i64>,
    /// Between queries while a QR is shown.
    #[uniffi(default)]
    pub qr_interval_ms: Option<i64>,
    /// How long a QR is shown; after this, an unpaid one is closed.
    #[uniffi(default)]
    pub qr_deadline_ms: Option<i64>,
    /// A reverse never leaves earlier than this after the charge.
    #[uniffi(default)]
    pub min_reverse_age_ms: Option<i64>,
    /// Before the first repeat of a reverse.
    #[uniffi(default)]
    pub reverse_retry_ms: Option<i64>,
    /// Between closes.
    #[uniffi(default)]
    pub close_retry_ms: Option<i64>,
    /// Undecided for this long: a person is asked.
    #[uniffi(default)]
    pub attention_after_ms: Option<i64>,
    /// How late a lost charge may still land at the gateway.
    #[uniffi(default)]
    pub landing_horizon_ms: Option<i64>,
    /// How long a QR can be paid.
    #[uniffi(default)]
    pub qr_life_ms: Option<i64>,
    /// The unit in which ended payments are watched.
    #[uniffi(default)]
    pub watch_ms: Option<i64>,
}

/// When the merchant's day begins. A sale keeps the day on which it was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct BusinessDay {
    /// Minutes ahead of UTC, −720 to 840. Default: 480, China and Hong Kong.
    #[uniffi(default = 480)]
    pub utc_offset_minutes: i32,
    /// Minutes after midnight at which a new day begins, 0 to 1439. Default: 0.
    #[uniffi(default = 0)]
    pub cut_over_minutes: i32,
}

impl Default for BusinessDay {
    fn default() -> Self {
        Self { utc_offset_minutes: 480, cut_over_minutes: 0 }
    }
}

impl TimingConfig {
    /// Every option: its name, its place here, its place in `timing`, and the largest value it takes.
    fn options<'a>(&'a mut self, timing: &'a mut Timing) -> [TimingOption<'a>; 14] {
        const MINUTE: i64 = 60_000;
        const MONTH: i64 = 31 * 24 * 60 * MINUTE;
        [
            ("connect_ms", &mut self.connect_ms, &mut timing.connect_ms, MINUTE),
            ("read_ms", &mut self.read_ms, &mut timing.read_ms, 10 * MINUTE),
            ("first_query_ms", &mut self.first_query_ms, &mut timing.first_query_ms, MONTH),
            ("interval_ms", &mut self.interval_ms, &mut timing.interval_ms, MONTH),
            ("deadline_ms", &mut self.deadline_ms, &mut timing.deadline_ms, MONTH),
            ("qr_interval_ms", &mut self.qr_interval_ms, &mut timing.qr_interval_ms, MONTH),
            ("qr_deadline_ms", &mut self.qr_deadline_ms, &mut timing.qr_deadline_ms, MONTH),
            ("min_reverse_age_ms", &mut self.min_reverse_age_ms, &mut timing.min_reverse_age_ms, MONTH),
            ("reverse_retry_ms", &mut self.reverse_retry_ms, &mut timing.reverse_retry_ms, MONTH),
            ("close_retry_ms", &mut self.close_retry_ms, &mut timing.close_retry_ms, MONTH),
            ("attention_after_ms", &mut self.attention_after_ms, &mut timing.attention_after_ms, MONTH),
            ("landing_horizon_ms", &mut self.landing_horizon_ms, &mut timing.landing_horizon_ms, MONTH),
            ("qr_life_ms", &mut self.qr_life_ms, &mut timing.qr_life_ms, MONTH),
            ("watch_ms", &mut self.watch_ms, &mut timing.watch_ms, MONTH),
        ]
    }
}

/// Name, configured value, value in force, largest value.
type TimingOption<'a> = (&'static str, &'a mut Option<i64>, &'a mut i64, i64);
