//! A merchant's key: on this device, or with a signer elsewhere.
//!
//! Gateways are pure, and a signer takes time. So a request or a reading is made twice: the first time the signature is
//! missing, and what it covers is noted; the signer is asked; the second time, byte for byte the same, it is there.
//! Whatever came out while one was missing is thrown away.

use std::{
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

use crate::{rsa_key::RsaKey, secret::Secret, signing};

/// How a text is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum Digest {
    /// MD5 over `before`, the key's text, and `after`; in hex.
    Md5,
    /// HMAC-SHA256 over `before` under the key's text; in hex.
    HmacSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 over `before`; in base64.
    RsaSha256,
    /// RSASSA-PSS with SHA-256, MGF1-SHA-256 and the longest salt, over `before`; in base64.
    RsaPssSha256,
}

/// What a remote signer is asked to sign. It may hold a payment code: it prints `***` everywhere.
#[derive(Clone, PartialEq, Eq, uniffi::Object)]
#[uniffi::export(Display)]
pub struct SigningRequest {
    pub(crate) gateway: String,
    pub(crate) key: String,
    pub(crate) digest: Digest,
    pub(crate) before: Zeroizing<Vec<u8>>,
    pub(crate) after: Zeroizing<Vec<u8>>,
}

#[uniffi::export]
impl SigningRequest {
    /// The configured gateway's id.
    pub fn gateway(&self) -> String {
        self.gateway.clone()
    }

    /// Which of its keys, by the gateway's own name: `key`, `authen_key`, `app_sercet`, `rsa_private_key`.
    pub fn key(&self) -> String {
        self.key.clone()
    }

    /// How it is signed, and how the signature is written.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes before the key, or all that is signed. They may hold a payment code.
    pub fn before(&self) -> Vec<u8> {
        self.before.to_vec()
    }

    /// The bytes after the key.
    pub fn after(&self) -> Vec<u8> {
        self.after.to_vec()
    }
}

impl Hash for SigningRequest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.gateway, &self.key, self.digest, self.before.as_slice(), self.after.as_slice()).hash(state);
    }
}

impl fmt::Display for SigningRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for SigningRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {} of {}: ***", self.digest, self.key, self.gateway)
    }
}

/// A key that signs texts.
#[derive(Clone)]
pub(crate) enum Key {
    /// On this device.
    Here(Arc<Secret>),
    /// With the signer behind `desk`, under this name.
    Elsewhere { name: String, desk: Arc<Desk> },
}

impl Key {
    /// MD5 over `before`, the key and `after`, in lower-case hex.
    pub(crate) fn md5(&self, before: &str, after: &str) -> String {
        match self {
            Self::Here(key) => {
                let text = Zeroizing::new([before, key.reveal(), after].concat());
                signing::md5_lower(&text)
            }
            Self::Elsewhere { name, desk } => desk.ask(name, Digest::Md5, before.as_bytes(), after.as_bytes()),
        }
    }

    /// HMAC-SHA256 over `text` under the key, in upper-case hex.
    pub(crate) fn hmac_sha256(&self, text: &[u8]) -> String {
        match self {
            Self::Here(key) => signing::hmac_sha256_upper(key.reveal(), text),
            Self::Elsewhere { name, desk } => desk.ask(name, Digest::HmacSha256, text, b"").to_ascii_uppercase(),
        }
    }
}

/// An RSA key that signs texts, in base64.
pub(crate) enum Rsa {
    /// On this device.
    Here(Box<RsaKey>),
    /// With the signer behind `desk`.
    Elsewhere { desk: Arc<Desk> },
}

impl Rsa {
    /// Its name among the keys of a gateway.
    pub(crate) const NAME: &str = "rsa_private_key";

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(crate) fn sign_sha256(&self, text: &[u8]) -> Result<String, &'static str> {
        match self {
            Self::Here(key) => key.sign_sha256(text),
            Self::Elsewhere { desk } => Ok(desk.ask(Self::NAME, Digest::RsaSha256, text, b"")),
        }
    }

    /// RSASSA-PSS with SHA-256, MGF1-SHA-256 and the longest salt.
    pub(crate) fn sign_pss_sha256(&self, text: &[u8]) -> Result<String, &'static str> {
        match self {
            Self::Here(key) => key.sign_pss_sha256(text),
            Self::Elsewhere { desk } => Ok(desk.ask(Self::NAME, Digest::RsaPssSha256, text, b"")),
        }
    }
}

/// Signatures by what they cover.
pub(crate) type Signatures = HashMap<SigningRequest, String>;

/// Where pure code leaves what is to be signed elsewhere, and finds what was signed.
pub(crate) struct Desk {
    gateway: String,
    /// One piece of work at a time: what is missing is that work's.
    session: Mutex<()>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    signatures: Signatures,
    missing: Vec<SigningRequest>,
}

impl Desk {
    /// The desk of the gateway of this id.
    pub(crate) fn new(gateway: &str) -> Self {
        Self { gateway: gateway.to_owned(), session: Mutex::new(()), open: Mutex::default() }
    }

    /// Does `work` with `signatures` at hand; gives its result, and what was missing: then the result is worth nothing.
    pub(crate) fn run<T>(&self, signatures: &Signatures, work: impl FnOnce() -> T) -> (T, Vec<SigningRequest>) {
        let _session = lock(&self.session);
        *lock(&self.open) = Open { signatures: signatures.clone(), missing: Vec::new() };
        let result = work();
        (result, std::mem::take(&mut *lock(&self.open)).missing)
    }

    fn ask(&self, key: &str, digest: Digest, before: &[u8], after: &[u8]) -> String {
        let request = SigningRequest {
            gateway: self.gateway.clone(),
            key: key.to_owned(),
            digest,
            before: Zeroizing::new(before.to_vec()),
            after: Zeroizing::new(after.to_vec()),
        };
        let mut open = lock(&self.open);
        if let Some(signature) = open.signatures.get(&request) {
            return signature.clone();
        }
        open.missing.push(request);
        String::new()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elsewhere(desk: &Arc<Desk>) -> Key {
        Key::Elsewhere { name: "key".to_owned(), desk: desk.clone() }
    }

    #[test]
    fn what_is_signed_elsewhere_is_asked_for_once_and_then_the_same_as_here() {
        let here = Key::Here(Arc::new(Secret::from_text("k1")));
        let desk = Arc::new(Desk::new("hk"));
        let key = elsewhere(&desk);
        let (nothing, missing) = desk.run(&Signatures::new(), || key.md5("a=1&key=", ""));
        assert_eq!((nothing.as_str(), missing.len()), ("", 1));
        let asked = &missing[0];
        assert_eq!((asked.gateway(), asked.key(), asked.digest()), ("hk".to_owned(), "key".to_owned(), Digest::Md5));
        let text = String::from_utf8([asked.before(), b"k1".to_vec(), asked.after()].concat()).unwrap();
        let signatures = Signatures::from([(asked.clone(), signing::md5_lower(&text))]);
        let (signed, missing) = desk.run(&signatures, || key.md5("a=1&key=", ""));
        assert_eq!((signed, missing.len()), (here.md5("a=1&key=", ""), 0));
        // Another text, or the next piece of work, finds nothing of it.
        assert_eq!(desk.run(&signatures, || key.md5("a=2&key=", "")).1.len(), 1);
        assert_eq!(desk.run(&Signatures::new(), || key.hmac_sha256(b"a")).1[0].digest(), Digest::HmacSha256);
    }

    #[test]
    fn what_is_to_be_signed_prints_stars() {
        let desk = Arc::new(Desk::new("hk"));
        let (_, missing) = desk.run(&Signatures::new(), || elsewhere(&desk).md5("auth_code=134512345678901234", ""));
        let printed = format!("{} {:?}", missing[0], missing[0]);
        assert!(!printed.contains("1345"), "{printed}");
    }
}
