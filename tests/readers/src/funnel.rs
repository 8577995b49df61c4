//! Scans in a row: which of them count. One counts only in an open window, closes it, and is not counted again as its own echo;
//! whatever else arrives changes nothing.
//!
//! An input is lines. `a` opens the window, `d` closes it; any other line is a scan: a digit for its source, one for the time
//! since the line before, one for how it is handed over, then what was scanned.

use paywand::{PaymentCode, ScanEvent, ScanFunnel, ScanSource, Unreadable, Wallet};

use crate::{
    input::Input,
    scan::{clean, is_code},
    seen,
};

const SOURCES: [ScanSource; 3] = [ScanSource::Broadcast, ScanSource::Keyboard, ScanSource::Camera];
/// Milliseconds between two lines: around the time in which a code is its own echo, and clocks that jump.
const GAPS_MS: [i64; 8] = [0, 1, 500, 1_999, 2_000, 60_000, -60_000, i64::MAX];
const ECHO_MS: i64 = 2_000;

/// What the till should know after each line.
#[derive(Default)]
struct Expected {
    armed: bool,
    last: Option<(PaymentCode, i64)>,
    now_ms: i64,
}

pub(crate) fn check(bytes: &[u8]) {
    let funnel = ScanFunnel::new();
    let mut expected = Expected::default();
    for line in bytes.split(|&byte| byte == b'\n') {
        match line {
            b"a" => {
                funnel.arm();
                expected.armed = true;
            }
            b"d" => {
                funnel.disarm();
                expected.armed = false;
            }
            line => expected.scan(&funnel, line),
        }
        assert_eq!(funnel.is_armed(), expected.armed, "after {:?}", String::from_utf8_lossy(line));
    }
}

impl Expected {
    fn scan(&mut self, funnel: &ScanFunnel, line: &[u8]) {
        let mut input = Input::new(line);
        let source = input.one_of(&SOURCES);
        self.now_ms = self.now_ms.saturating_add(input.one_of(&GAPS_MS));
        let how = input.choice(4);
        let scanned = input.rest();
        let text = String::from_utf8_lossy(scanned).into_owned();
        let (bytes, text, held) = match how {
            0 => (Some(scanned.to_vec()), None, scanned.to_vec()),
            1 => (None, Some(text.clone()), text.into_bytes()),
            // Bytes go before text, if there are any.
            2 => (Some(scanned.to_vec()), Some("281234567890123456".to_owned()), scanned.to_vec()),
            _ => (Some(Vec::new()), Some(text.clone()), text.into_bytes()),
        };
        let held = if how == 2 && held.is_empty() { b"281234567890123456".to_vec() } else { held };
        let event = funnel.scan(source, bytes, text, self.now_ms);
        let shown = format!("{event:?} {funnel:?}");
        let longest = shown.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(longest <= Some(4), "{:?} shows in {shown}", String::from_utf8_lossy(&held));
        self.judge(&event, source, &held);
    }

    fn judge(&mut self, event: &ScanEvent, from: ScanSource, held: &[u8]) {
        let shown = String::from_utf8_lossy(held);
        let code = code(held);
        let echoes = self.last.as_ref().is_some_and(|(last, at_ms)| {
            code.as_ref() == Some(last) && (!self.armed || self.now_ms.saturating_sub(*at_ms) < ECHO_MS)
        });
        let source = match event {
            ScanEvent::Accepted { code: accepted, source } => {
                seen::note("accepted");
                assert!(self.armed && !echoes, "{shown:?} counts");
                assert_eq!(Some(accepted.as_ref()), code.as_ref(), "{shown:?}");
                self.armed = false;
                self.last = code.map(|code| (code, self.now_ms));
                source
            }
            ScanEvent::Duplicate { source } => {
                seen::note("duplicate");
                assert!(echoes, "{shown:?} is no echo");
                source
            }
            ScanEvent::NotArmed { source } => {
                seen::note("not_armed");
                assert!(!self.armed && !echoes, "{shown:?} is not heard");
                source
            }
            ScanEvent::Unreadable { source, why } => {
                assert!(self.armed && code.is_none(), "{shown:?} holds a code");
                unreadable(*why, held);
                source
            }
        };
        assert_eq!(*source, from);
    }
}

fn unreadable(why: Unreadable, held: &[u8]) {
    let shown = String::from_utf8_lossy(held);
    let text = clean(&shown);
    let (fits, name) = match why {
        Unreadable::Empty => (text.is_empty() || text.starts_with(']') && text.len() <= 3, "empty"),
        Unreadable::Link => (text.contains("://"), "link"),
        Unreadable::TooLong => (text.len() > 128, "too_long"),
        Unreadable::NotACode => (!text.is_empty(), "not_a_code"),
    };
    assert!(fits, "{shown:?} is {why:?}");
    // Its texts are fixed ones: they know why, not what was scanned.
    seen::note(name);
}

/// The code in `held`: cleaned, and without a letter for its symbology where only the rest has a wallet's form.
fn code(held: &[u8]) -> Option<PaymentCode> {
    let text = clean(std::str::from_utf8(held).ok()?);
    let read = |text: &str| is_code(text).then(|| PaymentCode::from_scan(text).ok())?;
    let code = read(&text)?;
    let known = |code: &PaymentCode| code.wallet() != Wallet::Unknown;
    let rest = text.strip_prefix(|first: char| first.is_ascii_alphabetic()).and_then(read).filter(known);
    Some(if known(&code) { code } else { rest.unwrap_or(code) })
}
