//! go-plugin's services beside the provider itself (protocol section 1.5).

mod broker;
mod controller;
mod stdio;

pub(crate) use broker::Broker;
pub(crate) use controller::Controller;
pub(crate) use stdio::Stdio;
