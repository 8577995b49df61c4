//! `docs/failures.md`, written from the rows and the words, and checked so that it cannot say anything else.

use std::fs;

use super::{
    super::{Advice, Language, Text, Words, errors, examples, reasons, states},
    Outcome, TABLES, root,
};
use crate::payment::{PaymentKind, PaymentState, Reason};

const HEAD: &str = "\
# Failures

What can go wrong, what the till says of it, what becomes of the money, and which test shows it. After that, every text:
English and Chinese, for the cashier and for the customer. This page is written from the table in `core/src/wording`;
tests check that no text says more about money than is proved, that this page is the table, and that every test named
here is there.

In Kotlin, `payment.screenText(language)` and `error.screenText(language)` give code, both texts and the advice.

| advice | the cashier |
|---|---|
| `none` | has nothing to do |
| `wait` | waits: the till goes on by itself, and nothing is charged or given back a second time |
| `rescan` | scans a new code or shows a new QR: the money is proved to be with the customer |
| `try_again` | does the same again, once what the text names is put right |
| `pay_another_way` | takes another wallet, another gateway or cash; gives a refund back by other means |
| `by_hand` | looks at the customer's phone or the merchant portal, does what the text says, settles by hand |
| `call_support` | calls whoever looks after the till, or the gateway's support |
";

const FOOT: &str = "
Write this page anew with `PAYWAND_WRITE_GOLDEN=1 cargo test -p paywand failures`.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (title, rows) in TABLES {
        page +=
            &format!("\n## {title}\n\n| what happens | the till says | the money | shown by |\n|---|---|---|---|\n");
        page.extend(rows.iter().map(outcome));
    }
    page += "\n## The words: payments\n\nOf a charge; of a QR order where it differs.\n";
    page += &texts(of_payments());
    page += "\n## The words: refunds\n\nOf a refund that a person asked for, where its words are its own.\n";
    page += &texts(of_refunds());
    page += "\n## The words: errors\n\nWhat stands in braces is filled in.\n";
    let errors = examples::errors();
    page += &texts(errors.iter().map(|error| (error.code().to_owned(), errors::words(error))));
    page + FOOT
}

fn outcome(row: &Outcome) -> String {
    let (file, test) = (row.proof.0, row.proof.1);
    let (what, money) = (row.what, row.money);
    let Some(said) = row.says.screen_text(Language::En) else {
        return format!("| {what} | nothing | {money} | [{test}](../{file}) |\n");
    };
    let state = row.says.state().map(|state| state.code().to_uppercase());
    let code = match state {
        Some(state) if state.eq_ignore_ascii_case(&said.code) => format!("`{state}`"),
        Some(state) => format!("`{state}`, `{}`", said.code),
        None => format!("error `{}`", said.code),
    };
    let (advice, text) = (name(said.advice), said.cashier);
    format!("| {what} | {code}: {text} *{advice}* | {money} | [{test}](../{file}) |\n")
}

fn of_payments() -> impl Iterator<Item = (String, Words)> {
    let of = |kind| {
        let states = PaymentState::ALL.map(|state| (state.code().to_uppercase(), states::words(state, kind)));
        let reasons = Reason::ALL.map(|reason| (reason.code().to_owned(), reasons::words(reason, kind)));
        states.into_iter().chain(reasons)
    };
    let qr = of(PaymentKind::Charge).zip(of(PaymentKind::Qr)).filter(|(charge, qr)| charge != qr);
    let qr = qr.map(|(_, (code, words))| (format!("{code}, QR"), words));
    let beside = [("cancel_too_late", states::CANCEL_TOO_LATE), ("contradicted", states::CONTRADICTED)];
    of(PaymentKind::Charge).chain(qr).chain(beside.map(|(code, words)| (code.to_owned(), words)))
}

/// Those that a refund can come to.
fn of_refunds() -> impl Iterator<Item = (String, Words)> {
    let kind = PaymentKind::Refund;
    let states = PaymentState::ALL.map(|state| (state.code().to_uppercase(), states::words(state, kind)));
    let reasons = Reason::ALL.map(|reason| (reason.code().to_owned(), reasons::words(reason, kind)));
    states.into_iter().chain(reasons).filter(|(_, words)| *words != states::REFUND_UNCLEAR)
}

fn texts(rows: impl IntoIterator<Item = (String, Words)>) -> String {
    let mut table = "\n| code | to the cashier | to the customer | advice |\n|---|---|---|---|\n".to_owned();
    let both = |text: Text| format!("{}<br>{}", text.en, text.zh);
    for (code, words) in rows {
        let advice = name(words.advice);
        table += &format!("| `{code}` | {} | {} | `{advice}` |\n", both(words.cashier), both(words.customer));
    }
    table
}

/// As it is written in JSON.
fn name(advice: Advice) -> String {
    serde_json::to_value(advice).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn the_page_says_what_the_table_says() {
    let path = root().join("docs/failures.md");
    if std::env::var_os("PAYWAND_WRITE_GOLDEN").is_some() {
        fs::write(&path, page()).unwrap();
    }
    let (there, page) = (fs::read_to_string(&path).unwrap(), page());
    for (line, (is, should_be)) in there.lines().zip(page.lines()).enumerate() {
        assert_eq!(is, should_be, "line {}: write it anew, as its last line says", line + 1);
    }
    assert_eq!(there.len(), page.len(), "write it anew, as its last line says");
}
