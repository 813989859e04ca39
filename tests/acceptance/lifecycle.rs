//! A service's whole life: install, check, plan, apply, change, import, destroy.

use serde_json::json;

use crate::support::configuration::{
    EXECUTION_ROLE_ARN, IMAGE, INFRASTRUCTURE_ROLE_ARN, service, service_of_image,
};
use crate::support::{SandboxProcess, Workspace, with_every_cli};

#[test]
fn three_inputs_make_a_service_that_can_be_changed_and_removed() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let outputs = r#"output "url" { value = express_gateway_service.app.url }"#;
        let workspace = Workspace::new(cli, &sandbox, &format!("{}{outputs}", service("app", "")));
        let lock = std::fs::read_to_string(workspace.path(".terraform.lock.hcl")).unwrap();
        assert!(lock.contains("express-gateway/express") && lock.contains("h1:"), "{lock}");
        workspace.run(&["validate"]).succeeded().says("The configuration is valid");

        workspace.plan_has_changes().says("1 to add, 0 to change, 0 to destroy");
        workspace.apply();
        workspace.plan_is_empty();
        let url = workspace.outputs()["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with("https://") && url.ends_with(".on.aws"), "{url}");

        let next = format!("{}{outputs}", service_of_image("app", "public.ecr.aws/nginx/nginx:1.29", ""));
        workspace.rewrite(&next);
        let plan = workspace.plan_has_changes().says("0 to add, 1 to change, 0 to destroy");
        let plan = plan.says("nginx:1.28").says("nginx:1.29").does_not_say("forces replacement");
        plan.does_not_say("Changes to Outputs");
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(workspace.outputs()["url"], url.as_str(), "an update keeps the URL");
        assert_eq!(sandbox.list_calls("UpdateExpressGatewayService").len(), 1);

        workspace.destroy();
        assert_eq!(workspace.list_state(), Vec::<String>::new());
        assert_eq!(sandbox.list_calls("CreateExpressGatewayService").len(), 1);
        assert_eq!(sandbox.list_calls("DeleteExpressGatewayService").len(), 1);
    });
}

#[test]
fn an_imported_service_needs_no_change() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let arguments = r#"
            service_name = "app"
            tags         = { team = "web" }
            scaling_target = { max_task_count = 3 }"#;
        let configuration = service("app", arguments);
        let author = Workspace::new(cli, &sandbox, &configuration);
        author.apply();
        let made = author.show().remove("express_gateway_service.app").unwrap();
        let arn = made["service_arn"].as_str().unwrap();

        for id in [arn, "default/app"] {
            let importer = Workspace::new(cli, &sandbox, &configuration);
            importer.run(&["import", "express_gateway_service.app", id]).succeeded();
            importer.plan_is_empty();
            let state = importer.show().remove("express_gateway_service.app").unwrap();
            for name in ["url", "infrastructure", "scaling_target", "tags", "tags_all"] {
                assert_eq!(state[name], made[name], "{name}");
            }
            // The log group that AWS named is left out of an import until the next refresh, so that nothing pins it.
            assert_eq!(state["primary_container"]["image"], made["primary_container"]["image"]);
        }

        let block = format!("import {{\n  to = express_gateway_service.app\n  id = \"{arn}\"\n}}\n");
        let importer = Workspace::new(cli, &sandbox, &format!("{configuration}{block}"));
        importer.apply().says("1 imported, 0 added, 0 changed, 0 destroyed");
        importer.plan_is_empty();
    });
}

#[test]
fn an_import_of_nothing_says_what_an_id_looks_like() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        let absent = "arn:aws:ecs:us-east-1:123456789012:service/default/absent";
        workspace.run(&["import", "express_gateway_service.app", absent]).failed().says("absent");
        workspace
            .run(&["import", "express_gateway_service.app", "what/is/this"])
            .failed()
            .says("service ARN");
    });
}

#[test]
fn a_service_deleted_behind_terraforms_back_is_planned_anew() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let first = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "app""#));
        first.apply();
        std::fs::copy(first.path("terraform.tfstate"), first.path("kept.tfstate")).unwrap();
        first.destroy();
        std::fs::copy(first.path("kept.tfstate"), first.path("terraform.tfstate")).unwrap();
        first.plan_has_changes().says("1 to add, 0 to change, 0 to destroy");
        first.apply();
        first.plan_is_empty();
        first.destroy();
    });
}

#[test]
fn the_state_holds_what_was_asked_and_what_aws_chose() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        workspace.apply();
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        assert_eq!(state["engine"], "managed");
        assert_eq!(state["cluster"], "default");
        assert_eq!(state["primary_container"]["image"], IMAGE);
        assert_eq!(state["primary_container"]["container_port"], 80);
        assert_eq!(state["execution_role_arn"], EXECUTION_ROLE_ARN);
        assert_eq!(state["infrastructure_role_arn"], INFRASTRUCTURE_ROLE_ARN);
        assert_eq!((&state["cpu"], &state["memory"]), (&json!("1024"), &json!("2048")));
        assert_eq!(state["status"], "ACTIVE");
        assert_eq!(state["deployment"]["status"], "SUCCESSFUL");
        assert_eq!(state["url"], format!("https://{}", state["hostname"].as_str().unwrap()));
        assert_eq!(state["wait_for_steady_state"], true);
        let target = json!({
            "min_task_count": 1, "max_task_count": 20,
            "auto_scaling_metric": "AVERAGE_CPU", "auto_scaling_target_value": 60,
        });
        assert_eq!(state["scaling_target"], target);
    });
}
