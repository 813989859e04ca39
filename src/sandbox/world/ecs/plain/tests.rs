//! Services of the customer's own from create to delete: what ECS refuses, how traffic moves, how it goes back.

use serde_json::{Value, json};

use crate::sandbox::api::Service;
use crate::sandbox::world::cloudwatch::MetricAlarm;
use crate::sandbox::world::ecs::testing::{Account, Wiring};

/// Long enough for any deployment of these tests.
const LONG_SECONDS: u64 = 3600;

fn input(account: &mut Account, wiring: &Wiring, strategy: &Value) -> Value {
    let mut configuration = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
    configuration.as_object_mut().unwrap().extend(strategy.as_object().unwrap().clone());
    json!({
        "serviceName": "web",
        "taskDefinition": account.register("web:1"),
        "desiredCount": 2,
        "networkConfiguration": account.network(),
        "loadBalancers": wiring.load_balancers(),
        "deploymentConfiguration": configuration,
    })
}

fn canary() -> Value {
    json!({"strategy": "CANARY", "bakeTimeInMinutes": 3,
        "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3}})
}

/// A service whose first deployment has succeeded.
fn deployed(strategy: &Value) -> (Account, Wiring, String) {
    let mut account = Account::new();
    let wiring = account.add_balancer();
    let create = input(&mut account, &wiring, strategy);
    let answer = account.ok("CreateService", create);
    let arn = answer["service"]["serviceArn"].as_str().expect("an ARN").to_owned();
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    (account, wiring, arn)
}

fn update(account: &mut Account, image: &str) {
    let definition = account.register(image);
    account.ok("UpdateService", json!({"service": "web", "taskDefinition": definition}));
    account.wait(10);
}

/// The weights that the rule has from now on, each once.
fn weights_until_the_end(account: &mut Account, arn: &str) -> Vec<Vec<u32>> {
    let mut seen = vec![account.weights(arn)];
    for _ in 0..LONG_SECONDS {
        account.wait(1);
        let weights = account.weights(arn);
        if seen.last() != Some(&weights) {
            seen.push(weights);
        }
    }
    seen
}

fn refused(change: impl FnOnce(&mut Account, &Wiring, &mut Value)) -> String {
    let mut account = Account::new();
    let wiring = account.add_balancer();
    let mut create = input(&mut account, &wiring, &canary());
    change(&mut account, &wiring, &mut create);
    account.refused("CreateService", create)
}

#[test]
fn the_first_deployment_serves_on_the_alternate_target_group() {
    let (mut account, wiring, arn) = deployed(&canary());
    assert_eq!(account.weights(&arn), [0, 100]);
    assert_eq!(account.serving_targets(&arn), 2);
    let service = account.service(&arn);
    assert_eq!(service["loadBalancers"], wiring.load_balancers());
    let revision = service["currentServiceRevisions"][0]["arn"].clone();
    let revisions = account.ok("DescribeServiceRevisions", json!({"serviceRevisionArns": [revision]}));
    let resolved = &revisions["serviceRevisions"][0]["resolvedConfiguration"]["loadBalancers"][0];
    assert_eq!(resolved["targetGroupArn"], wiring.target_groups[1].as_str());
}

#[test]
fn a_canary_moves_five_percent_then_all_and_the_target_groups_take_turns() {
    let (mut account, _, arn) = deployed(&canary());
    update(&mut account, "web:2");
    assert_eq!(weights_until_the_end(&mut account, &arn), [[0, 100], [50, 950], [100, 0]]);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    assert_eq!(account.tasks(&arn, "RUNNING").len(), 2);
    update(&mut account, "web:3");
    assert_eq!(weights_until_the_end(&mut account, &arn), [[100, 0], [950, 50], [0, 100]]);
}

#[test]
fn linear_moves_equal_shares_and_blue_green_all_at_once() {
    let linear = json!({"strategy": "LINEAR", "bakeTimeInMinutes": 1,
        "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 2}});
    let (mut account, _, arn) = deployed(&linear);
    update(&mut account, "web:2");
    assert_eq!(weights_until_the_end(&mut account, &arn), [[0, 100], [400, 600], [800, 200], [100, 0]]);
    let change = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5});
    account.ok("UpdateService", json!({"service": "web", "deploymentConfiguration": change}));
    update(&mut account, "web:3");
    account.wait_until(900, |account| account.weights(&arn) == [0, 100]);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["lifecycleStage"], "PRODUCTION_TRAFFIC_SHIFT");
    let baking = account.wait_until(60, |account| account.deployment(&arn)["lifecycleStage"] == "BAKE_TIME");
    assert!(baking < 60);
    assert_eq!(account.tasks(&arn, "RUNNING").len(), 4, "old and new tasks run side by side");
}

#[test]
fn what_ecs_cannot_use_is_refused_in_its_words() {
    type Change = fn(&mut Account, &Wiring, &mut Value);
    let cases: [(&str, Change); 16] = [
        ("TaskDefinition not found.", |_, _, input| input["taskDefinition"] = json!("web:9")),
        ("Cluster not found.", |_, _, input| input["cluster"] = json!("other")),
        ("subnets can not be empty.", |_, _, input| {
            input["networkConfiguration"]["awsvpcConfiguration"]["subnets"] = json!([]);
        }),
        ("The subnet ID 'subnet-1' does not exist", |_, _, input| {
            input["networkConfiguration"]["awsvpcConfiguration"]["subnets"] = json!(["subnet-1"]);
        }),
        ("The security group 'sg-1' does not exist", |_, _, input| {
            input["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] = json!(["sg-1"]);
        }),
        ("Network Configuration must be provided", |_, _, input| {
            input["networkConfiguration"] = json!(null);
        }),
        ("The container Side does not exist in the task definition.", |_, _, input| {
            input["loadBalancers"][0]["containerName"] = json!("Side");
        }),
        ("The container Main did not have a container port 81 defined.", |_, _, input| {
            input["loadBalancers"][0]["containerPort"] = json!(81);
        }),
        ("The target group arn:x does not exist.", |_, _, input| {
            input["loadBalancers"][0]["advancedConfiguration"]["alternateTargetGroupArn"] = json!("arn:x");
        }),
        ("does not have an associated load balancer.", |account, wiring, _| {
            account.state_mut().elbv2.rules.get_mut(&wiring.rule).expect("the rule").forward.clear();
        }),
        ("testListenerRule is required when productionListenerRule is not", |account, wiring, _| {
            account.state_mut().elbv2.rules.get_mut(&wiring.rule).expect("the rule").forward.pop();
        }),
        ("productionListenerRule has an invalid ARN format. Must be RuleArn for ALB", |_, _, input| {
            input["loadBalancers"][0]["advancedConfiguration"]["productionListenerRule"] = json!("x");
        }),
        ("cannot be used as both production and test listener rules", |_, wiring, input| {
            input["loadBalancers"][0]["advancedConfiguration"]["testListenerRule"] = json!(wiring.rule);
        }),
        (
            "advancedConfiguration field is required for all loadBalancers when using a CANARY",
            |_, _, input| {
                input["loadBalancers"][0].as_object_mut().expect("an object").remove("advancedConfiguration");
            },
        ),
        ("either all or none of the provided loadBalancers must have", |_, _, input| {
            let mut other = input["loadBalancers"][0].clone();
            other.as_object_mut().expect("an object").remove("advancedConfiguration");
            input["loadBalancers"].as_array_mut().expect("a list").push(other);
        }),
        ("Specifying both a launch type and capacity provider strategy", |_, _, input| {
            input["launchType"] = json!("FARGATE");
            input["capacityProviderStrategy"] = json!([{"capacityProvider": "FARGATE", "weight": 1}]);
        }),
    ];
    for (expected, change) in cases {
        let answer = refused(change);
        assert!(answer.contains(expected), "{answer} does not say: {expected}");
    }
}

#[test]
fn a_name_is_taken_unless_the_token_is_the_same() {
    let mut account = Account::new();
    let wiring = account.add_balancer();
    let mut create = input(&mut account, &wiring, &canary());
    create["clientToken"] = json!("first");
    let first = account.ok("CreateService", create.clone());
    assert_eq!(account.ok("CreateService", create.clone())["service"], first["service"]);
    create["clientToken"] = json!("second");
    let answer = account.refused("CreateService", create.clone());
    assert!(answer.contains("Creation of service was not idempotent"), "{answer}");
    account.ok("DeleteService", json!({"service": "web", "force": true}));
    let answer = account.refused("CreateService", create.clone());
    assert!(answer.contains("Unable to Start a service that is still Draining."), "{answer}");
    account.wait(120);
    account.ok("CreateService", create);
}

#[test]
fn a_service_just_made_is_not_described_yet() {
    let mut account = Account::new();
    account.create_plain("web");
    let describe = json!({"services": ["web"]});
    let answer = account.ok("DescribeServices", describe.clone());
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
    account.wait(5);
    assert_eq!(account.ok("DescribeServices", describe)["services"][0]["status"], "ACTIVE");
}

#[test]
fn a_role_that_is_not_known_everywhere_yet_refuses_the_first_creates() {
    let mut account = Account::new();
    account.world.add_scenario("iam-propagation:2@service=web".parse().expect("a scenario"));
    let wiring = account.add_balancer();
    let create = input(&mut account, &wiring, &canary());
    for _ in 0..2 {
        let answer = account.refused("CreateService", create.clone());
        assert!(
            answer.contains("Unable to assume role and validate the specified targetGroupArn"),
            "{answer}"
        );
    }
    account.ok("CreateService", create);
}

#[test]
fn a_task_role_that_is_not_known_everywhere_yet_refuses_the_first_registrations() {
    let mut account = Account::new();
    account.world.add_scenario("iam-propagation:1".parse().expect("a scenario"));
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
        "memory": "512", "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
        "containerDefinitions": [{"name": "Main", "image": "web:1"}],
    });
    let answer = account.refused("RegisterTaskDefinition", definition.clone());
    assert!(answer.contains("Role is not valid"), "{answer}");
    account.ok("RegisterTaskDefinition", definition);
}

#[test]
fn failing_tasks_trip_the_circuit_breaker_and_the_old_revision_serves_again() {
    for (scenario, reason) in [
        ("image-not-found@image=web:2", "CannotPullContainerError"),
        ("crash:3@image=web:2", "Essential container in task exited"),
        ("failing-health-check:404@image=web:2", "Task failed ELB health checks"),
    ] {
        let (mut account, _, arn) = deployed(&canary());
        account.world.add_scenario(scenario.parse().expect("a scenario"));
        let before = account.service(&arn)["taskDefinition"].clone();
        update(&mut account, "web:2");
        assert_ne!(account.service(&arn)["taskDefinition"], before, "the new one is shown at once");
        account
            .wait_until(LONG_SECONDS, |account| account.deployment(&arn)["status"] == "ROLLBACK_SUCCESSFUL");
        assert_eq!(account.service(&arn)["taskDefinition"], before, "{scenario}");
        assert_eq!(account.weights(&arn), [0, 100], "{scenario}");
        let stopped = account.tasks(&arn, "STOPPED");
        let is_why = |task: &Value| task["stoppedReason"].as_str().is_some_and(|text| text.contains(reason));
        assert!(stopped.iter().filter(|task| is_why(task)).count() >= 3, "{scenario}: {stopped:?}");
    }
}

#[test]
fn failures_within_the_grace_period_are_overlooked() {
    let stopped_after = |grace: u64| {
        let mut account = Account::new();
        account.world.add_scenario("failing-health-check:500".parse().expect("a scenario"));
        let wiring = account.add_balancer();
        let mut create = input(&mut account, &wiring, &canary());
        create["healthCheckGracePeriodSeconds"] = json!(grace);
        let arn = account.ok("CreateService", create)["service"]["serviceArn"].as_str().unwrap().to_owned();
        account.wait_until(LONG_SECONDS, |account| !account.tasks(&arn, "STOPPED").is_empty())
    };
    assert_eq!(stopped_after(300) - stopped_after(0), 240, "instead of two checks of 30 seconds");
}

#[test]
fn an_alarm_that_goes_off_rolls_back_and_one_that_was_off_before_does_not() {
    let mut strategy = canary();
    strategy["alarms"] = json!({"alarmNames": ["errors"], "enable": true, "rollback": true});
    let (mut account, _, arn) = deployed(&strategy);
    let alarm = MetricAlarm { name: "errors".to_owned(), state: "OK".to_owned(), ..MetricAlarm::default() };
    account.state_mut().cloudwatch.metric_alarms.insert("errors".to_owned(), alarm);
    let set = |account: &mut Account, state: &str| {
        let input = json!({"AlarmName": "errors", "StateValue": state, "StateReason": "a test"});
        account.call_service(Service::CloudWatch, "SetAlarmState", input).expect("set");
    };
    update(&mut account, "web:2");
    account.wait_until(900, |account| account.weights(&arn) == [50, 950]);
    set(&mut account, "ALARM");
    assert_eq!(account.weights(&arn), [0, 100], "traffic is back at once");
    account.wait(120);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(deployment["alarms"]["triggeredAlarmNames"], json!(["errors"]));

    update(&mut account, "web:3");
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL", "the alarm was in ALARM from the start");
}

#[test]
fn the_scripted_alarm_befalls_a_plain_service_too() {
    let mut strategy = canary();
    strategy["alarms"] = json!({"alarmNames": ["errors"], "enable": true, "rollback": true});
    let (mut account, _, arn) = deployed(&strategy);
    let alarm = MetricAlarm { name: "errors".to_owned(), state: "OK".to_owned(), ..MetricAlarm::default() };
    account.state_mut().cloudwatch.metric_alarms.insert("errors".to_owned(), alarm);
    account.world.add_scenario("alarm".parse().expect("a scenario"));
    update(&mut account, "web:2");
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(account.state().cloudwatch.metric_alarms["errors"].state, "OK", "it has calmed down");
}

#[test]
fn a_rule_changed_by_hand_fails_the_next_deployment_and_stays_as_it_was_found() {
    type Change = fn(&mut Account, &Wiring);
    let cases: [(&str, Change); 4] = [
        ("should have exactly one target group serving traffic but found 2", |account, wiring| {
            let rule = account.state_mut().elbv2.rules.get_mut(&wiring.rule).expect("the rule");
            rule.forward.iter_mut().for_each(|group| group.weight = 50);
        }),
        ("is forwarding traffic to unexpected target group", |account, wiring| {
            let rule = account.state_mut().elbv2.rules.get_mut(&wiring.rule).expect("the rule");
            rule.forward.iter_mut().for_each(|group| group.weight = 100 - group.weight);
        }),
        ("is not associated with either productionListenerRule or testListenerRule", |account, wiring| {
            account.state_mut().elbv2.rules.get_mut(&wiring.rule).expect("the rule").forward.remove(0);
        }),
        ("One or more rules not found", |account, wiring| {
            account.state_mut().elbv2.rules.remove(&wiring.rule);
        }),
    ];
    for (expected, change) in cases {
        let (mut account, wiring, arn) = deployed(&canary());
        change(&mut account, &wiring);
        let before = account.state().elbv2.rules.get(&wiring.rule).map(|rule| rule.forward.clone());
        // A change of the task definition would be refused at once.
        account.ok("UpdateService", json!({"service": "web", "forceNewDeployment": true}));
        account.wait(300);
        let deployment = account.deployment(&arn);
        assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL", "{expected}");
        let reason = deployment["statusReason"].as_str().expect("a reason");
        assert!(reason.contains("rolled back because of invalid networking configuration"), "{reason}");
        assert!(reason.contains(expected), "{reason}");
        let after = account.state().elbv2.rules.get(&wiring.rule).map(|rule| rule.forward.clone());
        assert_eq!(after, before);
    }
}

#[test]
fn stopping_a_deployment_by_hand_and_superseding_it_keep_the_old_revision_serving() {
    let (mut account, _, arn) = deployed(&canary());
    update(&mut account, "web:2");
    account.wait_until(900, |account| account.weights(&arn) == [50, 950]);
    let deployment = account.deployment(&arn)["serviceDeploymentArn"].take();
    let stop = json!({"serviceDeploymentArn": deployment, "stopType": "ROLLBACK"});
    account.ok("StopServiceDeployment", stop);
    account.wait(120);
    assert_eq!(account.deployment(&arn)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(account.weights(&arn), [0, 100]);

    update(&mut account, "web:3");
    account.wait_until(900, |account| account.weights(&arn) == [50, 950]);
    update(&mut account, "web:4");
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    let image = account.tasks(&arn, "RUNNING")[0]["containers"][0]["image"].clone();
    assert_eq!((image, account.weights(&arn)), (json!("web:4"), vec![100, 0]));
}

#[test]
fn a_failed_first_deployment_recovers_with_an_update() {
    let mut account = Account::new();
    account.world.add_scenario("crash@image=web:1".parse().expect("a scenario"));
    let wiring = account.add_balancer();
    let create = input(&mut account, &wiring, &canary());
    let arn = account.ok("CreateService", create)["service"]["serviceArn"].as_str().unwrap().to_owned();
    account.wait(LONG_SECONDS);
    let deployment = account.deployment(&arn);
    assert_eq!(deployment["status"], "ROLLBACK_FAILED");
    let reason = deployment["statusReason"].as_str().expect("a reason");
    assert!(reason.contains("No rollback candidate was found"), "{reason}");
    assert_eq!(account.weights(&arn), [100, 0], "no traffic has moved");
    update(&mut account, "web:2");
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    assert_eq!(account.weights(&arn), [0, 100]);
}

#[test]
fn a_service_changes_between_rolling_and_canary_without_losing_traffic() {
    let (mut account, wiring, arn) = deployed(&canary());
    let rolling = json!([{
        "targetGroupArn": wiring.target_groups[1], "containerName": "Main", "containerPort": 8080,
    }]);
    let change = json!({"service": "web", "loadBalancers": rolling,
        "deploymentConfiguration": {"strategy": "ROLLING"}});
    account.ok("UpdateService", change);
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    let weights = |account: &Account| -> Vec<u32> {
        account.state().elbv2.rules[&wiring.rule].forward.iter().map(|group| group.weight).collect()
    };
    assert_eq!(weights(&account), [0, 100]);
    let targets = |account: &Account, index: usize| {
        account.state().elbv2.target_groups[&wiring.target_groups[index]].targets.len()
    };
    assert_eq!((targets(&account, 0), targets(&account, 1)), (0, 2));
    let change = json!({"service": "web", "loadBalancers": wiring.load_balancers(),
        "deploymentConfiguration": canary()});
    account.ok("UpdateService", change);
    account.wait(10);
    assert_eq!(weights_until_the_end(&mut account, &arn), [[0, 100], [50, 950], [100, 0]]);
}

#[test]
fn a_rolling_service_may_register_in_several_target_groups() {
    let mut account = Account::new();
    let wiring = account.add_balancer();
    let mut create = input(&mut account, &wiring, &json!({}));
    create["loadBalancers"] = wiring
        .target_groups
        .iter()
        .map(|arn| json!({"targetGroupArn": arn, "containerName": "Main", "containerPort": 8080}))
        .collect();
    let arn = account.ok("CreateService", create)["service"]["serviceArn"].as_str().unwrap().to_owned();
    account.wait(LONG_SECONDS);
    assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
    for target_group in &wiring.target_groups {
        let targets = &account.state().elbv2.target_groups[target_group].targets;
        assert!(targets.len() == 2 && targets.iter().all(|target| target.health.state == "healthy"));
    }
    account.ok("DeleteService", json!({"service": "web", "force": true}));
    account.wait(120);
    assert_eq!(account.service(&arn)["status"], "INACTIVE");
    for target_group in &wiring.target_groups {
        assert!(account.state().elbv2.target_groups[target_group].targets.is_empty());
    }
}

#[test]
fn a_target_that_the_load_balancer_cannot_reach_never_gets_healthy() {
    let (mut account, wiring, arn) = deployed(&canary());
    // Out of the load balancer goes nothing any more.
    for group in account.state_mut().ec2.security_groups.values_mut() {
        group.rules.retain(|rule| !rule.is_egress);
    }
    update(&mut account, "web:2");
    account.wait(900);
    assert!(account.events(&arn).iter().any(|event| event.contains("Request timed out")));

    let (mut account, zoneless, arn) = deployed(&canary());
    let balancer = account.state_mut().elbv2.load_balancers.get_mut(&wiring.balancer).expect("there");
    balancer.subnet_ids.truncate(1);
    update(&mut account, "web:2");
    account.wait(300);
    let targets = &account.state().elbv2.target_groups[&zoneless.target_groups[0]].targets;
    let unused =
        targets.iter().find(|target| target.health.state == "unused").expect("one is in another zone");
    let description = unused.health.description.as_deref().unwrap_or_default();
    assert!(description.contains("Availability Zone that is not enabled"), "{description}");
    assert_eq!(account.deployment(&arn)["status"], "IN_PROGRESS");
}

#[test]
fn capacity_providers_must_be_those_of_the_cluster() {
    let mut account = Account::new();
    let wiring = account.add_balancer();
    let mut create = input(&mut account, &wiring, &canary());
    create["capacityProviderStrategy"] = json!([{"capacityProvider": "FARGATE_SPOT", "weight": 1}]);
    let has = |providers: &[&str]| json!({"cluster": "default", "capacityProviders": providers, "defaultCapacityProviderStrategy": []});
    account.ok("PutClusterCapacityProviders", has(&["FARGATE"]));
    let answer = account.refused("CreateService", create.clone());
    assert!(answer.contains("not associated with the cluster"), "{answer}");
    account.ok("PutClusterCapacityProviders", has(&["FARGATE", "FARGATE_SPOT"]));
    let service = account.ok("CreateService", create)["service"].take();
    assert_eq!(service["capacityProviderStrategy"][0]["capacityProvider"], "FARGATE_SPOT");
    assert_eq!(service["launchType"], Value::Null);
}

#[test]
fn a_shell_needs_a_task_role() {
    let (mut account, _, _) = deployed(&canary());
    let shell = json!({"service": "web", "enableExecuteCommand": true});
    let refused = account.refused("UpdateService", shell.clone());
    assert!(
        refused.contains("couldn't be updated because a valid taskRoleArn is not being used"),
        "{refused}"
    );
    let definition = account.register("web:2");
    let mut input =
        account.ok("DescribeTaskDefinition", json!({"taskDefinition": definition}))["taskDefinition"].take();
    input["taskRoleArn"] = json!("arn:aws:iam::123456789012:role/task");
    let registered = account.ok("RegisterTaskDefinition", input);
    let arn = &registered["taskDefinition"]["taskDefinitionArn"];
    account.ok("UpdateService", json!({"service": "web", "taskDefinition": arn}));
    account.ok("UpdateService", shell);
}

#[test]
fn a_service_shows_what_ecs_adds_and_other_capacity_needs_force() {
    let (mut account, _, arn) = deployed(&json!({"strategy": "ROLLING"}));
    let input = json!({"cluster": "default", "services": [arn]});
    let described = account.call("DescribeServices", input).expect("described")["services"][0].take();
    let configuration = &described["deploymentConfiguration"];
    assert_eq!(configuration["deploymentCircuitBreaker"]["resetOnHealthyTask"], true);
    assert_eq!(configuration["bakeTimeInMinutes"], 0);
    assert_eq!(
        (&described["platformFamily"], &described["serviceRegistries"]),
        (&json!("Linux"), &json!([]))
    );
    assert_eq!(described["deployments"][0]["launchType"], "FARGATE");
    let strategy = json!([{"capacityProvider": "FARGATE", "weight": 1}]);
    let mut update = json!({"service": arn, "capacityProviderStrategy": strategy});
    let refused = account.call("UpdateService", update.clone()).expect_err("needs force");
    assert!(refused.message.contains("you must force a new deployment"), "{}", refused.message);
    update["forceNewDeployment"] = json!(true);
    assert!(account.call("UpdateService", update).is_ok());
}
