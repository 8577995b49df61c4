//! Civil days and UTC milliseconds. A handful of lines; a calendar library would be the largest dependency here.

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of a day counted from 1970-01-01: year, month, day.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The date `YYYY-MM-DD` on which `utc_ms` falls for a merchant whose days are `offset_minutes` ahead of UTC and begin
/// `cut_over_minutes` after midnight.
pub(crate) fn business_day(utc_ms: i64, offset_minutes: i32, cut_over_minutes: i32) -> String {
    let shift = i64::from(offset_minutes) - i64::from(cut_over_minutes);
    let (year, month, day) = civil_from_days((utc_ms + shift * 60_000).div_euclid(86_400_000));
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree_over_four_centuries() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 3, 1), 11_017);
        // Miri is some thousand times slower.
        for days in (-146_097..146_097).step_by(if cfg!(miri) { 997 } else { 1 }) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn a_sale_after_midnight_belongs_to_the_day_before_the_cut_over() {
        let half_past_one_in_beijing = 1_767_202_200_000; // 2026-01-01 01:30 +08:00
        assert_eq!(business_day(half_past_one_in_beijing, 480, 0), "2026-01-01");
        assert_eq!(business_day(half_past_one_in_beijing, 480, 240), "2025-12-31");
    }
}
