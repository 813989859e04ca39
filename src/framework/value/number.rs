//! Numbers of arbitrary precision.

use bigdecimal::{BigDecimal, ToPrimitive};

/// A number as cty keeps it: decimal, of arbitrary precision, compared by value (`1` equals `1.0`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub(crate) BigDecimal);

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(BigDecimal::from(value))
    }
}

impl Number {
    /// The number as `i64`, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }
}
