//! What only a look at AWS, or at the other services of the same run, can refuse. What may not be read is left for
//! the apply to find out.

use super::expand::expand_domain;
use super::look_load_balancer::look_at_load_balancer;
use super::model::DomainModel;
use crate::aws::route53::HostedZone;
use crate::engine::composed::{ZoneChoice, ZoneWish, choose_zone, find_flaw};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::provider::hostnames::Conflict;
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::service::{Arn, DEFAULT_CLUSTER_NAME, cluster_name};

/// Looks at what a plan of the composed engine names, and plans the zone of a host name that names none.
pub(in crate::provider::resources::express_gateway_service) async fn look(
    configured: &Configured,
    plan: &mut Plan<ServiceModel>,
) -> Vec<Diagnostic> {
    let planned = &plan.planned;
    let mut problems = Vec::new();
    problems.extend(check_place(configured, "certificate_arn", &planned.certificate_arn));
    problems.extend(check_place(configured, "web_acl_arn", &planned.web_acl_arn));
    problems.extend(check_certificate(planned));
    problems.extend(claim_hostnames(configured, plan));
    if problems.is_empty() {
        problems.extend(look_at_certificate(configured, plan).await);
        problems.extend(look_at_web_acl(configured, plan).await);
    }
    problems.extend(look_at_zone(configured, plan).await);
    problems.extend(look_at_load_balancer(configured, plan).await);
    problems
}

/// Load balancers take what is in their region, account and partition.
fn check_place(configured: &Configured, argument: &'static str, arn: &Attr<String>) -> Option<Diagnostic> {
    let arn: Arn = arn.known()?.parse().ok()?;
    let place = &configured.place;
    let account = place.account_id.as_deref().unwrap_or(arn.account_id());
    let (what, there, here) = [
        ("partition", arn.partition(), place.partition.as_str()),
        ("region", arn.region(), place.region.as_str()),
        ("account", arn.account_id(), account),
    ]
    .into_iter()
    .find(|(_, there, here)| there != here)?;
    Some(
        Diagnostic::error(
            format!("`{argument}` is in another {what}"),
            format!("`{arn}` is in {there}, but the service is in {here}."),
        )
        .at(Path::attribute(argument))
        .hint(format!("load balancers take certificates and web ACLs of their own {what} only")),
    )
}

/// The user's certificate, when it or a host name is new: it must be for all host names. One that is not issued may be
/// validated by the same apply, which waits for it.
async fn look_at_certificate(configured: &Configured, plan: &Plan<ServiceModel>) -> Option<Diagnostic> {
    let planned = &plan.planned;
    let arn = planned.certificate_arn.known()?;
    let is_same = |prior: &ServiceModel| {
        prior.domain == planned.domain && prior.certificate_arn == planned.certificate_arn
    };
    if plan.prior.as_ref().is_some_and(is_same) {
        return None;
    }
    let hosts = planned.domain.known().into_iter().flat_map(list_hostnames);
    let hosts: Vec<String> = hosts.map(|(_, host)| host.clone()).collect();
    let found = match configured.acm.find_certificate(arn).await {
        Ok(found) => found,
        Err(error) => {
            tracing::info!(error = %error, "the certificate cannot be looked at, the apply will find out");
            return None;
        }
    };
    let flaw = find_flaw(arn, found.as_ref(), &hosts)?;
    let said = if flaw.may_pass() {
        let detail = format!("{} The apply waits for it, some minutes at the most.", flaw.detail());
        Diagnostic::warning(flaw.summary(), detail)
    } else {
        Diagnostic::error(flaw.summary(), flaw.detail())
    };
    Some(said.at(Path::attribute("certificate_arn")).hint(flaw.hint()))
}

/// A web ACL that is new to the service must be there. One that was made a moment ago may not show yet.
async fn look_at_web_acl(configured: &Configured, plan: &Plan<ServiceModel>) -> Option<Diagnostic> {
    let arn = plan.planned.web_acl_arn.known()?;
    if plan.prior.as_ref().is_some_and(|prior| prior.web_acl_arn == plan.planned.web_acl_arn) {
        return None;
    }
    match configured.wafv2.is_web_acl_there(arn).await {
        Ok(true) => None,
        Ok(false) => Some(
            Diagnostic::warning(
                "The web ACL does not exist",
                format!("AWS WAF has no web ACL `{arn}`. The apply fails unless it shows within a minute."),
            )
            .at(Path::attribute("web_acl_arn"))
            .hint("list the web ACLs of this region: aws wafv2 list-web-acls --scope REGIONAL"),
        ),
        Err(error) => {
            tracing::info!(error = %error, "the web ACL cannot be looked at, the apply will find out");
            None
        }
    }
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

/// Two services of one run cannot have the same host name: both would succeed in turn, and one would get the traffic. One
/// may take what another gives up, but not in a circle.
///
/// Core plans a resource more than once, so a claim is its service's, by cluster and name; one without a name is
/// left to Route 53, where the second one to come finds the record taken.
fn claim_hostnames(configured: &Configured, plan: &Plan<ServiceModel>) -> Option<Diagnostic> {
    let planned = &plan.planned;
    let service = claimant(planned)?;
    if let Some(replaced) = plan.prior.as_ref().and_then(claimant).filter(|prior| *prior != service) {
        configured.hostnames.forget(&replaced);
    }
    let hostnames = |model: &ServiceModel| {
        let names = model.domain.known().into_iter().flat_map(list_hostnames);
        names.map(|(_, name)| name.to_lowercase()).collect()
    };
    let prior = plan.prior.as_ref().map(hostnames).unwrap_or_default();
    let diagnostic = match configured.hostnames.claim(&service, prior, hostnames(planned))? {
        Conflict::Taken(taken) => Diagnostic::error(
            "Two services want one host name",
            format!(
                "`{}` is already the host name of service `{}` in this run.",
                taken.hostname, taken.service
            ),
        )
        .hint("give each service a `domain.hostname` of its own"),
        Conflict::Circle(taken) => Diagnostic::error(
            "Services cannot swap host names in one apply",
            format!(
                "`{service}` is to take `{}` from service `{}`, which gets a name of `{service}` in the same run. Each \
                 would wait for the other.",
                taken.hostname, taken.service
            ),
        )
        .hint("swap in two applies: give one of them another host name first, apply, then give both their names"),
    };
    Some(diagnostic.at(Path::attribute("domain")))
}

/// Who has host names: a service by its cluster and name.
fn claimant(model: &ServiceModel) -> Option<String> {
    let name = model.service_name.known()?;
    let cluster = match &model.cluster {
        Attr::Known(cluster) => cluster_name(cluster),
        Attr::Null => DEFAULT_CLUSTER_NAME,
        Attr::Unknown => return None,
    };
    Some(format!("{cluster}/{name}"))
}

/// Looks for the zone of a domain that is new or changed, and plans its name where the user names none.
async fn look_at_zone(configured: &Configured, plan: &mut Plan<ServiceModel>) -> Option<Diagnostic> {
    let is_same = |prior: &ServiceModel| {
        prior.domain == plan.planned.domain && prior.certificate_arn == plan.planned.certificate_arn
    };
    if plan.prior.as_ref().is_some_and(is_same) {
        return None;
    }
    let has_certificate = !plan.planned.certificate_arn.is_null();
    let Attr::Known(domain) = &mut plan.planned.domain else { return None };
    let wanted = expand_domain(domain);
    // A zone, or a host name, that is known only after apply.
    if wanted.hosted_zone.is_none() && wanted.hostname.is_none() {
        return None;
    }
    let wish = ZoneWish { domain: &wanted, has_certificate, recorded: None };
    let path = Path::attribute("domain");
    match choose_zone(&configured.route53, wish).await {
        Ok(ZoneChoice::Found(zone)) => {
            let problem = list_hostnames(domain).into_iter().find_map(|(member, hostname)| {
                outside(hostname, &zone).map(|problem| problem.at(path.then(member)))
            });
            if matches!(domain.hosted_zone, Attr::Unknown) {
                domain.hosted_zone = Attr::Known(zone.name);
            }
            problem
        }
        Ok(ZoneChoice::Elsewhere) => {
            if matches!(domain.hosted_zone, Attr::Unknown) {
                domain.hosted_zone = Attr::Null;
            }
            None
        }
        Ok(ZoneChoice::Refused(refusal)) => Some(
            Diagnostic::error(refusal.summary(), refusal.detail())
                .at(path.then("hosted_zone"))
                .hint(refusal.hint()),
        ),
        Err(error) => {
            tracing::info!(error = %error, "the hosted zone cannot be looked at, the apply will find out");
            None
        }
    }
}

/// The host names that are known, each with the argument that names it.
fn list_hostnames(domain: &DomainModel) -> Vec<(&'static str, &String)> {
    let additional = domain.additional_hostnames.known().into_iter().flat_map(|names| &names.0);
    let first = domain.hostname.known().map(|name| ("hostname", name));
    let others = additional.filter_map(Attr::known).map(|name| ("additional_hostnames", name));
    first.into_iter().chain(others).collect()
}

fn outside(hostname: &str, zone: &HostedZone) -> Option<Diagnostic> {
    let (hostname, name) = (hostname.to_lowercase(), zone.name.to_lowercase());
    let is_inside = hostname == name || hostname.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.'));
    (!is_inside).then(|| {
        Diagnostic::error(
            "The host name is not in the hosted zone",
            format!("`{hostname}` does not end in `.{name}`, the name of zone `{}`.", zone.id),
        )
        .hint("name a host in the zone, or another zone in `domain.hosted_zone`")
    })
}
