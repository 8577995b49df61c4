//! Mistakes about refunds and the gateway's calls, each found by the rule that it breaks.

use std::sync::Arc;

use paywand::{
    FollowUp, PaymentState,
    flow::{Effect, Flow, Input, Refusal, Step, Time},
    gateway::{Operation, Reply},
};
use serde_json::{Value, json};
use stateright::Checker;

use crate::{
    check,
    coverage::Coverage,
    gateway::{Answer, PaidAt},
    model::Budget,
    planted::{A_FAULT, A_WISH, TWO_FAULTS, awaited, broken, finds, goes_on, is, read_as, rewritten, run},
    rules::Rule,
    runs::{BJRCB, BLUEOCEAN, REFUNDS, TENCENT},
};

const NO_FAULT: Budget = Budget { faults: 0, wishes: 0, turns: 1 };
const A_FAULT_AND_A_WISH: Budget = Budget { faults: 1, wishes: 1, turns: 1 };

const SENT_AGAIN: &str = "refund, sent again (BlueOcean)";
const NOT_SENT_AGAIN: &str = "refund, not sent again";

/// Whether a refund or a question about it is under way.
fn asks_back(flow: &Flow) -> bool {
    matches!(flow.open_operation(), Some(Operation::Refund | Operation::RefundQuery))
}

/// Whether it failed, and is watched.
fn is_watched(flow: &Flow) -> bool {
    is(flow, PaymentState::Failed) && flow.view().follow_up == FollowUp::Watching
}

/// Whether a call is why: past the three questions that time alone would bring.
fn is_called(flow: &Flow) -> bool {
    let stored: Value = serde_json::from_str(&flow.to_stored()).expect("JSON");
    is_watched(flow) && stored["state"]["watch"] == json!(3)
}

/// The refund at once, whatever was asked or answered.
fn refund_now(flow: &Flow, now: Time) -> Flow {
    rewritten(flow, BLUEOCEAN, |state| {
        state["place"] = json!({"at": "refunding"});
        state["open"] = Value::Null;
        state["due"] = json!({"op": "refund", "at": now.0});
    })
}

#[test]
fn the_real_flow_breaks_nothing_about_refunds() {
    for name in [SENT_AGAIN, NOT_SENT_AGAIN, "refund without question", "refund, account", "refund (BJRCB)"] {
        assert_eq!(broken(name, A_FAULT_AND_A_WISH, Flow::step), [""; 0], "{name}");
    }
}

#[test]
fn an_accepted_refund_that_counts_as_refunded_is_found() {
    finds(Rule::AcceptedIsNotRefunded, SENT_AGAIN, NO_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::RefundAccepted)) => read_as(flow, &input, Answer::RefundProved, now),
        _ => flow.step(input, now),
    });
}

#[test]
fn a_refund_that_is_believed_without_an_entry_is_found() {
    finds(Rule::RefundedIsProved, SENT_AGAIN, A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::Unproved(_))) if asks_back(flow) => read_as(flow, &input, Answer::RefundProved, now),
        _ => flow.step(input, now),
    });
    // The order's own state proves no single refund.
    finds(Rule::RefundedIsProved, "cleaning, refund (BlueOcean)", A_FAULT, |flow, input, now| {
        match awaited(flow, &input) {
            Some((_, Reply::ReturnedInFull)) if is(flow, PaymentState::Refunding) => {
                read_as(flow, &input, Answer::RefundProved, now)
            }
            _ => flow.step(input, now),
        }
    });
}

#[test]
fn a_refund_of_another_sum_that_counts_is_found() {
    finds(Rule::RefundedIsProved, NOT_SENT_AGAIN, A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::PaidOther(_))) => read_as(flow, &input, Answer::RefundProved, now),
        _ => flow.step(input, now),
    });
}

#[test]
fn a_refund_that_fails_without_proof_is_found() {
    finds(Rule::RefundFailedIsProved, SENT_AGAIN, A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::NotFound)) if asks_back(flow) => read_as(flow, &input, Answer::RefundFailed, now),
        _ => flow.step(input, now),
    });
    finds(Rule::RefundFailedIsProved, SENT_AGAIN, TWO_FAULTS, |flow, input, now| match awaited(flow, &input) {
        // Turned away, though one may have left before.
        Some((_, Reply::Refused(_))) => {
            rewritten(flow, REFUNDS, |state| state["refund_left"] = json!(false)).step(input, now)
        }
        _ => flow.step(input, now),
    });
}

#[test]
fn a_failed_refund_of_a_payment_that_nobody_hears_of_is_found() {
    finds(Rule::OwnFailedRefundIsTold, "cleaning, refund (BlueOcean)", NO_FAULT, |flow, input, now| {
        match awaited(flow, &input) {
            Some((_, Reply::RefundFailed(_))) => read_as(flow, &input, Answer::Waiting, now),
            _ => flow.step(input, now),
        }
    });
}

#[test]
fn a_failed_refund_that_is_sent_once_more_is_found() {
    finds(Rule::OneRefund, SENT_AGAIN, NO_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::RefundFailed(_))) => goes_on(&refund_now(flow, now), now),
        _ => flow.step(input, now),
    });
}

#[test]
fn a_refund_that_nobody_owes_is_found() {
    // Undecided after the reverse, and given back all the same.
    finds(Rule::RefundAfterProof, "cleaning, refund (BlueOcean)", A_FAULT, |flow, input, now| {
        match awaited(flow, &input) {
            Some((_, Reply::Waiting | Reply::NotFound)) if is(flow, PaymentState::Confirming) => {
                goes_on(&refund_now(flow, now), now)
            }
            _ => flow.step(input, now),
        }
    });
}

#[test]
fn a_refund_that_is_repeated_without_a_question_is_found() {
    for name in [SENT_AGAIN, NOT_SENT_AGAIN] {
        finds(Rule::RefundAfterQuestion, name, A_FAULT, |flow, input, now| match &input {
            Input::NoAnswer { .. } if flow.open_operation() == Some(Operation::Refund) => {
                goes_on(&refund_now(&flow.step(input, now)?.next, now), now)
            }
            _ => flow.step(input, now),
        });
    }
}

#[test]
fn a_number_that_is_sent_again_too_early_is_found() {
    finds(Rule::RefundAfterHorizon, NOT_SENT_AGAIN, A_FAULT, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::NotFound)) => {
            rewritten(flow, REFUNDS, |state| state["refund_left_at"] = json!(0)).step(input, now)
        }
        _ => flow.step(input, now),
    });
}

#[test]
fn a_gateway_that_pays_a_number_out_twice_although_it_is_said_not_to_is_found() {
    // The mistake is in the capabilities: the flow trusts them, and only the books can tell.
    let mut payments = run(SENT_AGAIN).payments(A_FAULT, Flow::step, &Arc::new(Coverage::new()));
    payments.nature.one_refund_per_number = false;
    let broken: Vec<_> = check(payments).discoveries().into_keys().collect();
    assert!(broken.contains(&Rule::NeverTwoPayouts.sentence()), "{broken:?}");
}

#[test]
fn a_refund_under_a_number_that_was_taken_is_found() {
    // As the flow once did: in attention it went on with the refund that it had not begun.
    let budget = Budget { turns: 2, ..A_FAULT_AND_A_WISH };
    finds(Rule::NoRefundUnderTakenNumber, "close, refund (Tencent)", budget, |flow, input, now| {
        let looked = matches!(awaited(flow, &input), Some((_, Reply::Paid(_))));
        let step = flow.step(input, now)?;
        if !looked || !is(&step.next, PaymentState::NeedsAttention) || step.effect != Effect::Rest {
            return Ok(step);
        }
        let again = rewritten(&step.next, TENCENT, |state| state["due"] = json!({"op": "refund", "at": now.0}));
        goes_on(&again, now)
    });
}

#[test]
fn a_paid_payment_that_is_undone_by_itself_is_found() {
    finds(Rule::NoRefundOfPaid, "cleaning, refund (BlueOcean)", A_WISH, |flow, input, now| {
        if input == Input::CancelAsked && is(flow, PaymentState::Paid) {
            return goes_on(&refund_now(flow, now), now);
        }
        flow.step(input, now)
    });
    finds(Rule::NoUndoOfPaid, "reverse, refund (BJRCB)", A_WISH, |flow, input, now| {
        if input != Input::CancelAsked || !is(flow, PaymentState::Paid) {
            return flow.step(input, now);
        }
        let reversing = rewritten(flow, BJRCB, |state| {
            state["place"] = json!({"at": "reversing"});
            state["due"] = json!({"op": "reverse", "at": now.0});
        });
        goes_on(&reversing, now)
    });
}

#[test]
fn a_settlement_while_a_refund_is_out_is_found() {
    let budget = Budget { faults: 1, wishes: 1, turns: 1 };
    finds(Rule::SettledAfterRefund, NOT_SENT_AGAIN, budget, |flow, input, now| match input {
        Input::SettledByHand { .. } => {
            rewritten(flow, REFUNDS, |state| state["asked_since_undo"] = json!(true)).step(input, now)
        }
        input => flow.step(input, now),
    });
}

#[test]
fn a_refund_that_is_asked_about_for_ever_is_found() {
    finds(Rule::RefundInBoundedTime, NOT_SENT_AGAIN, A_FAULT, |flow, input, now| {
        rewritten(flow, REFUNDS, |state| state["attention_at"] = json!(i64::MAX)).step(input, now)
    });
}

#[test]
fn a_call_that_is_believed_is_found() {
    finds(Rule::CallOnlyAsks, "cleaning, refund (BlueOcean)", A_WISH, |flow, input, now| match input {
        Input::Notified if flow.open_operation() == Some(Operation::Query) => {
            let paid = Answer::Paid(PaidAt::InTime).reply();
            flow.step(Input::Reply { number: flow.number(), reply: paid }, now)
        }
        input => flow.step(input, now),
    });
}

#[test]
fn a_call_about_an_end_that_nobody_hears_is_found() {
    finds(Rule::CallIsHeard, "taken back", A_WISH, |flow, input, now| match input {
        Input::Notified => flow.step(Input::RetryAsked, now),
        input => flow.step(input, now),
    });
}

#[test]
fn a_call_while_a_question_is_out_that_is_forgotten_is_found() {
    fn step(flow: &Flow, input: Input, now: Time) -> Result<Step, Refusal> {
        match input {
            Input::Notified if flow.open_operation().is_some() => goes_on(flow, now),
            input => flow.step(input, now),
        }
    }
    let budget = Budget { turns: 2, ..A_FAULT_AND_A_WISH };
    finds(Rule::CallIsKept, "reverse, refund (BJRCB)", budget, step);
    finds(Rule::CallIsKept, SENT_AGAIN, budget, step);
}

#[test]
fn a_settlement_before_a_refund_has_landed_is_found() {
    let budget = Budget { faults: 1, wishes: 1, turns: 1 };
    finds(Rule::SettledAfterRefund, SENT_AGAIN, budget, |flow, input, now| match input {
        Input::SettledByHand { .. } => {
            rewritten(flow, REFUNDS, |state| state["refund_left_at"] = json!(0)).step(input, now)
        }
        input => flow.step(input, now),
    });
}

#[test]
fn late_money_after_a_call_that_is_kept_is_found() {
    finds(Rule::ContradictionIsTold, "taken back", A_FAULT_AND_A_WISH, |flow, input, now| {
        match awaited(flow, &input) {
            Some((_, Reply::Paid(_))) if is_watched(flow) => read_as(flow, &input, Answer::NotPaid, now),
            _ => flow.step(input, now),
        }
    });
}

#[test]
fn an_end_that_a_call_without_money_changes_is_found() {
    finds(Rule::CallFindsNothing, "taken back", A_WISH, |flow, input, now| match awaited(flow, &input) {
        Some((_, Reply::NotPaid(_))) if is_called(flow) => read_as(flow, &input, Answer::Paid(PaidAt::InTime), now),
        _ => flow.step(input, now),
    });
}
