//! The other side of the protocol: what core does, for tests, benches and `scripts/footprint`.
//!
//! [`Client`] has the operations of [`crate::framework::server::Server`], with the same requests and
//! responses, but over the wire: certificates, TLS, HTTP/2 and msgpack as a real core has them.
//! [`InProcess`] serves a provider in the same process, [`Child`] starts a plugin binary.

mod calls;
mod certificate;
mod child;
mod connect;
mod in_process;
mod streams;
mod types;
mod wire;

pub use calls::Client;
pub use certificate::ClientCertificate;
pub use child::{Child, core_command};
pub use connect::{ConnectError, HandshakeLine};
pub use in_process::InProcess;
pub use streams::{Invocation, Listing};
