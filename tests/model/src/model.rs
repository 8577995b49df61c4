//! One payment under every interleaving: the real flow, the truth that it cannot see, and what an observer knows.
//!
//! The graph is finite and has no cycle. Every act uses something up that never comes back: a fault or a wish of the
//! budget, a turn of a person's slow work, a stage of the exchange under way (each exchange has a number of its own), a
//! move of the order in the books (absent, open, failed, paid, returned or undone; backwards only for a fault), or time,
//! which only goes forward. Time without exchange, fault and turn passes only while the flow is at work in a row or
//! watches an end that is answered, and both are bounded by the flow itself, which `Rule::InBoundedTime` and the watch's own
//! count show.

use std::sync::Arc;

use paywand::{
    PaymentKind, PaymentState,
    flow::{Flow, Input, Refusal, Rules, Step, Time},
    gateway::Operation,
};
use stateright::{Model, Property};

use crate::{
    coverage::Coverage,
    gateway::{Answer, INTENT_AT_MS, Nature, Outcome},
    refund::Entry,
    rules::{self, Rule},
    witness::{End, Witness},
    world::{Event, Mood, OPEN, Order, World},
};

/// One unit of time; timings are small multiples of it.
pub(crate) const UNIT: i64 = 1_000;

/// A first moment that no forgotten field could hold by chance.
const START: Time = Time(1_000 * UNIT);

/// How long a device may sleep past everything that was to come.
const SLEEP: i64 = 40 * UNIT;

/// How long a wallet may take over a refund that it accepted, in running time, before a person is asked.
const ACCEPTED_PATIENCE_MS: i64 = 3 * 24 * 3_600_000;

/// [`Flow::step`], or, in the tests of the checker, something that makes a mistake.
pub(crate) type StepFn = fn(&Flow, Input, Time) -> Result<Step, Refusal>;

/// What may be used up on one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    /// Losses, stammering answers, restarts, moods, sleeps: everything that goes wrong.
    pub(crate) faults: u8,
    /// Cancels, retries, settlements, and the gateway's calls.
    pub(crate) wishes: u8,
    /// Turns of what goes on slowly and all alike: the work while a person is asked, the watch that nobody answers.
    pub(crate) turns: u8,
}

/// How a process starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Restart {
    Recovered,
    AccountChanged,
    GatewayMissing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Exchange {
    pub(crate) number: u32,
    pub(crate) op: Operation,
    pub(crate) sent_at: Time,
    /// What the gateway has answered, on its way back; none while the request is on its way there.
    pub(crate) answer: Option<Answer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) flow: Flow,
    pub(crate) now: Time,
    /// When the flow wants to hear of the time.
    pub(crate) wake: Option<Time>,
    pub(crate) exchange: Option<Exchange>,
    /// An answer that came too late for its exchange, and may come yet.
    pub(crate) late: Option<(u32, Answer)>,
    pub(crate) world: World,
    pub(crate) witness: Witness,
    pub(crate) left: Budget,
    pub(crate) broken: Option<Rule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// The request reaches the gateway, which answers.
    Arrives(Outcome),
    /// The answer reaches the till.
    Answered,
    /// The connection breaks; the request, or its answer, may be lost.
    Breaks,
    NotSent {
        device_clock: bool,
    },
    /// The answer to an exchange that was given up comes after all.
    LateAnswer,
    /// Time passes to the moment that the flow waits for.
    Wait,
    /// Time passes while the exchange is under way.
    Pass,
    /// The device sleeps past the moment that the flow waits for.
    Sleep,
    /// The wallet takes all the time that it may take over a refund that it accepted.
    Days,
    Happens(Event, bool),
    Mood(Mood),
    Cancel,
    Retry,
    Notified,
    Settle(bool),
    /// Almost all the time passes that the flow waits; then a person settles.
    SettleLater(bool),
    Restart(Restart),
    /// The intent's commit had failed, and the caller was told that no sale began.
    Withdraw,
}

/// A set of capabilities, a gateway's nature and a budget.
pub(crate) struct Payments {
    pub(crate) nature: Nature,
    pub(crate) rules: Rules,
    pub(crate) budget: Budget,
    /// Whether the configuration may change between restarts.
    pub(crate) reconfigured: bool,
    pub(crate) step: StepFn,
    pub(crate) coverage: Arc<Coverage>,
}

impl Model for Payments {
    type State = State;
    type Action = Act;

    /// The number is ours, or, as one fault, another sale's, open or paid.
    fn init_states(&self) -> Vec<State> {
        if self.nature.kind == PaymentKind::Refund {
            return vec![self.begin(World::paid(), self.budget)];
        }
        let mut worlds = vec![(World::new(), self.budget)];
        if let Some(faults) = self.budget.faults.checked_sub(1) {
            for order in [Order::Open, Order::Paid] {
                let budget = Budget { faults, ..self.budget };
                worlds.push((World { order, stranger: true, ..World::new() }, budget));
            }
        }
        worlds.into_iter().map(|(world, budget)| self.begin(world, budget)).collect()
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        if state.broken.is_some() {
            return;
        }
        self.moves(state, acts);
        self.chances(state, acts);
        self.wishes(state, acts);
    }

    fn next_state(&self, state: &State, act: Act) -> Option<State> {
        let mut next = state.clone();
        match act {
            Act::Arrives(outcome) => {
                next.pay(outcome.is_fault);
                next.world = outcome.world;
                next.world.unheard |= outcome.is_fault && state.view_state().is_final();
                next.exchange.as_mut()?.answer = Some(outcome.answer);
                self.pays_out_once(&mut next);
            }
            Act::Answered => {
                let exchange = next.exchange?;
                let answer = exchange.answer?;
                let input = Input::Reply { number: exchange.number, reply: answer.reply() };
                self.exchange_ends(&mut next, End::Answered(answer), input);
            }
            Act::Breaks => {
                next.pay(true);
                let number = next.exchange?.number;
                self.exchange_ends(&mut next, End::NoAnswer, Input::NoAnswer { number });
            }
            Act::NotSent { device_clock } => {
                next.pay(true);
                let number = next.exchange?.number;
                self.exchange_ends(&mut next, End::NotSent { device_clock }, Input::NotSent { number, device_clock });
            }
            Act::LateAnswer => {
                let (number, answer) = next.late.take()?;
                self.feed(&mut next, Input::Reply { number, reply: answer.reply() }, None);
            }
            Act::Wait => {
                next.left.turns -= u8::from(self.is_slow(state) && state.exchange.is_none());
                next.pay(state.exchange.is_some() && state.world.mood != Mood::Silent);
                next.now = next.wake?;
                self.time_up(&mut next);
            }
            Act::Pass => {
                next.pay(true);
                next.now = next.now.after(UNIT);
            }
            Act::Sleep => {
                next.pay(true);
                next.now = next.wake?.after(SLEEP);
                next.witness.patient_from = next.now;
                self.time_up(&mut next);
            }
            Act::Days => {
                next.now = next.wake?.max(self.accepted_until(state)?);
                next.witness.patient_from = next.now;
                self.time_up(&mut next);
            }
            Act::Happens(event, is_fault) => {
                next.pay(is_fault);
                next.world.happens(event, &self.nature);
                self.pays_out_once(&mut next);
            }
            Act::Mood(mood) => {
                next.pay(true);
                next.world.mood = mood;
                next.world.unheard = true;
            }
            Act::Cancel => return self.wished(next, Input::CancelAsked),
            Act::Settle(paid) => return self.wished(next, Input::SettledByHand { paid }),
            Act::SettleLater(paid) => {
                next.now = Time(next.wake?.0.saturating_sub(1)).max(next.now);
                return self.wished(next, Input::SettledByHand { paid });
            }
            Act::Retry => return self.wished(next, Input::RetryAsked),
            Act::Notified => return self.wished(next, Input::Notified),
            Act::Restart(start) => self.restart(&mut next, start),
            Act::Withdraw => {
                next.pay(true);
                next.exchange = None;
                self.feed(&mut next, Input::Withdrawn, None);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        rules::properties()
    }
}

impl State {
    pub(crate) fn view_state(&self) -> PaymentState {
        self.flow.view().state
    }

    pub(crate) fn pay(&mut self, is_fault: bool) {
        self.left.faults -= u8::from(is_fault);
    }
}

impl Payments {
    fn begin(&self, world: World, left: Budget) -> State {
        let mut state = State {
            flow: Flow::new(self.nature.kind, self.rules, INTENT_AT_MS),
            now: START,
            wake: None,
            exchange: None,
            late: None,
            world,
            witness: Witness::new(START),
            left,
            broken: None,
        };
        self.feed(&mut state, Input::Begin, None);
        state
    }

    /// Whether the flow goes on alike until something comes from outside.
    fn is_slow(&self, state: &State) -> bool {
        let told = state.view_state();
        let unanswered = told.is_final() && matches!(state.world.mood, Mood::Silent | Mood::Garbled | Mood::Unsigned);
        told == PaymentState::NeedsAttention || unanswered || self.takes_days(state)
    }

    /// Until when a wallet may take over what it accepted, of a refund that a person asked for.
    pub(crate) fn accepted_until(&self, state: &State) -> Option<Time> {
        let accepted_at = state.witness.refund.accepted_at.filter(|_| self.nature.kind == PaymentKind::Refund)?;
        Some(accepted_at.after(ACCEPTED_PATIENCE_MS))
    }

    fn takes_days(&self, state: &State) -> bool {
        let is_early = self.accepted_until(state).is_some_and(|until| state.now < until);
        is_early && state.view_state() == PaymentState::Refunding
    }

    /// What left once too often pays out whenever it arrives, whatever the flow knows.
    fn pays_out_once(&self, state: &mut State) {
        if state.world.refund.entry == Entry::Absent {
            return;
        }
        self.coverage.judged(Rule::NeverTwoPayouts);
        if state.world.refund.twice {
            state.broken = state.broken.or(Some(Rule::NeverTwoPayouts));
        }
    }

    /// What goes on without anybody's wish: exchanges and time.
    pub(crate) fn moves(&self, state: &State, acts: &mut Vec<Act>) {
        let faulty = state.left.faults > 0;
        if state.late.is_some() {
            acts.push(Act::LateAnswer);
        }
        let Some(exchange) = state.exchange else {
            let is_slow = self.is_slow(state);
            if state.wake.is_some() && self.takes_days(state) {
                acts.push(Act::Days);
            }
            if state.wake.is_some() && (!is_slow || state.left.turns > 0) {
                acts.push(Act::Wait);
                if faulty && !is_slow {
                    acts.push(Act::Sleep);
                }
            }
            return;
        };
        let is_first = match self.nature.kind {
            PaymentKind::Refund => exchange.op == Operation::Refund,
            _ => matches!(exchange.op, Operation::Charge | Operation::CreateQr),
        };
        let is_silent = state.world.mood == Mood::Silent;
        match exchange.answer {
            Some(_) if is_silent => {}
            Some(_) => acts.push(Act::Answered),
            None => {
                let rules = self.rules;
                let outcomes = self.nature.outcomes(exchange.op, &rules, &state.world, state.now).into_iter();
                let changes = |outcome: &Outcome| !is_silent || outcome.world != state.world;
                acts.extend(outcomes.filter(|o| (faulty || !o.is_fault) && changes(o)).map(Act::Arrives));
                if faulty {
                    acts.push(Act::NotSent { device_clock: false });
                    if is_first {
                        acts.push(Act::NotSent { device_clock: true });
                    }
                }
            }
        }
        if is_silent {
            acts.push(Act::Wait);
        }
        if faulty {
            if !is_silent {
                acts.extend([Act::Wait, Act::Breaks]);
            }
            if state.wake.is_some_and(|wake| state.now.after(UNIT) < wake) {
                acts.push(Act::Pass);
            }
            acts.push(Act::Sleep);
        }
    }

    /// What customer, gateway and network do. Only an exchange under way, or what it leads to, can tell; so it happens
    /// then, or before a wait after which it could not happen any more.
    fn chances(&self, state: &State, acts: &mut Vec<Act>) {
        let faulty = state.left.faults > 0;
        let told_by = match (state.exchange, state.wake) {
            (Some(_), _) => OPEN,
            (None, Some(wake)) => wake,
            (None, None) => return,
        };
        for (event, before, is_fault) in state.world.events(self.nature.kind, &self.rules, state.now) {
            let allowed = match event {
                Event::ChangesItsMind => self.nature.changes_its_mind && state.view_state() == PaymentState::Failed,
                _ => true,
            };
            if allowed && before <= told_by && (faulty || !is_fault) {
                acts.push(Act::Happens(event, is_fault));
            }
        }
        let on_its_way = state.exchange.is_some_and(|exchange| exchange.answer.is_none());
        if faulty && on_its_way {
            let moods: &[Mood] = match state.world.mood {
                Mood::Normal => &[Mood::Silent, Mood::Garbled, Mood::Unsigned, Mood::Stubborn],
                _ => &[Mood::Normal],
            };
            acts.extend(moods.iter().copied().map(Act::Mood));
        }
    }

    /// What people wish, and restarts.
    fn wishes(&self, state: &State, acts: &mut Vec<Act>) {
        if state.left.wishes > 0 {
            acts.extend([Act::Cancel, Act::Retry, Act::Notified, Act::Settle(true), Act::Settle(false)]);
            // Between two slow turns; nothing but its age makes it another settlement.
            let is_slow = state.view_state() == PaymentState::NeedsAttention && state.exchange.is_none();
            if is_slow && state.wake.is_some() {
                acts.extend([Act::SettleLater(true), Act::SettleLater(false)]);
            }
        }
        if state.left.faults == 0 {
            return;
        }
        acts.push(Act::Restart(Restart::Recovered));
        if self.reconfigured {
            acts.extend([Act::Restart(Restart::AccountChanged), Act::Restart(Restart::GatewayMissing)]);
        }
        let is_new = state.flow.number() == 1 && !state.witness.restarted;
        if is_new && state.exchange.is_some_and(|exchange| exchange.answer.is_none()) {
            acts.push(Act::Withdraw);
        }
    }
}
