//! What stays when a service is gone.

use crate::engine::Remains;
use crate::framework::Diagnostic;
use crate::service::{Arn, ServiceArn};

/// A warning that names what stays on purpose and how to remove it; `None` if nothing stays.
pub(crate) fn explain_remains(arn: &ServiceArn, remains: &Remains) -> Option<Diagnostic> {
    let mut lines = Vec::new();
    let mut hints = Vec::new();
    for log_group_arn in &remains.log_group_arns {
        let name = log_group_arn.rsplit(":log-group:").next().unwrap_or(log_group_arn).trim_end_matches(":*");
        lines.push(format!("  - log group {name}: ECS keeps the logs, and they never expire by themselves"));
        hints.push(format!("remove the logs: aws logs delete-log-group --log-group-name {name}"));
    }
    if let Some(family) = remains.task_definition_arn.as_deref().and_then(family_of) {
        lines.push(format!("  - task definitions {family}: their revisions cost nothing, and the variables in them stay readable"));
    }
    if let Some(balancer) = &remains.load_balancer {
        let rules =
            if balancer.other_rules == 1 { "1 rule" } else { &format!("{} rules", balancer.other_rules) };
        lines.push(format!(
            "  - load balancer {}: other services use it ({rules} on its listener); it goes with the last of them",
            balancer.arn
        ));
    }
    lines.extend(remains.others.iter().map(|other| format!("  - {other}")));
    if lines.is_empty() {
        return None;
    }
    let diagnostic = Diagnostic::warning(
        format!("Service `{}` is gone; some things stay on purpose", arn.name()),
        lines.join("\n"),
    );
    Some(hints.into_iter().fold(diagnostic, Diagnostic::hint))
}

fn family_of(task_definition_arn: &str) -> Option<String> {
    let arn: Arn = task_definition_arn.parse().ok()?;
    let family = arn.resource().strip_prefix("task-definition/")?.split(':').next()?;
    Some(family.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SharedLoadBalancer;

    #[test]
    fn what_stays_is_named_with_the_reason() {
        let arn: ServiceArn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid");
        let remains = Remains {
            log_group_arns: vec![
                "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ecs/prod/api-1a2b:*".to_owned(),
            ],
            task_definition_arn: Some(
                "arn:aws:ecs:eu-west-1:123456789012:task-definition/prod-api:7".to_owned(),
            ),
            load_balancer: Some(SharedLoadBalancer { arn: "arn:balancer".to_owned(), other_rules: 1 }),
            others: Vec::new(),
        };
        let diagnostic = explain_remains(&arn, &remains).expect("a warning");
        insta::assert_snapshot!(format!("{}\n\n{}", diagnostic.summary, diagnostic.render_detail()));
        assert_eq!(explain_remains(&arn, &Remains::default()), None);
    }
}
