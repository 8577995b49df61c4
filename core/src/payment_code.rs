//! The customer's one-time payment code 付款码: scanner text made clean, wallets as a table.

use std::{fmt, ops::RangeInclusive, sync::LazyLock};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::PaywandError;

/// Longest code that any gateway documents (S1: auth_code 128).
pub(crate) const MAX_CHARS: usize = 128;

/// A scanned payment code, cleaned: 1 to 128 ASCII letters and digits. A secret until it has been used.
///
/// Prints `***` everywhere, Kotlin's `toString()` included.
#[derive(Clone, PartialEq, Eq, uniffi::Object)]
#[uniffi::export(Display)]
pub struct PaymentCode(Zeroizing<String>);

impl PaymentCode {
    /// Cleans what a scan head delivered: surrounding white space and line ends, and an AIM prefix such as `]C0` or
    /// `]Q1`, are taken off. Anything else than ASCII letters and digits is refused.
    pub fn from_scan(text: &str) -> Result<Self, PaywandError> {
        let invalid = |reason: &str| PaywandError::InvalidCode { reason: reason.to_owned() };
        let code = without_aim_prefix(text.trim_matches(is_scan_noise)).trim_matches(is_scan_noise);
        if code.is_empty() {
            return Err(invalid("it is empty"));
        }
        if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(invalid("it holds other than ASCII letters and digits"));
        }
        if code.len() > MAX_CHARS {
            return Err(invalid("it is longer than 128 characters"));
        }
        Ok(Self(Zeroizing::new(code.to_owned())))
    }

    /// The code itself: for the one request that charges it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be shown and stored: stars and the last four characters; of a short code only stars.
    pub fn masked(&self) -> String {
        match self.0.len() {
            length @ 9.. => format!("****{}", self.0.get(length - 4..).unwrap_or_default()),
            _ => "****".to_owned(),
        }
    }

    /// The wallet that the code's form suggests. Advisory: new prefixes appear without notice, and the gateway's
    /// verdict is final.
    pub fn wallet(&self) -> Wallet {
        FORMS.iter().find(|form| form.fits(self)).map_or(Wallet::Unknown, |form| form.wallet)
    }
}

impl fmt::Display for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whose app shows a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Wallet {
    /// WeChat Pay 微信支付.
    Wechat,
    /// Alipay 支付宝.
    Alipay,
    /// UnionPay 云闪付; CCB and JD codes on its rail look the same.
    UnionPay,
    /// BestPay 翼支付.
    BestPay,
    /// QQ wallet QQ钱包.
    Qq,
    /// JD 京东.
    Jd,
    /// e-CNY 数字人民币.
    Ecny,
    /// No known form.
    Unknown,
}

impl Wallet {
    /// Every wallet.
    pub const ALL: [Self; 8] =
        [Self::Wechat, Self::Alipay, Self::UnionPay, Self::BestPay, Self::Qq, Self::Jd, Self::Ecny, Self::Unknown];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::UnionPay => "union_pay",
            Self::BestPay => "best_pay",
            Self::Qq => "qq",
            Self::Jd => "jd",
            Self::Ecny => "ecny",
            Self::Unknown => "unknown",
        }
    }
}

/// What codes of a wallet look like.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) wallet: Wallet,
    prefixes: Vec<String>,
    chars: RangeInclusive<usize>,
    digits: bool,
}

impl Form {
    /// Codes of letters and digits.
    pub(crate) fn new(wallet: Wallet, prefixes: Vec<String>, chars: RangeInclusive<usize>) -> Self {
        Self { wallet, prefixes, chars, digits: false }
    }

    /// Whether `code` looks so.
    pub(crate) fn fits(&self, code: &PaymentCode) -> bool {
        let code = code.reveal();
        (!self.digits || code.bytes().all(|byte| byte.is_ascii_digit()))
            && self.chars.contains(&code.len())
            && self.prefixes.iter().any(|prefix| code.starts_with(prefix))
    }
}

/// The built-in forms by beginning and length (docs/sources.md: W1, A1, C1, J3).
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let form = |wallet, prefixes: &[&str], chars, digits| {
        let prefixes = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
        Form { wallet, prefixes, chars, digits }
    };
    vec![
        form(Wallet::Wechat, &["10", "11", "12", "13", "14", "15"], 18..=18, true),
        form(Wallet::Alipay, &["25", "26", "27", "28", "29", "30"], 16..=24, true),
        form(Wallet::Alipay, &["fp"], 35..=35, false),
        form(Wallet::UnionPay, &["62"], 19..=19, true),
        form(Wallet::BestPay, &["51"], 18..=18, true),
        form(Wallet::Qq, &["91"], 18..=18, true),
        form(Wallet::Jd, &["18"], 18..=18, true),
        form(Wallet::Ecny, &["01"], 19..=19, true),
    ]
});

fn is_scan_noise(c: char) -> bool {
    c.is_ascii_whitespace() || c.is_ascii_control()
}

/// Takes off an AIM symbology identifier: `]`, a letter, a letter or digit.
fn without_aim_prefix(text: &str) -> &str {
    match text.as_bytes() {
        [b']', kind, modifier, ..] if kind.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() => {
            text.get(3..).unwrap_or_default()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> PaymentCode {
        PaymentCode::from_scan(text).unwrap()
    }

    #[test]
    fn scanner_noise_is_taken_off() {
        for text in
            ["134512345678901234\r\n", "\t134512345678901234 ", "]C0134512345678901234", "]Q1134512345678901234\r"]
        {
            assert_eq!(code(text).reveal(), "134512345678901234", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_without_being_printed() {
        let long = "1".repeat(129);
        for text in ["", " \r\n", "]C0", "1345 1234", "１３４", "134-5", "https://x", long.as_str()] {
            let error = PaymentCode::from_scan(text).unwrap_err();
            assert_eq!(error.code(), "invalid_code", "{text:?}");
            assert!(text.len() < 4 || !error.to_string().contains(text.trim()), "{error}");
        }
        assert_eq!(code(&"9".repeat(128)).reveal().len(), 128);
    }

    #[test]
    fn a_code_prints_stars_and_masks_all_but_four() {
        let code = code("134512345678901234");
        assert_eq!(format!("{code} {code:?}"), "*** ***");
        assert_eq!(code.masked(), "****1234");
        assert_eq!(super::PaymentCode::from_scan("12345678").unwrap().masked(), "****");
    }

    #[test]
    fn wallets_are_told_by_form_and_unknown_forms_are_no_error() {
        for (text, wallet) in [
            ("134512345678901234", Wallet::Wechat),
            ("281234567890123456", Wallet::Alipay),
            ("3012345678901234", Wallet::Alipay),
            ("fp0123456789abcdefghijklmnopqrstuvw", Wallet::Alipay),
            ("6212345678901234567", Wallet::UnionPay),
            ("0112345678901234567", Wallet::Ecny),
            ("999", Wallet::Unknown),
        ] {
            assert_eq!(code(text).wallet(), wallet, "{text}");
        }
    }
}
