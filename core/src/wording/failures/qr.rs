//! What can go wrong with a QR order.

use super::outcome::{Outcome, Proof, Says};
use crate::payment::{PaymentKind::Qr, PaymentState, Reason};

const FLOW: &str = "core/src/flow/tests/qr.rs";
const SHOWING: &str = "tests/e2e/tests/qr_rows/showing.rs";

pub(super) const ROWS: &[Outcome] = &[
    Outcome {
        what: "The answer to the creation is lost",
        says: Says::State(Qr, PaymentState::Closing),
        money: "With the customer: nobody has seen the code. It is closed, and the close is proved.",
        proof: Proof(FLOW, "every_other_answer_to_the_creation_leads_to_a_close_since_nobody_has_seen_the_code"),
    },
    Outcome {
        what: "No one scans the code",
        says: Says::State(Qr, PaymentState::Closed),
        money: "With the customer: closed, and proved so.",
        proof: Proof(
            "bindings/kotlin/paywand/src/test/kotlin/dev/paywand/PaidTest.kt",
            "a QR that no one scans is closed",
        ),
    },
    Outcome {
        what: "The customer's first attempt fails",
        says: Says::State(Qr, PaymentState::ShowingQr),
        money: "Nothing yet: the code stays, another card may do.",
        proof: Proof(SHOWING, "a_customer_s_failed_attempt_is_no_end"),
    },
    Outcome {
        what: "The code is paid after it left the screen, before it is closed",
        says: Says::State(Qr, PaymentState::Paid),
        money: "With us, unless a cancel was asked for: then it goes back.",
        proof: Proof(FLOW, "a_payment_before_a_proved_close_is_paid_unless_a_cancel_was_asked"),
    },
    Outcome {
        what: "The code is paid although the close said done",
        says: Says::State(Qr, PaymentState::Refunding),
        money: "With us, and it goes back: refunded by itself where the gateway can.",
        proof: Proof(FLOW, "a_payment_after_a_done_close_must_be_given_back"),
    },
    Outcome {
        what: "The cashier cancels a code that the customer had paid",
        says: Says::CancelTooLate,
        money: "With us: paid. It is listed until a person acknowledges it.",
        proof: Proof(FLOW, "a_payment_seen_after_the_cancel_of_a_qr_is_paid_and_says_cancel_too_late"),
    },
    Outcome {
        what: "The order has another code than the one on the screen",
        says: Says::State(Qr, PaymentState::Closing),
        money: "Unknown until the close is proved. The code is taken off at once.",
        proof: Proof(SHOWING, "another_qr_than_the_order_s_is_taken_off_and_closed"),
    },
    Outcome {
        what: "The gateway cannot close",
        says: Says::Attention(Qr, Reason::CannotClose),
        money: "Unknown. The till asks on; a person may settle.",
        proof: Proof(FLOW, "a_gateway_without_close_needs_attention_and_is_never_asked_to_close"),
    },
    Outcome {
        what: "The till restarts while a code is on the screen",
        says: Says::State(Qr, PaymentState::Querying),
        money: "Asked for once, then closed: paid if it was paid meanwhile.",
        proof: Proof("core/src/flow/tests/recovery.rs", "a_shown_qr_is_hidden_asked_for_once_and_closed"),
    },
];
