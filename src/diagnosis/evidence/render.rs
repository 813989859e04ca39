//! Evidence as lines below the detail.

use std::fmt::Write as _;

use super::Evidence;
use crate::aws::cloudwatch::Alarm;
use crate::aws::ecs::StoppedTask;
use crate::aws::elbv2::TargetHealth;
use crate::service::ManagedResource;

/// The evidence, each kind under its own heading; what there is none of is left out, and what `told` says already is not
/// said again.
pub(in crate::diagnosis) fn render(evidence: &Evidence, told: &str) -> String {
    let mut text = String::new();
    if let Some(stage) = &evidence.stage {
        let _ = write!(text, "\nStage of the deployment: {stage}");
    }
    push_list(
        &mut text,
        "Tasks that stopped:",
        count_equal(evidence.stopped_tasks.iter().map(describe_task)),
    );
    push_list(&mut text, "Targets that are not healthy:", evidence.targets.iter().map(describe_target));
    push_list(&mut text, "Alarms:", evidence.alarms.iter().map(describe_alarm));
    push_list(&mut text, "Not ready underneath:", describe_resources(&evidence.resources, told));
    if let Some(status) = &evidence.certificate {
        let _ = write!(text, "\nCertificate: {status}");
    }
    let events = evidence.events.iter().map(|event| &event.message);
    let events: Vec<_> = events.filter(|message| !is_told(message, &[told, &text])).cloned().collect();
    push_list(&mut text, "Service events:", events);
    if let Some(log) = &evidence.log {
        let _ = write!(text, "\nLast lines of container {} (task {}):", log.container, log.task_id);
        for line in &log.lines {
            let _ = write!(text, "\n  | {line}");
        }
    }
    if !evidence.unreadable.is_empty() {
        let _ = write!(text, "\nCould not be read: {}.", evidence.unreadable.join(", "));
    }
    text
}

fn push_list(text: &mut String, heading: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        let _ = write!(text, "\n{heading}");
    }
    for line in lines {
        let _ = write!(text, "\n  - {line}");
    }
}

/// Distinct lines in order of appearance, with the number of tasks where there is more than one.
fn count_equal(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for line in lines {
        match counted.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => counted.push((line, 1)),
        }
    }
    let told = |(line, count)| if count == 1 { line } else { format!("{line} ({count} tasks)") };
    counted.into_iter().map(told).collect()
}

fn describe_task(task: &StoppedTask) -> String {
    let mut line = task.stopped_reason.clone().unwrap_or_else(|| "no reason given".to_owned());
    for container in &task.containers {
        if let Some(exit_code) = container.exit_code {
            let _ = write!(line, "; container {} exited with {exit_code}", container.name);
        }
        if let Some(reason) = container.reason.as_ref().filter(|reason| !line.contains(reason.as_str())) {
            let _ = write!(line, "; {reason}");
        }
    }
    line
}

fn describe_target(target: &TargetHealth) -> String {
    let why = [target.reason.as_deref(), target.description.as_deref()];
    let why: Vec<_> = why.into_iter().flatten().collect();
    format!("{}:{} is {}: {}", target.target_id, target.port, target.state, why.join(", "))
}

fn describe_alarm(alarm: &Alarm) -> String {
    let threshold = alarm.threshold.map(|threshold| format!(" (threshold {threshold})")).unwrap_or_default();
    format!("{} is {} now{threshold}: {}", alarm.alarm_name, alarm.state_value, alarm.state_reason)
}

/// One line for all that stand still for the same reason, which is told once.
fn describe_resources(resources: &[ManagedResource], told: &str) -> Vec<String> {
    let mut groups: Vec<(&str, Option<&str>, Vec<&str>)> = Vec::new();
    for resource in resources {
        let (status, reason) = (resource.status.as_str(), resource.status_reason.as_deref());
        let kind = resource.kind.as_str();
        match groups.iter_mut().find(|group| (group.0, group.1) == (status, reason)) {
            Some((_, _, kinds)) => kinds.push(kind),
            None => groups.push((status, reason, vec![kind])),
        }
    }
    let describe = |(status, reason, kinds): (&str, Option<&str>, Vec<&str>)| {
        let verb = if kinds.len() == 1 { "is" } else { "are" };
        let reason = reason.filter(|reason| !told.contains(reason));
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{} {verb} {status}{reason}", kinds.join(", "))
    };
    groups.into_iter().map(describe).collect()
}

/// Whether an event says no more than what is told, but for the name of the service.
fn is_told(message: &str, told: &[&str]) -> bool {
    let rest = message.strip_prefix("(service ").and_then(|rest| rest.split_once(") "));
    let sentence = rest.map_or(message, |(_, sentence)| sentence);
    told.iter().any(|told| told.contains(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::{ServiceEvent, StoppedContainer};
    use crate::diagnosis::evidence::LogExcerpt;
    use crate::service::ManagedKind;

    #[test]
    fn equal_lines_are_told_once_with_their_number() {
        let lines = ["a", "b", "a"].map(str::to_owned).into_iter();
        assert_eq!(count_equal(lines), ["a (2 tasks)", "b"]);
    }

    #[test]
    fn nothing_found_is_nothing_said() {
        assert_eq!(render(&Evidence::default(), ""), "");
    }

    #[test]
    fn a_reason_that_many_things_share_is_told_once() {
        let resource = |kind, reason: &str| ManagedResource {
            kind,
            arn: None,
            status: "PROVISIONING".to_owned(),
            status_reason: Some(reason.to_owned()),
            name: None,
        };
        let event = |message: &str| ServiceEvent { created_at: None, message: message.to_owned() };
        let denied = "ECS was unable to assume the role.";
        let evidence = Evidence {
            resources: vec![
                resource(ManagedKind::LoadBalancer, denied),
                resource(ManagedKind::Certificate, denied),
                resource(ManagedKind::LogGroup, "Another reason."),
            ],
            events: vec![event(&format!("(service api) {denied}")), event("(service api) Another one.")],
            ..Evidence::default()
        };
        assert_eq!(
            render(&evidence, &format!("AWS says: {denied}")),
            "\nNot ready underneath:\n  - load_balancer, certificate are PROVISIONING\n  - log_group is PROVISIONING: Another \
             reason.\nService events:\n  - (service api) Another one."
        );
    }

    #[test]
    fn everything_found_is_told_kind_by_kind() {
        let evidence = Evidence {
            stage: Some("SCALE_UP".to_owned()),
            events: vec![ServiceEvent { created_at: None, message: "(service api) rolled back.".to_owned() }],
            stopped_tasks: vec![StoppedTask {
                stopped_reason: Some("Essential container in task exited".to_owned()),
                containers: vec![StoppedContainer {
                    name: "Main".to_owned(),
                    exit_code: Some(1),
                    reason: None,
                }],
                ..StoppedTask::default()
            }],
            targets: vec![TargetHealth {
                target_id: "10.0.0.7".to_owned(),
                port: 80,
                state: "unhealthy".to_owned(),
                reason: Some("Target.Timeout".to_owned()),
                description: Some("Request timed out".to_owned()),
            }],
            alarms: vec![Alarm {
                alarm_name: "default/api/RollbackAlarm".to_owned(),
                state_value: "ALARM".to_owned(),
                state_reason: "Threshold Crossed: 2 out of the last 3 datapoints".to_owned(),
                threshold: Some(1.0),
                ..Alarm::default()
            }],
            resources: vec![ManagedResource {
                kind: ManagedKind::LoadBalancer,
                arn: None,
                status: "PROVISIONING".to_owned(),
                status_reason: Some("not yet".to_owned()),
                name: None,
            }],
            certificate: Some("api.example.com is PENDING_VALIDATION".to_owned()),
            log: Some(LogExcerpt {
                container: "Main".to_owned(),
                task_id: "0a1b".to_owned(),
                lines: vec!["boom".to_owned()],
            }),
            unreadable: vec!["alarms (DescribeAlarms: AccessDenied)".to_owned()],
        };
        insta::assert_snapshot!(render(&evidence, ""));
    }
}
