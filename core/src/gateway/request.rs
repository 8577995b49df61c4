//! What every writer of requests needs: the order's values, checked, and flat fields that are signed as they are sent.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::{Operation, Order, Refund, RequestError, texts};
use crate::{money::Currency, payment_code::PaymentCode};

/// Most characters of an order number, at every gateway (S1, S2, S3; S4 gives 32 in its answer).
const ORDER_NUMBER_MAX: usize = 32;

/// The fields of a flat JSON object, in the order in which they are sent. What is empty is left out.
#[derive(Default)]
pub(super) struct Flat<'a>(Vec<(&'static str, Value<'a>)>);

enum Value<'a> {
    Text(Cow<'a, str>),
    /// The number and its text.
    Integer(i64, String),
}

impl<'a> Flat<'a> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds text, unless it is empty.
    pub(super) fn text(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name, Value::Text(value)));
        }
        self
    }

    /// Adds text that may be left out.
    pub(super) fn optional(self, name: &'static str, value: Option<impl Into<Cow<'a, str>>>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds a number.
    pub(super) fn integer(mut self, name: &'static str, value: i64) -> Self {
        self.0.push((name, Value::Integer(value, value.to_string())));
        self
    }

    /// Names and values as text: what is signed.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The JSON object, with `sign` added.
    pub(super) fn signed_body(self, sign: String) -> Result<Zeroizing<Vec<u8>>, RequestError> {
        json(&self.text("sign", sign))
    }

    /// How many bytes the JSON text takes at most: escapes double a character, since controls are refused.
    fn room(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.as_str().len() * 2 + 6).sum::<usize>() + 2
    }
}

impl Value<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Integer(_, text) => text,
        }
    }
}

impl Serialize for Flat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number, _) => serializer.serialize_i64(*number),
        }
    }
}

/// `flat` as JSON. All room is taken at once: growth would leave a copy of the payment code behind.
fn json(flat: &Flat<'_>) -> Result<Zeroizing<Vec<u8>>, RequestError> {
    let mut body = Zeroizing::new(Vec::with_capacity(flat.room()));
    serde_json::to_writer(&mut *body, flat).map_err(|e| RequestError { field: "body", reason: e.to_string() })?;
    Ok(body)
}

/// The order's amount in minor units: 1 to `max` of `currency`.
pub(super) fn amount(order: &Order, currency: Currency, max: i64) -> Result<i64, RequestError> {
    let refused = |reason: String| Err(RequestError { field: "amount", reason });
    if order.amount.currency != currency {
        return refused(format!("only {currency} is taken"));
    }
    if !(1..=max).contains(&order.amount.minor) {
        return refused(format!("1 to {max} minor units are taken"));
    }
    Ok(order.amount.minor)
}

/// The order's number: beginning with `prefix`, at most 32 characters.
pub(super) fn order_number<'a>(order: &'a Order, prefix: &str) -> Result<&'a str, RequestError> {
    texts::identifier("order_number", &order.number, ORDER_NUMBER_MAX)?;
    if !order.number.starts_with(prefix) {
        return Err(RequestError { field: "order_number", reason: "it lacks the gateway's prefix".to_owned() });
    }
    Ok(&order.number)
}

/// The refund to be asked for: its number as [`order_number`] takes one, its amount from 1 to all of the order's. Whatever the
/// gateway's prefix is today: the number may have been made under another.
pub(super) fn refund(order: &Order) -> Result<&Refund, RequestError> {
    let refused = |field, reason: &str| Err(RequestError { field, reason: reason.to_owned() });
    let Some(refund) = &order.refund else { return refused("refund", "it is missing") };
    texts::identifier("refund_number", &refund.number, ORDER_NUMBER_MAX)?;
    if refund.amount.currency != order.amount.currency || !(1..=order.amount.minor).contains(&refund.amount.minor) {
        return refused("amount", "1 to all of the order's minor units are given back");
    }
    Ok(refund)
}

/// The gateway's own number, where it is known and fits its field.
pub(super) fn gateway_number(order: &Order, max: usize) -> Option<&str> {
    order.gateway_number.as_deref().filter(|number| texts::identifier("gateway_number", number, max).is_ok())
}

/// The payment code, at most `max` characters.
pub(super) fn code(code: Option<&PaymentCode>, max: usize) -> Result<&str, RequestError> {
    let refused = |reason: String| Err(RequestError { field: "code", reason });
    match code.map(PaymentCode::reveal) {
        None => refused("it is missing".to_owned()),
        Some(code) if code.chars().count() > max => refused(format!("it is longer than {max} characters")),
        Some(code) => Ok(code),
    }
}

/// The terminal that the till names, else the configured one.
pub(super) fn terminal<'a>(order: &'a Order, configured: &'a str, max: usize) -> Result<&'a str, RequestError> {
    match order.texts.terminal.as_deref() {
        None => Ok(configured),
        Some(terminal) => texts::identifier("terminal", terminal, max).map(|_| terminal),
    }
}

/// The Chinese wall time of `utc_ms` as `yyyyMMddHHmmss`.
pub(super) fn china_time(utc_ms: i64) -> String {
    const CHINA_MS: i64 = 8 * 3_600_000;
    let seconds = utc_ms.saturating_add(CHINA_MS).div_euclid(1_000);
    let (year, month, day) = crate::calendar::civil_from_days(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// `op` is not among the gateway's capabilities.
pub(super) fn unsupported(op: Operation) -> RequestError {
    RequestError { field: "operation", reason: format!("there is no {} at this gateway", op.code()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_is_sent() {
        let flat = Flat::new().text("b", "测 \"x\"").text("empty", "").optional("none", None::<&str>).integer("a", 16);
        assert_eq!(flat.pairs().collect::<Vec<_>>(), [("b", "测 \"x\""), ("a", "16")]);
        let body = flat.signed_body("S".to_owned()).unwrap();
        assert_eq!(std::str::from_utf8(&body).unwrap(), r#"{"b":"测 \"x\"","a":16,"sign":"S"}"#);
    }

    #[test]
    fn chinese_time_is_eight_hours_ahead() {
        assert_eq!(china_time(1_767_225_600_000), "20260101080000");
        assert_eq!(china_time(1_767_225_599_999), "20260101075959");
        assert_eq!(china_time(1_767_196_800_000), "20260101000000");
    }

    #[test]
    fn a_body_fits_the_room_taken_for_it() {
        let flat = Flat::new().text("name", "\"\\".repeat(200)).integer("n", i64::MIN);
        let room = flat.room();
        assert!(json(&flat).unwrap().len() <= room);
    }
}
