//! Closed sets of names that AWS spells.

/// Gives an enum of unit variants its names: `NAMES`, `as_str`, and `FromStr` with an error that lists them.
macro_rules! named {
    ($name:ident, $error:ident, $what:literal { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $name {
            /// All names, in AWS's spelling.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// AWS's spelling.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        #[doc = concat!("A text names no ", $what, ".")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("`{text}` is no {}; allowed: {}", $what, $name::NAMES.join(", "))]
        pub struct $error {
            /// What was given.
            pub text: String,
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($error { text: text.to_owned() }),
                }
            }
        }
    };
}
