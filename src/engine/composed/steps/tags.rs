//! `tags`: the user's tags on everything of the service that carries tags. Starts no deployment; running tasks get
//! theirs with the next one.

use super::super::ground::Ground;
use crate::aws::ecs::task_definitions::TaskDefinition;
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// Tags are as wanted. Only keys that the state knows are ever removed, so that those of other tools stay.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let Some(change) = &ground.change.tags else { return Ok(()) };
    let (apis, bounds, existing) = (&ground.apis, &ground.bounds, &ground.existing);
    let service = ground.blueprint.service();
    retrying(bounds, || apis.ecs.change_tags(service, change)).await?;
    let groups = existing.target_groups.iter().map(|group| &group.arn);
    for arn in groups.chain(existing.rule.iter().map(|rule| &rule.arn)) {
        retrying(bounds, || apis.elbv2.change_tags(arn, change)).await?;
    }
    if let Some(group) = &existing.service_security_group {
        retrying(bounds, || apis.ec2.change_tags(&group.id, change)).await?;
    }
    if let Some(certificate) = existing.certificate.as_ref().filter(|certificate| certificate.is_ours) {
        retrying(bounds, || apis.acm.change_tags(&certificate.arn, change)).await?;
    }
    if let Some(alarm) = &existing.alarm {
        retrying(bounds, || apis.cloudwatch.change_alarm_tags(&alarm.alarm_arn, change)).await?;
    }
    if let Some(arn) = existing.scalable_target.as_ref().and_then(|target| target.arn.as_ref()) {
        retrying(bounds, || apis.autoscaling.change_tags(arn, change)).await?;
    }
    let is_ours = |it: &&TaskDefinition| ground.blueprint.names.owner().owns(&it.tags);
    if let Some(definition) = existing.task_definition.as_ref().filter(is_ours) {
        retrying(bounds, || apis.ecs.change_resource_tags(&definition.arn, change)).await?;
    }
    if let Some(group) = existing.log_group.as_ref().filter(|_| ground.blueprint.makes_log_group()) {
        retrying(bounds, || apis.logs.change_log_group_tags(&group.arn, change)).await?;
    }
    Ok(())
}
