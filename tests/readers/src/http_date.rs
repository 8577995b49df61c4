//! The Date header: the gateway's clock. What is read is what was written, or nothing is read.

use paywand::readers;

use crate::seen;

const DAY_SECONDS: i64 = 86_400;
const MONTHS: [(&str, i64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(ms) = readers::http_date(&text) else {
        seen::note("refused");
        return;
    };
    seen::note("taken");
    let seconds = ms.div_euclid(1_000);
    assert_eq!(ms.rem_euclid(1_000), 0);
    let (_, date) = text.split_once(", ").expect("a weekday stands in front");
    // A day that its month has not, and the leap second, are read as the day and the minute after.
    assert!(!exists(date) || written(seconds) == date, "{text:?} was read as {}", written(seconds));
}

fn exists(date: &str) -> bool {
    let mut words = date.split(' ');
    let (day, month, year) = (words.next(), words.next(), words.next());
    let number = |word: Option<&str>| word.and_then(|word| word.parse::<i64>().ok()).unwrap_or_default();
    let days = MONTHS
        .iter()
        .find(|(name, _)| Some(*name) == month)
        .map_or(0, |(name, days)| days_of(name, *days, number(year)));
    number(day) <= days && !date.ends_with(":60 GMT")
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(month: &str, days: i64, year: i64) -> i64 {
    days + i64::from(month == "Feb" && is_leap(year))
}

/// The date without its weekday, counted year by year and month by month.
fn written(seconds: i64) -> String {
    let (mut days, clock) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    let mut year = 1970;
    loop {
        let length = 365 + i64::from(is_leap(year));
        if days < length {
            break;
        }
        (days, year) = (days - length, year + 1);
    }
    let mut months = MONTHS.iter();
    let month = loop {
        let (name, days_of_it) = months.next().expect("a year has twelve months");
        let length = days_of(name, *days_of_it, year);
        if days < length {
            break name;
        }
        days -= length;
    };
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    format!("{:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT", days + 1)
}
