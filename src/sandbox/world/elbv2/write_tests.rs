//! Load balancers, listeners, rules and target groups from their creation on, with AWS's refusals.

use std::time::Duration;

use serde_json::{Value, json};

use crate::sandbox::api::Service;
use crate::sandbox::world::testing::Caller;

/// A world with an imported certificate, and a load balancer with an HTTPS listener.
struct Balanced {
    aws: Caller,
    subnets: Vec<String>,
    vpc: String,
    certificate: String,
    balancer: String,
    listener: String,
}

fn arn(answer: &Value, list: &str, member: &str) -> String {
    answer[list][0][member].as_str().expect("an ARN").to_owned()
}

fn subnets_of(aws: &mut Caller) -> (Vec<String>, String) {
    aws.arrange(|scope| {
        let subnets = scope.region.ec2.subnets.keys().cloned().collect();
        (subnets, scope.region.ec2.vpcs.keys().next().expect("a VPC").clone())
    })
}

/// An issued certificate by hand.
fn add_certificate(aws: &mut Caller, name: &str) -> String {
    aws.arrange(|scope| {
        let arn = scope.region.arn("acm", &format!("certificate/{name}"));
        let certificate = crate::sandbox::world::acm::Certificate {
            arn: arn.clone(),
            domain_name: name.to_owned(),
            issued_at: Some(scope.now),
            ..Default::default()
        };
        scope.region.acm.certificates.insert(arn.clone(), certificate);
        arn
    })
}

fn listener_input(balancer: &str, certificate: &str) -> Value {
    json!({
        "LoadBalancerArn": balancer, "Port": 443, "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": certificate}],
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    })
}

fn group_input(name: &str, vpc: &str) -> Value {
    json!({"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip"})
}

fn rule_input(listener: &str, priority: u32, host: &str, groups: &[&str]) -> Value {
    let weights: Vec<Value> = groups
        .iter()
        .enumerate()
        .map(|(index, arn)| json!({"TargetGroupArn": arn, "Weight": 100 - 100 * index}))
        .collect();
    json!({
        "ListenerArn": listener, "Priority": priority,
        "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}],
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    })
}

fn tombstone_input(listener: &str, priority: u32) -> Value {
    json!({
        "ListenerArn": listener, "Priority": priority,
        "Conditions": [{"Field": "host-header", "Values": ["pool.invalid"]}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}],
    })
}

fn balanced() -> Balanced {
    let mut aws = Caller::of(Service::Elbv2);
    let (subnets, vpc) = subnets_of(&mut aws);
    let certificate = add_certificate(&mut aws, "default");
    let made = aws.call("CreateLoadBalancer", json!({"Name": "lb", "Subnets": subnets})).unwrap();
    let balancer = arn(&made, "LoadBalancers", "LoadBalancerArn");
    let listener = aws.call("CreateListener", listener_input(&balancer, &certificate)).unwrap();
    let listener = arn(&listener, "Listeners", "ListenerArn");
    Balanced { aws, subnets, vpc, certificate, balancer, listener }
}

impl Balanced {
    fn add_group(&mut self, name: &str) -> String {
        let made = self.aws.call("CreateTargetGroup", group_input(name, &self.vpc)).unwrap();
        arn(&made, "TargetGroups", "TargetGroupArn")
    }
}

#[test]
fn a_load_balancer_is_provisioning_and_then_active() {
    let Balanced { mut aws, subnets, balancer, .. } = balanced();
    let state = |aws: &mut Caller| {
        let all = aws.call("DescribeLoadBalancers", json!({"LoadBalancerArns": [balancer]})).unwrap();
        all["LoadBalancers"][0]["State"]["Code"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(&mut aws), "provisioning");
    aws.pass(Duration::from_secs(180));
    assert_eq!(state(&mut aws), "active");
    let again = aws.call("CreateLoadBalancer", json!({"Name": "lb", "Subnets": subnets})).unwrap();
    assert_eq!(arn(&again, "LoadBalancers", "LoadBalancerArn"), balancer);
    let internal = json!({"Name": "lb", "Subnets": subnets, "Scheme": "internal"});
    assert_eq!(aws.refusal("CreateLoadBalancer", internal), "DuplicateLoadBalancerName");
}

#[test]
fn a_load_balancer_needs_two_zones_one_subnet_each_and_room() {
    let mut aws = Caller::of(Service::Elbv2);
    let (subnets, vpc) = subnets_of(&mut aws);
    let create = |subnets: &[&str]| json!({"Name": "lb", "Subnets": subnets});
    assert_eq!(aws.refusal("CreateLoadBalancer", create(&[])), "ValidationError");
    assert_eq!(aws.refusal("CreateLoadBalancer", create(&[&subnets[0]])), "ValidationError");
    let twice = create(&[&subnets[0], &subnets[0]]);
    assert_eq!(aws.refusal("CreateLoadBalancer", twice), "InvalidConfigurationRequest");
    let missing = create(&[&subnets[0], "subnet-0"]);
    assert_eq!(aws.refusal("CreateLoadBalancer", missing), "SubnetNotFound");
    let foreign = json!({"Name": "lb", "Subnets": subnets, "SecurityGroups": ["sg-0"]});
    assert_eq!(aws.refusal("CreateLoadBalancer", foreign), "InvalidSecurityGroup");
    aws.arrange(|scope| {
        for subnet in scope.region.ec2.subnets.values_mut() {
            subnet.cidr_block = subnet.cidr_block.replace("/20", "/29");
        }
    });
    assert_eq!(aws.refusal("CreateLoadBalancer", create(&[&subnets[0], &subnets[1]])), "InvalidSubnet");
    aws.arrange(|scope| scope.region.ec2.internet_gateways.clear());
    let error = aws.call("CreateLoadBalancer", create(&[&subnets[0], &subnets[1]])).unwrap_err();
    assert_eq!(error.message, format!("VPC {vpc} has no internet gateway"));
}

#[test]
fn a_listener_has_its_port_alone_and_needs_an_issued_certificate() {
    let Balanced { mut aws, balancer, certificate, listener, .. } = balanced();
    let again = aws.call("CreateListener", listener_input(&balancer, &certificate)).unwrap();
    assert_eq!(arn(&again, "Listeners", "ListenerArn"), listener);
    let mut other = listener_input(&balancer, &certificate);
    other["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] = json!("503");
    assert_eq!(aws.refusal("CreateListener", other.clone()), "DuplicateListener");
    other["Port"] = json!(8443);
    other["Certificates"] = json!([{"CertificateArn": "missing"}]);
    assert_eq!(aws.refusal("CreateListener", other.clone()), "CertificateNotFound");
    other["Certificates"] = json!([]);
    assert_eq!(aws.refusal("CreateListener", other), "ValidationError");
    let redirect = json!({
        "LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP",
        "DefaultActions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}],
    });
    for _ in 0..2 {
        aws.call("CreateListener", redirect.clone()).unwrap();
    }
    let listeners = aws.call("DescribeListeners", json!({"LoadBalancerArn": balancer})).unwrap();
    assert_eq!(listeners["Listeners"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_priority_is_given_once() {
    let mut made = balanced();
    let (a, b) = (made.add_group("a"), made.add_group("b"));
    let rule = rule_input(&made.listener, 40001, "api.example.com", &[&a, &b]);
    let first = made.aws.call("CreateRule", rule.clone()).unwrap();
    let weights = &first["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
    assert_eq!([&weights[0]["Weight"], &weights[1]["Weight"]], [100, 0]);
    assert_eq!(made.aws.refusal("CreateRule", rule.clone()), "PriorityInUse");
    made.aws.call("DeleteRule", json!({"RuleArn": first["Rules"][0]["RuleArn"]})).unwrap();
    let second = made.aws.call("CreateRule", rule).unwrap();
    assert_ne!(
        first["Rules"][0]["RuleArn"], second["Rules"][0]["RuleArn"],
        "each incarnation has its own ARN"
    );
}

#[test]
fn a_rule_needs_a_condition_an_action_and_a_priority_within_bounds() {
    let mut made = balanced();
    let group = made.add_group("a");
    let good = rule_input(&made.listener, 1, "api.example.com", &[&group]);
    let changed = |member: &str, value: Value| {
        let mut input = good.clone();
        input[member] = value;
        input
    };
    for (member, value, code) in [
        ("Priority", json!(0), "ValidationError"),
        ("Priority", json!(50_001), "ValidationError"),
        ("Conditions", json!([]), "ValidationError"),
        ("Actions", json!([]), "ValidationError"),
        ("ListenerArn", json!("missing"), "ListenerNotFound"),
    ] {
        assert_eq!(made.aws.refusal("CreateRule", changed(member, value)), code, "{member}");
    }
    let missing = rule_input(&made.listener, 1, "api.example.com", &["missing"]);
    assert_eq!(made.aws.refusal("CreateRule", missing), "TargetGroupNotFound");
}

#[test]
fn a_load_balancer_has_a_hundred_rules_and_a_hundred_target_groups() {
    let mut made = balanced();
    for priority in 1..=100 {
        made.aws.call("CreateRule", tombstone_input(&made.listener, priority)).unwrap();
    }
    assert_eq!(made.aws.refusal("CreateRule", tombstone_input(&made.listener, 101)), "TooManyRules");

    let mut made = balanced();
    for index in 0..50 {
        let (a, b) = (made.add_group(&format!("a{index}")), made.add_group(&format!("b{index}")));
        let rule = rule_input(&made.listener, index + 1, "api.example.com", &[&a, &b]);
        made.aws.call("CreateRule", rule).unwrap();
    }
    let group = made.add_group("one-more");
    let rule = rule_input(&made.listener, 51, "api.example.com", &[&group]);
    assert_eq!(made.aws.refusal("CreateRule", rule), "TooManyUniqueTargetGroupsPerLoadBalancer");
}

#[test]
fn a_target_group_belongs_to_one_load_balancer() {
    let mut made = balanced();
    let group = made.add_group("a");
    made.aws.call("CreateRule", rule_input(&made.listener, 1, "a.example.com", &[&group])).unwrap();
    made.aws.call("CreateRule", rule_input(&made.listener, 2, "b.example.com", &[&group])).unwrap();
    let other =
        made.aws.call("CreateLoadBalancer", json!({"Name": "other", "Subnets": made.subnets})).unwrap();
    let other = arn(&other, "LoadBalancers", "LoadBalancerArn");
    let listener = made.aws.call("CreateListener", listener_input(&other, &made.certificate)).unwrap();
    let listener = arn(&listener, "Listeners", "ListenerArn");
    let rule = rule_input(&listener, 1, "a.example.com", &[&group]);
    assert_eq!(made.aws.refusal("CreateRule", rule), "TargetGroupAssociationLimit");
}

#[test]
fn a_target_group_of_the_same_settings_is_the_one_that_exists() {
    let mut made = balanced();
    let group = made.add_group("a");
    assert_eq!(made.add_group("a"), group);
    let mut other = group_input("a", &made.vpc);
    other["HealthCheckPath"] = json!("/health");
    assert_eq!(made.aws.refusal("CreateTargetGroup", other), "DuplicateTargetGroupName");
    let mut missing = group_input("b", "vpc-0");
    assert_eq!(made.aws.refusal("CreateTargetGroup", missing.clone()), "ValidationError");
    missing["VpcId"] = json!(made.vpc);
    missing["HealthCheckIntervalSeconds"] = json!(4);
    assert_eq!(made.aws.refusal("CreateTargetGroup", missing), "ValidationError");
}

#[test]
fn a_target_group_is_free_a_moment_after_its_last_rule() {
    let mut made = balanced();
    let group = made.add_group("a");
    let rule =
        made.aws.call("CreateRule", rule_input(&made.listener, 1, "a.example.com", &[&group])).unwrap();
    let delete = json!({"TargetGroupArn": group});
    assert_eq!(made.aws.refusal("DeleteTargetGroup", delete.clone()), "ResourceInUse");
    made.aws.call("DeleteRule", json!({"RuleArn": rule["Rules"][0]["RuleArn"]})).unwrap();
    assert_eq!(made.aws.refusal("DeleteTargetGroup", delete.clone()), "ResourceInUse");
    made.aws.pass(Duration::from_secs(10));
    made.aws.call("DeleteTargetGroup", delete).unwrap();
}

#[test]
fn a_deleted_load_balancer_keeps_its_interfaces_and_certificates_for_a_while() {
    let Balanced { mut aws, balancer, certificate, .. } = balanced();
    aws.call("DeleteLoadBalancer", json!({"LoadBalancerArn": balancer})).unwrap();
    let interfaces = |aws: &mut Caller| aws.arrange(|scope| scope.region.ec2.network_interfaces.len());
    assert_eq!(interfaces(&mut aws), 3);
    let in_use = aws.call_service(Service::Acm, "DeleteCertificate", json!({"CertificateArn": certificate}));
    assert_eq!(in_use.unwrap_err().code, "ResourceInUseException");
    aws.pass(Duration::from_secs(120));
    assert_eq!(interfaces(&mut aws), 0);
    aws.call_service(Service::Acm, "DeleteCertificate", json!({"CertificateArn": certificate})).unwrap();
}

#[test]
fn priorities_are_exchanged_as_a_whole() {
    let mut made = balanced();
    let mut rules = Vec::new();
    for priority in [1, 2] {
        let rule = made.aws.call("CreateRule", tombstone_input(&made.listener, priority)).unwrap();
        rules.push(arn(&rule, "Rules", "RuleArn"));
    }
    let one = json!({"RulePriorities": [{"RuleArn": rules[0], "Priority": 2}]});
    assert_eq!(made.aws.refusal("SetRulePriorities", one), "PriorityInUse");
    let both = json!({"RulePriorities": [
        {"RuleArn": rules[0], "Priority": 2}, {"RuleArn": rules[1], "Priority": 1},
    ]});
    made.aws.call("SetRulePriorities", both).unwrap();
    let described = made.aws.call("DescribeRules", json!({"ListenerArn": made.listener})).unwrap();
    assert_eq!(described["Rules"][0]["RuleArn"], json!(rules[1]));
}

#[test]
fn another_default_certificate_leaves_the_others() {
    let Balanced { mut aws, listener, .. } = balanced();
    let (second, third) = (add_certificate(&mut aws, "second"), add_certificate(&mut aws, "third"));
    let add = json!({"ListenerArn": listener, "Certificates": [{"CertificateArn": second}]});
    aws.call("AddListenerCertificates", add).unwrap();
    let modify = json!({"ListenerArn": listener, "Certificates": [{"CertificateArn": third}]});
    aws.call("ModifyListener", modify).unwrap();
    let certificates = aws.call("DescribeListenerCertificates", json!({"ListenerArn": listener})).unwrap();
    let expected = json!([
        {"CertificateArn": third, "IsDefault": true}, {"CertificateArn": second, "IsDefault": false},
    ]);
    assert_eq!(certificates["Certificates"], expected);
}
