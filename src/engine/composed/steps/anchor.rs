//! `anchor`: the tags of the service's security group, by which the rest of a composition is found again.

use std::collections::BTreeMap;

use super::super::blueprint::Blueprint;
use super::super::ground::{Ground, found};
use super::super::plan::Part;
use super::super::zone::{zones_from_tag, zones_to_tag};
use super::pool::pool_tag;
use crate::aws::ec2::Ec2;
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::service::{
    ACCESS_LOGS_TAG_KEY, CERTIFICATE_TAG_KEY, CREATION_MARKER_TAG_KEY, GENERATION_TAG_KEY, HOST_TAG_KEY,
    INFRASTRUCTURE_ROLE_TAG_KEY, MOVED_FROM_TAG_KEY, POOL_NAME_TAG_KEY, POOL_TAG_KEY, TagChange,
    WEB_ACL_TAG_KEY, ZONE_TAG_KEY,
};

/// Characters of a tag's value. A role's path can be longer.
const TAG_VALUE_LIMIT: usize = 256;

/// The tags are as the blueprint says, and a move has ended. The service's own tag names the certificate that serves
/// now. The last step of a change of host names or load balancer: until then the old ones are found, too.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let certificate = ground.findings.certificate_arn.get().filter(|_| ground.blueprint.is_https());
    let change = match certificate {
        Some(arn) => {
            TagChange { set: [(CERTIFICATE_TAG_KEY.to_owned(), arn.clone())].into(), ..TagChange::default() }
        }
        None => TagChange { remove: vec![CERTIFICATE_TAG_KEY.to_owned()], ..TagChange::default() },
    };
    let service = ground.blueprint.service();
    retrying(&ground.bounds, || ground.apis.ecs.change_tags(service, &change)).await?;
    let set = tags(&ground.blueprint);
    let optional =
        [HOST_TAG_KEY, MOVED_FROM_TAG_KEY, POOL_NAME_TAG_KEY, WEB_ACL_TAG_KEY, ACCESS_LOGS_TAG_KEY];
    let superfluous = optional.into_iter().filter(|key| !set.contains_key(*key));
    let change = TagChange { remove: superfluous.map(str::to_owned).collect(), set };
    let group = found(&ground.findings.service_security_group_id);
    retrying(&ground.bounds, || ground.apis.ec2.change_tags(group, &change)).await
}

/// The mark of a create goes: the service is in Terraform's state, or is about to be. One that stays only lets a create
/// look at a service that is finished.
pub(in crate::engine::composed) async fn remove_creation_mark(ec2: &Ec2, security_group_id: &str) {
    let change = TagChange { remove: vec![CREATION_MARKER_TAG_KEY.to_owned()], ..TagChange::default() };
    if let Err(error) = ec2.change_tags(security_group_id, &change).await {
        tracing::warn!(security_group_id, error = %error, "the creation mark stays on the security group");
    }
}

/// The anchor names a zone before there is a record in it, beside those that have records already.
pub(super) async fn note_zone(ground: &Ground, zone_id: &str) -> Result<(), EngineError> {
    if ground.findings.made().contains(&Part::ServiceSecurityGroup) {
        return Ok(());
    }
    let group = found(&ground.findings.service_security_group_id);
    let ec2 = &ground.apis.ec2;
    let anchor = match &ground.existing.service_security_group {
        Some(anchor) => Some(anchor.clone()),
        None => retrying(&ground.bounds, || ec2.find_security_group(group)).await?,
    };
    let tag = anchor.and_then(|anchor| anchor.tags.get(ZONE_TAG_KEY).cloned()).unwrap_or_default();
    let mut zones = zones_from_tag(&tag);
    if !zones.insert(zone_id.to_owned()) {
        return Ok(());
    }
    let set = [(ZONE_TAG_KEY.to_owned(), zones_to_tag(&zones))].into();
    let change = TagChange { set, ..TagChange::default() };
    retrying(&ground.bounds, || ec2.change_tags(group, &change)).await
}

/// What the anchor says of the pool, the generation, the host name and the zone.
pub(in crate::engine::composed) fn tags(blueprint: &Blueprint) -> BTreeMap<String, String> {
    let load_balancer = &blueprint.settings().load_balancer;
    let logs = load_balancer.access_logs.as_ref();
    let role = Some(&blueprint.infrastructure_role_arn).filter(|arn| arn.len() <= TAG_VALUE_LIMIT);
    let optional = [
        (HOST_TAG_KEY, blueprint.hosts().first().cloned()),
        (INFRASTRUCTURE_ROLE_TAG_KEY, role.cloned()),
        (POOL_NAME_TAG_KEY, load_balancer.pool.clone()),
        (WEB_ACL_TAG_KEY, blueprint.settings().web_acl_arn.clone()),
        (
            ACCESS_LOGS_TAG_KEY,
            logs.map(|logs| match &logs.prefix {
                Some(prefix) => format!("{}/{prefix}", logs.bucket),
                None => logs.bucket.clone(),
            }),
        ),
    ];
    let mut tags: BTreeMap<_, _> =
        optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    tags.insert(POOL_TAG_KEY.to_owned(), pool_tag(blueprint));
    tags.insert(GENERATION_TAG_KEY.to_owned(), blueprint.generation.to_string());
    tags.insert(ZONE_TAG_KEY.to_owned(), zones_to_tag(blueprint.zone().map(|zone| &zone.id)));
    tags
}
