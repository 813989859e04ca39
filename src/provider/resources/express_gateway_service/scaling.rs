//! Auto scaling: which value another metric takes, and which values a metric can take.

use super::model::{ScalingTargetModel, ServiceModel};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::service::ScalingMetric;

const MOST_PERCENT: i64 = 100;

/// Another metric without a value of its own takes its default, and never the value of the metric before.
pub(super) fn plan_target_value(plan: &mut Plan<ServiceModel>) {
    let Some(prior) = plan.prior.as_ref().and_then(|prior| prior.scaling_target.known()) else { return };
    let Attr::Known(planned) = &mut plan.planned.scaling_target else { return };
    let written = plan.config.scaling_target.known();
    let is_written = written.is_some_and(|scaling| !scaling.auto_scaling_target_value.is_null());
    if is_written || planned.auto_scaling_metric == prior.auto_scaling_metric {
        return;
    }
    planned.auto_scaling_target_value = match metric(planned) {
        Some(metric) => Attr::Known(i64::from(metric.default_target_value())),
        None => Attr::Unknown,
    };
}

/// Refuses more than 100 percent. Silent while the metric or the value is not known.
pub(super) fn check_target_value(scaling: &ScalingTargetModel) -> Option<Diagnostic> {
    let (metric, value) = (metric(scaling)?, *scaling.auto_scaling_target_value.known()?);
    (metric.is_percent() && value > MOST_PERCENT).then(|| {
        Diagnostic::error(
            format!("`auto_scaling_target_value` is more than {MOST_PERCENT} percent"),
            format!(
                "{value} is not allowed with `{}`, which is measured in percent: a whole number from 1 to {MOST_PERCENT}.",
                metric.as_str()
            ),
        )
        .at(Path::attribute("scaling_target").then("auto_scaling_target_value"))
        .hint(format!(
            "write a percentage, or leave the value out for the default, {}",
            metric.default_target_value()
        ))
    })
}

/// As [`check_target_value`], of a service that is created: a metric that is left out is the default.
pub(super) fn check_planned_target_value(plan: &Plan<ServiceModel>) -> Option<Diagnostic> {
    let planned = plan.planned.scaling_target.known()?;
    let written = plan.config.scaling_target.known()?;
    if plan.prior.is_none() && written.auto_scaling_metric.is_null() {
        let metric = Attr::Known(ScalingMetric::AverageCpu.as_str().to_owned());
        return check_target_value(&ScalingTargetModel { auto_scaling_metric: metric, ..planned.clone() });
    }
    check_target_value(planned)
}

fn metric(scaling: &ScalingTargetModel) -> Option<ScalingMetric> {
    let Ok(metric) = scaling.auto_scaling_metric.known()?.parse::<ScalingMetric>();
    Some(metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaling(metric: &str, value: i64) -> ScalingTargetModel {
        ScalingTargetModel {
            min_task_count: Attr::Null,
            max_task_count: Attr::Null,
            auto_scaling_metric: Attr::Known(metric.to_owned()),
            auto_scaling_target_value: Attr::Known(value),
        }
    }

    #[test]
    fn a_percentage_ends_at_a_hundred_and_requests_do_not() {
        assert_eq!(check_target_value(&scaling("AVERAGE_CPU", 100)), None);
        assert_eq!(check_target_value(&scaling("REQUEST_COUNT_PER_TARGET", 500)), None);
        let refused = check_target_value(&scaling("AVERAGE_MEMORY", 101)).expect("a refusal");
        assert!(refused.detail.starts_with("101 is not allowed with `AVERAGE_MEMORY`"), "{refused:?}");
        let unknown = ScalingTargetModel { auto_scaling_metric: Attr::Unknown, ..scaling("", 500) };
        assert_eq!(check_target_value(&unknown), None);
    }

    #[test]
    fn another_metric_takes_its_own_default_unless_a_value_is_written() {
        let model = |scaling| ServiceModel { scaling_target: Attr::Known(scaling), ..ServiceModel::empty() };
        let planned = |written: ScalingTargetModel, planned: ScalingTargetModel| {
            let mut plan = Plan {
                config: model(written),
                prior: Some(model(scaling("REQUEST_COUNT_PER_TARGET", 500))),
                planned: model(planned),
                requires_replace: Vec::new(),
                replaces_live: false,
                private: Vec::new(),
            };
            plan_target_value(&mut plan);
            plan.planned.scaling_target.known().expect("known").auto_scaling_target_value.clone()
        };
        let left_out =
            |metric| ScalingTargetModel { auto_scaling_target_value: Attr::Null, ..scaling(metric, 0) };
        assert_eq!(planned(left_out("AVERAGE_CPU"), scaling("AVERAGE_CPU", 500)), Attr::Known(60));
        assert_eq!(planned(scaling("AVERAGE_CPU", 70), scaling("AVERAGE_CPU", 70)), Attr::Known(70));
        let same = "REQUEST_COUNT_PER_TARGET";
        assert_eq!(planned(left_out(same), scaling(same, 500)), Attr::Known(500));
        let open = ScalingTargetModel { auto_scaling_metric: Attr::Unknown, ..scaling("", 500) };
        assert_eq!(
            planned(ScalingTargetModel { auto_scaling_metric: Attr::Unknown, ..left_out("") }, open),
            Attr::Unknown
        );
    }
}
