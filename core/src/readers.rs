//! Readers of text from outside that the core keeps to itself, opened for the fuzzer (`tests/readers`).
//!
//! What every app can call is fuzzed as it stands; only what lies behind a network or a terminal is named here.

use crate::{PaywandError, TerminalConfig, transport};

/// UTC milliseconds of an HTTP Date header.
pub fn http_date(text: &str) -> Option<i64> {
    transport::http_date(text)
}

/// Whether a CA file can be used.
pub fn check_certificates(pem: &[u8]) -> Result<(), String> {
    transport::check_certificates(pem)
}

/// Everything that opening a terminal checks before it opens the store. Returns the gateways' base URLs as they are used.
pub fn check_config(config: TerminalConfig) -> Result<Vec<String>, PaywandError> {
    let checked = config.check()?;
    Ok(checked.gateways.into_iter().map(|gateway| gateway.endpoint.base_url.into()).collect())
}
