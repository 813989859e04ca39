//! The members that `CreateService`, `UpdateService` and `DescribeServices` share, in the shape of the wire.
//!
//! What is read is what can be written again: `deploymentConfiguration` and `loadBalancers` replace the live ones as
//! a whole (facts, composition sections 2.6 and 4), so a change starts from a fresh copy and loses no leaf of it, nor a
//! member that AWS added after this version ([`Others`]).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Members that this version does not know. They are in inputs and answers alike, so they are sent back as they came.
pub(crate) type Others = Map<String, Value>;

/// How deployments of a service go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct DeploymentConfiguration {
    /// `None`: AWS's default, `ROLLING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) strategy: Option<DeploymentStrategy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_percent: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minimum_healthy_percent: Option<i32>,
    /// Time after all traffic has moved, before the old revision's tasks end; needed by every strategy but rolling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bake_time_in_minutes: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) canary_configuration: Option<CanaryConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) linear_configuration: Option<LinearConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alarms: Option<DeploymentAlarms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deployment_circuit_breaker: Option<DeploymentCircuitBreaker>,
    /// Never ours; kept as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lifecycle_hooks: Option<Value>,
    /// Never ours; kept as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) early_success_criteria: Option<Value>,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// How traffic moves to a new revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeploymentStrategy {
    Rolling,
    BlueGreen,
    Linear,
    Canary,
    /// One that this version does not know; it is never sent.
    #[serde(other, skip_serializing)]
    Unknown,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CanaryConfiguration {
    /// 0.1 to 100.0.
    pub(crate) canary_percent: f64,
    pub(crate) canary_bake_time_in_minutes: i32,
    #[serde(flatten)]
    pub(crate) others: Others,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LinearConfiguration {
    /// 3.0 to 100.0.
    pub(crate) step_percent: f64,
    pub(crate) step_bake_time_in_minutes: i32,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// Alarms that fail a deployment when they go off during it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct DeploymentAlarms {
    pub(crate) alarm_names: Vec<String>,
    pub(crate) enable: bool,
    pub(crate) rollback: bool,
    #[serde(flatten)]
    pub(crate) others: Others,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct DeploymentCircuitBreaker {
    pub(crate) enable: bool,
    pub(crate) rollback: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reset_on_healthy_task: Option<bool>,
    /// Never ours; kept as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) threshold_configuration: Option<Value>,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// Where tasks register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceLoadBalancer {
    pub(crate) target_group_arn: String,
    pub(crate) container_name: String,
    pub(crate) container_port: i32,
    /// What ECS needs to move traffic between two target groups: present for every strategy but rolling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advanced_configuration: Option<AdvancedConfiguration>,
    #[serde(flatten)]
    pub(crate) others: Others,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AdvancedConfiguration {
    pub(crate) alternate_target_group_arn: String,
    /// ARN of the rule whose weights ECS owns from now on.
    pub(crate) production_listener_rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test_listener_rule: Option<String>,
    /// The infrastructure role.
    pub(crate) role_arn: String,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// The network of a service's tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NetworkConfiguration {
    pub(crate) awsvpc_configuration: AwsvpcConfiguration,
    #[serde(flatten)]
    pub(crate) others: Others,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AwsvpcConfiguration {
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    /// `ENABLED` or `DISABLED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assign_public_ip: Option<String>,
    #[serde(flatten)]
    pub(crate) others: Others,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CapacityProviderStrategyItem {
    /// `FARGATE` or `FARGATE_SPOT`.
    pub(crate) capacity_provider: String,
    pub(crate) weight: i32,
    pub(crate) base: i32,
    #[serde(flatten)]
    pub(crate) others: Others,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deployment_configuration_is_written_as_it_was_read() {
        let wire = json!({
            "strategy": "CANARY", "maximumPercent": 200, "minimumHealthyPercent": 100, "bakeTimeInMinutes": 3,
            "canaryConfiguration": { "canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3, "added": 1 },
            "alarms": { "alarmNames": ["a"], "enable": true, "rollback": true, "added": ["x"] },
            "deploymentCircuitBreaker": {
                "enable": true, "rollback": true,
                "thresholdConfiguration": { "type": "COUNT", "value": 3 }
            },
            "lifecycleHooks": [{ "hookTargetArn": "arn:aws:lambda:eu-west-1:1:function:check" }],
            "addedTomorrow": { "enabled": true }
        });
        let read: DeploymentConfiguration = serde_json::from_value(wire.clone()).expect("readable");
        assert_eq!(read.strategy, Some(DeploymentStrategy::Canary));
        assert_eq!(serde_json::to_value(&read).expect("writable"), wire);
    }

    #[test]
    fn a_strategy_of_a_later_day_is_read_as_unknown() {
        let read: DeploymentConfiguration =
            serde_json::from_value(json!({ "strategy": "SOMERSAULT" })).expect("readable");
        assert_eq!(read.strategy, Some(DeploymentStrategy::Unknown));
        assert!(serde_json::to_value(&read).is_err());
    }

    #[test]
    fn a_load_balancer_is_written_as_it_was_read() {
        let wire = json!({
            "targetGroupArn": "tg-a", "containerName": "Main", "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": "tg-b", "productionListenerRule": "rule", "roleArn": "role", "added": "x"
            },
            "addedTomorrow": "x"
        });
        let read: ServiceLoadBalancer = serde_json::from_value(wire.clone()).expect("readable");
        assert_eq!(serde_json::to_value(&read).expect("writable"), wire);
    }
}
