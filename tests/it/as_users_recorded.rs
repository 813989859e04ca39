//! Express Mode as its users recorded it, where both engines were right from the start: kept so.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::{call, try_call};
use crate::support::values::told;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

const ENGINES: [&str; 2] = ["managed", "composed"];

fn named(engine: &str) -> Json {
    with(&with(&three_inputs(), "engine", engine), "service_name", "api")
}

fn of_image(config: &Json, tag: &str) -> Json {
    with(config, "primary_container", json!({ "image": format!("public.ecr.aws/nginx/nginx:{tag}") }))
}

fn elbv2(workspace: &Workspace, operation: &str, input: Json) -> Json {
    call(&workspace.sandbox, Service::Elbv2, operation, input)
}

fn count_tasks(workspace: &Workspace) -> usize {
    let listed = call(&workspace.sandbox, Service::Ecs, "ListTasks", json!({ "serviceName": "api" }));
    listed["taskArns"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_minimum_of_zero_is_warned_of_once_and_runs_no_task() {
    const WARNING: &str = "The service may scale to zero and stay there";
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        let target = json!({ "min_task_count": 0, "max_task_count": 2 });
        let config = with(&named(engine), "scaling_target", target);
        let applied = workspace.apply("app", &config).await;
        assert!(!applied.diagnostics.has_errors(), "{engine}: {}", told(&applied.diagnostics));
        assert!(told(&applied.diagnostics).contains(WARNING), "{engine}: {}", told(&applied.diagnostics));
        assert_eq!(count_tasks(&workspace), 0, "{engine}");
        let (action, said) = workspace.plan("app", &config).await;
        assert_eq!((action, told(&said).contains(WARNING)), (Action::Nothing, false), "{engine}");
        let woken = with(&config, "scaling_target", json!({ "min_task_count": 1, "max_task_count": 2 }));
        assert_eq!(workspace.applied("app", &woken).await, Action::Update, "{engine}");
        assert_eq!(count_tasks(&workspace), 1, "{engine}");
    }
}

#[tokio::test]
async fn a_service_that_is_made_again_has_another_host_name() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named("managed")).await;
    let first = workspace.attribute("app", "hostname");
    assert!(!workspace.destroy("app").await.has_errors());
    workspace.applied("app", &named("managed")).await;
    assert_ne!(workspace.attribute("app", "hostname"), first);
}

#[tokio::test]
async fn priorities_of_services_that_went_are_not_given_again_at_once() {
    let mut workspace = Workspace::new().await;
    let priority = |workspace: &Workspace, name: &str| {
        let arn = workspace.attribute(name, "infrastructure.listener_rule_arn");
        let rules = elbv2(workspace, "DescribeRules", json!({ "RuleArns": [arn] }));
        rules["Rules"][0]["Priority"].clone()
    };
    let config = |name: &str| with(&three_inputs(), "service_name", name);
    for (name, expected) in [("one", "1"), ("two", "2"), ("three", "3")] {
        workspace.applied(name, &config(name)).await;
        assert_eq!(priority(&workspace, name), expected);
    }
    assert!(!workspace.destroy("two").await.has_errors());
    workspace.applied("four", &config("four")).await;
    assert_eq!(priority(&workspace, "four"), "4");
}

#[tokio::test]
async fn secrets_by_a_part_of_their_arn_and_of_odd_names_reach_the_tasks_as_written() {
    let secret = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}");
    let secrets = json!({
        "PARTIAL": secret("db/main"),
        "PARTIAL_KEY": secret("db/main:password::"),
        "FULL_KEY": secret("db/main-a1B2c3:password::"),
        "OF_RDS": secret("rds!db-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-a1B2c3:password::"),
    });
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        let container = json!({ "image": "api:1", "secrets": secrets });
        workspace.applied("app", &with(&named(engine), "primary_container", container)).await;
        assert_eq!(workspace.attribute("app", "primary_container.secrets"), secrets, "{engine}");
        let arn = workspace.attribute("app", "task_definition_arn");
        let described = call(
            &workspace.sandbox,
            Service::Ecs,
            "DescribeTaskDefinition",
            json!({ "taskDefinition": arn }),
        );
        let found =
            described["taskDefinition"]["containerDefinitions"][0]["secrets"].as_array().expect("a list");
        let found: serde_json::Map<_, _> = found
            .iter()
            .map(|one| (one["name"].as_str().expect("a name").to_owned(), one["valueFrom"].clone()))
            .collect();
        assert_eq!(Json::Object(found), secrets, "{engine}");
    }
}

#[tokio::test]
async fn an_idle_timeout_that_was_raised_by_hand_stays() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        workspace.applied("app", &named(engine)).await;
        let arn = workspace.attribute("app", "infrastructure.load_balancer_arn");
        let idle = json!({ "Key": "idle_timeout.timeout_seconds", "Value": "3600" });
        let input = json!({ "LoadBalancerArn": arn, "Attributes": [idle] });
        elbv2(&workspace, "ModifyLoadBalancerAttributes", input);
        assert_eq!(workspace.plan("app", &named(engine)).await.0, Action::Nothing, "{engine}");
        let config = with(&of_image(&named(engine), "1.29"), "health_check_path", "/ready");
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{engine}");
        let attributes =
            elbv2(&workspace, "DescribeLoadBalancerAttributes", json!({ "LoadBalancerArn": arn }));
        assert!(
            attributes["Attributes"].as_array().expect("a list").contains(&idle),
            "{engine}: {attributes}"
        );
        let said = workspace.destroy("app").await;
        assert!(!said.has_errors(), "{engine}: {}", told(&said));
    }
}

#[tokio::test]
async fn the_default_cluster_alone_is_made_where_it_is_missing() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        let find = |workspace: &Workspace| {
            let input = json!({ "clusters": ["default"] });
            let described = call(&workspace.sandbox, Service::Ecs, "DescribeClusters", input);
            described["clusters"][0]["status"].clone()
        };
        let _ = try_call(&workspace.sandbox, Service::Ecs, "DeleteCluster", json!({ "cluster": "default" }));
        assert_ne!(find(&workspace), "ACTIVE", "{engine}");
        workspace.applied("app", &named(engine)).await;
        assert_eq!(find(&workspace), "ACTIVE", "{engine}");
    }
}

#[tokio::test]
async fn a_slow_first_create_fits_its_timeout() {
    let mut workspace = Workspace::new().await;
    let rule = "slow".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let began = workspace.elapsed_seconds();
    workspace.applied("app", &named("managed")).await;
    let minutes = (workspace.elapsed_seconds() - began) / 60;
    assert!((10..30).contains(&minutes), "{minutes} minutes");
}

#[tokio::test]
async fn an_image_of_the_other_architecture_that_express_runs_there_is_a_success() {
    let mut workspace = Workspace::new().await;
    let rule = "architecture-override@image=arm".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let config = with(&named("managed"), "primary_container", json!({ "image": "arm:1" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(count_tasks(&workspace), 1);
    let changed = with(&config, "primary_container", json!({ "image": "arm:2" }));
    assert_eq!(workspace.applied("app", &changed).await, Action::Update);
}

#[tokio::test]
async fn an_apply_among_overlapping_updates_of_others_ends_with_its_own_revision() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named("managed")).await;
    let arn = workspace.attribute("app", "service_arn");
    for tag in ["1.29", "1.30", "1.31"] {
        let container = json!({ "image": format!("public.ecr.aws/nginx/nginx:{tag}") });
        let update = json!({ "serviceArn": arn, "primaryContainer": container });
        call(&workspace.sandbox, Service::Ecs, "UpdateExpressGatewayService", update);
        workspace.clock_advance(30).await;
    }
    let described =
        call(&workspace.sandbox, Service::Ecs, "DescribeExpressGatewayService", json!({ "serviceArn": arn }));
    let active = described["service"]["activeConfigurations"].as_array().expect("a list").len();
    assert!(active > 2, "superseded revisions linger: {active}");
    assert_eq!(workspace.applied("app", &of_image(&named("managed"), "1.32")).await, Action::Update);
    let image = workspace.attribute("app", "primary_container.image");
    assert_eq!(image, "public.ecr.aws/nginx/nginx:1.32");
    assert_eq!(count_tasks(&workspace), 1);
}

#[tokio::test]
async fn members_of_the_container_that_nobody_knows_go_along_with_its_changes() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named("managed")).await;
    let rule = "unknown-members".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    assert_eq!(workspace.applied("app", &of_image(&named("managed"), "1.29")).await, Action::Update);
    let calls = workspace.sandbox.calls();
    let update =
        calls.iter().find(|call| call.operation == "UpdateExpressGatewayService").expect("an update");
    let container = &update.input["primaryContainer"];
    assert_eq!(container["image"], "public.ecr.aws/nginx/nginx:1.29");
    assert_eq!((&container["addedTomorrow"], &container["addedNumber"]), (&json!("x"), &json!(1)));
}
