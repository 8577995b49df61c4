//! Whom TLS trusts: Mozilla's roots, carried along because the stores of old handhelds are stale, and the
//! configured certificates beside them.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// TLS 1.2 and 1.3 by ring; no ALPN, so that no server can choose HTTP/2; no early data.
pub(super) fn client_config(ca_pem: Option<&[u8]>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    if let Some(pem) = ca_pem {
        add(&mut roots, pem)?;
    }
    // Named, not taken from the process: an app may have installed another provider, or none.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Whether `pem` holds at least one certificate, and only ones that can be trusted as roots.
pub(crate) fn check_certificates(pem: &[u8]) -> Result<(), String> {
    add(&mut RootCertStore::empty(), pem)
}

fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), String> {
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        count += 1;
        let certificate = certificate.map_err(|_| format!("certificate {count} is no PEM"))?;
        roots.add(certificate).map_err(|_| format!("certificate {count} cannot be read"))?;
    }
    if count == 0 { Err("it holds no PEM certificate".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_added_to_the_public_roots_not_put_instead() {
        let public = webpki_root_certs::TLS_SERVER_ROOT_CERTS.len();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        assert_eq!(roots.len(), public, "every bundled root can be read");
        let pem = super::super::hostile::Ca::new().pem();
        add(&mut roots, format!("{pem}{pem}").as_bytes()).unwrap();
        assert_eq!(roots.len(), public + 2);
    }

    #[test]
    fn a_file_without_a_usable_certificate_is_refused() {
        let pem = super::super::hostile::Ca::new().pem();
        assert_eq!(check_certificates(pem.as_bytes()), Ok(()));
        let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
        for (pem, reason) in [
            (String::new(), "it holds no PEM certificate"),
            ("hello".to_owned(), "it holds no PEM certificate"),
            (pem.replace("-----BEGIN", "BEGIN"), "it holds no PEM certificate"),
            (pem.replace("-----END CERTIFICATE", "-----END KEY"), "certificate 1 is no PEM"),
            (format!("{pem}{empty}"), "certificate 2 cannot be read"),
        ] {
            assert_eq!(check_certificates(pem.as_bytes()), Err(reason.to_owned()), "{pem}");
        }
    }
}
