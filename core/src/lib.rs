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
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions, clippy::panic)
)]

mod calendar;
mod error;
pub mod gateway;
mod money;
mod payment;
mod payment_code;
mod secret;
mod signing;
mod store;

pub use error::PaywandError;
pub use money::{Amount, Currency};
pub use payment::{Evidence, FollowUp, Payment, PaymentKind, PaymentState, Reason, RequestKey, Settlement, Texts};
pub use payment_code::{PaymentCode, Wallet};
pub use secret::Secret;

uniffi::setup_scaffolding!("paywand");
