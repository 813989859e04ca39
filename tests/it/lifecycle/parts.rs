//! Every part that Express Mode makes for a service, taken away and changed by hand: an apply brings it back, or every
//! refresh tells it with what to do, or AWS refuses, or it is free to change, for the reason that stands here.
//!
//! The match over `ManagedKind` is exhaustive: a part that is added tomorrow must say what becomes of it.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::{ApiError, Service};
use terraform_provider_express::service::ManagedKind;

use crate::support::cloud;
use crate::support::values::told;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// What becomes of a change by hand.
enum Fate {
    /// The plan says that these parts are made again, and the apply brings them back.
    Mended(&'static str),
    /// The plan shows the argument as changed, and the apply sets it again.
    SetAgain,
    /// Each refresh says so in these words; the status is this one.
    Told(&'static str, &'static str),
    /// AWS does not let anybody do it.
    Refused,
    /// It is no difference.
    Free(&'static str),
}

type Deed = fn(&Hand<'_>) -> Result<(), ApiError>;

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

    fn ec2(&self, operation: &str, input: Json) -> Result<Json, ApiError> {
        self.call(Service::Ec2, operation, input)
    }

    fn alarm(&self) -> Json {
        let arn = self.part("metric_alarm_arns.0");
        let name = arn.as_str().and_then(|arn| arn.split(":alarm:").nth(1)).expect("a name").to_owned();
        let input = json!({ "AlarmNames": [name] });
        let described = self.call(Service::CloudWatch, "DescribeAlarms", input).expect("alarms");
        described["MetricAlarms"][0].clone()
    }

    fn scaling(&self, operation: &str, more: &Json) -> Result<Json, ApiError> {
        let mut input = json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/default/api",
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        for (name, value) in more.as_object().expect("an object") {
            input[name] = value.clone();
        }
        self.call(Service::ApplicationAutoScaling, operation, input)
    }

    fn policy(&self) -> Json {
        let described = self.call(
            Service::ApplicationAutoScaling,
            "DescribeScalingPolicies",
            json!({ "ServiceNamespace": "ecs", "ResourceId": "service/default/api" }),
        );
        described.expect("policies")["ScalingPolicies"][0].clone()
    }
}

fn change_hosts(hand: &Hand<'_>, hosts: &[&str]) -> Result<(), ApiError> {
    let own = hand.workspace.attribute("app", "hostname");
    let own = own.as_str().expect("a host name");
    let values: Vec<_> = hosts.iter().map(|host| host.replace("$OWN", own)).collect();
    let condition = json!([{ "Field": "host-header", "HostHeaderConfig": { "Values": values } }]);
    hand.elbv2("ModifyRule", json!({ "RuleArn": hand.part("listener_rule_arn"), "Conditions": condition }))
}

fn remove_certificate(hand: &Hand<'_>) -> Result<(), ApiError> {
    let certificates = json!([{ "CertificateArn": hand.part("certificate_arn") }]);
    let input = json!({ "ListenerArn": hand.part("listener_arn"), "Certificates": certificates });
    hand.elbv2("RemoveListenerCertificates", input)
}

fn revoke_ingress(hand: &Hand<'_>, group: &str) -> Result<(), ApiError> {
    let id = hand.part(group);
    let described = hand.ec2("DescribeSecurityGroups", json!({ "GroupIds": [id] }))?;
    let permissions = &described["SecurityGroups"][0]["IpPermissions"];
    hand.ec2("RevokeSecurityGroupIngress", json!({ "GroupId": id, "IpPermissions": permissions })).map(drop)
}

fn delete_group(hand: &Hand<'_>, group: &str) -> Result<(), ApiError> {
    hand.ec2("DeleteSecurityGroup", json!({ "GroupId": hand.part(group) })).map(drop)
}

/// What is done to a part of each kind. Each of the kinds has at least one case.
#[expect(clippy::too_many_lines, reason = "a table")]
fn cases(kind: ManagedKind) -> Vec<Case> {
    use Fate::{Free, Mended, Refused, SetAgain, Told};
    let case = |deed, does: Deed, fate| Case { kind, deed, does, fate };
    match kind {
        ManagedKind::Cluster => vec![case(
            "deleted",
            |hand| hand.call(Service::Ecs, "DeleteCluster", json!({ "cluster": "default" })).map(drop),
            Refused,
        )],
        ManagedKind::Service => vec![case(
            "deleted as a plain service",
            |hand| {
                let input = json!({ "cluster": "default", "service": "api", "force": true });
                hand.call(Service::Ecs, "DeleteService", input).map(drop)
            },
            Refused,
        )],
        ManagedKind::TaskDefinition => vec![case(
            "deregistered",
            |hand| {
                let arn = hand.workspace.attribute("app", "task_definition_arn");
                hand.call(Service::Ecs, "DeregisterTaskDefinition", json!({ "taskDefinition": arn }))
                    .map(drop)
            },
            Free("ECS goes on with it, and the next change registers another"),
        )],
        ManagedKind::LoadBalancer => vec![
            case(
                "deleted",
                |hand| {
                    let input = json!({ "LoadBalancerArn": hand.part("load_balancer_arn") });
                    hand.elbv2("DeleteLoadBalancer", input)
                },
                Told("load balancer, listener, listener rule", "DEGRADED"),
            ),
            case(
                "another idle timeout",
                |hand| {
                    let timeout = json!([{ "Key": "idle_timeout.timeout_seconds", "Value": "300" }]);
                    let arn = hand.part("load_balancer_arn");
                    let input = json!({ "LoadBalancerArn": arn, "Attributes": timeout });
                    hand.elbv2("ModifyLoadBalancerAttributes", input)
                },
                Free("no argument sets it, and ECS lets it be"),
            ),
        ],
        ManagedKind::LoadBalancerSecurityGroup => vec![
            case("deleted", |hand| delete_group(hand, "load_balancer_security_group_ids.0"), Refused),
            case(
                "closed",
                |hand| revoke_ingress(hand, "load_balancer_security_group_ids.0"),
                Free(
                    "who may reach the load balancer is whoever's who changed it; internal ones are opened by hand",
                ),
            ),
        ],
        ManagedKind::Listener => vec![case(
            "deleted",
            |hand| hand.elbv2("DeleteListener", json!({ "ListenerArn": hand.part("listener_arn") })),
            Told("listener, listener rule", "DEGRADED"),
        )],
        ManagedKind::ListenerRule => vec![
            case(
                "deleted",
                |hand| hand.elbv2("DeleteRule", json!({ "RuleArn": hand.part("listener_rule_arn") })),
                Told("listener rule", "DEGRADED"),
            ),
            case(
                "another host name in place of the service's own",
                |hand| change_hosts(hand, &["other.example.com"]),
                Told("listener rule", "DEGRADED"),
            ),
            case(
                "a further host name",
                |hand| change_hosts(hand, &["$OWN", "mine.example.com"]),
                Free("a host name of one's own beside it is what people do"),
            ),
        ],
        ManagedKind::TargetGroup => vec![
            case(
                "deleted while it is used",
                |hand| {
                    let input = json!({ "TargetGroupArn": hand.part("target_group_arns.0") });
                    hand.elbv2("DeleteTargetGroup", input)
                },
                Refused,
            ),
            case(
                "another attribute",
                |hand| {
                    let stickiness = json!([{ "Key": "stickiness.enabled", "Value": "true" }]);
                    let arn = hand.part("target_group_arns.0");
                    let input = json!({ "TargetGroupArn": arn, "Attributes": stickiness });
                    hand.elbv2("ModifyTargetGroupAttributes", input)
                },
                Free("no argument sets it, and it lasts until Express overwrites it"),
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
            remove_certificate,
            Told("certificate on the listener", "DEGRADED"),
        )],
        ManagedKind::ValidationRecord | ManagedKind::AliasRecord | ManagedKind::WebAcl => Vec::new(),
        ManagedKind::ServiceSecurityGroup => {
            vec![case("deleted", |hand| delete_group(hand, "service_security_group_ids.0"), Refused)]
        }
        ManagedKind::IngressPermission => vec![case(
            "revoked",
            |hand| revoke_ingress(hand, "service_security_group_ids.0"),
            Told("permission of the load balancer to reach the tasks", "DEGRADED"),
        )],
        ManagedKind::ScalableTarget => vec![
            case(
                "deregistered",
                |hand| hand.scaling("DeregisterScalableTarget", &json!({})).map(drop),
                Mended("scalable target, scaling policy"),
            ),
            case(
                "other bounds by a scheduled action",
                |hand| {
                    let action = json!({
                        "ScheduledActionName": "night", "Schedule": "cron(0 20 * * ? *)",
                        "ScalableTargetAction": { "MinCapacity": 0, "MaxCapacity": 0 },
                    });
                    hand.scaling("PutScheduledAction", &action)?;
                    hand.scaling("RegisterScalableTarget", &json!({ "MinCapacity": 1, "MaxCapacity": 1 }))
                        .map(drop)
                },
                Free("the bounds are the schedule's"),
            ),
            case(
                "other bounds",
                |hand| {
                    let bounds = json!({ "MinCapacity": 1, "MaxCapacity": 9 });
                    hand.scaling("RegisterScalableTarget", &bounds).map(drop)
                },
                SetAgain,
            ),
        ],
        ManagedKind::ScalingPolicy => vec![
            case(
                "deleted",
                |hand| {
                    let name = hand.policy()["PolicyName"].clone();
                    hand.scaling("DeleteScalingPolicy", &json!({ "PolicyName": name })).map(drop)
                },
                Mended("scaling policy"),
            ),
            case(
                "another value to hold",
                |hand| {
                    let policy = hand.policy();
                    let mut target = policy["TargetTrackingScalingPolicyConfiguration"].clone();
                    target["TargetValue"] = json!(33.0);
                    let more = json!({
                        "PolicyName": policy["PolicyName"], "PolicyType": "TargetTrackingScaling",
                        "TargetTrackingScalingPolicyConfiguration": target,
                    });
                    hand.scaling("PutScalingPolicy", &more).map(drop)
                },
                SetAgain,
            ),
        ],
        ManagedKind::MetricAlarm => vec![
            case(
                "deleted",
                |hand| {
                    let input = json!({ "AlarmNames": [hand.alarm()["AlarmName"]] });
                    hand.call(Service::CloudWatch, "DeleteAlarms", input).map(drop)
                },
                Mended("rollback alarm"),
            ),
            case(
                "another threshold",
                |hand| {
                    let alarm = hand.alarm();
                    let kept = ["AlarmName", "ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm"];
                    let mut input: Json =
                        kept.into_iter().map(|name| (name.to_owned(), alarm[name].clone())).collect();
                    input["Metrics"] = alarm["Metrics"].clone();
                    input["Threshold"] = json!(50.0);
                    hand.call(Service::CloudWatch, "PutMetricAlarm", input).map(drop)
                },
                Free("ECS writes it anew with every deployment"),
            ),
        ],
        ManagedKind::LogGroup => vec![
            case(
                "deleted",
                |hand| {
                    let name = hand.part("log_group_name");
                    hand.call(Service::Logs, "DeleteLogGroup", json!({ "logGroupName": name })).map(drop)
                },
                Told("log group", "ACTIVE"),
            ),
            case(
                "another retention",
                |hand| {
                    let name = hand.part("log_group_name");
                    let input = json!({ "logGroupName": name, "retentionInDays": 7 });
                    hand.call(Service::Logs, "PutRetentionPolicy", input).map(drop)
                },
                Free("no argument of this engine sets it"),
            ),
        ],
    }
}

/// Kinds that Express Mode makes nothing of.
const NOT_MADE: [ManagedKind; 3] =
    [ManagedKind::ValidationRecord, ManagedKind::AliasRecord, ManagedKind::WebAcl];

/// The second service on a load balancer, whose certificate is not the listener's default one.
async fn whole() -> (Workspace, Json) {
    let mut workspace = Workspace::new().await;
    workspace.applied("first", &with(&three_inputs(), "service_name", "first")).await;
    let config = with(&three_inputs(), "service_name", "api");
    let scaling = json!({
        "min_task_count": 2, "max_task_count": 4,
        "auto_scaling_metric": "AVERAGE_CPU", "auto_scaling_target_value": 60,
    });
    let config = with(&config, "scaling_target", scaling);
    workspace.applied("app", &config).await;
    (workspace, config)
}

#[tokio::test]
async fn every_part_that_is_gone_or_changed_is_brought_back_or_told_or_free() {
    let (before, config) = whole().await;
    let mut problems = Vec::new();
    for kind in ManagedKind::ALL {
        let cases = cases(kind);
        assert_eq!(cases.is_empty(), NOT_MADE.contains(&kind), "{}", kind.as_str());
        for case in cases {
            let mut workspace = before.fork().await;
            workspace.broken = Some(Vec::new());
            if let Err(problem) = check(workspace, &config, &case).await {
                problems.push(format!("{} {}: {problem}", case.kind.as_str(), case.deed));
            }
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
    let expected = match case.fate {
        Fate::Mended(_) | Fate::SetAgain => Action::Update,
        Fate::Told(..) | Fate::Free(_) | Fate::Refused => Action::Nothing,
    };
    if action != expected {
        return Err(format!("the plan does {action:?} and says {said:?}"));
    }
    match case.fate {
        Fate::Mended(words)
            if !said.contains(&format!("Not there any more: {words}. ECS makes it again")) =>
        {
            return Err(format!("the plan says {said:?}"));
        }
        Fate::Told(words, status) => return check_told(&mut workspace, config, words, status).await,
        Fate::Free(reason) if !said.is_empty() => return Err(format!("not free, though {reason}: {said}")),
        _ => {}
    }
    let applied = workspace.apply("app", config).await;
    if applied.diagnostics.has_errors() {
        return Err(format!("the apply fails: {}", told(&applied.diagnostics)));
    }
    check_at_rest(&mut workspace, config).await
}

/// Told at each refresh, never planned, and no obstacle to a change of something else.
async fn check_told(
    workspace: &mut Workspace,
    config: &Json,
    words: &str,
    status: &str,
) -> Result<(), String> {
    for _ in 0..2 {
        workspace.clock_advance(600).await;
        let said = told(&workspace.refresh("app").await);
        let sentences =
            [format!("Not there any more: {words}."), format!("Changed by somebody else: {words}.")];
        if !sentences.iter().any(|sentence| said.contains(sentence)) || !said.contains("hint: ") {
            return Err(format!("the refresh says {said:?}"));
        }
    }
    if workspace.attribute("app", "status") != json!(status) {
        return Err(format!("the service is {}", workspace.attribute("app", "status")));
    }
    let tagged = with(config, "tags", json!({ "a": "b" }));
    let applied = workspace.apply("app", &tagged).await;
    if applied.diagnostics.has_errors() {
        return Err(format!("a change of tags fails: {}", told(&applied.diagnostics)));
    }
    let broken = workspace.broken.take().unwrap_or_default();
    if broken.is_empty() { Ok(()) } else { Err(format!("the result differs from the plan: {broken:#?}")) }
}

async fn check_at_rest(workspace: &mut Workspace, config: &Json) -> Result<(), String> {
    let broken = workspace.broken.take().unwrap_or_default();
    if !broken.is_empty() {
        return Err(format!("the result differs from the plan: {broken:#?}"));
    }
    workspace.clock_advance(600).await;
    let changed = workspace.changed_by_plan("app", config).await;
    if !changed.is_empty() {
        return Err(format!("the next plan changes {changed:#?}"));
    }
    let (status, to_repair) =
        (workspace.attribute("app", "status"), workspace.attribute("app", "infrastructure.to_repair"));
    if (&status, &to_repair) != (&json!("ACTIVE"), &json!([])) {
        return Err(format!("the service is {status} and lacks {to_repair}"));
    }
    Ok(())
}

/// A target group can go once no rule forwards to it, which takes AWS a moment to see.
#[tokio::test]
async fn target_groups_that_are_deleted_after_their_rule_are_told() {
    let (mut workspace, config) = whole().await;
    let hand = Hand { workspace: &workspace };
    let group = hand.part("target_group_arns.1");
    hand.elbv2("DeleteRule", json!({ "RuleArn": hand.part("listener_rule_arn") })).expect("accepted");
    workspace.clock_advance(600).await;
    cloud::call(&workspace.sandbox, Service::Elbv2, "DeleteTargetGroup", json!({ "TargetGroupArn": group }));
    let (action, said) = workspace.plan("app", &config).await;
    assert_eq!(action, Action::Nothing, "{}", told(&said));
    assert!(told(&said).contains("Not there any more: listener rule, target groups."), "{}", told(&said));
    assert!(told(&said).contains("-replace="), "{}", told(&said));
}

/// The certificate can go once nothing serves it, which takes AWS a while to see.
#[tokio::test]
async fn a_certificate_that_is_deleted_after_it_left_the_listener_is_told() {
    let (mut workspace, config) = whole().await;
    let hand = Hand { workspace: &workspace };
    let certificate = hand.part("certificate_arn");
    remove_certificate(&hand).expect("accepted");
    workspace.clock_advance(600).await;
    let input = json!({ "CertificateArn": certificate });
    cloud::call(&workspace.sandbox, Service::Acm, "DeleteCertificate", input);
    let (action, said) = workspace.plan("app", &config).await;
    assert_eq!(action, Action::Nothing, "{}", told(&said));
    assert!(told(&said).contains("Not there any more: certificate."), "{}", told(&said));
    assert_eq!(workspace.attribute("app", "status"), json!("DEGRADED"));
}

#[tokio::test]
async fn bounds_that_nobody_configured_are_shown_as_they_are_and_left_alone() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    let bounds = json!({ "MinCapacity": 3, "MaxCapacity": 9 });
    Hand { workspace: &workspace }.scaling("RegisterScalableTarget", &bounds).expect("accepted");
    workspace.clock_advance(600).await;
    assert_eq!(workspace.plan("app", &config).await.0, Action::Nothing);
    assert_eq!(workspace.attribute("app", "scaling_target.min_task_count"), json!(3));
}

#[tokio::test]
async fn what_ecs_does_not_bring_back_is_tried_once_and_told_from_then_on() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    let delete = |workspace: &Workspace| {
        let input = json!({ "AlarmNames": ["default/api/RollbackAlarm"] });
        cloud::call(&workspace.sandbox, Service::CloudWatch, "DeleteAlarms", input);
    };
    delete(&workspace);
    workspace.clock_advance(600).await;
    // It goes again as soon as ECS has made it: as if ECS had not.
    let sandbox = workspace.sandbox.clone();
    workspace.sandbox.after_call("DescribeServiceDeployments", 20, move |_| {
        let input = json!({ "AlarmNames": ["default/api/RollbackAlarm"] });
        cloud::call(&sandbox, Service::CloudWatch, "DeleteAlarms", input);
    });
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    workspace.clock_advance(600).await;
    let (action, said) = workspace.plan("app", &config).await;
    assert_eq!(action, Action::Nothing, "{}", told(&said));
    assert!(told(&said).contains("Not there any more: rollback alarm."), "{}", told(&said));
}

#[tokio::test]
async fn a_refresh_of_many_services_shares_the_looks_at_their_parts() {
    const COUNT: usize = 10;
    let mut workspace = Workspace::new().await;
    for number in 0..COUNT {
        let config = with(&three_inputs(), "service_name", format!("s{number}"));
        workspace.applied(&format!("s{number}"), &config).await;
    }
    workspace.clock_advance(600).await;
    workspace.sandbox.clear_calls();
    for number in 0..COUNT {
        assert!(workspace.refresh(&format!("s{number}")).await.is_empty());
    }
    for operation in [
        "DescribeRules",
        "DescribeListenerCertificates",
        "DescribeSecurityGroups",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeAlarms",
        "DescribeLogGroups",
    ] {
        let calls = workspace.sandbox.calls();
        let count = calls.iter().filter(|call| call.operation == operation).count();
        assert_eq!(count, 1, "{operation}");
    }
}
