//! `data "express_gateway_service"` and `data "express_gateway_services"` against services of the sandbox.

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::server::{ClientCapabilities, ReadDataSourceRequest};
use terraform_provider_express::framework::value::json::encode;
use terraform_provider_express::framework::{Diagnostic, Diagnostics};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use crate::composed::make_plain_service;
use crate::support::cloud::{call, create_cluster};
use crate::support::values::summaries;
use crate::support::workspace::{Workspace, expand, three_inputs, with};

pub(crate) const ONE: &str = "express_gateway_service";
pub(crate) const ALL: &str = "express_gateway_services";

/// What the resource has and the data source has not, or has otherwise.
pub(crate) const NOT_ALIKE: [&str; 7] = [
    "delete_logs_on_destroy",
    "deployment",
    "image_source",
    "tags",
    "tags_all",
    "timeouts",
    "wait_for_steady_state",
];

/// Validates and reads a data source, as core does in a plan.
async fn read(workspace: &Workspace, type_name: &str, config: Json) -> Result<Json, Diagnostics> {
    read_with_warnings(workspace, type_name, config).await.map(|(found, _)| found)
}

/// The same, and what the user is told beside it.
async fn read_with_warnings(
    workspace: &Workspace,
    type_name: &str,
    config: Json,
) -> Result<(Json, Diagnostics), Diagnostics> {
    let server = workspace.server();
    let r#type = &server.data_source(type_name).expect("the data source exists").r#type;
    let config = expand(r#type, &config);
    let diagnostics = server.validate_data_source_config(type_name, &config);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let request = ReadDataSourceRequest {
        type_name: type_name.to_owned(),
        config,
        capabilities: ClientCapabilities::default(),
    };
    let response = server.read_data_source(request).await;
    if response.diagnostics.has_errors() {
        return Err(response.diagnostics);
    }
    Ok((encode(&response.state, r#type).expect("wholly known"), response.diagnostics))
}

pub(crate) async fn found(workspace: &Workspace, type_name: &str, config: Json) -> Json {
    read(workspace, type_name, config).await.unwrap_or_else(|said| panic!("{said:#?}"))
}

async fn refused(workspace: &Workspace, type_name: &str, config: Json) -> Diagnostic {
    let said = read(workspace, type_name, config).await.expect_err("a refusal");
    said.into_iter().next().expect("a message")
}

pub(crate) fn names(listed: &Json) -> Vec<&str> {
    let rows = listed["services"].as_array().expect("rows").iter();
    rows.map(|row| row["service_name"].as_str().expect("a name")).collect()
}

/// A service that nobody waits for.
fn create_service(workspace: &Workspace, cluster: &str, name: &str, tags: &Json) -> String {
    let created = call(
        &workspace.sandbox,
        Service::Ecs,
        "CreateExpressGatewayService",
        json!({
            "serviceName": name,
            "cluster": cluster,
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "infrastructureRoleArn": "arn:aws:iam::123456789012:role/infrastructure",
            "primaryContainer": { "image": "public.ecr.aws/nginx/nginx:1.28" },
            "tags": tags,
        }),
    );
    created["service"]["serviceArn"].as_str().expect("an ARN").to_owned()
}

pub(crate) fn count_calls(workspace: &Workspace, operation: &str) -> usize {
    workspace.sandbox.calls().iter().filter(|call| call.operation == operation).count()
}

#[tokio::test]
async fn a_service_is_found_by_arn_and_by_name_with_the_attributes_of_the_resource() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let config = with(&with(&three_inputs(), "service_name", "api"), "cluster", "prod");
    let container = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28",
        "environment": { "B": "2", "A": "1" },
        "command": ["serve"],
    });
    workspace.applied("app", &with(&config, "primary_container", container)).await;
    let arn = workspace.attribute("app", "service_arn");
    for keys in [json!({ "service_arn": arn }), json!({ "service_name": "api", "cluster": "prod" })] {
        let found = found(&workspace, ONE, keys).await;
        let server = workspace.server();
        let resource = server.resource(ONE).expect("the resource exists");
        for attribute in &resource.schema.attributes {
            if !NOT_ALIKE.contains(&attribute.name) {
                let of_resource = workspace.attribute("app", attribute.name);
                assert_eq!(found[attribute.name], of_resource, "{}", attribute.name);
            }
        }
        // The data source has the times, too.
        for member in ["arn", "status"] {
            let of_resource = workspace.attribute("app", &format!("deployment.{member}"));
            assert_eq!(found["deployment"][member], of_resource, "{member}");
        }
        assert!(found["deployment"]["finished_at"].is_string(), "{}", found["deployment"]);
        assert_eq!(
            found["ingress_paths"],
            json!([{ "access_type": "PUBLIC", "endpoint": found["hostname"] }])
        );
        assert!(found["url"].as_str().is_some_and(|url| url.starts_with("https://")));
        assert_eq!(found["tags"], json!({}));
    }
}

#[tokio::test]
async fn without_a_cluster_the_default_one_is_meant_and_an_arn_keeps_its_spelling() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    let by_name = found(&workspace, ONE, json!({ "service_name": "api" })).await;
    assert_eq!(by_name["cluster"], json!("default"));
    let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/default";
    let by_arn = found(&workspace, ONE, json!({ "service_name": "api", "cluster": cluster })).await;
    assert_eq!(by_arn["cluster"], json!(cluster));
    assert_eq!(by_arn["service_arn"], by_name["service_arn"]);
}

#[tokio::test]
async fn tags_are_all_but_those_that_the_provider_ignores() {
    let mut workspace = Workspace::with_provider(json!({
        "default_tags": { "tags": { "env": "prod" } },
        "ignore_tags": { "keys": ["cost"] },
    }))
    .await;
    let config = with(&with(&three_inputs(), "service_name", "api"), "tags", json!({ "team": "a" }));
    workspace.applied("app", &config).await;
    let tag = json!({
        "resourceArn": workspace.attribute("app", "service_arn"),
        "tags": [{ "key": "cost", "value": "1" }],
    });
    call(&workspace.sandbox, Service::Ecs, "TagResource", tag);
    let tags = json!({ "env": "prod", "team": "a" });
    assert_eq!(found(&workspace, ONE, json!({ "service_name": "api" })).await["tags"], tags);
    assert_eq!(found(&workspace, ALL, json!({})).await["services"][0]["tags"], tags);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_told_with_cluster_account_and_region() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/default/web";
    for keys in [json!({ "service_name": "web" }), json!({ "service_arn": arn })] {
        let said = refused(&workspace, ONE, keys).await;
        assert_eq!(said.summary, "No service `web` in cluster `default`");
        assert_eq!(
            said.detail,
            "A service named `web` that one of the two engines made was looked for in cluster `default` of account \
             123456789012 in eu-west-1: there is none."
        );
        assert_eq!(said.hints.len(), 2);
    }
    let elsewhere = json!({ "service_name": "api", "cluster": "nowhere" });
    assert_eq!(refused(&workspace, ONE, elsewhere).await.summary, "No service `api` in cluster `nowhere`");
    workspace.destroy("app").await;
    let gone = refused(&workspace, ONE, json!({ "service_name": "api" })).await;
    assert_eq!(gone.summary, "No service `api` in cluster `default`");
}

#[tokio::test]
async fn an_ordinary_service_is_told_from_an_express_service() {
    let workspace = Workspace::new().await;
    make_plain_service(&workspace, "prod", "plain");
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/plain";
    for keys in [json!({ "service_name": "plain", "cluster": "prod" }), json!({ "service_arn": arn })] {
        assert_eq!(refused(&workspace, ONE, keys).await.summary, "Service `plain` is not an Express service");
    }
    assert_eq!(names(&found(&workspace, ALL, json!({})).await), Vec::<&str>::new());
}

#[tokio::test]
async fn one_way_to_name_the_service_is_needed_and_not_two() {
    let workspace = Workspace::new().await;
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/default/api";
    for (keys, summary) in [
        (json!({}), "Which service is meant?"),
        (json!({ "cluster": "prod" }), "Which service is meant?"),
        (
            json!({ "service_arn": arn, "service_name": "api" }),
            "`service_name` cannot be set together with `service_arn`",
        ),
        (
            json!({ "service_arn": arn, "cluster": "default" }),
            "`cluster` cannot be set together with `service_arn`",
        ),
        (json!({ "service_arn": "api" }), "Invalid value for service_arn"),
        (json!({ "service_name": "a b" }), "Invalid value for service_name"),
        (
            json!({ "service_arn": arn.replace("eu-west-1", "us-east-1") }),
            "Service `api` is in another region",
        ),
    ] {
        assert_eq!(refused(&workspace, ONE, keys).await.summary, summary);
    }
}

#[tokio::test]
async fn services_are_listed_by_cluster_tags_and_engine() {
    let workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let team = |name: &str| json!([{ "key": "team", "value": name }]);
    create_service(&workspace, "prod", "web", &team("a"));
    create_service(&workspace, "prod", "api", &team("b"));
    create_service(&workspace, "default", "api", &team("a"));
    workspace.sandbox.advance(std::time::Duration::from_secs(3600));
    let all = found(&workspace, ALL, json!({})).await;
    assert_eq!(names(&all), ["api", "api", "web"], "sorted by ARN");
    let row = &all["services"][2];
    assert_eq!(row["cluster_arn"], json!("arn:aws:ecs:eu-west-1:123456789012:cluster/prod"));
    assert_eq!((&row["status"], &row["engine"]), (&json!("ACTIVE"), &json!("managed")));
    assert_eq!(row["url"], json!(format!("https://{}", row["hostname"].as_str().expect("a host name"))));
    for (filters, expected) in [
        (json!({ "cluster": "prod" }), vec!["api", "web"]),
        (json!({ "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod" }), vec!["api", "web"]),
        (json!({ "tags": { "team": "a" } }), vec!["api", "web"]),
        (json!({ "tags": { "team": "a" }, "cluster": "default" }), vec!["api"]),
        (json!({ "tags": { "team": "c" } }), vec![]),
        (json!({ "engine": "managed", "tags": { "team": "b" } }), vec!["api"]),
        (json!({ "engine": "composed" }), vec![]),
        (json!({ "cluster": "nowhere" }), vec![]),
    ] {
        assert_eq!(names(&found(&workspace, ALL, filters.clone()).await), expected, "{filters}");
    }
}

#[tokio::test]
async fn listing_reads_ten_services_to_a_call_and_describes_only_what_passes_the_filters() {
    let workspace = Workspace::new().await;
    for number in 0..23 {
        let tags = json!([{ "key": "even", "value": (number % 2 == 0).to_string() }]);
        create_service(&workspace, "default", &format!("service-{number:02}"), &tags);
    }
    workspace.sandbox.clear_calls();
    let listed = found(&workspace, ALL, json!({ "tags": { "even": "false" } })).await;
    assert_eq!(names(&listed).len(), 11);
    let counts = ["ListClusters", "ListServices", "DescribeServices", "DescribeExpressGatewayService"]
        .map(|operation| count_calls(&workspace, operation));
    assert_eq!(counts, [1, 1, 3, 11]);
}

#[tokio::test]
async fn a_refused_permission_says_what_was_read() {
    let workspace = Workspace::new().await;
    let denied = |operation| {
        let effect = FaultEffect::Fail {
            code: "AccessDeniedException".to_owned(),
            message: format!("User is not authorized to perform: ecs:{operation}"),
            status: 400,
        };
        FaultRule::on(operation, effect)
    };
    workspace.sandbox.add_fault(denied("ListClusters")).expect("a rule");
    let said = refused(&workspace, ALL, json!({})).await;
    assert_eq!(said.summary, "Cannot list the services in eu-west-1");
    assert!(said.detail.contains("ListClusters"), "{}", said.detail);
    workspace.sandbox.add_fault(denied("ListServices")).expect("a rule");
    let said = refused(&workspace, ALL, json!({ "cluster": "prod" })).await;
    assert_eq!(said.summary, "Cannot list the services of cluster `prod`");
    workspace.sandbox.add_fault(denied("DescribeServices")).expect("a rule");
    let said = refused(&workspace, ONE, json!({ "service_name": "api", "cluster": "prod" })).await;
    assert_eq!(said.summary, "Cannot look up service `api` in cluster `prod`");
}

#[tokio::test]
async fn a_stopped_terraform_ends_the_look_up() {
    let workspace = Workspace::new().await;
    create_service(&workspace, "default", "api", &json!([]));
    let server = workspace.server();
    workspace.sandbox.after_call("ListClusters", 0, move |_| {
        server.stop();
    });
    let said = read(&workspace, ALL, json!({})).await.expect_err("stopped");
    assert_eq!(summaries(&said), ["Cancelled"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_warning_and_the_rest_is_there() {
    let workspace = Workspace::new().await;
    for name in ["a", "b", "c"] {
        create_service(&workspace, "default", name, &json!([]));
    }
    let effect =
        FaultEffect::Fail { code: "AccessDeniedException".into(), message: "no".into(), status: 400 };
    let rule = FaultRule::on("DescribeExpressGatewayService", effect.clone()).skip(1);
    workspace.sandbox.add_fault(rule).expect("a rule");
    let (listed, said) = read_with_warnings(&workspace, ALL, json!({})).await.expect("read");
    assert_eq!(names(&listed).len(), 2, "{listed}");
    let [summary] = &summaries(&said)[..] else { panic!("{said:#?}") };
    assert!(summary.ends_with("is left out: it cannot be read"), "{summary}");

    create_cluster(&workspace.sandbox, "prod");
    workspace.sandbox.add_fault(FaultRule::on("ListServices", effect)).expect("a rule");
    let (_, said) = read_with_warnings(&workspace, ALL, json!({})).await.expect("read");
    let [summary] = &summaries(&said)[..] else { panic!("{said:#?}") };
    assert!(summary.starts_with("Services of cluster `"), "{summary}");

    let (listed, said) =
        read_with_warnings(&workspace, ALL, json!({ "cluster": "nowhere" })).await.expect("read");
    assert_eq!(names(&listed), Vec::<&str>::new());
    assert_eq!(summaries(&said), ["Cluster `nowhere` does not exist"]);
}
