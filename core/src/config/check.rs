//! A configuration becomes what the core trusts, or an error that names the option.

use std::{collections::HashSet, net::Ipv4Addr, path::PathBuf, sync::Arc};

use rustls::pki_types::DnsName;
use url::Url;

use super::{BusinessDay, GatewayConfig, Routes, TerminalConfig, TimingConfig};
use crate::{
    error::PaywandError,
    gateway::{self, Gateway, GatewayKind, Settings, Timing},
    key::Desk,
    money::Currency,
    signing::sha256_lower,
    transport::{Endpoint, check_certificates},
};

/// A configuration that was checked.
pub(crate) struct Checked {
    /// The SQLite file.
    pub(crate) database: PathBuf,
    /// When the merchant's day begins.
    pub(crate) business_day: BusinessDay,
    /// At least one, in the order given.
    pub(crate) gateways: Vec<CheckedGateway>,
    /// Which of them takes a payment that names none.
    pub(crate) routes: Routes,
}

/// A gateway that was checked.
pub(crate) struct CheckedGateway {
    /// What the app calls it.
    pub(crate) id: String,
    /// Which protocol it speaks.
    pub(crate) kind: GatewayKind,
    /// Its requests and replies, with the account's keys.
    pub(crate) gateway: Box<dyn Gateway>,
    /// The timings in force.
    pub(crate) timing: Timing,
    /// What is charged.
    pub(crate) currency: Currency,
    /// Where it is.
    pub(crate) endpoint: Endpoint,
    /// Where it leaves what a remote signer is to sign.
    pub(crate) desk: Option<Arc<Desk>>,
    /// The account's fingerprint: host, merchant, shop and device, 32 hex digits, no secret. It is stored with each
    /// payment, and a payment goes on only under the same one (docs/architecture.md).
    pub(crate) account: String,
}

/// Makes a gateway; [`gateway::open`] outside tests.
pub(super) type Open = fn(GatewayKind, Settings) -> Result<Box<dyn Gateway>, PaywandError>;

impl TerminalConfig {
    /// Checks everything and makes the gateways. Reads the CA files; opens and sends nothing.
    pub(crate) fn check(self) -> Result<Checked, PaywandError> {
        self.check_with(gateway::open)
    }

    pub(super) fn check_with(self, open: Open) -> Result<Checked, PaywandError> {
        if self.database.is_empty() {
            return Err(PaywandError::config("database", "a path is expected"));
        }
        self.business_day.check()?;
        if self.gateways.is_empty() {
            return Err(PaywandError::config("gateways", "at least one is expected"));
        }
        let mut ids = HashSet::new();
        let mut gateways = Vec::with_capacity(self.gateways.len());
        for (index, config) in self.gateways.into_iter().enumerate() {
            let path = format!("gateways[{index}]");
            let gateway = config.check(&path, open)?;
            if !ids.insert(gateway.id.clone()) {
                return Err(PaywandError::config(format!("{path}.id"), "another gateway has this id"));
            }
            gateways.push(gateway);
        }
        let routes = Routes::check(self.routes, self.default_gateway, self.wallets, &gateways)?;
        Ok(Checked { database: self.database.into(), business_day: self.business_day, gateways, routes })
    }
}

impl BusinessDay {
    pub(super) fn check(self) -> Result<(), PaywandError> {
        let within = |name, value, least, most| match (least..=most).contains(&value) {
            true => Ok(()),
            false => {
                Err(PaywandError::config(format!("business_day.{name}"), format!("{least} to {most} is expected")))
            }
        };
        within("utc_offset_minutes", self.utc_offset_minutes, -720, 840)?;
        within("cut_over_minutes", self.cut_over_minutes, 0, 1439)
    }
}

impl GatewayConfig {
    pub(super) fn check(self, path: &str, open: Open) -> Result<CheckedGateway, PaywandError> {
        let refused = |name: &str, reason: &str| PaywandError::config(format!("{path}.{name}"), reason);
        if !is_id(&self.id) {
            return Err(refused("id", "1 to 32 of A-Z a-z 0-9 _ - are expected"));
        }
        let base_url = parse_base_url(&self.base_url).map_err(|reason| refused("base_url", reason))?;
        let timing = self.timing.check(path, self.kind.timing())?;
        let ca_pem = self.ca_file.as_deref().map(read_ca_file).transpose().map_err(|e| refused("ca_file", &e))?;
        let terminal = self.terminal.as_deref();
        if terminal.is_some_and(|terminal| !is_terminal(terminal)) {
            return Err(refused("terminal", "1 to 32 characters without control characters are expected"));
        }
        let client_ip = self.client_ip.as_deref().unwrap_or("127.0.0.1");
        if client_ip.parse::<Ipv4Addr>().is_err() {
            return Err(refused("client_ip", "an IPv4 address is expected"));
        }
        let mut settings = Settings::new(path, self.keys, terminal.unwrap_or_default(), client_ip);
        settings.qr_life_ms = timing.qr_life_ms;
        settings.options = self.options;
        settings.desk = self.remote_keys.then(|| Arc::new(Desk::new(&self.id)));
        let desk = settings.desk.clone();
        let gateway = open(self.kind, settings)?;

        let can = gateway.capabilities();
        if base_url.scheme() == "http" {
            if !can.signs_answers {
                // Nothing but the connection vouches for its answers (docs/architecture.md).
                return Err(refused("base_url", "https is expected: answers of this gateway are not signed"));
            }
            if !self.allow_http {
                return Err(refused("base_url", "https is expected; allow_http takes plain http, which all can read"));
            }
            log::warn!("gateway {}: plain http, everyone on the way can read its payment codes", self.id);
        }
        let currency = choose_currency(self.currency.as_deref(), can.currencies)
            .ok_or_else(|| refused("currency", &format!("one of {:?} is expected", can.currencies)))?;
        let account = fingerprint(self.kind, &base_url, &gateway.account());
        let endpoint = Endpoint::new(base_url, ca_pem, &timing);
        Ok(CheckedGateway { id: self.id, kind: self.kind, gateway, timing, currency, endpoint, desk, account })
    }
}

impl TimingConfig {
    /// `timing` with what is configured put over it.
    fn check(mut self, path: &str, mut timing: Timing) -> Result<Timing, PaywandError> {
        for (name, given, in_force, most) in self.options(&mut timing) {
            let Some(given) = *given else { continue };
            if !(1..=most).contains(&given) {
                return Err(PaywandError::config(format!("{path}.timing.{name}"), format!("1 to {most} is expected")));
            }
            *in_force = given;
        }
        Ok(timing)
    }
}

fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_terminal(text: &str) -> bool {
    (1..=32).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A base URL without a slash at its end. The reason never repeats it: it may hold a password.
fn parse_base_url(text: &str) -> Result<Url, &'static str> {
    // The parser would drop these in silence.
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it holds white space");
    }
    // The parser would take the path of a URL without a host for its host.
    let host = text.split_once("://").map(|(_, host)| host);
    if host.is_none_or(|host| host.starts_with(['/', '\\'])) {
        return Err("https://host[:port][/prefix] is expected");
    }
    let mut url = Url::parse(text).map_err(|_| "https://host[:port][/prefix] is expected")?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err("https://host[:port][/prefix] is expected");
    }
    if url.domain().is_some_and(|name| DnsName::try_from(name).is_err()) {
        return Err("its host is no DNS name or IP address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it holds a query or fragment");
    }
    let prefix = url.path().trim_end_matches('/').to_owned();
    url.set_path(&prefix);
    Ok(url)
}

fn read_ca_file(path: &str) -> Result<Vec<u8>, String> {
    let pem = std::fs::read(path).map_err(|e| e.to_string())?;
    check_certificates(&pem)?;
    Ok(pem)
}

/// The configured currency if the gateway takes it; its first if none is configured.
fn choose_currency(configured: Option<&str>, taken: &[Currency]) -> Option<Currency> {
    match configured {
        Some(text) => text.parse().ok().filter(|currency| taken.contains(currency)),
        None => taken.first().copied(),
    }
}

/// Whose account it is, in 32 hex digits. The scheme is left out: a host that moves to https stays the same account.
pub(super) fn fingerprint(kind: GatewayKind, base_url: &Url, account: &[&str]) -> String {
    let host = base_url.host_str().unwrap_or_default();
    let port = base_url.port().map(|port| port.to_string()).unwrap_or_default();
    let mut text = String::new();
    // Lengths keep ["ab", "c"] apart from ["a", "bc"].
    for part in [kind.code(), host, &port, base_url.path()].iter().chain(account) {
        text.push_str(&format!("{}:{part}", part.len()));
    }
    let mut digest = sha256_lower(text.as_bytes());
    digest.truncate(32);
    digest
}
