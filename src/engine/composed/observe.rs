//! Observe: what was read of a composition, as the state describes a service. Pure but for the reads.

use std::collections::BTreeSet;

use super::ComposedEngine;
use super::composition::{self, Composition};
use super::decide::missing::{Fault, faults};
use super::described::described;
use super::ground::Apis;
use super::service_input::of_its_strategy;
use crate::aws::AwsError;
use crate::aws::acm::CertificateStatus;
use crate::aws::autoscaling::TrackedMetric;
use crate::aws::elbv2::{LoadBalancerState, Matcher, Scheme, TargetGroup};
use crate::service::{
    ACCESS_LOGS_TAG_KEY, AccessLogs, CHANGED, CapacityProvider, ComposedSettings, Configuration, Deployment,
    DeploymentConfiguration, Domain, HealthCheck, INCOMPLETE, IngressPath, LoadBalancerAddress,
    LoadBalancerScheme, LoadBalancerSettings, MISSING, ManagedKind, ManagedResource, ObjectNames,
    ObservedService, POOL_NAME_TAG_KEY, Percent, RollbackAlarm, ScalingMetric, ScalingTarget, ServiceStatus,
    TaskCounts, WEB_ACL_TAG_KEY, awaits_marked_deployment, find_marked_deployment,
};

/// Whether there is no ECS service, only what was made for one.
pub(super) fn is_incomplete(observed: &ObservedService) -> bool {
    observed.status == ServiceStatus::Other(INCOMPLETE.to_owned())
}

pub(super) async fn observe(
    engine: &ComposedEngine,
    names: &ObjectNames,
) -> Result<Option<ObservedService>, AwsError> {
    let apis = &engine.apis;
    let found = composition::read(apis, names).await?;
    if !found.is_anything_left() {
        return Ok(found
            .service
            .is_some()
            .then(|| ObservedService::gone(names.service().clone(), ServiceStatus::Inactive)));
    }
    let deployments = match found.live_service() {
        Some(_) => apis.ecs.list_deployments(names.service()).await?,
        None => Vec::new(),
    };
    let live_target_group_arn = find_live_target_group(apis, &found, &deployments).await?;
    Ok(Some(assemble(names, &found, &deployments, live_target_group_arn)))
}

/// The target group that the running revision registers its tasks in, as ECS resolved it: never guessed, because
/// deployments alternate (facts, composition section 0, fact 3).
///
/// Whether ECS resolves it before a deployment shifts traffic is unproven. Where the two groups differ and the deployment
/// under way seems to be in the group of the one before, it goes to the other.
pub(super) async fn find_live_target_group(
    apis: &Apis,
    found: &Composition,
    deployments: &[Deployment],
) -> Result<Option<String>, AwsError> {
    let resolved = find_target_group(apis, revision_arn(found, deployments)).await?;
    let [a, b] = &found.target_groups[..] else { return Ok(resolved) };
    let is_under_way = heading(deployments).is_some_and(|heading| !heading.status.is_final());
    if !is_under_way || !shifts_traffic(found) || a.health_check == b.health_check {
        return Ok(resolved);
    }
    let before = deployments.iter().find(|it| it.status.is_final() && !it.status.is_abandoned());
    let Some(before) = before else { return Ok(resolved) };
    let served = find_target_group(apis, before.target_revision_arn.clone()).await?;
    if served.is_none() || resolved.is_some() && resolved != served {
        return Ok(resolved);
    }
    Ok([a, b].into_iter().find(|group| Some(&group.arn) != served.as_ref()).map(|group| group.arn.clone()))
}

async fn find_target_group(apis: &Apis, revision_arn: Option<String>) -> Result<Option<String>, AwsError> {
    let Some(revision_arn) = revision_arn else { return Ok(None) };
    let revision = apis.ecs.find_revision(&revision_arn).await?;
    Ok(revision.and_then(|revision| revision.target_group_arn))
}

fn shifts_traffic(found: &Composition) -> bool {
    use crate::aws::ecs::service_configuration::DeploymentStrategy as Wire;
    let strategy = found.live_service().and_then(|service| service.deployment_configuration.strategy);
    !matches!(strategy, Some(Wire::Rolling) | None)
}

/// The deployment that brought, or is bringing, what the service runs.
fn heading(deployments: &[Deployment]) -> Option<&Deployment> {
    deployments.iter().find(|deployment| !deployment.status.is_abandoned()).or(deployments.first())
}

fn revision_arn(found: &Composition, deployments: &[Deployment]) -> Option<String> {
    let of_deployment = heading(deployments).and_then(|deployment| deployment.target_revision_arn.clone());
    let current =
        || found.live_service()?.current_service_revisions.first().map(|revision| revision.arn.clone());
    of_deployment.or_else(current)
}

fn assemble(
    names: &ObjectNames,
    found: &Composition,
    deployments: &[Deployment],
    live_target_group_arn: Option<String>,
) -> ObservedService {
    let service = found.live_service();
    let status =
        service.map_or_else(|| ServiceStatus::Other(INCOMPLETE.to_owned()), |service| service.status.clone());
    ObservedService {
        infrastructure_role_arn: found.infrastructure_role_arn().map(str::to_owned),
        status,
        tags: service.map(|service| service.tags.clone()).unwrap_or_default(),
        configuration: configuration(names, found, live_target_group_arn.as_deref()),
        revision_arn: revision_arn(found, deployments),
        task_definition_arn: service.map(|service| service.task_definition.clone()),
        ingress_paths: ingress_paths(found),
        deployment: heading(deployments).cloned(),
        newest_deployment: deployments.first().cloned(),
        marked_deployment: service
            .and_then(|service| find_marked_deployment(&service.tags, deployments))
            .cloned(),
        awaits_deployment: service
            .is_some_and(|service| awaits_marked_deployment(&service.tags, deployments)),
        task_counts: service.map(|service| TaskCounts {
            desired: service.desired_count,
            running: service.running_count,
            minimum: found.scalable_target.as_ref().map(|target| target.min_capacity).unwrap_or_default(),
        }),
        resources: resources(names, found),
        load_balancer_address: found.load_balancer.as_ref().map(|balancer| LoadBalancerAddress {
            dns_name: balancer.dns_name.clone(),
            zone_id: balancer.zone_id.clone(),
        }),
        live_target_group_arn,
        ..ObservedService::gone(names.service().clone(), ServiceStatus::Active)
    }
}

fn configuration(names: &ObjectNames, found: &Composition, live_target_group: Option<&str>) -> Configuration {
    let document = found.task_definition.as_ref().map(|definition| &definition.document);
    let of_document = document.map(described).unwrap_or_default();
    let group = serving_group(found, live_target_group);
    let network = found.live_service().and_then(|service| service.network_configuration.as_ref());
    let network = network.map(|network| &network.awsvpc_configuration);
    let own_group = found.service_security_group.as_ref().map(|group| &group.id);
    let security_groups = network.map(|network| {
        network.security_groups.iter().filter(|id| Some(*id) != own_group).cloned().collect::<BTreeSet<_>>()
    });
    let is_own_definition = found
        .task_definition
        .as_ref()
        .is_some_and(|definition| definition.family != names.task_definition_family());
    Configuration {
        task_definition_arn: is_own_definition
            .then(|| found.live_service().map(|service| service.task_definition.clone()))
            .flatten(),
        health_check_path: group.map(|group| group.health_check.path.clone()),
        subnets: network.map(|network| network.subnets.iter().cloned().collect()),
        security_groups,
        scaling_target: scaling(found),
        composed: ComposedSettings {
            sidecars: of_document.composed.sidecars.clone(),
            ..settings(found, group, document)
        },
        ..of_document
    }
}

/// The group that serves; any of them while that is not known.
fn serving_group<'a>(found: &'a Composition, live: Option<&str>) -> Option<&'a TargetGroup> {
    let serving = found.target_groups.iter().find(|group| Some(group.arn.as_str()) == live);
    serving.or(found.target_groups.first())
}

fn scaling(found: &Composition) -> ScalingTarget {
    let policy = found.scaling_policies.iter().find_map(|policy| policy.target.as_ref());
    ScalingTarget {
        min_task_count: found.scalable_target.as_ref().map(|target| target.min_capacity),
        max_task_count: found.scalable_target.as_ref().map(|target| target.max_capacity),
        auto_scaling_metric: policy.map(|policy| match policy.metric {
            TrackedMetric::AverageCpu => ScalingMetric::AverageCpu,
            TrackedMetric::AverageMemory => ScalingMetric::AverageMemory,
            TrackedMetric::RequestCountPerTarget { .. } => ScalingMetric::RequestCountPerTarget,
        }),
        #[expect(clippy::cast_possible_truncation, reason = "a target value is at most 65536")]
        auto_scaling_target_value: policy.map(|policy| policy.target_value.round() as i32),
    }
}

/// What only this engine sets, as it is.
fn settings(
    found: &Composition,
    group: Option<&TargetGroup>,
    document: Option<&serde_json::Value>,
) -> ComposedSettings {
    let service = found.live_service();
    let given = found.certificate.as_ref().filter(|certificate| !certificate.is_ours);
    let delay =
        found.target_group_attributes.first().and_then(|it| it.get("deregistration_delay.timeout_seconds"));
    let storage = document.and_then(|document| document["ephemeralStorage"]["sizeInGiB"].as_i64());
    let network = service.and_then(|service| service.network_configuration.as_ref());
    let public_ip = network.and_then(|network| network.awsvpc_configuration.assign_public_ip.as_deref());
    let uses_spot = |service: &crate::aws::ecs::plain_services::PlainService| {
        service.capacity_provider_strategy.iter().any(|item| item.capacity_provider == "FARGATE_SPOT")
    };
    ComposedSettings {
        domain: domain(found),
        certificate_arn: given.map(|certificate| certificate.arn.clone()),
        deployment_configuration: deployment_settings(found),
        health_check: group.map(|group| health_check(found, group)).unwrap_or_default(),
        deregistration_delay_seconds: delay.and_then(|delay| delay.parse().ok()),
        assign_public_ip: public_ip.map(|value| value == "ENABLED"),
        capacity_provider: service.map(|service| {
            if uses_spot(service) { CapacityProvider::FargateSpot } else { CapacityProvider::Fargate }
        }),
        ephemeral_storage_gib: document.map(|_| {
            storage
                .and_then(|gib| i32::try_from(gib).ok())
                .unwrap_or(super::task_definition::FREE_STORAGE_GIB)
        }),
        enable_execute_command: service.map(|service| service.enable_execute_command),
        load_balancer: LoadBalancerSettings {
            scheme: found.load_balancer.as_ref().map(|balancer| match balancer.scheme {
                Scheme::InternetFacing => LoadBalancerScheme::InternetFacing,
                Scheme::Internal => LoadBalancerScheme::Internal,
            }),
            subnets: found
                .load_balancer
                .as_ref()
                .map(|balancer| balancer.subnet_ids.iter().cloned().collect()),
            pool: found.anchor_tag(POOL_NAME_TAG_KEY).map(str::to_owned),
            access_logs: found.anchor_tag(ACCESS_LOGS_TAG_KEY).map(access_logs),
        },
        web_acl_arn: found.anchor_tag(WEB_ACL_TAG_KEY).map(str::to_owned),
        log_retention_days: found.log_group.as_ref().and_then(|group| group.retention_in_days),
        ..ComposedSettings::default()
    }
}

/// `<bucket>` or `<bucket>/<prefix>`: no bucket has a slash in its name.
fn access_logs(tag: &str) -> AccessLogs {
    let (bucket, prefix) = tag.split_once('/').map_or((tag, None), |(bucket, prefix)| (bucket, Some(prefix)));
    AccessLogs { bucket: bucket.to_owned(), prefix: prefix.map(str::to_owned) }
}

/// The service's own host name, and the others on its rule.
fn domain(found: &Composition) -> Domain {
    let mut hosts = found.hosts().into_iter();
    let hostname = hosts.next();
    let additional: BTreeSet<_> = hosts.collect();
    Domain {
        hostname,
        hosted_zone: found.recorded_zones().and_then(|ids| ids.into_iter().next()),
        additional_hostnames: Some(additional).filter(|additional| !additional.is_empty()),
    }
}

fn health_check(found: &Composition, group: &TargetGroup) -> HealthCheck {
    let check = &group.health_check;
    let (Matcher::Http(codes) | Matcher::Grpc(codes)) = &check.matcher;
    HealthCheck {
        interval_seconds: Some(check.interval_seconds),
        timeout_seconds: Some(check.timeout_seconds),
        healthy_threshold: Some(check.healthy_threshold_count),
        unhealthy_threshold: Some(check.unhealthy_threshold_count),
        matcher: Some(codes.clone()),
        grace_period_seconds: found
            .live_service()
            .and_then(|service| service.health_check_grace_period_seconds),
    }
}

/// Nothing in the middle of a move: that the service rolls then is no setting of the user's.
fn deployment_settings(found: &Composition) -> DeploymentConfiguration {
    use crate::aws::ecs::service_configuration::DeploymentStrategy as Wire;
    use crate::service::{CircuitBreaker, DeploymentStrategy};
    let Some(service) = found.live_service().filter(|_| found.departure().is_none()) else {
        return DeploymentConfiguration::default();
    };
    let live = of_its_strategy(&service.deployment_configuration);
    let percent = |value: f64| Percent::from_f64(value).ok();
    let breaker = live.deployment_circuit_breaker.as_ref();
    let (canary, linear) = (live.canary_configuration.as_ref(), live.linear_configuration.as_ref());
    let alarm = found.alarm.as_ref();
    let rolls = matches!(live.strategy, Some(Wire::Rolling) | None);
    DeploymentConfiguration {
        strategy: match live.strategy {
            Some(Wire::Canary) => Some(DeploymentStrategy::Canary),
            Some(Wire::Linear) => Some(DeploymentStrategy::Linear),
            Some(Wire::BlueGreen) => Some(DeploymentStrategy::BlueGreen),
            Some(Wire::Rolling) | None => Some(DeploymentStrategy::Rolling),
            Some(Wire::Unknown) => None,
        },
        bake_time_minutes: live.bake_time_in_minutes,
        canary_percent: canary.and_then(|canary| percent(canary.canary_percent)),
        canary_bake_time_minutes: canary.map(|canary| canary.canary_bake_time_in_minutes),
        linear_step_percent: linear.and_then(|linear| percent(linear.step_percent)),
        linear_step_bake_time_minutes: linear.map(|linear| linear.step_bake_time_in_minutes),
        maximum_percent: live.maximum_percent.filter(|_| rolls),
        minimum_healthy_percent: live.minimum_healthy_percent.filter(|_| rolls),
        alarm: RollbackAlarm {
            enable: Some(live.alarms.as_ref().is_some_and(|alarms| alarms.enable)),
            threshold_percent: alarm.and_then(|alarm| alarm.threshold).and_then(percent),
            include_4xx: alarm
                .map(|alarm| alarm.metrics.member.iter().any(|query| query.id.starts_with("errors_4xx"))),
        },
        circuit_breaker: CircuitBreaker {
            enable: Some(breaker.is_some_and(|breaker| breaker.enable)),
            rollback: Some(breaker.is_some_and(|breaker| breaker.rollback)),
        },
    }
}

/// The own host name over HTTPS, or the load balancer's over HTTP.
fn ingress_paths(found: &Composition) -> Vec<IngressPath> {
    let Some(balancer) = &found.load_balancer else { return Vec::new() };
    let access_type = if balancer.scheme == Scheme::Internal { "PRIVATE" } else { "PUBLIC" };
    let hosts = found.hosts();
    if hosts.is_empty() {
        return vec![IngressPath::plain_http(access_type, &balancer.dns_name)];
    }
    hosts.iter().map(|host| IngressPath::new(access_type, host)).collect()
}

/// One row for each part, in the order of their kinds.
fn resources(names: &ObjectNames, found: &Composition) -> Vec<ManagedResource> {
    let arn = names.service().arn();
    let group_arn = |id: &String| {
        format!("arn:{}:ec2:{}:{}:security-group/{id}", arn.partition(), arn.region(), arn.account_id())
    };
    let mut rows = Vec::new();
    let mut push = |kind, arn: String, status: &str, name: Option<String>| {
        let (status, status_reason) = (status.to_owned(), None);
        rows.push(ManagedResource { kind, arn: Some(arn), status, status_reason, name });
    };
    if let Some(service) = found.live_service() {
        push(ManagedKind::Cluster, names.service().cluster_arn(), "ACTIVE", None);
        push(ManagedKind::Service, names.service().to_string(), service.status.as_str(), None);
        push(ManagedKind::TaskDefinition, service.task_definition.clone(), "ACTIVE", None);
    }
    if let Some(balancer) = &found.load_balancer {
        let status = match balancer.state {
            LoadBalancerState::Active | LoadBalancerState::ActiveImpaired => "ACTIVE",
            LoadBalancerState::Provisioning => "PROVISIONING",
            LoadBalancerState::Failed => "FAILED",
        };
        let scheme = match balancer.scheme {
            Scheme::InternetFacing => "internet-facing",
            Scheme::Internal => "internal",
        };
        push(ManagedKind::LoadBalancer, balancer.arn.clone(), status, Some(scheme.to_owned()));
        for id in &balancer.security_group_ids {
            push(ManagedKind::LoadBalancerSecurityGroup, group_arn(id), "ACTIVE", None);
        }
    }
    if let Some(listener_arn) = found.listener_arn() {
        push(ManagedKind::Listener, listener_arn, "ACTIVE", None);
    }
    if let Some(rule) = &found.rule {
        push(ManagedKind::ListenerRule, rule.arn.clone(), "ACTIVE", None);
    }
    for group in &found.target_groups {
        push(ManagedKind::TargetGroup, group.arn.clone(), "ACTIVE", None);
    }
    if let Some(certificate) = &found.certificate {
        let status = match certificate.status {
            CertificateStatus::Issued => "ACTIVE",
            CertificateStatus::PendingValidation => "PROVISIONING",
            CertificateStatus::Unusable(_) => "FAILED",
        };
        push(ManagedKind::Certificate, certificate.arn.clone(), status, None);
    }
    if let Some(group) = &found.service_security_group {
        push(ManagedKind::ServiceSecurityGroup, group_arn(&group.id), "ACTIVE", None);
    }
    if let Some(arn) = found.scalable_target.as_ref().and_then(|target| target.arn.clone()) {
        push(ManagedKind::ScalableTarget, arn, "ACTIVE", None);
    }
    for policy in &found.scaling_policies {
        push(ManagedKind::ScalingPolicy, policy.arn.clone(), "ACTIVE", Some(policy.name.clone()));
    }
    if let Some(alarm) = &found.alarm {
        push(ManagedKind::MetricAlarm, alarm.alarm_arn.clone(), "ACTIVE", None);
    }
    if let Some(group) = &found.log_group {
        push(ManagedKind::LogGroup, group.arn.clone(), "ACTIVE", Some(group.name.clone()));
    }
    let lacks_proof =
        |row: &&mut ManagedResource| row.kind == ManagedKind::Certificate && !found.missing_proofs.is_empty();
    if let Some(row) = rows.iter_mut().find(lacks_proof) {
        let names = found.missing_proofs.join(", ");
        row.status_reason = Some(format!("the record that proves it for renewals is missing: {names}"));
    }
    with_faults(rows, &faults(names, found))
}

/// The rows with what is missing or changed: by that, a plan knows it.
fn with_faults(mut rows: Vec<ManagedResource>, faults: &[(ManagedKind, Fault)]) -> Vec<ManagedResource> {
    for (kind, fault) in faults {
        match (fault, rows.iter_mut().find(|row| row.kind == *kind)) {
            (Fault::Changed, Some(row)) => CHANGED.clone_into(&mut row.status),
            _ => rows.push(ManagedResource {
                kind: *kind,
                arn: None,
                status: MISSING.to_owned(),
                status_reason: None,
                name: None,
            }),
        }
    }
    rows
}
