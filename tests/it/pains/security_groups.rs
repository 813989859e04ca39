//! Pain 1: ECS attaches a security group of its own and echoes it among the user's.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::live;
use crate::support::cloud::{call, default_security_group_id, list_subnet_ids};
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn create_group(workspace: &Workspace, name: &str) -> String {
    let vpcs = call(&workspace.sandbox, Service::Ec2, "DescribeVpcs", json!({}));
    let input = json!({ "GroupName": name, "Description": name, "VpcId": vpcs["Vpcs"][0]["VpcId"] });
    let group = call(&workspace.sandbox, Service::Ec2, "CreateSecurityGroup", input);
    group["GroupId"].as_str().expect("an id").to_owned()
}

fn live_groups(workspace: &Workspace) -> Vec<String> {
    let configuration = live::configuration(workspace, "app");
    let groups = configuration["networkConfiguration"]["securityGroups"].as_array().expect("a list");
    groups.iter().map(|group| group.as_str().expect("an id").to_owned()).collect()
}

fn check_groups(workspace: &Workspace, wanted: &[&String]) {
    let managed = workspace.attribute("app", "infrastructure.service_security_group_ids");
    let managed = managed[0].as_str().expect("ECS's own group").to_owned();
    let live = live_groups(workspace);
    assert!(live.contains(&managed), "cut off from the load balancer: {live:?}");
    assert_eq!(live.len(), wanted.len() + 1, "{live:?}");
    assert!(wanted.iter().all(|group| live.contains(group)), "{live:?}");
}

#[tokio::test]
async fn plan_is_empty_when_aws_adds_its_security_group() {
    for count in [None, Some(0), Some(1), Some(2)] {
        let mut workspace = Workspace::new().await;
        let groups = [default_security_group_id(&workspace.sandbox), create_group(&workspace, "own")];
        let wanted: Vec<_> = groups.iter().take(count.unwrap_or_default()).collect();
        let config = match count {
            None => three_inputs(),
            Some(0) => {
                let network = json!({ "subnets": list_subnet_ids(&workspace.sandbox) });
                with(&three_inputs(), "network_configuration", network)
            }
            Some(_) => with(&three_inputs(), "network_configuration", json!({ "security_groups": wanted })),
        };
        assert_eq!(workspace.applied("app", &config).await, Action::Create);
        let in_state = workspace.attribute("app", "network_configuration.security_groups");
        let in_state = in_state.as_array().cloned().unwrap_or_default();
        assert_eq!(in_state.len(), wanted.len(), "{in_state:?}");
        check_groups(&workspace, &wanted);
    }
}

#[tokio::test]
async fn the_service_keeps_aws_s_security_group_while_the_users_groups_change() {
    let mut workspace = Workspace::new().await;
    let (first, second) = (create_group(&workspace, "first"), create_group(&workspace, "second"));
    workspace.applied("app", &three_inputs()).await;
    let steps: [(Json, Vec<&String>); 4] = [
        (json!({ "security_groups": [first] }), vec![&first]),
        (json!({ "security_groups": [second, first] }), vec![&first, &second]),
        (json!({ "security_groups": [second] }), vec![&second]),
        (json!({}), vec![]),
    ];
    for (network, wanted) in steps {
        let config = with(&three_inputs(), "network_configuration", network);
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{wanted:?}");
        check_groups(&workspace, &wanted);
    }
}

#[tokio::test]
async fn security_groups_go_when_the_whole_network_configuration_is_removed() {
    let mut workspace = Workspace::new().await;
    let group = create_group(&workspace, "own");
    let config = with(&three_inputs(), "network_configuration", json!({ "security_groups": [group] }));
    workspace.applied("app", &config).await;
    check_groups(&workspace, &[&group]);
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Update);
    check_groups(&workspace, &[]);
}
