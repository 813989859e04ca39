//! `task_definition`: the revision that the service is to run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::blueprint::Blueprint;
use super::super::ground::{Apis, Ground, Site};
use super::super::plan::Part;
use super::super::task_definition::{containers_with_own_logs, desired_document};
use crate::aws::ecs::canonical_task_definition;
use crate::aws::ecs::task_definitions::TaskDefinition;
use crate::aws::retry::retry_delay;
use crate::engine::retry::{is_ambiguous, retrying};
use crate::engine::{Bounds, EngineError};
use crate::service::{CONTENT_TAG_KEY, merge_task_definitions, short_hash};

const PART: &str = "task_definition";
const CONTENT_HASH_LENGTH: usize = 26;
/// Revisions that are looked through for the one that we wrote last.
const LOOK_BACK: usize = 20;

/// A revision with what is wanted exists. There is no client token, so one that is there already is used.
///
/// Once the service runs, what others put into its revision stays: the new one is merged from what we wrote last, what
/// runs, and what is wanted.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let arn = match &ground.blueprint.configuration.task_definition_arn {
        Some(arn) => arn.clone(),
        None => ensure_own(ground).await?,
    };
    let _ = ground.findings.task_definition_arn.set(arn);
    Ok(())
}

async fn ensure_own(ground: &Ground) -> Result<String, EngineError> {
    let ecs = &ground.apis.ecs;
    let running = ground.existing.task_definition.as_ref();
    let document = match &ground.change.document {
        Some(document) => document.clone(),
        None => next_document(&ground.apis, &ground.bounds, &ground.blueprint, running).await?,
    };
    if let Some(running) = running.filter(|running| running.is_active && running.document == document) {
        return Ok(running.arn.clone());
    }
    let family = ground.blueprint.names.task_definition_family();
    let newest = retrying(&ground.bounds, || ecs.find_task_definition(&family)).await?;
    if let Some(newest) = newest.filter(|newest| newest.is_active && newest.document == document) {
        return Ok(newest.arn);
    }
    let mut tags = ground.blueprint.tags_of(PART);
    tags.insert(CONTENT_TAG_KEY.to_owned(), content_hash(&document));
    let registered = register(ground, &document, &tags).await?;
    ground.findings.note_made(Part::TaskDefinition);
    Ok(registered.arn)
}

/// Registers the revision once: after a lost answer the newest one is looked at before the call is repeated.
async fn register(
    ground: &Ground,
    document: &Value,
    tags: &BTreeMap<String, String>,
) -> Result<TaskDefinition, EngineError> {
    let (ecs, bounds) = (&ground.apis.ecs, &ground.bounds);
    let family = ground.blueprint.names.task_definition_family();
    let mut failures = 0;
    loop {
        let error = match retrying(bounds, || ecs.register_task_definition(document, tags)).await {
            Err(EngineError::Aws(error)) if is_ambiguous(&error) => error,
            other => return other,
        };
        failures += 1;
        if failures >= ecs.max_attempts() || !bounds.sleep(retry_delay(failures)).await {
            return Err(error.into());
        }
        let newest = retrying(bounds, || ecs.find_task_definition(&family)).await?;
        if let Some(newest) = newest.filter(|newest| newest.is_active && newest.document == *document) {
            return Ok(newest);
        }
    }
}

/// What the task definition is to be: what the blueprint wants, together with what others put into the running one.
pub(in crate::engine::composed) async fn next_document(
    apis: &Apis,
    bounds: &Bounds,
    blueprint: &Blueprint,
    running: Option<&TaskDefinition>,
) -> Result<Value, EngineError> {
    let wanted = canonical_task_definition(&desired_document(blueprint));
    let Some(running) = running else { return Ok(wanted) };
    let base = find_base(apis, bounds, &blueprint.names.task_definition_family(), running).await?;
    let own_logs = containers_with_own_logs(blueprint);
    let merged = merge_task_definitions(base.as_ref(), &running.document, &wanted, &own_logs);
    if !merged.preserved.is_empty() {
        tracing::info!(preserved = ?merged.preserved, "what others put into the task definition stays");
    }
    Ok(canonical_task_definition(&merged.document))
}

/// What we wrote last: the running revision if it is as we registered it, else the newest of ours before it. `None`:
/// none is left.
async fn find_base(
    apis: &Apis,
    bounds: &Bounds,
    family: &str,
    running: &TaskDefinition,
) -> Result<Option<Value>, EngineError> {
    if is_as_registered(running) {
        return Ok(Some(running.document.clone()));
    }
    let ecs = &apis.ecs;
    let arns = retrying(bounds, || ecs.list_task_definitions(family)).await?;
    for arn in arns.iter().take(LOOK_BACK) {
        let found = retrying(bounds, || ecs.find_task_definition(arn)).await?;
        if let Some(found) =
            found.filter(|found| found.revision < running.revision && is_as_registered(found))
        {
            return Ok(Some(found.document));
        }
    }
    Ok(None)
}

/// Whether a revision is what this engine registered. A console that copies a revision copies its tags too, but what it
/// changed has another hash.
fn is_as_registered(definition: &TaskDefinition) -> bool {
    let recorded = definition.tags.get(CONTENT_TAG_KEY);
    recorded.is_some_and(|recorded| *recorded == content_hash(&definition.document))
}

/// The document's hash; its members are in order of their names.
fn content_hash(document: &Value) -> String {
    let ordered: BTreeMap<_, _> = document.as_object().into_iter().flatten().collect();
    let text = serde_json::to_string(&ordered).unwrap_or_default();
    short_hash(&[&text], CONTENT_HASH_LENGTH)
}

/// Makes every ACTIVE revision of ours INACTIVE. Revisions of the user's own stay.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let ecs = &site.apis.ecs;
    let family = site.names.task_definition_family();
    for arn in retrying(&site.bounds, || ecs.list_task_definitions(&family)).await? {
        let found = retrying(&site.bounds, || ecs.find_task_definition(&arn)).await?;
        if found.is_some_and(|found| site.names.owner().owns(&found.tags)) {
            retrying(&site.bounds, || ecs.deregister_task_definition(&arn)).await?;
        }
    }
    Ok(())
}
