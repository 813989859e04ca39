//! Update: compare what is there with the blueprint, let a deployment in flight end, carry out what differs.

use std::collections::BTreeSet;
use std::time::Duration;

use super::ComposedEngine;
use super::blueprint::Blueprint;
use super::composition::{self, Composition};
use super::create::carry_out_plan;
use super::ground::{Change, Findings, Ground};
use super::plan::{Part, Plan};
use super::planner::{Differences, plan_create, plan_update};
use super::pool::Joined;
use super::service_input::{Underneath, starts_deployment, update_input};
use super::steps::{
    READY, alarm_definition, desired_attributes, desired_health_check, is_scaling_as_wanted, next_document,
};
use super::survey::{Wish, draw};
use crate::aws::acm::CertificateStatus;
use crate::engine::deployment::is_deployment_successful;
use crate::engine::error::Aftermath;
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError, UpdateRequest};
use crate::service::{Deployment, ObjectNames, PHASE_TAG_KEY, tag_change};

/// Time that somebody else's deployment may take before this update gives up (composition section 2.4).
const OTHERS_DEPLOYMENT: Duration = Duration::from_secs(20 * 60);

/// Brings a service to the desired state. Repeating it is safe: what is already so is not touched.
pub(super) async fn update(
    engine: &ComposedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
) -> Result<(), EngineError> {
    let names = ObjectNames::new(request.arn.clone());
    let existing = composition::read(&engine.apis, &names).await?;
    if !existing.is_anything_left() {
        return Err(EngineError::Gone { arn: request.arn.clone() });
    }
    let mut ground = prepare(engine, bounds, request, names, existing).await?;
    let plan = decide(&mut ground, request).await?;
    tracing::debug!(plan = %plan, "update");
    if plan.has(Part::EcsService) && settle(engine, bounds, request).await? {
        // What a deployment in flight left behind is another ground.
        let names = ground.blueprint.names.clone();
        let existing = composition::read(&engine.apis, &names).await?;
        ground = prepare(engine, bounds, request, names, existing).await?;
        let plan = decide(&mut ground, request).await?;
        return finish(ground, &plan).await;
    }
    finish(ground, &plan).await
}

async fn finish(ground: Ground, plan: &Plan) -> Result<(), EngineError> {
    let (_, report) = carry_out_plan(ground, plan).await;
    match report.failure {
        None => Ok(()),
        Some((step, error)) => {
            let kept = report.done.iter().map(|part| part.noun().to_owned()).collect();
            Err(EngineError::step(step.to_string(), error, Aftermath { undone: Vec::new(), kept }))
        }
    }
}

async fn prepare(
    engine: &ComposedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    names: ObjectNames,
    existing: Composition,
) -> Result<Ground, EngineError> {
    let wish = Wish {
        names,
        generation: existing.generation(),
        infrastructure_role_arn: existing
            .infrastructure_role_arn()
            .map_or_else(|| request.infrastructure_role_arn.clone(), str::to_owned),
        configuration: request.configuration.clone(),
        tags: request.tags.clone(),
        wait_for_steady_state: request.wait_for_steady_state,
    };
    let blueprint = draw(&engine.apis, bounds, wish).await?;
    let findings = Findings::of(&existing);
    Ok(Ground {
        apis: engine.apis.clone(),
        bounds: bounds.clone(),
        blueprint,
        existing,
        change: Change::default(),
        findings,
    })
}

/// What is to be done. A service whose create never got as far as the service itself is created.
async fn decide(ground: &mut Ground, request: &UpdateRequest) -> Result<Plan, EngineError> {
    if ground.existing.live_service().is_none() {
        ground.findings = Findings::default();
        return Ok(plan_create(&ground.blueprint));
    }
    ground.change = decide_change(ground, request).await?;
    let differences = differences(ground);
    if let (true, Some(arn)) = (!differences.contains(&Part::TaskDefinition), running_arn(&ground.existing)) {
        let _ = ground.findings.task_definition_arn.set(arn);
    }
    for part in &differences {
        ground.findings.forget(*part);
    }
    Ok(plan_update(&ground.blueprint, &differences))
}

fn running_arn(existing: &Composition) -> Option<String> {
    existing.live_service().map(|service| service.task_definition.clone())
}

async fn decide_change(ground: &Ground, request: &UpdateRequest) -> Result<Change, EngineError> {
    let (apis, existing) = (&ground.apis, &ground.existing);
    let live_tags = existing.live_service().map(|service| service.tags.clone()).unwrap_or_default();
    let document = if ground.blueprint.configuration.task_definition_arn.is_some() {
        None
    } else {
        let running = existing.task_definition.as_ref();
        Some(next_document(apis, &ground.bounds, &ground.blueprint, running).await?)
    };
    let deployments = apis.ecs.list_deployments(&request.arn).await?;
    let live_target_group_arn = super::observe::find_live_target_group(apis, existing, &deployments).await?;
    Ok(Change {
        tags: tag_change(&request.tags, &live_tags, &request.known_tags),
        forces_deployment: has_other_health_check(&ground.blueprint, existing),
        live_target_group_arn,
        is_deploying: deployments.iter().any(|deployment| !deployment.status.is_final()),
        document,
    })
}

fn has_other_health_check(blueprint: &Blueprint, existing: &Composition) -> bool {
    let wanted = desired_health_check(blueprint);
    existing.target_groups.iter().any(|group| group.health_check != wanted)
}

/// Parts that are not as the blueprint wants them. Pure.
fn differences(ground: &Ground) -> Differences {
    let (blueprint, existing, change) = (&ground.blueprint, &ground.existing, &ground.change);
    let mut parts = BTreeSet::new();
    let mut note = |part: Part, differs: bool| {
        if differs {
            parts.insert(part);
        }
    };
    let retention = blueprint.settings().log_retention_days;
    let live_retention = existing.log_group.as_ref().and_then(|group| group.retention_in_days);
    let has_other_retention = retention.is_some() && retention != live_retention;
    note(
        Part::LogGroup,
        blueprint.makes_log_group() && (existing.log_group.is_none() || has_other_retention),
    );
    note(Part::ServiceSecurityGroup, existing.service_security_group.is_none());
    let attributes = desired_attributes(blueprint);
    let has_attributes = existing
        .target_group_attributes
        .iter()
        .all(|live| attributes.iter().all(|(key, value)| live.get(key) == Some(value)));
    note(Part::TargetGroups, existing.target_groups.len() < 2 || !has_attributes);
    note(Part::IdleHealthCheck, change.forces_deployment);
    note_ingress(&mut note, blueprint, existing);
    note(Part::Alarm, blueprint.has_alarm() && !is_alarm_as_wanted(ground));
    note(Part::Scaling, !is_scaling_as_wanted(blueprint, existing));
    note(Part::Tags, change.tags.is_some());
    note_service(&mut note, ground);
    parts
}

fn note_ingress(note: &mut impl FnMut(Part, bool), blueprint: &Blueprint, existing: &Composition) {
    note(Part::Pool, existing.rule.is_none());
    let port = blueprint.container_port;
    let balancer_groups = existing.load_balancer.iter().flat_map(|balancer| &balancer.security_group_ids);
    let is_let_in = |group: &String| {
        let ingress = existing.service_security_group.iter().flat_map(|own| &own.ingress);
        ingress.into_iter().any(|permission| {
            permission.peer == crate::aws::ec2::Peer::SecurityGroup(group.clone())
                && permission.ports == Some((port, port))
        })
    };
    note(Part::SecurityGroupRules, !balancer_groups.into_iter().all(is_let_in));
    if !blueprint.is_https() {
        return;
    }
    let status = existing.certificate.as_ref().map(|certificate| &certificate.status);
    let is_issued = status == Some(&CertificateStatus::Issued);
    note(Part::Certificate, !is_issued);
    note(Part::CertificateValidation, !is_issued && blueprint.makes_certificate());
    note(Part::ListenerCertificate, !is_issued);
}

fn note_service(note: &mut impl FnMut(Part, bool), ground: &Ground) {
    let (blueprint, existing, change) = (&ground.blueprint, &ground.existing, &ground.change);
    let Some(live) = existing.live_service() else { return };
    let has_other_document = match &blueprint.configuration.task_definition_arn {
        Some(arn) => live.task_definition != *arn,
        None => existing.task_definition.as_ref().map(|it| &it.document) != change.document.as_ref(),
    };
    note(Part::TaskDefinition, has_other_document);
    let input = underneath(existing).and_then(|underneath| update_input(blueprint, live, &underneath));
    let deploys =
        has_other_document || change.forces_deployment || input.as_ref().is_some_and(starts_deployment);
    note(Part::EcsService, deploys || input.is_some());
    let is_ready = live.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase == READY);
    note(Part::Phase, !is_ready);
    // A deployment of what is wanted may be on its way already.
    note(Part::Deployment, blueprint.wait_for_steady_state && (deploys || change.is_deploying));
}

/// What lies under the service as it is: a change of these parts is found on its own.
fn underneath(existing: &Composition) -> Option<Underneath> {
    let [a, b] = &existing.target_groups[..] else { return None };
    Some(Underneath {
        task_definition_arn: running_arn(existing)?,
        target_group_arns: [a.arn.clone(), b.arn.clone()],
        rule_arn: existing.rule.as_ref()?.arn.clone(),
        service_security_group_id: existing.service_security_group.as_ref()?.id.clone(),
        certificate_arn: existing.certificate.as_ref().map(|certificate| certificate.arn.clone()),
    })
}

/// Threshold and metrics: a put that changes nothing would be harmless, but is no update.
fn is_alarm_as_wanted(ground: &Ground) -> bool {
    let existing = &ground.existing;
    let (Some(alarm), Some(balancer), [a, b]) =
        (&existing.alarm, &existing.load_balancer, &existing.target_groups[..])
    else {
        return false;
    };
    let groups = [a.arn.clone(), b.arn.clone()];
    let wanted = alarm_definition(&ground.blueprint, &groups, &balancer.arn, Some(alarm));
    let expression = |queries: &[crate::aws::cloudwatch::alarm::MetricDataQuery]| {
        queries.iter().find_map(|query| query.expression.clone())
    };
    alarm.threshold.is_some_and(|threshold| (threshold - wanted.threshold).abs() < f64::EPSILON)
        && expression(&alarm.metrics.member) == expression(&wanted.metrics)
}

/// `deployment.settle`: an update in the middle of a deployment can leave the rule split (facts, express section 5),
/// so one in flight ends first, however it ends. Says whether there was one.
async fn settle(
    engine: &ComposedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
) -> Result<bool, EngineError> {
    let ecs = &engine.apis.ecs;
    let deployments = ecs.list_deployments(&request.arn).await?;
    let Some(running) = deployments.iter().find(|deployment| !deployment.status.is_final()) else {
        return Ok(false);
    };
    tracing::info!(deployment_arn = %running.arn, "waiting for a deployment that is already running");
    let ended = wait_until(&bounds.at_most(OTHERS_DEPLOYMENT), || async {
        let detail = ecs.find_deployment(&running.arn).await?;
        Ok::<_, EngineError>(match is_deployment_successful(&running.arn, detail.as_ref()) {
            Ok(condition) => condition,
            Err(_) => Condition::Ready(()),
        })
    })
    .await;
    ended.map_err(|error| busy(running, error.into()))?;
    Ok(true)
}

fn busy(running: &Deployment, error: EngineError) -> EngineError {
    match error {
        EngineError::TimedOut { .. } => {
            EngineError::Busy { deployment_arn: running.arn.clone(), started_at: running.started_at }
        }
        other => other,
    }
}

impl Findings {
    /// What is there already, for the parts that an update leaves alone.
    pub(super) fn of(existing: &Composition) -> Self {
        let findings = Self::default();
        if let [a, b] = &existing.target_groups[..] {
            let _ = findings.target_group_arns.set([a.arn.clone(), b.arn.clone()]);
        }
        if let Some(group) = &existing.service_security_group {
            let _ = findings.service_security_group_id.set(group.id.clone());
        }
        if let Some(certificate) = &existing.certificate {
            let _ = findings.certificate_arn.set(certificate.arn.clone());
        }
        if let (Some(balancer), Some(rule)) = (&existing.load_balancer, &existing.rule) {
            let _ = findings.joined.set(Joined {
                number: balancer
                    .name
                    .rsplit('-')
                    .next()
                    .and_then(|number| number.parse().ok())
                    .unwrap_or_default(),
                load_balancer_arn: balancer.arn.clone(),
                dns_name: balancer.dns_name.clone(),
                zone_id: balancer.zone_id.clone(),
                security_group_ids: balancer.security_group_ids.clone(),
                listener_arn: existing.listener_arn().unwrap_or_default(),
                rule_arn: rule.arn.clone(),
                priority: rule.priority.unwrap_or_default(),
            });
        }
        findings
    }

    /// Forgets what the step of a part is about to find anew.
    pub(super) fn forget(&mut self, part: Part) {
        match part {
            Part::TargetGroups => drop(self.target_group_arns.take()),
            Part::ServiceSecurityGroup => drop(self.service_security_group_id.take()),
            Part::Certificate => drop(self.certificate_arn.take()),
            Part::Pool => drop(self.joined.take()),
            _ => {}
        }
    }
}
