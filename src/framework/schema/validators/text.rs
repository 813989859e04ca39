//! Checks of strings.

use crate::framework::Value;
use crate::framework::schema::Validator;

/// One of these strings.
pub fn one_of(allowed: &'static [&'static str]) -> Validator {
    let list: Vec<String> = allowed.iter().map(|text| format!("{text:?}")).collect();
    of_text(list.join(", "), move |text| {
        if allowed.contains(&text) { Ok(()) } else { Err(format!("{text:?} is not one of them")) }
    })
}

/// A string of `least` to `most` characters.
pub fn length_between(least: usize, most: usize) -> Validator {
    of_text(format!("{least}-{most} characters"), move |text| {
        let length = text.chars().count();
        if (least..=most).contains(&length) {
            Ok(())
        } else {
            Err(format!("It has {length} {}", if length == 1 { "character" } else { "characters" }))
        }
    })
}

/// A string of `least` to `most` characters that all satisfy `is_allowed`; `allowed` names them as in
/// `letters, digits, hyphens and underscores`.
pub fn matches(least: usize, most: usize, allowed: &'static str, is_allowed: fn(char) -> bool) -> Validator {
    of_text(format!("{least}-{most} {allowed}"), move |text| {
        if let Some(other) = text.chars().find(|character| !is_allowed(*character)) {
            return Err(format!("{text:?} has the character {other:?}"));
        }
        let length = text.chars().count();
        if (least..=most).contains(&length) {
            Ok(())
        } else {
            Err(format!("{text:?} has {length} characters"))
        }
    })
}

/// A string that begins with `prefix`.
pub fn starts_with(prefix: &'static str) -> Validator {
    of_text(format!("a text that starts with {prefix:?}"), move |text| {
        if text.starts_with(prefix) { Ok(()) } else { Err(format!("{text:?} starts otherwise")) }
    })
}

/// A check of a string; anything else passes, since the type is core's matter.
pub(super) fn of_text(
    allowed: String,
    check: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
) -> Validator {
    Validator::new(allowed, move |value| match value {
        Value::String(text) => check(text),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(validator: &Validator, text: &str, expected: Result<(), &str>) {
        let found = validator.check(&Value::String(text.to_owned()));
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn a_string_is_one_of_those_allowed() {
        let engine = one_of(&["managed", "composed"]);
        assert_eq!(engine.allowed, "\"managed\", \"composed\"");
        check(&engine, "managed", Ok(()));
        check(&engine, "Managed", Err("\"Managed\" is not one of them"));
    }

    #[test]
    fn length_counts_characters() {
        let short = length_between(1, 2);
        check(&short, "\u{e9}\u{e9}", Ok(()));
        check(&short, "", Err("It has 0 characters"));
        check(&short, "abc", Err("It has 3 characters"));
    }

    #[test]
    fn every_character_is_of_the_class() {
        let name = matches(1, 3, "letters", |character| character.is_ascii_alphabetic());
        assert_eq!(name.allowed, "1-3 letters");
        check(&name, "abc", Ok(()));
        check(&name, "a b", Err("\"a b\" has the character ' '"));
        check(&name, "abcd", Err("\"abcd\" has 4 characters"));
    }

    #[test]
    fn a_path_starts_with_a_slash() {
        check(&starts_with("/"), "/health", Ok(()));
        check(&starts_with("/"), "health", Err("\"health\" starts otherwise"));
    }
}
