//! What a person may want: a cancel, a settlement by hand.

use super::{Flow, Place, Refusal, Row, Time};
use crate::{
    gateway::Operation,
    payment::{PaymentKind, Reason},
};

impl Flow {
    /// Undo it. A payment that ended stays as it ended.
    pub(super) fn cancel(&mut self, now: Time) -> Result<(), Refusal> {
        match self.memory.place {
            Place::At(Row::Charging) => self.cancel_charging(now),
            Place::At(Row::Creating) => self.cancel_creating(now),
            Place::At(Row::Showing) => self.cancel_showing(now),
            Place::At(Row::Querying)
            | Place::Attention { from: Row::Querying | Row::CancelWaiting, reason: Reason::Unresolved } => {
                self.cancel_querying(now)
            }
            // Being undone already.
            Place::At(Row::CancelWaiting | Row::Reversing | Row::Confirming)
            | Place::Attention {
                from: Row::Reversing | Row::Confirming,
                reason: Reason::Unresolved | Reason::SignatureFails | Reason::NeverSeen,
            } => {
                self.memory.cancel_asked = true;
                Ok(())
            }
            // Being closed, or to be closed when it can be asked again: from now on money that comes in is not wanted.
            Place::At(Row::Closing)
            | Place::Attention { from: Row::Showing | Row::Closing, reason: Reason::Unresolved }
                if self.rules.close =>
            {
                self.memory.cancel_asked = true;
                Ok(())
            }
            Place::At(Row::Closing | Row::Refunding) | Place::Attention { .. } => Err(Refusal::CannotCancel),
            Place::Paid
            | Place::Failed { .. }
            | Place::Reversed
            | Place::Closed
            | Place::Refunded
            | Place::SettledPaid
            | Place::SettledNotPaid => Ok(()),
        }
    }

    fn cancel_charging(&mut self, now: Time) -> Result<(), Refusal> {
        let nothing_left = self.memory.open.is_none() && !self.memory.pay_left;
        if nothing_left {
            self.fail(Reason::Cancelled, None);
        } else if !self.rules.reverse || !self.rules.query {
            return Err(Refusal::CannotCancel);
        } else {
            self.memory.cancel_asked = true;
            if self.memory.open.is_none() {
                self.ask(0, now);
            }
        }
        Ok(())
    }

    fn cancel_creating(&mut self, now: Time) -> Result<(), Refusal> {
        let nothing_left = self.memory.open.is_none() && !self.memory.pay_left;
        if nothing_left {
            self.fail(Reason::Cancelled, None);
        } else if !self.rules.close {
            return Err(Refusal::CannotCancel);
        } else {
            self.memory.cancel_asked = true;
            if self.memory.open.is_none() {
                self.begin_close(now);
            }
        }
        Ok(())
    }

    fn cancel_showing(&mut self, now: Time) -> Result<(), Refusal> {
        if !self.rules.close {
            return Err(Refusal::CannotCancel);
        }
        if self.memory.cancel_asked {
            self.hasten(now);
            return Ok(());
        }
        self.memory.cancel_asked = true;
        self.memory.taken_off = true;
        self.memory.deadline_at = self.memory.deadline_at.min(now);
        self.memory.attention_at = now.after(self.rules.timing.attention_after_ms);
        self.schedule(Operation::Query, now);
        Ok(())
    }

    fn cancel_querying(&mut self, now: Time) -> Result<(), Refusal> {
        if !self.rules.reverse || self.memory.number_taken {
            return Err(Refusal::CannotCancel);
        }
        self.memory.cancel_asked = true;
        let detail_due = self.memory.due.is_some_and(|due| due.op == Operation::Detail);
        self.enter(Row::CancelWaiting, now);
        self.memory.deadline_at = self.memory.deadline_at.min(now);
        self.schedule(if detail_due { Operation::Detail } else { Operation::Query }, now);
        Ok(())
    }

    /// A person says how it ended.
    pub(super) fn settle(&mut self, paid: bool, now: Time) -> Result<(), Refusal> {
        if !self.in_attention() {
            return Err(Refusal::NotInAttention);
        }
        let open = self.open_operation();
        let refund_may_be_out = self.memory.refund_left || open == Some(Operation::Refund);
        let reverse_may_be_out = self.memory.undo_left || open == Some(Operation::Reverse);
        let charge_may_come_back = self.memory.kind == PaymentKind::Charge && reverse_may_be_out;
        // Where no query is to come, none is waited for.
        let to_be_asked = self.memory.due.is_some() && !self.memory.asked_since_undo;
        // Nor where none is answered, once what has left can no longer arrive: the merchant portal says what came of it.
        let landed =
            |may_be_out: bool, left_at: Time| !may_be_out || now >= left_at.after(self.rules.timing.landing_horizon_ms);
        let all_landed = landed(charge_may_come_back, self.memory.reverse_left_at)
            && landed(refund_may_be_out, self.memory.refund_left_at);
        if (charge_may_come_back || refund_may_be_out) && (open.is_some() || (to_be_asked && !all_landed)) {
            return Err(Refusal::ReverseInFlight);
        }
        let place = if paid { Place::SettledPaid } else { Place::SettledNotPaid };
        self.end_watched(place, now);
        Ok(())
    }
}
