//! Services of the composed engine are imported and looked up as those of the managed one.

use serde_json::{Value as Json, json};

use super::kinds::{create_every_kind, on_a_domain, with_sidecars};
use super::{composed, make_plain_service, workspace};
use crate::data_sources::{ALL, NOT_ALIKE, ONE, count_calls, found, names};
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn an_imported_service_of_every_kind_plans_no_change() {
    let mut owner = workspace().await;
    for (name, config) in create_every_kind(&mut owner).await {
        let mut importer = owner.neighbour().await;
        let cluster = owner.attribute(&name, "cluster");
        let by_name = format!("{}/{name}", cluster.as_str().expect("a cluster"));
        let arn = owner.attribute(&name, "service_arn");
        for id in [by_name.as_str(), arn.as_str().expect("an ARN")] {
            let said = importer.import(&name, id).await;
            assert!(!said.has_errors(), "{name}: {said:?}");
            assert_eq!(importer.attribute(&name, "engine"), json!("composed"));
            let (action, said) = importer.plan(&name, &config).await;
            assert_eq!(action, Action::Nothing, "{name}: {said:?}");
            importer.forget(&name);
        }
    }
}

#[tokio::test]
async fn an_ordinary_service_is_told_at_import_and_what_to_do() {
    let mut workspace = workspace().await;
    make_plain_service(&workspace, "prod", "plain");
    for id in ["prod/plain", "arn:aws:ecs:eu-west-1:123456789012:service/prod/plain"] {
        let said = workspace.import("app", id).await;
        assert_eq!(summaries(&said), ["Service `plain` is not an Express service"], "{id}");
        let hints = &said.iter().next().expect("one").hints;
        assert!(hints[0].contains("`aws_ecs_service` of hashicorp/aws"), "{hints:?}");
    }
    for id in ["prod/absent", "arn:aws:ecs:eu-west-1:123456789012:service/prod/absent"] {
        let said = workspace.import("app", id).await;
        assert_eq!(summaries(&said), ["Cannot import a service that does not exist"], "{id}");
        let diagnostic = said.iter().next().expect("one");
        assert_eq!(diagnostic.detail, "No service `absent` lives in cluster `prod` in eu-west-1.");
        assert_eq!(diagnostic.hints[0], "aws ecs list-services --cluster prod");
    }
}

/// Every attribute of a look-up that the resource has, too.
fn assert_alike(workspace: &Workspace, name: &str, found: &Json, except: &[&str]) {
    let server = workspace.server();
    let resource = server.resource(ONE).expect("the resource exists");
    for attribute in &resource.schema.attributes {
        if !NOT_ALIKE.contains(&attribute.name) && !except.contains(&attribute.name) {
            let of_resource = workspace.attribute(name, attribute.name);
            assert_eq!(found[attribute.name], of_resource, "{}", attribute.name);
        }
    }
}

#[tokio::test]
async fn a_service_is_found_by_arn_and_by_name_with_the_attributes_of_the_resource() {
    let mut workspace = workspace().await;
    workspace.applied("app", &on_a_domain("api")).await;
    workspace.applied("logged", &with_sidecars("logged")).await;
    for (name, service) in [("app", "api"), ("logged", "logged")] {
        let arn = workspace.attribute(name, "service_arn");
        for keys in [json!({ "service_arn": arn }), json!({ "service_name": service })] {
            let found = found(&workspace, ONE, keys).await;
            assert_eq!(found["engine"], json!("composed"));
            assert_alike(&workspace, name, &found, &["load_balancer", "sidecars"]);
        }
    }
}

#[tokio::test]
async fn a_look_up_shows_what_is_live_though_nobody_wrote_it() {
    let mut workspace = workspace().await;
    workspace.applied("app", &on_a_domain("api")).await;
    workspace.applied("logged", &with_sidecars("logged")).await;
    let api = found(&workspace, ONE, json!({ "service_name": "api" })).await;
    assert_eq!(api["url"], json!("https://api.example.com"));
    assert_eq!(api["domain"]["hostname"], json!("api.example.com"));
    assert_eq!(api["domain"]["hosted_zone"], json!("example.com"));
    assert_eq!(api["domain"]["additional_hostnames"], json!(["api-alias.example.com"]));
    assert_eq!(api["load_balancer"]["scheme"], json!("internet-facing"));
    assert_eq!(api["load_balancer"]["subnets"], api["network_configuration"]["subnets"]);
    assert_eq!(api["sidecars"], Json::Null);

    let logged = found(&workspace, ONE, json!({ "service_name": "logged" })).await;
    let written = with_sidecars("logged");
    let agent = &logged["sidecars"]["agent"];
    for (member, value) in written["sidecars"]["agent"].as_object().expect("members") {
        match member.as_str() {
            "health_check" => assert_eq!(agent[member]["command"], value["command"]),
            "port_mappings" => assert_eq!(agent[member][1], value[1]),
            "log_configuration" => assert_eq!(agent[member]["options"], value["options"]),
            _ => assert_eq!(&agent[member], value, "{member}"),
        }
    }
    let router = &logged["sidecars"]["router"];
    assert_eq!(router["firelens_configuration"]["type"], json!("fluentbit"));
    assert_eq!(router["log_configuration"]["log_driver"], json!("awslogs"), "its own log is shown, too");
}

#[tokio::test]
async fn services_of_both_engines_are_listed_with_their_urls_and_told_apart() {
    let mut workspace = workspace().await;
    workspace.applied("d", &on_a_domain("d")).await;
    workspace.applied("p", &with(&composed("p"), "tags", json!({ "team": "a" }))).await;
    workspace.applied("m", &with(&three_inputs(), "service_name", "m")).await;
    make_plain_service(&workspace, "default", "theirs");
    workspace.sandbox.clear_calls();
    let all = found(&workspace, ALL, json!({})).await;
    assert_eq!(names(&all), ["d", "m", "p"]);
    let counted =
        ["DescribeServices", "DescribeSecurityGroups", "DescribeTargetGroups", "DescribeLoadBalancers"];
    assert_eq!(counted.map(|operation| count_calls(&workspace, operation)), [1, 1, 1, 1]);
    for row in all["services"].as_array().expect("rows") {
        let name = row["service_name"].as_str().expect("a name");
        for attribute in ["url", "hostname", "status", "engine", "service_arn", "cluster_arn"] {
            assert_eq!(row[attribute], workspace.attribute(name, attribute), "{name}: {attribute}");
        }
    }
    assert_eq!(all["services"][0]["url"], json!("https://d.example.com"));
    assert!(all["services"][2]["url"].as_str().is_some_and(|url| url.starts_with("http://xp-")));
    for (filters, expected) in [
        (json!({ "engine": "composed" }), vec!["d", "p"]),
        (json!({ "engine": "managed" }), vec!["m"]),
        (json!({ "engine": "composed", "tags": { "team": "a" } }), vec!["p"]),
        (json!({ "engine": "composed", "cluster": "default" }), vec!["d", "p"]),
    ] {
        assert_eq!(names(&found(&workspace, ALL, filters.clone()).await), expected, "{filters}");
    }
}

#[tokio::test]
async fn a_url_that_may_not_be_read_is_missing_from_its_row_and_nothing_else_is() {
    use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
    let mut workspace = workspace().await;
    workspace.applied("p", &composed("p")).await;
    for operation in ["DescribeSecurityGroups", "DescribeTargetGroups"] {
        let message = format!("User is not authorized to perform: {operation}");
        let effect = FaultEffect::Fail { code: "AccessDenied".to_owned(), message, status: 403 };
        workspace.sandbox.add_fault(FaultRule::on(operation, effect)).expect("a rule");
    }
    let row = &found(&workspace, ALL, json!({})).await["services"][0];
    assert_eq!((&row["url"], &row["status"]), (&Json::Null, &json!("ACTIVE")));
}
