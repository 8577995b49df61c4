//! What a gateway is made from: its account's values, checked one by one as its file takes them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{error::PaywandError, secret::Secret};

/// The values of one configured gateway. `path` names it in errors: `gateways[0]`.
#[derive(Clone, Debug)]
pub struct Settings {
    path: String,
    keys: HashMap<String, Arc<Secret>>,
    /// The terminal's id, sent where a gateway has a field for it.
    pub terminal: String,
    /// The client address, IPv4 text, sent where a gateway has a field for it.
    pub client_ip: String,
    /// How long a QR can be paid, in milliseconds.
    pub qr_life_ms: i64,
    /// huishouyin: send the signature as plain hex instead of base64 of the hex (S4 against H1).
    pub plain_hex: bool,
}

impl Settings {
    /// `keys` are the account's values by the gateway's own names.
    pub fn new(path: impl Into<String>, keys: HashMap<String, Arc<Secret>>, terminal: &str, client_ip: &str) -> Self {
        Self {
            path: path.into(),
            keys,
            terminal: terminal.to_owned(),
            client_ip: client_ip.to_owned(),
            qr_life_ms: super::Timing::COMMON.qr_life_ms,
            plain_hex: false,
        }
    }

    /// Takes the secret `name`: required, 1 to `max` characters.
    pub(super) fn secret(&mut self, name: &str, max: usize) -> Result<Arc<Secret>, PaywandError> {
        let path = format!("{}.keys.{name}", self.path);
        let secret = self.keys.remove(name).ok_or_else(|| PaywandError::config(&path, "it is missing"))?;
        let chars = secret.reveal().chars().count();
        if chars == 0 || chars > max {
            return Err(PaywandError::config(path, format!("1 to {max} characters are expected")));
        }
        if secret.reveal().chars().any(char::is_control) {
            return Err(PaywandError::config(path, "it holds a control character"));
        }
        Ok(secret)
    }

    /// Takes the identifier `name`: required, 1 to `max` characters.
    pub(super) fn identifier(&mut self, name: &str, max: usize) -> Result<String, PaywandError> {
        self.secret(name, max).map(|secret| secret.reveal().to_owned())
    }

    /// The terminal's id, 1 to `max` characters.
    pub(super) fn terminal(&self, max: usize) -> Result<String, PaywandError> {
        let chars = self.terminal.chars().count();
        if chars == 0 || chars > max {
            return Err(self.refused("terminal", format!("1 to {max} characters are expected")));
        }
        Ok(self.terminal.clone())
    }

    /// The client address, IPv4 text.
    pub(super) fn client_ip(&self) -> Result<String, PaywandError> {
        let parsed = self.client_ip.parse::<std::net::Ipv4Addr>();
        parsed.map_err(|_| self.refused("client_ip", "an IPv4 address is expected".to_owned()))?;
        Ok(self.client_ip.clone())
    }

    /// An error about the option `name` of this gateway.
    pub(super) fn refused(&self, name: &str, reason: String) -> PaywandError {
        PaywandError::config(format!("{}.{name}", self.path), reason)
    }

    /// Refuses whatever no one took.
    pub(super) fn finish(self) -> Result<(), PaywandError> {
        match self.keys.keys().min() {
            Some(name) => Err(PaywandError::config(format!("{}.keys.{name}", self.path), "no such key here")),
            None => Ok(()),
        }
    }
}
