//! What a caller did wrong, or the device cannot do.
//!
//! Outcomes of payments are values ([`crate::Payment`]); these errors are for everything that stops a call before, or
//! beside, a payment. Each says what happened, what it means for the money and what to do, and carries a stable code.

/// Why a call was refused. Its code is stable; the words may change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi::export(Display)]
pub enum PaywandError {
    /// The amount is zero, negative, too large for the gateway, or not written as its currency is.
    #[error("invalid amount: {reason}. Nothing was sent. Correct the amount.")]
    InvalidAmount {
        /// What is wrong with it.
        reason: String,
    },
    /// The gateway does not take this currency.
    #[error("gateway {gateway} does not take {currency}. Nothing was sent. Use another gateway or currency.")]
    CurrencyNotAccepted {
        /// The gateway asked.
        gateway: String,
        /// The currency offered.
        currency: String,
    },
    /// The scanned text is no payment code: empty, too long, or holding other than ASCII letters and digits.
    #[error("invalid payment code: {reason}. Nothing was sent. Scan again.")]
    InvalidCode {
        /// What is wrong with it; never the code.
        reason: String,
    },
    /// A field of the request is missing, too long, or holds what its gateway does not take.
    #[error("invalid {field}: {reason}. Nothing was sent. Correct the request.")]
    InvalidRequest {
        /// The field's name.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No gateway of this id is configured.
    #[error("no gateway {gateway} is configured. Nothing was sent. Check the id.")]
    UnknownGateway {
        /// The id asked for.
        gateway: String,
    },
    /// The request names no gateway, and the configuration has no route for it.
    #[error(
        "no gateway is named, and none is set for the wallet {wallet}. Nothing was sent. Name one, or set a default."
    )]
    NoRoute {
        /// The wallet's code.
        wallet: String,
    },
    /// The gateway has no such operation.
    #[error("gateway {gateway} cannot {operation}. Nothing was sent.")]
    UnsupportedOperation {
        /// The gateway asked.
        gateway: String,
        /// The operation it lacks.
        operation: String,
    },
    /// The request key names another payment: other amount, currency, kind or gateway.
    #[error("this request key belongs to payment {id}, which differs. Nothing was sent. Use a new key for a new sale.")]
    KeyReused {
        /// The payment that has the key.
        id: i64,
    },
    /// The payment code belongs to a payment that is still in doubt.
    #[error("this code was used for payment {id}, which is still in doubt. Nothing was sent. Settle that one first.")]
    CodeInDoubt {
        /// The payment in doubt.
        id: i64,
    },
    /// Same gateway and amount as a payment still in doubt and younger than ten minutes.
    #[error(
        "looks like payment {id}, which is still in doubt. Nothing was sent. Wait for it, or say it is another sale."
    )]
    LooksLikeRepeat {
        /// The payment in doubt.
        id: i64,
    },
    /// The gateway's last answers had wrong signatures; no new sale or refund goes there until one verifies. Once nothing is
    /// asked any more whose answer could, one may try every five minutes.
    #[error("answers of gateway {gateway} do not verify. Nothing was sent. Use another gateway; call its support.")]
    GatewayUnhealthy {
        /// The gateway.
        gateway: String,
    },
    /// The configuration cannot be used.
    #[error("configuration refused, {field}: {reason}. Nothing was opened. Correct the configuration.")]
    InvalidConfig {
        /// The option, as a path: `gateways[0].keys.appid`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No payment of this id.
    #[error("no payment {id} in this store.")]
    NoSuchPayment {
        /// The id asked for.
        id: i64,
    },
    /// A callback names an order that is not of this store. Callers do not get it: such a callback is acknowledged.
    #[error("no payment with the order number {order_number} in this store. It may be another till's.")]
    NoSuchOrder {
        /// The number.
        order_number: String,
    },
    /// A callback is not believed. Nothing follows from it.
    #[error("callback of gateway {gateway} refused: {reason}. Nothing was changed. Do not acknowledge it.")]
    NotificationRefused {
        /// The gateway.
        gateway: String,
        /// `unsupported`, `forged`, or why it cannot be read.
        reason: String,
    },
    /// The payment cannot be cancelled: its gateway has no reverse, or money has been seen.
    #[error("payment {id} cannot be cancelled. Its state is unchanged. Settle it by hand when its outcome is known.")]
    CannotCancel {
        /// The payment.
        id: i64,
    },
    /// Only a payment that needs attention can be settled by hand.
    #[error("payment {id} does not wait for a person. Its state is unchanged.")]
    NotInAttention {
        /// The payment.
        id: i64,
    },
    /// A reverse or a refund may be on its way: before a person may settle, a question about it must be answered, or its
    /// landing horizon have passed (minutes, by the gateway's timing).
    #[error(
        "a reverse or refund of payment {id} may be on its way. Its state is unchanged. Retry it or wait some minutes, then settle."
    )]
    ReverseInFlight {
        /// The payment.
        id: i64,
    },
    /// Only a payment that is paid, and none that was given back already, can be refunded.
    #[error("payment {id} is not there to be refunded. Nothing was sent. Look at its state.")]
    NotRefundable {
        /// The payment.
        id: i64,
    },
    /// The gateway's account in the configuration is not the one that the payment was taken with.
    #[error(
        "payment {id} was taken with another account of its gateway. Nothing was sent. Refund it with that account."
    )]
    OtherAccount {
        /// The payment.
        id: i64,
    },
    /// The refunds of a payment would pass what came in. Every refund counts that is not proved failed.
    #[error("payment {id} has only {left} left to refund. Nothing was sent. Refund less, or wait for the others.")]
    RefundTooLarge {
        /// The payment.
        id: i64,
        /// What is left, as text.
        left: String,
    },
    /// Another terminal, in this process or another, owns the database.
    #[error("another terminal has {path} open. Nothing was opened. Close the other one.")]
    StoreInUse {
        /// The database.
        path: String,
    },
    /// The database was written by a newer release.
    #[error("{path} was written by a newer release (schema {version}). It is untouched. Update the app.")]
    StoreNewer {
        /// The database.
        path: String,
        /// Its schema.
        version: i64,
    },
    /// The database is damaged, empty, no database of this library, or missing although payments were committed to it.
    #[error("{path} cannot be trusted: {reason}. It is untouched. Restore it, or start anew, which keeps it aside.")]
    StoreCorrupt {
        /// The database.
        path: String,
        /// What was seen.
        reason: String,
    },
    /// The store cannot be written (full, read-only, an I/O error). What was in flight is kept as in doubt.
    #[error(
        "the store cannot be written: {reason}. No sale is begun. Free space or restart; what is in doubt is kept."
    )]
    StoreUnavailable {
        /// What was seen.
        reason: String,
    },
    /// The terminal was shut down, before the call or while it waited.
    // A call that waited may have sent: nothing is said of that.
    #[error("the terminal is shut down. What was begun is kept. Open it again: it goes on, under its request key.")]
    ShutDown,
    /// A listener of the app failed.
    #[error("a listener failed: {reason}. Payments are unaffected.")]
    ListenerFailed {
        /// What it threw.
        reason: String,
    },
}

impl PaywandError {
    /// The stable code: snake_case, never changed once released.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidAmount { .. } => "invalid_amount",
            Self::CurrencyNotAccepted { .. } => "currency_not_accepted",
            Self::InvalidCode { .. } => "invalid_code",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::UnknownGateway { .. } => "unknown_gateway",
            Self::NoRoute { .. } => "no_route",
            Self::UnsupportedOperation { .. } => "unsupported_operation",
            Self::KeyReused { .. } => "key_reused",
            Self::CodeInDoubt { .. } => "code_in_doubt",
            Self::LooksLikeRepeat { .. } => "looks_like_repeat",
            Self::GatewayUnhealthy { .. } => "gateway_unhealthy",
            Self::InvalidConfig { .. } => "invalid_config",
            Self::NoSuchPayment { .. } => "no_such_payment",
            Self::NoSuchOrder { .. } => "no_such_order",
            Self::NotificationRefused { .. } => "notification_refused",
            Self::CannotCancel { .. } => "cannot_cancel",
            Self::NotInAttention { .. } => "not_in_attention",
            Self::ReverseInFlight { .. } => "reverse_in_flight",
            Self::NotRefundable { .. } => "not_refundable",
            Self::OtherAccount { .. } => "other_account",
            Self::RefundTooLarge { .. } => "refund_too_large",
            Self::StoreInUse { .. } => "store_in_use",
            Self::StoreNewer { .. } => "store_newer",
            Self::StoreCorrupt { .. } => "store_corrupt",
            Self::StoreUnavailable { .. } => "store_unavailable",
            Self::ShutDown => "shut_down",
            Self::ListenerFailed { .. } => "listener_failed",
        }
    }

    /// An [`PaywandError::InvalidRequest`] for `field`.
    pub(crate) fn request(field: &str, reason: impl Into<String>) -> Self {
        Self::InvalidRequest { field: field.to_owned(), reason: reason.into() }
    }

    /// An [`PaywandError::InvalidConfig`] for `field`.
    pub(crate) fn config(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidConfig { field: field.into(), reason: reason.into() }
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PaywandError {
    fn from(e: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::ListenerFailed { reason: e.reason }
    }
}
