//! What is said of money: it is proved, it is true, and it stays.

use paywand::{FollowUp, PaymentKind, PaymentState, Reason, flow::Input, gateway::Operation};

use super::Court;
use crate::{gateway::Answer, rules::Rule, witness::End, world::Order};

impl Court<'_> {
    pub(super) fn ends(&mut self) {
        self.failed();
        self.paid();
        self.undone();
        self.other_money();
        self.unwanted_money();
        self.stays();
        self.contradicted();
        self.watched();
        self.cleaned();
        if self.is.state == PaymentState::NeedsAttention && self.is.reason != self.was.reason {
            let holds = self.is.reason.is_some_and(|reason| self.is_true(reason));
            self.holds(Rule::AttentionIsTrue, holds);
        }
        if self.state.witness.number_taken {
            let about_money =
                [Some(Reason::RefundByHand), Some(Reason::AmountDiffers), Some(Reason::ReturnedElsewhere)];
            self.holds(Rule::NothingBackUnderTakenNumber, !about_money.contains(&self.is.reason));
        }
    }

    fn money_is_out(&self) -> bool {
        let (world, model) = (&self.state.world, self.model);
        !world.has_money() && !world.money_can_come(model.nature.kind, &model.rules, self.state.now)
    }

    fn failed(&mut self) {
        if self.is_refund() || self.is.state != PaymentState::Failed {
            return;
        }
        let enters = self.enters(PaymentState::Failed);
        if enters {
            self.holds(Rule::FailedIsProved, self.failure_is_proved());
        }
        if enters || !self.model.nature.changes_its_mind {
            self.holds(Rule::FailedIsTrue, self.money_is_out());
        }
    }

    fn failure_is_proved(&self) -> bool {
        let (before, after) = (&self.told.before.witness, &self.state.witness);
        let ended = self.told.ended;
        let sale = ended.filter(|ended| ended.is_sale());
        let not_sent = |clock| {
            let expected = |end| matches!(end, End::NotSent { device_clock } if device_clock == clock);
            sale.is_some_and(|sale| expected(sale.end)) && !after.sale_left
        };
        let untouched = ended.is_none() && self.told.before.exchange.is_none() && !after.sale_left;
        match self.is.reason {
            Some(Reason::Refused) => {
                sale.is_some_and(|sale| sale.answer() == Some(Answer::Refused)) && !before.sale_left
            }
            Some(Reason::NotSent) => match self.told.input {
                Input::Recovered | Input::Withdrawn => untouched,
                _ => not_sent(false),
            },
            Some(Reason::DeviceClock) => not_sent(true),
            Some(Reason::Cancelled) => match self.told.input {
                Input::CancelAsked => untouched,
                _ => after.cancelled && (not_sent(false) || not_sent(true)),
            },
            Some(Reason::NotPaid) => {
                let old_enough = after.old_enough_at(&self.model.rules);
                let asked = ended.is_some_and(|end| end.op == Operation::Query && end.sent_at >= old_enough);
                asked && self.answer() == Some(Answer::NotPaid) && !after.undo_left
            }
            _ => false,
        }
    }

    fn paid(&mut self) {
        let witness = &self.state.witness;
        let may_count = match self.was.state {
            PaymentState::Charging | PaymentState::Querying | PaymentState::CancelWaiting | PaymentState::ShowingQr => {
                true
            }
            PaymentState::Reversing => !witness.undo_left,
            PaymentState::Closing => !witness.cancelled && !witness.undo_done,
            _ => false,
        };
        if may_count && self.is_proof_of_payment() {
            self.holds(Rule::ProofCounts, self.is.state == PaymentState::Paid);
        }
        if !self.enters(PaymentState::Paid) {
            return;
        }
        let (world, witness) = (self.state.world, self.state.witness);
        // Some of it may have been given back elsewhere since the answer was written.
        let ours = matches!(world.order, Order::Paid | Order::Returned | Order::GivenBack)
            && !(world.stranger && witness.number_taken);
        self.holds(Rule::PaidIsTrue, ours);
        self.holds(Rule::PaidIsProved, self.is_proof_of_payment());
        self.holds(Rule::CancelTooLateIsTold, self.is.cancel_too_late == witness.cancelled);
        match self.model.nature.kind {
            PaymentKind::Charge => self.holds(Rule::NeverPaidAfterReverse, !witness.undo_left),
            PaymentKind::Qr | PaymentKind::Refund => {
                let closed = witness.undo_done || (witness.cancelled && witness.undoing);
                self.holds(Rule::NeverPaidAfterClose, !closed);
            }
        }
    }

    fn undone(&mut self) {
        if !matches!(self.is.state, PaymentState::Reversed | PaymentState::Closed) {
            return;
        }
        let (world, is_watched) = (self.state.world, self.is.follow_up == FollowUp::Watching);
        if self.enters(self.is.state) {
            self.holds(Rule::UndoneIsTrue, !world.has_money() || is_watched);
            self.holds(Rule::UndoneIsProved, self.undoing_is_proved());
        }
        // Where nobody answered the watch, nothing could be found; and what was given back elsewhere looks like what was
        // undone by the till itself.
        if !is_watched && !world.unheard && !matches!(world.order, Order::Returned | Order::GivenBack) {
            self.holds(Rule::UndoneStaysTrue, self.money_is_out());
        }
    }

    fn undoing_is_proved(&self) -> bool {
        let Some(ended) = self.told.ended.filter(|ended| ended.asked()) else { return false };
        let witness = &self.state.witness;
        match ended.answer() {
            Some(Answer::Reversed | Answer::Closed) => true,
            // A reverse of ours is out: it did that.
            Some(Answer::ReturnedInFull) => witness.undo_left && self.model.nature.kind == PaymentKind::Charge,
            Some(Answer::NotFound) => {
                let expired_or_done = self.model.nature.kind == PaymentKind::Qr || witness.undo_done;
                expired_or_done && ended.sent_at >= witness.landed_at(&self.model.rules)
            }
            _ => false,
        }
    }

    fn other_money(&mut self) {
        if self.was.state.is_final() || !self.is_about_the_sale() {
            return;
        }
        let told = match self.answer() {
            Some(Answer::PaidOther) => Reason::AmountDiffers,
            Some(Answer::ReturnedElsewhere | Answer::ReturnedInFull) if self.asked() && !self.may_be_ours() => {
                Reason::ReturnedElsewhere
            }
            _ => return,
        };
        let expected = if self.state.witness.number_taken { Reason::NumberTaken } else { told };
        let holds = self.is.state == PaymentState::NeedsAttention && self.is.reason == Some(expected);
        self.holds(Rule::OtherMoneyIsTold, holds);
    }

    /// Whether what went back may have gone by a refund or reverse of ours.
    fn may_be_ours(&self) -> bool {
        let witness = &self.state.witness;
        let reversed = witness.undo_left && self.model.nature.kind == PaymentKind::Charge;
        let by_reverse = reversed && self.answer() == Some(Answer::ReturnedInFull);
        let undoing = matches!(self.was.state, PaymentState::Reversing | PaymentState::Confirming);
        let by_refund = witness.refund.left || self.told.before.witness.giving_back;
        by_refund || (by_reverse && (undoing || self.was.state == PaymentState::NeedsAttention))
    }

    /// What comes in although it was undone is not kept.
    fn unwanted_money(&mut self) {
        let witness = &self.state.witness;
        let is_unwanted = match self.was.state {
            PaymentState::Confirming => true,
            PaymentState::Closing => witness.cancelled || witness.undo_done,
            _ => false,
        };
        if is_unwanted && self.asked() && matches!(self.answer(), Some(Answer::Paid(_) | Answer::LooksPaid)) {
            let goes_back = if self.model.rules.refund && !witness.number_taken {
                let unconfirmed = witness.refund.left && self.is.reason == Some(Reason::RefundUnconfirmed);
                self.is.state == PaymentState::Refunding || unconfirmed
            } else {
                let told = if witness.number_taken { Reason::NumberTaken } else { Reason::RefundByHand };
                self.is.state == PaymentState::NeedsAttention && self.is.reason == Some(told)
            };
            self.holds(Rule::MoneyGoesBack, goes_back);
        }
    }

    fn is_about_the_sale(&self) -> bool {
        self.told.ended.is_some_and(|ended| ended.is_sale() || ended.asked())
    }

    fn stays(&mut self) {
        if !self.was.state.is_final() {
            return;
        }
        let same = self.is.state == self.was.state && self.is.reason == self.was.reason;
        let told = matches!(self.is.reason, Some(Reason::RefundByHand | Reason::NumberTaken));
        let goes_back =
            self.is.state == PaymentState::Refunding || (self.is.state == PaymentState::NeedsAttention && told);
        let by_proof = goes_back && self.is.contradicted;
        let may_leave = match self.was.state {
            PaymentState::Reversed | PaymentState::Closed => self.was.follow_up == FollowUp::Watching,
            PaymentState::Failed => self.was.follow_up != FollowUp::None,
            _ => false,
        };
        self.holds(Rule::EndsStay, same || (may_leave && by_proof));
    }

    fn contradicted(&mut self) {
        let asked_paid = self.asked()
            && (self.is_proof_of_payment()
                || (!self.state.witness.number_taken
                    && matches!(self.answer(), Some(Answer::LooksPaid | Answer::PaidOther))));
        let asked_not_paid =
            self.asked() && matches!(self.answer(), Some(Answer::NotPaid | Answer::Reversed | Answer::Closed));
        let against = match (self.was.state, self.was.follow_up) {
            (PaymentState::Failed, FollowUp::Cleaning | FollowUp::Watching) => asked_paid,
            (PaymentState::Reversed | PaymentState::Closed, FollowUp::Watching) => asked_paid,
            (PaymentState::SettledNotPaid, FollowUp::Watching) => asked_paid,
            (PaymentState::SettledPaid, FollowUp::Watching) => asked_not_paid,
            _ => false,
        };
        if against || self.was.contradicted {
            self.holds(Rule::ContradictionIsTold, self.is.contradicted);
        } else if self.is.contradicted {
            self.holds(Rule::ContradictionIsTold, false);
        }
    }

    /// It is given up after a week; no budget here lets so many questions be lost.
    fn watched(&mut self) {
        let in_vain = self.state.witness.watched_in_vain > 0;
        if self.was.follow_up == FollowUp::Watching && self.asked() && in_vain {
            self.holds(Rule::WatchAsksAgain, self.is.follow_up == FollowUp::Watching);
        }
    }

    /// Nobody looks again only where the order was undone, by us or before.
    fn cleaned(&mut self) {
        let is_failed = self.was.state == PaymentState::Failed && self.is.state == PaymentState::Failed;
        let rules = self.model.rules;
        if !is_failed || self.was.follow_up != FollowUp::Cleaning || self.is.follow_up == FollowUp::Cleaning {
            return;
        }
        let undone = match self.told.ended {
            Some(ended) if ended.is_undo() => {
                matches!(ended.answer(), Some(Answer::ReverseDone | Answer::Reversed | Answer::Closed))
            }
            Some(ended) => matches!(
                ended.answer(),
                Some(Answer::Reversed | Answer::Closed | Answer::ReturnedElsewhere | Answer::ReturnedInFull)
            ),
            None => !rules.query,
        };
        self.holds(Rule::CleanedOrWatched, undone || self.is.follow_up == FollowUp::Watching);
    }

    /// Whether what a person is told is so.
    fn is_true(&self, reason: Reason) -> bool {
        let (witness, rules, answer) = (&self.state.witness, &self.model.rules, self.answer());
        match reason {
            Reason::AmountDiffers => answer == Some(Answer::PaidOther),
            Reason::ReturnedElsewhere => {
                matches!(answer, Some(Answer::ReturnedElsewhere | Answer::ReturnedInFull))
            }
            Reason::RefundByHand => {
                let paid = matches!(answer, Some(Answer::Paid(_) | Answer::LooksPaid | Answer::PaidOther));
                let again = *self.told.input == Input::Recovered && self.was.state == PaymentState::NeedsAttention;
                let failed = matches!(answer, Some(Answer::RefundFailed | Answer::Refused));
                paid || failed || again
            }
            Reason::RefundUnconfirmed => !rules.refund_query && witness.refund.left,
            Reason::RefundChanged => answer == Some(Answer::RefundChanged),
            Reason::SignatureFails => witness.unverified,
            Reason::NumberTaken => witness.number_taken,
            Reason::CannotAsk => !rules.query,
            Reason::CannotReverse => !rules.reverse,
            Reason::CannotClose => !rules.close,
            Reason::NeverSeen => answer == Some(Answer::NotFound) && (self.is_refund() || self.money_is_out()),
            Reason::AccountChanged => *self.told.input == Input::AccountChanged,
            Reason::GatewayMissing => *self.told.input == Input::GatewayMissing,
            Reason::Unresolved => true,
            _ => false,
        }
    }
}
