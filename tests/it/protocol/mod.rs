//! The plugin protocol.

mod lifecycle;
mod operations;
mod process;
mod schema;
mod transport;
mod unimplemented;
