//! The life of a service, from the first apply to the last, through the provider's operations.

mod basic;
mod break_glass;
mod composed_plans;
mod interruption;
mod one_argument;
mod own_url;
mod parts;
mod peer_scenarios;
mod refusals;
mod sharing;
mod subnets;
