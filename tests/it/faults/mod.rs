//! The fault matrix: every call that an operation makes, each with everything that can go wrong with it.

mod account;
mod cell;
mod fault;
mod matrix;
mod scenario;
