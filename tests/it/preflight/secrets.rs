//! What could be a secret is in no message, whatever is wrong with it.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::account::furnish;
use crate::support::cloud::call;
use crate::support::values::told;
use crate::support::workspace::{Workspace, three_inputs, with};

/// A password that could be the name of a parameter, and one that could not.
const PASSWORDS: [&str; 2] = ["hunter2-s3cret", "hunter2 s3cret!"];

/// Everything that a container can be given a secret in, one at a time; the key under which it should be named.
fn places(password: &str) -> Vec<(Json, &'static str)> {
    let container = |member: &str, value: Json| {
        let mut container = json!({ "image": "public.ecr.aws/nginx/nginx:1.28" });
        container[member] = value;
        with(&three_inputs(), "primary_container", container)
    };
    let sidecar = |member: &str, value: Json| {
        let mut sidecar = json!({ "image": "agent:1" });
        sidecar[member] = value;
        with(&with(&three_inputs(), "engine", "composed"), "sidecars", json!({ "agent": sidecar }))
    };
    let logs = |member: &str, value: Json| {
        let logs = json!({ "log_driver": "splunk", member: value });
        with(&container("log_configuration", logs), "engine", "composed")
    };
    vec![
        (container("secrets", json!({ "DB": password })), "primary_container.secrets[\"DB\"]"),
        (container("environment", json!({ "DB": password })), ""),
        (container("command", json!(["serve", password])), ""),
        (
            container("repository_credentials", json!({ "credentials_parameter": password })),
            "primary_container.repository_credentials.credentials_parameter",
        ),
        (sidecar("secrets", json!({ "DB": password })), "sidecars[\"agent\"].secrets[\"DB\"]"),
        (sidecar("environment", json!({ "DB": password })), ""),
        (sidecar("entry_point", json!([password])), ""),
        (
            sidecar("repository_credentials", json!({ "credentials_parameter": password })),
            "sidecars[\"agent\"].repository_credentials.credentials_parameter",
        ),
        (
            sidecar("health_check", json!({ "command": [password, "x"] })),
            "sidecars[\"agent\"].health_check.command",
        ),
        (
            logs("secret_options", json!({ "splunk-token": password })),
            if password.contains(' ') {
                "primary_container.log_configuration.secret_options[\"splunk-token\"]"
            } else {
                ""
            },
        ),
        (logs("options", json!({ "splunk-token": password })), ""),
    ]
}

#[tokio::test]
async fn a_secret_in_the_place_of_its_reference_is_named_by_its_key_alone() {
    for password in PASSWORDS {
        for (config, key) in places(password) {
            let mut workspace = Workspace::new().await;
            furnish(&workspace.sandbox);
            // In the sandbox everything is there that nobody has deleted.
            call(&workspace.sandbox, Service::Ssm, "DeleteParameter", json!({ "Name": password }));
            call(
                &workspace.sandbox,
                Service::SecretsManager,
                "DeleteSecret",
                json!({ "SecretId": password }),
            );
            let (_, diagnostics) = workspace.plan("app", &config).await;
            let said = format!("{}{diagnostics:?}", told(&diagnostics));
            assert!(!said.contains("hunter2"), "{config}: {said}");
            let paths: Vec<_> =
                diagnostics.iter().filter_map(|it| Some(it.path.as_ref()?.to_string())).collect();
            assert!(key.is_empty() || paths.iter().any(|path| path == key), "{key}: {said}");
            if key.ends_with("secrets[\"DB\"]") {
                assert!(said.contains("never the value itself"), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret_that_aws_repeats_is_taken_out_of_its_words() {
    let mut workspace = Workspace::new().await;
    furnish(&workspace.sandbox);
    let effect = FaultEffect::Fail {
        code: "InvalidParameterException".to_owned(),
        message: "invalid ssm parameters: hunter2-s3cret, /app/gone".to_owned(),
        status: 400,
    };
    workspace.sandbox.add_fault(FaultRule::on("CreateExpressGatewayService", effect)).expect("a rule");
    let container = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28",
        "secrets": { "DB": "hunter2-s3cret", "KEY": "/app/gone" },
    });
    let applied = workspace.apply("app", &with(&three_inputs(), "primary_container", container)).await;
    let said = told(&applied.diagnostics);
    assert!(!said.contains("hunter2") && !said.contains("/app/gone"), "{said}");
    let expected = "invalid ssm parameters: [the value of primary_container.secrets[\"DB\"]], [the value of \
                    primary_container.secrets[\"KEY\"]]";
    assert!(said.contains(expected), "{said}");
}
