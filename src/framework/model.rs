//! Typed views of objects: one Rust field for each attribute.

use std::collections::BTreeMap;

use crate::framework::{Number, Path, Value};

/// An attribute's value: absent, not known yet, or known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Attr<T> {
    /// Absent.
    #[default]
    Null,
    /// Not known yet.
    Unknown,
    /// Known.
    Known(T),
}

/// A value does not have the shape that the schema promises. It is a defect of ours or of core, never the user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}")]
pub struct ShapeError {
    /// Where.
    pub path: Path,
    /// What should be there.
    pub expected: &'static str,
}

/// A typed view of a value.
///
/// # Guarantees
/// `to_value(from_value(v)) == v` for every wholly known `v` of the schema's type. `Attr<T>` carries null
/// and unknown; everything else must be known, and an `Attr<T>` of something partly unknown that a `T` cannot
/// express is unknown. Structs get their implementation from [`crate::model!`].
pub trait Model: Sized {
    /// Reads the value at `path`.
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError>;
    /// Writes it back.
    fn to_value(&self) -> Value;
}

impl<T> Attr<T> {
    /// The known value.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The known value, by value.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Whether it is absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl<T: Clone> Attr<T> {
    /// The known value, cloned.
    pub fn cloned(&self) -> Option<T> {
        self.known().cloned()
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl<T: Model> Model for Attr<T> {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Unknown(_) => Ok(Self::Unknown),
            // A list with an unknown element is not known yet to a `T` whose elements must be.
            known => match T::from_value(known, path) {
                Err(_) if !known.is_wholly_known() => Ok(Self::Unknown),
                read => read.map(Self::Known),
            },
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::unknown(),
            Self::Known(value) => value.to_value(),
        }
    }
}

fn unexpected(path: &Path, expected: &'static str) -> ShapeError {
    ShapeError { path: path.clone(), expected }
}

impl Model for String {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(unexpected(path, "a string")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Model for bool {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            _ => Err(unexpected(path, "a bool")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Model for i64 {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::Number(number) => number.to_i64().ok_or_else(|| unexpected(path, "a whole number")),
            _ => Err(unexpected(path, "a number")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::from(*self))
    }
}

/// A number that may have a fraction.
impl Model for Number {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            _ => Err(unexpected(path, "a number")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }
}

/// A list.
impl<T: Model> Model for Vec<T> {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::List(elements) => elements
                .iter()
                .enumerate()
                .map(|(index, element)| T::from_value(element, &path.index(index)))
                .collect(),
            _ => Err(unexpected(path, "a list")),
        }
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Model::to_value).collect())
    }
}

/// A set. It keeps every element, so that a set with several unknown ones stays what it is; equality ignores order.
#[derive(Debug, Clone, Default)]
pub struct SetOf<T>(pub Vec<T>);

impl<T: PartialEq> PartialEq for SetOf<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().all(|element| other.0.contains(element))
            && other.0.iter().all(|element| self.0.contains(element))
    }
}

impl<T> FromIterator<T> for SetOf<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T: Model> Model for SetOf<T> {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::Set(elements) => elements.iter().map(|element| T::from_value(element, path)).collect(),
            _ => Err(unexpected(path, "a set")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Set(self.0.iter().map(Model::to_value).collect())
    }
}

/// A map.
impl<T: Model> Model for BTreeMap<String, T> {
    fn from_value(value: &Value, path: &Path) -> Result<Self, ShapeError> {
        match value {
            Value::Map(elements) => elements
                .iter()
                .map(|(key, element)| Ok((key.clone(), T::from_value(element, &path.key(key))?)))
                .collect(),
            _ => Err(unexpected(path, "a map")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(key, element)| (key.clone(), element.to_value())).collect())
    }
}

/// Declares a struct whose fields are the attributes of an object, and its [`Model`] implementation.
///
/// ```
/// use terraform_provider_express::framework::{Attr, Model, Path, Value};
///
/// terraform_provider_express::model! {
///     /// A point.
///     pub struct Point {
///         /// Distance along the first axis.
///         pub x: Attr<i64>,
///     }
/// }
///
/// let point = Point { x: Attr::Known(1) };
/// assert_eq!(Point::from_value(&point.to_value(), &Path::default()).unwrap(), point);
/// ```
#[macro_export]
macro_rules! model {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_visibility:vis $field:ident : $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $type),*
        }

        impl $crate::framework::Model for $name {
            fn from_value(
                value: &$crate::framework::Value,
                path: &$crate::framework::Path,
            ) -> Result<Self, $crate::framework::model::ShapeError> {
                let $crate::framework::Value::Object(members) = value else {
                    return Err($crate::framework::model::ShapeError { path: path.clone(), expected: "an object" });
                };
                Ok(Self {
                    $($field: $crate::framework::model::member(members, $crate::framework::model::attribute_name(stringify!($field)), path)?),*
                })
            }

            fn to_value(&self) -> $crate::framework::Value {
                let mut members = std::collections::BTreeMap::new();
                $(members.insert(
                    $crate::framework::model::attribute_name(stringify!($field)).to_owned(),
                    $crate::framework::Model::to_value(&self.$field),
                );)*
                $crate::framework::Value::Object(members)
            }
        }
    };
}

/// The attribute of a field: a raw identifier loses its `r#`. Used by [`crate::model!`].
pub fn attribute_name(field: &'static str) -> &'static str {
    field.trim_start_matches("r#")
}

/// Reads one member of an object; used by [`crate::model!`].
pub fn member<T: Model>(
    members: &BTreeMap<String, Value>,
    name: &'static str,
    path: &Path,
) -> Result<T, ShapeError> {
    let path = path.then(name);
    match members.get(name) {
        Some(value) => T::from_value(value, &path),
        None => Err(unexpected(&path, "an attribute of this name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::model! {
        /// A container.
        pub(crate) struct Container {
            /// Its image.
            pub(crate) image: String,
            /// Its command.
            pub(crate) command: Attr<Vec<String>>,
            /// Its labels.
            pub(crate) labels: Attr<BTreeMap<String, Attr<String>>>,
            /// Its ports.
            pub(crate) ports: Attr<SetOf<i64>>,
        }
    }

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    fn container(command: Value) -> Value {
        let labels = Value::Map([("a".to_owned(), Value::Null), ("b".to_owned(), Value::unknown())].into());
        let ports = Value::Set(vec![Value::Number(Number::from(80_i64))]);
        Value::object([("image", text("i")), ("command", command), ("labels", labels), ("ports", ports)])
    }

    #[test]
    fn a_model_gives_back_what_it_read() {
        let value = container(Value::List(vec![text("run")]));
        let model = Container::from_value(&value, &Path::default()).expect("the shape fits");
        assert_eq!(model.command, Attr::Known(vec!["run".to_owned()]));
        assert_eq!(model.to_value(), value);
    }

    #[test]
    fn a_list_with_an_unknown_element_is_not_known_yet() {
        let value = container(Value::List(vec![text("run"), Value::unknown()]));
        let model = Container::from_value(&value, &Path::default()).expect("the shape fits");
        assert_eq!(model.command, Attr::Unknown);
    }

    #[test]
    fn a_wrong_shape_is_an_error_at_its_path() {
        let value = container(Value::List(vec![Value::Bool(true)]));
        let error = Container::from_value(&value, &Path::default()).expect_err("a bool is no string");
        assert_eq!(error.to_string(), "command[0]: expected a string");
        let error = Container::from_value(&Value::object([]), &Path::default()).expect_err("empty");
        assert_eq!(error.to_string(), "image: expected an attribute of this name");
    }
}
