//! Load balancers that independent Terraform states share.
//!
//! A slot is a listener rule's priority: `CreateRule` gives a priority to one caller only, and that is the one
//! compare-and-swap that Elastic Load Balancing has (facts, composition section 3). Reads are hints; nothing depends
//! on how fresh they are.
//!
//! The calls, all on `Pools { elbv2, ec2, acm, wafv2 }`:
//! - `join(bounds, &JoinRequest) -> Result<Joined, PoolError>`: security group, load balancer, listeners and the
//!   service's rule. Called again it finds the rule and checks it.
//! - `ensure_certificate(bounds, &Joined, certificate_arn) -> Result<(), PoolError>`: adds the service's certificate.
//!   `PoolError::NoRoomForCertificate`: leave, then join with the number among `full_numbers`.
//! - `leave(bounds, &LeaveRequest) -> Result<Left, PoolError>`: certificates off the listener, rules and target groups
//!   deleted, and every load balancer of the pool that nobody uses any more.

mod key;
mod request;

pub(crate) use key::{PoolId, PoolKey, Sharing};
pub(crate) use request::{
    JoinRequest, Joined, KeptLoadBalancer, KeptReason, LeaveRequest, Left, ListenerKind,
};
