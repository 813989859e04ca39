//! The operations as core meets them: a scripted resource behind a whole server.

mod apply;
mod calls;
mod core;
mod plan;
mod read;
mod scripted;
mod state;
