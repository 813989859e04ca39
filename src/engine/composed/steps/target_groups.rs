//! `target_groups`: the two groups that deployments alternate between.

use std::collections::BTreeMap;

use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use super::owned;
use crate::aws::elbv2::{HealthCheck, Matcher, TargetGroup, TargetGroupInput};
use crate::engine::EngineError;
use crate::engine::composed::blueprint::Blueprint;
use crate::engine::retry::{retrying, until_shown};

const PART: &str = "target_group";
const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";

/// Both groups exist, are ours, and drain for as long as the user says.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let [a, b] = ground.blueprint.names.target_groups(ground.blueprint.generation);
    let (a, b) = tokio::try_join!(ensure_one(ground, &a), ensure_one(ground, &b))?;
    let _ = ground.findings.target_group_arns.set([a.arn, b.arn]);
    Ok(())
}

async fn ensure_one(ground: &Ground, name: &str) -> Result<TargetGroup, EngineError> {
    let blueprint = &ground.blueprint;
    let elbv2 = &ground.apis.elbv2;
    let existing = retrying(&ground.bounds, || elbv2.find_target_group_by_name(name)).await?;
    let group = if let Some(group) = existing {
        group
    } else {
        let input = TargetGroupInput {
            name: name.to_owned(),
            port: blueprint.container_port,
            protocol_version: "HTTP1".to_owned(),
            vpc_id: blueprint.network.vpc_id.clone(),
            health_check: desired_health_check(blueprint),
            tags: blueprint.tags_of(PART),
        };
        let group = retrying(&ground.bounds, || elbv2.create_target_group(&input)).await?;
        ground.findings.note_made(Part::TargetGroups);
        group
    };
    // A create answers with a group of the same name and settings, whoever made it. The tags show after the group.
    let what = format!("the tags of target group {name}");
    let tags = until_shown(&ground.bounds, &what, || elbv2.find_tags(&group.arn)).await?;
    owned(&blueprint.names, "target group", name, &tags)?;
    let attributes = desired_attributes(blueprint);
    retrying(&ground.bounds, || elbv2.modify_target_group_attributes(&group.arn, &attributes)).await?;
    Ok(group)
}

/// The health check of a blueprint, in which every default is filled in.
pub(in crate::engine::composed) fn desired_health_check(blueprint: &Blueprint) -> HealthCheck {
    let check = &blueprint.settings().health_check;
    HealthCheck {
        path: blueprint.configuration.health_check_path.clone().unwrap_or_default(),
        interval_seconds: check.interval_seconds.unwrap_or_default(),
        timeout_seconds: check.timeout_seconds.unwrap_or_default(),
        healthy_threshold_count: check.healthy_threshold.unwrap_or_default(),
        unhealthy_threshold_count: check.unhealthy_threshold.unwrap_or_default(),
        matcher: Matcher::Http(check.matcher.clone().unwrap_or_default()),
    }
}

/// The attributes that the user decides; all others stay as they are.
pub(in crate::engine::composed) fn desired_attributes(blueprint: &Blueprint) -> BTreeMap<String, String> {
    let delay = blueprint.settings().deregistration_delay_seconds;
    delay.map(|delay| (DEREGISTRATION_DELAY.to_owned(), delay.to_string())).into_iter().collect()
}

/// Deletes both groups if they are ours.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    for group in site.composition.all_target_groups() {
        retrying(&site.bounds, || site.apis.elbv2.delete_target_group(&group.arn)).await?;
    }
    Ok(())
}
