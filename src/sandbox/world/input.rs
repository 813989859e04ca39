//! Reading an operation's input and cutting its answer into pages, alike for every service.

use serde_json::Value;

/// The text of an input member.
pub(crate) fn text<'a>(input: &'a Value, member: &str) -> Option<&'a str> {
    input.get(member).and_then(Value::as_str)
}

/// The texts of a list member; empty if the member is absent.
pub(crate) fn texts<'a>(input: &'a Value, member: &str) -> Vec<&'a str> {
    list(input, member).iter().filter_map(Value::as_str).collect()
}

/// The elements of a list member; empty if the member is absent.
pub(crate) fn list<'a>(input: &'a Value, member: &str) -> &'a [Value] {
    input.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The elements of this page.
    pub(crate) items: Vec<T>,
    /// Token of the next page, if there is one.
    pub(crate) next_token: Option<String>,
}

/// The page of `items` that begins at `token` and has at most `size` elements. `None` for a token that no page
/// of such a list had.
pub(crate) fn page<T>(items: Vec<T>, size: usize, token: Option<&str>) -> Option<Page<T>> {
    let start = match token {
        None | Some("") => 0,
        Some(token) => {
            let start = token.strip_prefix("page-")?.parse::<usize>().ok()?;
            // Elements deleted since may leave nothing at the start: then the last page is empty.
            start.min(items.len())
        }
    };
    let end = start.saturating_add(size.max(1)).min(items.len());
    let next_token = (end < items.len()).then(|| format!("page-{end}"));
    let items = items.into_iter().skip(start).take(end - start).collect();
    Some(Page { items, next_token })
}

/// The page size that the input asks for under `member`, or `default`; never more than `default`.
pub(crate) fn page_size(input: &Value, member: &str, default: usize) -> usize {
    let asked = input.get(member).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    asked.unwrap_or(default).clamp(1, default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let first = page(vec![1, 2, 3], 2, None).unwrap();
        assert_eq!(first.items, [1, 2]);
        let second = page(vec![1, 2, 3], 2, first.next_token.as_deref()).unwrap();
        assert_eq!((second.items, second.next_token), (vec![3], None));
    }

    #[test]
    fn a_foreign_token_is_refused() {
        assert_eq!(page(vec![1], 1, Some("abc")), None);
    }

    #[test]
    fn the_page_size_is_held_within_its_bounds() {
        let sizes = [json!({}), json!({"n": 0}), json!({"n": 7}), json!({"n": 5000})];
        let sizes = sizes.map(|input| page_size(&input, "n", 100));
        assert_eq!(sizes, [100, 1, 7, 100]);
    }
}
