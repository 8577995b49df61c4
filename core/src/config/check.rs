//! A configuration becomes what the core trusts, or an error that names the option.

use std::{collections::HashSet, net::Ipv4Addr, path::PathBuf};

use rustls::pki_types::DnsName;
use url::Url;

use super::{BusinessDay, GatewayConfig, TerminalConfig, TimingConfig};
use crate::{
    error::PaywandError,
    gateway::{self, Gateway, GatewayKind, Settings, Timing},
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
    /// The account's fingerprint: host, merchant, shop and device, 32 hex digits, no secret. It is stored with each
    /// payment, and a payment goes on only under the same one (flow.md 2).
    pub(crate) account: String,
}

/// Makes a gateway; [`gateway::open`] outside tests.
type Open = fn(GatewayKind, Settings) -> Result<Box<dyn Gateway>, PaywandError>;

impl TerminalConfig {
    /// Checks everything and makes the gateways. Reads the CA files; opens and sends nothing.
    pub(crate) fn check(self) -> Result<Checked, PaywandError> {
        self.check_with(gateway::open)
    }

    fn check_with(self, open: Open) -> Result<Checked, PaywandError> {
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
        Ok(Checked { database: self.database.into(), business_day: self.business_day, gateways })
    }
}

impl BusinessDay {
    fn check(self) -> Result<(), PaywandError> {
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
    fn check(self, path: &str, open: Open) -> Result<CheckedGateway, PaywandError> {
        let refused = |name: &str, reason: &str| PaywandError::config(format!("{path}.{name}"), reason);
        if !is_id(&self.id) {
            return Err(refused("id", "1 to 32 of A-Z a-z 0-9 _ - are expected"));
        }
        let base_url = parse_base_url(&self.base_url).map_err(|reason| refused("base_url", reason))?;
        let timing = self.timing.check(path, self.kind.timing())?;
        let ca_pem = self.ca_file.as_deref().map(read_ca_file).transpose().map_err(|e| refused("ca_file", &e))?;
        if self.plain_hex && self.kind != GatewayKind::Huishouyin {
            return Err(refused("plain_hex", "only huishouyin has this option"));
        }

        let terminal = self.terminal.as_deref();
        if terminal.is_some_and(|terminal| !is_terminal(terminal)) {
            return Err(refused("terminal", "1 to 64 characters without control characters are expected"));
        }
        let client_ip = self.client_ip.as_deref().unwrap_or("127.0.0.1");
        if client_ip.parse::<Ipv4Addr>().is_err() {
            return Err(refused("client_ip", "an IPv4 address is expected"));
        }
        let mut settings = Settings::new(path, self.keys, terminal.unwrap_or_default(), client_ip);
        settings.qr_life_ms = timing.qr_life_ms;
        settings.plain_hex = self.plain_hex;
        let gateway = open(self.kind, settings)?;

        let can = gateway.capabilities();
        if base_url.scheme() == "http" {
            if !can.signs_answers {
                // Nothing but the connection vouches for its answers (flow.md 1).
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
        let endpoint = Endpoint { base_url, ca_pem, connect_ms: timing.connect_ms, read_ms: timing.read_ms };
        Ok(CheckedGateway { id: self.id, kind: self.kind, gateway, timing, currency, endpoint, account })
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
    (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A base URL without a slash at its end. The reason never repeats it: it may hold a password.
fn parse_base_url(text: &str) -> Result<Url, &'static str> {
    // The parser would drop these in silence.
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it holds white space");
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
fn fingerprint(kind: GatewayKind, base_url: &Url, account: &[&str]) -> String {
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

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, io::Write, sync::Arc};

    use super::*;
    use crate::{
        gateway::{Capabilities, Operation, Order, Reply, RequestError, Stamp, WireRequest, WireResponse},
        payment_code::PaymentCode,
        secret::Secret,
    };

    /// A gateway that takes HKD and CNY; only BlueOcean's signs. Its account is what its settings were made from.
    struct Fake {
        signs: bool,
        account: String,
    }

    impl Gateway for Fake {
        fn capabilities(&self) -> Capabilities {
            Capabilities {
                charge: true,
                qr: false,
                query: false,
                detail: false,
                reverse: false,
                close: false,
                cleans_failures: false,
                signs_answers: self.signs,
                currencies: &[Currency::HKD, Currency::CNY],
                max_minor: 1,
                max_code: 1,
                order_prefix: String::new(),
            }
        }

        fn account(&self) -> Vec<&str> {
            self.account.split('/').collect()
        }

        fn request(
            &self,
            _: Operation,
            _: &Order,
            _: Option<&PaymentCode>,
            _: &Stamp,
        ) -> Result<WireRequest, RequestError> {
            unreachable!()
        }

        fn reply(&self, _: Operation, _: &Order, _: &WireResponse) -> Reply {
            unreachable!()
        }
    }

    fn open(kind: GatewayKind, settings: Settings) -> Result<Box<dyn Gateway>, PaywandError> {
        let Settings { terminal, client_ip, qr_life_ms, plain_hex, .. } = settings;
        let account = format!("{terminal}/{client_ip}/{qr_life_ms}/{plain_hex}");
        Ok(Box::new(Fake { signs: kind == GatewayKind::BlueoceanV1, account }))
    }

    fn gateway(id: &str) -> GatewayConfig {
        GatewayConfig {
            id: id.to_owned(),
            kind: GatewayKind::BlueoceanV1,
            base_url: "https://pay.example".to_owned(),
            keys: HashMap::from([("key".to_owned(), Arc::new(Secret::from_text("hunter2")))]),
            currency: None,
            terminal: None,
            client_ip: None,
            timing: TimingConfig::default(),
            ca_file: None,
            allow_http: false,
            plain_hex: false,
        }
    }

    fn terminal(gateways: Vec<GatewayConfig>) -> TerminalConfig {
        TerminalConfig { database: "paywand.db".to_owned(), gateways, business_day: BusinessDay::default() }
    }

    fn check(change: impl FnOnce(&mut GatewayConfig)) -> Result<CheckedGateway, (String, String)> {
        let mut config = gateway("hk");
        change(&mut config);
        match terminal(vec![config]).check_with(open) {
            Ok(checked) => Ok(checked.gateways.into_iter().next().unwrap()),
            Err(PaywandError::InvalidConfig { field, reason }) => Err((field, reason)),
            Err(other) => panic!("{other}"),
        }
    }

    /// Where a configuration with this change is refused; panics if it is not.
    fn refused(change: impl FnOnce(&mut GatewayConfig)) -> (String, String) {
        check(change).err().expect("a refusal")
    }

    fn base_url(text: &str) -> Result<String, String> {
        match check(|c| c.base_url = text.to_owned()) {
            Ok(checked) => Ok(checked.endpoint.base_url.to_string()),
            Err((field, reason)) => {
                assert_eq!(field, "gateways[0].base_url");
                Err(reason)
            }
        }
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let checked = terminal(vec![gateway("hk"), gateway("hk_2")]).check_with(open).ok().unwrap();
        assert_eq!(checked.database, PathBuf::from("paywand.db"));
        assert_eq!(checked.business_day, BusinessDay { utc_offset_minutes: 480, cut_over_minutes: 0 });
        let ids: Vec<_> = checked.gateways.iter().map(|gateway| gateway.id.as_str()).collect();
        assert_eq!(ids, ["hk", "hk_2"]);
        let first = &checked.gateways[0];
        let timing = GatewayKind::BlueoceanV1.timing();
        assert_eq!((first.currency, first.timing, first.kind), (Currency::HKD, timing, GatewayKind::BlueoceanV1));
        assert_eq!(first.gateway.account(), ["", "127.0.0.1", &timing.qr_life_ms.to_string(), "false"]);
        assert_eq!(first.endpoint.ca_pem, None);
        assert_eq!((first.endpoint.connect_ms, first.endpoint.read_ms), (timing.connect_ms, timing.read_ms));
    }

    #[test]
    fn what_is_given_reaches_the_gateway() {
        let checked = check(|c| {
            c.kind = GatewayKind::Huishouyin;
            c.currency = Some("CNY".to_owned());
            c.terminal = Some("T1".to_owned());
            c.client_ip = Some("10.0.0.7".to_owned());
            c.plain_hex = true;
            c.timing = TimingConfig {
                connect_ms: Some(7),
                read_ms: Some(600_000),
                qr_life_ms: Some(1),
                ..TimingConfig::default()
            };
        });
        let checked = checked.ok().unwrap();
        let timing = Timing { connect_ms: 7, read_ms: 600_000, qr_life_ms: 1, ..GatewayKind::Huishouyin.timing() };
        assert_eq!((checked.currency, checked.timing), (Currency::CNY, timing));
        assert_eq!(checked.gateway.account(), ["T1", "10.0.0.7", "1", "true"]);
        assert_eq!((checked.endpoint.connect_ms, checked.endpoint.read_ms), (7, 600_000));
    }

    #[test]
    fn the_terminal_s_own_options_are_checked() {
        let field = |config: TerminalConfig| match config.check_with(open).err().unwrap() {
            PaywandError::InvalidConfig { field, .. } => field,
            other => panic!("{other}"),
        };
        assert_eq!(field(terminal(vec![])), "gateways");
        assert_eq!(field(TerminalConfig { database: String::new(), ..terminal(vec![gateway("hk")]) }), "database");
        assert_eq!(field(terminal(vec![gateway("a"), gateway("b"), gateway("a")])), "gateways[2].id");
        for (utc_offset_minutes, cut_over_minutes, name) in [
            (-721, 0, "utc_offset_minutes"),
            (841, 0, "utc_offset_minutes"),
            (0, -1, "cut_over_minutes"),
            (0, 1440, "cut_over_minutes"),
        ] {
            let business_day = BusinessDay { utc_offset_minutes, cut_over_minutes };
            let config = TerminalConfig { business_day, ..terminal(vec![gateway("hk")]) };
            assert_eq!(field(config), format!("business_day.{name}"));
        }
        for (utc_offset_minutes, cut_over_minutes) in [(-720, 0), (840, 1439)] {
            assert!(BusinessDay { utc_offset_minutes, cut_over_minutes }.check().is_ok());
        }
    }

    #[test]
    fn ids_are_short_and_plain() {
        for id in ["", "a b", "a.b", "香港", "a\n", &"a".repeat(33)] {
            assert_eq!(refused(|c| c.id = id.to_owned()).0, "gateways[0].id", "{id:?}");
        }
        assert!(check(|c| c.id = "aZ09_-".repeat(5)).is_ok());
    }

    #[test]
    fn a_base_url_is_https_with_a_host_and_at_most_a_prefix() {
        assert_eq!(base_url("https://Pay.Example:8443/v1/pay//"), Ok("https://pay.example:8443/v1/pay".to_owned()));
        assert_eq!(base_url("https://pay.example/"), Ok("https://pay.example/".to_owned()));
        for text in
            ["", "pay.example", "/pay", "ftp://pay.example", "https://", "file:///etc", "data:,x", "https://[::1"]
        {
            assert_eq!(base_url(text), Err("https://host[:port][/prefix] is expected".to_owned()), "{text}");
        }
        for text in [&format!("https://{}.example", "a".repeat(64)), "https://pay..example", "https://a*b.example"] {
            assert_eq!(base_url(text), Err("its host is no DNS name or IP address".to_owned()), "{text}");
        }
        for text in ["https://127.0.0.1:8443/", "https://[::1]:8443/", "https://xn--fiq228c.example/"] {
            assert_eq!(base_url(text), Ok(text.to_owned()));
        }
        for text in ["https://till@pay.example", "https://till:hunter2@pay.example", "https://:hunter2@pay.example"] {
            assert_eq!(base_url(text), Err("it holds a user or password".to_owned()));
        }
        for text in ["https://pay.example/?", "https://pay.example/#a", "https://pay.example?a=b"] {
            assert_eq!(base_url(text), Err("it holds a query or fragment".to_owned()));
        }
        for text in [" https://pay.example", "https://pay.exa\nmple", "https://pay.example/a b"] {
            assert_eq!(base_url(text), Err("it holds white space".to_owned()));
        }
    }

    #[test]
    fn plain_http_is_taken_only_when_allowed_and_never_from_a_gateway_that_does_not_sign() {
        crate::test_log::start();
        let http = |kind, allow_http, id: &str| {
            check(|c| {
                c.kind = kind;
                c.allow_http = allow_http;
                c.id = id.to_owned();
                c.base_url = "http://pay.example".to_owned();
            })
        };
        let unsigned = "https is expected: answers of this gateway are not signed";
        for allow in [false, true] {
            let (field, reason) = http(GatewayKind::MaxfunDevice, allow, "unsigned").err().unwrap();
            assert_eq!((field.as_str(), reason.as_str()), ("gateways[0].base_url", unsigned));
        }
        assert!(http(GatewayKind::BlueoceanV1, false, "not-allowed").err().unwrap().1.contains("allow_http"));
        assert!(http(GatewayKind::BlueoceanV1, true, "allowed-http").is_ok());
        let warned = crate::test_log::lines_with("gateway allowed-http: plain http");
        assert!(warned.len() == 1 && warned[0].starts_with("WARN"), "{warned:?}");
        assert!(crate::test_log::lines_with("gateway unsigned").is_empty());
    }

    #[test]
    fn options_out_of_range_are_refused_by_name() {
        for (change, name) in [
            ((|c| c.currency = Some("USD".to_owned())) as fn(&mut GatewayConfig), "currency"),
            (|c| c.currency = Some("hkd".to_owned()), "currency"),
            (|c| c.terminal = Some(String::new()), "terminal"),
            (|c| c.terminal = Some("T\n".to_owned()), "terminal"),
            (|c| c.terminal = Some("终".repeat(65)), "terminal"),
            (|c| c.client_ip = Some("::1".to_owned()), "client_ip"),
            (|c| c.client_ip = Some("10.0.0.256".to_owned()), "client_ip"),
            (|c| c.plain_hex = true, "plain_hex"),
            (|c| c.ca_file = Some("no/such/file".to_owned()), "ca_file"),
        ] {
            assert_eq!(refused(change).0, format!("gateways[0].{name}"));
        }
        assert_eq!(refused(|c| c.currency = Some("USD".to_owned())).1, "one of [HKD, CNY] is expected");
    }

    #[test]
    fn every_timing_has_a_range() {
        let names: Vec<_> = TimingConfig::default()
            .options(&mut Timing::COMMON.clone())
            .iter()
            .map(|&(name, .., most)| (name, most))
            .collect();
        for (index, (name, most)) in names.into_iter().enumerate() {
            let with = |value: i64| {
                let mut config = gateway("hk");
                *config.timing.options(&mut Timing::COMMON.clone())[index].1 = Some(value);
                config.check("gateways[0]", open)
            };
            for value in [i64::MIN, -1, 0, most + 1, i64::MAX] {
                let Err(PaywandError::InvalidConfig { field, .. }) = with(value) else { panic!("{name} {value}") };
                assert_eq!(field, format!("gateways[0].timing.{name}"));
            }
            for value in [1, most] {
                let mut timing = with(value).ok().unwrap().timing;
                assert_eq!(*TimingConfig::default().options(&mut timing)[index].2, value, "{name}");
            }
        }
    }

    #[test]
    fn a_ca_file_must_hold_a_certificate() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        assert_eq!(
            refused(|c| c.ca_file = Some(path.clone())),
            ("gateways[0].ca_file".to_owned(), "it holds no PEM certificate".to_owned())
        );
        let pem = crate::transport::hostile::Ca::new().pem();
        file.write_all(pem.as_bytes()).unwrap();
        assert_eq!(check(|c| c.ca_file = Some(path)).ok().unwrap().endpoint.ca_pem, Some(pem.into_bytes()));
    }

    #[test]
    fn the_fingerprint_tells_accounts_and_hosts_apart_and_keeps_to_the_scheme_change() {
        let account = |change: fn(&mut GatewayConfig)| check(change).ok().unwrap().account;
        let own = account(|_| ());
        assert!(own.len() == 32 && own.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{own}");
        for other in [
            account(|c| c.kind = GatewayKind::Bjrcb),
            account(|c| c.base_url = "https://pay2.example".to_owned()),
            account(|c| c.base_url = "https://pay.example:8443".to_owned()),
            account(|c| c.base_url = "https://pay.example/v1".to_owned()),
            account(|c| c.terminal = Some("T2".to_owned())),
        ] {
            assert_ne!(own, other);
        }
        for same in [
            account(|c| c.id = "other".to_owned()),
            account(|c| c.base_url = "https://PAY.example:443/".to_owned()),
            account(|c| (c.base_url, c.allow_http) = ("http://pay.example".to_owned(), true)),
            account(|c| c.timing.read_ms = Some(1)),
        ] {
            assert_eq!(own, same);
        }
        let url = Url::parse("https://pay.example").unwrap();
        let kind = GatewayKind::Bjrcb;
        assert_ne!(fingerprint(kind, &url, &["ab", "c"]), fingerprint(kind, &url, &["a", "bc"]));
    }
}
