//! What the scripts of scenarios do to a service and its tasks.

use super::service::Service;
use super::task::{Task, architecture};
use crate::sandbox::world::Scope;
use crate::sandbox::world::scenario::Effect;

/// What befalls a service, with the image of its newest revision.
pub(crate) fn list_effects(scope: &Scope<'_>, service_arn: &str) -> Vec<Effect> {
    let ecs = &scope.region.ecs;
    let Some(service) = ecs.services.get(service_arn) else { return Vec::new() };
    let revision = service.revision_arns().next().and_then(|arn| ecs.revisions.get(arn));
    let image = revision.map(|revision| ecs.main_image(revision)).unwrap_or_default();
    list(scope, service, image)
}

/// What befalls the tasks of a revision, by its own image.
pub(crate) fn list_revision_effects(scope: &Scope<'_>, revision_arn: &str) -> Vec<Effect> {
    let ecs = &scope.region.ecs;
    let Some(revision) = ecs.revisions.get(revision_arn) else { return Vec::new() };
    let Some(service) = ecs.services.get(&revision.service_arn) else { return Vec::new() };
    list(scope, service, ecs.main_image(revision))
}

fn list(scope: &Scope<'_>, service: &Service, image: &str) -> Vec<Effect> {
    let is_express = service.express.is_some();
    let scripts = scope.scenarios.list_scripts(&service.name, image);
    scripts.map(|script| if is_express { script.express } else { script.plain }).collect()
}

/// A text of a script for a task.
pub(crate) fn fill_for_task(scope: &Scope<'_>, task: &Task, text: &str) -> String {
    let ecs = &scope.region.ecs;
    let definition = ecs.task_definitions.get(&task.task_definition);
    let role = definition.and_then(|definition| definition.text("executionRoleArn")).unwrap_or_default();
    let image =
        ecs.revisions.get(&task.revision).map(|revision| ecs.main_image(revision)).unwrap_or_default();
    let platform = if architecture(definition) == "ARM64" { "linux/arm64" } else { "linux/amd64" };
    let text = text.replace("{image}", image).replace("{platform}", platform);
    fill(scope, &text.replace("{execution_role}", role))
}

/// A text of a script for a service.
pub(crate) fn fill_for_service(scope: &Scope<'_>, service_arn: &str, text: &str) -> String {
    let service = scope.region.ecs.services.get(service_arn);
    let role = service.and_then(|service| service.express.as_ref());
    let role = role.map(|express| express.infrastructure_role_arn.as_str()).unwrap_or_default();
    fill(scope, &text.replace("{infrastructure_role}", role))
}

/// A text of a script for the account.
pub(crate) fn fill(scope: &Scope<'_>, text: &str) -> String {
    text.replace("{region}", &scope.region.region).replace("{account}", &scope.region.account_id)
}
