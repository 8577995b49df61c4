//! Order numbers (`out_trade_no`): unique over restarts, clock jumps, wiped and cloned devices.
//!
//! Prefix, then the time in 8 digits of base 36, then random characters of the operating system, 32 in all. The time
//! part never repeats in one file; the random part keeps two files apart.

use super::fault::Fault;
use crate::error::PaywandError;

/// Characters in all: the limit of every gateway's `out_trade_no`.
const CHARS: usize = 32;
/// Characters that a prefix must leave: 8 of time, and 4 random ones (20 bits).
const LEAST_OWN: usize = 12;
const TIME_CHARS: usize = 8;
const TIME_BITS: u32 = 41;
/// 2020-01-01T00:00:00Z.
const EPOCH_MS: i64 = 1_577_836_800_000;
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The next number, and the time to keep as `last_ms` for the one after it. `wall_ms` is UTC milliseconds.
pub(super) fn next(prefix: &str, wall_ms: i64, last_ms: i64) -> Result<(String, i64), Fault> {
    let own = CHARS.checked_sub(prefix.chars().count()).filter(|own| *own >= LEAST_OWN).ok_or_else(|| {
        Fault::Job(PaywandError::config("order_prefix", "it leaves fewer than 12 of the order number's 32 characters"))
    })?;
    let ms = wall_ms.saturating_sub(EPOCH_MS).max(last_ms.saturating_add(1));
    let mut number = String::with_capacity(CHARS);
    number.push_str(prefix);
    push_time(&mut number, ms);
    push_random(&mut number, own - TIME_CHARS)?;
    Ok((number, ms))
}

fn push_time(number: &mut String, ms: i64) {
    let ms = ms & ((1 << TIME_BITS) - 1);
    for place in (0..TIME_CHARS).rev() {
        let power = u32::try_from(place).map_or(1, |place| 36_i64.pow(place));
        number.push(digit(u8::try_from(ms / power % 36).unwrap_or_default()));
    }
}

/// Each character evenly: bytes from 252 (7 × 36) on are thrown away.
fn push_random(number: &mut String, mut chars: usize) -> Result<(), Fault> {
    while chars > 0 {
        let mut bytes = [0; CHARS];
        random(&mut bytes)?;
        for byte in bytes.into_iter().filter(|byte| *byte < 252).take(chars) {
            number.push(digit(byte % 36));
            chars -= 1;
        }
    }
    Ok(())
}

/// Fills `bytes` from the operating system.
pub(super) fn random(bytes: &mut [u8]) -> Result<(), Fault> {
    getrandom::fill(bytes).map_err(|e| Fault::Unavailable(format!("no random numbers of the system: {e}")))
}

fn digit(value: u8) -> char {
    DIGITS.get(usize::from(value)).map_or('0', |&digit| char::from(digit))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const NOW: i64 = 1_767_225_600_000; // 2026-01-01

    #[test]
    fn order_numbers_are_unique_over_clock_jumps() {
        let year = 365 * 86_400_000;
        let (mut last, mut times, mut numbers) = (0, HashSet::new(), HashSet::new());
        for wall in [NOW, NOW, NOW - year, NOW + year, NOW, 0, i64::MIN, NOW + year].repeat(50) {
            let (number, ms) = next("", wall, last).unwrap();
            assert!(ms > last);
            assert!(times.insert(number[..8].to_owned()), "the time part repeats: {number}");
            assert!(numbers.insert(number));
            last = ms;
        }
    }

    #[test]
    fn a_clock_beyond_the_41_bits_still_gives_numbers() {
        let (first, ms) = next("", i64::MAX, 0).unwrap();
        let (second, later) = next("", NOW, ms).unwrap();
        assert!(later > ms);
        assert_ne!(first[..8], second[..8]);
    }

    #[test]
    fn the_prefix_is_honoured_and_32_characters_are_used() {
        for prefix in ["", "10086123", "sz0100d9ue", "12345678901234567890"] {
            let (number, _) = next(prefix, NOW, 0).unwrap();
            assert!(number.starts_with(prefix), "{number}");
            assert_eq!(number.len(), 32, "{number}");
            assert!(number.bytes().all(|b| b.is_ascii_alphanumeric()), "{number}");
        }
        let Err(Fault::Job(error)) = next("123456789012345678901", NOW, 0) else { panic!("a long prefix is refused") };
        assert_eq!(error.code(), "invalid_config");
    }

    #[test]
    fn the_time_is_eight_digits_of_base_36() {
        let text = |ms| {
            let mut text = String::new();
            push_time(&mut text, ms);
            text
        };
        assert_eq!(text(0), "00000000");
        assert_eq!(text(36 * 36 + 35), "0000010Z");
        assert_eq!(i64::from_str_radix(&text((1 << 41) - 1), 36).unwrap(), (1 << 41) - 1);
        assert_eq!(i64::from_str_radix(&text(NOW - EPOCH_MS), 36).unwrap(), NOW - EPOCH_MS);
    }

    #[test]
    fn every_character_is_as_likely_as_the_others() {
        let mut text = String::new();
        push_random(&mut text, 360_000).unwrap();
        for digit in DIGITS {
            let seen = text.bytes().filter(|b| b == digit).count();
            assert!((9_300..10_700).contains(&seen), "{seen} times {}", char::from(*digit)); // 10 000 ± 7 sigma
        }
    }

    #[test]
    fn two_devices_with_one_clock_make_different_numbers() {
        let numbers: HashSet<_> = (0..1_000).map(|_| next("12345678", NOW, 0).unwrap().0).collect();
        assert_eq!(numbers.len(), 1_000);
    }
}
