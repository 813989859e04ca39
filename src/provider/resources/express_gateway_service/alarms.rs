//! Rollback alarms that a person changed: ECS writes them anew at every deployment (facts, express section 2.7), so a
//! plan that deploys says that the change will be lost.

use futures_util::future::join_all;

use super::model::ServiceModel;
use crate::aws::cloudwatch::Alarm;
use crate::framework::resource::Plan;
use crate::framework::{Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::service::Arn;

/// Express Mode's own setting: more than 1 percent of errors in 2 of 3 minutes.
const THRESHOLD_PERCENT: f64 = 1.0;
const EVALUATION_PERIODS: u32 = 3;
const DATAPOINTS_TO_ALARM: u32 = 2;

/// A warning if a planned deployment will undo what somebody changed in the rollback alarm. Alarms that may not be
/// read are not compared.
pub(super) async fn warn_about_alarms(
    configured: &Configured,
    plan: &Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let prior = plan.prior.as_ref()?;
    let begins_deployment = plan.planned.deployment.known().is_none_or(|it| it.arn.is_unknown());
    let deploys = begins_deployment && !plan.planned.deployment.is_null() && plan.requires_replace.is_empty();
    let names: Vec<_> = prior
        .infrastructure
        .known()?
        .metric_alarm_arns
        .known()?
        .iter()
        .filter_map(|arn| name_of(arn))
        .collect();
    if !deploys || names.is_empty() {
        return None;
    }
    let looks = names.iter().map(|name| configured.cloudwatch.find_alarm(name));
    let alarms: Vec<Alarm> = match join_all(looks).await.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(alarms) => alarms.into_iter().flatten().collect(),
        Err(error) => {
            tracing::info!(error = %error, "the rollback alarms cannot be compared");
            return None;
        }
    };
    let changed: Vec<_> = alarms.iter().filter(|alarm| is_changed(alarm)).map(describe).collect();
    (!changed.is_empty()).then(|| {
        Diagnostic::warning(
            "Changes of the rollback alarm will be lost",
            format!(
                "ECS writes the alarm anew at every deployment, and this change starts one.\n{}",
                changed.join("\n")
            ),
        )
        .at(Path::attribute("infrastructure"))
        .hint("change the alarm again after the apply, if you must")
    })
}

fn name_of(arn: &str) -> Option<String> {
    let arn: Arn = arn.parse().ok()?;
    Some(arn.resource().strip_prefix("alarm:")?.to_owned())
}

fn is_changed(alarm: &Alarm) -> bool {
    let is = |value: Option<u32>, expected| value.is_none_or(|value| value == expected);
    let has_threshold =
        alarm.threshold.is_none_or(|threshold| (threshold - THRESHOLD_PERCENT).abs() < f64::EPSILON);
    !(has_threshold
        && is(alarm.evaluation_periods, EVALUATION_PERIODS)
        && is(alarm.datapoints_to_alarm, DATAPOINTS_TO_ALARM)
        && alarm.comparison_operator.as_deref().is_none_or(|operator| operator == "GreaterThanThreshold"))
}

fn describe(alarm: &Alarm) -> String {
    let number = |value: Option<u32>| value.map_or_else(|| "?".to_owned(), |value| value.to_string());
    format!(
        "  - {}: threshold {}, {} of {} periods",
        alarm.alarm_name,
        alarm.threshold.unwrap_or_default(),
        number(alarm.datapoints_to_alarm),
        number(alarm.evaluation_periods)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_alarm_that_differs_from_express_modes_own_is_changed() {
        let own = Alarm {
            alarm_name: "a".to_owned(),
            threshold: Some(1.0),
            comparison_operator: Some("GreaterThanThreshold".to_owned()),
            evaluation_periods: Some(3),
            datapoints_to_alarm: Some(2),
            ..Alarm::default()
        };
        assert!(!is_changed(&own));
        let tuned = Alarm { threshold: Some(5.0), ..own };
        assert!(is_changed(&tuned));
        assert_eq!(describe(&tuned), "  - a: threshold 5, 2 of 3 periods");
    }
}
