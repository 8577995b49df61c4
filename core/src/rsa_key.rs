//! RSA signatures, for the two gateways that have them (docs/sources.md): PKCS#1 v1.5 and PSS, both with SHA-256, in
//! base64.
//!
//! PSS wants a salt. It is drawn from the key and the text, so that a request stays reproducible to the byte; to whoever
//! lacks the key it is as good as random.

use std::convert::Infallible;

use base64::{Engine, engine::general_purpose::STANDARD};
use rsa::{
    PrivateKey,
    pkcs1::DecodeRsaPrivateKey,
    pkcs1v15,
    pkcs8::DecodePrivateKey,
    pss, rand_core,
    sha2::Sha256,
    signature::{RandomizedSigner, SignatureEncoding},
    traits::PublicKeyParts,
};
use zeroize::Zeroizing;

use crate::signing;

/// The shortest and the longest modulus, in bytes: 2048 bits (T2) to 4096.
const SIZES: std::ops::RangeInclusive<usize> = 256..=512;
/// EMSA-PSS: the salt fills what a SHA-256 and two bytes leave of the modulus.
const NOT_SALT: usize = 32 + 2;

/// A private key, and what its salts are drawn with.
pub(crate) struct RsaKey {
    key: PrivateKey,
    salts: Zeroizing<Vec<u8>>,
}

impl RsaKey {
    /// Reads a PEM of PKCS#1 (`BEGIN RSA PRIVATE KEY`) or PKCS#8 (`BEGIN PRIVATE KEY`). An error tells nothing of it.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, &'static str> {
        let pem = pem.trim();
        let key = PrivateKey::from_pkcs1_pem(pem).ok().or_else(|| PrivateKey::from_pkcs8_pem(pem).ok());
        let key = key.ok_or("a PEM of an RSA private key is expected, PKCS#1 or PKCS#8, without a password")?;
        if !SIZES.contains(&key.size()) {
            return Err("a key of 2048 to 4096 bits is expected");
        }
        let salts = signing::hmac_sha256(pem.as_bytes(), b"salts").to_vec();
        Ok(Self { key, salts: Zeroizing::new(salts) })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(crate) fn sign_sha256(&self, text: &[u8]) -> Result<String, &'static str> {
        let key = pkcs1v15::SigningKey::<Sha256>::new(self.key.clone());
        written(key.try_sign_with_rng(&mut self.stream(text), text))
    }

    /// RSASSA-PSS with SHA-256, MGF1-SHA-256 and the longest salt: 222 bytes with 2048 bits.
    pub(crate) fn sign_pss_sha256(&self, text: &[u8]) -> Result<String, &'static str> {
        let salt = self.key.size().saturating_sub(NOT_SALT);
        let key = pss::SigningKey::<Sha256>::new_with_salt_len(self.key.clone(), salt);
        written(key.try_sign_with_rng(&mut self.stream(text), text))
    }

    fn stream(&self, text: &[u8]) -> Stream {
        Stream { seed: Zeroizing::new(signing::hmac_sha256(&self.salts, text).to_vec()), blocks: 0 }
    }
}

fn written(signature: Result<impl SignatureEncoding, rsa::signature::Error>) -> Result<String, &'static str> {
    signature.map(|signature| STANDARD.encode(signature.to_bytes())).map_err(|_| "the RSA key does not sign")
}

/// Bytes that only the key's holder can foretell: HMAC-SHA256 of a counter.
struct Stream {
    seed: Zeroizing<Vec<u8>>,
    blocks: u64,
}

impl rand_core::TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            let block = signing::hmac_sha256(&self.seed, &self.blocks.to_be_bytes());
            self.blocks += 1;
            chunk.iter_mut().zip(block).for_each(|(byte, drawn)| *byte = drawn);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Stream {}

/// A key for tests, PKCS#1 of 2048 bits: the sandbox's.
#[cfg(test)]
pub(crate) const TEST_PEM: &str = include_str!("../../tests/sandbox/test_key.pem");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsa::{
        pkcs1::EncodeRsaPublicKey,
        pkcs8::{EncodePrivateKey, LineEnding},
        signature::Verifier,
    };

    use super::*;

    fn key() -> RsaKey {
        RsaKey::from_pem(TEST_PEM).unwrap()
    }

    fn verifies_pss(text: &str, signature: &str, salt: usize) -> bool {
        let key = pss::VerifyingKey::<Sha256>::new_with_salt_len(key().key.to_public_key(), salt);
        let signature = STANDARD.decode(signature).unwrap();
        let signature = pss::Signature::try_from(signature.as_slice()).unwrap();
        key.verify(text.as_bytes(), &signature).is_ok()
    }

    /// ring's verdict: another library's.
    fn ring(algorithm: &'static dyn ring::signature::VerificationAlgorithm, text: &str, signature: &str) -> bool {
        let public = key().key.to_public_key().to_pkcs1_der().unwrap();
        let public = ring::signature::UnparsedPublicKey::new(algorithm, public.as_bytes());
        public.verify(text.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn v10_a_pss_signature_verifies_with_the_longest_salt_only(text in ".{0,80}", other in ".{0,80}") {
            let signature = key().sign_pss_sha256(text.as_bytes()).unwrap();
            prop_assert_eq!(signature.len(), 344);
            prop_assert!(verifies_pss(&text, &signature, 222));
            prop_assert!(!verifies_pss(&text, &signature, 32));
            prop_assert!(!ring(&ring::signature::RSA_PSS_2048_8192_SHA256, &text, &signature));
            prop_assert_eq!(verifies_pss(&other, &signature, 222), other == text);
            // Reproducible to the byte.
            prop_assert_eq!(key().sign_pss_sha256(text.as_bytes()).unwrap(), signature);
        }

        #[test]
        fn a_pkcs1_signature_verifies_with_another_library(text in ".{0,80}", other in ".{0,80}") {
            let signature = key().sign_sha256(text.as_bytes()).unwrap();
            prop_assert_eq!(signature.len(), 344);
            let verdict = |text: &str| ring(&ring::signature::RSA_PKCS1_2048_8192_SHA256, text, &signature);
            prop_assert!(verdict(&text));
            prop_assert_eq!(verdict(&other), other == text);
        }
    }

    #[test]
    fn both_forms_of_pem_are_one_key_and_anything_else_is_refused() {
        let pkcs8 = key().key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let of = |pem: &str| RsaKey::from_pem(pem).and_then(|key| key.sign_sha256(b"text"));
        assert_eq!(of(&pkcs8), of(TEST_PEM));
        assert_eq!(of(&format!("\n {TEST_PEM}\n\n")), of(TEST_PEM));
        assert_eq!(of(&TEST_PEM.replace('\n', "\r\n")), of(TEST_PEM));
        let cut = TEST_PEM.replace("MII", "");
        let public = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        for pem in ["", "x", cut.as_str(), public] {
            assert!(of(pem).is_err(), "{pem}");
        }
    }

    #[test]
    fn every_text_has_a_salt_of_its_own() {
        let mut salts = std::collections::HashSet::new();
        for text in ["", "a", "b"] {
            let mut salt = [0; 222];
            let Ok(()) = rand_core::TryRng::try_fill_bytes(&mut key().stream(text.as_bytes()), &mut salt);
            assert!(salt.iter().collect::<std::collections::HashSet<_>>().len() > 64, "it repeats itself");
            assert!(salts.insert(salt));
        }
    }
}
