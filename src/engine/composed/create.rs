//! Create: know the name, refuse what is somebody else's, carry the plan out, take back what never served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::composition::{self, Composition};
use super::delete::undo_all;
use super::differences::{is_continuable, retired_zones};
use super::ground::{Change, Findings, Ground};
use super::left_behind::{SecondLook, check_none_is_left, mark};
use super::plan::{Part, Verb, in_words};
use super::planner::plan_create;
use super::run::{Report, run};
use super::steps::{self, READY};
use super::survey::{Wish, draw};
use super::zone::zones_from_tag;
use super::{ComposedEngine, Place};
use crate::engine::error::Aftermath;
use crate::engine::mark::is_recent;
use crate::engine::retry::{is_ambiguous, retrying};
use crate::engine::{Bounds, CreateRequest, EngineError, Outcome};
use crate::service::{
    FIRST_GENERATION, HOST_TAG_KEY, ObjectNames, PHASE_TAG_KEY, POOL_TAG_KEY, ServiceArn, ServiceSpec,
    ServiceStatus, ZONE_TAG_KEY, name_after_image, short_hash,
};

/// Time for taking back what a failed create made, beyond the operation's own deadline.
const UNDO_TIME: Duration = Duration::from_secs(10 * 60);
/// Characters of a made-up name after the image's.
const NAME_SUFFIX_LENGTH: usize = 6;
/// A label of a host name has no more characters.
const LABEL_LENGTH: usize = 63;
/// A certificate's common name has no more characters (facts, composition section 1.2).
const COMMON_NAME_LENGTH: usize = 64;

/// Creates a service. Its ARN is known from the beginning, and the outcome has it as soon as anything of it exists.
pub(super) async fn create(engine: &ComposedEngine, bounds: &Bounds, request: &CreateRequest) -> Outcome {
    let begun = match name(&engine.place, bounds, &request.spec) {
        Ok(names) => prepare(engine, bounds, request, names).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(ground) => Box::pin(carry_out(engine, bounds, ground)).await,
        Err(error) => Outcome { arn: None, observed: None, remains: None, result: Err(error) },
    }
}

/// The user's name, or one made of the image's with letters that no other create has.
fn name(place: &Place, bounds: &Bounds, spec: &ServiceSpec) -> Result<ObjectNames, EngineError> {
    let name = spec.service_name.clone().unwrap_or_else(|| {
        let image = spec.configuration.primary_container.as_ref().map_or("", |container| &container.image);
        let base = name_after_image(image, room_for_image(spec));
        let now = bounds.clock.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let (now, jitter) = (now.as_nanos().to_string(), bounds.clock.jitter().to_string());
        let serial = next_serial().to_string();
        format!("{base}-{}", short_hash(&[&now, &jitter, &serial], NAME_SUFFIX_LENGTH))
    });
    Ok(ObjectNames::new(place.service_arn(spec.cluster.as_deref(), &name)?))
}

/// Characters of a made-up name that the image may have, so that the name makes a host name: a label, and with its zone
/// the common name of a certificate.
fn room_for_image(spec: &ServiceSpec) -> usize {
    let zone = spec.configuration.composed.domain.zone_name().map_or(0, |zone| zone.len() + 1);
    let label = LABEL_LENGTH.min(COMMON_NAME_LENGTH.saturating_sub(zone));
    label.saturating_sub(NAME_SUFFIX_LENGTH + 1).max(1)
}

/// Tells apart the creates of one process that begin at the same moment.
fn next_serial() -> u64 {
    static SERIAL: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Looks before anything is made: the name must be free, or taken by an earlier attempt of this very service.
async fn prepare(
    engine: &ComposedEngine,
    bounds: &Bounds,
    request: &CreateRequest,
    names: ObjectNames,
) -> Result<Ground, EngineError> {
    let spec = &request.spec;
    check_none_is_left(&engine.apis, &engine.place, &engine.own_creates, bounds, spec).await?;
    let creation_mark = mark(&engine.own_creates, bounds, spec, names.service().name());
    let second_look = SecondLook::new(&engine.place, &engine.own_creates, spec, creation_mark.as_ref());
    let wish = Wish {
        names: names.clone(),
        generation: FIRST_GENERATION,
        infrastructure_role_arn: spec.infrastructure_role_arn.clone(),
        configuration: spec.configuration.clone(),
        tags: spec.tags.clone(),
        wait_for_steady_state: request.wait_for_steady_state,
        current: None,
        recorded_zones: None,
    };
    let (blueprint, existing, anchor) = tokio::try_join!(
        draw(&engine.apis, bounds, wish),
        find_earlier_attempt(engine, bounds, &names),
        find_anchor(engine, bounds, &names),
    )?;
    if let Some(tags) = anchor {
        let tag = |key: &str| tags.get(key).map(String::as_str);
        // Records in another zone are no harm to a service that serves: they go with it.
        let has_other_zone = existing.live_service().is_none()
            && tag(ZONE_TAG_KEY)
                .is_some_and(|zones| !retired_zones(&blueprint, &zones_from_tag(zones)).is_empty());
        if has_other_zone || !is_continuable(&blueprint, tag(POOL_TAG_KEY), tag(HOST_TAG_KEY)) {
            clear_for_another_place(engine, bounds, &names, &existing).await?;
        }
    }
    Ok(Ground {
        apis: engine.apis.clone(),
        bounds: bounds.clone(),
        blueprint,
        existing,
        // A log group that an earlier service of the same name left is made like a new one.
        change: Change { second_look, creation_mark, frees_log: true, ..Change::default() },
        findings: Findings::default(),
    })
}

/// The service of an interrupted create, with its task definition. A finished one, or one of somebody else, is an
/// error.
async fn find_earlier_attempt(
    engine: &ComposedEngine,
    bounds: &Bounds,
    names: &ObjectNames,
) -> Result<Composition, EngineError> {
    let (cluster, name) = (names.service().cluster(), names.service().name());
    let ecs = &engine.apis.ecs;
    let found = retrying(bounds, || ecs.find_plain_service(cluster, name)).await?;
    let is_live =
        |status: &ServiceStatus| !matches!(status, ServiceStatus::Inactive | ServiceStatus::Draining);
    let Some(service) = found.filter(|found| is_live(&found.status)) else {
        return Ok(Composition::default());
    };
    let is_ours = names.owner().owns(&service.tags);
    let has_ended = service.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase == READY);
    if !is_ours || has_ended || !is_recent(bounds, service.created_at) {
        let is_importable = is_ours || service.is_express;
        return Err(EngineError::AlreadyExists { arn: service.arn, is_importable });
    }
    tracing::warn!(service_arn = %service.arn, "an interrupted apply began this service, continuing it");
    let task_definition = retrying(bounds, || ecs.find_task_definition(&service.task_definition)).await?;
    Ok(Composition { service: Some(service), task_definition, ..Composition::default() })
}

/// Tags of the anchor that an interrupted create left.
async fn find_anchor(
    engine: &ComposedEngine,
    bounds: &Bounds,
    names: &ObjectNames,
) -> Result<Option<BTreeMap<String, String>>, EngineError> {
    let name = names.service_security_group();
    let groups = retrying(bounds, || engine.apis.ec2.list_security_groups_named(&name)).await?;
    Ok(groups.into_iter().map(|group| group.tags).find(|tags| names.owner().owns(tags)))
}

/// A create that continues with another load balancer or another host name begins anew. That is no harm as long as there
/// is no service.
pub(super) async fn clear_for_another_place(
    engine: &ComposedEngine,
    bounds: &Bounds,
    names: &ObjectNames,
    existing: &Composition,
) -> Result<(), EngineError> {
    if existing.live_service().is_some() {
        return Err(EngineError::Unfit {
            reason: "An interrupted create of this service had chosen another load balancer or host name."
                .to_owned(),
            hint: format!(
                "apply with the arguments of that time, or import the service and apply: terraform import <address> {}",
                names.service()
            ),
        });
    }
    tracing::warn!("an earlier attempt had chosen another load balancer or host name: undoing what it made");
    undo_all(engine, bounds, names, None).await?;
    Ok(())
}

async fn carry_out(engine: &ComposedEngine, bounds: &Bounds, ground: Ground) -> Outcome {
    let plan = match plan_create(&ground.blueprint) {
        Ok(plan) => plan,
        Err(error) => return Outcome { arn: None, observed: None, remains: None, result: Err(error) },
    };
    tracing::debug!(plan = %plan, "create");
    let arn = ground.blueprint.service().clone();
    let (ground, report) = carry_out_plan(ground, &plan).await;
    let Some((step, error)) = report.failure.clone() else { return engine.conclude(arn, Ok(())).await };
    let step = step.part.words().to_owned();
    if is_to_be_kept(engine, bounds, &ground, &report, &error).await {
        let aftermath = Aftermath { undone: Vec::new(), kept: in_words(report.done.clone()) };
        return engine.conclude(arn, Err(EngineError::step(step, error, aftermath))).await;
    }
    take_back(engine, bounds, &arn, &ground, &report, (step, error)).await
}

/// Runs a plan on its ground. The bounds of the steps end early when one fails.
pub(super) async fn carry_out_plan(mut ground: Ground, plan: &super::plan::Plan) -> (Arc<Ground>, Report) {
    let halt = ground.bounds.cancellation.child_token();
    ground.bounds.cancellation = halt.clone();
    let ground = Arc::new(ground);
    let report = run(plan, &halt, |step| {
        debug_assert_eq!(step.verb, Verb::Ensure);
        let ground = Arc::clone(&ground);
        async move { steps::ensure(step.part, &ground).await }
    })
    .await;
    (ground, report)
}

/// Whether what exists stays: once there is a service it may serve, and an interrupted create is continued.
async fn is_to_be_kept(
    engine: &ComposedEngine,
    bounds: &Bounds,
    ground: &Ground,
    report: &Report,
    error: &EngineError,
) -> bool {
    let is_interrupted =
        bounds.cancellation.is_cancelled() || matches!(error, EngineError::Interrupted { .. });
    let had_service = ground.existing.service.is_some() || report.done.contains(&Part::EcsService);
    if is_interrupted || had_service {
        return true;
    }
    if !report.unfinished.contains(&Part::EcsService) {
        return false;
    }
    // Whose answer is lost, or who meets a service that does not show yet, may have a service.
    if let EngineError::Aws(error) = error
        && is_ambiguous(error)
    {
        return true;
    }
    let service = ground.blueprint.service();
    let found = engine.apis.ecs.find_plain_service(service.cluster(), service.name()).await;
    let owner = ground.blueprint.names.owner();
    found.map_or(true, |found| {
        found.is_some_and(|found| found.status != ServiceStatus::Inactive && owner.owns(&found.tags))
    })
}

/// Undoes everything of a service that never came to be: what this create made and what an earlier one left.
async fn take_back(
    engine: &ComposedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    ground: &Ground,
    report: &Report,
    (step, error): (String, EngineError),
) -> Outcome {
    let names = &ground.blueprint.names;
    let bounds = Bounds { deadline: bounds.clock.now() + UNDO_TIME, ..bounds.clone() };
    tracing::info!(step, "the create failed before there was a service: undoing what it made");
    let begun = in_words(report.done.iter().chain(&report.unfinished).copied());
    let undone = undo_all(engine, &bounds, names, Some(ground.findings.made())).await;
    let left = composition::read(&engine.apis, names).await;
    let is_clean = undone.is_ok() && left.as_ref().is_ok_and(|left| !left.is_anything_left());
    if is_clean {
        let aftermath = Aftermath { undone: in_words(ground.findings.made()), kept: Vec::new() };
        let result = Err(EngineError::step(step, error, aftermath));
        return Outcome { arn: None, observed: None, remains: None, result };
    }
    if let Err(problem) = &undone {
        tracing::warn!(error = %problem, "not everything could be undone");
    }
    let aftermath = Aftermath { undone: Vec::new(), kept: begun };
    engine.conclude(arn.clone(), Err(EngineError::step(step, error, aftermath))).await
}
