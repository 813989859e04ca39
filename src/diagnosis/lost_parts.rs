//! Parts of a managed service that somebody deleted or changed.

use crate::framework::{Diagnostic, Path};
use crate::service::{Arn, CHANGED, MISSING, ManagedKind, ManagedResource, ObservedService};

/// Parts that ECS makes again with a deployment: it writes the alarm anew each time (facts, express section 2.7), and an
/// update that carries the auto scaling reaches Application Auto Scaling (facts, express in the wild W1).
pub(crate) fn is_made_again(kind: ManagedKind) -> bool {
    matches!(kind, ManagedKind::MetricAlarm | ManagedKind::ScalableTarget | ManagedKind::ScalingPolicy)
}

/// The name of a part in a sentence.
pub(crate) fn part_name(kind: ManagedKind) -> &'static str {
    match kind {
        ManagedKind::Cluster => "cluster",
        ManagedKind::Service => "ECS service",
        ManagedKind::TaskDefinition => "task definition",
        ManagedKind::LoadBalancer => "load balancer",
        ManagedKind::LoadBalancerSecurityGroup => "security group of the load balancer",
        ManagedKind::Listener => "listener",
        ManagedKind::ListenerRule => "listener rule",
        ManagedKind::TargetGroup => "target groups",
        ManagedKind::Certificate => "certificate",
        ManagedKind::ListenerCertificate => "certificate on the listener",
        ManagedKind::ValidationRecord => "record that proves the certificate",
        ManagedKind::AliasRecord => "DNS record",
        ManagedKind::WebAcl => "web ACL of the load balancer",
        ManagedKind::ServiceSecurityGroup => "security group of the tasks",
        ManagedKind::IngressPermission => "permission of the load balancer to reach the tasks",
        ManagedKind::ScalableTarget => "scalable target",
        ManagedKind::ScalingPolicy => "scaling policy",
        ManagedKind::MetricAlarm => "rollback alarm",
        ManagedKind::LogGroup => "log group",
    }
}

/// An apply makes these parts again.
pub(crate) fn explain_mending(kinds: &[ManagedKind]) -> Diagnostic {
    let names: Vec<_> = kinds.iter().map(|kind| part_name(*kind)).collect();
    Diagnostic::warning(
        "Parts of the service are missing",
        format!(
            "Not there any more: {}. ECS makes it again with a deployment, which this apply begins.",
            names.join(", ")
        ),
    )
    .at(Path::attribute("infrastructure"))
}

/// A refresh found parts missing or changed that no update mends. `unmended`: parts that ECS makes again as a rule, and that
/// an apply has tried in vain. `None`: there are none.
pub(crate) fn explain_lost_parts(observed: &ObservedService, unmended: &[ManagedKind]) -> Option<Diagnostic> {
    let is_faulty = |part: &&ManagedResource| [MISSING, CHANGED].contains(&part.status.as_str());
    let is_lost = |part: &&ManagedResource| !is_made_again(part.kind) || unmended.contains(&part.kind);
    let lost: Vec<_> = observed.resources.iter().filter(is_faulty).filter(is_lost).collect();
    let named = |status: &str| {
        let mut names: Vec<_> =
            lost.iter().filter(|part| part.status == status).map(|part| part_name(part.kind)).collect();
        names.dedup();
        names.join(", ")
    };
    if lost.is_empty() {
        return None;
    }
    let (missing, changed) = (named(MISSING), named(CHANGED));
    let mut sentences = vec![format!("Service {}/{}.", observed.arn.cluster(), observed.arn.name())];
    if !missing.is_empty() {
        sentences.push(format!("Not there any more: {missing}."));
    }
    if !changed.is_empty() {
        sentences.push(format!("Changed by somebody else: {changed}."));
    }
    sentences
        .push("ECS made it and does not mend it by itself; it still calls the service ACTIVE.".to_owned());
    let mut hints: Vec<String> = lost.iter().filter_map(|part| hint(part, observed)).collect();
    if hints.len() < lost.len() {
        hints = vec![
            "make the service again, under a new URL: terraform apply -replace=<address of the service>"
                .to_owned(),
        ];
    }
    let diagnostic = Diagnostic::warning(
        format!("Service `{}` has lost parts that ECS does not make again", observed.arn.name()),
        sentences.join(" "),
    )
    .at(Path::attribute("infrastructure"));
    Some(hints.into_iter().fold(diagnostic, Diagnostic::hint))
}

/// An apply went through, and then the service was not what the plan counted on. `status`: what it is now.
/// `is_registered_anew`: whether its scalable target is another one than planned.
pub(crate) fn explain_loss_during_apply(
    observed: &ObservedService,
    status: &str,
    is_registered_anew: bool,
) -> Diagnostic {
    let is_faulty = |part: &&ManagedResource| [MISSING, CHANGED].contains(&part.status.as_str());
    let mut names: Vec<_> =
        observed.resources.iter().filter(is_faulty).map(|part| part_name(part.kind)).collect();
    names.dedup();
    let found = if !names.is_empty() {
        format!("these parts were not there or not as they were made: {}", names.join(", "))
    } else if is_registered_anew {
        "`infrastructure.scalable_target_arn` was another one than planned".to_owned()
    } else {
        format!("the service was {status}")
    };
    Diagnostic::error(
        format!("Service `{}` was changed by somebody else during the apply", observed.arn.name()),
        format!(
            "The apply did what it had to do, and then {found}. Somebody else deleted or changed something meanwhile."
        ),
    )
    .hint("plan again: it says what is missing, and what the next apply makes again")
}

/// How a part is mended by hand; `None`: only with a new service.
fn hint(part: &ManagedResource, observed: &ObservedService) -> Option<String> {
    let arn = |kind| observed.arns(kind).next();
    let group_id = |kind| Some(arn(kind)?.parse::<Arn>().ok()?.resource_id().to_owned());
    match part.kind {
        ManagedKind::LogGroup => {
            let name = part.name.as_deref()?;
            Some(format!(
                "make it, since new tasks do not start without it: aws logs create-log-group --log-group-name {name}"
            ))
        }
        ManagedKind::ListenerCertificate => {
            let (listener, certificate) = (arn(ManagedKind::Listener)?, arn(ManagedKind::Certificate)?);
            Some(format!(
                "put it back: aws elbv2 add-listener-certificates --listener-arn {listener} --certificates \
                 CertificateArn={certificate}"
            ))
        }
        ManagedKind::ListenerRule if part.status == CHANGED => {
            let host = observed.ingress_paths.first()?;
            Some(format!(
                "let it take requests for {} again and forward them to the service's target groups: aws elbv2 \
                 modify-rule --rule-arn {}",
                host.hostname,
                part.arn.as_deref()?
            ))
        }
        ManagedKind::IngressPermission => {
            let container = observed.configuration.primary_container.as_ref()?;
            Some(format!(
                "allow it again: aws ec2 authorize-security-group-ingress --group-id {} --protocol tcp --port {} \
                 --source-group {}",
                group_id(ManagedKind::ServiceSecurityGroup)?,
                container.container_port?,
                group_id(ManagedKind::LoadBalancerSecurityGroup)?
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ServiceStatus;

    fn part(kind: ManagedKind, arn: Option<&str>, status: &str, name: Option<&str>) -> ManagedResource {
        ManagedResource {
            kind,
            arn: arn.map(str::to_owned),
            status: status.to_owned(),
            status_reason: None,
            name: name.map(str::to_owned),
        }
    }

    fn told(resources: Vec<ManagedResource>, unmended: &[ManagedKind]) -> Option<String> {
        let observed = ObservedService {
            resources,
            ..ObservedService::gone(
                "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid"),
                ServiceStatus::Active,
            )
        };
        explain_lost_parts(&observed, unmended).map(|told| told.render_detail())
    }

    #[test]
    fn each_lost_part_is_told_with_what_mends_it() {
        assert_eq!(told(Vec::new(), &[]), None);
        let alarm = part(ManagedKind::MetricAlarm, None, MISSING, None);
        assert_eq!(told(vec![alarm.clone()], &[]), None, "the plan says that it is made again");
        assert!(told(vec![alarm], &[ManagedKind::MetricAlarm]).is_some());
        let logs = part(ManagedKind::LogGroup, None, MISSING, Some("/aws/ecs/prod/api-1a2b"));
        let listener = part(ManagedKind::Listener, Some("listener"), "ACTIVE", None);
        let certificate = part(ManagedKind::Certificate, Some("certificate"), "ACTIVE", None);
        let place = part(ManagedKind::ListenerCertificate, None, MISSING, None);
        let text = told(vec![listener, certificate, place, logs.clone()], &[]).expect("told");
        insta::assert_snapshot!(text);
        let rule = part(ManagedKind::ListenerRule, None, MISSING, None);
        let text = told(vec![rule, logs], &[]).expect("told");
        assert!(text.ends_with("-replace=<address of the service>"), "{text}");
        assert!(text.contains("Not there any more: listener rule, log group."), "{text}");
    }
}
