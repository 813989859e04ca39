//! The load balancer in front of a service.

use std::collections::BTreeSet;

use crate::service::members::members;

members! {
    /// What a load balancer is. Everything here is the same for all services that share one.
    pub struct LoadBalancerSettings {
        /// Public or private; without a value, what the subnets' routes say.
        pub scheme: Option<LoadBalancerScheme>,
        /// Subnets of the load balancer; without a value, those of the tasks.
        pub subnets: Option<BTreeSet<String>>,
        /// Only services that name the same pool share a load balancer.
        pub pool: Option<String>,
        /// Where access logs go; none without a value.
        pub access_logs: Option<AccessLogs>,
    }
}

/// `scheme` of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoadBalancerScheme {
    /// Reached from the internet.
    InternetFacing,
    /// Reached from the VPC.
    Internal,
}

named! {
    LoadBalancerScheme, SchemeError, "load balancer scheme" {
        InternetFacing => "internet-facing",
        Internal => "internal",
    }
}

/// Where a load balancer writes its access logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessLogs {
    /// S3 bucket.
    pub bucket: String,
    /// Prefix of the objects.
    pub prefix: Option<String>,
}
