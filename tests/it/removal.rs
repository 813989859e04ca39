//! What removing an argument does: for every optional argument of both engines, the effect that the schema declares, in
//! the account, and an empty plan after it.
//!
//! The tables below have a value for each argument. Whether each is there is checked against the schema.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::provider::Provider as _;
use terraform_provider_express::framework::schema::{Attribute, Kind, Mode, Nesting, Removal};
use terraform_provider_express::provider::ExpressProvider;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::{call, default_security_group_id, list_subnet_ids};
use crate::support::fingerprint;
use crate::support::workspace::{Action, Workspace, three_inputs};

const MANAGED: &str = "managed";
const COMPOSED: &str = "composed";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-abcdef";

/// Arguments that one configuration sets and the next one does not.
struct Case {
    paths: &'static [&'static str],
    members: Json,
}

fn case(paths: &'static [&'static str], members: Json) -> Case {
    Case { paths, members }
}

fn attributes() -> Vec<Attribute> {
    let resources = ExpressProvider::of_process().resources();
    let resource = resources.iter().find(|it| it.type_name() == "express_gateway_service").expect("there");
    resource.schema().attributes
}

/// Every argument with a removal, by path. The elements of `sidecars` are called `agent`.
fn removals(attributes: &[Attribute], parent: &str, engine: &str) -> Vec<(String, Removal)> {
    let mut found = Vec::new();
    let settable = attributes.iter().filter(|it| it.mode != Mode::Computed);
    for attribute in settable {
        if attribute.lack.is_some_and(|lack| lack.kind == engine) {
            continue;
        }
        let path = format!("{parent}{}", attribute.name);
        found.extend(attribute.removal(engine).map(|removal| (path.clone(), removal)));
        let inside = match &attribute.kind {
            Kind::Value(_) => continue,
            Kind::Nested(Nesting::Map, _) => format!("{path}.agent."),
            Kind::Nested(..) => format!("{path}."),
        };
        found.extend(removals(attribute.nested_attributes(), &inside, engine));
    }
    found
}

fn merged(base: &Json, members: &Json) -> Json {
    match (base, members) {
        (Json::Object(base), Json::Object(members)) => {
            let mut merged = base.clone();
            for (name, value) in members {
                let value = base.get(name).map_or_else(|| value.clone(), |base| self::merged(base, value));
                merged.insert(name.clone(), value);
            }
            Json::Object(merged)
        }
        (_, members) => members.clone(),
    }
}

/// `config` without the argument at a path; objects that are empty then go as well.
fn without(config: &Json, path: &str) -> Json {
    if !config.is_object() {
        return config.clone();
    }
    let mut config = config.clone();
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let inner = rest.map(|rest| match &config[first] {
        Json::Array(elements) => elements.iter().map(|element| without(element, rest)).collect(),
        inner => without(inner, rest),
    });
    let members = config.as_object_mut().expect("an object");
    match inner {
        Some(inner) if inner.as_object().is_none_or(|inner| !inner.is_empty()) => {
            members.insert(first.to_owned(), inner);
        }
        _ => drop(members.remove(first)),
    }
    config
}

/// What an operation of the provider itself follows, not the service.
const OF_THE_PROVIDER: [&str; 4] =
    ["wait_for_steady_state", "timeouts", "image_source", "delete_logs_on_destroy"];

/// Played in tests of their own: what names the service or replaces it, and what needs more than one account.
const ELSEWHERE: [&str; 8] = [
    // Where a load balancer goes that nobody names depends on where it was: `decide::network` has it.
    "load_balancer.subnets",
    "engine",
    "service_name",
    "cluster",
    "domain.hosted_zone",
    "certificate_arn",
    "task_role_arn",
    "wait_for_steady_state",
];

fn base(engine: &str) -> Json {
    let members = json!({ "engine": engine, "service_name": "api" });
    merged(&three_inputs(), &members)
}

async fn applied(workspace: &mut Workspace, config: &Json) -> Action {
    let action = workspace.applied("app", config).await;
    // What an apply began ends by itself.
    workspace.clock_advance(7200).await;
    action
}

/// Sets the arguments of a case, removes them, and compares the account with what they are declared to do.
async fn check(origin: &Workspace, engine: &str, case: &Case, declared: &[(String, Removal)]) {
    let fingerprint = |workspace: &Workspace| match engine {
        COMPOSED => fingerprint::composed(workspace, "app"),
        _ => fingerprint::managed(workspace, "app"),
    };
    let set = merged(&base(engine), &case.members);
    let removed = case.paths.iter().fold(set.clone(), |config, path| without(&config, path));
    let mut never = origin.fork().await;
    applied(&mut never, &removed).await;
    let mut workspace = origin.fork().await;
    applied(&mut workspace, &set).await;
    let (bare, with) = (fingerprint(&never), fingerprint(&workspace));
    applied(&mut workspace, &removed).await;
    let after = fingerprint(&workspace);
    let of =
        |path: &&str| declared.iter().find(|(declared, _)| declared == path).map(|(_, removal)| *removal);
    let removals: Vec<_> = case.paths.iter().filter_map(of).collect();
    assert_eq!(removals.len(), case.paths.len(), "{:?} are not all declared", case.paths);
    let is_of_service =
        !case.paths.iter().any(|path| OF_THE_PROVIDER.iter().any(|own| path.starts_with(own)));
    assert!(!is_of_service || bare != with, "{:?} show nowhere in the account", case.paths);
    match removals[0] {
        Removal::Kept => assert_eq!(with, after, "{:?} are not kept", case.paths),
        _ => assert_eq!(bare, after, "{:?} do not come back", case.paths),
    }
}

/// Fails for arguments without a case, and cases without an argument.
fn check_completeness(cases: &[Case], declared: &[(String, Removal)]) {
    let needs_another = |removal: &Removal| matches!(removal, Removal::NeedsAnother(_));
    let declared: BTreeSet<_> = declared
        .iter()
        .filter(|(_, removal)| !needs_another(removal))
        .map(|(path, _)| path.as_str())
        .collect();
    let played: BTreeSet<_> = cases.iter().flat_map(|case| case.paths).chain(&ELSEWHERE).copied().collect();
    let missing: Vec<_> = declared.difference(&played).collect();
    let unknown: Vec<_> = played.difference(&declared).filter(|path| !ELSEWHERE.contains(path)).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}; unknown: {unknown:?}");
}

async fn play(engine: &str, origin: &Workspace, cases: &[Case]) {
    let declared = removals(&attributes(), "", engine);
    check_completeness(cases, &declared);
    for case in cases {
        check(origin, engine, case, &declared).await;
    }
}

/// Cases that mean the same with both engines.
fn shared_cases(workspace: &Workspace) -> Vec<Case> {
    let container = |members: Json| json!({ "primary_container": members });
    vec![
        case(&["primary_container.container_port"], container(json!({ "container_port": 8080 }))),
        case(&["primary_container.command"], container(json!({ "command": ["serve"] }))),
        case(&["primary_container.environment"], container(json!({ "environment": { "A": "1" } }))),
        case(&["primary_container.secrets"], container(json!({ "secrets": { "B": SECRET } }))),
        case(
            &["primary_container.repository_credentials"],
            container(json!({ "repository_credentials": { "credentials_parameter": SECRET } })),
        ),
        case(
            &["primary_container.aws_logs_configuration.log_group"],
            container(json!({ "aws_logs_configuration": { "log_group": "/own" } })),
        ),
        case(&["cpu"], json!({ "cpu": "512" })),
        case(&["memory"], json!({ "memory": "4096" })),
        case(&["cpu_architecture"], json!({ "cpu_architecture": "ARM64" })),
        case(&["health_check_path"], json!({ "health_check_path": "/healthz" })),
        case(
            &["network_configuration.security_groups"],
            json!({ "network_configuration": {
                "security_groups": [default_security_group_id(&workspace.sandbox)] } }),
        ),
        case(
            &["network_configuration.subnets"],
            json!({ "network_configuration": { "subnets": list_subnet_ids(&workspace.sandbox)[..2] } }),
        ),
        case(&["scaling_target.min_task_count"], json!({ "scaling_target": { "min_task_count": 2 } })),
        case(&["scaling_target.max_task_count"], json!({ "scaling_target": { "max_task_count": 5 } })),
        case(
            &["scaling_target.auto_scaling_metric"],
            json!({ "scaling_target": { "auto_scaling_metric": "AVERAGE_MEMORY" } }),
        ),
        case(
            &["scaling_target.auto_scaling_target_value"],
            json!({ "scaling_target": { "auto_scaling_target_value": 50 } }),
        ),
        case(&["tags"], json!({ "tags": { "team": "a" } })),
        case(&["image_source"], json!({ "image_source": "live" })),
        case(&["delete_logs_on_destroy"], json!({ "delete_logs_on_destroy": true })),
        case(&["timeouts", "timeouts.create"], json!({ "timeouts": { "create": "31m" } })),
        case(
            &["timeouts.update", "timeouts.delete"],
            json!({ "timeouts": { "update": "61m", "delete": "41m" } }),
        ),
    ]
}

async fn origin(engine: &str) -> Workspace {
    let mut origin = Workspace::new().await;
    call(&origin.sandbox, Service::Logs, "CreateLogGroup", json!({ "logGroupName": "/own" }));
    let cluster = json!({ "clusterName": "default", "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
    call(&origin.sandbox, Service::Ecs, "CreateCluster", cluster);
    applied(&mut origin, &base(engine)).await;
    origin
}

#[tokio::test]
async fn every_argument_of_the_managed_engine_is_removed_as_it_is_declared() {
    let origin = origin(MANAGED).await;
    let mut cases = shared_cases(&origin);
    // Express Mode keeps the group, and the prefix goes back within it.
    cases.push(case(
        &["primary_container.aws_logs_configuration.log_stream_prefix"],
        json!({ "primary_container": {
            "aws_logs_configuration": { "log_group": "/own", "log_stream_prefix": "web" } } }),
    ));
    play(MANAGED, &origin, &cases).await;
}

fn deployment(members: &Json) -> Json {
    json!({ "deployment_configuration": members })
}

fn deployment_cases() -> Vec<Case> {
    let linear = |mut members: Json| {
        members["strategy"] = json!("LINEAR");
        deployment(&members)
    };
    vec![
        case(&["deployment_configuration.strategy"], deployment(&json!({ "strategy": "BLUE_GREEN" }))),
        case(&["deployment_configuration.bake_time_minutes"], deployment(&json!({ "bake_time_minutes": 1 }))),
        case(&["deployment_configuration.canary_percent"], deployment(&json!({ "canary_percent": 12.5 }))),
        case(
            &["deployment_configuration.canary_bake_time_minutes"],
            deployment(&json!({ "canary_bake_time_minutes": 1 })),
        ),
        case(&["deployment_configuration.linear_step_percent"], linear(json!({ "linear_step_percent": 50 }))),
        case(
            &["deployment_configuration.linear_step_bake_time_minutes"],
            linear(json!({ "linear_step_bake_time_minutes": 1 })),
        ),
        case(
            &["deployment_configuration.alarm.enable"],
            deployment(&json!({ "alarm": { "enable": false } })),
        ),
        case(
            &["deployment_configuration.alarm.threshold_percent"],
            deployment(&json!({ "alarm": { "threshold_percent": 5 } })),
        ),
        case(
            &["deployment_configuration.alarm.include_4xx"],
            deployment(&json!({ "alarm": { "include_4xx": true } })),
        ),
        case(
            &["deployment_configuration.circuit_breaker.enable"],
            deployment(&json!({ "circuit_breaker": { "enable": false } })),
        ),
        case(
            &["deployment_configuration.circuit_breaker.rollback"],
            deployment(&json!({ "circuit_breaker": { "rollback": false } })),
        ),
        case(
            &["deployment_configuration.maximum_percent"],
            deployment(&json!({ "strategy": "ROLLING", "maximum_percent": 150 })),
        ),
        case(
            &["deployment_configuration.minimum_healthy_percent"],
            deployment(&json!({ "strategy": "ROLLING", "minimum_healthy_percent": 50 })),
        ),
        case(
            &["deployment_configuration"],
            deployment(
                &json!({ "strategy": "ROLLING", "maximum_percent": 100, "minimum_healthy_percent": 0 }),
            ),
        ),
        case(
            &["deployment_configuration"],
            deployment(
                &json!({ "strategy": "LINEAR", "linear_step_percent": 20, "alarm": { "enable": false } }),
            ),
        ),
    ]
}

fn serving_cases() -> Vec<Case> {
    let check = |members: Json| json!({ "health_check": members });
    vec![
        case(&["health_check.interval_seconds"], check(json!({ "interval_seconds": 10 }))),
        case(&["health_check.timeout_seconds"], check(json!({ "timeout_seconds": 7 }))),
        case(&["health_check.healthy_threshold"], check(json!({ "healthy_threshold": 3 }))),
        case(&["health_check.unhealthy_threshold"], check(json!({ "unhealthy_threshold": 4 }))),
        case(&["health_check.matcher"], check(json!({ "matcher": "200-299" }))),
        case(&["health_check.grace_period_seconds"], check(json!({ "grace_period_seconds": 60 }))),
        case(&["health_check"], check(json!({ "interval_seconds": 10, "matcher": "200-299" }))),
        case(&["deregistration_delay_seconds"], json!({ "deregistration_delay_seconds": 60 })),
        case(&["assign_public_ip"], json!({ "assign_public_ip": false })),
        case(&["capacity_provider"], json!({ "capacity_provider": "FARGATE_SPOT" })),
        case(&["ephemeral_storage_gib"], json!({ "ephemeral_storage_gib": 30 })),
        case(
            &["enable_execute_command", "task_role_arn"],
            json!({ "enable_execute_command": true, "task_role_arn": "arn:aws:iam::123456789012:role/task" }),
        ),
        case(&["log_retention_days"], json!({ "log_retention_days": 30 })),
    ]
}

fn main_cases() -> Vec<Case> {
    let main = |members: Json| json!({ "primary_container": members });
    let check = json!({ "command": ["CMD-SHELL", "exit 0"], "interval_seconds": 10, "timeout_seconds": 2,
        "retries": 2, "start_period_seconds": 9 });
    vec![
        case(&["primary_container.entry_point"], main(json!({ "entry_point": ["/entry"] }))),
        case(&["primary_container.user"], main(json!({ "user": "1000:1000" }))),
        case(&["primary_container.health_check"], main(json!({ "health_check": check }))),
        case(
            &[
                "primary_container.health_check.interval_seconds",
                "primary_container.health_check.timeout_seconds",
                "primary_container.health_check.retries",
                "primary_container.health_check.start_period_seconds",
            ],
            main(json!({ "health_check": check })),
        ),
        case(&["primary_container.stop_timeout_seconds"], main(json!({ "stop_timeout_seconds": 120 }))),
        case(&["primary_container.init_process"], main(json!({ "init_process": false }))),
        case(
            &["primary_container.readonly_root_filesystem"],
            main(json!({ "readonly_root_filesystem": true })),
        ),
    ]
}

fn router() -> Json {
    json!({ "image": "router:1", "firelens_configuration": { "type": "fluentbit" } })
}

/// A sidecar with every argument.
fn agent() -> Json {
    json!({
        "image": "agent:1", "essential": false, "command": ["serve"], "entry_point": ["/agent"],
        "user": "1000", "environment": { "A": "1" }, "secrets": { "B": SECRET },
        "cpu": 64, "memory_mib": 128, "memory_reservation_mib": 64, "stop_timeout_seconds": 60,
        "port_mappings": [{ "container_port": 9000, "protocol": "udp" }],
        "depends_on": { "router": "START" },
        "repository_credentials": { "credentials_parameter": SECRET },
        "log_configuration": { "log_driver": "awsfirelens" },
        "health_check": {
            "command": ["CMD-SHELL", "exit 0"], "interval_seconds": 10, "timeout_seconds": 2, "retries": 2,
            "start_period_seconds": 9,
        },
    })
}

fn container_cases() -> Vec<Case> {
    let (router, agent) = (router(), agent());
    let firelens = json!({ "log_driver": "awsfirelens", "options": { "Name": "null" },
        "secret_options": { "key": SECRET } });
    vec![
        case(
            &["primary_container.log_configuration", "primary_container.depends_on", "sidecars"],
            json!({
                "primary_container": { "log_configuration": firelens, "depends_on": { "router": "START" } },
                "sidecars": { "router": router },
            }),
        ),
        case(
            &[
                "primary_container.log_configuration.options",
                "primary_container.log_configuration.secret_options",
            ],
            json!({ "primary_container": { "log_configuration": firelens }, "sidecars": { "router": router } }),
        ),
        case(
            &["sidecars.agent.firelens_configuration.options"],
            json!({ "sidecars": { "agent": { "image": "router:1", "firelens_configuration": {
                "type": "fluentbit", "options": { "enable-ecs-log-metadata": "false" } } } } }),
        ),
        case(&["sidecars.agent.firelens_configuration"], json!({ "sidecars": { "agent": router } })),
        case(
            &["sidecars.agent.log_configuration.options", "sidecars.agent.log_configuration.secret_options"],
            json!({ "sidecars": { "router": router, "agent": {
                "image": "agent:1", "log_configuration": firelens } } }),
        ),
        case(
            &[
                "sidecars.agent.health_check.interval_seconds",
                "sidecars.agent.health_check.timeout_seconds",
                "sidecars.agent.health_check.retries",
                "sidecars.agent.health_check.start_period_seconds",
                "sidecars.agent.port_mappings.protocol",
            ],
            json!({ "sidecars": { "router": router, "agent": agent } }),
        ),
        case(
            &[
                "sidecars.agent.essential",
                "sidecars.agent.command",
                "sidecars.agent.entry_point",
                "sidecars.agent.user",
                "sidecars.agent.environment",
                "sidecars.agent.secrets",
                "sidecars.agent.cpu",
                "sidecars.agent.memory_mib",
                "sidecars.agent.memory_reservation_mib",
                "sidecars.agent.stop_timeout_seconds",
                "sidecars.agent.port_mappings",
                "sidecars.agent.depends_on",
                "sidecars.agent.repository_credentials",
                "sidecars.agent.log_configuration",
                "sidecars.agent.health_check",
            ],
            json!({ "sidecars": { "router": router, "agent": agent } }),
        ),
        case(
            &["primary_container.aws_logs_configuration.log_stream_prefix"],
            json!({ "primary_container": {
                "aws_logs_configuration": { "log_group": "/own", "log_stream_prefix": "web" } } }),
        ),
    ]
}

/// Certificates are made for the whole test: of the names that the cases have.
fn placement_cases(workspace: &Workspace) -> Vec<Case> {
    let visibility =
        json!({ "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m" });
    let input = json!({
        "Name": "acl", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} }, "VisibilityConfig": visibility,
    });
    let acl = call(&workspace.sandbox, Service::Wafv2, "CreateWebACL", input)["Summary"]["ARN"].take();
    let domain = |members: Json| json!({ "domain": members });
    let balancer = |members: Json| json!({ "load_balancer": members });
    vec![
        case(&["domain"], domain(json!({ "hosted_zone": "example.com" }))),
        case(
            &["domain.hostname"],
            domain(json!({ "hosted_zone": "example.com", "hostname": "www.example.com" })),
        ),
        case(
            &["domain.additional_hostnames"],
            domain(json!({ "hosted_zone": "example.com", "additional_hostnames": ["b.example.com"] })),
        ),
        case(&["web_acl_arn"], json!({ "web_acl_arn": acl })),
        case(&["load_balancer"], balancer(json!({ "scheme": "internal" }))),
        case(&["load_balancer.scheme"], balancer(json!({ "scheme": "internal", "pool": "edge" }))),
        case(&["load_balancer.pool"], balancer(json!({ "pool": "edge", "scheme": "internal" }))),
        case(
            &["load_balancer.access_logs"],
            balancer(json!({ "pool": "edge", "access_logs": { "bucket": "logs" } })),
        ),
        case(
            &["load_balancer.access_logs.prefix"],
            balancer(json!({ "access_logs": { "bucket": "logs", "prefix": "web" } })),
        ),
    ]
}

#[tokio::test]
async fn every_argument_of_the_composed_engine_is_removed_as_it_is_declared() {
    let origin = origin(COMPOSED).await;
    let mut cases = shared_cases(&origin);
    cases.extend(deployment_cases());
    cases.extend(serving_cases());
    cases.extend(main_cases());
    cases.extend(container_cases());
    cases.extend(placement_cases(&origin));
    play(COMPOSED, &origin, &cases).await;
}

#[tokio::test]
async fn the_names_of_a_service_may_be_left_out_later() {
    for engine in [MANAGED, COMPOSED] {
        let mut workspace = Workspace::new().await;
        let named = merged(&base(engine), &json!({ "cluster": "default" }));
        workspace.applied("app", &named).await;
        for name in ["engine", "service_name", "cluster"] {
            let config = without(&named, name);
            assert_eq!(workspace.applied("app", &config).await, Action::Nothing, "{engine} {name}");
        }
    }
}

#[tokio::test]
async fn what_needs_another_argument_in_its_place_is_refused_without_it() {
    let workspace = Workspace::new().await;
    for name in ["execution_role_arn", "primary_container"] {
        let diagnostics = workspace.validate(&without(&base(MANAGED), name));
        assert!(diagnostics.has_errors(), "{name}");
    }
}
