//! Tags reach whatever is made, when it is made: an organisation may deny what comes without them.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::{composed, told};
use crate::pains::live::befall;
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

async fn tagging_workspace() -> Workspace {
    let tags = json!({ "cost_center": "4711" });
    let workspace = Workspace::with_provider(json!({ "default_tags": { "tags": tags } })).await;
    // An account in which not even the default cluster is there.
    cloud::call(&workspace.sandbox, Service::Ecs, "DeleteCluster", json!({ "cluster": "default" }));
    befall(&workspace, "tag-required");
    workspace
}

async fn lives(workspace: &mut Workspace, config: &Json) {
    assert_eq!(workspace.applied("app", config).await, Action::Create);
    let image = json!({ "image": "public.ecr.aws/nginx/nginx:1.29" });
    assert_eq!(workspace.applied("app", &with(config, "primary_container", image)).await, Action::Update);
}

#[tokio::test]
async fn both_engines_make_nothing_without_the_tags_that_an_organisation_asks_for() {
    for engine in ["managed", "composed"] {
        let mut workspace = tagging_workspace().await;
        let config = with(&with(&three_inputs(), "service_name", "api"), "engine", engine);
        lives(&mut workspace, &config).await;
        let said = workspace.destroy("app").await;
        assert!(!said.has_errors(), "{engine}: {}", told(&said));
    }
}

#[tokio::test]
async fn what_services_share_has_the_default_tags_from_its_creation_on_and_no_name_of_one_of_them() {
    let mut workspace = tagging_workspace().await;
    let domain = json!({ "hosted_zone": "example.com" });
    let config = with(&with(&composed("api"), "domain", domain), "tags", json!({ "Name": "api" }));
    lives(&mut workspace, &config).await;
    let rename = json!({ "hosted_zone": "example.com", "hostname": "www.example.com" });
    assert_eq!(workspace.applied("app", &with(&config, "domain", rename)).await, Action::Update);
    let team = with(&config, "load_balancer", json!({ "pool": "team" }));
    assert_eq!(workspace.applied("app", &team).await, Action::Update);
    let arns = [
        workspace.attribute("app", "infrastructure.load_balancer_arn"),
        workspace.attribute("app", "infrastructure.listener_arn"),
    ];
    let tags =
        cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeTags", json!({ "ResourceArns": arns }));
    for described in tags["TagDescriptions"].as_array().expect("a list") {
        let tags = described["Tags"].to_string();
        assert!(tags.contains("4711") && !tags.contains("\"Name\""), "{described}");
    }
    let group = workspace.attribute("app", "infrastructure.load_balancer_security_group_ids")[0].clone();
    let groups = cloud::call(
        &workspace.sandbox,
        Service::Ec2,
        "DescribeSecurityGroups",
        json!({ "GroupIds": [group] }),
    );
    assert!(groups["SecurityGroups"][0]["Tags"].to_string().contains("4711"), "{groups}");
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
}
