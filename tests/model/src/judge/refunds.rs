//! What goes back: only what was proved to be there, once, and said to be back only on proof.

use paywand::{
    FollowUp, PaymentKind, PaymentState, Reason,
    flow::{Input, Time, View},
    gateway::Operation,
};
use serde_json::Value;

use super::Court;
use crate::{gateway::Answer, refund::Entry, rules::Rule, witness::End};

impl Court<'_> {
    pub(super) fn refunds(&mut self) {
        self.refunded();
        self.refund_failed();
        self.own_refund_failed();
        if *self.told.input == Input::Notified {
            self.called();
        }
        self.answered_after_call();
        self.called_meanwhile();
    }

    /// A refund that a person asked for, not the end of a payment.
    pub(super) fn is_refund(&self) -> bool {
        self.model.nature.kind == PaymentKind::Refund
    }

    /// The answer to a refund, or to a question about it.
    fn refund_answer(&self) -> Option<Answer> {
        let of_refund = |op| matches!(op, Operation::Refund | Operation::RefundQuery);
        self.told.ended.filter(|ended| of_refund(ended.op)).and_then(|ended| ended.answer())
    }

    fn refunded(&mut self) {
        let answer = self.refund_answer();
        if matches!(answer, Some(Answer::RefundAccepted | Answer::Waiting)) {
            self.holds(Rule::AcceptedIsNotRefunded, self.is.state != PaymentState::Refunded);
        }
        if self.enters(PaymentState::Refunded) {
            self.holds(Rule::RefundedIsProved, answer == Some(Answer::RefundProved));
        }
        if self.is.state == PaymentState::Refunded {
            let kept = !self.is_refund() && self.state.world.has_money();
            self.holds(Rule::RefundedIsTrue, self.state.world.refund.entry == Entry::PaidOut && !kept);
        }
    }

    fn refund_failed(&mut self) {
        if !self.is_refund() || self.is.state != PaymentState::Failed {
            return;
        }
        if self.enters(PaymentState::Failed) {
            self.holds(Rule::RefundFailedIsProved, self.refund_failure_is_proved());
        }
        self.holds(Rule::RefundFailedIsTrue, !self.state.world.refund.may_pay_out(self.state.now));
    }

    fn refund_failure_is_proved(&self) -> bool {
        let (before, after) = (&self.told.before.witness.refund, &self.state.witness.refund);
        let answer = self.refund_answer();
        let not_sent = |clock| {
            let end = self.told.ended.filter(|ended| ended.op == Operation::Refund).map(|ended| ended.end);
            end == Some(End::NotSent { device_clock: clock }) && !after.left
        };
        match self.is.reason {
            Some(Reason::RefundFailed) => answer == Some(Answer::RefundFailed),
            Some(Reason::Refused) => answer == Some(Answer::Refused) && !before.left,
            Some(Reason::DeviceClock) => not_sent(true),
            Some(Reason::NotSent) if *self.told.input == Input::Withdrawn => !after.left,
            Some(Reason::NotSent) => not_sent(false),
            _ => false,
        }
    }

    /// Nobody asked for it, so nobody waits for it: a person is told that the money is still here.
    fn own_refund_failed(&mut self) {
        if self.is_refund() || self.was.state.is_final() {
            return;
        }
        let turned_away = self.refund_answer() == Some(Answer::Refused) && !self.told.before.witness.refund.left;
        if turned_away || self.refund_answer() == Some(Answer::RefundFailed) {
            let is_told = self.is.reason == Some(Reason::RefundByHand);
            self.holds(Rule::OwnFailedRefundIsTold, self.is.state == PaymentState::NeedsAttention && is_told);
        }
    }

    /// The answer may be from before the call: it is asked again soon, after the reverse or refund where that comes first.
    fn called_meanwhile(&mut self) {
        let ended = self.told.before.witness.called_meanwhile && self.told.ended.is_some();
        if !ended || self.state.witness.suspended {
            return;
        }
        let rules = self.model.rules;
        if let Some((op, at)) = self.due()
            && matches!(op.as_str(), "query" | "detail" | "refund_query")
        {
            self.holds(Rule::CallIsKept, at <= self.state.now.after(rules.timing.interval_ms));
        } else if self.is.state == PaymentState::Failed && !self.is_refund() && rules.query {
            let asks = self.state.exchange.is_some_and(|exchange| exchange.op == Operation::Query);
            self.holds(Rule::CallIsKept, asks || !self.state.witness.sale_left);
        }
    }

    /// What is to be sent next, and when.
    fn due(&self) -> Option<(String, Time)> {
        let stored: Value = serde_json::from_str(&self.state.flow.to_stored()).ok()?;
        let due = stored.get("state")?.get("due")?;
        Some((due.get("op")?.as_str()?.to_owned(), Time(due.get("at")?.as_i64()?)))
    }

    /// What a call about an end leads to: money that came late is told of and given back, and nothing else happens.
    fn answered_after_call(&mut self) {
        let readable = !matches!(self.answer(), None | Some(Answer::Unproved | Answer::Unverified));
        if !self.told.before.witness.called || !self.asked() || !readable {
            return;
        }
        let taken = self.state.witness.number_taken;
        let looks_paid = matches!(self.answer(), Some(Answer::LooksPaid | Answer::PaidOther)) && !taken;
        let is_paid = self.is_proof_of_payment() || looks_paid;
        match self.was.state {
            PaymentState::Failed | PaymentState::Reversed | PaymentState::Closed if is_paid => {
                let told = if taken { Reason::NumberTaken } else { Reason::RefundByHand };
                let by_hand = self.is.state == PaymentState::NeedsAttention && self.is.reason == Some(told);
                let goes_back =
                    if self.model.rules.refund && !taken { self.is.state == PaymentState::Refunding } else { by_hand };
                self.holds(Rule::CallFindsMoney, self.is.contradicted && goes_back);
            }
            PaymentState::SettledPaid => {}
            PaymentState::SettledNotPaid if is_paid => self.holds(Rule::CallFindsMoney, self.is.contradicted),
            _ => {
                let same = self.is.state == self.was.state && self.is.contradicted == self.was.contradicted;
                self.holds(Rule::CallFindsNothing, same);
            }
        }
    }

    pub(super) fn refund_sent(&mut self) {
        let witness = self.state.witness;
        let refund = witness.refund;
        self.holds(Rule::OneRefund, !refund.is_over);
        self.holds(Rule::NoRefundUnderTakenNumber, !witness.number_taken);
        self.holds(Rule::NoRefundOfPaid, !witness.ever_paid);
        if !self.is_refund() {
            self.holds(Rule::RefundAfterProof, refund.money_proved);
        }
        if refund.left {
            self.holds(Rule::RefundAfterQuestion, refund.not_found_at.is_some());
            if !self.model.rules.refund_repeats {
                self.holds(Rule::RefundAfterHorizon, refund.is_lost(&self.model.rules));
            }
        }
    }

    /// A call changes nothing that is said, and asks; also about an end that nobody watches any more.
    fn called(&mut self) {
        // As time alone would leave it, but for being watched again.
        let time_alone = Input::TimeUp { number: u32::MAX };
        let time_alone = (self.model.step)(&self.told.before.flow, time_alone, self.state.now);
        let watched_again = self.was.follow_up == FollowUp::None && self.is.follow_up == FollowUp::Watching;
        let follow_up = if watched_again { FollowUp::None } else { self.is.follow_up };
        let said = View { follow_up, ..self.is.clone() };
        self.holds(Rule::CallOnlyAsks, time_alone.is_ok_and(|step| step.next.view() == said));
        let can_be_asked = self.model.rules.query && !self.state.witness.suspended && !self.is_refund();
        let may_be_late = match self.was.state {
            PaymentState::Failed => self.told.before.witness.sale_left,
            PaymentState::Reversed | PaymentState::Closed => true,
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => true,
            _ => false,
        };
        if can_be_asked && may_be_late && self.was.follow_up == FollowUp::None {
            let asks = self.state.exchange.is_some_and(|exchange| exchange.op == Operation::Query);
            self.holds(Rule::CallIsHeard, asks);
        }
    }
}
