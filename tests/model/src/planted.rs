//! The checker has teeth: each mistake that is planted here into the flow's steps is found, and by the rule that it
//! breaks. A mistake reads its input wrongly, or writes into what is stored what the flow would not have written.

use std::sync::Arc;

use paywand::{
    FollowUp, PaymentState,
    flow::{Effect, Flow, Input, Refusal, Rules, Step, Time},
    gateway::{Operation, Reply},
};
use serde_json::{Value, json};
use stateright::Checker;

use crate::{
    check,
    coverage::Coverage,
    gateway::{Answer, PaidAt},
    model::{Budget, StepFn},
    rules::Rule,
    runs::{BJRCB, BLUEOCEAN, RUNS, Run, TENCENT},
};

type Stepped = Result<Step, Refusal>;

pub(crate) const A_FAULT: Budget = Budget { faults: 1, wishes: 0, turns: 1 };
pub(crate) const A_WISH: Budget = Budget { faults: 0, wishes: 1, turns: 1 };
pub(crate) const TWO_FAULTS: Budget = Budget { faults: 2, wishes: 0, turns: 1 };

pub(crate) fn run(name: &str) -> &'static Run {
    RUNS.iter().find(|run| run.name.contains(name)).expect("a run of that name")
}

/// What `step` breaks under that run's gateway.
pub(crate) fn broken(name: &str, budget: Budget, step: StepFn) -> Vec<&'static str> {
    let payments = run(name).payments(budget, step, &Arc::new(Coverage::new()));
    check(payments).discoveries().into_keys().collect()
}

pub(crate) fn finds(rule: Rule, name: &str, budget: Budget, step: StepFn) {
    let broken = broken(name, budget, step);
    assert!(broken.contains(&rule.sentence()), "{rule:?} is not among {broken:?}");
}

/// The reply, if it is the awaited one.
pub(crate) fn awaited<'a>(flow: &Flow, input: &'a Input) -> Option<(u32, &'a Reply)> {
    match input {
        Input::Reply { number, reply } if flow.awaits(*number) => Some((*number, reply)),
        _ => None,
    }
}

/// As if the awaited answer had been another one.
pub(crate) fn read_as(flow: &Flow, input: &Input, answer: Answer, now: Time) -> Stepped {
    let number = awaited(flow, input).map_or(0, |(number, _)| number);
    flow.step(Input::Reply { number, reply: answer.reply() }, now)
}

/// The flow, with something else stored.
pub(crate) fn rewritten(flow: &Flow, rules: Rules, write: impl FnOnce(&mut Value)) -> Flow {
    let mut stored: Value = serde_json::from_str(&flow.to_stored()).expect("JSON");
    write(&mut stored["state"]);
    Flow::from_stored(&stored.to_string(), rules).expect("a stored flow")
}

/// What a flow does that has nothing new to learn.
pub(crate) fn goes_on(flow: &Flow, now: Time) -> Stepped {
    flow.step(Input::TimeUp { number: u32::MAX }, now)
}

pub(crate) fn is(flow: &Flow, state: PaymentState) -> bool {
    flow.view().state == state
}

#[test]
fn the_real_flow_breaks_nothing() {
    for name in ["maxfun", "BlueOcean", "Tencent", "huishouyin", "QR alone"] {
        assert_eq!(broken(name, A_FAULT, Flow::step), [""; 0], "{name}");
    }
}

#[test]
fn a_time_out_that_counts_as_failed_is_found() {
    fn step(flow: &Flow, input: Input, now: Time) -> Stepped {
        match input {
            Input::NoAnswer { number } | Input::TimeUp { number }
                if flow.open_operation() == Some(Operation::Charge) =>
            {
                flow.step(Input::Reply { number, reply: Answer::Refused.reply() }, now)
            }
            input => flow.step(input, now),
        }
    }
    finds(Rule::FailedIsProved, "BlueOcean", A_FAULT, step);
    finds(Rule::FailedIsProved, "maxfun", A_FAULT, step);
}

#[test]
fn a_reverse_before_its_least_age_is_found() {
    finds(Rule::ReverseAge, "BlueOcean", A_FAULT, |flow, input, now| {
        let undecided = matches!(awaited(flow, &input), Some((_, Reply::Waiting)));
        let step = flow.step(input, now)?;
        if !undecided || !is(&step.next, PaymentState::Querying) || !is(flow, PaymentState::Querying) {
            return Ok(step);
        }
        let reversing = rewritten(&step.next, BLUEOCEAN, |state| {
            state["place"] = json!({"at": "reversing"});
            state["due"] = json!({"op": "reverse", "at": now.0});
        });
        goes_on(&reversing, now)
    });
}

#[test]
fn a_reverse_whose_age_is_not_counted_anew_after_a_restart_is_found() {
    finds(Rule::ReverseAge, "BlueOcean", Budget { wishes: 1, ..A_FAULT }, |flow, input, now| {
        let restarts = input == Input::Recovered;
        let step = flow.step(input, now)?;
        if !restarts {
            return Ok(step);
        }
        let next = rewritten(&step.next, BLUEOCEAN, |state| state["left_at"] = json!(0));
        Ok(Step { next, ..step })
    });
}

#[test]
fn a_payment_that_wins_after_a_reverse_is_found() {
    finds(Rule::NeverPaidAfterReverse, "BlueOcean", TWO_FAULTS, |flow, input, now| {
        let undoing = is(flow, PaymentState::Reversing) || is(flow, PaymentState::Confirming);
        match awaited(flow, &input) {
            Some((_, Reply::Paid(_))) if undoing => {
                let next = rewritten(flow, BLUEOCEAN, |state| {
                    state["place"] = json!("paid");
                    state["open"] = Value::Null;
                });
                Ok(Step { next, effect: Effect::Rest })
            }
            _ => flow.step(input, now),
        }
    });
}

#[test]
fn a_restart_that_charges_again_is_found() {
    finds(Rule::ChargeOnce, "BlueOcean", A_FAULT, |flow, input, now| {
        if input != Input::Recovered || !is(flow, PaymentState::Charging) {
            return flow.step(input, now);
        }
        let again = rewritten(flow, BLUEOCEAN, |state| {
            state["open"] = Value::Null;
            state["due"] = json!({"op": "charge", "at": now.0});
        });
        goes_on(&again, now)
    });
}

#[test]
fn a_late_answer_that_is_believed_is_found() {
    finds(Rule::PaidIsProved, "BlueOcean", A_FAULT, |flow, input, now| match input {
        Input::Reply { reply: reply @ Reply::Paid(_), .. } => {
            flow.step(Input::Reply { number: flow.number(), reply }, now)
        }
        input => flow.step(input, now),
    });
}

#[test]
fn an_unknown_order_that_counts_as_reversed_is_found() {
    finds(Rule::UndoneIsProved, "BlueOcean", A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::NotFound)) if is(flow, PaymentState::Confirming) => {
            read_as(flow, &input, Answer::Reversed, now)
        }
        _ => flow.step(input, now),
    });
}

#[test]
fn a_failure_that_is_believed_too_early_is_found() {
    finds(Rule::FailedIsProved, "BlueOcean", A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::NotPaid(_))) if flow.open_operation() == Some(Operation::Query) => {
            rewritten(flow, BLUEOCEAN, |state| state["left_at"] = json!(0)).step(input, now)
        }
        _ => flow.step(input, now),
    });
}

#[test]
fn a_cancel_that_wins_over_proof_is_found() {
    finds(Rule::ProofCounts, "BlueOcean", A_WISH, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::Paid(_))) if is(flow, PaymentState::CancelWaiting) => {
            read_as(flow, &input, Answer::Waiting, now)
        }
        _ => flow.step(input, now),
    });
}

#[test]
fn a_signature_or_an_amount_that_nobody_checks_is_found() {
    finds(Rule::PaidIsTrue, "BlueOcean", A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::Unverified)) => read_as(flow, &input, Answer::Paid(PaidAt::InTime), now),
        _ => flow.step(input, now),
    });
    finds(Rule::PaidIsTrue, "Tencent", A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::PaidOther(_))) => read_as(flow, &input, Answer::Paid(PaidAt::InTime), now),
        _ => flow.step(input, now),
    });
}

#[test]
fn a_reverse_under_a_number_that_was_taken_is_found() {
    finds(Rule::NoUndoUnderTakenNumber, "BlueOcean", A_FAULT, |flow, input, now| {
        rewritten(flow, BLUEOCEAN, |state| state["number_taken"] = json!(false)).step(input, now)
    });
}

#[test]
fn a_watch_that_closes_its_eyes_is_found() {
    finds(Rule::ContradictionIsTold, "Tencent", A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::Paid(_))) if is(flow, PaymentState::Closed) => read_as(flow, &input, Answer::Closed, now),
        _ => flow.step(input, now),
    });
}

/// The flow, if it was followed up so, with nobody who looks again.
fn unwatched(flow: &Flow, step: Step, followed_up: FollowUp) -> Step {
    let was = flow.view().follow_up == followed_up;
    if !was || step.next.view().follow_up != FollowUp::Watching {
        return step;
    }
    let next = rewritten(&step.next, BLUEOCEAN, |state| {
        for field in ["watch", "open", "due"] {
            state[field] = Value::Null;
        }
    });
    Step { next, effect: Effect::Rest }
}

#[test]
fn a_watch_that_gives_up_without_an_answer_is_found() {
    // As the flow once did after some questions, though nothing had left the device.
    finds(Rule::WatchAsksAgain, "BlueOcean", A_FAULT, |flow, input, now| {
        let in_vain = matches!(input, Input::NotSent { .. } | Input::NoAnswer { .. });
        let step = flow.step(input, now)?;
        Ok(if in_vain { unwatched(flow, step, FollowUp::Watching) } else { step })
    });
}

#[test]
fn a_clean_up_that_nobody_answers_and_that_nobody_watches_is_found() {
    finds(Rule::CleanedOrWatched, "BlueOcean", A_FAULT, |flow, input, now| {
        Ok(unwatched(flow, flow.step(input, now)?, FollowUp::Cleaning))
    });
}

#[test]
fn a_settlement_before_a_reverse_has_landed_is_found() {
    let budget = Budget { faults: 1, wishes: 1, turns: 1 };
    // Not asked about, and as if it had left long ago.
    finds(Rule::SettledAfterReverse, "reverse, refund (BJRCB)", budget, |flow, input, now| match input {
        Input::SettledByHand { .. } => {
            rewritten(flow, BJRCB, |state| state["reverse_left_at"] = json!(0)).step(input, now)
        }
        input => flow.step(input, now),
    });
}

#[test]
fn a_settlement_that_is_never_allowed_is_found() {
    let budget = Budget { faults: 1, wishes: 1, turns: 1 };
    finds(Rule::SettledOnceLanded, "reverse, refund (BJRCB)", budget, |flow, input, now| match input {
        Input::SettledByHand { .. } => {
            rewritten(flow, BJRCB, |state| state["reverse_left_at"] = json!(now.0)).step(input, now)
        }
        input => flow.step(input, now),
    });
}

#[test]
fn a_code_that_is_closed_without_asking_is_found() {
    finds(Rule::CloseAfterQuestion, "Tencent", A_WISH, |flow, input, now| {
        let cancels = input == Input::CancelAsked && is(flow, PaymentState::ShowingQr);
        let step = flow.step(input, now)?;
        if !cancels || step.effect != Effect::Send(Operation::Query) {
            return Ok(step);
        }
        let closing = rewritten(flow, TENCENT, |state| {
            state["place"] = json!({"at": "closing"});
            state["cancel_asked"] = json!(true);
            state["due"] = json!({"op": "close", "at": now.0});
        });
        goes_on(&closing, now)
    });
}

#[test]
fn a_changed_account_under_which_it_goes_on_is_found() {
    finds(Rule::NothingForgotten, "charge, account", A_FAULT, |flow, input, now| match input {
        Input::AccountChanged => flow.step(Input::Recovered, now),
        input => flow.step(input, now),
    });
}

#[test]
fn a_flow_that_forgets_to_wait_is_found() {
    finds(Rule::NeverStuck, "BlueOcean", A_FAULT, |flow, input, now| {
        let step = flow.step(input, now)?;
        let forgets = is(&step.next, PaymentState::Querying) && matches!(step.effect, Effect::WaitUntil(_));
        Ok(Step { effect: if forgets { Effect::Rest } else { step.effect }, ..step })
    });
}

#[test]
fn a_question_that_is_asked_for_ever_is_found() {
    finds(Rule::InBoundedTime, "BlueOcean", A_FAULT, |flow, input, now| {
        rewritten(flow, BLUEOCEAN, |state| state["attention_at"] = json!(i64::MAX)).step(input, now)
    });
}
