//! Checks of numbers.

use crate::framework::schema::Validator;
use crate::framework::{Number, Value};

/// A whole number from `least` to `most`.
pub fn between(least: i64, most: i64) -> Validator {
    of_number(format!("a whole number from {least} to {most}"), move |number| {
        number.to_i64().is_some_and(|number| (least..=most).contains(&number))
    })
}

/// A number, whole or not, from `least` to `most`.
pub fn float_between(least: i64, most: i64) -> Validator {
    of_number(format!("a number from {least} to {most}"), move |number| {
        *number >= Number::from(least) && *number <= Number::from(most)
    })
}

fn of_number(allowed: String, is_allowed: impl Fn(&Number) -> bool + Send + Sync + 'static) -> Validator {
    Validator::new(allowed, move |value| match value {
        Value::Number(number) if !is_allowed(number) => Err(format!("It is {number}")),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.parse().expect("a number"))
    }

    #[test]
    fn a_whole_number_is_in_its_range() {
        let port = between(1, 65_535);
        assert_eq!(port.allowed, "a whole number from 1 to 65535");
        assert_eq!(port.check(&number("80")), Ok(()));
        assert_eq!(port.check(&number("80.5")), Err("It is 80.5".to_owned()));
        assert_eq!(port.check(&number("99999999999999999999")), Err("It is 99999999999999999999".to_owned()));
    }

    #[test]
    fn a_number_may_have_a_fraction() {
        assert_eq!(float_between(1, 100).check(&number("99.9")), Ok(()));
        assert_eq!(float_between(1, 100).check(&number("100.1")), Err("It is 100.1".to_owned()));
    }
}
