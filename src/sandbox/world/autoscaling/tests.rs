//! Scalable targets, policies, their alarms and activities.

use serde_json::{Value, json};

use crate::sandbox::api::Service;
use crate::sandbox::world::ecs::testing::Account;

const RESOURCE: &str = "service/default/web";

fn call(account: &mut Account, operation: &str, input: Value) -> Value {
    let answer = account.call_service(Service::ApplicationAutoScaling, operation, input);
    answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
}

fn refusal(account: &mut Account, operation: &str, input: Value) -> String {
    account.call_service(Service::ApplicationAutoScaling, operation, input).expect_err(operation).code
}

fn desired_count(account: &Account) -> usize {
    account.state().ecs.services.values().next().expect("a service").desired_count
}

/// A service with a target of 1 to 4 tasks and one policy.
fn arranged() -> Account {
    let mut account = Account::new();
    account.create_plain("web");
    let target = json!({"ResourceId": RESOURCE, "MinCapacity": 1, "MaxCapacity": 4, "Tags": {"k": "v"}});
    assert_eq!(refusal(&mut account, "RegisterScalableTarget", target.clone()), "ValidationException");
    account.wait(10);
    call(&mut account, "RegisterScalableTarget", target);
    call(&mut account, "PutScalingPolicy", policy("p"));
    account
}

fn policy(name: &str) -> Value {
    json!({"ResourceId": RESOURCE, "PolicyName": name, "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}})
}

#[test]
fn a_target_keeps_what_a_change_does_not_name() {
    let mut account = arranged();
    call(&mut account, "RegisterScalableTarget", json!({"ResourceId": RESOURCE, "MaxCapacity": 8}));
    let input = json!({"ServiceNamespace": "ecs", "ResourceIds": [RESOURCE]});
    let targets = call(&mut account, "DescribeScalableTargets", input);
    let target = &targets["ScalableTargets"][0];
    assert_eq!((&target["MinCapacity"], &target["MaxCapacity"]), (&1.into(), &8.into()));
    let tags = json!({"ResourceARN": target["ScalableTargetARN"]});
    assert_eq!(call(&mut account, "ListTagsForResource", tags), json!({"Tags": {"k": "v"}}));
    let tagged = json!({"ResourceId": RESOURCE, "MinCapacity": 2, "Tags": {"k": "w"}});
    assert_eq!(refusal(&mut account, "RegisterScalableTarget", tagged), "ValidationException");
    let wrong = json!({"ResourceId": RESOURCE, "MinCapacity": 9});
    assert_eq!(refusal(&mut account, "RegisterScalableTarget", wrong), "ValidationException");
    let wrong = json!({"ResourceId": RESOURCE, "ServiceNamespace": "lambda", "MinCapacity": 1});
    assert_eq!(refusal(&mut account, "RegisterScalableTarget", wrong), "ValidationException");
}

#[test]
fn a_policy_makes_its_alarms_and_takes_them_along() {
    let mut account = arranged();
    call(&mut account, "PutScalingPolicy", policy("q"));
    call(&mut account, "PutScalingPolicy", policy("q"));
    assert_eq!(account.state().cloudwatch.metric_alarms.len(), 4, "two for each policy");
    let policies = call(&mut account, "DescribeScalingPolicies", json!({"ResourceId": RESOURCE}));
    let alarms = policies["ScalingPolicies"][0]["Alarms"].as_array().map(Vec::len);
    assert_eq!(alarms, Some(2));
    let input = json!({"ResourceId": RESOURCE, "PolicyName": "p"});
    call(&mut account, "DeleteScalingPolicy", input.clone());
    assert_eq!(refusal(&mut account, "DeleteScalingPolicy", input), "ObjectNotFoundException");
    assert_eq!(account.state().cloudwatch.metric_alarms.len(), 2);
}

#[test]
fn a_policy_that_cannot_be_followed_is_refused() {
    let mut account = arranged();
    for wrong in [
        json!({"TargetValue": 60.0}),
        json!({"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}),
        json!({"TargetValue": 60.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "Weather"}}),
        json!({"TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"}}),
        json!({"TargetValue": 60.0, "CustomizedMetricSpecification": {"Metrics": [{"Id": "a"}, {"Id": "b"}]}}),
    ] {
        let input = json!({"ResourceId": RESOURCE, "PolicyName": "p",
            "TargetTrackingScalingPolicyConfiguration": wrong});
        assert_eq!(refusal(&mut account, "PutScalingPolicy", input), "ValidationException", "{wrong}");
    }
    let other = json!({"ResourceId": "service/default/other", "PolicyName": "p"});
    assert_eq!(refusal(&mut account, "PutScalingPolicy", other), "ObjectNotFoundException");
}

#[test]
fn a_target_takes_its_policies_along_and_goes_with_its_service() {
    let mut account = arranged();
    let input = json!({"ServiceNamespace": "ecs", "ResourceId": RESOURCE});
    call(&mut account, "DeregisterScalableTarget", input.clone());
    assert_eq!(refusal(&mut account, "DeregisterScalableTarget", input), "ObjectNotFoundException");
    assert!(account.state().autoscaling.policies.is_empty());
    let target = json!({"ResourceId": RESOURCE, "MinCapacity": 1, "MaxCapacity": 4});
    call(&mut account, "RegisterScalableTarget", target);
    account.ok("DeleteService", json!({"service": "web", "force": true}));
    account.wait(120);
    assert!(account.state().autoscaling.scalable_targets.is_empty());
    assert!(account.state().cloudwatch.metric_alarms.is_empty());
}

#[test]
fn the_bounds_hold_and_every_change_of_the_count_is_an_activity() {
    let mut account = arranged();
    account.wait(300);
    call(&mut account, "RegisterScalableTarget", json!({"ResourceId": RESOURCE, "MinCapacity": 2}));
    assert_eq!(desired_count(&account), 2);
    let names: Vec<String> = account.state().cloudwatch.metric_alarms.keys().cloned().collect();
    let (high, low) = (names[0].clone(), names[1].clone());
    let set_off = |account: &mut Account, name: &str| {
        let input = json!({"AlarmName": name, "StateValue": "ALARM", "StateReason": "a test"});
        account.call_service(Service::CloudWatch, "SetAlarmState", input).expect("set");
    };
    for expected in [3, 4, 4] {
        set_off(&mut account, &high);
        assert_eq!(desired_count(&account), expected);
    }
    set_off(&mut account, &low);
    assert_eq!(desired_count(&account), 3);
    account.ok("UpdateService", json!({"service": "web", "desiredCount": 9}));
    assert_eq!(desired_count(&account), 4, "never above the maximum");
    let input = json!({"ServiceNamespace": "ecs", "ResourceId": RESOURCE});
    let activities = call(&mut account, "DescribeScalingActivities", input);
    let descriptions: Vec<_> = activities["ScalingActivities"].as_array().expect("a list").iter().collect();
    assert_eq!(descriptions.len(), 4);
    assert_eq!(descriptions[0]["Description"], "Setting desired count to 3.");
    assert_eq!(descriptions[3]["Cause"], "minimum capacity was set to 2");
}
