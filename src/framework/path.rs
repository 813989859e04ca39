//! Where in a configuration something is.

use std::fmt;

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute of an object, or a block.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(i64),
}

/// A path to an attribute or one of its elements. A set's elements have none: point at the set.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The path to a top-level attribute.
    pub fn attribute(name: &str) -> Self {
        Self(vec![Step::Attribute(name.to_owned())])
    }

    /// This path, one attribute deeper.
    pub fn then(&self, name: &str) -> Self {
        self.push(Step::Attribute(name.to_owned()))
    }

    /// This path, into the map element `key`.
    pub fn key(&self, key: &str) -> Self {
        self.push(Step::Key(key.to_owned()))
    }

    /// This path, into the list element `index`.
    pub fn index(&self, index: usize) -> Self {
        self.push(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    fn push(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// As people write it: `primary_container.environment["A"]`.
impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(formatter, "{name}")?,
                Step::Attribute(name) => write!(formatter, ".{name}")?,
                Step::Key(key) => write!(formatter, "[{key:?}]")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_people_write_it() {
        let path = Path::attribute("primary_container").then("environment").key("A");
        assert_eq!(path.to_string(), "primary_container.environment[\"A\"]");
        assert_eq!(Path::attribute("ports").index(2).to_string(), "ports[2]");
    }
}
