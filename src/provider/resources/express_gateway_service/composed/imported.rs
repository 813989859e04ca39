//! What the state of an import leaves out: what the engine chooses by itself for a configuration that is silent.
//! So a configuration that says nothing of it plans no change after the import, and neither does a generated one.
//!
//! And what it has though the service itself does not tell it: the hosted zone.

use std::collections::BTreeMap;

use super::expand::expand_domain;
use super::model::{
    ContainerHealthCheckModel, DomainModel, LoadBalancerModel, LogConfigurationModel, SidecarModel,
};
use crate::aws::AwsError;
use crate::engine::composed::{ZoneChoice, ZoneWish, choose_zone};
use crate::framework::Attr;
use crate::provider::handle::Configured;
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::service::{Domain, LoadBalancerScheme, ObjectNames, ServiceArn};

/// ECS's own choices for the health check of a container (API reference, `HealthCheck`).
const CHECK_INTERVAL_SECONDS: i64 = 30;
const CHECK_TIMEOUT_SECONDS: i64 = 5;
const CHECK_RETRIES: i64 = 3;

/// A state that nobody has written yet, with the name of the zone that the service's records are in, or with its id where
/// the name would lead to another one. A zone that may not be read is left as the service itself tells it.
pub(crate) async fn with_hosted_zone(configured: &Configured, state: ServiceModel) -> ServiceModel {
    let Some(domain) = state.domain.known() else { return state };
    let has_certificate = !state.certificate_arn.is_null();
    match name_of_zone(configured, &expand_domain(domain), has_certificate).await {
        Ok(Some(zone)) => {
            let domain = Attr::Known(DomainModel { hosted_zone: Attr::Known(zone), ..domain.clone() });
            ServiceModel { domain, ..state }
        }
        Ok(None) => state,
        Err(error) => {
            tracing::info!(error = %error, "the hosted zone cannot be looked up, going on without its name");
            state
        }
    }
}

/// The name by which a configuration finds the zone of a domain, or else its id; `None`: the records are kept elsewhere.
async fn name_of_zone(
    configured: &Configured,
    domain: &Domain,
    has_certificate: bool,
) -> Result<Option<String>, AwsError> {
    let choose = |domain: Domain| async move {
        let wish = ZoneWish { domain: &domain, has_certificate, recorded: None };
        choose_zone(&configured.route53, wish).await
    };
    // Whoever brings a certificate may have the records elsewhere, and then the anchor says so.
    if domain.hosted_zone.is_none() && has_certificate {
        return Ok(None);
    }
    let ZoneChoice::Found(zone) = choose(domain.clone()).await? else { return Ok(None) };
    let by_name = choose(Domain { hosted_zone: Some(zone.name.clone()), ..Domain::default() }).await?;
    let is_certain = matches!(by_name, ZoneChoice::Found(found) if found.id == zone.id);
    Ok(Some(if is_certain { zone.name } else { zone.id }))
}

/// An imported state without what the engine would choose, too.
pub(in crate::provider::resources::express_gateway_service) fn without_defaults(
    state: ServiceModel,
    arn: &ServiceArn,
) -> ServiceModel {
    let group = log_group(&state, arn);
    let sidecars = state.sidecars.cloned().map(|sidecars| {
        sidecars.into_iter().map(|(name, sidecar)| {
            let sidecar = sidecar.cloned().map(|sidecar| without_sidecar_defaults(sidecar, &name, &group));
            (name, sidecar.into())
        })
    });
    ServiceModel {
        load_balancer: without_placement(&state),
        sidecars: sidecars.map(BTreeMap::from_iter).into(),
        ..state
    }
}

/// The log group of the service: the container's, or the one that the engine would make.
fn log_group(state: &ServiceModel, arn: &ServiceArn) -> String {
    let container = state.primary_container.known();
    let named = container.and_then(|container| container.aws_logs_configuration.known());
    let named = named.and_then(|logs| logs.log_group.cloned());
    named.unwrap_or_else(|| ObjectNames::new(arn.clone()).log_group())
}

/// A load balancer goes where the tasks are, and is public if the routes there are.
fn without_placement(state: &ServiceModel) -> Attr<LoadBalancerModel> {
    let Some(live) = state.load_balancer.known() else { return state.load_balancer.clone() };
    let tasks = state.network_configuration.known().map(|network| &network.subnets);
    let is_beside_tasks = tasks.is_some_and(|tasks| *tasks == live.subnets);
    let is_internal = live.scheme.known().is_some_and(|name| name == LoadBalancerScheme::Internal.as_str());
    // Tasks in public subnets have public addresses; an internal load balancer beside them was asked for.
    let follows_routes = !is_internal || is_beside_tasks && state.assign_public_ip.known() != Some(&true);
    let shown = LoadBalancerModel {
        scheme: if follows_routes { Attr::Null } else { live.scheme.clone() },
        subnets: if is_beside_tasks { Attr::Null } else { live.subnets.clone() },
        ..live.clone()
    };
    let says_nothing = shown.scheme.is_null()
        && shown.subnets.is_null()
        && shown.pool.is_null()
        && shown.access_logs.is_null();
    if says_nothing { Attr::Null } else { Attr::Known(shown) }
}

fn without_sidecar_defaults(sidecar: SidecarModel, name: &str, log_group: &str) -> SidecarModel {
    let logs = sidecar.log_configuration.known();
    let is_default_log = logs.is_some_and(|logs| is_service_log(logs, name, log_group));
    // ECS runs a log router as root where nobody says otherwise.
    let is_router = sidecar.firelens_configuration.known().is_some();
    let is_default_user = is_router && sidecar.user.known().is_some_and(|user| user == "0");
    SidecarModel {
        user: if is_default_user { Attr::Null } else { sidecar.user },
        log_configuration: if is_default_log { Attr::Null } else { sidecar.log_configuration },
        health_check: sidecar.health_check.cloned().map(without_check_defaults).into(),
        ..sidecar
    }
}

fn without_check_defaults(check: ContainerHealthCheckModel) -> ContainerHealthCheckModel {
    let unless = |live: Attr<i64>, default| if live.known() == Some(&default) { Attr::Null } else { live };
    ContainerHealthCheckModel {
        interval_seconds: unless(check.interval_seconds, CHECK_INTERVAL_SECONDS),
        timeout_seconds: unless(check.timeout_seconds, CHECK_TIMEOUT_SECONDS),
        retries: unless(check.retries, CHECK_RETRIES),
        ..check
    }
}

/// Whether a log goes where the engine sends it for a sidecar that says nothing.
fn is_service_log(logs: &LogConfigurationModel, name: &str, log_group: &str) -> bool {
    let option = |key: &str| {
        let options = logs.options.known()?;
        options.get(key)?.known().map(String::as_str)
    };
    let is_awslogs = logs.log_driver.known().is_some_and(|driver| driver == "awslogs");
    is_awslogs
        && option("awslogs-group") == Some(log_group)
        && option("awslogs-stream-prefix") == Some(name)
        && option("mode") == Some("non-blocking")
        && logs.secret_options.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::model::SetOf;
    use crate::provider::resources::express_gateway_service::model::NetworkConfigurationModel;

    fn known(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    fn subnets(names: &[&str]) -> Attr<SetOf<Attr<String>>> {
        Attr::Known(names.iter().map(|name| known(name)).collect())
    }

    /// What an import shows of a load balancer, of tasks in the subnets `a` and `b`.
    fn shown(scheme: &str, names: &[&str], is_public: bool) -> (Option<String>, bool) {
        let network =
            NetworkConfigurationModel { subnets: subnets(&["a", "b"]), security_groups: Attr::Null };
        let live = LoadBalancerModel {
            scheme: known(scheme),
            subnets: subnets(names),
            pool: Attr::Null,
            access_logs: Attr::Null,
        };
        let state = ServiceModel {
            network_configuration: Attr::Known(network),
            assign_public_ip: Attr::Known(is_public),
            load_balancer: Attr::Known(live),
            ..ServiceModel::empty()
        };
        let load_balancer = without_placement(&state);
        let scheme = load_balancer.known().and_then(|shown| shown.scheme.cloned());
        (scheme, load_balancer.known().is_some_and(|shown| !shown.subnets.is_null()))
    }

    #[test]
    fn a_load_balancer_shows_only_what_the_tasks_subnets_do_not_say() {
        assert_eq!(shown("internet-facing", &["a", "b"], true), (None, false));
        assert_eq!(shown("internal", &["a", "b"], false), (None, false));
        assert_eq!(shown("internal", &["a", "b"], true), (Some("internal".to_owned()), false));
        assert_eq!(shown("internet-facing", &["c", "d"], false), (None, true));
        assert_eq!(shown("internal", &["c", "d"], false), (Some("internal".to_owned()), true));
    }

    #[test]
    fn a_log_in_the_services_group_under_the_sidecars_name_is_the_default() {
        let logs = |group: &str, prefix: &str, mode: &str| {
            let options = [("awslogs-group", group), ("awslogs-stream-prefix", prefix), ("mode", mode)];
            let options = options.map(|(key, value)| (key.to_owned(), known(value)));
            LogConfigurationModel {
                log_driver: known("awslogs"),
                options: Attr::Known(options.into()),
                secret_options: Attr::Null,
            }
        };
        let is_default = |logs: &LogConfigurationModel| is_service_log(logs, "agent", "/group");
        assert!(is_default(&logs("/group", "agent", "non-blocking")));
        assert!(!is_default(&logs("/other", "agent", "non-blocking")));
        assert!(!is_default(&logs("/group", "ecs", "non-blocking")));
        assert!(!is_default(&logs("/group", "agent", "blocking")));
        let firelens = LogConfigurationModel {
            log_driver: known("awsfirelens"),
            ..logs("/group", "agent", "non-blocking")
        };
        assert!(!is_default(&firelens));
    }
}
