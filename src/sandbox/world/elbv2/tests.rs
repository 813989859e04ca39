//! ELBv2 as its callers see it.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::sandbox::api::Service;
use crate::sandbox::world::acm::Certificate;
use crate::sandbox::world::testing::Caller;

const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/lb/1";
const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/lb/1/2";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/lb/1/2/3";
const GROUPS: [&str; 2] = [
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/1",
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/b/2",
];

/// One load balancer, one listener, one rule that shares its traffic between two groups.
fn arranged() -> Caller {
    let mut elbv2 = Caller::of(Service::Elbv2);
    elbv2.arrange(|scope| {
        let state = &mut scope.region.elbv2;
        let balancer = LoadBalancer { arn: BALANCER.into(), name: "lb".into(), ..Default::default() };
        state.load_balancers.insert(BALANCER.into(), balancer);
        let listener = Listener {
            arn: LISTENER.into(),
            load_balancer_arn: BALANCER.into(),
            certificate_arns: vec!["default".into()],
            default_actions: vec![json!({"Type": "fixed-response"})],
            ..Listener::default()
        };
        state.listeners.insert(LISTENER.into(), listener);
        let forward = GROUPS.iter().zip([100, 0]);
        let forward = forward
            .map(|(arn, weight)| WeightedTargetGroup { target_group_arn: (*arn).into(), weight })
            .collect();
        let (arn, listener_arn) = (RULE.to_owned(), LISTENER.to_owned());
        let conditions = vec![json!({"Field": "host-header", "HostHeaderConfig": {"Values": ["h"]}})];
        let rule = Rule { arn, listener_arn, priority: 1, conditions, forward, ..Rule::default() };
        state.rules.insert(RULE.into(), rule);
        for arn in GROUPS {
            let health_check =
                HealthCheck { interval_seconds: 30, timeout_seconds: 5, ..HealthCheck::default() };
            let group = TargetGroup { arn: arn.into(), health_check, ..TargetGroup::default() };
            state.target_groups.insert(arn.into(), group);
        }
    });
    elbv2
}

#[test]
fn rules_are_described_in_order_with_the_default_rule_last() {
    let rules = arranged().call("DescribeRules", json!({"ListenerArn": LISTENER})).unwrap();
    assert_eq!([&rules["Rules"][0]["Priority"], &rules["Rules"][1]["Priority"]], ["1", "default"]);
    assert_eq!(rules["Rules"][0]["Conditions"][0]["Values"], json!(["h"]));
    let groups = &rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
    assert_eq!(groups[0], json!({"TargetGroupArn": GROUPS[0], "Weight": 100}));
    let default_arn = rules["Rules"][1]["RuleArn"].clone();
    let mut elbv2 = arranged();
    let by_arn = elbv2.call("DescribeRules", json!({"RuleArns": [default_arn]})).unwrap();
    assert_eq!(by_arn["Rules"][0]["IsDefault"], true);
}

#[test]
fn what_is_missing_is_named_by_its_kind() {
    let mut elbv2 = arranged();
    let cases = [
        ("DescribeLoadBalancers", json!({"Names": ["x"]}), "LoadBalancerNotFound"),
        ("DescribeListeners", json!({"ListenerArns": ["x"]}), "ListenerNotFound"),
        ("DescribeRules", json!({"RuleArns": ["x"]}), "RuleNotFound"),
        ("DescribeTargetHealth", json!({"TargetGroupArn": "x"}), "TargetGroupNotFound"),
        ("DescribeTags", json!({"ResourceArns": [RULE.replace("/3", "/9")]}), "RuleNotFound"),
        ("DeleteRule", json!({"RuleArn": "x"}), "RuleNotFound"),
    ];
    for (operation, input, code) in cases {
        assert_eq!(elbv2.refusal(operation, input), code, "{operation}");
    }
}

#[test]
fn a_rule_is_modified_as_a_whole_or_not_at_all() {
    let mut elbv2 = arranged();
    let weight = |arn: &str, weight: u32| json!({"TargetGroupArn": arn, "Weight": weight});
    let actions = |groups: [Value; 2]| json!({"RuleArn": RULE, "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]});
    let missing = actions([weight(GROUPS[0], 1), weight("missing", 1)]);
    assert_eq!(elbv2.refusal("ModifyRule", missing), "TargetGroupNotFound");
    let changed = elbv2.call("ModifyRule", actions([weight(GROUPS[0], 999), weight(GROUPS[1], 1)])).unwrap();
    assert_eq!(changed["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["Weight"], 999);
    assert_eq!(changed["Rules"][0]["Conditions"][0]["Field"], "host-header", "conditions are kept");
    let hosts: Vec<String> = (0..6).map(|index| format!("h{index}")).collect();
    let conditions = json!([{"Field": "host-header", "Values": hosts}]);
    let input = json!({"RuleArn": RULE, "Conditions": conditions});
    assert_eq!(elbv2.refusal("ModifyRule", input), "ValidationError");
}

#[test]
fn a_target_group_in_use_cannot_be_deleted_and_a_missing_one_counts_as_deleted() {
    let mut elbv2 = arranged();
    let input = json!({"TargetGroupArn": GROUPS[1]});
    assert_eq!(elbv2.refusal("DeleteTargetGroup", input.clone()), "ResourceInUse");
    elbv2.call("DeleteRule", json!({"RuleArn": RULE})).unwrap();
    elbv2.pass(Duration::from_secs(10));
    for _ in 0..2 {
        elbv2.call("DeleteTargetGroup", input.clone()).unwrap();
    }
}

#[test]
fn a_protected_load_balancer_stays_and_an_unprotected_one_takes_its_parts_along() {
    let mut elbv2 = arranged();
    let protect = |value: &str| {
        let attribute = json!({"Key": "deletion_protection.enabled", "Value": value});
        json!({"LoadBalancerArn": BALANCER, "Attributes": [attribute]})
    };
    elbv2.call("ModifyLoadBalancerAttributes", protect("true")).unwrap();
    let delete = json!({"LoadBalancerArn": BALANCER});
    assert_eq!(elbv2.refusal("DeleteLoadBalancer", delete.clone()), "OperationNotPermitted");
    elbv2.call("ModifyLoadBalancerAttributes", protect("false")).unwrap();
    elbv2.call("DeleteLoadBalancer", delete).unwrap();
    let is_empty = elbv2.arrange(|scope| {
        let state = &scope.region.elbv2;
        state.load_balancers.is_empty() && state.listeners.is_empty() && state.rules.is_empty()
    });
    assert!(is_empty);
}

#[test]
fn health_check_settings_are_held_within_their_bounds() {
    let mut elbv2 = arranged();
    let set = |seconds: u32| json!({"TargetGroupArn": GROUPS[0], "HealthCheckIntervalSeconds": seconds});
    assert_eq!(elbv2.refusal("ModifyTargetGroup", set(4)), "ValidationError");
    assert_eq!(elbv2.refusal("ModifyTargetGroup", set(5)), "ValidationError", "not above the timeout");
    let changed = elbv2.call("ModifyTargetGroup", set(10)).unwrap();
    assert_eq!(changed["TargetGroups"][0]["HealthCheckIntervalSeconds"], 10);
    assert_eq!(changed["TargetGroups"][0]["LoadBalancerArns"], json!([BALANCER]));
}

#[test]
fn certificates_of_a_listener_exist_in_acm_and_are_bounded() {
    let mut elbv2 = arranged();
    elbv2.arrange(|scope| {
        for index in 0..26 {
            let issued = Certificate { issued_at: Some(scope.now), ..Certificate::default() };
            scope.region.acm.certificates.insert(format!("c{index}"), issued);
        }
    });
    let add = |arn: &str| json!({"ListenerArn": LISTENER, "Certificates": [{"CertificateArn": arn}]});
    assert_eq!(elbv2.refusal("AddListenerCertificates", add("missing")), "CertificateNotFound");
    for index in 0..25 {
        elbv2.call("AddListenerCertificates", add(&format!("c{index}"))).unwrap();
    }
    elbv2.call("AddListenerCertificates", add("c0")).unwrap();
    assert_eq!(elbv2.refusal("AddListenerCertificates", add("c25")), "TooManyCertificates");
    elbv2.call("RemoveListenerCertificates", add("c0")).unwrap();
    let listed = elbv2.call("DescribeListenerCertificates", json!({"ListenerArn": LISTENER})).unwrap();
    assert_eq!(listed["Certificates"].as_array().map(Vec::len), Some(25));
    assert_eq!(elbv2.refusal("RemoveListenerCertificates", add("default")), "OperationNotPermitted");
}

#[test]
fn tags_are_added_to_all_resources_or_to_none() {
    let mut elbv2 = arranged();
    let tag = json!([{"Key": "k", "Value": "v"}]);
    let input = json!({"ResourceArns": [GROUPS[0], RULE.replace("/3", "/9")], "Tags": tag});
    assert_eq!(elbv2.refusal("AddTags", input), "RuleNotFound");
    let tags_of = |elbv2: &mut Caller| {
        let described = elbv2.call("DescribeTags", json!({"ResourceArns": [GROUPS[0]]})).unwrap();
        described["TagDescriptions"][0]["Tags"].clone()
    };
    assert_eq!(tags_of(&mut elbv2), json!([]));
    elbv2.call("AddTags", json!({"ResourceArns": [GROUPS[0], RULE], "Tags": tag})).unwrap();
    assert_eq!(tags_of(&mut elbv2), tag);
    elbv2.call("RemoveTags", json!({"ResourceArns": [GROUPS[0]], "TagKeys": ["k"]})).unwrap();
    assert_eq!(tags_of(&mut elbv2), json!([]));
}

#[test]
fn pages_of_rules_follow_the_marker() {
    let mut elbv2 = arranged();
    let first = elbv2.call("DescribeRules", json!({"ListenerArn": LISTENER, "PageSize": 1})).unwrap();
    let marker = first["NextMarker"].clone();
    let input = json!({"ListenerArn": LISTENER, "PageSize": 1, "Marker": marker});
    let second = elbv2.call("DescribeRules", input).unwrap();
    assert_eq!(second["Rules"][0]["IsDefault"], true);
    assert!(second.get("NextMarker").is_none());
}

#[test]
fn twenty_resources_are_described_at_once_and_no_more() {
    let mut elbv2 = arranged();
    let described = elbv2.call("DescribeTags", json!({"ResourceArns": vec![GROUPS[0]; 20]})).unwrap();
    assert_eq!(described["TagDescriptions"].as_array().map(Vec::len), Some(20));
    let many = json!({"ResourceArns": vec![GROUPS[0]; 21]});
    assert_eq!(elbv2.refusal("DescribeTags", many), "ValidationError");
}
