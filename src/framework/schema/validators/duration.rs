//! Durations as Go writes them, which is what `timeouts` hold everywhere in Terraform.

use std::time::Duration;

use super::text::of_text;
use crate::framework::schema::Validator;

/// Nanoseconds of each unit, longer names before those that begin like them.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("\u{b5}s", 1e3),
    ("\u{3bc}s", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3_600e9),
];

/// A positive Go duration.
pub fn duration() -> Validator {
    of_text(
        "a duration above zero like \"90s\", \"30m\" or \"1h30m\"".to_owned(),
        |text| match parse_duration(text) {
            Some(duration) if !duration.is_zero() => Ok(()),
            Some(_) => Err(format!("{text:?} is no time at all")),
            None => Err(format!("{text:?} is not a duration")),
        },
    )
}

/// Reads a Go duration that is not negative: numbers with units, as in `1h30m`, `1.5h`, `90s`, or `0`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, unit_and_rest) = rest.split_at(end);
        let (unit, scale) = unit_of(unit_and_rest)?;
        nanoseconds += number.parse::<f64>().ok()? * scale;
        rest = unit_and_rest.strip_prefix(unit)?;
    }
    Duration::try_from_secs_f64(nanoseconds / 1e9).ok()
}

fn unit_of(text: &str) -> Option<(&'static str, f64)> {
    let end =
        text.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(text.len());
    UNITS.into_iter().find(|(unit, _)| *unit == &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Value;

    #[test]
    fn durations_read_as_go_reads_them() {
        for (text, seconds) in [
            ("90s", 90.0),
            ("1h30m", 5_400.0),
            ("1.5h", 5_400.0),
            ("500ms", 0.5),
            ("0", 0.0),
            ("2m0s", 120.0),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "5", "m", "1x", "1h-3m", "-1s", ".s", "1e3s", "99999999999999999999h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_timeout_is_above_zero() {
        let check = |text: &str| duration().check(&Value::String(text.to_owned()));
        assert_eq!(check("30m"), Ok(()));
        assert_eq!(check("0s"), Err("\"0s\" is no time at all".to_owned()));
        assert_eq!(check("soon"), Err("\"soon\" is not a duration".to_owned()));
    }
}
