//! `terminal.json`: read and checked, and no key in any message or `Debug` text.

use std::path::Path;

use paywand::{Language, PaywandError, TerminalConfig, error_text, readers};
use serde_json::Value;

use crate::seen;

/// Keys that can be told from everything else begin so.
const MARK: &str = "hunter2";
/// No such folder: files that a configuration names are not there.
const FOLDER: &str = "/nowhere/till";

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    if names_a_file_outside(&json) {
        return;
    }
    let marked = mark_stands_in_keys_only(&text, &json);
    match TerminalConfig::from_json(&text, Path::new(FOLDER)) {
        Ok(config) => {
            let shown = format!("{config:?}");
            assert!(!marked || !shown.contains(MARK), "{shown}");
            let parts = parts(&config);
            match readers::check_config(config) {
                Ok(urls) => {
                    seen::note("taken");
                    parts.into_iter().for_each(seen::note);
                    assert!(!urls.is_empty());
                }
                Err(error) => refused("read", marked, error),
            }
        }
        Err(error) => refused("refused", marked, error),
    }
}

/// What of the less usual stands in `config`.
fn parts(config: &TerminalConfig) -> Vec<&'static str> {
    let gateways = &config.gateways;
    let parts = [
        ("routes", !config.routes.is_empty()),
        ("default_gateway", config.default_gateway.is_some()),
        ("wallets", !config.wallets.is_empty()),
        ("remote_keys", gateways.iter().any(|gateway| gateway.remote_keys)),
        ("options", gateways.iter().any(|gateway| !gateway.options.is_empty())),
    ];
    parts.into_iter().filter(|(_, is_there)| *is_there).map(|(part, _)| part).collect()
}

fn refused(outcome: &'static str, marked: bool, error: PaywandError) {
    seen::note(outcome);
    let PaywandError::InvalidConfig { field, .. } = &error else { panic!("{error:?}") };
    assert!(!field.is_empty(), "{error:?}");
    let said = format!("{error} {error:?} {}", error_text(error.clone(), Language::En));
    assert!(!marked || !said.contains(MARK), "{said}");
}

/// A file that could be there is not read: what a fuzzer reads must come from its input.
fn names_a_file_outside(json: &Value) -> bool {
    match json {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let path = value.as_str().filter(|_| matches!(name.as_str(), "file" | "ca_file"));
            path.is_some_and(|path| path.starts_with('/') || path.contains("..")) || names_a_file_outside(value)
        }),
        Value::Array(list) => list.iter().any(names_a_file_outside),
        _ => false,
    }
}

/// Whether the mark stands in values of keys, and nowhere else.
fn mark_stands_in_keys_only(text: &str, json: &Value) -> bool {
    let gateways = json.get("gateways").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let keys = gateways.iter().filter_map(|gateway| gateway.get("keys")?.as_object()).flat_map(|keys| keys.values());
    let in_keys: usize = keys.filter_map(Value::as_str).map(|key| key.matches(MARK).count()).sum();
    // In the text too: a name may be written with escapes, and an option that stands twice is lost in `json`.
    in_keys > 0 && in_keys == marks(json) && in_keys == text.matches(MARK).count()
}

/// How often the mark stands in names and texts.
fn marks(json: &Value) -> usize {
    let in_text = |text: &str| text.matches(MARK).count();
    match json {
        Value::String(text) => in_text(text),
        Value::Array(list) => list.iter().map(marks).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| in_text(name) + marks(value)).sum(),
        _ => 0,
    }
}
