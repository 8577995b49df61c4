//! What every reader of answers needs: JSON that may be anything, and the last step to `Paid`.

use serde_json::{Map, Value};

use super::{Order, Receipt, Reply, WireResponse};
use crate::money::{Amount, Currency};

/// The JSON object in an answer with HTTP 200; anything else proves nothing.
pub(super) fn object(response: &WireResponse) -> Result<Map<String, Value>, Reply> {
    if response.status != 200 {
        return Err(Reply::Unproved("http_status"));
    }
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Reply::Unproved("not_an_object")),
        Err(_) => Err(Reply::Unproved("not_json")),
    }
}

/// An integer given as a number or as text; both have been seen (B1, S2, H1).
pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Text, not empty.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// `Paid`, if the sum is ours; `PaidOther` if not. An absent currency is the configured one; one that cannot be read
/// proves nothing.
pub(super) fn paid(order: &Order, minor: i64, currency: Option<&str>, receipt: Receipt) -> Reply {
    let currency = match currency.map(str::parse::<Currency>) {
        None => order.amount.currency,
        Some(Ok(currency)) => currency,
        Some(Err(_)) => return Reply::Unproved("currency"),
    };
    let received = Amount::new(minor, currency);
    if received == order.amount { Reply::Paid(receipt) } else { Reply::PaidOther(received) }
}

/// UTC milliseconds of a Chinese wall time written with at least the 14 digits `YYYYMMDDHHmmss`, other characters
/// between them ignored. Both `20260101120000` and `2026-01-01 12:00:00` have been seen (S1, B1).
pub(super) fn china_time(text: &str) -> Option<i64> {
    let digits: Vec<i64> = text.bytes().filter(u8::is_ascii_digit).map(|b| i64::from(b - b'0')).collect();
    let number = |range: std::ops::Range<usize>| digits.get(range).map(|d| d.iter().fold(0, |n, digit| n * 10 + digit));
    if digits.len() != 14 {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let possible = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !possible || !(2000..=2200).contains(&year) {
        return None;
    }
    const CHINA_MS: i64 = 8 * 3_600_000;
    let seconds = (hour * 60 + minute) * 60 + second;
    Some(crate::calendar::days_from_civil(year, month, day) * 86_400_000 + seconds * 1_000 - CHINA_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_time_becomes_utc() {
        for text in ["20260101080000", "2026-01-01 08:00:00"] {
            assert_eq!(china_time(text), Some(1_767_225_600_000), "{text}");
        }
        for text in ["", "2026", "20261301080000", "99990101080000", "2026010108000a"] {
            assert_eq!(china_time(text), None, "{text}");
        }
    }

    #[test]
    fn integers_come_as_numbers_or_text() {
        for json in ["100", "\"100\""] {
            assert_eq!(integer(Some(&serde_json::from_str(json).unwrap())), Some(100), "{json}");
        }
        for json in ["100.0", "1e2", "\"1x\"", "null", "true", "99999999999999999999"] {
            assert_eq!(integer(Some(&serde_json::from_str(json).unwrap())), None, "{json}");
        }
    }
}
