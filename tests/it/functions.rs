//! `provider::express::...`: called as core calls them, before the provider is configured.

use std::sync::Arc;

use terraform_provider_express::clock::SystemClock;
use terraform_provider_express::framework::function::FunctionError;
use terraform_provider_express::framework::server::{ClientCapabilities, ConfigureRequest, Server};
use terraform_provider_express::framework::value::json::encode;
use terraform_provider_express::provider::ExpressProvider;

use serde_json::{Value as Json, json};

use crate::support::values::text;
use crate::support::workspace::expand;

const ARN: &str = "arn:aws-cn:ecs:cn-north-1:123456789012:service/prod/api";

fn server() -> Server {
    let environment = terraform_provider_express::aws::Environment::default();
    Server::new(Arc::new(ExpressProvider::new(Arc::new(SystemClock), None, environment)))
}

fn call(name: &str, arguments: &[&str]) -> Result<Json, FunctionError> {
    let server = server();
    let arguments: Vec<_> = arguments.iter().map(|argument| text(argument)).collect();
    let result = server.call_function(name, &arguments)?;
    let r#type = &server.function(name).expect("the function exists").signature.result;
    Ok(encode(&result, r#type).expect("wholly known"))
}

#[test]
fn a_service_arn_is_taken_apart() {
    let expected = json!({
        "partition": "aws-cn",
        "region": "cn-north-1",
        "account_id": "123456789012",
        "cluster": "prod",
        "service_name": "api",
    });
    assert_eq!(call("parse_service_arn", &[ARN]), Ok(expected));
}

#[test]
fn what_is_not_a_service_arn_is_refused_at_its_argument() {
    let refusal = call("parse_service_arn", &["arn:aws:ecs:eu-west-1:1:cluster/prod"]).expect_err("refused");
    assert_eq!(refusal.argument, Some(0));
    assert_eq!(
        refusal.text,
        "`arn:aws:ecs:eu-west-1:1:cluster/prod` is not the ARN of an ECS service \
         (arn:aws:ecs:region:account:service/cluster/name)."
    );
}

#[test]
fn a_size_is_given_as_the_resource_takes_it() {
    assert_eq!(call("fargate_size", &["0.5 vCPU", "1.5 GB"]), Ok(json!({ "cpu": "512", "memory": "2048" })));
    assert_eq!(call("fargate_size", &["300", "700"]), Ok(json!({ "cpu": "512", "memory": "1024" })));
    assert_eq!(call("fargate_size", &["300", "much"]).expect_err("refused").argument, Some(1));
}

#[test]
fn a_console_page_is_found_by_the_kind_of_the_arn() {
    let url =
        "https://cn-north-1.console.amazonaws.cn/ecs/v2/clusters/prod/services/api/health?region=cn-north-1";
    assert_eq!(call("console_url", &[ARN]), Ok(json!(url)));
    for arn in ["api", "arn:aws:sqs:eu-west-1:1:queue", "arn:aws-x:ecs:eu-west-1:1:service/prod/api"] {
        let refusal = call("console_url", &[arn]).expect_err(arn);
        assert_eq!(refusal.argument, Some(0));
        assert!(refusal.text.contains(arn), "{refusal}");
    }
}

#[test]
fn every_function_and_parameter_is_documented() {
    let server = server();
    assert_eq!(
        server.functions().keys().copied().collect::<Vec<_>>(),
        ["console_url", "fargate_size", "parse_service_arn"]
    );
    for (name, function) in server.functions() {
        let signature = &function.signature;
        assert!(!signature.summary.is_empty() && !signature.description.is_empty(), "{name}");
        assert!(signature.parameters.iter().all(|parameter| !parameter.description.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn a_configured_provider_without_credentials_and_region_still_calls_functions() {
    let server = server();
    let request = ConfigureRequest {
        terraform_version: "1.11.4".to_owned(),
        config: expand(server.provider_type(), &json!({})),
        capabilities: ClientCapabilities::default(),
    };
    let said = server.configure(request).await;
    assert!(said.is_empty(), "{said:#?}");
    let arguments = [text(ARN)];
    assert!(server.call_function("parse_service_arn", &arguments).is_ok());
}
