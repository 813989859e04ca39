//! Terraform values: known, null or unknown, of a [`Type`].

mod number;
mod types;

use std::collections::BTreeMap;

pub use number::Number;
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

    /// Whether the value itself is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value itself is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
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
