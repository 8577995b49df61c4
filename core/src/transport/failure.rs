//! Which failures prove that nothing was sent, and what the cashier can do about them.

use std::{error::Error, io};

use rustls::CertificateError;
use serde::{Deserialize, Serialize};

/// The day of this release, 2026-11-21, in UTC milliseconds; moved with each release. A device whose clock is older
/// has a wrong clock, and judges certificates wrongly.
const RELEASED_MS: i64 = 1_795_219_200_000;

/// Why no byte of a request left the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotSent {
    /// The host's name has no address, or no name server answers.
    Name,
    /// Refused or unreachable.
    Connect,
    /// Name, TCP and TLS took longer than `connect_ms`.
    ConnectTimeout,
    /// The other side does not speak TLS, or is not who it should be.
    Tls,
    /// Its certificate is not valid now, but "now" is before this library was released: the device's clock is wrong.
    DeviceClock,
    /// The request could not be put together.
    Request,
}

impl NotSent {
    /// The stable code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connect => "connect",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls => "tls",
            Self::DeviceClock => "device_clock",
            Self::Request => "request",
        }
    }

    /// What an error of sending proves, on a device whose clock says `wall_ms`. None: it may have been sent.
    ///
    /// Never decided by `is_timeout()` alone, which is also set after the request was written.
    pub(super) fn proved_by(error: &reqwest::Error, wall_ms: i64) -> Option<Self> {
        if error.is_builder() {
            return Some(Self::Request);
        }
        if !error.is_connect() {
            return None;
        }
        if error.is_dns() {
            return Some(Self::Name);
        }
        if error.is_timeout() {
            return Some(Self::ConnectTimeout);
        }
        Some(causes(error).find_map(|cause| Self::of_cause(cause, wall_ms)).unwrap_or(Self::Connect))
    }

    fn of_cause(cause: &(dyn Error + 'static), wall_ms: i64) -> Option<Self> {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(tls, wall_ms));
        }
        // Only a handshake reads while connecting, so only it can find the end.
        let io = cause.downcast_ref::<io::Error>()?;
        (io.kind() == io::ErrorKind::UnexpectedEof).then_some(Self::Tls)
    }

    fn of_tls(error: &rustls::Error, wall_ms: i64) -> Self {
        use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
        match error {
            rustls::Error::InvalidCertificate(
                Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. },
            ) if wall_ms < RELEASED_MS => Self::DeviceClock,
            _ => Self::Tls,
        }
    }
}

/// The error and all that caused it. An I/O error names as its source not what it wraps but that one's source.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_out_of_date_blames_the_clock_only_if_the_clock_is_older_than_the_release() {
        for certificate in [CertificateError::Expired, CertificateError::NotValidYet] {
            let error = rustls::Error::InvalidCertificate(certificate);
            assert_eq!(NotSent::of_tls(&error, RELEASED_MS - 1), NotSent::DeviceClock);
            assert_eq!(NotSent::of_tls(&error, RELEASED_MS), NotSent::Tls);
        }
        let stranger = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(NotSent::of_tls(&stranger, 0), NotSent::Tls);
    }

    #[test]
    fn the_release_lies_in_the_past() {
        assert_eq!(RELEASED_MS, crate::calendar::days_from_civil(2026, 11, 21) * 86_400_000);
        assert!(RELEASED_MS <= super::super::wall_ms());
    }

    #[test]
    fn codes_are_what_is_stored() {
        use NotSent::{Connect, ConnectTimeout, DeviceClock, Name, Request, Tls};
        for why in [Name, Connect, ConnectTimeout, Tls, DeviceClock, Request] {
            assert_eq!(serde_json::to_string(&why).unwrap(), format!("\"{}\"", why.code()));
        }
    }
}
