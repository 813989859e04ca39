//! Durations as Go writes them, which is what `timeouts` hold everywhere in Terraform.

use super::text::of_text;
use crate::framework::duration::parse_duration;
use crate::framework::schema::Validator;

/// A positive Go duration.
pub fn duration() -> Validator {
    of_text(
        "a duration above zero like \"90s\", \"30m\" or \"1h30m\"".to_owned(),
        |text| match parse_duration(text) {
            Ok(duration) if !duration.is_zero() => Ok(()),
            Ok(_) => Err(format!("{text:?} is no time at all")),
            Err(_) => Err(format!("{text:?} is not a duration")),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Value;

    #[test]
    fn a_timeout_is_above_zero() {
        let check = |text: &str| duration().check(&Value::String(text.to_owned()));
        assert_eq!(check("30m"), Ok(()));
        assert_eq!(check("0s"), Err("\"0s\" is no time at all".to_owned()));
        assert_eq!(check("soon"), Err("\"soon\" is not a duration".to_owned()));
    }
}
