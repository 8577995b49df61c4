//! What a flow may plan with.

use crate::{
    gateway::{Capabilities, Timing},
    payment_code::Wallet,
};

/// What the flow may plan with: the gateway's operations and timings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// It can be asked.
    pub query: bool,
    /// Its query carries no amount.
    pub detail: bool,
    /// It can reverse.
    pub reverse: bool,
    /// It can close.
    pub close: bool,
    /// Its text wants failed orders of this wallet reversed.
    pub cleans_failures: bool,
    /// It can refund.
    pub refund: bool,
    /// It can be asked for a refund.
    pub refund_query: bool,
    /// The same refund number again is the same refund, says its text.
    pub refund_repeats: bool,
    /// When to do what.
    pub timing: Timing,
}

impl Rules {
    /// The rules of a configured gateway, for a payment from `wallet`.
    pub fn new(capabilities: &Capabilities, timing: Timing, wallet: Option<Wallet>) -> Self {
        Self {
            query: capabilities.query,
            detail: capabilities.detail,
            reverse: capabilities.reverse,
            close: capabilities.close,
            cleans_failures: wallet.is_some_and(|wallet| capabilities.cleans_failures.contains(&wallet)),
            refund: capabilities.refund.is_some(),
            refund_query: capabilities.refund.is_some_and(|refund| refund.query),
            refund_repeats: capabilities.refund.is_some_and(|refund| refund.repeats),
            timing,
        }
    }

    /// The rules where the gateway is no longer configured: nothing can be asked.
    pub const NONE: Self = Self {
        query: false,
        detail: false,
        reverse: false,
        close: false,
        cleans_failures: false,
        refund: false,
        refund_query: false,
        refund_repeats: false,
        timing: Timing::COMMON,
    };

    /// From a send to the moment at which it counts as unanswered, whatever the transport says.
    pub fn exchange_limit_ms(&self) -> i64 {
        self.timing.connect_ms.saturating_add(self.timing.read_ms).saturating_add(1_000)
    }
}
