//! Keys of merchants: never printed, wiped on drop.

use std::{fmt, path::Path};

use zeroize::Zeroizing;

use crate::error::PaywandError;

/// A value of the merchant's account: a key, or an identifier that works as one.
///
/// Prints `***` everywhere, Kotlin's `toString()` included.
#[derive(Clone, PartialEq, Eq, uniffi::Object)]
#[uniffi::export(Display)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `text`.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Reads the environment variable `name`.
    pub fn from_env(name: &str) -> Result<Self, PaywandError> {
        std::env::var(name)
            .map(Self::from_text)
            .map_err(|_| PaywandError::config(format!("env {name}"), "the variable is not set, or is no UTF-8"))
    }

    /// Reads the file at `path`, without the line end that editors add.
    pub fn from_file(path: &Path) -> Result<Self, PaywandError> {
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|e| PaywandError::config(format!("file {}", path.display()), e.to_string()))?;
        Ok(Self::from_text(text.trim_end_matches(['\r', '\n'])))
    }

    /// The value itself: for signing and sending only.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_stars() {
        let secret = Secret::from_text("0123456789");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.reveal(), "0123456789");
    }

    #[test]
    fn a_file_loses_only_its_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), " key \r\n").unwrap();
        assert_eq!(Secret::from_file(file.path()).unwrap().reveal(), " key ");
    }
}
