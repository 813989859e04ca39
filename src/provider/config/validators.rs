//! Checks of the provider block's values. No message repeats a value that may be secret.

use std::time::Duration;

use crate::framework::Value;
use crate::framework::duration::parse_duration;
use crate::framework::schema::Validator;
use crate::service::Arn;

const SHORTEST_SESSION: Duration = Duration::from_secs(15 * 60);
const LONGEST_SESSION: Duration = Duration::from_secs(12 * 60 * 60);

fn text(
    allowed: &'static str,
    check: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
) -> Validator {
    Validator::new(allowed, move |value| match value {
        Value::String(text) => check(text),
        _ => Ok(()),
    })
}

/// One of these words.
pub(super) fn one_of(words: &'static [&'static str]) -> Validator {
    let allowed = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
    let message = allowed.clone();
    Validator::new(allowed, move |value| match value {
        Value::String(text) if !words.contains(&text.as_str()) => Err(format!("`{text}` is not {message}")),
        _ => Ok(()),
    })
}

/// Twelve digits, each.
pub(super) fn account_ids() -> Validator {
    Validator::new("AWS account ids: twelve digits each", |value| {
        let Value::Set(elements) = value else { return Ok(()) };
        for element in elements {
            if let Value::String(text) = element
                && !(text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
            {
                return Err(format!("`{text}` is not an AWS account id: twelve digits"));
            }
        }
        Ok(())
    })
}

/// The ARN of an IAM role.
pub(super) fn role_arn() -> Validator {
    text("the ARN of an IAM role", |text| {
        let is_role =
            text.parse().is_ok_and(|arn: Arn| arn.service() == "iam" && arn.resource().starts_with("role/"));
        if is_role {
            Ok(())
        } else {
            Err(format!("`{text}` is not the ARN of an IAM role (arn:aws:iam::...:role/...)"))
        }
    })
}

/// Letters, digits and `+=,.@_-`, 2 to 64 of them.
pub(super) fn session_word() -> Validator {
    text("2-64 letters, digits and `_+=,.@-`", |text| {
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
        if (2..=64).contains(&text.chars().count()) && text.chars().all(is_allowed) {
            Ok(())
        } else {
            Err(format!("`{text}` does not have 2 to 64 letters, digits and `_+=,.@-` only"))
        }
    })
}

/// How long a role session may last.
pub(super) fn session_duration() -> Validator {
    text("15 minutes to 12 hours, such as `1h` or `1h30m`", |text| {
        let duration = parse_duration(text).map_err(|error| error.to_string())?;
        if (SHORTEST_SESSION..=LONGEST_SESSION).contains(&duration) {
            Ok(())
        } else {
            Err(format!("`{text}` is not between 15 minutes and 12 hours"))
        }
    })
}

/// A policy as JSON.
pub(super) fn json_object() -> Validator {
    text("an IAM policy as JSON", |text| match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err("the policy is not a JSON object".to_owned()),
        Err(error) => Err(format!("the policy is not valid JSON: {error}")),
    })
}

/// An endpoint, or an empty text for AWS's own.
pub(super) fn endpoint() -> Validator {
    text("a URL such as `http://localhost:4566`", |text| {
        if text.is_empty() || is_url(text) {
            Ok(())
        } else {
            Err(format!("`{text}` is not a URL with http:// or https://"))
        }
    })
}

/// A proxy, or an empty text for none.
pub(super) fn proxy() -> Validator {
    text("a URL such as `http://proxy.example.com:3128`", |text| {
        let is_bare = !text.contains("://") && is_url(&format!("http://{text}"));
        if text.is_empty() || is_bare || is_url(text) {
            Ok(())
        } else {
            Err("the proxy is not a URL with http:// or https://".to_owned())
        }
    })
}

fn is_url(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// Not negative.
pub(super) fn whole_number() -> Validator {
    Validator::new("a whole number of at least 0", |value| match value {
        Value::Number(number) if number.to_i64().is_none_or(|number| u32::try_from(number).is_err()) => {
            Err("the number is not a whole number of at least 0".to_owned())
        }
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(validator: &Validator, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(validator.check(&Value::String((*text).to_owned())), Ok(()), "{text}");
        }
        for text in bad {
            assert!(validator.check(&Value::String((*text).to_owned())).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_are_checked() {
        check(&one_of(&["standard", "adaptive"]), &["standard"], &["legacy", ""]);
        check(
            &role_arn(),
            &["arn:aws-cn:iam::123456789012:role/a/b"],
            &["r", "arn:aws:iam::123456789012:user/u"],
        );
        check(&session_word(), &["me@example.com"], &["a", "a b"]);
        check(&session_duration(), &["15m", "1h30m", "12h"], &["14m", "13h", "3600"]);
        check(&json_object(), &["{}"], &["[]", "{"]);
        check(
            &endpoint(),
            &["", "http://localhost:4566", "https://ecs.example.com"],
            &["localhost", "ftp://a"],
        );
        check(&proxy(), &["", "proxy:3128", "http://me:pw@proxy:3128"], &["ftp://proxy", "http://"]);
    }

    #[test]
    fn a_refused_proxy_is_not_repeated() {
        let refused = proxy().check(&Value::String("ftp://me:hidden@proxy".to_owned())).expect_err("refused");
        assert!(!refused.contains("hidden"));
    }

    #[test]
    fn account_ids_have_twelve_digits_and_unknown_ones_are_left_alone() {
        let ids = |ids: &[&str]| {
            let mut elements: Vec<_> = ids.iter().map(|id| Value::String((*id).to_owned())).collect();
            elements.push(Value::unknown());
            Value::Set(elements)
        };
        assert_eq!(account_ids().check(&ids(&["123456789012"])), Ok(()));
        assert!(account_ids().check(&ids(&["12345678901"])).is_err());
    }

    #[test]
    fn retries_are_not_negative() {
        assert_eq!(whole_number().check(&Value::Number(0_i64.into())), Ok(()));
        assert!(whole_number().check(&Value::Number((-1_i64).into())).is_err());
    }
}
