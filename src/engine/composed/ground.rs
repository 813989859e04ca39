//! What a step works with: the APIs, the bounds, the blueprint, and what earlier steps found.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use super::blueprint::Blueprint;
use super::composition::Composition;
use super::facts::Fact;
use super::handover::Handovers;
use super::left_behind::SecondLook;
use super::plan::{Part, defect};
use super::pool::{Joined, Pools};
use super::proof::Proofs;
use crate::aws::Clients;
use crate::aws::acm::Acm;
use crate::aws::autoscaling::AutoScaling;
use crate::aws::cloudwatch::CloudWatch;
use crate::aws::ec2::Ec2;
use crate::aws::ecs::Ecs;
use crate::aws::elbv2::Elbv2;
use crate::aws::iam::Iam;
use crate::aws::logs::Logs;
use crate::aws::route53::Route53;
use crate::aws::wafv2::Wafv2;
use crate::engine::{Bounds, EngineError, Remains};
use crate::service::{ObjectNames, TagChange};

/// The APIs that a composition is made with. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Apis {
    pub(crate) ecs: Arc<Ecs>,
    pub(crate) elbv2: Arc<Elbv2>,
    pub(crate) ec2: Arc<Ec2>,
    pub(crate) acm: Arc<Acm>,
    pub(crate) route53: Arc<Route53>,
    pub(crate) autoscaling: Arc<AutoScaling>,
    pub(crate) cloudwatch: Arc<CloudWatch>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) wafv2: Arc<Wafv2>,
    pub(crate) iam: Arc<Iam>,
    pub(crate) pools: Arc<Pools>,
    pub(crate) proofs: Arc<Proofs>,
    /// Host names that change hands.
    pub(crate) handovers: Arc<Handovers>,
}

impl Apis {
    /// The APIs through these clients; ECS and ELBv2 share their reads with others.
    pub(crate) fn new(clients: &Clients, ecs: Arc<Ecs>, elbv2: Arc<Elbv2>) -> Self {
        let (ec2, acm) = (Arc::new(Ec2::new(clients.clone())), Arc::new(Acm::new(clients.clone())));
        Self {
            pools: Arc::new(Pools::new(Arc::clone(&elbv2), Arc::clone(&ec2), Arc::clone(&acm))),
            proofs: Arc::new(Proofs::new(clients.clock().clone())),
            handovers: Arc::default(),
            ecs,
            elbv2,
            ec2,
            acm,
            route53: Arc::new(Route53::new(clients.clone())),
            autoscaling: Arc::new(AutoScaling::new(clients.clone())),
            cloudwatch: Arc::new(CloudWatch::new(clients.clone())),
            logs: Arc::new(Logs::new(clients.clone())),
            wafv2: Arc::new(Wafv2::new(clients.clone())),
            iam: Arc::new(Iam::new(clients.clone())),
        }
    }
}

/// What the steps of one operation share.
pub(super) struct Ground {
    pub(super) apis: Apis,
    pub(super) bounds: Bounds,
    pub(super) blueprint: Blueprint,
    /// What was there at the beginning; of a create, the service at the most.
    pub(super) existing: Composition,
    /// What a change of the service is to bring beyond what its blueprint says.
    pub(super) change: Change,
    pub(super) findings: Findings,
}

/// What an update decided before its steps began.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// The user's tags that come and go.
    pub(super) tags: Option<TagChange>,
    /// Whether a deployment starts even if nothing of the service itself differs.
    pub(super) forces_deployment: bool,
    /// The target group that serves.
    pub(super) live_target_group_arn: Option<String>,
    /// Whether a deployment was running.
    pub(super) is_deploying: bool,
    /// Whether no deployment has ever brought what runs: the newest one failed, and there is none to go back to.
    pub(super) has_failed: bool,
    /// What the task definition is to be.
    pub(super) document: Option<Value>,
    /// Host names that the service has and is not to have any more.
    pub(super) retired_hosts: Vec<String>,
    /// Ids of the zones that have records of the service and are not to have any.
    pub(super) retired_zones: BTreeSet<String>,
    /// Ids of the zones that have records of the service, the wanted one among them.
    pub(super) record_zones: BTreeSet<String>,
    /// Whether a host name has no record, or another one than the load balancer's.
    pub(super) lacks_records: bool,
    /// What marks the create of an unnamed service until it ends.
    pub(super) creation_mark: Option<String>,
    /// Looks for another create of an unnamed service before there is a service.
    pub(super) second_look: Option<SecondLook>,
    /// Whether a move changes the tasks' subnets with its first deployment; otherwise with its second.
    pub(super) network_goes_first: bool,
    /// Whether the log is to be kept forever again.
    pub(super) frees_log: bool,
}

/// What the undoing of steps works with.
pub(super) struct Site {
    pub(super) apis: Apis,
    pub(super) bounds: Bounds,
    pub(super) names: ObjectNames,
    /// What was there at the beginning.
    pub(super) composition: Composition,
    /// Parts that the operation which is taken back made; `None`: a deletion.
    pub(super) made: Option<BTreeSet<Part>>,
    remains: Mutex<Remains>,
}

impl Site {
    /// A site with nothing kept yet.
    pub(super) fn new(
        apis: Apis,
        bounds: Bounds,
        names: ObjectNames,
        composition: Composition,
        made: Option<BTreeSet<Part>>,
    ) -> Self {
        Self { apis, bounds, names, composition, made, remains: Mutex::default() }
    }

    /// Notes what stays on purpose.
    pub(super) fn keep(&self, note: impl FnOnce(&mut Remains)) {
        note(&mut self.remains.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What stays on purpose.
    pub(super) fn remains(&self) -> Remains {
        self.remains.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What steps find or make, for those that wait for them. Each is set once, by the step of its part.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) target_group_arns: OnceLock<[String; 2]>,
    pub(super) service_security_group_id: OnceLock<String>,
    pub(super) certificate_arn: OnceLock<String>,
    pub(super) joined: OnceLock<Joined>,
    /// Deployments that were there before the service was made or changed.
    pub(super) known_deployment_arns: OnceLock<HashSet<String>>,
    pub(super) task_definition_arn: OnceLock<String>,
    made: Mutex<BTreeSet<Part>>,
}

impl Findings {
    /// What there is to build on.
    pub(super) fn facts(&self) -> BTreeSet<Fact> {
        let facts = [
            (Fact::TargetGroups, self.target_group_arns.get().is_some()),
            (Fact::ServiceSecurityGroup, self.service_security_group_id.get().is_some()),
            (Fact::Certificate, self.certificate_arn.get().is_some()),
            (Fact::Place, self.joined.get().is_some()),
            (Fact::TaskDefinition, self.task_definition_arn.get().is_some()),
        ];
        facts.into_iter().filter(|(_, is_there)| *is_there).map(|(fact, _)| fact).collect()
    }

    /// Notes that this operation made a part, which was not there before.
    pub(super) fn note_made(&self, part: Part) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(part);
    }

    /// Parts that this operation made.
    pub(super) fn made(&self) -> BTreeSet<Part> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What an earlier step found, or what was there. A plan has no step without a step before it that finds what it needs
/// ([`super::plan::Plan::ensure`]).
pub(super) fn found<T>(cell: &OnceLock<T>) -> Result<&T, EngineError> {
    cell.get().ok_or_else(|| defect("a step began before what it builds on was there"))
}
