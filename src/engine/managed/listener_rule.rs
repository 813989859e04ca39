//! The listener rule before an update: exactly one target group may serve.

use super::ManagedEngine;
use crate::aws::AwsErrorKind;
use crate::aws::elbv2::Rule;
use crate::engine::{EngineError, SplitRule};
use crate::service::{ManagedKind, ObservedService};

/// Refuses an update that ECS would roll back: a rule that an interrupted canary left split over both target groups
/// fails every later deployment (facts, express sections 1.4 and 5). A rule that may not be read is not checked.
pub(super) async fn check_listener_rule(
    engine: &ManagedEngine,
    observed: &ObservedService,
) -> Result<(), EngineError> {
    let Some(rule_arn) = observed.arns(ManagedKind::ListenerRule).next() else { return Ok(()) };
    match engine.elbv2.find_rule(rule_arn).await {
        Ok(rule) => match rule.and_then(|rule| find_split(&rule, observed)) {
            Some(split) => Err(EngineError::SplitRule(Box::new(split))),
            None => Ok(()),
        },
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to check the listener rule, going on without");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// The split of a rule that more than one target group serves, with the group that the running revision registers
/// its tasks in.
fn find_split(rule: &Rule, observed: &ObservedService) -> Option<SplitRule> {
    let serving = rule.target_groups().filter(|group| group.weight > 0).count();
    (serving > 1).then(|| SplitRule {
        rule_arn: rule.arn.clone(),
        weights: rule.target_groups().map(|group| (group.target_group_arn.clone(), group.weight)).collect(),
        live_target_group_arn: observed.live_target_group_arn.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::elbv2::{Action, TargetGroupWeight};
    use crate::service::ServiceStatus;

    fn rule(weights: [i32; 2]) -> Rule {
        let group = |(name, weight)| TargetGroupWeight { target_group_arn: String::from(name), weight };
        Rule {
            arn: "rule".to_owned(),
            actions: vec![Action::forward(["a", "b"].into_iter().zip(weights).map(group).collect())],
            ..Rule::default()
        }
    }

    fn observed() -> ObservedService {
        ObservedService {
            live_target_group_arn: Some("b".to_owned()),
            ..ObservedService::gone(
                "arn:aws:ecs:r:1:service/default/api".parse().expect("valid"),
                ServiceStatus::Active,
            )
        }
    }

    #[test]
    fn a_rule_that_one_group_serves_is_whole() {
        assert_eq!(find_split(&rule([100, 0]), &observed()), None);
        assert_eq!(find_split(&rule([0, 999]), &observed()), None);
    }

    #[test]
    fn a_split_rule_is_named_with_the_group_that_is_live() {
        let split = find_split(&rule([950, 50]), &observed()).expect("a split");
        assert_eq!(split.weights, [("a".to_owned(), 950), ("b".to_owned(), 50)]);
        assert_eq!(split.live_target_group_arn.as_deref(), Some("b"));
    }
}
