//! The small objects and functions that cross to Kotlin beside [`crate::Terminal`]. Records and enums are derived
//! where they are defined.

use std::path::Path;

use crate::{
    error::PaywandError,
    logging::LogLevel,
    money::{Amount, Currency},
    payment::{Payment, PaymentState, Reason},
    payment_code::{PaymentCode, Wallet},
    secret::Secret,
    store::{JournalEntry, SetAside, Store},
    updates::Subscription,
    wording::{Language, ScreenText},
};

#[uniffi::export]
impl Subscription {
    /// Takes the listener off.
    #[uniffi::method(name = "cancel")]
    pub fn export_cancel(&self) {
        self.cancel();
    }
}

#[uniffi::export]
impl PaymentCode {
    /// Cleans what a scan head delivered and checks that it can be a payment code.
    #[uniffi::constructor(name = "new")]
    pub fn export_new(scanned: String) -> Result<Self, PaywandError> {
        Self::from_scan(&zeroize::Zeroizing::new(scanned))
    }

    /// Stars and the last four characters.
    #[uniffi::method(name = "masked")]
    pub fn export_masked(&self) -> String {
        self.masked()
    }

    /// The wallet that the code's form suggests; advisory.
    #[uniffi::method(name = "wallet")]
    pub fn export_wallet(&self) -> Wallet {
        self.wallet()
    }
}

#[uniffi::export]
impl Secret {
    /// Wraps a key; it is never printed.
    #[uniffi::constructor(name = "new")]
    pub fn export_new(text: String) -> Self {
        Self::from_text(text)
    }
}

/// Sets a database aside that cannot be opened, so that `open` begins a new one. Deletes nothing. One that was deleted is
/// given up: its mark is emptied.
///
/// Errors: `StoreInUse`; `StoreUnavailable` where there is nothing to set aside, or it cannot be renamed.
#[uniffi::export]
pub fn start_anew(database: String) -> Result<SetAside, PaywandError> {
    Store::start_anew(Path::new(&database), crate::driver::wall_ms())
}

/// Checks every row of a database, its hash chain and its file structures. No terminal may have it open; the time it
/// takes grows with the history.
///
/// Errors: `StoreInUse`, `StoreNewer`, `StoreCorrupt`, `StoreUnavailable`; the last also where there is no database, and none is
/// made.
#[uniffi::export]
pub fn verify_store(database: String) -> Result<(), PaywandError> {
    Store::open_existing(Path::new(&database))?.verify()
}

/// Reads major units: `"12.50"` CNY is 1250 fen.
#[uniffi::export]
pub fn amount_from_major(text: String, currency: Currency) -> Result<Amount, PaywandError> {
    Amount::from_major(&text, currency)
}

/// Major units with all the currency's decimals: 1250 fen is `"12.50"`.
#[uniffi::export]
pub fn amount_to_major(amount: Amount) -> String {
    amount.to_major()
}

/// The stable code of an error.
#[uniffi::export]
pub fn error_code(error: PaywandError) -> String {
    error.code().to_owned()
}

/// What a till shows of a payment or refund as it stands: once per update.
#[uniffi::export]
pub fn screen_text(payment: Payment, language: Language) -> ScreenText {
    payment.screen_text(language)
}

/// What a till shows of an error.
#[uniffi::export]
pub fn error_screen_text(error: PaywandError, language: Language) -> ScreenText {
    error.screen_text(language)
}

/// What the cashier reads of a charge in this state. A refund's words are others: `screen_text`.
#[uniffi::export]
pub fn state_text(state: PaymentState, language: Language) -> String {
    state.text(language).to_owned()
}

/// What the cashier reads of a charge or QR with this reason: what happened, what it means for the money, what to do. A
/// refund's words are others: `screen_text`.
#[uniffi::export]
pub fn reason_text(reason: Reason, language: Language) -> String {
    reason.text(language).to_owned()
}

/// What the cashier reads of an error: what happened, what it means for the money, what to do.
#[uniffi::export]
pub fn error_text(error: PaywandError, language: Language) -> String {
    error.text(language)
}

/// What a step of a payment's history says, in one line, for the one who looks into it.
#[uniffi::export]
pub fn step_text(step: JournalEntry, language: Language) -> String {
    step.text(language)
}

/// Starts the library's log, which is off otherwise: Android's log under the tag `paywand`, elsewhere standard error.
#[uniffi::export]
pub fn start_logging(level: LogLevel) {
    crate::logging::start_logging(level);
}

/// The library's version.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
