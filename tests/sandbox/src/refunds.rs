//! Money on its way back: the refunds of an order, under numbers of their own. A refund is accepted first; what becomes of
//! it shows in later queries.

use serde::{Deserialize, Serialize};

use crate::ledger::{Order, OrderState};

/// What becomes of a refund that was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Refunding {
    /// The money is back at once.
    #[default]
    Succeeds,
    /// After so many queries were answered with "processing".
    SucceedsAfter {
        /// How many queries.
        queries: u32,
    },
    /// It stays under way for ever.
    Stays,
    /// It fails as soon as it was accepted; the order may be refunded under another number.
    Fails,
    /// The wallet cannot reach the customer's card: 转入代发, a person pays the money out. The number is spent.
    Changes,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Taken on, and nobody has asked yet.
    Accepted,
    /// Under way.
    Processing,
    /// The customer has the money.
    Succeeded,
    /// It came to nothing.
    Failed,
    /// 转入代发: the merchant must pay it out in another way.
    Changed,
}

/// One refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's number for it; the sandbox makes one where the request need not name any.
    pub refund_number: String,
    /// How much goes back.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: RefundState,
    /// The gateway's own number.
    pub gateway_number: String,
    /// Whether a request made it; else somebody did in the gateway's back office.
    pub asked_for: bool,
    /// What becomes of it.
    pub refunding: Refunding,
    /// How many queries found it.
    pub queries: u32,
    /// When it was accepted, UTC.
    pub created_at_ms: i64,
    /// When it succeeded, failed or changed.
    pub ended_at_ms: Option<i64>,
}

impl Refund {
    /// Whether it has come to an end.
    pub fn is_ended(&self) -> bool {
        self.ended_at_ms.is_some()
    }

    /// The wallet moves on, where it does that by itself.
    pub(crate) fn settle(&mut self, now_ms: i64) {
        let end = match self.refunding {
            Refunding::Succeeds => RefundState::Succeeded,
            Refunding::SucceedsAfter { queries } if self.queries >= queries => RefundState::Succeeded,
            Refunding::Fails => RefundState::Failed,
            Refunding::Changes => RefundState::Changed,
            Refunding::SucceedsAfter { .. } | Refunding::Stays => return,
        };
        if !self.is_ended() {
            (self.state, self.ended_at_ms) = (end, Some(now_ms));
        }
    }

    /// A query finds it.
    pub(crate) fn asked(&mut self) {
        self.queries += 1;
        if self.state == RefundState::Accepted {
            self.state = RefundState::Processing;
        }
    }
}

impl Order {
    /// What the customer has got back.
    pub fn refunded_minor(&self) -> i64 {
        self.refunds_where(|state| state == RefundState::Succeeded)
    }

    /// What is refunded or promised: the sum that may never pass what was taken.
    pub fn bound_minor(&self) -> i64 {
        self.refunds_where(|state| state != RefundState::Failed)
    }

    /// What the merchant holds of the customer's money now.
    pub fn held_minor(&self) -> i64 {
        self.money_minor - self.refunded_minor()
    }

    /// Whether a refund stands that has not failed.
    pub fn is_refunded(&self) -> bool {
        self.state == OrderState::Paid && self.bound_minor() > 0
    }

    /// The refund of this number.
    pub fn refund(&self, refund_number: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.refund_number == refund_number)
    }

    fn refunds_where(&self, counts: impl Fn(RefundState) -> bool) -> i64 {
        self.refunds.iter().filter(|refund| counts(refund.state)).map(|refund| refund.amount_minor).sum()
    }
}
