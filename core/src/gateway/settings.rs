//! What a gateway is made from: its account's values, checked one by one as its file takes them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{
    error::PaywandError,
    key::{Desk, Key, Rsa},
    rsa_key::RsaKey,
    secret::Secret,
};

/// The values of one configured gateway. `path` names it in errors: `gateways[0]`.
#[derive(Clone)]
pub struct Settings {
    path: String,
    keys: HashMap<String, Arc<Secret>>,
    /// The terminal's id, sent where a gateway has a field for it.
    pub terminal: String,
    /// The client address, IPv4 text, sent where a gateway has a field for it.
    pub client_ip: String,
    /// How long a QR can be paid, in milliseconds.
    pub qr_life_ms: i64,
    /// What this gateway's hosts are known to differ in, by name.
    pub options: HashMap<String, String>,
    /// Where keys that are not here are to sign.
    pub(crate) desk: Option<Arc<Desk>>,
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
            options: HashMap::new(),
            desk: None,
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

    /// Takes the signing key `name`: 1 to `max` characters, or with the remote signer where that is configured.
    pub(super) fn key(&mut self, name: &str, max: usize) -> Result<Key, PaywandError> {
        match (&self.desk, self.keys.contains_key(name)) {
            (Some(desk), false) => Ok(Key::Elsewhere { name: name.to_owned(), desk: desk.clone() }),
            _ => Ok(Key::Here(self.secret(name, max)?)),
        }
    }

    /// Takes the identifier `name`: required, 1 to `max` characters.
    pub(super) fn identifier(&mut self, name: &str, max: usize) -> Result<String, PaywandError> {
        self.secret(name, max).map(|secret| secret.reveal().to_owned())
    }

    /// Takes the option `name`: one of `known`, the first where it is not configured.
    pub(super) fn choice<'a>(&mut self, name: &str, known: &[&'a str]) -> Result<&'a str, PaywandError> {
        let Some(given) = self.options.remove(name) else { return Ok(known.first().copied().unwrap_or_default()) };
        let choice = known.iter().find(|choice| **choice == given).copied();
        choice
            .ok_or_else(|| self.refused(&format!("options.{name}"), format!("one of {} is expected", known.join(", "))))
    }

    /// Takes the option `name`, free text of 1 to `max` characters; none where it is not configured.
    pub(super) fn option(&mut self, name: &str, max: usize) -> Result<Option<String>, PaywandError> {
        let Some(given) = self.options.remove(name) else { return Ok(None) };
        let chars = given.chars().count();
        if chars == 0 || chars > max || given.chars().any(char::is_control) {
            let reason = format!("1 to {max} characters without control characters are expected");
            return Err(self.refused(&format!("options.{name}"), reason));
        }
        Ok(Some(given))
    }

    /// Takes the option `name`, a path below the base URL; `default` where it is not configured.
    ///
    /// A configured one is kept as long as the process: a few bytes each time a terminal is opened.
    pub(super) fn path(&mut self, name: &str, default: &'static str) -> Result<&'static str, PaywandError> {
        let Some(path) = self.option(name, 128)? else { return Ok(default) };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/_-.".contains(&b);
        if !path.starts_with('/') || path.contains("//") || !path.bytes().all(plain) {
            return Err(self.refused(&format!("options.{name}"), "a path such as /cpay/reverse is expected".to_owned()));
        }
        Ok(path.leak())
    }

    /// Takes the option `name`, of whose two values the second asks for RSA, and the key `rsa_private_key` (PEM) that it
    /// then needs. A key that is there and not asked for is only looked at.
    pub(super) fn rsa_key(&mut self, name: &str, known: &[&str; 2]) -> Result<Option<Rsa>, PaywandError> {
        let wanted = self.choice(name, known)? == known[1];
        let pem = self.keys.remove(Rsa::NAME);
        let refused = |why: &str| self.refused("keys.rsa_private_key", why.to_owned());
        let key = match (pem, &self.desk) {
            (Some(pem), _) => Rsa::Here(Box::new(RsaKey::from_pem(pem.reveal()).map_err(refused)?)),
            (None, Some(desk)) => Rsa::Elsewhere { desk: desk.clone() },
            (None, None) if wanted => return Err(refused("it is missing")),
            (None, None) => return Ok(None),
        };
        Ok(wanted.then_some(key))
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
        if let Some(name) = self.keys.keys().min() {
            return Err(PaywandError::config(format!("{}.keys.{name}", self.path), "no such key here"));
        }
        match self.options.keys().min() {
            Some(name) => Err(PaywandError::config(format!("{}.options.{name}", self.path), "no such option here")),
            None => Ok(()),
        }
    }
}
