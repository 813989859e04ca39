//! One case for each refusal, and that what is right passes.

use serde_json::{Value as Json, json};

use super::*;
use crate::framework::value::json::adapt;
use crate::framework::{Model, Value};
use crate::provider::resources::express_gateway_service::schema;

fn model(members: &Json) -> ServiceModel {
    let mut config = json!({
        "service_name": "api",
        "primary_container": { "image": "api:1", "container_port": 80 },
        "cpu": "256",
        "memory": "512",
    });
    for (name, value) in members.as_object().expect("an object") {
        config[name] = value.clone();
    }
    let config: Value = adapt(&config, &schema().r#type()).expect("a configuration");
    ServiceModel::from_value(&config, &Path::default()).expect("the schema's shape")
}

#[track_caller]
fn refused(members: &Json, path: &str, detail: &str) {
    let problems = check(&model(members));
    let found: Vec<_> = problems
        .iter()
        .map(|problem| {
            let path = problem.path.as_ref().map(ToString::to_string).unwrap_or_default();
            (path, problem.detail.clone())
        })
        .collect();
    assert_eq!(found, [(path.to_owned(), detail.to_owned())], "{members}");
}

#[track_caller]
fn passes(members: &Json) {
    assert_eq!(check(&model(members)), [], "{members}");
}

#[test]
fn a_host_name_fits_its_zone_its_certificate_and_dns() {
    let domain = |domain: Json| json!({ "domain": domain });
    passes(&domain(json!({ "hosted_zone": "example.com", "hostname": "example.com" })));
    passes(&domain(json!({ "hosted_zone": "Z0123", "hostname": "a.b.example.org" })));
    refused(
        &domain(json!({ "hosted_zone": "example.com", "hostname": "api.badexample.com" })),
        "domain.hostname",
        "\"api.badexample.com\" does not end in `.example.com`, so the zone cannot hold its records.",
    );
    refused(
        &domain(json!({ "hosted_zone": "example.com", "additional_hostnames": ["x.example.org"] })),
        "domain.additional_hostnames",
        "\"x.example.org\" does not end in `.example.com`, so the zone cannot hold its records.",
    );
    let long = format!("{}.{}.example.com", "a".repeat(40), "b".repeat(20));
    refused(
        &domain(json!({ "hosted_zone": "example.com", "hostname": long })),
        "domain.hostname",
        &format!("{long:?} has 73 characters; 64 are allowed."),
    );
    let arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1";
    passes(&json!({ "certificate_arn": arn, "domain": { "hosted_zone": "example.com", "hostname": long } }));
}

#[test]
fn a_service_name_that_makes_no_host_name_is_refused_unless_a_host_name_is_given() {
    let domain = json!({ "hosted_zone": "example.com" });
    refused(
        &json!({ "service_name": "my_api", "domain": domain }),
        "domain.hostname",
        "The host name would begin with the service name, but \"my_api\" has an underscore, which a host name cannot \
         have.",
    );
    let name = "a".repeat(64);
    refused(
        &json!({ "service_name": name, "domain": domain }),
        "domain.hostname",
        &format!(
            "The host name would begin with the service name, but {name:?} has 64 characters; a label of a host name has \
             63 at most."
        ),
    );
    passes(&json!({ "service_name": "my_api", "domain": { "hostname": "my-api.example.com" } }));
    passes(&json!({ "service_name": "my_api" }));
}

#[test]
fn a_strategy_takes_its_own_pace_only() {
    let deployment = |deployment: Json| json!({ "deployment_configuration": deployment });
    passes(&deployment(json!({ "canary_percent": 5 })));
    passes(&deployment(json!({ "strategy": "LINEAR", "linear_step_percent": 5, "bake_time_minutes": 0 })));
    passes(&deployment(json!({ "strategy": "ROLLING", "alarm": { "enable": false } })));
    let path = |member: &str| format!("deployment_configuration.{member}");
    refused(
        &deployment(json!({ "strategy": "LINEAR", "canary_percent": 5 })),
        &path("canary_percent"),
        "Only CANARY deployments have it.",
    );
    refused(
        &deployment(json!({ "linear_step_bake_time_minutes": 5 })),
        &path("linear_step_bake_time_minutes"),
        "Only LINEAR deployments have it.",
    );
    refused(
        &deployment(json!({ "strategy": "ROLLING", "bake_time_minutes": 5 })),
        &path("bake_time_minutes"),
        "A rolling deployment replaces task by task; there is no second revision to bake beside.",
    );
}

#[test]
fn a_health_check_ends_before_the_next_one() {
    passes(&json!({ "health_check": { "interval_seconds": 10, "timeout_seconds": 9 } }));
    refused(
        &json!({ "health_check": { "interval_seconds": 10, "timeout_seconds": 10 } }),
        "health_check.timeout_seconds",
        "`timeout_seconds` is 10 and `interval_seconds` is 10; the timeout must be less.",
    );
}

#[test]
fn sidecars_fit_into_the_task_and_into_its_network() {
    let sidecars = |sidecars: Json| json!({ "sidecars": sidecars });
    passes(&sidecars(json!({ "a": { "image": "a", "cpu": 128, "memory_reservation_mib": 512 } })));
    refused(
        &sidecars(json!({ "a": { "image": "a", "cpu": 128 }, "b": { "image": "b", "cpu": 129 } })),
        "sidecars",
        "In sum, the containers reserve 257 CPU units, but the task has 256.",
    );
    refused(
        &sidecars(json!({ "a": { "image": "a", "memory_mib": 64, "memory_reservation_mib": 65 } })),
        "sidecars[\"a\"].memory_reservation_mib",
        "`memory_reservation_mib` is 65 and `memory_mib` is 64.",
    );
    refused(
        &sidecars(json!({ "a": { "image": "a", "port_mappings": [{ "container_port": 80 }] } })),
        "sidecars[\"a\"].port_mappings",
        "Containers of a task share its network, and `Main` already listens on that port.",
    );
    passes(&sidecars(
        json!({ "a": { "image": "a", "port_mappings": [{ "container_port": 80, "protocol": "udp" }] } }),
    ));
    refused(
        &sidecars(json!({ "a": { "image": "a", "environment": { "A": "1" }, "secrets": { "A": "s" } } })),
        "sidecars[\"a\"].secrets[\"A\"]",
        "A variable has one value; ECS refuses the same name twice.",
    );
}

#[test]
fn a_container_waits_for_what_can_happen() {
    let agent = |agent: Json| {
        json!({ "primary_container": { "image": "i", "depends_on": { "agent": "HEALTHY" } },
                "sidecars": { "agent": agent } })
    };
    passes(&agent(json!({ "image": "a", "health_check": { "command": ["CMD-SHELL", "true"] } })));
    let path = "primary_container.depends_on[\"agent\"]";
    refused(
        &agent(json!({ "image": "a" })),
        path,
        "It should be HEALTHY, but `agent` has no `health_check`, so it never becomes HEALTHY.",
    );
    let waits = |on: Json| json!({ "sidecars": { "a": { "image": "a", "depends_on": on } } });
    passes(&waits(json!({ "Main": "START" })));
    refused(
        &waits(json!({ "b": "START" })),
        "sidecars[\"a\"].depends_on[\"b\"]",
        "It should be START, but there is no container `b`.",
    );
    refused(
        &waits(json!({ "Main": "HEALTHY" })),
        "sidecars[\"a\"].depends_on[\"Main\"]",
        "It should be HEALTHY, but of `Main`, only START can be waited for, and HEALTHY if `primary_container.health_check` \
         is set.",
    );
    let migrate = |essential: bool| {
        json!({ "primary_container": { "image": "i", "depends_on": { "migrate": "SUCCESS" } },
                "sidecars": { "migrate": { "image": "m", "essential": essential } } })
    };
    passes(&migrate(false));
    refused(
        &migrate(true),
        "primary_container.depends_on[\"migrate\"]",
        "It should be SUCCESS, but `migrate` is essential, so the task would end with it.",
    );
}

#[test]
fn containers_that_wait_for_each_other_never_start() {
    refused(
        &json!({ "sidecars": {
            "a": { "image": "a", "depends_on": { "b": "START" } },
            "b": { "image": "b", "depends_on": { "c": "START" } },
            "c": { "image": "c", "depends_on": { "a": "START" } },
        }}),
        "sidecars[\"a\"].depends_on",
        "`a` waits for a container that waits, by itself or through others, for `a`.",
    );
}

#[test]
fn a_shipped_log_needs_one_router() {
    let shipped = json!({ "image": "i", "log_configuration": { "log_driver": "awsfirelens" } });
    let router = json!({ "image": "r", "firelens_configuration": { "type": "fluentbit" } });
    passes(&json!({ "primary_container": shipped, "sidecars": { "log_router": router } }));
    refused(
        &json!({ "primary_container": shipped }),
        "primary_container.log_configuration.log_driver",
        "It hands the log to a container with a `firelens_configuration`, and none of the `sidecars` has one.",
    );
    refused(
        &json!({ "sidecars": { "a": router, "b": router } }),
        "sidecars",
        "`a` and `b` have a `firelens_configuration`.",
    );
    refused(
        &json!({ "primary_container": { "image": "i", "log_configuration": { "log_driver": "splunk" },
                 "aws_logs_configuration": { "log_group": "/g" } } }),
        "primary_container.log_configuration",
        "A container has one log driver; `aws_logs_configuration` is the driver `awslogs`.",
    );
}

#[test]
fn a_task_definition_of_the_users_own_takes_no_sidecars() {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/own:1";
    refused(
        &json!({ "primary_container": null, "task_definition_arn": arn, "sidecars": {} }),
        "sidecars",
        "A task definition of your own already says what runs in a task.",
    );
    passes(&json!({ "primary_container": null, "task_definition_arn": arn, "ephemeral_storage_gib": 20 }));
}
