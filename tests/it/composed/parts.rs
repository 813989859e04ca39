//! Every part of a composed service, taken away and changed by hand: the next plan names it and the apply mends it, or AWS
//! refuses, or it is free to change, for the reason that stands here.
//!
//! The match over `ManagedKind` is exhaustive: a part that is added tomorrow must say what becomes of it.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::{ApiError, Service};
use terraform_provider_express::service::ManagedKind;

use super::{composed, workspace};
use crate::support::cloud;
use crate::support::values::told;
use crate::support::workspace::{Action, Workspace, with};

/// What becomes of a change by hand.
enum Fate {
    /// The plan says so in these words, and the apply mends it.
    Named(&'static str),
    /// AWS does not let anybody do it while the service uses it.
    Refused,
    /// It is no difference.
    Free(&'static str),
}

type Deed = fn(&Hand<'_>) -> Result<(), ApiError>;

/// What can be done to a part, and what becomes of it.
struct Case {
    kind: ManagedKind,
    deed: &'static str,
    does: Deed,
    fate: Fate,
}

/// A person with the AWS CLI.
struct Hand<'a> {
    workspace: &'a Workspace,
}

impl Hand<'_> {
    fn call(&self, service: Service, operation: &str, input: Json) -> Result<Json, ApiError> {
        cloud::try_call(&self.workspace.sandbox, service, operation, input)
    }

    fn part(&self, name: &str) -> Json {
        self.workspace.attribute("app", &format!("infrastructure.{name}"))
    }

    fn elbv2(&self, operation: &str, input: Json) -> Result<(), ApiError> {
        self.call(Service::Elbv2, operation, input).map(drop)
    }

    fn alarm(&self) -> Json {
        let arn = self.part("metric_alarm_arns.0");
        let name = arn.as_str().and_then(|arn| arn.split(":alarm:").nth(1)).expect("a name").to_owned();
        let input = json!({ "AlarmNames": [name] });
        let described = self.call(Service::CloudWatch, "DescribeAlarms", input).expect("alarms");
        described["MetricAlarms"][0].clone()
    }

    fn change_record(&self, action: &str) -> Result<(), ApiError> {
        self.change_set(action, |set| set["Name"] == "api.example.com." && set["Type"] == "A")
    }

    fn change_set(&self, action: &str, is_meant: impl Fn(&Json) -> bool) -> Result<(), ApiError> {
        let zones =
            self.call(Service::Route53, "ListHostedZonesByName", json!({ "DNSName": "example.com" }))?;
        let zone = zones["HostedZones"][0]["Id"].as_str().expect("a zone").trim_start_matches("/hostedzone/");
        let input = json!({ "HostedZoneId": zone });
        let sets = self.call(Service::Route53, "ListResourceRecordSets", input)?;
        let sets = sets["ResourceRecordSets"].as_array().expect("sets").clone();
        let set = sets.iter().find(|set| is_meant(set)).expect("the record");
        let batch = json!({ "Changes": [{ "Action": action, "ResourceRecordSet": set }] });
        let input = json!({ "HostedZoneId": zone, "ChangeBatch": batch });
        self.call(Service::Route53, "ChangeResourceRecordSets", input).map(drop)
    }

    fn scaling(&self, operation: &str, more: &Json) -> Result<(), ApiError> {
        let mut input = json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/default/api",
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        for (name, value) in more.as_object().expect("an object") {
            input[name] = value.clone();
        }
        self.call(Service::ApplicationAutoScaling, operation, input).map(drop)
    }
}

/// Deletes the record that proves the certificate.
fn delete_proof(hand: &Hand<'_>) -> Result<(), ApiError> {
    hand.change_set("DELETE", |set| set["Type"] == "CNAME")
}

/// What is done to a part of each kind. Each of the kinds has at least one case.
#[expect(clippy::too_many_lines, reason = "a table")]
fn cases(kind: ManagedKind) -> Vec<Case> {
    use Fate::{Free, Named, Refused};
    let case = |deed, does: Deed, fate| Case { kind, deed, does, fate };
    match kind {
        ManagedKind::Cluster => vec![case(
            "deleted",
            |hand| hand.call(Service::Ecs, "DeleteCluster", json!({ "cluster": "default" })).map(drop),
            Refused,
        )],
        ManagedKind::Service => vec![case(
            "deleted",
            |hand| {
                let input = json!({ "cluster": "default", "service": "api", "force": true });
                hand.call(Service::Ecs, "DeleteService", input).map(drop)
            },
            Named("ECS service"),
        )],
        ManagedKind::TaskDefinition => vec![case(
            "deregistered",
            |hand| {
                let arn = hand.workspace.attribute("app", "task_definition_arn");
                let input = json!({ "taskDefinition": arn });
                hand.call(Service::Ecs, "DeregisterTaskDefinition", input).map(drop)
            },
            Free("ECS goes on with it, and the next change registers another"),
        )],
        ManagedKind::LoadBalancer => vec![
            case(
                "deleted",
                |hand| {
                    unprotect(hand)?;
                    hand.elbv2(
                        "DeleteLoadBalancer",
                        json!({ "LoadBalancerArn": hand.part("load_balancer_arn") }),
                    )
                },
                Named("load balancer, listener, listener rule"),
            ),
            case(
                "its protection lifted",
                unprotect,
                Free("it is shared: the next service that joins or leaves protects it again"),
            ),
        ],
        ManagedKind::LoadBalancerSecurityGroup => vec![case(
            "deleted",
            |hand| {
                let id = hand.part("load_balancer_security_group_ids.0");
                hand.call(Service::Ec2, "DeleteSecurityGroup", json!({ "GroupId": id })).map(drop)
            },
            Refused,
        )],
        ManagedKind::Listener => vec![case(
            "deleted",
            |hand| hand.elbv2("DeleteListener", json!({ "ListenerArn": hand.part("listener_arn") })),
            Named("listener, listener rule"),
        )],
        ManagedKind::ListenerRule => vec![
            case(
                "deleted",
                |hand| hand.elbv2("DeleteRule", json!({ "RuleArn": hand.part("listener_rule_arn") })),
                Named("listener rule"),
            ),
            case(
                "another host name in place of the service's own",
                |hand| {
                    let hosts = json!({ "Values": ["other.example.com"] });
                    let condition = json!([{ "Field": "host-header", "HostHeaderConfig": hosts }]);
                    let arn = hand.part("listener_rule_arn");
                    hand.elbv2("ModifyRule", json!({ "RuleArn": arn, "Conditions": condition }))
                },
                Named("listener rule"),
            ),
        ],
        ManagedKind::TargetGroup => vec![
            case(
                "deleted while it is used",
                |hand| {
                    hand.elbv2(
                        "DeleteTargetGroup",
                        json!({ "TargetGroupArn": hand.part("target_group_arns.0") }),
                    )
                },
                Refused,
            ),
            case(
                "another attribute",
                |hand| {
                    let stickiness = json!([{ "Key": "stickiness.enabled", "Value": "true" }]);
                    let arn = hand.part("target_group_arns.0");
                    hand.elbv2(
                        "ModifyTargetGroupAttributes",
                        json!({ "TargetGroupArn": arn, "Attributes": stickiness }),
                    )
                },
                Free("no argument sets it, so it is whoever's who set it"),
            ),
        ],
        ManagedKind::Certificate => vec![case(
            "deleted while it is used",
            |hand| {
                let input = json!({ "CertificateArn": hand.part("certificate_arn") });
                hand.call(Service::Acm, "DeleteCertificate", input).map(drop)
            },
            Refused,
        )],
        ManagedKind::ListenerCertificate => vec![case(
            "taken off the listener",
            |hand| {
                let certificates = json!([{ "CertificateArn": hand.part("certificate_arn") }]);
                let listener = hand.part("listener_arn");
                hand.elbv2(
                    "RemoveListenerCertificates",
                    json!({ "ListenerArn": listener, "Certificates": certificates }),
                )
            },
            Named("certificate on the listener"),
        )],
        ManagedKind::ValidationRecord => {
            vec![case("deleted", delete_proof, Named("record that proves the certificate"))]
        }
        ManagedKind::AliasRecord => {
            vec![case("deleted", |hand| hand.change_record("DELETE"), Named("DNS record"))]
        }
        ManagedKind::WebAcl => vec![case(
            "taken off the load balancer",
            |hand| {
                let input = json!({ "ResourceArn": hand.part("load_balancer_arn") });
                hand.call(Service::Wafv2, "DisassociateWebACL", input).map(drop)
            },
            Named("web ACL of the load balancer"),
        )],
        ManagedKind::ServiceSecurityGroup => vec![case(
            "deleted",
            |hand| {
                let id = hand.part("service_security_group_ids.0");
                hand.call(Service::Ec2, "DeleteSecurityGroup", json!({ "GroupId": id })).map(drop)
            },
            Refused,
        )],
        ManagedKind::IngressPermission => vec![case(
            "revoked",
            |hand| {
                let id = hand.part("service_security_group_ids.0");
                let input = json!({ "GroupIds": [id] });
                let described = hand.call(Service::Ec2, "DescribeSecurityGroups", input)?;
                let permissions = &described["SecurityGroups"][0]["IpPermissions"];
                let input = json!({ "GroupId": id, "IpPermissions": permissions });
                hand.call(Service::Ec2, "RevokeSecurityGroupIngress", input).map(drop)
            },
            Named("permission of the load balancer to reach the tasks"),
        )],
        ManagedKind::ScalableTarget => vec![case(
            "deregistered",
            |hand| hand.scaling("DeregisterScalableTarget", &json!({})),
            Named("scalable target, scaling policy"),
        )],
        ManagedKind::ScalingPolicy => vec![case(
            "deleted",
            |hand| {
                let arn = hand.part("scaling_policy_arns.0");
                let name =
                    arn.as_str().and_then(|arn| arn.rsplit("policyName/").next()).expect("a name").to_owned();
                hand.scaling("DeleteScalingPolicy", &json!({ "PolicyName": name }))
            },
            Named("scaling policy"),
        )],
        ManagedKind::MetricAlarm => vec![
            case(
                "deleted",
                |hand| {
                    let input = json!({ "AlarmNames": [hand.alarm()["AlarmName"]] });
                    hand.call(Service::CloudWatch, "DeleteAlarms", input).map(drop)
                },
                Named("rollback alarm"),
            ),
            case(
                "over more minutes",
                |hand| put_alarm(hand, "EvaluationPeriods", &json!(5)),
                Named("rollback alarm"),
            ),
            case(
                "another action",
                |hand| {
                    let topic = json!(["arn:aws:sns:eu-west-1:123456789012:pager"]);
                    put_alarm(hand, "AlarmActions", &topic)
                },
                Free("whom an alarm calls is whoever's who set it"),
            ),
        ],
        ManagedKind::LogGroup => vec![case(
            "deleted",
            |hand| {
                let name = hand.part("log_group_name");
                hand.call(Service::Logs, "DeleteLogGroup", json!({ "logGroupName": name })).map(drop)
            },
            Named("log group"),
        )],
    }
}

fn unprotect(hand: &Hand<'_>) -> Result<(), ApiError> {
    let unprotected = json!([{ "Key": "deletion_protection.enabled", "Value": "false" }]);
    let arn = hand.part("load_balancer_arn");
    hand.elbv2("ModifyLoadBalancerAttributes", json!({ "LoadBalancerArn": arn, "Attributes": unprotected }))
}

fn put_alarm(hand: &Hand<'_>, member: &str, value: &Json) -> Result<(), ApiError> {
    let alarm = hand.alarm();
    let mut input = json!({});
    for kept in [
        "AlarmName",
        "AlarmDescription",
        "ComparisonOperator",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "TreatMissingData",
        "Metrics",
    ] {
        input[kept] = alarm[kept].clone();
    }
    input[member] = value.clone();
    hand.call(Service::CloudWatch, "PutMetricAlarm", input).map(drop)
}

/// A service with every part that there is.
async fn whole() -> (Workspace, Json) {
    let mut workspace = workspace().await;
    let visibility =
        json!({ "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m" });
    let input = json!({
        "Name": "shield", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} }, "VisibilityConfig": visibility,
    });
    let acl = cloud::call(&workspace.sandbox, Service::Wafv2, "CreateWebACL", input)["Summary"]["ARN"].take();
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    let config = with(&config, "web_acl_arn", acl);
    workspace.applied("app", &config).await;
    (workspace, config)
}

#[tokio::test]
async fn every_part_that_is_gone_or_changed_is_named_and_mended_or_free() {
    let (before, config) = whole().await;
    let mut problems = Vec::new();
    for case in ManagedKind::ALL.into_iter().flat_map(cases) {
        let mut workspace = before.fork().await;
        workspace.broken = Some(Vec::new());
        if let Err(problem) = check(workspace, &config, &case).await {
            problems.push(format!("{} {}: {problem}", case.kind.as_str(), case.deed));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

async fn check(mut workspace: Workspace, config: &Json, case: &Case) -> Result<(), String> {
    let done = (case.does)(&Hand { workspace: &workspace });
    if let Fate::Refused = case.fate {
        return done.map_or(Ok(()), |()| Err("AWS does it".to_owned()));
    }
    done.map_err(|error| format!("AWS refuses: {error}"))?;
    workspace.clock_advance(600).await;
    let (action, said) = workspace.plan("app", config).await;
    let said = told(&said);
    match case.fate {
        Fate::Named(words) => {
            let sentences =
                [format!("Not there any more: {words}."), format!("Changed by somebody else: {words}.")];
            if action != Action::Update || !sentences.iter().any(|sentence| said.contains(sentence)) {
                return Err(format!("the plan does {action:?} and says {said:?}"));
            }
        }
        Fate::Free(reason) if action != Action::Nothing => {
            return Err(format!("not free, though {reason}: {said}"));
        }
        Fate::Free(_) | Fate::Refused => {}
    }
    let applied = workspace.apply("app", config).await;
    if applied.diagnostics.has_errors() {
        return Err(format!("the apply fails: {}", told(&applied.diagnostics)));
    }
    let broken = workspace.broken.take().unwrap_or_default();
    if !broken.is_empty() {
        return Err(format!("the result differs from the plan: {broken:#?}"));
    }
    if workspace.attribute("app", "status") != json!("ACTIVE") {
        return Err(format!("the service is {}", workspace.attribute("app", "status")));
    }
    let changed = workspace.changed_by_plan("app", config).await;
    if changed.is_empty() { Ok(()) } else { Err(format!("the next plan changes {changed:#?}")) }
}

/// The certificate can go once nothing serves it.
#[tokio::test]
async fn a_certificate_that_is_deleted_after_it_left_the_listener_is_requested_anew() {
    let (mut workspace, config) = whole().await;
    let hand = Hand { workspace: &workspace };
    let certificate = hand.part("certificate_arn");
    let input = json!({ "ListenerArn": hand.part("listener_arn"), "Certificates": [{ "CertificateArn": certificate }] });
    hand.elbv2("RemoveListenerCertificates", input).expect("accepted");
    workspace.clock_advance(600).await;
    let input = json!({ "CertificateArn": certificate });
    cloud::call(&workspace.sandbox, Service::Acm, "DeleteCertificate", input);
    let (action, said) = workspace.plan("app", &config).await;
    assert_eq!(action, Action::Update, "{}", told(&said));
    assert!(told(&said).contains("Not there any more: certificate."), "{}", told(&said));
    workspace.applied("app", &config).await;
    assert_ne!(workspace.attribute("app", "infrastructure.certificate_arn"), certificate);
}

/// A create that the user interrupts while ACM looks for the records, and that is continued instead of replaced.
#[tokio::test]
async fn a_create_that_was_interrupted_while_the_certificate_was_validated_is_finished_by_the_next_apply() {
    let mut workspace = workspace().await;
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    let server = workspace.server();
    // The second look at the certificate: the first one was for the record that proves it.
    workspace.sandbox.after_call("DescribeCertificate", 3, move |_| server.stop());
    let applied = workspace.apply("app", &config).await;
    let has_service = workspace.state("app").is_some();
    assert!(has_service, "{}", told(&applied.diagnostics));
    workspace.restart_provider().await;
    if workspace.is_tainted("app") {
        workspace.untaint("app");
    }
    let (action, said) = workspace.plan("app", &config).await;
    assert_eq!(action, Action::Update, "{}", told(&said));
    assert!(told(&said).contains("The create of service `api` has not ended"), "{}", told(&said));
    workspace.applied("app", &config).await;
    assert_eq!(workspace.attribute("app", "infrastructure.to_repair"), json!([]));
    let hand = Hand { workspace: &workspace };
    let input = json!({ "ListenerArn": hand.part("listener_arn") });
    let on_listener = hand.call(Service::Elbv2, "DescribeListenerCertificates", input).expect("accepted");
    let arn = hand.part("certificate_arn");
    assert!(on_listener.to_string().contains(arn.as_str().expect("an ARN")), "{on_listener}");
}
