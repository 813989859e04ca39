//! Lines for logs and CI: one for each change, with time and service.

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::state::{News, State};

const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// `2026-11-01T00:00:05Z default/api stage SCALE_UP`.
pub(super) fn line(state: &State, index: usize, news: &News, now: SystemTime) -> String {
    let service = &state.services[index];
    let told = match news {
        News::Changed(change) => change.to_string(),
        News::Gone => "service is gone".to_owned(),
        News::Problem(problem) => format!("cannot be read: {problem}"),
        News::Recovered => "can be read again".to_owned(),
        News::Ended(ending) if service.was_busy => format!("ended: {}", ending.as_str()),
        News::Ended(ending) => format!("had ended before: {}", ending.as_str()),
    };
    format!("{} {} {}", timestamp(now), service.label, one_line(&told))
}

/// The lines of a failure's cause.
pub(super) fn cause_lines(state: &State, index: usize, now: SystemTime) -> Vec<String> {
    let service = &state.services[index];
    let line = |text: &String| format!("{} {} | {}", timestamp(now), service.label, one_line(text));
    service.cause.iter().map(line).collect()
}

/// AWS's words may hold line breaks and control characters; a line of a log holds none.
fn one_line(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// The time as in AWS's own logs.
pub(super) fn timestamp(time: SystemTime) -> String {
    // Fails only for years that nobody will see.
    OffsetDateTime::from(time).format(TIMESTAMP).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(one_line("a\nb\u{1b}[2Jc"), "a b [2Jc");
    }

    #[test]
    fn the_time_is_that_of_utc_to_the_second() {
        assert_eq!(timestamp(SystemTime::UNIX_EPOCH), "1970-01-01T00:00:00Z");
    }
}
