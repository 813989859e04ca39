//! One way to describe every kind: by identifiers, filters and pages.

use serde_json::{Value, json};

use super::not_found;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Tags;
use crate::sandbox::world::input::{list, page, page_size, text, texts};
use crate::sandbox::world::region::RegionState;

/// Largest page of every describing operation.
const PAGE_SIZE: usize = 1000;

/// What the describing operations need to know about a kind of thing.
pub(super) trait Described {
    /// Output member that holds the list, for example `Vpcs`.
    const LIST: &'static str;
    /// Input member that holds identifiers, for example `VpcIds`.
    const IDS: &'static str;
    /// Error code and noun for an identifier that is not there.
    const NOT_FOUND: (&'static str, &'static str);

    /// Identifier.
    fn id(&self) -> &str;
    /// Tags.
    fn tags(&self) -> &Tags;
    /// The values that a filter compares with; `None` if the kind has no such filter.
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>>;
    /// The thing as the API describes it.
    fn output(&self, region: &RegionState) -> Value;
}

impl<T: Described> Described for &T {
    const LIST: &'static str = T::LIST;
    const IDS: &'static str = T::IDS;
    const NOT_FOUND: (&'static str, &'static str) = T::NOT_FOUND;

    fn id(&self) -> &str {
        (**self).id()
    }
    fn tags(&self) -> &Tags {
        (**self).tags()
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        (**self).filter_values(filter, region)
    }
    fn output(&self, region: &RegionState) -> Value {
        (**self).output(region)
    }
}

/// Describes those of `things` that the input names and its filters admit, one page of them.
pub(super) fn describe<T: Described>(
    region: &RegionState,
    things: impl Iterator<Item = T>,
    input: &Value,
) -> Result<Value, ApiError> {
    let ids = texts(input, T::IDS);
    let asked: Vec<T> = things.filter(|thing| ids.is_empty() || ids.contains(&thing.id())).collect();
    if let Some(missing) = ids.iter().find(|id| asked.iter().all(|thing| thing.id() != **id)) {
        return Err(not_found(T::NOT_FOUND.0, T::NOT_FOUND.1, missing));
    }
    let filters = list(input, "Filters");
    let mut described = Vec::new();
    for thing in asked {
        if is_admitted(&thing, filters, region)? {
            described.push(thing.output(region));
        }
    }
    let page = page(described, page_size(input, "MaxResults", PAGE_SIZE), text(input, "NextToken"));
    let invalid = || ApiError::client("InvalidNextToken", "The token is invalid.");
    let page = page.ok_or_else(invalid)?;
    Ok(json!({T::LIST: page.items, "NextToken": page.next_token}))
}

/// Whether every filter admits the thing. A filter admits it if one of its values matches.
fn is_admitted<T: Described>(thing: &T, filters: &[Value], region: &RegionState) -> Result<bool, ApiError> {
    for filter in filters {
        let name = text(filter, "Name").unwrap_or_default();
        let present = tag_values(thing.tags(), name).or_else(|| thing.filter_values(name, region));
        let present = present.ok_or_else(|| super::invalid(format!("The filter '{name}' is invalid")))?;
        let wanted = texts(filter, "Values");
        if !present.iter().any(|value| wanted.iter().any(|pattern| matches(pattern, value))) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn tag_values(tags: &Tags, filter: &str) -> Option<Vec<String>> {
    if filter == "tag-key" {
        return Some(tags.keys().cloned().collect());
    }
    let key = filter.strip_prefix("tag:")?;
    Some(tags.get(key).cloned().into_iter().collect())
}

/// Whether `value` matches a pattern with `*` for any text and `?` for one character.
fn matches(pattern: &str, value: &str) -> bool {
    let (pattern, value): (Vec<char>, Vec<char>) = (pattern.chars().collect(), value.chars().collect());
    let (mut at_pattern, mut at_value) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at_value < value.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                retry = Some((at_pattern, at_value));
                at_pattern += 1;
            }
            Some(character) if *character == '?' || *character == value[at_value] => {
                at_pattern += 1;
                at_value += 1;
            }
            _ => {
                let Some((star, taken)) = retry else { return false };
                retry = Some((star, taken + 1));
                (at_pattern, at_value) = (star + 1, taken + 1);
            }
        }
    }
    pattern[at_pattern..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_ec2_filters_do() {
        let cases = [
            ("vpc-1", "vpc-1", true),
            ("vpc-1", "vpc-12", false),
            ("vpc-*", "vpc-12", true),
            ("*-1?", "vpc-12", true),
            ("*", "", true),
            ("?", "", false),
            ("a*b*c", "axxbyybc", true),
            ("a*b", "axxbx", false),
        ];
        for (pattern, value, expected) in cases {
            assert_eq!(matches(pattern, value), expected, "{pattern} {value}");
        }
    }
}
