//! What can go wrong with the device, the configuration, the caller and whoever calls back.

use super::outcome::{Outcome, Proof, Says};
use crate::payment::{PaymentKind::Charge, PaymentState, Reason};

const RECOVERY: &str = "core/src/flow/tests/recovery.rs";
const DAMAGE: &str = "core/src/store/tests/damage.rs";
const OPENING: &str = "core/src/store/tests/opening.rs";
const BEGUN: &str = "tests/e2e/tests/charge_rows/begun.rs";
const DISASTERS: &str = "tests/e2e/tests/disasters.rs";
const NO_SALE: &str = "As it was: nothing is stored or sent.";

pub(super) const ROWS: &[Outcome] = &[
    Outcome {
        what: "The battery dies before the charge is sent",
        says: Says::Failed(Charge, Reason::NotSent),
        money: "With the customer: what was about to go is written first, so it is known that nothing went.",
        proof: Proof(RECOVERY, "a_charge_that_had_not_left_is_failed_since_its_code_is_gone"),
    },
    Outcome {
        what: "The battery dies after the charge is sent",
        says: Says::State(Charge, PaymentState::Querying),
        money: "Unknown: found at the next start, and asked for. It is never charged again.",
        proof: Proof(RECOVERY, "a_charge_that_was_out_may_have_left"),
    },
    Outcome {
        what: "The power is cut while the till writes",
        says: Says::State(Charge, PaymentState::Querying),
        money: "Whatever was told or sent is found again, and asked for.",
        proof: Proof("tests/powercut/src/tests.rs", "a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged"),
    },
    Outcome {
        what: "The disk is full",
        says: Says::Error("store_unavailable"),
        money: "No sale begins. What was sent is kept in doubt, and asked for when the disk writes again.",
        proof: Proof(DISASTERS, "on_a_full_disk_no_sale_begins_and_what_was_sent_is_found_again"),
    },
    Outcome {
        what: "The database is damaged",
        says: Says::Error("store_corrupt"),
        money: "No sale begins. The file is untouched; starting anew keeps it aside.",
        proof: Proof(DAMAGE, "garbage_is_refused_and_untouched"),
    },
    Outcome {
        what: "The database was deleted, and not what lies beside it",
        says: Says::Error("store_corrupt"),
        money: "No sale begins: payments are missing. Starting anew gives them up.",
        proof: Proof(DAMAGE, "a_deleted_database_is_no_first_start"),
    },
    Outcome {
        what: "The database was replaced by an older copy",
        says: Says::Error("store_corrupt"),
        money: "No sale begins: payments are missing in it.",
        proof: Proof(DAMAGE, "an_older_copy_is_noticed_until_the_mark_is_deleted"),
    },
    Outcome {
        what: "The app is older than its database",
        says: Says::Error("store_newer"),
        money: "No sale begins. The file is untouched.",
        proof: Proof(OPENING, "a_newer_schema_is_refused_and_untouched"),
    },
    Outcome {
        what: "The app cannot read how one payment stands",
        says: Says::Attention(Charge, Reason::StoredStateUnknown),
        money: "Unknown: never taken for an end. What is stored is kept.",
        proof: Proof("core/src/flow/tests/stored.rs", "an_unknown_version_or_garbage_is_unknown_and_never_an_end"),
    },
    Outcome {
        what: "Two programs open one database",
        says: Says::Error("store_in_use"),
        money: "The first goes on, the second sells nothing.",
        proof: Proof(DISASTERS, "the_second_terminal_on_a_database_is_refused_and_the_first_goes_on"),
    },
    Outcome {
        what: "The app is closed while a call waits",
        says: Says::Error("shut_down"),
        money: "As it stands: the next start goes on with it.",
        proof: Proof("tests/e2e/tests/updates.rs", "a_shutdown_ends_soon_and_with_it_every_call_under_way"),
    },
    Outcome {
        what: "The gateway is not configured any more",
        says: Says::Attention(Charge, Reason::GatewayMissing),
        money: "Unknown: nothing is sent until it is back, then it goes on.",
        proof: Proof(
            "tests/e2e/tests/charge_rows/people.rs",
            "new_keys_of_the_same_account_are_used_and_a_missing_gateway_is_waited_for",
        ),
    },
    Outcome {
        what: "The gateway has another account now",
        says: Says::Attention(Charge, Reason::AccountChanged),
        money: "Unknown: nothing is sent under an account that is not the payment's.",
        proof: Proof(RECOVERY, "under_another_account_nothing_is_sent_until_it_is_back"),
    },
    Outcome {
        what: "The remote signer fails, hangs or babbles",
        says: Says::Failed(Charge, Reason::NotSent),
        money: "With the customer: what is not signed is not sent.",
        proof: Proof("core/src/signer.rs", "a_signer_that_fails_hangs_or_babbles_has_not_signed"),
    },
    Outcome {
        what: "The same request key for another amount, currency, kind or gateway",
        says: Says::Error("key_reused"),
        money: NO_SALE,
        proof: Proof(
            "tests/e2e/tests/promises/one_key_one_payment.rs",
            "the_key_with_anything_else_is_an_error_in_flight_ended_and_after_a_restart",
        ),
    },
    Outcome {
        what: "The same code again while its payment is in doubt",
        says: Says::Error("code_in_doubt"),
        money: NO_SALE,
        proof: Proof(BEGUN, "a_code_of_a_payment_in_doubt_is_refused_and_forgotten_after"),
    },
    Outcome {
        what: "The same amount again while the first is in doubt",
        says: Says::Error("looks_like_repeat"),
        money: NO_SALE,
        proof: Proof(BEGUN, "a_second_sale_like_one_in_doubt_is_refused_unless_it_is_another"),
    },
    Outcome {
        what: "Three answers in a row whose signature is wrong",
        says: Says::Error("gateway_unhealthy"),
        money: "No new sale goes there until an answer verifies; once no payment whose signature failed is still asked about, one may try every five minutes.",
        proof: Proof(BEGUN, "three_unverified_answers_close_the_gateway_for_new_sales_until_one_verifies"),
    },
    Outcome {
        what: "No gateway is set for the customer's wallet",
        says: Says::Error("no_route"),
        money: NO_SALE,
        proof: Proof(
            "core/src/config/routes.rs",
            "without_route_and_default_the_only_gateway_that_can_is_taken_and_of_several_none",
        ),
    },
    Outcome {
        what: "What was scanned is no payment code",
        says: Says::Error("invalid_code"),
        money: NO_SALE,
        proof: Proof("core/src/payment_code.rs", "what_is_no_code_is_refused_without_being_printed"),
    },
    Outcome {
        what: "A forged callback",
        says: Says::Error("notification_refused"),
        money: "As it was. The callback is not acknowledged.",
        proof: Proof("core/src/gateway/notice.rs", "a_notice_needs_its_signature_our_account_and_an_order"),
    },
    Outcome {
        what: "A callback about a payment that is paid already, late or twice",
        says: Says::State(Charge, PaymentState::Paid),
        money: "As it was: nothing is asked.",
        proof: Proof(
            "core/src/flow/tests/watching.rs",
            "a_callback_about_what_is_paid_refunded_or_was_never_sent_asks_nothing",
        ),
    },
    Outcome {
        what: "A callback about money that came in after the end",
        says: Says::State(Charge, PaymentState::Refunding),
        money: "With us, and it goes back: the gateway is asked, and what it proves counts.",
        proof: Proof(
            "core/src/flow/tests/watching.rs",
            "a_callback_about_an_end_asks_once_more_and_late_money_goes_back",
        ),
    },
    Outcome {
        what: "A callback about an order of another till",
        says: Says::Nothing,
        money: "As it was. The callback is acknowledged; it names no payment of this till.",
        proof: Proof("core/src/driver/tests.rs", "a_callback_about_no_order_of_this_till_changes_nothing"),
    },
    Outcome {
        what: "A person settles while a reverse may be out",
        says: Says::Error("reverse_in_flight"),
        money: "As it was: one more query comes first, or five minutes, after which no reverse can arrive any more.",
        proof: Proof("core/src/flow/tests/person.rs", "a_settlement_waits_for_a_reverse_and_one_more_query"),
    },
    Outcome {
        what: "A person settles as not paid what proves to be paid",
        says: Says::Contradicted(PaymentState::SettledNotPaid),
        money: "With us. It is reported; no money is moved by itself.",
        proof: Proof("core/src/flow/tests/watching.rs", "proof_against_a_settlement_is_reported_and_moves_no_money"),
    },
];
