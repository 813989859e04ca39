//! `rule_check`: ECS can shift traffic only if the rule has exactly the service's two target groups, and one of them
//! serves (facts, composition section 2.2). Checked before anything that starts a deployment.

use super::super::ground::Ground;
use crate::aws::elbv2::{Action, Rule, TargetGroupWeight};
use crate::engine::retry::retrying;
use crate::engine::{EngineError, SplitRule};

/// The rule is as ECS needs it. A rule that was left split, while no deployment runs, is made whole again with all
/// weight on the group that is live: the only case in which weights are written.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let Some(rule) = &ground.existing.rule else { return Ok(()) };
    let elbv2 = &ground.apis.elbv2;
    let Some(rule) = retrying(&ground.bounds, || elbv2.find_rule(&rule.arn)).await? else {
        return Err(EngineError::Missing { what: format!("listener rule `{}`", rule.arn) });
    };
    let Some(split) = find_split(&rule, ground.change.live_target_group_arn.as_deref()) else {
        return Ok(());
    };
    match whole_again(&rule, &split) {
        Some(action) if !ground.change.is_deploying => {
            tracing::warn!(rule_arn = %rule.arn, "the rule was left split; all requests go to the live target group");
            retrying(&ground.bounds, || elbv2.modify_rule_action(&rule.arn, &action)).await
        }
        _ => Err(EngineError::SplitRule(Box::new(split))),
    }
}

fn find_split(rule: &Rule, live_target_group_arn: Option<&str>) -> Option<SplitRule> {
    let weights: Vec<_> = rule.target_groups().cloned().collect();
    let serving = weights.iter().filter(|group| group.weight > 0).count();
    (serving > 1).then(|| SplitRule {
        rule_arn: rule.arn.clone(),
        weights: weights.into_iter().map(|group| (group.target_group_arn, group.weight)).collect(),
        live_target_group_arn: live_target_group_arn.map(str::to_owned),
    })
}

/// All weight on the live group, if it is known which one that is. A rule to which somebody added another action is left
/// alone: actions are replaced as a whole list, and not all of them can be sent back as they were read.
fn whole_again(rule: &Rule, split: &SplitRule) -> Option<Action> {
    let [Action::Forward { stickiness_seconds, .. }] = &rule.actions[..] else { return None };
    let live = split.live_target_group_arn.as_ref()?;
    split.weights.iter().any(|(arn, _)| arn == live).then(|| {
        let weight = |arn: &String| if arn == live { 100 } else { 0 };
        let group = |(arn, _): &(String, i32)| TargetGroupWeight {
            target_group_arn: arn.clone(),
            weight: weight(arn),
        };
        Action::Forward {
            target_groups: split.weights.iter().map(group).collect(),
            stickiness_seconds: *stickiness_seconds,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(weights: [i32; 2]) -> Rule {
        let group =
            |(arn, weight): (&str, i32)| TargetGroupWeight { target_group_arn: arn.to_owned(), weight };
        let groups = ["a", "b"].into_iter().zip(weights).map(group).collect();
        Rule { arn: "rule".to_owned(), actions: vec![Action::forward(groups)], ..Rule::default() }
    }

    #[test]
    fn a_rule_that_one_group_serves_is_left_alone() {
        assert_eq!(find_split(&rule([100, 0]), Some("a")), None);
        assert_eq!(find_split(&rule([0, 1]), None), None);
    }

    #[test]
    fn a_split_rule_is_made_whole_only_if_the_live_group_is_known() {
        let torn = rule([950, 50]);
        let split = find_split(&torn, Some("b")).expect("a split");
        let Some(Action::Forward { target_groups, .. }) = whole_again(&torn, &split) else {
            panic!("an action")
        };
        assert_eq!(target_groups.iter().map(|group| group.weight).collect::<Vec<_>>(), [0, 100]);
        let unknown = find_split(&torn, None).expect("a split");
        assert_eq!(whole_again(&torn, &unknown), None);
    }

    #[test]
    fn what_a_person_added_to_the_rule_stays() {
        let mut torn = rule([950, 50]);
        let Action::Forward { stickiness_seconds, .. } = &mut torn.actions[0] else { panic!("an action") };
        *stickiness_seconds = Some(600);
        let split = find_split(&torn, Some("b")).expect("a split");
        let Some(Action::Forward { stickiness_seconds, .. }) = whole_again(&torn, &split) else {
            panic!("an action")
        };
        assert_eq!(stickiness_seconds, Some(600));
        torn.actions.insert(0, Action::Other("authenticate-oidc".to_owned()));
        assert_eq!(whole_again(&torn, &split), None);
    }
}
