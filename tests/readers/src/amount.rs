//! Amounts as a cashier keys them: what is read is exactly what was written.

use paywand::{Currency, amount_from_major, amount_to_major};

use crate::{input::Input, seen};

/// With how many decimals each is written.
const CURRENCIES: [(&str, usize); 4] = [("CNY", 2), ("JPY", 0), ("KWD", 3), ("HKD", 2)];

/// A currency's digit, then the text.
pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (name, decimals) = input.one_of(&CURRENCIES);
    let text = String::from_utf8_lossy(input.rest()).into_owned();
    let currency: Currency = name.parse().expect("it is a currency");
    assert_eq!(text.parse::<Currency>().is_ok(), text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()));

    let Ok(amount) = amount_from_major(text.clone(), currency) else {
        seen::note("refused");
        assert_eq!(minor(&text, decimals), None, "{text:?} is an amount, and was refused");
        return;
    };
    seen::note("taken");
    assert_eq!(minor(&text, decimals), Some(amount.minor), "{text:?}");
    assert_eq!(amount.currency, currency);
    let written = amount_to_major(amount);
    assert_eq!(amount_from_major(written.clone(), currency), Ok(amount), "{text:?} was written as {written:?}");
}

/// The minor units that `text` means, digit by digit.
fn minor(text: &str, decimals: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits || text.ends_with('.') || fraction.len() > decimals {
        return None;
    }
    format!("{whole}{fraction:0<decimals$}").parse().ok()
}
