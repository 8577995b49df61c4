//! Money: integer minor units and a currency, exact text forms, checked arithmetic.
//!
//! No floating point anywhere: `0.1 + 0.2` is not a price.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::PaywandError;

/// An ISO 4217 alphabetic code: three upper-case ASCII letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

uniffi::custom_type!(Currency, String, {
    lower: |currency| currency.to_string(),
    try_lift: |text| Ok(text.parse::<Currency>()?),
});

impl Currency {
    /// Renminbi, two decimals (fen).
    pub const CNY: Self = Self(*b"CNY");
    /// Hong Kong dollar, two decimals (cents).
    pub const HKD: Self = Self(*b"HKD");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Decimals of the major unit by ISO 4217: two unless listed.
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = PaywandError;

    fn from_str(text: &str) -> Result<Self, PaywandError> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(PaywandError::request("currency", "three upper-case letters such as CNY are expected")),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = PaywandError;

    fn try_from(text: String) -> Result<Self, PaywandError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A sum of money. Plain on purpose: whether it may be charged is checked when a payment is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Amount {
    /// Minor units: fen, cents. A payment's is above zero.
    pub minor: i64,
    /// ISO 4217 alphabetic code.
    pub currency: Currency,
}

impl Amount {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads major units: `"12.50"` CNY is 1250 fen. Digits, at most one point, at most the currency's decimals; no
    /// sign, no grouping, no exponent.
    pub fn from_major(text: &str, currency: Currency) -> Result<Self, PaywandError> {
        let invalid = |reason: &str| PaywandError::InvalidAmount { reason: reason.to_owned() };
        let decimals = currency.decimals();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(invalid("digits with at most one decimal point are expected"));
        }
        let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        if places > decimals {
            return Err(invalid(&format!("{currency} has {decimals} decimals")));
        }
        let scale = 10_i64.pow(decimals);
        let whole: i64 = whole.parse().map_err(|_| invalid("too large"))?;
        let fraction: i64 = if fraction.is_empty() {
            0
        } else {
            fraction.parse::<i64>().map_err(|_| invalid("too large"))? * 10_i64.pow(decimals - places)
        };
        let minor =
            whole.checked_mul(scale).and_then(|m| m.checked_add(fraction)).ok_or_else(|| invalid("too large"))?;
        Ok(Self { minor, currency })
    }

    /// Major units with all the currency's decimals: 1250 fen is `"12.50"`.
    pub fn to_major(self) -> String {
        let decimals = self.currency.decimals();
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        let scale = 10_u64.pow(decimals);
        match decimals {
            0 => format!("{sign}{minor}"),
            _ => format!(
                "{sign}{}.{:0width$}",
                minor / scale,
                minor % scale,
                width = usize::try_from(decimals).unwrap_or(0)
            ),
        }
    }

    /// The sum, unless the currencies differ or it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then_some(Self { minor, ..self })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.to_major())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_text_reads_and_writes_exactly() {
        for (text, minor) in [("1", 100), ("1.0", 100), ("1.00", 100), ("0.01", 1), ("12.5", 1250), ("007.10", 710)] {
            assert_eq!(Amount::from_major(text, Currency::CNY).unwrap().minor, minor, "{text}");
        }
        assert_eq!(Amount::new(1250, Currency::HKD).to_major(), "12.50");
        assert_eq!(Amount::new(-5, Currency::HKD).to_major(), "-0.05");
        assert_eq!(Amount::new(i64::MIN, "JPY".parse().unwrap()).to_major(), "-9223372036854775808");
    }

    #[test]
    fn text_that_is_no_amount_is_refused() {
        for text in
            ["", ".", "1.", ".5", "1.005", "-1", "+1", "1,00", "1e2", " 1", "１", "99999999999999999999", "1.0.0"]
        {
            let error = Amount::from_major(text, Currency::CNY).unwrap_err();
            assert_eq!(error.code(), "invalid_amount", "{text}");
        }
        assert!(Amount::from_major("1.5", "JPY".parse().unwrap()).is_err());
    }

    #[test]
    fn sums_are_checked() {
        let most = Amount::new(i64::MAX, Currency::CNY);
        assert_eq!(most.checked_add(Amount::new(1, Currency::CNY)), None);
        assert_eq!(Amount::new(1, Currency::CNY).checked_add(Amount::new(1, Currency::HKD)), None);
        assert_eq!(Amount::new(1, Currency::CNY).checked_add(Amount::new(2, Currency::CNY)).unwrap().minor, 3);
    }

    #[test]
    fn a_currency_is_three_capitals() {
        for text in ["", "cny", "CN", "CNYY", "C1Y", "人民币"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }
}
