//! JSON documents, leaf by leaf.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// How the leaves of a kind of document are decided.
pub struct Rules<'a> {
    /// Lists whose elements have keys: the list's name, and the members that are the key together.
    pub keys: &'a [(&'a str, &'a [&'a str])],
    /// The rule of what is at a path.
    pub rule: &'a dyn Fn(&str) -> Rule,
}

/// Who decides what is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// What we want is enforced.
    Enforced,
    /// What we want is enforced, and nothing of others' stays inside it.
    Whole,
    /// What others made of it stays as a whole as long as we want the same as before.
    KeptIfUnchanged,
}

/// A document in which what we want and what others did are together.
///
/// Paths look like `containerDefinitions["Main"].environment["LOG_LEVEL"]`; they never hold values.
#[derive(Clone, PartialEq, Eq)]
pub struct Merged {
    /// The whole document. It may hold environment values.
    pub document: Value,
    /// What others did and what stays.
    pub preserved: Vec<String>,
    /// What others did and what goes, because we want something else there.
    pub overwritten: Vec<String>,
}

/// Shows the paths only.
impl std::fmt::Debug for Merged {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Merged")
            .field("preserved", &self.preserved)
            .field("overwritten", &self.overwritten)
            .finish_non_exhaustive()
    }
}

/// Merges documents that are objects; anything else counts as an empty one.
///
/// # Guarantees
/// Every leaf of `want` that is [`Rule::Enforced`] is in the result. Merging the result again, with `want` as its base,
/// changes nothing. If `live` is `base`, the result is `want`, but for the order of lists whose elements have keys.
pub fn merge_documents(base: Option<&Value>, live: &Value, want: &Value, rules: &Rules<'_>) -> Merged {
    let mut merge = Merge { rules, has_base: base.is_some(), preserved: Vec::new(), overwritten: Vec::new() };
    let document = merge.object("", base, Some(live), want);
    Merged { document, preserved: merge.preserved, overwritten: merge.overwritten }
}

struct Merge<'a> {
    rules: &'a Rules<'a>,
    has_base: bool,
    preserved: Vec<String>,
    overwritten: Vec<String>,
}

impl<'a> Merge<'a> {
    fn value(
        &mut self,
        path: &str,
        base: Option<&Value>,
        live: Option<&Value>,
        want: Option<&Value>,
    ) -> Option<Value> {
        let Some(want) = want else { return self.unwanted(path, base, live) };
        let rule = (self.rules.rule)(path);
        if rule == Rule::KeptIfUnchanged && base == Some(want) {
            if live != base {
                self.preserved.push(path.to_owned());
            }
            return live.cloned();
        }
        if rule == Rule::Enforced {
            if let (Some(Value::Object(_)), Value::Object(_)) = (live, want) {
                return Some(self.object(path, base, live, want));
            }
            let is_list = matches!((live, want), (Some(Value::Array(_)), Value::Array(_)));
            if let Some(keys) = self.keys_of(path, &[base, live, Some(want)]).filter(|_| is_list) {
                return Some(self.list(path, keys, [base, live, Some(want)]));
            }
        }
        if self.has_base && live != base && live != Some(want) {
            self.overwritten.push(path.to_owned());
        }
        Some(want.clone())
    }

    /// What we do not want: it goes if we wrote it, and stays if we did not. In a list with keys, each element does.
    fn unwanted(&mut self, path: &str, base: Option<&Value>, live: Option<&Value>) -> Option<Value> {
        let live = live?;
        if base.is_none() {
            if self.has_base {
                self.preserved.push(path.to_owned());
            }
            return Some(live.clone());
        }
        if let Some(keys) = self.keys_of(path, &[base, Some(live)]) {
            let rest = self.list(path, keys, [base, Some(live), None]);
            return rest.as_array().is_some_and(|rest| !rest.is_empty()).then_some(rest);
        }
        if base != Some(live) {
            self.overwritten.push(path.to_owned());
        }
        None
    }

    fn object(&mut self, path: &str, base: Option<&Value>, live: Option<&Value>, want: &Value) -> Value {
        let none = Map::new();
        let [base, live, want] =
            [base, live, Some(want)].map(|value| value.and_then(Value::as_object).unwrap_or(&none));
        let names: BTreeSet<&String> = live.keys().chain(want.keys()).collect();
        let mut merged = Map::new();
        for name in names {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if let Some(value) = self.value(&path, base.get(name), live.get(name), want.get(name)) {
                merged.insert(name.clone(), value);
            }
        }
        Value::Object(merged)
    }

    /// Elements stay in their live order; new ones follow in the order in which they are wanted.
    fn list(&mut self, path: &str, keys: &[&str], [base, live, want]: [Option<&Value>; 3]) -> Value {
        let [base, live, want] = [base, live, want].map(elements);
        let find = |list: &[Value], key: &str| {
            list.iter().find(|element| key_of(element, keys).as_deref() == Some(key)).cloned()
        };
        let mut merged = Vec::new();
        let mut done = BTreeSet::new();
        for element in live.iter().chain(want) {
            let Some(key) = key_of(element, keys).filter(|key| done.insert(key.clone())) else { continue };
            let path = format!("{path}[{key:?}]");
            let (base, live, want) = (find(base, &key), find(live, &key), find(want, &key));
            merged.extend(self.value(&path, base.as_ref(), live.as_ref(), want.as_ref()));
        }
        Value::Array(merged)
    }

    /// The members that are the key of a list's elements, if it is such a list and every element has them.
    fn keys_of(&self, path: &str, lists: &[Option<&Value>]) -> Option<&'a [&'a str]> {
        let name = path.rsplit('.').next().unwrap_or_default();
        let (_, keys) = self.rules.keys.iter().find(|(list, _)| *list == name)?;
        let all = lists.iter().flat_map(|list| elements(*list));
        all.into_iter().all(|element| key_of(element, keys).is_some()).then_some(*keys)
    }
}

fn elements(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn key_of(element: &Value, keys: &[&str]) -> Option<String> {
    let parts: Option<Vec<String>> = keys.iter().map(|key| key_part(element.get(key)?)).collect();
    parts.map(|parts| parts.join("/"))
}

fn key_part(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
