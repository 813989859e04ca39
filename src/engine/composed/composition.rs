//! What is there of one service: everything that its names lead to, read in three rounds.
//!
//! The service's security group is the anchor: it is made first and goes last, and its tags name the pool and the
//! host, so that whatever was cut short is found again without the service.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use super::ground::Apis;
use super::pool::PoolId;
use super::zone::zones_from_tag;
use crate::aws::acm::{CertificateStatus, ValidationRecord};
use crate::aws::autoscaling::{ScalableTarget, ScalingPolicy, resource_id};
use crate::aws::cloudwatch::alarm::Alarm;
use crate::aws::ec2::SecurityGroup;
use crate::aws::ecs::plain_services::PlainService;
use crate::aws::ecs::task_definitions::TaskDefinition;
use crate::aws::elbv2::{LoadBalancer, Rule, TargetGroup};
use crate::aws::logs::LogGroup;
use crate::aws::route53::RecordSet;
use crate::aws::{AwsError, AwsErrorKind};
use crate::service::{
    CERTIFICATE_TAG_KEY, FIRST_GENERATION, GENERATION_TAG_KEY, HOST_TAG_KEY, INFRASTRUCTURE_ROLE_TAG_KEY,
    MOVED_FROM_TAG_KEY, ObjectNames, POOL_TAG_KEY, ServiceStatus, TAG_KEY_PREFIX, WEB_ACL_TAG_KEY,
    ZONE_TAG_KEY, is_system_tag,
};

/// What was found. A part that is not there, or may not be read, is missing.
#[derive(Debug, Default)]
pub(super) struct Composition {
    /// The ECS service's record, INACTIVE or not.
    pub(super) service: Option<PlainService>,
    pub(super) task_definition: Option<TaskDefinition>,
    pub(super) service_security_group: Option<SecurityGroup>,
    pub(super) target_groups: Vec<TargetGroup>,
    /// Attributes of each of them, in the same order.
    pub(super) target_group_attributes: Vec<BTreeMap<String, String>>,
    pub(super) rule: Option<Rule>,
    pub(super) load_balancer: Option<LoadBalancer>,
    pub(super) certificate: Option<FoundCertificate>,
    /// Certificates on the rule's listener.
    pub(super) listener_certificate_arns: Vec<String>,
    /// The load balancer's web ACL, if the service is to be behind one.
    pub(super) web_acl_arn: Option<String>,
    /// What there is of the pool while the service has no place on it.
    pub(super) is_pool_there: PoolRemains,
    /// Names of the records that prove our certificate and are not in the zone.
    pub(super) missing_proofs: Vec<String>,
    pub(super) alarm: Option<Alarm>,
    pub(super) scalable_target: Option<ScalableTarget>,
    pub(super) scaling_policies: Vec<ScalingPolicy>,
    pub(super) log_group: Option<LogGroup>,
    /// What a move under way has on the side that the service does not count as its own yet, or any more.
    pub(super) other_side: OtherSide,
}

/// What there is of a pool of load balancers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PoolRemains {
    pub(super) has_load_balancer: bool,
    /// Whether one of them has the listener that the service's rule would be on.
    pub(super) has_listener: bool,
}

/// Target groups and load balancer on the other side of a move.
#[derive(Debug, Default)]
pub(super) struct OtherSide {
    pub(super) target_groups: Vec<TargetGroup>,
    pub(super) load_balancer: Option<LoadBalancer>,
}

/// What a move leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Departure {
    /// Generation of its target groups; the next one is where the move leads.
    pub(super) generation: u32,
    /// The pool, as the anchor named it.
    pub(super) pool_tag: String,
}

impl Departure {
    /// Reads the anchor's tag.
    pub(super) fn from_tag(tag: &str) -> Option<Self> {
        let (generation, pool_tag) = tag.split_once('/')?;
        Some(Self { generation: generation.parse().ok()?, pool_tag: pool_tag.to_owned() })
    }

    /// The anchor's tag.
    pub(super) fn to_tag(&self) -> String {
        format!("{}/{}", self.generation, self.pool_tag)
    }
}

/// A service's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundCertificate {
    pub(super) arn: String,
    /// Host names that it is for, wildcards as they are.
    pub(super) names: Vec<String>,
    /// Whether this engine requested it for this service.
    pub(super) is_ours: bool,
    pub(super) status: CertificateStatus,
    /// The records that prove its names, where they were read.
    pub(super) proofs: Vec<ValidationRecord>,
}

impl FoundCertificate {
    /// Whether it is for these host names and no others.
    pub(super) fn is_exactly_for(&self, hosts: &[String]) -> bool {
        self.names.iter().all(|name| hosts.contains(name))
            && hosts.iter().all(|host| self.names.contains(host))
    }
}

impl Composition {
    /// The service, unless it is gone.
    pub(super) fn live_service(&self) -> Option<&PlainService> {
        self.service.as_ref().filter(|service| service.status != ServiceStatus::Inactive)
    }

    /// Whether anything of the service is left that a deletion takes away.
    pub(super) fn is_anything_left(&self) -> bool {
        self.live_service().is_some()
            || self.service_security_group.is_some()
            || self.all_target_groups().next().is_some()
    }

    /// Generation of load balancer and target groups that the service counts as its own.
    pub(super) fn generation(&self) -> u32 {
        let of_service = self.live_service().and_then(|service| service.tags.get(GENERATION_TAG_KEY));
        let tag = of_service.map(String::as_str).or_else(|| self.anchor_tag(GENERATION_TAG_KEY));
        tag.and_then(|generation| generation.parse().ok()).unwrap_or(FIRST_GENERATION)
    }

    /// What a move that has begun and not ended leaves.
    pub(super) fn departure(&self) -> Option<Departure> {
        Departure::from_tag(self.anchor_tag(MOVED_FROM_TAG_KEY)?)
    }

    /// The generation on the other side of a move under way.
    fn other_generation(&self) -> Option<u32> {
        let from = self.departure()?.generation;
        Some(if self.generation() == from { from + 1 } else { from })
    }

    /// Load balancers of the service: one, or both of a move.
    pub(super) fn load_balancers(&self) -> impl Iterator<Item = &LoadBalancer> {
        self.load_balancer.iter().chain(&self.other_side.load_balancer)
    }

    /// Target groups of the service: one pair, or both of a move.
    pub(super) fn all_target_groups(&self) -> impl Iterator<Item = &TargetGroup> {
        self.target_groups.iter().chain(&self.other_side.target_groups)
    }

    /// The role with which ECS moves traffic. Of a service that rolls, only the anchor knows it.
    pub(super) fn infrastructure_role_arn(&self) -> Option<&str> {
        let balancer = self.live_service().and_then(|service| service.load_balancers.first());
        let advanced = balancer.and_then(|balancer| balancer.advanced_configuration.as_ref());
        advanced
            .map(|advanced| advanced.role_arn.as_str())
            .or_else(|| self.anchor_tag(INFRASTRUCTURE_ROLE_TAG_KEY))
    }

    /// Host names of the service, its own first.
    pub(super) fn hosts(&self) -> Vec<String> {
        let first = self.anchor_tag(HOST_TAG_KEY);
        let of_rule = self.rule.iter().flat_map(Rule::host_names).map(str::to_owned);
        let mut hosts: Vec<String> = first.map(str::to_owned).into_iter().chain(of_rule).collect();
        let mut seen = BTreeSet::new();
        hosts.retain(|host| seen.insert(host.clone()));
        hosts
    }

    /// The service's own host name, as the anchor names it.
    pub(super) fn own_host(&self) -> Option<&str> {
        self.anchor_tag(HOST_TAG_KEY)
    }

    /// Whether the service has host names, and so a certificate.
    pub(super) fn is_https(&self) -> bool {
        self.own_host().is_some()
    }

    /// The log group that the running task definition writes to.
    pub(super) fn log_group_name(&self) -> Option<String> {
        log_group_name(self)
    }

    /// Ids of the hosted zones that the service's records are in, both in the middle of a change; `None`: the anchor
    /// does not say, since an earlier version of the provider made it.
    pub(super) fn recorded_zones(&self) -> Option<BTreeSet<String>> {
        self.anchor_tag(ZONE_TAG_KEY).map(zones_from_tag)
    }

    /// The pool of load balancers, as the anchor names it.
    pub(super) fn pool_tag(&self) -> Option<&str> {
        self.anchor_tag(POOL_TAG_KEY)
    }

    pub(super) fn anchor_tag(&self, key: &str) -> Option<&str> {
        let group = self.service_security_group.as_ref()?;
        group.tags.get(key).map(String::as_str)
    }

    /// The user's tags, as the anchor has them.
    pub(super) fn user_tags(&self) -> BTreeMap<String, String> {
        let tags = self.service_security_group.iter().flat_map(|group| &group.tags);
        let is_users = |key: &str| !key.starts_with(TAG_KEY_PREFIX) && !is_system_tag(key);
        tags.filter(|(key, _)| is_users(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Whether a record leads to a load balancer of the service: one that is there, or one of its pools that somebody
    /// deleted. In a pool, a host name has one service.
    pub(super) fn is_own_alias(&self, set: &RecordSet) -> bool {
        if self.load_balancers().any(|balancer| leads_to(set, balancer)) {
            return true;
        }
        let departure = self.departure().map(|departure| departure.pool_tag);
        let mut pools = self.pool_tag().into_iter().chain(departure.as_deref());
        let Some(target) = set.alias_target() else { return false };
        let target = target.dns_name.trim_start_matches("dualstack.").trim_start_matches("internal-");
        pools.any(|tag| {
            let pool = tag.split('/').next().unwrap_or_default();
            target.starts_with(&format!("xp-{pool}-"))
        })
    }

    /// ARN of the listener that the rule is on: `listener-rule/app/x/1/2/3` belongs to `listener/app/x/1/2`.
    pub(super) fn listener_arn(&self) -> Option<String> {
        let rule = &self.rule.as_ref()?.arn;
        let (listener, _) = rule.rsplit_once('/')?;
        Some(listener.replacen(":listener-rule/", ":listener/", 1))
    }
}

/// Whether a record is an alias of this load balancer.
pub(super) fn leads_to(set: &RecordSet, balancer: &LoadBalancer) -> bool {
    let target = set.alias_target();
    target.is_some_and(|target| target.is_same_target(&balancer.zone_id, &balancer.dns_name))
}

/// Reads everything of one service. What may not be read is an error, because taking it for missing would have it made
/// again, or left behind by a deletion.
pub(super) fn read<'a>(
    apis: &'a Apis,
    names: &'a ObjectNames,
) -> Pin<Box<dyn Future<Output = Result<Composition, AwsError>> + Send + 'a>> {
    Box::pin(read_all(apis, names))
}

async fn read_all(apis: &Apis, names: &ObjectNames) -> Result<Composition, AwsError> {
    let (cluster, name) = (names.service().cluster(), names.service().name());
    let group_name = names.service_security_group();
    let (service, groups) = tokio::try_join!(
        apis.ecs.find_plain_service(cluster, name),
        apis.ec2.list_security_groups_named(&group_name),
    )?;
    let is_ours = |group: &SecurityGroup| names.owner().owns(&group.tags);
    let mut found = Composition {
        service,
        service_security_group: groups.into_iter().find(is_ours),
        ..Composition::default()
    };
    let task_definition_arn = found.live_service().map(|service| service.task_definition.clone());
    let [a, b] = names.target_groups(found.generation());
    let alarm_name = names.rollback_alarm();
    let resource_id = resource_id(cluster, name);
    let (task_definition, a, b, alarm, scalable_target, scaling_policies) = tokio::join!(
        find_task_definition(apis, task_definition_arn.as_deref()),
        apis.elbv2.find_target_group_by_name(&a),
        apis.elbv2.find_target_group_by_name(&b),
        apis.cloudwatch.find_alarm(&alarm_name),
        apis.autoscaling.find_scalable_target(&resource_id),
        apis.autoscaling.list_scaling_policies(&resource_id),
    );
    found.task_definition = task_definition?;
    found.target_groups = a?.into_iter().chain(b?).collect();
    found.alarm = alarm?;
    found.scalable_target = scalable_target?;
    found.scaling_policies = scaling_policies?;
    Box::pin(read_ingress(apis, names, found)).await
}

/// The third round: what the service, its target groups and its task definition point to.
async fn read_ingress(
    apis: &Apis,
    names: &ObjectNames,
    mut found: Composition,
) -> Result<Composition, AwsError> {
    let [first, second] = [0, 1].map(|index| found.target_groups.get(index).map(|group| group.arn.clone()));
    let (first, second, rule, log_group) = tokio::try_join!(
        find_attributes(apis, first),
        find_attributes(apis, second),
        find_rule(apis, &found),
        find_log_group(apis, names, &found),
    )?;
    found.target_group_attributes = first.into_iter().chain(second).collect();
    (found.rule, found.log_group) = (rule, log_group);
    let balancer_arn = found.rule.as_ref().and_then(|rule| load_balancer_of_rule(&rule.arn));
    let balancer_arn = balancer_arn
        .or_else(|| found.target_groups.iter().find_map(|group| group.load_balancer_arns.first().cloned()));
    let (balancer, certificate) = tokio::join!(
        async {
            match &balancer_arn {
                Some(arn) => apis.elbv2.find_load_balancer(arn).await,
                None => Ok(None),
            }
        },
        find_certificate(apis, names, &found),
    );
    found.load_balancer = balancer?;
    found.certificate = certificate?;
    if let (Some(listener_arn), true) = (found.listener_arn(), found.is_https()) {
        found.listener_certificate_arns = apis.elbv2.list_listener_certificates(&listener_arn).await?;
    }
    if let (Some(balancer), Some(_)) = (&found.load_balancer, found.anchor_tag(WEB_ACL_TAG_KEY)) {
        found.web_acl_arn = apis.wafv2.find_web_acl(&balancer.arn).await?;
    }
    found.is_pool_there = find_pool(apis, &found).await?;
    found.missing_proofs = apis.proofs.list_missing(&apis.route53, &found).await;
    found.other_side = find_other_side(apis, names, &found).await?;
    Ok(found)
}

/// Attributes of a target group; none of one that is gone, and `None` where there is none.
async fn find_attributes(
    apis: &Apis,
    target_group_arn: Option<String>,
) -> Result<Option<BTreeMap<String, String>>, AwsError> {
    let Some(arn) = target_group_arn else { return Ok(None) };
    Ok(Some(apis.elbv2.find_target_group_attributes(&arn).await?.unwrap_or_default()))
}

/// What there is of the service's pool, for a service that has lost its place: who deleted the rule has not deleted the
/// load balancer.
async fn find_pool(apis: &Apis, found: &Composition) -> Result<PoolRemains, AwsError> {
    let mut remains = PoolRemains::default();
    if found.rule.is_some() {
        return Ok(PoolRemains { has_load_balancer: true, has_listener: true });
    }
    let Some(pool_tag) = found.pool_tag() else { return Ok(remains) };
    let (pool, port) = match pool_tag.split_once('/') {
        Some((pool, _)) => (pool, 80),
        None => (pool_tag, 443),
    };
    for balancer in apis.elbv2.list_load_balancers().await? {
        if PoolId::of_load_balancer(&balancer.name).is_some_and(|id| id.to_string() == pool) {
            remains.has_load_balancer = true;
            let listeners = apis.elbv2.list_listeners(&balancer.arn).await?;
            remains.has_listener |= listeners.iter().any(|listener| listener.port == port);
        }
    }
    Ok(remains)
}

/// The other side of a move: nothing to read, unless one is under way.
async fn find_other_side(
    apis: &Apis,
    names: &ObjectNames,
    found: &Composition,
) -> Result<OtherSide, AwsError> {
    let Some(generation) = found.other_generation() else { return Ok(OtherSide::default()) };
    let mut other = OtherSide::default();
    for name in names.target_groups(generation) {
        other.target_groups.extend(apis.elbv2.find_target_group_by_name(&name).await?);
    }
    // Which side the service's rule is on changes in the middle of the move.
    let known = found.load_balancer.as_ref().map(|balancer| &balancer.arn);
    let groups = found.target_groups.iter().chain(&other.target_groups);
    let arn = groups.flat_map(|group| &group.load_balancer_arns).find(|arn| Some(*arn) != known).cloned();
    if let Some(arn) = arn {
        other.load_balancer = apis.elbv2.find_load_balancer(&arn).await?;
    }
    Ok(other)
}

/// The log group. The right to look for it is not needed for a service that logs elsewhere.
async fn find_log_group(
    apis: &Apis,
    names: &ObjectNames,
    found: &Composition,
) -> Result<Option<LogGroup>, AwsError> {
    match log_group_name(found) {
        Some(name) => apis.logs.find_log_group(&name).await,
        None => match apis.logs.find_log_group(&names.log_group()).await {
            Err(error) if error.kind == AwsErrorKind::AccessDenied => Ok(None),
            other => other,
        },
    }
}

async fn find_task_definition(apis: &Apis, arn: Option<&str>) -> Result<Option<TaskDefinition>, AwsError> {
    match arn {
        Some(arn) => apis.ecs.find_task_definition(arn).await,
        None => Ok(None),
    }
}

/// The log group that the running task definition writes to.
fn log_group_name(found: &Composition) -> Option<String> {
    let document = &found.task_definition.as_ref()?.document;
    let main = super::task_definition::main_container(document)?;
    Some(main["logConfiguration"]["options"]["awslogs-group"].as_str()?.to_owned())
}

/// `listener-rule/app/x/1/2/3` belongs to `loadbalancer/app/x/1`.
fn load_balancer_of_rule(rule_arn: &str) -> Option<String> {
    let mut parts = rule_arn.rsplitn(3, '/');
    let (_, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
    Some(rest.replacen(":listener-rule/", ":loadbalancer/", 1))
}

/// The rule that the service names, or else the one that sends requests to its target groups.
async fn find_rule(apis: &Apis, found: &Composition) -> Result<Option<Rule>, AwsError> {
    let production = found.live_service().and_then(|service| {
        let advanced = service.load_balancers.first()?.advanced_configuration.as_ref()?;
        Some(advanced.production_listener_rule.clone())
    });
    if let Some(arn) = production {
        return apis.elbv2.find_rule(&arn).await;
    }
    let Some(balancer_arn) = found.target_groups.iter().find_map(|group| group.load_balancer_arns.first())
    else {
        return Ok(None);
    };
    for listener in apis.elbv2.list_listeners(balancer_arn).await? {
        let rules = apis.elbv2.list_rules(&listener.arn).await?;
        let is_ours = |rule: &Rule| {
            rule.target_groups()
                .any(|weight| found.target_groups.iter().any(|group| group.arn == weight.target_group_arn))
        };
        if let Some(rule) = rules.into_iter().find(is_ours) {
            return Ok(Some(rule));
        }
    }
    Ok(None)
}

/// The certificate that the service's tag names, or else ours for its host.
async fn find_certificate(
    apis: &Apis,
    names: &ObjectNames,
    found: &Composition,
) -> Result<Option<FoundCertificate>, AwsError> {
    let tagged = found.live_service().and_then(|service| service.tags.get(CERTIFICATE_TAG_KEY));
    if let Some(arn) = tagged {
        let (certificate, tags) = tokio::join!(apis.acm.find_certificate(arn), apis.acm.find_tags(arn));
        let tags = tags?.unwrap_or_default();
        return Ok(certificate?.map(|certificate| FoundCertificate {
            names: names_of(certificate.domain_name, certificate.subject_alternative_names),
            arn: certificate.arn,
            is_ours: names.owner().owns(&tags),
            status: certificate.status,
            proofs: certificate.validation_records,
        }));
    }
    match found.hosts().first() {
        Some(host) => {
            Ok(list_own_certificates(apis, names, std::slice::from_ref(host)).await?.into_iter().next())
        }
        None => Ok(None),
    }
}

/// The certificates that this engine requested for the service and any of these host names, by their tags.
pub(super) async fn list_own_certificates(
    apis: &Apis,
    names: &ObjectNames,
    hosts: &[String],
) -> Result<Vec<FoundCertificate>, AwsError> {
    let mut own = Vec::new();
    for summary in apis.acm.list_certificates().await? {
        let certificate_names = names_of(summary.domain_name, summary.subject_alternative_names);
        if !certificate_names.iter().any(|name| hosts.contains(name)) {
            continue;
        }
        let tags = apis.acm.find_tags(&summary.arn).await?.unwrap_or_default();
        if names.owner().owns(&tags) {
            own.push(FoundCertificate {
                arn: summary.arn,
                names: certificate_names,
                is_ours: true,
                status: summary.status,
                proofs: Vec::new(),
            });
        }
    }
    Ok(own)
}

fn names_of(domain_name: String, mut others: Vec<String>) -> Vec<String> {
    others.retain(|name| *name != domain_name);
    others.insert(0, domain_name);
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/xp-a-0/b1/c2/d3";

    #[test]
    fn what_a_move_leaves_is_read_as_it_was_written() {
        for pool_tag in ["abcdefghij", "abcdefghij/http"] {
            let departure = Departure { generation: 2, pool_tag: pool_tag.to_owned() };
            assert_eq!(Departure::from_tag(&departure.to_tag()), Some(departure));
        }
        assert_eq!(Departure::from_tag("abc"), None);
    }

    #[test]
    fn a_rule_names_its_listener_and_its_load_balancer() {
        let found = Composition {
            rule: Some(Rule { arn: RULE.to_owned(), ..Rule::default() }),
            ..Composition::default()
        };
        assert_eq!(
            found.listener_arn().as_deref(),
            Some("arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/xp-a-0/b1/c2")
        );
        assert_eq!(
            load_balancer_of_rule(RULE).as_deref(),
            Some("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/xp-a-0/b1")
        );
    }
}
