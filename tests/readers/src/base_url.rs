//! A gateway's address: what is taken leads to the host that can be read in it, and nowhere else.

use std::{collections::HashMap, sync::Arc};

use paywand::{
    BusinessDay, GatewayConfig, PaywandError, Secret, TerminalConfig, TimingConfig, gateway::GatewayKind, readers,
};

use crate::{account, seen};

/// All that may be said of an address that is refused: nothing of the address itself, which may hold a password.
const REASONS: [&str; 6] = [
    "https://host[:port][/prefix] is expected",
    "its host is no DNS name or IP address",
    "it holds a user or password",
    "it holds a query or fragment",
    "it holds white space",
    "https is expected: answers of this gateway are not signed",
];

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for (kind, allow_http) in [(GatewayKind::BlueoceanV1, true), (GatewayKind::MaxfunDevice, true)] {
        match readers::check_config(config(kind, &text, allow_http)) {
            Ok(urls) => taken(kind, &text, &urls[0]),
            Err(error) => refused(error),
        }
    }
}

fn config(kind: GatewayKind, base_url: &str, allow_http: bool) -> TerminalConfig {
    let keys: HashMap<_, _> = account::keys(kind)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Arc::new(Secret::from_text(value))))
        .collect();
    let gateway = GatewayConfig {
        id: "g".to_owned(),
        kind,
        base_url: base_url.to_owned(),
        keys,
        currency: None,
        terminal: None,
        client_ip: None,
        timing: TimingConfig::default(),
        ca_file: None,
        allow_http,
        remote_keys: false,
        options: HashMap::new(),
    };
    TerminalConfig {
        database: "till.db".to_owned(),
        gateways: vec![gateway],
        business_day: BusinessDay::default(),
        routes: Vec::new(),
        default_gateway: None,
        wallets: Vec::new(),
    }
}

fn taken(kind: GatewayKind, text: &str, url: &str) {
    seen::note("taken");
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    let signs = kind == GatewayKind::BlueoceanV1;
    assert!(scheme == "https" || scheme == "http" && signs, "{text:?} leads to {url}");
    assert!(!url.contains(['?', '#', '\\', ' ']) && !text.contains(['?', '#']), "{text:?} leads to {url}");
    let host = rest.split('/').next().unwrap_or_default();
    assert!(!host.contains('@'), "{text:?} sends a user to {url}");
    assert!(!host.is_empty(), "{text:?} leads to {url}");
    // An ASCII name is kept as it stands; others are written in punycode, addresses in their usual form.
    let named = text.to_ascii_lowercase();
    let plain = named.is_ascii() && !named.contains('%') && host.contains(|c: char| c.is_ascii_alphabetic());
    let name = host.split(':').next().unwrap_or_default();
    assert!(!plain || host.starts_with('[') || named.contains(name), "{text:?} leads to {url}");
}

fn refused(error: PaywandError) {
    seen::note("refused");
    let PaywandError::InvalidConfig { field, reason } = error else { panic!("{error:?}") };
    assert_eq!(field, "gateways[0].base_url", "{reason}");
    assert!(REASONS.contains(&reason.as_str()), "{reason}");
}
