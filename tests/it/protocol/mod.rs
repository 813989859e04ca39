//! The plugin protocol.

mod compatibility;
mod lifecycle;
mod operations;
mod process;
mod schema;
mod transport;
mod unimplemented;
