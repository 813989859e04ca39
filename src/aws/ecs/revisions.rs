//! `DescribeServiceRevisions`: where the ARNs of everything underneath are.

use std::collections::HashMap;

use aws_sdk_ecs::types;

use super::{Ecs, SERVICE};
use crate::aws::{AwsError, Clients};
use crate::service::{IngressPath, ManagedKind, ManagedResource};

/// A service revision.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revision {
    pub(crate) task_definition_arn: Option<String>,
    /// What the tasks run on where that is not what the task definition says: Express found the image to be for it.
    pub(crate) cpu_architecture_override: Option<String>,
    /// The target group that the revision's tasks register in.
    pub(crate) target_group_arn: Option<String>,
    /// `ecsManagedResources`, flattened.
    pub(crate) resources: Vec<ManagedResource>,
    /// Where the revision is reached.
    pub(crate) ingress_paths: Vec<IngressPath>,
}

impl Ecs {
    /// One revision, read together with those that others ask for; `None`: it cannot be seen (yet), or its service
    /// is INACTIVE (facts, express section 1.4).
    pub(crate) async fn find_revision(&self, revision_arn: &str) -> Result<Option<Revision>, AwsError> {
        let result = self.revisions.find(&revision_arn.to_owned()).await;
        match result {
            Err(error) if error.has_code("InvalidParameterException") && error.says("inactive") => Ok(None),
            other => other,
        }
    }
}

pub(super) async fn describe_service_revisions(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, Revision>, AwsError> {
    let output = clients
        .ecs()
        .describe_service_revisions()
        .set_service_revision_arns(Some(arns))
        .send()
        .await
        .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeServiceRevisions", error))?;
    let revisions = output.service_revisions.unwrap_or_default();
    Ok(revisions
        .iter()
        .filter_map(|revision| Some((revision.service_revision_arn.clone()?, from_output(revision))))
        .collect())
}

fn from_output(output: &types::ServiceRevision) -> Revision {
    let resources = output.ecs_managed_resources.as_ref().map(managed_resources).unwrap_or_default();
    let paths = output.ecs_managed_resources.iter().flat_map(types::EcsManagedResources::ingress_paths);
    let overrides = output.overrides.as_ref().and_then(|overrides| overrides.runtime_platform.as_ref());
    let resolved = output.resolved_configuration.as_ref();
    let balancer = resolved.and_then(|resolved| resolved.load_balancers().first());
    Revision {
        task_definition_arn: output.task_definition.clone(),
        cpu_architecture_override: overrides
            .and_then(|platform| platform.cpu_architecture.as_ref())
            .map(|architecture| architecture.as_str().to_owned()),
        target_group_arn: balancer.and_then(|balancer| balancer.target_group_arn.clone()),
        resources,
        ingress_paths: paths
            .map(|path| IngressPath::new(path.access_type.as_str(), &path.endpoint))
            .collect(),
    }
}

/// Makes a [`ManagedResource`] of any of the SDK's `Managed…` types: they share their first members, not a trait.
macro_rules! resource {
    ($kind:ident, $output:expr, $name:expr) => {
        ManagedResource {
            kind: ManagedKind::$kind,
            arn: $output.arn.clone(),
            status: $output.status.as_str().to_owned(),
            status_reason: $output.status_reason.clone(),
            name: $name,
        }
    };
}

fn managed_resources(output: &types::EcsManagedResources) -> Vec<ManagedResource> {
    let mut resources = Vec::new();
    for path in output.ingress_paths() {
        push_ingress_path(&mut resources, path);
    }
    resources.extend(
        output.service_security_groups().iter().map(|group| resource!(ServiceSecurityGroup, group, None)),
    );
    if let Some(scaling) = &output.auto_scaling {
        resources
            .extend(scaling.scalable_target.iter().map(|target| resource!(ScalableTarget, target, None)));
        let policies = scaling.application_auto_scaling_policies().iter();
        resources
            .extend(policies.map(|policy| resource!(ScalingPolicy, policy, Some(policy.metric.clone()))));
    }
    resources.extend(output.metric_alarms().iter().map(|alarm| resource!(MetricAlarm, alarm, None)));
    let groups = output.log_groups().iter();
    resources.extend(groups.map(|group| resource!(LogGroup, group, Some(group.log_group_name.clone()))));
    resources.sort_by(|left, right| (left.kind, &left.arn).cmp(&(right.kind, &right.arn)));
    resources
}

fn push_ingress_path(resources: &mut Vec<ManagedResource>, path: &types::ManagedIngressPath) {
    let balancers = path.load_balancer.iter();
    resources
        .extend(balancers.map(|balancer| resource!(LoadBalancer, balancer, Some(balancer.scheme.clone()))));
    let groups = path.load_balancer_security_groups().iter();
    resources.extend(groups.map(|group| resource!(LoadBalancerSecurityGroup, group, None)));
    resources.extend(path.listener.iter().map(|listener| resource!(Listener, listener, None)));
    resources.extend(path.rule.iter().map(|rule| resource!(ListenerRule, rule, None)));
    resources.extend(path.target_groups().iter().map(|group| resource!(TargetGroup, group, None)));
    let certificates = path.certificate.iter();
    resources.extend(
        certificates
            .map(|certificate| resource!(Certificate, certificate, Some(certificate.domain_name.clone()))),
    );
}
