use serde_json::json;

use crate::sandbox::world::ecs::testing::{Account, image_update};

#[test]
fn delete_drains_and_leaves_log_group_and_task_definitions_behind() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let deleted = account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    assert_eq!(deleted["service"]["status"]["statusCode"], "DRAINING");
    account.wait(60);
    let managed = account.managed(&arn);
    assert_eq!(managed["ingressPaths"][0]["rule"]["status"], "DEPROVISIONING");
    assert_eq!(managed["logGroups"][0]["status"], "ACTIVE");
    let seconds =
        60 + account.wait_until(300, |account| account.express(&arn)["status"]["statusCode"] == "INACTIVE");
    assert!((60..=300).contains(&seconds), "{seconds}");
    let refused = account.refused(
        "DescribeServiceRevisions",
        json!({"serviceRevisionArns": [account.state().ecs.revisions.keys().next()]}),
    );
    assert!(
        refused.contains("Cannot call DescribeServiceRevisions for a service that is INACTIVE"),
        "{refused}"
    );
    account.wait(120);
    let state = account.state();
    assert!(state.elbv2.load_balancers.is_empty() && state.elbv2.listeners.is_empty());
    assert!(state.elbv2.rules.is_empty() && state.elbv2.target_groups.is_empty());
    assert!(state.acm.certificates.is_empty() && state.cloudwatch.metric_alarms.is_empty());
    assert!(state.autoscaling.scalable_targets.is_empty() && state.autoscaling.policies.is_empty());
    assert!(state.ec2.network_interfaces.is_empty());
    assert_eq!(state.ec2.security_groups.len(), 1, "only the default group of the VPC is left");
    assert_eq!(state.logs.log_groups.len(), 1);
    assert_eq!(state.ecs.task_definitions.len(), 1);
    assert_eq!(account.service(&arn)["status"], "INACTIVE", "the record stays");
    assert_eq!(account.ok("ListServices", json!({}))["serviceArns"], json!([]));
}

#[test]
fn a_new_service_of_the_same_name_gets_a_new_host() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let endpoint = |account: &mut Account| {
        account.express(&arn)["activeConfigurations"][0]["ingressPaths"][0]["endpoint"].take()
    };
    let before = endpoint(&mut account);
    account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    account.wait(200);
    assert_eq!(account.create_and_wait("api"), arn);
    assert_ne!(endpoint(&mut account), before);
    let definition = account.express(&arn)["activeConfigurations"][0]["taskDefinitionArn"].take();
    assert!(definition.as_str().unwrap().ends_with("default-api:2"));
}

#[test]
fn a_service_being_deleted_or_gone_is_refused_in_its_own_words() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let delete = json!({"serviceArn": arn});
    let plain = account.refused("DeleteService", json!({"service": "api", "force": true}));
    assert_eq!(
        plain,
        format!(
            "InvalidParameterException: {arn} has ResourceManagementType=ECS use DeleteExpressGatewayService to delete"
        )
    );
    account.ok("DeleteExpressGatewayService", delete.clone());
    let draining = account.refused("DeleteExpressGatewayService", delete.clone());
    assert_eq!(draining, "ServiceNotActiveException: Service is in DRAINING status");
    account.wait(300);
    let inactive = account.refused("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    assert_eq!(
        inactive,
        "ServiceNotActiveException: Cannot perform this operation on a service in INACTIVE status"
    );
    let unknown = json!({"serviceArn": format!("{arn}x")});
    let gone = account.refused("DeleteExpressGatewayService", unknown.clone());
    assert_eq!(gone, "InvalidParameterException: Resource not found");
    let gone = account.refused("DescribeExpressGatewayService", unknown);
    assert!(gone.starts_with("ResourceNotFoundException"), "{gone}");
}

#[test]
fn a_missing_infrastructure_role_holds_the_service_in_draining() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.world.add_scenario("infrastructure-role-missing".parse().unwrap());
    account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    account.wait(3600);
    let status = account.express(&arn)["status"].take();
    assert_eq!(status["statusCode"], "DRAINING");
    assert!(status["statusReason"].as_str().unwrap().contains("unable to assume the role"));
    assert!(account.events(&arn)[0].contains("unable to assume the role"));
    account.world.clear_scenarios();
    account.wait(300);
    assert_eq!(account.express(&arn)["status"]["statusCode"], "INACTIVE");
}

#[test]
fn draining_forever_never_ends() {
    let mut account = Account::new();
    account.world.add_scenario("draining-forever".parse().unwrap());
    let arn = account.create_and_wait("api");
    account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    account.wait(24 * 3600);
    assert_eq!(account.express(&arn)["status"]["statusCode"], "DRAINING");
}

#[test]
fn a_service_can_be_deleted_in_the_middle_of_its_first_deployment() {
    let mut account = Account::new();
    let arn = account.create("api");
    account.wait(40);
    account.ok("DeleteExpressGatewayService", json!({"serviceArn": arn}));
    assert_eq!(account.deployment(&arn)["status"], "STOPPED");
    account.wait(400);
    assert_eq!(account.express(&arn)["status"]["statusCode"], "INACTIVE");
    let state = account.state();
    assert!(state.elbv2.load_balancers.is_empty(), "the load balancer goes although it came up late");
    assert!(state.ec2.network_interfaces.is_empty());
    assert_eq!(state.ec2.security_groups.len(), 1);
}
