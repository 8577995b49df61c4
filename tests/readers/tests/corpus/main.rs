//! Every committed input passes its check, and between them they bring about whatever a check can see: a check that never
//! sees a payment proves nothing about payments.

mod variations;

use std::{fs, path::PathBuf};

use paywand::gateway::GatewayKind;
use paywand_readers::{TARGETS, account, run, seen};
use paywand_sandbox::World;

/// What each corpus must bring about.
const WANTED: [(&str, &[&str]); 17] = [
    ("reply_maxfun", &["paid", "refused", "unproved"]),
    (
        "reply_blueocean",
        &[
            "paid",
            "paid_other",
            "unverified",
            "waiting",
            "refused",
            "not_paid",
            "not_found",
            "number_taken",
            "reversed",
            "closed",
            "reverse_done",
            "reverse_again",
            "reverse_refused",
            "returned_elsewhere",
            "returned_in_full",
            "qr_ready",
            "refund_accepted",
            "refund_proved",
            "refund_failed",
            "refund_changed",
            "undecided",
            "unproved",
        ],
    ),
    (
        "reply_bjrcb",
        &[
            "paid",
            "paid_other",
            "unverified",
            "waiting",
            "not_paid",
            "not_found",
            "reversed",
            "closed",
            "reverse_done",
            "reverse_again",
            "returned_elsewhere",
            "qr_ready",
            "refund_accepted",
            "refund_proved",
            "refund_failed",
            "refund_changed",
            "unproved",
        ],
    ),
    (
        "reply_tencent",
        &[
            "paid",
            "paid_other",
            "unverified",
            "waiting",
            "other_qr",
            "qr_ready",
            "send_again",
            "refused",
            "not_paid",
            "not_found",
            "number_taken",
            "reversed",
            "closed",
            "reverse_done",
            "reverse_refused",
            "returned_elsewhere",
            "returned_in_full",
            "refund_accepted",
            "refund_proved",
            "refund_failed",
            "refund_changed",
            "unproved",
        ],
    ),
    (
        "reply_huishouyin",
        &[
            "paid",
            "paid_other",
            "looks_paid",
            "waiting",
            "qr_ready",
            "refused",
            "not_paid",
            "not_found",
            "number_taken",
            "reversed",
            "closed",
            "reverse_done",
            "reverse_refused",
            "returned_elsewhere",
            "returned_in_full",
            "refund_accepted",
            "refund_proved",
            "refund_failed",
            "unproved",
        ],
    ),
    (
        "reply_maxfun_tp",
        &[
            "paid",
            "paid_other",
            "waiting",
            "refused",
            "number_taken",
            "not_found",
            "closed",
            "returned_in_full",
            "refund_accepted",
            "refund_proved",
            "unproved",
        ],
    ),
    (
        "notice",
        &[
            "blueocean_v1",
            "bjrcb",
            "tencent_cpay",
            "huishouyin",
            "maxfun_tp",
            "form",
            "forged",
            "unreadable",
            "unsupported",
        ],
    ),
    ("request", &["charge", "create_qr", "query", "detail", "reverse", "close", "refund", "refund_query", "refused"]),
    ("scan", &["taken", "wallet", "refused"]),
    ("funnel", &["accepted", "duplicate", "not_armed", "empty", "link", "not_a_code", "too_long"]),
    ("amount", &["taken", "refused"]),
    ("config", &["taken", "read", "refused", "routes", "default_gateway", "wallets", "remote_keys", "options"]),
    ("base_url", &["taken", "refused"]),
    ("certificates", &["taken", "refused"]),
    ("http_date", &["taken", "refused"]),
    (
        "stored_flow",
        &[
            "read",
            "unknown",
            "paid",
            "failed",
            "reversed",
            "closed",
            "needs_attention",
            "querying",
            "cancel_waiting",
            "reversing",
            "confirming",
            "closing",
            "showing_qr",
            "refunding",
            "refunded",
            "settled_paid",
            "settled_not_paid",
        ],
    ),
    (
        "stored_row",
        &[
            "charge",
            "qr",
            "refund",
            "refused",
            "refused by the schema",
            "nothing is left",
            "some is left",
            "not refundable",
        ],
    ),
];

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_committed_input_passes_and_every_outcome_comes() {
    for ((target, _), (wanted_of, wanted)) in TARGETS.into_iter().zip(WANTED) {
        assert_eq!(target, wanted_of);
        // A thread of its own: outcomes are counted by thread.
        let seen = std::thread::spawn(move || {
            for file in corpus(target) {
                let input = fs::read(&file).unwrap();
                let passed = std::panic::catch_unwind(|| run(target, &input));
                assert!(passed.is_ok(), "{} fails its check", file.display());
            }
            seen::counts()
        });
        let seen = seen.join().unwrap();
        let missing: Vec<_> = wanted.iter().filter(|outcome| !seen.contains_key(**outcome)).collect();
        assert!(missing.is_empty(), "no input of {target} brings about {missing:?}; there are {seen:?}");
    }
}

#[test]
fn the_corpora_are_small() {
    for (target, _) in TARGETS {
        let sizes: Vec<u64> = corpus(target).iter().map(|file| file.metadata().unwrap().len()).collect();
        let bytes: u64 = sizes.iter().sum();
        assert!((1..=100).contains(&sizes.len()), "{target} has {} files", sizes.len());
        assert!(bytes <= 150_000, "{target} has {bytes} bytes");
    }
}

#[test]
fn the_account_is_that_of_the_sandbox() {
    let merchant = serde_json::to_value(World::new(account::WORLD, 1).new_merchant()).unwrap();
    for kind in GatewayKind::ALL {
        for (name, value) in account::keys(kind) {
            assert_eq!(merchant[kind.code()][name], value);
        }
    }
}
