//! Scaling policies on the wire, as our types and back.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{ScalingPolicy, TargetTracking, TrackedMetric};

const NAMESPACE: &str = "AWS/ApplicationELB";
const METRIC: &str = "RequestCountPerTarget";
const AVERAGE_CPU: &str = "ECSServiceAverageCPUUtilization";
const AVERAGE_MEMORY: &str = "ECSServiceAverageMemoryUtilization";
const PREDEFINED: &str = "PredefinedMetricSpecification";
const CUSTOMIZED: &str = "CustomizedMetricSpecification";

/// Names are AWS's.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct PoliciesOutput {
    pub(super) scaling_policies: Vec<PolicyItem>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct PolicyItem {
    #[serde(rename = "PolicyARN")]
    policy_arn: String,
    policy_name: String,
    pub(super) resource_id: String,
    target_tracking_scaling_policy_configuration: Option<Map<String, Value>>,
    alarms: Vec<AlarmItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AlarmItem {
    #[serde(rename = "AlarmARN")]
    alarm_arn: String,
}

/// The configuration that makes the policy what is wanted: a put replaces all of it, so it begins with the live one.
pub(super) fn to_input(target: &TargetTracking) -> Value {
    let mut configuration = target.live.clone();
    configuration.insert("TargetValue".to_owned(), json!(target.target_value));
    if metric_of(&configuration).as_ref() != Some(&target.metric) {
        configuration.remove(PREDEFINED);
        configuration.remove(CUSTOMIZED);
        let (member, specification) = specification(&target.metric);
        configuration.insert(member.to_owned(), specification);
    }
    Value::Object(configuration)
}

fn specification(metric: &TrackedMetric) -> (&'static str, Value) {
    match metric {
        TrackedMetric::AverageCpu => (PREDEFINED, json!({ "PredefinedMetricType": AVERAGE_CPU })),
        TrackedMetric::AverageMemory => (PREDEFINED, json!({ "PredefinedMetricType": AVERAGE_MEMORY })),
        TrackedMetric::RequestCountPerTarget { load_balancer, target_groups } => {
            (CUSTOMIZED, requests(load_balancer, target_groups))
        }
    }
}

/// `m1`, `m2`, ... for the target groups, and their sum: a target group without targets has no data.
fn requests(load_balancer: &str, target_groups: &[String]) -> Value {
    let (mut metrics, mut terms) = (Vec::new(), Vec::new());
    for (index, target_group) in target_groups.iter().enumerate() {
        let id = format!("m{}", index + 1);
        terms.push(format!("FILL({id},0)"));
        let dimensions = json!([
            { "Name": "LoadBalancer", "Value": load_balancer },
            { "Name": "TargetGroup", "Value": target_group },
        ]);
        let metric = json!({ "Namespace": NAMESPACE, "MetricName": METRIC, "Dimensions": dimensions });
        let stat = json!({ "Metric": metric, "Stat": "Sum" });
        metrics.push(json!({ "Id": id, "MetricStat": stat, "ReturnData": false }));
    }
    metrics.push(json!({
        "Id": "requests",
        "Label": "requests per target and minute",
        "Expression": terms.join("+"),
        "ReturnData": true,
    }));
    json!({ "Metrics": metrics })
}

pub(super) fn from_item(item: PolicyItem) -> ScalingPolicy {
    ScalingPolicy {
        arn: item.policy_arn,
        name: item.policy_name,
        target: item.target_tracking_scaling_policy_configuration.and_then(target_from_output),
        alarm_arns: item.alarms.into_iter().map(|alarm| alarm.alarm_arn).collect(),
    }
}

fn target_from_output(live: Map<String, Value>) -> Option<TargetTracking> {
    Some(TargetTracking { metric: metric_of(&live)?, target_value: live.get("TargetValue")?.as_f64()?, live })
}

fn metric_of(configuration: &Map<String, Value>) -> Option<TrackedMetric> {
    if let Some(specification) =
        configuration.get(PREDEFINED).filter(|specification| !specification.is_null())
    {
        return match specification["PredefinedMetricType"].as_str()? {
            AVERAGE_CPU => Some(TrackedMetric::AverageCpu),
            AVERAGE_MEMORY => Some(TrackedMetric::AverageMemory),
            _ => None,
        };
    }
    requests_of(configuration.get(CUSTOMIZED)?)
}

fn requests_of(specification: &Value) -> Option<TrackedMetric> {
    let queries = specification["Metrics"].as_array()?;
    let metrics = queries.iter().map(|query| &query["MetricStat"]["Metric"]);
    let ours: Vec<_> = metrics.filter(|metric| metric["MetricName"] == METRIC).collect();
    let value = |metric: &Value, name: &str| {
        let dimension =
            metric["Dimensions"].as_array()?.iter().find(|dimension| dimension["Name"] == name)?;
        dimension["Value"].as_str().map(str::to_owned)
    };
    Some(TrackedMetric::RequestCountPerTarget {
        load_balancer: value(ours.first()?, "LoadBalancer")?,
        target_groups: ours.iter().filter_map(|metric| value(metric, "TargetGroup")).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_two_groups() -> TrackedMetric {
        TrackedMetric::RequestCountPerTarget {
            load_balancer: "app/x/1".to_owned(),
            target_groups: vec!["targetgroup/a/1".to_owned(), "targetgroup/b/2".to_owned()],
        }
    }

    fn written(target: &TargetTracking) -> Map<String, Value> {
        let Value::Object(configuration) = to_input(target) else { panic!("an object") };
        configuration
    }

    #[test]
    fn a_target_is_read_as_it_was_written() {
        for metric in [TrackedMetric::AverageCpu, TrackedMetric::AverageMemory, of_two_groups()] {
            let target = TargetTracking::new(metric, 60.0);
            let live = written(&target);
            let read = target_from_output(live.clone());
            assert_eq!(read, Some(TargetTracking { live, ..target }));
        }
    }

    #[test]
    fn requests_are_summed_over_all_target_groups() {
        let (_, specification) = specification(&of_two_groups());
        assert_eq!(specification["Metrics"].as_array().map(Vec::len), Some(3));
        assert_eq!(specification["Metrics"][2]["Expression"], "FILL(m1,0)+FILL(m2,0)");
    }

    #[test]
    fn what_a_person_set_and_what_nobody_knows_goes_back_as_it_came() {
        let live = json!({
            "TargetValue": 60.0, "DisableScaleIn": true, "ScaleInCooldown": 300, "AddedTomorrow": { "a": 1 },
            "PredefinedMetricSpecification": { "PredefinedMetricType": AVERAGE_CPU, "AddedTomorrow": "x" },
        });
        let Value::Object(live) = live else { panic!("an object") };
        let put = to_input(&TargetTracking {
            live: live.clone(),
            ..TargetTracking::new(TrackedMetric::AverageCpu, 70.0)
        });
        assert_eq!((&put["TargetValue"], &put["DisableScaleIn"]), (&json!(70.0), &json!(true)));
        assert_eq!((&put["ScaleInCooldown"], &put["AddedTomorrow"]["a"]), (&json!(300), &json!(1)));
        assert_eq!(put[PREDEFINED]["AddedTomorrow"], "x");
        let put = to_input(&TargetTracking { live, ..TargetTracking::new(of_two_groups(), 70.0) });
        assert_eq!((put.get(PREDEFINED), &put["DisableScaleIn"]), (None, &json!(true)));
        assert_eq!(put[CUSTOMIZED]["Metrics"].as_array().map(Vec::len), Some(3));
    }
}
