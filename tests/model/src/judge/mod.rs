//! Holds one step of the flow against the rules, by the truth and by what the witness knows.

mod ends;
mod goes_on;
mod refunds;
mod sends;
mod wishes;

use paywand::{
    PaymentState,
    flow::{Effect, Input, View},
};

use crate::{
    coverage::Coverage,
    gateway::{Answer, PaidAt},
    model::{Payments, State},
    rules::Rule,
    witness::Ended,
};

/// A step: what went in, and what the flow made of it.
pub(crate) struct Told<'a> {
    /// Before the step, and before the witness learned of it.
    pub(crate) before: &'a State,
    pub(crate) input: &'a Input,
    /// The exchange that the input ended.
    pub(crate) ended: Option<Ended>,
    /// None where a wish was refused.
    pub(crate) effect: Option<Effect>,
}

/// The first rule that the step into `state` breaks.
pub(crate) fn judge(model: &Payments, told: &Told<'_>, state: &State) -> Option<Rule> {
    let mut court = Court {
        model,
        told,
        state,
        was: told.before.flow.view(),
        is: state.flow.view(),
        coverage: &model.coverage,
        broken: None,
    };
    // What is particular before what is general: a refund from paid is that, and no end that did not stay.
    court.refunds();
    court.sends();
    court.ends();
    court.wishes();
    court.goes_on();
    court.broken
}

struct Court<'a> {
    model: &'a Payments,
    told: &'a Told<'a>,
    state: &'a State,
    was: View,
    is: View,
    coverage: &'a Coverage,
    broken: Option<Rule>,
}

impl Court<'_> {
    /// There is something for `rule` to judge, and it holds or not.
    fn holds(&mut self, rule: Rule, holds: bool) {
        self.coverage.judged(rule);
        if !holds && self.broken.is_none() {
            self.broken = Some(rule);
        }
    }

    fn enters(&self, state: PaymentState) -> bool {
        self.is.state == state && self.was.state != state
    }

    /// The answer to the exchange that was under way.
    fn answer(&self) -> Option<Answer> {
        self.told.ended.and_then(|ended| ended.answer())
    }

    /// Whether the exchange that ended was a question.
    fn asked(&self) -> bool {
        self.told.ended.is_some_and(|ended| ended.asked())
    }

    /// Whether the answer proves that this sale was paid, this much.
    fn is_proof_of_payment(&self) -> bool {
        match self.answer() {
            Some(Answer::Paid(at)) => !self.state.witness.number_taken || at == PaidAt::InTime,
            _ => false,
        }
    }
}
