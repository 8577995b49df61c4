//! Nothing in flight is forgotten: every payment goes on until it ends or a person is asked, and that in bounded time.

use paywand::{
    PaymentState,
    flow::{Effect, Input},
};

use super::Court;
use crate::{model::Act, rules::Rule};

impl Court<'_> {
    pub(super) fn goes_on(&mut self) {
        self.restarted();
        let is_at_work = self.model.is_at_work(self.state);
        if is_at_work && self.is.state.is_final() {
            // It is watched or cleaned up; the model bounds how long nobody answers.
            let goes_on = self.state.exchange.is_some() || self.state.wake.is_some();
            self.holds(Rule::NeverStuck, goes_on);
        } else if is_at_work {
            let mut moves = Vec::new();
            self.model.moves(self.state, &mut moves);
            self.holds(Rule::NeverStuck, moves.iter().any(|act| *act != Act::LateAnswer));
        } else {
            let ended = self.is.state.is_final() || self.is.state == PaymentState::NeedsAttention;
            self.holds(Rule::NeverStuck, ended);
        }
        let open = self.state.exchange.map(|exchange| exchange.op);
        self.holds(Rule::WaitsForward, self.state.flow.open_operation() == open);
        if let Some(Effect::WaitUntil(at)) = self.told.effect {
            self.holds(Rule::WaitsForward, at > self.state.now);
        }
        if is_at_work && !self.is.state.is_final() {
            let accepted_for = self.model.accepted_until(self.state).unwrap_or(self.state.witness.patient_from);
            let patient_from = self.state.witness.patient_from.max(accepted_for);
            let limit = patient_from.after(self.longest_ms());
            let is_refunding = self.is.state == PaymentState::Refunding;
            let rule = if is_refunding { Rule::RefundInBoundedTime } else { Rule::InBoundedTime };
            self.holds(rule, self.state.now <= limit);
        }
        if self.told.effect == Some(Effect::Rest) && self.is.state == PaymentState::NeedsAttention {
            let by_hand = Input::SettledByHand { paid: false };
            let settled = (self.model.step)(&self.state.flow, by_hand, self.state.now);
            self.holds(Rule::APersonCanEnd, settled.is_ok());
        }
    }

    fn restarted(&mut self) {
        let is_restart = matches!(self.told.input, Input::Recovered | Input::AccountChanged | Input::GatewayMissing);
        if !is_restart || self.was.state.is_final() {
            return;
        }
        let waits = self.is.state == PaymentState::NeedsAttention;
        if self.state.witness.suspended {
            self.holds(Rule::NothingForgotten, waits);
        } else if self.state.witness.sale_left || self.state.witness.refund.left {
            self.holds(Rule::NothingForgotten, !self.is.state.is_final());
        }
    }

    /// The longest that rows can take one after the other: the charge with its repeats, then four rows whose patience
    /// each begins anew and ends with the exchange then under way.
    fn longest_ms(&self) -> i64 {
        let rules = self.model.rules;
        let timing = rules.timing;
        let exchange = rules.exchange_limit_ms();
        let longest_wait = [
            timing.first_query_ms,
            timing.interval_ms,
            timing.close_retry_ms,
            timing.reverse_retry_ms.saturating_mul(30),
            timing.min_reverse_age_ms,
        ];
        let wait = longest_wait.into_iter().max().unwrap_or_default();
        let charge = timing.connect_ms + 4 * (exchange + timing.first_query_ms);
        let shown = timing.deadline_ms;
        charge + shown + 4 * (timing.attention_after_ms + wait + 2 * exchange)
    }
}
