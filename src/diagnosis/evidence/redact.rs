//! Log lines without what must not be shown.

/// What stands in a secret's place.
const REDACTED: &str = "[redacted]";
/// Values of the environment that are shorter say nothing, and would make holes everywhere.
const SHORTEST_VALUE: usize = 6;
/// Names whose values are secrets, wherever they stand: `password=...`, `"api_key": "..."`, `Authorization: ...`.
const SECRET_NAMES: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "private_key",
    "authorization",
    "credential",
];
/// Beginnings of words that are secrets themselves: keys of AWS, GitHub, Slack and others, JSON web tokens.
const SECRET_PREFIXES: [&str; 11] =
    ["AKIA", "ASIA", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "eyJ"];
/// Shorter words with such a beginning are none.
const SHORTEST_SECRET_WORD: usize = 16;

/// A line without the given values, values of names that sound like secrets, keys, and passwords in URLs.
///
/// It knows what looks like a secret, not what is one: lines can be turned off altogether.
pub(super) fn redact(line: &str, values: &[String]) -> String {
    let mut line = without_controls(line);
    // A value of several lines is written line by line.
    let mut values: Vec<_> = values.iter().flat_map(|value| value.lines()).map(without_controls).collect();
    values.retain(|value| value.len() >= SHORTEST_VALUE);
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in &values {
        line = line.replace(value.as_str(), REDACTED);
    }
    if line.contains("PRIVATE KEY") {
        return REDACTED.to_owned();
    }
    redact_words(&redact_url_passwords(&redact_named(&line)))
}

/// Control characters could do anything to a terminal.
fn without_controls(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// `password=x`, `"password": "x"` and `Authorization: Bearer x`: what follows the name and its sign is replaced.
fn redact_named(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let mut redacted = String::with_capacity(line.len());
    let mut position = 0;
    while let Some((end_of_name, _)) = find_name(&lower, position) {
        let Some(start) = value_start(line, end_of_name) else {
            redacted.push_str(&line[position..end_of_name]);
            position = end_of_name;
            continue;
        };
        let quote = line[..start].chars().next_back().filter(|it| matches!(it, '"' | '\''));
        let end = start + value_length(&line[start..], quote);
        redacted.push_str(&line[position..start]);
        redacted.push_str(REDACTED);
        position = end;
    }
    redacted.push_str(&line[position..]);
    redacted
}

/// The first secret's name at or after a position: where it ends and how it reads.
fn find_name(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    let found = SECRET_NAMES.into_iter().filter_map(|name| {
        let at = lower[from..].find(name)? + from;
        Some((at + name.len(), name))
    });
    found.min()
}

/// Where the value begins that belongs to a name: behind the rest of the name, quotes, and `=` or `:`.
fn value_start(line: &str, end_of_name: usize) -> Option<usize> {
    let rest = &line[end_of_name..];
    // `secretsmanager` and `tokenizer` are other words.
    if rest.trim_start_matches(['s', 'S']).starts_with(|it: char| it.is_ascii_lowercase()) {
        return None;
    }
    let name_end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_' && it != '-')?;
    let sign = name_end + rest[name_end..].find(|it: char| !matches!(it, '"' | '\'' | ' ' | '\\'))?;
    if !rest[sign..].starts_with(['=', ':']) {
        return None;
    }
    let behind = sign + 1;
    let value = behind + rest[behind..].find(|it: char| !matches!(it, '"' | '\'' | ' ' | '\\'))?;
    Some(end_of_name + value)
}

/// The value up to its closing quote, or else its end; a scheme of authorization (`Bearer`, `Basic`) takes the next word
/// with it.
fn value_length(value: &str, quote: Option<char>) -> usize {
    if let Some(quote) = quote {
        return value.find(quote).unwrap_or(value.len());
    }
    let word_end = |text: &str| text.find([' ', '"', '\'', ',', '&', ';', '}']).unwrap_or(text.len());
    let first = word_end(value);
    let is_scheme = ["bearer", "basic", "digest"].iter().any(|it| value[..first].eq_ignore_ascii_case(it));
    match value[first..].strip_prefix(' ') {
        Some(rest) if is_scheme => first + 1 + word_end(rest),
        _ => first,
    }
}

/// `postgres://user:password@host`.
fn redact_url_passwords(line: &str) -> String {
    let mut redacted = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        redacted.push_str(before);
        redacted.push_str("://");
        let authority_end = after.find([' ', '"', '\'']).unwrap_or(after.len());
        match after[..authority_end].rfind('@').and_then(|at| Some((at, after[..at].find(':')?))) {
            Some((at, colon)) => {
                redacted.push_str(&after[..=colon]);
                redacted.push_str(REDACTED);
                rest = &after[at..];
            }
            None => rest = after,
        }
    }
    redacted.push_str(rest);
    redacted
}

fn redact_words(line: &str) -> String {
    let is_word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.');
    let mut redacted = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let word_end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
        let word = &rest[..word_end];
        let is_secret = word.len() >= SHORTEST_SECRET_WORD
            && SECRET_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
        redacted.push_str(if is_secret { REDACTED } else { word });
        let next = rest[word_end..].chars().next().map_or(0, char::len_utf8);
        redacted.push_str(&rest[word_end..word_end + next]);
        rest = &rest[word_end + next..];
    }
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(redact(line, &[]), expected);
    }

    #[test]
    fn values_of_the_environment_are_never_shown() {
        let values = ["hunter22".to_owned(), "hunter22-long".to_owned(), "80".to_owned()];
        let line = "cannot log in with hunter22-long or hunter22 on port 80";
        assert_eq!(redact(line, &values), "cannot log in with [redacted] or [redacted] on port 80");
    }

    #[test]
    fn each_line_of_a_value_is_a_value() {
        let values = ["first line\nsecond line".to_owned()];
        assert_eq!(redact("got second line!", &values), "got [redacted]!");
    }

    #[test]
    fn values_of_secret_names_are_not_shown() {
        check("DB_PASSWORD=abc host=db", "DB_PASSWORD=[redacted] host=db");
        check("dsn user=a password='x y' ok", "dsn user=a password='[redacted]' ok");
        check(r#"{"apiKey": "abc", "n": 1}"#, r#"{"apiKey": "[redacted]", "n": 1}"#);
        check("Authorization: Bearer abc.def rest", "Authorization: [redacted] rest");
        check("secret_token=abc&x=1", "secret_token=[redacted]&x=1");
        check("tokens are expired", "tokens are expired");
        check(
            "may not perform secretsmanager:GetSecretValue",
            "may not perform secretsmanager:GetSecretValue",
        );
        check("accessKeyId=abc", "accessKeyId=[redacted]");
        check("invalid password", "invalid password");
    }

    #[test]
    fn keys_tokens_and_passwords_in_urls_are_not_shown() {
        check("key AKIAIOSFODNN7EXAMPLE!", "key [redacted]!");
        check("jwt eyJhbGciOiJIUzI1NiJ9.e30.x", "jwt [redacted]");
        check("to postgres://app:pa:ss@db:5432/x failed", "to postgres://app:[redacted]@db:5432/x failed");
        check("see https://example.com/a:b", "see https://example.com/a:b");
        check("-----BEGIN RSA PRIVATE KEY-----", "[redacted]");
        check("ASIA is a continent", "ASIA is a continent");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        check("\u{1b}[31mred\u{7}", " [31mred ");
        check("für Größe €=5", "für Größe €=5");
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_too_odd(line in ".{0,80}", value in ".{6,12}") {
            let value = value.chars().filter(|it| !it.is_control()).collect::<String>();
            let redacted = redact(&format!("{line}{value} password={value}"), std::slice::from_ref(&value));
            proptest::prop_assert!(value.len() < 6 || REDACTED.contains(&value) || !redacted.contains(&value));
        }
    }
}
