//! Update: compare what is there with the blueprint, let a deployment in flight end, carry out what differs.

use std::collections::BTreeSet;
use std::time::Duration;

use super::ComposedEngine;
use super::composition::{self, Composition};
use super::create::{carry_out_plan, clear_for_another_place};
use super::decide::missing::has_record;
use super::decide::network::do_tasks_go_first;
use super::differences::{
    check_given_certificate, differences, has_place, is_continuable, needs_move, retired_hosts,
    retired_zones, serves_with_other_health_check,
};
use super::ground::{Change, Findings, Ground};
use super::observe::find_live_target_group;
use super::plan::{Part, Plan, in_words};
use super::planner::{plan_create, plan_move, plan_update};
use super::steps::{next_document, remove_creation_mark};
use super::survey::{CurrentSubnets, Wish, draw};
use super::zone::find_record_zones;
use crate::engine::deployment::is_deployment_successful;
use crate::engine::error::Aftermath;
use crate::engine::mark::{unmark_deployment, wait_until_marked_shows};
use crate::engine::retry::retrying;
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError, UpdateRequest};
use crate::service::{
    CREATION_MARKER_TAG_KEY, DEPLOYMENT_MARKER_TAG_KEY, Deployment, FIRST_GENERATION, HOST_TAG_KEY,
    ObjectNames, PHASE_READY, PHASE_TAG_KEY, tag_change,
};

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
    if let Some(anchor) = existing
        .service_security_group
        .as_ref()
        .filter(|group| group.tags.contains_key(CREATION_MARKER_TAG_KEY))
    {
        remove_creation_mark(&engine.apis.ec2, &anchor.id).await;
    }
    await_begun_deployment(engine, bounds, request, &existing).await?;
    let is_marked =
        existing.live_service().is_some_and(|live| live.tags.contains_key(DEPLOYMENT_MARKER_TAG_KEY));
    let mut ground = prepare(engine, bounds, request, names, existing).await?;
    clear_if_gone(engine, bounds, &mut ground).await?;
    let _giving = engine.apis.handovers.begin(ground.blueprint.names.owner(), given_up(&ground, request));
    let plan = decide(&mut ground, request).await?;
    let is_marking = plan.has(Part::EcsService) && request.wait_for_steady_state;
    let updated = Box::pin(carry_on(engine, bounds, request, ground, &plan)).await;
    let has_ended = updated.as_ref().map_or_else(|error| !error.leaves_deployment(), |()| true);
    if (is_marked || is_marking) && request.wait_for_steady_state && has_ended {
        unmark_deployment(&engine.apis.ecs, &request.arn).await;
    }
    updated
}

/// A deployment that an apply which was cut short has begun may not be listed yet.
async fn await_begun_deployment(
    engine: &ComposedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    existing: &Composition,
) -> Result<(), EngineError> {
    let Some(live) = existing.live_service().filter(|_| request.wait_for_steady_state) else { return Ok(()) };
    let is_create_cut_short = existing.anchor_tag(CREATION_MARKER_TAG_KEY).is_some()
        || live.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase != PHASE_READY);
    if !is_create_cut_short && !live.tags.contains_key(DEPLOYMENT_MARKER_TAG_KEY) {
        return Ok(());
    }
    let ecs = &engine.apis.ecs;
    wait_until_marked_shows(ecs, bounds, &request.arn, &live.tags, is_create_cut_short).await
}

/// Carries the plan out, after a deployment in flight has ended.
async fn carry_on(
    engine: &ComposedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    mut ground: Ground,
    plan: &Plan,
) -> Result<(), EngineError> {
    tracing::debug!(plan = %plan, "update");
    let deploys = plan.has(Part::EcsService);
    // Without a load balancer no deployment ends; the update takes the place of one.
    let can_settle = has_place(&ground.existing);
    if deploys && can_settle && settle(engine, bounds, request).await? {
        // What a deployment in flight left behind is another ground.
        let names = ground.blueprint.names.clone();
        let existing = composition::read(&engine.apis, &names).await?;
        ground = prepare(engine, bounds, request, names, existing).await?;
        let plan = decide(&mut ground, request).await?;
        return Box::pin(finish(ground, &plan)).await;
    }
    Box::pin(finish(ground, plan)).await
}

/// Host names that the update takes from the service: another one may wait for them.
fn given_up(ground: &Ground, request: &UpdateRequest) -> Vec<String> {
    let mut hosts = ground.existing.hosts();
    hosts.extend(request.known_hostnames.iter().cloned());
    let is_kept = |host: &String| ground.blueprint.hosts().iter().any(|kept| kept.eq_ignore_ascii_case(host));
    hosts.retain(|host| !is_kept(host));
    hosts
}

/// What is left of a service that somebody deleted is the beginning of a new one, unless it is of another place.
async fn clear_if_gone(
    engine: &ComposedEngine,
    bounds: &Bounds,
    ground: &mut Ground,
) -> Result<(), EngineError> {
    let existing = &ground.existing;
    let hosts = existing.hosts();
    let is_same_rule = existing.rule.is_none() || hosts == ground.blueprint.hosts();
    let host = existing.anchor_tag(HOST_TAG_KEY);
    let is_fit = existing.departure().is_none()
        && is_same_rule
        && (existing.service_security_group.is_none()
            || is_continuable(&ground.blueprint, existing.pool_tag(), host));
    if existing.live_service().is_some() || is_fit {
        return Ok(());
    }
    clear_for_another_place(engine, bounds, &ground.blueprint.names, existing).await?;
    ground.existing = Composition::default();
    ground.blueprint.generation = FIRST_GENERATION;
    Ok(())
}

async fn finish(ground: Ground, plan: &Plan) -> Result<(), EngineError> {
    let (_, report) = carry_out_plan(ground, plan).await;
    match report.failure {
        None => Ok(()),
        Some((step, error)) => {
            let aftermath = Aftermath { undone: Vec::new(), kept: in_words(report.done) };
            Err(EngineError::step(step.part.words().to_owned(), error, aftermath))
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
        current: current_subnets(&existing),
        recorded_zones: existing.recorded_zones(),
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

/// Where the service is. In the middle of a move, that is the side that its rule is on.
fn current_subnets(existing: &Composition) -> Option<CurrentSubnets> {
    let network = existing.live_service()?.network_configuration.as_ref()?;
    let balancer = existing.load_balancer.as_ref()?;
    Some(CurrentSubnets {
        of_tasks: network.awsvpc_configuration.subnets.iter().cloned().collect(),
        of_load_balancer: balancer.subnet_ids.iter().cloned().collect(),
    })
}

/// Parts that a move has on another load balancer.
const MOVED: [Part; 3] = [Part::TargetGroups, Part::Certificate, Part::Pool];

/// What is to be done. A service whose create never got as far as the service itself is created.
async fn decide(ground: &mut Ground, request: &UpdateRequest) -> Result<Plan, EngineError> {
    if ground.existing.live_service().is_none() {
        ground.findings = Findings::default();
        return plan_create(&ground.blueprint);
    }
    check_given_certificate(&ground.blueprint, &ground.existing)?;
    let moves = needs_move(&ground.blueprint, &ground.existing)?;
    if moves {
        let departure = ground.existing.departure();
        let left = departure.map_or_else(|| ground.existing.generation(), |departure| departure.generation);
        ground.blueprint.generation = left + 1;
    }
    ground.change = decide_change(ground, request).await?;
    let differences = differences(ground);
    if let (true, Some(live)) = (!differences.contains(&Part::TaskDefinition), ground.existing.live_service())
    {
        let _ = ground.findings.task_definition_arn.set(live.task_definition.clone());
    }
    // A move finds all of its place anew.
    let finds_anew = if moves { &MOVED[..] } else { &[] };
    for part in differences.iter().chain(finds_anew) {
        ground.findings.forget(*part);
    }
    let there = ground.findings.facts();
    let plan = if moves { plan_move } else { plan_update };
    plan(&ground.blueprint, &differences, &there)
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
    let record_zones = if existing.hosts().is_empty() {
        BTreeSet::new()
    } else {
        find_record_zones(apis, &ground.bounds, existing).await?
    };
    let live_target_group_arn = find_live_target_group(apis, existing, &deployments).await?;
    Ok(Change {
        creation_mark: None,
        second_look: None,
        tags: tag_change(&request.tags, &live_tags, &request.known_tags),
        forces_deployment: serves_with_other_health_check(
            &ground.blueprint,
            existing,
            live_target_group_arn.as_deref(),
        ),
        live_target_group_arn,
        is_deploying: deployments.iter().any(|deployment| !deployment.status.is_final()),
        has_failed: has_failed(&deployments),
        document,
        retired_hosts: retired_hosts(&ground.blueprint, existing, &request.known_hostnames),
        retired_zones: retired_zones(&ground.blueprint, &record_zones),
        record_zones,
        lacks_records: lacks_records(ground).await?,
        network_goes_first: do_tasks_go_first(&ground.blueprint.network).unwrap_or_default(),
        frees_log: request.frees_log,
    })
}

/// Whether every deployment failed, so that nothing of the service ever served.
fn has_failed(deployments: &[Deployment]) -> bool {
    !deployments.is_empty()
        && deployments
            .iter()
            .all(|deployment| deployment.status.is_abandoned() && deployment.status.is_final())
}

/// Whether a wanted host name has no record that leads to the load balancer.
async fn lacks_records(ground: &Ground) -> Result<bool, EngineError> {
    let (Some(zone), Some(balancer)) = (ground.blueprint.zone(), &ground.existing.load_balancer) else {
        return Ok(false);
    };
    let route53 = &ground.apis.route53;
    for host in ground.blueprint.hosts() {
        let sets = retrying(&ground.bounds, || route53.list_record_sets(&zone.id, host)).await?;
        if !has_record(&sets, balancer) {
            return Ok(true);
        }
    }
    Ok(false)
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
