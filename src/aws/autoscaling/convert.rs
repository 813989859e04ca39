//! From the SDK's shapes of a scaling policy to ours and back.

use aws_sdk_applicationautoscaling::types;
use aws_smithy_types::error::operation::BuildError;

use super::{ScalingPolicy, TargetTracking, TrackedMetric};

const NAMESPACE: &str = "AWS/ApplicationELB";
const METRIC: &str = "RequestCountPerTarget";

/// Errors if AWS's model wants a member that is missing here.
pub(super) fn to_input(
    target: &TargetTracking,
) -> Result<types::TargetTrackingScalingPolicyConfiguration, BuildError> {
    let builder = types::TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(target.target_value)
        .set_scale_in_cooldown(target.scale_in_cooldown_seconds)
        .set_scale_out_cooldown(target.scale_out_cooldown_seconds);
    let builder = match &target.metric {
        TrackedMetric::AverageCpu => builder
            .predefined_metric_specification(predefined(types::MetricType::EcsServiceAverageCpuUtilization)?),
        TrackedMetric::AverageMemory => builder.predefined_metric_specification(predefined(
            types::MetricType::EcsServiceAverageMemoryUtilization,
        )?),
        TrackedMetric::RequestCountPerTarget { load_balancer, target_groups } => {
            builder.customized_metric_specification(requests(load_balancer, target_groups)?)
        }
    };
    builder.build()
}

fn predefined(metric: types::MetricType) -> Result<types::PredefinedMetricSpecification, BuildError> {
    types::PredefinedMetricSpecification::builder().predefined_metric_type(metric).build()
}

/// `m1`, `m2`, ... for the target groups, and their sum: a target group without targets has no data.
fn requests(
    load_balancer: &str,
    target_groups: &[String],
) -> Result<types::CustomizedMetricSpecification, BuildError> {
    let mut specification = types::CustomizedMetricSpecification::builder();
    let mut terms = Vec::new();
    for (index, target_group) in target_groups.iter().enumerate() {
        let id = format!("m{}", index + 1);
        let metric = types::TargetTrackingMetric::builder()
            .namespace(NAMESPACE)
            .metric_name(METRIC)
            .dimensions(dimension("LoadBalancer", load_balancer)?)
            .dimensions(dimension("TargetGroup", target_group)?)
            .build();
        let stat = types::TargetTrackingMetricStat::builder().metric(metric).stat("Sum").build()?;
        let query = types::TargetTrackingMetricDataQuery::builder();
        specification = specification.metrics(query.id(&id).metric_stat(stat).return_data(false).build()?);
        terms.push(format!("FILL({id},0)"));
    }
    let sum = types::TargetTrackingMetricDataQuery::builder()
        .id("requests")
        .label("requests per target and minute")
        .expression(terms.join("+"))
        .return_data(true)
        .build()?;
    Ok(specification.metrics(sum).build())
}

fn dimension(name: &str, value: &str) -> Result<types::TargetTrackingMetricDimension, BuildError> {
    types::TargetTrackingMetricDimension::builder().name(name).value(value).build()
}

pub(super) fn from_output(output: &types::ScalingPolicy) -> ScalingPolicy {
    ScalingPolicy {
        arn: output.policy_arn.clone(),
        name: output.policy_name.clone(),
        target: output.target_tracking_scaling_policy_configuration.as_ref().and_then(target_from_output),
        alarm_arns: output.alarms().iter().map(|alarm| alarm.alarm_arn.clone()).collect(),
    }
}

fn target_from_output(output: &types::TargetTrackingScalingPolicyConfiguration) -> Option<TargetTracking> {
    let predefined = output.predefined_metric_specification.as_ref();
    let metric = match predefined.map(|specification| &specification.predefined_metric_type) {
        Some(types::MetricType::EcsServiceAverageCpuUtilization) => TrackedMetric::AverageCpu,
        Some(types::MetricType::EcsServiceAverageMemoryUtilization) => TrackedMetric::AverageMemory,
        Some(_) => return None,
        None => requests_from_output(output.customized_metric_specification.as_ref()?)?,
    };
    Some(TargetTracking {
        metric,
        target_value: output.target_value,
        scale_in_cooldown_seconds: output.scale_in_cooldown,
        scale_out_cooldown_seconds: output.scale_out_cooldown,
    })
}

fn requests_from_output(output: &types::CustomizedMetricSpecification) -> Option<TrackedMetric> {
    let metrics = output.metrics().iter().filter_map(|query| query.metric_stat.as_ref()?.metric.as_ref());
    let ours: Vec<_> = metrics.filter(|metric| metric.metric_name.as_deref() == Some(METRIC)).collect();
    let value = |metric: &types::TargetTrackingMetric, name: &str| {
        let dimension = metric.dimensions().iter().find(|dimension| dimension.name == name)?;
        Some(dimension.value.clone())
    };
    Some(TrackedMetric::RequestCountPerTarget {
        load_balancer: value(ours.first()?, "LoadBalancer")?,
        target_groups: ours.iter().filter_map(|metric| value(metric, "TargetGroup")).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracking(metric: TrackedMetric) -> TargetTracking {
        TargetTracking {
            metric,
            target_value: 60.0,
            scale_in_cooldown_seconds: Some(300),
            scale_out_cooldown_seconds: None,
        }
    }

    #[test]
    fn a_target_is_read_as_it_was_written() {
        let requests = TrackedMetric::RequestCountPerTarget {
            load_balancer: "app/x/1".to_owned(),
            target_groups: vec!["targetgroup/a/1".to_owned(), "targetgroup/b/2".to_owned()],
        };
        for metric in [TrackedMetric::AverageCpu, TrackedMetric::AverageMemory, requests] {
            let target = tracking(metric);
            let input = to_input(&target).expect("complete");
            assert_eq!(target_from_output(&input), Some(target));
        }
    }

    #[test]
    fn requests_are_summed_over_all_target_groups() {
        let groups = ["targetgroup/a/1".to_owned(), "targetgroup/b/2".to_owned()];
        let specification = requests("app/x/1", &groups).expect("complete");
        let expressions: Vec<_> =
            specification.metrics().iter().filter_map(|query| query.expression.as_deref()).collect();
        assert_eq!(expressions, ["FILL(m1,0)+FILL(m2,0)"]);
        assert_eq!(specification.metrics().len(), 3);
    }
}
