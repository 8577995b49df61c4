//! Paywand: the scan-to-pay core of a handheld till.
//!
//! A payment is a state machine ([`flow`]) whose every step is committed ([`store`]) before it is performed
//! ([`driver`]). Gateways ([`gateway`]) are pure readers and writers of bytes. [`Terminal`] is what an app holds.
//!
//! The seven promises that everything here serves stand in `docs/architecture.md`.

#![deny(
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic
)]
// A test may stop at what it does not expect.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions, clippy::panic)
)]

mod calendar;
mod config;
// For the simulation and the benchmarks, which put their own world around it; nothing of it crosses to Kotlin.
#[doc(hidden)]
pub mod driver;
mod error;
pub mod flow;
pub mod gateway;
mod key;
mod logging;
mod money;
mod payment;
mod payment_code;
// For the fuzzer, like `driver`.
#[doc(hidden)]
pub mod readers;
mod rsa_key;
mod scan;
mod secret;
mod signer;
mod signing;
#[doc(hidden)]
pub mod store;
mod terminal;
#[cfg(test)]
mod test_log;
mod transport;
mod updates;
mod wording;

pub use config::{BusinessDay, GatewayConfig, Route, TerminalConfig, TimingConfig, WalletForm};
#[cfg(feature = "kill-points")]
pub use driver::KILL_POINTS;
pub use error::PaywandError;
pub use key::{Digest, SigningRequest};
pub use logging::LogLevel;
pub use money::{Amount, Currency};
pub use payment::{
    Evidence, FollowUp, Original, Payment, PaymentKind, PaymentState, Reason, RequestKey, Settlement, Texts,
};
pub use payment_code::{PaymentCode, Wallet};
pub use scan::{ScanEvent, ScanFunnel, ScanSource, Unreadable, unreadable_text};
pub use secret::Secret;
pub use signer::RemoteSigner;
pub use store::{JournalEntry, SetAside};
#[cfg(feature = "kill-points")]
pub use terminal::Held;
pub use terminal::{
    Acknowledgement, ChargeRequest, PaymentFilter, QrRequest, RefundRequest, Refundable, Terminal, amount_from_major,
    amount_to_major, error_code, error_screen_text, error_text, reason_text, screen_text, start_anew, start_logging,
    state_text, step_text, verify_store, version,
};
pub use updates::{PaymentListener, Subscription};
pub use wording::{Advice, Language, ScreenText};

uniffi::setup_scaffolding!("paywand");
