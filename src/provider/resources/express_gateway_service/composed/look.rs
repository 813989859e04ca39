//! What only a look at AWS, or at the other services of the same run, can refuse. What may not be read is left for
//! the apply to find out.

use super::look_load_balancer::look_at_load_balancer;
use super::model::DomainModel;
use crate::aws::AwsError;
use crate::aws::route53::{HostedZone, ZoneVisibility};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::service::{Arn, DEFAULT_CLUSTER_NAME, cluster_name};

/// Looks at what a plan of the composed engine names, and plans the zone of a host name that names none.
pub(in crate::provider::resources::express_gateway_service) async fn look(
    configured: &Configured,
    plan: &mut Plan<ServiceModel>,
) -> Vec<Diagnostic> {
    let planned = &plan.planned;
    let mut problems = Vec::new();
    problems.extend(check_region(configured, "certificate_arn", &planned.certificate_arn));
    problems.extend(check_region(configured, "web_acl_arn", &planned.web_acl_arn));
    problems.extend(check_certificate(planned));
    problems.extend(claim_hostnames(configured, planned));
    let is_new = plan.prior.as_ref().is_none_or(|prior| prior.domain != planned.domain);
    let has_certificate = !planned.certificate_arn.is_null();
    if let Attr::Known(domain) = &mut plan.planned.domain
        && is_new
        && let Some(found) = look_for_zone(configured, domain).await
    {
        // Whoever brings a certificate may keep the records elsewhere.
        let is_elsewhere = found.is_none() && has_certificate && domain.hosted_zone.known().is_none();
        if !is_elsewhere {
            problems.extend(check_zone(domain, found.as_ref()));
        }
        if matches!(domain.hosted_zone, Attr::Unknown) {
            domain.hosted_zone = found.map(|zone| zone.name).into();
        }
    }
    problems.extend(look_at_load_balancer(configured, plan).await);
    problems
}

/// Load balancers take what is in their region.
fn check_region(configured: &Configured, argument: &'static str, arn: &Attr<String>) -> Option<Diagnostic> {
    let arn: Arn = arn.known()?.parse().ok()?;
    (arn.region() != configured.region).then(|| {
        Diagnostic::error(
            format!("`{argument}` is in another region"),
            format!("`{arn}` is in {}, but the service is in {}.", arn.region(), configured.region),
        )
        .at(Path::attribute(argument))
        .hint("load balancers take certificates and web ACLs of their own region only")
    })
}

/// A certificate is for host names.
fn check_certificate(planned: &ServiceModel) -> Option<Diagnostic> {
    let is_idle = planned.certificate_arn.known().is_some() && planned.domain.is_null();
    is_idle.then(|| {
        Diagnostic::error(
            "`certificate_arn` needs a domain",
            "A certificate is for host names, and the service has none of its own.",
        )
        .at(Path::attribute("certificate_arn"))
        .hint("set `domain`, or `default_domain` in the provider block")
    })
}

/// Two services of one run cannot have the same host name: both would succeed in turn, and one would get the traffic.
///
/// Core plans a resource more than once, so a claim is its service's, by cluster and name; one without a name is
/// left to Route 53, where the second one to come finds the record taken.
fn claim_hostnames(configured: &Configured, planned: &ServiceModel) -> Option<Diagnostic> {
    let name = planned.service_name.known()?;
    let cluster = match &planned.cluster {
        Attr::Known(cluster) => cluster_name(cluster),
        Attr::Null => DEFAULT_CLUSTER_NAME,
        Attr::Unknown => return None,
    };
    let domain = planned.domain.known();
    let hostnames = domain.into_iter().flat_map(|domain| {
        let additional = domain.additional_hostnames.known().into_iter().flat_map(|names| &names.0);
        domain.hostname.known().into_iter().chain(additional.filter_map(Attr::known)).cloned()
    });
    let taken = configured.hostnames.claim(&format!("{cluster}/{name}"), hostnames.collect())?;
    Some(
        Diagnostic::error(
            "Two services want one host name",
            format!(
                "`{}` is already the host name of service `{}` in this run.",
                taken.hostname, taken.service
            ),
        )
        .at(Path::attribute("domain"))
        .hint("give each service a `domain.hostname` of its own"),
    )
}

/// The zone that the user names, or that the host name is in. `None`: there is nothing to look for yet, or no way to.
async fn look_for_zone(configured: &Configured, domain: &DomainModel) -> Option<Option<HostedZone>> {
    let found = match (&domain.hosted_zone, domain.hostname.known()) {
        (Attr::Known(zone), _) => find_zone(configured, zone).await,
        (_, Some(hostname)) => configured.route53.find_hosted_zone_of(hostname, ZoneVisibility::Public).await,
        _ => return None,
    };
    match found {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::info!(error = %error, "the hosted zone cannot be looked at, the apply will find out");
            None
        }
    }
}

/// The zone must be there, be public, and hold the host name.
fn check_zone(domain: &DomainModel, found: Option<&HostedZone>) -> Option<Diagnostic> {
    let hostname = domain.hostname.known();
    let path = Path::attribute("domain").then("hosted_zone");
    let named = domain.hosted_zone.known();
    let Some(zone) = found else {
        let detail = match (named, hostname) {
            (Some(zone), _) => format!("Route 53 has no hosted zone `{zone}` in this account."),
            (None, hostname) => format!(
                "No public hosted zone of this account holds `{}`.",
                hostname.map_or("the host name", String::as_str)
            ),
        };
        return Some(
            Diagnostic::error("The hosted zone does not exist", detail)
                .at(path)
                .hint("aws route53 list-hosted-zones"),
        );
    };
    if zone.visibility == ZoneVisibility::Private {
        let detail =
            format!("`{}` ({}) is a private zone: only its VPCs see its records.", zone.name, zone.id);
        return Some(
            Diagnostic::error("The hosted zone is private", detail)
                .at(path)
                .hint("a certificate is validated through public DNS: name the public zone of the domain"),
        );
    }
    hostname.and_then(|hostname| outside(hostname, zone))
}

fn outside(hostname: &str, zone: &HostedZone) -> Option<Diagnostic> {
    let is_inside =
        hostname == zone.name || hostname.strip_suffix(&zone.name).is_some_and(|rest| rest.ends_with('.'));
    (!is_inside).then(|| {
        Diagnostic::error(
            "The host name is not in the hosted zone",
            format!("`{hostname}` does not end in `.{}`, the name of zone `{}`.", zone.name, zone.id),
        )
        .at(Path::attribute("domain").then("hostname"))
        .hint("name a host in the zone, or another zone in `domain.hosted_zone`")
    })
}

/// A zone by name or by id. Of several zones with one name, a public one.
pub(super) async fn find_zone(configured: &Configured, zone: &str) -> Result<Option<HostedZone>, AwsError> {
    if !zone.contains('.') {
        return configured.route53.find_hosted_zone(zone).await;
    }
    let mut zones = configured.route53.list_hosted_zones_named(zone).await?;
    let public = zones.iter().position(|zone| zone.visibility == ZoneVisibility::Public);
    Ok(if zones.is_empty() { None } else { Some(zones.swap_remove(public.unwrap_or(0))) })
}
