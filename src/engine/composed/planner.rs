//! The pure planner: from what is wanted, and what is there, to an ordered plan.

use std::collections::BTreeSet;

use super::blueprint::Blueprint;
use super::facts::Fact;
use super::plan::{Part, Plan};
use crate::engine::EngineError;

/// What an existing service has that differs from its blueprint.
pub(crate) type Differences = BTreeSet<Part>;

/// The plan of a create. Every step is idempotent, so the same plan continues a create that was cut short anywhere.
///
/// Nothing that takes minutes keeps the ECS service waiting: the certificate is issued while tasks start. What is
/// likely to be refused (a host name that is taken, a quota) comes before the service.
pub(crate) fn plan_create(blueprint: &Blueprint) -> Result<Plan, EngineError> {
    Plan::ensure(&BTreeSet::new(), wanted(blueprint))
}

/// The parts of a composition, each with what it waits for.
fn wanted(blueprint: &Blueprint) -> Vec<(Part, Vec<Part>)> {
    let mut steps = vec![(Part::Cluster, Vec::new())];
    if blueprint.makes_log_group() {
        steps.push((Part::LogGroup, Vec::new()));
    }
    steps.push((Part::ServiceSecurityGroup, Vec::new()));
    steps.push((Part::TargetGroups, Vec::new()));
    if blueprint.is_https() {
        // The token of its request is made from the group.
        steps.push((Part::Certificate, vec![Part::ServiceSecurityGroup]));
    }
    steps.push((Part::TaskDefinition, Vec::new()));
    steps.push((Part::Pool, vec![Part::ServiceSecurityGroup, Part::TargetGroups]));
    steps.extend(way_in(blueprint));
    if blueprint.zone().is_some() {
        steps.push((Part::AliasRecord, vec![Part::ServiceSecurityGroup, Part::Pool]));
    }
    if blueprint.has_alarm() {
        steps.push((Part::Alarm, vec![Part::TargetGroups, Part::Pool]));
    }
    steps.push((
        Part::EcsService,
        vec![
            Part::Cluster,
            Part::LogGroup,
            Part::Certificate,
            Part::TaskDefinition,
            Part::SecurityGroupRules,
            Part::AliasRecord,
            Part::Alarm,
        ],
    ));
    steps.push((Part::Scaling, vec![Part::EcsService]));
    if blueprint.wait_for_steady_state {
        steps.push((Part::LoadBalancerState, vec![Part::Pool]));
        steps.push((Part::Deployment, vec![Part::EcsService]));
    }
    let all = steps.iter().map(|(part, _)| *part).collect();
    steps.push((Part::Phase, all));
    steps
}

/// What lets requests in, once the service has its place on a load balancer.
fn way_in(blueprint: &Blueprint) -> Vec<(Part, Vec<Part>)> {
    let mut steps = Vec::new();
    if blueprint.makes_certificate() {
        steps.push((Part::CertificateValidation, vec![Part::Certificate]));
    }
    steps.push((Part::SecurityGroupRules, vec![Part::Pool]));
    if blueprint.is_https() {
        let after = vec![Part::Pool, Part::Certificate, Part::CertificateValidation];
        steps.push((Part::ListenerCertificate, after));
    }
    steps
}

/// The plan of an update: what differs, in the order of prerequisites, service, wait, clean-up.
///
/// The check of the rule stands before anything that starts a deployment (facts, composition section 2.2). Another
/// health check goes to the idle target group first: tasks that already serve may lack its path (section 4). New host
/// names get their certificate and their place on the rule before their record, and old ones go last.
///
/// `there` is what the steps can build on.
pub(crate) fn plan_update(
    blueprint: &Blueprint,
    differences: &Differences,
    there: &BTreeSet<Fact>,
) -> Result<Plan, EngineError> {
    let has = |part: Part| differences.contains(&part);
    let deploys = has(Part::EcsService);
    let mut steps = Vec::new();
    if deploys && blueprint.shifts_traffic() {
        steps.push((Part::RuleCheck, Vec::new()));
    }
    if has(Part::IdleHealthCheck) {
        steps.push((Part::IdleHealthCheck, vec![Part::RuleCheck]));
    }
    if has(Part::RuleHosts) {
        steps.push((Part::RuleHosts, Vec::new()));
    }
    for (part, mut after) in wanted(blueprint) {
        let is_wait = matches!(part, Part::Deployment | Part::LoadBalancerState);
        if !(has(part) || deploys && is_wait && blueprint.wait_for_steady_state) {
            continue;
        }
        match part {
            Part::EcsService => after.extend([Part::RuleCheck, Part::IdleHealthCheck]),
            // The rule names a new host before there is a certificate for it: so whoever destroys what is cut short finds it.
            Part::Certificate => after.push(Part::RuleHosts),
            Part::AliasRecord => after.extend([Part::RuleHosts, Part::ListenerCertificate]),
            _ => {}
        }
        steps.push((part, after));
    }
    if has(Part::IdleHealthCheck) {
        steps.extend(after_another_health_check(blueprint, deploys));
    }
    let new_hosts = vec![Part::RuleHosts, Part::AliasRecord, Part::ListenerCertificate];
    if has(Part::RetiredHosts) {
        steps.push((Part::RetiredHosts, new_hosts.clone()));
    }
    if has(Part::RetiredCertificate) {
        let after = [new_hosts, vec![Part::RetiredHosts]].concat();
        steps.push((Part::RetiredCertificate, after));
    }
    if has(Part::Anchor) {
        steps.push((Part::Anchor, vec![Part::RetiredHosts, Part::RetiredCertificate]));
    }
    if has(Part::Tags) {
        steps.push((Part::Tags, Vec::new()));
    }
    Plan::ensure(there, steps)
}

/// What follows a deployment with another health check. The group that served before gets it when its tasks are gone, which
/// whoever does not wait never knows: it then keeps the old one until it is next in turn. Where both revisions are in one
/// group, that group has to be waited for whatever `wait_for_steady_state` says.
fn after_another_health_check(blueprint: &Blueprint, deploys: bool) -> Vec<(Part, Vec<Part>)> {
    let mut steps = Vec::new();
    let is_followed = blueprint.wait_for_steady_state || !blueprint.shifts_traffic();
    if deploys && !blueprint.wait_for_steady_state {
        let wait = if is_followed { Part::Deployment } else { Part::DeploymentStart };
        steps.push((wait, vec![Part::EcsService]));
    }
    if is_followed {
        steps.push((Part::RetiredHealthCheck, vec![Part::EcsService, Part::Deployment]));
    }
    steps
}

/// The plan of an update that needs another load balancer: the service moves to it without a moment in which nobody
/// answers (facts, composition section 4, "Move").
///
/// Tasks register with both load balancers, the records change, clients follow, and only then the service leaves the
/// old one. It waits for both deployments whatever `wait_for_steady_state` says. Every step is idempotent, so the same
/// plan continues a move that was cut short anywhere. Target groups cannot change their load balancer, so the move
/// makes the next generation of them.
pub(crate) fn plan_move(
    blueprint: &Blueprint,
    differences: &Differences,
    there: &BTreeSet<Fact>,
) -> Result<Plan, EngineError> {
    let has = |part: Part| differences.contains(&part);
    let mut steps = vec![(Part::MoveMark, Vec::new()), (Part::RuleCheck, Vec::new())];
    if has(Part::Tags) {
        steps.push((Part::Tags, Vec::new()));
    }
    if has(Part::LogGroup) {
        steps.push((Part::LogGroup, Vec::new()));
    }
    steps.push((Part::TargetGroups, vec![Part::MoveMark]));
    if blueprint.is_https() {
        steps.push((Part::Certificate, Vec::new()));
    }
    if has(Part::TaskDefinition) {
        steps.push((Part::TaskDefinition, Vec::new()));
    }
    steps.push((Part::Pool, vec![Part::MoveMark, Part::TargetGroups]));
    steps.extend(way_in(blueprint));
    steps.push((Part::LoadBalancerState, vec![Part::Pool]));
    let ready =
        [Part::RuleCheck, Part::SecurityGroupRules, Part::ListenerCertificate, Part::LoadBalancerState];
    steps.push((Part::Attachment, ready.to_vec()));
    if blueprint.zone().is_some() {
        steps.push((Part::AliasRecord, vec![Part::Attachment]));
    }
    steps.push((Part::Drain, vec![Part::Attachment, Part::AliasRecord]));
    if blueprint.has_alarm() {
        steps.push((Part::Alarm, vec![Part::Drain]));
    }
    let before_service = [Part::Drain, Part::Alarm, Part::TaskDefinition, Part::LogGroup];
    steps.push((Part::EcsService, before_service.to_vec()));
    steps.push((Part::Scaling, vec![Part::EcsService]));
    steps.push((Part::Deployment, vec![Part::EcsService]));
    steps.push((Part::Arrival, vec![Part::Deployment, Part::Scaling]));
    steps.push((Part::Departure, vec![Part::Arrival, Part::Tags]));
    if has(Part::RetiredCertificate) {
        steps.push((Part::RetiredCertificate, vec![Part::Departure]));
    }
    steps.push((Part::Anchor, vec![Part::Departure, Part::RetiredCertificate]));
    if has(Part::Phase) {
        steps.push((Part::Phase, vec![Part::Anchor]));
    }
    Plan::ensure(there, steps)
}

/// The plan of a deletion, and of taking back a create that failed before there was a service: composition section 6.
///
/// It names every part, whatever was made: what is gone already is no work. The service's security group is the anchor
/// by which all else is found again (its VPC, the pool, the host name), so it is made first and goes last.
pub(crate) fn plan_delete() -> Result<Plan, EngineError> {
    let steps = [
        (Part::AliasRecord, vec![]),
        (Part::Scaling, vec![]),
        (Part::EcsService, vec![Part::AliasRecord, Part::Scaling]),
        (Part::SecurityGroupRules, vec![Part::EcsService]),
        (Part::Pool, vec![Part::SecurityGroupRules]),
        (Part::TargetGroups, vec![Part::Pool]),
        (Part::Alarm, vec![Part::EcsService]),
        (Part::Certificate, vec![Part::Pool]),
        (Part::TaskDefinition, vec![Part::EcsService]),
        (Part::LogGroup, vec![Part::EcsService]),
        (
            Part::ServiceSecurityGroup,
            vec![Part::TargetGroups, Part::Alarm, Part::Certificate, Part::TaskDefinition, Part::LogGroup],
        ),
        (Part::Cluster, vec![Part::EcsService]),
    ];
    Plan::undo(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::composed::blueprint::Ingress;
    use crate::engine::composed::testing::{blueprint, http_blueprint};
    use crate::service::DeploymentStrategy;

    const FACTS: [Fact; 5] = [
        Fact::TargetGroups,
        Fact::ServiceSecurityGroup,
        Fact::Certificate,
        Fact::Place,
        Fact::TaskDefinition,
    ];

    /// What is there of a whole service, without what the steps of these parts find anew.
    fn there(differences: &Differences) -> BTreeSet<Fact> {
        FACTS.into_iter().filter(|fact| !differences.contains(&fact.giver())).collect()
    }

    fn updated(differences: &Differences) -> String {
        plan_update(&blueprint(), differences, &there(differences)).expect("a plan").to_string()
    }

    fn moved(differences: &Differences) -> String {
        let there = [Fact::ServiceSecurityGroup, Fact::TaskDefinition].into();
        plan_move(&blueprint(), differences, &there).expect("a plan").to_string()
    }

    fn blueprints() -> Vec<Blueprint> {
        let mut all = Vec::new();
        for base in [blueprint(), http_blueprint()] {
            for strategy in [DeploymentStrategy::Canary, DeploymentStrategy::Rolling] {
                for (has_alarm, waits) in [(true, true), (false, true), (true, false)] {
                    let mut blueprint = base.clone();
                    let deployment = &mut blueprint.configuration.composed.deployment_configuration;
                    (deployment.strategy, deployment.alarm.enable) = (Some(strategy), Some(has_alarm));
                    blueprint.wait_for_steady_state = waits;
                    all.push(blueprint);
                }
            }
        }
        all
    }

    /// Every step comes after those that find what it builds on.
    #[track_caller]
    fn insist_on_order(plan: &Plan, there: &BTreeSet<Fact>, what: &str) {
        let mut facts = there.clone();
        for step in plan.steps() {
            let part = step.id.part;
            for fact in part.needs() {
                let giver = fact.giver();
                let is_before = !plan.has(giver) || step.after.contains(&giver);
                assert!(
                    facts.contains(fact) && is_before,
                    "{what}: {part:?} begins without {fact:?}\n{plan}"
                );
            }
            facts.extend(FACTS.into_iter().filter(|fact| fact.giver() == part));
        }
    }

    /// Which parts differ is up to the user and to whoever changes things by hand, so every two and every three may come
    /// together, and everything.
    #[test]
    fn every_update_and_every_move_can_be_carried_out_whatever_differs() {
        let mut count = 0;
        for blueprint in blueprints() {
            let mut check = |differences: Differences| {
                let there = there(&differences);
                let plan = plan_update(&blueprint, &differences, &there).expect("an update");
                insist_on_order(&plan, &there, &format!("{differences:?}"));
                let there: BTreeSet<_> = [Fact::ServiceSecurityGroup, Fact::TaskDefinition].into();
                let there = there.into_iter().filter(|fact| !differences.contains(&fact.giver())).collect();
                let plan = plan_move(&blueprint, &differences, &there).expect("a move");
                insist_on_order(&plan, &there, &format!("moved: {differences:?}"));
                count += 1;
            };
            check(Part::ALL.into());
            for (a, first) in Part::ALL.into_iter().enumerate() {
                for (b, second) in Part::ALL.into_iter().enumerate().skip(a) {
                    for third in Part::ALL.into_iter().skip(b) {
                        check([first, second, third].into());
                    }
                }
            }
        }
        assert!(count > 50_000, "{count}");
    }

    #[test]
    fn another_drain_time_together_with_a_deployment_has_its_target_groups_before_the_service() {
        let differences = [Part::TargetGroups, Part::TaskDefinition, Part::EcsService].into();
        insta::assert_snapshot!(updated(&differences));
    }

    #[test]
    fn a_create_with_a_domain() {
        insta::assert_snapshot!(plan_create(&blueprint()).expect("a plan").to_string());
    }

    #[test]
    fn a_create_without_a_domain() {
        insta::assert_snapshot!(plan_create(&http_blueprint()).expect("a plan").to_string());
    }

    #[test]
    fn a_create_with_a_given_certificate_validates_none() {
        let mut blueprint = blueprint();
        if let Ingress::Https { given_certificate_arn, .. } = &mut blueprint.ingress {
            *given_certificate_arn = Some("certificate".to_owned());
        }
        let plan = plan_create(&blueprint).expect("a plan");
        assert!(!plan.has(Part::CertificateValidation) && plan.has(Part::ListenerCertificate));
    }

    #[test]
    fn a_new_image_checks_the_rule_first_and_waits_last() {
        let differences = [Part::TaskDefinition, Part::EcsService].into();
        insta::assert_snapshot!(updated(&differences));
    }

    #[test]
    fn another_health_check_goes_to_the_idle_group_first() {
        let differences = [Part::IdleHealthCheck, Part::EcsService].into();
        insta::assert_snapshot!(updated(&differences));
    }

    #[test]
    fn whoever_does_not_wait_sees_a_deployment_with_another_health_check_begin() {
        let differences: Differences = [Part::IdleHealthCheck, Part::EcsService].into();
        let plan_of = |strategy: DeploymentStrategy| {
            let mut blueprint = blueprint();
            blueprint.configuration.composed.deployment_configuration.strategy = Some(strategy);
            blueprint.wait_for_steady_state = false;
            plan_update(&blueprint, &differences, &there(&differences)).expect("a plan")
        };
        let shifting = plan_of(DeploymentStrategy::Canary);
        assert!(shifting.has(Part::DeploymentStart) && !shifting.has(Part::Deployment));
        assert!(!shifting.has(Part::RetiredHealthCheck));
        let rolling = plan_of(DeploymentStrategy::Rolling);
        assert!(rolling.has(Part::Deployment) && rolling.has(Part::RetiredHealthCheck));
    }

    #[test]
    fn a_change_of_scaling_and_tags_starts_no_deployment() {
        let differences = [Part::Scaling, Part::Tags].into();
        insta::assert_snapshot!(updated(&differences));
    }

    #[test]
    fn another_host_name_has_its_record_before_the_old_one_goes() {
        let differences = [
            Part::RuleHosts,
            Part::Certificate,
            Part::CertificateValidation,
            Part::ListenerCertificate,
            Part::AliasRecord,
            Part::RetiredHosts,
            Part::RetiredCertificate,
            Part::Anchor,
        ];
        insta::assert_snapshot!(updated(&differences.into()));
    }

    #[test]
    fn a_move_to_another_load_balancer() {
        let differences = [Part::TaskDefinition, Part::Tags].into();
        insta::assert_snapshot!(moved(&differences));
    }

    #[test]
    fn a_deletion() {
        insta::assert_snapshot!(plan_delete().expect("a plan").to_string());
    }
}
