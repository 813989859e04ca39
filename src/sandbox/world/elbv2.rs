//! Elastic Load Balancing v2: application load balancers, listeners, rules and target groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Tags, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ELBv2 of one account and region, keyed by ARN.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Elbv2State {
    pub(crate) load_balancers: BTreeMap<String, LoadBalancer>,
    pub(crate) listeners: BTreeMap<String, Listener>,
    pub(crate) rules: BTreeMap<String, Rule>,
    pub(crate) target_groups: BTreeMap<String, TargetGroup>,
}

/// An application load balancer. Its state is `provisioning` before `active_at`, then `active`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LoadBalancer {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) dns_name: String,
    pub(crate) canonical_hosted_zone_id: String,
    /// `internet-facing` or `internal`.
    pub(crate) scheme: String,
    pub(crate) ip_address_type: String,
    pub(crate) vpc_id: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) security_group_ids: Vec<String>,
    pub(crate) network_interface_ids: Vec<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) active_at: Timestamp,
    /// Only attributes that differ from the defaults.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: Tags,
}

/// A listener. The first certificate is the default one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) load_balancer_arn: String,
    pub(crate) port: u16,
    pub(crate) protocol: String,
    pub(crate) ssl_policy: Option<String>,
    pub(crate) certificate_arns: Vec<String>,
    /// Actions in API form (`Type`, `ForwardConfig`, ...).
    pub(crate) default_actions: Vec<Value>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: Tags,
}

/// A listener rule other than the default one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Rule {
    pub(crate) arn: String,
    pub(crate) listener_arn: String,
    pub(crate) priority: u32,
    /// Conditions in API form (`Field`, `HostHeaderConfig`, ...).
    pub(crate) conditions: Vec<Value>,
    /// Weighted target groups of the forward action; empty if the rule does something else.
    pub(crate) forward: Vec<WeightedTargetGroup>,
    /// Actions in API form other than the forward action.
    pub(crate) other_actions: Vec<Value>,
    pub(crate) tags: Tags,
}

/// A target group and its share of a rule's traffic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WeightedTargetGroup {
    pub(crate) target_group_arn: String,
    pub(crate) weight: u32,
}

/// A target group with its registered targets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) protocol: String,
    pub(crate) protocol_version: String,
    pub(crate) port: u16,
    pub(crate) vpc_id: String,
    pub(crate) target_type: String,
    pub(crate) ip_address_type: String,
    pub(crate) health_check: HealthCheck,
    pub(crate) targets: Vec<Target>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: Tags,
}

/// Health check settings of a target group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HealthCheck {
    pub(crate) enabled: bool,
    pub(crate) protocol: String,
    /// A number or `traffic-port`.
    pub(crate) port: String,
    pub(crate) path: String,
    pub(crate) interval_seconds: u32,
    pub(crate) timeout_seconds: u32,
    pub(crate) healthy_threshold_count: u32,
    pub(crate) unhealthy_threshold_count: u32,
    pub(crate) matcher_http_code: String,
}

/// A registered target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Target {
    /// IP address for target type `ip`.
    pub(crate) id: String,
    pub(crate) port: u16,
    pub(crate) availability_zone: String,
    pub(crate) health: TargetHealth,
}

/// Health of a target as `DescribeTargetHealth` reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TargetHealth {
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining`.
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) description: Option<String>,
}

/// Executes one ELBv2 operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
