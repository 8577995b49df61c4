//! What is sent, and after what.

use paywand::{PaymentState, flow::Effect, gateway::Operation};

use super::Court;
use crate::{rules::Rule, witness::Asked};

impl Court<'_> {
    pub(super) fn sends(&mut self) {
        let Some(Effect::Send(op)) = self.told.effect else { return };
        let (rules, witness) = (self.model.rules, self.state.witness);
        self.holds(Rule::OneAtATime, self.told.before.exchange.is_none());
        self.holds(Rule::NothingWhileSuspended, !witness.suspended);
        let can = match op {
            Operation::Charge | Operation::CreateQr => true,
            Operation::Query => rules.query,
            Operation::Detail => rules.detail,
            Operation::Reverse => rules.reverse,
            Operation::Close => rules.close,
            Operation::Refund => rules.refund,
            Operation::RefundQuery => rules.refund_query,
        };
        self.holds(Rule::OnlyWhatItCan, can);
        match op {
            Operation::Charge | Operation::CreateQr => {
                let wanted = self.is.state == PaymentState::Charging && !witness.cancelled;
                self.holds(Rule::ChargeOnce, wanted && witness.sale_again && !witness.restarted);
            }
            Operation::Reverse => self.reverse_sent(),
            Operation::Close => self.close_sent(),
            Operation::Refund => self.refund_sent(),
            Operation::Query | Operation::Detail | Operation::RefundQuery => {}
        }
    }

    fn reverse_sent(&mut self) {
        let witness = self.state.witness;
        self.undo_sent();
        self.holds(Rule::ReverseAge, self.state.now >= witness.old_enough_at(&self.model.rules));
        if self.is.state == PaymentState::Failed {
            self.holds(Rule::CleaningOnce, self.model.rules.cleans_failures && !witness.cleaned);
            self.holds(Rule::ReverseAfterQuestion, witness.undecided);
        } else if witness.undo_left {
            self.holds(Rule::ReverseAgainAfterQuestion, witness.asked_since_undo > Asked::No);
        } else {
            self.holds(Rule::ReverseAfterQuestion, witness.undecided && witness.late_enough);
        }
    }

    fn close_sent(&mut self) {
        let witness = self.state.witness;
        self.undo_sent();
        if witness.undoing {
            self.holds(Rule::ReverseAgainAfterQuestion, witness.asked_since_undo > Asked::No);
        } else if witness.shown {
            let undecided = witness.undecided && witness.late_enough;
            self.holds(Rule::CloseAfterQuestion, undecided || witness.other_qr);
        }
    }

    fn undo_sent(&mut self) {
        self.holds(Rule::NoUndoOfPaid, !self.state.witness.ever_paid);
        self.holds(Rule::NoUndoUnderTakenNumber, !self.state.witness.number_taken);
        self.holds(Rule::NoUndoWhileUnverified, !self.state.witness.unverified);
    }
}
