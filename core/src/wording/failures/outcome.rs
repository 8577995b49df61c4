//! A row: one bad outcome.

use super::super::{
    Language, ScreenText,
    examples::{self, payment},
};
use crate::payment::{PaymentKind, PaymentState, Reason};

/// One thing that can go wrong.
pub(super) struct Outcome {
    /// What happens.
    pub(super) what: &'static str,
    /// What the till then says.
    pub(super) says: Says,
    /// What becomes of the money.
    pub(super) money: &'static str,
    /// What shows it.
    pub(super) proof: Proof,
}

/// What the till says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The payment stands so.
    State(PaymentKind, PaymentState),
    /// It failed, for this reason.
    Failed(PaymentKind, Reason),
    /// A person must look, for this reason.
    Attention(PaymentKind, Reason),
    /// It is paid, although a cancel was asked for.
    CancelTooLate,
    /// It was settled so, and that proves wrong.
    Contradicted(PaymentState),
    /// The call ends with the error of this code.
    Error(&'static str),
    /// Nothing.
    Nothing,
}

/// A test: its file from the repository's root, and its name.
pub(super) struct Proof(pub(super) &'static str, pub(super) &'static str);

impl Says {
    /// The state, where there is one.
    pub(super) fn state(self) -> Option<PaymentState> {
        match self {
            Self::State(_, state) | Self::Contradicted(state) => Some(state),
            Self::Failed(..) => Some(PaymentState::Failed),
            Self::Attention(..) => Some(PaymentState::NeedsAttention),
            Self::CancelTooLate => Some(PaymentState::Paid),
            Self::Error(_) | Self::Nothing => None,
        }
    }

    /// What a screen shows, if anything.
    pub(super) fn screen_text(self, language: Language) -> Option<ScreenText> {
        let mut payment = match self {
            Self::Error(code) => {
                let error = examples::errors().into_iter().find(|error| error.code() == code);
                return Some(error.unwrap_or_else(|| panic!("no error {code}")).screen_text(language));
            }
            Self::Nothing => return None,
            Self::State(kind, state) => payment(kind, state, None),
            Self::Failed(kind, reason) => payment(kind, PaymentState::Failed, Some(reason)),
            Self::Attention(kind, reason) => payment(kind, PaymentState::NeedsAttention, Some(reason)),
            Self::CancelTooLate => payment(PaymentKind::Charge, PaymentState::Paid, None),
            Self::Contradicted(state) => payment(PaymentKind::Charge, state, None),
        };
        payment.cancel_too_late = self == Self::CancelTooLate;
        payment.contradicted = matches!(self, Self::Contradicted(_));
        Some(payment.screen_text(language))
    }
}

impl Proof {
    /// How the test's name is written where it is defined: in Rust, in Kotlin.
    pub(super) fn kinds_of_name(&self) -> [String; 2] {
        [format!("fn {}()", self.1), format!("fun `{}`(", self.1)]
    }
}
