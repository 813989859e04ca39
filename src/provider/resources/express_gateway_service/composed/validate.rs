//! Arguments of the composed engine that depend on each other. Silent about everything unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::expand::{expand_deployment, expand_sidecar};
use super::model::{DeploymentConfigurationModel, DomainModel, HealthCheckModel};
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::service::{
    DEFAULT_MINIMUM_HEALTHY_PERCENT, DependencyCondition, DeploymentStrategy, Domain, ObjectNames,
    Reservations, ServiceArn, Sidecar,
};

/// The container that serves, as `depends_on` names it.
const MAIN_CONTAINER: &str = "Main";
/// A certificate's common name has no more characters (facts, composition section 1.2); a host name may.
const COMMON_NAME_LENGTH: usize = 64;
/// A listener rule takes no longer host name.
const HOST_LENGTH: usize = 128;
/// A label of a host name has no more characters.
const LABEL_LENGTH: usize = 63;

/// Checks a configuration, or a plan, in which more is known.
pub(in crate::provider::resources::express_gateway_service) fn check(
    model: &ServiceModel,
) -> Vec<Diagnostic> {
    let mut problems = check_domain(model);
    if let Some(deployment) = model.deployment_configuration.known() {
        problems.extend(check_pace(deployment));
        problems.extend(check_room(deployment));
    }
    problems.extend(model.health_check.known().and_then(check_times));
    problems.extend(check_logs(model));
    problems.extend(check_own_task_definition(model));
    problems.extend(super::limits::check_security_groups(model));
    problems.extend(check_execute_command(model));
    problems.extend(check_sidecars(model));
    problems
}

fn refuse(path: Path, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error(summary, detail).at(path)
}

fn check_domain(model: &ServiceModel) -> Vec<Diagnostic> {
    let path = Path::attribute("domain");
    let Some(domain) = model.domain.known() else { return Vec::new() };
    let mut problems = Vec::new();
    let zone = Domain { hosted_zone: domain.hosted_zone.cloned(), ..Domain::default() };
    for (path, hostname) in hostnames(domain) {
        problems.extend(zone.zone_name().and_then(|zone| outside(&path, hostname, &zone)));
        let is_own_certificate = !model.certificate_arn.is_null();
        let most = if is_own_certificate { HOST_LENGTH } else { COMMON_NAME_LENGTH };
        if hostname.len() > most {
            let why = if is_own_certificate { "a load balancer's rule" } else { "an ACM certificate" };
            problems.push(refuse(
                path,
                format!("The host name is longer than {why} takes"),
                format!("{hostname:?} has {} characters; {most} are allowed.", hostname.len()),
            ));
        }
    }
    problems
        .extend(check_made_hostname(model, domain, &zone).map(|problem| problem.at(path.then("hostname"))));
    problems
}

/// The host names that are written or planned, with their places.
fn hostnames(domain: &DomainModel) -> Vec<(Path, &String)> {
    let path = Path::attribute("domain");
    let additional = domain.additional_hostnames.known().into_iter().flat_map(|names| &names.0);
    let first = domain.hostname.known().map(|name| (path.then("hostname"), name));
    let rest = additional.filter_map(Attr::known).map(|name| (path.then("additional_hostnames"), name));
    first.into_iter().chain(rest).collect()
}

fn outside(path: &Path, hostname: &str, zone: &str) -> Option<Diagnostic> {
    let is_inside = hostname == zone || hostname.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
    (!is_inside).then(|| {
        refuse(
            path.clone(),
            "The host name is not in the hosted zone",
            format!("{hostname:?} does not end in `.{zone}`, so the zone cannot hold its records."),
        )
        .hint("name a host in the zone, or another zone in `domain.hosted_zone`")
    })
}

/// A service name that is no host name: too long for a label, or with underscores.
fn check_made_hostname(model: &ServiceModel, domain: &DomainModel, zone: &Domain) -> Option<Diagnostic> {
    let name = model.service_name.known()?;
    let is_made = match &domain.hostname {
        Attr::Null => true,
        Attr::Known(hostname) => {
            zone.zone_name().is_some_and(|zone_name| *hostname == zone.hostname_in_zone(name, &zone_name))
        }
        Attr::Unknown => false,
    };
    let problem = if name.len() > LABEL_LENGTH {
        format!("has {} characters; a label of a host name has {LABEL_LENGTH} at most", name.len())
    } else if name.contains('_') {
        "has an underscore, which a host name cannot have".to_owned()
    } else if name.starts_with('-') || name.ends_with('-') {
        "begins or ends with a hyphen, which a label of a host name cannot".to_owned()
    } else {
        return None;
    };
    is_made.then(|| {
        Diagnostic::error(
            "The service name makes no host name",
            format!("The host name would begin with the service name, but {name:?} {problem}."),
        )
        .hint("set `domain.hostname`, or choose another `service_name`")
    })
}

/// Each strategy has a pace of its own.
fn check_pace(deployment: &DeploymentConfigurationModel) -> Vec<Diagnostic> {
    if deployment.strategy.is_unknown() {
        return Vec::new();
    }
    let strategy = expand_deployment(deployment).strategy.unwrap_or(DeploymentStrategy::Canary);
    let members = [
        ("canary_percent", DeploymentStrategy::Canary, !deployment.canary_percent.is_null()),
        (
            "canary_bake_time_minutes",
            DeploymentStrategy::Canary,
            !deployment.canary_bake_time_minutes.is_null(),
        ),
        ("linear_step_percent", DeploymentStrategy::Linear, !deployment.linear_step_percent.is_null()),
        (
            "linear_step_bake_time_minutes",
            DeploymentStrategy::Linear,
            !deployment.linear_step_bake_time_minutes.is_null(),
        ),
    ];
    let rolling = [
        ("maximum_percent", DeploymentStrategy::Rolling, !deployment.maximum_percent.is_null()),
        (
            "minimum_healthy_percent",
            DeploymentStrategy::Rolling,
            !deployment.minimum_healthy_percent.is_null(),
        ),
    ];
    let members = members.into_iter().chain(rolling);
    let path = Path::attribute("deployment_configuration");
    let foreign = members.filter(|(_, of, is_set)| *is_set && *of != strategy);
    let mut problems: Vec<Diagnostic> = foreign
        .map(|(member, of, _)| {
            refuse(
                path.then(member),
                format!("`{member}` does not go with the strategy {}", strategy.as_str()),
                format!("Only {} deployments have it.", of.as_str()),
            )
            .hint(format!("set `strategy = \"{}\"`, or remove `{member}`", of.as_str()))
        })
        .collect();
    if !strategy.shifts_traffic() && !deployment.bake_time_minutes.is_null() {
        let detail =
            "A rolling deployment replaces task by task; there is no second revision to bake beside.";
        problems.push(
            refuse(
                path.then("bake_time_minutes"),
                "`bake_time_minutes` does not go with the strategy ROLLING",
                detail,
            )
            .hint("choose another strategy, or remove `bake_time_minutes`"),
        );
    }
    problems
}

/// A deployment that may neither start a task nor stop one would never end.
fn check_room(deployment: &DeploymentConfigurationModel) -> Option<Diagnostic> {
    let most = *deployment.maximum_percent.known()?;
    let fewest = match &deployment.minimum_healthy_percent {
        Attr::Known(fewest) => *fewest,
        Attr::Null => i64::from(DEFAULT_MINIMUM_HEALTHY_PERCENT),
        Attr::Unknown => return None,
    };
    (most <= fewest).then(|| {
        refuse(
            Path::attribute("deployment_configuration").then("maximum_percent"),
            "A deployment could neither start a task nor stop one",
            format!("At most {most} percent of the tasks may run, and at least {fewest} percent must."),
        )
        .hint("set `minimum_healthy_percent = 0` to end a task before the next one starts, or a higher `maximum_percent`")
    })
}

fn check_times(check: &HealthCheckModel) -> Option<Diagnostic> {
    let (interval, timeout) = (check.interval_seconds.known()?, check.timeout_seconds.known()?);
    (timeout >= interval).then(|| {
        refuse(
            Path::attribute("health_check").then("timeout_seconds"),
            "A health check would not end before the next one begins",
            format!("`timeout_seconds` is {timeout} and `interval_seconds` is {interval}; the timeout must be less."),
        )
    })
}

/// One container, one log driver; `awsfirelens` needs a router, and a task has one router.
fn check_logs(model: &ServiceModel) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let Some(container) = model.primary_container.known() else { return problems };
    let path = Path::attribute("primary_container");
    // What is not known yet is judged by the plan that knows it.
    if container.log_configuration.known().is_some() && container.aws_logs_configuration.known().is_some() {
        problems.push(
            refuse(
                path.then("log_configuration"),
                "`log_configuration` and `aws_logs_configuration` exclude each other",
                "A container has one log driver; `aws_logs_configuration` is the driver `awslogs`.",
            )
            .hint("keep the one that you want"),
        );
    }
    if model.sidecars.is_unknown() {
        return problems;
    }
    let sidecars = sidecars(model);
    let routers: Vec<&String> = sidecars
        .iter()
        .filter(|(_, sidecar)| sidecar.firelens_configuration.is_some())
        .map(|(name, _)| name)
        .collect();
    if routers.len() > 1 {
        let names: Vec<String> = routers.iter().map(|name| format!("`{name}`")).collect();
        problems.push(refuse(
            Path::attribute("sidecars"),
            "A task has one log router",
            format!("{} have a `firelens_configuration`.", names.join(" and ")),
        ));
    }
    let logs = container.log_configuration.known();
    let is_routed = |driver: &Attr<String>| driver.known().is_some_and(|driver| driver == "awsfirelens");
    if routers.is_empty() && logs.is_some_and(|logs| is_routed(&logs.log_driver)) && is_whole(model) {
        problems.push(
            refuse(
                path.then("log_configuration").then("log_driver"),
                "The log driver `awsfirelens` needs a log router",
                "It hands the log to a container with a `firelens_configuration`, and none of the `sidecars` has one.",
            )
            .hint("add a sidecar with `firelens_configuration = { type = \"fluentbit\" }`"),
        );
    }
    problems
}

/// How long a log is kept is said of the group that the engine makes, not of one of the user's own.
pub(in crate::provider::resources::express_gateway_service) fn check_retention(
    config: &ServiceModel,
    prior: Option<&ServiceModel>,
) -> Option<Diagnostic> {
    let container = config.primary_container.known();
    let logs = container.and_then(|container| container.aws_logs_configuration.known());
    let group = logs.and_then(|logs| logs.log_group.known())?;
    let arn: Option<ServiceArn> = prior.and_then(|prior| prior.service_arn.known()?.parse().ok());
    let is_own = arn.is_some_and(|arn| ObjectNames::new(arn).log_group() == *group);
    (config.log_retention_days.known().is_some() && !is_own).then(|| {
        refuse(
            Path::attribute("log_retention_days"),
            "`log_retention_days` is of the log group that is made for the service",
            format!(
                "`primary_container.aws_logs_configuration` names the log group `{group}`, which is your own."
            ),
        )
        .hint("set the retention on that log group, or remove `aws_logs_configuration`")
    })
}

/// Whether every sidecar is known, at least by its name and its role.
fn is_whole(model: &ServiceModel) -> bool {
    let all = model.sidecars.known().into_iter().flat_map(BTreeMap::values);
    all.into_iter()
        .all(|sidecar| sidecar.known().is_some_and(|known| !known.firelens_configuration.is_unknown()))
}

/// A task definition of the user's own says what runs in a task.
fn check_own_task_definition(model: &ServiceModel) -> Vec<Diagnostic> {
    // In a plan, a known one beside a container is the one that the engine made.
    if model.task_definition_arn.known().is_none() || !model.primary_container.is_null() {
        return Vec::new();
    }
    let set = [
        ("sidecars", model.sidecars.known().is_some()),
        ("ephemeral_storage_gib", model.ephemeral_storage_gib.known().is_some_and(|gib| *gib != 20)),
        ("log_retention_days", model.log_retention_days.known().is_some()),
    ];
    set.into_iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(name, _)| {
            refuse(
                Path::attribute(name),
                format!("`{name}` cannot be set together with `task_definition_arn`"),
                "A task definition of your own already says what runs in a task.",
            )
            .hint(format!("put it there and remove `{name}`, or remove `task_definition_arn`"))
        })
        .collect()
}

/// ECS opens a shell with the rights of the task's role, and refuses a service without one (aws/aws-cli issue 6242).
/// What role a task definition of the user's own has is not seen here.
fn check_execute_command(model: &ServiceModel) -> Option<Diagnostic> {
    let is_on = model.enable_execute_command.known() == Some(&true);
    let has_own_definition = model.primary_container.is_null();
    (is_on && !has_own_definition && model.task_role_arn.is_null()).then(|| {
        refuse(
            Path::attribute("enable_execute_command"),
            "`enable_execute_command` needs `task_role_arn`",
            "ECS opens the shell with the rights of the task's role, and refuses a service whose tasks have none. The \
             execution role is another one: it is for ECS itself.",
        )
        .hint(
            "set `task_role_arn` to a role that trusts `ecs-tasks.amazonaws.com` and may call \
             `ssmmessages:CreateControlChannel`, `ssmmessages:CreateDataChannel`, `ssmmessages:OpenControlChannel` and \
             `ssmmessages:OpenDataChannel`",
        )
        .hint("or set `enable_execute_command = false`")
    })
}

fn sidecars(model: &ServiceModel) -> BTreeMap<String, Sidecar> {
    let known = model.sidecars.known().into_iter().flatten();
    known.filter_map(|(name, sidecar)| Some((name.clone(), expand_sidecar(sidecar.known()?)))).collect()
}

fn check_sidecars(model: &ServiceModel) -> Vec<Diagnostic> {
    let sidecars = sidecars(model);
    let mut problems = Vec::new();
    problems.extend(check_reservations(model, &sidecars));
    for (name, sidecar) in &sidecars {
        problems.extend(check_sidecar(name, sidecar));
    }
    problems.extend(check_ports(model, &sidecars));
    if !is_whole(model) {
        return problems;
    }
    let main = model.primary_container.known();
    let main_has_check = main.is_some_and(|container| !container.health_check.is_null());
    let main = main.map(|container| &container.depends_on);
    let main = main.and_then(super::expand::expand_depends_on);
    let places = sidecars
        .iter()
        .map(|(name, sidecar)| {
            (name.as_str(), Path::attribute("sidecars").key(name), sidecar.depends_on.clone())
        })
        .chain([(MAIN_CONTAINER, Path::attribute("primary_container"), main)]);
    let places: Vec<_> = places
        .filter_map(|(name, path, depends_on)| Some((name, path.then("depends_on"), depends_on?)))
        .collect();
    for (name, path, depends_on) in &places {
        problems.extend(check_dependencies(name, path, depends_on, &sidecars, main_has_check));
    }
    problems.extend(check_cycle(&places));
    problems
}

/// Containers must fit into their task (facts, composition section 5).
fn check_reservations(model: &ServiceModel, sidecars: &BTreeMap<String, Sidecar>) -> Option<Diagnostic> {
    let cpu = model.cpu.known().map_or("", String::as_str);
    let memory = model.memory.known().map_or("", String::as_str);
    let error = Reservations::of_sidecars(sidecars).check(cpu, memory).err()?;
    Some(
        refuse(
            Path::attribute("sidecars"),
            "The sidecars do not fit into the task",
            format!("In sum, {error}."),
        )
        .hint("choose a larger `cpu` and `memory`, or reserve less"),
    )
}

fn check_sidecar(name: &str, sidecar: &Sidecar) -> Vec<Diagnostic> {
    let path = Path::attribute("sidecars").key(name);
    let mut problems = Vec::new();
    problems.extend(check_router_user(name, sidecar, &path));
    if let (Some(most), Some(kept)) = (sidecar.memory_mib, sidecar.memory_reservation_mib)
        && kept > most
    {
        problems.push(refuse(
            path.then("memory_reservation_mib"),
            format!("Sidecar `{name}` reserves more memory than it may use"),
            format!("`memory_reservation_mib` is {kept} and `memory_mib` is {most}."),
        ));
    }
    let (environment, secrets) = (sidecar.environment.iter().flatten(), sidecar.secrets.as_ref());
    let doubled = environment.filter(|(name, _)| secrets.is_some_and(|secrets| secrets.contains_key(*name)));
    problems.extend(doubled.map(|(variable, _)| {
        refuse(
            path.then("secrets").key(variable),
            format!("Variable {variable:?} is in both `environment` and `secrets`"),
            "A variable has one value; ECS refuses the same name twice.",
        )
    }));
    problems
}

/// A log router runs as root, which ECS wants as a number; newer agents take other numbers as well
/// (cloudposse/terraform-aws-ecs-container-definition pull request 97, aws/amazon-ecs-agent pull request 4596).
fn check_router_user(name: &str, sidecar: &Sidecar, path: &Path) -> Option<Diagnostic> {
    let user = sidecar.user.as_ref().filter(|_| sidecar.firelens_configuration.is_some())?;
    let uid = user.split(':').next().unwrap_or_default();
    let is_number = !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_digit());
    (!is_number).then(|| {
        refuse(
            path.then("user"),
            format!("The user of the log router `{name}` is not a number"),
            format!("ECS takes the user of a log router as a number, and root is `0`; it is {user:?}."),
        )
        .hint("write `user = \"0\"`, or leave it out: ECS then runs the router as root")
    })
}

/// The containers of a task share its network: a port is one container's.
fn check_ports(model: &ServiceModel, sidecars: &BTreeMap<String, Sidecar>) -> Vec<Diagnostic> {
    let main = model.primary_container.known().and_then(|container| container.container_port.cloned());
    let mut taken: BTreeMap<(i64, &str), &str> =
        main.into_iter().map(|port| ((port, "tcp"), MAIN_CONTAINER)).collect();
    let mut problems = Vec::new();
    for (name, sidecar) in sidecars {
        for port in sidecar.port_mappings.iter().flatten() {
            let key = (i64::from(port.container_port), port.protocol.as_str());
            let Some(other) = taken.insert(key, name) else { continue };
            problems.push(refuse(
                Path::attribute("sidecars").key(name).then("port_mappings"),
                format!("Port {}/{} is taken", key.0, key.1),
                format!(
                    "Containers of a task share its network, and `{other}` already listens on that port."
                ),
            ));
        }
    }
    problems
}

fn check_dependencies(
    name: &str,
    path: &Path,
    depends_on: &BTreeMap<String, DependencyCondition>,
    sidecars: &BTreeMap<String, Sidecar>,
    main_has_check: bool,
) -> Vec<Diagnostic> {
    let problem = |on: &String, condition: DependencyCondition| {
        let Some(sidecar) = sidecars.get(on) else {
            let is_main = on == MAIN_CONTAINER
                && (condition == DependencyCondition::Start
                    || condition == DependencyCondition::Healthy && main_has_check);
            return (!is_main).then(|| match on.as_str() {
                MAIN_CONTAINER => "of `Main`, only START can be waited for, and HEALTHY if \
                                   `primary_container.health_check` is set"
                    .to_owned(),
                _ => format!("there is no container `{on}`"),
            });
        };
        match condition {
            DependencyCondition::Healthy if sidecar.health_check.is_none() => {
                Some(format!("`{on}` has no `health_check`, so it never becomes HEALTHY"))
            }
            DependencyCondition::Complete | DependencyCondition::Success if sidecar.essential => {
                Some(format!("`{on}` is essential, so the task would end with it"))
            }
            _ => None,
        }
    };
    let all = depends_on.iter();
    all.filter_map(|(on, condition)| {
        let detail = problem(on, *condition)?;
        let summary = format!("Container `{name}` cannot wait for `{on}`");
        Some(refuse(path.key(on), summary, format!("It should be {}, but {detail}.", condition.as_str())))
    })
    .collect()
}

type Place<'a> = (&'a str, Path, BTreeMap<String, DependencyCondition>);

/// Containers that wait for each other never start.
fn check_cycle(places: &[Place<'_>]) -> Option<Diagnostic> {
    let of = |name: &str| places.iter().find(|(container, ..)| *container == name);
    places.iter().find_map(|(start, path, _)| {
        let mut seen = BTreeSet::new();
        let mut next = vec![*start];
        while let Some((_, _, depends_on)) = next.pop().and_then(of) {
            if depends_on.contains_key(*start) {
                let detail = format!(
                    "`{start}` waits for a container that waits, by itself or through others, for `{start}`."
                );
                return Some(refuse(path.clone(), "Containers wait for each other", detail));
            }
            next.extend(depends_on.keys().map(String::as_str).filter(|name| seen.insert((*name).to_owned())));
        }
        None
    })
}

#[cfg(test)]
mod tests;
