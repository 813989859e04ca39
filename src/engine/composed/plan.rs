//! What an operation is going to do: steps and what each of them waits for. Immutable once made.

use std::fmt;

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
    /// Name in step ids. They stand in logs and diagnostics; never rename one.
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
    /// A plan of these steps with one verb. Dependencies on parts that are not in the plan are dropped: they are
    /// there already.
    ///
    /// # Panics
    /// If a step comes before one that it waits for, or a part is there twice: a defect of the planner.
    pub(crate) fn new(verb: Verb, steps: impl IntoIterator<Item = (Part, Vec<Part>)>) -> Self {
        let steps: Vec<_> = steps.into_iter().collect();
        let parts: Vec<_> = steps.iter().map(|(part, _)| *part).collect();
        let planned = steps.into_iter().enumerate().map(|(index, (part, after))| {
            assert!(!parts[..index].contains(&part), "{part:?} is planned twice");
            let after: Vec<_> = after.into_iter().filter(|part| parts.contains(part)).collect();
            let earlier = &parts[..index];
            assert!(after.iter().all(|part| earlier.contains(part)), "{part:?} waits for a later step");
            PlannedStep { id: StepId { part, verb }, after }
        });
        Self { steps: planned.collect() }
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

    #[test]
    fn what_is_not_in_the_plan_is_not_waited_for() {
        let plan = Plan::new(Verb::Ensure, [(Part::EcsService, vec![Part::Cluster])]);
        assert_eq!(plan.steps()[0].after, []);
        assert!(plan.has(Part::EcsService) && !plan.has(Part::Cluster));
    }

    #[test]
    #[should_panic(expected = "waits for a later step")]
    fn a_step_never_waits_for_a_later_one() {
        Plan::new(Verb::Ensure, [(Part::EcsService, vec![Part::Cluster]), (Part::Cluster, Vec::new())]);
    }

    #[test]
    fn a_plan_reads_as_a_list() {
        let steps = [(Part::Cluster, Vec::new()), (Part::EcsService, vec![Part::Cluster])];
        insta::assert_snapshot!(Plan::new(Verb::Undo, steps).to_string(), @r"
        cluster.undo                   after -
        ecs_service.undo               after cluster
        ");
    }
}
