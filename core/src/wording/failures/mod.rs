//! What can go wrong, as one table: what the till says of it, what becomes of the money, and which test shows it.
//! `docs/failures.md` is written from these rows and from the words, and checked.

mod charge;
mod document;
mod outcome;
mod qr;
mod refund;
mod till;

use std::{collections::HashSet, fs, path::PathBuf};

use self::outcome::{Outcome, Says};
use super::Language;
use crate::payment::{PaymentKind, Reason};

/// The rows, by the title that they stand under.
const TABLES: [(&str, &[Outcome]); 4] =
    [("Charges", charge::ROWS), ("QR orders", qr::ROWS), ("Refunds", refund::ROWS), ("The till", till::ROWS)];

fn rows() -> impl Iterator<Item = &'static Outcome> {
    TABLES.iter().flat_map(|(_, rows)| rows.iter())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_named_test_is_there() {
    for row in rows() {
        let path = root().join(row.proof.0);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let there = row.proof.kinds_of_name().iter().any(|name| text.contains(name));
        assert!(there, "{}: no test {} in {}", row.what, row.proof.1, row.proof.0);
    }
}

#[test]
fn every_row_stands_once_and_what_failed_says_who_has_the_money() {
    let mut seen = HashSet::new();
    for row in rows() {
        assert!(seen.insert(row.what), "{} stands twice", row.what);
        let who = match row.says {
            Says::Failed(PaymentKind::Refund, _) => "With us",
            Says::Failed(..) => "With the customer",
            _ => "",
        };
        assert!(row.money.starts_with(who) && row.money.ends_with('.'), "{}: {}", row.what, row.money);
    }
    assert!(seen.len() >= 40, "{} rows", seen.len());
}

#[test]
fn every_reason_has_a_row() {
    let codes: HashSet<_> = rows().filter_map(|row| row.says.screen_text(Language::En)).map(|text| text.code).collect();
    for reason in Reason::ALL {
        assert!(codes.contains(reason.code()), "{reason:?}");
    }
}
