//! What the look-ups of a plan cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::account::{OPERATIONS, everything, furnish};
use crate::support::workspace::{Action, Workspace, with};

/// Plans so many services at once, ten different ones of each sort of thing among them; the calls by operation.
async fn plan_services(count: usize) -> BTreeMap<String, usize> {
    let workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    workspace.sandbox.clear_calls();
    let sandbox = workspace.sandbox.clone();
    let workspace = Arc::new(workspace);
    let mut plans = tokio::task::JoinSet::new();
    for number in 0..count {
        let config = service(&subnets, number);
        plans.spawn(Arc::clone(&workspace).plan_create(format!("app{number}"), config));
    }
    for action in plans.join_all().await {
        assert_eq!(action, Action::Create);
    }
    let mut calls = BTreeMap::new();
    for call in sandbox.calls() {
        *calls.entry(call.operation).or_default() += 1;
    }
    calls
}

fn service(subnets: &[String], number: usize) -> Json {
    let config = with(&everything(subnets), "service_name", format!("app{number}"));
    let config = with(&config, "task_role_arn", super::account::role(&format!("task{}", number % 10)));
    let mut container = config["primary_container"].clone();
    container["secrets"] = json!({ "KEY": format!("/app/key{number}") });
    with(&config, "primary_container", container)
}

#[tokio::test]
async fn a_plan_of_a_hundred_services_looks_each_thing_up_once() {
    let calls = plan_services(100).await;
    let of = |operation: &str| calls.get(operation).copied().unwrap_or_default();
    // Infrastructure, execution and ten task roles.
    assert_eq!(of("GetRole"), 12);
    for once in
        ["DescribeSubnets", "DescribeRouteTables", "DescribeClusters", "DescribeLogGroups", "BatchGetImage"]
    {
        assert_eq!(of(once), 1, "{once}: {calls:#?}");
    }
    // A hundred names ten to a call, a hundred parameters fifty to a call.
    assert_eq!((of("DescribeServices"), of("DescribeParameters")), (10, 2), "{calls:#?}");
}

#[tokio::test]
async fn the_cost_grows_by_distinct_things_only() {
    let (few, many) = (plan_services(20).await, plan_services(200).await);
    for operation in OPERATIONS.into_iter().filter(|operation| *operation != "DescribeParameters") {
        assert_eq!(few.get(operation), many.get(operation), "{operation}");
    }
}
