//! `moved` from `aws_ecs_express_gateway_service`: the same service, the same configuration in our spelling, no change.
//!
//! The fixtures are state files as Terraform and OpenTofu write them with that resource in them.

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::server::{MoveResourceStateRequest, RawState};
use terraform_provider_express::framework::{Diagnostics, Value};

use crate::support::cloud::{create_cluster, default_security_group_id, list_subnet_ids};
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

const BASIC: &str = include_str!("../fixtures/aws_ecs_express_gateway_service/basic.json");
const FULL: &str = include_str!("../fixtures/aws_ecs_express_gateway_service/full.json");
const IMPORTED: &str = include_str!("../fixtures/aws_ecs_express_gateway_service/imported.json");
const ANOTHER_VERSION: &str =
    include_str!("../fixtures/aws_ecs_express_gateway_service/another_version.json");

/// What core sends for the one instance in a state file.
fn move_request(state_file: &str) -> MoveResourceStateRequest {
    let file: Json = serde_json::from_str(state_file).expect("a state file");
    let (resource, instance) = (&file["resources"][0], &file["resources"][0]["instances"][0]);
    let provider = resource["provider"].as_str().expect("a provider");
    MoveResourceStateRequest {
        source_provider_address: provider.split('"').nth(1).expect("an address").to_owned(),
        source_type_name: resource["type"].as_str().expect("a type").to_owned(),
        source_schema_version: instance["schema_version"].as_i64().expect("a version"),
        source_state: RawState {
            json: instance["attributes"].to_string().into_bytes(),
            ..RawState::default()
        },
        source_private: instance["private"].as_str().unwrap_or_default().as_bytes().to_vec(),
        target_type_name: "express_gateway_service".to_owned(),
    }
}

/// A workspace whose state file is about to have the service of `live` moved into it.
async fn neighbour_of(owner: &mut Workspace, live: &Json) -> Workspace {
    owner.applied("app", live).await;
    owner.sandbox.clear_calls();
    owner.neighbour().await
}

fn changing_calls(workspace: &Workspace) -> Vec<String> {
    let calls = workspace.sandbox.calls().into_iter().map(|call| call.operation);
    calls.filter(|name| !["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb))).collect()
}

/// Moves the state in and insists that `config` then needs no change and nothing was changed.
#[track_caller]
fn check_moved<'a>(
    workspace: &'a mut Workspace,
    state_file: &'a str,
    config: &'a Json,
) -> impl Future<Output = ()> + 'a {
    let caller = std::panic::Location::caller();
    async move {
        let said = workspace.move_in("app", move_request(state_file));
        assert_eq!(said, Diagnostics::none(), "{caller}");
        let (action, said) = workspace.plan("app", config).await;
        assert_eq!(said, Diagnostics::none(), "{caller}");
        assert_eq!(action, Action::Nothing, "{caller}: {:#?}", workspace.state("app"));
        assert_eq!(changing_calls(workspace), Vec::<String>::new(), "{caller}");
    }
}

#[tokio::test]
async fn the_three_inputs_move_without_a_change() {
    let mut owner = Workspace::new().await;
    let mut workspace = neighbour_of(&mut owner, &with(&three_inputs(), "service_name", "app")).await;
    check_moved(&mut workspace, BASIC, &three_inputs()).await;
    assert_eq!(workspace.attribute("app", "url"), owner.attribute("app", "url"));
    assert_eq!(workspace.attribute("app", "network_configuration.security_groups"), json!(null));
}

#[tokio::test]
async fn every_argument_moves_without_a_change() {
    let mut owner = Workspace::with_provider(json!({ "default_tags": { "tags": { "env": "prod" } } })).await;
    create_cluster(&owner.sandbox, "prod");
    let (subnets, group) = (list_subnet_ids(&owner.sandbox), default_security_group_id(&owner.sandbox));
    let config = json!({
        "service_name": "api",
        "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
        "infrastructure_role_arn": "arn:aws:iam::123456789012:role/infrastructure",
        "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
        "task_role_arn": "arn:aws:iam::123456789012:role/task",
        "primary_container": {
            "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:7",
            "container_port": 8080,
            "command": ["serve", "--port=8080"],
            "environment": { "LOG_LEVEL": "debug", "ZONE": "eu", "EMPTY": "" },
            "secrets": {
                "DATABASE_URL": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
                "TOKEN": "arn:aws:ssm:eu-west-1:123456789012:parameter/api/token",
            },
            "aws_logs_configuration": { "log_group": "/team/api", "log_stream_prefix": "api" },
            "repository_credentials": {
                "credentials_parameter": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf",
            },
        },
        "cpu": "512",
        "memory": "1024",
        "health_check_path": "/health?deep=1",
        "network_configuration": { "subnets": [subnets[0], subnets[1]], "security_groups": [group] },
        "scaling_target": {
            "min_task_count": 2,
            "max_task_count": 6,
            "auto_scaling_metric": "REQUEST_COUNT_PER_TARGET",
            "auto_scaling_target_value": 1000,
        },
        "tags": { "team": "payments" },
        "timeouts": { "create": "45m", "update": "1h30m" },
    });
    let mut workspace = neighbour_of(&mut owner, &config).await;
    let state_file =
        FULL.replace("subnet-a", &subnets[0]).replace("subnet-b", &subnets[1]).replace("sg-own", &group);
    check_moved(&mut workspace, &state_file, &config).await;
    assert_eq!(workspace.attribute("app", "tags_all"), json!({ "env": "prod", "team": "payments" }));
    check_moved(&mut workspace, &state_file, &with(&config, "cluster", "prod")).await;
}

#[tokio::test]
async fn an_import_that_recorded_the_wrong_cluster_and_empty_lists_moves_without_a_change() {
    let mut owner = Workspace::new().await;
    create_cluster(&owner.sandbox, "prod");
    let config = with(&with(&three_inputs(), "cluster", "prod"), "service_name", "web");
    let mut workspace = neighbour_of(&mut owner, &config).await;
    check_moved(&mut workspace, IMPORTED, &with(&config, "tags", json!({}))).await;
}

#[tokio::test]
async fn another_schema_version_and_a_mirror_are_read_alike() {
    let mut owner = Workspace::new().await;
    let container = json!({ "image": "public.ecr.aws/nginx/nginx:1.28", "environment": { "A": "1" } });
    let config = with(&three_inputs(), "primary_container", container);
    let config = with(&config, "scaling_target", json!({ "min_task_count": 1, "max_task_count": 4 }));
    let config = with(&with(&config, "tags", json!({ "a": "1" })), "service_name", "app");
    let mut workspace = neighbour_of(&mut owner, &config).await;
    check_moved(&mut workspace, ANOTHER_VERSION, &config).await;
}

#[tokio::test]
async fn not_waiting_is_the_one_setting_to_apply_again_and_it_changes_nothing_in_aws() {
    let mut owner = Workspace::new().await;
    let mut workspace = neighbour_of(&mut owner, &with(&three_inputs(), "service_name", "app")).await;
    workspace.move_in("app", move_request(BASIC));
    let config = with(&three_inputs(), "wait_for_steady_state", false);
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(changing_calls(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_moved_service_is_updated_and_destroyed_like_any_other() {
    let mut owner = Workspace::new().await;
    let mut workspace = neighbour_of(&mut owner, &with(&three_inputs(), "service_name", "app")).await;
    workspace.move_in("app", move_request(BASIC));
    let config = with(&three_inputs(), "tags", json!({ "team": "a" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert!(workspace.state("app").is_none());
}

#[tokio::test]
async fn a_service_of_another_region_is_kept_and_the_region_is_named() {
    let mut workspace = Workspace::new().await;
    workspace.move_in("app", move_request(&BASIC.replace("ecs:eu-west-1", "ecs:us-east-1")));
    let (_, said) = workspace.plan("app", &three_inputs()).await;
    assert_eq!(summaries(&said), ["Service `app` is in another region"]);
    assert!(workspace.state("app").is_some(), "the state must not be lost");
    let said = workspace.destroy("app").await;
    assert!(said.has_errors(), "a delete in the wrong region would seem to succeed");
    assert!(workspace.state("app").is_some(), "the service would live on, forgotten");
    let said = workspace.import("other", "arn:aws:ecs:us-east-1:123456789012:service/default/app").await;
    assert_eq!(summaries(&said), ["Service `app` is in another region"]);
}

#[tokio::test]
async fn a_type_that_is_not_known_is_refused_by_name() {
    let mut workspace = Workspace::new().await;
    let request =
        MoveResourceStateRequest { source_type_name: "aws_ecs_service".to_owned(), ..move_request(BASIC) };
    let said = workspace.move_in("app", request);
    assert_eq!(summaries(&said), ["Cannot move aws_ecs_service to express_gateway_service"]);
    assert!(workspace.state("app").is_none());
}

#[tokio::test]
async fn whatever_address_a_core_sends_the_type_decides() {
    for address in ["aws", "registry.opentofu.org/hashicorp/aws", "mirror.example.com/own/aws"] {
        let mut owner = Workspace::new().await;
        let mut workspace = neighbour_of(&mut owner, &with(&three_inputs(), "service_name", "app")).await;
        let request =
            MoveResourceStateRequest { source_provider_address: address.to_owned(), ..move_request(BASIC) };
        assert_eq!(workspace.move_in("app", request), Diagnostics::none(), "{address}");
        let (action, said) = workspace.plan("app", &three_inputs()).await;
        assert_eq!((action, said), (Action::Nothing, Diagnostics::none()), "{address}");
    }
}

/// `count` added to, or another name for, a resource whose state an earlier address of the provider wrote.
#[tokio::test]
async fn our_own_type_of_another_address_keeps_state_identity_and_private_data() {
    let mut owner = Workspace::new().await;
    owner.applied("app", &three_inputs()).await;
    let stored = owner.stored("app");
    let request = MoveResourceStateRequest {
        source_provider_address: "registry.opentofu.org/old-namespace/express".to_owned(),
        source_type_name: "express_gateway_service".to_owned(),
        source_schema_version: 0,
        source_state: RawState { json: stored.to_string().into_bytes(), ..RawState::default() },
        source_private: b"ours".to_vec(),
        target_type_name: "express_gateway_service".to_owned(),
    };
    let response = owner.server().move_resource_state(request.clone());
    assert_eq!(response.diagnostics, Diagnostics::none());
    assert_eq!(Some(&response.target_state), owner.state("app"));
    assert_eq!(response.target_private, b"ours");
    let identity = response.target_identity.expect("an identity");
    let arn = owner.attribute("app", "service_arn");
    assert_eq!(
        identity.member("service_arn"),
        Some(&Value::String(arn.as_str().expect("an ARN").to_owned()))
    );
    let mut workspace = owner.neighbour().await;
    assert_eq!(workspace.move_in("other", request.clone()), Diagnostics::none());
    assert_eq!(workspace.plan("other", &three_inputs()).await.0, Action::Nothing);
    let newer = MoveResourceStateRequest { source_schema_version: 7, ..request };
    assert_eq!(summaries(&workspace.move_in("newer", newer)), ["State of a newer express_gateway_service"]);
}

#[tokio::test]
async fn cloud_controls_service_moves_by_its_arn_alone() {
    let mut owner = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "app");
    let mut workspace = neighbour_of(&mut owner, &config).await;
    let arn = owner.attribute("app", "service_arn");
    let state = json!({
        "id": arn, "service_arn": arn, "cluster": "default", "service_name": "app", "status": null,
        "infrastructure_role_arn": config["infrastructure_role_arn"], "primary_container": null,
        "tags": [{ "key": "a", "value": "1" }],
    });
    let request = MoveResourceStateRequest {
        source_provider_address: "registry.terraform.io/hashicorp/awscc".to_owned(),
        source_type_name: "awscc_ecs_express_gateway_service".to_owned(),
        source_schema_version: 1,
        source_state: RawState { json: state.to_string().into_bytes(), ..RawState::default() },
        source_private: Vec::new(),
        target_type_name: "express_gateway_service".to_owned(),
    };
    assert_eq!(workspace.move_in("app", request), Diagnostics::none());
    let (action, said) = workspace.plan("app", &config).await;
    assert_eq!((action, said), (Action::Nothing, Diagnostics::none()), "{:#?}", workspace.state("app"));
    assert_eq!(changing_calls(&workspace), Vec::<String>::new());
}
