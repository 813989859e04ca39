//! Deployments that no configuration asks for: redeploying what runs, rolling back what is under way.
//!
//! Both engines' services are ECS services, so both are served by the same ECS calls.

mod follow;
mod redeploy;
mod roll_back;

pub(crate) use redeploy::redeploy;
pub(crate) use roll_back::{RollBackEnd, roll_back};
