//! Terraform values: known, null or unknown, of a [`Type`].

mod codec_error;
mod conformance;
pub mod json;
pub mod msgpack;
mod number;
#[cfg(test)]
mod properties;
mod type_json;
mod types;

use std::collections::BTreeMap;

pub use codec_error::CodecError;
pub use number::{Number, NumberError};
pub use types::Type;

/// A value as Terraform sees it (protocol section 1.6).
///
/// A set keeps the order in which it was built, but equality ignores order and duplicates.
#[derive(Debug, Clone)]
pub enum Value {
    /// Absent.
    Null,
    /// Not known yet, with what is known about it.
    Unknown(Refinement),
    /// `bool`.
    Bool(bool),
    /// `number` of arbitrary precision.
    Number(Number),
    /// `string`, NFC-normalised when it came from core.
    String(String),
    /// `list(T)`.
    List(Vec<Value>),
    /// `set(T)`.
    Set(Vec<Value>),
    /// `map(T)`.
    Map(BTreeMap<String, Value>),
    /// `tuple([...])`.
    Tuple(Vec<Value>),
    /// `object({...})`, a block or a nested attribute.
    Object(BTreeMap<String, Value>),
    /// A value whose type travels with it (`dynamic`).
    Dynamic(Box<(Type, Value)>),
}

/// What is known about an unknown value (cty refinements). The default says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refinement {
    /// `Some(false)`: certainly not null.
    pub is_null: Option<bool>,
    /// Known beginning of a string.
    pub string_prefix: Option<String>,
    /// Lower bound of a number and whether it is inclusive.
    pub number_lower: Option<(Number, bool)>,
    /// Upper bound of a number and whether it is inclusive.
    pub number_upper: Option<(Number, bool)>,
    /// Fewest elements of a collection.
    pub length_lower: Option<u64>,
    /// Most elements of a collection.
    pub length_upper: Option<u64>,
}

impl Value {
    /// An unknown of which nothing is known.
    pub fn unknown() -> Self {
        Self::Unknown(Refinement::default())
    }

    /// A set of these elements, each once, in their first order.
    pub fn set(elements: Vec<Self>) -> Self {
        let mut distinct: Vec<Self> = Vec::with_capacity(elements.len());
        for element in elements {
            if !distinct.contains(&element) {
                distinct.push(element);
            }
        }
        Self::Set(distinct)
    }

    /// An object of these members.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The member `name` of an object; `None` if it is not an object or has no such member.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Whether the value itself is null.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(dynamic) => dynamic.1.is_null(),
            _ => false,
        }
    }

    /// Whether the value itself is unknown.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(dynamic) => dynamic.1.is_unknown(),
            _ => false,
        }
    }

    /// Whether neither the value nor anything in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(members) | Self::Object(members) => members.values().all(Self::is_wholly_known),
            Self::Dynamic(dynamic) => dynamic.1.is_wholly_known(),
        }
    }

    /// The value with everything unknown in it turned null.
    pub fn with_unknown_as_null(self) -> Self {
        let each = |elements: Vec<Self>| elements.into_iter().map(Self::with_unknown_as_null).collect();
        let member = |(name, value): (String, Self)| (name, value.with_unknown_as_null());
        match self {
            Self::Unknown(_) => Self::Null,
            known @ (Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_)) => known,
            Self::List(elements) => Self::List(each(elements)),
            Self::Set(elements) => Self::set(each(elements)),
            Self::Tuple(elements) => Self::Tuple(each(elements)),
            Self::Map(members) => Self::Map(members.into_iter().map(member).collect()),
            Self::Object(members) => Self::Object(members.into_iter().map(member).collect()),
            Self::Dynamic(dynamic) => {
                let (r#type, value) = *dynamic;
                Self::Dynamic(Box::new((r#type, value.with_unknown_as_null())))
            }
        }
    }

    /// What it is, for messages: never the value itself.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "an unknown value",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
            Self::Dynamic(_) => "a value with its type",
        }
    }
}

/// Sets are equal when each holds every element of the other; numbers when they are the same number.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Unknown(left), Self::Unknown(right)) => left == right,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::List(left), Self::List(right)) | (Self::Tuple(left), Self::Tuple(right)) => left == right,
            (Self::Set(left), Self::Set(right)) => {
                left.iter().all(|element| right.contains(element))
                    && right.iter().all(|element| left.contains(element))
            }
            (Self::Map(left), Self::Map(right)) | (Self::Object(left), Self::Object(right)) => left == right,
            (Self::Dynamic(left), Self::Dynamic(right)) => left == right,
            _ => false,
        }
    }
}
