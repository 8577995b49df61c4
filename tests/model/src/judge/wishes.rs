//! What people wish, and what only hastens.

use paywand::{
    PaymentKind, PaymentState, Reason,
    flow::{Effect, Flow, Input},
    gateway::{Operation, Reply},
};
use serde_json::Value;

use super::Court;
use crate::{rules::Rule, witness::Asked};

impl Court<'_> {
    pub(super) fn wishes(&mut self) {
        match self.told.input {
            Input::CancelAsked => self.cancel(),
            Input::SettledByHand { paid } => self.settled(*paid),
            // A call about an end may have it watched once more.
            Input::Notified if self.is.follow_up != self.was.follow_up => {}
            // Or watched from its beginning, now or when it is cleaned up: what a call may do is judged with the refunds.
            Input::Notified if self.was.state.is_final() => {}
            // A person sends a refund that may never have begun.
            Input::RetryAsked if self.was.reason == Some(Reason::NeverSeen) && self.is_refund() => {}
            Input::Notified | Input::RetryAsked => self.hastened(),
            Input::Reply { .. } if self.told.ended.is_none() => self.late_answer(),
            _ => {}
        }
        let settled = [PaymentState::SettledPaid, PaymentState::SettledNotPaid];
        if settled.iter().any(|state| self.enters(*state)) && !matches!(self.told.input, Input::SettledByHand { .. }) {
            self.holds(Rule::SettledByHandOnly, false);
        }
        if self.told.effect.is_some() && self.is.state == PaymentState::ShowingQr {
            let witness = self.state.witness;
            let in_time = self.state.now < witness.decide_from;
            let is_wanted = in_time && !witness.cancelled && !witness.restarted;
            self.holds(Rule::ShownWhileWanted, is_wanted && !witness.other_qr);
        }
    }

    fn cancel(&mut self) {
        let (rules, before) = (self.model.rules, self.told.before);
        let can_undo = match self.model.nature.kind {
            PaymentKind::Charge => rules.reverse && rules.query,
            PaymentKind::Qr | PaymentKind::Refund => rules.close,
        };
        if self.was.state.is_final() {
            return;
        }
        let nothing_left = before.exchange.is_none() && !before.witness.sale_left;
        if self.told.effect.is_none() {
            // Money on its way back is past every cancel.
            let is_late = matches!(self.was.state, PaymentState::NeedsAttention | PaymentState::Refunding);
            self.holds(Rule::CancelWhereItCan, is_late || !can_undo || before.witness.number_taken);
        } else if nothing_left {
            let failed = self.is.state == PaymentState::Failed && self.is.reason == Some(Reason::Cancelled);
            self.holds(Rule::CancelBeforeLeaving, failed);
        } else {
            let undone_already = matches!(
                self.was.state,
                PaymentState::CancelWaiting
                    | PaymentState::Reversing
                    | PaymentState::Confirming
                    | PaymentState::NeedsAttention
            );
            self.holds(Rule::CancelWhereItCan, can_undo || undone_already);
        }
    }

    fn settled(&mut self, paid: bool) {
        let before = self.told.before;
        let in_attention = self.was.state == PaymentState::NeedsAttention;
        let reverse_is_open = before.exchange.is_some_and(|exchange| exchange.op == Operation::Reverse);
        let is_charge = self.model.nature.kind == PaymentKind::Charge;
        let may_be_out = is_charge && (before.witness.undo_left || reverse_is_open);
        let refund_is_open = before.exchange.is_some_and(|exchange| exchange.op == Operation::Refund);
        let refund_may_be_out = before.witness.refund.left || refund_is_open;
        let horizon = self.model.rules.timing.landing_horizon_ms;
        let reverse_landed = self.state.now >= before.witness.reverse_left_at.after(horizon);
        let refund_landed = self.state.now >= before.witness.refund.left_at.after(horizon);
        if self.told.effect.is_none() {
            self.holds(Rule::SettledByHandOnly, !in_attention || may_be_out || refund_may_be_out);
            let waits = (may_be_out && !reverse_landed) || (refund_may_be_out && !refund_landed);
            self.holds(Rule::SettledOnceLanded, !in_attention || before.exchange.is_some() || waits);
            return;
        }
        let says = if paid { PaymentState::SettledPaid } else { PaymentState::SettledNotPaid };
        self.holds(Rule::SettledByHandOnly, in_attention && self.is.state == says);
        // Where no question is to come, none is waited for.
        let none_to_come = before.wake.is_none();
        if may_be_out {
            let asked = before.witness.asked_since_undo == Asked::Answered;
            let may = asked || none_to_come || reverse_landed;
            self.holds(Rule::SettledAfterReverse, before.exchange.is_none() && may);
        }
        if refund_may_be_out {
            let may = before.witness.refund.is_clear || none_to_come || refund_landed;
            self.holds(Rule::SettledAfterRefund, before.exchange.is_none() && may);
        }
    }

    /// A call and a retry do what a late answer does; that the gateway called is kept.
    fn hastened(&mut self) {
        let stranger = Input::Reply { number: 0, reply: Reply::Unproved("model") };
        let as_late = (self.model.step)(&self.told.before.flow, stranger, self.state.now);
        let is_call = *self.told.input == Input::Notified;
        let same = as_late.is_ok_and(|step| {
            let (late, is) = (&step.next, &self.state.flow);
            late == is || (is_call && stored_without(late, &["called"]) == stored_without(is, &["called"]))
        });
        self.holds(Rule::LateAnswersOnlyHasten, same);
        self.only_asks();
    }

    /// A late answer leaves everything as time alone would, but for the next query.
    fn late_answer(&mut self) {
        let time_alone = Input::TimeUp { number: u32::MAX };
        let time_alone = (self.model.step)(&self.told.before.flow, time_alone, self.state.now);
        let next_query = ["open", "due", "sends", "taken_off"];
        let same = time_alone
            .is_ok_and(|step| stored_without(&step.next, &next_query) == stored_without(&self.state.flow, &next_query));
        self.holds(Rule::LateAnswersOnlyHasten, same);
        self.only_asks();
    }

    fn only_asks(&mut self) {
        if let Some(Effect::Send(op)) = self.told.effect {
            self.holds(
                Rule::LateAnswersOnlyHasten,
                matches!(op, Operation::Query | Operation::Detail | Operation::RefundQuery),
            );
        }
    }
}

/// What is stored of a flow, but for these fields.
fn stored_without(flow: &Flow, fields: &[&str]) -> Option<Value> {
    let mut stored: Value = serde_json::from_str(&flow.to_stored()).ok()?;
    let state = stored.get_mut("state")?.as_object_mut()?;
    for field in fields {
        state.remove(*field)?;
    }
    Some(stored)
}
