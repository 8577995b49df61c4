//! What is refused, what is taken, and what the reference says of it.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use url::Url;

use super::{
    check::{Checked, CheckedGateway, fingerprint},
    *,
};
use crate::{
    error::PaywandError,
    gateway::{
        Capabilities, Gateway, GatewayKind, Operation, Order, Reply, RequestError, Settings, Stamp, WireRequest,
        WireResponse,
    },
    money::Currency,
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
            cleans_failures: &[],
            refund: None,
            signs_answers: self.signs,
            own_connections: false,
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

    fn notice(&self, _: &crate::gateway::Callback) -> Result<crate::gateway::Notice, crate::gateway::NoticeRefusal> {
        unreachable!()
    }
}

fn open(kind: GatewayKind, settings: Settings) -> Result<Box<dyn Gateway>, PaywandError> {
    let Settings { terminal, client_ip, qr_life_ms, options, .. } = settings;
    let account = format!("{terminal}/{client_ip}/{qr_life_ms}/{options:?}");
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
        remote_keys: false,
        options: HashMap::new(),
    }
}

fn terminal(gateways: Vec<GatewayConfig>) -> TerminalConfig {
    TerminalConfig {
        database: "paywand.db".to_owned(),
        gateways,
        business_day: BusinessDay::default(),
        routes: Vec::new(),
        default_gateway: None,
        wallets: Vec::new(),
    }
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
    assert_eq!(first.gateway.account(), ["", "127.0.0.1", &timing.qr_life_ms.to_string(), "{}"]);
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
        c.options = HashMap::from([("final_encoding".to_owned(), "hex_upper".to_owned())]);
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
    assert_eq!(checked.gateway.account(), ["T1", "10.0.0.7", "1", "{\"final_encoding\": \"hex_upper\"}"]);
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
    let no_url = ["", "pay.example", "/pay", "ftp://pay.example", "https://", "file:///etc", "data:,x", "https://[::1"];
    let no_host = ["https:///pay", "https:pay.example", "https:/pay.example", r"https:\\pay.example", r"https://\pay"];
    for text in no_url.into_iter().chain(no_host) {
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
        (|c| c.terminal = Some("终".repeat(33)), "terminal"),
        (|c| c.client_ip = Some("::1".to_owned()), "client_ip"),
        (|c| c.client_ip = Some("10.0.0.256".to_owned()), "client_ip"),
        (|c| c.ca_file = Some("no/such/file".to_owned()), "ca_file"),
    ] {
        assert_eq!(refused(change).0, format!("gateways[0].{name}"));
    }
    assert_eq!(refused(|c| c.currency = Some("USD".to_owned())).1, "one of [HKD, CNY] is expected");
}

#[test]
fn every_timing_has_a_range() {
    let names: Vec<_> =
        TimingConfig::default().options(&mut { Timing::COMMON }).iter().map(|&(name, .., most)| (name, most)).collect();
    for (index, (name, most)) in names.into_iter().enumerate() {
        let with = |value: i64| {
            let mut config = gateway("hk");
            *config.timing.options(&mut { Timing::COMMON })[index].1 = Some(value);
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

const REFERENCE: &str = include_str!("../../../docs/configuration.md");

/// The example with every `{"env": NAME}` replaced by `NAME` without what is no letter or digit.
fn example() -> String {
    let example = include_str!("../../../docs/terminal.example.json");
    let mut text = String::new();
    for (index, part) in example.split("{ \"env\": \"").enumerate() {
        match part.split_once("\" }") {
            Some((name, rest)) if index > 0 => {
                let value: String = name.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
                text.push_str(&format!("\"{value}\"{rest}"));
            }
            _ => text.push_str(part),
        }
    }
    text
}

#[test]
fn the_example_opens_every_kind_of_gateway() {
    let checked: Checked = TerminalConfig::from_json(&example(), Path::new("/srv/till")).unwrap().check().ok().unwrap();
    assert_eq!(checked.database, PathBuf::from("/srv/till/paywand.db"));
    assert_eq!(checked.business_day.cut_over_minutes, 240);
    let kinds: Vec<_> = checked.gateways.iter().map(|gateway| gateway.kind).collect();
    assert_eq!(kinds, GatewayKind::ALL);
}

#[test]
fn plain_http_is_refused_where_answers_are_not_signed() {
    for (index, kind) in GatewayKind::ALL.into_iter().enumerate() {
        let mut config = TerminalConfig::from_json(&example(), Path::new("")).unwrap();
        config.gateways[index].base_url = "http://pay.example".to_owned();
        config.gateways[index].allow_http = true;
        let signed = !matches!(kind, GatewayKind::MaxfunDevice | GatewayKind::MaxfunTp | GatewayKind::Huishouyin);
        assert_eq!(config.check().is_ok(), signed, "{kind:?}");
    }
}

#[test]
fn the_reference_names_every_option() {
    let mut timing = TimingConfig::default();
    let mut unused = Timing::COMMON;
    let timings = timing.options(&mut unused).map(|(name, ..)| name);
    let terminal = file::TERMINAL.iter().chain(&file::BUSINESS_DAY).chain(&file::ROUTE).chain(&file::WALLET);
    let options = terminal.chain(&file::GATEWAY).chain(&timings);
    for name in options {
        assert!(REFERENCE.contains(&format!("\n| `{name}` |")), "{name} has no row");
    }
    for name in file::KEY_SOURCES {
        assert!(REFERENCE.contains(&format!("`{{\"{name}\": ")), "{name}");
    }
    let config = TerminalConfig::from_json(&example(), Path::new("")).unwrap();
    for name in config.gateways.iter().flat_map(|gateway| gateway.keys.keys()) {
        assert!(REFERENCE.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_reference_says_the_timings_in_force() {
    let mut timings = GatewayKind::ALL.map(GatewayKind::timing);
    let mut config = TimingConfig::default();
    let names = config.options(&mut { Timing::COMMON }).map(|(name, ..)| name);
    for (index, name) in names.into_iter().enumerate() {
        let values: Vec<_> =
            timings.iter_mut().map(|timing| TimingConfig::default().options(timing)[index].2.to_string()).collect();
        let row = format!("| `{name}` | {} |", values.join(" | "));
        assert!(REFERENCE.contains(&row), "{row}");
    }
}
