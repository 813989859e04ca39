//! What removing an argument from a configuration does to an object that exists.

use super::Attribute;

/// What becomes of the value that the object has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Nothing of it stays.
    Goes,
    /// The default takes its place, as when the object is created.
    Default,
    /// It stays: there is no way back to what a create would have chosen.
    Kept,
    /// The object is replaced by one without it.
    Replaces,
    /// Nothing: without this argument, another one in its place must say the same.
    NeedsAnother(&'static str),
}

/// A kind of object that lacks an attribute: the configuration of one may not set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// The kind.
    pub kind: &'static str,
    /// What is there instead.
    pub reason: &'static str,
    /// A way to have it with this kind, where there is one.
    pub way: Option<&'static str>,
}

impl Removal {
    /// As the end of a sentence that begins with "if removed".
    fn words(self) -> String {
        match self {
            Self::Goes => "nothing of it stays".to_owned(),
            Self::Default => "the default comes back".to_owned(),
            Self::Kept => "the present value stays".to_owned(),
            Self::Replaces => "replaced".to_owned(),
            Self::NeedsAnother(name) => format!("needs `{name}` in its place"),
        }
    }
}

impl Attribute {
    /// Says what removing it does, whatever kind the object is of.
    pub fn when_removed(mut self, removal: Removal) -> Self {
        self.removals = vec![("", removal)];
        self
    }

    /// Says what removing it does to objects of one kind.
    pub fn when_removed_from(mut self, kind: &'static str, removal: Removal) -> Self {
        self.removals.push((kind, removal));
        self
    }

    /// Says that objects of one kind do not have it, and why.
    pub fn lacking(mut self, lack: Lack) -> Self {
        self.lack = Some(lack);
        self
    }

    /// What removing it does to an object of this kind. `None`: such an object does not have it.
    pub fn removal(&self, kind: &str) -> Option<Removal> {
        if self.lack.is_some_and(|lack| lack.kind == kind) {
            return None;
        }
        let of_kind = self.removals.iter().find(|(of, _)| *of == kind || of.is_empty());
        of_kind.map(|(_, removal)| *removal)
    }

    /// What removing it does, as the reference says it; empty where nothing can be removed.
    pub fn removal_words(&self) -> String {
        match self.removals.as_slice() {
            [] => String::new(),
            [(_, removal)] => format!("If removed: {}.", removal.words()),
            several => {
                let words: Vec<_> =
                    several.iter().map(|(kind, removal)| format!("{kind}: {}", removal.words())).collect();
                format!("If removed: {}.", words.join("; "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Type;

    #[test]
    fn a_removal_is_told_by_kind_and_in_words() {
        let size = Attribute::optional_computed("size", Type::Number)
            .when_removed_from("small", Removal::Kept)
            .when_removed_from("large", Removal::Default);
        assert_eq!(
            (size.removal("small"), size.removal("large")),
            (Some(Removal::Kept), Some(Removal::Default))
        );
        assert_eq!(size.removal("other"), None);
        assert_eq!(
            size.removal_words(),
            "If removed: small: the present value stays; large: the default comes back."
        );
        let tags = Attribute::optional("tags", Type::String).when_removed(Removal::Goes);
        assert_eq!(tags.removal("small"), Some(Removal::Goes));
        assert_eq!(tags.removal_words(), "If removed: nothing of it stays.");
        let lack = Lack { kind: "small", reason: "It is small.", way: None };
        assert_eq!(tags.lacking(lack).removal("small"), None);
    }
}
