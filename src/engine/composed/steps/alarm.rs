//! `alarm`: the alarm on the share of failed requests that rolls a deployment back.

use super::super::ground::{Ground, Site, found};
use super::super::plan::Part;
use super::owned;
use crate::aws::cloudwatch::alarm::{
    Alarm, Dimension, Members, Metric, MetricAlarmInput, MetricDataQuery, MetricStat,
};
use crate::engine::EngineError;
use crate::engine::composed::blueprint::Blueprint;
use crate::engine::retry::{retrying, until_shown};

const PART: &str = "rollback_alarm";
const PERIOD_SECONDS: u32 = 60;

/// The alarm has its whole definition (a put replaces all of it); what a person attached to it stays.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let name = ground.blueprint.names.rollback_alarm();
    let cloudwatch = &ground.apis.cloudwatch;
    let existing = retrying(&ground.bounds, || cloudwatch.find_alarm(&name)).await?;
    if let Some(existing) = &existing {
        // The tags show after the alarm.
        let what = format!("the tags of alarm {name}");
        let tags =
            until_shown(&ground.bounds, &what, || cloudwatch.find_alarm_tags(&existing.alarm_arn)).await?;
        owned(&ground.blueprint.names, "alarm", &name, &tags)?;
    } else {
        ground.findings.note_made(Part::Alarm);
    }
    let groups = found(&ground.findings.target_group_arns)?;
    let balancer = &found(&ground.findings.joined)?.load_balancer_arn;
    let input = definition(&ground.blueprint, groups, balancer, existing.as_ref());
    retrying(&ground.bounds, || cloudwatch.put_metric_alarm(&input)).await
}

/// More than so many percent of failed requests in two of three minutes, over both target groups (facts, composition
/// section 1.3).
pub(in crate::engine::composed) fn definition(
    blueprint: &Blueprint,
    target_groups: &[String; 2],
    load_balancer_arn: &str,
    existing: Option<&Alarm>,
) -> MetricAlarmInput {
    let alarm = &blueprint.settings().deployment_configuration.alarm;
    let counts_4xx = alarm.include_4xx.unwrap_or(false);
    let mut codes = vec!["HTTPCode_Target_5XX_Count"];
    if counts_4xx {
        codes.push("HTTPCode_Target_4XX_Count");
    }
    let mut metrics = Vec::new();
    let (mut errors, mut requests) = (Vec::new(), Vec::new());
    for (side, group) in ["a", "b"].into_iter().zip(target_groups) {
        let mut push = |id: String, name: &str| {
            metrics.push(query(&id, name, load_balancer_arn, group));
            format!("FILL({id},0)")
        };
        requests.push(push(format!("requests_{side}"), "RequestCount"));
        for code in &codes {
            let class = if code.contains("4XX") { "4xx" } else { "5xx" };
            errors.push(push(format!("errors_{class}_{side}"), code));
        }
    }
    let (errors, requests) = (errors.join("+"), requests.join("+"));
    metrics.push(MetricDataQuery {
        id: "failed_percent".to_owned(),
        label: Some("Failed requests, percent".to_owned()),
        expression: Some(format!("IF(({requests})>0,100*({errors})/({requests}),0)")),
        return_data: Some(true),
        ..MetricDataQuery::default()
    });
    let actions = |list: fn(&Alarm) -> &Members<String>| {
        existing.map(|alarm| list(alarm).member.clone()).unwrap_or_default()
    };
    MetricAlarmInput {
        name: blueprint.names.rollback_alarm(),
        description: Some(format!("Rolls back deployments of {}", blueprint.service())),
        metrics,
        threshold: alarm.threshold_percent.map_or(1.0, crate::service::Percent::as_f64),
        comparison_operator: "GreaterThanThreshold",
        evaluation_periods: 3,
        datapoints_to_alarm: 2,
        treat_missing_data: "notBreaching",
        actions_enabled: existing.and_then(|alarm| alarm.actions_enabled),
        alarm_actions: actions(|alarm| &alarm.alarm_actions),
        ok_actions: actions(|alarm| &alarm.ok_actions),
        insufficient_data_actions: actions(|alarm| &alarm.insufficient_data_actions),
        tags: blueprint.tags_of(PART),
    }
}

fn query(id: &str, metric_name: &str, load_balancer_arn: &str, target_group_arn: &str) -> MetricDataQuery {
    let dimension = |name: &str, value: String| Dimension { name: name.to_owned(), value };
    MetricDataQuery {
        id: id.to_owned(),
        metric_stat: Some(MetricStat {
            metric: Metric {
                namespace: "AWS/ApplicationELB".to_owned(),
                metric_name: metric_name.to_owned(),
                dimensions: Members {
                    member: vec![
                        dimension("LoadBalancer", metric_name_of(load_balancer_arn)),
                        dimension("TargetGroup", metric_name_of(target_group_arn)),
                    ],
                },
            },
            period: PERIOD_SECONDS,
            stat: "Sum".to_owned(),
        }),
        return_data: Some(false),
        ..MetricDataQuery::default()
    }
}

/// How metrics name a load balancer (`app/<name>/<id>`) or a target group (`targetgroup/<name>/<id>`).
pub(super) fn metric_name_of(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource.strip_prefix("loadbalancer/").unwrap_or(resource).to_owned()
}

/// Deletes the alarm if it is ours.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(alarm) = &site.composition.alarm else { return Ok(()) };
    let cloudwatch = &site.apis.cloudwatch;
    let tags = retrying(&site.bounds, || cloudwatch.find_alarm_tags(&alarm.alarm_arn)).await?;
    if tags.is_some_and(|tags| site.names.owner().owns(&tags)) {
        retrying(&site.bounds, || cloudwatch.delete_alarm(&alarm.alarm_name)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::composed::testing::blueprint;

    #[test]
    fn the_alarm_looks_at_both_target_groups_and_at_5xx_alone_unless_told_otherwise() {
        let groups = [
            "arn:aws:elasticloadbalancing:r:1:targetgroup/a/1",
            "arn:aws:elasticloadbalancing:r:1:targetgroup/b/2",
        ]
        .map(str::to_owned);
        let balancer = "arn:aws:elasticloadbalancing:r:1:loadbalancer/app/xp-1-0/9";
        let mut blueprint = blueprint();
        let plain = definition(&blueprint, &groups, balancer, None);
        assert_eq!(plain.metrics.len(), 5);
        assert_eq!(
            plain.metrics[4].expression.as_deref(),
            Some(
                "IF((FILL(requests_a,0)+FILL(requests_b,0))>0,\
                 100*(FILL(errors_5xx_a,0)+FILL(errors_5xx_b,0))/(FILL(requests_a,0)+FILL(requests_b,0)),0)"
            )
        );
        blueprint.configuration.composed.deployment_configuration.alarm.include_4xx = Some(true);
        let existing = Alarm {
            actions_enabled: Some(false),
            alarm_actions: Members { member: vec!["topic".to_owned()] },
            ..Alarm::default()
        };
        let strict = definition(&blueprint, &groups, balancer, Some(&existing));
        assert_eq!((strict.metrics.len(), strict.alarm_actions), (7, vec!["topic".to_owned()]));
        assert_eq!(strict.actions_enabled, Some(false), "a person switched them off");
    }

    #[test]
    fn metrics_name_resources_by_the_end_of_their_arns() {
        assert_eq!(metric_name_of("arn:aws:elasticloadbalancing:r:1:loadbalancer/app/x/9"), "app/x/9");
        assert_eq!(metric_name_of("arn:aws:elasticloadbalancing:r:1:targetgroup/a/1"), "targetgroup/a/1");
    }
}
