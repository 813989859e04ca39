//! The rollback alarm `<cluster>/<service>/RollbackAlarm` (facts, Express section 2.7).

use serde_json::{Value, json};

use super::load_balancer_pool::managed_tags;
use crate::sandbox::world::Scope;
use crate::sandbox::world::cloudwatch::MetricAlarm;
use crate::sandbox::world::ecs::service::{Service, is_befallen, schedule};
use crate::sandbox::world::ecs::{EcsEvent, rollback};
use crate::sandbox::world::scenario::Scenario;
use crate::sandbox::world::timing;

/// Why an alarm is in `ALARM` that a scenario set off.
const SCRIPTED_REASON: &str =
    "Threshold Crossed: 2 out of the last 3 datapoints were greater than the threshold (1.0).";

/// Name of a service's rollback alarm.
pub(crate) fn name(service: &Service) -> String {
    format!("{}/{}/RollbackAlarm", service.cluster, service.name)
}

/// Writes the alarm anew, undoing edits, and puts it back among the deployment's alarms. Answers its ARN.
pub(crate) fn put(scope: &mut Scope<'_>, service_arn: &str) -> Option<String> {
    let service = scope.region.ecs.services.get_mut(service_arn)?;
    let name = name(service);
    let alarms = service.settings.get_mut("deploymentConfiguration")?.get_mut("alarms")?;
    if let Some(names) = alarms["alarmNames"].as_array_mut()
        && !names.iter().any(|known| *known == name.as_str())
    {
        names.push(json!(name));
    }
    let load_balancer = service.express.as_ref()?.load_balancer_arn.clone();
    let target_groups = service.traffic.as_ref()?.target_groups.clone();
    let arn = scope.region.arn("cloudwatch", &format!("alarm:{name}"));
    let alarm = scope.region.cloudwatch.metric_alarms.entry(name.clone()).or_insert_with(|| MetricAlarm {
        arn: arn.clone(),
        name: name.clone(),
        state: "OK".to_owned(),
        state_updated_at: scope.now,
        tags: managed_tags(),
        ..MetricAlarm::default()
    });
    alarm.definition = define(&name, &load_balancer, &target_groups);
    alarm.updated_at = scope.now;
    Some(arn)
}

fn define(name: &str, load_balancer: &str, target_groups: &[String; 2]) -> Value {
    let suffix =
        |arn: &str, mark: &str| arn.split_once(mark).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    let balancer = suffix(load_balancer, ":loadbalancer/");
    let mut metrics = Vec::new();
    for (index, target_group) in target_groups.iter().enumerate() {
        let target_group = suffix(target_group, ":targetgroup/");
        let series = [
            (format!("m{index}_4xx"), "HTTPCode_Target_4XX_Count"),
            (format!("m{index}_5xx"), "HTTPCode_Target_5XX_Count"),
            (format!("m{index}_total"), "RequestCountPerTarget"),
        ];
        for (id, metric) in series {
            metrics.push(json!({"Id": id, "ReturnData": false, "MetricStat": {
                "Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": [
                    {"Name": "LoadBalancer", "Value": balancer},
                    {"Name": "TargetGroup", "Value": format!("targetgroup/{target_group}")},
                ]},
                "Period": 60,
                "Stat": "Sum",
            }}));
        }
        let (bad, worse, total) =
            (format!("m{index}_4xx"), format!("m{index}_5xx"), format!("m{index}_total"));
        let expression = format!("100 * (IF({bad} < 5, 0, {bad}) + {worse}) / FILL({total}, 1)");
        metrics.push(json!({"Id": format!("em{index}"), "Expression": expression, "ReturnData": false}));
    }
    metrics.push(json!({
        "Id": "e",
        "Expression": "MAX([em0, em1])",
        "Label": "Sum of 4XX and 5XX errors percentage",
        "ReturnData": true,
    }));
    json!({
        "AlarmName": name,
        "AlarmDescription": "Rate of 4XX and 5XX errors",
        "ActionsEnabled": true,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1.0,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
        "Metrics": metrics,
    })
}

/// Schedules the alarm of a canary if the scenario says so.
pub(crate) fn script(scope: &mut Scope<'_>, deployment_arn: &str) {
    let Some(deployment) = scope.region.ecs.deployments.get(deployment_arn) else { return };
    let service = deployment.service_arn.clone();
    if is_befallen(scope, &service, Scenario::Alarm) {
        let event = EcsEvent::AlarmFires { deployment: deployment_arn.to_owned() };
        schedule(scope, &service, timing::ALARM_FIRES, event);
    }
}

/// Fires the first alarm that the deployment watches; the deployment, if it still runs, rolls back.
pub(crate) fn fire(scope: &mut Scope<'_>, deployment_arn: &str) {
    let ecs = &scope.region.ecs;
    let Some(deployment) = ecs.deployments.get(deployment_arn).filter(|one| !one.status.is_terminal()) else {
        return;
    };
    let Some(name) = deployment.alarm_names().into_iter().next() else { return };
    set_state(scope, &name, "ALARM", SCRIPTED_REASON);
    rollback::on_alarm(scope, deployment_arn);
}

/// Calms an alarm that a scenario set off; one that somebody else set off stays.
pub(crate) fn settle_scripted(scope: &mut Scope<'_>, name: &str) {
    let alarm = scope.region.cloudwatch.metric_alarms.get(name);
    if alarm.is_some_and(|alarm| alarm.state_reason == SCRIPTED_REASON) {
        settle(scope, name);
    }
}

/// The alarm calms down once the deployment that caused it has ended.
pub(crate) fn settle(scope: &mut Scope<'_>, name: &str) {
    let in_alarm =
        scope.region.cloudwatch.metric_alarms.get(name).is_some_and(|alarm| alarm.state == "ALARM");
    if in_alarm {
        let reason = "Threshold Crossed: no datapoints were received for 3 periods and missing data was treated as \
                      [NonBreaching].";
        set_state(scope, name, "OK", reason);
    }
}

fn set_state(scope: &mut Scope<'_>, name: &str, state: &str, reason: &str) {
    if let Some(alarm) = scope.region.cloudwatch.metric_alarms.get_mut(name) {
        state.clone_into(&mut alarm.state);
        reason.clone_into(&mut alarm.state_reason);
        alarm.state_updated_at = scope.now;
    }
}
