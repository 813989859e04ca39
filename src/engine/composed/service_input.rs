//! What `CreateService` and `UpdateService` are sent. Pure.

use super::blueprint::Blueprint;
use super::task_definition::MAIN_CONTAINER;
use crate::aws::ecs::plain_services::{CreateServiceInput, PlainService, UpdateServiceInput};
use crate::aws::ecs::service_configuration::{
    AdvancedConfiguration, AwsvpcConfiguration, CanaryConfiguration, CapacityProviderStrategyItem,
    DeploymentAlarms, DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentStrategy as WireStrategy,
    LinearConfiguration, NetworkConfiguration, Others, ServiceLoadBalancer,
};
use crate::service::{
    CERTIFICATE_TAG_KEY, DEFAULT_MAXIMUM_PERCENT, DEFAULT_MINIMUM_HEALTHY_PERCENT, DeploymentStrategy,
    PHASE_TAG_KEY, Percent,
};

const PART: &str = "ecs_service";

/// What the steps before the service found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Underneath {
    pub(super) task_definition_arn: String,
    pub(super) target_group_arns: [String; 2],
    pub(super) rule_arn: String,
    pub(super) service_security_group_id: String,
    pub(super) certificate_arn: Option<String>,
    /// The target group that serves, as far as it is known.
    pub(super) live_target_group_arn: Option<String>,
}

/// The service as it is made (facts, composition section 2.1), marked with the phase of its create.
pub(super) fn create_input(
    blueprint: &Blueprint,
    underneath: &Underneath,
    desired_count: i32,
    client_token: String,
    phase: &str,
) -> CreateServiceInput {
    let mut tags = blueprint.tags_of(PART);
    tags.insert(PHASE_TAG_KEY.to_owned(), phase.to_owned());
    if let Some(arn) = &underneath.certificate_arn {
        tags.insert(CERTIFICATE_TAG_KEY.to_owned(), arn.clone());
    }
    CreateServiceInput {
        cluster: blueprint.service().cluster().to_owned(),
        service_name: blueprint.service().name().to_owned(),
        task_definition: underneath.task_definition_arn.clone(),
        desired_count,
        launch_type: (!blueprint.uses_spot()).then(|| "FARGATE".to_owned()),
        capacity_provider_strategy: if blueprint.uses_spot() {
            strategy_of("FARGATE_SPOT")
        } else {
            Vec::new()
        },
        platform_version: Some("LATEST".to_owned()),
        deployment_configuration: deployment_configuration(blueprint, &DeploymentConfiguration::default()),
        network_configuration: network(blueprint, &underneath.service_security_group_id, None),
        load_balancers: vec![load_balancer(blueprint, underneath, 0)],
        health_check_grace_period_seconds: blueprint.settings().health_check.grace_period_seconds,
        availability_zone_rebalancing: Some(rebalancing(blueprint).to_owned()),
        enable_execute_command: blueprint.settings().enable_execute_command.unwrap_or(false),
        enable_ecs_managed_tags: true,
        propagate_tags: Some("SERVICE".to_owned()),
        tags,
        client_token,
    }
}

fn rebalancing(blueprint: &Blueprint) -> &'static str {
    let has_room = blueprint.settings().deployment_configuration.leaves_room_for_rebalancing();
    if has_room { "ENABLED" } else { "DISABLED" }
}

/// Only where it must change: ECS refuses it together with 100 percent, and otherwise it is as others left it.
fn rebalancing_change(blueprint: &Blueprint, live: &PlainService) -> Option<String> {
    let wanted = rebalancing(blueprint);
    let had_room = live.deployment_configuration.maximum_percent.is_none_or(|percent| percent > 100);
    let is_live = live.availability_zone_rebalancing.as_deref() == Some(wanted);
    (!is_live && (wanted == "DISABLED" || !had_room)).then(|| wanted.to_owned())
}

fn strategy_of(capacity_provider: &str) -> Vec<CapacityProviderStrategyItem> {
    vec![CapacityProviderStrategyItem {
        capacity_provider: capacity_provider.to_owned(),
        weight: 1,
        ..CapacityProviderStrategyItem::default()
    }]
}

/// Tasks register in the first group; ECS moves traffic to the other one by the rule's weights. A rolling deployment
/// uses one group only.
fn load_balancer(blueprint: &Blueprint, underneath: &Underneath, serving: usize) -> ServiceLoadBalancer {
    let groups = &underneath.target_group_arns;
    let advanced_configuration = blueprint.shifts_traffic().then(|| AdvancedConfiguration {
        alternate_target_group_arn: groups[1 - serving].clone(),
        production_listener_rule: underneath.rule_arn.clone(),
        test_listener_rule: None,
        role_arn: blueprint.infrastructure_role_arn.clone(),
        ..AdvancedConfiguration::default()
    });
    ServiceLoadBalancer {
        target_group_arn: groups[serving].clone(),
        container_name: MAIN_CONTAINER.to_owned(),
        container_port: i32::from(blueprint.container_port),
        advanced_configuration,
        ..ServiceLoadBalancer::default()
    }
}

/// The network, and what the live one has that no argument says.
fn network(
    blueprint: &Blueprint,
    service_security_group_id: &str,
    live: Option<&NetworkConfiguration>,
) -> NetworkConfiguration {
    let own = blueprint.configuration.security_groups.iter().flatten().cloned();
    let security_groups = std::iter::once(service_security_group_id.to_owned()).chain(own);
    let assign_public_ip = if blueprint.network.assigns_public_ip { "ENABLED" } else { "DISABLED" };
    NetworkConfiguration {
        awsvpc_configuration: AwsvpcConfiguration {
            subnets: blueprint.network.task_subnet_ids.clone(),
            security_groups: security_groups.collect(),
            assign_public_ip: Some(assign_public_ip.to_owned()),
            others: live.map(|live| live.awsvpc_configuration.others.clone()).unwrap_or_default(),
        },
        others: live.map(|live| live.others.clone()).unwrap_or_default(),
    }
}

/// The blueprint's leaves over the live ones: hooks that somebody added stay.
pub(super) fn deployment_configuration(
    blueprint: &Blueprint,
    live: &DeploymentConfiguration,
) -> DeploymentConfiguration {
    let wanted = &blueprint.settings().deployment_configuration;
    let strategy = wanted.strategy.unwrap_or(DeploymentStrategy::Canary);
    let percent = |percent: Option<Percent>| percent.map(Percent::as_f64).unwrap_or_default();
    let minutes = Option::unwrap_or_default;
    let breaker = &wanted.circuit_breaker;
    // The percentages of a rolling service are arguments, and mean nothing to the strategy that comes after it.
    let was_rolling = live.strategy == Some(WireStrategy::Rolling) && strategy.shifts_traffic();
    let kept = if was_rolling { &DeploymentConfiguration::default() } else { live };
    let strategy_name = match strategy {
        DeploymentStrategy::Canary => WireStrategy::Canary,
        DeploymentStrategy::Linear => WireStrategy::Linear,
        DeploymentStrategy::BlueGreen => WireStrategy::BlueGreen,
        DeploymentStrategy::Rolling => WireStrategy::Rolling,
    };
    // What nobody here knows may belong to the strategy, and ECS refuses parts of another one.
    let is_same_strategy = live.strategy == Some(strategy_name);
    DeploymentConfiguration {
        strategy: Some(strategy_name),
        maximum_percent: wanted.maximum_percent.or(kept.maximum_percent).or(Some(DEFAULT_MAXIMUM_PERCENT)),
        minimum_healthy_percent: wanted
            .minimum_healthy_percent
            .or(kept.minimum_healthy_percent)
            .or(Some(DEFAULT_MINIMUM_HEALTHY_PERCENT)),
        bake_time_in_minutes: if strategy.shifts_traffic() { wanted.bake_time_minutes } else { None },
        canary_configuration: (strategy == DeploymentStrategy::Canary).then(|| CanaryConfiguration {
            canary_percent: percent(wanted.canary_percent),
            canary_bake_time_in_minutes: minutes(wanted.canary_bake_time_minutes),
            ..kept.canary_configuration.clone().unwrap_or_default()
        }),
        linear_configuration: (strategy == DeploymentStrategy::Linear).then(|| LinearConfiguration {
            step_percent: percent(wanted.linear_step_percent),
            step_bake_time_in_minutes: minutes(wanted.linear_step_bake_time_minutes),
            ..kept.linear_configuration.clone().unwrap_or_default()
        }),
        alarms: Some(alarms(blueprint, live.alarms.as_ref())),
        deployment_circuit_breaker: Some(DeploymentCircuitBreaker {
            enable: breaker.enable.unwrap_or(true),
            rollback: breaker.rollback.unwrap_or(true),
            ..live.deployment_circuit_breaker.clone().unwrap_or_default()
        }),
        lifecycle_hooks: live.lifecycle_hooks.clone(),
        early_success_criteria: live.early_success_criteria.clone(),
        others: if is_same_strategy { live.others.clone() } else { Others::new() },
    }
}

/// Our alarm, and those that somebody added.
fn alarms(blueprint: &Blueprint, live: Option<&DeploymentAlarms>) -> DeploymentAlarms {
    let own = blueprint.names.rollback_alarm();
    let mut alarm_names: Vec<_> = live
        .into_iter()
        .flat_map(|live| live.alarm_names.iter())
        .filter(|name| **name != own)
        .cloned()
        .collect();
    if blueprint.has_alarm() {
        alarm_names.insert(0, own);
    }
    let is_enabled = !alarm_names.is_empty();
    let others = live.map(|live| live.others.clone()).unwrap_or_default();
    DeploymentAlarms { alarm_names, enable: is_enabled, rollback: is_enabled, others }
}

/// A deployment configuration without what only other strategies have. Whether ECS drops that when the strategy changes is
/// unproven, and it means nothing.
pub(super) fn of_its_strategy(live: &DeploymentConfiguration) -> DeploymentConfiguration {
    let shifts = !matches!(live.strategy, Some(WireStrategy::Rolling) | None);
    let is = |strategy| live.strategy == Some(strategy);
    DeploymentConfiguration {
        bake_time_in_minutes: live.bake_time_in_minutes.filter(|_| shifts),
        canary_configuration: live.canary_configuration.clone().filter(|_| is(WireStrategy::Canary)),
        linear_configuration: live.linear_configuration.clone().filter(|_| is(WireStrategy::Linear)),
        ..live.clone()
    }
}

/// What must be sent so that `live` becomes what the blueprint wants; `None`: nothing. Only members that differ are
/// there: what is sent unchanged may start a deployment or undo ECS's own changes (composition section 2.6).
pub(super) fn update_input(
    blueprint: &Blueprint,
    live: &PlainService,
    underneath: &Underneath,
) -> Option<UpdateServiceInput> {
    let empty = UpdateServiceInput {
        cluster: blueprint.service().cluster().to_owned(),
        service: blueprint.service().name().to_owned(),
        ..UpdateServiceInput::default()
    };
    let deployment = deployment_configuration(blueprint, &live.deployment_configuration);
    let live_network = live.network_configuration.as_ref();
    let network = network(blueprint, &underneath.service_security_group_id, live_network);
    let settings = blueprint.settings();
    let grace = settings.health_check.grace_period_seconds;
    let input = UpdateServiceInput {
        task_definition: differing(&underneath.task_definition_arn, Some(&live.task_definition)),
        capacity_provider_strategy: capacity_change(blueprint, live),
        deployment_configuration: differing(
            &deployment,
            Some(&of_its_strategy(&live.deployment_configuration)),
        ),
        network_configuration: Some(network).filter(|network| !is_same_network(network, live_network)),
        load_balancers: load_balancers_change(blueprint, live, underneath),
        availability_zone_rebalancing: rebalancing_change(blueprint, live),
        health_check_grace_period_seconds: grace.filter(|_| grace != live.health_check_grace_period_seconds),
        enable_execute_command: settings
            .enable_execute_command
            .filter(|wanted| *wanted != live.enable_execute_command),
        ..empty.clone()
    };
    (input != empty).then_some(input)
}

/// The change after which tasks are registered with both load balancers of a move, the old one first. ECS lets a service
/// have several target groups only while it rolls.
pub(super) fn attachment_input(
    blueprint: &Blueprint,
    live: &PlainService,
    serving_target_group_arn: Option<String>,
    new_target_group_arn: &str,
    service_security_group_id: Option<&str>,
) -> UpdateServiceInput {
    let mut rolling = blueprint.clone();
    rolling.configuration.composed.deployment_configuration.strategy = Some(DeploymentStrategy::Rolling);
    let port =
        live.load_balancers.first().map_or(i32::from(blueprint.container_port), |one| one.container_port);
    let register = |target_group_arn: String| ServiceLoadBalancer {
        target_group_arn,
        container_name: MAIN_CONTAINER.to_owned(),
        container_port: port,
        ..ServiceLoadBalancer::default()
    };
    let groups = serving_target_group_arn.into_iter().chain([new_target_group_arn.to_owned()]);
    UpdateServiceInput {
        cluster: blueprint.service().cluster().to_owned(),
        service: blueprint.service().name().to_owned(),
        deployment_configuration: Some(deployment_configuration(&rolling, &live.deployment_configuration)),
        load_balancers: Some(groups.map(register).collect()),
        network_configuration: service_security_group_id
            .map(|group| network(blueprint, group, live.network_configuration.as_ref())),
        ..UpdateServiceInput::default()
    }
}

fn differing<T: Clone + PartialEq>(wanted: &T, live: Option<&T>) -> Option<T> {
    (live != Some(wanted)).then(|| wanted.clone())
}

/// The order of subnets and security groups means nothing.
fn is_same_network(wanted: &NetworkConfiguration, live: Option<&NetworkConfiguration>) -> bool {
    let Some(live) = live else { return false };
    let sorted = |network: &NetworkConfiguration| {
        let mut configuration = network.awsvpc_configuration.clone();
        configuration.subnets.sort();
        configuration.security_groups.sort();
        configuration
    };
    sorted(wanted) == sorted(live)
}

fn capacity_change(blueprint: &Blueprint, live: &PlainService) -> Option<Vec<CapacityProviderStrategyItem>> {
    let live_uses_spot = live
        .capacity_provider_strategy
        .iter()
        .any(|item| item.capacity_provider == "FARGATE_SPOT" && item.weight > 0);
    let wanted = if blueprint.uses_spot() { "FARGATE_SPOT" } else { "FARGATE" };
    (live_uses_spot != blueprint.uses_spot()).then(|| strategy_of(wanted))
}

/// Another port: a copy of the live list, in which ECS may have swapped the target groups, with the new port. Other
/// target groups, another rule, or a strategy of the other kind (facts, composition section 4): the list anew, with
/// the group first that serves.
fn load_balancers_change(
    blueprint: &Blueprint,
    live: &PlainService,
    underneath: &Underneath,
) -> Option<Vec<ServiceLoadBalancer>> {
    let groups = &underneath.target_group_arns;
    let [only] = &live.load_balancers[..] else { return Some(vec![anew(blueprint, live, underneath)]) };
    let is_wired = match &only.advanced_configuration {
        Some(advanced) => {
            blueprint.shifts_traffic() && advanced.production_listener_rule == underneath.rule_arn
        }
        None => !blueprint.shifts_traffic(),
    };
    if !is_wired || !groups.contains(&only.target_group_arn) {
        return Some(vec![anew(blueprint, live, underneath)]);
    }
    let port = i32::from(blueprint.container_port);
    (only.container_port != port).then(|| vec![ServiceLoadBalancer { container_port: port, ..only.clone() }])
}

/// The service behind its target groups, with what the live one has that nobody here knows, if it is behind them already.
fn anew(blueprint: &Blueprint, live: &PlainService, underneath: &Underneath) -> ServiceLoadBalancer {
    let groups = &underneath.target_group_arns;
    let present = live.load_balancers.iter().find(|one| groups.contains(&one.target_group_arn));
    ServiceLoadBalancer {
        others: present.map(|one| one.others.clone()).unwrap_or_default(),
        ..load_balancer(blueprint, underneath, serving_index(live, underneath))
    }
}

/// Which of the wanted target groups the tasks are in. The one that ECS resolved decides; the service's own list is next.
fn serving_index(live: &PlainService, underneath: &Underneath) -> usize {
    let index = |arn: &String| underneath.target_group_arns.iter().position(|group| group == arn);
    let resolved = underneath.live_target_group_arn.as_ref().and_then(index);
    resolved.or_else(|| live.load_balancers.iter().find_map(|one| index(&one.target_group_arn))).unwrap_or(0)
}

/// Whether sending this starts a deployment.
pub(super) fn starts_deployment(input: &UpdateServiceInput) -> bool {
    input.task_definition.is_some()
        || input.network_configuration.is_some()
        || input.load_balancers.is_some()
        || input.platform_version.is_some()
        || input.capacity_provider_strategy.is_some()
        || input.force_new_deployment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::composed::steps::{CREATING, desired_health_check};
    use crate::engine::composed::testing::{blueprint, live_service};
    use crate::service::{CircuitBreaker, DeploymentConfiguration as Pace, RollbackAlarm};

    fn underneath() -> Underneath {
        Underneath {
            task_definition_arn: "td:1".to_owned(),
            target_group_arns: ["tg-a", "tg-b"].map(str::to_owned),
            rule_arn: "rule".to_owned(),
            service_security_group_id: "sg-service".to_owned(),
            certificate_arn: Some("certificate".to_owned()),
            live_target_group_arn: None,
        }
    }

    #[test]
    fn a_service_is_made_with_express_modes_settings() {
        let input = create_input(&blueprint(), &underneath(), 1, "token".to_owned(), CREATING);
        let deployment = &input.deployment_configuration;
        assert_eq!(deployment.strategy, Some(WireStrategy::Canary));
        assert_eq!(
            deployment.canary_configuration.as_ref().map(|canary| canary.canary_bake_time_in_minutes),
            Some(3)
        );
        assert_eq!(deployment.bake_time_in_minutes, Some(3));
        assert!(deployment.deployment_circuit_breaker.as_ref().is_some_and(|it| it.enable && it.rollback));
        assert_eq!(input.tags.get(PHASE_TAG_KEY).map(String::as_str), Some("creating"));
        let advanced = input.load_balancers[0].advanced_configuration.as_ref().expect("two groups");
        assert_eq!(advanced.alternate_target_group_arn, "tg-b");
    }

    #[test]
    fn a_service_that_is_as_wanted_is_sent_nothing_even_after_a_swap_of_its_target_groups() {
        let blueprint = blueprint();
        let mut live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        assert_eq!(update_input(&blueprint, &live, &underneath()), None);
        live.load_balancers[0].target_group_arn = "tg-b".to_owned();
        assert_eq!(update_input(&blueprint, &live, &underneath()), None);
    }

    #[test]
    fn only_what_differs_is_sent() {
        let blueprint = blueprint();
        let live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        let next = Underneath { task_definition_arn: "td:2".to_owned(), ..underneath() };
        let input = update_input(&blueprint, &live, &next).expect("a change");
        assert_eq!(input.task_definition.as_deref(), Some("td:2"));
        assert!(
            starts_deployment(&input)
                && input.load_balancers.is_none()
                && input.deployment_configuration.is_none()
        );
        let mut slower = blueprint.clone();
        slower.configuration.composed.deployment_configuration.bake_time_minutes = Some(9);
        let input = update_input(&slower, &live, &underneath()).expect("a change");
        assert!(!starts_deployment(&input) && input.deployment_configuration.is_some());
    }

    /// The plan's own rule, held to what is sent.
    #[test]
    fn settings_of_which_the_plan_says_that_they_start_no_deployment_start_none() {
        let blueprint = blueprint();
        let live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        let mut calm = blueprint.clone();
        let settings = &mut calm.configuration.composed;
        settings.deregistration_delay_seconds = Some(7);
        settings.log_retention_days = Some(7);
        settings.health_check.grace_period_seconds = Some(7);
        settings.deployment_configuration = Pace {
            strategy: settings.deployment_configuration.strategy,
            bake_time_minutes: Some(7),
            canary_percent: Some(Percent::whole(7)),
            canary_bake_time_minutes: Some(7),
            alarm: RollbackAlarm {
                enable: Some(false),
                threshold_percent: Some(Percent::whole(7)),
                include_4xx: Some(true),
            },
            circuit_breaker: CircuitBreaker { enable: Some(false), rollback: Some(false) },
            ..Pace::default()
        };
        assert!(!settings.may_start_deployment(&blueprint.configuration.composed));
        assert_eq!(desired_health_check(&calm), desired_health_check(&blueprint));
        let input = update_input(&calm, &live, &underneath()).expect("a change");
        assert!(!starts_deployment(&input), "{input:?}");
        let mut other = blueprint.clone();
        other.configuration.composed.deployment_configuration.strategy = Some(DeploymentStrategy::Rolling);
        assert!(other.configuration.composed.may_start_deployment(&blueprint.configuration.composed));
    }

    #[test]
    fn another_port_goes_along_with_the_live_target_groups() {
        let mut blueprint = blueprint();
        let mut live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        live.load_balancers[0].target_group_arn = "tg-b".to_owned();
        blueprint.container_port = 8080;
        let input = update_input(&blueprint, &live, &underneath()).expect("a change");
        let balancers = input.load_balancers.expect("load balancers");
        assert_eq!((balancers[0].target_group_arn.as_str(), balancers[0].container_port), ("tg-b", 8080));
    }

    #[test]
    fn another_kind_of_strategy_rewires_the_service_around_the_group_that_serves() {
        let shifting = blueprint();
        let mut rolling = blueprint();
        rolling.configuration.composed.deployment_configuration.strategy = Some(DeploymentStrategy::Rolling);
        let live = live_service(&create_input(&shifting, &underneath(), 1, String::new(), CREATING));
        let swapped = Underneath { live_target_group_arn: Some("tg-b".to_owned()), ..underneath() };
        let input = update_input(&rolling, &live, &swapped).expect("a change");
        let balancers = input.load_balancers.expect("load balancers");
        assert_eq!((balancers.len(), balancers[0].target_group_arn.as_str()), (1, "tg-b"));
        assert!(balancers[0].advanced_configuration.is_none());

        let mut live = live_service(&create_input(&rolling, &underneath(), 1, String::new(), CREATING));
        live.load_balancers = balancers;
        assert_eq!(update_input(&rolling, &live, &swapped), None);
        let input = update_input(&shifting, &live, &swapped).expect("a change");
        let balancers = input.load_balancers.expect("load balancers");
        let advanced = balancers[0].advanced_configuration.as_ref().expect("two groups");
        assert_eq!(
            (balancers[0].target_group_arn.as_str(), advanced.alternate_target_group_arn.as_str()),
            ("tg-b", "tg-a")
        );
    }

    #[test]
    fn a_move_registers_tasks_with_both_load_balancers_and_then_with_the_new_one_alone() {
        let blueprint = blueprint();
        let mut live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        let input = attachment_input(&blueprint, &live, Some("tg-b".to_owned()), "new-a", None);
        assert_eq!(
            input.deployment_configuration.as_ref().and_then(|it| it.strategy),
            Some(WireStrategy::Rolling)
        );
        let both = input.load_balancers.expect("load balancers");
        let arns: Vec<_> = both.iter().map(|one| one.target_group_arn.as_str()).collect();
        assert_eq!(arns, ["tg-b", "new-a"]);
        assert!(input.network_configuration.is_none() && input.task_definition.is_none());

        live.load_balancers = both;
        let moved = Underneath {
            target_group_arns: ["new-a", "new-b"].map(str::to_owned),
            rule_arn: "new-rule".to_owned(),
            ..underneath()
        };
        let input = update_input(&blueprint, &live, &moved).expect("a change");
        let balancers = input.load_balancers.expect("load balancers");
        let advanced = balancers[0].advanced_configuration.as_ref().expect("two groups");
        assert_eq!(
            (balancers[0].target_group_arn.as_str(), advanced.production_listener_rule.as_str()),
            ("new-a", "new-rule")
        );
    }

    #[test]
    fn alarms_and_hooks_of_others_stay() {
        let blueprint = blueprint();
        let mut live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        let deployment = &mut live.deployment_configuration;
        deployment.lifecycle_hooks = Some(serde_json::json!([{ "hookTargetArn": "x" }]));
        deployment.alarms.as_mut().expect("alarms").alarm_names.push("theirs".to_owned());
        assert_eq!(update_input(&blueprint, &live, &underneath()), None);
    }

    #[test]
    fn members_that_nobody_knows_go_back_as_they_came() {
        let blueprint = blueprint();
        let live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        let mut live = live;
        let added =
            || Others::from_iter([("addedTomorrow".to_owned(), serde_json::json!({ "enabled": true }))]);
        let deployment = &mut live.deployment_configuration;
        deployment.others = added();
        deployment.alarms.as_mut().expect("alarms").others = added();
        deployment.canary_configuration.as_mut().expect("a canary").others = added();
        deployment.deployment_circuit_breaker.as_mut().expect("a breaker").others = added();
        live.load_balancers[0].others = added();
        let network = live.network_configuration.as_mut().expect("a network");
        network.others = added();
        network.awsvpc_configuration.others = added();
        assert_eq!(update_input(&blueprint, &live, &underneath()), None);

        let mut changed = blueprint.clone();
        changed.container_port = 8080;
        changed.configuration.composed.deployment_configuration.canary_bake_time_minutes = Some(9);
        changed.configuration.security_groups = Some(["sg-theirs".to_owned()].into());
        let input = update_input(&changed, &live, &underneath()).expect("a change");
        let sent = serde_json::to_value(&input).expect("writable");
        for part in [
            "/deploymentConfiguration",
            "/deploymentConfiguration/alarms",
            "/deploymentConfiguration/canaryConfiguration",
            "/deploymentConfiguration/deploymentCircuitBreaker",
            "/loadBalancers/0",
            "/networkConfiguration",
            "/networkConfiguration/awsvpcConfiguration",
        ] {
            let part = sent.pointer(part).unwrap_or_else(|| panic!("no {part} in {sent}"));
            assert_eq!(part["addedTomorrow"]["enabled"], true, "{part}");
        }
    }

    #[test]
    fn members_that_nobody_knows_stay_with_the_strategy_that_they_came_with() {
        let blueprint = blueprint();
        let mut live = live_service(&create_input(&blueprint, &underneath(), 1, String::new(), CREATING));
        live.deployment_configuration.others.insert("addedTomorrow".to_owned(), serde_json::json!(1));
        live.load_balancers[0].others.insert("addedTomorrow".to_owned(), serde_json::json!(1));
        let mut rolling = blueprint;
        rolling.configuration.composed.deployment_configuration.strategy = Some(DeploymentStrategy::Rolling);
        let input = update_input(&rolling, &live, &underneath()).expect("a change");
        assert_eq!(input.deployment_configuration.expect("a strategy").others, Others::new());
        assert_eq!(input.load_balancers.expect("load balancers")[0].others["addedTomorrow"], 1);
    }
}
