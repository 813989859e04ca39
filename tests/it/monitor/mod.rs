//! The monitor beside an apply: the same sandbox, the same virtual clock, lines and frames as a user sees them.

mod bad_input;
mod calls;
mod composed;
mod recorded;
mod watching;
