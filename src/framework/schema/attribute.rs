//! One attribute of a schema.

use crate::framework::schema::{Lack, Removal, Validator};
use crate::framework::{Type, Value};

/// An attribute: what it holds, who sets it, how it is checked and how it is planned.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Who sets it.
    pub mode: Mode,
    /// Markdown.
    pub description: &'static str,
    /// Hidden in plans.
    pub sensitive: bool,
    /// Shown in plans, but repeated in no message: people put secrets there.
    pub may_hold_secrets: bool,
    /// Only in configurations, never in plans and states (protocol 6.8).
    pub write_only: bool,
    /// What to use instead, if it is deprecated.
    pub deprecation: Option<&'static str>,
    /// Checks of known values.
    pub validators: Vec<Validator>,
    /// What a plan holds when the configuration does not set a computed attribute.
    pub when_unset: WhenUnset,
    /// Whether a change replaces the object.
    pub replace: Replace,
    /// Whether two known values mean the same; then the prior spelling stays in the plan.
    pub semantic_equality: Option<fn(&Value, &Value) -> bool>,
    /// What removing it does to an object that exists, by the kind of object; an empty kind is every one.
    pub removals: Vec<(&'static str, Removal)>,
    /// The kind of object that does not have it.
    pub lack: Option<Lack>,
}

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A value of a type.
    Value(Type),
    /// Objects with attributes of their own, each with its own mode.
    Nested(Nesting, Vec<Attribute>),
}

/// How nested objects are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The user must.
    Required,
    /// The user may.
    Optional,
    /// Only the provider does.
    Computed,
    /// The user may; otherwise the provider does.
    OptionalComputed,
}

/// What a plan holds for a computed attribute that the configuration leaves out. On create it is unknown
/// (or the default); this says what happens on an update that changes something. An update that changes
/// nothing keeps everything.
///
/// An optional and computed [`Nesting::Single`] object that is left out as a whole and has `Unknown` follows the
/// rules of its members; members that only the user can set become null.
#[derive(Debug, Clone, PartialEq)]
pub enum WhenUnset {
    /// The value of the state: it stays the same for the life of the object.
    Keep,
    /// Unknown on every update.
    Unknown,
    /// Unknown if one of these top-level attributes changes, otherwise the value of the state.
    UnknownIfChanged(&'static [&'static str]),
    /// This value, on create and on update.
    Default(Value),
}

/// Whether a change of an attribute replaces the object.
#[derive(Debug, Clone, Copy)]
pub enum Replace {
    /// It is changed in place.
    Never,
    /// Every change that is not semantically equal does.
    Always,
    /// A change does if this says so of (prior, planned); planned may be unknown.
    If(fn(&Value, &Value) -> bool),
}

impl Attribute {
    /// An attribute that the user must set.
    pub fn required(name: &'static str, r#type: Type) -> Self {
        Self::new(name, Kind::Value(r#type), Mode::Required)
    }

    /// An attribute that the user may set.
    pub fn optional(name: &'static str, r#type: Type) -> Self {
        Self::new(name, Kind::Value(r#type), Mode::Optional)
    }

    /// An attribute that only the provider sets.
    pub fn computed(name: &'static str, r#type: Type) -> Self {
        Self::new(name, Kind::Value(r#type), Mode::Computed)
    }

    /// An attribute that the user may set and the provider otherwise does.
    pub fn optional_computed(name: &'static str, r#type: Type) -> Self {
        Self::new(name, Kind::Value(r#type), Mode::OptionalComputed)
    }

    /// A nested attribute.
    pub fn nested(name: &'static str, mode: Mode, nesting: Nesting, attributes: Vec<Attribute>) -> Self {
        Self::new(name, Kind::Nested(nesting, attributes), mode)
    }

    fn new(name: &'static str, kind: Kind, mode: Mode) -> Self {
        Self {
            name,
            kind,
            mode,
            description: "",
            sensitive: false,
            may_hold_secrets: false,
            write_only: false,
            deprecation: None,
            validators: Vec::new(),
            when_unset: WhenUnset::Unknown,
            replace: Replace::Never,
            semantic_equality: None,
            removals: Vec::new(),
            lack: None,
        }
    }

    /// Documents the attribute (markdown).
    pub fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// Hides the value in plans.
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Keeps the value, or the values of the map, out of every message.
    pub fn may_hold_secrets(mut self) -> Self {
        self.may_hold_secrets = true;
        self
    }

    /// Keeps the value out of plans and states; only the resource's create and update see it.
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Warns whoever configures it; `instead` says what to use.
    pub fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecation = Some(instead);
        self
    }

    /// Adds a check.
    pub fn validate(mut self, validator: Validator) -> Self {
        self.validators.push(validator);
        self
    }

    /// Sets what an update plans when the configuration leaves the attribute out.
    pub fn when_unset(mut self, when_unset: WhenUnset) -> Self {
        self.when_unset = when_unset;
        self
    }

    /// Sets whether a change replaces the object.
    pub fn replace(mut self, replace: Replace) -> Self {
        self.replace = replace;
        self
    }

    /// Sets when two spellings mean the same.
    pub fn equal_if(mut self, semantic_equality: fn(&Value, &Value) -> bool) -> Self {
        self.semantic_equality = Some(semantic_equality);
        self
    }
}
