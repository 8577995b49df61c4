//! What of a flow the caller sees.

use super::{Flow, Place, Row};
use crate::payment::{FollowUp, PaymentState, Reason};

/// A flow in the words of [`crate::Payment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Where it stands.
    pub state: PaymentState,
    /// Why it failed or needs attention.
    pub reason: Option<Reason>,
    /// The gateway's own code behind a failure.
    pub gateway_code: Option<String>,
    /// What still goes on after the end.
    pub follow_up: FollowUp,
    /// Proof came in against what had been reported as final.
    pub contradicted: bool,
    /// It was paid although a cancel was asked for.
    pub cancel_too_late: bool,
}

impl Flow {
    /// Whether the payment code may still be needed.
    pub fn needs_code(&self) -> bool {
        self.memory.place == Place::At(Row::Charging)
    }

    /// What the caller sees.
    pub fn view(&self) -> View {
        let memory = &self.memory;
        let (state, reason) = match memory.place {
            Place::At(Row::Charging) if memory.cancel_asked => (PaymentState::CancelWaiting, None),
            Place::At(Row::Charging | Row::Creating) => (PaymentState::Charging, None),
            Place::At(Row::Showing) if memory.taken_off => (PaymentState::Querying, None),
            Place::At(Row::Showing) => (PaymentState::ShowingQr, None),
            Place::At(Row::Querying) => (PaymentState::Querying, None),
            Place::At(Row::CancelWaiting) => (PaymentState::CancelWaiting, None),
            Place::At(Row::Reversing) => (PaymentState::Reversing, None),
            Place::At(Row::Confirming) => (PaymentState::Confirming, None),
            Place::At(Row::Closing) => (PaymentState::Closing, None),
            Place::At(Row::Refunding) => (PaymentState::Refunding, None),
            Place::Attention { reason, .. } => (PaymentState::NeedsAttention, Some(reason)),
            Place::Paid => (PaymentState::Paid, None),
            Place::Failed { reason, .. } => (PaymentState::Failed, Some(reason)),
            Place::Reversed => (PaymentState::Reversed, None),
            Place::Closed => (PaymentState::Closed, None),
            Place::Refunded => (PaymentState::Refunded, None),
            Place::SettledPaid => (PaymentState::SettledPaid, None),
            Place::SettledNotPaid => (PaymentState::SettledNotPaid, None),
        };
        let follow_up = match memory.place {
            Place::Failed { cleaning: true, .. } => FollowUp::Cleaning,
            _ if memory.watch.is_some() => FollowUp::Watching,
            _ => FollowUp::None,
        };
        View {
            state,
            reason,
            gateway_code: memory.code.clone(),
            follow_up,
            contradicted: memory.contradicted,
            cancel_too_late: memory.place == Place::Paid && memory.cancel_asked,
        }
    }
}
