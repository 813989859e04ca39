//! The policy of `docs/guides/permissions.md` for the composed engine, against the calls that it makes.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use terraform_provider_express::sandbox::journal::Call;

use super::{composed, leftovers, told, workspace};
use crate::data_sources::found;
use crate::pains::live;
use crate::permissions::{action_of, actions, deny, documented, statements};
use crate::support::cloud::call;
use crate::support::workspace::{Action, Workspace, with};

const HEADING: &str = "The composed engine";

/// Everything that a user does with composed services: with a domain and without, alone and on one load balancer;
/// creates, changes, looks up, imports, fails, destroys.
async fn tour(workspace: &mut Workspace) {
    // An account that nobody has used yet.
    call(&workspace.sandbox, Service::Ecs, "DeleteCluster", json!({ "cluster": "default" }));
    let api = on_domain("api");
    let api = with(&api, "log_retention_days", 30);
    assert_eq!(workspace.applied("api", &api).await, Action::Create);
    assert_eq!(workspace.applied("web", &on_domain("web")).await, Action::Create);
    assert_eq!(workspace.applied("plain", &composed("plain")).await, Action::Create);
    let api = change(workspace, api).await;
    behind_a_web_acl(workspace).await;
    let looked_up =
        found(workspace, "express_gateway_service", json!({ "service_name": "api", "cluster": "default" }))
            .await;
    assert_eq!(looked_up["url"], workspace.attribute("api", "url"));
    workspace.forget("api");
    let said = workspace.import("api", "default/api").await;
    assert!(!said.has_errors(), "{}", told(&said));
    fail(workspace, &api).await;
    for name in ["web", "plain", "api"] {
        let said = workspace.destroy(name).await;
        assert!(!said.has_errors(), "{name}: {}", told(&said));
    }
}

fn on_domain(name: &str) -> Json {
    with(&composed(name), "domain", json!({ "hosted_zone": "example.com" }))
}

/// A service whose load balancer is behind a web ACL, in a zone that is named by its id.
async fn behind_a_web_acl(workspace: &mut Workspace) {
    let visibility =
        json!({ "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m" });
    let input = json!({
        "Name": "acl", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} }, "VisibilityConfig": visibility,
    });
    let acl = call(&workspace.sandbox, Service::Wafv2, "CreateWebACL", input)["Summary"]["ARN"].take();
    let zones = call(&workspace.sandbox, Service::Route53, "ListHostedZones", json!({}));
    let zone = zones["HostedZones"][0]["Id"].as_str().expect("a zone").replace("/hostedzone/", "");
    let config = with(&composed("guarded"), "domain", json!({ "hosted_zone": zone }));
    let config = with(&config, "web_acl_arn", acl.clone());
    assert_eq!(workspace.applied("guarded", &config).await, Action::Create);
    let balancer = workspace.attribute("guarded", "infrastructure.load_balancer_arn");
    let input = json!({ "ResourceArn": balancer });
    let guarded = call(&workspace.sandbox, Service::Wafv2, "GetWebACLForResource", input);
    assert_eq!(guarded["WebACL"]["ARN"], acl);
    let said = workspace.destroy("guarded").await;
    assert!(!said.has_errors(), "{}", told(&said));
}

/// Every kind of change that is made in place, one after the other.
async fn change(workspace: &mut Workspace, config: Json) -> Json {
    let changes = [
        ("primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" })),
        ("scaling_target", json!({ "max_task_count": 7, "auto_scaling_metric": "AVERAGE_MEMORY" })),
        ("tags", json!({ "team": "web" })),
        ("tags", json!({ "owner": "web" })),
        ("health_check_path", json!("/ready")),
        ("log_retention_days", json!(7)),
        ("log_retention_days", json!(null)),
        ("deregistration_delay_seconds", json!(30)),
        ("deployment_configuration", json!({ "alarm": { "threshold_percent": 5 } })),
    ];
    let mut config = config;
    for (name, value) in changes {
        config = with(&config, name, value);
        assert_eq!(workspace.applied("api", &config).await, Action::Update, "{name}");
    }
    add_sidecar(workspace).await;
    split_rule(workspace);
    let other = json!({ "image": "public.ecr.aws/nginx/nginx:1.30" });
    config = with(&config, "primary_container", other);
    assert_eq!(workspace.applied("api", &config).await, Action::Update);
    let domain = json!({ "hosted_zone": "example.com", "hostname": "www.example.com" });
    for (name, value) in [("domain", domain), ("load_balancer", json!({ "pool": "team" }))] {
        config = with(&config, name, value);
        assert_eq!(workspace.applied("api", &config).await, Action::Update, "{name}");
    }
    config
}

/// Somebody adds a container by hand, which the engine then keeps.
async fn add_sidecar(workspace: &Workspace) {
    let ecs = |operation: &str, input| call(&workspace.sandbox, Service::Ecs, operation, input);
    let running = workspace.attribute("api", "task_definition_arn");
    let mut definition =
        ecs("DescribeTaskDefinition", json!({ "taskDefinition": running }))["taskDefinition"].take();
    let containers = definition["containerDefinitions"].as_array_mut().expect("containers");
    containers.push(json!({ "name": "agent", "image": "agent:1", "essential": false }));
    let registered = ecs("RegisterTaskDefinition", definition);
    let arn = registered["taskDefinition"]["taskDefinitionArn"].clone();
    ecs("UpdateService", json!({ "cluster": "default", "service": "api", "taskDefinition": arn }));
    workspace.clock_advance(3600).await;
}

/// Somebody leaves the rule split, which the engine repairs before it deploys.
fn split_rule(workspace: &Workspace) {
    let groups = workspace.attribute("api", "infrastructure.target_group_arns");
    let weight = |at: usize| json!({ "TargetGroupArn": groups[at], "Weight": 50 });
    let forward = json!({ "TargetGroups": [weight(0), weight(1)] });
    let input = json!({
        "RuleArn": workspace.attribute("api", "infrastructure.listener_rule_arn"),
        "Actions": [{ "Type": "forward", "ForwardConfig": forward }],
    });
    call(&workspace.sandbox, Service::Elbv2, "ModifyRule", input);
}

/// Deployments that are rolled back and explained, and a create that is refused and taken back.
async fn fail(workspace: &mut Workspace, config: &Json) {
    for (scenario, image) in [("image-not-found@image=missing", "missing:1"), ("crash:1@image=bad", "bad:1")]
    {
        live::befall(workspace, scenario);
        let bad = with(config, "primary_container", json!({ "image": image }));
        assert!(workspace.apply("api", &bad).await.diagnostics.has_errors(), "{image}");
    }
    let effect = FaultEffect::Fail {
        code: "InvalidParameterException".to_owned(),
        message: "This is refused by script.".to_owned(),
        status: 400,
    };
    workspace.sandbox.add_fault(FaultRule::on("CreateService", effect)).expect("a rule");
    assert!(workspace.apply("taken-back", &on_domain("taken-back")).await.diagnostics.has_errors());
}

/// The tagging right that a call needs besides its own, because it makes something with tags.
fn tagging(call: &Call) -> Option<&'static str> {
    let is_filled = |value: &Json| match value {
        Json::Array(list) => !list.is_empty(),
        Json::Object(members) => !members.is_empty(),
        _ => false,
    };
    let has_tags = ["Tags", "tags", "TagSpecifications"].iter().any(|name| is_filled(&call.input[name]));
    let action = match call.operation.as_str() {
        "TagResource" | "UntagResource" | "AddTags" | "CreateTags" | "AddTagsToCertificate" => return None,
        _ => match call.service {
            "acm" => "acm:AddTagsToCertificate",
            "application-autoscaling" => "application-autoscaling:TagResource",
            "ec2" => "ec2:CreateTags",
            "ecs" => "ecs:TagResource",
            "elasticloadbalancing" => "elasticloadbalancing:AddTags",
            "logs" => "logs:TagResource",
            "monitoring" => "cloudwatch:TagResource",
            _ => return None,
        },
    };
    has_tags.then_some(action)
}

/// What IAM asks for before it lets a call through (Service Authorization Reference).
fn actions_of(call: &Call) -> Vec<String> {
    let associates = call.operation == "AssociateWebACL";
    let also = associates.then_some("elasticloadbalancing:SetWebAcl").or_else(|| tagging(call));
    action_of(call).into_iter().chain(also.map(str::to_owned)).collect()
}

/// Names of the statements but those of IAM itself, which has no calls here.
fn names() -> Vec<String> {
    let names = statements(HEADING).into_iter().map(|it| it["Sid"].as_str().expect("a name").to_owned());
    names.filter(|name| name != "GiveRoles" && name != "FirstService").collect()
}

/// ARNs of what a call is about, as far as its input or its name says.
fn resources(call: &Call) -> Vec<String> {
    let (region, account) = (&call.region, &call.account_id);
    let text = |member: &str| call.input[member].as_str().map(str::to_owned);
    let texts = |member: &str| -> Vec<String> {
        let list = call.input[member].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let alarm = |name: String| format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}");
    match (call.service, call.operation.as_str()) {
        ("elasticloadbalancing", "CreateLoadBalancer") => {
            let named =
                |name| format!("arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}");
            text("Name").map(named).into_iter().collect()
        }
        ("elasticloadbalancing", "CreateTargetGroup") => {
            let named = |name| format!("arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}");
            text("Name").map(named).into_iter().collect()
        }
        ("elasticloadbalancing", _) => {
            let members = ["LoadBalancerArn", "ListenerArn", "RuleArn", "TargetGroupArn"];
            members.iter().filter_map(|member| text(member)).chain(texts("ResourceArns")).collect()
        }
        ("monitoring", "PutMetricAlarm") => text("AlarmName").map(alarm).into_iter().collect(),
        ("monitoring", "DeleteAlarms") => texts("AlarmNames").into_iter().map(alarm).collect(),
        ("monitoring", _) => text("ResourceARN").into_iter().collect(),
        ("logs", _) => {
            let named = |name| format!("arn:aws:logs:{region}:{account}:log-group:{name}");
            text("resourceArn").or_else(|| text("logGroupName").map(named)).into_iter().collect()
        }
        ("ecs", "CreateCluster" | "DeleteCluster") => {
            let name = text("clusterName").or_else(|| text("cluster")).unwrap_or_default();
            vec![format!("arn:aws:ecs:{region}:{account}:cluster/{name}")]
        }
        _ => Vec::new(),
    }
}

/// Whether an ARN is one of a statement's resources.
fn is_among(arn: &str, statement: &Json) -> bool {
    let patterns = match &statement["Resource"] {
        Json::Array(patterns) => patterns.clone(),
        pattern => vec![pattern.clone()],
    };
    patterns.iter().filter_map(Json::as_str).any(|pattern| fits(arn, pattern))
}

/// IAM's `*` stands for any text.
fn fits(text: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(text) = text.strip_prefix(start) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| fits(&text[at..], rest))
}

/// Whether a create sets the tag that the policy's conditions go by.
fn is_marked(call: &Call) -> bool {
    let tags = match call.operation.as_str() {
        "CreateSecurityGroup" => &call.input["TagSpecifications"][0]["Tags"],
        _ => &call.input["Tags"],
    };
    let mark = json!({ "Key": "terraform-provider-express:managed", "Value": "composed" });
    tags.as_array().is_some_and(|tags| tags.contains(&mark))
}

#[tokio::test]
async fn the_composed_engine_calls_exactly_what_its_policy_allows() {
    let mut workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
    tour(&mut workspace).await;
    let listed = found(&workspace, "express_gateway_services", json!({ "cluster": "default" })).await;
    assert_eq!(listed["services"], json!([]), "everything is destroyed");
    let calls = workspace.sandbox.calls();
    let used: BTreeSet<_> = calls.iter().flat_map(actions_of).collect();
    let names = names();
    let allowed = documented(HEADING, &names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(used, allowed);
    for call in &calls {
        let action = action_of(call).unwrap_or_default();
        let allowing: Vec<_> =
            statements(HEADING).into_iter().filter(|it| actions(it).contains(&action)).collect();
        for arn in resources(call) {
            assert!(allowing.iter().any(|it| is_among(&arn, it)), "{action} on {arn} is not allowed");
        }
        if ["CreateSecurityGroup", "RequestCertificate", "ImportCertificate"].contains(&&*call.operation) {
            assert!(is_marked(call), "{call:#?}");
        }
    }
}

#[tokio::test]
async fn the_composed_engine_works_without_looking_underneath() {
    let mut workspace = workspace().await;
    for action in documented(HEADING, &["LookUnderneath"]) {
        deny(&workspace, &action);
    }
    tour(&mut workspace).await;
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_denied_call_is_told_with_the_action_to_allow() {
    for action in documented(HEADING, &["Look", "NewSecurityGroups"]) {
        let mut workspace = workspace().await;
        deny(&workspace, &action);
        let applied = workspace.apply("app", &on_domain("app")).await;
        let told = told(&applied.diagnostics);
        assert!(!applied.diagnostics.has_errors() || told.contains(&format!("allow `{action}`")), "{told}");
    }
}

#[test]
fn a_pattern_stands_for_any_text() {
    assert!(fits("arn:aws:x:eu:1:loadbalancer/app/xp-a/1", "arn:aws:x:*:1:loadbalancer/app/xp-*"));
    assert!(!fits("arn:aws:x:eu:1:loadbalancer/app/mine/1", "arn:aws:x:*:1:loadbalancer/app/xp-*"));
    assert!(fits("a", "a") && !fits("ab", "a") && fits("ab/c", "*/c"));
}
