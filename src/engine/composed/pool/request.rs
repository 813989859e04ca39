//! What joining and leaving take and give.

use std::collections::{BTreeMap, BTreeSet};

use super::{PoolId, PoolKey};
use crate::service::OwnerId;

/// A service that wants a load balancer.
#[derive(Debug, Clone)]
pub(crate) struct JoinRequest {
    pub(crate) key: PoolKey,
    pub(crate) owner: OwnerId,
    /// Host names of the service; none for a load balancer of its own.
    pub(crate) hosts: Vec<String>,
    /// The two target groups; a new rule sends everything to the first.
    pub(crate) target_group_arns: [String; 2],
    /// Tags of the rule, ownership tags included.
    pub(crate) rule_tags: BTreeMap<String, String>,
    /// The user's tags for what is shared; those of whoever makes a load balancer stay on it.
    pub(crate) shared_tags: BTreeMap<String, String>,
    /// Numbers of load balancers that have no room for the service, for example none for its certificate.
    pub(crate) full_numbers: BTreeSet<u8>,
}

/// A service's place on a load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Joined {
    /// The load balancer's number in its pool.
    pub(crate) number: u8,
    pub(crate) load_balancer_arn: String,
    pub(crate) dns_name: String,
    /// Hosted zone of the DNS name, for alias records.
    pub(crate) zone_id: String,
    pub(crate) security_group_ids: Vec<String>,
    /// The listener with the service's rule: HTTPS, or HTTP without a domain.
    pub(crate) listener_arn: String,
    /// The service's production rule.
    pub(crate) rule_arn: String,
    pub(crate) priority: u32,
}

/// A service that gives its load balancer up. Its target groups are deleted, because that is what proves that no rule
/// of it is left.
#[derive(Debug, Clone)]
pub(crate) struct LeaveRequest {
    /// The pool: of the load balancer's name ([`PoolId::of_load_balancer`]), or else of the key.
    pub(crate) pool_id: PoolId,
    pub(crate) vpc_id: String,
    pub(crate) listener: ListenerKind,
    pub(crate) owner: OwnerId,
    pub(crate) target_group_arns: Vec<String>,
    /// Certificates of the service on the listener.
    pub(crate) certificate_arns: Vec<String>,
    /// The user's tags for what a deletion makes on its way: tombstones, and listeners that are missing.
    pub(crate) shared_tags: BTreeMap<String, String>,
}

/// The listener that has the slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenerKind {
    /// Port 443, shared by host names.
    Https {
        /// `None`: AWS's default policy.
        ssl_policy: Option<String>,
    },
    /// Port 80, of one service alone.
    Http,
}

/// What a service left behind on purpose and what went with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Load balancers that went with the last service.
    pub(crate) deleted_load_balancer_arns: Vec<String>,
    /// Load balancers of the pool that stay.
    pub(crate) kept: Vec<KeptLoadBalancer>,
    /// Security groups of load balancers that stay, each with the reason.
    pub(crate) kept_groups: Vec<String>,
}

/// A load balancer that somebody else still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptLoadBalancer {
    pub(crate) arn: String,
    /// Whether somebody added rules or listeners of their own, so that it stays even without services.
    pub(crate) is_extended: bool,
}
