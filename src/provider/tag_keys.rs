//! Keys of tags that no user may set: AWS's own and this provider's. They are never shown, so a configuration with one would
//! differ for ever.

use crate::framework::Value;
use crate::framework::schema::Validator;
use crate::service::{TAG_KEY_PREFIX, is_system_tag};

/// What may stand in a key, in words.
pub(crate) const ALLOWED: &str = "a key that begins neither with `aws:`, which is AWS's own, nor with \
                                  `terraform-provider-express:`, which is this provider's, and is not `AmazonECSManaged`, \
                                  by which ECS knows what it made";

/// Whether a key is AWS's or this provider's.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.to_lowercase().starts_with("aws:") || key.starts_with(TAG_KEY_PREFIX) || is_system_tag(key)
}

/// Refuses reserved keys.
pub(crate) fn key_validator() -> Validator {
    Validator::new(ALLOWED, |value| match value {
        Value::String(key) if is_reserved(key) => Err(format!("The key is {key:?}")),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_and_this_provider_have_keys_of_their_own() {
        for key in [
            "aws:a",
            "AWS:a",
            "AmazonECSManaged",
            "terraform-provider-express:managed",
            "terraform-provider-express:x",
        ] {
            assert!(is_reserved(key), "{key}");
        }
        for key in ["team", "awsome", "my-terraform-provider-express:x", "amazon"] {
            assert!(!is_reserved(key), "{key}");
        }
    }
}
