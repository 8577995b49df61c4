//! The RSA side of signing (4.2, H1): every merchant has registered one and the same public key, made once for the sandbox.
//! Nothing but pretend money hangs on its private half, which is handed out with the merchant's other keys.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::sha2::Sha256;
use rsa::signature::Verifier;
use rsa::{PrivateKey, PublicKey, pkcs1v15, pss};

/// PKCS#1, 2048 bits.
pub(crate) const PRIVATE_KEY_PEM: &str = include_str!("../test_key.pem");

/// 4.2: the greatest that fits a key of 2048 bits under SHA-256. Verifiers that expect 32 refuse it, and the other way round.
const SALT_LENGTH: usize = 222;

static PUBLIC_KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    let private = PrivateKey::from_pkcs1_pem(PRIVATE_KEY_PEM).expect("the sandbox's own key is one");
    private.to_public_key()
});

/// 4.2: RSASSA-PSS with SHA-256, MGF1-SHA-256 and the longest salt; base64.
pub(crate) fn signed_by_pss(text: &str, signature: &str) -> bool {
    let key = pss::VerifyingKey::<Sha256>::new_with_salt_len(PUBLIC_KEY.clone(), SALT_LENGTH);
    let Ok(bytes) = STANDARD.decode(signature) else { return false };
    pss::Signature::try_from(bytes.as_slice()).is_ok_and(|signature| key.verify(text.as_bytes(), &signature).is_ok())
}

/// H1's announced second phase: PKCS#1 v1.5 with SHA-256; base64.
pub(crate) fn signed_by_pkcs1(text: &str, signature: &str) -> bool {
    let key = pkcs1v15::VerifyingKey::<Sha256>::new(PUBLIC_KEY.clone());
    let Ok(bytes) = STANDARD.decode(signature) else { return false };
    pkcs1v15::Signature::try_from(bytes.as_slice())
        .is_ok_and(|signature| key.verify(text.as_bytes(), &signature).is_ok())
}

#[cfg(test)]
pub(crate) mod tests {
    use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};

    use super::*;

    pub(crate) fn sign_by_pss(text: &str, salt_length: usize) -> String {
        let private = PrivateKey::from_pkcs1_pem(PRIVATE_KEY_PEM).unwrap();
        let key = pss::SigningKey::<Sha256>::new_with_salt_len(private, salt_length);
        let signature = key.try_sign_with_rng(&mut getrandom::SysRng, text.as_bytes()).unwrap();
        STANDARD.encode(signature.to_bytes())
    }

    pub(crate) fn sign_by_pkcs1(text: &str) -> String {
        let private = PrivateKey::from_pkcs1_pem(PRIVATE_KEY_PEM).unwrap();
        let signature = pkcs1v15::SigningKey::<Sha256>::new(private).sign(text.as_bytes());
        STANDARD.encode(signature.to_bytes())
    }

    /// `openssl dgst -sha256 -sign test_key.pem`, over the four letters `text`.
    const OPENSSL_PKCS1: &str = "eKx6gasoMt+0MoxwjxwRSyFKNcE/IDWgHiSIRbhcczXFgyUXnhT02Bntm/rNz4c0gJKGcg7rhR+0bMdpavs5DvrP55XEebE2t730\
        wkMclWu5h6Awl4rgP5S43SoFa/CWH87ngsAfiBBHXdPdr9R6xMdMBsePwKV4+Ut1nqUfglqNRYAAkcphzsYLBcMt394WrWCwl6NP\
        AhCecK5dzyYlnohB8gj/WlgprALqGdDq873QftqNRcC0Y04KDt8rLHSKi23VUPUzTgoYYIok9UjroCFQNw2R0ALjsrXfPZG5cHrD\
        3vcKJc3f+H6JYNtq5W5A96rQrYgZjuOJ4JtlsOVMrg==";

    /// The same with `-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:222`.
    const OPENSSL_PSS: &str = "uWmJ12DqST4maMTjHqUdaKX8ZpG/BtXfP7dPOxx7GwcSlVzcgK+HS+FdhdwTDAKA5FoEdbTdckSg6frm4ZFApiv8oyUDKEBtQEeA\
        T5y0+dPfgFIXrMOvlqpnOGM91EXkwSIDs02qXMTRkTFd80+5e0UVM88FqIwmT/2Gv/ENDtpwJeEsazXSdbE52edDQS5DLjzpX2jW\
        wOUGF/WqVwwrdkGzFGgVQTnzY4yehTWR6AOHPnNVoWIIJIuaiKHymmAd+fCRYkTZZv5DDOjnIJ6mWmMqFaOAm5xuWDx6l+ArZ1A0\
        9y9xvmvFbwFOs358ocROhHvZIGiQFGy1JuYf6Di+MA==";

    #[test]
    fn what_openssl_signed_is_signed() {
        assert!(signed_by_pkcs1("text", OPENSSL_PKCS1) && signed_by_pss("text", OPENSSL_PSS));
        assert!(!signed_by_pkcs1("text", OPENSSL_PSS) && !signed_by_pss("text", OPENSSL_PKCS1));
    }

    #[test]
    fn pkcs1_wants_the_very_text() {
        assert!(signed_by_pkcs1("text", &sign_by_pkcs1("text")));
        assert!(!signed_by_pkcs1("texts", &sign_by_pkcs1("text")));
        assert!(!signed_by_pkcs1("text", &sign_by_pss("text", 222)));
        assert!(!signed_by_pkcs1("text", ""));
    }

    #[test]
    fn pss_wants_the_longest_salt_and_the_very_text() {
        let signature = sign_by_pss("text", SALT_LENGTH);
        assert_eq!(signature.len(), 344);
        assert!(signed_by_pss("text", &signature));
        assert!(!signed_by_pss("text\n", &signature));
        assert!(!signed_by_pss("text", &sign_by_pss("text", 32)));
        assert!(!signed_by_pss("text", "no base64"));
        assert!(!signed_by_pss("text", "AAAA"));
    }
}
