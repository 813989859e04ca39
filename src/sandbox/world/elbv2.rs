//! Elastic Load Balancing v2: application load balancers, listeners, rules and target groups.

mod actions;
mod attributes;
mod certificates;
mod conditions;
mod create_listener;
mod create_load_balancer;
mod create_rule;
mod create_target_group;
mod delete;
mod describe;
mod health_check;
pub(crate) mod hosted_zones;
mod modify;
mod names;
mod output;
pub(crate) mod past_uses;
mod tags;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::past_uses::PastUses;
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
    /// Certificates that a listener served until a while ago.
    pub(crate) certificate_uses: PastUses,
    /// Target groups that a rule or listener named until a moment ago.
    pub(crate) target_group_uses: PastUses,
}

/// Something that happens by itself inside ELBv2.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Elbv2Event {
    /// The network interfaces of a load balancer that was deleted go.
    NetworkInterfacesReleased { interfaces: Vec<String> },
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
    /// How long a client stays with its target group.
    pub(crate) stickiness_seconds: Option<u32>,
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
    /// gRPC codes in a group of protocol version `GRPC`.
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
    let input = &request.input;
    match request.operation.as_str() {
        "DescribeLoadBalancers" => describe::load_balancers(scope, input),
        "DescribeListeners" => describe::listeners(scope, input),
        "DescribeListenerCertificates" => describe::listener_certificates(scope, input),
        "DescribeRules" => describe::rules(scope, input),
        "DescribeTargetGroups" => describe::target_groups(scope, input),
        "DescribeTargetHealth" => describe::target_health(scope, input),
        "DescribeLoadBalancerAttributes" => attributes::describe_load_balancer(scope, input),
        "ModifyLoadBalancerAttributes" => attributes::modify_load_balancer(scope, input),
        "DescribeTargetGroupAttributes" => attributes::describe_target_group(scope, input),
        "ModifyTargetGroupAttributes" => attributes::modify_target_group(scope, input),
        "ModifyRule" => modify::rule(scope, input),
        "ModifyTargetGroup" => health_check::modify(scope, input),
        "ModifyListener" => create_listener::modify(scope, input),
        "SetRulePriorities" => create_rule::set_priorities(scope, input),
        "SetSecurityGroups" => modify::security_groups(scope, input),
        "AddListenerCertificates" => certificates::add(scope, input),
        "RemoveListenerCertificates" => certificates::remove(scope, input),
        "CreateLoadBalancer" => create_load_balancer::call(scope, input),
        "CreateListener" => create_listener::call(scope, input),
        "CreateRule" => create_rule::call(scope, input),
        "CreateTargetGroup" => create_target_group::call(scope, input),
        "DeleteRule" => delete::rule(scope, input),
        "DeleteListener" => delete::listener(scope, input),
        "DeleteTargetGroup" => delete::target_group(scope, input),
        "DeleteLoadBalancer" => delete::load_balancer(scope, input),
        "DescribeTags" => tags::describe(scope, input),
        "AddTags" => tags::add(scope, input),
        "RemoveTags" => tags::remove(scope, input),
        _ => Err(unknown_operation(request)),
    }
}

/// Executes one event of ELBv2.
pub(crate) fn happen(scope: &mut Scope<'_>, event: Elbv2Event) {
    match event {
        Elbv2Event::NetworkInterfacesReleased { interfaces } => {
            delete::release_interfaces(scope, &interfaces);
        }
    }
}

impl Elbv2State {
    /// The load balancers that send traffic to a target group: through a rule or a default action.
    pub(crate) fn load_balancers_of_target_group(&self, target_group_arn: &str) -> BTreeSet<&str> {
        let forwards =
            |rule: &&Rule| rule.forward.iter().any(|weighted| weighted.target_group_arn == target_group_arn);
        let by_rule = self.rules.values().filter(forwards).map(|rule| &rule.listener_arn);
        let defaults_to = |listener: &&Listener| {
            actions::named_groups(&listener.default_actions).contains(target_group_arn)
        };
        let by_default = self.listeners.values().filter(defaults_to).map(|listener| &listener.arn);
        let listeners = by_rule.chain(by_default).filter_map(|arn| self.listeners.get(arn));
        listeners.map(|listener| listener.load_balancer_arn.as_str()).collect()
    }

    /// The target groups that a load balancer sends traffic to through its rules.
    fn target_groups_of_load_balancer(&self, load_balancer_arn: &str) -> BTreeSet<&str> {
        let is_on_balancer = |rule: &&Rule| {
            self.listeners.get(&rule.listener_arn).is_some_and(|it| it.load_balancer_arn == load_balancer_arn)
        };
        let groups = self.rules.values().filter(is_on_balancer).flat_map(|rule| &rule.forward);
        groups.map(|weighted| weighted.target_group_arn.as_str()).collect()
    }
}

/// The refusal for an ARN or name that is not there, in the words of its kind.
fn not_found(kind: &str) -> ApiError {
    let (code, things) = match kind {
        "load balancer" => ("LoadBalancerNotFound", "load balancers"),
        "listener" => ("ListenerNotFound", "listeners"),
        "rule" => ("RuleNotFound", "rules"),
        _ => ("TargetGroupNotFound", "target groups"),
    };
    ApiError::client(code, format!("One or more {things} not found"))
}

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}
