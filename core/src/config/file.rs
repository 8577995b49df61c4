//! `terminal.json`: the same options as the records, read strictly.
//!
//! An unknown option, an option given twice, a wrong type: each is refused with the option's path, and never with a
//! value. Relative paths are relative to the file's folder.

use std::{collections::HashMap, path::Path, sync::Arc};

use zeroize::Zeroizing;

use super::{
    BusinessDay, GatewayConfig, Route, TerminalConfig, TimingConfig, WalletForm,
    json::{Node, Options},
};
use crate::{
    error::PaywandError,
    gateway::{GatewayKind, Timing},
    payment_code::Wallet,
    secret::Secret,
};

/// The options of the file itself.
pub(super) const TERMINAL: [&str; 7] =
    ["format", "database", "gateways", "business_day", "routes", "default_gateway", "wallets"];
/// The options of `business_day`.
pub(super) const BUSINESS_DAY: [&str; 2] = ["utc_offset_minutes", "cut_over_minutes"];
/// The options of one route.
pub(super) const ROUTE: [&str; 2] = ["wallet", "gateway"];
/// The options of one form of codes.
pub(super) const WALLET: [&str; 4] = ["wallet", "prefixes", "min_chars", "max_chars"];
/// The options of one gateway.
pub(super) const GATEWAY: [&str; 12] = [
    "id",
    "kind",
    "base_url",
    "keys",
    "currency",
    "terminal",
    "client_ip",
    "timing",
    "ca_file",
    "allow_http",
    "remote_keys",
    "options",
];
/// Where a key's value may come from, if it is not written down.
pub(super) const KEY_SOURCES: [&str; 2] = ["env", "file"];

/// The only `format` so far.
const FORMAT: i64 = 1;

impl TerminalConfig {
    /// Reads the text of a `terminal.json` that stands in `folder`, and the keys that it takes from the environment
    /// and from files.
    ///
    /// [`PaywandError::InvalidConfig`] names the option, as in `gateways[0].keys.appid`, and never a value of a key.
    /// Whether the values can be used is checked when the terminal opens.
    pub fn from_json(text: &str, folder: &Path) -> Result<Self, PaywandError> {
        let mut options = Options::new("", Node::parse(text)?, &TERMINAL)?;
        if options.integer("format")? != Some(FORMAT) {
            return Err(PaywandError::config("format", format!("{FORMAT} is expected, the only one so far")));
        }
        let database = within(folder, &options.required_text("database")?);
        let business_day = match options.node("business_day") {
            Some(node) => business_day(Options::new("business_day", node, &BUSINESS_DAY)?)?,
            None => BusinessDay::default(),
        };
        let node = Some(options.required("gateways")?);
        let gateways = list("gateways", node, |path, node| gateway(Options::new(path, node, &GATEWAY)?, folder))?;
        let routes = options.node("routes");
        let routes = list("routes", routes, |path, node| route(Options::new(path, node, &ROUTE)?))?;
        let default_gateway = options.text("default_gateway")?;
        let wallets = options.node("wallets");
        let wallets = list("wallets", wallets, |path, node| wallet_form(Options::new(path, node, &WALLET)?))?;
        Ok(Self { database, gateways, business_day, routes, default_gateway, wallets })
    }

    /// As [`TerminalConfig::from_json`], from the file at `path`; other paths are relative to its folder.
    pub fn from_file(path: &Path) -> Result<Self, PaywandError> {
        let unreadable = |e: std::io::Error| PaywandError::config(path.display().to_string(), e.to_string());
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(unreadable)?;
        Self::from_json(&text, path.parent().unwrap_or(Path::new("")))
    }
}

/// Every node of a list, with its path; none where the list is left out.
fn list<T>(
    name: &str,
    node: Option<Node>,
    mut read: impl FnMut(&str, Node) -> Result<T, PaywandError>,
) -> Result<Vec<T>, PaywandError> {
    let nodes = match node {
        None => return Ok(Vec::new()),
        Some(Node::List(nodes)) => nodes,
        Some(_) => return Err(PaywandError::config(name, "a list is expected")),
    };
    nodes.into_iter().enumerate().map(|(index, node)| read(&format!("{name}[{index}]"), node)).collect()
}

fn route(mut options: Options) -> Result<Route, PaywandError> {
    let wallet = wallet_named(&options.required_text("wallet")?, options.path_of("wallet"))?;
    Ok(Route { wallet, gateway: options.required_text("gateway")? })
}

fn wallet_form(mut options: Options) -> Result<WalletForm, PaywandError> {
    let wallet = wallet_named(&options.required_text("wallet")?, options.path_of("wallet"))?;
    let path = options.path_of("prefixes");
    let prefixes = list(&path, Some(options.required("prefixes")?), |path, node| match node {
        Node::Text(text) => Ok(text.as_str().to_owned()),
        _ => Err(PaywandError::config(path, "text is expected")),
    })?;
    // What does not fit is out of every range; the check says which.
    let mut chars = |name: &str, default: i32| -> Result<i32, PaywandError> {
        Ok(options.integer(name)?.map_or(default, |value| i32::try_from(value).unwrap_or(i32::MAX)))
    };
    let (min_chars, max_chars) = (chars("min_chars", 1)?, chars("max_chars", 128)?);
    Ok(WalletForm { wallet, prefixes, min_chars, max_chars })
}

fn wallet_named(name: &str, path: String) -> Result<Wallet, PaywandError> {
    Wallet::ALL.into_iter().find(|wallet| wallet.code() == name).ok_or_else(|| {
        let known = Wallet::ALL.map(Wallet::code).join(", ");
        PaywandError::config(path, format!("one of {known} is expected"))
    })
}

fn gateway(mut options: Options, folder: &Path) -> Result<GatewayConfig, PaywandError> {
    Ok(GatewayConfig {
        id: options.required_text("id")?,
        kind: kind_named(&options.required_text("kind")?, options.path_of("kind"))?,
        base_url: options.required_text("base_url")?,
        keys: keys(Options::any(&options.path_of("keys"), options.required("keys")?)?, folder)?,
        currency: options.text("currency")?,
        terminal: options.text("terminal")?,
        client_ip: options.text("client_ip")?,
        timing: match options.node("timing") {
            Some(node) => timing(&options.path_of("timing"), node)?,
            None => TimingConfig::default(),
        },
        ca_file: options.text("ca_file")?.map(|file| within(folder, &file)),
        allow_http: options.flag("allow_http")?,
        remote_keys: options.flag("remote_keys")?,
        options: match options.node("options") {
            Some(node) => texts(Options::any(&options.path_of("options"), node)?)?,
            None => HashMap::new(),
        },
    })
}

fn kind_named(name: &str, path: String) -> Result<GatewayKind, PaywandError> {
    GatewayKind::ALL.into_iter().find(|kind| kind.code() == name).ok_or_else(|| {
        let known = GatewayKind::ALL.map(GatewayKind::code).join(", ");
        PaywandError::config(path, format!("one of {known} is expected"))
    })
}

fn keys(options: Options, folder: &Path) -> Result<HashMap<String, Arc<Secret>>, PaywandError> {
    options.rest().map(|(path, name, node)| Ok((name, Arc::new(key(&path, node, folder)?)))).collect()
}

fn texts(options: Options) -> Result<HashMap<String, String>, PaywandError> {
    let text = |(path, name, node)| match node {
        Node::Text(text) => Ok((name, text.as_str().to_owned())),
        _ => Err(PaywandError::config(path, "text is expected")),
    };
    options.rest().map(text).collect()
}

/// A key: written down, or `{"env": NAME}`, or `{"file": PATH}`.
fn key(path: &str, node: Node, folder: &Path) -> Result<Secret, PaywandError> {
    let wrong = || PaywandError::config(path, r#"text, {"env": NAME} or {"file": PATH} is expected"#);
    let node = match node {
        Node::Text(text) => return Ok(Secret::from_text(text.as_str())),
        node @ Node::Object(_) => node,
        _ => return Err(wrong()),
    };
    let mut options = Options::new(path, node, &KEY_SOURCES)?;
    // The secret's own error names the variable or file; the option that asks for it is said too.
    let named = |e: PaywandError| match e {
        PaywandError::InvalidConfig { field, reason } => PaywandError::config(path, format!("{field}: {reason}")),
        other => other,
    };
    match (options.text("env")?, options.text("file")?) {
        (Some(name), None) => Secret::from_env(&name).map_err(named),
        (None, Some(file)) => Secret::from_file(Path::new(&within(folder, &file))).map_err(named),
        _ => Err(wrong()),
    }
}

fn timing(path: &str, node: Node) -> Result<TimingConfig, PaywandError> {
    let mut config = TimingConfig::default();
    let mut unused = Timing::COMMON;
    let slots = config.options(&mut unused);
    let mut options = Options::new(path, node, &slots.each_ref().map(|(name, ..)| *name))?;
    for (name, slot, ..) in slots {
        *slot = options.integer(name)?;
    }
    Ok(config)
}

fn business_day(mut options: Options) -> Result<BusinessDay, PaywandError> {
    let default = BusinessDay::default();
    let mut minutes = |name: &str, default: i32| -> Result<i32, PaywandError> {
        // What does not fit is out of every range; the check says which.
        Ok(options.integer(name)?.map_or(default, |value| i32::try_from(value).unwrap_or(i32::MAX)))
    };
    Ok(BusinessDay {
        utc_offset_minutes: minutes("utc_offset_minutes", default.utc_offset_minutes)?,
        cut_over_minutes: minutes("cut_over_minutes", default.cut_over_minutes)?,
    })
}

/// `path`, taken from `folder` if it is relative. An empty one stays empty, and is refused later.
fn within(folder: &Path, path: &str) -> String {
    if path.is_empty() { String::new() } else { folder.join(path).to_string_lossy().into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "/etc/till";

    fn read(text: &str) -> Result<TerminalConfig, PaywandError> {
        TerminalConfig::from_json(text, Path::new(FOLDER))
    }

    /// The smallest file, with `extra` put into its gateway and `key` as the value of its key.
    fn file(extra: &str, key: &str) -> String {
        format!(
            r#"{{"format": 1, "database": "paywand.db", "gateways": [
                {{"id": "hk", "kind": "blueocean_v1", "base_url": "https://pay.example", "keys": {{"appid": {key}}}{extra}}}
            ]}}"#
        )
    }

    fn refusal(text: &str) -> (String, String) {
        match read(text).unwrap_err() {
            PaywandError::InvalidConfig { field, reason } => (field, reason),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_small_file_has_the_defaults_of_the_records() {
        let config = read(&file("", r#""1000001""#)).unwrap();
        let expected = TerminalConfig {
            database: format!("{FOLDER}/paywand.db"),
            gateways: vec![GatewayConfig {
                id: "hk".to_owned(),
                kind: GatewayKind::BlueoceanV1,
                base_url: "https://pay.example".to_owned(),
                keys: HashMap::from([("appid".to_owned(), Arc::new(Secret::from_text("1000001")))]),
                currency: None,
                terminal: None,
                client_ip: None,
                timing: TimingConfig::default(),
                ca_file: None,
                allow_http: false,
                remote_keys: false,
                options: HashMap::new(),
            }],
            business_day: BusinessDay { utc_offset_minutes: 480, cut_over_minutes: 0 },
            routes: Vec::new(),
            default_gateway: None,
            wallets: Vec::new(),
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn every_option_of_a_full_file_arrives() {
        let mut all = TimingConfig::default();
        let mut unused = Timing::COMMON;
        let mut timing = Vec::new();
        for (value, (name, slot, ..)) in (1..).zip(all.options(&mut unused)) {
            *slot = Some(value);
            timing.push(format!(r#""{name}": {value}"#));
        }
        let extra = format!(
            r#", "currency": "HKD", "terminal": "T1", "client_ip": "10.0.0.7", "timing": {{{}}}, "ca_file": "ca.pem",
               "allow_http": true, "remote_keys": true,
               "options": {{"final_encoding": "hex_upper"}}"#,
            timing.join(",")
        );
        let text = file(&extra, r#""1000001""#).replacen(
            "{",
            r#"{"business_day": {"utc_offset_minutes": -300, "cut_over_minutes": 240},
               "routes": [{"wallet": "alipay", "gateway": "hk"}], "default_gateway": "hk",
               "wallets": [{"wallet": "wechat", "prefixes": ["16", "17"], "min_chars": 18, "max_chars": 18},
                           {"wallet": "jd", "prefixes": ["x"]}], "#,
            1,
        );
        let config = read(&text).unwrap();
        let gateway = &config.gateways[0];
        assert_eq!(gateway.currency.as_deref(), Some("HKD"));
        assert_eq!(gateway.terminal.as_deref(), Some("T1"));
        assert_eq!(gateway.client_ip.as_deref(), Some("10.0.0.7"));
        assert_eq!(gateway.timing, all);
        assert_eq!(gateway.ca_file.as_deref(), Some("/etc/till/ca.pem"));
        assert!(gateway.allow_http && gateway.remote_keys);
        assert_eq!(gateway.options["final_encoding"], "hex_upper");
        assert_eq!(config.business_day, BusinessDay { utc_offset_minutes: -300, cut_over_minutes: 240 });
        assert_eq!(config.routes, [Route { wallet: Wallet::Alipay, gateway: "hk".to_owned() }]);
        assert_eq!(config.default_gateway.as_deref(), Some("hk"));
        let form = |wallet, prefixes: &[&str], min_chars, max_chars| WalletForm {
            wallet,
            prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
            min_chars,
            max_chars,
        };
        assert_eq!(config.wallets, [form(Wallet::Wechat, &["16", "17"], 18, 18), form(Wallet::Jd, &["x"], 1, 128)]);
    }

    #[test]
    fn keys_come_as_text_from_the_environment_or_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("appid.txt"), "from file\n").unwrap();
        let reveal = |key: &str| {
            let config = TerminalConfig::from_json(&file("", key), folder.path()).unwrap();
            config.gateways[0].keys["appid"].reveal().to_owned()
        };
        assert_eq!(reveal(r#"{"file": "appid.txt"}"#), "from file");
        assert_eq!(reveal(r#"{"env": "PATH"}"#), std::env::var("PATH").unwrap());
        assert_eq!(reveal(r#""as it stands""#), "as it stands");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terminal.json");
        assert!(TerminalConfig::from_file(&path).unwrap_err().to_string().contains("terminal.json"));
        std::fs::write(&path, file("", r#""k""#)).unwrap();
        let database = TerminalConfig::from_file(&path).unwrap().database;
        assert_eq!(Path::new(&database), folder.path().join("paywand.db"));
    }

    #[test]
    fn a_key_that_cannot_be_had_is_named_by_its_option() {
        for key in [
            "1000001",
            "null",
            r#"["hunter2"]"#,
            r#"{"env": "PAYWAND_IS_NOT_SET"}"#,
            r#"{"file": "no/such"}"#,
            r#"{"env": "PATH", "file": "appid.txt"}"#,
            "{}",
        ] {
            let (field, reason) = refusal(&file("", key));
            assert_eq!(field, "gateways[0].keys.appid", "{key}");
            assert!(!reason.contains("1000001") && !reason.contains("hunter2"), "{reason}");
        }
        let (field, _) = refusal(&file("", r#"{"envv": "PATH"}"#));
        assert_eq!(field, "gateways[0].keys.appid.envv");
    }

    #[test]
    fn unknown_missing_and_mistyped_options_are_named_and_never_repeated() {
        let whole = |text: &str| refusal(text).0;
        assert_eq!(whole(r#"[]"#), "terminal.json");
        assert_eq!(whole(r#"{"database": "d", "gateways": []}"#), "format");
        assert_eq!(whole(r#"{"format": 2, "database": "d", "gateways": []}"#), "format");
        assert_eq!(whole(r#"{"format": 1, "gateways": []}"#), "database");
        assert_eq!(whole(r#"{"format": 1, "database": "d"}"#), "gateways");
        assert_eq!(whole(r#"{"format": 1, "database": "d", "gateways": {}}"#), "gateways");
        assert_eq!(whole(r#"{"format": 1, "database": "d", "gateways": [], "default": "a"}"#), "default");
        assert_eq!(whole(r#"{"format": 1, "database": "d", "gateways": [7]}"#), "gateways[0]");
        // Found by the fuzzer: it was refused as an option without a name.
        assert_eq!(whole(r#"{"format": 1, "": 1}"#), r#""""#);
        for (extra, field) in [
            (r#", "colour": "hunter2""#, "colour"),
            (r#", "currency": 156"#, "currency"),
            (r#", "allow_http": "true""#, "allow_http"),
            (r#", "timing": {"read_ms": 1.5}"#, "timing.read_ms"),
            (r#", "timing": {"read": 1}"#, "timing.read"),
            (r#", "timing": 5"#, "timing"),
            (r#", "terminal": ["hunter2"]"#, "terminal"),
        ] {
            let (at, reason) = refusal(&file(extra, r#""k""#));
            assert_eq!(at, format!("gateways[0].{field}"));
            assert!(!reason.contains("hunter2"), "{reason}");
        }
        let keys = file("", r#""k""#).replace(r#"{"appid": "k"}"#, r#""hunter2""#);
        assert_eq!(refusal(&keys), ("gateways[0].keys".to_owned(), "an object is expected".to_owned()));
        let kind = file("", r#""k""#).replace("blueocean_v1", "blueocean");
        assert!(refusal(&kind).1.contains("maxfun_device, blueocean_v1, bjrcb"));
    }

    #[test]
    fn keys_print_as_stars() {
        let text = format!("{:?}", read(&file("", r#""hunter2""#)).unwrap());
        assert!(text.contains(r#"keys: {"appid": ***}"#) && !text.contains("hunter2"), "{text}");
    }
}
