use serde_json::json;

use crate::sandbox::world::ecs::testing::{Account, image_update};

/// Updates to the image `bad` under `scenario` and answers the deployment once it has ended.
fn failed_update(scenario: &str) -> (Account, String, serde_json::Value) {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.world.add_scenario(format!("{scenario}@image=bad").parse().unwrap());
    account.ok("UpdateExpressGatewayService", image_update(&arn, "bad:1"));
    account.wait(1200);
    let deployment = account.deployment(&arn);
    (account, arn, deployment)
}

#[test]
fn a_missing_image_trips_the_circuit_breaker_and_the_old_revision_stays() {
    let (mut account, arn, deployment) = failed_update("image-not-found");
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    let reason = deployment["statusReason"].as_str().unwrap();
    assert!(reason.contains("circuit breaker threshold was exceeded"), "{reason}");
    assert_eq!(deployment["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    assert_eq!(deployment["deploymentCircuitBreaker"]["failureCount"], 3);
    let active = account.express(&arn)["activeConfigurations"].take();
    assert_eq!(active.as_array().unwrap().len(), 1);
    assert_eq!(active[0]["primaryContainer"]["image"], "public.ecr.aws/nginx/nginx:1.28");
    assert_eq!(deployment["rollback"]["serviceRevisionArn"], active[0]["serviceRevisionArn"]);
    assert_eq!(account.weights(&arn), [100, 0]);
    assert_eq!(account.service(&arn)["deployments"][0]["rolloutState"], "COMPLETED");
    let stopped = account.tasks(&arn, "STOPPED");
    assert_eq!(stopped[0]["stopCode"], "TaskFailedToStart");
    let reason = stopped[0]["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("CannotPullContainerError") && reason.contains("failed to resolve ref"));
    assert_eq!(stopped[0]["containers"][0]["reason"], reason);
}

#[test]
fn every_task_failure_is_told_in_the_words_of_aws() {
    let cases = [
        (
            "wrong-architecture",
            "TaskFailedToStart",
            "does not contain descriptor matching platform 'linux/amd64'",
        ),
        ("execution-role-missing", "TaskFailedToStart", "ECS was unable to assume the role 'arn:aws:iam"),
        ("crash:137", "EssentialContainerExited", "Essential container in task exited"),
        (
            "failing-health-check:503",
            "ServiceSchedulerInitiated",
            "Task failed ELB health checks in (target-group",
        ),
    ];
    for (scenario, code, words) in cases {
        let (mut account, arn, deployment) = failed_update(scenario);
        assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL", "{scenario}");
        let stopped = account.tasks(&arn, "STOPPED");
        let task = stopped.iter().find(|task| task["stopCode"] == code).expect(scenario);
        assert!(task["stoppedReason"].as_str().unwrap().contains(words), "{task}");
        if scenario == "crash:137" {
            assert_eq!(task["containers"][0]["exitCode"], 137);
        }
        if scenario == "failing-health-check:503" {
            let words = "due to (reason Health checks failed with these codes: [503])";
            assert!(account.events(&arn).iter().any(|event| event.contains(words)));
        }
    }
}

#[test]
fn a_failed_first_deployment_has_nothing_to_go_back_to_and_recovers_with_an_update() {
    let mut account = Account::new();
    account.world.add_scenario("crash@image=nginx".parse().unwrap());
    let arn = account.create("api");
    account.wait(900);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["status"], "ROLLBACK_FAILED");
    let reason = deployment["statusReason"].as_str().unwrap();
    assert!(reason.contains("No rollback candidate was found to run the rollback"), "{reason}");
    assert_eq!(account.express(&arn)["status"]["statusCode"], "ACTIVE");
    account.ok("UpdateExpressGatewayService", image_update(&arn, "good:1"));
    account.wait(400);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    assert_eq!(account.express(&arn)["activeConfigurations"].as_array().unwrap().len(), 1);
}

#[test]
fn the_alarm_rolls_a_canary_back() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.world.add_scenario("alarm".parse().unwrap());
    account.ok("UpdateExpressGatewayService", image_update(&arn, "bad:1"));
    account.wait_until(600, |account| account.deployment(&arn)["status"] == "ROLLBACK_IN_PROGRESS");
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["alarms"]["status"], "TRIGGERED");
    assert_eq!(deployment["alarms"]["triggeredAlarmNames"], json!(["default/api/RollbackAlarm"]));
    assert_eq!(account.state().cloudwatch.metric_alarms["default/api/RollbackAlarm"].state, "ALARM");
    assert_eq!(account.weights(&arn), [100, 0]);
    account.wait(60);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    assert!(deployment["statusReason"].as_str().unwrap().contains("alarm"));
    assert_eq!(account.tasks(&arn, "RUNNING").len(), 1);
}

#[test]
fn a_deployment_can_be_stopped_once() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    account.wait(100);
    let deployment = account.deployment(&arn)["serviceDeploymentArn"].take();
    let stop = json!({"serviceDeploymentArn": deployment, "stopType": "ROLLBACK"});
    account.ok("StopServiceDeployment", stop.clone());
    assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_REQUESTED");
    assert!(account.refused("StopServiceDeployment", stop.clone()).starts_with("ConflictException"));
    account.wait(4);
    assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_IN_PROGRESS");
    account.wait(60);
    assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_SUCCESSFUL");
    assert!(account.refused("StopServiceDeployment", stop).starts_with("ConflictException"));
}

#[test]
fn a_rule_left_split_refuses_every_later_deployment() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let mut world = serde_json::to_value(&account.world).unwrap();
    let rules = world["regions"]["111122223333/eu-west-1"]["elbv2"]["rules"].as_object_mut().unwrap();
    rules.values_mut().next().unwrap()["forward"][1]["weight"] = json!(50);
    account.world = serde_json::from_value(world).unwrap();
    account.ok("UpdateExpressGatewayService", image_update(&arn, "a:2"));
    account.wait(120);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    let reason = deployment["statusReason"].as_str().unwrap();
    assert!(
        reason.starts_with(
            "Service deployment rolled back because of invalid networking configuration. productionListenerRule arn:"
        ) && reason.ends_with(
            "should have exactly one target group serving traffic but found 2 target groups which are serving traffic"
        ),
        "{reason}"
    );
    assert_eq!(account.weights(&arn), [100, 50], "ECS does not repair the rule");
}

#[test]
fn without_infrastructure_role_nothing_is_provisioned_and_the_reason_is_told() {
    let mut account = Account::new();
    account.world.add_scenario("infrastructure-role-missing".parse().unwrap());
    let arn = account.create("api");
    account.wait(60);
    let reason = account.express(&arn)["status"]["statusReason"].take();
    assert!(reason.as_str().unwrap().contains("unable to assume the role"));
    assert_eq!(account.managed(&arn)["metricAlarms"][0]["statusReason"], reason);
    account.world.clear_scenarios();
    account.wait(600);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
}

#[test]
fn slow_takes_four_times_as_long() {
    let mut account = Account::new();
    account.world.add_scenario("slow@service=api".parse().unwrap());
    let arn = account.create("api");
    account.wait(600);
    assert_eq!(account.deployment(&arn)["status"], "IN_PROGRESS");
    account.wait(600);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
}
