//! What stays when a service is gone.

use std::fmt::Write as _;

use crate::engine::Remains;
use crate::framework::Diagnostic;
use crate::service::{Arn, ServiceArn};

/// The same for every service, so that core folds the warnings of a large destroy into one.
const SUMMARY: &str = "A destroyed service leaves something behind";

/// A warning that names what stays on purpose and how to remove it; `None` if nothing stays that needs anybody.
pub(crate) fn explain_remains(arn: &ServiceArn, remains: &Remains) -> Option<Diagnostic> {
    let name_of = |log_group_arn: &String| {
        let name = log_group_arn.rsplit(":log-group:").next().unwrap_or(log_group_arn);
        name.trim_end_matches(":*").to_owned()
    };
    let log_groups: Vec<_> = remains.log_group_arns.iter().map(name_of).collect();
    if log_groups.is_empty() && remains.others.is_empty() {
        return None;
    }
    let mut detail = format!("{}/{}", arn.cluster(), arn.name());
    match &log_groups[..] {
        [] => detail.push_str(" is gone."),
        names => {
            let _ = write!(detail, " leaves log group {}.", names.join(", "));
        }
    }
    if let Some(family) = remains.task_definition_arn.as_deref().and_then(family_of) {
        let _ =
            write!(detail, " Its task definitions {family} cost nothing, and keep its variables readable.");
    }
    if let Some(balancer) = &remains.load_balancer_arn {
        // Whether others are on it may change while this is written; when it goes does not.
        let _ = write!(detail, " Load balancer {} goes with the last service on it.", short_name(balancer));
    }
    for other in &remains.others {
        let _ = write!(detail, "\n  - {other}");
    }
    let diagnostic = Diagnostic::warning(SUMMARY, detail);
    let hint = |name| format!("remove the logs: aws logs delete-log-group --log-group-name {name}");
    Some(log_groups.iter().map(hint).fold(diagnostic, Diagnostic::hint))
}

/// `app/name` of `arn:…:loadbalancer/app/name/id`.
fn short_name(load_balancer_arn: &str) -> &str {
    let path = load_balancer_arn.split(":loadbalancer/").nth(1).unwrap_or(load_balancer_arn);
    path.rsplit_once('/').map_or(path, |(name, _)| name)
}

fn family_of(task_definition_arn: &str) -> Option<String> {
    let arn: Arn = task_definition_arn.parse().ok()?;
    let family = arn.resource().strip_prefix("task-definition/")?.split(':').next()?;
    Some(family.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            load_balancer_arn: Some(
                "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shared/0a1b".to_owned(),
            ),
            others: Vec::new(),
        };
        let diagnostic = explain_remains(&arn, &remains).expect("a warning");
        insta::assert_snapshot!(format!("{}\n\n{}", diagnostic.summary, diagnostic.render_detail()));
        assert_eq!(explain_remains(&arn, &Remains::default()), None);
        let nothing_to_do = Remains { log_group_arns: Vec::new(), ..remains };
        assert_eq!(
            explain_remains(&arn, &nothing_to_do),
            None,
            "task definitions and load balancers need nobody"
        );
    }
}
