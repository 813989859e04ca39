//! The checks that attributes have in common. Each checks a value; `for_elements` and `for_keys` make it check
//! those of a collection.

mod arn;
mod duration;
mod number;
mod size;
mod text;

pub use arn::arn;
pub use duration::duration;
pub use number::{between, float_between};
pub use size::size_between;
pub use text::{length_between, matches, one_of, starts_with};
