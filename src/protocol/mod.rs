//! The Terraform plugin protocol: the rim of the provider.
//!
//! [`serve`] is the whole life of a plugin process. `rpc` has one file for each RPC: decode, delegate to
//! [`crate::framework`], encode. The rest is go-plugin's manners: handshake, TLS, signals, log, shutdown.
//!
//! **Invariant:** nothing outside this module sees protobuf, gRPC or TLS; nothing inside knows AWS.

#[doc(hidden)]
pub mod client;
mod connection;
mod environment;
mod from_proto;
mod handshake;
mod lifecycle;
mod listener;
mod log;
mod panic_hook;
mod parent_watch;
mod plugin;
mod plugin_services;
mod reattach;
mod rpc;
mod serve;
mod signals;
mod socket_file;
mod tls;
mod to_proto;
#[cfg(unix)]
mod unix_socket;

#[doc(hidden)]
pub mod proto;

pub use environment::{COOKIE_NAME, COOKIE_VALUE, Environment};
pub use listener::{Address, Transport};
pub use plugin::StartError;
pub use serve::{Mode, Options, serve};
pub use tls::TlsError;
