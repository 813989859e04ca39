//! Random types, values, schemas, configurations and states for property tests.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::framework::schema::{Attribute, Kind, Mode, Nesting, Replace, WhenUnset};
use crate::framework::value::Refinement;
use crate::framework::{Number, Type, Value};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const TEXTS: [&str; 6] = ["", "x", "X", "y", "\u{e9}", "arn:aws:ecs:eu-west-1:1:service/c/s"];
const NUMBERS: [&str; 8] =
    ["0", "1", "-7", "1.5", "0.1", "9223372036854775808", "1e30", "0.1000000000000000055511151231257827"];

/// A sequence of decisions. When it runs out, every decision is the first option, so that shrinking the bytes
/// shrinks what is made of them.
pub(crate) struct Choices {
    bytes: std::vec::IntoIter<u8>,
    /// Whether unknown values may promise something.
    refined: bool,
}

impl From<Vec<u8>> for Choices {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into_iter(), refined: false }
    }
}

impl Choices {
    pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 0..400)
    }

    /// Lets unknown values promise something.
    pub(crate) fn refined(mut self) -> Self {
        self.refined = true;
        self
    }

    pub(crate) fn below(&mut self, options: usize) -> usize {
        usize::from(self.bytes.next().unwrap_or(0)) % options
    }

    fn pick<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())].clone()
    }

    fn one_in(&mut self, options: usize) -> bool {
        options > 0 && self.below(options) == options - 1
    }

    pub(crate) fn any_type(&mut self, depth: usize) -> Type {
        let kinds = if depth == 0 { 3 } else { 9 };
        match self.below(kinds) {
            0 => Type::String,
            1 => Type::Bool,
            2 => Type::Number,
            3 => Type::List(Box::new(self.any_type(depth - 1))),
            4 => Type::Set(Box::new(self.any_type(depth - 1))),
            5 => Type::Map(Box::new(self.any_type(depth - 1))),
            6 => Type::Tuple((0..self.below(3)).map(|_| self.any_type(depth - 1)).collect()),
            7 => self.object_type(depth - 1),
            _ => Type::Dynamic,
        }
    }

    pub(crate) fn object_type(&mut self, depth: usize) -> Type {
        let count = 1 + self.below(4);
        Type::Object(NAMES[..count].iter().map(|name| ((*name).to_owned(), self.any_type(depth))).collect())
    }

    /// A value that is null or unknown once in `absent` times (0: never), at every level.
    pub(crate) fn value(&mut self, r#type: &Type, absent: usize) -> Value {
        if self.one_in(absent) {
            return if self.below(2) == 0 { Value::Null } else { Value::Unknown(self.refinement(r#type)) };
        }
        self.present_value(r#type, absent)
    }

    /// A value that is itself neither null nor unknown.
    pub(crate) fn present_value(&mut self, r#type: &Type, absent: usize) -> Value {
        match r#type {
            Type::Bool => Value::Bool(self.below(2) == 1),
            Type::String => Value::String(self.pick(&TEXTS).to_owned()),
            Type::Number => Value::Number(self.pick(&NUMBERS).parse().expect("a number")),
            Type::List(element) => Value::List(self.elements(element, absent)),
            Type::Set(element) => Value::set(self.elements(element, absent)),
            Type::Map(element) => Value::Map(
                (0..self.below(3))
                    .map(|index| (NAMES[index].to_owned(), self.value(element, absent)))
                    .collect(),
            ),
            Type::Tuple(types) => {
                Value::Tuple(types.iter().map(|r#type| self.value(r#type, absent)).collect())
            }
            Type::Object(members) => Value::Object(
                members.iter().map(|(name, r#type)| (name.clone(), self.value(r#type, absent))).collect(),
            ),
            Type::Dynamic => {
                let r#type = self.any_type(0);
                let value = self.present_value(&r#type, absent);
                Value::Dynamic(Box::new((r#type, value)))
            }
        }
    }

    fn elements(&mut self, element: &Type, absent: usize) -> Vec<Value> {
        (0..self.below(4)).map(|_| self.value(element, absent)).collect()
    }

    /// What an unknown of this type can promise without contradiction to any value but null.
    fn refinement(&mut self, r#type: &Type) -> Refinement {
        if !self.refined || self.below(3) != 2 {
            return Refinement::default();
        }
        match r#type {
            Type::String => Refinement { string_prefix: Some("arn:".to_owned()), ..Refinement::default() },
            Type::Number => {
                Refinement { number_lower: Some((Number::from(-9_i64), true)), ..Refinement::default() }
            }
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                Refinement { length_upper: Some(9), ..Refinement::default() }
            }
            _ => Refinement::default(),
        }
    }

    /// Top-level attributes of a schema that passes the schema check.
    pub(crate) fn members(&mut self, depth: usize) -> Vec<Attribute> {
        let modes = [Mode::Optional, Mode::OptionalComputed, Mode::Computed, Mode::Required];
        self.attributes(3, depth, &modes, true)
    }

    /// At least three top-level attributes are there for others to follow.
    fn attributes(&mut self, least: usize, depth: usize, modes: &[Mode], spellings: bool) -> Vec<Attribute> {
        let count = least + self.below(NAMES.len() + 1 - least);
        NAMES[..count].iter().map(|name| self.attribute(name, depth, modes, spellings)).collect()
    }

    fn attribute(&mut self, name: &'static str, depth: usize, modes: &[Mode], spellings: bool) -> Attribute {
        let mode = self.pick(modes);
        let mut attribute = if depth > 0 && self.below(2) == 1 {
            let nesting = self.pick(&[Nesting::Single, Nesting::List, Nesting::Map, Nesting::Set]);
            let member_modes: &[Mode] = match (mode, nesting) {
                (Mode::Computed, _) => &[Mode::Computed],
                _ if nesting == Nesting::Set || !spellings => &[Mode::Optional, Mode::Required],
                _ => &[Mode::OptionalComputed, Mode::Optional, Mode::Computed, Mode::Required],
            };
            let spellings = spellings && nesting != Nesting::Set;
            Attribute::nested(name, mode, nesting, self.attributes(1, depth - 1, member_modes, spellings))
        } else {
            let attribute = Attribute::optional(name, without_dynamic(self.any_type(1)));
            Attribute { mode, ..attribute }
        };
        attribute.description = "An attribute.";
        attribute.replace = self.pick(&[Replace::Never, Replace::Always, Replace::If(|_, _| true)]);
        if attribute.is_computed() {
            attribute.when_unset = self.when_unset(&attribute);
        } else if mode == Mode::Optional && spellings && self.below(6) == 5 {
            attribute.write_only = matches!(attribute.kind, Kind::Value(_));
        }
        if spellings && attribute.r#type() == Type::String && self.below(2) == 1 {
            attribute = attribute.equal_if(is_same_ignoring_case);
        }
        attribute
    }

    fn when_unset(&mut self, attribute: &Attribute) -> WhenUnset {
        match self.below(4) {
            0 => WhenUnset::Keep,
            1 => WhenUnset::Unknown,
            2 => WhenUnset::UnknownIfChanged(self.pick(&[&["a"], &["b"], &["c"]])),
            _ if matches!(attribute.kind, Kind::Value(_)) => {
                WhenUnset::Default(self.present_value(&attribute.r#type(), 0))
            }
            _ => WhenUnset::Keep,
        }
    }

    /// A configuration; unknown once in `unknown` times (0: never).
    pub(crate) fn config(&mut self, members: &[Attribute], unknown: usize) -> Value {
        let config = members.iter().map(|attribute| {
            let left_out = attribute.mode != Mode::Required && self.below(2) == 0;
            let value = if !attribute.is_configurable() || left_out {
                Value::Null
            } else if self.one_in(unknown) {
                Value::unknown()
            } else {
                self.configured(attribute, unknown)
            };
            (attribute.name, value)
        });
        Value::object(config)
    }

    fn configured(&mut self, attribute: &Attribute, unknown: usize) -> Value {
        let Kind::Nested(nesting, members) = &attribute.kind else {
            return self.present_value(&attribute.r#type(), 0);
        };
        match nesting {
            Nesting::Single => self.config(members, unknown),
            Nesting::List => Value::List((0..self.below(3)).map(|_| self.config(members, unknown)).collect()),
            Nesting::Set => Value::set((0..self.below(3)).map(|_| self.config(members, unknown)).collect()),
            Nesting::Map => Value::Map(
                (0..self.below(3))
                    .map(|index| (NAMES[index].to_owned(), self.config(members, unknown)))
                    .collect(),
            ),
        }
    }

    /// The configuration once its unknown values are known.
    pub(crate) fn resolved(&mut self, members: &[Attribute], config: &Value) -> Value {
        let Value::Object(values) = config else { return config.clone() };
        let resolved = members.iter().map(|attribute| {
            let value = match &values[attribute.name] {
                Value::Unknown(_) if attribute.mode != Mode::Required && self.below(4) == 3 => Value::Null,
                Value::Unknown(_) => self.configured(attribute, 0),
                known => self.resolved_inside(attribute, known),
            };
            (attribute.name, value)
        });
        Value::object(resolved)
    }

    fn resolved_inside(&mut self, attribute: &Attribute, value: &Value) -> Value {
        let members = attribute.nested_attributes();
        match value {
            Value::Object(_) if !members.is_empty() => self.resolved(members, value),
            Value::List(elements) if !members.is_empty() => {
                Value::List(elements.iter().map(|element| self.resolved(members, element)).collect())
            }
            Value::Set(elements) if !members.is_empty() => {
                Value::set(elements.iter().map(|element| self.resolved(members, element)).collect())
            }
            Value::Map(elements) if !members.is_empty() => {
                let elements = elements.iter();
                Value::Map(
                    elements.map(|(key, element)| (key.clone(), self.resolved(members, element))).collect(),
                )
            }
            other => other.clone(),
        }
    }

    /// A state that a well-behaved resource may answer for a plan of a wholly known configuration.
    pub(crate) fn completed(&mut self, members: &[Attribute], planned: &Value) -> Value {
        let Value::Object(values) = planned else { return planned.clone() };
        let completed = members
            .iter()
            .map(|attribute| (attribute.name, self.completed_attribute(attribute, &values[attribute.name])));
        Value::object(completed)
    }

    fn completed_attribute(&mut self, attribute: &Attribute, planned: &Value) -> Value {
        let members = attribute.nested_attributes();
        match planned {
            Value::Unknown(_) => self.answered(attribute),
            Value::Object(_) if !members.is_empty() => self.completed(members, planned),
            Value::List(elements) if !members.is_empty() => {
                Value::List(elements.iter().map(|element| self.completed(members, element)).collect())
            }
            Value::Map(elements) if !members.is_empty() => {
                let completed: BTreeMap<String, Value> = elements
                    .iter()
                    .map(|(key, element)| (key.clone(), self.completed(members, element)))
                    .collect();
                Value::Map(completed)
            }
            known => known.clone(),
        }
    }

    /// A provider's own value: nothing in it that only a user may set.
    fn answered(&mut self, attribute: &Attribute) -> Value {
        if self.below(5) == 4 {
            return Value::Null;
        }
        match &attribute.kind {
            Kind::Value(r#type) => self.present_value(r#type, 0),
            Kind::Nested(nesting, members) => {
                let object = Value::object(members.iter().map(|member| {
                    let value = if member.is_computed() { self.answered(member) } else { Value::Null };
                    (member.name, value)
                }));
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Value::List(vec![object]),
                    Nesting::Set => Value::Set(vec![object]),
                    Nesting::Map => Value::Map([("a".to_owned(), object)].into()),
                }
            }
        }
    }
}

/// Core and the Go frameworks allow a value of any type in few places only.
fn without_dynamic(r#type: Type) -> Type {
    match r#type {
        Type::Dynamic => Type::String,
        Type::List(element) => Type::List(Box::new(without_dynamic(*element))),
        Type::Set(element) => Type::Set(Box::new(without_dynamic(*element))),
        Type::Map(element) => Type::Map(Box::new(without_dynamic(*element))),
        Type::Tuple(elements) => Type::Tuple(elements.into_iter().map(without_dynamic).collect()),
        Type::Object(members) => {
            Type::Object(members.into_iter().map(|(name, member)| (name, without_dynamic(member))).collect())
        }
        primitive => primitive,
    }
}

fn is_same_ignoring_case(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.eq_ignore_ascii_case(right),
        _ => false,
    }
}
