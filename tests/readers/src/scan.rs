//! Scanner text: a payment code, or a refusal. Neither shows more of what was scanned than its last four characters.

use paywand::{Language, PaymentCode, PaywandError, Wallet, error_text};

use crate::seen;

pub(crate) fn check(bytes: &[u8]) {
    let scanned = String::from_utf8_lossy(bytes);
    match PaymentCode::from_scan(&scanned) {
        Ok(code) => taken(&scanned, &code),
        Err(error) => refused(&scanned, error),
    }
}

fn taken(scanned: &str, code: &PaymentCode) {
    seen::note("taken");
    assert_eq!(format!("{code} {code:?}"), "*** ***");
    let clean = clean(scanned);
    assert!(is_code(&clean), "{scanned:?} was taken for a code");
    assert_eq!(Some(code), PaymentCode::from_scan(&clean).ok().as_ref(), "{scanned:?} is not cleaned as {clean:?}");

    let masked = code.masked();
    let shown = if clean.len() > 8 { &clean[clean.len() - 4..] } else { "" };
    assert_eq!(masked, format!("****{shown}"), "of {scanned:?}");
    if code.wallet() != Wallet::Unknown {
        seen::note("wallet");
        assert!((16..=35).contains(&clean.len()), "{scanned:?} has no wallet's length");
    }
}

fn refused(scanned: &str, error: PaywandError) {
    seen::note("refused");
    assert!(!is_code(&clean(scanned)), "{scanned:?} is a code, and was refused");
    assert_eq!(error.code(), "invalid_code");
    let english = error_text(error.clone(), Language::En);
    let chinese = error_text(error.clone(), Language::Zh);
    let said = format!("{error} {error:?} {english} {chinese}");
    let longest = said.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    assert!(longest <= Some(4), "{scanned:?} shows in {said}");
}

/// Without what scan heads add: white space, controls, an AIM prefix.
pub(crate) fn clean(scanned: &str) -> String {
    let noise = |c: char| c as u32 <= 0x20 || c as u32 == 0x7f;
    let mut letters: Vec<char> = scanned.trim_matches(noise).chars().collect();
    if let [']', kind, modifier, ..] = letters[..]
        && kind.is_ascii_alphabetic()
        && modifier.is_ascii_alphanumeric()
    {
        letters.drain(..3);
    }
    letters.into_iter().collect::<String>().trim_matches(noise).to_owned()
}

pub(crate) fn is_code(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
