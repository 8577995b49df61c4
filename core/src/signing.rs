//! Fields, ordered, become a text; a text becomes a digest. Pure.
//!
//! What gateways differ in (where the key goes, what is left out, hex case) stands in their files.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::{Sha256, digest::Output};

/// `name=value` joined with `&`, sorted by name in ASCII order; values raw.
pub(crate) fn sorted_text<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut fields: Vec<_> = fields.into_iter().collect();
    fields.sort_unstable();
    let mut text = String::with_capacity(fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum());
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// MD5 in lower-case hex.
pub(crate) fn md5_lower(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()), b"0123456789abcdef")
}

/// MD5 in upper-case hex.
pub(crate) fn md5_upper(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()), b"0123456789ABCDEF")
}

/// HMAC-SHA256 in upper-case hex.
pub(crate) fn hmac_sha256_upper(key: &str, text: &[u8]) -> String {
    hex(&hmac_sha256(key.as_bytes(), text), b"0123456789ABCDEF")
}

/// HMAC-SHA256.
#[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> Output<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    mac.finalize().into_bytes()
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_lower(text: &[u8]) -> String {
    hex(&Sha256::digest(text), b"0123456789abcdef")
}

/// Whether two signatures are equal, hex case aside, in a time that does not depend on where they differ.
pub(crate) fn same(ours: &str, theirs: &str) -> bool {
    let differences = ours
        .bytes()
        .zip(theirs.bytes())
        .fold(0_u8, |seen, (a, b)| seen | (a.to_ascii_lowercase() ^ b.to_ascii_lowercase()));
    ours.len() == theirs.len() && differences == 0
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    let digit = |nibble: u8| digits.get(usize::from(nibble)).map_or('0', |&d| char::from(d));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
