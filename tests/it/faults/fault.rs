//! What can go wrong with one call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::{Request, RequestContext, Service};
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use terraform_provider_express::sandbox::journal::Call;
use tokio::sync::Notify;

use super::account::{list_load_balancers, list_services};
use super::scenario::Scenario;
use crate::support::cloud::try_call;

/// One call of an operation of AWS: the one that follows `skip` others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) service: &'static str,
    pub(super) operation: String,
    pub(super) skip: u32,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Refused once, for a reason of the operation's own.
    Refused,
    /// Not allowed, from this call on.
    Denied,
    Throttled,
    ThrottledForLong,
    ServerError,
    ServerErrorForLong,
    RequestLost,
    RequestLostForLong,
    ReplyLost,
    ReplyLostForLong,
    /// The provider is killed after the effect.
    Killed,
    /// The same request takes effect twice.
    MadeTwice,
    /// Somebody begins to delete the service right after the call.
    ServiceDraining,
    /// Somebody has deleted the service right after the call.
    ServiceGone,
    /// Somebody has deleted the load balancer right after the call.
    LoadBalancerGone,
}

/// Calls that a fault "for long" strikes: more than any retry may make.
const FOR_LONG: u32 = 1000;

/// Services whose errors have a JSON body and the status 400.
const JSON_SERVICES: [&str; 4] = ["ecs", "acm", "application-autoscaling", "logs"];

/// What the sandbox says when it refuses by [`Fault::Refused`].
const REFUSAL: &str = "The request was refused by script.";

impl Fault {
    pub(super) const ALL: [Self; 15] = [
        Self::Refused,
        Self::Denied,
        Self::Throttled,
        Self::ThrottledForLong,
        Self::ServerError,
        Self::ServerErrorForLong,
        Self::RequestLost,
        Self::RequestLostForLong,
        Self::ReplyLost,
        Self::ReplyLostForLong,
        Self::Killed,
        Self::MadeTwice,
        Self::ServiceDraining,
        Self::ServiceGone,
        Self::LoadBalancerGone,
    ];

    /// Whether the operation is to succeed as if nothing had happened.
    pub(super) fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::ServerError | Self::RequestLost | Self::ReplyLost | Self::MadeTwice
        )
    }

    /// Whether it can happen to this call, and is not the same as another fault there.
    ///
    /// A read has no effect: losing its reply or making it twice is the same as losing its request. An outage that
    /// begins in the middle of a poll is one that the first call of the poll meets. A create without a name has no
    /// token and no name by which AWS could tell the second request from the first; the client sends it once, and
    /// what its own repetition does is [`Fault::ReplyLost`].
    pub(super) fn applies_to(self, scenario: Scenario, position: &Position) -> bool {
        let is_read = ["Describe", "List", "Get"].iter().any(|verb| position.operation.starts_with(verb));
        if scenario.is_composed() && is_read {
            return self.applies_to_composed_read(scenario, position);
        }
        // The clients under both are those of a create, which meets all of it at the same operations.
        let is_of_many_calls = matches!(scenario, Scenario::ComposedMove | Scenario::ComposedRename);
        if is_of_many_calls && self.is_of_the_wire() {
            return false;
        }
        match self {
            Self::ReplyLost | Self::ReplyLostForLong => !is_read,
            Self::MadeTwice => {
                let is_unnamed_create = scenario == Scenario::CreateUnnamed
                    && position.operation == "CreateExpressGatewayService";
                !is_read && !is_unnamed_create
            }
            Self::ServerError
            | Self::RequestLost
            | Self::ThrottledForLong
            | Self::ServerErrorForLong
            | Self::RequestLostForLong => !is_read || position.skip == 0,
            _ => true,
        }
    }

    /// Whether it happens between the provider and AWS, and the client deals with it.
    fn is_of_the_wire(self) -> bool {
        matches!(
            self,
            Self::Throttled
                | Self::ThrottledForLong
                | Self::ServerError
                | Self::RequestLost
                | Self::RequestLostForLong
                | Self::ReplyLost
        )
    }

    /// The composed engine makes several times as many reads. Each is refused and denied in every operation; what passes
    /// by itself is the same code for all of them, and met once in a create; who is killed at a read is killed after
    /// the write before it.
    fn applies_to_composed_read(self, scenario: Scenario, position: &Position) -> bool {
        match self {
            Self::Refused | Self::Denied => true,
            Self::Throttled | Self::ServerError | Self::RequestLost => {
                scenario == Scenario::ComposedCreate && position.skip == 0
            }
            _ => false,
        }
    }

    /// What an error that comes of it has to quote; any one of them.
    pub(super) fn quotes(self) -> &'static [&'static str] {
        match self {
            Self::Refused => &[REFUSAL],
            Self::Denied => &["AccessDenied"],
            Self::ThrottledForLong => &["Rate exceeded"],
            Self::ServerErrorForLong => &["An internal error occurred."],
            Self::RequestLostForLong | Self::ReplyLostForLong => &["the sandbox broke the connection"],
            _ => &[""],
        }
    }

    fn effect(self, position: &Position) -> Option<(FaultEffect, u32)> {
        let fail = |code: &str, message: &str, status| FaultEffect::Fail {
            code: code.to_owned(),
            message: message.to_owned(),
            status,
        };
        let is_ecs = position.service == "ecs";
        let is_json = JSON_SERVICES.contains(&position.service);
        Some(match self {
            Self::Refused => {
                let code = if is_ecs { "InvalidParameterException" } else { "ValidationError" };
                (fail(code, REFUSAL, 400), 1)
            }
            Self::Denied => {
                let (code, status) =
                    if is_json { ("AccessDeniedException", 400) } else { ("AccessDenied", 403) };
                let message = format!(
                    "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: {}:{}",
                    position.service, position.operation
                );
                (fail(code, &message, status), FOR_LONG)
            }
            Self::Throttled => (FaultEffect::Throttle, 1),
            Self::ThrottledForLong => (FaultEffect::Throttle, FOR_LONG),
            Self::ServerError => (FaultEffect::ServerError, 1),
            Self::ServerErrorForLong => (FaultEffect::ServerError, FOR_LONG),
            Self::RequestLost => (FaultEffect::LoseRequest, 1),
            Self::RequestLostForLong => (FaultEffect::LoseRequest, FOR_LONG),
            Self::ReplyLost => (FaultEffect::LoseReply, 1),
            Self::ReplyLostForLong => (FaultEffect::LoseReply, FOR_LONG),
            _ => return None,
        })
    }

    /// Arms the fault.
    pub(super) fn arm(self, sandbox: &Sandbox, position: &Position) -> Armed {
        let armed = Armed { has_struck: Arc::default(), killed: Arc::default() };
        if let Some((effect, times)) = self.effect(position) {
            let rule = FaultRule::on(&position.operation, effect).service(position.service);
            sandbox.add_fault(rule.skip(position.skip).times(times)).expect("a valid rule");
            return armed;
        }
        if self == Self::Killed {
            // Without it the provider could take the reply, and end, before it is told that it is dead.
            let rule = FaultRule::on(&position.operation, FaultEffect::Hold { seconds: 60.0 });
            let rule = rule.service(position.service).skip(position.skip);
            sandbox.add_fault(rule).expect("a valid rule");
        }
        let (has_struck, killed) = (Arc::clone(&armed.has_struck), Arc::clone(&armed.killed));
        let aws = sandbox.clone();
        sandbox.after_call(&position.operation, position.skip, move |call| {
            has_struck.store(self.strike(&aws, call, &killed), Ordering::SeqCst);
        });
        armed
    }

    /// Does what is not a rule's to do; whether there was anything to do.
    fn strike(self, sandbox: &Sandbox, call: &Call, killed: &Notify) -> bool {
        match self {
            Self::Killed => killed.notify_one(),
            Self::MadeTwice => {
                // Whether AWS refuses the second request is AWS's to say.
                let _ = sandbox.with_world(|world| world.call(&repeat(sandbox, call)));
            }
            Self::ServiceDraining => return delete_services(sandbox),
            Self::ServiceGone => {
                let has_deleted = delete_services(sandbox);
                sandbox.advance(Duration::from_secs(3600));
                return has_deleted;
            }
            _ => return delete_load_balancers(sandbox),
        }
        true
    }
}

/// A fault that waits for its call.
pub(super) struct Armed {
    has_struck: Arc<AtomicBool>,
    pub(super) killed: Arc<Notify>,
}

impl Armed {
    /// Whether its call was made, and it could do what it does.
    pub(super) fn has_struck(&self, sandbox: &Sandbox) -> bool {
        self.has_struck.load(Ordering::SeqCst) || sandbox.faults().iter().any(|rule| rule.applied > 0)
    }
}

fn repeat(sandbox: &Sandbox, call: &Call) -> Request {
    let service = match call.service {
        "ecs" => Service::Ecs,
        "elasticloadbalancing" => Service::Elbv2,
        "sts" => Service::Sts,
        "ec2" => Service::Ec2,
        "acm" => Service::Acm,
        "application-autoscaling" => Service::ApplicationAutoScaling,
        "monitoring" => Service::CloudWatch,
        "logs" => Service::Logs,
        "route53" => Service::Route53,
        other => panic!("the provider calls {other}, which the matrix does not know"),
    };
    let context = RequestContext {
        account_id: call.account_id.clone(),
        region: call.region.clone(),
        now: sandbox.now(),
    };
    Request { service, operation: call.operation.clone(), input: call.input.clone(), context }
}

fn delete_services(sandbox: &Sandbox) -> bool {
    let delete = |arn: &String| {
        let input = json!({ "serviceArn": arn });
        let plain = json!({ "cluster": "default", "service": arn, "force": true });
        try_call(sandbox, Service::Ecs, "DeleteExpressGatewayService", input)
            .or_else(|_| try_call(sandbox, Service::Ecs, "DeleteService", plain))
            .is_ok()
    };
    list_services(sandbox).iter().filter(|arn| delete(arn)).count() > 0
}

fn delete_load_balancers(sandbox: &Sandbox) -> bool {
    let delete = |arn: &String| {
        let unprotected = json!({ "Key": "deletion_protection.enabled", "Value": "false" });
        let input = json!({ "LoadBalancerArn": arn, "Attributes": [unprotected] });
        let _ = try_call(sandbox, Service::Elbv2, "ModifyLoadBalancerAttributes", input);
        let input = json!({ "LoadBalancerArn": arn });
        try_call(sandbox, Service::Elbv2, "DeleteLoadBalancer", input).is_ok()
    };
    list_load_balancers(sandbox).iter().filter(|arn| delete(arn)).count() > 0
}
