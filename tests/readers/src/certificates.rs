//! A merchant's CA file.

use paywand::readers;

use crate::seen;

pub(crate) fn check(bytes: &[u8]) {
    match readers::check_certificates(bytes) {
        Ok(()) => {
            seen::note("taken");
            let text = String::from_utf8_lossy(bytes);
            assert!(text.contains("-----BEGIN CERTIFICATE-----"), "{text:?} was taken for a certificate");
        }
        Err(reason) => {
            seen::note("refused");
            assert!(reason.contains("certificate"), "{reason}");
        }
    }
}
