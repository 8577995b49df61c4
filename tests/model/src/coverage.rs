//! What a run has reached: states, reasons, and how often each rule had something to judge. A check of which nothing
//! would be left to see is no check.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use paywand::{PaymentState, Reason, flow::View};

use crate::rules::Rule;

/// Every reason that a flow gives. `StoredStateUnknown` is the driver's, where there is no flow.
pub(crate) const REASONS: [Reason; 20] = [
    Reason::Refused,
    Reason::NotPaid,
    Reason::NotSent,
    Reason::DeviceClock,
    Reason::Cancelled,
    Reason::RefundFailed,
    Reason::CannotAsk,
    Reason::CannotReverse,
    Reason::CannotClose,
    Reason::AmountDiffers,
    Reason::SignatureFails,
    Reason::NumberTaken,
    Reason::ReturnedElsewhere,
    Reason::RefundByHand,
    Reason::RefundUnconfirmed,
    Reason::RefundChanged,
    Reason::Unresolved,
    Reason::NeverSeen,
    Reason::AccountChanged,
    Reason::GatewayMissing,
];

pub(crate) struct Coverage {
    states: [AtomicBool; PaymentState::ALL.len()],
    reasons: [AtomicBool; REASONS.len() + 1],
    rules: Vec<AtomicU64>,
}

impl Coverage {
    pub(crate) fn new() -> Self {
        Self {
            states: Default::default(),
            reasons: Default::default(),
            rules: Rule::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(crate) fn seen(&self, view: &View) {
        self.states[view.state as usize].store(true, Relaxed);
        if let Some(reason) = view.reason {
            self.reasons[reason as usize].store(true, Relaxed);
        }
    }

    /// The rule had something to judge.
    pub(crate) fn judged(&self, rule: Rule) {
        self.rules[rule as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn times_judged(&self, rule: Rule) -> u64 {
        self.rules[rule as usize].load(Relaxed)
    }

    /// The states reached, by their codes.
    pub(crate) fn states(&self) -> BTreeSet<&'static str> {
        let reached = |state: &PaymentState| self.states[*state as usize].load(Relaxed);
        PaymentState::ALL.into_iter().filter(reached).map(PaymentState::code).collect()
    }

    /// The reasons reached, by their codes.
    pub(crate) fn reasons(&self) -> BTreeSet<&'static str> {
        let reached = |reason: &Reason| self.reasons[*reason as usize].load(Relaxed);
        REASONS.into_iter().filter(reached).map(Reason::code).collect()
    }
}
