//! What a driver does with the flow: an input becomes a step, a step an exchange or a wait; a restart reads what was
//! stored. The world and the witness learn of each, and the rules are judged.

use paywand::{
    FollowUp, PaymentState,
    flow::{Effect, Flow, Input, Rules},
    gateway::Operation,
};

use crate::{
    judge,
    model::{Exchange, Payments, Restart, State},
    rules::Rule,
    witness::{End, Ended},
    world::Order,
};

impl Payments {
    pub(crate) fn wished(&self, mut state: State, input: Input) -> Option<State> {
        state.left.wishes -= 1;
        let before = (state.flow.clone(), state.witness.called_meanwhile);
        self.feed(&mut state, input, None);
        // What changes nothing leads nowhere new.
        let changes = state.flow != before.0 || state.witness.called_meanwhile != before.1;
        (changes || state.broken.is_some()).then_some(state)
    }

    /// The exchange under way is over; what it carried is there, on its way, or lost.
    pub(crate) fn exchange_ends(&self, state: &mut State, end: End, input: Input) {
        if let Some(ended) = self.leaves(state, end) {
            self.feed(state, input, Some(ended));
        }
    }

    /// The exchange is over for the till. A request that has not arrived by then may still arrive.
    fn leaves(&self, state: &mut State, end: End) -> Option<Ended> {
        let exchange = state.exchange.take()?;
        let timing = self.rules.timing;
        let lost_on_the_way = exchange.answer.is_none() && end == End::NoAnswer;
        let horizon = state.now.after(timing.landing_horizon_ms);
        let world = &mut state.world;
        match exchange.op {
            Operation::Charge | Operation::CreateQr if !matches!(end, End::NotSent { .. }) => {
                // Under a number that is known already, what comes later is turned away.
                world.in_flight |= lost_on_the_way && world.order == Order::Absent;
                world.horizon = horizon;
                world.firm_at = state.now.after(timing.min_reverse_age_ms);
            }
            Operation::Reverse | Operation::Close if lost_on_the_way => {
                world.undo_in_flight = true;
                world.undo_horizon = horizon;
            }
            Operation::Refund if !matches!(end, End::NotSent { .. }) => {
                world.refund.leaves(lost_on_the_way, state.now, horizon, self.nature.one_refund_per_number);
            }
            _ => {}
        }
        Some(Ended { op: exchange.op, sent_at: exchange.sent_at, end })
    }

    pub(crate) fn time_up(&self, state: &mut State) {
        let number = state.flow.number();
        let late = state.exchange.and_then(|exchange| Some((exchange.number, exchange.answer?)));
        state.late = late.or(state.late);
        let ended = self.leaves(state, End::NoAnswer);
        self.feed(state, Input::TimeUp { number }, ended);
    }

    /// The process ends; what was on its way goes on, and what was stored is read.
    pub(crate) fn restart(&self, state: &mut State, start: Restart) {
        state.pay(true);
        state.late = None;
        let (rules, input) = match start {
            Restart::Recovered => (self.rules, Input::Recovered),
            Restart::AccountChanged => (self.rules, Input::AccountChanged),
            Restart::GatewayMissing => (Rules::NONE, Input::GatewayMissing),
        };
        if let Some(ended) = self.leaves(state, End::NoAnswer) {
            state.witness.exchange_ended(&ended, self.nature.kind, &self.rules, state.now);
        }
        self.coverage.judged(Rule::StoredAsItIs);
        let stored = state.flow.to_stored();
        match Flow::from_stored(&stored, rules) {
            Ok(flow) if flow.to_stored() == stored => state.flow = flow,
            _ => state.broken = Some(Rule::StoredAsItIs),
        }
        state.witness.restarted(start, self.nature.kind, &self.rules, state.now);
        self.feed(state, input, None);
    }

    /// One step of the flow: what the driver does with it, and what the rules say of it.
    pub(crate) fn feed(&self, state: &mut State, input: Input, ended: Option<Ended>) {
        let before = state.clone();
        if let Some(ended) = &ended {
            let watched = before.flow.view().follow_up == FollowUp::Watching;
            state.witness.exchange_ended(ended, self.nature.kind, &self.rules, state.now);
            state.witness.watch_answered(ended, watched);
        }
        let effect = match (self.step)(&state.flow, input.clone(), state.now) {
            Ok(step) => {
                state.flow = step.next;
                Some(step.effect)
            }
            Err(_) => None,
        };
        if let Some(effect) = effect {
            self.perform(state, effect);
            let view = state.flow.view();
            if input == Input::CancelAsked && !view.state.is_final() {
                state.witness.cancel_heard(state.now);
            }
            if view.state == PaymentState::ShowingQr {
                state.world.shown = true;
                state.witness.shown = true;
            }
            if before.view_state() == PaymentState::NeedsAttention {
                // A person has been asked: from here patience begins anew.
                state.witness.patient_from = state.now;
            }
            self.coverage.seen(&view);
        }
        let told = judge::Told { before: &before, input: &input, ended, effect };
        let broken = judge::judge(self, &told, state);
        state.broken = state.broken.or(broken);
        let view = state.flow.view();
        match effect {
            Some(Effect::Send(Operation::Reverse | Operation::Close)) => state.witness.undo_sent(view.state),
            Some(Effect::Send(Operation::Refund)) => state.witness.refund.sent(),
            _ => {}
        }
        state.witness.ever_paid |= view.state == PaymentState::Paid;
        if view.state != PaymentState::NeedsAttention {
            state.witness.giving_back = view.state == PaymentState::Refunding;
        }
        let asks = matches!(effect, Some(Effect::Send(Operation::Query | Operation::Detail | Operation::RefundQuery)));
        let meanwhile = input == Input::Notified && before.exchange.is_some() && !view.state.is_final();
        state.witness.called_meanwhile = (state.witness.called_meanwhile || meanwhile) && !asks;
        let watched_again = before.flow.view().follow_up == FollowUp::None && view.follow_up == FollowUp::Watching;
        let is_heard = ended.is_some_and(|ended| ended.asked() && ended.is_readable());
        state.witness.called = match input {
            Input::Notified => state.witness.called || watched_again,
            _ => state.witness.called && !is_heard,
        };
    }

    fn perform(&self, state: &mut State, effect: Effect) {
        match effect {
            Effect::Send(op) => {
                let number = state.flow.number();
                state.exchange = Some(Exchange { number, op, sent_at: state.now, answer: None });
                state.wake = Some(state.now.after(self.rules.exchange_limit_ms()));
                if op == Operation::CreateQr {
                    // S3: the end of its life stands in the request.
                    state.world.expires_at = state.now.after(self.rules.timing.qr_life_ms);
                }
            }
            Effect::WaitUntil(at) => state.wake = Some(at),
            Effect::Rest => state.wake = None,
        }
    }

    /// Whether the flow has work of its own to do.
    pub(crate) fn is_at_work(&self, state: &State) -> bool {
        let view = state.flow.view();
        let watches = view.follow_up != FollowUp::None && !state.witness.suspended;
        view.state != PaymentState::NeedsAttention && (!view.state.is_final() || watches)
    }
}
