//! Terraform's types.

use std::collections::BTreeMap;

/// The type of a value (protocol section 1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `dynamic`: the type travels with the value.
    Dynamic,
    /// `list(T)`.
    List(Box<Type>),
    /// `set(T)`.
    Set(Box<Type>),
    /// `map(T)`.
    Map(Box<Type>),
    /// `tuple([...])`.
    Tuple(Vec<Type>),
    /// `object({...})`.
    Object(BTreeMap<String, Type>),
}
