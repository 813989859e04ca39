//! What a plan knows because the defaults are ours, and what it refuses by it; and what of a configuration holds from one
//! apply to the next.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use crate::composed::{composed, told};
use crate::support::cloud::call;
use crate::support::fingerprint;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn named(engine: &str) -> Json {
    with(&with(&three_inputs(), "engine", engine), "service_name", "api")
}

#[tokio::test]
async fn a_plan_of_the_composed_engine_knows_every_default() {
    let mut workspace = Workspace::new().await;
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    let config = with(&config, "load_balancer", json!({ "scheme": "internet-facing" }));
    let open = workspace.unknown_paths("app", &config).await;
    let known = [
        "cpu",
        "memory",
        "cpu_architecture",
        "health_check_path",
        "primary_container.container_port",
        "primary_container.aws_logs_configuration",
        "primary_container.aws_logs_configuration.log_group",
        "primary_container.stop_timeout_seconds",
        "scaling_target",
        "scaling_target.min_task_count",
        "cluster",
        "cluster_arn",
        "service_arn",
        "url",
    ];
    let missing: Vec<_> = known.iter().filter(|path| open.iter().any(|open| open == *path)).collect();
    assert!(missing.is_empty(), "not known: {missing:?}");
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
}

#[tokio::test]
async fn a_plan_of_the_managed_engine_knows_the_cluster_and_the_arns() {
    let mut workspace = Workspace::new().await;
    let open = workspace.unknown_paths("app", &named("managed")).await;
    for path in ["cluster", "cluster_arn", "service_arn"] {
        assert!(!open.contains(&path.to_owned()), "{path}: {open:?}");
    }
    let open = workspace.unknown_paths("app", &three_inputs()).await;
    let is_open = |path: &str| open.iter().any(|open| open == path);
    assert_eq!(["cluster", "cluster_arn", "service_arn"].map(is_open), [false, false, true]);
    assert_eq!(workspace.applied("app", &named("managed")).await, Action::Create);
}

#[tokio::test]
async fn the_plan_of_a_new_image_opens_the_deployment_and_what_it_runs_alone() {
    for (engine, base) in [("managed", named("managed")), ("composed", composed("api"))] {
        let mut workspace = Workspace::new().await;
        assert_eq!(workspace.applied("app", &base).await, Action::Create);
        let image = json!({ "image": "public.ecr.aws/nginx/nginx:1.29" });
        let open = workspace.unknown_paths("app", &with(&base, "primary_container", image)).await;
        assert_eq!(open, ["deployment.arn", "service_revision_arn", "task_definition_arn"], "{engine}");
    }
}

#[tokio::test]
async fn the_plan_of_other_bounds_opens_nothing_where_they_do_not_deploy() {
    let mut workspace = Workspace::new().await;
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Create);
    let config =
        with(&composed("api"), "scaling_target", json!({ "min_task_count": 2, "max_task_count": 5 }));
    assert_eq!(workspace.unknown_paths("app", &config).await, Vec::<String>::new());
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
}

#[tokio::test]
async fn a_size_that_does_not_go_with_the_default_of_the_other_is_refused_at_plan() {
    let mut workspace = Workspace::new().await;
    let (_, said) = workspace.plan("app", &with(&composed("api"), "cpu", "4096")).await;
    assert!(said.has_errors(), "{}", told(&said));
    assert!(told(&said).contains("2048 MiB of memory does not go with 4096 CPU units"), "{}", told(&said));
    assert!(workspace.sandbox.calls().iter().all(|call| !call.operation.starts_with("Create")));
    // Of an existing service, the size that it has counts.
    workspace.applied("app", &named("managed")).await;
    let (_, said) = workspace.plan("app", &with(&named("managed"), "cpu", "4096")).await;
    assert!(told(&said).contains("does not go with 4096 CPU units"), "{}", told(&said));
}

fn scaling(engine: &str, metric: Option<&str>, value: Option<i32>) -> Json {
    let target = json!({ "auto_scaling_metric": metric, "auto_scaling_target_value": value });
    with(&named(engine), "scaling_target", target)
}

#[tokio::test]
async fn another_metric_takes_its_own_default_with_both_engines() {
    for engine in ["managed", "composed"] {
        let mut workspace = Workspace::new().await;
        workspace.applied("app", &scaling(engine, Some("REQUEST_COUNT_PER_TARGET"), Some(500))).await;
        let config = scaling(engine, Some("AVERAGE_MEMORY"), None);
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{engine}");
        assert_eq!(workspace.attribute("app", "scaling_target.auto_scaling_target_value"), json!(60));
        let live = match engine {
            "managed" => fingerprint::managed(&workspace, "app")["configuration"]["scalingTarget"]
                ["autoScalingTargetValue"]
                .as_f64(),
            _ => fingerprint::composed(&workspace, "app")["scaling"]["value"].as_f64(),
        };
        assert_eq!(live, Some(60.0), "{engine}");
    }
}

#[tokio::test]
async fn a_percentage_over_a_hundred_is_refused_at_plan() {
    for engine in ["managed", "composed"] {
        let mut workspace = Workspace::new().await;
        let (_, said) = workspace.plan("app", &scaling(engine, None, Some(101))).await;
        assert!(told(&said).contains("more than 100 percent"), "{engine}: {}", told(&said));
        let diagnostics = workspace.validate(&scaling(engine, Some("AVERAGE_CPU"), Some(500)));
        assert!(told(&diagnostics).contains("500 is not allowed"), "{engine}: {}", told(&diagnostics));
        let requests = scaling(engine, Some("REQUEST_COUNT_PER_TARGET"), Some(500));
        assert!(!workspace.plan("app", &requests).await.1.has_errors(), "{engine}");
    }
}

#[tokio::test]
async fn the_managed_engine_says_which_removed_arguments_aws_keeps() {
    let mut workspace = Workspace::new().await;
    let config = with(&named("managed"), "health_check_path", "/healthz");
    workspace.applied("app", &config).await;
    let (action, said) = workspace.plan("app", &named("managed")).await;
    assert_eq!(action, Action::Nothing);
    assert!(told(&said).contains("keeps `health_check_path` = \"/healthz\""), "{}", told(&said));
    let (_, said) = workspace.plan("app", &config).await;
    assert_eq!(told(&said), "");
}

#[tokio::test]
async fn an_alarm_that_was_switched_off_comes_back_when_only_its_threshold_is_written() {
    let mut workspace = Workspace::new().await;
    let alarm =
        |members: Json| with(&composed("api"), "deployment_configuration", json!({ "alarm": members }));
    workspace.applied("app", &alarm(json!({ "enable": false }))).await;
    assert_eq!(fingerprint::composed(&workspace, "app")["alarms"], json!(null));
    assert_eq!(workspace.applied("app", &alarm(json!({ "threshold_percent": 5 }))).await, Action::Update);
    assert_eq!(fingerprint::composed(&workspace, "app")["alarms"][0][0], json!(5.0));
}

#[tokio::test]
async fn what_nobody_ever_wrote_stays_as_somebody_set_it() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &composed("api")).await;
    let group = workspace.attribute("app", "infrastructure.target_group_arns.0");
    let input = json!({ "TargetGroupArn": group, "HealthCheckPath": "/ready" });
    call(&workspace.sandbox, Service::Elbv2, "ModifyTargetGroup", input);
    assert_eq!(workspace.plan("app", &composed("api")).await.0, Action::Nothing);
}

/// A variable that a failed apply was to take away is there still, and the next plan sees it.
#[tokio::test]
async fn what_a_failed_apply_was_to_take_away_is_taken_away_by_the_next() {
    let mut workspace = Workspace::with_provider(json!({ "fail_early": false })).await;
    let container = |image: &str, variables: Json| {
        let container = json!({ "image": image, "environment": variables });
        with(&with(&composed("api"), "primary_container", container), "log_retention_days", json!(null))
    };
    let first = container("public.ecr.aws/nginx/nginx:1.28", json!({ "A": "1", "B": "2" }));
    workspace.applied("app", &with(&first, "deregistration_delay_seconds", 60)).await;
    let rule = "image-not-found@image=gone".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let broken = container("public.ecr.aws/nginx/gone:1", json!({ "A": "1" }));
    assert!(workspace.apply("app", &broken).await.diagnostics.has_errors());
    assert_eq!(workspace.attribute("app", "primary_container.environment"), json!({ "A": "1", "B": "2" }));
    let mended = container("public.ecr.aws/nginx/nginx:1.28", json!({ "A": "1" }));
    assert_eq!(workspace.applied("app", &mended).await, Action::Update);
    let live = fingerprint::composed(&workspace, "app");
    let variables = &live["task_definition"]["containerDefinitions"][0]["environment"];
    assert_eq!(*variables, json!([{ "name": "A", "value": "1" }]));
    let delay = live["target_group"]["attributes"]
        .as_array()
        .expect("attributes")
        .iter()
        .find(|attribute| attribute["Key"] == "deregistration_delay.timeout_seconds");
    assert_eq!(delay.map(|delay| &delay["Value"]), Some(&json!("300")));
}

#[tokio::test]
async fn a_service_that_must_be_alone_stops_before_it_starts_and_gives_up_rebalancing() {
    let mut workspace = Workspace::new().await;
    let deployment = |members: Json| with(&composed("api"), "deployment_configuration", members);
    let alone = json!({ "strategy": "ROLLING", "maximum_percent": 100, "minimum_healthy_percent": 0 });
    workspace.applied("app", &deployment(alone.clone())).await;
    let live = fingerprint::composed(&workspace, "app");
    assert_eq!(live["service"]["rebalancing"], json!("DISABLED"));
    assert_eq!(live["service"]["deployment"]["maximumPercent"], json!(100));
    assert_eq!(live["service"]["deployment"]["minimumHealthyPercent"], json!(0));
    workspace.applied("app", &composed("api")).await;
    let live = fingerprint::composed(&workspace, "app");
    assert_eq!(live["service"]["rebalancing"], json!("ENABLED"));
    assert_eq!(live["service"]["deployment"]["maximumPercent"], json!(200));
    assert_eq!(workspace.applied("app", &deployment(alone)).await, Action::Update);
    let stuck = json!({ "strategy": "ROLLING", "maximum_percent": 100 });
    let (_, said) = workspace.plan("app", &deployment(stuck)).await;
    assert!(told(&said).contains("could neither start a task nor stop one"), "{}", told(&said));
}
