//! When nothing is said: all is well, nothing may be read, nobody answers, or it is our own.

use serde_json::json;
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::account::{OPERATIONS, count_calls, everything, furnish, render};
use crate::support::cloud::call;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn an_account_with_everything_in_place_has_no_findings() {
    let mut workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    let (action, diagnostics) = workspace.plan("app", &everything(&subnets)).await;
    assert_eq!((action, render(&diagnostics).as_str()), (Action::Create, "(nothing)\n"));
    let calls = workspace.sandbox.calls();
    let asked: Vec<_> = OPERATIONS
        .into_iter()
        .filter(|operation| calls.iter().any(|call| call.operation == *operation))
        .collect();
    assert_eq!(
        asked,
        [
            "GetRole",
            "DescribeClusters",
            "DescribeLogGroups",
            "BatchGetImage",
            "DescribeSecret",
            "DescribeParameters"
        ]
    );
}

#[tokio::test]
async fn what_may_not_be_read_is_passed_over() {
    let mut workspace = Workspace::with_provider(json!({ "preflight": "error" })).await;
    let effect = FaultEffect::Fail {
        code: "AccessDeniedException".to_owned(),
        message: "User is not authorized".to_owned(),
        status: 403,
    };
    for operation in OPERATIONS {
        workspace
            .sandbox
            .add_fault(FaultRule::on(operation, effect.clone()).times(u32::MAX))
            .expect("a rule");
    }
    let config = with(&everything(&[]), "network_configuration", serde_json::Value::Null);
    let (action, diagnostics) = workspace.plan("app", &config).await;
    assert_eq!((action, render(&diagnostics).as_str()), (Action::Create, "(nothing)\n"));
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_asked_once_more_and_then_no_longer() {
    let mut workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    let lost = FaultRule::on("GetRole", FaultEffect::LoseRequest).times(u32::MAX);
    workspace.sandbox.add_fault(lost).expect("a rule");
    for name in ["a", "b", "c"] {
        let config = with(&everything(&subnets), "task_role_arn", super::account::role(name));
        let (action, diagnostics) = workspace.plan(name, &config).await;
        assert_eq!((action, render(&diagnostics).as_str()), (Action::Create, "(nothing)\n"));
    }
    // Three roles of the first plan, at the same time, each tried twice.
    assert_eq!(count_calls(&workspace, "GetRole"), 6);
}

#[tokio::test]
async fn the_name_of_a_service_that_is_replaced_is_its_own() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    let other_role = with(&config, "infrastructure_role_arn", super::account::role("other"));
    let (action, diagnostics) = workspace.plan("app", &other_role).await;
    assert_eq!(action, Action::Replace);
    assert!(!render(&diagnostics).contains("exists already"), "{diagnostics:#?}");
}

#[tokio::test]
async fn a_role_that_comes_into_sight_a_moment_later_is_there() {
    let mut workspace = Workspace::new().await;
    let late = FaultEffect::Fail {
        code: "NoSuchEntity".to_owned(),
        message: "The role with name execution cannot be found.".to_owned(),
        status: 404,
    };
    workspace.sandbox.add_fault(FaultRule::on("GetRole", late)).expect("a rule");
    let (_, diagnostics) = workspace.plan("app", &three_inputs()).await;
    assert_eq!(render(&diagnostics), "(nothing)\n");
    assert_eq!(count_calls(&workspace, "GetRole"), 3);
}

#[tokio::test]
async fn a_deployment_looks_at_all_that_it_needs_and_what_deploys_nothing_at_nothing() {
    let mut workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    let config = everything(&subnets);
    workspace.applied("app", &config).await;
    let asked = |workspace: &Workspace| {
        let calls = workspace.sandbox.calls();
        let is_asked = |operation: &&str| calls.iter().any(|call| call.operation == **operation);
        // A refresh lists log groups as well.
        let of_preflight = OPERATIONS.into_iter().filter(|operation| *operation != "DescribeLogGroups");
        of_preflight.filter(is_asked).collect::<Vec<_>>()
    };
    let all = vec!["GetRole", "BatchGetImage", "DescribeSecret", "DescribeParameters"];
    let changes = [
        (config.clone(), Action::Nothing, vec![]),
        (with(&config, "tags", json!({ "a": "b" })), Action::Update, vec![]),
        (with(&config, "task_role_arn", super::account::role("other")), Action::Update, all.clone()),
        (with(&config, "cpu_architecture", "ARM64"), Action::Update, all.clone()),
        (with(&config, "health_check_path", "/up"), Action::Update, all),
    ];
    for (config, action, expected) in changes {
        workspace.clock_advance(100).await;
        workspace.sandbox.clear_calls();
        let (planned, diagnostics) = workspace.plan("app", &config).await;
        assert_eq!((planned, render(&diagnostics).as_str()), (action, "(nothing)\n"));
        assert_eq!(asked(&workspace), expected, "{config}");
    }
    call(&workspace.sandbox, Service::Iam, "DeleteRole", json!({ "RoleName": "task" }));
    workspace.sandbox.clear_calls();
    let diagnostics = workspace.destroy("app").await;
    assert!(!render(&diagnostics).contains("role"), "{diagnostics:#?}");
    assert!(asked(&workspace).is_empty(), "{:?}", asked(&workspace));
}

#[tokio::test]
async fn what_went_since_the_create_is_told_by_the_plan_of_the_next_deployment() {
    let mut workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    let config = everything(&subnets);
    workspace.applied("app", &config).await;
    call(&workspace.sandbox, Service::Iam, "DeleteRole", json!({ "RoleName": "execution" }));
    call(&workspace.sandbox, Service::Iam, "DeleteRole", json!({ "RoleName": "task" }));
    call(&workspace.sandbox, Service::Ssm, "DeleteParameter", json!({ "Name": "/app/key" }));
    workspace.clock_advance(100).await;
    let tagged = with(&config, "tags", json!({ "a": "b" }));
    assert_eq!(render(&workspace.plan("app", &tagged).await.1), "(nothing)\n");
    let mut deployed = config.clone();
    deployed["primary_container"]["environment"] = json!({ "A": "b" });
    let told = render(&workspace.plan("app", &deployed).await.1);
    for words in
        ["The execution role does not exist", "The task role does not exist", "A parameter does not exist"]
    {
        assert!(told.contains(words), "{told}");
    }
}
