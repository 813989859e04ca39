//! How often the monitor asks.

use std::collections::BTreeMap;
use std::time::Duration;

use terraform_provider_express::monitor::Options;

use super::watching::Watcher;
use crate::support::workspace::{Workspace, three_inputs, with};

/// A workspace with so many services, and the calls of one round that looks at all of them.
async fn calls_of_a_round(services: usize) -> (BTreeMap<String, usize>, Duration) {
    let mut workspace = Workspace::new().await;
    for number in 0..services {
        let config = with(&three_inputs(), "service_name", format!("api-{number}"));
        let config = with(&config, "wait_for_steady_state", false);
        workspace.apply(&format!("app{number}"), &config).await;
    }
    workspace.clock_advance(600).await;
    let options = Options { all: true, ..Options::default() };
    let mut session = Watcher::of(&workspace).begin(&options).await.expect("services");
    session.look().await;
    workspace.sandbox.clear_calls();
    session.look().await;
    let mut calls = BTreeMap::new();
    for call in workspace.sandbox.calls() {
        *calls.entry(call.operation).or_default() += 1;
    }
    (calls, session.interval())
}

#[tokio::test]
async fn calls_are_batched_grow_linearly_and_only_read() {
    let (one, interval) = calls_of_a_round(1).await;
    assert!(one.keys().all(|operation| operation.starts_with("Describe")), "{one:?}");
    assert_eq!(one.values().sum::<usize>(), 3, "{one:?}");
    assert_eq!(interval, Duration::from_secs(5));
    let (many, interval) = calls_of_a_round(24).await;
    let expected =
        [("DescribeServiceDeployments", 3), ("DescribeServiceRevisions", 3), ("DescribeServices", 3)];
    assert_eq!(many, expected.map(|(name, count)| (name.to_owned(), count)).into());
    assert_eq!(interval, Duration::from_secs(6), "a quarter of a second for each service");
}
