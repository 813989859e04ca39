//! A service's traffic: one listener rule that splits it between two alternating target groups.

use serde::{Deserialize, Serialize};

use crate::sandbox::world::Scope;
use crate::sandbox::world::elbv2::WeightedTargetGroup;

/// The rule and the target groups between which ECS shifts a service's production traffic.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Traffic {
    pub(crate) rule_arn: String,
    /// The rule of test traffic, which goes to the new tasks before production traffic does.
    pub(crate) test_rule_arn: Option<String>,
    pub(crate) target_groups: [String; 2],
    /// Index of the target group of the live revision.
    pub(crate) live: usize,
}

impl Traffic {
    /// Target group for the next revision: ECS alternates (facts, Express section 2.3).
    pub(crate) fn next_target_group(&self, has_live_revision: bool) -> &str {
        &self.target_groups[if has_live_revision { 1 - self.live } else { self.live }]
    }
}

/// Why the rule cannot carry a deployment: it must be there, lead to exactly one target group, and to the live one
/// if there is a live revision (facts, Express sections 1.4 and 5; composition section 2.2). `None` if all is well.
pub(crate) fn find_fault(scope: &Scope<'_>, traffic: &Traffic, has_source: bool) -> Option<String> {
    let prefix = "invalid networking configuration.";
    let Some(rule) = scope.region.elbv2.rules.get(&traffic.rule_arn) else {
        // The rule of a first deployment of Express Mode is still to be made.
        return has_source.then(|| format!("{prefix} One or more rules not found"));
    };
    let is_in = |arn: &String| rule.forward.iter().any(|group| group.target_group_arn == *arn);
    if let Some(missing) = traffic.target_groups.iter().find(|arn| !is_in(arn)) {
        return Some(format!(
            "{prefix} Target group {missing} is not associated with either productionListenerRule or testListenerRule"
        ));
    }
    let serving: Vec<&str> = rule
        .forward
        .iter()
        .filter(|group| group.weight > 0)
        .map(|group| group.target_group_arn.as_str())
        .collect();
    if !has_source {
        return None;
    }
    match serving[..] {
        [only] if only == traffic.target_groups[traffic.live] => None,
        [only] => Some(format!(
            "{prefix} productionListenerRule {} is forwarding traffic to unexpected target group {only}",
            rule.arn
        )),
        _ => Some(format!(
            "{prefix} productionListenerRule {} should have exactly one target group serving traffic but found {} \
             target groups which are serving traffic",
            rule.arn,
            serving.len()
        )),
    }
}

/// Sends `percent` of the traffic to `target_group` and the rest to the other one.
///
/// At rest the weights read 100 and 0, during a canary 50 and 950 (facts, Express section 2.3).
pub(crate) fn shift(scope: &mut Scope<'_>, traffic: &Traffic, target_group: &str, percent: f64) {
    set_weights(scope, &traffic.rule_arn, traffic, target_group, percent);
}

/// The same for test traffic, if there is a rule for it.
pub(crate) fn shift_test(scope: &mut Scope<'_>, traffic: &Traffic, target_group: &str, percent: f64) {
    if let Some(rule_arn) = &traffic.test_rule_arn {
        set_weights(scope, rule_arn, traffic, target_group, percent);
    }
}

fn set_weights(scope: &mut Scope<'_>, rule_arn: &str, traffic: &Traffic, target_group: &str, percent: f64) {
    let Some(rule) = scope.region.elbv2.rules.get_mut(rule_arn) else { return };
    let (target, other) = weights(percent);
    rule.forward = traffic
        .target_groups
        .iter()
        .map(|arn| WeightedTargetGroup {
            target_group_arn: arn.clone(),
            weight: if arn == target_group { target } else { other },
        })
        .collect();
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a percentage between 0 and 100 fits, and weights are whole numbers"
)]
fn weights(percent: f64) -> (u32, u32) {
    if percent >= 100.0 {
        return (100, 0);
    }
    if percent <= 0.0 {
        return (0, 100);
    }
    let target = (percent * 10.0).round() as u32;
    (target, 1000 - target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_hundreds_at_rest_and_thousandths_in_between() {
        assert_eq!(weights(5.0), (50, 950));
        assert_eq!(weights(100.0), (100, 0));
        assert_eq!(weights(0.0), (0, 100));
    }

    #[test]
    fn revisions_alternate_between_the_target_groups() {
        let mut traffic = Traffic { target_groups: ["a".into(), "b".into()], ..Traffic::default() };
        assert_eq!(traffic.next_target_group(false), "a");
        assert_eq!(traffic.next_target_group(true), "b");
        traffic.live = 1;
        assert_eq!(traffic.next_target_group(true), "a");
    }
}
