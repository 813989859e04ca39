//! What of a task definition we sent, as fingerprints that fit into tags.
//!
//! ECS keeps no record of what was sent: it adds members of its own, also to old revisions, and a person copies a
//! revision in the console with all its tags. So the tags say which leaves are ours; whatever else is there is not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::document::{Rule, Rules, key_of};

/// Lists whose elements are one leaf each, and the members that we send of an element.
const FLAT_LISTS: [(&str, [&str; 2]); 4] = [
    ("environment", ["name", "value"]),
    ("secrets", ["name", "valueFrom"]),
    ("secretOptions", ["name", "valueFrom"]),
    ("dependsOn", ["containerName", "condition"]),
];

/// Characters of a fingerprint: 24 bits, so that of a thousand leaves of others one in sixteen thousand services would
/// have one that is taken for ours.
const CODE_LENGTH: usize = 4;
/// Fingerprints in a tag, whose value has 256 characters at the most.
const CODES_IN_TAG: usize = 60;
/// Tags that are used at the most.
const TAG_LIMIT: usize = 10;

/// How finely leaves are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Each variable, secret and option by itself.
    Elements,
    /// Lists of them as wholes, where so many do not fit into tags.
    Lists,
}

/// Fingerprints of the leaves that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentLeaves {
    codes: BTreeSet<String>,
}

/// The tags that say what we sent are not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedTags;

impl SentLeaves {
    /// What is sent with a document that is wanted, in the tags that there is room for; `None`: not even coarsely.
    pub(super) fn to_tags(
        want: &Value,
        rules: &Rules<'_>,
        prefix: &str,
        room: usize,
    ) -> Option<BTreeMap<String, String>> {
        let details = [Detail::Elements, Detail::Lists];
        details.into_iter().find_map(|detail| {
            let mut leaves = Self { codes: BTreeSet::new() };
            leaves.note(want, "", rules, detail);
            leaves.write(prefix, room.min(TAG_LIMIT))
        })
    }

    fn write(&self, prefix: &str, room: usize) -> Option<BTreeMap<String, String>> {
        let codes: Vec<&str> = self.codes.iter().map(String::as_str).collect();
        let chunks: Vec<String> = codes.chunks(CODES_IN_TAG).map(<[_]>::concat).collect();
        if chunks.len() > room {
            return None;
        }
        let count = chunks.len();
        let tag = |(index, chunk): (usize, String)| {
            let value = if index == 0 { format!("{count}:{chunk}") } else { chunk };
            (format!("{prefix}{}", index + 1), value)
        };
        Some(chunks.into_iter().enumerate().map(tag).collect())
    }

    /// Reads them back; `None`: there are none.
    ///
    /// # Errors
    /// [`DamagedTags`]: some are missing, or are not what was written.
    pub fn from_tags(prefix: &str, tags: &BTreeMap<String, String>) -> Result<Option<Self>, DamagedTags> {
        let is_any_there = tags.keys().any(|key| key.starts_with(prefix));
        if !is_any_there {
            return Ok(None);
        }
        let first = tags.get(&format!("{prefix}1")).ok_or(DamagedTags)?;
        let (count, first) = first.split_once(':').ok_or(DamagedTags)?;
        let count: usize = count.parse().map_err(|_| DamagedTags)?;
        let mut codes = BTreeSet::new();
        for index in 1..=count.min(TAG_LIMIT) {
            let chunk = match index {
                1 => Some(first),
                _ => tags.get(&format!("{prefix}{index}")).map(String::as_str),
            };
            let chunk = chunk.filter(|chunk| chunk.is_ascii() && chunk.len() % CODE_LENGTH == 0);
            let chunk = chunk.ok_or(DamagedTags)?;
            let starts = (0..chunk.len()).step_by(CODE_LENGTH);
            codes.extend(starts.map(|start| chunk[start..start + CODE_LENGTH].to_owned()));
        }
        Ok(Some(Self { codes }))
    }

    /// What we sent, as far as it is still there: the base of a merge.
    pub(super) fn base(&self, live: &Value, want: &Value, rules: &Rules<'_>) -> Value {
        let base = self.part("", Some(live), Some(want), rules);
        base.unwrap_or_else(|| Value::Object(Map::new()))
    }

    fn note(&mut self, value: &Value, path: &str, rules: &Rules<'_>, detail: Detail) {
        match ((rules.rule)(path), value) {
            // As a whole and by its members: whether it is the user's or a default changes with the configuration.
            (Rule::KeptIfUnchanged, _) => {
                self.codes.insert(code(&valued(path, value)));
                self.note_members(value, path, rules, detail);
            }
            (Rule::Enforced, Value::Object(_)) => return self.note_members(value, path, rules, detail),
            (Rule::Enforced, Value::Array(elements)) => {
                if let Some(keys) = keys_of(path, elements, rules) {
                    let is_flat = flat_members(path).is_some();
                    if !is_flat || detail == Detail::Elements {
                        for element in elements {
                            let path = element_path(path, element, keys);
                            if is_flat {
                                self.codes.insert(code(&path));
                            } else {
                                self.note(element, &path, rules, detail);
                            }
                        }
                        return;
                    }
                }
            }
            _ => {}
        }
        self.codes.insert(code(path));
    }

    fn note_members(&mut self, value: &Value, path: &str, rules: &Rules<'_>, detail: Detail) {
        for (name, member) in value.as_object().into_iter().flatten() {
            self.note(member, &member_path(path, name), rules, detail);
        }
    }

    fn has(&self, path: &str) -> bool {
        self.codes.contains(&code(path))
    }

    fn part(
        &self,
        path: &str,
        live: Option<&Value>,
        want: Option<&Value>,
        rules: &Rules<'_>,
    ) -> Option<Value> {
        let rule = (rules.rule)(path);
        if rule == Rule::KeptIfUnchanged {
            let unchanged = want.filter(|want| self.codes.contains(&code(&valued(path, want))));
            return unchanged.or(live.filter(|_| self.has(path))).cloned();
        }
        match (rule, live) {
            (Rule::Enforced, Some(Value::Object(members))) => {
                let wanted = want.and_then(Value::as_object);
                let names: BTreeSet<&String> =
                    members.keys().chain(wanted.into_iter().flat_map(Map::keys)).collect();
                let part = |name: &String| {
                    let want = wanted.and_then(|wanted| wanted.get(name));
                    let part = self.part(&member_path(path, name), members.get(name), want, rules)?;
                    Some((name.clone(), part))
                };
                let parts: Map<String, Value> = names.into_iter().filter_map(part).collect();
                (!parts.is_empty()).then_some(Value::Object(parts))
            }
            (Rule::Enforced, Some(Value::Array(elements))) => match keys_of(path, elements, rules) {
                Some(keys) => self.elements(path, elements, want, keys, rules),
                None => live.filter(|_| self.has(path)).cloned(),
            },
            _ => live.filter(|_| self.has(path)).cloned(),
        }
    }

    fn elements(
        &self,
        path: &str,
        elements: &[Value],
        want: Option<&Value>,
        keys: &[&str],
        rules: &Rules<'_>,
    ) -> Option<Value> {
        let wanted = want.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let part = |element: &Value| {
            let element_path = element_path(path, element, keys);
            if let Some(members) = flat_members(path) {
                let is_ours = self.has(&element_path) || self.has(path);
                return is_ours.then(|| only(element, &members));
            }
            let key = key_of(element, keys);
            let want = wanted.iter().find(|wanted| key_of(wanted, keys) == key);
            let mut part = self.part(&element_path, Some(element), want, rules)?;
            for key in keys {
                part[*key] = element[*key].clone();
            }
            Some(part)
        };
        let parts: Vec<Value> = elements.iter().filter_map(part).collect();
        (!parts.is_empty()).then_some(Value::Array(parts))
    }
}

fn only(element: &Value, members: &[&str]) -> Value {
    let kept = members.iter().filter_map(|name| Some(((*name).to_owned(), element.get(name)?.clone())));
    Value::Object(kept.collect())
}

fn list_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn flat_members(path: &str) -> Option<[&'static str; 2]> {
    let found = FLAT_LISTS.iter().find(|(list, _)| *list == list_name(path));
    found.map(|(_, members)| *members)
}

fn keys_of<'a>(path: &str, elements: &[Value], rules: &Rules<'a>) -> Option<&'a [&'a str]> {
    let (_, keys) = rules.keys.iter().find(|(list, _)| *list == list_name(path))?;
    elements.iter().all(|element| key_of(element, keys).is_some()).then_some(*keys)
}

fn member_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn element_path(path: &str, element: &Value, keys: &[&str]) -> String {
    format!("{path}[{:?}]", key_of(element, keys).unwrap_or_default())
}

/// A leaf with its value, of which only the hash is kept.
fn valued(path: &str, value: &Value) -> String {
    format!("{path}={value}")
}

/// Characters that a tag's value may have.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn code(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let bits = usize::from(digest[0]) << 16 | usize::from(digest[1]) << 8 | usize::from(digest[2]);
    (0..CODE_LENGTH).map(|index| char::from(ALPHABET[bits >> (6 * index) & 63])).collect()
}
