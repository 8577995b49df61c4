//! What can go wrong with a charge.

use super::outcome::{Outcome, Proof, Says};
use crate::payment::{PaymentKind::Charge, PaymentState, Reason};

const FLOW: &str = "core/src/flow/tests/charge.rs";
const CANCEL: &str = "core/src/flow/tests/cancel.rs";
const NETWORK: &str = "tests/e2e/tests/network.rs";
const PROMISE: &str = "tests/e2e/tests/promises/failed_means_proved.rs";
const REFUND: &str = "core/src/flow/tests/refund.rs";
const UNDO: &str = "core/src/flow/tests/undo.rs";

pub(super) const ROWS: &[Outcome] = &[
    Outcome {
        what: "The answer to the charge is lost",
        says: Says::State(Charge, PaymentState::Querying),
        money: "Unknown. The till asks on: paid if the gateway proves it, reversed if it stays undecided.",
        proof: Proof(FLOW, "a_lost_answer_is_never_failed"),
    },
    Outcome {
        what: "It is lost, and the gateway cannot be asked (maxfun's device API)",
        says: Says::Attention(Charge, Reason::CannotAsk),
        money: "Unknown to the till for ever. A person finds out and settles; nothing more is sent.",
        proof: Proof("tests/e2e/tests/charge_rows/begun.rs", "maxfun_in_doubt_needs_a_person_and_nothing_more_is_sent"),
    },
    Outcome {
        what: "The customer never types the password",
        says: Says::State(Charge, PaymentState::Reversed),
        money: "With the customer: reversed at the deadline, and the reverse is proved by a query.",
        proof: Proof(
            "bindings/kotlin/paywand/src/test/kotlin/dev/paywand/PaidTest.kt",
            "a customer who never types the password is reversed",
        ),
    },
    Outcome {
        what: "The customer pays at the last moment, while the till is about to reverse",
        says: Says::State(Charge, PaymentState::Paid),
        money: "With us: a query comes before the reverse.",
        proof: Proof("tests/e2e/tests/charge_rows/timing.rs", "a_customer_who_pays_at_the_last_moment_is_paid"),
    },
    Outcome {
        what: "The customer's bank declines",
        says: Says::Failed(Charge, Reason::NotPaid),
        money: "With the customer: a query says so that is old enough and signed, where the gateway signs.",
        proof: Proof(PROMISE, "a_failed_charge_is_failed_only_by_a_query_old_enough"),
    },
    Outcome {
        what: "The gateway turns the charge away",
        says: Says::Failed(Charge, Reason::Refused),
        money: "With the customer: only codes that prove it count, as the answer to the only send.",
        proof: Proof(PROMISE, "an_explicit_refusal_is_failed_and_nothing_was_taken"),
    },
    Outcome {
        what: "The gateway refuses a charge that was sent twice",
        says: Says::State(Charge, PaymentState::Querying),
        money: "Unknown: the refusal may be about the second one. It is asked for.",
        proof: Proof(FLOW, "a_refusal_of_a_repeated_charge_is_not_believed"),
    },
    Outcome {
        what: "No network: the charge never leaves",
        says: Says::Failed(Charge, Reason::NotSent),
        money: "With the customer: not a byte of the request was sent.",
        proof: Proof(PROMISE, "a_host_that_cannot_be_reached_is_failed_since_nothing_was_sent"),
    },
    Outcome {
        what: "The line is cut once the charge has left",
        says: Says::State(Charge, PaymentState::Querying),
        money: "Unknown until the line is back; then the gateway is asked.",
        proof: Proof(NETWORK, "a_line_that_is_cut_after_the_charge_leaves_it_in_doubt_until_it_is_back"),
    },
    Outcome {
        what: "Somebody else answers in the gateway's name (certificate, host)",
        says: Says::Failed(Charge, Reason::NotSent),
        money: "With the customer: they get nothing to read.",
        proof: Proof(NETWORK, "a_gateway_that_is_another_gets_nothing"),
    },
    Outcome {
        what: "The device's clock is wrong, so that no certificate is valid",
        says: Says::Failed(Charge, Reason::DeviceClock),
        money: "With the customer: nothing was sent.",
        proof: Proof(FLOW, "a_clock_outside_the_certificate_fails_at_once"),
    },
    Outcome {
        what: "An answer to another payment arrives",
        says: Says::State(Charge, PaymentState::Querying),
        money: "Unknown: an answer that names another order proves nothing.",
        proof: Proof(NETWORK, "a_stranger_s_answer_on_a_kept_connection_is_not_ours"),
    },
    Outcome {
        what: "The gateway says success, and its signature is wrong",
        says: Says::Attention(Charge, Reason::SignatureFails),
        money: "Unknown: not believed, and not reversed either, since it may be there.",
        proof: Proof(FLOW, "a_failed_signature_never_reverses_and_needs_attention_at_the_deadline"),
    },
    Outcome {
        what: "The gateway says success, and the amount differs",
        says: Says::Attention(Charge, Reason::AmountDiffers),
        money: "With us, but another sum. The till does not undo it; a person decides.",
        proof: Proof("tests/e2e/tests/promises/paid_means_paid.rs", "another_amount_is_not_paid"),
    },
    Outcome {
        what: "The order number is taken, says the gateway",
        says: Says::Attention(Charge, Reason::NumberTaken),
        money: "Unknown: what is there may be another sale's, so nothing is reversed or given back by itself.",
        proof: Proof(FLOW, "a_taken_number_is_never_reversed_nor_cleaned"),
    },
    Outcome {
        what: "Somebody gave the money back elsewhere, in the merchant portal",
        says: Says::Attention(Charge, Reason::ReturnedElsewhere),
        money: "It came in and went back, in whole or in part. A person looks how much.",
        proof: Proof(FLOW, "what_a_query_says_decides"),
    },
    Outcome {
        what: "For a quarter of an hour no answer to any query",
        says: Says::Attention(Charge, Reason::Unresolved),
        money: "Unknown. The till asks on, more slowly; a person may settle.",
        proof: Proof(FLOW, "without_an_answer_a_person_is_asked_after_fifteen_minutes_and_asking_goes_on"),
    },
    Outcome {
        what: "It stays undecided, and the gateway cannot reverse",
        says: Says::Attention(Charge, Reason::CannotReverse),
        money: "Unknown. The till asks on; a person may settle.",
        proof: Proof(FLOW, "a_gateway_without_reverse_needs_attention_and_is_asked_on"),
    },
    Outcome {
        what: "Neither query nor reverse ever saw the order",
        says: Says::Attention(Charge, Reason::NeverSeen),
        money: "Unknown: that an order is not found proves nothing. The till asks on.",
        proof: Proof(UNDO, "an_order_that_neither_ever_saw_is_never_seen_past_the_landing_horizon"),
    },
    Outcome {
        what: "The answer to the reverse is lost",
        says: Says::State(Charge, PaymentState::Reversing),
        money: "Unknown: a query comes before each repeat. It can no longer end as paid.",
        proof: Proof(
            "tests/e2e/tests/charge_rows/undoing.rs",
            "reversing_carried_out_with_a_lost_answer_is_not_repeated",
        ),
    },
    Outcome {
        what: "The reverse never gets through",
        says: Says::Attention(Charge, Reason::Unresolved),
        money: "Unknown. The till goes on, more slowly; a person may settle after one more query.",
        proof: Proof(UNDO, "a_reverse_that_goes_nowhere_needs_attention_and_goes_on"),
    },
    Outcome {
        what: "The reverse is refused, and the charge is paid",
        says: Says::State(Charge, PaymentState::Refunding),
        money: "With us, and it goes back: refunded by itself where the gateway can.",
        proof: Proof(UNDO, "a_refused_reverse_of_a_paid_charge_must_be_given_back"),
    },
    Outcome {
        what: "The reverse says done, and the query says paid",
        says: Says::State(Charge, PaymentState::Refunded),
        money: "It came in, and was refunded by itself: proved by an entry that names that refund.",
        proof: Proof(REFUND, "money_that_comes_in_after_a_reverse_is_refunded_by_itself"),
    },
    Outcome {
        what: "Late money arrives although the payment had ended as reversed",
        says: Says::State(Charge, PaymentState::Refunding),
        money: "With us, and it goes back. The payment says that its end was contradicted.",
        proof: Proof(REFUND, "late_money_at_a_watched_end_is_refunded_and_reported_as_contradicted"),
    },
    Outcome {
        what: "Money must go back, and the gateway cannot refund",
        says: Says::Attention(Charge, Reason::RefundByHand),
        money: "With us. A person gives it back and settles.",
        proof: Proof(REFUND, "without_a_refund_operation_a_person_gives_it_back"),
    },
    Outcome {
        what: "The cashier cancels, and the customer had paid",
        says: Says::CancelTooLate,
        money: "With us: paid. It is listed until a person acknowledges it, and never given back by itself.",
        proof: Proof(CANCEL, "a_payment_seen_after_the_cancel_is_paid_and_says_cancel_too_late"),
    },
    Outcome {
        what: "The cashier cancels before anything was sent",
        says: Says::Failed(Charge, Reason::Cancelled),
        money: "With the customer: nothing was sent.",
        proof: Proof(CANCEL, "a_cancel_before_anything_left_is_failed_cancelled"),
    },
    Outcome {
        what: "The cashier cancels where the gateway cannot reverse",
        says: Says::Error("cannot_cancel"),
        money: "As it was: the payment goes on.",
        proof: Proof("core/src/flow/tests/person.rs", "a_gateway_without_reverse_refuses_a_cancel_and_nothing_changes"),
    },
];
