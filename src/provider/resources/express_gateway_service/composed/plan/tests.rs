//! Plans of the composed engine, and that what an engine reports of them is never a difference.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::framework::Value;
use crate::framework::core_rules::{apply_violations, plan_violations};
use crate::framework::plan::plan_change;
use crate::framework::value::json::adapt;
use crate::provider::resources::express_gateway_service::expand::expand_configuration;
use crate::provider::resources::express_gateway_service::{TagPolicy, flatten, schema};
use crate::service::{IngressPath, LogsConfiguration, ObservedService, ServiceStatus};

fn config(members: &Json) -> Value {
    let mut config = json!({
        "engine": "composed",
        "service_name": "api",
        "primary_container": { "image": "api:1" },
        "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
        "infrastructure_role_arn": "arn:aws:iam::123456789012:role/infrastructure",
    });
    for (name, value) in members.as_object().expect("an object") {
        config[name] = value.clone();
    }
    adapt(&config, &schema().r#type()).expect("a configuration")
}

fn model(value: &Value) -> ServiceModel {
    ServiceModel::from_value(value, &Path::default()).expect("the schema's shape")
}

/// The plan by the schema, then by the composed engine's rules. It keeps core's own.
#[track_caller]
fn plan(members: &Json, prior: Option<&ServiceModel>, zone: &Attr<String>) -> ServiceModel {
    let config = config(members);
    let prior_value = prior.map_or(Value::Null, Model::to_value);
    let planned = plan_change(&schema().members(), &config, &prior_value);
    let mut plan = Plan {
        config: model(&config),
        prior: prior.cloned(),
        planned: model(&planned),
        requires_replace: Vec::new(),
        replaces_live: prior.is_some(),
        private: Vec::new(),
    };
    plan_settings(&mut plan, zone);
    let violations = plan_violations(&schema().members(), &prior_value, &config, &plan.planned.to_value());
    assert_eq!(violations, [], "{members}");
    plan.planned
}

/// What an engine reports once it has made what the plan promises.
fn observed(planned: &ServiceModel) -> ObservedService {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/default/api".parse().expect("valid");
    let mut configuration = expand_configuration(planned).with_composed_defaults();
    // The provider's own log group is no wish of the user's, so only the engine's answer has it.
    let logs =
        planned.primary_container.known().and_then(|container| container.aws_logs_configuration.known());
    if let (Some(container), Some(logs)) = (&mut configuration.primary_container, logs) {
        container.aws_logs_configuration = Some(LogsConfiguration {
            log_group: logs.log_group.cloned().unwrap_or_else(|| "/aws/ecs/default/api-1a2b".to_owned()),
            log_stream_prefix: logs.log_stream_prefix.cloned().unwrap_or_else(|| "ecs".to_owned()),
        });
    }
    let settings = &mut configuration.composed;
    settings.assign_public_ip = settings.assign_public_ip.or(Some(true));
    if settings.domain.hosted_zone.is_some() || settings.domain.hostname.is_some() {
        let found = settings.domain.hostname_in_zone("api", "found.example.com");
        settings.domain.hostname = Some(found);
        settings.domain.hosted_zone = Some("Z0FOUND".to_owned());
    }
    let hostname = settings.domain.hostname.clone().unwrap_or_else(|| "xp-1.elb.amazonaws.com".to_owned());
    ObservedService {
        configuration,
        ingress_paths: vec![IngressPath::new("PUBLIC", &hostname)],
        ..ObservedService::gone(arn, ServiceStatus::Active)
    }
}

/// Plans, applies and plans again: core accepts the result, and the second plan changes none of the settings.
#[track_caller]
fn settle(members: &Json, prior: Option<&ServiceModel>, zone: &Attr<String>) -> ServiceModel {
    let planned = plan(members, prior, zone);
    let state = flatten(&observed(&planned), &planned, &TagPolicy::default());
    let (planned, actual) = (planned.to_value(), state.to_value());
    let ours = |violation: &crate::framework::core_rules::Violation| {
        // The fake engine reports no infrastructure and no task definition.
        let path = violation.path.to_string();
        !["deployment", "service_revision", "task_definition"].iter().any(|other| path.starts_with(other))
    };
    let violations: Vec<_> = apply_violations(&planned, &actual).into_iter().filter(ours).collect();
    assert_eq!(violations, [], "{members}");
    let again = plan(members, Some(&state), zone).to_value();
    let (Value::Object(again), Value::Object(actual)) = (again, actual) else { panic!("objects") };
    for (name, value) in &actual {
        assert_eq!(&again[name], value, "{name} of {members}");
    }
    state
}

const NO_ZONE: Attr<String> = Attr::Null;

fn zone() -> Attr<String> {
    Attr::Known("example.com".to_owned())
}

fn known<T: Clone>(attribute: &Attr<T>) -> T {
    attribute.cloned().expect("known")
}

#[test]
fn every_argument_settles_alone() {
    let sidecar = json!({ "image": "log:1", "firelens_configuration": { "type": "fluentbit" } });
    let cases = [
        json!({}),
        json!({ "domain": { "hostname": "www.example.com" } }),
        json!({ "domain": { "hosted_zone": "example.com" } }),
        json!({ "domain": { "hosted_zone": "Z0123", "additional_hostnames": ["a.example.com"] } }),
        json!({ "domain": { "hosted_zone": "example.com", "additional_hostnames": [] } }),
        json!({ "domain": { "hosted_zone": "example.com" },
                "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/1" }),
        json!({ "deployment_configuration": { "strategy": "LINEAR", "linear_step_percent": 12.5 } }),
        json!({ "deployment_configuration": { "strategy": "ROLLING" } }),
        json!({ "deployment_configuration": {
            "strategy": "ROLLING", "maximum_percent": 100, "minimum_healthy_percent": 0 } }),
        json!({ "deployment_configuration": { "strategy": "BLUE_GREEN", "bake_time_minutes": 0 } }),
        json!({ "deployment_configuration": { "canary_percent": 0.1, "alarm": { "include_4xx": true } } }),
        json!({ "deployment_configuration": { "circuit_breaker": { "rollback": false } } }),
        json!({ "health_check": { "interval_seconds": 10, "matcher": "200-399" } }),
        json!({ "deregistration_delay_seconds": 0 }),
        json!({ "assign_public_ip": false }),
        json!({ "capacity_provider": "FARGATE_SPOT" }),
        json!({ "ephemeral_storage_gib": 21 }),
        json!({ "enable_execute_command": true }),
        json!({ "web_acl_arn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b" }),
        json!({ "sidecars": {} }),
        json!({ "sidecars": { "log_router": sidecar } }),
        json!({ "sidecars": { "agent": { "image": "a", "essential": false, "environment": {}, "command": [],
                "port_mappings": [{ "container_port": 9000 }], "depends_on": { "Main": "START" },
                "health_check": { "command": ["CMD-SHELL", "exit 0"] },
                "log_configuration": { "log_driver": "splunk", "options": {} } } } }),
        json!({ "primary_container": { "image": "api:1",
                "log_configuration": { "log_driver": "awsfirelens", "options": { "Name": "http" } },
                "depends_on": { "log_router": "START" } }, "sidecars": { "log_router": sidecar } }),
        json!({ "load_balancer": { "scheme": "internal" } }),
        json!({ "load_balancer": { "subnets": ["subnet-1", "subnet-2"], "pool": "edge",
                "access_logs": { "bucket": "logs" } } }),
        json!({ "log_retention_days": 30 }),
    ];
    for members in &cases {
        for zone in [NO_ZONE, zone()] {
            let state = settle(members, None, &zone);
            settle(&json!({}), Some(&state), &zone);
        }
    }
}

#[test]
fn defaults_are_known_when_a_service_is_planned() {
    let planned = plan(&json!({ "health_check": { "interval_seconds": 10 } }), None, &NO_ZONE);
    let check = known(&planned.health_check);
    assert_eq!((check.interval_seconds, check.timeout_seconds), (Attr::Known(10), Attr::Known(5)));
    let deployment = known(&planned.deployment_configuration);
    assert_eq!(deployment.strategy, Attr::Known("CANARY".to_owned()));
    assert_eq!(deployment.linear_step_percent, Attr::Null);
    assert_eq!(planned.assign_public_ip, Attr::Unknown);
    assert_eq!(planned.domain, Attr::Null);
}

#[test]
fn another_strategy_brings_its_own_pace() {
    let canary = settle(&json!({ "deployment_configuration": { "canary_percent": 20 } }), None, &NO_ZONE);
    let linear = json!({ "deployment_configuration": { "strategy": "LINEAR" } });
    let planned = known(&plan(&linear, Some(&canary), &NO_ZONE).deployment_configuration);
    assert_eq!((planned.canary_percent, planned.canary_bake_time_minutes), (Attr::Null, Attr::Null));
    assert_eq!(planned.linear_step_bake_time_minutes, Attr::Known(6));
    assert_eq!(planned.bake_time_minutes, Attr::Known(3));
}

#[test]
fn a_strategy_that_is_not_known_leaves_its_pace_open() {
    let mut config = config(&json!({}));
    let deployment = DeploymentConfigurationModel {
        strategy: Attr::Unknown,
        bake_time_minutes: Attr::Null,
        canary_percent: Attr::Null,
        canary_bake_time_minutes: Attr::Null,
        linear_step_percent: Attr::Null,
        linear_step_bake_time_minutes: Attr::Null,
        maximum_percent: Attr::Null,
        minimum_healthy_percent: Attr::Null,
        alarm: Attr::Null,
        circuit_breaker: Attr::Null,
    };
    if let Value::Object(members) = &mut config {
        members.insert("deployment_configuration".to_owned(), deployment.to_value());
    }
    let planned = plan_change(&schema().members(), &config, &Value::Null);
    let mut plan = Plan {
        config: model(&config),
        prior: None,
        planned: model(&planned),
        requires_replace: Vec::new(),
        replaces_live: false,
        private: Vec::new(),
    };
    plan_settings(&mut plan, &NO_ZONE);
    assert_eq!(known(&plan.planned.deployment_configuration).canary_percent, Attr::Unknown);
}

#[test]
fn the_address_on_a_domain_is_known_before_anything_is_made() {
    let planned = plan(&json!({}), None, &zone());
    assert_eq!(planned.url, Attr::Known("https://api.example.com".to_owned()));
    assert_eq!(known(&known(&planned.domain).hosted_zone), "example.com");
    let own = json!({ "domain": { "hostname": "www.example.com" } });
    assert_eq!(plan(&own, None, &zone()).hostname, Attr::Known("www.example.com".to_owned()));
    assert_eq!(plan(&json!({}), None, &Attr::Unknown).url, Attr::Unknown);
    assert_eq!(plan(&json!({ "domain": { "hosted_zone": "Z0123" } }), None, &NO_ZONE).url, Attr::Unknown);
}

#[test]
fn a_zone_by_id_keeps_the_host_name_that_was_found() {
    let members = json!({ "domain": { "hosted_zone": "Z0123" } });
    let state = settle(&members, None, &NO_ZONE);
    assert_eq!(known(&state.hostname), "api.found.example.com");
    let changed = json!({ "domain": { "hosted_zone": "Z0999" } });
    assert_eq!(plan(&changed, Some(&state), &NO_ZONE).hostname, Attr::Unknown);
}

#[test]
fn what_a_change_makes_anew_is_open_and_nothing_else() {
    let domain = json!({ "domain": { "hosted_zone": "example.com" } });
    let state = settle(&domain, None, &NO_ZONE);
    let open = |members: &Json| {
        let planned = plan(members, Some(&state), &NO_ZONE);
        let infrastructure = known(&planned.infrastructure);
        (infrastructure.certificate_arn.is_unknown(), infrastructure.load_balancer_arn.is_unknown())
    };
    let with = |name: &str, value: Json| {
        let mut members = domain.clone();
        members[name] = value;
        members
    };
    assert_eq!(open(&with("log_retention_days", json!(30))), (false, false));
    assert_eq!(open(&with("domain", json!({ "hostname": "b.example.com" }))), (true, false));
    assert_eq!(open(&with("load_balancer", json!({ "scheme": "internal" }))), (true, true));
    assert_eq!(
        open(&json!({})),
        (true, true),
        "without a domain, the service leaves the shared load balancer"
    );
}

#[test]
fn a_sidecar_that_was_changed_or_taken_out_by_hand_is_a_difference_and_one_of_others_is_none() {
    let members = json!({ "sidecars": { "a": { "image": "a:1" }, "b": { "image": "b:1", "cpu": 64 } } });
    let state = settle(&members, None, &NO_ZONE);
    let mut live = observed(&state);
    let sidecars = live.configuration.composed.sidecars.as_mut().expect("sidecars");
    let foreign = sidecars.remove("a").expect("a sidecar");
    sidecars.insert("foreign".to_owned(), foreign);
    sidecars.get_mut("b").expect("a sidecar").image = "b:2".to_owned();
    let refreshed = flatten(&live, &state, &TagPolicy::default());
    let shown = known(&refreshed.sidecars);
    assert_eq!(shown.keys().collect::<Vec<_>>(), ["b"]);
    let (b, planned) = (known(&shown["b"]), plan(&members, Some(&refreshed), &NO_ZONE));
    assert_eq!((b.image, b.cpu, b.user), (Attr::Known("b:2".to_owned()), Attr::Known(64), Attr::Null));
    assert_eq!(planned.sidecars, state.sidecars);
}

#[test]
fn the_managed_engine_leaves_nothing_open() {
    let config = config(&json!({ "engine": "managed" }));
    let mut planned = model(&plan_change(&schema().members(), &config, &Value::Null));
    leave_out(&mut planned);
    let names: BTreeMap<_, _> =
        super::super::members().iter().map(|member| (member.name, planned.to_value())).collect();
    for (name, planned) in names {
        assert_eq!(planned.member(name), Some(&Value::Null), "{name}");
    }
}

#[test]
fn a_variable_that_others_added_is_no_difference_and_one_that_they_took_is() {
    let members = json!({
        "primary_container": { "image": "api:1", "environment": { "A": "1", "B": "2" } },
        "sidecars": { "agent": { "image": "a", "environment": { "C": "3" } } },
    });
    let state = settle(&members, None, &NO_ZONE);
    let mut live = observed(&state);
    let container = live.configuration.primary_container.as_mut().expect("a container");
    container.environment = Some(BTreeMap::from([("A".into(), "1".into()), ("X".into(), "9".into())]));
    let sidecars = live.configuration.composed.sidecars.as_mut().expect("sidecars");
    let agent = sidecars.get_mut("agent").expect("a sidecar").environment.as_mut().expect("variables");
    agent.insert("X".into(), "9".into());
    let refreshed = flatten(&live, &state, &TagPolicy::default());
    let environment = known(&known(&refreshed.primary_container).environment);
    assert_eq!(environment, BTreeMap::from([("A".to_owned(), Attr::Known("1".to_owned()))]));
    assert_eq!(refreshed.sidecars, state.sidecars);
}
