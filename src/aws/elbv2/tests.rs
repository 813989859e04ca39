//! The client against the sandbox: what is written is read back, and refusals keep their codes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::aws::acm::{Acm, Placeholder};
use crate::aws::ec2::{Ec2, SecurityGroupInput};
use crate::aws::testing::sandbox_clients;
use crate::sandbox::Sandbox;
use crate::sandbox::faults::{FaultEffect, FaultRule};
use crate::service::TagChange;

struct Arranged {
    sandbox: Sandbox,
    elbv2: Elbv2,
    acm: Acm,
    vpc_id: String,
    input: LoadBalancerInput,
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn arranged() -> Arranged {
    let (sandbox, clients) = sandbox_clients().await;
    let ec2 = Ec2::new(clients.clone());
    let vpc_id = ec2.find_default_vpc().await.expect("answered").expect("a default VPC");
    let subnets = ec2.list_default_subnets(&vpc_id).await.expect("answered");
    let group = SecurityGroupInput {
        name: "lb".to_owned(),
        description: "load balancer".to_owned(),
        vpc_id: vpc_id.clone(),
        tags: BTreeMap::new(),
    };
    let group_id = ec2.create_security_group(&group).await.expect("made");
    let input = LoadBalancerInput {
        name: "xp-pool-0".to_owned(),
        scheme: Scheme::InternetFacing,
        subnet_ids: subnets.into_iter().map(|subnet| subnet.id).collect(),
        security_group_ids: vec![group_id],
        tags: tags(&[("pool", "p")]),
    };
    let (elbv2, acm) = (Elbv2::new(clients.clone()), Acm::new(clients));
    Arranged { sandbox, elbv2, acm, vpc_id, input }
}

impl Arranged {
    async fn add_listener(&self) -> (LoadBalancer, Listener, ListenerInput) {
        let balancer = self.elbv2.create_load_balancer(&self.input).await.expect("made");
        let placeholder = Placeholder::generate("pool.invalid", self.sandbox.now()).expect("a valid name");
        let arn = self.acm.import_certificate(&placeholder, &BTreeMap::new()).await.expect("imported");
        let input = ListenerInput {
            load_balancer_arn: balancer.arn.clone(),
            port: 443,
            protocol: ListenerProtocol::Https { default_certificate_arn: arn, ssl_policy: None },
            default_action: Action::FixedResponse { status_code: 404, message: "no such host".to_owned() },
            tags: tags(&[("pool", "p")]),
        };
        let listener = self.elbv2.create_listener(&input).await.expect("made");
        (balancer, listener, input)
    }

    async fn add_group(&self, name: &str) -> TargetGroup {
        self.elbv2.create_target_group(&self.group_input(name)).await.expect("made")
    }

    fn group_input(&self, name: &str) -> TargetGroupInput {
        TargetGroupInput {
            name: name.to_owned(),
            port: 8080,
            protocol_version: "HTTP1".to_owned(),
            vpc_id: self.vpc_id.clone(),
            health_check: HealthCheck {
                path: "/health".to_owned(),
                interval_seconds: 30,
                timeout_seconds: 5,
                healthy_threshold_count: 2,
                unhealthy_threshold_count: 2,
                matcher: Matcher::Http("200-399".to_owned()),
            },
            tags: tags(&[("id", "i")]),
        }
    }
}

fn slot(listener: &Listener, priority: u32, groups: [&TargetGroup; 2]) -> RuleInput {
    let weights = groups.into_iter().zip([100, 0]);
    let weights =
        weights.map(|(group, weight)| TargetGroupWeight { target_group_arn: group.arn.clone(), weight });
    RuleInput {
        listener_arn: listener.arn.clone(),
        priority,
        conditions: vec![Condition::hosts(["api.example.com"])],
        action: Action::forward(weights.collect()),
        tags: tags(&[("id", "i")]),
    }
}

#[tokio::test]
async fn a_load_balancer_is_found_by_name_and_arn_protected_and_deleted_once() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    assert_eq!(elbv2.find_load_balancer_by_name("xp-pool-0").await, Ok(None));
    let made = elbv2.create_load_balancer(&arranged.input).await.expect("made");
    assert_eq!(elbv2.create_load_balancer(&arranged.input).await.expect("there").arn, made.arn);
    assert_eq!(elbv2.find_load_balancer_by_name("xp-pool-0").await, Ok(Some(made.clone())));
    assert_eq!((made.state, made.scheme), (LoadBalancerState::Provisioning, Scheme::InternetFacing));
    arranged.sandbox.advance(Duration::from_secs(180));
    let found = elbv2.find_load_balancer(&made.arn).await.expect("answered").expect("there");
    assert_eq!(found.state, LoadBalancerState::Active);
    assert_eq!(found.security_group_ids, arranged.input.security_group_ids);
    let other = LoadBalancerInput { scheme: Scheme::Internal, ..arranged.input.clone() };
    let refused = elbv2.create_load_balancer(&other).await.expect_err("refused");
    assert!(refused.has_code("DuplicateLoadBalancerName"));

    elbv2.put_deletion_protection(&made.arn, true).await.expect("protected");
    let refused = elbv2.delete_load_balancer(&made.arn).await.expect_err("refused");
    assert!(refused.has_code("OperationNotPermitted"));
    elbv2.put_deletion_protection(&made.arn, false).await.expect("not protected");
    let attributes = elbv2.find_load_balancer_attributes(&made.arn).await.expect("answered").expect("there");
    assert_eq!(attributes["deletion_protection.enabled"], "false");
    elbv2.delete_load_balancer(&made.arn).await.expect("deleted");
    elbv2.delete_load_balancer(&made.arn).await.expect("gone already");
    assert_eq!(elbv2.find_load_balancer(&made.arn).await, Ok(None));
    assert_eq!(elbv2.find_load_balancer_attributes(&made.arn).await, Ok(None));
}

#[tokio::test]
async fn one_load_balancer_that_is_gone_hides_no_other() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let made = elbv2.create_load_balancer(&arranged.input).await.expect("made");
    let gone = made.arn.replace("xp-pool-0", "xp-pool-1");
    let ((there, again), missing, address) = tokio::join!(
        async { tokio::join!(elbv2.find_load_balancer(&made.arn), elbv2.find_load_balancer(&made.arn)) },
        elbv2.find_load_balancer(&gone),
        elbv2.find_load_balancer_address(&made.arn),
    );
    assert_eq!((there, missing), (Ok(Some(made.clone())), Ok(None)));
    assert_eq!(again, Ok(Some(made.clone())));
    assert_eq!(address.expect("answered").expect("there").dns_name, made.dns_name);
    let calls = arranged.sandbox.calls();
    let reads = calls.iter().filter(|call| call.operation == "DescribeLoadBalancers").count();
    assert_eq!(reads, 3, "one for all, and one for each of the two");
}

#[tokio::test]
async fn a_delete_that_is_signed_for_a_time_is_not_repeated() {
    let arranged = arranged().await;
    let once = arranged.elbv2.signed_at(arranged.sandbox.now());
    let made = arranged.elbv2.create_load_balancer(&arranged.input).await.expect("made");
    let count =
        || arranged.sandbox.calls().iter().filter(|call| call.operation == "DeleteLoadBalancer").count();
    arranged.sandbox.add_fault(FaultRule::on("DeleteLoadBalancer", FaultEffect::Throttle)).expect("a rule");
    let refused = once.delete_load_balancer(&made.arn).await.expect_err("throttled");
    assert_eq!((refused.kind, count()), (crate::aws::AwsErrorKind::Throttled, 1));
    arranged.sandbox.add_fault(FaultRule::on("DeleteLoadBalancer", FaultEffect::Throttle)).expect("a rule");
    arranged.elbv2.delete_load_balancer(&made.arn).await.expect("repeated");
    assert_eq!(count(), 3);
}

#[tokio::test]
async fn a_listener_has_its_port_its_default_and_its_certificates() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let (balancer, listener, input) = arranged.add_listener().await;
    assert_eq!(elbv2.create_listener(&input).await.expect("there").arn, listener.arn);
    assert_eq!(listener.default_actions.first(), Some(&input.default_action));
    let other = ListenerInput { default_action: Action::RedirectToHttps { port: 8443 }, ..input.clone() };
    assert!(elbv2.create_listener(&other).await.expect_err("refused").has_code("DuplicateListener"));
    let redirect = ListenerInput {
        port: 80,
        protocol: ListenerProtocol::Http,
        default_action: Action::RedirectToHttps { port: 443 },
        ..input
    };
    let redirect = elbv2.create_listener(&redirect).await.expect("made");
    let listed = elbv2.list_listeners(&balancer.arn).await.expect("answered");
    assert_eq!(listed.iter().map(|it| it.port).collect::<Vec<_>>().len(), 2);
    assert_eq!(elbv2.find_listener(&redirect.arn).await, Ok(Some(redirect.clone())));

    let placeholder = Placeholder::generate("a.invalid", arranged.sandbox.now()).expect("a valid name");
    let further = arranged.acm.import_certificate(&placeholder, &BTreeMap::new()).await.expect("imported");
    for _ in 0..2 {
        elbv2.add_listener_certificate(&listener.arn, &further).await.expect("added");
    }
    assert_eq!(elbv2.list_listener_certificates(&listener.arn).await, Ok(vec![further.clone()]));
    for _ in 0..2 {
        elbv2.remove_listener_certificate(&listener.arn, &further).await.expect("removed");
    }
    assert_eq!(elbv2.list_listener_certificates(&listener.arn).await, Ok(Vec::new()));
    for _ in 0..2 {
        elbv2.delete_listener(&redirect.arn).await.expect("deleted");
    }
    assert_eq!(elbv2.find_listener(&redirect.arn).await, Ok(None));
    assert_eq!(elbv2.list_listeners("arn:missing").await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_rule_is_made_changed_in_halves_and_deleted_by_its_arn() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let (_, listener, _) = arranged.add_listener().await;
    let (a, b) = (arranged.add_group("xp-a").await, arranged.add_group("xp-b").await);
    let input = slot(&listener, 40_001, [&a, &b]);
    let rule = elbv2.create_rule(&input).await.expect("made");
    assert_eq!((rule.priority, rule.is_default), (Some(40_001), false));
    assert_eq!(rule.actions.first(), Some(&input.action));
    assert_eq!(rule.host_names().collect::<Vec<_>>(), ["api.example.com"]);
    assert!(elbv2.create_rule(&input).await.expect_err("refused").has_code("PriorityInUse"));

    let conditions = [Condition::hosts(["api.example.com", "www.example.com"])];
    elbv2.modify_rule_conditions(&rule.arn, &conditions).await.expect("changed");
    let changed = elbv2.find_rule(&rule.arn).await.expect("answered").expect("there");
    assert_eq!((changed.conditions.as_slice(), &changed.actions), (&conditions[..], &rule.actions));
    let swapped = Action::forward(vec![
        TargetGroupWeight { target_group_arn: a.arn.clone(), weight: 0 },
        TargetGroupWeight { target_group_arn: b.arn.clone(), weight: 100 },
    ]);
    elbv2.modify_rule_action(&rule.arn, &swapped).await.expect("changed");
    let listed = elbv2.list_rules(&listener.arn).await.expect("answered");
    assert_eq!(listed.len(), 2, "the rule and the default one");
    assert_eq!((&listed[0].actions, listed[1].is_default), (&vec![swapped], true));

    for _ in 0..2 {
        elbv2.delete_rule(&rule.arn).await.expect("deleted");
    }
    let again = elbv2.create_rule(&input).await.expect("made");
    assert_ne!(again.arn, rule.arn);
    assert_eq!(elbv2.find_rule(&rule.arn).await, Ok(None));
    assert_eq!(elbv2.list_rules("arn:missing").await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_target_group_is_found_changed_and_deleted_when_nothing_names_it() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let (_, listener, _) = arranged.add_listener().await;
    let made = arranged.add_group("xp-a").await;
    assert_eq!(made.health_check, arranged.group_input("xp-a").health_check);
    assert_eq!(elbv2.find_target_group_by_name("xp-a").await, Ok(Some(made.clone())));
    let mut other = arranged.group_input("xp-a");
    other.port = 80;
    let refused = elbv2.create_target_group(&other).await.expect_err("refused");
    assert!(refused.has_code("DuplicateTargetGroupName"));
    let check = HealthCheck { path: "/ready".to_owned(), interval_seconds: 10, ..made.health_check.clone() };
    elbv2.modify_target_group(&made.arn, &check).await.expect("changed");
    let delay = tags(&[("deregistration_delay.timeout_seconds", "30")]);
    elbv2.modify_target_group_attributes(&made.arn, &delay).await.expect("changed");
    let found = elbv2.find_target_group(&made.arn).await.expect("answered").expect("there");
    assert_eq!(found.health_check, check);
    let attributes = elbv2.find_target_group_attributes(&made.arn).await.expect("answered").expect("there");
    assert_eq!(attributes["deregistration_delay.timeout_seconds"], "30");
    assert_eq!(elbv2.list_target_health(&made.arn).await, Ok(Vec::new()));

    let second = arranged.add_group("xp-b").await;
    let rule = elbv2.create_rule(&slot(&listener, 1, [&made, &second])).await.expect("made");
    assert!(elbv2.delete_target_group(&made.arn).await.expect_err("refused").has_code("ResourceInUse"));
    elbv2.delete_rule(&rule.arn).await.expect("deleted");
    arranged.sandbox.advance(Duration::from_secs(10));
    for _ in 0..2 {
        elbv2.delete_target_group(&made.arn).await.expect("deleted");
    }
    assert_eq!(elbv2.find_target_group(&made.arn).await, Ok(None));
    assert_eq!(elbv2.find_target_group_by_name("xp-a").await, Ok(None));
}

#[tokio::test]
async fn rules_and_target_groups_that_are_asked_for_together_are_read_together() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let (_, listener, _) = arranged.add_listener().await;
    let (a, b) = (arranged.add_group("xp-a").await, arranged.add_group("xp-b").await);
    let first = elbv2.create_rule(&slot(&listener, 1, [&a, &b])).await.expect("made");
    let second = elbv2.create_rule(&slot(&listener, 2, [&a, &b])).await.expect("made");
    let attached = |group: TargetGroup| TargetGroup {
        load_balancer_arns: vec![listener.load_balancer_arn.clone()],
        ..group
    };
    let (a, b) = (attached(a), attached(b));
    let calls_before = arranged.sandbox.calls().len();
    let (rules, by_arn, by_name) = tokio::join!(
        async { tokio::join!(elbv2.find_rule(&first.arn), elbv2.find_rule(&second.arn)) },
        async { tokio::join!(elbv2.find_target_group(&a.arn), elbv2.find_target_group(&b.arn)) },
        async {
            tokio::join!(elbv2.find_target_group_by_name("xp-b"), elbv2.find_target_group_by_name("xp-a"))
        },
    );
    assert_eq!(rules, (Ok(Some(first)), Ok(Some(second.clone()))));
    assert_eq!(by_arn, (Ok(Some(a.clone())), Ok(Some(b.clone()))));
    assert_eq!(by_name, (Ok(Some(b)), Ok(Some(a.clone()))));
    assert_eq!(arranged.sandbox.calls().len() - calls_before, 3, "one call for each two");

    elbv2.delete_rule(&second.arn).await.expect("deleted");
    let (missing, none, there) = tokio::join!(
        elbv2.find_rule(&second.arn),
        elbv2.find_target_group_by_name("xp-c"),
        elbv2.find_target_group_by_name("xp-a"),
    );
    assert_eq!((missing, none, there), (Ok(None), Ok(None), Ok(Some(a))), "what is missing hides nothing");
}

#[tokio::test]
async fn certificates_of_one_listener_are_read_once_for_all_who_ask() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let (_, listener, _) = arranged.add_listener().await;
    let calls_before = arranged.sandbox.calls().len();
    let (one, two, none) = tokio::join!(
        elbv2.list_all_listener_certificates(&listener.arn),
        elbv2.list_all_listener_certificates(&listener.arn),
        elbv2.list_all_listener_certificates("arn:missing"),
    );
    assert_eq!(one.as_ref().map(Vec::len), Ok(1), "the default one");
    assert_eq!((two, none), (one, Ok(Vec::new())));
    assert_eq!(arranged.sandbox.calls().len() - calls_before, 2, "one for each listener");
}

#[tokio::test]
async fn tags_are_set_removed_and_listed_for_those_that_exist() {
    let arranged = arranged().await;
    let elbv2 = &arranged.elbv2;
    let mut arns = Vec::new();
    for index in 0..25 {
        arns.push(arranged.add_group(&format!("xp-{index}")).await.arn);
    }
    let change = TagChange { set: tags(&[("k", "v")]), remove: vec!["id".to_owned()] };
    elbv2.change_tags(&arns[0], &change).await.expect("changed");
    assert_eq!(elbv2.find_tags(&arns[0]).await, Ok(Some(tags(&[("k", "v")]))));
    arns.push(format!("{}0", arns[0]));
    let listed = elbv2.list_tags(&arns).await.expect("answered");
    assert_eq!((listed.len(), listed.get(&arns[1])), (25, Some(&tags(&[("id", "i")]))));
    assert_eq!(elbv2.find_tags(&arns[25]).await, Ok(None));
}
