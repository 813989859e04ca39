//! Several services, and what is underneath each.

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerSchemeEnum;
use serde_json::Value;

use crate::support::aws::Aws;
use crate::support::configuration::service;
use crate::support::workspace::VERSIONS;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

#[test]
fn two_services_share_a_load_balancer_and_nothing_else() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let both = format!(
            "{}{}",
            service("api", r#"service_name = "api""#),
            service("web", r#"service_name = "web""#)
        );
        let workspace = Workspace::new(cli, &sandbox, &both);
        workspace.apply();
        workspace.plan_is_empty();
        let state = workspace.show();
        let infrastructure =
            |name: &str| &state[&format!("express_gateway_service.{name}")]["infrastructure"];
        let (api, web) = (infrastructure("api"), infrastructure("web"));
        for shared in ["load_balancer_arn", "listener_arn"] {
            assert_eq!(api[shared], web[shared], "{shared}");
        }
        for own in [
            "listener_rule_arn",
            "target_group_arns",
            "certificate_arn",
            "log_group_arn",
            "metric_alarm_arns",
        ] {
            assert_ne!(api[own], web[own], "{own}");
        }

        workspace.rewrite(&service("web", r#"service_name = "web""#));
        workspace.apply().says("0 added, 0 changed, 1 destroyed");
        workspace.plan_is_empty();
        workspace.destroy();
    });
}

#[test]
fn a_module_makes_one_service_for_each_key() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::empty(cli, &sandbox);
        let module = service("this", "service_name = var.name");
        workspace.write(
            "service/main.tf",
            &format!(
                "{VERSIONS}\nvariable \"name\" {{ type = string }}\n{module}\
                 output \"url\" {{ value = express_gateway_service.this.url }}"
            ),
        );
        workspace.rewrite(
            r#"
            module "service" {
              source   = "./service"
              for_each = toset(["api", "jobs", "web"])
              name     = each.key
            }
            output "urls" { value = { for name, service in module.service : name => service.url } }
            "#,
        );
        workspace.run(&["init"]).succeeded();
        workspace.apply().says("3 added");
        workspace.plan_is_empty();
        let outputs = workspace.outputs();
        let urls = outputs["urls"].as_object().unwrap();
        assert_eq!(urls.keys().collect::<Vec<_>>(), ["api", "jobs", "web"]);
        let resources = workspace.show();
        assert_eq!(resources[r#"module.service["api"].express_gateway_service.this"#]["url"], urls["api"]);
        workspace.destroy();
    });
}

#[test]
fn every_arn_in_the_state_is_the_one_that_aws_reports() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let look_up = "data \"express_gateway_service\" \"app\" {\n  service_arn = express_gateway_service.app.service_arn\n}\n";
        let workspace = Workspace::new(cli, &sandbox, &format!("{}{look_up}", service("app", "")));
        workspace.apply();
        let mut shown = workspace.show();
        let state = shown.remove("express_gateway_service.app").unwrap();
        let found = shown.remove("data.express_gateway_service.app").unwrap();
        let aws = Aws::at(&sandbox);
        let text = |name: &str| state[name].as_str().unwrap_or_else(|| panic!("{name} is set")).to_owned();

        let service = aws.describe_express_gateway_service(&text("service_arn"));
        let active = service.active_configurations().first().unwrap();
        let endpoint = active.ingress_paths()[0].endpoint();
        assert_eq!(text("hostname"), endpoint.strip_prefix("https://").unwrap_or(endpoint));
        assert_eq!(Some(text("service_revision_arn").as_str()), active.service_revision_arn());
        let cluster = service.cluster().and_then(|cluster| cluster.rsplit('/').next()).unwrap();
        assert!(text("cluster_arn").ends_with(&format!(":cluster/{cluster}")));

        let revision = aws.describe_service_revision(&text("service_revision_arn"));
        assert_eq!(Some(text("task_definition_arn").as_str()), revision.task_definition());
        let made = revision.ecs_managed_resources().unwrap();
        let ingress = &made.ingress_paths()[0];
        let (balancer, rule) = (ingress.load_balancer().unwrap(), ingress.rule().unwrap());
        let infrastructure = &state["infrastructure"];
        let expect = |name: &str, actual: &[Option<&str>]| {
            let listed = match &infrastructure[name] {
                Value::Array(elements) => elements.iter().map(Value::as_str).collect(),
                single => vec![single.as_str()],
            };
            assert!(!listed.is_empty() && listed[0].is_some(), "{name} is set");
            assert_eq!(listed, actual, "{name}");
        };
        expect("load_balancer_arn", &[balancer.arn()]);
        expect("listener_arn", &[ingress.listener().unwrap().arn()]);
        expect("listener_rule_arn", &[rule.arn()]);
        expect("certificate_arn", &[ingress.certificate().unwrap().arn()]);
        let target_groups: Vec<_> = ingress.target_groups().iter().map(|group| group.arn()).collect();
        expect("target_group_arns", &target_groups);
        let auto_scaling = made.auto_scaling().unwrap();
        expect("scalable_target_arn", &[auto_scaling.scalable_target().unwrap().arn()]);
        let policies: Vec<_> =
            auto_scaling.application_auto_scaling_policies().iter().map(|policy| policy.arn()).collect();
        expect("scaling_policy_arns", &policies);
        expect(
            "metric_alarm_arns",
            &made.metric_alarms().iter().map(|alarm| alarm.arn()).collect::<Vec<_>>(),
        );
        expect("log_group_arn", &[made.log_groups()[0].arn()]);
        expect("log_group_name", &[Some(made.log_groups()[0].log_group_name())]);

        let live = aws.describe_load_balancer(infrastructure["load_balancer_arn"].as_str().unwrap());
        expect("load_balancer_dns_name", &[live.dns_name()]);
        expect("load_balancer_zone_id", &[live.canonical_hosted_zone_id()]);
        expect("load_balancer_scheme", &[live.scheme().map(LoadBalancerSchemeEnum::as_str)]);
        expect(
            "load_balancer_security_group_ids",
            &live.security_groups().iter().map(|id| Some(id.as_str())).collect::<Vec<_>>(),
        );
        let groups: Vec<_> = made
            .service_security_groups()
            .iter()
            .map(|group| group.arn().and_then(|arn| arn.rsplit('/').next()))
            .collect();
        expect("service_security_group_ids", &groups);
        assert_each_row_is_real(&found["resources"], infrastructure);
    });
}

/// Each row has an ARN and a status; whatever `infrastructure` names by ARN is among the rows.
fn assert_each_row_is_real(rows: &Value, infrastructure: &Value) {
    let rows = rows.as_array().expect("rows");
    let arns: Vec<_> = rows.iter().map(|row| row["arn"].as_str().expect("an ARN")).collect();
    assert!(rows.iter().all(|row| row["status"] == "ACTIVE"), "{rows:#?}");
    for (name, value) in infrastructure.as_object().expect("an object") {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for arn in values.iter().filter_map(Value::as_str).filter(|text| text.starts_with("arn:")) {
            assert!(arns.contains(&arn), "{name} {arn} is no row of `resources`: {arns:#?}");
        }
    }
}

#[test]
fn destroy_leaves_only_log_group_and_task_definitions() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        workspace.apply();
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        workspace.destroy();

        let aws = Aws::at(&sandbox);
        aws.wait_until_no_load_balancer();
        assert_eq!(aws.list_service_arns("default"), Vec::<String>::new());
        let state_of = |name: &str| state["infrastructure"][name].clone();
        let world = sandbox.state()["world"]["regions"]["123456789012/us-east-1"].clone();
        let left = |pointer: &str| {
            let things = world.pointer(pointer).and_then(Value::as_object);
            things.unwrap_or_else(|| panic!("{pointer} is in the world")).keys().cloned().collect::<Vec<_>>()
        };
        for gone in [
            "/acm/certificates",
            "/autoscaling/policies",
            "/autoscaling/scalable_targets",
            "/cloudwatch/metric_alarms",
            "/ec2/network_interfaces",
            "/elbv2/listeners",
            "/elbv2/load_balancers",
            "/elbv2/rules",
            "/elbv2/target_groups",
        ] {
            assert_eq!(left(gone), Vec::<String>::new(), "{gone}");
        }
        assert_eq!(left("/ec2/security_groups").len(), 1, "only the default VPC's own group is left");
        assert_eq!(left("/logs/log_groups"), [state_of("log_group_name").as_str().unwrap()]);
        let task_definitions = left("/ecs/task_definitions");
        assert_eq!(task_definitions, [state["task_definition_arn"].as_str().unwrap()]);
        assert!(aws.is_active_task_definition(&task_definitions[0]));
    });
}
