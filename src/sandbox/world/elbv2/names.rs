//! What ELBv2 demands of the names of load balancers and target groups.

use super::validation;
use crate::sandbox::api::ApiError;

/// Longest name.
const MAX_LENGTH: usize = 32;

/// Checks the name of a load balancer or target group, which `noun` calls by its kind.
pub(super) fn check(noun: &str, name: &str) -> Result<(), ApiError> {
    let article = format!("{noun} name '{name}'");
    if name.is_empty() {
        return Err(validation(format!("A {} name must be specified", noun.to_lowercase())));
    }
    if name.len() > MAX_LENGTH {
        return Err(validation(format!("{article} cannot be longer than '{MAX_LENGTH}' characters")));
    }
    if name.bytes().any(|byte| !byte.is_ascii_alphanumeric() && byte != b'-') {
        return Err(validation(format!(
            "{article} can only contain characters that are alphanumeric characters and hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(validation(format!("{article} cannot begin or end with a hyphen(-)")));
    }
    if noun == "Load balancer" && name.starts_with("internal-") {
        return Err(validation(format!("{article} cannot begin with 'internal-'")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_and_without_hyphens_at_their_ends() {
        assert!(check("Load balancer", "xp-alb-0123456789-0").is_ok());
        assert!(check("Target group", "internal-a").is_ok());
        let too_long = "a".repeat(33);
        for name in ["", "-a", "a-", "a_b", "internal-a", too_long.as_str()] {
            assert_eq!(check("Load balancer", name).expect_err("refused").code, "ValidationError", "{name}");
        }
    }
}
