//! What an operation is going to do: steps and what each of them waits for. Immutable once made.

use std::collections::BTreeSet;
use std::fmt;

use super::facts::Fact;
use crate::engine::EngineError;

/// A part of the composition that a step brings about or takes away, in the order in which a create reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// ECS cluster.
    Cluster,
    /// Log group of the container, with its retention.
    LogGroup,
    /// Security group of the tasks.
    ServiceSecurityGroup,
    /// The two target groups.
    TargetGroups,
    /// ACM certificate, requested or given.
    Certificate,
    /// The certificate's DNS record and its wait for ISSUED.
    CertificateValidation,
    /// A load balancer with its listeners, and the service's rule on it.
    Pool,
    /// What lets the load balancer reach the tasks.
    SecurityGroupRules,
    /// The certificate on the shared listener.
    ListenerCertificate,
    /// Route 53 alias record of every host name.
    AliasRecord,
    /// Rollback alarm.
    Alarm,
    /// Task definition.
    TaskDefinition,
    /// ECS service.
    EcsService,
    /// Scalable target and scaling policy.
    Scaling,
    /// The wait for the load balancer to be active.
    LoadBalancerState,
    /// The wait for the deployment.
    Deployment,
    /// The wait until the deployment shows, where nobody waits for its end.
    DeploymentStart,
    /// The tag that says that the create has ended.
    Phase,
    /// The user's tags on everything that carries them.
    Tags,
    /// The check that ECS can shift traffic with the rule as it is.
    RuleCheck,
    /// The health check of the target group that does not serve, before a deployment.
    IdleHealthCheck,
    /// The health check of the group that served before it.
    RetiredHealthCheck,
    /// The tags by which the composition is found again, as they are to be.
    Anchor,
    /// Host names that are new on the service's rule.
    RuleHosts,
    /// Host names that the service gives up: their records, and their place on the rule.
    RetiredHosts,
    /// The certificate that another one replaced.
    RetiredCertificate,
    /// The tag that says which load balancer a move leaves.
    MoveMark,
    /// Tasks that register with both load balancers of a move.
    Attachment,
    /// The time in which clients learn of the new load balancer.
    Drain,
    /// The service counts the new load balancer as its own.
    Arrival,
    /// The place on the old load balancer, given back.
    Departure,
}

impl Part {
    /// Every part. A test holds it complete.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 31] = [
        Self::Cluster,
        Self::LogGroup,
        Self::ServiceSecurityGroup,
        Self::TargetGroups,
        Self::Certificate,
        Self::CertificateValidation,
        Self::Pool,
        Self::SecurityGroupRules,
        Self::ListenerCertificate,
        Self::AliasRecord,
        Self::Alarm,
        Self::TaskDefinition,
        Self::EcsService,
        Self::Scaling,
        Self::LoadBalancerState,
        Self::Deployment,
        Self::DeploymentStart,
        Self::Phase,
        Self::Tags,
        Self::RuleCheck,
        Self::IdleHealthCheck,
        Self::RetiredHealthCheck,
        Self::Anchor,
        Self::RuleHosts,
        Self::RetiredHosts,
        Self::RetiredCertificate,
        Self::MoveMark,
        Self::Attachment,
        Self::Drain,
        Self::Arrival,
        Self::Departure,
    ];

    /// Name in step ids, which stand in logs; never rename one.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::LogGroup => "log_group",
            Self::ServiceSecurityGroup => "service_security_group",
            Self::TargetGroups => "target_groups",
            Self::Certificate => "certificate",
            Self::CertificateValidation => "certificate_validation",
            Self::Pool => "pool",
            Self::SecurityGroupRules => "security_group_rules",
            Self::ListenerCertificate => "listener_certificate",
            Self::AliasRecord => "alias_record",
            Self::Alarm => "alarm",
            Self::TaskDefinition => "task_definition",
            Self::EcsService => "ecs_service",
            Self::Scaling => "scaling",
            Self::LoadBalancerState => "load_balancer_state",
            Self::Deployment => "deployment",
            Self::DeploymentStart => "deployment_start",
            Self::Phase => "phase",
            Self::Tags => "tags",
            Self::RuleCheck => "rule_check",
            Self::IdleHealthCheck => "idle_health_check",
            Self::RetiredHealthCheck => "retired_health_check",
            Self::Anchor => "anchor",
            Self::RuleHosts => "rule_hosts",
            Self::RetiredHosts => "retired_hosts",
            Self::RetiredCertificate => "retired_certificate",
            Self::MoveMark => "move_mark",
            Self::Attachment => "attachment",
            Self::Drain => "drain",
            Self::Arrival => "arrival",
            Self::Departure => "departure",
        }
    }
}

impl Part {
    /// What a user reads.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Cluster => "ECS cluster",
            Self::LogGroup => "log group",
            Self::ServiceSecurityGroup => "security group of the tasks",
            Self::TargetGroups => "target groups",
            Self::Certificate => "certificate",
            Self::CertificateValidation => "validation of the certificate",
            Self::Pool => "load balancer with its listener rule",
            Self::SecurityGroupRules => "security group rules",
            Self::ListenerCertificate => "certificate on the listener",
            Self::AliasRecord => "DNS records of the host names",
            Self::Alarm => "rollback alarm",
            Self::TaskDefinition => "task definition",
            Self::EcsService => "ECS service",
            Self::Scaling => "auto scaling",
            Self::LoadBalancerState => "wait for the load balancer to be active",
            Self::Deployment => "wait for the deployment",
            Self::DeploymentStart => "start of the deployment",
            Self::Phase => "tag that ends the create",
            Self::Tags => "tags",
            Self::RuleCheck => "check of the listener rule",
            Self::IdleHealthCheck => "health check of the target group that does not serve",
            Self::RetiredHealthCheck => "health check of the target group that served before",
            Self::Anchor => "tags by which the service's parts are found",
            Self::RuleHosts => "host names on the listener rule",
            Self::RetiredHosts => "removal of the old host names",
            Self::RetiredCertificate => "removal of the old certificate",
            Self::MoveMark => "tag that begins the move",
            Self::Attachment => "deployment on both load balancers",
            Self::Drain => "wait for clients to follow to the new load balancer",
            Self::Arrival => "change to the new load balancer",
            Self::Departure => "removal from the old load balancer",
        }
    }

    /// Whether it is something in AWS that a create makes, and no wait, check or mark.
    pub(crate) fn is_made(self) -> bool {
        matches!(
            self,
            Self::Cluster
                | Self::LogGroup
                | Self::ServiceSecurityGroup
                | Self::TargetGroups
                | Self::Certificate
                | Self::Pool
                | Self::SecurityGroupRules
                | Self::ListenerCertificate
                | Self::AliasRecord
                | Self::Alarm
                | Self::TaskDefinition
                | Self::EcsService
                | Self::Scaling
        )
    }
}

/// What a user reads of parts: what is in AWS of them, in the order in which a create reads.
pub(super) fn in_words(parts: impl IntoIterator<Item = Part>) -> Vec<String> {
    let mut parts: Vec<_> = parts.into_iter().filter(|part| part.is_made()).collect();
    parts.sort();
    parts.into_iter().map(|part| part.words().to_owned()).collect()
}

/// What is done to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    /// Bring it about, whatever is there already.
    Ensure,
    /// Take it away, whatever is gone already.
    Undo,
}

/// Id of a step: `<noun>.<verb>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StepId {
    pub(crate) part: Part,
    pub(crate) verb: Verb,
}

impl fmt::Display for StepId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.verb {
            Verb::Ensure => "ensure",
            Verb::Undo => "undo",
        };
        write!(formatter, "{}.{verb}", self.part.noun())
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedStep {
    pub(crate) id: StepId,
    /// Steps of the same plan that must have succeeded before.
    pub(crate) after: Vec<Part>,
}

/// Steps in an order in which each could be carried out one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    steps: Vec<PlannedStep>,
}

impl Plan {
    /// A plan that brings parts about, each after those that it names. `there` is what the steps can build on from the
    /// beginning.
    ///
    /// # Guarantees
    /// A step comes after every step that finds what it needs or uses, whatever the planner says of it. What is neither
    /// there nor found by a step of the plan is brought about by one more step: every step may be repeated.
    ///
    /// # Errors
    /// Steps that wait for each other, or a part that is there twice: a defect of the planner.
    pub(crate) fn ensure(
        there: &BTreeSet<Fact>,
        steps: impl IntoIterator<Item = (Part, Vec<Part>)>,
    ) -> Result<Self, EngineError> {
        let mut steps: Vec<_> = steps.into_iter().collect();
        add_givers(&mut steps, there);
        for (part, after) in &mut steps {
            let facts = part.needs().iter().chain(part.uses());
            after.extend(facts.map(|fact| fact.giver()).filter(|giver| giver != part));
        }
        Self::ordered(Verb::Ensure, steps)
    }

    /// A plan that takes parts away, each after those that it names.
    ///
    /// # Errors
    /// As [`Self::ensure`].
    pub(crate) fn undo(steps: impl IntoIterator<Item = (Part, Vec<Part>)>) -> Result<Self, EngineError> {
        Self::ordered(Verb::Undo, steps.into_iter().collect())
    }

    /// The steps in their own order as far as their dependencies allow. Dependencies on parts that are not in the plan
    /// are dropped: they are there already.
    fn ordered(verb: Verb, steps: Vec<(Part, Vec<Part>)>) -> Result<Self, EngineError> {
        let parts: BTreeSet<_> = steps.iter().map(|(part, _)| *part).collect();
        if parts.len() < steps.len() {
            return Err(defect("a part is planned twice"));
        }
        let mut waiting: Vec<PlannedStep> = steps
            .into_iter()
            .map(|(part, after)| {
                let mut seen = BTreeSet::new();
                let is_new = |other: &Part| parts.contains(other) && seen.insert(*other);
                PlannedStep { id: StepId { part, verb }, after: after.into_iter().filter(is_new).collect() }
            })
            .collect();
        let mut planned: Vec<PlannedStep> = Vec::new();
        // Each round plans one step, or there is none that could begin.
        while !waiting.is_empty() {
            let is_planned = |part: &Part| planned.iter().any(|step| step.id.part == *part);
            let Some(index) = waiting.iter().position(|step| step.after.iter().all(is_planned)) else {
                let parts: Vec<_> = waiting.iter().map(|step| step.id.part.noun()).collect();
                return Err(defect(&format!("these steps wait for each other: {}", parts.join(", "))));
            };
            planned.push(waiting.remove(index));
        }
        Ok(Self { steps: planned })
    }

    /// The steps in order.
    pub(crate) fn steps(&self) -> &[PlannedStep] {
        &self.steps
    }

    /// Whether a part is in the plan.
    pub(crate) fn has(&self, part: Part) -> bool {
        self.steps.iter().any(|step| step.id.part == part)
    }
}

/// Adds the steps that find what is needed and neither there nor found by another step. Each round adds one, and there are
/// no more than facts.
fn add_givers(steps: &mut Vec<(Part, Vec<Part>)>, there: &BTreeSet<Fact>) {
    loop {
        let has = |giver: Part| steps.iter().any(|(part, _)| *part == giver);
        let needed = steps.iter().flat_map(|(part, _)| part.needs());
        let missing = needed.copied().find(|fact| !there.contains(fact) && !has(fact.giver()));
        let Some(fact) = missing else { return };
        steps.insert(0, (fact.giver(), Vec::new()));
    }
}

/// A mistake of ours, told without a panic: what the operation has done so far must reach the state.
pub(super) fn defect(detail: &str) -> EngineError {
    EngineError::Unfit {
        reason: format!("This is a defect of the provider, not of your configuration: {detail}."),
        hint: "report it with the provider's version and this message; no values are needed".to_owned(),
    }
}

/// One line for each step: its id and what it waits for.
impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let after: Vec<_> = step.after.iter().map(|part| part.noun()).collect();
            let after = if after.is_empty() { "-".to_owned() } else { after.join(", ") };
            writeln!(formatter, "{:<30} after {after}", step.id.to_string())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> BTreeSet<Fact> {
        BTreeSet::new()
    }

    fn all() -> BTreeSet<Fact> {
        use Fact::{Certificate, Place, ServiceSecurityGroup, TargetGroups, TaskDefinition};
        [Certificate, Place, ServiceSecurityGroup, TargetGroups, TaskDefinition].into()
    }

    #[test]
    fn the_list_of_parts_has_every_part_once_in_order() {
        let places: Vec<_> = Part::ALL.iter().map(|part| *part as usize).collect();
        assert_eq!(places, (0..=Part::Departure as usize).collect::<Vec<_>>());
    }

    #[test]
    fn no_part_is_told_by_the_name_of_its_step() {
        for part in Part::ALL {
            assert!(!part.words().contains('_'), "{part:?}");
            assert!(Part::ALL.iter().filter(|other| other.words() == part.words()).count() == 1, "{part:?}");
        }
        let told = in_words([Part::Phase, Part::EcsService, Part::LoadBalancerState, Part::LogGroup]);
        assert_eq!(told, ["log group", "ECS service"]);
    }

    #[test]
    fn what_is_there_is_neither_made_nor_waited_for() {
        let plan = Plan::ensure(&all(), [(Part::EcsService, vec![Part::Cluster])]).expect("a plan");
        assert_eq!(plan.steps()[0].after, []);
        assert!(plan.has(Part::EcsService) && !plan.has(Part::Cluster) && plan.steps().len() == 1);
    }

    #[test]
    fn what_a_step_needs_is_made_before_it_whatever_the_planner_says() {
        let plan = Plan::ensure(&nothing(), [(Part::Alarm, Vec::new())]).expect("a plan");
        insta::assert_snapshot!(plan.to_string(), @r"
        service_security_group.ensure  after -
        target_groups.ensure           after -
        pool.ensure                    after service_security_group, target_groups
        alarm.ensure                   after target_groups, pool
        ");
        let steps = [(Part::EcsService, Vec::new()), (Part::TargetGroups, Vec::new())];
        let plan = Plan::ensure(&all(), steps).expect("a plan");
        insta::assert_snapshot!(plan.to_string(), @r"
        target_groups.ensure           after -
        ecs_service.ensure             after target_groups
        ");
    }

    #[test]
    fn a_plan_that_cannot_be_carried_out_is_none() {
        let circle = [(Part::EcsService, vec![Part::Cluster]), (Part::Cluster, vec![Part::EcsService])];
        let refused = Plan::undo(circle).expect_err("a circle");
        assert!(refused.to_string().contains("wait for each other: ecs_service, cluster"), "{refused}");
        let twice = [(Part::Cluster, Vec::new()), (Part::Cluster, Vec::new())];
        assert!(Plan::undo(twice).expect_err("twice").to_string().contains("planned twice"));
    }

    #[test]
    fn a_plan_reads_as_a_list() {
        let steps = [(Part::Cluster, Vec::new()), (Part::EcsService, vec![Part::Cluster])];
        insta::assert_snapshot!(Plan::undo(steps).expect("a plan").to_string(), @r"
        cluster.undo                   after -
        ecs_service.undo               after cluster
        ");
    }
}
