//! Reading an object whose values may be absent or not known yet.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::framework::{Path, Value};

/// The members of one object. A member that is unknown, or holds something unknown, reads as absent and is noted.
pub(super) struct Members<'a> {
    object: Option<&'a BTreeMap<String, Value>>,
    path: Path,
    unknown: &'a RefCell<Vec<Path>>,
}

impl<'a> Members<'a> {
    /// The members of `value`; paths of unknown ones are added to `unknown`.
    pub(super) fn of(value: &'a Value, path: Path, unknown: &'a RefCell<Vec<Path>>) -> Self {
        let object = match value {
            Value::Object(members) => Some(members),
            _ => None,
        };
        if value.is_unknown() {
            unknown.borrow_mut().push(path.clone());
        }
        Self { object, path, unknown }
    }

    /// Where a member is.
    pub(super) fn path(&self, name: &str) -> Path {
        self.path.then(name)
    }

    /// Whether the member is set, even to something unknown.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|value| !value.is_null())
    }

    /// A string.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.known(name)? {
            Value::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// A bool.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.known(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.known(name)? {
            Value::Number(number) => number.to_i64(),
            _ => None,
        }
    }

    /// The strings of a list or set; none if it is absent.
    pub(super) fn texts<C: FromIterator<String>>(&self, name: &str) -> C {
        let elements = match self.known(name) {
            Some(Value::List(elements) | Value::Set(elements)) => elements.as_slice(),
            _ => &[],
        };
        elements.iter().filter_map(as_text).collect()
    }

    /// The strings of a map; `None` if it is absent.
    pub(super) fn text_map(&self, name: &str) -> Option<BTreeMap<String, String>> {
        match self.known(name)? {
            Value::Map(elements) => Some(
                elements.iter().filter_map(|(key, value)| Some((key.clone(), as_text(value)?))).collect(),
            ),
            _ => None,
        }
    }

    /// A single nested block.
    pub(super) fn block(&self, name: &str) -> Option<Members<'a>> {
        let value = self.raw(name).filter(|value| !value.is_null())?;
        Some(Members::of(value, self.path(name), self.unknown))
    }

    /// The blocks of a list.
    pub(super) fn blocks(&self, name: &str) -> Vec<Members<'a>> {
        let Some(Value::List(elements)) = self.raw(name) else { return Vec::new() };
        let path = self.path(name);
        let blocks = elements.iter().enumerate();
        blocks.map(|(index, element)| Members::of(element, path.index(index), self.unknown)).collect()
    }

    fn raw(&self, name: &str) -> Option<&'a Value> {
        self.object?.get(name)
    }

    fn known(&self, name: &str) -> Option<&'a Value> {
        let value = self.raw(name)?;
        if holds_unknown(value) {
            self.unknown.borrow_mut().push(self.path(name));
            return None;
        }
        Some(value)
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn holds_unknown(value: &Value) -> bool {
    match value {
        Value::Unknown(_) => true,
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.iter().any(holds_unknown)
        }
        Value::Map(elements) | Value::Object(elements) => elements.values().any(holds_unknown),
        Value::Dynamic(typed) => holds_unknown(&typed.1),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
