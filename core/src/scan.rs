//! One funnel for every scan: of a scan head's broadcast, a keyboard wedge or a camera.
//!
//! Any app on the device can send what looks like a scan head's broadcast. So a scan only counts while the till waits for one
//! (a window is armed), and once per window; the one that counts is handed to the app, which starts the sale.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    payment_code::{MAX_CHARS, PaymentCode, Wallet},
    wording::Language,
};

/// How long after a scan that counted the same code is an echo of it, even in the next window: a head that sends by
/// broadcast and keyboard, a trigger held down, a camera that sees the code in the next frame too.
const ECHO_MS: i64 = 2_000;

/// Where a scan came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum ScanSource {
    /// A scan head's broadcast.
    Broadcast,
    /// Key events of a scan head or a keyboard.
    Keyboard,
    /// The camera.
    Camera,
}

/// What became of a scan. Prints no code.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum ScanEvent {
    /// It counts, and the window is closed.
    Accepted {
        /// The code, cleaned.
        code: Arc<PaymentCode>,
        /// Where it came from.
        source: ScanSource,
    },
    /// The same code again: one scan, told twice.
    Duplicate {
        /// Where it came from.
        source: ScanSource,
    },
    /// Nobody was waiting for a scan: nothing happens.
    NotArmed {
        /// Where it came from.
        source: ScanSource,
    },
    /// It holds no payment code. The window stays open.
    Unreadable {
        /// Where it came from.
        source: ScanSource,
        /// What is wrong with it.
        why: Unreadable,
    },
}

/// Why a scan holds no payment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum Unreadable {
    /// Nothing but white space, line ends or a prefix.
    Empty,
    /// A link, as in a code for receiving money or a poster.
    Link,
    /// Other than ASCII letters and digits.
    NotACode,
    /// Over 128 characters.
    TooLong,
}

impl Unreadable {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Empty, Self::Link, Self::NotACode, Self::TooLong];

    /// What the cashier reads.
    pub fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Empty, Language::En) => "The scan was empty. Scan again.",
            (Self::Empty, Language::Zh) => "没有扫到内容，请重新扫码。",
            (Self::Link, Language::En) => {
                "This is a link, not a payment code. Ask the customer to open the payment code."
            }
            (Self::Link, Language::Zh) => "这是链接，不是付款码。请顾客打开付款码。",
            (Self::NotACode, Language::En) => "This is not a payment code. Ask the customer to open the payment code.",
            (Self::NotACode, Language::Zh) => "这不是付款码。请顾客打开付款码。",
            (Self::TooLong, Language::En) => {
                "This is too long for a payment code. Ask the customer to open the payment code."
            }
            (Self::TooLong, Language::Zh) => "内容过长，不是付款码。请顾客打开付款码。",
        }
    }
}

/// What a till shows of a scan that holds no payment code.
#[uniffi::export]
pub fn unreadable_text(why: Unreadable, language: Language) -> String {
    why.text(language).to_owned()
}

/// Decides which scans count. One for each till; it may be used from any thread.
#[derive(Default, uniffi::Object)]
pub struct ScanFunnel {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    armed: bool,
    /// The last scan that counted, and when.
    last: Option<(Arc<PaymentCode>, i64)>,
}

#[uniffi::export]
impl ScanFunnel {
    /// A funnel whose window is closed.
    #[uniffi::constructor]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a window: the next scan that holds a payment code counts.
    pub fn arm(&self) {
        self.state().armed = true;
    }

    /// Closes the window.
    pub fn disarm(&self) {
        self.state().armed = false;
    }

    /// Whether a window is open.
    pub fn is_armed(&self) -> bool {
        self.state().armed
    }

    /// Says what becomes of a scan. `bytes` are preferred to `text`: some heads spoil the text. `now_ms` is a clock that never
    /// goes back, such as Android's `elapsedRealtime`.
    pub fn scan(&self, source: ScanSource, bytes: Option<Vec<u8>>, text: Option<String>, now_ms: i64) -> ScanEvent {
        let bytes = bytes.filter(|bytes| !bytes.is_empty());
        let scanned = bytes.unwrap_or_else(|| text.unwrap_or_default().into_bytes());
        let mut state = self.state();
        let code = match read(&scanned) {
            Ok(code) => code,
            Err(_) if !state.armed => return ScanEvent::NotArmed { source },
            Err(why) => return ScanEvent::Unreadable { source, why },
        };
        if state.echoes(&code, now_ms) {
            return ScanEvent::Duplicate { source };
        }
        if !state.armed {
            return ScanEvent::NotArmed { source };
        }
        let code = Arc::new(code);
        *state = State { armed: false, last: Some((code.clone(), now_ms)) };
        ScanEvent::Accepted { code, source }
    }
}

impl ScanFunnel {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether `code` is the scan that counted last: within two seconds always, later while nobody waits for another.
    fn echoes(&self, code: &PaymentCode, now_ms: i64) -> bool {
        let Some((last, at_ms)) = &self.last else { return false };
        **last == *code && (!self.armed || now_ms.saturating_sub(*at_ms) < ECHO_MS)
    }
}

impl fmt::Debug for ScanFunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanFunnel").field("armed", &self.is_armed()).finish_non_exhaustive()
    }
}

fn read(scanned: &[u8]) -> Result<PaymentCode, Unreadable> {
    // What is no UTF-8 holds no payment code either way.
    let text = std::str::from_utf8(scanned).map_err(|_| Unreadable::NotACode)?;
    let code = PaymentCode::from_scan(text).map_err(|_| unreadable(text))?;
    Ok(without_code_id(&code).unwrap_or(code))
}

/// Why `PaymentCode::from_scan` refused `text`.
fn unreadable(text: &str) -> Unreadable {
    let held = text.trim_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control());
    // A prefix alone is empty too.
    if held.is_empty() || (held.starts_with(']') && held.len() <= 3) {
        return Unreadable::Empty;
    }
    if held.contains("://") {
        return Unreadable::Link;
    }
    if held.len() > MAX_CHARS && held.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Unreadable::TooLong;
    }
    Unreadable::NotACode
}

/// Some heads put a letter for the symbology before the code (Honeywell, Zebra: `j`, `s`, `D`…). It is taken off where what
/// is left has the form of a wallet's code and the whole has not; a code of unknown form stays as it is.
fn without_code_id(code: &PaymentCode) -> Option<PaymentCode> {
    if code.wallet() != Wallet::Unknown {
        return None;
    }
    let (first, rest) = code.reveal().split_at_checked(1)?;
    if !first.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = PaymentCode::from_scan(rest).ok()?;
    (rest.wallet() != Wallet::Unknown).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "134512345678901234";

    fn armed() -> ScanFunnel {
        let funnel = ScanFunnel::new();
        funnel.arm();
        funnel
    }

    fn text(funnel: &ScanFunnel, text: &str, now_ms: i64) -> ScanEvent {
        funnel.scan(ScanSource::Broadcast, None, Some(text.to_owned()), now_ms)
    }

    fn accepted(event: &ScanEvent) -> Option<&str> {
        match event {
            ScanEvent::Accepted { code, .. } => Some(code.reveal()),
            _ => None,
        }
    }

    #[test]
    fn a_scan_counts_only_in_a_window_and_once() {
        let funnel = ScanFunnel::new();
        assert!(matches!(text(&funnel, CODE, 0), ScanEvent::NotArmed { .. }));
        assert!(matches!(text(&funnel, "https://x", 0), ScanEvent::NotArmed { .. }));
        funnel.arm();
        assert_eq!(accepted(&text(&funnel, CODE, 1)), Some(CODE));
        assert!(!funnel.is_armed());
        assert!(matches!(text(&funnel, "281234567890123456", 2), ScanEvent::NotArmed { .. }));
        funnel.arm();
        funnel.disarm();
        assert!(matches!(text(&funnel, "281234567890123456", 3), ScanEvent::NotArmed { .. }));
    }

    #[test]
    fn the_same_code_from_broadcast_and_keyboard_is_one_scan() {
        let funnel = armed();
        assert!(accepted(&text(&funnel, CODE, 10)).is_some());
        let wedge = |now_ms| funnel.scan(ScanSource::Keyboard, None, Some(format!("{CODE}\r")), now_ms);
        assert!(matches!(wedge(15), ScanEvent::Duplicate { source: ScanSource::Keyboard }));
        assert!(matches!(wedge(60_000), ScanEvent::Duplicate { .. }));
        // The next customer's window is not filled by an echo of the last customer's code.
        funnel.arm();
        assert!(matches!(wedge(2_009), ScanEvent::Duplicate { .. }));
        assert!(funnel.is_armed());
        assert!(accepted(&wedge(2_010)).is_some());
    }

    #[test]
    fn bytes_are_preferred_and_an_empty_array_is_none() {
        for (bytes, expected) in [(CODE.as_bytes().to_vec(), CODE), (Vec::new(), "281234567890123456")] {
            let event = armed().scan(ScanSource::Broadcast, Some(bytes), Some("281234567890123456".to_owned()), 0);
            assert_eq!(accepted(&event), Some(expected));
        }
    }

    #[test]
    fn noise_and_prefixes_are_taken_off() {
        for scanned in
            ["134512345678901234\r\n", "\t134512345678901234\0\0", "]ZD134512345678901234", "]C0134512345678901234\r"]
        {
            assert_eq!(accepted(&text(&armed(), scanned, 0)), Some(CODE), "{scanned:?}");
        }
        for scanned in ["j134512345678901234", "D134512345678901234"] {
            assert_eq!(accepted(&text(&armed(), scanned, 0)), Some(CODE), "{scanned:?}");
        }
        // Of these nothing is known, or the letter belongs to them.
        for scanned in ["X99", "fp0123456789abcdefghijklmnopqrstuvw", "990123"] {
            assert_eq!(accepted(&text(&armed(), scanned, 0)), Some(scanned));
        }
    }

    #[test]
    fn what_holds_no_code_says_why_and_leaves_the_window_open() {
        let long = "1".repeat(MAX_CHARS + 1);
        for (scanned, expected) in [
            ("", Unreadable::Empty),
            (" \r\n", Unreadable::Empty),
            ("]C0", Unreadable::Empty),
            ("https://qr.alipay.example/abc", Unreadable::Link),
            ("wxp://f2f0abc", Unreadable::Link),
            ("1345 1234", Unreadable::NotACode),
            ("付款码", Unreadable::NotACode),
            (long.as_str(), Unreadable::TooLong),
        ] {
            let funnel = armed();
            let event = text(&funnel, scanned, 0);
            assert!(matches!(event, ScanEvent::Unreadable { why, .. } if why == expected), "{scanned:?}: {event:?}");
            assert!(accepted(&text(&funnel, CODE, 1)).is_some());
        }
        let event = armed().scan(ScanSource::Camera, Some(vec![0xff, 0x31]), None, 0);
        assert!(matches!(event, ScanEvent::Unreadable { why: Unreadable::NotACode, .. }));
    }

    #[test]
    fn a_clock_that_jumps_neither_panics_nor_hides_a_scan() {
        let funnel = armed();
        assert!(accepted(&text(&funnel, CODE, i64::MIN)).is_some());
        funnel.arm();
        assert!(accepted(&text(&funnel, CODE, i64::MAX)).is_some());
    }

    #[test]
    fn nothing_prints_the_code() {
        let funnel = armed();
        let event = text(&funnel, CODE, 0);
        assert!(accepted(&event).is_some());
        assert!(!format!("{event:?} {funnel:?}").contains("1345"));
    }

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for why in Unreadable::ALL {
            for language in [Language::En, Language::Zh] {
                assert_eq!(unreadable_text(why, language), why.text(language));
                assert!(!why.text(language).is_empty());
            }
        }
    }
}
