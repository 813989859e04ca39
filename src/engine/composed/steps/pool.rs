//! `pool`: a load balancer with its listeners, and the service's rule on it (`composed::pool` has the protocol).

use std::collections::{BTreeMap, BTreeSet};

use super::super::blueprint::{Blueprint, Ingress};
use super::super::ground::{Ground, Site, found};
use super::super::handover::{Tried, once_free};
use super::super::pool::{
    JoinRequest, Joined, KeptLoadBalancer, LeaveRequest, ListenerKind, PoolError, PoolId, PoolKey, Sharing,
};
use super::web_acl;
use crate::aws::elbv2::TargetGroup;
use crate::engine::EngineError;
use crate::service::OwnerId;

const PART: &str = "listener_rule";
/// TLS 1.2 and 1.3, what AWS recommends.
const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/// Key of the tag that the console shows as a name.
const NAME_TAG_KEY: &str = "Name";
/// End of the anchor's pool tag for a load balancer of the service's own.
const HTTP_SUFFIX: &str = "/http";

/// The service has its rule on a load balancer of its pool. A new rule begins with the target group that serves.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let mut target_group_arns = found(&ground.findings.target_group_arns).clone();
    if ground.change.live_target_group_arn.as_ref() == Some(&target_group_arns[1]) {
        target_group_arns.swap(0, 1);
    }
    web_acl::check(ground).await?;
    let joined = join_with_room(ground, join_request(ground, target_group_arns)).await?;
    web_acl::ensure(ground, &joined.load_balancer_arn).await?;
    let _ = ground.findings.joined.set(joined);
    Ok(())
}

/// The rule of another service of the pool that has one of these host names.
pub(super) async fn find_rival(ground: &Ground, hosts: Vec<String>) -> Result<Option<String>, EngineError> {
    let groups = &ground.existing.target_groups;
    let arn = |index: usize| groups.get(index).map(|group| group.arn.clone()).unwrap_or_default();
    let request = JoinRequest { hosts, ..join_request(ground, [arn(0), arn(1)]) };
    Ok(ground.apis.pools.find_rival(&ground.bounds, &request).await?)
}

fn join_request(ground: &Ground, target_group_arns: [String; 2]) -> JoinRequest {
    let blueprint = &ground.blueprint;
    JoinRequest {
        key: pool_key(blueprint),
        owner: blueprint.names.owner().clone(),
        hosts: blueprint.hosts().to_vec(),
        target_group_arns,
        rule_tags: blueprint.tags_of(PART),
        shared_tags: shared_tags(blueprint),
        full_numbers: BTreeSet::new(),
    }
}

/// Joins the pool once no other service has a host name of this one that it is about to give up.
async fn join(ground: &Ground, request: &JoinRequest) -> Result<Joined, EngineError> {
    once_free(ground, || async {
        match ground.apis.pools.join(&ground.bounds, request).await {
            Ok(joined) => Ok(Tried::Done(joined)),
            Err(error @ PoolError::HostTaken { .. }) => Ok(Tried::Taken(error.into())),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Joins the pool where the listener takes the service's certificate as well. Whoever has a place already keeps it.
async fn join_with_room(ground: &Ground, mut request: JoinRequest) -> Result<Joined, EngineError> {
    let (blueprint, existing, pools) = (&ground.blueprint, &ground.existing, &ground.apis.pools);
    let mut joined = join(ground, &request).await?;
    let has_place = existing.live_service().is_some()
        && existing
            .all_target_groups()
            .filter(|group| request.target_group_arns.contains(&group.arn))
            .any(|group| !group.load_balancer_arns.is_empty());
    let Ingress::Https { given_certificate_arn, .. } = &blueprint.ingress else { return Ok(joined) };
    let own = existing.certificate.as_ref().map(|certificate| certificate.arn.as_str());
    let known: Vec<&str> = given_certificate_arn.as_deref().into_iter().chain(own).collect();
    // Bounded by the load balancers of a pool: a join that is told to leave all of them out says that the pool is full.
    while !has_place && !pools.has_room_for_certificate(&joined, &known).await? {
        tracing::info!(
            listener_arn = joined.listener_arn,
            "no room for another certificate: taking the next load balancer"
        );
        pools.give_back(&joined).await?;
        request.full_numbers.insert(joined.number);
        joined = join(ground, &request).await?;
    }
    Ok(joined)
}

/// The user's tags for what services share: those of whoever makes it stay on it. A `Name` there would name one of
/// several services.
fn shared_tags(blueprint: &Blueprint) -> BTreeMap<String, String> {
    let mut tags = blueprint.tags.clone();
    if blueprint.is_https() {
        tags.remove(NAME_TAG_KEY);
    }
    tags
}

/// What a pool refuses, in the engine's words.
impl From<PoolError> for EngineError {
    fn from(error: PoolError) -> Self {
        let unfit = |reason: &PoolError, hint: &str| Self::Unfit {
            reason: format!("{}.", capitalized(&reason.to_string())),
            hint: hint.to_owned(),
        };
        match error {
            PoolError::Aws(error) => error.into(),
            PoolError::NotOurs { name } => Self::NotOurs { kind: "load balancer part", name },
            PoolError::TimedOut { pending } => Self::TimedOut { pending },
            PoolError::Interrupted { pending } => Self::Interrupted { pending },
            PoolError::HostTaken { .. } => unfit(
                &error,
                "choose another host name, or destroy the service that has it; if that one gives it up in this \
                     configuration, apply again; if this apply replaces it (`create_before_destroy`), the new one needs \
                     another host name, or the replacement has to be in place",
            ),
            PoolError::PoolFull { .. } => unfit(
                &error,
                "name another pool in `load_balancer.pool`, or remove services that nobody needs",
            ),
            PoolError::NoRoomForCertificate { .. } => unfit(
                &error,
                "name another pool in `load_balancer.pool`, or remove certificates that others put on the listener",
            ),
            PoolError::CertificateRefused { .. } => unfit(
                &error,
                "it must be issued, in the service's region, with a fully qualified domain name and a key that load \
                 balancers take: RSA of 2048 to 4096 bits, or ECDSA on P-256, P-384 or P-521",
            ),
            PoolError::TargetGroupsInUse | PoolError::SlotShared | PoolError::Unsettled { .. } => {
                unfit(&error, "apply again: it goes on where this one stopped")
            }
        }
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The pool that a blueprint belongs to.
fn pool_key(blueprint: &Blueprint) -> PoolKey {
    let arn = blueprint.service().arn();
    let load_balancer = &blueprint.settings().load_balancer;
    let mut attributes = BTreeMap::new();
    if let Some(logs) = &load_balancer.access_logs {
        attributes.insert("access_logs.s3.enabled".to_owned(), "true".to_owned());
        attributes.insert("access_logs.s3.bucket".to_owned(), logs.bucket.clone());
        if let Some(prefix) = &logs.prefix {
            attributes.insert("access_logs.s3.prefix".to_owned(), prefix.clone());
        }
    }
    PoolKey {
        account_id: arn.account_id().to_owned(),
        region: arn.region().to_owned(),
        vpc_id: blueprint.network.vpc_id.clone(),
        is_internal: blueprint.network.is_internal,
        subnet_ids: blueprint.network.load_balancer_subnet_ids.iter().cloned().collect(),
        web_acl_arn: blueprint.settings().web_acl_arn.clone(),
        pool_name: load_balancer.pool.clone(),
        ssl_policy: SSL_POLICY.to_owned(),
        attributes,
        sharing: match blueprint.ingress {
            Ingress::Http => Sharing::Alone(blueprint.names.owner().clone()),
            Ingress::Https { .. } => Sharing::ByHost,
        },
    }
}

/// What the anchor remembers of the pool.
pub(in crate::engine::composed) fn pool_tag(blueprint: &Blueprint) -> String {
    let suffix = if blueprint.is_https() { "" } else { HTTP_SUFFIX };
    format!("{}{suffix}", pool_key(blueprint).id())
}

/// What the owner of these target groups gives up of a pool that the anchor names. `None`: this provider did not name it.
///
/// Certificates leave every listener of the pool that has them.
pub(super) fn departure_request(
    pool_tag: &str,
    vpc_id: &str,
    owner: &OwnerId,
    target_group_arns: Vec<String>,
    certificate_arns: Vec<String>,
    shared_tags: BTreeMap<String, String>,
) -> Option<LeaveRequest> {
    let (id, listener) = match pool_tag.strip_suffix(HTTP_SUFFIX) {
        Some(id) => (id, ListenerKind::Http),
        None => (pool_tag, ListenerKind::Https { ssl_policy: Some(SSL_POLICY.to_owned()) }),
    };
    Some(LeaveRequest {
        pool_id: PoolId::of_load_balancer(&format!("xp-{id}-0"))?,
        vpc_id: vpc_id.to_owned(),
        listener,
        owner: owner.clone(),
        target_group_arns,
        certificate_arns,
        shared_tags,
    })
}

/// Whether a target group is on a load balancer of this pool, or on none.
fn is_of_pool(group: &TargetGroup, pool_tag: &str) -> bool {
    let name = |arn: &String| arn.split('/').nth(2).map(str::to_owned);
    let id = pool_tag.strip_suffix(HTTP_SUFFIX).unwrap_or(pool_tag);
    let pool_of = |arn: &String| PoolId::of_load_balancer(&name(arn)?);
    group.load_balancer_arns.first().is_none_or(|arn| pool_of(arn).is_some_and(|pool| pool.to_string() == id))
}

/// Gives the rule back, and takes down whatever load balancer nobody needs any more; in the middle of a move, on both
/// sides of it.
///
/// A certificate that the user gave stays on the listener: other services may serve it too.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let composition = &site.composition;
    let Some(group) = &composition.service_security_group else { return Ok(()) };
    let departure = composition.departure();
    let pools = composition.pool_tag().into_iter().chain(departure.as_ref().map(|it| it.pool_tag.as_str()));
    let own_certificate = composition.certificate.as_ref().filter(|certificate| certificate.is_ours);
    for pool_tag in pools.collect::<BTreeSet<_>>() {
        let groups = composition.all_target_groups().filter(|group| is_of_pool(group, pool_tag));
        let groups = groups.map(|group| group.arn.clone()).collect();
        let certificates = own_certificate.map(|certificate| certificate.arn.clone()).into_iter().collect();
        let owner = site.names.owner();
        let tags = composition.user_tags();
        let request = departure_request(pool_tag, &group.vpc_id, owner, groups, certificates, tags);
        let Some(request) = request else { continue };
        let left = site.apis.pools.leave(&site.bounds, &request).await?;
        site.keep(|remains| remains.others.extend(left.kept_groups));
        let own = composition.load_balancer.as_ref().map(|balancer| balancer.arn.as_str());
        let kept = left.kept.into_iter().find(|kept| Some(kept.arn.as_str()) == own);
        if let Some(KeptLoadBalancer { arn, is_extended }) = kept {
            site.keep(|remains| {
                if is_extended {
                    remains.others.push(format!("load balancer {arn}, which rules of somebody else keep"));
                } else {
                    remains.load_balancer_arn = Some(arn);
                }
            });
        }
    }
    Ok(())
}
