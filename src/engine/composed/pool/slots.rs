//! Slots: priorities of listener rules, and what a rule at one of them says.

use std::ops::RangeInclusive;

use super::protocol::{Holder, Seconds};
use crate::aws::elbv2::{Action, Condition, Rule, TargetGroupWeight, Values};
use crate::service::OwnerId;

/// The lowest priority that is a slot. Users keep those below.
const FIRST_PRIORITY: u32 = 40_001;

/// Ends the host names of tombstones, which no client can ask for.
const TOMBSTONE_DOMAIN: &str = ".tombstone.invalid";

/// The priority that is a slot.
pub(super) fn priority(slot: u8) -> u32 {
    FIRST_PRIORITY + u32::from(slot)
}

/// The slot of a rule; `None`: it is somebody else's rule.
pub(super) fn slot_of(rule: &Rule, slots: u8) -> Option<u8> {
    let priorities: RangeInclusive<u32> = FIRST_PRIORITY..=FIRST_PRIORITY + u32::from(slots) - 1;
    let priority = rule.priority.filter(|priority| priorities.contains(priority))?;
    u8::try_from(priority - FIRST_PRIORITY).ok()
}

/// Requests for these hosts; all requests if there are none.
pub(super) fn conditions(hosts: &[String]) -> Vec<Condition> {
    if hosts.is_empty() {
        return vec![Condition::PathPattern(Values { texts: vec!["*".to_owned()], expressions: Vec::new() })];
    }
    vec![Condition::hosts(hosts.iter().cloned())]
}

/// Everything to the first target group; ECS shifts from there.
pub(super) fn forward(target_group_arns: &[String; 2]) -> Action {
    let weights = target_group_arns.iter().zip([100, 0]);
    let weight = |(arn, weight): (&String, i32)| TargetGroupWeight { target_group_arn: arn.clone(), weight };
    Action::forward(weights.map(weight).collect())
}

/// The conditions of a tombstone say whose it is and when its round began, so that one read shows both.
pub(super) fn tombstone_conditions(owner: &OwnerId, round: Seconds) -> Vec<Condition> {
    vec![Condition::hosts([format!("{round}.{owner}{TOMBSTONE_DOMAIN}")])]
}

/// What a request meets that a tombstone takes.
pub(super) fn tombstone_action() -> Action {
    Action::FixedResponse { status_code: 503, message: "This load balancer is being deleted.".to_owned() }
}

/// Who has the slot of a rule.
pub(super) fn holder(rule: &Rule, owner: &OwnerId, target_group_arns: &[String], hosts: &[String]) -> Holder {
    if let Some((round, whose)) = rule.host_names().find_map(tombstone) {
        return Holder::Tombstone { is_ours: whose == owner.as_str(), round };
    }
    if rule.target_groups().any(|group| target_group_arns.contains(&group.target_group_arn)) {
        return Holder::Ours;
    }
    // A service that moves to another generation of its target groups is no rival of itself.
    let own_name = format!(":targetgroup/xp-{}-", owner.short());
    let is_own = rule.target_groups().any(|group| group.target_group_arn.contains(&own_name));
    let is_same = |host: &str| hosts.iter().any(|wanted| wanted.eq_ignore_ascii_case(host));
    Holder::Other { shares_host: !is_own && rule.host_names().any(is_same) }
}

fn tombstone(host: &str) -> Option<(Seconds, &str)> {
    let (round, owner) = host.strip_suffix(TOMBSTONE_DOMAIN)?.split_once('.')?;
    Some((round.parse().ok()?, owner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> OwnerId {
        OwnerId::new(&format!("arn:aws:ecs:eu-west-1:123456789012:service/c/{name}").parse().expect("valid"))
    }

    fn rule(priority: u32, conditions: Vec<Condition>, action: Action) -> Rule {
        Rule { priority: Some(priority), conditions, actions: vec![action], ..Rule::default() }
    }

    #[test]
    fn slots_are_the_priorities_from_40001_on() {
        let at = |priority| slot_of(&rule(priority, Vec::new(), tombstone_action()), 25);
        assert_eq!([at(40_000), at(40_001), at(40_025), at(40_026)], [None, Some(0), Some(24), None]);
        assert_eq!(priority(24), 40_025);
    }

    #[test]
    fn a_tombstone_says_whose_it_is_and_since_when() {
        let placed = rule(40_001, tombstone_conditions(&owner("a"), 1_795_435_200), tombstone_action());
        let seen = |by: &str| holder(&placed, &owner(by), &[], &[]);
        assert_eq!(seen("a"), Holder::Tombstone { is_ours: true, round: 1_795_435_200 });
        assert_eq!(seen("b"), Holder::Tombstone { is_ours: false, round: 1_795_435_200 });
    }

    #[test]
    fn a_rule_is_ours_by_its_target_groups_and_a_rivals_by_its_host() {
        let groups = ["arn:tg-a".to_owned(), "arn:tg-b".to_owned()];
        let hosts = ["api.example.com".to_owned()];
        let ours = rule(40_002, conditions(&hosts), forward(&groups));
        assert_eq!(holder(&ours, &owner("a"), &groups, &hosts), Holder::Ours);
        let upper = ["API.example.com".to_owned()];
        assert_eq!(holder(&ours, &owner("a"), &[], &upper), Holder::Other { shares_host: true });
        assert_eq!(holder(&ours, &owner("a"), &[], &[]), Holder::Other { shares_host: false });
        let moved = format!("arn:aws:elasticloadbalancing:r:1:targetgroup/xp-{}-1-a/0", owner("a").short());
        let before = rule(40_003, conditions(&hosts), forward(&[moved.clone(), moved]));
        assert_eq!(holder(&before, &owner("a"), &groups, &hosts), Holder::Other { shares_host: false });
    }
}
