//! Reading an operation's input, and pages of an answer.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Tags;

/// The input as a typed structure; members that the structure does not name are ignored, as AWS does.
///
/// # Errors
/// `SerializationException` when a member has the wrong type.
pub(crate) fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    let input = match &request.input {
        Value::Null => Value::Object(serde_json::Map::new()),
        input => input.clone(),
    };
    serde_json::from_value(input)
        .map_err(|error| ApiError::client("SerializationException", error.to_string()))
}

/// One page of `items`: at most `max_results` from `next_token` on, and the token of the next page.
///
/// # Errors
/// `InvalidParameterException` for a token that the sandbox did not make.
pub(crate) fn page<T: Clone>(
    items: &[T],
    max_results: Option<usize>,
    next_token: Option<&str>,
    default_page: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match next_token {
        None | Some("") => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|start| *start <= items.len())
            .ok_or_else(|| ApiError::client("InvalidParameterException", "Invalid token."))?,
    };
    let size = max_results.unwrap_or(default_page).clamp(1, 100);
    let end = start.saturating_add(size).min(items.len());
    Ok((items[start..end].to_vec(), (end < items.len()).then(|| end.to_string())))
}

/// Tags in the form of ECS: `[{key, value}]`.
pub(crate) fn flatten_tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| serde_json::json!({"key": key, "value": value})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_every_item_once() {
        let items: Vec<u32> = (0..25).collect();
        let (first, token) = page(&items, None, None, 10).unwrap();
        let (second, token) = page(&items, None, token.as_deref(), 10).unwrap();
        let (third, end) = page(&items, Some(10), token.as_deref(), 10).unwrap();
        assert_eq!([first, second, third].concat(), items);
        assert_eq!(end, None);
        assert!(page(&items, None, Some("nonsense"), 10).is_err());
    }
}
