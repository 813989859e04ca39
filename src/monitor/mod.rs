//! `terraform-provider-express monitor`: services on a screen, or as lines, while AWS works on them.
//!
//! [`Session`] looks and keeps the model; [`run_text`] and [`run_live`] show it. The model is pure: looks, keys and
//! time come in, lines and frames go out.
//!
//! **Invariant:** reads only; no call of this module changes anything in AWS.
//! **Invariant:** only this module draws on a terminal.

mod cause;
pub mod command;
mod error;
mod keyboard;
mod keys;
mod look;
mod options;
mod outcome;
mod place;
mod run;
mod screen;
mod session;
mod state;
mod target;
#[cfg(test)]
mod testing;
mod text;
mod view;
mod watch;

pub use error::MonitorError;
pub use keys::{Action, find_action};
pub use options::{Mode, Options};
pub use outcome::{Ending, exit_status};
pub use run::{End, Limits, run_live, run_text};
pub use screen::Screen;
pub use session::Session;
pub use state::{State, View};
pub use view::draw;
