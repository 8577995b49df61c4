//! What every reader of answers needs: JSON that may be anything, and the last step to `Paid`.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::{Order, Receipt, Reply, WireResponse};
use crate::money::{Amount, Currency};

/// A JSON object as it came: each value keeps its literal text, since that is what a signature covers. An object with
/// one name twice is refused: two readers of it could see two things.
pub(super) struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Reads `json`, if it is one whole object.
    pub(super) fn parse(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The object under `name`.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        Self::parse(self.0.get(name)?.get().as_bytes())
    }

    /// The objects in the list under `name`, if it holds nothing else.
    pub(super) fn list(&self, name: &str) -> Option<Vec<Self>> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// Whether `name` is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.get() != "null")
    }

    /// A JSON string that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str::<String>(self.0.get(name)?.get()).ok().filter(|text| !text.is_empty())
    }

    /// A string's text, or the literal text of anything else. Null and the empty string are none.
    pub(super) fn literal(&self, name: &str) -> Option<String> {
        Some(literal(self.0.get(name)?)).filter(|text| !text.is_empty())
    }

    /// An integer given as a number or as text; both have been seen (B1, S2, H1).
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.literal(name)?.trim().parse().ok()
    }

    /// An integer given as a number, in its only form: no fraction, no exponent, no `-0`.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        let literal = self.0.get(name)?.get();
        literal.parse::<i64>().ok().filter(|number| number.to_string() == literal)
    }

    /// Yuan as text or as a number (11, 11.0 and 11.00 are one sum), read by its digits.
    pub(super) fn yuan(&self, name: &str) -> Option<Amount> {
        let literal = self.literal(name)?;
        let digits = match literal.split_once('.') {
            Some((_, fraction)) => literal.get(..literal.len() - fraction.get(2..).map_or(0, trailing_zeros))?,
            None => &literal,
        };
        Amount::from_major(digits, Currency::CNY).ok()
    }

    /// Whether `name` is there and is `ours`.
    pub(super) fn names(&self, name: &str, ours: &str) -> bool {
        self.literal(name).as_deref() == Some(ours)
    }

    /// Whether `name` is there and is not `ours`.
    pub(super) fn names_other(&self, name: &str, ours: &str) -> bool {
        self.literal(name).is_some_and(|theirs| theirs != ours)
    }

    /// Every field but `sign`, as a signature covers it: strings by their text, null as nothing, the rest by their
    /// literal text as received.
    pub(super) fn signed(&self) -> Vec<(&str, String)> {
        self.0.iter().filter(|(name, _)| *name != "sign").map(|(name, value)| (name.as_str(), literal(value))).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(de::Error::custom("one name twice"));
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Visitor).map(Self)
    }
}

fn literal(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        json if json.starts_with('"') => serde_json::from_str(json).unwrap_or_else(|_| json.to_owned()),
        json => json.to_owned(),
    }
}

fn trailing_zeros(digits: &str) -> usize {
    digits.len() - digits.trim_end_matches('0').len()
}

/// The JSON object in an answer with HTTP 200; anything else proves nothing.
pub(super) fn object(response: &WireResponse) -> Result<Fields<'_>, Reply> {
    if response.status != 200 {
        return Err(Reply::Unproved("http_status"));
    }
    Fields::parse(&response.body).ok_or(Reply::Unproved("not_json"))
}

/// Whether no stranger's answer can stand in `response`: a connection of its own, over verified TLS. What names no
/// order is believed only there (docs/architecture.md).
pub(super) fn own_connection(response: &WireResponse) -> bool {
    response.fresh && response.verified_tls
}

/// `reply` to an answer that names no order: believed only over a connection of its own.
pub(super) fn if_own(response: &WireResponse, reply: Reply) -> Reply {
    if own_connection(response) { reply } else { Reply::Unproved("not_own_connection") }
}

/// `reply` where answers are signed: without a valid signature at most [`Reply::Unverified`].
pub(super) fn if_signed(signed: bool, reply: Reply) -> Reply {
    match reply {
        reply if signed => reply,
        Reply::Paid(_) => Reply::Unverified,
        Reply::Unproved(why) => Reply::Unproved(why),
        _ => Reply::Unproved("signature"),
    }
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

/// `reply` to an entry that names our refund, if its sum is ours; else that other sum. An absent currency is the order's.
pub(super) fn refunded(order: &Order, minor: Option<i64>, currency: Option<&str>, reply: Reply) -> Reply {
    let Some(refund) = &order.refund else { return Reply::Unproved("no_refund") };
    let currency = match currency.map(str::parse::<Currency>) {
        None => refund.amount.currency,
        Some(Ok(currency)) => currency,
        Some(Err(_)) => return Reply::Unproved("currency"),
    };
    match minor.map(|minor| Amount::new(minor, currency)) {
        None => Reply::Unproved("refund_amount"),
        Some(returned) if returned == refund.amount => reply,
        Some(other) => Reply::PaidOther(other),
    }
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

    fn fields(json: &str) -> Fields<'_> {
        Fields::parse(json.as_bytes()).unwrap()
    }

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
        for json in [r#"{"n":100}"#, r#"{"n":"100"}"#] {
            assert_eq!(fields(json).integer("n"), Some(100), "{json}");
        }
        for json in ["100.0", "1e2", "\"1x\"", "null", "true", "[1]", "99999999999999999999", "\"\""] {
            assert_eq!(fields(&format!(r#"{{"n":{json}}}"#)).integer("n"), None, "{json}");
        }
        assert_eq!(fields(r#"{"n":0}"#).number("n"), Some(0));
        for json in [r#"{"n":"0"}"#, r#"{"n":-0}"#, r#"{"n":0.0}"#, r#"{"n":null}"#, "{}"] {
            assert_eq!(fields(json).number("n"), None, "{json}");
        }
    }

    #[test]
    fn yuan_are_read_by_their_digits() {
        for json in ["11", "11.0", "11.00", "11.000", "\"11.00\""] {
            assert_eq!(
                fields(&format!(r#"{{"n":{json}}}"#)).yuan("n"),
                Some(Amount::new(1_100, Currency::CNY)),
                "{json}"
            );
        }
        for json in ["11.001", "1e1", "-11", "\"\"", "null", "[11]"] {
            assert_eq!(fields(&format!(r#"{{"n":{json}}}"#)).yuan("n"), None, "{json}");
        }
    }

    #[test]
    fn values_keep_the_text_they_came_with() {
        let answer =
            fields(r#"{"b": 1.0 ,"a":"x\/\u6d4b","c":null,"d":[1, 2],"e":12345678901234567890123,"sign":"s"}"#);
        let signed = answer.signed();
        let signed: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let expected = [("a", "x/测"), ("b", "1.0"), ("c", ""), ("d", "[1, 2]"), ("e", "12345678901234567890123")];
        assert_eq!(signed, expected);
    }

    #[test]
    fn an_object_is_whole_and_names_nothing_twice() {
        for json in ["", "{", "{}x", "[]", "1", r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, "{\"a\":\"\u{0}\"}"] {
            assert!(Fields::parse(json.as_bytes()).is_none(), "{json:?}");
        }
        assert!(Fields::parse(b"{\"a\":\"\xff\"}").is_none());
        assert!(fields(r#"{"a":{"b":1,"b":2}}"#).object("a").is_none());
    }

    #[test]
    fn a_deep_answer_is_refused_without_using_up_the_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(500_000), "]".repeat(500_000));
        if let Some(answer) = Fields::parse(deep.as_bytes()) {
            assert!(answer.object("a").is_none());
        }
    }
}
