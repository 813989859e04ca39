//! The resources that ECS makes and owns for an Express service, with a status each.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::express::ExpressService;
use super::revision::ServiceRevision;
use crate::sandbox::world::{Scope, Timestamp};

/// Which resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum ManagedResourceKind {
    LogGroup,
    ServiceSecurityGroup,
    LoadBalancerSecurityGroup,
    TargetGroup,
    AlternateTargetGroup,
    LoadBalancer,
    Certificate,
    Listener,
    Rule,
    ScalableTarget,
    ScalingPolicy,
    MetricAlarm,
}

impl ManagedResourceKind {
    /// Whether services share the resource, so that it outlives any one of them.
    pub(crate) fn is_shared(self) -> bool {
        matches!(self, Self::LoadBalancer | Self::LoadBalancerSecurityGroup | Self::Listener)
    }
}

/// `ManagedResourceStatus` of the API model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ManagedResourceStatus {
    #[default]
    Provisioning,
    Active,
    Deprovisioning,
    Deleted,
    Failed,
}

/// One managed resource. The ARN shows only once the resource exists.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ManagedResource {
    pub(crate) arn: Option<String>,
    pub(crate) status: ManagedResourceStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) updated_at: Timestamp,
}

impl ManagedResource {
    /// Moves to `status` at `now`.
    pub(crate) fn become_status(&mut self, status: ManagedResourceStatus, now: Timestamp) {
        self.status = status;
        self.status_reason = None;
        self.updated_at = now;
    }

    fn describe(&self, further: Value) -> Value {
        let mut answer = match further {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        if let Some(arn) = &self.arn {
            answer.insert("arn".into(), json!(arn));
        }
        answer.insert("status".into(), json!(self.status));
        if let Some(reason) = &self.status_reason {
            answer.insert("statusReason".into(), json!(reason));
        }
        answer.insert("updatedAt".into(), self.updated_at.epoch_seconds());
        Value::Object(answer)
    }
}

/// `ecsManagedResources` of a revision of an Express service (facts, Express section 6.2).
pub(crate) fn describe(scope: &Scope<'_>, express: &ExpressService, revision: &ServiceRevision) -> Value {
    let view = |kind: ManagedResourceKind, further: Value| {
        express.managed.get(&kind).cloned().unwrap_or_default().describe(further)
    };
    let Some(configuration) = &revision.express else { return json!({}) };
    let subnets = scope.region.elbv2.load_balancers.get(&express.load_balancer_arn);
    let subnets =
        subnets.map_or(&configuration.network_configuration.subnets, |balancer| &balancer.subnet_ids);
    let target_group = |kind| {
        view(
            kind,
            json!({
                "healthCheckPath": configuration.health_check_path,
                "healthCheckPort": configuration.container_port(),
                "port": configuration.container_port(),
            }),
        )
    };
    json!({
        "ingressPaths": [{
            "accessType": express.access_type,
            "endpoint": express.endpoint,
            "loadBalancer": view(ManagedResourceKind::LoadBalancer, json!({
                "scheme": express.scheme(),
                "subnetIds": subnets,
                "securityGroupIds": [express.load_balancer_security_group_id],
            })),
            "loadBalancerSecurityGroups": [view(ManagedResourceKind::LoadBalancerSecurityGroup, json!({}))],
            "certificate": view(ManagedResourceKind::Certificate, json!({"domainName": express.endpoint})),
            "listener": view(ManagedResourceKind::Listener, json!({})),
            "rule": view(ManagedResourceKind::Rule, json!({})),
            "targetGroups": [
                target_group(ManagedResourceKind::TargetGroup),
                target_group(ManagedResourceKind::AlternateTargetGroup),
            ],
        }],
        "autoScaling": {
            "scalableTarget": view(ManagedResourceKind::ScalableTarget, json!({
                "minCapacity": configuration.scaling_target.min_task_count,
                "maxCapacity": configuration.scaling_target.max_task_count,
            })),
            "applicationAutoScalingPolicies": [view(ManagedResourceKind::ScalingPolicy, json!({
                "policyType": "TargetTrackingScaling",
                "targetValue": configuration.scaling_target.auto_scaling_target_value,
                "metric": configuration.scaling_target.auto_scaling_metric,
            }))],
        },
        "metricAlarms": [view(ManagedResourceKind::MetricAlarm, json!({}))],
        "serviceSecurityGroups": [view(ManagedResourceKind::ServiceSecurityGroup, json!({}))],
        "logGroups": describe_log_groups(scope, express, configuration.log_group()),
        "gatewayConnections": [],
    })
}

/// The log group that the revision writes to: the one that ECS made, or the customer's.
fn describe_log_groups(scope: &Scope<'_>, express: &ExpressService, log_group: &str) -> Value {
    let name = json!({"logGroupName": log_group});
    if log_group == express.log_group_name {
        let managed = express.managed.get(&ManagedResourceKind::LogGroup).cloned().unwrap_or_default();
        return json!([managed.describe(name)]);
    }
    let Some(group) = scope.region.logs.log_groups.get(log_group) else { return json!([]) };
    let resource = ManagedResource {
        arn: Some(group.arn.clone()),
        status: ManagedResourceStatus::Active,
        status_reason: None,
        updated_at: group.created_at,
    };
    json!([resource.describe(name)])
}
