//! Civil time out of milliseconds: China time for the gateways' answers, GMT for the Date header.

/// The gateways write their times in UTC+8.
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// A moment as calendar fields.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
}

/// `yyyyMMddHHmmss`, China time.
pub(crate) fn compact(utc_ms: i64) -> String {
    let t = civil(utc_ms + CHINA_OFFSET_MS);
    written(&[&four(t.year), &two(t.month), &two(t.day), &two(t.hour), &two(t.minute), &two(t.second)])
}

/// `yyyy-MM-dd HH:mm:ss`, China time.
pub(crate) fn spaced(utc_ms: i64) -> String {
    let t = civil(utc_ms + CHINA_OFFSET_MS);
    let (hour, minute, second) = (two(t.hour), two(t.minute), two(t.second));
    written(&[&four(t.year), b"-", &two(t.month), b"-", &two(t.day), b" ", &hour, b":", &minute, b":", &second])
}

/// The moment that `yyyyMMddHHmmss` names, China time.
pub(crate) fn read_compact(text: &str) -> Option<i64> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    // The year begins on 1 March here, so that the leap day is its last.
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    let moment = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 - CHINA_OFFSET_MS;
    // Read back: so 30 February or 25 o'clock is no moment.
    (compact(moment) == text).then_some(moment)
}

/// The day, China time: a number that tells one day from another.
pub(crate) fn day(utc_ms: i64) -> i64 {
    (utc_ms + CHINA_OFFSET_MS).div_euclid(86_400_000)
}

/// The Date header.
pub(crate) fn http_date(utc_ms: i64) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let t = civil(utc_ms);
    let (weekday, month) = (DAYS[t.weekday].as_bytes(), MONTHS[(t.month - 1) as usize].as_bytes());
    let (hour, minute, second) = (two(t.hour), two(t.minute), two(t.second));
    let (day, year) = (two(t.day), four(t.year));
    written(&[weekday, b", ", &day, b" ", month, b" ", &year, b" ", &hour, b":", &minute, b":", &second, b" GMT"])
}

/// Digits by hand: every answer carries a date, and `format!` would cost as much as its signature.
fn written(parts: &[&[u8]]) -> String {
    String::from_utf8(parts.concat()).expect("digits and letters are UTF-8")
}

fn two(number: i64) -> [u8; 2] {
    [10, 1].map(|place| b'0' + (number / place % 10) as u8)
}

fn four(number: i64) -> [u8; 4] {
    [1000, 100, 10, 1].map(|place| b'0' + (number / place % 10) as u8)
}

/// Days to a date in the proleptic Gregorian calendar, by 400-year eras that begin on 1 March.
fn civil(ms: i64) -> Civil {
    let seconds = ms.div_euclid(1000);
    let (days, in_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil {
        year: era * 400 + year_of_era + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: in_day / 3600,
        minute: in_day / 60 % 60,
        second: in_day % 60,
        weekday: (days + 4).rem_euclid(7) as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_china_time_and_the_date_header_is_gmt() {
        let moment = 1_709_222_399_000; // Thu 29 Feb 2024 15:59:59 UTC
        assert_eq!(compact(moment), "20240229235959");
        assert_eq!(spaced(moment + 1000), "2024-03-01 00:00:00");
        assert_eq!(http_date(moment), "Thu, 29 Feb 2024 15:59:59 GMT");
        assert_eq!(read_compact("20240229235959"), Some(moment));
        assert_eq!(["20240230000000", "20240229240000", "2024022923595"].map(read_compact), [None; 3]);
        assert_eq!(day(moment + 1000), day(moment) + 1);
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
