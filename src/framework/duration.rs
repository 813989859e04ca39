//! Durations as Go writes them: `1h30m`, `45s`, `1.5h`.

use std::time::Duration;

/// A text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration such as `90s`, `30m` or `1h30m`")]
pub struct DurationError {
    /// What was given.
    pub text: String,
}

/// Units, longest name first where one is the beginning of another, with their length in nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ns", 1),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

/// Reads a duration as Go's `time.ParseDuration` does, without signs: numbers, each with a unit. `0` needs none.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError { text: text.to_owned() };
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let end =
            rest.find(|character: char| !character.is_ascii_digit() && character != '.').ok_or_else(error)?;
        let (number, tail) = rest.split_at(end);
        let (unit, nanoseconds) = UNITS.iter().find(|(unit, _)| tail.starts_with(unit)).ok_or_else(error)?;
        let part = parse_part(number, *nanoseconds).ok_or_else(error)?;
        total = total.checked_add(part).ok_or_else(error)?;
        rest = &tail[unit.len()..];
    }
    if text.is_empty() { Err(error()) } else { Ok(total) }
}

fn parse_part(number: &str, nanoseconds: u64) -> Option<Duration> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(nanoseconds)?;
    let mut scale = nanoseconds;
    for digit in fraction.chars() {
        scale /= 10;
        total = total.checked_add(scale * u64::from(digit.to_digit(10)?))?;
    }
    Some(Duration::from_nanos(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let cases = [
            ("0", 0),
            ("90s", 90_000),
            ("30m", 1_800_000),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            (".5s", 500),
            ("1h0m0.25s", 3_600_250),
            ("250ms", 250),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "5", "m", "1x", "-5m", "1h 30m", ".s", "1..5h", "99999999999999999999h", "9999999999h"]
        {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
