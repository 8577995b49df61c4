//! What can go wrong with a refund that a person asked for.

use super::outcome::{Outcome, Proof, Says};
use crate::payment::{PaymentKind::Refund, PaymentState, Reason};

const FLOW: &str = "core/src/flow/tests/refund.rs";
const STORE: &str = "core/src/store/tests/refunds.rs";

pub(super) const ROWS: &[Outcome] = &[
    Outcome {
        what: "The answer to the refund is lost",
        says: Says::State(Refund, PaymentState::Refunding),
        money: "Unknown: asked about before it is sent again, under the same number.",
        proof: Proof(FLOW, "a_refund_without_an_answer_is_asked_about_before_it_is_sent_again"),
    },
    Outcome {
        what: "The device stops while a refund is begun, and the gateway never saw it",
        says: Says::Attention(Refund, Reason::NeverSeen),
        money: "Not sent by itself: the caller may have been told that no refund began. A person sends it, or settles.",
        proof: Proof(
            FLOW,
            "a_refund_of_which_the_caller_may_have_been_told_that_it_did_not_begin_is_sent_by_a_person_only",
        ),
    },
    Outcome {
        what: "The gateway accepts the refund, and the wallet has not paid it out",
        says: Says::State(Refund, PaymentState::Refunding),
        money: "Not proved: accepted is not refunded. It is asked about until an entry names it.",
        proof: Proof(FLOW, "an_accepted_refund_is_not_refunded_until_an_entry_proves_it"),
    },
    Outcome {
        what: "It is accepted, and never proved for three days",
        says: Says::Attention(Refund, Reason::Unresolved),
        money: "Unknown. The till asks on; a person may settle. Its sum stays taken.",
        proof: Proof(
            FLOW,
            "an_accepted_refund_may_take_days_and_an_unclear_one_needs_a_person_after_a_quarter_of_an_hour",
        ),
    },
    Outcome {
        what: "The gateway cannot be asked about refunds",
        says: Says::Attention(Refund, Reason::RefundUnconfirmed),
        money: "Unknown: sent once and not repeated. A person settles.",
        proof: Proof(FLOW, "a_refund_that_cannot_be_asked_about_waits_for_a_person"),
    },
    Outcome {
        what: "The wallet cannot pay out (CHANGE 转入代发)",
        says: Says::Attention(Refund, Reason::RefundChanged),
        money: "With us. The customer is paid by other means; a person settles.",
        proof: Proof(FLOW, "a_refund_that_the_wallet_cannot_pay_out_needs_a_person_and_is_asked_about_on"),
    },
    Outcome {
        what: "The merchant's funds are short",
        says: Says::State(Refund, PaymentState::Refunding),
        money: "With us for now: asked about and sent again; a person is asked after a quarter of an hour.",
        proof: Proof("core/src/gateway/blueocean/refund_tests.rs", "a_refund_is_turned_away_only_by_codes_that_say_so"),
    },
    Outcome {
        what: "The gateway turns the refund away, as past its day",
        says: Says::Failed(Refund, Reason::Refused),
        money: "With us: turned away as the only send. Its sum is free for another refund.",
        proof: Proof(FLOW, "a_refund_fails_only_when_it_was_turned_away_as_the_only_send_or_is_said_to_have_failed"),
    },
    Outcome {
        what: "The gateway takes the refund on and later says that it failed",
        says: Says::Failed(Refund, Reason::RefundFailed),
        money: "With us. Its sum is free for another refund.",
        proof: Proof(FLOW, "a_refund_fails_only_when_it_was_turned_away_as_the_only_send_or_is_said_to_have_failed"),
    },
    Outcome {
        what: "The refund is larger than what is left",
        says: Says::Error("refund_too_large"),
        money: "As it was: nothing is stored or sent.",
        proof: Proof(STORE, "what_the_gateway_gives_back_bounds_a_refund_and_another_currency_is_none"),
    },
    Outcome {
        what: "Two refunds at once, together more than what came in",
        says: Says::Error("refund_too_large"),
        money: "The first goes on, the second is refused: the sum is checked in the transaction that inserts it.",
        proof: Proof(STORE, "two_refunds_that_come_at_once_give_back_no_more_than_came_in"),
    },
    Outcome {
        what: "The device dies between two refunds",
        says: Says::Error("refund_too_large"),
        money: "The first still counts; no more goes back than came in.",
        proof: Proof(STORE, "after_a_crash_between_two_refunds_the_first_still_counts"),
    },
    Outcome {
        what: "The battery dies while the refund is out",
        says: Says::State(Refund, PaymentState::Refunding),
        money: "Unknown: asked about at the next start, never sent blindly again.",
        proof: Proof(FLOW, "after_a_restart_a_refund_that_may_have_left_is_asked_about_and_one_that_has_not_is_sent"),
    },
    Outcome {
        what: "A refund of what is not paid, or of a refund",
        says: Says::Error("not_refundable"),
        money: "As it was: nothing is stored or sent.",
        proof: Proof(STORE, "only_what_is_paid_is_refunded_and_no_refund_is"),
    },
    Outcome {
        what: "A person settles a refund while it may be out",
        says: Says::Error("reverse_in_flight"),
        money: "As it was: one more question comes first, or five minutes, after which no refund can arrive any more.",
        proof: Proof(FLOW, "a_person_settles_a_refund_only_after_a_question_since_it_left"),
    },
];
