//! The life of a service, from the first apply to the last, through the provider's operations.

mod basic;
mod break_glass;
mod interruption;
mod own_url;
mod refusals;
mod subnets;
