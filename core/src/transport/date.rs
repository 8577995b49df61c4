//! The Date header: the only clock of the gateway that the till sees.

use crate::calendar::days_from_civil;

/// UTC milliseconds of an HTTP date in the form that servers must send (RFC 9110 5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT`. The two obsolete forms are not read.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = number(words.next()?, 2, 1..=31)?;
    let month = words.next()?;
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, _) = (1..).zip(months).find(|(_, name)| *name == month)?;
    let year = number(words.next()?, 4, 2000..=9999)?;
    let mut clock = words.next()?.split(':');
    let hour = number(clock.next()?, 2, 0..=23)?;
    let minute = number(clock.next()?, 2, 0..=59)?;
    let second = number(clock.next()?, 2, 0..=60)?;
    if words.next()? != "GMT" || words.next().is_some() || clock.next().is_some() {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    Some((days_from_civil(year, month, day) * 86_400 + seconds) * 1_000)
}

fn number(text: &str, digits: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    if text.len() != digits || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|value| range.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_become_milliseconds() {
        assert_eq!(parse("Thu, 01 Jan 2026 00:00:00 GMT"), Some(1_767_225_600_000));
        assert_eq!(parse("Thu, 29 Feb 2024 23:59:60 GMT"), Some(1_709_251_200_000));
        for text in [
            "",
            "Thu, 01 Jan 2026 00:00:00",
            "Thu, 01 Jan 2026 00:00:00 CET",
            "Thu, 1 Jan 2026 00:00:00 GMT",
            "Thu, 01 jan 2026 00:00:00 GMT",
            "Thu, 01 Jan 2026 24:00:00 GMT",
            "Thu, 01 Jan +026 00:00:00 GMT",
            "Thu, 01 Jan 1999 00:00:00 GMT",
            "Thursday, 01-Jan-26 00:00:00 GMT",
            "Thu, 01 Jan 2026 00:00:00 GMT GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
