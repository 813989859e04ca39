//! `ecs_service`: the ECS service itself.

use std::collections::HashSet;
use std::time::Duration;

use super::super::differences::lacks_tasks;
use super::super::ground::{Ground, Site, found};
use super::super::plan::Part;
use super::super::service_input::{Underneath, create_input, starts_deployment, update_input};
use super::owned;
use super::phase::{CREATING, READY};
use super::scaling::bounds;
use crate::aws::AwsErrorKind;
use crate::aws::ecs::plain_services::{PlainService, UpdateServiceInput};
use crate::engine::EngineError;
use crate::engine::mark::mark_deployment;
use crate::engine::retry::{AssumedRole, retrying, retrying_with_role};
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::service::{PHASE_TAG_KEY, ServiceArn, ServiceStatus, short_hash};

/// Time for a new service to show (composition section 9: up to 10 seconds).
const SERVICE_APPEARS: Duration = Duration::from_secs(90);
/// How ECS says that a service of the name exists that another request made.
pub(in crate::engine::composed) const NOT_IDEMPOTENT: &str = "not idempotent";
/// Letters of a client token, at most 36.
const TOKEN_LENGTH: usize = 32;

/// The service exists and is as wanted; a deployment may be on its way. One of the name that is not ours is refused.
///
/// One of an earlier attempt is brought up to date. If its last deployment did not succeed, a new one starts, even if
/// nothing differs.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let underneath = underneath(ground)?;
    let live = match find(ground).await? {
        Found::Live(live) => *live,
        Found::Nothing { has_record } => match create(ground, &underneath, has_record).await? {
            Creation::Done => return Ok(()),
            Creation::Earlier => wait_until_shown(ground).await?,
        },
    };
    owned(&ground.blueprint.names, "ECS service", live.arn.as_str(), &live.tags)?;
    converge(ground, &underneath, &live).await
}

/// Sends what differs.
async fn converge(ground: &Ground, underneath: &Underneath, live: &PlainService) -> Result<(), EngineError> {
    let service = ground.blueprint.service();
    let deployments = retrying(&ground.bounds, || ground.apis.ecs.list_deployments(service)).await?;
    let change = update_input(&ground.blueprint, live, underneath);
    let mut input = change.unwrap_or_else(|| nothing(service));
    let newest = deployments.first();
    let is_failed = newest.is_some_and(|newest| newest.status.is_abandoned() && newest.status.is_final());
    let is_forced = ground.change.forces_deployment || is_failed;
    // ECS takes other capacity for new tasks only; replacing the present ones takes a deployment.
    let is_other_capacity = input.capacity_provider_strategy.is_some();
    input.force_new_deployment = is_other_capacity || is_forced && !starts_deployment(&input);
    if lacks_tasks(&ground.blueprint, live) {
        input.desired_count = Some(bounds(&ground.blueprint).0);
    }
    if starts_deployment(&input) {
        // What runs now is not the deployment that this change starts.
        let known = deployments.iter().map(|deployment| deployment.arn.clone()).collect();
        let _ = ground.findings.known_deployment_arns.set(known);
        let is_finished = live.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase == READY);
        if is_finished && ground.blueprint.wait_for_steady_state {
            mark_deployment(&ground.apis.ecs, service, &deployments).await;
        }
    }
    if input != nothing(service) {
        let role = AssumedRole { iam: &ground.apis.iam, arn: &ground.blueprint.infrastructure_role_arn };
        retrying_with_role(&ground.bounds, role, || ground.apis.ecs.update_service(&input)).await?;
    }
    Ok(())
}

fn nothing(service: &ServiceArn) -> UpdateServiceInput {
    UpdateServiceInput {
        cluster: service.cluster().to_owned(),
        service: service.name().to_owned(),
        ..UpdateServiceInput::default()
    }
}

fn underneath(ground: &Ground) -> Result<Underneath, EngineError> {
    let findings = &ground.findings;
    Ok(Underneath {
        task_definition_arn: found(&findings.task_definition_arn)?.clone(),
        target_group_arns: found(&findings.target_group_arns)?.clone(),
        rule_arn: found(&findings.joined)?.rule_arn.clone(),
        service_security_group_id: found(&findings.service_security_group_id)?.clone(),
        certificate_arn: findings.certificate_arn.get().cloned(),
        live_target_group_arn: ground.change.live_target_group_arn.clone(),
    })
}

/// What there is of the name.
enum Found {
    Live(Box<PlainService>),
    Nothing {
        /// Whether ECS remembers an earlier service of the name, and with it that one's deployments.
        has_record: bool,
    },
}

/// The live service of the name. One that is being deleted is waited for.
async fn find(ground: &Ground) -> Result<Found, EngineError> {
    let service = ground.blueprint.service();
    let found = wait_until(&ground.bounds, || async {
        let found = ground.apis.ecs.find_plain_service(service.cluster(), service.name()).await?;
        Ok::<_, EngineError>(match found {
            Some(found) if found.status == ServiceStatus::Draining => Condition::Pending(format!(
                "service {} with the same name is still being deleted",
                service.name()
            )),
            Some(found) if found.status == ServiceStatus::Inactive => {
                Condition::Ready(Found::Nothing { has_record: true })
            }
            Some(found) => Condition::Ready(Found::Live(Box::new(found))),
            None => Condition::Ready(Found::Nothing { has_record: false }),
        })
    })
    .await?;
    Ok(found)
}

/// What a call to create the service came to.
enum Creation {
    /// The service is ours and new.
    Done,
    /// An earlier attempt made it, or somebody else did: it does not show yet.
    Earlier,
}

/// One call with one token: a repetition after a lost answer finds the service of the first.
///
/// Deployments of an earlier service of the name are noted first, so that none of them is taken for the new one's.
async fn create(ground: &Ground, underneath: &Underneath, has_record: bool) -> Result<Creation, EngineError> {
    let blueprint = &ground.blueprint;
    if let Some(look) = &ground.change.second_look {
        look.check(&ground.apis, &ground.bounds).await?;
    }
    let known = if has_record { list_earlier_deployments(ground).await? } else { HashSet::new() };
    let (desired_count, _) = bounds(blueprint);
    let now = ground.bounds.clock.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let (now, jitter) = (now.as_nanos().to_string(), ground.bounds.clock.jitter().to_string());
    let token = short_hash(&[blueprint.names.owner().as_str(), &now, &jitter], TOKEN_LENGTH);
    // Somebody may delete the service in the middle of an update, which makes it again and has no create to end.
    let phase = if ground.existing.live_service().is_some() { READY } else { CREATING };
    let input = create_input(blueprint, underneath, desired_count, token, phase);
    let role = AssumedRole { iam: &ground.apis.iam, arn: &blueprint.infrastructure_role_arn };
    match retrying_with_role(&ground.bounds, role, || ground.apis.ecs.create_service(&input)).await {
        Ok(_) => {
            let _ = ground.findings.known_deployment_arns.set(known);
            ground.findings.note_made(Part::EcsService);
            Ok(Creation::Done)
        }
        Err(EngineError::Aws(error)) if error.says(NOT_IDEMPOTENT) => Ok(Creation::Earlier),
        Err(error) => Err(error),
    }
}

async fn list_earlier_deployments(ground: &Ground) -> Result<HashSet<String>, EngineError> {
    let service = ground.blueprint.service();
    match retrying(&ground.bounds, || ground.apis.ecs.list_deployments(service)).await {
        Ok(deployments) => Ok(deployments.into_iter().map(|deployment| deployment.arn).collect()),
        // Whether ECS lists the deployments of an INACTIVE service is unproven.
        Err(EngineError::Aws(error)) if error.kind == AwsErrorKind::Service => Ok(HashSet::new()),
        Err(error) => Err(error),
    }
}

/// A service that was just made, by an attempt that nobody knows of any more.
async fn wait_until_shown(ground: &Ground) -> Result<PlainService, EngineError> {
    let name = ground.blueprint.service().name();
    let shown = wait_until(&ground.bounds.at_most(SERVICE_APPEARS), || async {
        Ok::<_, EngineError>(match find(ground).await? {
            Found::Live(live) => Condition::Ready(*live),
            Found::Nothing { .. } => {
                Condition::Pending(format!("waiting for service {name}, which was just made, to show"))
            }
        })
    })
    .await?;
    Ok(shown)
}

/// Deletes the service if it is ours, and waits until it is INACTIVE: its tasks drain for as long as the target
/// groups' deregistration delay.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let (arn, ecs) = (site.names.service(), &site.apis.ecs);
    let delete = || ecs.delete_service(arn);
    match &site.composition.service {
        Some(service) if service.status == ServiceStatus::Inactive => return Ok(()),
        Some(service) if !site.names.owner().owns(&service.tags) => return Ok(()),
        Some(service) if service.status == ServiceStatus::Draining => {}
        Some(_) => drop(retrying(&site.bounds, delete).await?),
        None => {
            if !may_be_hidden(site) || !retrying(&site.bounds, delete).await? {
                return Ok(());
            }
            wait_for_record(site).await?;
        }
    }
    wait_until(&site.bounds, || async {
        let found = ecs.find_plain_service(arn.cluster(), arn.name()).await?;
        Ok::<_, EngineError>(match found.filter(|found| found.status != ServiceStatus::Inactive) {
            None => Condition::Ready(()),
            Some(found) => Condition::Pending(format!(
                "service {} is {}, {} of its tasks are running",
                arn.name(),
                found.status.as_str(),
                found.running_count
            )),
        })
    })
    .await?;
    Ok(())
}

/// Whether there may be a service of ours though none shows: the anchor is there, and the operation that is taken back,
/// if any, came as far as the service.
fn may_be_hidden(site: &Site) -> bool {
    let came_so_far = site.made.as_ref().is_none_or(|made| made.contains(&Part::EcsService));
    site.composition.service_security_group.is_some() && came_so_far
}

/// ECS shows a service up to ten seconds after it was made (composition section 9), and its end only if it shows.
async fn wait_for_record(site: &Site) -> Result<(), EngineError> {
    let arn = site.names.service();
    let shown = wait_until(&site.bounds.at_most(SERVICE_APPEARS), || async {
        let found = site.apis.ecs.find_plain_service(arn.cluster(), arn.name()).await?;
        Ok::<_, EngineError>(match found {
            Some(_) => Condition::Ready(()),
            None => Condition::Pending(format!("waiting for service {} to show", arn.name())),
        })
    })
    .await;
    match shown {
        Err(WaitError::TimedOut { .. }) if site.bounds.remaining() > Duration::ZERO => Ok(()),
        other => other.map_err(Into::into),
    }
}
