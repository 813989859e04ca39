//! What is made shows late, to each reader by a delay of its own.
//!
//! The delays follow from what is made and the seed, so that a run can be repeated. A write that names something that does
//! not show yet is refused as if it did not exist; what makes names and priorities unique knows everything at once, as
//! AWS does, and so does every deletion. Records are listed at once, since
//! `ListResourceRecordSets` answers with pending ones too (its API reference); name servers answer with them later.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::acm::Certificate;
use super::autoscaling::ScalableTarget;
use super::ec2::SecurityGroup;
use super::ecs::errors;
use super::elbv2::{Listener, LoadBalancer, Rule, TargetGroup};
use super::ids::IdGenerator;
use super::logs::LogGroup;
use super::{Scope, Timestamp};
use crate::sandbox::api::{ApiError, Request, Service};

/// Something that shows late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    SecurityGroup,
    TargetGroup,
    LoadBalancer,
    Listener,
    Rule,
    Certificate,
    LogGroup,
    ScalableTarget,
    Role,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Reader {
    /// The service that it was made in.
    Own,
    /// The calls of that service that are about tags.
    Tags,
    /// Another service that is told of it.
    Other,
}

/// The longest delay of each kind for each reader, in milliseconds. That there are such delays is recorded; how long they
/// are is our guess, within what the sources bear.
const LONGEST_MS: [(Kind, [u64; 3]); 9] = [
    // SUSE ec2imgutils #77, boto3 #620, terraform-provider-aws #21628; Elastic Load Balancing learns of it later:
    // aws-load-balancer-controller #2371.
    (Kind::SecurityGroup, [4_000, 4_000, 8_000]),
    // terraform-provider-aws #16860 (tags, within the same second), #20454, #20078; cloud-provider-aws #275.
    (Kind::TargetGroup, [4_000, 8_000, 6_000]),
    // terraform-provider-aws #15214.
    (Kind::LoadBalancer, [3_000, 5_000, 5_000]),
    // terraform-provider-aws #15214 and its neighbours; how long is a guess of ours.
    (Kind::Listener, [3_000, 5_000, 5_000]),
    // ECS learns of a rule after Elastic Load Balancing (facts, composition section 9).
    (Kind::Rule, [3_000, 5_000, 6_000]),
    // hashicorp/terraform PR 10180, terraform-provider-aws #10510. For imported certificates nothing is recorded: a guess.
    (Kind::Certificate, [4_000, 4_000, 12_000]),
    // A guess, after what Logs documents of OperationAbortedException.
    (Kind::LogGroup, [2_000, 2_000, 2_000]),
    // A guess, after the other targets of Application Auto Scaling.
    (Kind::ScalableTarget, [2_000, 3_000, 2_000]),
    // IAM documents eventual consistency; ECS refuses meanwhile (facts, pain A1-24 to A1-27).
    (Kind::Role, [4_000, 4_000, 10_000]),
];

/// From then on everything shows to everybody.
const LONGEST_OF_ALL: Duration = Duration::from_secs(12);

/// Operations that make something, and what.
const MAKERS: [(Service, &str, Kind); 10] = [
    (Service::Ec2, "CreateSecurityGroup", Kind::SecurityGroup),
    (Service::Elbv2, "CreateTargetGroup", Kind::TargetGroup),
    (Service::Elbv2, "CreateLoadBalancer", Kind::LoadBalancer),
    (Service::Elbv2, "CreateListener", Kind::Listener),
    (Service::Elbv2, "CreateRule", Kind::Rule),
    (Service::Acm, "RequestCertificate", Kind::Certificate),
    (Service::Acm, "ImportCertificate", Kind::Certificate),
    (Service::Logs, "CreateLogGroup", Kind::LogGroup),
    (Service::ApplicationAutoScaling, "RegisterScalableTarget", Kind::ScalableTarget),
    (Service::Iam, "CreateRole", Kind::Role),
];

/// What was made lately in one account and region, or in an account's global services, and when.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Lateness {
    /// By their keys in the states of their services.
    made: BTreeMap<String, (Kind, Timestamp)>,
}

/// Objects that were taken out of the world for the time of one call.
#[derive(Default)]
pub(crate) struct Hidden {
    security_groups: Vec<SecurityGroup>,
    target_groups: Vec<TargetGroup>,
    load_balancers: Vec<LoadBalancer>,
    listeners: Vec<Listener>,
    rules: Vec<Rule>,
    certificates: Vec<Certificate>,
    log_groups: Vec<LogGroup>,
    scalable_targets: Vec<(String, ScalableTarget)>,
    /// With their trust policies.
    roles: Vec<(String, String)>,
}

/// What there was before a call that makes something.
pub(crate) struct Before(Option<(Kind, BTreeSet<String>)>);

impl Kind {
    const fn home(self) -> Service {
        match self {
            Self::SecurityGroup => Service::Ec2,
            Self::Certificate => Service::Acm,
            Self::LogGroup => Service::Logs,
            Self::ScalableTarget => Service::ApplicationAutoScaling,
            Self::Role => Service::Iam,
            Self::TargetGroup | Self::LoadBalancer | Self::Listener | Self::Rule => Service::Elbv2,
        }
    }

    /// Whether it belongs to an account and to no region.
    const fn is_global(self) -> bool {
        matches!(self, Self::Role)
    }

    /// Whether the input of a call names one of the kind. Others know a role by its ARN.
    fn is_named(self, key: &str, input: &str) -> bool {
        input.contains(&format!("\"{key}\""))
            || self == Self::Role && input.contains(&format!(":role/{key}\""))
    }

    /// How long one of the kind does not show to a reader.
    fn delay(self, key: &str, reader: Reader) -> Duration {
        let longest = LONGEST_MS.iter().find(|(kind, _)| *kind == self).map_or(0, |(_, longest)| {
            longest[match reader {
                Reader::Own => 0,
                Reader::Tags => 1,
                Reader::Other => 2,
            }]
        });
        let seed = key
            .bytes()
            .fold(reader as u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Duration::from_millis(IdGenerator::new(seed).bits() % longest.max(1))
    }
}

fn maker(request: &Request) -> Option<Kind> {
    let is_it = |(service, operation, _): &&(Service, &str, Kind)| {
        *service == request.service && *operation == request.operation
    };
    MAKERS.iter().find(is_it).map(|(_, _, kind)| *kind)
}

fn is_read(operation: &str) -> bool {
    ["Describe", "List", "Get", "Filter"].iter().any(|verb| operation.starts_with(verb))
}

/// Takes what does not show to this call yet out of the world.
pub(crate) fn hide(scope: &mut Scope<'_>, request: &Request) -> Hidden {
    let mut hidden = Hidden::default();
    let operation = request.operation.as_str();
    let now = scope.now;
    let (of_region, of_account) = (&mut scope.region.lateness.made, &mut scope.account.lateness.made);
    for made in [&mut *of_region, &mut *of_account] {
        made.retain(|_, (_, made_at)| made_at.after(LONGEST_OF_ALL) > now);
    }
    if operation.starts_with("Delete") || operation.starts_with("Deregister") {
        return hidden;
    }
    let is_read = is_read(operation);
    let reader_at_home = if operation.contains("Tags") { Reader::Tags } else { Reader::Own };
    let input = if is_read { String::new() } else { request.input.to_string() };
    let made_here = maker(request);
    let is_unseen = |(key, (kind, made_at)): &(&String, &(Kind, Timestamp))| {
        let is_home = kind.home() == request.service;
        let reader = if is_home { reader_at_home } else { Reader::Other };
        let concerns = if is_read { is_home } else { made_here != Some(*kind) && kind.is_named(key, &input) };
        concerns && made_at.after(kind.delay(key, reader)) > now
    };
    let unseen: Vec<(String, Kind)> = of_region
        .iter()
        .chain(&*of_account)
        .filter(is_unseen)
        .map(|(key, (kind, _))| (key.clone(), *kind))
        .collect();
    for (key, kind) in unseen {
        hidden.take(scope, kind, &key);
    }
    hidden
}

impl Hidden {
    fn take(&mut self, scope: &mut Scope<'_>, kind: Kind, key: &str) {
        let region = &mut *scope.region;
        match kind {
            Kind::SecurityGroup => self.security_groups.extend(region.ec2.security_groups.remove(key)),
            Kind::TargetGroup => self.target_groups.extend(region.elbv2.target_groups.remove(key)),
            Kind::LoadBalancer => self.load_balancers.extend(region.elbv2.load_balancers.remove(key)),
            Kind::Listener => self.listeners.extend(region.elbv2.listeners.remove(key)),
            Kind::Rule => self.rules.extend(region.elbv2.rules.remove(key)),
            Kind::Certificate => self.certificates.extend(region.acm.certificates.remove(key)),
            Kind::LogGroup => self.log_groups.extend(region.logs.log_groups.remove(key)),
            Kind::ScalableTarget => {
                let target = region.autoscaling.scalable_targets.remove(key);
                self.scalable_targets.extend(target.map(|target| (key.to_owned(), target)));
            }
            Kind::Role => {
                let policy = scope.account.iam.take_role(key);
                self.roles.extend(policy.map(|policy| (key.to_owned(), policy)));
            }
        }
    }

    /// What ECS says of a role that it cannot assume yet (facts, composition sections 2.2 and 9).
    pub(crate) fn refusal(&self, request: &Request) -> Option<ApiError> {
        let (name, _) = self.roles.first().filter(|_| request.service == Service::Ecs)?;
        Some(match request.operation.as_str() {
            "RegisterTaskDefinition" => errors::client("Role is not valid"),
            "CreateExpressGatewayService" | "UpdateExpressGatewayService" => errors::access_denied(format!(
                "Cannot assume role. ECS is not authorized to perform: sts:AssumeRole on resource: {name}"
            )),
            _ => errors::invalid_parameter(
                "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service \
                 role being passed has the proper permissions.",
            ),
        })
    }

    /// Puts everything back.
    pub(crate) fn put_back(self, scope: &mut Scope<'_>) {
        let region = &mut *scope.region;
        let groups = self.security_groups.into_iter().map(|it| (it.id.clone(), it));
        region.ec2.security_groups.extend(groups);
        let elbv2 = &mut region.elbv2;
        elbv2.target_groups.extend(self.target_groups.into_iter().map(|it| (it.arn.clone(), it)));
        elbv2.load_balancers.extend(self.load_balancers.into_iter().map(|it| (it.arn.clone(), it)));
        elbv2.listeners.extend(self.listeners.into_iter().map(|it| (it.arn.clone(), it)));
        elbv2.rules.extend(self.rules.into_iter().map(|it| (it.arn.clone(), it)));
        region.acm.certificates.extend(self.certificates.into_iter().map(|it| (it.arn.clone(), it)));
        region.logs.log_groups.extend(self.log_groups.into_iter().map(|it| (it.name.clone(), it)));
        region.autoscaling.scalable_targets.extend(self.scalable_targets);
        for (name, policy) in self.roles {
            scope.account.iam.put_role(name, policy);
        }
    }
}

/// Looks at what there is before a call that makes something.
pub(crate) fn before(scope: &Scope<'_>, request: &Request) -> Before {
    Before(maker(request).map(|kind| (kind, keys(scope, kind))))
}

/// Notes what a call has made.
pub(crate) fn after(scope: &mut Scope<'_>, before: Before) {
    let Some((kind, known)) = before.0 else { return };
    let now = scope.now;
    let made = keys(scope, kind);
    let new = made.difference(&known).map(|key| (key.clone(), (kind, now)));
    let lateness = if kind.is_global() { &mut scope.account.lateness } else { &mut scope.region.lateness };
    lateness.made.extend(new);
}

fn keys(scope: &Scope<'_>, kind: Kind) -> BTreeSet<String> {
    let region = &*scope.region;
    match kind {
        Kind::SecurityGroup => region.ec2.security_groups.keys().cloned().collect(),
        Kind::TargetGroup => region.elbv2.target_groups.keys().cloned().collect(),
        Kind::LoadBalancer => region.elbv2.load_balancers.keys().cloned().collect(),
        Kind::Listener => region.elbv2.listeners.keys().cloned().collect(),
        Kind::Rule => region.elbv2.rules.keys().cloned().collect(),
        Kind::Certificate => region.acm.certificates.keys().cloned().collect(),
        Kind::LogGroup => region.logs.log_groups.keys().cloned().collect(),
        Kind::ScalableTarget => region.autoscaling.scalable_targets.keys().cloned().collect(),
        Kind::Role => scope.account.iam.role_names(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::sandbox::world::testing::Caller;

    fn group(caller: &mut Caller, name: &str) -> Value {
        let vpc = caller.call_service(Service::Ec2, "DescribeVpcs", json!({})).expect("VPCs");
        let input = json!({"Name": name, "Protocol": "HTTP", "Port": 80, "TargetType": "ip",
            "VpcId": vpc["Vpcs"][0]["VpcId"]});
        caller.answer("CreateTargetGroup", input).expect("made")["TargetGroups"][0].take()
    }

    #[test]
    fn what_is_made_shows_late_to_readers_and_at_once_where_names_are_unique() {
        let mut caller = Caller::of(Service::Elbv2);
        let arns: Vec<Value> =
            (0..8).map(|index| group(&mut caller, &format!("g{index}"))["TargetGroupArn"].clone()).collect();
        let shown = |caller: &mut Caller| {
            let found = caller.answer("DescribeTargetGroups", json!({})).expect("answered");
            found["TargetGroups"].as_array().map_or(0, Vec::len)
        };
        assert!(shown(&mut caller) < 2, "hardly any shows at once");
        assert_eq!(group(&mut caller, "g0")["TargetGroupArn"], arns[0], "a second create finds the first");
        caller.pass(Duration::from_secs(2));
        let after_two = shown(&mut caller);
        assert!((1..8).contains(&after_two), "{after_two} of 8 show after two seconds");
        caller.pass(Duration::from_secs(10));
        assert_eq!(shown(&mut caller), 8);
        assert!(caller.answer("DescribeTags", json!({"ResourceArns": arns})).is_ok());
    }

    #[test]
    fn a_write_that_names_what_does_not_show_yet_is_refused_and_a_deletion_is_not() {
        let mut caller = Caller::of(Service::Elbv2);
        let arns: Vec<Value> =
            (0..8).map(|index| group(&mut caller, &format!("g{index}"))["TargetGroupArn"].clone()).collect();
        let attributes = json!([{"Key": "slow_start.duration_seconds", "Value": "30"}]);
        let is_refused = |caller: &mut Caller, arn: &Value| {
            let input = json!({"TargetGroupArn": arn, "Attributes": attributes});
            caller
                .answer("ModifyTargetGroupAttributes", input)
                .is_err_and(|it| it.code == "TargetGroupNotFound")
        };
        assert!(arns.iter().filter(|arn| is_refused(&mut caller, arn)).count() > 5);
        for arn in &arns {
            caller.answer("DeleteTargetGroup", json!({"TargetGroupArn": arn})).expect("deleted");
        }
        caller.pass(Duration::from_secs(60));
        let left = caller.call("DescribeTargetGroups", json!({})).expect("answered");
        assert_eq!(left["TargetGroups"], json!([]));
    }

    #[test]
    fn a_new_role_cannot_be_used_before_it_is_known_everywhere() {
        let mut caller = Caller::of(Service::Iam);
        let role = json!({"RoleName": "fresh", "AssumeRolePolicyDocument": "{}"});
        caller.answer("CreateRole", role).expect("made");
        let definition = json!({"family": "web", "executionRoleArn": "arn:aws:iam::111122223333:role/fresh",
            "containerDefinitions": [{"name": "Main", "image": "nginx"}]});
        let context = crate::sandbox::api::RequestContext {
            account_id: "111122223333".to_owned(),
            region: "us-west-2".to_owned(),
            now: caller.now(),
        };
        let operation = "RegisterTaskDefinition".to_owned();
        let mut request = Request { service: Service::Ecs, operation, input: definition, context };
        let refused = caller.world.answer(&request).expect_err("not yet");
        assert_eq!(refused.message, "Role is not valid");
        request.context.now += Duration::from_secs(15);
        assert!(caller.world.answer(&request).is_ok());
    }
}
