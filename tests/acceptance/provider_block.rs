//! The provider block: tags for everything, and what is wrong with credentials and regions.

use serde_json::json;

use crate::support::configuration::service;
use crate::support::feature::Feature;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

#[test]
fn default_tags_reach_the_service_and_ignored_tags_are_left_alone() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let provider = |team: &str| {
            format!(
                "provider \"express\" {{\n  default_tags {{\n    tags = {{ team = {team:?}, stage = \"test\" }}\n  }}\n\
                 ignore_tags {{\n    keys = [\"cost\"]\n    key_prefixes = [\"auto:\"]\n  }}\n}}\n"
            )
        };
        let app = service("app", r#"tags = { stage = "prod", own = "1" }"#);
        let workspace = Workspace::new(cli, &sandbox, &format!("{}{app}", provider("web")));
        workspace.apply();
        workspace.plan_is_empty();
        let tags = |workspace: &Workspace| {
            let state = workspace.show().remove("express_gateway_service.app").unwrap();
            (state["tags"].clone(), state["tags_all"].clone())
        };
        let own = json!({"stage": "prod", "own": "1"});
        assert_eq!(tags(&workspace), (own.clone(), json!({"stage": "prod", "own": "1", "team": "web"})));

        let arn = workspace.show()["express_gateway_service.app"]["service_arn"].as_str().unwrap().to_owned();
        crate::support::aws::Aws::at(&sandbox).tag(&arn, &[("cost", "7"), ("auto:owner", "bot")]);
        workspace.plan_is_empty();

        workspace.rewrite(&format!("{}{app}", provider("api")));
        workspace.plan_has_changes().says("1 to change");
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(tags(&workspace), (own, json!({"stage": "prod", "own": "1", "team": "api"})));
        let live = crate::support::aws::Aws::at(&sandbox).list_tags(&arn);
        assert_eq!(live.get("cost").map(String::as_str), Some("7"), "ignored tags stay: {live:?}");
        assert_eq!(live.get("team").map(String::as_str), Some("api"));
        assert_eq!(sandbox.list_calls("UpdateExpressGatewayService").len(), 0, "tags roll nothing out");
    });
}

/// Two services, so that a fault of the provider block could be told twice.
fn two_services(provider: &str) -> String {
    format!("{provider}{}{}", service("api", ""), service("web", ""))
}

/// A message without the place that core shows: whichever service needs AWS first.
fn without_place(diagnostic: &str) -> String {
    let paragraphs = diagnostic.split("\n\n").filter(|paragraph| !paragraph.starts_with("  with "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn an_endpoint_where_nothing_listens_is_one_diagnostic() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        for engine in ["managed", "composed"] {
            let provider = format!("provider \"express\" {{\n  engine = {engine:?}\n}}\n");
            let mut workspace = Workspace::new(cli, &sandbox, &two_services(&provider));
            workspace.set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
            for command in [&["plan"][..], &["apply", "-auto-approve"]] {
                let run = workspace.run(command).failed();
                let errors = run.diagnostics().into_iter().filter(|said| said.starts_with("Error:"));
                assert_eq!(errors.count(), 1, "{}", run.output);
                run.says("nothing listens at http://127.0.0.1:1, the endpoint that AWS_ENDPOINT_URL names");
            }
        }
    });
}

#[test]
fn a_configuration_of_functions_alone_needs_no_credentials() {
    with_every_cli(|cli| {
        if !cli.has(Feature::Function) {
            return;
        }
        let sandbox = SandboxProcess::start();
        let output =
            "output \"size\" {\n  value = provider::express::fargate_size(\"256\", \"512\").cpu\n}\n";
        let mut workspace = Workspace::new(cli, &sandbox, &format!("provider \"express\" {{}}\n{output}"));
        for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"] {
            workspace.unset(variable);
        }
        workspace.run(&["plan"]).succeeded().says("256");
    });
}

#[test]
fn missing_credentials_are_one_diagnostic() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let mut workspace = Workspace::new(cli, &sandbox, &two_services("provider \"express\" {}\n"));
        workspace.unset("AWS_ACCESS_KEY_ID");
        workspace.unset("AWS_SECRET_ACCESS_KEY");
        let run = workspace.run(&["plan"]).failed();
        assert_eq!(run.diagnostics().len(), 1, "{}", run.output);
        insta::assert_snapshot!("missing_credentials", without_place(&run.diagnostics()[0]));
    });
}

#[test]
fn a_wrong_region_is_one_diagnostic() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        for (snapshot, region) in [("misspelled_region", "Frankfurt"), ("unreachable_region", "eu-middle-1")]
        {
            let provider = format!("provider \"express\" {{\n  region = {region:?}\n}}\n");
            let mut workspace = Workspace::new(cli, &sandbox, &two_services(&provider));
            // Without the sandbox's endpoint the way leads to AWS; this proxy, which is not there, ends it here.
            workspace.unset("AWS_ENDPOINT_URL");
            workspace.set("HTTPS_PROXY", "http://127.0.0.1:1");
            let run = workspace.run(&["plan"]).failed();
            assert_eq!(run.diagnostics().len(), 1, "{}", run.output);
            insta::assert_snapshot!(snapshot, without_place(&run.diagnostics()[0]));
        }
    });
}

#[test]
fn a_missing_region_is_one_diagnostic() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let mut workspace = Workspace::new(cli, &sandbox, &two_services("provider \"express\" {}\n"));
        workspace.unset("AWS_REGION");
        let run = workspace.run(&["plan"]).failed();
        assert_eq!(run.diagnostics().len(), 1, "{}", run.output);
        insta::assert_snapshot!("missing_region", without_place(&run.diagnostics()[0]));
    });
}

#[test]
fn an_account_that_is_not_allowed_is_one_diagnostic() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let provider = "provider \"express\" {\n  allowed_account_ids = [\"111111111111\"]\n}\n";
        let workspace = Workspace::new(cli, &sandbox, &two_services(provider));
        let run = workspace.run(&["plan"]).failed();
        assert_eq!(run.diagnostics().len(), 1, "{}", run.output);
        insta::assert_snapshot!("account_not_allowed", run.diagnostics()[0]);
    });
}
