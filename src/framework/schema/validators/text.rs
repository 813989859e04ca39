//! Checks of strings.

use crate::framework::Value;
use crate::framework::schema::Validator;

/// One of these strings.
pub fn one_of(allowed: &'static [&'static str]) -> Validator {
    let list: Vec<String> = allowed.iter().map(|text| format!("{text:?}")).collect();
    of_text(list.join(", "), move |text| {
        if allowed.contains(&text) {
            return Ok(());
        }
        let meant =
            nearest(text, allowed).map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
        Err(format!("It is {text:?}{meant}"))
    })
}

/// The word that somebody may have meant: the same in other case, a part of one word alone, or off by two letters.
fn nearest(text: &str, words: &'static [&'static str]) -> Option<&'static str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let wanted = plain(text);
    if let Some(same) = words.iter().find(|word| plain(word) == wanted) {
        return Some(same);
    }
    let near = |word: &&&str| {
        let word = plain(word);
        wanted.len() >= 3 && (word.contains(&wanted) || distance(&word, &wanted) <= 2)
    };
    let mut found = words.iter().filter(near);
    let first = found.next();
    first.filter(|_| found.next().is_none()).copied()
}

/// Letters that must be put in, taken out or changed to make one word of another.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in right.iter().enumerate() {
            let cost = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = cost.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
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
        if text.starts_with(prefix) {
            return Ok(());
        }
        let instead = if prefix == "/" { format!(": write {:?}", format!("/{text}")) } else { String::new() };
        Err(format!("It is {text:?}, which does not start with {prefix:?}{instead}"))
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
        check(&engine, "Managed", Err("It is \"Managed\"; did you mean \"managed\"?"));
        check(&engine, "manged", Err("It is \"manged\"; did you mean \"managed\"?"));
        check(&engine, "nomad", Err("It is \"nomad\""));
        let metric = one_of(&["AVERAGE_CPU", "AVERAGE_MEMORY"]);
        check(&metric, "CPU", Err("It is \"CPU\"; did you mean \"AVERAGE_CPU\"?"));
        check(&metric, "average", Err("It is \"average\""));
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
        let said = "It is \"health\", which does not start with \"/\": write \"/health\"";
        check(&starts_with("/"), "health", Err(said));
        check(&starts_with("sg-"), "x", Err("It is \"x\", which does not start with \"sg-\""));
    }
}
