use super::config::schema::tests::{config, list, object, text, texts};
use super::*;
use std::time::SystemTime;

use crate::aws::testing::{Answer, FakeAws, environment, query_error};
use crate::clock::VirtualClock;
use crate::sandbox::Sandbox;

fn provider(aws: &FakeAws, variables: &[(&str, &str)]) -> ExpressProvider {
    let Surroundings { clock, environment, http_client } = aws.surroundings(variables);
    ExpressProvider::new(clock, http_client, environment)
}

const KEYS: [(&str, &str); 3] =
    [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", "env-secret")];

async fn configure(provider: &ExpressProvider, members: &[(&str, Value)]) -> Diagnostics {
    provider.configure(&Context::default(), "1.16.0", config(members)).await
}

fn summaries(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect()
}

#[tokio::test]
async fn an_empty_block_takes_everything_from_the_environment() {
    let provider = provider(&FakeAws::with_sts(), &KEYS);
    assert_eq!(configure(&provider, &[]).await, Diagnostics::none());
    let configured = provider.handle.configured().expect("configured");
    assert_eq!(configured.region, "eu-west-1");
    assert_eq!(configured.account_id.as_deref(), Some("123456789012"));
}

#[tokio::test]
async fn the_sandbox_is_an_aws_like_any_other() {
    let clock: SharedClock = Arc::new(VirtualClock::starting_at(SystemTime::UNIX_EPOCH));
    let sandbox = Sandbox::new(Arc::clone(&clock));
    let provider = ExpressProvider::new(clock, Some(sandbox.http_client()), environment(&KEYS));
    assert_eq!(configure(&provider, &[]).await, Diagnostics::none());
    let configured = provider.handle.configured().expect("configured");
    assert_eq!(configured.account_id.as_deref().map(str::len), Some(12));
    let calls: Vec<String> = sandbox.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls, ["GetCallerIdentity"]);
}

#[tokio::test]
async fn wrong_credentials_are_told_once_and_resources_do_not_repeat_it() {
    let aws = FakeAws::answering(|_| query_error("ExpiredToken", "The security token is expired"));
    let provider = provider(&aws, &KEYS);
    assert_eq!(configure(&provider, &[]).await, Diagnostics::none(), "functions need no AWS");
    let first = provider.handle.configured_if_known().expect_err("nobody was told yet");
    assert_eq!(first.summary, "AWS does not accept the credentials");
    assert!(provider.handle.configured_if_known().is_ok_and(|configured| configured.is_none()));
    let next = provider.handle.configured().expect_err("refused");
    assert_eq!(next.summary, "AWS cannot be called");
    assert!(next.detail.contains("AWS does not accept the credentials"), "{}", next.detail);
}

#[tokio::test]
async fn a_provider_without_credentials_or_region_is_configured_and_says_so_when_it_is_needed() {
    let silent = FakeAws::answering(|_| Answer::Lost("connection refused"));
    for (variables, expected) in [(&KEYS[..1], "No AWS credentials"), (&KEYS[1..], "No AWS region")] {
        let provider = provider(&silent, variables);
        assert_eq!(configure(&provider, &[]).await, Diagnostics::none());
        let refused = provider.handle.configured().expect_err("needed");
        assert_eq!((refused.summary.as_str(), &refused.path), (expected, &None));
    }
}

#[tokio::test]
async fn unknown_values_do_not_fail_until_something_needs_them() {
    let aws = FakeAws::with_sts();
    let provider = provider(&aws, &KEYS);
    let role = [("role_arn", Value::unknown())];
    let block = [("assume_role", list(&[object("assume_role", &role)]))];
    assert_eq!(configure(&provider, &block).await, Diagnostics::none());
    assert_eq!(aws.seen(), []);
    let refused = provider.handle.configured().expect_err("unknown");
    assert!(refused.detail.contains("`assume_role[0].role_arn` depends on"), "{}", refused.detail);
    assert_eq!(configure(&provider, &[]).await, Diagnostics::none());
    assert!(provider.handle.configured().is_ok(), "the next configuration replaces the first");
}

#[tokio::test]
async fn accounts_are_allowed_and_forbidden_by_what_sts_says() {
    let (own, other) = (texts(&["123456789012"]), texts(&["999999999999"]));
    let cases: [(&str, &Value, &[&str]); 4] = [
        ("allowed_account_ids", &own, &[]),
        ("allowed_account_ids", &other, &["AWS account 123456789012 is not allowed"]),
        ("forbidden_account_ids", &own, &["AWS account 123456789012 is not allowed"]),
        ("forbidden_account_ids", &other, &[]),
    ];
    for (argument, ids, expected) in cases {
        let provider = provider(&FakeAws::with_sts(), &KEYS);
        let diagnostics = configure(&provider, &[(argument, ids.clone())]).await;
        assert_eq!(summaries(&diagnostics), expected, "{argument}");
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.path == Some(Path::attribute(argument))));
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_known_is_not_allowed() {
    let silent = FakeAws::answering(|_| Answer::Lost("connection refused"));
    let endpoints = object("endpoints", &[("ecs", text("http://localhost:4566"))]);
    let block = [("endpoints", endpoints), ("allowed_account_ids", texts(&["123456789012"]))];
    let diagnostics = configure(&provider(&silent, &KEYS), &block).await;
    assert_eq!(summaries(&diagnostics), ["The AWS account of the credentials is not known"]);
}

#[tokio::test]
async fn insecure_is_a_warning() {
    let provider = provider(&FakeAws::with_sts(), &KEYS);
    let diagnostics = configure(&provider, &[("insecure", Value::Bool(true))]).await;
    assert_eq!(summaries(&diagnostics), ["TLS certificates are not verified"]);
    assert!(!diagnostics.has_errors());
    assert!(provider.handle.configured().is_ok());
}

#[tokio::test]
async fn a_stopped_provider_stops_configuring() {
    let aws = FakeAws::answering(|_| Answer::Never);
    let cx = Context::default();
    cx.cancellation.cancel();
    let diagnostics = provider(&aws, &KEYS).configure(&cx, "1.16.0", config(&[])).await;
    assert_eq!(summaries(&diagnostics), ["Cancelled"]);
}

#[tokio::test]
async fn nothing_shown_holds_a_secret() {
    let provider = provider(&FakeAws::with_sts(), &KEYS);
    let block =
        [("access_key", text("AKIAHIDDEN")), ("secret_key", text("hidden")), ("token", text("hidden"))];
    configure(&provider, &block).await;
    let shown = format!("{provider:?}").to_lowercase();
    assert!(!shown.contains("hidden") && !shown.contains("env-secret"), "{shown}");
}

#[test]
fn core_will_accept_every_schema() {
    let server = crate::framework::server::Server::new(Arc::new(provider(&FakeAws::with_sts(), &KEYS)));
    assert_eq!(server.problems("express"), Vec::<String>::new());
}
