//! Percentages.

use std::fmt;
use std::str::FromStr;

/// A percentage with at most two decimals, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    hundredths: u16,
}

/// A text is not a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number from 0 to 100 with at most two decimals")]
pub struct PercentError;

const MAX_HUNDREDTHS: u16 = 10_000;

impl Percent {
    /// A whole number of percent; more than 100 counts as 100.
    pub const fn whole(percent: u16) -> Self {
        let hundredths = percent.saturating_mul(100);
        Self { hundredths: if hundredths > MAX_HUNDREDTHS { MAX_HUNDREDTHS } else { hundredths } }
    }

    /// Hundredths of a percent.
    pub const fn hundredths(self) -> u16 {
        self.hundredths
    }

    /// The number as AWS's APIs take it.
    pub fn as_f64(self) -> f64 {
        f64::from(self.hundredths) / 100.0
    }

    /// The nearest percentage to a number that AWS answered.
    pub fn from_f64(value: f64) -> Result<Self, PercentError> {
        format!("{value:.2}").parse()
    }
}

/// Decimal text such as `5`, `0.1` or `12.50`.
impl FromStr for Percent {
    type Err = PercentError;

    fn from_str(text: &str) -> Result<Self, PercentError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let fraction_digits = fraction.trim_end_matches('0');
        if !is_number(whole) || !is_number(fraction) || fraction_digits.len() > 2 {
            return Err(PercentError);
        }
        let whole: u16 = whole.parse().map_err(|_| PercentError)?;
        let fraction: u16 = format!("{fraction_digits:0<2}").parse().map_err(|_| PercentError)?;
        let hundredths = whole.checked_mul(100).and_then(|whole| whole.checked_add(fraction));
        hundredths
            .filter(|hundredths| *hundredths <= MAX_HUNDREDTHS)
            .map(|hundredths| Self { hundredths })
            .ok_or(PercentError)
    }
}

/// The shortest decimal text.
impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_f64().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_has_at_most_two_decimals_and_at_most_a_hundred() {
        for (text, hundredths) in [("5", 500), ("0.1", 10), ("99.99", 9999), ("100.000", 10_000), ("0", 0)] {
            assert_eq!(text.parse(), Ok(Percent { hundredths }), "{text}");
        }
        for text in ["", ".5", "5.", "-1", "100.01", "0.001", "1e2", "655.36", "x"] {
            assert_eq!(text.parse::<Percent>(), Err(PercentError), "{text}");
        }
    }

    #[test]
    fn a_percentage_survives_aws() {
        for text in ["5", "0.1", "33.3", "100"] {
            let percent: Percent = text.parse().expect("valid");
            assert_eq!(percent.to_string(), text);
            assert_eq!(Percent::from_f64(percent.as_f64()), Ok(percent));
        }
        assert_eq!(Percent::whole(5).hundredths(), 500);
        assert!(Percent::from_f64(f64::NAN).is_err());
    }
}
