//! A signer elsewhere: merchant keys need not be on the device.

use std::{sync::Arc, time::Duration};

use crate::{
    error::PaywandError,
    key::{Desk, Digest, Signatures, SigningRequest},
};

/// Signs with keys that are not on this device: the app's own service, a secure element.
///
/// It is asked for every request to a gateway with `remote_keys`, and for every signed answer. Where it fails or is too
/// slow, a request was not sent, and an answer proves nothing.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait RemoteSigner: Send + Sync {
    /// The signature of `request`, written as its digest says. It has the gateway's `connect_ms`, at most five seconds.
    async fn sign(&self, request: Arc<SigningRequest>) -> Result<String, PaywandError>;
}

/// The longest that a signer is waited for.
const LIMIT_MS: i64 = 5_000;

/// Rounds of asking: what one piece of work signs does not depend on what was signed before.
const ROUNDS: usize = 2;

/// A gateway's signer.
pub(crate) struct Signer {
    desk: Arc<Desk>,
    remote: Arc<dyn RemoteSigner>,
    limit: Duration,
}

/// The signer failed, was too slow, or gave what is no signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SignerFailed;

impl Signer {
    pub(crate) fn new(desk: Arc<Desk>, remote: Arc<dyn RemoteSigner>, connect_ms: i64) -> Self {
        let limit = Duration::from_millis(u64::try_from(connect_ms.min(LIMIT_MS)).unwrap_or(0));
        Self { desk, remote, limit }
    }

    /// The result of `work` with no signature that is made elsewhere.
    pub(crate) fn unsigned<T>(&self, work: impl FnOnce() -> T) -> T {
        self.desk.run(&Signatures::new(), work).0
    }

    /// The result of `work` with every signature that it needs.
    pub(crate) async fn signed<T>(&self, work: impl Fn() -> T) -> Result<T, SignerFailed> {
        let mut signatures = Signatures::new();
        for _ in 0..ROUNDS {
            let (result, missing) = self.desk.run(&signatures, &work);
            if missing.is_empty() {
                return Ok(result);
            }
            for request in missing {
                let signature = self.sign(&request).await?;
                signatures.insert(request, signature);
            }
        }
        let (result, missing) = self.desk.run(&signatures, &work);
        if missing.is_empty() { Ok(result) } else { Err(SignerFailed) }
    }

    async fn sign(&self, request: &SigningRequest) -> Result<String, SignerFailed> {
        let failed = |why: &str| {
            log::error!("{}: the remote signer {why}", request.gateway);
            SignerFailed
        };
        let signing = self.remote.sign(Arc::new(request.clone()));
        let signature = match tokio::time::timeout(self.limit, signing).await {
            Ok(Ok(signature)) => signature,
            Ok(Err(_)) => return Err(failed("failed")),
            Err(_) => return Err(failed("was too slow")),
        };
        well_formed(request.digest, &signature).ok_or_else(|| failed("gave what is no signature"))
    }
}

/// The signature in the form that the core compares: hex in lower case.
fn well_formed(digest: Digest, signature: &str) -> Option<String> {
    let hex = |chars: usize| {
        let fits = signature.len() == chars && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| signature.to_ascii_lowercase())
    };
    match digest {
        Digest::Md5 => hex(32),
        Digest::HmacSha256 => hex(64),
        Digest::RsaSha256 | Digest::RsaPssSha256 => {
            let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
            ((1..=2_048).contains(&signature.len()) && signature.bytes().all(base64)).then(|| signature.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{key::Key, signing};

    /// Signs as `keys` would, or does not.
    enum Fake {
        Signs,
        Fails,
        Hangs,
        Babbles,
    }

    #[async_trait::async_trait]
    impl RemoteSigner for Fake {
        async fn sign(&self, request: Arc<SigningRequest>) -> Result<String, PaywandError> {
            match self {
                Self::Signs => {
                    let text = [request.before(), b"k1".to_vec(), request.after()].concat();
                    Ok(signing::md5_upper(&String::from_utf8(text).unwrap()))
                }
                Self::Fails => Err(PaywandError::ShutDown),
                Self::Hangs => std::future::pending().await,
                Self::Babbles => Ok("no hex at all, but thirty-two ch".to_owned()),
            }
        }
    }

    async fn signs(fake: Fake) -> Result<String, SignerFailed> {
        let desk = Arc::new(Desk::new("hk"));
        let key = Key::Elsewhere { name: "key".to_owned(), desk: desk.clone() };
        Signer::new(desk, Arc::new(fake), 5).signed(|| key.md5("a=1&key=", "&b=2")).await
    }

    #[tokio::test]
    async fn a_signer_signs_what_the_key_would() {
        assert_eq!(signs(Fake::Signs).await, Ok(signing::md5_lower("a=1&key=k1&b=2")));
    }

    #[tokio::test]
    async fn a_signer_that_fails_hangs_or_babbles_has_not_signed() {
        for fake in [Fake::Fails, Fake::Hangs, Fake::Babbles] {
            assert_eq!(signs(fake).await, Err(SignerFailed));
        }
    }
}
