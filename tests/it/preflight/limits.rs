//! What arguments demand of each other and of AWS's limits, said at plan.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::account::{furnish, render, role};
use crate::support::cloud::{call, create_cluster, try_call};
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn composed(name: &str) -> Json {
    with(&with(&three_inputs(), "engine", "composed"), "service_name", name)
}

fn put_capacity_providers(workspace: &Workspace, cluster: &str, providers: &[&str]) {
    let input = json!({
        "cluster": cluster, "capacityProviders": providers, "defaultCapacityProviderStrategy": [],
    });
    call(&workspace.sandbox, Service::Ecs, "PutClusterCapacityProviders", input);
}

#[tokio::test]
async fn spot_needs_a_cluster_that_has_it_on_the_way_there_and_back() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let plain = with(&composed("api"), "cluster", "prod");
    assert_eq!(workspace.applied("app", &plain).await, Action::Create);
    let spot = with(&plain, "capacity_provider", "FARGATE_SPOT");
    let told = render(&workspace.plan("app", &spot).await.1);
    assert!(told.contains("Warning: The cluster has no capacity provider FARGATE_SPOT\n"), "{told}");
    assert!(told.contains("aws_ecs_cluster_capacity_providers"), "{told}");
    let refused = render(&workspace.apply("app", &spot).await.diagnostics);
    assert!(refused.contains("(capacity-provider-missing)"), "{refused}");
    put_capacity_providers(&workspace, "prod", &["FARGATE", "FARGATE_SPOT"]);
    workspace.clock_advance(100).await;
    assert_eq!(workspace.applied("app", &spot).await, Action::Update);
    put_capacity_providers(&workspace, "prod", &["FARGATE_SPOT"]);
    workspace.clock_advance(100).await;
    let back = with(&plain, "capacity_provider", "FARGATE");
    let told = render(&workspace.plan("app", &back).await.1);
    assert!(told.contains("Warning: The cluster has no capacity provider FARGATE\n"), "{told}");
}

#[tokio::test]
async fn the_cluster_that_the_engine_makes_has_spot() {
    let mut workspace = Workspace::new().await;
    let spot = with(&composed("api"), "capacity_provider", "FARGATE_SPOT");
    let told = render(&workspace.plan("app", &spot).await.1);
    assert!(!told.contains("capacity"), "{told}");
    assert_eq!(workspace.applied("app", &spot).await, Action::Create);
}

#[tokio::test]
async fn a_shell_needs_a_task_role_and_keeps_needing_it() {
    let mut workspace = Workspace::new().await;
    let shell = with(&composed("api"), "enable_execute_command", true);
    let told = render(&workspace.plan("app", &shell).await.1);
    assert!(told.starts_with("Error: `enable_execute_command` needs `task_role_arn`\n"), "{told}");
    let with_role = with(&shell, "task_role_arn", role("task"));
    assert_eq!(workspace.applied("app", &with_role).await, Action::Create);
    let told = render(&workspace.plan("app", &shell).await.1);
    assert!(told.contains("Error: `enable_execute_command` needs `task_role_arn`\n"), "{told}");
    let told = render(&workspace.validate(&with(&shell, "task_role_arn", role("task"))));
    assert_eq!(told, "(nothing)\n");
}

#[tokio::test]
async fn four_security_groups_of_ones_own_leave_room_for_the_engines() {
    let workspace = Workspace::new().await;
    let named = |count: usize| {
        let groups: Vec<_> = (0..count).map(|index| format!("sg-{index}")).collect();
        let network = json!({ "subnets": ["subnet-a", "subnet-b"], "security_groups": groups });
        with(&composed("api"), "network_configuration", network)
    };
    assert_eq!(render(&workspace.validate(&named(4))), "(nothing)\n");
    let told = render(&workspace.validate(&named(5)));
    assert!(
        told.starts_with("Error: Too many security groups\n  at network_configuration.security_groups\n"),
        "{told}"
    );
    assert!(told.contains("5 are named.") && told.contains("4 are left."), "{told}");
    let managed = with(&named(5), "engine", "managed");
    assert_eq!(render(&workspace.validate(&managed)), "(nothing)\n");
}

#[tokio::test]
async fn tags_share_what_aws_takes_with_the_engines_own() {
    let tags = |range: std::ops::Range<usize>| -> Json {
        range.map(|index| (format!("key-{index:02}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    let provider = json!({ "default_tags": { "tags": tags(0..20) } });
    let mut workspace = Workspace::with_provider(provider).await;
    for (engine, most) in [("managed", 49), ("composed", 38)] {
        let config = with(&composed("api"), "engine", engine);
        let fits = with(&config, "tags", tags(20..most));
        assert_eq!(workspace.plan("app", &fits).await.0, Action::Create, "{engine}");
        let told = render(&workspace.plan("app", &with(&config, "tags", tags(20..most + 1))).await.1);
        assert!(told.contains("Error: Too many tags\n  at tags\n"), "{engine}: {told}");
        assert!(told.contains(&format!("{most} are left.")), "{engine}: {told}");
        let odd = with(&config, "tags", json!({ "cost(center)": "4711" }));
        let told = render(&workspace.plan("app", &odd).await.1);
        assert!(told.contains("has the character '('"), "{engine}: {told}");
    }
}

#[tokio::test]
async fn a_service_with_as_many_tags_as_fit_is_made() {
    let tags: serde_json::Map<_, _> = (0..38).map(|index| (format!("key-{index:02}"), json!("v"))).collect();
    let mut workspace = Workspace::new().await;
    let domain = json!({ "hosted_zone": "example.com" });
    let config = with(&with(&composed("api"), "domain", domain), "tags", Json::from(tags));
    let config = with(&config, "load_balancer", json!({ "pool": "team" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    let next = with(&config, "load_balancer", json!({ "pool": "other" }));
    assert_eq!(workspace.applied("app", &next).await, Action::Update);
}

#[tokio::test]
async fn a_made_name_is_always_a_name_and_a_host_name() {
    let images = ["ghcr.io/acme/my.app:1", "ghcr.io/acme/my__app:1", &format!("acme/{}:1", "a".repeat(200))];
    for image in images {
        for domain in [json!(null), json!({ "hosted_zone": "example.com" })] {
            for engine in ["managed", "composed"] {
                if engine == "managed" && !domain.is_null() {
                    continue;
                }
                let mut workspace = Workspace::new().await;
                let config = with(&three_inputs(), "primary_container", json!({ "image": image }));
                let config = with(&with(&config, "engine", engine), "domain", domain.clone());
                let applied = workspace.apply("app", &config).await;
                assert!(!applied.diagnostics.has_errors(), "{image}: {}", render(&applied.diagnostics));
            }
        }
    }
}

#[tokio::test]
async fn arns_of_other_regions_accounts_and_partitions_are_refused_where_they_cannot_be() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let account = "123456789012";
    let cases = [
        ("cluster", format!("arn:aws:ecs:us-east-1:{account}:cluster/prod"), "region"),
        ("cluster", "arn:aws:ecs:eu-west-1:210987654321:cluster/prod".to_owned(), "account"),
        ("cluster", format!("arn:aws-cn:ecs:eu-west-1:{account}:cluster/prod"), "partition"),
        ("infrastructure_role_arn", "arn:aws:iam::210987654321:role/x".to_owned(), "account"),
        ("execution_role_arn", format!("arn:aws-us-gov:iam::{account}:role/x"), "partition"),
        ("task_role_arn", "arn:aws:iam::210987654321:role/x".to_owned(), "account"),
    ];
    for engine in ["managed", "composed"] {
        for (argument, arn, what) in &cases {
            let config = with(&with(&composed("api"), "engine", engine), argument, arn.clone());
            let (action, diagnostics) = workspace.plan("app", &config).await;
            let told = render(&diagnostics);
            let expected = format!("Error: `{argument}` is in another {what}\n  at {argument}\n");
            assert!(action == Action::Nothing && told.contains(&expected), "{engine}, {arn}: {told}");
        }
    }
    let secret = format!("arn:aws-cn:ssm:cn-north-1:{account}:parameter/x");
    let container = json!({ "image": "nginx", "secrets": { "A": secret } });
    let told = render(&workspace.plan("app", &with(&three_inputs(), "primary_container", container)).await.1);
    assert!(told.contains("is in another partition\n"), "{told}");
    let definition = format!("arn:aws:ecs:us-east-1:{account}:task-definition/own:1");
    let own = json!({ "infrastructure_role_arn": role("infrastructure"), "task_definition_arn": definition });
    let told = render(&workspace.plan("app", &own).await.1);
    assert!(told.contains("Error: `task_definition_arn` is in another region\n"), "{told}");
}

#[tokio::test]
async fn a_cluster_of_another_region_is_another_cluster() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let here = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
    assert_eq!(workspace.applied("app", &with(&composed("api"), "cluster", here)).await, Action::Create);
    let there = "arn:aws:ecs:us-east-1:123456789012:cluster/prod";
    let (action, diagnostics) = workspace.plan("app", &with(&composed("api"), "cluster", there)).await;
    assert!(action == Action::Nothing && diagnostics.has_errors(), "{diagnostics:#?}");
}

#[tokio::test]
async fn a_log_router_runs_as_a_number() {
    let workspace = Workspace::new().await;
    let router = |user: &str| {
        let sidecar =
            json!({ "image": "fluent:1", "user": user, "firelens_configuration": { "type": "fluentbit" } });
        let logs = json!({ "log_driver": "awsfirelens" });
        let config = with(&composed("api"), "sidecars", json!({ "router": sidecar }));
        with(&config, "primary_container", json!({ "image": "nginx", "log_configuration": logs }))
    };
    assert_eq!(render(&workspace.validate(&router("0"))), "(nothing)\n");
    assert_eq!(render(&workspace.validate(&router("1000:1000"))), "(nothing)\n");
    let told = render(&workspace.validate(&router("root")));
    assert!(told.contains("at sidecars[\"router\"].user\n"), "{told}");
}

#[tokio::test]
async fn a_service_can_be_parked_and_woken() {
    for engine in ["managed", "composed"] {
        let mut workspace = Workspace::new().await;
        furnish(&workspace.sandbox);
        let config = with(&composed("api"), "engine", engine);
        assert_eq!(workspace.applied("app", &config).await, Action::Create);
        let parked = with(&config, "scaling_target", json!({ "min_task_count": 0, "max_task_count": 0 }));
        let told = render(&workspace.plan("app", &parked).await.1);
        assert!(told.contains("Warning: The service is parked: no task will run\n"), "{engine}: {told}");
        assert_eq!(workspace.applied("app", &parked).await, Action::Update, "{engine}");
        let told = render(&workspace.plan("app", &parked).await.1);
        assert_eq!(told, "(nothing)\n", "{engine}: said once");
        let half = with(&config, "scaling_target", json!({ "min_task_count": 1, "max_task_count": 0 }));
        let told = render(&workspace.plan("app", &half).await.1);
        assert!(told.contains("to stop the service, set both to 0"), "{engine}: {told}");
        let woken = with(&config, "scaling_target", json!({ "min_task_count": 1, "max_task_count": 2 }));
        assert_eq!(workspace.applied("app", &woken).await, Action::Update, "{engine}");
    }
}

#[tokio::test]
async fn a_rename_of_all_host_names_takes_two_applies() {
    let mut workspace = Workspace::new().await;
    let domain = |names: [&str; 3]| {
        let hosts = names.map(|name| format!("{name}.example.com"));
        json!({ "hosted_zone": "example.com", "hostname": hosts[0], "additional_hostnames": hosts[1..] })
    };
    let config = with(&composed("api"), "domain", domain(["a", "b", "c"]));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    let told = render(&workspace.plan("app", &with(&config, "domain", domain(["d", "e", "f"]))).await.1);
    assert!(told.contains("Error: Too many host names change at once\n"), "{told}");
    assert!(told.contains("first without `a.example.com`, `b.example.com`, `c.example.com`"), "{told}");
    let two = with(&config, "domain", domain(["a", "d", "e"]));
    assert_eq!(workspace.applied("app", &two).await, Action::Update);
}

#[tokio::test]
async fn the_managed_engine_says_how_a_shell_is_switched_on_without_it() {
    let mut workspace = Workspace::new().await;
    let shell = with(&with(&three_inputs(), "service_name", "api"), "enable_execute_command", true);
    let told = render(&workspace.plan("app", &shell).await.1);
    assert!(
        told.contains("aws ecs update-service --cluster <cluster> --service <name> --enable-execute-command"),
        "{told}"
    );
    let plain = with(&three_inputs(), "service_name", "api");
    let plain = with(&plain, "task_role_arn", role("task"));
    assert_eq!(workspace.applied("app", &plain).await, Action::Create);
    let switch = json!({ "cluster": "default", "service": "api", "enableExecuteCommand": true, "forceNewDeployment": true });
    call(&workspace.sandbox, Service::Ecs, "UpdateService", switch);
    workspace.clock_advance(3600).await;
    let (action, diagnostics) = workspace.plan("app", &plain).await;
    assert_eq!((action, render(&diagnostics).as_str()), (Action::Nothing, "(nothing)\n"), "it is left alone");
}

#[tokio::test]
async fn a_log_group_that_is_missing_is_an_estimate_for_express_mode_in_both_worlds() {
    let container = json!({ "image": "nginx", "aws_logs_configuration": { "log_group": "/nope" } });
    let config = with(&with(&three_inputs(), "service_name", "api"), "primary_container", container);
    for makes_it in [true, false] {
        let mut workspace = Workspace::with_provider(json!({ "preflight": "error" })).await;
        if !makes_it {
            crate::pains::live::befall(&workspace, "log-group-missing");
        }
        let told = render(&workspace.plan("app", &config).await.1);
        assert!(told.starts_with("Warning: The log group does not exist\n"), "{told}");
        let applied = workspace.apply("app", &config).await;
        assert_eq!(!applied.diagnostics.has_errors(), makes_it, "{:#?}", applied.diagnostics);
        let told = render(&applied.diagnostics);
        assert!(makes_it || told.contains("(log-group-missing)"), "{told}");
    }
}

#[tokio::test]
async fn an_express_service_takes_no_other_strategy_than_a_canary() {
    let mut workspace = Workspace::new().await;
    assert_eq!(workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await, Action::Create);
    let update = |configuration: Json| {
        let input =
            json!({ "cluster": "default", "service": "api", "deploymentConfiguration": configuration });
        try_call(&workspace.sandbox, Service::Ecs, "UpdateService", input)
    };
    let refused = update(json!({ "strategy": "ROLLING" })).expect_err("refused");
    assert!(refused.message.contains("must be CANARY"), "{refused}");
    update(json!({ "strategy": "CANARY", "bakeTimeInMinutes": 0 })).expect("taken");
}
