//! Services of the composed engine of every kind, for imports, look-ups and queries.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::composed;
use crate::support::cloud::{call, create_cluster, list_subnet_ids};
use crate::support::hand;
use crate::support::workspace::{Action, Workspace};

fn of(name: &str, members: Json) -> Json {
    let mut config = composed(name);
    let (Json::Object(config_members), Json::Object(members)) = (&mut config, members) else {
        panic!("objects");
    };
    config_members.extend(members);
    config_members.retain(|_, value| !value.is_null());
    config
}

/// A service whose log goes through a router, with another container beside it.
pub(crate) fn with_sidecars(name: &str) -> Json {
    of(
        name,
        json!({
            "cpu": "512", "memory": "1024", "log_retention_days": 14,
            "primary_container": {
                "image": "public.ecr.aws/nginx/nginx:1.28",
                "depends_on": { "router": "START", "agent": "HEALTHY" },
                "log_configuration": {
                    "log_driver": "awsfirelens",
                    "options": { "Name": "cloudwatch", "region": "eu-west-1" },
                },
            },
            "sidecars": {
                "router": {
                    "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
                    "firelens_configuration": { "type": "fluentbit" },
                    "memory_reservation_mib": 50,
                },
                "agent": {
                    "image": "agent:1", "essential": false, "cpu": 64, "memory_mib": 128,
                    "command": ["serve"], "entry_point": ["/agent"], "user": "1000:1000",
                    "environment": { "B": "2", "A": "${not} a reference" },
                    "secrets": { "KEY": "arn:aws:ssm:eu-west-1:123456789012:parameter/key" },
                    "port_mappings": [{ "container_port": 9000 }, { "container_port": 9001, "protocol": "udp" }],
                    "depends_on": { "router": "START" },
                    "health_check": { "command": ["CMD-SHELL", "exit 0"], "retries": 5 },
                    "log_configuration": { "log_driver": "awsfirelens", "options": { "Name": "null" } },
                    "stop_timeout_seconds": 60,
                },
            },
        }),
    )
}

/// A service on a domain of its own with a second host name.
pub(crate) fn on_a_domain(name: &str) -> Json {
    let domain = json!({
        "hosted_zone": "example.com",
        "additional_hostnames": [format!("{name}-alias.example.com")],
    });
    of(name, json!({ "domain": domain }))
}

/// A service with settings that differ from every default, in a cluster that has spare capacity of AWS's.
fn with_every_setting(name: &str, workspace: &Workspace) -> Json {
    let cluster = json!({ "clusterName": "spot", "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
    call(&workspace.sandbox, Service::Ecs, "CreateCluster", cluster);
    of(
        name,
        json!({
            "cluster": "spot",
            "deployment_configuration": {
                "strategy": "LINEAR", "linear_step_percent": 20, "linear_step_bake_time_minutes": 2,
                "alarm": { "threshold_percent": 2.5, "include_4xx": false },
                "circuit_breaker": { "rollback": true },
            },
            "health_check": { "interval_seconds": 10, "healthy_threshold": 2, "matcher": "200-299" },
            "health_check_path": "/health?deep=1",
            "deregistration_delay_seconds": 60, "capacity_provider": "FARGATE_SPOT",
            "ephemeral_storage_gib": 30, "enable_execute_command": true,
            "task_role_arn": "arn:aws:iam::123456789012:role/task",
            "scaling_target": {
                "min_task_count": 2, "max_task_count": 9,
                "auto_scaling_metric": "REQUEST_COUNT_PER_TARGET", "auto_scaling_target_value": 100,
            },
            "tags": { "team": "web" },
        }),
    )
}

/// A service in private subnets of another cluster, with everything that a container of one's own company has.
fn in_private(name: &str, workspace: &Workspace) -> Json {
    create_cluster(&workspace.sandbox, "inside");
    call(&workspace.sandbox, Service::Logs, "CreateLogGroup", json!({ "logGroupName": "/theirs" }));
    let subnets = hand::make_private_subnets(&workspace.sandbox, 2);
    let vpcs = call(&workspace.sandbox, Service::Ec2, "DescribeSubnets", json!({ "SubnetIds": subnets }));
    let vpc = &vpcs["Subnets"][0]["VpcId"];
    let input = json!({ "GroupName": "theirs", "Description": "theirs", "VpcId": vpc });
    let group = call(&workspace.sandbox, Service::Ec2, "CreateSecurityGroup", input);
    of(
        name,
        json!({
            "cluster": "inside", "cpu_architecture": "ARM64",
            "task_role_arn": "arn:aws:iam::123456789012:role/task",
            "network_configuration": { "subnets": subnets, "security_groups": [group["GroupId"]] },
            "primary_container": {
                "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1",
                "container_port": 8080, "command": ["serve"],
                "environment": { "A": "1" },
                "secrets": { "S": "arn:aws:ssm:eu-west-1:123456789012:parameter/s" },
                "aws_logs_configuration": { "log_group": "/theirs", "log_stream_prefix": "x" },
                "repository_credentials": {
                    "credentials_parameter": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pull-abcdef",
                },
            },
        }),
    )
}

/// A service of a task definition that its user made, with a container beside the main one.
fn with_own_task_definition(name: &str, workspace: &Workspace) -> Json {
    let definition = json!({
        "family": "theirs", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "512", "memory": "1024", "ephemeralStorage": { "sizeInGiB": 40 },
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [
            { "name": "Main", "image": "nginx", "portMappings": [{ "containerPort": 8080 }] },
            { "name": "agent", "image": "agent:1", "essential": false },
        ],
    });
    let registered = call(&workspace.sandbox, Service::Ecs, "RegisterTaskDefinition", definition);
    of(
        name,
        json!({
            "task_definition_arn": registered["taskDefinition"]["taskDefinitionArn"],
            "primary_container": null, "execution_role_arn": null,
        }),
    )
}

/// A service whose load balancer is internal, though its subnets are public.
fn behind_an_internal_load_balancer(name: &str, workspace: &Workspace) -> Json {
    let subnets = list_subnet_ids(&workspace.sandbox);
    of(name, json!({ "load_balancer": { "scheme": "internal", "subnets": subnets[..2] } }))
}

/// Creates one service of each kind. Answers the configurations by the names of the services.
pub(crate) async fn create_every_kind(workspace: &mut Workspace) -> Vec<(String, Json)> {
    let configs = [
        composed("c-plain"),
        on_a_domain("c-domain"),
        with_every_setting("c-settings", workspace),
        with_sidecars("c-sidecars"),
        behind_an_internal_load_balancer("c-internal", workspace),
        in_private("c-private", workspace),
        with_own_task_definition("c-own", workspace),
    ];
    let mut made = Vec::new();
    for config in configs {
        let name = config["service_name"].as_str().expect("a name").to_owned();
        assert_eq!(workspace.applied(&name, &config).await, Action::Create, "{name}");
        assert_eq!(workspace.applied(&name, &config).await, Action::Nothing, "{name}");
        made.push((name, config));
    }
    made
}
