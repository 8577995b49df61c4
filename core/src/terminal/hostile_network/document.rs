//! `docs/hostile-network.md`, written from the table, and checked so that it cannot say anything else.

use std::{fs, path::Path};

use super::{
    row::{Ends, Phase, Row, Says},
    table::ROWS,
};
use crate::payment::Reason;

const HEAD: &str = "\
# Hostile network

What another side, or the way to it, can do to a charge, and what becomes of the payment. This page is written from the table
in `core/src/terminal/hostile_network/table.rs`. A test runs every row through the transport, another through a whole till at
each gateway that charges, and a third compares this page.

- *not sent* proves that no byte of the request left. The till tries again within `connect_ms` where that can help, and then says
  `FAILED`; the reason follows.
- *no answer* and *answer* leave the charge in doubt: the till asks the gateway, and a person where the gateway cannot be asked
  (maxfun's device API: `NEEDS_ATTENTION`, `cannot_ask`). It is never `FAILED`. None of these answers proves anything.
- In no row does the other side read a charge twice.
";

const FOOT: &str = "
Write this page anew with `PAYWAND_WRITE_GOLDEN=1 cargo test -p paywand hostile_network`.
";

fn title(phase: Phase) -> &'static str {
    match phase {
        Phase::Connecting => "Connecting",
        Phase::Handshake => "TLS handshake",
        Phase::Request => "Request",
        Phase::Head => "Head of the answer",
        Phase::Body => "Body of the answer",
        Phase::Answered => "Whole answers",
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut phase = None;
    for row in ROWS {
        if phase.replace(row.phase) != Some(row.phase) {
            let title = title(row.phase);
            page += &format!("\n## {title}\n\n| the other side | the exchange | the till |\n|---|---|---|\n");
        }
        page += &line(row);
    }
    page + FOOT
}

fn line(row: &Row) -> String {
    let exchange = match row.ends {
        Ends::NotSent(why) => format!("not sent: {}", why.code()),
        Ends::NoAnswer(why) => format!("no answer: {why}"),
        Ends::Answer(status, _) => format!("answer {status}"),
    };
    let till = match row.till {
        Says::Failed(Reason::DeviceClock) => "failed at once: device_clock".to_owned(),
        Says::Failed(reason) => format!("failed: {}", reason.code()),
        Says::InDoubt => "in doubt, asked".to_owned(),
    };
    format!("| {row} | {exchange} | {till} |\n")
}

#[test]
fn the_page_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hostile-network.md");
    if std::env::var_os("PAYWAND_WRITE_GOLDEN").is_some() {
        fs::write(&path, page()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), page(), "write it anew, as its last line says");
}
