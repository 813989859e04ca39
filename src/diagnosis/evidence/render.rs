//! Evidence as lines below the detail.

use std::fmt::Write as _;

use super::Evidence;
use crate::aws::cloudwatch::Alarm;
use crate::aws::ecs::StoppedTask;
use crate::aws::elbv2::TargetHealth;
use crate::service::ManagedResource;

/// The evidence, each kind under its own heading; what there is none of is left out.
pub(in crate::diagnosis) fn render(evidence: &Evidence) -> String {
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
    push_list(&mut text, "Not ready underneath:", evidence.resources.iter().map(describe_resource));
    if let Some(status) = &evidence.certificate {
        let _ = write!(text, "\nCertificate: {status}");
    }
    push_list(&mut text, "Service events:", evidence.events.iter().map(|event| event.message.clone()));
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

fn describe_resource(resource: &ManagedResource) -> String {
    let reason = resource.status_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{} is {}{reason}", resource.kind.as_str(), resource.status)
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
        assert_eq!(render(&Evidence::default()), "");
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
        insta::assert_snapshot!(render(&evidence));
    }
}
