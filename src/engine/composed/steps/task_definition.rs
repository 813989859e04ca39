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
use crate::engine::retry::{AssumedRole, is_ambiguous, retrying, retrying_with_role};
use crate::engine::{Bounds, EngineError};
use crate::service::{
    DamagedTags, SENT_TAG_KEY_PREFIX, SentLeaves, is_same_but_for_members, merge_task_definitions, sent_tags,
    tag_change,
};

const PART: &str = "task_definition";
/// Tags that a resource of ECS has at the most.
const TAG_LIMIT: usize = 50;
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
    let (ecs, bounds, blueprint) = (&ground.apis.ecs, &ground.bounds, &ground.blueprint);
    let running = ground.existing.task_definition.as_ref();
    let document = match &ground.change.document {
        Some(document) => document.clone(),
        None => next_document(&ground.apis, bounds, blueprint, running).await?,
    };
    if let Some(running) = running.filter(|running| running.is_active && running.document == document) {
        note_sent(ground, running).await?;
        return Ok(running.arn.clone());
    }
    let family = blueprint.names.task_definition_family();
    let newest = retrying(bounds, || ecs.find_task_definition(&family)).await?;
    let is_registered = |newest: &TaskDefinition| {
        newest.is_active
            && is_same_but_for_members(&document, &newest.document)
            && has_noted(blueprint, newest)
    };
    if let Some(newest) = newest.filter(is_registered) {
        return Ok(newest.arn);
    }
    let mut tags = blueprint.tags_of(PART);
    tags.extend(tags_of_sent(blueprint, &tags)?);
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
    let role = document["executionRoleArn"].as_str().unwrap_or_default();
    let role = AssumedRole { iam: &ground.apis.iam, arn: role };
    let mut failures = 0;
    loop {
        let registered = retrying_with_role(bounds, role, || ecs.register_task_definition(document, tags));
        let error = match registered.await {
            Err(EngineError::Aws(error)) if is_ambiguous(&error) => error,
            other => return other,
        };
        failures += 1;
        if failures >= ecs.max_attempts() || !bounds.sleep(retry_delay(failures, false)).await {
            return Err(error.into());
        }
        let newest = retrying(bounds, || ecs.find_task_definition(&family)).await?;
        let is_ours = |newest: &TaskDefinition| {
            newest.is_active
                && is_same_but_for_members(document, &newest.document)
                && has_noted(&ground.blueprint, newest)
        };
        if let Some(newest) = newest.filter(is_ours) {
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
    let wanted = wanted(blueprint);
    let Some(running) = running else { return Ok(wanted) };
    let sent = find_sent(apis, bounds, &blueprint.names.task_definition_family(), running).await?;
    let own_logs = containers_with_own_logs(blueprint);
    let merged = merge_task_definitions(sent.as_ref(), &running.document, &wanted, &own_logs);
    if !merged.preserved.is_empty() {
        tracing::info!(preserved = ?merged.preserved, "what others put into the task definition stays");
    }
    Ok(canonical_task_definition(&merged.document))
}

fn wanted(blueprint: &Blueprint) -> Value {
    canonical_task_definition(&desired_document(blueprint))
}

/// What we sent last: the running revision says so itself, or else the newest before it that does, when somebody
/// registered the running one without our tags. `None`: nothing of ours is left, as after an import.
async fn find_sent(
    apis: &Apis,
    bounds: &Bounds,
    family: &str,
    running: &TaskDefinition,
) -> Result<Option<SentLeaves>, EngineError> {
    if let Some(sent) = sent_of(running)? {
        return Ok(Some(sent));
    }
    let ecs = &apis.ecs;
    let arns = retrying(bounds, || ecs.list_task_definitions(family)).await?;
    for arn in arns.iter().take(LOOK_BACK) {
        let found = retrying(bounds, || ecs.find_task_definition(arn)).await?;
        let Some(earlier) = found.filter(|found| found.revision < running.revision) else { continue };
        if let Some(sent) = sent_of(&earlier)? {
            return Ok(Some(sent));
        }
    }
    Ok(None)
}

/// What a revision says that we sent of it.
///
/// # Errors
/// Its tags are damaged: without them nothing that was removed from the configuration could be told from what others
/// added, and it would silently stay.
fn sent_of(definition: &TaskDefinition) -> Result<Option<SentLeaves>, EngineError> {
    SentLeaves::from_tags(SENT_TAG_KEY_PREFIX, &definition.tags).map_err(|DamagedTags| EngineError::Unfit {
        reason: format!(
            "Somebody changed the tags `{SENT_TAG_KEY_PREFIX}*` of task definition `{}`. They say which containers, \
             variables and other members this provider sent; without them, what the configuration removes cannot be \
             told from what others added.",
            definition.arn
        ),
        hint: format!(
            "remove all tags of `{}` that begin with `{SENT_TAG_KEY_PREFIX}` and apply again: everything that the task \
             definition has then stays, and what is too much has to be removed by hand",
            definition.arn
        ),
    })
}

/// The tags that say what is sent with this blueprint, beside those that a revision has anyway.
fn tags_of_sent(
    blueprint: &Blueprint,
    others: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, EngineError> {
    let count = others.keys().filter(|key| !key.starts_with(SENT_TAG_KEY_PREFIX)).count();
    let room = TAG_LIMIT.saturating_sub(count);
    sent_tags(&wanted(blueprint), SENT_TAG_KEY_PREFIX, room).ok_or_else(|| EngineError::Unfit {
        reason: format!(
            "The task definition would have {count} tags, and ECS takes {TAG_LIMIT}: this provider has no room left to \
             note what it sends."
        ),
        hint: "take tags out of `tags`, or out of `default_tags` in the provider block".to_owned(),
    })
}

/// Whether a revision says exactly what this blueprint sends.
fn has_noted(blueprint: &Blueprint, definition: &TaskDefinition) -> bool {
    tags_of_sent(blueprint, &definition.tags).is_ok_and(|tags| noted(definition).eq(&tags))
}

fn noted(definition: &TaskDefinition) -> BTreeMap<String, String> {
    let tags = definition.tags.iter().filter(|(key, _)| key.starts_with(SENT_TAG_KEY_PREFIX));
    tags.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Whether the running revision is to say anew what of it is ours: the configuration names what others had added, or
/// leaves it to them.
pub(in crate::engine::composed) fn lacks_note(blueprint: &Blueprint, running: &TaskDefinition) -> bool {
    blueprint.configuration.task_definition_arn.is_none()
        && !noted(running).is_empty()
        && !has_noted(blueprint, running)
}

/// Writes what is ours onto the running revision. No deployment comes of it.
async fn note_sent(ground: &Ground, running: &TaskDefinition) -> Result<(), EngineError> {
    if !lacks_note(&ground.blueprint, running) {
        return Ok(());
    }
    let wanted = tags_of_sent(&ground.blueprint, &running.tags)?;
    let Some(change) = tag_change(&wanted, &running.tags, &noted(running)) else { return Ok(()) };
    let ecs = &ground.apis.ecs;
    retrying(&ground.bounds, || ecs.change_resource_tags(&running.arn, &change)).await
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
