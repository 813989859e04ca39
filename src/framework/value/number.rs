//! Numbers of arbitrary precision.

use std::fmt;
use std::str::FromStr;

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, ToPrimitive};

/// More digits, before or after the point, than any number of cty's (512 bits) needs; beyond it comparing
/// would cost more memory than a value is worth.
const MAX_DIGITS: usize = 5_000;

/// A number as cty keeps it: decimal, of arbitrary precision, compared by value (`1` equals `1.0`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub(crate) BigDecimal);

/// A text is not a number, or one beyond every bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most {MAX_DIGITS} digits")]
pub struct NumberError;

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(BigDecimal::from(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(BigDecimal::from(value))
    }
}

/// Decimal text, with or without an exponent.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if text.len() > MAX_DIGITS {
            return Err(NumberError);
        }
        let number = BigDecimal::from_str(text).map_err(|_| NumberError)?;
        let too_small_or_large = number.fractional_digit_count().unsigned_abs() > MAX_DIGITS as u64;
        if too_small_or_large { Err(NumberError) } else { Ok(Self(number.normalized())) }
    }
}

impl Number {
    /// The number as `i64`, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> Option<f64> {
        self.0.to_plain_string().parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// The number as `f64` if core can take it as one: exactly the same number, also in the shortest text that
    /// stands for the float, since that is how core keeps floats in plans and states (measured with Terraform
    /// 1.11.4: 2^63 sent as a float comes back from its plan as 9223372036854776000).
    pub(crate) fn to_faithful_f64(&self) -> Option<f64> {
        let float = self.to_f64()?;
        let is_exact = Self::from_f64(float).as_ref() == Some(self);
        (is_exact && float.to_string().parse().as_ref() == Ok(self)).then_some(float)
    }

    /// Exactly the number that `value` is; `None` for infinities and NaN.
    pub(crate) fn from_f64(value: f64) -> Option<Self> {
        BigDecimal::try_from(value).ok().map(|number| Self(number.normalized()))
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.0.sign() == Sign::Minus
    }
}

/// Decimal text without an exponent.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.to_plain_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect("a number")
    }

    #[test]
    fn numbers_compare_by_value_not_by_spelling() {
        assert_eq!(number("1"), number("1.0"));
        assert_eq!(number("1e3"), Number::from(1000_i64));
        assert!(number("9223372036854775808") > Number::from(i64::MAX));
    }

    #[test]
    fn only_whole_numbers_in_range_are_an_i64() {
        assert_eq!(number("12.0").to_i64(), Some(12));
        assert_eq!(number("12.5").to_i64(), None);
        assert_eq!(number("9223372036854775808").to_i64(), None);
        assert_eq!(number("-9223372036854775808").to_i64(), Some(i64::MIN));
    }

    #[test]
    fn only_a_float_that_core_keeps_as_it_is_is_a_float() {
        assert_eq!(number("1.5").to_faithful_f64(), Some(1.5));
        assert_eq!(number("-0.25").to_faithful_f64(), Some(-0.25));
        assert_eq!(number("0.1").to_faithful_f64(), None);
        assert_eq!(number("9223372036854775808").to_faithful_f64(), None);
        let exactly_a_float = "0.1000000000000000055511151231257827021181583404541015625";
        assert_eq!(number(exactly_a_float).to_faithful_f64(), None);
    }

    #[test]
    fn a_number_beyond_every_bound_is_refused() {
        assert_eq!("1e99999999".parse::<Number>(), Err(NumberError));
        assert_eq!("1e-99999999".parse::<Number>(), Err(NumberError));
        assert_eq!("seven".parse::<Number>(), Err(NumberError));
    }

    #[test]
    fn the_text_has_no_exponent() {
        assert_eq!(number("1e20").to_string(), "100000000000000000000");
        assert_eq!(number("-1.50").to_string(), "-1.5");
    }
}
