//! Groups of settings of which each may be left out.

/// A group of settings. A leaf is an `Option`; `None` is "not said".
pub trait Members: Sized {
    /// The same group with what it does not say taken from `fallback`.
    #[must_use]
    fn or(&self, fallback: &Self) -> Self;

    /// The members that are said and differ from `live`.
    #[must_use]
    fn changed_from(&self, live: &Self) -> Self;
}

impl<T: Clone + PartialEq> Members for Option<T> {
    fn or(&self, fallback: &Self) -> Self {
        self.clone().or_else(|| fallback.clone())
    }

    fn changed_from(&self, live: &Self) -> Self {
        self.clone().filter(|_| self != live)
    }
}

/// Declares a struct whose fields are [`Members`], and makes it one of them. Its default says nothing.
macro_rules! members {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_visibility:vis $field:ident : $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $type),*
        }

        impl $crate::service::members::Members for $name {
            fn or(&self, fallback: &Self) -> Self {
                Self { $($field: $crate::service::members::Members::or(&self.$field, &fallback.$field)),* }
            }

            fn changed_from(&self, live: &Self) -> Self {
                Self { $($field: $crate::service::members::Members::changed_from(&self.$field, &live.$field)),* }
            }
        }
    };
}
pub(super) use members;

#[cfg(test)]
mod tests {
    use super::*;

    members! {
        /// A leaf group.
        struct Inner {
            /// A leaf.
            size: Option<i32>,
        }
    }

    members! {
        /// A group of a leaf and a group.
        struct Outer {
            /// A leaf.
            name: Option<String>,
            /// A group.
            inner: Inner,
        }
    }

    fn outer(name: Option<&str>, size: Option<i32>) -> Outer {
        Outer { name: name.map(str::to_owned), inner: Inner { size } }
    }

    #[test]
    fn what_is_not_said_comes_from_the_fallback_at_every_depth() {
        assert_eq!(outer(Some("a"), None).or(&outer(Some("b"), Some(1))), outer(Some("a"), Some(1)));
    }

    #[test]
    fn only_what_is_said_and_differs_is_a_change() {
        let live = outer(Some("a"), Some(1));
        assert_eq!(outer(Some("a"), Some(2)).changed_from(&live), outer(None, Some(2)));
        assert_eq!(outer(None, None).changed_from(&live), Outer::default());
    }
}
